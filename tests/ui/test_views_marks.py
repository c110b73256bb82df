"""Every pane that shows synthetic pixels carries the mark: in every layout, at every size, in every capture."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document
from medgan_viewer.ui.theme import DARK, LIGHT, Theme
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.mark import mark_for, place_marks
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Shown
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


@pytest.fixture
def document() -> Document:
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    held = scans.document_with(opened)
    held.add_layer(scans.image_layer(opened))
    return held


def _violet(image: QImage, theme: Theme = DARK) -> NDArray[np.bool_]:
    colour = QColor(theme.synthetic)
    wanted = np.array([colour.red(), colour.green(), colour.blue()])
    return np.asarray(np.abs(scans.pixels(image).astype(int) - wanted).max(axis=2) <= 2)


def is_marked(pane: Pane, theme: Theme = DARK) -> bool:
    """Whether a capture of a pane has a whole violet border and a filled violet label at the bottom centre."""
    image = pane.capture()
    violet = _violet(image, theme)
    inset = 3 if pane.warned else 1
    border = [violet[inset, inset:-inset], violet[-1 - inset, inset:-inset]]
    border += [violet[inset:-inset, inset], violet[inset:-inset, -1 - inset]]
    if not all(edge.all() for edge in border) or len(pane.mark_places) == 0:
        return False
    ratio = image.devicePixelRatio()
    label = pane.mark_places[0]
    left, top = round(label.left() * ratio), round(label.top() * ratio)
    right, bottom = round(label.right() * ratio), round(label.bottom() * ratio)
    inside = violet[top + 1 : bottom - 1, left + 2 : right - 2]
    centred = abs(label.center().x() - pane.width() / 2) <= 1
    low = label.center().y() > pane.height() / 2
    within = left >= 0 and right <= image.width() and top >= 0 and bottom <= image.height()
    # Filled, with letters in it.
    return bool(centred and low and within and inside.size and 0.25 < inside.mean() < 1)


def is_unmarked(pane: Pane) -> bool:
    """Whether nothing violet is in a pane."""
    return not _violet(pane.capture()).any()


@pytest.mark.parametrize("layout", ["1x1", "1x2", "1x3", "2x2", "3x3", "mpr"])
def test_a_synthetic_image_is_marked_in_every_layout(qtbot: QtBot, document: Document, layout: str) -> None:
    grid = scans.shown_grid(qtbot, document, layout)
    grid.show_series("ct")
    grid.show_layer("t1")
    shown = [pane for pane in grid.visible_panes if pane.content is not None and pane.content.layer_uid == "t1"]
    assert shown
    assert all(is_marked(pane) for pane in shown)
    others = [pane for pane in grid.visible_panes if pane not in shown]
    assert all(is_unmarked(pane) for pane in others)


def test_a_synthetic_image_is_marked_in_every_plane_of_mpr(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    grid.set_layout_name("mpr")
    assert all(is_marked(pane) for pane in grid.panes[:3])


@pytest.mark.parametrize("overlay", [False, True])
@pytest.mark.parametrize("swipe", [False, True])
@pytest.mark.parametrize("revealed", [False, True])
def test_an_original_is_marked_as_long_as_synthetic_pixels_lie_on_it(
    qtbot: QtBot, document: Document, overlay: bool, swipe: bool, revealed: bool
) -> None:
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct")
    grid.show_layer("t1")
    grid.set_overlay_visible(overlay)
    grid.set_swipe(swipe)
    grid.set_revealed(revealed)
    source, synthetic = grid.panes[:2]
    assert (is_marked if (overlay or swipe) and not revealed else is_unmarked)(source)
    assert (is_unmarked if revealed else is_marked)(synthetic)


@pytest.mark.parametrize("size", [(60, 60), (90, 70), (120, 60), (60, 300), (160, 120), (300, 220), (700, 90)])
def test_the_label_shrinks_in_a_small_pane_and_never_disappears(
    qtbot: QtBot, document: Document, size: tuple[int, int]
) -> None:
    pane = scans.pane_showing(qtbot, document, Shown("ct", "t1"), size)
    assert is_marked(pane)


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_the_mark_is_as_large_on_a_screen_of_higher_resolution(qtbot: QtBot, document: Document, ratio: float) -> None:
    pane = scans.pane_showing(qtbot, document, Shown("ct", "t1"), (300, 220))
    image = QImage(round(300 * ratio), round(220 * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    pane.render(image)
    assert _violet(image).sum() / ratio**2 == pytest.approx(2 * 2 * (300 + 220) + 3000, rel=0.25)


def test_neither_hiding_patient_data_nor_the_look_nor_maximising_removes_the_mark(
    qtbot: QtBot, document: Document
) -> None:
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series("ct")
    grid.show_layer("t1")
    pane = grid.panes[1]
    grid.set_patient_data_hidden(True)
    assert is_marked(pane)
    pane.maximise_asked.emit()
    qtbot.waitUntil(lambda: pane.width() > 700)
    assert is_marked(pane)
    grid.set_theme(LIGHT)
    assert is_marked(pane, LIGHT)


def test_zooming_and_panning_far_leave_the_mark(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    camera = grid.panes[0].mapping()
    assert camera is not None
    grid.panes[0].camera_asked.emit(camera.camera.zoomed(30).moved(10, 10))
    assert is_marked(grid.panes[0])


def test_a_slice_that_is_not_computed_yet_is_marked_and_says_so(qtbot: QtBot, document: Document) -> None:
    opened = document.opened("ct")
    assert opened is not None
    ready = np.zeros(20, bool)
    document.add_layer(scans.image_layer(opened, "t2", ready=ready))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t2", grid.panes[0])
    assert is_marked(grid.panes[0])
    assert grid.panes[0].message() == "not computed yet"
    ready[10] = True
    document.layer_slice_ready("t2", 10)
    assert grid.panes[0].message() == ""


def test_a_synthetic_series_from_a_file_is_marked_whatever_is_switched(qtbot: QtBot) -> None:
    opened = scans.opened_series("syn", scans.stack_of(scans.ball()), synthetic=True, description="Synthetic T1")
    grid = scans.shown_grid(qtbot, scans.document_with(opened))
    grid.show_series("syn")
    assert is_marked(grid.panes[0])
    grid.set_revealed(True)
    assert is_marked(grid.panes[0])


def test_a_simulated_patient_is_marked_as_nobody(qtbot: QtBot) -> None:
    opened = scans.opened_series("sim", scans.stack_of(scans.ball()), simulated=True)
    document = scans.document_with(opened)
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("sim")
    assert is_marked(grid.panes[0])
    assert mark_for(opened.series, (), ()).synthetic[0] == "SIMULATED PATIENT · no person · not for diagnosis"
    layer = scans.image_layer(opened)
    wording = mark_for(opened.series, (layer,), ()).synthetic[0]
    assert wording == "SYNTHETIC · CT → MR · simulated patient · not for diagnosis"


def test_the_label_names_the_model(document: Document) -> None:
    opened = document.opened("ct")
    assert opened is not None
    wordings = mark_for(opened.series, (scans.image_layer(opened),), ()).synthetic
    assert wordings[0] == "SYNTHETIC · CT → MR · not for diagnosis"
    assert all("SYNTHETIC" in words for words in wordings)


@pytest.mark.parametrize("width", [200, 240, 300, 356])
def test_a_narrow_pane_keeps_the_ends_of_the_model_s_name(document: Document, width: int) -> None:
    opened = document.opened("ct")
    assert opened is not None
    layer = scans.image_layer(opened)
    named = replace(layer.provenance, model_name="Anatomy of the whole head (CT, MR) of a long name")
    anatomy = scans.label_layer(opened).changed(provenance=named)
    mark = mark_for(opened.series, (layer.changed(provenance=named),), (anatomy,))
    violet, plain = place_marks(QRectF(0, 0, width, 200), mark)
    for place in (violet, plain):
        first, second = place.words.split("\n")
        assert first.endswith("not for diagnosis")
        assert place.font.pixelSize() >= 9
        assert place.area.left() >= 0
        assert place.area.right() <= width
        metrics = QFontMetricsF(place.font)
        assert max(map(metrics.horizontalAdvance, (first, second))) <= place.area.width()
    assert violet.words.startswith("SYNTHETIC")
    # Shortened in the middle: the beginning tells what it is, the end for which scans.
    name = violet.words.split("\n")[1]
    assert name.startswith("Anato")
    assert name.endswith("name")
    assert "…" in name
    assert plain.area.bottom() < violet.area.top()


@pytest.mark.parametrize(("width", "height"), [(199, 200), (300, 149)])
def test_where_there_is_no_room_for_two_lines_the_mark_has_one(document: Document, width: int, height: int) -> None:
    opened = document.opened("ct")
    assert opened is not None
    layer = scans.image_layer(opened)
    named = replace(layer.provenance, model_name="A model of quite a long name, longer than the pane is wide")
    (place,) = place_marks(QRectF(0, 0, width, height), mark_for(opened.series, (layer.changed(provenance=named),), ()))
    assert place.words == "SYNTHETIC · not for diagnosis"


def test_results_over_real_pixels_say_so_without_violet(qtbot: QtBot) -> None:
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    document = scans.document_with(opened)
    document.add_layer(scans.label_layer(opened))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("anatomy")
    pane = grid.panes[0]
    assert is_unmarked(pane)
    assert mark_for(opened.series, (), (scans.label_layer(opened),)).results[0] == (
        "AI overlay · Head anatomy · not for diagnosis"
    )
    place = pane.mark_places[0]
    assert scans.pixels(pane.capture())[round(place.top()) : round(place.bottom()), 300:500].max() > 200
    grid.set_overlay_visible(False)
    pane.grab()
    assert pane.mark_places == []


@pytest.mark.parametrize("size", [(60, 60), (120, 90), (300, 220)])
def test_the_line_about_results_stays_in_small_panes(qtbot: QtBot, size: tuple[int, int]) -> None:
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    document = scans.document_with(opened)
    document.add_layer(scans.label_layer(opened))
    grid = scans.shown_grid(qtbot, document, size=size)
    grid.show_layer("anatomy")
    grid.panes[0].grab()
    (place,) = grid.panes[0].mark_places
    assert place.width() <= size[0] - 2
    assert place.height() >= 4


def test_removing_the_image_shows_the_original_without_the_mark(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    grid.step(4)
    document.remove_layer("t1")
    content = grid.panes[0].content
    assert content is not None
    assert (content.series_uid, content.layer_uid, content.slice_index) == ("ct", None, 14)
    assert is_unmarked(grid.panes[0])


def test_the_mark_and_the_warning_of_different_patients_are_both_there(qtbot: QtBot, document: Document) -> None:
    from medgan_viewer.core.catalog import Catalog, Patient

    other = scans.opened_series("other", scans.stack_of(scans.ball(), frame="2.9"), patient=Patient("Else", "P-2"))
    document.add_catalog(Catalog((other.study,)))
    document.open_series(other)
    grid: ViewGrid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_layer("t1", grid.panes[0])
    grid.show_series("other", grid.panes[1])
    assert grid.panes[0].warned
    assert is_marked(grid.panes[0])
    assert grid.capture(grid.panes[0]).pixelColor(0, 300) == QColor(DARK.image_warning)


@pytest.mark.parametrize("size", [(800, 600), (360, 260), (240, 180), (160, 120), (110, 80)])
def test_the_warning_of_different_patients_is_a_filled_strip_with_readable_words(
    qtbot: QtBot, document: Document, size: tuple[int, int]
) -> None:
    pane = scans.pane_showing(qtbot, document, Shown("ct", "t1"), size)
    pane.warned = True
    picture = scans.pixels(pane.capture()).astype(int)
    yellow = np.abs(picture - np.array([242, 193, 78])).max(axis=2) <= 2
    # From the left to the right, from just inside the borders on.
    rows = np.flatnonzero(yellow[:, 6] & yellow[:, -7])
    strip = picture[rows[rows < size[1] // 2]][:, 6:-6]
    assert strip.shape[0] >= 7
    assert yellow[rows[rows < size[1] // 2]][:, 6:-6].mean() > 0.5
    # Dark words stand on it.
    assert (strip.max(axis=2) < 60).sum() > 20
    assert is_marked(pane)


def test_the_words_of_a_pane_begin_below_the_warning(qtbot: QtBot, document: Document) -> None:
    pane = scans.pane_showing(qtbot, document, Shown("ct"), (500, 400))
    pane.warned = True
    picture = scans.pixels(pane.capture()).astype(int)
    light = (picture.min(axis=2) > 180)[:, 10:150]
    # The first line of the upper left corner: below the strip, and whole.
    first = np.flatnonzero(light.any(axis=1))[0]
    assert first > 18
