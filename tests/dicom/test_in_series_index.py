"""What was opened before shows at once, changes are noticed, and a bad index is set aside."""

import os
import pickle
import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest

import medgan_viewer
from medgan_viewer.core.catalog import Catalog, Series
from medgan_viewer.dicom import assemble, index, series_index
from medgan_viewer.dicom.headers import Header, read_header
from tests.dicom_builder import image_dataset, ramp, save, write_series


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.sqlite"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_series(tmp_path / "study" / "a", ramp((4, 5, 6)))
    write_series(tmp_path / "study" / "b", ramp((3, 5, 6)), SeriesInstanceUID="1.2.3.1.2", Modality="MR")
    (tmp_path / "study" / "a" / "bad.dcm").write_bytes(b"no image")
    return tmp_path / "study"


def only_from_index(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Note every header that is read from its file."""
    read: list[Path] = []

    def reading(path: Path) -> Header:
        read.append(path)
        return read_header(path)

    monkeypatch.setattr(index, "read_header", reading)
    return read


def series_of(catalog: Catalog) -> tuple[Series, ...]:
    return catalog.studies[0].series


def test_a_folder_opened_before_is_the_same_without_reading_a_file(
    folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = index.scan([folder], remembered=kept)
    read = only_from_index(monkeypatch)
    again = index.scan([folder], remembered=kept)
    assert read == []
    assert again == first == index.scan([folder])
    np.testing.assert_array_equal(assemble.load_stack(series_of(again)[0]).array, ramp((4, 5, 6)))
    assert [refusal.path.name for refusal in again.refused] == ["bad.dcm"]


def test_a_time_axis_is_remembered(tmp_path: Path, kept: Path) -> None:
    for time in (1, 2):
        write_series(tmp_path / "s" / str(time), ramp((4, 5, 6)), TemporalPositionIdentifier=time, Modality="MR")
    first = index.scan([tmp_path / "s"], remembered=kept)
    (series,) = series_of(index.scan([tmp_path / "s"], remembered=kept))
    assert series == series_of(first)[0]
    assert [len(assemble.load_stack(series, time)) for time in (0, 1)] == [4, 4]


@pytest.mark.parametrize("change", ["grown", "gone", "new", "touched", "new folder"])
def test_a_change_is_noticed_and_only_what_changed_is_read(
    folder: Path, kept: Path, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.scan([folder], remembered=kept)
    one = folder / "a" / "001.dcm"
    new = image_dataset(ramp((5, 6)), (0, 0, 9), SeriesInstanceUID="1.2.3.1.1")
    if change == "grown":
        save(image_dataset(ramp((5, 6)), (0, 0, 1), StudyDescription="Other words"), one)
    elif change == "gone":
        one.unlink()
    elif change == "touched":
        os.utime(one, ns=(1, 1))
    else:
        save(new, folder / ("c" if change == "new folder" else "a") / "new.dcm")
    read = only_from_index(monkeypatch)
    catalog = index.scan([folder], remembered=kept)
    changed = {path.name for path in read} - {"bad.dcm"}
    assert changed == {"grown": {"001.dcm"}, "touched": {"001.dcm"}, "gone": set()}.get(change, {"new.dcm"})
    assert catalog == index.scan([folder])


def test_nobody_else_may_read_it_and_its_name_says_nothing(folder: Path, kept: Path) -> None:
    index.scan([folder], remembered=kept)
    assert [path.name for path in kept.parent.iterdir()] == ["index.sqlite"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_it_is_off_unless_asked_for_and_cleared_whole(folder: Path, kept: Path) -> None:
    index.scan([folder])
    assert not kept.exists()
    index.scan([folder], remembered=kept)
    assert kept.exists()
    series_index.clear(kept)
    assert list(kept.parent.iterdir()) == []


@pytest.mark.parametrize("how", ["no database", "newer", "another"])
def test_a_damaged_or_newer_index_is_set_aside(folder: Path, kept: Path, how: str) -> None:
    expected = index.scan([folder], remembered=kept)
    if how == "no database":
        kept.write_bytes(os.urandom(5000))
    else:
        connection = sqlite3.connect(kept)
        connection.execute("PRAGMA user_version = 99" if how == "newer" else "PRAGMA user_version = 0")
        connection.commit()
        connection.close()
    before = kept.read_bytes()
    assert index.scan([folder], remembered=kept) == expected
    assert kept.with_name("index.sqlite.set-aside").read_bytes() == before
    assert index.scan([folder], remembered=kept) == expected


def test_another_version_of_the_program_reads_the_files_again(
    folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = index.scan([folder], remembered=kept)
    monkeypatch.setattr(medgan_viewer, "__version__", "999.0")
    read = only_from_index(monkeypatch)
    assert index.scan([folder], remembered=kept) == expected
    assert len(read) == 8
    assert index.scan([folder], remembered=kept) == expected
    assert len(read) == 8


def test_an_index_that_another_process_is_writing_stays_where_it_is(
    folder: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = index.scan([folder], remembered=kept)
    monkeypatch.setattr(series_index, "_PATIENCE", 0.05)
    connection = sqlite3.connect(kept, isolation_level=None)
    # The first while it collects, the second while it puts it into the file.
    for how, kind in (("IMMEDIATE", "read"), ("EXCLUSIVE", "refused")):
        connection.execute(f"BEGIN {how}")
        read = only_from_index(monkeypatch)
        assert index.scan([folder], remembered=kept) == expected
        assert bool(read) == (kind == "refused")
        connection.execute("ROLLBACK")
    connection.close()
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


class Evil:
    """Would make a file if it were ever made from bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_what_others_wrote_into_it_is_never_run(folder: Path, kept: Path, tmp_path: Path) -> None:
    expected = index.scan([folder], remembered=kept)
    connection = sqlite3.connect(kept)
    connection.execute("UPDATE folders SET catalog = ?", (pickle.dumps(Evil(tmp_path / "made")),))
    connection.execute("UPDATE files SET header = ?", (pickle.dumps(Evil(tmp_path / "made")),))
    connection.commit()
    connection.close()
    assert index.scan([folder], remembered=kept) == expected
    assert not (tmp_path / "made").exists()


def test_a_place_that_allows_no_index_is_read_without(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert index.scan([folder], remembered=tmp_path / "file" / "index.sqlite") == index.scan([folder])


def test_half_a_scan_is_not_taken_for_the_folder(folder: Path, kept: Path) -> None:
    asked = iter([False, False, True, True, True])
    index.scan([folder], remembered=kept, cancelled=lambda: next(asked))
    assert index.scan([folder], remembered=kept) == index.scan([folder])
