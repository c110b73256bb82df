"""CT with the noise of few photons: who is in which split, and that nothing but noise is added."""

from pathlib import Path

import numpy as np
import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.sources.low_dose_slices import LowDoseSlices, _smoothed, read_slice
from tests.lab.sources.small_sources import write_slices


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("slices")
    write_slices(made)
    return made


def slices(folder: Path) -> LowDoseSlices:
    return LowDoseSlices(crop=16, scans=2, data=folder, cache=folder / "cache")


def test_that_the_exams_patients_are_never_trained_on_and_the_last_two_of_the_others_validate(folder: Path) -> None:
    source = slices(folder)
    assert source.patients == {"train": ("A1", "A2"), "validation": ("A3", "A4"), "test": ()}
    with pytest.raises(UsageError, match="no patients in the split test"):
        source.batch(1, Draw(0), "test")


def test_that_source_and_target_are_thousands_of_hu_that_differ_by_noise_of_no_direction(folder: Path) -> None:
    batch = slices(folder).batch(64, Draw(1))
    water = batch["target"].abs() < 0.1
    difference = (batch["source"] - batch["target"])[water]
    assert 0.002 < float(difference.std()) < 2
    assert abs(float(difference.mean())) < 0.3 * float(difference.std())
    assert float(batch["source"].min()) >= -1.0241
    assert float(batch["source"].max()) <= 3.0711


def test_that_scans_are_kept_and_others_with_another_seed(folder: Path, tmp_path: Path) -> None:
    first, again = (slices(folder).batch(2, Draw(4))["source"] for _ in range(2))
    assert torch.equal(first, again)
    other = LowDoseSlices(crop=16, scans=2, seed=1, data=folder, cache=tmp_path).batch(2, Draw(4))["source"]
    assert not torch.equal(first, other)


def test_that_a_softer_kernel_keeps_the_strength_of_noise_and_makes_neighbours_alike() -> None:
    noise = torch.from_numpy(np.random.default_rng(0).normal(0, 30, (96, 96)).astype(np.float32))
    smooth = _smoothed(noise, 1.0)
    assert float(smooth.std()) == pytest.approx(30, rel=0.05)
    # White noise under a Gaussian of σ: neighbours correlate by exp(−1/4σ²).
    alike = float((smooth[:, 1:] * smooth[:, :-1]).mean() / smooth.var())
    assert alike == pytest.approx(np.exp(-0.25), abs=0.05)


def test_that_a_slice_comes_as_twelve_bits_hold_it(folder: Path) -> None:
    values, pixel_mm = read_slice(folder / "ct_slices_hu" / "A1_1900.npz")
    assert values.min() == -1024
    assert pixel_mm == 2.0


def test_that_a_file_that_is_no_slice_is_named(folder: Path, tmp_path: Path) -> None:
    write_slices(tmp_path)
    for path in (tmp_path / "ct_slices_hu").glob("A1*"):
        path.write_bytes(b"nothing")
    with pytest.raises(UsageError, match=r"1 of 5 files did not open, the first one A1_1900\.npz"):
        slices(tmp_path)
