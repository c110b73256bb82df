"""The three real studies against independent answers: dcm2niix, SimpleITK, and the headers themselves."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray
from pydicom import dcmread

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.regrid import grid_of
from medgan_viewer.core.volume import SliceStack, Volume
from medgan_viewer.dicom import assemble, geometry, index

LPS_FROM_RAS = np.diag([-1.0, -1.0, 1.0, 1.0])


@pytest.fixture(scope="module")
def head(shared_data: Path) -> Series:
    return _only(shared_data / "dicom" / "head_ct_tilted")


@pytest.fixture(scope="module")
def head_stack(head: Series) -> SliceStack:
    return assemble.load_stack(head)


def _only(folder: Path) -> Series:
    catalog = index.scan([folder])
    assert catalog.refused == ()
    (study,) = catalog.studies
    (series,) = study.series
    return series


def _dcm2niix(source: Path, out: Path) -> dict[str, tuple[NDArray[Any], NDArray[np.float64]]]:
    """Return what dcm2niix makes of a folder: for each file [i, j, k] voxels and the affine to LPS mm."""
    program = shutil.which("dcm2niix")
    if program is None:
        pytest.skip("dcm2niix is not installed (Debian package dcm2niix)")
    out.mkdir()
    subprocess.run([program, "-b", "n", "-f", "%s", "-o", str(out), str(source)], check=True, capture_output=True)
    images = {path.name.removesuffix(".nii"): nibabel.load(path) for path in out.glob("*.nii")}
    return {name: (np.asanyarray(image.dataobj), LPS_FROM_RAS @ image.affine) for name, image in images.items()}


def arranged_like(ours: Volume, voxels: NDArray[Any], affine: NDArray[np.float64]) -> NDArray[Any]:
    """Return their voxels in our order, having checked that all voxel centres agree within 0.1 voxel."""
    turn = np.linalg.inv(affine) @ ours.affine
    slices, rows, columns = ours.shape
    corners = np.array([(s, r, c, 1) for s in (0, slices - 1) for r in (0, rows - 1) for c in (0, columns - 1)]).T
    there = (turn @ corners)[:3]
    assert np.abs(there - np.rint(there)).max() < 0.1
    assert there.min() > -0.1
    signs = np.rint(turn[:3, :3]).astype(int)
    arranged = voxels.transpose(np.abs(signs).argmax(axis=0))
    return arranged[tuple(slice(None, None, int(sign)) for sign in signs.sum(axis=0))]


def assert_same_in_world(ours: Volume, voxels: NDArray[Any], affine: NDArray[np.float64]) -> None:
    """Every voxel of ours where theirs is, with the same value."""
    np.testing.assert_array_equal(arranged_like(ours, voxels, affine), ours.array)


def test_the_mr_study_opens_as_four_registered_series_like_dcm2niix(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "dicom" / "brain_mr_multicontrast"
    (study,) = index.scan([folder]).studies
    assert [(series.contrast, series.body_part) for series in study.series] == [
        ("T1+C", "HEAD"),
        ("T1", "HEAD"),
        ("FLAIR", "HEAD"),
        ("T2", "HEAD"),
    ]
    assert len({series.frame_of_reference_uid for series in study.series}) == 1
    theirs = _dcm2niix(folder, tmp_path / "out")
    for series in study.series:
        volume = assemble.load_stack(series).volume()
        assert volume.shape == (22, 320, 280)
        assert not volume.resampled
        assert series.warnings == ()
        assert_same_in_world(volume, *theirs[str(series.number)])


def test_the_chest_ct_decodes_and_lies_like_dcm2niix_and_simpleitk(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "dicom" / "chest_ct_jpeg_lossless"
    series = _only(folder)
    volume = assemble.load_stack(series).volume()
    assert (volume.shape, series.body_part, series.warnings) == ((40, 512, 512), "CHEST", ())
    np.testing.assert_allclose(volume.spacing, (1.25, 0.703125, 0.703125))
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    image = reader.Execute()
    np.testing.assert_array_equal(SimpleITK.GetArrayViewFromImage(image), volume.array)
    np.testing.assert_allclose(image.TransformIndexToPhysicalPoint((3, 2, 1)), volume.point((1, 2, 3)))
    (theirs,) = _dcm2niix(folder, tmp_path / "out").values()
    assert_same_in_world(volume, *theirs)


def test_the_head_ct_keeps_its_acquired_slices(head: Series, head_stack: SliceStack, shared_data: Path) -> None:
    assert head.body_part == "HEAD"
    assert head.warnings == (
        "Acquired with a gantry tilt of 18.5°; MPR and models use a regular 4 mm grid.",
        "The slices are unevenly spaced: 1.08 to 7.00 mm apart.",
    )
    assert head_stack.array.shape == (28, 512, 512)
    assert not head_stack.is_regular
    by_uid = {}
    for path in (shared_data / "dicom" / "head_ct_tilted").iterdir():
        dataset = dcmread(path)
        by_uid[dataset.SOPInstanceUID] = dataset
    for n, uid in enumerate(head_stack.sop_instance_uids):
        dataset = by_uid[uid]
        np.testing.assert_array_equal(head_stack.array[n], dataset.pixel_array)
        np.testing.assert_allclose(head_stack.plane(n).origin, dataset.ImagePositionPatient, atol=1e-6)
    np.testing.assert_allclose(np.diff(head_stack.positions)[[0, 13, 14]], (4.0, 1.08, 7.0), atol=0.01)


def test_the_head_ct_has_the_values_of_dcm2niix_on_every_acquired_slice(
    head_stack: SliceStack, shared_data: Path, tmp_path: Path
) -> None:
    theirs = _dcm2niix(shared_data / "dicom" / "head_ct_tilted", tmp_path / "out")
    acquired = next(voxels for name, (voxels, _) in theirs.items() if "Tilt" not in name)
    # Their rows run the other way.
    np.testing.assert_array_equal(acquired.transpose(2, 1, 0)[:, ::-1], head_stack.array)


@pytest.mark.parametrize(("first", "last", "step"), [(1, 14, 4), (15, 28, 7)])
def test_each_evenly_spaced_half_of_the_head_ct_is_straightened_like_dcm2niix(
    shared_data: Path, tmp_path: Path, first: int, last: int, step: int
) -> None:
    # dcm2niix cannot place the whole series ("Interslice distance varies"); each half it can.
    source = tmp_path / "half"
    source.mkdir()
    for n in range(first, last + 1):
        shutil.copy(shared_data / "dicom" / "head_ct_tilted" / f"{n:02d}.dcm", source)
    series = _only(source)
    assert series.warnings == (f"Acquired with a gantry tilt of 18.5°; MPR and models use a regular {step} mm grid.",)
    volume = assemble.load_stack(series).volume()
    theirs = _dcm2niix(source, tmp_path / "out")
    voxels, affine = next(value for name, value in theirs.items() if "Tilt" in name)
    other = arranged_like(volume, voxels, affine)
    assert other.shape == volume.shape
    # Each interpolated once by either program: rounding, and the first rows of air.
    tissue = (volume.array > -900) & (other > -900)
    difference = np.abs(volume.array[tissue].astype(float) - other[tissue])
    assert np.median(difference) <= 1
    assert np.percentile(difference, 99) <= 5


def test_the_regular_grid_of_the_head_ct_is_known_from_headers_and_holds_every_slice(
    head: Series, head_stack: SliceStack
) -> None:
    shape, affine = grid_of(geometry.outline(head))
    volume = head_stack.volume()
    assert volume.resampled
    assert volume.shape == shape
    np.testing.assert_array_equal(volume.affine, affine)
    np.testing.assert_allclose(volume.spacing, (4.0, 0.4882812, 0.4882812), atol=1e-6)
    np.testing.assert_allclose(volume.affine[:3, 0] / 4.0, head_stack.normal, atol=1e-12)
    for n in (0, 13, 14, 27):
        for pixel in ((0, 0), (511, 511)):
            s, r, c = volume.index(head_stack.plane(n).point(*pixel))
            assert -0.51 <= s <= shape[0] - 0.49
            assert -0.01 <= r <= shape[1] - 0.99
            assert -0.01 <= c <= shape[2] - 0.99
