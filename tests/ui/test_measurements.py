"""The list of measurements, keys and menus, and what is kept on disk."""

import errno
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Catalog, Patient
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.key_images import KeyImage, SetKeyImages
from medgan_viewer.core.measure.annotation import Annotation, Kind
from medgan_viewer.core.measure.book import EditAnnotations
from medgan_viewer.core.measure.keeping import study_key, to_json
from medgan_viewer.dicom import atomic
from medgan_viewer.ui.kept_annotations import KeptAnnotations
from medgan_viewer.ui.loading import Background, Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.panels.histogram import HistogramStrip
from medgan_viewer.ui.panels.measurements import MeasurementsPanel
from medgan_viewer.ui.runs import Runs
from tests.core.annotations import figure
from tests.dicom.export_builder import write_source
from tests.ui.view_fixtures import ball, document_with, drag, heat_layer, image_layer, opened_series, stack_of

PLACES: dict[Kind, list[tuple[float, float]]] = {
    "distance": [(20, 10), (40, 30)],
    "ellipse": [(20, 12), (44, 36)],
    "text": [(30, 20)],
}


def _drawn(held: OpenSeries, kind: Kind = "distance", index: int = 10, **changes: object) -> Annotation:
    made = figure(kind, held.stack.plane(index), PLACES[kind], held, name=f"{kind.capitalize()} 1")
    frame = held.stack.frame_of_reference_uid
    return replace(made, study_key=study_key(held.study), frame_of_reference_uid=frame, **changes)  # type: ignore[arg-type]


def _head() -> tuple[Document, OpenSeries]:
    held = opened_series("ct", stack_of(ball()))
    document = document_with(held)
    document.select_series("ct")
    return document, held


# -- the list --------------------------------------------------------------------------------------------------------


def _panel(qtbot: QtBot, document: Document) -> MeasurementsPanel:
    panel = MeasurementsPanel(document)
    qtbot.addWidget(panel)
    panel.resize(300, 600)
    return panel


def _told(panel: QWidget) -> set[str]:
    """Return what the labels say, whole where there is no room for all of it."""
    return {one.accessibleName() or one.text() for one in panel.findChildren(QLabel) if not one.isHidden()}


def test_the_list_shows_what_was_drawn_and_is_hidden_where_there_is_nothing(qtbot: QtBot) -> None:
    document, held = _head()
    panel = _panel(qtbot, document)
    assert panel.isHidden()
    drawn = _drawn(held)
    document.execute(EditAnnotations("Draw", (), (drawn,)))
    qtbot.waitUntil(lambda: list(panel.rows) == [drawn.uid])
    assert not panel.isHidden()
    assert panel.rows[drawn.uid].said == ("50.0 mm",)
    assert {"slice 11", "Axial head (series 2)"} <= _told(panel)
    document.undo()
    qtbot.waitUntil(panel.isHidden)


def test_a_chosen_region_shows_its_histogram_and_a_synthetic_one_both(qtbot: QtBot) -> None:
    document, held = _head()
    layer = image_layer(held)
    document.add_layer(layer)
    panel = _panel(qtbot, document)
    drawn = _drawn(held, "ellipse", layer_uid=layer.uid, layer_name=layer.name)
    document.annotations.change(drawn.study_key, (), [drawn])
    document.annotations.select(drawn.uid)
    qtbot.waitUntil(lambda: len(panel.findChildren(HistogramStrip)) == 2)
    panel.grab()
    assert "Synthetic T1 · SYNTHETIC" in _told(panel)
    said = panel.rows[drawn.uid].said
    assert said[0].startswith("SYNTHETIC ")
    assert said[1].startswith("source ")
    names = [strip.accessibleName() for strip in panel.findChildren(HistogramStrip)]
    assert names[0].startswith("Histogram of SYNTHETIC Synthetic T1")
    assert names[1].startswith("Histogram of Axial head")


def test_the_list_says_where_the_synthetic_image_is_gone(qtbot: QtBot) -> None:
    document, held = _head()
    panel = _panel(qtbot, document)
    drawn = _drawn(held, "ellipse", layer_uid="gone", layer_name="Synthetic T1")
    document.annotations.change(drawn.study_key, (), [drawn])
    qtbot.waitUntil(lambda: bool(panel.rows))
    assert panel.rows[drawn.uid].said[0] == "drawn on SYNTHETIC Synthetic T1, which is not open"
    # It comes back with another run of the model.
    document.add_layer(image_layer(held, uid="again"))
    qtbot.waitUntil(lambda: panel.rows[drawn.uid].said[0].startswith("SYNTHETIC "))


def test_the_list_is_that_of_the_selected_study(qtbot: QtBot) -> None:
    document, held = _head()
    other = opened_series("other", stack_of(ball()), patient=Patient("Bob", "P-2"))
    document.add_catalog(Catalog((other.study,)))
    document.open_series(other)
    mine, theirs = _drawn(held), _drawn(other)
    document.annotations.change(mine.study_key, (), [mine, theirs])
    panel = _panel(qtbot, document)
    document.select_series("other")
    qtbot.waitUntil(lambda: list(panel.rows) == [theirs.uid])
    document.select_series("ct")
    qtbot.waitUntil(lambda: list(panel.rows) == [mine.uid])


def test_rows_that_say_the_same_stay_and_long_names_do_not_widen_the_list(qtbot: QtBot) -> None:
    document, held = _head()
    panel = _panel(qtbot, document)
    first, second = _drawn(held, name="n" * 80), _drawn(held, "text", text="word " * 60)
    document.annotations.change(first.study_key, (), [first])
    qtbot.waitUntil(lambda: bool(panel.rows))
    row = panel.rows[first.uid]
    document.annotations.change(first.study_key, (), [second])
    qtbot.waitUntil(lambda: len(panel.rows) == 2)
    assert panel.rows[first.uid] is row
    assert panel.minimumSizeHint().width() < 300


@pytest.mark.parametrize(("key", "name"), [(Qt.Key.Key_Return, "Tumour"), (Qt.Key.Key_Escape, None)])
def test_a_row_is_renamed_by_f2_and_enter_and_not_with_esc(qtbot: QtBot, key: Qt.Key, name: str | None) -> None:
    document, held = _head()
    panel = _panel(qtbot, document)
    drawn = _drawn(held)
    document.annotations.change(drawn.study_key, (), [drawn])
    qtbot.waitUntil(lambda: bool(panel.rows))
    renamed: list[tuple[str, str]] = []
    panel.renamed.connect(lambda uid, text: renamed.append((uid, text)))
    QTest.keyClick(panel.rows[drawn.uid], Qt.Key.Key_F2)
    editor = panel.findChild(QLineEdit)
    assert editor is not None
    editor.setText("Tumour")
    QTest.keyClick(editor, key)
    assert renamed == ([] if name is None else [(drawn.uid, name)])


# -- in the window ---------------------------------------------------------------------------------------------------


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[MainWindow]:
    document = Document()
    made = MainWindow(document, Loader(document), Runs(document, "cpu"))
    qtbot.addWidget(made)
    made.resize(1280, 800)
    # Keys go to the active window alone.
    with qtbot.waitActive(made, timeout=20_000):
        made.show()
        made.activateWindow()
    yield made
    made.close()


def _open(window: MainWindow) -> OpenSeries:
    held = opened_series("ct", stack_of(ball()))
    window.document.add_catalog(Catalog((held.study,)))
    window.document.open_series(held)
    window.open_series("ct")
    return held


def _draw(window: MainWindow) -> Annotation:
    before = len(window.document.annotations.all)
    drag(window.grid.panes[0], 90, 60, start=QPointF(200, 200 + 40 * before))
    return window.document.annotations.all[-1]


in_window = pytest.mark.window


@in_window
def test_keys_take_tools_delete_and_leave(qtbot: QtBot, window: MainWindow) -> None:
    _open(window)
    grid = window.grid
    for key, tool in ((Qt.Key.Key_D, "distance"), (Qt.Key.Key_A, "angle"), (Qt.Key.Key_E, "ellipse")):
        QTest.keyClick(grid, key)
        assert grid.tool == tool
        assert window.actions_by_id[f"measure.{tool}"].isChecked()
    QTest.keyClick(grid, Qt.Key.Key_W)
    assert not window.actions_by_id["measure.ellipse"].isChecked()
    QTest.keyClick(grid, Qt.Key.Key_M)
    assert grid.tool == "ellipse"
    drawn = _draw(window)
    grid.panes[0].grab()
    QTest.keyClick(grid, Qt.Key.Key_Delete)
    assert not window.document.annotations.all
    QTest.keyClick(grid, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.document.annotations.all == (drawn,)
    # Esc leaves the choice, then the tool.
    window.document.annotations.select(drawn.uid)
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert window.document.annotations.selected is None
    assert grid.tool == "ellipse"
    QTest.keyClick(grid, Qt.Key.Key_Escape)
    assert grid.tool == "window"


@in_window
def test_letters_and_esc_belong_to_words_that_are_being_typed(qtbot: QtBot, window: MainWindow) -> None:
    _open(window)
    window.actions_by_id["measure.arrow"].trigger()
    drag(window.grid.panes[0], 90, 60, start=QPointF(200, 200))
    editor = window.grid.panes[0].findChild(QLineEdit)
    assert editor is not None
    QTest.keyClicks(editor, "Dawn")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    (drawn,) = window.document.annotations.all
    assert drawn.text == "Dawn"
    assert window.grid.tool == "arrow"
    qtbot.waitUntil(lambda: drawn.uid in window.measurements.rows)
    row = window.measurements.rows[drawn.uid]
    row.edit_name()
    name = row.findChild(QLineEdit)
    assert name is not None
    QTest.keyClicks(name, "Esc")
    QTest.keyClick(name, Qt.Key.Key_Escape)
    assert window.document.annotations.all == (drawn,)
    # Esc went to the name alone: tool and choice are as they were.
    assert window.grid.tool == "arrow"
    assert window.document.annotations.selected == drawn


@in_window
def test_delete_means_what_was_chosen_last(qtbot: QtBot, window: MainWindow) -> None:
    held = _open(window)
    heat, finding = heat_layer(held)
    window.document.add_layer(heat)
    window.document.set_findings(heat.uid, (finding,))
    window.actions_by_id["measure.distance"].trigger()
    drawn = _draw(window)
    window.document.select_finding(heat.uid, 1)
    QTest.keyClick(window.grid, Qt.Key.Key_Delete)
    assert window.document.verdict(heat.uid, finding) == "rejected"
    assert window.document.annotations.all == (drawn,)
    window.document.annotations.select(drawn.uid)
    window.grid.step(1)
    # Out of sight: nothing that cannot be seen is deleted.
    QTest.keyClick(window.grid, Qt.Key.Key_Delete)
    assert window.document.annotations.all == (drawn,)
    assert window.document.verdict(heat.uid, finding) == "open"


@in_window
@pytest.mark.parametrize("on_grid", [False, True])
def test_a_click_in_the_list_goes_to_the_slice(qtbot: QtBot, window: MainWindow, on_grid: bool) -> None:
    _open(window)
    if on_grid:
        window.actions_by_id["layout.mpr"].trigger()
    window.actions_by_id["measure.distance"].trigger()
    pane = window.grid.panes[1 if on_grid else 0]
    drag(pane, 80, 50, start=QPointF(120, 120))
    (drawn,) = window.document.annotations.all
    before = pane.slice_index()
    window.grid.set_layout_name("1x1")
    window.grid.go_first()
    window.document.annotations.select(None)
    qtbot.waitUntil(lambda: drawn.uid in window.measurements.rows)
    row = window.measurements.rows[drawn.uid]
    QTest.mouseClick(row, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert window.document.annotations.selected == drawn
    assert window.grid.layout_name == ("mpr" if on_grid else "1x1")
    assert window.grid.panes[1 if on_grid else 0].slice_index() == before


@in_window
def test_renaming_deleting_and_copying_from_the_list(qtbot: QtBot, window: MainWindow) -> None:
    _open(window)
    window.actions_by_id["measure.ellipse"].trigger()
    drawn = _draw(window)
    window.measurements.renamed.emit(drawn.uid, "Left putamen")
    assert window.document.annotations.all[0].name == "Left putamen"
    window.actions_by_id["measure.copy"].trigger()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("Left putamen: ")
    assert "HU" in copied
    assert "Phantom" not in copied
    assert copied.endswith("Research use only. Not for diagnosis.")
    qtbot.waitUntil(lambda: drawn.uid in window.measurements.rows)
    window.measurements.rows[drawn.uid].delete.click()
    assert not window.document.annotations.all
    window.document.undo()
    assert window.document.annotations.all[0].name == "Left putamen"


@in_window
def test_measurements_alone_can_be_exported(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    from medgan_viewer.ui.dialogs.export import ExportDialog

    window.open_paths([write_source(tmp_path / "ct")])
    qtbot.waitUntil(lambda: window.document.selected_series is not None, timeout=20_000)
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=20_000)
    assert not window.actions_by_id["file.export"].isEnabled()
    window.actions_by_id["measure.rectangle"].trigger()
    _draw(window)
    assert window.actions_by_id["file.export"].isEnabled()
    window.measurements.export_asked.emit()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    assert dialog.choices.measured.text() == "The measurement of this study"
    dialog.folder.setText(str(tmp_path / "out"))
    assert dialog.export.isEnabled()
    with qtbot.waitSignal(dialog.finished_writing, timeout=30_000) as written:
        dialog.export.click()
    assert written.args == [True]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["measurements.csv", "measurements.dcm"]
    dialog.choices.measured.setChecked(False)
    assert not dialog.export.isEnabled()
    dialog.close()


# -- on disk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def keep(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[Document], KeptAnnotations]]:
    made: list[tuple[KeptAnnotations, Background, QWidget]] = []

    def make(document: Document) -> KeptAnnotations:
        parent = QWidget()
        qtbot.addWidget(parent)
        background = Background("annotations", parent)
        kept = KeptAnnotations(document, background, parent)
        kept.folder = tmp_path / "annotations"
        made.append((kept, background, parent))
        document.add_catalog(Catalog())
        return kept

    yield make
    for kept, background, _ in made:
        background.close()
        kept.flush()


def test_what_was_drawn_is_there_again_when_the_study_is_opened(
    qtbot: QtBot, tmp_path: Path, keep: Callable[[Document], KeptAnnotations]
) -> None:
    document, held = _head()
    keep(document)
    drawn = _drawn(held, "text", text="größer")
    document.execute(EditAnnotations("Draw", (), (drawn,)))
    path = tmp_path / "annotations" / f"{study_key(held.study)}.json"
    qtbot.waitUntil(path.exists)
    assert "Phantom" not in path.read_text(encoding="utf-8") + path.name
    again = Document()
    keep(again)
    assert not again.annotations.all
    again.add_catalog(Catalog((held.study,)))
    assert again.annotations.all == (drawn,)
    assert again.undo_label is None
    again.execute(EditAnnotations("Delete", (drawn,), ()))
    qtbot.waitUntil(lambda: not path.exists())


def test_a_study_that_is_closed_keeps_its_file_and_what_was_drawn_last(
    qtbot: QtBot, tmp_path: Path, keep: Callable[[Document], KeptAnnotations]
) -> None:
    document, held = _head()
    kept = keep(document)
    drawn = _drawn(held)
    document.execute(EditAnnotations("Draw", (), (drawn,)))
    study = document.catalog.studies[0]
    kept.before_closing(study)
    document.close_study(study)
    path = tmp_path / "annotations" / f"{study_key(study)}.json"
    qtbot.waitUntil(path.exists)
    document.add_catalog(Catalog((held.study,)))
    assert document.annotations.all == (drawn,)


def test_key_images_of_originals_come_back_with_their_study(
    qtbot: QtBot, tmp_path: Path, keep: Callable[[Document], KeptAnnotations]
) -> None:
    document, held = _head()
    kept = keep(document)
    series = held.series
    path = tmp_path / "annotations" / f"{study_key(held.study)}.json"
    marks = (KeyImage(series.uid, 3), KeyImage(series.uid, 7))
    document.execute(SetKeyImages((), marks))
    kept.before_closing(held.study)
    document.close_study(held.study)
    assert document.key_images == ()
    qtbot.waitUntil(path.exists)
    again = Document()
    other = keep(again)
    # While a folder is read, the images come in parts.
    part = replace(series, instances=series.instances[1:5])
    again.add_catalog(Catalog((replace(held.study, series=(part,)),)))
    assert list(again.key_images) == [KeyImage(series.uid, 2)]
    other.flush()
    again.add_catalog(Catalog((held.study,)))
    assert list(again.key_images) == list(marks)
    other.flush()
    again.close_study(again.catalog.studies[0])
    again.add_catalog(Catalog((held.study,)))
    assert list(again.key_images) == list(marks)
    assert again.undo_label is None
    again.execute(SetKeyImages(marks, ()))
    qtbot.waitUntil(lambda: not path.exists())


def test_a_file_of_an_earlier_version_has_measurements_alone(
    tmp_path: Path, keep: Callable[[Document], KeptAnnotations]
) -> None:
    document, held = Document(), _head()[1]
    keep(document)
    drawn = _drawn(held)
    content = json.loads(to_json((drawn,)))
    del content["key_images"]
    path = tmp_path / "annotations" / f"{study_key(held.study)}.json"
    path.parent.mkdir()
    path.write_text(json.dumps(content), encoding="utf-8")
    document.add_catalog(Catalog((held.study,)))
    assert document.annotations.all == (drawn,)
    assert document.key_images == ()


def test_what_was_drawn_at_the_very_end_is_written_too(
    tmp_path: Path, qtbot: QtBot, keep: Callable[[Document], KeptAnnotations]
) -> None:
    document, held = _head()
    kept = keep(document)
    document.execute(EditAnnotations("Draw", (), (_drawn(held),)))
    kept.flush()
    assert (tmp_path / "annotations" / f"{study_key(held.study)}.json").exists()


@pytest.mark.parametrize(
    "damage",
    ["", "{", '{"schema": 99, "annotations": []}', "\x00\x01", '{"schema": 1, "annotations": [], "key_images": [7]}'],
)
def test_a_file_that_cannot_be_read_is_put_aside_and_said_so(
    qtbot: QtBot, tmp_path: Path, damage: str, keep: Callable[[Document], KeptAnnotations]
) -> None:
    document, held = Document(), _head()[1]
    kept = keep(document)
    said: list[str] = []
    kept.failed.connect(said.append)
    path = tmp_path / "annotations" / f"{study_key(held.study)}.json"
    path.parent.mkdir()
    path.write_text(damage, encoding="utf-8")
    document.add_catalog(Catalog((held.study,)))
    assert len(said) == 1
    assert path.with_suffix(".unreadable").read_text(encoding="utf-8") == damage
    assert not path.exists()
    assert document.annotations.all == ()


def test_a_full_disk_is_one_sentence_and_the_next_change_tries_again(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keep: Callable[[Document], KeptAnnotations]
) -> None:
    document, held = _head()
    kept = keep(document)
    said: list[str] = []
    kept.failed.connect(said.append)
    flush = atomic._flush

    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic, "_flush", full)
    document.execute(EditAnnotations("Draw", (), (_drawn(held),)))
    qtbot.waitUntil(lambda: len(said) == 1)
    assert "disk is full" in said[0]
    monkeypatch.setattr(atomic, "_flush", flush)
    second = _drawn(held, "ellipse")
    document.execute(EditAnnotations("Draw", (), (second,)))
    path = tmp_path / "annotations" / f"{study_key(held.study)}.json"
    qtbot.waitUntil(path.exists)
    assert len(said) == 1


def test_nothing_is_kept_without_a_folder(qtbot: QtBot, tmp_path: Path) -> None:
    document, held = _head()
    parent = QWidget()
    qtbot.addWidget(parent)
    background = Background("annotations", parent)
    kept = KeptAnnotations(document, background, parent)
    document.add_catalog(Catalog())
    document.execute(EditAnnotations("Draw", (), (_drawn(held),)))
    kept.flush()
    background.close()
    assert list(tmp_path.iterdir()) == []


def test_another_patient_s_copy_of_the_study_has_none_of_it(
    qtbot: QtBot, tmp_path: Path, keep: Callable[[Document], KeptAnnotations]
) -> None:
    document, held = _head()
    kept = keep(document)
    document.execute(EditAnnotations("Draw", (), (_drawn(held),)))
    kept.flush()
    other = Document()
    keep(other)
    other.add_catalog(Catalog((replace(held.study, patient=Patient("Bob", "P-2")),)))
    assert other.annotations.all == ()
