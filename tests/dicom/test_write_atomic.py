"""Files appear whole or not at all, and a failure is one sentence."""

import errno
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pydicom
import pytest

from medgan_viewer.core.display import Window
from medgan_viewer.dicom import atomic, export, export_volumes
from medgan_viewer.errors import WriteError
from tests.dicom.export_builder import heat_layer, image_layer, label_layer, opened, write_source


def test_that_a_file_takes_its_place_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "result.nii.gz"
    with atomic.new_file(path) as temporary:
        temporary.write_text("whole")
        assert temporary.parent == path.parent
        assert temporary.name.endswith("result.nii.gz")
        assert not path.exists()
    assert [p.name for p in path.parent.iterdir()] == ["result.nii.gz"]
    assert path.read_text() == "whole"


def test_that_an_error_of_any_kind_leaves_neither_file_nor_new_folder(tmp_path: Path) -> None:
    def write() -> None:
        with atomic.new_file(tmp_path / "a" / "b" / "result.png") as temporary:
            temporary.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write()
    assert list(tmp_path.iterdir()) == []


def test_that_a_failed_overwrite_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "result.png"
    path.write_text("old")

    def write() -> None:
        with atomic.new_file(path) as temporary:
            temporary.write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(WriteError, match="the disk is full"):
        write()
    assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "this folder is read-only"),
        (errno.EACCES, "this folder may not be written to"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_that_a_failure_is_one_sentence_that_says_what_to_do(tmp_path: Path, number: int, words: str) -> None:
    def write() -> None:
        with atomic.new_folder(tmp_path / "series"):
            raise OSError(number, os.strerror(number))

    with pytest.raises(WriteError, match=words) as failure:
        write()
    assert str(failure.value).startswith("series: ")
    assert "another folder" in str(failure.value)
    assert list(tmp_path.iterdir()) == []


def test_that_a_taken_name_gets_a_number_before_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.nii.gz").touch()
    (tmp_path / "a-2.nii.gz").touch()
    assert atomic.free_path(tmp_path, "a.nii.gz").name == "a-3.nii.gz"
    assert atomic.free_path(tmp_path, "b.dcm").name == "b.dcm"


def test_that_a_disk_which_fills_up_in_mid_series_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    save, calls = pydicom.Dataset.save_as, []

    def save_as(dataset: pydicom.Dataset, path: Path, **options: Any) -> None:
        calls.append(path)
        if len(calls) == 3:
            path.write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(dataset, path, **options)

    monkeypatch.setattr(pydicom.Dataset, "save_as", save_as)
    with pytest.raises(WriteError, match="the disk is full"):
        export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")
    assert len(calls) == 3
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["rename", "replace"])
def test_that_a_failed_rename_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack) if name == "rename" else label_layer(series, stack)

    def refuse(self: Path, target: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, name, refuse)
    with pytest.raises(WriteError, match="the disk is full"):
        export.write_dicom([layer], series, stack, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_that_the_system_s_own_refusal_in_mid_file_leaves_nothing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="this system knows no limit of the file size")
    series, stack = opened(write_source(tmp_path / "source"))
    layers = [heat_layer(series, stack)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
    try:
        with pytest.raises(WriteError, match="nothing was written"):
            export.write_dicom(layers, series, stack, tmp_path / "out")
        with pytest.raises(WriteError, match="nothing was written"):
            export.write_slices([2], layers, series, stack, tmp_path / "out", window=Window(1500, 700))
        with pytest.raises(WriteError, match="nothing was written"):
            export_volumes.write_nifti([image_layer(series, stack)], series, tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "out").exists()


def test_that_a_read_only_folder_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o500)
    if os.access(folder, os.W_OK):  # whoever runs the tests may write anywhere

        def refuse(path: Path, *_: Any, **__: Any) -> None:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(WriteError, match="may not be written to"):
        export.write_dicom([image_layer(series, stack)], series, stack, folder / "out")
    folder.chmod(0o700)
    assert list(folder.iterdir()) == []


def test_that_a_folder_which_may_not_even_be_looked_into_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series, stack = opened(write_source(tmp_path / "source"))

    def refuse(path: Path, *_: Any, **__: Any) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(WriteError, match="may not be written to"):
        export.write_dicom([image_layer(series, stack)], series, stack, tmp_path / "out")


def test_that_a_file_in_place_of_the_folder_is_one_sentence(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    (tmp_path / "out").write_text("a file")
    with pytest.raises(WriteError, match="a file stands where a folder is needed"):
        export.write_dicom([label_layer(series, stack)], series, stack, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "a file"


def test_that_importing_the_exporter_loads_nothing_heavy() -> None:
    heavy = "torch PySide6 highdicom pydicom PIL SimpleITK scipy"
    code = f"import sys, medgan_viewer.dicom.export; print([m for m in {heavy.split()} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
