"""What a model lays over the original is not drawn before the reader asks for it: reading takes longer with it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.layers import Finding, HeatLayer, LabelLayer, Layer
from medgan_viewer.jobs.events import Cancelled, Event, Finished, SliceReady
from medgan_viewer.settings import Settings
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.preferences import connect
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow
from tests.ui.test_runs import PACKAGE, _Run, _ScriptedService

pytestmark = pytest.mark.window


class _Service(_ScriptedService):
    """Says what a test lets it say of runs on the CT."""

    def start(self, *_args: object, **_options: Any) -> _Run:
        return _Run(f"job {len(self.further)}", self.layers, "ct", PACKAGE)


@dataclass
class Reading:
    """A window on a CT, in which models make what a test says."""

    qtbot: QtBot
    window: MainWindow
    service: _Service

    def run(self, *layers: Layer, end: type[Finished] | type[Cancelled] | None = Finished) -> None:
        """Let a model make layers: their first slice at once, and the end where there is one."""
        self.service.layers = layers
        job = self.window.runs.start(PACKAGE, "ct")
        assert job is not None
        events: list[Event] = [SliceReady(job, 10)]
        if end is not None:
            events.append(Finished(job, "cpu", 1.0, 1.0) if end is Finished else Cancelled(job))
        for event in events:
            self.service.listener(event)
        uids = {layer.uid for layer in layers}
        document = self.window.document
        self.qtbot.waitUntil(lambda: uids <= {one.uid for one in document.layers}, timeout=10_000)
        if end is not None:
            runs = self.window.runs
            self.qtbot.waitUntil(lambda: not runs.active, timeout=10_000)
        self.service.further.append("run")

    @property
    def drawn(self) -> set[str]:
        """The UIDs of what is drawn over the CT."""
        pane = self.window.grid.panes[0]
        return {layer.uid for layer in pane._picture().results}

    @property
    def ticked(self) -> dict[str, bool]:
        """Which rows of the panel of layers are ticked."""
        rows = {layer.uid: self.window.layers.row(layer.uid) for layer in self.window.document.layers}
        return {uid: row.visible.isChecked() for uid, row in rows.items() if row is not None}

    def press(self, action: str) -> None:
        """Press the key of an action."""
        self.window.actions_by_id[action].trigger()


@pytest.fixture
def reading(qtbot: QtBot, show_window: ShowWindow) -> Reading:
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    window = show_window(scans.document_with(opened))
    service = _Service(lambda event: None, ())

    def make(listener: Any, _device: str) -> Any:
        service.listener = listener
        return service

    window.runs._make_service = make
    return Reading(qtbot, window, service)


@pytest.fixture
def labels(reading: Reading) -> LabelLayer:
    opened = reading.window.document.opened("ct")
    assert opened is not None
    made = scans.label_layer(opened)
    # Another model's: its run does not take the place of the heat map.
    return replace(made, provenance=replace(made.provenance, model_id="head-anatomy"))


@pytest.fixture
def found(reading: Reading) -> tuple[HeatLayer, Finding]:
    opened = reading.window.document.opened("ct")
    assert opened is not None
    return scans.heat_layer(opened)


@pytest.fixture
def heat(found: tuple[HeatLayer, Finding]) -> HeatLayer:
    return found[0]


def test_results_are_off_at_first_and_one_key_shows_them(reading: Reading, heat: HeatLayer) -> None:
    reading.run(heat)
    assert reading.drawn == set()
    assert reading.ticked == {"heat": False}
    assert reading.window.banner.text == "Head anomaly is there: press O to draw it over the original."
    reading.press("compare.overlay")
    assert reading.drawn == {"heat"}
    assert reading.ticked == {"heat": True}
    reading.press("compare.overlay")
    assert reading.drawn == set()
    reading.press("compare.overlay")
    assert reading.drawn == {"heat"}


def test_the_key_that_is_named_is_the_one_that_the_reader_chose(reading: Reading, heat: HeatLayer) -> None:
    window = reading.window
    window.set_bindings(Settings().changed("keys", {"compare.overlay": "Ctrl+J"}))
    reading.run(heat)
    assert "press Ctrl+J to" in window.banner.text
    window.set_bindings(Settings().changed("keys", {"compare.overlay": ""}))
    reading.run(replace(heat, uid="again"))
    assert "tick it under Layers" in window.banner.text


def test_while_a_model_runs_nothing_of_it_is_drawn_and_the_key_shows_what_is_there(
    reading: Reading, labels: LabelLayer
) -> None:
    ready = np.arange(20) == 10
    reading.run(replace(labels, ready=ready), end=None)
    assert reading.drawn == set()
    assert reading.window.banner.text == ""
    reading.press("compare.overlay")
    assert reading.drawn == {"anatomy"}


def test_what_a_cancelled_run_left_is_told_of_too(reading: Reading, labels: LabelLayer) -> None:
    reading.run(labels, end=Cancelled)
    assert "press O" in reading.window.banner.text
    assert reading.drawn == set()


def test_a_result_that_comes_while_others_are_drawn_waits_for_the_key_which_then_shows_both(
    reading: Reading, heat: HeatLayer, labels: LabelLayer
) -> None:
    reading.run(labels)
    reading.press("compare.overlay")
    reading.run(heat)
    assert reading.drawn == {"anatomy"}
    assert "Head anomaly" in reading.window.banner.text
    reading.press("compare.overlay")
    assert reading.drawn == {"anatomy", "heat"}
    assert reading.window.actions_by_id["compare.overlay"].isChecked()
    reading.press("compare.overlay")
    assert reading.drawn == set()


def test_a_tick_shows_one_result_alone(reading: Reading, heat: HeatLayer, labels: LabelLayer) -> None:
    reading.run(labels)
    reading.run(heat)
    row = reading.window.layers.row("heat")
    assert row is not None
    row.visible.click()
    assert reading.drawn == {"heat"}
    row.visible.click()
    assert reading.drawn == set()
    # What was looked at and put away is no longer waited for; the other result is.
    reading.press("compare.overlay")
    assert reading.drawn == {"anatomy"}


def test_findings_are_gone_through_without_the_heat_map_coming_up(
    reading: Reading, found: tuple[HeatLayer, Finding]
) -> None:
    heat, finding = found
    reading.run(heat)
    window = reading.window
    window.grid.go_first()
    reading.qtbot.waitUntil(lambda: not window.finding and bool(window.document.findings("heat")), timeout=10_000)
    reading.press("finding.next")
    assert window.document.selected_finding == ("heat", 1)
    first, end = finding.bounds[0]
    assert first <= window.grid.panes[0].slice_index() < end
    assert reading.drawn == set()
    assert not window.grid.overlay_visible


def test_running_again_keeps_what_the_reader_had_asked_to_see(reading: Reading, heat: HeatLayer) -> None:
    reading.run(heat)
    reading.press("compare.overlay")
    reading.run(replace(heat, uid="again"))
    assert reading.drawn == {"again"}
    assert "press" not in reading.window.banner.text or "again" in reading.ticked


def test_a_protocol_with_panes_for_results_shows_them(reading: Reading, heat: HeatLayer) -> None:
    reading.run(heat)
    hanging = reading.window.hanging
    protocol = next(one for one in hanging.protocols() if one.name == "Original | overlay | heat map | findings")
    hanging.apply(protocol, "ct")
    assert reading.ticked == {"heat": True}
    assert reading.window.grid.overlay_visible


def test_redo_brings_back_what_was_drawn_and_nothing_else(
    reading: Reading, heat: HeatLayer, labels: LabelLayer
) -> None:
    document, grid = reading.window.document, reading.window.grid
    document.execute(AddLayers((heat.changed(visible=False),)))
    document.undo()
    document.redo()
    reading.press("edit.undo")
    reading.press("edit.redo")
    assert reading.drawn == set()
    assert not grid.overlay_visible
    document.execute(AddLayers((labels,)))
    reading.press("edit.undo")
    reading.press("edit.redo")
    assert reading.drawn == {"anatomy"}


def test_a_reader_who_wants_results_at_once_gets_them(
    reading: Reading, heat: HeatLayer, labels: LabelLayer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path))
    live = LiveSettings(Settings())
    connect(reading.window, live)
    live.set("draw_results", True)
    reading.run(labels)
    assert reading.drawn == {"anatomy"}
    assert reading.window.banner.text == ""
    live.set("draw_results", False)
    reading.run(heat)
    assert reading.drawn == {"anatomy"}


def test_the_key_shows_results_of_a_session_that_came_back(reading: Reading, heat: HeatLayer) -> None:
    reading.window.document.add_layer(heat.changed(visible=False))
    reading.press("compare.overlay")
    assert reading.drawn == {"heat"}
