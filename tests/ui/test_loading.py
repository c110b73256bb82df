"""Folders are scanned and series read in the background; the document hears of it on its own thread."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Catalog
from medgan_viewer.core.document import Change, Document, SeriesLoaded, SeriesOpened, SliceLoaded
from medgan_viewer.ui.loading import Background, Loader
from tests.dicom.export_builder import write_source


@pytest.fixture
def loader(qtbot: QtBot) -> Iterator[Loader]:
    del qtbot
    made = Loader(Document())
    yield made
    made.close()


def _scan(qtbot: QtBot, loader: Loader, folder: Path) -> None:
    loader.scan([folder])
    qtbot.waitUntil(lambda: not loader.busy, timeout=10_000)


def test_the_first_image_is_there_before_the_rest_and_it_is_the_middle_one(
    qtbot: QtBot, loader: Loader, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(9, 40, 48))
    _scan(qtbot, loader, tmp_path)
    document = loader._document
    uid = document.catalog.studies[0].series[0].uid
    heard: list[Change] = []
    threads: set[threading.Thread] = set()

    def listen(change: Change) -> None:
        heard.append(change)
        threads.add(threading.current_thread())

    document.subscribe(listen)
    loader.open(uid)
    assert heard == [SeriesOpened(uid)]
    qtbot.waitUntil(lambda: SeriesLoaded(uid) in heard, timeout=10_000)
    slices = [change.index for change in heard if isinstance(change, SliceLoaded)]
    assert slices[0] == 4
    assert sorted(slices) == list(range(9))
    assert heard[-1] == SeriesLoaded(uid)
    assert threads == {threading.main_thread()}


def test_bad_files_are_named_and_the_good_ones_open(qtbot: QtBot, loader: Loader, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(4, 40, 48))
    whole = (tmp_path / "ct" / "000.dcm").read_bytes()
    (tmp_path / "ct" / "cut.dcm").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "ct" / "text.dcm").write_text("no image at all")
    _scan(qtbot, loader, tmp_path)
    catalog = loader._document.catalog
    assert len(catalog.studies[0].series[0].instances) == 4
    assert {refusal.path.name for refusal in catalog.refused} == {"cut.dcm", "text.dcm"}
    assert all(refusal.reason for refusal in catalog.refused)


def test_an_empty_folder_is_one_sentence_that_says_what_to_do(qtbot: QtBot, loader: Loader, tmp_path: Path) -> None:
    with qtbot.waitSignal(loader.problem, timeout=10_000) as told:
        loader.scan([tmp_path])
    assert "choose a folder with DICOM or NIfTI files" in told.args[0]


def test_a_series_whose_files_went_away_is_told_and_the_viewer_goes_on(
    qtbot: QtBot, loader: Loader, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(3, 40, 48))
    _scan(qtbot, loader, tmp_path)
    uid = loader._document.catalog.studies[0].series[0].uid
    shutil.rmtree(tmp_path / "ct")
    with qtbot.waitSignal(loader.problem, timeout=10_000) as told:
        loader.open(uid)
    assert told.args[0].count("\n") == 0
    qtbot.waitUntil(lambda: not loader.busy)


def test_opening_twice_reads_once(qtbot: QtBot, loader: Loader, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 40, 48))
    _scan(qtbot, loader, tmp_path)
    document = loader._document
    uid = document.catalog.studies[0].series[0].uid
    opened: list[Change] = []
    document.subscribe(lambda change: opened.append(change) if isinstance(change, SeriesOpened) else None)
    loader.open(uid)
    loader.open(uid)
    qtbot.waitUntil(lambda: not loader.busy, timeout=10_000)
    loader.open(uid)
    assert len(opened) == 1


def test_a_thumbnail_is_made_once_for_each_series(qtbot: QtBot, loader: Loader, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(3, 40, 48))
    _scan(qtbot, loader, tmp_path)
    uid = loader._document.catalog.studies[0].series[0].uid
    with qtbot.waitSignal(loader.thumbnail_ready, timeout=10_000) as made:
        loader.ask_thumbnail(uid)
    assert made.args[0] == uid
    assert made.args[1].dtype.name == "uint8"
    assert made.args[1].max() > made.args[1].min()


def test_an_error_in_the_background_comes_back_instead_of_getting_lost(qtbot: QtBot) -> None:
    background = Background("test")
    results: list[object] = []

    def fail() -> None:
        raise ValueError("no")

    background.run(fail, results.append)
    qtbot.waitUntil(lambda: bool(results))
    background.close()
    assert isinstance(results[0], ValueError)


def test_a_closed_background_calls_nobody(qtbot: QtBot) -> None:
    background = Background("test")
    release = threading.Event()
    results: list[object] = []
    background.run(release.wait, results.append)
    release.set()
    background.close()
    background.run(lambda: 1, results.append)
    qtbot.wait(0)
    assert results == []


def test_a_series_opened_during_a_scan_is_read_again_when_more_of_it_was_found(
    qtbot: QtBot, loader: Loader, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(6, 40, 48))
    _scan(qtbot, loader, tmp_path)
    document = loader._document
    (study,) = document.catalog.studies
    (whole,) = study.series
    part = replace(whole, instances=whole.instances[:3])
    document.catalog = Catalog((replace(study, series=(part,)),))
    loader.open(whole.uid)
    opened = document.opened(whole.uid)
    assert opened is not None
    assert len(opened.stack) == 3
    _scan(qtbot, loader, tmp_path)
    qtbot.waitUntil(lambda: document.is_loaded(whole.uid) and not loader.busy, timeout=10_000)
    again = document.opened(whole.uid)
    assert again is not None
    assert len(again.stack) == 6
    assert again.complete


def test_each_slice_that_cannot_be_decoded_is_named_in_the_list(qtbot: QtBot, loader: Loader, tmp_path: Path) -> None:
    write_source(tmp_path / "ct", shape=(4, 40, 48))
    _scan(qtbot, loader, tmp_path)
    document = loader._document
    uid = document.catalog.studies[0].series[0].uid
    gone = document.catalog.studies[0].series[0].instances[3].path
    gone.unlink()
    with qtbot.waitSignal(loader.problem, timeout=10_000) as told:
        loader.open(uid)
    qtbot.waitUntil(lambda: document.is_loaded(uid))
    assert "One slice" in told.args[0]
    assert [refusal.path for refusal in document.catalog.refused] == [gone]
