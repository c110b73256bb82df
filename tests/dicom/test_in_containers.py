"""ZIP archives and DICOMDIRs open like folders, and nothing in them reaches outside."""

import os
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, MediaStorageDirectoryStorage, generate_uid

from medgan_viewer.core.catalog import Catalog
from medgan_viewer.dicom import assemble, containers, index
from tests.dicom_builder import ramp, write_series


@pytest.fixture(autouse=True)
def workspace(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give every test a temporary folder of its own, and see that closing empties it."""
    place = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr("tempfile.tempdir", str(place))
    made = containers.Workspace()
    monkeypatch.setattr(containers, "workspace", made)
    yield place
    made.close()
    assert list(place.iterdir()) == []


def reasons(catalog: Catalog) -> dict[str, str]:
    return {refusal.path.name: refusal.reason for refusal in catalog.refused}


def zipped(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def scan_files(folder: Path, count: int = 3) -> dict[str, bytes]:
    paths = write_series(folder / "plain", ramp((count, 4, 5)))
    return {f"study/series/{path.name}": path.read_bytes() for path in paths}


def test_a_zip_archive_opens_like_the_folder_it_holds(tmp_path: Path, workspace: Path) -> None:
    path = zipped(tmp_path / "scan.zip", scan_files(tmp_path) | {"__MACOSX/._000.dcm": b"x", "readme.txt": b"words"})
    catalog = index.scan([path])
    (series,) = catalog.studies[0].series
    np.testing.assert_array_equal(assemble.load_stack(series).array, ramp((3, 4, 5)))
    assert catalog.refused == ()
    (folder,) = workspace.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    containers.workspace.close()
    assert not folder.exists()


def test_a_zip_archive_in_a_folder_opens_too_and_a_second_look_finds_the_same_files(tmp_path: Path) -> None:
    files = scan_files(tmp_path)
    folder = tmp_path / "downloads"
    folder.mkdir()
    zipped(folder / "Scan.ZIP", files)
    first, second = index.scan([folder]), index.scan([folder])
    assert first == second
    assert len(first.studies[0].series[0].instances) == 3


@pytest.mark.parametrize(
    "name", ["../escaped.dcm", "a/../../escaped.dcm", "/escaped.dcm", "..\\escaped.dcm", "C:\\e.dcm"]
)
def test_names_that_point_outside_are_refused_and_the_rest_opens(tmp_path: Path, workspace: Path, name: str) -> None:
    inside = scan_files(tmp_path)
    path = zipped(tmp_path / "scan.zip", {name: next(iter(inside.values()))} | inside)
    before = {found for found in tmp_path.rglob("*") if "escaped" in found.name}
    catalog = index.scan([path])
    assert len(catalog.studies[0].series[0].instances) == 3
    (reason,) = reasons(catalog).values()
    assert reason == "Its name in the ZIP archive points outside the archive; it is left out."
    everywhere = [*tmp_path.rglob("*"), *workspace.rglob("*")]
    assert {found for found in everywhere if "escaped" in found.name} == before
    for found in workspace.rglob("*"):
        assert workspace in found.resolve().parents


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "scan.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("link.dcm")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    assert reasons(index.scan([path])) == {"link.dcm": "It is a link in the ZIP archive; it is left out."}


def test_a_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path, workspace: Path) -> None:
    path = zipped(tmp_path / "scan.zip", {"bomb.dcm": bytes(64 << 20)} | scan_files(tmp_path))
    catalog = index.scan([path])
    assert len(catalog.studies) == 1
    assert "grows beyond all bounds" in reasons(catalog)["bomb.dcm"]
    assert sum(found.stat().st_size for found in workspace.rglob("*")) < 1 << 20


def test_an_entry_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "scan.zip", {"liar.dcm": os.urandom(5000)})
    whole = path.read_bytes()
    # The size in the table at the end; what unpacks is checked against it.
    at = whole.rindex(b"PK\1\2") + 24
    path.write_bytes(whole[:at] + (10).to_bytes(4, "little") + whole[at + 4 :])
    (reason,) = reasons(index.scan([path])).values()
    assert reason.endswith(".")


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_MOST_ENTRIES", 2)
    path = zipped(tmp_path / "scan.zip", scan_files(tmp_path))
    assert reasons(index.scan([path]))["scan.zip"] == "The ZIP archive holds 3 files, more than this program opens."


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "_MOST_BYTES", 100)
    path = zipped(tmp_path / "scan.zip", scan_files(tmp_path))
    assert set(reasons(index.scan([path])).values()) == {
        "It does not fit on the disk or is larger than this program unpacks."
    }


def test_an_archive_in_an_archive_and_one_without_scans_say_so(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", scan_files(tmp_path)).read_bytes()
    nested = zipped(tmp_path / "nested.zip", {"inner.zip": inner}, zipfile.ZIP_STORED)
    empty = zipped(tmp_path / "empty.zip", {"readme.txt": b"words"})
    found = reasons(index.scan([nested, empty]))
    assert "ZIP archive inside a ZIP archive" in found["inner.zip"]
    assert found["empty.zip"] == "No scan was found in this ZIP archive."


def test_every_cut_copy_of_an_archive_is_refused_or_opens(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "scan.zip", scan_files(tmp_path)).read_bytes()
    for length in range(1, len(whole), 61):
        path = tmp_path / "cut.zip"
        path.write_bytes(whole[:length])
        catalog = index.scan([path])
        assert catalog.studies or all(reason.endswith(".") for reason in reasons(catalog).values())


def test_an_archive_that_cannot_be_unpacked_leaves_nothing_and_hinders_no_other(
    tmp_path: Path, workspace: Path
) -> None:
    good = zipped(tmp_path / "good.zip", scan_files(tmp_path))
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04" + bytes(200))
    for _ in range(2):
        catalog = index.scan([tmp_path / "bad.zip", good])
        assert reasons(catalog) == {"bad.zip": "The ZIP archive is damaged or cut off."}
        assert len(catalog.studies) == 1
    (private,) = workspace.iterdir()
    assert len(list(private.iterdir())) == 1


def test_what_a_killed_process_left_is_removed(tmp_path: Path, workspace: Path) -> None:
    abandoned = workspace / "medgan-viewer-zip-99999999-abc"
    (abandoned / "0000").mkdir(parents=True)
    index.scan([zipped(tmp_path / "scan.zip", scan_files(tmp_path))])
    assert not abandoned.exists()


def write_dicomdir(path: Path, names: list[list[str]]) -> Path:
    dataset = Dataset()
    dataset.DirectoryRecordSequence = []
    for parts in names:
        record = Dataset()
        record.DirectoryRecordType, record.ReferencedFileID = "IMAGE", parts
        dataset.DirectoryRecordSequence.append(record)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.save_as(path, enforce_file_format=True)
    return path


def test_a_dicomdir_opens_the_files_that_it_lists_and_no_other(tmp_path: Path) -> None:
    write_series(tmp_path / "IMAGES", ramp((4, 4, 5)))
    path = write_dicomdir(tmp_path / "DICOMDIR", [["IMAGES", f"00{n}.dcm"] for n in range(3)])
    catalog = index.scan([path])
    assert len(catalog.studies[0].series[0].instances) == 3
    assert catalog.refused == ()


def test_small_letters_on_the_medium_are_found(tmp_path: Path) -> None:
    write_series(tmp_path / "images", ramp((1, 4, 5)))
    path = write_dicomdir(tmp_path / "dicomdir", [["IMAGES", "000.DCM"]])
    assert len(index.scan([path]).studies) == 1


@pytest.mark.parametrize(
    "names", [["..", "OUTSIDE.dcm"], ["/etc/passwd"], ["A\\..\\..", "OUTSIDE.dcm"], ["LINK", "000.dcm"]]
)
def test_entries_outside_the_folder_are_refused_and_the_rest_opens(tmp_path: Path, names: list[str]) -> None:
    medium = tmp_path / "medium"
    write_series(medium / "IN", ramp((1, 4, 5)))
    outside = write_series(tmp_path / "out", ramp((1, 4, 5)))[0]
    (tmp_path / "OUTSIDE.dcm").write_bytes(outside.read_bytes())
    (medium / "LINK").symlink_to(tmp_path / "out")
    path = write_dicomdir(medium / "DICOMDIR", [["IN", "000.dcm"], names])
    catalog = index.scan([path])
    assert [instance.path for instance in catalog.studies[0].series[0].instances] == [medium / "IN" / "000.dcm"]
    assert reasons(catalog)["DICOMDIR"] == "1 of its entries points outside its folder and is left out."


def test_a_dicomdir_whose_files_are_gone_or_that_is_none_says_so(tmp_path: Path) -> None:
    path = write_dicomdir(tmp_path / "DICOMDIR", [["GONE", "A"], ["GONE", "B"]])
    assert reasons(index.scan([path])) == {"DICOMDIR": "2 files that it lists are not there."}
    path.write_text("no table of contents at all")
    (reason,) = reasons(index.scan([path])).values()
    assert reason.endswith("open its folder instead.")
