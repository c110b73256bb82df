"""The export dialog writes what is on screen, and nothing holds the window up."""

import csv
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from medgan_viewer.core import rendering
from medgan_viewer.core.commands import SetVerdict
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.layers import HeatLayer
from medgan_viewer.core.measure.book import EditAnnotations
from medgan_viewer.errors import WriteError
from medgan_viewer.ui.dialogs import export, export_writing
from medgan_viewer.ui.dialogs.export import ExportDialog, ExportPlan
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.slices import ViewKind
from tests.core.annotations import figure
from tests.dicom.export_builder import label_layer, opened, write_source
from tests.ui import view_fixtures as fixtures

NO_SLICE, ON_SCREEN, ABOVE_THRESHOLD = range(3)


class Desk:
    """A window with a grid that shows one series, and the dialog beside it."""

    def __init__(self, qtbot: QtBot, *further: OpenSeries, kind: ViewKind = "stack") -> None:
        # Not DICOM, so that pictures can be written without files to take the patient from.
        self.opened = fixtures.opened_series("ct", fixtures.stack_of(fixtures.ball()), format="nifti")
        self.document = fixtures.document_with(self.opened, *further)
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.grid = ViewGrid(self.document, DARK, self.window)
        QVBoxLayout(self.window).addWidget(self.grid)
        self.window.resize(800, 600)
        self.window.show()
        qtbot.waitExposed(self.window)
        if kind != "stack":
            self.grid.set_layout_name("mpr")
        self.grid.show_series("ct")
        self.document.select_series("ct")
        self._dialogs: list[ExportDialog] = []

    def dialog(self, folder: Path | None = None) -> ExportDialog:
        """Open the dialog."""
        made = ExportDialog(self.document, self.grid, self.window)
        self._dialogs.append(made)
        made.folder.setText(str(folder or "somewhere"))
        made.show()
        return made

    def close(self) -> None:
        """Close every dialog that is still there."""
        for dialog in self._dialogs:
            if isValid(dialog):
                dialog.close()


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    yield made
    made.close()


def _plan(dialog: ExportDialog) -> ExportPlan:
    plan = dialog.plan()
    assert plan is not None
    return plan


def _written(qtbot: QtBot, dialog: ExportDialog, folder: Path) -> list[NDArray[np.uint8]]:
    """Export pictures alone and return them."""
    for box in dialog.choices.layer_boxes.values():
        box.setChecked(False)
    with qtbot.waitSignal(dialog.finished_writing, timeout=30_000) as finished:
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert finished.args == [True], dialog.message.text()
    return [fixtures.pixels(QImage(str(path))) for path in sorted(folder.glob("*.png"))]


def _coloured(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    return int((picture == np.array(colour, np.uint8)).all(axis=2).sum())


def test_a_synthetic_image_on_screen_is_exported_also_after_its_display_was_changed(desk: Desk) -> None:
    layer = fixtures.image_layer(desk.opened)
    desk.document.add_layer(layer)
    desk.grid.show_layer(layer.uid, desk.grid.active_pane)
    dialog = desk.dialog()
    dialog.choices.choose_slices(ON_SCREEN)
    changed = layer.changed(opacity=0.2)
    desk.document.change_layer(changed)
    plan = _plan(dialog)
    assert plan.base is changed
    assert plan.objects == (changed,)
    assert plan.window == desk.document.window(layer.uid)
    assert "Synthetic T1 in place of the original" in dialog.choices.choice(ON_SCREEN).text()


def test_thresholds_visibility_and_results_are_those_of_the_moment_of_export(desk: Desk) -> None:
    heat, _ = fixtures.heat_layer(desk.opened)
    anatomy = fixtures.label_layer(desk.opened)
    for layer in (heat, anatomy):
        desk.document.add_layer(layer)
    desk.grid.set_overlay_visible(True)
    dialog = desk.dialog()
    dialog.choices.choose_slices(ABOVE_THRESHOLD)
    desk.document.change_layer(heat.changed(threshold=0.7))
    desk.document.change_layer(anatomy.changed(visible=False))
    plan = _plan(dialog)
    assert isinstance(plan.above, HeatLayer)
    assert plan.above.threshold == 0.7
    assert [layer.name for layer in plan.drawn] == ["Anomaly"]
    assert "(0.70)" in dialog.choices.choice(ABOVE_THRESHOLD).text()
    desk.document.remove_layer("anatomy")
    desk.document.add_layer(fixtures.image_layer(desk.opened))
    assert set(dialog.choices.layer_boxes) == {"heat", "t1"}
    assert {layer.uid for layer in _plan(dialog).objects} == {"heat", "t1"}


def test_a_written_picture_shows_the_verdict_also_where_the_findings_are_not_written(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    heat, finding = fixtures.heat_layer(desk.opened)
    desk.document.add_layer(heat)
    desk.document.set_findings(heat.uid, (finding,))
    desk.grid.set_overlay_visible(True)
    dialog = desk.dialog(tmp_path / "open")
    dialog.choices.choose_slices(ON_SCREEN)
    dialog.choices.finding_boxes[heat.uid].setChecked(False)
    assert [one.findings for one in _plan(dialog).pictured] == [(finding,)]
    (unjudged,) = _written(qtbot, dialog, tmp_path / "open")
    desk.document.execute(SetVerdict(heat.uid, finding, "rejected"))
    dialog.folder.setText(str(tmp_path / "rejected"))
    (rejected,) = _written(qtbot, dialog, tmp_path / "rejected")
    grey, amber = (170, 170, 170), (242, 193, 78)
    assert _coloured(rejected, grey) > _coloured(unjudged, grey) + 100
    assert _coloured(unjudged, amber) > _coloured(rejected, amber) + 100


def test_the_acquired_slice_on_screen_is_named_and_followed(desk: Desk) -> None:
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    dialog.choices.choose_slices(ON_SCREEN)
    assert dialog.choices.choice(ON_SCREEN).text() == "Slice 11 of 20, with nothing drawn on it"
    desk.grid.set_overlay_visible(True)
    desk.grid.step(3)
    assert dialog.choices.choice(ON_SCREEN).text() == "Slice 14 of 20, with the results that are visible drawn on it"
    assert dialog.choices.explanation(ON_SCREEN) == "Drawn on it: Anatomy."
    assert _plan(dialog).slices == (13,)


def test_the_window_that_the_pane_has_for_itself_is_the_one_that_is_written(desk: Desk, tmp_path: Path) -> None:
    scene = desk.grid.active_pane.scene
    assert scene is not None
    # As a hanging protocol does where one series hangs in several windows.
    scene.own_window = Window(2500, 480)
    dialog = desk.dialog(tmp_path)
    dialog.choices.choose_slices(ON_SCREEN)
    assert desk.document.window("ct") != Window(2500, 480)
    assert _plan(dialog).window == Window(2500, 480)
    dialog.choices.paper.report.setChecked(True)
    order = _plan(dialog).report
    assert order is not None
    assert order.parts[0].chosen.window == Window(2500, 480)


def _png(dialog: ExportDialog) -> QImage:
    """Write what is chosen and return the one PNG of it."""
    paths, _ = export_writing.write(_plan(dialog))
    (picture,) = [path for path in paths if path.suffix == ".png"]
    return QImage(str(picture))


def test_what_is_drawn_on_the_slice_is_in_its_picture_but_nothing_typed_in_a_png(desk: Desk, tmp_path: Path) -> None:
    dialog = desk.dialog(tmp_path)
    dialog.choices.choose_slices(ON_SCREEN)
    bare = _png(dialog)
    plane = desk.opened.stack.plane(10)
    arrow = figure("arrow", plane, [(20.0, 20.0), (30.0, 30.0)], desk.opened, text="Mrs Q")
    desk.document.execute(EditAnnotations("Draw", (), (arrow,)))
    assert dialog.choices.choice(ON_SCREEN).text() == "Slice 11 of 20, with one figure drawn on it"
    drawn = _png(dialog)
    desk.document.execute(EditAnnotations("Write", (arrow,), (replace(arrow, text="Somebody else"),)))
    other = _png(dialog)
    assert bare != drawn
    assert drawn == other


def test_a_plane_cut_through_the_volume_is_not_exported_as_an_acquired_slice(qtbot: QtBot) -> None:
    desk = Desk(qtbot, kind="coronal")
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    dialog.choices.choose_slices(ON_SCREEN)
    # The axial pane of an even series shows its acquired slices.
    pane = desk.grid.active_pane
    content = pane.content
    assert content is not None
    assert content.orientation == "axial"
    assert dialog.export.isEnabled()
    (index,) = _plan(dialog).slices
    assert pane.scene is not None
    assert pane.scene.plane is not None
    assert pane.scene.plane.origin[2] == pytest.approx(desk.opened.stack.origins[index][2])
    QTest.mouseClick(desk.grid.panes[1], Qt.MouseButton.LeftButton)
    assert not dialog.choices.choice(ON_SCREEN).isEnabled()
    assert "coronal plane" in dialog.choices.explanation(ON_SCREEN)
    # Chosen before and impossible now: said, never left out in silence.
    assert not dialog.export.isEnabled()
    dialog.choices.choose_slices(NO_SLICE)
    assert dialog.export.isEnabled()
    desk.close()


@pytest.mark.parametrize(("made_up", "word"), [({"simulated": True}, "simulated"), ({"synthetic": True}, "synthetic")])
def test_a_slice_that_was_never_acquired_is_said_to_be_made_up(
    qtbot: QtBot, made_up: dict[str, Any], word: str
) -> None:
    desk = Desk(qtbot)
    held = fixtures.opened_series("made-up", fixtures.stack_of(fixtures.ball()), **made_up)
    desk.document.open_series(held)
    desk.document.add_catalog(fixtures.document_with(held).catalog)
    desk.grid.show_series("made-up")
    desk.document.select_series("made-up")
    dialog = desk.dialog()
    assert dialog.choices.choice(ON_SCREEN).text().startswith(f"Slice 11 of 20 ({word})")
    desk.close()


@pytest.mark.parametrize("corner", ["topLeft", "bottomRight"])
def test_the_dialog_is_whole_on_the_screen_and_stays_so_when_its_words_grow(
    qtbot: QtBot, desk: Desk, corner: str
) -> None:
    room = desk.window.screen().availableGeometry()
    desk.window.move(getattr(room, corner)() - desk.window.rect().center())
    dialog = desk.dialog()
    qtbot.waitExposed(dialog)
    assert room.contains(dialog.frameGeometry())
    long = "Synthetic T1 of a model with a name that is far longer than all the words beside it in two columns"
    desk.document.add_layer(fixtures.image_layer(desk.opened, name=long))
    assert dialog.width() >= dialog.choices.minimumSizeHint().width()
    assert room.contains(dialog.frameGeometry())


def test_the_dialog_stands_over_the_middle_of_its_window(qtbot: QtBot, desk: Desk) -> None:
    room = desk.window.screen().availableGeometry()
    desk.window.move(room.center() - desk.window.rect().center())
    dialog = desk.dialog()
    qtbot.waitExposed(dialog)
    off = dialog.geometry().center() - desk.window.geometry().center()
    # But for the frame, which may be higher at the top than elsewhere.
    frame = dialog.frameGeometry().height() - dialog.height()
    assert max(abs(off.x()), abs(off.y())) <= 1 + frame


def test_planes_of_a_resampled_grid_are_not_acquired_slices(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    origins = np.array([[0.0, 0.0, z] for z in (0, 3, 6, 10, 14, 18)])
    uneven = fixtures.opened_series("uneven", fixtures.stack_of(np.zeros((6, 20, 20), np.int16), origins=origins))
    assert not uneven.stack.is_regular
    desk.document.open_series(uneven)
    desk.document.add_catalog(fixtures.document_with(uneven).catalog)
    desk.document.add_layer(fixtures.image_layer(uneven))
    desk.grid.set_layout_name("mpr")
    desk.grid.show_series("uneven")
    dialog = desk.dialog()
    assert not dialog.choices.choice(ON_SCREEN).isEnabled()
    assert "axial plane cut through the volume" in dialog.choices.explanation(ON_SCREEN)
    desk.close()


def test_with_the_overlay_off_nothing_is_drawn_and_with_it_on_what_is_visible(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog(tmp_path / "off")
    dialog.choices.choose_slices(ON_SCREEN)
    (plain,) = _written(qtbot, dialog, tmp_path / "off")
    assert _coloured(plain, (255, 0, 0)) == 0
    desk.grid.set_overlay_visible(True)
    dialog.folder.setText(str(tmp_path / "on"))
    (drawn,) = _written(qtbot, dialog, tmp_path / "on")
    assert _coloured(drawn, (255, 0, 0)) > 100


def test_a_synthetic_image_blended_over_the_original_is_blended_in_the_picture(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    layer = fixtures.image_layer(desk.opened, value=1000, opacity=0.5)
    desk.document.add_layer(layer)
    desk.grid.set_overlay_visible(True)
    dialog = desk.dialog(tmp_path)
    dialog.choices.choose_slices(ON_SCREEN)
    assert [one.uid for one in _plan(dialog).drawn] == ["t1"]
    (picture,) = _written(qtbot, dialog, tmp_path)
    # Air is black (0) in the original and white (255) in the image over it: half of each.
    assert picture[-40, picture.shape[1] // 2].tolist() == [128, 128, 128]
    assert next(path.name for path in tmp_path.glob("*.png")).startswith("synthetic")


def test_results_made_from_another_series_are_named_as_not_drawn(qtbot: QtBot) -> None:
    flair = fixtures.opened_series("flair", fixtures.stack_of(fixtures.ball(), modality="MR"))
    desk = Desk(qtbot, flair)
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    desk.document.add_layer(fixtures.heat_layer(flair)[0])
    desk.grid.set_overlay_visible(True)
    dialog = desk.dialog()
    dialog.choices.choose_slices(ON_SCREEN)
    said = dialog.choices.explanation(ON_SCREEN)
    assert said == "Drawn on it: Anatomy. Made from another series, not drawn: Anomaly."
    assert [layer.uid for layer in _plan(dialog).drawn] == ["anatomy"]
    desk.close()


def test_slices_above_a_threshold_are_found_in_the_background(
    qtbot: QtBot, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heat, _ = fixtures.heat_layer(desk.opened)
    desk.document.add_layer(heat)
    threads: list[threading.Thread] = []
    find = rendering.slices_above_threshold

    def watched(*arguments: object) -> list[int]:
        threads.append(threading.current_thread())
        return find(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(rendering, "slices_above_threshold", watched)
    dialog = desk.dialog(tmp_path)
    dialog.choices.choose_slices(ABOVE_THRESHOLD)
    # The hot box has five slices.
    assert len(_written(qtbot, dialog, tmp_path)) == 5
    assert threads
    assert threading.main_thread() not in threads
    desk.document.change_layer(heat.changed(threshold=0.95))
    assert len(_written(qtbot, dialog, tmp_path)) == 5
    assert "Nothing was written. Anomaly reaches its threshold on no slice." in dialog.message.text()


def test_findings_are_offered_with_their_verdicts_and_written_beside_the_pictures(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    heat, finding = fixtures.heat_layer(desk.opened)
    desk.document.add_layer(heat)
    dialog = desk.dialog(tmp_path)
    assert dialog.choices.finding_boxes == {}
    desk.document.set_findings("heat", (finding,))
    box = dialog.choices.finding_boxes["heat"]
    assert box.text() == "Anomaly: 1 finding, none judged yet"
    assert not box.isChecked()
    desk.document.execute(SetVerdict("heat", finding, "accepted"))
    assert box.text() == "Anomaly: 1 finding, 1 accepted"
    box.setChecked(True)
    for results in dialog.choices.layer_boxes.values():
        results.setChecked(False)
    assert dialog.export.isEnabled()
    with qtbot.waitSignal(dialog.finished_writing, timeout=30_000) as finished:
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert finished.args == [True], dialog.message.text()
    assert "Wrote 2 files" in dialog.message.text()
    (table,) = tmp_path.glob("*_findings.csv")
    with table.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    # Identity goes, as it does unless somebody wants it to stay.
    assert row["verdict"] == "accepted"
    assert row["series_instance_uid"].startswith("2.25.")
    assert int(row["slice"]) == finding.index[0] + 1
    assert len(list(tmp_path.glob("*_findings.json"))) == 1


def test_findings_that_were_judged_are_chosen_at_first(desk: Desk) -> None:
    heat, finding = fixtures.heat_layer(desk.opened)
    desk.document.add_layer(heat)
    desk.document.set_findings("heat", (finding,))
    desk.document.execute(SetVerdict("heat", finding, "rejected"))
    dialog = desk.dialog()
    assert dialog.choices.finding_boxes["heat"].isChecked()
    (reading,) = _plan(dialog).readings
    assert (reading.layer, reading.findings) == (heat, (finding,))
    assert [said.verdict for said in reading.judgements] == ["rejected"]
    desk.document.remove_layer("heat")
    assert dialog.choices.finding_boxes == {}


def test_nothing_can_be_exported_once_the_study_is_closed_or_nothing_is_chosen(desk: Desk) -> None:
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    assert dialog.export.isEnabled()
    dialog.choices.layer_boxes["anatomy"].setChecked(False)
    assert not dialog.export.isEnabled()
    dialog.choices.choose_slices(ON_SCREEN)
    assert dialog.export.isEnabled()
    desk.document.close_study(desk.document.catalog.studies[0])
    assert not dialog.export.isEnabled()
    assert dialog.plan() is None


class Disk:
    """Writing that takes until it is let go."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun, self.go_on, self.error = threading.Event(), threading.Event(), error
        self.whole = False

    def write(self, plan: ExportPlan) -> tuple[list[Path], list[str]]:
        """Write as slowly as asked for."""
        self.begun.set()
        assert self.go_on.wait(30)
        if self.error is not None:
            raise self.error
        self.whole = True
        assert plan.folder is not None
        return [plan.folder / "one.dcm"], []


@dataclass(frozen=True)
class Referred:
    """What results refer to, without a file behind it."""

    further: tuple[Any, ...] = ()
    clean: Any = None


def test_a_result_made_from_several_series_is_filed_with_all_of_them(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(qtbot, fixtures.opened_series("mr", fixtures.stack_of(fixtures.ball())))
    alone = fixtures.label_layer(desk.opened)
    both = replace(alone.provenance, source_series_uids=("ct", "mr"))
    desk.document.add_layer(alone)
    desk.document.add_layer(alone.changed(uid="both", provenance=both))
    written: list[tuple[str, list[str]]] = []

    def write(layer: Any, source: Any, *_: Any, **__: Any) -> tuple[Path, ...]:
        written.append((layer.uid, [series.uid for series in source.further]))
        return ()

    monkeypatch.setattr("medgan_viewer.dicom.export._writer", lambda layer: SimpleNamespace(write=write))
    monkeypatch.setattr("medgan_viewer.dicom.export.provenance.source_of", lambda series, stack: Referred())
    export.write(_plan(desk.dialog(tmp_path)))
    assert written == [(alone.uid, []), ("both", ["mr"])]
    desk.close()


def _by_escape(dialog: ExportDialog) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


def _by_the_frame(dialog: ExportDialog) -> None:
    dialog.close()


@pytest.mark.parametrize("leave", [_by_escape, _by_the_frame])
def test_a_dialog_closed_while_writing_goes_at_once_and_is_freed_when_all_is_written(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch, leave: Callable[[ExportDialog], None]
) -> None:
    disk = Disk()
    monkeypatch.setattr(export, "write", disk.write)
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(disk.begun.is_set)
    leave(dialog)
    assert not dialog.isVisible()
    assert not disk.whole
    disk.go_on.set()
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=10_000)
    assert disk.whole


@pytest.mark.parametrize("leave", [_by_escape, _by_the_frame])
def test_an_idle_dialog_is_freed_when_it_is_closed(
    qtbot: QtBot, desk: Desk, leave: Callable[[ExportDialog], None]
) -> None:
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    leave(dialog)
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=10_000)
    # Nobody listens to the document for it any more.
    desk.document.add_layer(fixtures.image_layer(desk.opened))


def test_a_closed_dialog_comes_back_where_something_could_not_be_written(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(WriteError("somewhere", "cannot be written: the disk is full."))
    monkeypatch.setattr(export, "write", disk.write)
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(disk.begun.is_set)
    dialog.close()
    disk.go_on.set()
    qtbot.waitUntil(dialog.isVisible, timeout=10_000)
    assert "the disk is full" in dialog.message.text()
    dialog.close()
    qtbot.waitUntil(lambda: not isValid(dialog), timeout=10_000)


def test_an_unexpected_error_is_logged_by_its_kind_and_without_its_words(
    qtbot: QtBot, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    disk = Disk(ZeroDivisionError("/studies/Doe^Jane/1.dcm"))
    disk.go_on.set()
    monkeypatch.setattr(export, "write", disk.write)
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    with caplog.at_level(logging.ERROR), qtbot.waitSignal(dialog.finished_writing, timeout=10_000) as finished:
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert finished.args == [False]
    assert "ZeroDivisionError" in caplog.text
    assert "Doe" not in caplog.text
    assert "Doe" not in dialog.message.text()
    assert "went wrong" in dialog.message.text()


def test_a_slice_of_which_the_synthetic_image_is_not_computed_cannot_be_chosen(desk: Desk) -> None:
    layer = replace(fixtures.image_layer(desk.opened), ready=np.zeros(20, bool))
    desk.document.add_layer(layer)
    desk.grid.show_layer(layer.uid, desk.grid.active_pane)
    dialog = desk.dialog()
    assert not dialog.choices.choice(ON_SCREEN).isEnabled()
    assert dialog.choices.explanation(ON_SCREEN) == "Synthetic T1 is not computed on the slice on screen."
    layer.ready[10] = True
    desk.document.layer_slice_ready(layer.uid, 10)
    assert dialog.choices.choice(ON_SCREEN).isEnabled()


def test_identity_goes_unless_the_tick_is_taken_away_and_stays_one_secret_for_the_session(desk: Desk) -> None:
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    assert dialog.identity.tick.isChecked()
    secret = _plan(dialog).secret
    assert secret is not None
    assert _plan(dialog).secret == secret
    assert not dialog.identity.what_goes.isHidden()
    dialog.identity.tick.setChecked(False)
    assert _plan(dialog).secret is None
    assert dialog.identity.what_goes.isHidden()


def test_what_goes_is_listed_without_a_value(qtbot: QtBot, tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source", modality="MR"))
    study = replace(fixtures.opened_series("mr", stack).study, series=(series,))
    desk = Desk(qtbot, OpenSeries(study, series, stack, np.ones(len(stack), dtype=bool)))
    desk.document.add_layer(label_layer(series, stack))
    desk.document.select_series(series.uid)
    dialog = desk.dialog(tmp_path / "out")
    QTest.mouseClick(dialog.identity.what_goes, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.identity.listed), timeout=30_000)
    assert "PatientBirthDate: emptied; " in dialog.identity.listed
    assert "AccessionNumber: emptied" in dialog.identity.listed
    assert "1950" not in dialog.identity.listed
    with qtbot.waitSignal(dialog.finished_writing, timeout=30_000):
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    (path,) = (tmp_path / "out").glob("*.dcm")
    assert b"P-17" not in path.read_bytes()
    assert pydicom.dcmread(path).PatientIdentityRemoved == "YES"
    desk.close()


def test_the_choices_stay_where_they_are_while_it_writes_and_when_it_says_how_it_ended(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    desk.document.add_layer(fixtures.heat_layer(desk.opened)[0])
    dialog = desk.dialog(tmp_path / "out")
    dialog.show()
    qtbot.waitExposed(dialog)
    qtbot.waitUntil(lambda: dialog.export.isEnabled())

    def places() -> list[QRect]:
        QCoreApplication.sendPostedEvents()
        return [dialog.geometry(), dialog.choices.geometry(), *(box.geometry() for box in boxes)]

    boxes = [*dialog.choices.layer_boxes.values(), dialog.choices.choice(1), dialog.export]
    before = places()
    with qtbot.waitSignal(dialog.finished_writing, timeout=20_000):
        dialog.export.click()
        assert places() == before
    assert dialog.message.text()
    assert places() == before
