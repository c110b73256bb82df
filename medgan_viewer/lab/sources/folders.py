"""A hospital's own scans as a source: folders of DICOM or NIfTI files, paired or unpaired."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from medgan_viewer import settings
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import MedganError, UsageError
from medgan_viewer.lab.sources.base import Refusal, check_refusals
from medgan_viewer.lab.sources.cases import Case, CaseSource, Window
from medgan_viewer.lab.sources.finding import (
    SPLITS,
    Found,
    FoundCase,
    FoundSeries,
    find_dicom,
    find_nifti,
    split_patients,
)
from medgan_viewer.lab.sources.volumes import SliceCache, as_target, axial, canonical, encoded, on_grid
from medgan_viewer.models.encoding import compand_ct, named

SEGMENTATION = "segmentation"


class Folders(CaseSource):
    """`source` and `target` (and `segmentation`) of series that share a patient and a space; `image` without inputs.

    `folder` holds all scans, or `folders` names one for each split. DICOM series are matched by modality or MR contrast
    ("CT", "T1", "T1+C", "T2", "FLAIR"); with `patterns` (name → path with one * for the case) NIfTI files are, where
    "segmentation" names label maps with values below `classes`. `inputs` and `targets` are such names: a sample takes
    one input, or all of them `together` (one's channels after the other's in every slice), and gives all targets. With
    `paired` off, inputs and targets may come from different patients.

    Patients are split by `split` (split → identifiers), by `split_file` (CSV: patient, split; or JSON), or by chance
    with `seed` in `shares`, for cross-validation with `fold` = (k, n) as well; with `folders` as they lie. `patient` is
    a regular expression that finds the patient in a NIfTI case's name. Slices are axial, `grid_mm` in plane, encoded as
    for inference by `encoding` (modality → name); `cache` keeps them (default: in the user's cache folder).

    Raises UsageError for a patient in two splits, when more than a twentieth of the files do not open, and when
    nothing fits.
    """

    def __init__(
        self,
        inputs: Sequence[str] = (),
        targets: Sequence[str] = (),
        folder: str | Path = "",
        folders: Mapping[str, str] | None = None,
        patterns: Mapping[str, str] | None = None,
        patient: str = "",
        paired: bool = True,
        together: bool = False,
        split: Mapping[str, Sequence[str]] | None = None,
        split_file: str = "",
        shares: Mapping[str, float] | None = None,
        seed: int = 0,
        fold: Sequence[int] = (),
        classes: int = 0,
        crop: int = 160,
        neighbours: int = 0,
        channels_per_slice: int = 0,
        grid_mm: float = 1.25,
        mask_couch: bool = True,
        encoding: Mapping[str, str] | None = None,
        cache: str | Path | None = None,
    ) -> None:
        self._given = tuple(inputs)
        self._wanted = tuple(name for name in targets if name != SEGMENTATION)
        self._segmented = SEGMENTATION in targets
        self._patterns, self._patient, self._classes = patterns or {}, patient, classes
        self._grid_mm, self._mask_couch, self._together = grid_mm, mask_couch, paired
        self._encoding = {"CT": "ct_two_window", "MR": "mr_head", **(encoding or {})}
        self._check(channels_per_slice)
        places = {name: Path(path) for name, path in folders.items()} if folders else {"": Path(folder)}
        if folders and fold:
            raise UsageError("A fold divides the patients of one folder: give folder in place of folders.")
        if folders and set(folders) - set(SPLITS):
            raise UsageError(f"The folders of the data are named after splits: {', '.join(SPLITS)}.")
        found = {name: self._find(path) for name, path in places.items()}
        self._cache = SliceCache(
            Path(cache) if cache else settings.cache_folder() / "slices", [grid_mm, mask_couch, self._encoding]
        )
        self._refusals = [refusal for part in found.values() for refusal in part.refused]
        files = sum(part.files for part in found.values())
        check_refusals(self._refusals, files)
        cases: dict[str, list[Case]] = {name: [] for name in SPLITS}
        for name, one in _in_splits(found, split or {}, split_file, shares, seed, fold):
            case = self._open(one)
            if case is not None and (not together or len(case.sources) in (0, len(set(inputs)))):
                cases[name].append(case.joined() if together and case.sources else case)
        check_refusals(self._refusals, files)
        width = channels_per_slice or self._channels(cases["train"])
        super().__init__(cases, Window(crop, neighbours, width), classes=classes, paired=paired, refused=self._refusals)

    def _check(self, channels_per_slice: int) -> None:
        if not self._given and not self._wanted:
            raise UsageError("The data need inputs, targets or both, such as inputs = ['CT'] and targets = ['T1'].")
        if self._segmented and (SEGMENTATION not in self._patterns or self._classes < 2):
            raise UsageError("A segmentation needs its own pattern and the number of classes, background included.")
        if channels_per_slice < 0 or self._grid_mm <= 0:
            raise UsageError("Channels per slice cannot be negative, and grid_mm must be more than 0.")
        try:
            for name in self._encoding.values():
                named(name)
        except KeyError as error:
            raise UsageError(f"There is no encoding {error.args[0]}.") from error

    def _find(self, folder: Path) -> Found:
        if not folder.is_dir():
            raise UsageError(f"The folder {folder.name or folder} of the data is not there.")
        names = [*self._given, *self._wanted, *([SEGMENTATION] if self._segmented else [])]
        if not self._patterns:
            return find_dicom(folder, names)
        lacking = [name for name in names if name not in self._patterns]
        if lacking:
            raise UsageError(f"There is no pattern for {lacking[0]}: add it to patterns in [data].")
        return find_nifti(folder, {name: self._patterns[name] for name in dict.fromkeys(names)}, self._patient)

    def _open(self, found: FoundCase) -> Case | None:
        """Return the encoded case, None where a picture that it needs is not there or does not open."""
        inputs = [name for name in dict.fromkeys(self._given) if name in found.series]
        targets = [name for name in self._wanted if name in found.series]
        whole = len(targets) == len(self._wanted)
        needed = (bool(inputs) or not self._given) and whole if self._together else bool(inputs) or whole
        if not needed or (self._segmented and SEGMENTATION not in found.series):
            return None
        if not whole:
            targets = []
        try:
            return self._encode(found, inputs, targets)
        except MedganError as error:
            name = getattr(error, "path", Path("a series")).name
            self._refusals.append(Refusal(name, error.sentence))
            return None

    def _encode(self, found: FoundCase, inputs: Sequence[str], targets: Sequence[str]) -> Case:
        reference = found.series[(*inputs, *targets)[0]]
        opened = _Opened(reference)
        sources, outside = {}, {}
        for name in inputs:
            series = found.series[name]
            sources[name] = self._slices(series, opened, "source", _modality(name))
            outside[name] = named(self._encoding[_modality(name)]).outside
        target = None
        if targets:
            target = np.concatenate(
                [self._slices(found.series[name], opened, "target", _modality(name)) for name in targets], axis=1
            )
            outside["target"] = tuple(
                float(compand_ct(np.array(-1000.0))) if _modality(name) == "CT" else 0.0 for name in targets
            )
        labels = self._slices(found.series[SEGMENTATION], opened, "labels", "SEG") if self._segmented else None
        return Case(found.patient, sources, target, outside, labels)

    def _slices(self, series: FoundSeries, reference: "_Opened", role: str, modality: str) -> Any:
        """Return canonical slices on the reference's grid; its files count too where that grid is decided by them."""
        labels = role == "labels"

        def make() -> Any:
            # A NIfTI file does not say what it shows: its name in the recipe does.
            volume = replace(axial(series.read()), modality=modality)
            values, spacing = canonical(on_grid(volume, reference.volume, labels=labels), self._grid_mm, labels=labels)
            if labels:
                return self._checked(values)
            if role == "target":
                return as_target(values, spacing, modality, mask_couch=self._mask_couch).astype(np.float16)
            name = self._encoding[modality]
            return encoded(values, spacing, modality, name, mask_couch=self._mask_couch).astype(np.float16)

        return self._cache.get([*series.files, *reference.series.files], role, make)

    def _checked(self, labels: Any) -> Any:
        if labels.min(initial=0) < 0 or labels.max(initial=0) >= self._classes:
            raise UsageError(f"A label map holds {labels.max()}, but there are {self._classes} classes.")
        return labels.astype(np.uint8)

    def _channels(self, cases: Sequence[Case]) -> int:
        return max((stack.shape[1] for case in cases for stack in case.sources.values()), default=1)


class _Opened:
    """The volume on whose grid a case lies, read when it is first needed."""

    def __init__(self, series: FoundSeries) -> None:
        self.series = series
        self._volume: Volume | None = None

    @property
    def volume(self) -> Volume:
        if self._volume is None:
            self._volume = axial(self.series.read())
        return self._volume


def _modality(name: str) -> str:
    return "CT" if name == "CT" else "MR"


def _in_splits(
    found: Mapping[str, Found],
    listed: Mapping[str, Sequence[str]],
    file: str,
    shares: Mapping[str, float] | None,
    seed: int,
    fold: Sequence[int],
) -> list[tuple[str, FoundCase]]:
    if "" not in found:
        return [(name, case) for name, part in found.items() for case in part.cases]
    cases = found[""].cases
    chosen = shares or {"train": 0.7, "validation": 0.15, "test": 0.15}
    splits = split_patients([case.patient for case in cases], listed, file, chosen, seed, fold)
    return [(splits[case.patient], case) for case in cases if case.patient in splits]
