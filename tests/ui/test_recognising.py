"""What a series looks like is said beside its models: once it is read, once for each, and nobody waits for it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import JobError
from medgan_viewer.models.recognition import Answer, Guess
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.recognising import look_of
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow

pytestmark = pytest.mark.window


def _guess(kind: str = "CT", share: float = 0.98, plane: str = "axial", *, sure: bool = True) -> Guess:
    return Guess(
        {
            "kind": Answer(kind, share, sure),
            "region": Answer("head", 0.99, sure),
            "plane": Answer(plane, 0.995, sure),
            "way": Answer("upright", 0.99, sure),
        }
    )


class _Service:
    """Takes the place of the worker."""

    def __init__(self) -> None:
        self.asked: list[Volume] = []
        self.answer: Guess | Exception | None = _guess()

    def recognise(self, volume: Volume) -> Guess | None:
        self.asked.append(volume)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def close(self) -> None:
        """Nothing runs."""


@pytest.fixture
def service() -> _Service:
    return _Service()


@pytest.fixture
def window(show_window: ShowWindow, opened: OpenSeries, service: _Service) -> MainWindow:
    """Return a window with a CT, which is selected, and a series that is called a T1."""
    mr = scans.stack_of(scans.ball(), modality="MR", unit="")
    other = scans.opened_series("mr", mr, contrast="T1", description="T1")
    colours = scans.opened_series("colours", scans.stack_of(np.zeros((3, 8, 8), np.int16)), colour=True)
    window = show_window(scans.document_with(opened, other, colours))
    made: Any = service
    window.runs._service = made
    return window


def _said(window: MainWindow) -> str:
    return "" if window.models.look.isHidden() else window.models.look.text()


def test_nothing_is_asked_before_the_worker_is_there_and_each_series_once(
    qtbot: QtBot, window: MainWindow, service: _Service
) -> None:
    assert not service.asked
    assert _said(window) == ""
    window.recognising.start()
    qtbot.waitUntil(lambda: _said(window) == "Looks like: CT, head, axial (98%)", timeout=10_000)
    service.answer = _guess("T2")
    window.open_series("mr")
    qtbot.waitUntil(lambda: "T2" in _said(window), timeout=10_000)
    assert _said(window) == "Looks like: T2, head, axial (98%). Its tags say T1."
    assert window.models.look.objectName() == "caution"
    window.open_series("ct")
    assert _said(window) == "Looks like: CT, head, axial (98%)"
    assert window.models.look.objectName() == "quiet"
    window.open_series("colours")
    assert _said(window) == ""
    assert len(service.asked) == 2


def test_an_answer_for_a_series_that_is_not_selected_any_more_waits_for_it(
    qtbot: QtBot, window: MainWindow, service: _Service
) -> None:
    window.recognising.start()
    window.open_series("colours")
    with qtbot.waitSignal(window.recognising.told, timeout=10_000):
        pass
    assert _said(window) == ""
    window.open_series("ct")
    assert "Looks like: CT" in _said(window)


def test_where_no_classifier_is_or_it_fails_nothing_is_said(
    qtbot: QtBot, window: MainWindow, service: _Service
) -> None:
    service.answer = None
    window.recognising.start()
    qtbot.waitUntil(lambda: len(service.asked) == 1, timeout=10_000)
    service.answer = JobError("The worker ended.")
    window.open_series("mr")
    qtbot.waitUntil(lambda: len(service.asked) == 2, timeout=10_000)
    assert _said(window) == ""
    assert window.banner.text == ""


def test_what_is_unsure_is_said_to_be(opened: OpenSeries) -> None:
    assert look_of(_guess(sure=False), opened.series, "axial") == ("Looks like: unsure", False)
    certain = Guess({name: replace(one, probability=0.9999) for name, one in _guess().answers.items()})
    assert look_of(certain, opened.series, "axial")[0] == "Looks like: CT, head, axial (> 99%)"
    half = Guess({**_guess().answers, "kind": Answer("T2", 0.5, False)})
    # The share belongs to what is named, so what is unsure stands behind it.
    assert look_of(half, opened.series, "axial") == ("Looks like: head, axial (99%); modality unsure", False)
    mr = replace(opened.series, modality="MR", contrast=None)
    assert look_of(half, mr, "axial") == ("Looks like: head, axial (99%); contrast unsure", False)
    turned = Guess({**half.answers, "plane": Answer("axial", 0.4, False)})
    assert look_of(turned, mr, "axial") == ("Looks like: head (99%); contrast, plane unsure", False)


def test_tags_that_say_something_else_are_told_of(opened: OpenSeries) -> None:
    assert look_of(_guess(), opened.series, "coronal")[0].endswith("Its tags say coronal.")
    assert look_of(_guess("T1"), opened.series, "axial")[0].endswith("Its tags say CT.")
    plain = replace(opened.series, modality="MR", contrast=None)
    # Tags that name no contrast say nothing else.
    assert look_of(_guess("T1"), plain, "axial") == ("Looks like: T1, head, axial (98%)", False)
    assert look_of(_guess("CT"), plain, "axial")[1]
