"""What goes wrong around the window: no room, no display, studies that go or come again, and studies that are odd."""

import threading
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from medgan_viewer import app
from medgan_viewer.core.document import Change, Document, SeriesClosed
from medgan_viewer.core.measure.book import EditAnnotations
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.dicom.assemble import PendingStack
from medgan_viewer.jobs.events import SliceReady, Started
from medgan_viewer.ui.actions import TABLE
from medgan_viewer.ui.dialogs.export import ExportDialog
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.panels.widgets import clear
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.captions import captions
from medgan_viewer.ui.views.grid import LAYOUTS
from medgan_viewer.ui.views.overlay_text import Room, draw_captions
from tests.core.annotations import figure
from tests.dicom.export_builder import write_source
from tests.dicom_builder import ramp, write_series
from tests.ui import scans
from tests.ui.random_user_driver import with_small_models
from tests.ui.random_user_studies import write_models, write_studies
from tests.ui.random_user_watch import Watch, locked_in
from tests.ui.test_views_marks import is_marked
from tests.ui.view_fixtures import drag

pytestmark = pytest.mark.window


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """Lock the program into a folder, without network, and return that folder."""
    with locked_in(tmp_path / "locked", lambda _parent: []):
        yield tmp_path


@pytest.fixture
def window(qtbot: QtBot, locked: Path) -> Iterator[MainWindow]:
    document = Document()
    made = MainWindow(document, Loader(document), Runs(document, "cpu"))
    qtbot.addWidget(made)
    made.resize(1280, 720)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()


def _open(qtbot: QtBot, window: MainWindow, *folders: Path) -> str:
    """Open folders and wait until all is read; return the UID of the series that came up."""
    window.open_paths(folders)
    qtbot.waitUntil(lambda: window.document.selected_series is not None and not window.loader.busy, timeout=30_000)
    uid = window.document.selected_series
    assert uid is not None
    return uid


def _two_series(folder: Path, **more: Any) -> None:
    """Write a study of two series, "1.2.3.1.1" and "1.2.3.1.2", of six slices each."""
    for number in (1, 2):
        uid = f"1.2.3.1.{number}"
        write_series(folder / uid, ramp((6, 24, 20)), SeriesInstanceUID=uid, SeriesNumber=number, **more)


# -- no room -----------------------------------------------------------------------------------------------------------


def test_a_window_resized_to_nothing_draws_and_gives_its_panes_room_when_it_comes_back(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(6, 40, 30), changes={"BodyPartExamined": "HEAD"})
    uid = _open(qtbot, window, tmp_path / "ct")
    for make in (scans.image_layer, scans.label_layer, scans.heat_layer):
        window.document.add_layer(make(window.document, source=uid))
    window.setMinimumSize(0, 0)
    splitter = window.findChild(QSplitter)
    assert splitter is not None
    # Wider than the words of the results need, which would widen it later.
    splitter.setSizes([250, 680, 350])
    left, _, right = splitter.sizes()
    for layout in LAYOUTS:
        window.grid.set_layout_name(layout)
        for size in ((1, 1), (5000, 1), (1, 5000), (0, 0), (1280, 720)):
            window.resize(*size)
            QApplication.processEvents()
            for pane in window.grid.visible_panes:
                pane.capture()
        assert window.grid.width() > 600
        assert (splitter.sizes()[0], splitter.sizes()[2]) == (left, right)
        assert all(pane.width() > 180 and pane.height() > 120 for pane in window.grid.visible_panes)


def test_a_window_on_a_display_that_was_unplugged_goes_on_and_the_next_one_is_on_a_screen(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_source(tmp_path / "ct", shape=(3, 40, 30))
    uid = _open(qtbot, window, tmp_path / "ct")
    window.move(-20_000, -20_000)
    handle = window.windowHandle()
    assert handle is not None
    handle.screenChanged.emit(QGuiApplication.primaryScreen())
    window.document.add_layer(scans.image_layer(window.document, source=uid))
    for action in ("layout.2x2", "help.keys", "help.about", "file.export", "view.full_screen", "view.full_screen"):
        window.actions_by_id[action].trigger()
        QApplication.processEvents()
    for other in QApplication.topLevelWidgets():
        if other is not window and other.isVisible():
            other.close()
    again = app.make_window()
    qtbot.addWidget(again)
    again.show()
    assert QGuiApplication.primaryScreen().availableGeometry().intersects(again.frameGeometry())
    again.close()


@pytest.mark.parametrize("layout", ["1x1", "3x3"])
def test_words_that_are_typed_on_a_synthetic_image_never_cover_its_mark(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, layout: str
) -> None:
    write_source(tmp_path / "ct", shape=(3, 40, 30))
    uid = _open(qtbot, window, tmp_path / "ct")
    layer = scans.image_layer(window.document, source=uid)
    window.document.add_layer(layer)
    window.grid.set_layout_name(layout)
    pane = window.grid.visible_panes[0]
    window.grid.show_layer(layer.uid, pane)
    window.actions_by_id["measure.text"].trigger()
    pane.capture()
    mapping = pane.mapping()
    assert mapping is not None
    left, top, width, height = mapping.rectangle()
    drag(pane, 0, 0, start=QPointF(left + width / 2, top + height - 3))
    editor = pane.findChild(QLineEdit)
    assert editor is not None
    for size in ((1280, 720), (1280, 640), (1100, 900)):
        window.resize(*size)
        QApplication.processEvents()
        pane.capture()
        assert pane.mark_places
        assert not any(place.intersects(QRectF(editor.geometry())) for place in pane.mark_places)
        assert is_marked(pane)
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_Escape)


# -- studies that go ---------------------------------------------------------------------------------------------------


class _Gate:
    """Holds every reading of pixels up until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        read_all = PendingStack.read_all

        def held_up(stack: PendingStack, *arguments: Any, **options: Any) -> bool:
            self.reached.set()
            assert self.opened.wait(60)
            return read_all(stack, *arguments, **options)

        monkeypatch.setattr(PendingStack, "read_all", held_up)


def _closed_while_it_is_read(qtbot: QtBot, window: MainWindow, folder: Path, monkeypatch: pytest.MonkeyPatch) -> _Gate:
    """Write a study, open it, and close it while its pixels are being read; return what holds the reading up."""
    _two_series(folder)
    gate = _Gate(monkeypatch)
    window.open_paths([folder])
    qtbot.waitUntil(lambda: window.document.selected_series is not None and not window.loader.scanning, timeout=30_000)
    qtbot.waitUntil(gate.reached.is_set, timeout=30_000)
    window.studies.close_asked.emit(window.document.catalog.studies[0])
    return gate


def test_a_study_closed_while_it_is_being_read_is_gone_and_can_be_opened_again(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = _closed_while_it_is_read(qtbot, window, tmp_path / "study", monkeypatch)
    assert (window.document.open_uids, window.document.catalog.studies) == ((), ())
    gate.opened.set()
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=30_000)
    assert window.document.open_uids == ()
    uid = _open(qtbot, window, tmp_path / "study")
    opened = window.document.opened(uid)
    assert opened is not None
    assert opened.complete


def test_a_study_closed_and_opened_again_while_it_is_being_read_is_read_whole(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = _closed_while_it_is_read(qtbot, window, tmp_path / "study", monkeypatch)
    window.open_paths([tmp_path / "study"])
    qtbot.waitUntil(lambda: bool(window.document.catalog.studies) and not window.loader.scanning, timeout=30_000)
    gate.opened.set()
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=30_000)
    qtbot.waitUntil(lambda: window.document.selected_series is not None, timeout=30_000)
    uid = window.document.selected_series
    assert uid is not None
    opened = window.document.opened(uid)
    assert opened is not None
    assert opened.complete
    assert window.document.is_loaded(uid)


def test_a_study_closed_while_a_model_runs_on_it_ends_the_run_and_leaves_no_result(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    head, packages = write_studies(tmp_path / "studies")[0], write_models(tmp_path / "models")
    said: list[str] = []
    window.runs.failed.connect(said.append)
    window.models.set_models(packages, [])
    with with_small_models(packages, head), Watch() as watch:
        uid = _open(qtbot, window, head)
        job = window.run_model("heat", uid)
        assert job is not None
        window.studies.close_asked.emit(window.document.catalog.studies[0])
        # Slices that were on their way when the study was closed.
        for event in (Started(job, "cpu", "fp32", 10), SliceReady(job, 4)):
            window.runs._on_event(event)
        assert window.document.layers == ()
        qtbot.waitUntil(lambda: not window.runs.active, timeout=120_000)
    assert window.document.layers == ()
    assert window.runs.states == ()
    assert (watch.faults, said) == ([], [])


def test_when_a_study_is_closed_nothing_turns_to_another_series_of_it(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    _two_series(tmp_path / "study")
    _open(qtbot, window, tmp_path / "study")
    window.grid.set_layout_name("1x2")
    for pane, uid in zip(window.grid.visible_panes, ("1.2.3.1.1", "1.2.3.1.2"), strict=True):
        window.open_series_in(uid, pane)
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=30_000)
    told: list[tuple[str, ...]] = []

    def turn(change: Change) -> None:
        if isinstance(change, SeriesClosed):
            told.append(window.document.open_uids)
            # As a pane does that becomes the active one meanwhile.
            window.grid.active_pane_changed.emit()

    window.document.subscribe(turn)
    window.studies.close_asked.emit(window.document.catalog.studies[0])
    assert told == [(), ()]
    assert window.document.selected_series is None
    assert all(pane.content is None for pane in window.grid.panes)


# -- studies that come again -------------------------------------------------------------------------------------------


def test_the_same_study_opened_twice_at_once_from_two_folders_is_one(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    voxels = ramp((6, 24, 20))
    files = write_series(tmp_path / "one", voxels)
    (tmp_path / "two").mkdir()
    for file in files:
        (tmp_path / "two" / file.name).write_bytes(file.read_bytes())
    window.open_paths([tmp_path / "one"])
    window.open_paths([tmp_path / "one"])
    uid = _open(qtbot, window, tmp_path / "two")
    (study,) = window.document.catalog.studies
    assert [len(series.instances) for series in study.series] == [6]
    opened = window.document.opened(uid)
    assert opened is not None
    assert opened.complete
    np.testing.assert_array_equal(opened.stack.array, voxels)


def test_one_file_of_an_open_study_opened_by_itself_leaves_the_study_whole(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    files = write_series(tmp_path / "study", ramp((6, 24, 20)))
    uid = _open(qtbot, window, tmp_path / "study")
    window.actions_by_id["image.last"].trigger()
    _open(qtbot, window, files[1])
    assert window.grid.active_pane.slice_count() == len(window.document.catalog.series(uid).instances) == 6
    assert window.grid.active_pane.slice_index() == 5


def test_a_series_opened_again_with_other_and_fewer_images_shows_one_of_them(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    write_series(tmp_path / "old", ramp((6, 24, 20)))
    write_series(tmp_path / "new", ramp((2, 12, 10), start=7))
    uid = _open(qtbot, window, tmp_path / "old")
    for layout in ("mpr", "2x2", "1x1"):
        window.grid.set_layout_name(layout)
        window.actions_by_id["image.last"].trigger()
        _open(qtbot, window, tmp_path / ("new" if layout != "2x2" else "old"))
        assert window.document.selected_series == uid
        for pane in window.grid.visible_panes:
            assert pane.slice_index() < max(pane.slice_count(), 1)
            pane.capture()


# -- studies that are odd ----------------------------------------------------------------------------------------------


def test_a_study_of_200_series_is_listed_and_gone_through(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    for number in range(200):
        uid = f"1.2.3.1.{number + 1}"
        write_series(tmp_path / str(number), ramp((1, 8, 8)), SeriesInstanceUID=uid, SeriesNumber=number + 1)
    _open(qtbot, window, tmp_path)
    (study,) = window.document.catalog.studies
    assert len(study.series) == len(window.studies.entry_titles()) == 200
    window.grid.set_layout_name("3x3")
    for _ in range(12):
        window.actions_by_id["image.next_series"].trigger()
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=30_000)
    assert window.document.selected_series == "1.2.3.1.13"
    window.studies.close_asked.emit(study)
    assert window.studies.entry_titles() == []


_NAMES = {
    "64 characters": "W" * 64,
    "64 characters in parts": "Maximiliane-Alexandrina^Kunigunde-Wilhelmina-Theodora-Friederike",
    "Hebrew": "כהן^שרה-רבקה",
    "Arabic": "شهلا^فاطمة الزهراء",
    "both ways": "Cohen כהן^Sarah שרה",
}


@pytest.mark.parametrize("name", _NAMES.values(), ids=list(_NAMES))
@pytest.mark.parametrize("size", [(240, 200), (500, 400), (1200, 900)], ids=str)
def test_long_and_right_to_left_names_stay_in_the_pane_and_apart_from_other_words(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, name: str, size: tuple[int, int]
) -> None:
    words: dict[str, Any] = {
        "PatientName": name, "PatientID": "X" * 64, "InstitutionName": "מרכז רפואי " * 5,
        "StudyDescription": "Y" * 64, "SeriesDescription": "Z" * 64, "AccessionNumber": "A" * 16,
    }  # fmt: skip
    write_series(tmp_path / "study", ramp((2, 24, 20)), **words)
    _open(qtbot, window, tmp_path / "study")
    assert window.document.catalog.studies[0].patient.name == name
    scene = window.grid.active_pane.scene
    assert scene is not None
    assert scene.plane is not None
    said = captions(scene, scene.plane, 1.0)
    assert said is not None
    picture = QImage(*size, QImage.Format.Format_RGB32)
    painter = QPainter(picture)
    places = draw_captions(painter, Room(*size), said, DARK)
    painter.end()
    # Shadows and descenders reach a pixel or two further.
    whole = QRectF(picture.rect()).adjusted(-2, -2, 2, 2)
    assert all(whole.contains(place) for place in places)
    within = [place.adjusted(2, 2, -2, -2) for place in places if place.width() > 4 and place.height() > 4]
    assert not any(one.intersects(other) for one, other in combinations(within, 2))
    assert window.width() == 1280


def test_with_tags_missing_everywhere_each_action_does_something_or_says_why_not(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QInputDialog, "getDouble", lambda *_, **_more: (1.0, True))
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **_more: ("x", True))
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_, **_more: ("", False))
    bare = next(path for path in write_studies(tmp_path / "studies") if path.name == "bare")
    uid = _open(qtbot, window, bare)
    (study,) = window.document.catalog.studies
    assert (study.patient.name, study.patient.identifier, study.date) == ("", "", "")
    leave_out = {"file.quit", "file.virtual", "view.full_screen"}
    with Watch() as watch:
        for spec in TABLE:
            if spec.id not in leave_out and window.actions_by_id[spec.id].isEnabled():
                window.actions_by_id[spec.id].trigger()
                QApplication.processEvents()
                popup: QWidget | None = QApplication.activePopupWidget()
                if popup is not None:
                    popup.close()
        window.cine.play(False)
        for other in QApplication.topLevelWidgets():
            if other is not window and other.isVisible():
                other.close()
        qtbot.waitUntil(lambda: not window.loader.busy, timeout=30_000)
    assert watch.faults == []
    assert window.document.opened(uid) is not None


def test_a_measurement_that_was_kept_on_a_series_that_is_not_there_today_offers_no_export(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    _two_series(tmp_path / "study")
    window.annotations.folder = tmp_path / "annotations"
    _open(qtbot, window, tmp_path / "study")
    window.open_series("1.2.3.1.2")
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=30_000)
    opened = window.document.opened("1.2.3.1.2")
    assert opened is not None
    drawn = figure("arrow", opened.stack.plane(0), [(2, 2), (9, 9)], opened)
    window.document.execute(EditAnnotations("draw", (), (drawn,)))
    assert window.actions_by_id["file.export"].isEnabled()
    (study,) = window.document.catalog.studies
    window.studies.close_asked.emit(study)
    assert not window.actions_by_id["file.export"].isEnabled()
    qtbot.waitUntil((tmp_path / "annotations" / f"{study_key(study)}.json").is_file, timeout=30_000)
    _open(qtbot, window, tmp_path / "study" / "1.2.3.1.1")
    assert [one.series_uid for one in window.document.annotations.all] == ["1.2.3.1.2"]
    window.document.select_series(None)
    assert not window.actions_by_id["file.export"].isEnabled()
    window.actions_by_id["file.export"].trigger()
    # Nor by a way that does not ask the action.
    window.measurements.export_asked.emit()
    assert not window.findChildren(ExportDialog)


# -- what is left ------------------------------------------------------------------------------------------------------


def test_what_is_taken_out_of_a_layout_leaves_no_item_of_it(qtbot: QtBot) -> None:
    held = QWidget()
    qtbot.addWidget(held)
    column = QVBoxLayout(held)
    stays, goes = QLabel("stays"), QLabel("goes")
    for one in (stays, goes):
        column.addWidget(one)
    column.addStretch()
    items = [column.itemAt(place) for place in range(3)]
    clear(column, keep=(stays,))
    assert column.count() == 0
    assert not any(isValid(item) for item in items)
    assert isValid(stays)
    column.addWidget(stays)
    column.addStretch()
    clear(column, first=1)
    assert (column.count(), column.indexOf(stays)) == (1, 0)


def test_thumbnails_of_closed_studies_are_let_go_and_made_anew_when_they_come_again(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    _two_series(tmp_path / "study")
    for _ in range(2):
        uid = _open(qtbot, window, tmp_path / "study")
        window.document.add_layer(scans.image_layer(window.document, source=uid))
        qtbot.waitUntil(lambda: len(window.studies._pictures) == 3, timeout=30_000)
        with mock.patch.object(QMessageBox, "question", return_value=QMessageBox.StandardButton.Yes):
            window.studies.close_asked.emit(window.document.catalog.studies[0])
        assert window.studies._pictures == {}
    assert window.loader.scanned == [tmp_path / "study"]


def test_cards_of_models_that_are_listed_anew_leave_nothing(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    window.models.set_models(write_models(tmp_path / "models"), [])
    _two_series(tmp_path / "study", BodyPartExamined="HEAD")
    _open(qtbot, window, tmp_path / "study")

    def widgets_after(times: int) -> int:
        for number in range(times):
            window.open_series(f"1.2.3.1.{1 + number % 2}")
        qtbot.waitUntil(lambda: not window.loader.busy, timeout=30_000)
        # Widgets that are to be deleted go when the event loop is entered again.
        qtbot.wait(1)
        return len(QApplication.allWidgets())

    assert widgets_after(20) <= widgets_after(2) + 5
