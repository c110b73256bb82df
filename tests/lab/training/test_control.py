"""Clock, wishes and processes of a training: what it is asked for, how fast it says it is, where it runs."""

import os
import signal
import threading
from pathlib import Path

import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.training import pace, processes
from medgan_viewer.lab.training.control import Control
from medgan_viewer.lab.training.pace import Pace
from medgan_viewer.lab.training.run_folder import RunFolder


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(pace, "time", made)
    return made


def test_that_the_clock_stands_still_while_a_training_is_held(clock: Clock) -> None:
    measured = Pace(seconds=10.0)
    clock.now += 5
    measured.hold()
    clock.now += 1000
    assert measured.seconds == 15.0
    measured.go_on()
    clock.now += 1
    assert measured.seconds == 16.0


def test_that_the_speed_is_that_of_the_last_steps(clock: Clock) -> None:
    measured = Pace()
    measured.mark(0)
    assert measured.step_seconds is None
    for step in range(1, 100):
        clock.now += 0.5
        measured.mark(step)
    for step in range(100, 200):
        clock.now += 2.0
        measured.mark(step)
    assert measured.step_seconds == pytest.approx(2.0)


def test_that_the_speed_forgets_what_was_before_a_pause(clock: Clock) -> None:
    measured = Pace()
    for step in range(3):
        clock.now += 1
        measured.mark(step)
    measured.hold()
    assert measured.step_seconds is None


def test_that_the_first_signal_is_a_wish_and_the_handlers_come_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    with Control(RunFolder(tmp_path), processes.start("fp32")) as control:
        assert control.ask(True, 0.1).wish == "run"
        os.kill(os.getpid(), signal.SIGINT)
        assert control.pressing
        assert control.ask(True, 0.1).wish == "stop"
        # A second one ends the process as usual.
        assert signal.getsignal(signal.SIGINT) is before
    assert signal.getsignal(signal.SIGINT) is before


def test_that_signals_are_left_alone_outside_of_the_main_thread(tmp_path: Path) -> None:
    before, seen = signal.getsignal(signal.SIGINT), []

    def look() -> None:
        with Control(RunFolder(tmp_path), processes.start("fp32")):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]


def test_that_wishes_are_read_about_every_second_however_long_a_step_takes(tmp_path: Path) -> None:
    control = Control(RunFolder(tmp_path), processes.start("fp32"))
    assert [control.ask(True, seconds).steps for seconds in (0.0, 0.1, 0.9, 30.0)] == [200, 10, 1, 1]


def test_that_a_time_limit_becomes_the_wish_to_stop(tmp_path: Path) -> None:
    fabric = processes.start("fp32")
    assert Control(RunFolder(tmp_path), fabric, seconds=0.0).ask(True, 1.0).wish == "stop"
    assert Control(RunFolder(tmp_path), fabric, seconds=100.0).ask(True, 1.0).wish == "run"


def test_that_precision_is_what_was_asked_for() -> None:
    assert processes.precision_here() in ("fp32", "bf16")
    for precision, kind in (("fp32", torch.float32), ("bf16", torch.bfloat16)):
        with processes.start(precision).autocast():
            assert (torch.zeros(2, 2) @ torch.zeros(2, 2)).dtype == kind


@pytest.mark.parametrize(
    ("environment", "first"),
    [({}, True), ({"RANK": "0", "LOCAL_RANK": "0"}, True), ({"LOCAL_RANK": "1"}, False), ({"RANK": "4"}, False)],
)
def test_that_one_process_is_the_first(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], first: bool
) -> None:
    for name in ("RANK", "LOCAL_RANK", "GROUP_RANK", "NODE_RANK"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert processes.is_first() is first


def test_that_more_cards_than_there_are_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    with pytest.raises(UsageError, match="3 devices were asked for, but this machine has 1"):
        processes.start("fp32", 3)
