"""Alarms: what goes wrong in a training, read off the stream of its metrics, in plain words and with advice.

Each detector looks at medians over the last few measures, so that one odd value raises nothing, must see the trouble a
few times in a row (patience), and clears at a milder threshold than it raises at (hysteresis). Neither torch nor Qt is
needed: the trainer, the terminal and the viewer share them.
"""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from statistics import median
from typing import Any, ClassVar

from medgan_viewer.lab.training.run_folder import Alarm

__all__ = ["DETECTORS", "Alarms", "Detector"]

_START = 5
"""Measures from which a detector takes what is usual for this training."""


class Series:
    """The last values of one metric, and the largest median of its first measures."""

    def __init__(self, smoothed_over: int) -> None:
        self._values: deque[float] = deque(maxlen=smoothed_over)
        self._seen = 0
        self.start = 0.0

    def add(self, value: float | None) -> None:
        """Take a value; what was not measured changes nothing."""
        if value is None:
            return
        self._values.append(value)
        self._seen += 1
        if self._seen <= _START:
            self.start = max(self.start, value)

    @property
    def value(self) -> float | None:
        """The median of the last values, None before there are enough of them."""
        return median(self._values) if len(self._values) == self._values.maxlen else None

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from."""
        return {"values": list(self._values), "seen": self._seen, "start": self.start}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        self._values = deque(state["values"], maxlen=self._values.maxlen)
        self._seen, self.start = state["seen"], state["start"]


class Detector(ABC):
    """One kind of trouble. `trouble` says True (it is there), False (it is over) or None (neither is certain)."""

    kind: ClassVar[str]
    sentence: ClassVar[str]
    """What is wrong, in plain words."""
    advice: ClassVar[str]
    """What to try."""
    metrics: ClassVar[tuple[str, ...]]
    """What it reads; a line in which none of them was measured does not count."""
    smoothed_over: ClassVar[int] = 5
    """Measures in a median."""
    patience: ClassVar[int] = 4

    def __init__(self) -> None:
        self.series = {name: Series(self.smoothed_over) for name in self.metrics}
        self.raised = False
        self._in_a_row = 0

    @abstractmethod
    def trouble(self) -> bool | None:
        """Judge the smoothed metrics."""

    def observe(self, line: Mapping[str, Any]) -> bool:
        """Take a line; return whether the alarm was raised or cleared by it."""
        values = {name: self.measured(name, line) for name in self.metrics}
        if all(value is None for value in values.values()):
            return False
        for name, value in values.items():
            self.series[name].add(value)
        found = self.trouble()
        self._in_a_row = self._in_a_row + 1 if found is (not self.raised) else 0
        if self._in_a_row < self.patience:
            return False
        self._in_a_row = 0
        self.raised = not self.raised
        return True

    def measured(self, name: str, line: Mapping[str, Any]) -> float | None:
        """Return one of the metrics out of a line."""
        return line.get(name)

    def smoothed(self, name: str) -> float | None:
        """Return the median of a metric's last values."""
        return self.series[name].value

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from; JSON can hold it."""
        series = {name: series.state() for name, series in self.series.items()}
        return {"raised": self.raised, "in_a_row": self._in_a_row, "series": series}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        self.raised, self._in_a_row = state["raised"], state["in_a_row"]
        for name, series in self.series.items():
            series.restore(state["series"][name])


def _right(line: Mapping[str, Any]) -> float | None:
    """Return the share of pictures, real and generated, that the discriminator judges rightly."""
    real, generated = line.get("accuracy/train"), line.get("accuracy/generated")
    return None if real is None or generated is None else (real + generated) / 2


class VanishingGradient(Detector):
    """‖∇G adv‖, absolute or against ‖∇G rec‖, under 1e-3 of its start while the discriminator is right > 95 %."""

    kind = "vanishing_gradient"
    sentence = (
        "The generator learns nothing from the discriminator any more: its adversarial gradient has all but vanished "
        "while the discriminator is nearly always right."
    )
    advice = (
        "Choose an objective that still pulls when the discriminator wins (nonsaturating, lsgan, hinge or wgan-gp "
        "instead of minimax), lower the discriminator's learning rate, or add R1."
    )
    metrics = ("gradient/adversarial", "gradient ratio", "right")
    _raise, _clear = 1e-3, 1e-2

    def measured(self, name: str, line: Mapping[str, Any]) -> float | None:
        """Return one of the metrics, two of them derived."""
        adversarial, reconstruction = line.get("gradient/adversarial"), line.get("gradient/reconstruction")
        if name == "gradient ratio":
            return adversarial / reconstruction if adversarial is not None and reconstruction else None
        return _right(line) if name == "right" else adversarial

    def trouble(self) -> bool | None:
        """Judge."""
        left = []
        for name in ("gradient/adversarial", "gradient ratio"):
            value = self.smoothed(name)
            if value is not None and self.series[name].start > 0:
                left.append(value / self.series[name].start)
        right = self.smoothed("right")
        if not left or right is None:
            return None
        if min(left) < self._raise and right > 0.95:
            return True
        return False if min(left) > self._clear or right < 0.9 else None


class DiscriminatorTooStrong(Detector):
    """Mean sign of D(real) over its target of 0.6 (Karras 2020, ADA) while more than 95 % are judged rightly."""

    kind = "discriminator_too_strong"
    sentence = "The discriminator is too strong: it tells nearly every real picture from every generated one."
    advice = (
        "Lower the discriminator's learning rate or make it smaller, regularise it (R1, spectral norm, DiffAugment), "
        "or give the generator more weight on its reconstruction first."
    )
    metrics = ("sign/real", "right")
    patience = 6

    def measured(self, name: str, line: Mapping[str, Any]) -> float | None:
        """Return one of the metrics, one of them derived."""
        return _right(line) if name == "right" else line.get(name)

    def trouble(self) -> bool | None:
        """Judge."""
        sign, right = self.smoothed("sign/real"), self.smoothed("right")
        if sign is None or right is None:
            return None
        if sign > 0.6 and right > 0.95:
            return True
        return False if sign < 0.6 or right < 0.9 else None


class Memorising(Detector):
    """(D train − D held out) / (D train − D generated): 0 where nothing is memorised, 1 where all is (Karras 2020)."""

    kind = "memorising"
    sentence = (
        "The discriminator memorises the training pictures: it finds real pictures that it has not seen hardly more "
        "real than generated ones."
    )
    advice = "Use more training pictures, DiffAugment or R1, a smaller discriminator, or stop at an earlier checkpoint."
    metrics = ("realness/train", "realness/held_out", "realness/generated", "accuracy/train", "accuracy/held_out")
    # A quotient of small differences is noisy.
    smoothed_over = 15
    patience = 6
    _raise, _clear = 0.5, 0.3
    _sure, _gap = 0.7, 0.15
    """Training pictures must be judged rightly so often, and so much more often than held-out ones: the quotient of a
    discriminator at chance is noise."""

    def trouble(self) -> bool | None:
        """Judge."""
        train, held_out, generated = (self.smoothed(name) for name in self.metrics[:3])
        if train is None or held_out is None or generated is None:
            return None
        if train <= generated:
            return False
        share = (train - held_out) / (train - generated)
        right, right_held_out = self.smoothed("accuracy/train"), self.smoothed("accuracy/held_out")
        judged_alike = (
            right is not None
            and right_held_out is not None
            and (right < self._sure or right - right_held_out < self._gap)
        )
        if share > self._raise and not judged_alike:
            return True
        return False if share < self._clear or judged_alike else None


class ModeCollapse(Detector):
    """Similarity of pairs of samples over that of real pairs by > 0.05, borne out by coverage or recall.

    Pictures without noise or texture are more alike than real ones as well, but they are still found near all of them:
    so coverage or recall must be poor too, where they are measured. And a generator that has just begun makes much the
    same picture of every noise: nothing is wrong as long as its samples become more different. Also: coverage and
    recall were good once and are lost.
    """

    kind = "mode_collapse"
    sentence = "The generator makes the same few pictures again and again: its samples differ less than real ones do."
    advice = (
        "Add R1 or packing, lower both learning rates, use a larger batch, or choose wgan-gp or hinge; go back to a "
        "checkpoint before the alarm."
    )
    metrics = ("too similar", "diversity/coverage", "diversity/recall")
    _raise, _clear = 0.05, 0.03
    _poor = 0.5
    _memory = 5
    patience = 3

    def __init__(self) -> None:
        super().__init__()
        self._best = {"diversity/coverage": 0.0, "diversity/recall": 0.0}
        self._recent: deque[float] = deque(maxlen=self._memory)
        self._least = 1.0

    def measured(self, name: str, line: Mapping[str, Any]) -> float | None:
        """Return one of the metrics, one of them derived; nothing while there is no adversary."""
        if line.get("gradient/adversarial") is None:
            return None
        if name != "too similar":
            return line.get(name)
        generated, real = line.get("similarity/generated"), line.get("similarity/real")
        return None if generated is None or real is None else generated - real

    def trouble(self) -> bool | None:
        """Judge."""
        measured = {name: value for name in self._best if (value := self.smoothed(name)) is not None}
        for name, value in measured.items():
            self._best[name] = max(self._best[name], value)
        lost = bool(measured) and all(
            self._best[name] > self._poor and value < self._best[name] / 3 for name, value in measured.items()
        )
        similar = self.smoothed("too similar")
        if lost or similar is None:
            return lost or None
        poor = not measured or min(measured.values()) < self._poor
        if similar < self._clear or not poor:
            self._least = min(self._least, similar)
            return False
        return True if similar > self._raise and not self._improves(similar) else None

    def _improves(self, similar: float) -> bool:
        """Return whether samples become more different: less alike than some measures ago, and never less so far."""
        self._recent.append(similar)
        self._least = min(self._least, similar)
        if similar > self._least + self._raise:
            return False
        return len(self._recent) < self._memory or similar < 0.9 * self._recent[0]

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from."""
        return {**super().state(), "best": dict(self._best), "recent": list(self._recent), "least": self._least}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        super().restore(state)
        self._best, self._least = dict(state["best"]), state["least"]
        self._recent = deque(state["recent"], maxlen=self._memory)


class Oscillation(Detector):
    """Updates that undo those of half a turn before, while the weights come no nearer to their own running mean.

    Reads `update/reversal` (0 straight, about 0.5 the noise of a training at rest, 1 a circle or a swing) and
    `average/distance` (the weights against their running mean): `medgan_viewer.lab.diagnostics.updates`.
    """

    kind = "oscillation"
    sentence = "Generator and discriminator chase each other in circles: the weights swing and come no nearer to rest."
    advice = (
        "Add R1 or a gradient penalty, lower both learning rates, lower the first beta of Adam (0.5 or 0), and judge "
        "by the averaged generator."
    )
    metrics = ("update/reversal", "average/distance")
    _raise, _clear = 0.7, 0.6
    _memory = 30
    patience = 10

    def __init__(self) -> None:
        super().__init__()
        self._distances: deque[float] = deque(maxlen=self._memory)

    def trouble(self) -> bool | None:
        """Judge."""
        reversal, distance = self.smoothed("update/reversal"), self.smoothed("average/distance")
        if reversal is None or distance is None:
            return None
        self._distances.append(distance)
        half = len(self._distances) // 2
        values = list(self._distances)
        # A spiral that comes to rest swings too, but less and less.
        comes_to_rest = half > 0 and max(values[half:]) < 0.7 * max(values[:half])
        if reversal > self._raise and not comes_to_rest:
            return True
        return False if reversal < self._clear or comes_to_rest else None

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from."""
        return {**super().state(), "distances": list(self._distances)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        super().restore(state)
        self._distances = deque(state["distances"], maxlen=self._memory)


DETECTORS: tuple[type[Detector], ...] = (
    VanishingGradient,
    DiscriminatorTooStrong,
    Memorising,
    ModeCollapse,
    Oscillation,
)
"""Every detector, the gravest trouble first."""


class Alarms:
    """All detectors over one stream of metrics."""

    def __init__(self) -> None:
        self._detectors = {detector.kind: detector() for detector in DETECTORS}

    def observe(self, line: Mapping[str, Any]) -> list[Alarm]:
        """Take a line of metrics (in the run folder's names, with `step`); return what it raised or cleared."""
        return [_alarm(detector, int(line["step"])) for detector in self._detectors.values() if detector.observe(line)]

    @property
    def standing(self) -> tuple[str, ...]:
        """The kinds that are raised at present."""
        return tuple(kind for kind, detector in self._detectors.items() if detector.raised)

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from; JSON can hold it."""
        return {kind: detector.state() for kind, detector in self._detectors.items()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state` gave, so that a resumed run raises what an unbroken one would have."""
        for kind, detector in self._detectors.items():
            detector.restore(state[kind])


def _alarm(detector: Detector, step: int) -> Alarm:
    if detector.raised:
        return Alarm(step, detector.kind, True, detector.sentence, detector.advice)
    return Alarm(step, detector.kind, False, f"No longer: {detector.sentence[0].lower()}{detector.sentence[1:]}")
