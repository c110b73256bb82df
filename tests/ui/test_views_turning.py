"""Oblique MPR: lines that are turned cut the volume where they say, and what was zoomed stays in its place."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from pytestqt.qtbot import QtBot

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.slabs import Slab
from medgan_viewer.ui.views import scene_values
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.handles import angle_about, handles
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Scene
from medgan_viewer.ui.views.slices import Sample
from tests.ui import view_fixtures as scans
from tests.ui.test_views_marks import is_marked

pytestmark = pytest.mark.window
GRADIENT = np.array([3.0, -2.0, 5.0])


@pytest.fixture
def opened() -> OpenSeries:
    """Return a scan whose value is a linear function of the place."""
    shape, spacing = (30, 48, 40), (2.0, 1.5, 1.2)
    affine = scans.axial_affine(shape, spacing)
    index = np.moveaxis(np.indices(shape), 0, -1)
    array = np.rint((index @ affine[:3, :3].T + affine[:3, 3]) @ GRADIENT).astype(np.int16)
    return scans.opened_series("ct", scans.stack_of(array, affine=affine))


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    document = scans.document_with(opened)
    document.set_window("ct", Window(800.0, 0.0))
    return document


@pytest.fixture
def grid(qtbot: QtBot, document: Document) -> ViewGrid:
    grid = scans.shown_grid(qtbot, document, "mpr")
    grid.show_series("ct")
    return grid


def _turn(pane: Pane, degrees: float, *, let_go: bool = True) -> None:
    """Take hold of a ring in a pane and turn it about the hub."""
    mapping = pane.mapping()
    assert mapping is not None
    assert pane.hub is not None
    start = handles(pane.hub, pane._references, mapping)[0]
    x, y = mapping.point_to_screen(pane.hub)
    angle = np.radians(degrees)
    right, down = start.x() - x, start.y() - y
    turned = (np.cos(angle) * right - np.sin(angle) * down, np.sin(angle) * right + np.cos(angle) * down)
    end = QPointF(x + turned[0], y + turned[1])
    scans.mouse(pane, QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
    scans.mouse(pane, QEvent.Type.MouseMove, (start + end) / 2, Qt.MouseButton.LeftButton)
    scans.mouse(pane, QEvent.Type.MouseMove, end, Qt.MouseButton.LeftButton)
    if let_go:
        scans.mouse(pane, QEvent.Type.MouseButtonRelease, end, Qt.MouseButton.LeftButton)
        grid = pane.parent()
        assert isinstance(grid, ViewGrid)
        scans.wait_for_rest(grid)


def _error(pane: Pane) -> float:
    """Return how far a pane's values are from those of the places its mapping says they have."""
    scene = pane.scene
    assert scene is not None
    assert scene.plane is not None
    sample, plane = scene.series_values(), scene.plane
    assert sample is not None
    rows, columns = np.mgrid[0 : plane.rows, 0 : plane.columns]
    points = plane.origin + rows[..., None] * plane.row_step + columns[..., None] * plane.column_step
    volume = scene.grid
    assert volume is not None
    index = points @ volume.inverse[:3, :3].T + volume.inverse[:3, 3]
    deep = ((index >= 0) & (index <= np.array(volume.shape) - 1)).all(axis=-1)
    assert deep.sum() > 200
    if sample.valid is not None:
        assert sample.valid[deep].all()
    return float(np.abs(sample.values - points @ GRADIENT)[deep].max())


@pytest.mark.parametrize("number", [0, 1, 2])
def test_turned_lines_cut_the_volume_where_they_say(grid: ViewGrid, number: int) -> None:
    normals = [pane.scene.plane.normal for pane in grid.panes[:3] if pane.scene and pane.scene.plane]
    _turn(grid.panes[number], 25.0)
    for pane, before in zip(grid.panes[:3], normals, strict=True):
        assert pane.scene is not None
        assert pane.scene.plane is not None
        away = np.degrees(np.arccos(np.clip(abs(before @ pane.scene.plane.normal), -1, 1)))
        assert away == pytest.approx(0.0 if pane is grid.panes[number] else 25.0, abs=0.2)
        # Values were rounded to whole numbers, and are interpolated between such.
        assert _error(pane) <= 1.0


def test_a_line_turned_clockwise_is_drawn_clockwise(grid: ViewGrid) -> None:
    pane = grid.panes[0]
    mapping = pane.mapping()
    assert mapping is not None
    assert pane.hub is not None
    before = handles(pane.hub, pane._references, mapping)[0]
    _turn(pane, 25.0)
    mapping = pane.mapping()
    assert mapping is not None
    hub = mapping.point_to_screen(pane.hub)
    turned = [angle_about(hub, before, place) for place in handles(pane.hub, pane._references, mapping)]
    assert min(abs(angle - 25.0) for angle in turned) < 0.5


def test_what_lies_at_the_hub_stays_where_it_is_and_as_large_as_it_is(grid: ViewGrid) -> None:
    scans.wheel(grid.panes[1], 360, QPointF(80, 60), Qt.KeyboardModifier.ControlModifier)
    mappings = [pane.mapping() for pane in grid.panes[:3]]
    hub = grid.panes[0].hub
    assert hub is not None
    _turn(grid.panes[0], 30.0)
    for pane, before in zip(grid.panes[:3], mappings, strict=True):
        after = pane.mapping()
        assert before is not None
        assert after is not None
        assert after.point_to_screen(hub) == pytest.approx(before.point_to_screen(hub), abs=1e-6)
        assert after.scale == pytest.approx(before.scale)


def test_while_a_line_is_held_the_planes_are_coarse_and_at_rest_exact(grid: ViewGrid) -> None:
    _turn(grid.panes[0], 30.0, let_go=False)
    scene = grid.panes[1].scene
    assert scene is not None
    assert scene.plane is not None
    coarse = scene.plane.spacing[0]
    assert scene.cut.moving
    # What is coarse is no larger on the screen.
    magnification = grid.panes[1].magnification
    # Half a voxel each way.
    assert 0 < _error(grid.panes[1]) <= np.abs(GRADIENT) @ (1.2, 1.5, 2.0) / 2 + 1
    grid.panes[1].come_to_rest()
    scans.wait_for_rest(grid)
    assert grid.panes[1].magnification == pytest.approx(magnification)
    assert coarse == pytest.approx(2 * scene.plane.spacing[0])
    assert _error(grid.panes[1]) <= 1.0


def test_a_pane_comes_to_rest_by_itself(qtbot: QtBot, grid: ViewGrid) -> None:
    _turn(grid.panes[0], 30.0, let_go=False)
    scene = grid.panes[2].scene
    assert scene is not None
    assert scene.cut.moving
    qtbot.waitUntil(lambda: not scene.cut.moving)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scene_values, "_TILE", 3000)
    monkeypatch.setattr(scene_values, "_PIECE_SECONDS", 0.0)


def _exact(pane: Pane) -> Sample:
    """Return what a pane that is at rest shows, cut in one piece."""
    scene = pane.scene
    assert scene is not None
    assert not scene.cut.moving
    scene.samples.forget("ct")
    sample = scene.series_values()
    assert sample is not None
    return sample


def _being_cut(grid: ViewGrid) -> tuple[Pane, Scene]:
    """Turn lines and let a pane come to rest, in which there is more to cut than one piece."""
    _turn(grid.panes[0], 30.0, let_go=False)
    pane = grid.panes[1]
    pane.come_to_rest()
    assert pane.scene is not None
    assert pane.scene.cut.moving
    return pane, pane.scene


@pytest.mark.parametrize("slab", [None, Slab("maximum", 9.0), Slab("mean", 9.0)])
@pytest.mark.usefixtures("small_pieces")
def test_what_comes_to_rest_is_cut_piece_by_piece_and_then_the_same(
    qtbot: QtBot, grid: ViewGrid, slab: Slab | None
) -> None:
    grid.set_slab(slab)
    pane, scene = _being_cut(grid)
    # The pane says so until all is done.
    assert "coarse while it moves" in scans.said_in(pane).bottom_right
    qtbot.waitUntil(lambda: not scene.cut.moving)
    assert "coarse while it moves" not in scans.said_in(pane).bottom_right
    shown, whole = scene.series_values(), _exact(pane)
    assert shown is not None
    assert shown is not whole
    np.testing.assert_allclose(shown.values, whole.values, atol=1e-2)
    valid, all_valid = (np.ones(one.values.shape, bool) if one.valid is None else one.valid for one in (shown, whole))
    # Pixels on the very edge may be rounded either way.
    assert np.count_nonzero(valid != all_valid) <= 3


@pytest.mark.usefixtures("small_pieces")
def test_what_moves_on_while_it_is_cut_is_not_shown_where_it_was(qtbot: QtBot, grid: ViewGrid) -> None:
    pane, scene = _being_cut(grid)
    pane.set_index(scene.index + 3)
    qtbot.waitUntil(lambda: not scene.cut.moving)
    assert _error(pane) <= 1.0
    _exact(pane)
    assert _error(pane) <= 1.0


@pytest.mark.usefixtures("small_pieces")
def test_voxels_that_come_while_a_plane_is_cut_are_in_it(
    qtbot: QtBot, grid: ViewGrid, document: Document, opened: OpenSeries
) -> None:
    values = np.zeros(opened.volume().shape, np.int16)
    layer = scans.image_layer(opened)
    document.add_layer(layer.changed(volume=layer.volume.with_array(values)))
    grid.set_overlay_visible(True)
    _, scene = _being_cut(grid)
    values[:] = 77
    for index in range(len(values)):
        document.layer_slice_ready("t1", index)
    qtbot.waitUntil(lambda: not scene.cut.moving)
    sample = scene.layer_values(document.layer("t1"))
    assert sample is not None
    found = sample.values if sample.valid is None else sample.values[sample.valid]
    assert found.size > 200
    assert (found == 77).all()


def test_keys_turn_and_straighten(grid: ViewGrid) -> None:
    before = grid.panes[1].mapping()
    assert grid.turn_lines(5.0)
    scene = grid.panes[1].scene
    assert scene is not None
    assert scene.cut.triad is not None
    grid.straighten()
    assert scene.cut.triad is None
    after = grid.panes[1].mapping()
    assert before is not None
    assert after is not None
    assert before.point_at(40, 50) == pytest.approx(after.point_at(40, 50))
    assert _error(grid.panes[1]) == 0 or _error(grid.panes[1]) <= 0.5


def test_nothing_is_turned_outside_the_three_planes(qtbot: QtBot, document: Document) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    assert not grid.turn_lines(5.0)
    assert grid.panes[0].hub is None


def test_an_oblique_plane_says_that_it_is_one_and_which_way_it_faces(grid: ViewGrid) -> None:
    _turn(grid.panes[0], 30.0)
    words = scans.said_in(grid.panes[1])
    assert "oblique plane · interpolated" in words.bottom_right
    assert len(words.sides[0]) == 2
    assert "turned coronal" in grid.panes[1].accessibleName()


def test_oblique_planes_of_a_synthetic_image_and_their_slabs_stay_marked(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    document.add_layer(scans.image_layer(opened))
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    grid.set_layout_name("mpr")
    _turn(grid.panes[0], 20.0)
    assert all(is_marked(pane) for pane in grid.panes[:3])
    grid.set_slab(Slab("maximum", 10.0))
    assert all(is_marked(pane) for pane in grid.panes[:3])
    _turn(grid.panes[1], 20.0, let_go=False)
    assert all(is_marked(pane) for pane in grid.panes[:3])


def test_a_slab_of_turned_planes_is_coarse_while_it_is_scrolled(qtbot: QtBot, grid: ViewGrid) -> None:
    _turn(grid.panes[0], 30.0)
    grid.set_slab(Slab("mean", 10.0))
    scene = grid.panes[1].scene
    assert scene is not None
    qtbot.waitUntil(lambda: not scene.cut.moving)
    scans.wheel(grid.panes[1], 120)
    assert scene.cut.moving
    grid.panes[1].come_to_rest()
    qtbot.waitUntil(lambda: not scene.cut.moving)


def test_leaving_mpr_brings_back_what_was_there_and_nothing_is_turned(grid: ViewGrid) -> None:
    _turn(grid.panes[0], 30.0)
    grid.set_layout_name("1x1")
    assert grid.panes[0].content is not None
    assert grid.panes[0].content.orientation == "stack"
    assert grid.panes[0].hub is None
    grid.set_layout_name("mpr")
    assert all(pane.scene is not None and pane.scene.cut.triad is None for pane in grid.panes[:3])
