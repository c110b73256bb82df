"""One small source of each kind (some twice, after a space), made in a folder of its own without any real data."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import nifti
from medgan_viewer.lab.anomaly.data import HealthySlices
from medgan_viewer.lab.recognition import series
from medgan_viewer.lab.sources import (
    DataSource,
    healthy_slices,
    live_heads,
    series_pictures,
    simulated_heads,
    source,
    thick_slices,
)
from tests.lab.phantoms import SPACING, head_phantom
from tests.lab.small_runs import SETTINGS


def small_healthy(folder: Path) -> DataSource:
    """Return slices of discs, as the simulated, IXI and multiple sclerosis ones are kept."""
    image = np.stack([np.pad(head(seed)[0] > -1000, 68).astype(np.float16) * 0.7 for seed in range(10)])
    inside = image > 0
    flair = np.arange(10) % 2 == 0
    kinds = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 2], dtype=np.int8)
    slices = HealthySlices(image.astype(np.float16), inside, ~(inside | True), flair, kinds)
    with (
        patch.object(healthy_slices, "build_cache", lambda *args, **kwargs: slices),
        patch.object(healthy_slices, "ixi_files", lambda *args: []),
        patch.object(healthy_slices, "patients_of", lambda data, heads, **_: tuple(map(str, heads))),
    ):
        return healthy_slices.HealthySource(data=folder, cache=folder / "healthy")


PATTERNS = {"T1": "*/t1.nii.gz", "FLAIR": "*/flair.nii.gz", "segmentation": "*/labels.nii.gz"}
"""How `write_nifti_cases` names its files."""


def head(seed: int) -> NDArray[np.float64]:
    """Return a disc with its own texture in air, `[6, 24, 24]`, −1000 and about 0."""
    rows, columns = np.mgrid[:24, :24] - 11.5
    inside = np.hypot(rows, columns) < 9
    texture = np.random.default_rng(seed).normal(0, 80, (6, 24, 24))
    return np.where(inside, np.round(texture), -1000.0)


def write_nifti_cases(folder: Path, count: int) -> None:
    """Write T1, FLAIR and labels (1 the head, 2 a bright spot in FLAIR) of `count` patients, one session each."""
    affine = np.array([[0, 0, 4.0, 0], [0, 4.0, 0, 0], [5.0, 0, 0, 0], [0, 0, 0, 1]])
    for number in range(count):
        place = folder / f"patient{number}_s1"
        place.mkdir(parents=True)
        t1 = head(number) + 1000
        labels = (t1 > 0).astype(np.int16)
        labels[2:4, 10:13, 10:13] = 2
        flair = np.choose(labels, [0, 500, 1500])
        for name, values in (("t1", t1), ("flair", flair), ("labels", labels)):
            nifti.write(Volume(values.astype(np.int16), affine, modality="MR"), place / f"{name}.nii.gz")


def small_folders(folder: Path) -> DataSource:
    """Return eight patients in NIfTI files, split by chance."""
    write_nifti_cases(folder / "scans", 8)
    return source(
        "folders",
        inputs=["T1"],
        targets=["FLAIR", "segmentation"],
        folder=folder / "scans",
        patterns=PATTERNS,
        classes=3,
        crop=16,
        neighbours=1,
        grid_mm=4.0,
        cache=folder / "cache",
    )


def small_archive(folder: Path) -> DataSource:
    """Return an archive of the layout of `lgg` with patients of noise."""
    place = folder / "lgg"
    place.mkdir(parents=True)
    index = {}
    for number, split in enumerate(("train", "train", "val", "test")):
        values = (head(number) + 1000).clip(0, 1400) / 6
        arrays = {name: values.astype(np.uint8) for name in ("t1", "flair")}
        mask = (values > 180).astype(np.uint8)
        np.savez(place / f"case{number}.npz", t1=arrays["t1"], flair=arrays["flair"], mask=mask)
        index[f"case{number}"] = {"split": split, "has_t1": True}
    (place / "index.json").write_text(json.dumps(index), encoding="utf-8")
    return source(
        "archive",
        name="lgg",
        inputs=["T1"],
        targets=["FLAIR", "segmentation"],
        crop=24,
        data=folder,
        cache=folder / "cache",
    )


def phantom(folder: Path, number: int) -> tuple[NDArray[np.uint16], tuple[float, float, float]]:
    """Stand in for `load_head_labels`."""
    del folder, number
    return head_phantom(), SPACING


def small_heads(folder: Path, **arguments: object) -> DataSource:
    """Return one patient with one series of two training heads and of one head of each other split."""
    few = {"train": (1, 2), "validation": (13,), "calibration": (15,), "test": (17,)}
    with patch.object(simulated_heads, "load_head_labels", phantom), patch.object(simulated_heads, "HEADS", few):
        made = simulated_heads.SimulatedHeads(
            **{
                "inputs": ["CT", "T1"],
                "targets": ["T1", "T2"],
                "crop": 32,
                "patients": 1,
                "series": 1,
                "cache": folder / "series",
                "data": folder,
                "simulation": SETTINGS,
                **arguments,  # type: ignore[arg-type]
            }
        )
        for split in few:
            made.prepare(split)
    return made


def small_live_heads(folder: Path, **arguments: object) -> DataSource:
    """Return two training heads and one of each other split, simulated anew for every batch."""
    few = {"train": (1, 2), "validation": (13,), "calibration": (15,), "test": (17,)}
    given = {"inputs": ["CT", "T1", "MR"], "targets": ["CT", "T2"], "crop": 24, "whole": 32, "variants": 1, **arguments}
    with patch.object(live_heads, "load_head_labels", phantom), patch.object(live_heads, "HEADS", few):
        made = live_heads.LiveHeads(data=folder, **given)  # type: ignore[arg-type]
        for split in few:
            made.prepare(split)
    return made


def write_slices(folder: Path, size: int = 40) -> None:
    """Write one slice each, a disc of water with its own texture, of four patients and of one whom the exam keeps."""
    place = folder / "ct_slices_hu"
    place.mkdir(parents=True)
    rows, columns = np.mgrid[:size, :size] - (size - 1) / 2
    inside = np.hypot(rows, columns) < 0.4 * size
    for number, patient in enumerate(("A1", "A2", "A3", "A4", "A062055")):
        texture = np.random.default_rng(number).normal(0, 20, (size, size)).round()
        hounsfield = np.where(inside, texture, -3024).astype(np.int16)
        np.savez(place / f"{patient}_1900.npz", hu=hounsfield, spacing=np.array([2.0, 2.0]))


def small_low_dose_slices(folder: Path) -> DataSource:
    """Return two scans of each of these slices."""
    write_slices(folder)
    return source("low_dose_slices", crop=16, scans=2, data=folder, cache=folder / "cache")


def small_series_pictures(folder: Path) -> DataSource:
    """Return slices of one simulated head (in every kind and plane) and of one invented body for each split."""
    groups = {"simulated heads": None, "invented bodies": None}

    def series_of(data: Path, group: str, split: str, seed: int) -> Iterator[series.Labelled]:
        rng = np.random.default_rng([seed, len(split)])
        if group == "simulated heads":
            yield from series.patient("head", *phantom(data, 1), rng)
        else:
            yield from series.GROUPS["invented bodies"](data, "validation", seed)

    with (
        patch.object(series_pictures, "series_of", series_of),
        patch.object(series_pictures, "GROUPS", groups),
        patch.object(series_pictures, "patients_of", lambda data, split: (f"head for {split}",)),
    ):
        made = series_pictures.SeriesPictures(cache=folder / "pictures", data=folder)
        for split in made.patients:
            made.prepare(split)
    return made


def small_thick_slices(folder: Path) -> DataSource:
    """Return heads of the phantom and a real volume, thin slices of both."""
    few = {"train": (1, 2), "validation": (13,), "test": (17,)}
    place = folder / "ixi_t1_2mm"
    place.mkdir(parents=True)
    affine = np.array([[0, 0, 4.0, 0], [0, 4.0, 0, 0], [2.0, 0, 0, 0], [0, 0, 0, 1]])
    nifti.write(Volume((head(1) + 1000).astype(np.int16), affine, modality="MR"), place / "IXI1.nii.gz")
    (place / "index.json").write_text(json.dumps({"IXI1": {"role": "train"}}), encoding="utf-8")
    with patch.object(thick_slices, "load_head_labels", phantom), patch.object(thick_slices, "HEADS", few):
        made = thick_slices.ThickSlices(crop=16, data=folder, cache=folder / "thick")
        for split in ("train", "validation"):
            made.prepare(split)
    return made


def write_tumour_slices(folder: Path, count: int = 60) -> None:
    """Write `count` pictures of each of three classes: a disc whose place and texture tell class and slice."""
    place = folder / "tumour_types"
    place.mkdir(parents=True)
    rows, columns = np.mgrid[:128, :128] - 63.5
    images, labels = [], []
    for label in range(3):
        for number in range(count):
            rng = np.random.default_rng([label, number])
            disc = np.hypot(rows - 25 * (label - 1), columns) < 20
            images.append(np.round(60 + 120 * disc + rng.normal(0, 12, disc.shape)).clip(0, 255).astype(np.uint8))
            labels.append(str(label))
    np.savez(place / "t1post_128.npz", image=np.stack(images), label=np.array(labels))


def small_tumour_slices(imitate: bool) -> Callable[[Path], DataSource]:
    """Return what makes slices to classify, or to imitate, out of such pictures."""

    def made(folder: Path) -> DataSource:
        write_tumour_slices(folder)
        return source("tumour_slices", pixels=32, imitate=imitate, data=folder)

    return made


def toy(shape: str) -> Callable[[Path], DataSource]:
    """Return what makes a toy distribution."""
    return lambda folder: source("toy", shape=shape)


SMALL_SOURCES: dict[str, Callable[[Path], DataSource]] = {
    **{f"toy {shape}": toy(shape) for shape in ("ring", "grid", "lines", "dirac")},
    "simulated_heads": small_heads,
    "live_heads": small_live_heads,
    "folders": small_folders,
    "archive": small_archive,
    "healthy_slices": small_healthy,
    "low_dose_slices": small_low_dose_slices,
    "thick_slices": small_thick_slices,
    "series_pictures": small_series_pictures,
    "tumour_slices to classify": small_tumour_slices(imitate=False),
    "tumour_slices to imitate": small_tumour_slices(imitate=True),
}
