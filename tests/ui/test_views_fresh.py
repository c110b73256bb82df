"""What a pane keeps for the next repaint never outlives what it was made from: a stale picture would be a wrong one."""

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import HeatLayer, ImageLayer, LabelLayer
from medgan_viewer.core.slabs import Mode, Slab
from medgan_viewer.ui.theme import DARK, LIGHT
from medgan_viewer.ui.views import lettering, overlay_text, painting
from medgan_viewer.ui.views.grid import WAYS, Comparison, ViewGrid
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Scene
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


@pytest.fixture
def document(opened: OpenSeries) -> Document:
    """Return a CT with a segmentation, a heat map, and a synthetic image of which half the slices are computed.

    Another CT lies in its space, a little beside it.
    """
    affine = scans.axial_affine((20, 64, 48), (3.0, 1.5, 2.0))
    affine[:3, 3] += (7.0, -4.0, 1.0)
    document = scans.document_with(opened, scans.opened_series("later", scans.stack_of(scans.ball(), affine=affine)))
    document.add_layer(scans.label_layer(opened, opacity=0.6))
    heat, finding = scans.heat_layer(opened)
    document.add_layer(heat)
    document.set_findings(heat.uid, (finding,))
    ready = np.arange(len(opened.stack)) % 2 == 0
    document.add_layer(scans.image_layer(opened, ready=ready))
    return document


def fresh(pane: Pane, document: Document, theme: object) -> QImage:
    """Return what another pane that keeps nothing shows in the place of this one."""
    lettering.forget_words()
    for kept in (overlay_text._sides, overlay_text._bar, overlay_text._stroke):
        kept.cache_clear()
    other = Pane(document, theme, 9)  # type: ignore[arg-type]
    if pane.scene is not None:
        scene = pane.scene
        other.restore(Scene(document, scene.shown), pane.camera)
        assert other.scene is not None
        other.scene.set_cut(scene.cut)
        other.scene.index, other.scene.turns, other.scene.inverted = scene.index, scene.turns, scene.inverted
    other.state, other.warned, other.patient_hidden = pane.state, pane.warned, pane.patient_hidden
    other.set_references(pane._references, pane.apart, pane._slab_ends)
    other.set_hub(pane.hub)
    other.set_crosshair(pane._crosshair)
    other._swipe_at, other._pointer = pane._swipe_at, pane._pointer
    other.resize(pane.size())
    picture = other.capture()
    other.deleteLater()
    return picture


class Reader:
    """Does at random what readers and models do."""

    def __init__(self, grid: ViewGrid, document: Document, opened: OpenSeries, seed: int) -> None:
        self.grid, self.document, self.opened = grid, document, opened
        self.random = np.random.default_rng(seed)
        self.theme = DARK
        self.hidden = False
        self.deeds: tuple[Callable[[], object], ...] = (
            self.scroll,
            self.set_window,
            self.grid.invert,
            self.grid.rotate,
            self.grid.toggle_overlay,
            self.compare,
            self.choose_pair,
            lambda: self.grid.set_revealed(not self.grid.revealed),
            self.change_labels,
            self.change_heat,
            self.change_image,
            self.compute_a_slice,
            self.resize,
            self.change_theme,
            self.zoom,
            self.hide_patient,
            lambda: self.grid.set_layout_name(str(self.random.choice(["1x1", "1x2", "2x2", "3x3", "mpr"]))),
            self.set_slab,
            lambda: self.grid.turn_lines(float(self.random.uniform(-40, 40))),
            self.grid.straighten,
        )

    def scroll(self) -> None:
        self.grid.step(int(self.random.integers(-6, 7)))

    def compare(self) -> None:
        ways: tuple[Comparison | None, ...] = (*WAYS, None, None)
        self.grid.set_comparison(ways[self.random.integers(len(ways))])

    def choose_pair(self) -> None:
        pairs = (("ct", "later"), ("later", "ct"), ("ct", "t1"), None)
        self.grid.set_pair(pairs[self.random.integers(4)])
        self.grid.set_difference_range(float(self.random.uniform(1, 2000)) if self.random.random() < 0.5 else None)

    def set_slab(self) -> None:
        modes: tuple[Mode, ...] = ("maximum", "minimum", "mean")
        slab = Slab(modes[self.random.integers(3)], float(self.random.uniform(1, 30)))
        self.grid.set_slab(slab if self.random.random() < 0.7 else None)

    def set_window(self) -> None:
        uid = str(self.random.choice(["ct", "t1"]))
        self.document.set_window(
            uid, Window(float(self.random.integers(50, 2000)), float(self.random.integers(-50, 500)))
        )

    def change_labels(self) -> None:
        layer = self.document.layer("anatomy")
        assert isinstance(layer, LabelLayer)
        segments = tuple(replace(one, visible=bool(self.random.random() < 0.7)) for one in layer.segments)
        outline, opacity = bool(self.random.random() < 0.5), float(self.random.random())
        self.document.change_layer(layer.changed(segments=segments, outline=outline, opacity=opacity))

    def change_heat(self) -> None:
        layer = self.document.layer("heat")
        assert isinstance(layer, HeatLayer)
        threshold, visible = float(self.random.random()), bool(self.random.random() < 0.8)
        self.document.change_layer(layer.changed(threshold=threshold, visible=visible))

    def change_image(self) -> None:
        layer = self.document.layer("t1")
        opacity, visible = float(self.random.random()), bool(self.random.random() < 0.8)
        self.document.change_layer(layer.changed(opacity=opacity, visible=visible))

    def compute_a_slice(self) -> None:
        """Write a slice of the synthetic image anew, as a model that runs does."""
        layer = self.document.layer("t1")
        assert isinstance(layer, ImageLayer)
        index = self.grid.active_pane.slice_index() if self.random.random() < 0.5 else int(self.random.integers(20))
        voxels = layer.volume.array.base
        assert voxels is not None
        voxels[index] = self.random.integers(0, 1000)
        layer.ready[index] = True
        self.document.layer_slice_ready("t1", index)

    def resize(self) -> None:
        self.grid.resize(int(self.random.integers(150, 900)), int(self.random.integers(120, 700)))

    def change_theme(self) -> None:
        self.theme = LIGHT if self.theme is DARK else DARK
        self.grid.set_theme(self.theme)

    def zoom(self) -> None:
        mapping = self.grid.active_pane.mapping()
        if mapping is not None:
            factor = float(self.random.uniform(0.5, 2.0))
            self.grid.active_pane.ask_camera(mapping.zoomed_about(factor, mapping.width / 3, mapping.height / 2))

    def hide_patient(self) -> None:
        self.hidden = not self.hidden
        self.grid.set_patient_data_hidden(self.hidden)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_done_a_pane_shows_what_one_shows_that_keeps_nothing(
    qtbot: QtBot, document: Document, opened: OpenSeries, seed: int
) -> None:
    grid = scans.shown_grid(qtbot, document, "2x2", (700, 520))
    grid.show_series("ct", grid.panes[0])
    grid.show_layer("t1", grid.panes[1])
    grid.show_series("ct", grid.panes[2])
    grid.set_overlay_visible(True)
    reader = Reader(grid, document, opened, seed)
    for _ in range(40):
        deed = reader.random.choice(len(reader.deeds))
        reader.deeds[deed]()
        for pane in grid.visible_panes:
            assert pane.capture() == fresh(pane, document, reader.theme), reader.deeds[deed]


def test_a_slice_that_is_computed_while_another_one_is_looked_at_is_there_on_coming_back(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_layer("t1", grid.panes[0])
    layer, pane = document.layer("t1"), grid.panes[0]
    grid.step(5 - pane.slice_index())
    pane.capture()
    assert pane.message()
    grid.step(7)
    pane.capture()
    layer.ready[5] = True
    document.layer_slice_ready("t1", 5)
    grid.step(-7)
    assert not pane.message()
    assert pane.capture() == fresh(pane, document, DARK)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
@pytest.mark.parametrize("place", [QRectF(30.3, 3.4, 402.9, 301.7), QRectF(-60.4, -106.1, 702.9, 802.2)])
def test_a_picture_drawn_in_strips_is_that_which_qt_draws_at_once(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, place: QRectF, ratio: float
) -> None:
    shades = np.random.default_rng(0).integers(0, 256, (96, 80), np.uint32) * np.uint32(0x010101) | np.uint32(
        0xFF000000
    )
    image = QImage(shades.data, 80, 96, 320, QImage.Format.Format_RGB32)
    drawn = []
    for most in (0, 10**9):
        monkeypatch.setattr(painting, "_DRAWN_ALONE", most)
        canvas = QImage(round(460 * ratio), round(330 * ratio), QImage.Format.Format_RGB32)
        canvas.setDevicePixelRatio(ratio)
        canvas.fill(0xFF102030)
        painter = QPainter(canvas)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(QRectF(QPointF(1, 1), canvas.deviceIndependentSize()).adjusted(0, 0, -2, -2))
        painting._draw_smooth(painter, place, image)
        painter.end()
        drawn.append(canvas)
    assert drawn[0] == drawn[1]


def test_what_hangs_in_several_panes_is_drawn_once_and_goes_with_the_last(
    qtbot: QtBot, document: Document, opened: OpenSeries
) -> None:
    grid = scans.shown_grid(qtbot, document, "1x2")
    for pane in grid.panes[:2]:
        grid.show_series("ct", pane)
    grid.set_overlay_visible(True)
    first, second = (pane._picture() for pane in grid.panes[:2])
    assert first.base is not None
    assert first.base is second.base
    assert len(first.overlays) >= 3
    assert all(one.image is other.image for one, other in zip(first.overlays, second.overlays, strict=True))
    # Voxels that change are another picture in both.
    labels = next(layer for layer in document.layers if isinstance(layer, LabelLayer))
    document.change_layer(replace(labels, opacity=0.2))
    changed, other = (pane._picture() for pane in grid.panes[:2])
    assert changed.base is first.base
    assert {id(one) for one in changed.overlays} != {id(one) for one in first.overlays}
    assert all(one.image is same.image for one, same in zip(changed.overlays, other.overlays, strict=True))
    assert grid.panes[0].capture() == fresh(grid.panes[0], document, DARK)
    # A window of its own is a picture of its own.
    scene = grid.panes[1].scene
    assert scene is not None
    scene.own_window = Window(500.0, 10.0)
    assert grid.panes[1]._picture().base is not grid.panes[0]._picture().base
    kept = weakref.ref(first.base)
    del first, second, changed, other
    document.close_study(opened.study)
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize("turns", [0, 1, 2])
def test_under_a_result_that_is_drawn_the_original_is_not_drawn_again(
    qtbot: QtBot, document: Document, turns: int
) -> None:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    pane = grid.panes[0]
    for _ in range(turns):
        pane.rotate()
    assert pane.scene is not None
    before = pane._picture()
    labels = next(layer for layer in document.layers if isinstance(layer, LabelLayer))
    pane.scene.redraw(labels.uid)
    after = pane._picture()
    assert after is not before
    assert after.base is before.base
    assert pane.capture() == fresh(pane, document, DARK)
