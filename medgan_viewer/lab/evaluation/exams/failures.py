"""The worst that a model made in an exam, as pictures with the mark of synthetic pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import medgan_viewer
from medgan_viewer.dicom import atomic
from medgan_viewer.dicom.mark import MarkLine, burn
from medgan_viewer.lab.evaluation.exams.scans import Scan
from medgan_viewer.lab.evaluation.exams.scores import Outcome
from medgan_viewer.lab.simulation.tissues import SEGMENTS

__all__ = ["Failure", "Failures", "write_failures"]

_MOST = 3
_LEAST_HEAD = 3000
"""Pixels of the head in a slice that is looked at."""
_MARGIN = 4
_COLOURS = 48
_LARGEST_FILE = 60_000
_WINDOWS = {"CT": (-40.0, 120.0)}


@dataclass(frozen=True)
class Failure:
    """One bad case: what it is in a sentence, and the pictures beside each other, 8 bits `[row, column]`."""

    sentence: str
    title: str
    panels: tuple[NDArray[np.uint8], ...]


class Failures:
    """Keeps the worst slice of each patient and the largest lesion that was lost."""

    def __init__(self, targets: Sequence[str]) -> None:
        self._targets = tuple(targets)
        self._slices: dict[str, tuple[float, Failure]] = {}
        self._lost: tuple[float, Failure] | None = None

    def look(
        self, patient: str, scan: Scan, names: Sequence[str], asked: Sequence[int], made: Mapping[str, NDArray[Any]]
    ) -> None:
        """Consider the slices that were made of a patient's series."""
        for target in (one for one in self._targets if one in made):
            errors = [self._error(scan, k, made[target][place], target) for place, k in enumerate(asked)]
            place = int(np.argmax(errors))
            value = errors[place]
            if value > self._slices.get(patient, (0.0, None))[0]:
                unit = {"CT": " HU", "segmentation": " % of the head's pixels wrong"}.get(target, " % of the unit")
                sentence = (
                    f"The worst slice of {patient} (hard): {' + '.join(names)} → {target}, off by {value:.0f}{unit}"
                    f"{'' if target == 'segmentation' else ' on average'}."
                )
                panels = self._panels(scan, names, asked[place], made[target][place], target)
                self._slices[patient] = value, Failure(sentence, f"{' + '.join(names)} to {target}", panels)

    def missed(
        self,
        patient: str,
        scan: Scan,
        names: Sequence[str],
        asked: Sequence[int],
        made: NDArray[Any],
        target: str,
        outcome: Outcome,
    ) -> None:
        """Consider a lesion that was not reproduced."""
        plan = outcome.found.plan
        if outcome.reproduced or (self._lost is not None and plan.diameter_mm <= self._lost[0]):
            return
        k = int(np.bincount(outcome.found.region.inside[0]).argmax())
        unit = " HU" if target == "CT" else ""
        sentence = (
            f"The largest lesion that was lost ({patient}, hard): {plan.kind} of {plan.diameter_mm:.0f} mm, "
            f"{' + '.join(names)} → {target}; its contrast is {outcome.contrast:.2g}{unit} in place of "
            f"{outcome.found.target[target]:.2g}{unit}."
        )
        panels = self._panels(scan, names, k, made[list(asked).index(k)], target)
        self._lost = plan.diameter_mm, Failure(sentence, f"{' + '.join(names)} to {target}", panels)

    def chosen(self) -> list[Failure]:
        """Return at most three: the worst slices of different patients, and the lost lesion."""
        worst = [failure for _, failure in sorted(self._slices.values(), key=lambda one: -one[0])]
        lost = [self._lost[1]] if self._lost is not None else []
        return [*worst[: _MOST - len(lost)], *lost]

    @staticmethod
    def _error(scan: Scan, k: int, made: NDArray[Any], target: str) -> float:
        head = scan.segmentation[k] > 0
        if head.sum() < _LEAST_HEAD:
            return 0.0
        if target == "segmentation":
            return 100 * float((made != scan.segmentation[k])[head].mean())
        error = float(np.abs(made.astype(np.float32) - scan.targets[target][k])[head].mean())
        return error if target == "CT" else error / 10

    @staticmethod
    def _panels(
        scan: Scan, names: Sequence[str], k: int, made: NDArray[Any], target: str
    ) -> tuple[NDArray[np.uint8], ...]:
        rows, columns = (np.flatnonzero((scan.segmentation[k] > 0).any(axis=axis)) for axis in (1, 0))
        box = tuple(slice(max(0, line[0] - _MARGIN), line[-1] + _MARGIN + 1) for line in (rows, columns))
        shown = [_eight_bit(scan.inputs[name][k][box], name, scan.inputs[name]) for name in names]
        truth = scan.segmentation[k] if target == "segmentation" else scan.targets[target][k]
        whole = scan.segmentation if target == "segmentation" else scan.targets[target]
        return (*shown, *(_eight_bit(one[box], target, whole) for one in (made, truth)))


def write_failures(found: Sequence[Failure], folder: Path, about: str) -> list[dict[str, str]]:
    """Write each failure as a PNG of at most 60 KB into `folder`; return names and sentences. Raises WriteError."""
    from PIL import Image, PngImagePlugin

    written = []
    for number, failure in enumerate(found, start=1):
        name = f"failure_{number}.png"
        chunks = PngImagePlugin.PngInfo()
        chunks.add_text("Software", f"MedGAN Viewer {medgan_viewer.__version__}")
        chunks.add_text("Synthetic", "YES")
        chunks.add_text("Description", f"{about}: {failure.sentence}")
        chunks.add_text("Disclaimer", "For research only, not for diagnosis")
        colour = np.repeat(np.concatenate(failure.panels, axis=1)[:, :, None], 3, axis=2)
        lines = [MarkLine("SYNTHETIC: simulated scan | what the model made | truth", synthetic=True)]
        marked, _, _ = burn(colour, [*lines, MarkLine(f"{about}: {failure.title}", synthetic=True)])
        colours = _COLOURS
        while True:
            with atomic.new_file(folder / name) as unfinished:
                small = Image.fromarray(marked).quantize(colours, dither=Image.Dither.NONE)
                small.save(unfinished, format="PNG", pnginfo=chunks, optimize=True)
            if (folder / name).stat().st_size <= _LARGEST_FILE or colours <= 8:
                break
            colours //= 2
        written.append({"file": name, "sentence": failure.sentence})
    return written


def _eight_bit(picture: NDArray[Any], name: str, whole: NDArray[Any]) -> NDArray[np.uint8]:
    """Return a picture in the window that its kind is read in; labels as evenly spaced greys."""
    if name == "segmentation":
        low, high = 0.0, float(len(SEGMENTS) - 1)
    else:
        low, high = _WINDOWS.get(name, (0.0, float(np.percentile(whole, 99.5))))
    share = np.clip((picture.astype(np.float32) - low) / max(high - low, 1e-6), 0, 1)
    levels: NDArray[np.uint8] = np.round(share * 255).astype(np.uint8)
    return levels
