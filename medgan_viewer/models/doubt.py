"""What a reader may choose of a model's pictures, and how far off they may be: "controls" and "interval"."""

from dataclasses import dataclass
from typing import Literal, get_args

from medgan_viewer.errors import UsageError
from medgan_viewer.models.strict_json import InvalidError, Reader
from medgan_viewer.wording import marked

__all__ = ["CONTROLS", "Bounds", "Control", "ControlName", "Interval", "Wording", "read_control", "read_interval"]

ControlName = Literal["sharpness", "strength"]


@dataclass(frozen=True, slots=True)
class Wording:
    """How the program speaks of a control: its ends, what each means, and what lies between them."""

    low: str
    high: str
    at_low: str
    at_high: str
    between: str
    meaning: str
    difference: str
    difference_of: str
    show_difference: str


CONTROLS: dict[ControlName, Wording] = {
    "sharpness": Wording(
        low=marked("sober"),
        high=marked("sharp"),
        at_low=marked("Sober: what the same network makes without an adversary."),
        at_high=marked("Sharp: with all the texture that its adversary taught it."),
        between=marked("Between: {:g} of its adversary's weight."),
        meaning=marked("How much the adversary has its say: what differs between the ends is what it added"),
        difference="sober against sharp picture",
        difference_of="Doubt of {}",
        show_difference=marked("Show how far off it may be"),
    ),
    "strength": Wording(
        low=marked("original"),
        high=marked("restored"),
        at_low=marked("Nothing is changed: the picture as it was acquired."),
        at_high=marked("Restored: all of the correction that the network makes."),
        between=marked("{:g} of the correction that the network makes."),
        meaning=marked("How much of its correction the network may make"),
        difference="what the restoration changed, original against restored picture",
        difference_of="Change in {}",
        show_difference=marked("Show what was changed"),
    ),
}
"""Every control that a model may have."""


@dataclass(frozen=True, slots=True)
class Control:
    """How far a network may go in a run, from 0 to 1; ``name`` says in what.

    "sharpness" is how much its adversary has its say: 0 is sober, as if there were none, 1 is sharp. "strength" is how
    much of its correction a restoring network makes: 0 gives the acquired picture. ``stops`` are what a reader chooses
    among, ascending, both ends included; ``default`` is one of them.
    """

    stops: tuple[float, ...]
    default: float
    name: ControlName = "sharpness"

    @property
    def wording(self) -> Wording:
        """How the program speaks of it."""
        return CONTROLS[self.name]

    def checked(self, degree: float) -> float:
        """Return how far a network is to go. Raises UsageError where that is not from 0 to 1."""
        if not 0 <= degree <= 1:
            low, high = self.wording.low, self.wording.high
            raise UsageError(f"A {self.name} lies between 0 ({low}) and 1 ({high}); {degree:g} does not.")
        return degree


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which channels the truth of output ``channel`` lies; ``margin``, in decoded values, widens both ends."""

    channel: int
    low: int
    high: int
    margin: float


@dataclass(frozen=True, slots=True)
class Interval:
    """How far off a synthetic picture may be, where the network gives quantiles; of a sober run, if it can be sober.

    On another patient of the same kind as those ``calibrated_on``, a share ``level`` of the pixels lies within the
    bounds with a probability of ``promise``.
    """

    level: float
    bounds: tuple[Bounds, ...]
    patients: int
    promise: float
    calibrated_on: str

    def of(self, channel: int) -> Bounds | None:
        """Return the bounds of an output."""
        return next((bounds for bounds in self.bounds if bounds.channel == channel), None)


def read_control(controls: Reader) -> Control | None:
    """Return what "controls" says; None where it names none. Raises InvalidError."""
    unknown = set(controls.keys) - set(CONTROLS)
    if unknown:
        raise InvalidError(f'the control "{min(unknown)}" is not known to this program; update the program')
    if len(controls.keys) > 1:
        raise InvalidError("a model has one control at most")
    named = next((name for name in get_args(ControlName) if name in controls.keys), None)
    if named is None:
        return None
    reader = controls.child(named)
    stops, default = reader.numbers("stops"), reader.number("default")
    if list(stops) != sorted(set(stops)) or stops[:1] != (0.0,) or stops[-1:] != (1.0,) or default not in stops:
        raise InvalidError(f'"controls.{named}" needs ascending stops from 0 to 1, the default among them')
    return Control(stops, default, named)


def read_interval(reader: Reader) -> Interval:
    """Return what "interval" says. Raises InvalidError."""
    bounds = tuple(
        Bounds(r.integer("channel", 0), r.integer("low", 0), r.integer("high", 0), r.signed("margin"))
        for r in reader.children("bounds")
    )
    level, promise = reader.number("level"), reader.number("promise")
    if not 0 < level < 1 or not promise < 1:
        raise InvalidError('"interval.level" and "interval.promise" in manifest.json are no shares')
    return Interval(level, bounds, reader.integer("patients", 1), promise, reader.text("calibrated_on"))
