"""Sober and sharp in the window: runs for what is not there yet, nothing waits, and doubt over its image."""

import gc
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, LayerRefilled
from medgan_viewer.core.layers import DoubtLayer, ImageLayer, Layer
from medgan_viewer.core.rendering import render_slice
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, SliceReady, Started
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.ui.panels.layers import LayersPanel
from medgan_viewer.ui.panels.models import ModelsPanel
from medgan_viewer.ui.panels.studies import StudiesPanel
from medgan_viewer.ui.panels.thumbnails import layer_thumbnail
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.scene import DisplayState, Scene, Shown
from tests.models.tiny import content, with_doubt, write_package
from tests.ui import scans

SLICES = scans.SHAPE[0]


@dataclass
class _Run:
    job_id: str
    package: Package
    degree: float | None
    layers: tuple[Layer, ...]
    against: list[Any]
    series_uid: str = "1.1"

    @property
    def provenance(self) -> Any:
        return self.layers[0].provenance


@dataclass
class _Service:
    """Takes the place of the worker: pictures are 100 where sober and 900 where sharp, a test says when they come."""

    held: Document
    listener: Callable[[Event], None] = lambda event: None
    runs: list[_Run] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)

    def start(self, package: Package, *_: object, degree: float | None, against: Any, **__: object) -> _Run:
        number = len(self.runs)
        image = scans.image_layer(self.held, f"image{number}", ready=False)
        level = 500 if degree is None else int(100 + 800 * degree)
        made = image.changed(
            volume=image.volume.with_array(np.full(image.volume.shape, level, np.int16)),
            name="Synthetic T1" if degree in (None, 1.0) else f"Synthetic T1 · {degree:g}",
            degree=degree,
            provenance=replace(image.provenance, settings=(("sharpness", f"{degree}"),)),
        )
        layers: tuple[Layer, ...] = (made,)
        if against or degree is None:
            layers += (doubt_of(made, f"doubt{number}"),)
        self.runs.append(_Run(f"job{number}", package, degree, layers, list(against)))
        return self.runs[-1]

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def look_at(self, *_: object) -> None:
        """Nobody computes."""

    def close(self) -> None:
        """Nothing runs."""


def doubt_of(image: ImageLayer, uid: str = "doubt", **changes: Any) -> DoubtLayer:
    """Return a doubt of 250 of 500, 500 in one corner."""
    widths = np.full(image.volume.shape, 250, np.int16)
    widths[:, :10, :10] = 800
    made = DoubtLayer(
        uid=uid,
        name="Doubt of Synthetic T1",
        source_series_uid=image.source_series_uid,
        volume=image.volume.with_array(widths, synthetic=False),
        ready=image.ready,
        provenance=image.provenance,
        image_uid=image.uid,
        strongest=500.0,
        words="width of the 5–95 % interval",
        visible=False,
    )
    return replace(made, **changes)


@dataclass
class _Bench:
    held: Document
    service: _Service
    runs: Runs
    panel: ModelsPanel
    package: Package

    def send(self, qtbot: QtBot, *events: Event) -> None:
        """Send events and wait until the window has taken them all in."""
        taken: list[Event] = []
        # Connected after the runs' own, so that it comes after it.
        self.runs._bridge.arrived.connect(taken.append, Qt.ConnectionType.QueuedConnection)
        for event in events:
            self.service.listener(event)
        qtbot.waitUntil(lambda: len(taken) == len(events), timeout=2000)
        self.runs._bridge.arrived.disconnect(taken.append)

    def fill(self, qtbot: QtBot, number: int, count: int = SLICES) -> None:
        """Let so many slices of a run come."""
        run = self.service.runs[number]
        self.send(qtbot, Started(run.job_id, "cpu", "fp32", SLICES))
        for index in range(count):
            run.layers[0].ready[index] = True
            self.send(qtbot, SliceReady(run.job_id, index))

    def finish(self, qtbot: QtBot, number: int) -> None:
        self.fill(qtbot, number)
        self.send(qtbot, Finished(f"job{number}", "cpu", 1.0, 0.1))

    @property
    def image(self) -> ImageLayer:
        (found,) = [layer for layer in self.held.layers if isinstance(layer, ImageLayer)]
        return found

    @property
    def control(self) -> Any:
        card = self.panel.card(self.package.id)
        assert card is not None
        return card.control


def bench(qtbot: QtBot, folder: Path, *, control: bool = True) -> _Bench:
    held = scans.document()
    service = _Service(held)

    def make(listener: Callable[[Event], None], _device: str) -> Any:
        service.listener = listener
        return service

    runs = Runs(held, make_service=make)
    panel = ModelsPanel(held, runs)
    qtbot.addWidget(panel)
    manifest = with_doubt(content(channels_out=3), control=control)
    package = read_package(write_package(folder, manifest, np.ones((3, 2), np.float32)))
    held.select_series("1.1")
    panel.set_models([package], [])
    panel.show()
    return _Bench(held, service, runs, panel, package)


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path) -> _Bench:
    """Return a bench on which the model was run to its end, sharp as it is by default."""
    some = bench(qtbot, tmp_path)
    some.runs.start(some.package, "1.1", 2)
    some.finish(qtbot, 0)
    return some


def test_a_model_with_the_control_starts_sharp_and_one_without_has_no_slider(qtbot: QtBot, tmp_path: Path) -> None:
    some = bench(qtbot, tmp_path / "one")
    assert (some.control.slider.value(), some.control.slider.maximum()) == (2, 2)
    assert some.control.line.text().startswith("Sharp")
    assert not some.control.doubt.isVisible(), "there is no result yet"
    plain = bench(qtbot, tmp_path / "two", control=False)
    assert not plain.control.slider.isVisible()
    some.runs.start(some.package, "1.1")
    assert some.service.runs[0].degree == 1.0


def test_the_slider_before_a_run_says_how_sharp_it_becomes(qtbot: QtBot, tmp_path: Path) -> None:
    some = bench(qtbot, tmp_path)
    some.control.slider.setValue(0)
    assert not some.service.runs
    some.runs.start(some.package, "1.1")
    assert some.service.runs[0].degree == 0.0


def test_another_stop_is_computed_meanwhile_and_replaces_the_voxels_with_its_first_slice(
    qtbot: QtBot, made: _Bench
) -> None:
    before = made.image
    changes: list[object] = []
    made.held.subscribe(changes.append)
    made.control.slider.setValue(0)
    assert [run.degree for run in made.service.runs] == [1.0, 0.0]
    assert made.image.volume is before.volume, "the sharp picture stays until there is another"
    made.fill(qtbot, 1, 2)
    assert made.image.volume is before.volume, "the slice that is looked at may lie between two"
    made.fill(qtbot, 1, 3)
    now = made.image
    assert (now.uid, now.name, now.degree) == (before.uid, "Synthetic T1 · 0", 0.0)
    assert int(now.volume.array[0, 0, 0]) == 100
    assert now.ready.tolist() == [True] * 3 + [False] * (SLICES - 3)
    assert dict(now.provenance.settings) == {"sharpness": "0.0"}
    assert LayerRefilled(before.uid) in changes
    assert made.control.line.text().startswith("Sober")


def test_going_back_to_a_stop_that_is_there_costs_no_run(qtbot: QtBot, made: _Bench) -> None:
    made.control.slider.setValue(0)
    made.finish(qtbot, 1)
    for value, level in ((2, 900), (0, 100), (2, 900)):
        made.control.slider.setValue(value)
        assert int(made.image.volume.array[0, 0, 0]) == level
    assert len(made.service.runs) == 2


def test_a_stop_that_nobody_waits_for_any_more_is_cancelled_and_can_be_asked_for_again(
    qtbot: QtBot, made: _Bench
) -> None:
    made.control.slider.setValue(1)
    made.fill(qtbot, 1, 1)
    made.control.slider.setValue(2)
    assert made.service.cancelled == ["job1"]
    assert int(made.image.volume.array[0, 0, 0]) == 900
    made.send(qtbot, Cancelled("job1"))
    made.control.slider.setValue(1)
    assert [run.degree for run in made.service.runs] == [1.0, 0.5, 0.5]


def test_doubt_runs_the_model_sober_beside_the_sharp_pictures_and_comes_up_over_the_image(
    qtbot: QtBot, made: _Bench
) -> None:
    added: list[Any] = []
    made.runs.layers_added.connect(added.append)
    made.control.doubt.setChecked(True)
    run = made.service.runs[1]
    assert run.degree == 0.0
    assert [int(array[0, 0, 0]) for array in run.against] == [900]
    made.fill(qtbot, 1, 1)
    qtbot.waitUntil(lambda: bool(added))
    (doubt,) = added[0]
    shown = made.held.layer(doubt.uid)
    assert isinstance(shown, DoubtLayer)
    assert (shown.image_uid, shown.visible) == (made.image.uid, True)
    assert int(made.image.volume.array[0, 0, 0]) == 900, "the picture stays sharp"
    assert made.held.undo_label == "Add Doubt of Synthetic T1"
    made.finish(qtbot, 1)
    made.control.doubt.setChecked(False)
    assert not made.held.layer(doubt.uid).visible
    made.control.doubt.setChecked(True)
    assert made.held.layer(doubt.uid).visible
    assert len(made.service.runs) == 2


def test_doubt_that_is_asked_for_while_the_sharp_run_goes_on_waits_for_its_end(qtbot: QtBot, tmp_path: Path) -> None:
    some = bench(qtbot, tmp_path)
    some.runs.start(some.package, "1.1")
    some.fill(qtbot, 0, 2)
    qtbot.waitUntil(lambda: some.control.doubt.isVisible())
    some.control.doubt.setChecked(True)
    assert len(some.service.runs) == 1
    some.finish(qtbot, 0)
    qtbot.waitUntil(lambda: len(some.service.runs) == 2)
    assert some.service.runs[1].degree == 0.0
    assert some.control.doubt.isChecked()


def test_a_sober_run_brings_its_doubt_hidden(qtbot: QtBot, made: _Bench) -> None:
    made.control.slider.setValue(0)
    made.finish(qtbot, 1)
    qtbot.waitUntil(lambda: len(made.held.layers) == 2)
    (doubt,) = [layer for layer in made.held.layers if isinstance(layer, DoubtLayer)]
    assert not doubt.visible
    assert not made.control.doubt.isChecked()


def test_a_failed_run_for_doubt_leaves_the_picture_and_unchecks(qtbot: QtBot, made: _Bench) -> None:
    made.control.doubt.setChecked(True)
    made.send(qtbot, Failed("job1", "Memory ran out.", ()))
    qtbot.waitUntil(lambda: not made.control.doubt.isChecked())
    assert int(made.image.volume.array[0, 0, 0]) == 900


def test_a_result_that_was_taken_away_is_not_filled_any_more(qtbot: QtBot, made: _Bench) -> None:
    made.control.slider.setValue(0)
    made.held.undo()
    made.finish(qtbot, 1)
    assert not made.held.layers
    assert not made.control.doubt.isVisible()


def test_the_pictures_of_a_series_that_is_closed_are_let_go_of(qtbot: QtBot, made: _Bench) -> None:
    made.control.slider.setValue(0)
    made.finish(qtbot, 1)
    kept = [weakref.ref(layer) for run in made.service.runs for layer in run.layers]
    made.service.runs.clear()
    made.held.close_study(made.held.catalog.studies[0])
    gc.collect()
    assert [one() for one in kept] == [None] * len(kept)


def test_an_interval_without_a_control_comes_with_the_run_and_is_hidden(qtbot: QtBot, tmp_path: Path) -> None:
    some = bench(qtbot, tmp_path, control=False)
    some.runs.start(some.package, "1.1")
    some.finish(qtbot, 0)
    (doubt,) = [layer for layer in some.held.layers if isinstance(layer, DoubtLayer)]
    assert not doubt.visible
    some.control.doubt.setChecked(True)
    assert some.held.layer(doubt.uid).visible
    assert len(some.service.runs) == 1


# the layer


def shown_doubt(**changes: Any) -> tuple[Document, ImageLayer, DoubtLayer]:
    held = scans.document()
    image = scans.image_layer(held).changed(opacity=1.0)
    doubt = doubt_of(image, **{"visible": True, "opacity": 1.0, **changes})
    for layer in (image, doubt):
        held.add_layer(layer)
    held.select_series("1.1")
    return held, image, doubt


def argb(image: QImage, row: int, column: int) -> tuple[int, int, int, int]:
    colour = image.convertToFormat(QImage.Format.Format_ARGB32).pixelColor(column, row)
    return colour.alpha(), colour.red(), colour.green(), colour.blue()


def test_the_row_has_a_legend_in_units_and_fades_as_an_edit(qtbot: QtBot) -> None:
    held, _, doubt = shown_doubt()
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    row = panel.row(doubt.uid)
    assert row is not None
    assert row.legend.text() == "≥ 500 a.u."
    row.fades.setChecked(True)
    layer = held.layer(doubt.uid)
    assert isinstance(layer, DoubtLayer)
    assert layer.fades
    assert held.undo_label == "Fading of Doubt of Synthetic T1"
    held.undo()
    assert not row.fades.isChecked()


def test_a_small_picture_of_a_doubt_shows_how_wide_it_is_where() -> None:
    _, _, doubt = shown_doubt()
    pixels = layer_thumbnail(doubt)
    assert pixels is not None
    assert sorted(np.unique(pixels).tolist()) == [127, 255]


def test_the_list_of_results_says_and_shows_what_the_layer_now_holds(qtbot: QtBot, made: _Bench) -> None:
    panel = StudiesPanel(made.held)
    qtbot.addWidget(panel)
    made.control.slider.setValue(0)
    made.finish(qtbot, 1)
    assert any(title.startswith("Synthetic T1 · 0,") for title in panel.entry_titles())
    assert int(panel._pictures[made.image.uid][0, 0]) == 26, "100 of a window of 1000"
    made.control.slider.setValue(2)
    assert any(title.startswith("Synthetic T1,") for title in panel.entry_titles())
    assert int(panel._pictures[made.image.uid][0, 0]) == 230


def test_the_provenance_names_the_sharpness(qtbot: QtBot, made: _Bench) -> None:
    panel = LayersPanel(made.held)
    qtbot.addWidget(panel)
    assert "Sharpness: 1.0" in [child.text() for child in panel.findChildren(QLabel)]


def test_doubt_is_drawn_over_its_image_in_colours_as_opaque_as_it_is_wide() -> None:
    held, image, doubt = shown_doubt()
    picture = Scene(held, Shown("1.1", image.uid)).picture(DisplayState(overlay=True), (1, 1))
    (overlay,) = picture.overlays
    assert picture.results == (doubt,)
    colours = colour_map("teal-yellow")
    assert argb(overlay.image, 2, 2) == (255, *colours[255].tolist())
    alpha, *rest = argb(overlay.image, 30, 25)
    assert alpha == pytest.approx(128, abs=1)
    assert rest == pytest.approx(colours[128].tolist(), abs=3)
    assert not Scene(held, Shown("1.1", image.uid)).picture(DisplayState(), (1, 1)).overlays


def test_doubt_lies_over_the_original_only_where_its_image_does() -> None:
    held, image, doubt = shown_doubt()
    assert doubt in Scene(held, Shown("1.1")).picture(DisplayState(overlay=True), (1, 1)).results
    assert not Scene(held, Shown("1.1")).picture(DisplayState(overlay=True, swipe=True), (1, 1)).results
    held.change_layer(image.changed(visible=False))
    assert not Scene(held, Shown("1.1")).picture(DisplayState(overlay=True), (1, 1)).results


def test_an_image_fades_where_it_is_in_doubt_but_not_in_its_own_pane() -> None:
    held, image, _ = shown_doubt(fades=True, visible=False)
    over = Scene(held, Shown("1.1")).picture(DisplayState(overlay=True), (1, 1)).overlays[-1]
    assert argb(over.image, 2, 2)[0] == 0
    alpha, red, *_ = argb(over.image, 30, 25)
    assert alpha == pytest.approx(128, abs=1)
    assert red == pytest.approx(128, abs=3)
    own = Scene(held, Shown("1.1", image.uid)).picture(DisplayState(overlay=True), (1, 1))
    assert own.base is not None
    assert argb(own.base, 2, 2)[0] == 255


def test_a_picture_that_is_written_fades_as_the_pane_does() -> None:
    held, image, doubt = shown_doubt(fades=True)
    opened = held.opened("1.1")
    assert opened is not None
    hidden = doubt.changed(visible=False)
    window = Window(1000.0, 500.0)
    plain, faded, coloured = (
        render_slice(opened.stack, 1, window, layers, smallest_side=1).pixels
        for layers in ((), (image, hidden), (image.changed(visible=False), doubt))
    )
    assert faded[2, 2].tolist() == plain[2, 2].tolist()
    assert abs(int(faded[30, 25, 0]) - (int(plain[30, 25, 0]) + 128) / 2) <= 2
    assert coloured[2, 2].tolist() == colour_map("teal-yellow")[255].tolist()


def test_the_pane_forgets_the_voxels_that_were_replaced(qtbot: QtBot) -> None:
    held = scans.document()
    image = scans.image_layer(held)
    held.add_layer(image)
    grid = ViewGrid(held, DARK)
    qtbot.addWidget(grid)
    grid.resize(400, 300)
    grid.show()
    grid.show_layer(image.uid)
    scene = next(pane.scene for pane in grid.visible_panes if pane.scene is not None and pane.scene.layer is not None)
    before = scene.layer_values(image)
    assert before is not None
    assert int(before.values[5, 5]) == 500
    other = image.changed(volume=image.volume.with_array(np.full(image.volume.shape, 123, np.int16)))
    held.refill_layer(other)
    after = scene.layer_values(other)
    assert after is not None
    assert int(after.values[5, 5]) == 123
