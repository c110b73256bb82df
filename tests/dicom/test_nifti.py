"""NIfTI in and out: the same voxels at the same places as nibabel and SimpleITK see."""

import gzip
import struct
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import assemble, index, nifti
from medgan_viewer.errors import ReadError, WriteError
from tests.dicom_builder import ramp, write_series

RAS_FROM_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def axial(shape: tuple[int, int, int], dtype: Any = np.int16, **facts: Any) -> Volume:
    """Return a volume whose slices lie as this program orders them: towards head, back and left."""
    affine = np.array([[0, 0, 0.7, -20], [0, 0.8, 0, -30], [2.5, 0, 0, 12], [0, 0, 0, 1]])
    return Volume(ramp(shape, dtype), affine, **facts)


def save_with_nibabel(path: Path, data: NDArray[Any], affine: NDArray[np.float64], **header: Any) -> Path:
    image = nibabel.Nifti1Image(data, affine)
    for name, value in header.items():
        image.header[name] = value
    nibabel.save(image, path)
    return path


@given(
    order=st.permutations(range(3)),
    flips=st.tuples(*[st.sampled_from([-1, 1])] * 3),
    angles=st.tuples(*[st.floats(-0.4, 0.4)] * 3),
    spacing=st.tuples(*[st.floats(0.4, 6.0)] * 3),
    kind=st.sampled_from(["u1", "i2", "u2", "i4", "f4", ">i2"]),
    coded=st.sampled_from(["sform", "qform"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_voxel_is_where_nibabel_sees_it(
    tmp_path: Path,
    order: list[int],
    flips: tuple[int, int, int],
    angles: tuple[float, float, float],
    spacing: tuple[float, float, float],
    kind: str,
    coded: str,
) -> None:
    rotation = np.eye(3)
    for axis, angle in enumerate(angles):
        turn = np.eye(3)
        a, b = (axis + 1) % 3, (axis + 2) % 3
        turn[a, a] = turn[b, b] = np.cos(angle)
        turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
        rotation = rotation @ turn
    affine = np.eye(4)
    affine[:3, :3] = (rotation @ np.eye(3)[:, order]) * flips * spacing
    affine[:3, 3] = (10, -20, 30)
    data = ramp((4, 5, 6), np.dtype(kind).newbyteorder("="))
    image = nibabel.Nifti1Image(data.astype(kind), affine)
    image.set_sform(affine, code=1 if coded == "sform" else 0)
    image.set_qform(affine, code=1)
    nibabel.save(image, tmp_path / "v.nii")
    theirs = nibabel.load(tmp_path / "v.nii")
    ours = nifti.read(tmp_path / "v.nii")
    voxels = np.stack([*np.indices(data.shape), np.ones(data.shape)]).reshape(4, -1)
    places = (ours.inverse @ RAS_FROM_LPS @ theirs.affine @ voxels)[:3]
    assert np.abs(places - np.rint(places)).max() < 2e-3
    np.testing.assert_array_equal(ours.array[tuple(np.rint(places).astype(int))], data.ravel())


def test_slices_lie_as_a_radiologist_expects_them(tmp_path: Path) -> None:
    # Stored left to right, front to back, head to feet: every axis against the display.
    affine = np.diag([1.0, -1.0, -1.0, 1.0])
    volume = nifti.read(save_with_nibabel(tmp_path / "v.nii", ramp((3, 4, 5)), affine))
    np.testing.assert_array_equal(np.sign(volume.affine[:3, :3]), [[0, 0, 1], [0, 1, 0], [1, 0, 0]])
    assert volume.shape == (5, 4, 3)


@pytest.mark.parametrize(
    ("spacing", "shape", "steps"),
    [
        ((1, 1, 1), (5, 4, 3), {"slice": "S", "row": "P", "column": "L"}),
        ((1, 5, 1), (4, 5, 3), {"slice": "P", "row": "I", "column": "L"}),
        ((5, 1, 1), (3, 5, 4), {"slice": "R", "row": "I", "column": "P"}),
        ((1, 1, 5), (5, 4, 3), {"slice": "S", "row": "P", "column": "L"}),
    ],
)
def test_thick_slices_stay_slices_and_even_voxels_are_cut_axially(
    tmp_path: Path, spacing: tuple[float, ...], shape: tuple[int, ...], steps: dict[str, str]
) -> None:
    letters = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "S": (2, 1), "I": (2, -1)}
    path = save_with_nibabel(tmp_path / "v.nii", ramp((3, 4, 5)), np.diag([*spacing, 1.0]))
    volume = nifti.read(path)
    assert volume.shape == shape
    for axis, letter in enumerate(steps.values()):
        direction, sign = letters[letter]
        assert volume.affine[direction, axis] * sign > 0


def test_scaled_values_are_applied(tmp_path: Path) -> None:
    data = ramp((3, 4, 5))
    path = save_with_nibabel(tmp_path / "v.nii", data, RAS_FROM_LPS)
    raw = bytearray(path.read_bytes())
    struct.pack_into("<2f", raw, 112, 0.5, -3.0)
    path.write_bytes(raw)
    volume = nifti.read(path)
    assert volume.array.dtype == np.float32
    np.testing.assert_array_equal(volume.array, (data * 0.5 - 3).transpose(2, 1, 0))
    np.testing.assert_array_equal(np.asanyarray(nibabel.load(path).dataobj).transpose(2, 1, 0), volume.array)


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32])
def test_what_is_written_comes_back_and_nibabel_and_simpleitk_agree(tmp_path: Path, suffix: str, dtype: Any) -> None:
    volume = axial((4, 5, 6), dtype)
    path = tmp_path / f"v{suffix}"
    nifti.write(volume, path)
    again = nifti.read(path)
    assert again.array.dtype == dtype
    np.testing.assert_array_equal(again.array, volume.array)
    np.testing.assert_allclose(again.affine, volume.affine, atol=1e-6)
    theirs = nibabel.load(path)
    np.testing.assert_array_equal(np.asanyarray(theirs.dataobj), volume.array.transpose(2, 1, 0))
    assert theirs.get_data_dtype() == dtype
    for form, code in (theirs.get_sform(coded=True), theirs.get_qform(coded=True)):
        assert code == 1
        np.testing.assert_allclose(form @ [3, 2, 1, 1], RAS_FROM_LPS @ volume.affine @ [1, 2, 3, 1], atol=1e-5)
    image = SimpleITK.ReadImage(str(path))
    np.testing.assert_allclose(image.TransformIndexToPhysicalPoint((3, 2, 1)), volume.point((1, 2, 3)), atol=1e-5)
    assert theirs.header.get_xyzt_units()[0] == "mm"


@given(seed=st.integers(0, 10_000), mirrored=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_qform_and_sform_agree_for_every_rotation_and_mirror_image(tmp_path: Path, seed: int, mirrored: bool) -> None:
    rotation = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))[0]
    if (np.linalg.det(rotation) < 0) != mirrored:
        rotation[:, 0] *= -1
    affine = np.eye(4)
    affine[:3, :3] = rotation * (3.0, 0.5, 0.6)
    nifti.write(Volume(ramp((2, 3, 4)), affine), tmp_path / "v.nii")
    theirs = nibabel.load(tmp_path / "v.nii")
    np.testing.assert_allclose(theirs.get_qform(), theirs.get_sform(), atol=1e-4)


def test_sheared_axes_are_written_as_sform_alone(tmp_path: Path) -> None:
    affine = axial((2, 3, 4)).affine.copy()
    affine[1, 0] = 0.8
    nifti.write(Volume(ramp((2, 3, 4)), affine), tmp_path / "v.nii")
    theirs = nibabel.load(tmp_path / "v.nii")
    assert theirs.get_qform(coded=True)[1] == 0
    np.testing.assert_allclose(theirs.affine @ [3, 2, 1, 1], RAS_FROM_LPS @ affine @ [1, 2, 3, 1], atol=1e-5)


def test_a_synthetic_volume_says_so_in_the_file_and_is_synthetic_again_when_opened(tmp_path: Path) -> None:
    nifti.write(axial((4, 5, 6), synthetic=True), tmp_path / "v.nii.gz")
    assert bytes(nibabel.load(tmp_path / "v.nii.gz").header["descrip"].item()).startswith(b"SYNTHETIC")
    assert nifti.read(tmp_path / "v.nii.gz").synthetic
    assert nifti.study(tmp_path / "v.nii.gz").series[0].synthetic
    nifti.write(axial((4, 5, 6)), tmp_path / "w.nii.gz")
    assert not nifti.read(tmp_path / "w.nii.gz").synthetic


@pytest.mark.parametrize(("result", "modality"), [("heat map", "OT"), ("segmentation", "SEG")])
@pytest.mark.parametrize("synthetic", [False, True])
def test_a_result_of_a_model_is_no_scan_when_it_is_opened_again(
    tmp_path: Path, result: nifti.ResultKind, modality: str, synthetic: bool
) -> None:
    path = tmp_path / "head_T1.nii.gz"
    nifti.write(axial((4, 5, 6), synthetic=synthetic), path, result=result)
    description = bytes(nibabel.load(path).header["descrip"].item()).decode()
    assert f"AI {result}" in description
    assert "NOT FOR DIAGNOSIS" in description
    assert description.startswith("SYNTHETIC") == synthetic
    assert len(description) < 80
    (series,) = nifti.study(path).series
    assert (series.synthetic, series.modality, series.contrast) == (True, modality, None)
    assert series.warnings == (f"This is no scan but an AI {result} that was exported; NIfTI records no patient.",)
    volume = nifti.read(path)
    assert (volume.synthetic, volume.modality, volume.unit) == (True, modality, "")


def test_a_mask_is_written_as_bytes(tmp_path: Path) -> None:
    volume = axial((2, 3, 4))
    nifti.write(volume.with_array(volume.array > 20), tmp_path / "mask.nii")
    np.testing.assert_array_equal(nifti.read(tmp_path / "mask.nii").array, (volume.array > 20).astype(np.uint8))


def test_what_cannot_be_written_is_one_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError):
        nifti.write(axial((2, 3, 4)), tmp_path / "file" / "v.nii")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_nifti_file_is_indexed_as_a_study_and_read_like_any_series(tmp_path: Path) -> None:
    volume = axial((4, 5, 6), np.uint8)
    nifti.write(volume, tmp_path / "head_T2_FLAIR.nii.gz")
    catalog = index.scan([tmp_path])
    (study,) = catalog.studies
    (series,) = study.series
    assert study.patient.name == ""
    assert (series.description, series.modality, series.contrast) == ("head_T2_FLAIR", "MR", "FLAIR")
    assert (series.body_part, series.format, len(series.instances)) == ("HEAD", "nifti", 4)
    assert series.warnings == ("NIfTI records neither patient nor modality; the values are taken for MR.",)
    pending = assemble.open_stack(series)
    assert not pending.ready.any()
    order: list[int] = []
    pending.read_all(2, on_slice=order.append)
    assert order == [2, 3, 1, 0]
    opened = pending.stack.volume()
    np.testing.assert_array_equal(opened.array, volume.array)
    np.testing.assert_allclose(opened.affine, volume.affine, atol=1e-6)
    assert assemble.thumbnail(series, 32).shape == (32, 32)


def test_hounsfield_units_are_recognised_by_their_air(tmp_path: Path) -> None:
    array = np.full((4, 20, 20), -1000, np.int16)
    array[:, 5:15, 5:15] = 40
    nifti.write(Volume(array, np.eye(4)), tmp_path / "ct.nii")
    assert nifti.read(tmp_path / "ct.nii").modality == "CT"
    nifti.write(Volume(array + 1000, np.eye(4)), tmp_path / "mr.nii")
    assert nifti.read(tmp_path / "mr.nii").modality == "MR"


def test_several_volumes_are_one_series_with_a_time_axis(tmp_path: Path) -> None:
    data = ramp((3, 4, 5, 2))
    path = save_with_nibabel(tmp_path / "v.nii", data, RAS_FROM_LPS)
    np.testing.assert_array_equal(nifti.read(path).array, data[..., 0].transpose(2, 1, 0))
    (series,) = nifti.study(path).series
    assert len(series.times) == 2
    for time in (0, 1):
        stack = assemble.load_stack(series, time)
        np.testing.assert_array_equal(stack.array, data[..., time].transpose(2, 1, 0))


def test_voxels_that_are_not_numbers_become_zero(tmp_path: Path) -> None:
    data = ramp((3, 4, 5), np.float32)
    data[1, 2, 3] = np.nan
    volume = nifti.read(save_with_nibabel(tmp_path / "v.nii", data, RAS_FROM_LPS))
    assert volume.array[3, 2, 1] == 0


def _spoilt(path: Path, how: str) -> None:
    whole = path.read_bytes()
    header = bytearray(gzip.decompress(whole))
    if how == "cut":
        path.write_bytes(whole[: len(whole) // 2])
    elif how == "text":
        path.write_bytes(gzip.compress(b"no image at all, only words " * 20))
    elif how == "no gzip":
        path.write_bytes(b"no image at all")
    else:
        if how == "huge":
            struct.pack_into("<3h", header, 42, 32000, 32000, 32000)
        elif how == "colour":
            struct.pack_into("<h", header, 70, 128)
        elif how == "flat":
            struct.pack_into("<12f", header, 280, *[0.0] * 12)
        path.write_bytes(gzip.compress(bytes(header)))


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("text", "not a NIfTI-1 file"),
        ("no gzip", "damaged or cut off"),
        ("huge", "cannot hold the 32000 × 32000 × 32000 voxels"),
        ("colour", "kind of data that is not read"),
        ("flat", "orientation is unusable: its matrix places no volume"),
    ],
)
def test_a_bad_nifti_file_among_good_scans_is_named(tmp_path: Path, how: str, words: str) -> None:
    write_series(tmp_path / "good", ramp((2, 4, 5)))
    nifti.write(axial((4, 5, 6)), tmp_path / "bad.nii.gz")
    _spoilt(tmp_path / "bad.nii.gz", how)
    catalog = index.scan([tmp_path])
    assert len(catalog.studies) == 1
    (refusal,) = catalog.refused
    assert refusal.path.name == "bad.nii.gz"
    assert words in refusal.reason


def test_a_cut_off_compressed_file_is_named_when_it_is_read(tmp_path: Path) -> None:
    random = np.random.default_rng(0).integers(0, 999, (40, 50, 60)).astype(np.int16)
    nifti.write(Volume(random, np.eye(4)), tmp_path / "v.nii.gz")
    study = nifti.study(tmp_path / "v.nii.gz")
    _spoilt(tmp_path / "v.nii.gz", "cut")
    with pytest.raises(ReadError, match="damaged or cut off"):
        nifti.read(tmp_path / "v.nii.gz")
    pending = assemble.open_stack(study.series[0])
    assert pending.read_all()
    assert not pending.ready.any()
    assert pending.is_complete
    (problem,) = pending.problems
    assert problem.reason == "The compressed file is damaged or cut off."
