"""The window of surfaces: what it draws, what it follows, what it says, and that it draws no face."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QPushButton, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from medgan_viewer.core.commands import RemoveLayers
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import Code, LabelLayer, Provenance
from medgan_viewer.core.segment_editing import EditSegmentation, removal
from medgan_viewer.core.segment_shapes import Box
from medgan_viewer.core.surfaces import Surface, surface_of
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import MissingPartError
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.mark import place_marks
from medgan_viewer.ui.volume import window
from medgan_viewer.ui.volume.view import VolumeView
from medgan_viewer.ui.volume.window import VolumeWindow
from tests.ui.view_fixtures import document_with, label_layer, pixels

pytestmark = pytest.mark.window

ShowWindow = Callable[[Document], MainWindow]
NO_OPENGL = "Surfaces need OpenGL"


class Recorder:
    """In the place of what draws with OpenGL: remembers what it keeps, until the card is taken away."""

    def __init__(self) -> None:
        self.kept: dict[int, Surface] = {}
        self.closed = self.gone = False

    def put(self, key: int, surface: Surface) -> None:
        self._answer()
        self.kept[key] = surface

    def drop(self, key: int) -> None:
        self._answer()
        self.kept.pop(key, None)

    def picture(self, *_: object) -> None:
        """Nothing: these tests look at what is kept and at the words."""
        self._answer()

    def close(self) -> None:
        self._answer()
        self.closed = True

    def _answer(self) -> None:
        if self.gone:
            raise MissingPartError("OpenGL on this computer refuses to draw.")


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Let every computer draw, on a recorder."""
    made = Recorder()
    monkeypatch.setattr(window, "draws", lambda *_: True)
    monkeypatch.setattr(window, "SurfacePainter", lambda: made)
    return made


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    """Return a document with the segmentation "anatomy": Core (1) in Mantle (2)."""
    made = document_with(opened)
    made.add_layer(label_layer(opened))
    return made


@pytest.fixture
def show(document: Document, qtbot: QtBot) -> Iterator[Callable[..., VolumeWindow]]:
    """Return what opens the window on a segmentation and waits until it has done what it can."""
    opened: list[VolumeWindow] = []

    def opening(uid: str | None = "anatomy", *, wait: bool = True, **options: Any) -> VolumeWindow:
        made = VolumeWindow(document, DARK, **options)
        opened.append(made)
        made.choose(uid)
        with qtbot.waitExposed(made):
            made.show()
        if wait:
            at_rest(qtbot, made)
        return made

    yield opening
    for each in opened:
        if isValid(each):
            each.close()


def at_rest(qtbot: QtBot, shown: VolumeWindow) -> None:
    """Wait until nothing is to be made and every edit has been followed."""
    qtbot.waitUntil(lambda: shown.tried and not shown.following and not shown.maker.busy, timeout=60_000)


def anatomy(document: Document) -> LabelLayer:
    layer = document.layer("anatomy")
    assert isinstance(layer, LabelLayer)
    return layer


def with_segment(document: Document, label: int, **changes: object) -> None:
    """Change a segment, as the panel of layers and the editor do."""
    layer = anatomy(document)
    segments = tuple(replace(s, **changes) if s.label == label else s for s in layer.segments)  # type: ignore[arg-type]
    document.change_layer(layer.changed(segments=segments))


# -- what is drawn ---------------------------------------------------------------------------------------------------


def test_every_segment_becomes_a_surface_in_its_colour(show: Callable[..., VolumeWindow], recorder: Recorder) -> None:
    shown = show()
    assert set(recorder.kept) == {1, 2}
    assert shown.view.shown == ((1, "#ff0000"), (2, "#00ff00"))
    assert shown.view.message == ""


def test_surfaces_lie_where_the_voxels_lie(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder
) -> None:
    show()
    volume = anatomy(document).volume
    there = np.argwhere(volume.array == 2) @ volume.affine[:3, :3].T + volume.affine[:3, 3]
    points = recorder.kept[2].points
    spacing = np.array([2.0, 1.5, 3.0])
    assert (np.abs(points.min(axis=0) - there.min(axis=0)) < spacing).all()
    assert (np.abs(points.max(axis=0) - there.max(axis=0)) < spacing).all()


def test_without_opengl_a_sentence_stands_in_the_window(
    show: Callable[..., VolumeWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "draws", lambda *_: False)
    shown = show()
    assert shown.view.message.startswith(NO_OPENGL)
    assert shown.view.accessibleDescription() == shown.view.message
    assert not shown.view.surfaces
    shown.view.look_from("left")
    shown.view.grab()


def test_a_trial_that_fails_itself_counts_as_no_opengl(
    show: Callable[..., VolumeWindow], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bool:
        raise OSError("no more processes")

    monkeypatch.setattr(window, "draws", broken)
    assert show().view.message.startswith(NO_OPENGL)


def test_a_card_that_is_taken_away_leaves_a_sentence(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot
) -> None:
    shown = show()
    recorder.gone = True
    shown.view.look_from("left")
    shown.view.grab()
    assert shown.view.message.startswith("OpenGL stopped working")
    document.execute(EditSegmentation("anatomy", "Erase", removal(anatomy(document), 2)))
    at_rest(qtbot, shown)
    shown.close()


@pytest.mark.parametrize("at", ["a surface comes", "the window closes"])
def test_a_card_may_be_taken_away_at_any_time(
    at: str, document: Document, show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot
) -> None:
    shown = show()
    recorder.gone = True
    if at == "a surface comes":
        document.execute(EditSegmentation("anatomy", "Erase", removal(anatomy(document), 2)))
        at_rest(qtbot, shown)
        assert shown.view.message.startswith("OpenGL stopped working")
    shown.close()


def test_it_opens_wherever_it_is_opened(show: Callable[..., VolumeWindow]) -> None:
    """With the trial itself: surfaces where this computer draws them, else the sentence."""
    shown = show()
    red, green, blue = (pixels(shown.view.grab().toImage())[..., channel].astype(int) for channel in range(3))
    mantle = ((green > 60) & (green > 2 * red) & (green > 2 * blue)).sum()
    if shown.view.message:
        assert shown.view.message.startswith(NO_OPENGL)
        assert mantle == 0
    else:
        assert mantle > 5000
    assert mark_painted(shown)


def test_no_surface_is_made_of_what_shows_a_face(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder
) -> None:
    with_segment(document, 2, name="Skin")
    shown = show()
    assert set(recorder.kept) == {1}
    assert not shown.boxes[2].isEnabled()
    assert not shown.boxes[2].isChecked()
    assert "a face could be recognised: Skin." in shown.withheld.text()


def test_a_segment_that_gets_the_code_of_skin_goes(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder
) -> None:
    shown = show()
    with_segment(document, 2, code=Code("39937001", "SCT", "Skin structure"))
    assert [label for label, _ in shown.view.shown] == [1]
    assert not shown.withheld.isHidden()


# -- words -----------------------------------------------------------------------------------------------------------


def mark_painted(shown: VolumeWindow) -> bool:
    """Return whether something light stands where the mark belongs."""
    picture = pixels(shown.view.grab().toImage())
    places = place_marks(shown.view.rect().toRectF(), shown.view.mark)
    areas = [place.area.toRect() for place in places]
    return bool(areas) and all(
        picture[area.top() : area.bottom(), area.left() : area.right()].max() > 150 for area in areas
    )


def test_the_picture_carries_the_mark_of_the_model(show: Callable[..., VolumeWindow], recorder: Recorder) -> None:
    shown = show()
    assert shown.view.mark.results[0] == "AI overlay · Head anatomy · not for diagnosis"
    assert mark_painted(shown)


def test_the_mark_says_what_a_hand_did(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder
) -> None:
    shown = show()
    layer = anatomy(document)
    document.execute(EditSegmentation("anatomy", "Erase", removal(layer, 1)))
    assert "edited by hand" in shown.view.mark.results[0]
    drawn = Provenance.drawn("ct", datetime(2026, 11, 22, tzinfo=UTC))
    document.change_layer(anatomy(document).changed(provenance=drawn))
    assert shown.view.mark.results == ("Drawn by hand",)
    assert mark_painted(shown)


def test_a_simulated_patient_is_marked_as_one(opened: OpenSeries, qtbot: QtBot, recorder: Recorder) -> None:
    opened.series = replace(opened.series, simulated=True)
    opened.study = replace(opened.study, series=(opened.series,))
    document = document_with(opened)
    document.add_layer(label_layer(opened))
    shown = VolumeWindow(document, DARK)
    shown.choose(None)
    assert shown.view.mark.synthetic[0].startswith("SIMULATED PATIENT")
    shown.close()


def test_who_the_patient_is_can_be_hidden(show: Callable[..., VolumeWindow], recorder: Recorder) -> None:
    shown = show()
    assert shown.view.headings.top_left[0] == "Phantom, Ada"
    shown.set_patient_data_hidden(True)
    assert shown.view.headings.top_left == ("Patient 1 hidden",)
    assert "Hospital of the Test Suite" not in shown.view.headings.top_right
    assert show(patient_hidden=True).view.headings.top_left == ("Patient 1 hidden",)


def test_how_coarse_surfaces_are_is_said(show: Callable[..., VolumeWindow], recorder: Recorder) -> None:
    coarsest = max(surface.cell_mm for surface in show().view.surfaces.values())
    assert f"finer than {coarsest:.1f} mm" in show().coarse.text()


# -- following -------------------------------------------------------------------------------------------------------


def test_a_segment_that_is_hidden_elsewhere_goes_and_comes_back_at_once(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder
) -> None:
    shown = show()
    with_segment(document, 1, visible=False)
    assert [label for label, _ in shown.view.shown] == [2]
    assert not shown.boxes[1].isChecked()
    with_segment(document, 1, visible=True)
    assert not shown.maker.busy
    assert [label for label, _ in shown.view.shown] == [1, 2]


def test_a_segment_that_was_hidden_at_first_is_made_when_it_is_shown(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot
) -> None:
    with_segment(document, 1, visible=False)
    shown = show()
    assert set(recorder.kept) == {2}
    with_segment(document, 1, visible=True)
    at_rest(qtbot, shown)
    assert set(recorder.kept) == {1, 2}


def test_hiding_here_hides_in_the_panes_too_and_can_be_undone(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot
) -> None:
    shown = show()
    shown.boxes[2].click()
    assert [segment.visible for segment in anatomy(document).segments] == [True, False]
    assert document.undo_label == "Hide Mantle"
    document.undo()
    assert shown.boxes[2].isChecked()
    assert [label for label, _ in shown.view.shown] == [1, 2]


def test_another_colour_is_taken_over(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder
) -> None:
    shown = show()
    with_segment(document, 1, colour="#0072b2")
    assert shown.view.shown[0] == (1, "#0072b2")


def test_an_edit_is_followed_when_the_hand_rests(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot
) -> None:
    shown = show()
    before = recorder.kept[1]
    document.drawing = True
    document.execute(EditSegmentation("anatomy", "Erase", removal(anatomy(document), 2)))
    assert shown.following
    assert recorder.kept[1] is before
    document.drawing = False
    at_rest(qtbot, shown)
    assert set(recorder.kept) == {1}
    assert recorder.kept[1] is not before
    document.undo()
    at_rest(qtbot, shown)
    assert set(recorder.kept) == {1, 2}


def test_a_segmentation_that_is_still_being_computed_is_waited_for(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot
) -> None:
    layer = anatomy(document)
    layer.ready[3] = False
    shown = show()
    assert "when all slices" in shown.view.message
    assert not recorder.kept
    layer.ready[3] = True
    document.layer_slice_ready("anatomy", 3)
    at_rest(qtbot, shown)
    assert set(recorder.kept) == {1, 2}


def test_a_segmentation_that_is_removed_leaves_a_sentence_and_comes_back_with_undo(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot
) -> None:
    shown = show()
    document.execute(RemoveLayers((anatomy(document),)))
    assert not recorder.kept
    assert "No segmentation is open" in shown.view.message
    assert shown.view.headings.top_left == ()
    document.undo()
    at_rest(qtbot, shown)
    assert set(recorder.kept) == {1, 2}


def test_closing_the_study_takes_its_surfaces_and_its_patient_away(
    document: Document, opened: OpenSeries, show: Callable[..., VolumeWindow], recorder: Recorder
) -> None:
    shown = show()
    document.close_study(document.catalog.study_of("ct")[0])
    assert not recorder.kept
    assert shown.view.headings.top_left == ()
    assert not shown.choice.isEnabled()


def test_another_segmentation_can_be_chosen(
    document: Document, opened: OpenSeries, show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot
) -> None:
    document.add_layer(label_layer(opened, "second", name="Second"))
    shown = show("anatomy")
    first = recorder.kept[1]
    assert [shown.choice.itemText(n) for n in range(shown.choice.count())] == ["Anatomy", "Second"]
    shown.choice.setCurrentIndex(1)
    shown.choice.activated.emit(1)
    at_rest(qtbot, shown)
    assert shown.layer is not None
    assert shown.layer.uid == "second"
    assert recorder.kept[1] is not first


# -- making ----------------------------------------------------------------------------------------------------------


def held(monkeypatch: pytest.MonkeyPatch) -> tuple[threading.Event, threading.Event]:
    """Hold the first surface up; return what says that it was begun, and what lets it go on."""
    begun, go_on = threading.Event(), threading.Event()

    def waiting(volume: Volume, label: int, box: Box) -> Surface | None:
        begun.set()
        go_on.wait(60)
        return surface_of(volume, label, box)

    monkeypatch.setattr("medgan_viewer.ui.volume.making.surface_of", waiting)
    return begun, go_on


def test_making_can_be_cancelled_and_gone_on_with(
    show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = held(monkeypatch)
    shown = show(None, wait=False)
    qtbot.waitUntil(begun.is_set, timeout=60_000)
    shown.maker.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: shown.tried, timeout=60_000)
    assert "Cancelled" in shown.end.text()
    assert not shown.again.isHidden()
    shown.again.click()
    assert not shown.bar.isHidden()
    assert shown.words.accessibleName() == "Surface 1 of 2 · Core"
    assert shown.end.isHidden()
    at_rest(qtbot, shown)
    assert set(recorder.kept) == {1, 2}
    assert shown.bar.isHidden()
    assert shown.words.isHidden()


def test_a_surface_that_cannot_be_made_is_told_of(
    show: Callable[..., VolumeWindow], recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(volume: Volume, label: int, box: object) -> None:
        raise MemoryError

    monkeypatch.setattr("medgan_viewer.ui.volume.making.surface_of", broken)
    shown = show()
    assert "could not be made" in shown.end.text()
    assert not shown.again.isHidden()


def test_closing_while_surfaces_are_made_ends_it(
    show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = held(monkeypatch)
    shown = show(wait=False)
    qtbot.waitUntil(begun.is_set, timeout=60_000)
    go_on.set()
    shown.close()
    assert not shown.maker.busy
    assert not recorder.kept


def test_segments_without_voxels_are_no_fault(
    document: Document, show: Callable[..., VolumeWindow], recorder: Recorder
) -> None:
    layer = anatomy(document)
    document.execute(EditSegmentation("anatomy", "Erase", (*removal(layer, 1), *removal(layer, 2))))
    assert show().view.message == "The segments that are shown are empty."


# -- in the program --------------------------------------------------------------------------------------------------


def test_the_action_and_the_link_beside_a_segmentation_open_the_one_window(
    document: Document,
    show_window: ShowWindow,
    recorder: Recorder,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The look of the whole application would stay for other tests.
    monkeypatch.setattr("medgan_viewer.ui.main_window.apply_theme", lambda *_: None)
    program = show_window(document)
    assert program.surfaces.window is None
    program.actions_by_id["segment.surfaces"].trigger()
    shown = program.surfaces.window
    assert shown is not None
    at_rest(qtbot, shown)
    row = program.layers.row("anatomy")
    assert row is not None
    link = next(each for each in row.findChildren(QPushButton) if each.text() == "3D")
    qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert program.surfaces.window is shown
    assert set(recorder.kept) == {1, 2}
    program.set_patient_hidden(True)
    assert shown.view.headings.top_left == ("Patient 1 hidden",)
    program.set_light(True)
    program.set_light(False)
    shown.close()
    assert recorder.closed
    assert program.surfaces.window is None


def test_every_control_of_the_window_has_a_name(show: Callable[..., VolumeWindow], recorder: Recorder) -> None:
    shown = show()
    controls = [one for one in shown.findChildren(QWidget) if isinstance(one, (QAbstractButton, QComboBox, VolumeView))]
    assert len(controls) >= 11
    for control in controls:
        interface = QAccessible.queryAccessibleInterface(control)
        assert interface is not None
        assert interface.text(QAccessible.Text.Name).strip(), control


def test_keys_turn_and_zoom_and_go_back(show: Callable[..., VolumeWindow], recorder: Recorder, qtbot: QtBot) -> None:
    view = show().view
    fitted = view.camera
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Plus):
        before = view.camera
        QTest.keyClick(view, key)
        assert view.camera is not before
    assert (view.camera.azimuth, view.camera.elevation) == (5.0, 5.0)
    assert view.camera.scale > fitted.scale
    QTest.keyClick(view, Qt.Key.Key_Space)
    assert (view.camera.azimuth, view.camera.elevation, view.camera.scale) == (0.0, 0.0, fitted.scale)


def test_the_window_closes_with_the_program(document: Document, show_window: ShowWindow, recorder: Recorder) -> None:
    program = show_window(document)
    program.surfaces.show("anatomy")
    program.close()
    assert program.surfaces.window is None


def test_nothing_of_it_is_imported_before_it_is_opened() -> None:
    code = "import sys, medgan_viewer.ui.main_window; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "medgan_viewer.ui.volume.opening" in loaded
    assert not loaded & {"PySide6.QtOpenGL", "medgan_viewer.ui.volume.window", "medgan_viewer.core.surfaces", "scipy"}
