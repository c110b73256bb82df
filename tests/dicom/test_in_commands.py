"""The command line reads as the window does: in several processes where that pays, from its index, adding nothing."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
from pydicom.uid import RLELossless

from medgan_viewer import cli, settings
from medgan_viewer.core.catalog import Instance
from medgan_viewer.dicom import assemble, decoding, index
from medgan_viewer.dicom.decoding import Decoders
from medgan_viewer.dicom.headers import Header, read_header
from tests.dicom_builder import image_dataset, ramp, save, write_series


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user folders of the test's own; return where the window's index is."""
    monkeypatch.setenv("MEDGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))
    return settings.index_file()


@pytest.fixture
def headers_read(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note every header that is read from its file."""
    read: list[Path] = []

    def reading(path: Path) -> Header:
        read.append(path)
        return read_header(path)

    monkeypatch.setattr(index, "read_header", reading)
    return read


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note every slice that goes to another process."""
    paths: list[Path] = []
    read: Callable[..., Any] = Decoders.read

    def reading(self: Decoders, instance: Instance, *arguments: Any, **more: Any) -> Any:
        paths.append(instance.path)
        return read(self, instance, *arguments, **more)

    monkeypatch.setattr(Decoders, "read", reading)
    return paths


def rows_of(path: Path) -> tuple[list[Any], list[Any]]:
    with closing(sqlite3.connect(path)) as connection:
        folders, files = (connection.execute(f"SELECT * FROM {table}").fetchall() for table in ("folders", "files"))
    return folders, files


def compressed(folder: Path) -> np.ndarray[Any, Any]:
    voxels = ramp((6, 16, 18), np.uint16)
    for n, image in enumerate(voxels):
        dataset = image_dataset(image, (0, 0, n), InstanceNumber=n + 1)
        save(dataset, folder / f"{n}.dcm")
        dataset.compress(RLELossless, generate_instance_uid=False)
        dataset.save_as(folder / f"{n}.dcm")
    return voxels


@pytest.mark.parametrize("long", [True, False])
def test_convert_shares_out_a_long_compressed_series_and_no_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[Path], long: bool
) -> None:
    voxels = compressed(tmp_path / "in")
    monkeypatch.setattr(decoding, "_FEWEST_PIXELS", 1)
    monkeypatch.setattr(assemble, "_LONG_SERIES", 6 if long else 7)
    assert cli.main(["convert", str(tmp_path / "in"), "--out", str(tmp_path / "out.nii.gz")]) == 0
    written = np.asarray(nibabel.load(tmp_path / "out.nii.gz").dataobj)
    np.testing.assert_array_equal(np.sort(written.ravel()), np.sort(voxels.ravel()))
    assert bool(sent) == long


def test_a_slice_that_cannot_be_decoded_elsewhere_is_named_and_the_rest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    compressed(tmp_path / "in")
    monkeypatch.setattr(decoding, "_FEWEST_PIXELS", 1)
    monkeypatch.setattr(assemble, "_LONG_SERIES", 1)
    whole = (tmp_path / "in" / "5.dcm").read_bytes()
    (tmp_path / "in" / "5.dcm").write_bytes(whole[:-200] + bytes(192) + whole[-8:])
    assert cli.main(["convert", str(tmp_path / "in"), "--out", str(tmp_path / "out.nii.gz")]) == 1
    assert "5.dcm: Slice 6 is left empty." in capsys.readouterr().err
    assert sent
    assert (tmp_path / "out.nii.gz").is_file()


def test_info_takes_from_the_index_what_the_window_remembers(
    tmp_path: Path, places: Path, headers_read: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    write_series(tmp_path / "in", ramp((3, 4, 5)))
    index.scan([tmp_path / "in"], remembered=places)
    assert len(headers_read) == 3
    assert cli.main(["info", str(tmp_path / "in"), "--json"]) == 0
    assert len(headers_read) == 3
    (series,) = json.loads(capsys.readouterr().out)["studies"][0]["series"]
    assert series["shape"] == [3, 4, 5]


def test_info_reads_the_files_where_nothing_is_to_be_remembered(
    tmp_path: Path, places: Path, headers_read: list[Path]
) -> None:
    write_series(tmp_path / "in", ramp((3, 4, 5)))
    index.scan([tmp_path / "in"], remembered=places)
    settings.save(settings.load().changed("remember_folders", False))
    assert cli.main(["info", str(tmp_path / "in")]) == 0
    assert len(headers_read) == 6


def test_a_command_leaves_nothing_of_a_patient_behind(tmp_path: Path, places: Path) -> None:
    write_series(tmp_path / "in", ramp((3, 4, 5)))
    assert cli.main(["info", str(tmp_path / "in")]) == 0
    assert not places.parent.exists()
    write_series(tmp_path / "other", ramp((2, 4, 5)))
    index.scan([tmp_path / "other"], remembered=places)
    before = rows_of(places)
    assert cli.main(["info", str(tmp_path / "in")]) == 0
    assert rows_of(places) == before
    assert (len(before[0]), len(before[1])) == (1, 2)
