"""The bar below everything tells how runs of models stand, whatever series is looked at."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from medgan_viewer.core.layers import HeatLayer, Layer
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Progress, SliceReady, Started
from medgan_viewer.ui.main_window import MainWindow
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow
from tests.ui.test_runs import PACKAGE, _Run, _ScriptedService

pytestmark = pytest.mark.window


class _Service(_ScriptedService):
    """Gives every run a job of its own."""

    count = 0

    def start(self, *_args: object, **_options: Any) -> _Run:
        self.count += 1
        return _Run(f"job {self.count}", self.layers, "ct", PACKAGE)


@dataclass
class Desk:
    """A window on two series; models run on the CT and do what a test says."""

    qtbot: QtBot
    window: MainWindow
    service: _Service
    jobs: list[str] = field(default_factory=list)

    def run(self, *layers: Layer) -> str:
        """Start a run that is at 9 of 20 slices, of which one is there; return its job."""
        self.service.layers = layers
        job = self.window.runs.start(PACKAGE, "ct")
        assert job is not None
        self.say(Started(job, "cpu", "bf16", 20), SliceReady(job, 10), Progress(job, 9, 20, 3.0))
        self.qtbot.waitUntil(lambda: self.window.runs.states[-1].done == 9, timeout=10_000)
        return job

    def end(self, event: Event) -> None:
        """End the last run."""
        self.say(event)
        self.qtbot.waitUntil(lambda: not self.window.runs.active, timeout=10_000)

    def say(self, *events: Event) -> None:
        """Let the worker say something."""
        for event in events:
            self.service.listener(event)

    @property
    def said(self) -> list[str]:
        """What the bar says of runs."""
        status = self.window.run_status
        return [] if status.isHidden() else [line.text.accessibleName() for line in status.lines.values()]

    @property
    def heat(self) -> HeatLayer:
        opened = self.window.document.opened("ct")
        assert opened is not None
        return scans.heat_layer(opened)[0]


@pytest.fixture
def desk(qtbot: QtBot, show_window: ShowWindow) -> Desk:
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    other = scans.opened_series("other", scans.stack_of(scans.ball()))
    window = show_window(scans.document_with(opened, other))
    service = _Service(lambda event: None, ())

    def make(listener: Any, _device: str) -> Any:
        service.listener = listener
        return service

    window.runs._make_service = make
    return Desk(qtbot, window, service)


def test_a_run_is_told_of_with_its_share_while_another_series_is_looked_at(desk: Desk) -> None:
    assert desk.said == []
    job = desk.run(desk.heat)
    desk.window.open_series("other")
    assert len(desk.said) == 1
    assert desk.said[0].startswith("45 % · test-model · ")
    desk.say(Progress(job, 19, 20, 1.0))
    desk.qtbot.waitUntil(lambda: desk.said[0].startswith("95 %"), timeout=10_000)


def test_it_is_cancelled_with_a_click_from_anywhere(desk: Desk) -> None:
    job = desk.run(desk.heat)
    desk.window.open_series("other")
    line = desk.window.run_status.lines[job]
    assert not line.cancel.isHidden()
    assert line.show_it.isHidden()
    line.cancel.click()
    assert desk.service.cancelled == [job]
    desk.end(Cancelled(job))
    assert desk.said[0].startswith("Cancelled · ")


def test_the_end_takes_no_focus_and_stays_until_its_result_is_shown(desk: Desk) -> None:
    job = desk.run(desk.heat)
    window = desk.window
    window.open_series("other")
    focus = QApplication.focusWidget()
    desk.end(Finished(job, "cpu", 1.0, 1.0))
    assert QApplication.focusWidget() is focus
    assert desk.said[0].startswith("Done · ")
    desk.qtbot.waitUntil(lambda: window.document.selected_series == "other", timeout=10_000)
    window.run_status.lines[job].show_it.click()
    assert window.document.selected_series == "ct"
    assert window.document.layer("heat").visible
    assert desk.said == []


def test_a_synthetic_image_that_is_finished_is_told_of_with_its_place(desk: Desk) -> None:
    opened = desk.window.document.opened("ct")
    assert opened is not None
    image = scans.image_layer(opened)
    desk.end(Finished(desk.run(image), "cpu", 1.0, 1.0))
    assert desk.window.banner.text == f"{image.name}: finished, in the list on the left under Results."


def test_a_failure_is_shown_on_its_series_and_the_next_run_takes_its_place(desk: Desk) -> None:
    window = desk.window
    job = desk.run(desk.heat)
    window.open_series("other")
    desk.end(Failed(job, "The model's process ended; run it again."))
    assert desk.said[0].startswith("Failed · ")
    second = desk.run(desk.heat)
    assert list(window.run_status.lines) == [second]
    desk.end(Failed(second, "The model's process ended; run it again."))
    window.run_status.lines[second].show_it.click()
    assert window.document.selected_series == "ct"


def test_the_end_can_be_closed_and_goes_with_its_series(desk: Desk) -> None:
    job = desk.run(desk.heat)
    desk.end(Finished(job, "cpu", 1.0, 1.0))
    desk.window.run_status.lines[job].dismiss.click()
    assert desk.said == []
    desk.end(Finished(desk.run(desk.heat), "cpu", 1.0, 1.0))
    assert len(desk.said) == 1
    document = desk.window.document
    document.close_study(document.catalog.study_of("ct")[0])
    assert desk.said == []


def test_runs_of_a_whole_day_are_not_remembered_one_by_one(desk: Desk) -> None:
    window = desk.window
    for _ in range(5):
        job = desk.run(desk.heat)
        desk.end(Finished(job, "cpu", 1.0, 1.0))
        window.run_status.lines[job].dismiss.click()
    assert [state.job_id for state in window.runs.states] == ["job 4", "job 5"]
    assert window.run_status._settled == {"job 4", "job 5"}
    latest = window.runs.latest(PACKAGE.id, "ct")
    assert latest is not None
    assert latest.job_id == "job 5"


def test_a_run_under_way_is_told_of_however_many_began_after_it(desk: Desk) -> None:
    jobs = [desk.run(desk.heat) for _ in range(4)]
    assert [state.job_id for state in desk.window.runs.states] == jobs


def test_a_message_moves_no_image_and_lies_over_none(desk: Desk) -> None:
    window = desk.window
    desk.run(desk.heat)
    desk.qtbot.waitUntil(lambda: window.run_status.width() > 600, timeout=10_000)
    before = window.grid.geometry()
    window.banner.say("The presets are in HU and this image is not.", error=False)
    desk.qtbot.waitUntil(lambda: 0 < window.run_status.width() < 500, timeout=10_000)
    assert window.grid.geometry() == before
    assert (
        window.banner.mapTo(window, window.banner.rect().topLeft()).y()
        >= window.grid.mapTo(window, window.grid.rect().bottomLeft()).y()
    )
