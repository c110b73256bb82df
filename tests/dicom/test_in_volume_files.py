"""NRRD and MetaImage open like a series, where SimpleITK says they are; headers that point elsewhere are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import assemble, index
from tests.dicom_builder import ramp

SHAPE = (5, 6, 7)


def image(kind: type = np.int16) -> SimpleITK.Image:
    values: np.ndarray[Any, Any] = ramp(SHAPE).astype(kind)
    values[:, :2] = values[:, :2] % 100 - 1000
    made = SimpleITK.GetImageFromArray(values)
    made.SetSpacing((0.5, 0.75, 3.0))
    made.SetOrigin((-10.0, 20.0, 30.0))
    # Turned about the axis from head to foot, upside down.
    made.SetDirection((0.96, -0.28, 0.0, 0.28, 0.96, 0.0, 0.0, 0.0, -1.0))
    return made


def only(path: Path) -> Series:
    catalog = index.scan([path])
    assert catalog.refused == ()
    (study,) = catalog.studies
    (series,) = study.series
    return series


def assert_same_in_world(ours: Volume, theirs: SimpleITK.Image) -> None:
    for where in ((0, 0, 0), (4, 5, 6), (1, 2, 3)):
        point = ours.point(where)
        index_xyz = theirs.TransformPhysicalPointToContinuousIndex(point.tolist())
        nearest = tuple(round(n) for n in index_xyz)
        np.testing.assert_allclose(index_xyz, nearest, atol=1e-4)
        assert ours.array[where] == theirs[nearest]


@pytest.mark.parametrize("name", ["v.nrrd", "v.nhdr", "v.mha", "v.mhd", "deflated.nrrd", "deflated.mha"])
def test_a_volume_lies_where_simpleitk_says_with_the_same_values(tmp_path: Path, name: str) -> None:
    made = image()
    SimpleITK.WriteImage(made, str(tmp_path / name), useCompression="deflated" in name)
    series = only(tmp_path / name)
    stack = assemble.load_stack(series)
    assert stack.array.dtype == np.int16
    assert sorted(stack.array.shape) == sorted(SHAPE)
    assert_same_in_world(stack.volume(), made)
    # Slices run towards the head.
    assert stack.normal[2] > 0.99
    assert series.modality == "CT"
    assert "records neither patient nor modality" in series.warnings[0]
    assert assemble.thumbnail(series).shape == (96, 96)


@pytest.mark.parametrize("name", ["v.mhd", "v.nhdr"])
def test_the_voxels_beside_a_header_are_no_file_of_their_own(tmp_path: Path, name: str) -> None:
    SimpleITK.WriteImage(image(), str(tmp_path / name), useCompression=name == "v.mhd")
    assert len(list(tmp_path.iterdir())) == 2
    only(tmp_path)


def test_what_is_no_hounsfield_unit_is_taken_for_mr(tmp_path: Path) -> None:
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(ramp(SHAPE, np.uint16)), str(tmp_path / "t1.nrrd"))
    series = only(tmp_path / "t1.nrrd")
    assert (series.modality, series.contrast) == ("MR", "T1")


@pytest.mark.parametrize(
    ("words", "modality"),
    [("SYNTHETIC - NOT FOR DIAGNOSIS - MedGAN Viewer", "CT"), ("AI heat map - NOT FOR DIAGNOSIS", "OT")],
)
def test_what_this_program_marked_is_known_again(tmp_path: Path, words: str, modality: str) -> None:
    made = image()
    made.SetMetaData("descrip", words)
    SimpleITK.WriteImage(made, str(tmp_path / "result.nrrd"))
    series = only(tmp_path / "result.nrrd")
    assert series.synthetic
    assert series.modality == modality


def test_a_fourth_axis_is_time(tmp_path: Path) -> None:
    data = ramp((3, *SHAPE))
    made = SimpleITK.JoinSeries([SimpleITK.GetImageFromArray(one) for one in data], 0.0, 2.0)
    SimpleITK.WriteImage(made, str(tmp_path / "v.nrrd"))
    series = only(tmp_path / "v.nrrd")
    assert series.time_labels == ("+0.0 s", "+2.0 s", "+4.0 s")
    first, last = (assemble.load_stack(series, time).array for time in (0, 2))
    assert {int(first.min()), int(last.min())} == {int(data[0].min()), int(data[2].min())}
    np.testing.assert_array_equal(np.sort(last, axis=None), np.sort(data[2], axis=None))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("v.mhd", "NDims = 3\nDimSize = 2 2 2\nElementType = MET_SHORT\nElementDataFile = ../secret.raw\n"),
        ("v.mhd", "NDims = 3\nDimSize = 2 2 2\nElementType = MET_SHORT\nElementDataFile = /etc/passwd\n"),
        ("v.mhd", "NDims = 3\nDimSize = 2 2 2\nElementType = MET_SHORT\nElementDataFile = LIST\na\nb\n"),
        ("v.nhdr", "NRRD0004\ntype: short\ndimension: 3\nsizes: 2 2 2\nencoding: raw\ndata file: ../secret.raw\n\n"),
    ],
)
def test_voxels_outside_the_folder_are_never_followed(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "secret.raw").write_bytes(bytes(16))
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_text(text)
    (refusal,) = index.scan([folder / name]).refused
    assert refusal.reason == "Its voxels are said to be elsewhere or in many files, which is not followed."


def test_a_missing_file_of_voxels_is_named(tmp_path: Path) -> None:
    SimpleITK.WriteImage(image(), str(tmp_path / "v.mhd"))
    (tmp_path / "v.raw").unlink()
    (refusal,) = index.scan([tmp_path / "v.mhd"]).refused
    assert refusal.reason == "The file with its voxels is missing: put v.raw beside it."


@pytest.mark.parametrize("name", ["v.nrrd", "v.mha"])
def test_damage_is_one_sentence(tmp_path: Path, name: str) -> None:
    SimpleITK.WriteImage(image(), str(tmp_path / name))
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[:40])
    (refusal,) = index.scan([tmp_path / name]).refused
    assert refusal.reason.endswith(".")
    absurd = whole.replace(b"7 6 5", b"70000 60000 50000")
    (tmp_path / name).write_bytes(absurd)
    (refusal,) = index.scan([tmp_path / name]).refused
    assert "cannot hold the 70000 × 60000 × 50000 voxels" in refusal.reason


def test_colours_are_refused_by_name(tmp_path: Path) -> None:
    made = SimpleITK.GetImageFromArray(np.zeros((2, 3, 4, 3), np.uint8), isVector=True)
    SimpleITK.WriteImage(made, str(tmp_path / "v.mha"))
    (refusal,) = index.scan([tmp_path / "v.mha"]).refused
    assert "colours or vectors" in refusal.reason
