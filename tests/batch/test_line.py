"""Jobs of three steps on threads: overlapped, and none takes another one with it."""

from collections.abc import Iterator
from typing import Any

import pytest

from medgan_viewer.jobs.line import Ended, Failure, LocalLine, Steps
from tests.batch import steps_for_tests

HERE = "tests.batch.steps_for_tests"


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> steps_for_tests.Log:
    """Return a log of the test's own."""
    made = steps_for_tests.Log()
    monkeypatch.setattr(steps_for_tests, "log", made)
    return made


@pytest.fixture
def line(log: steps_for_tests.Log) -> Iterator[LocalLine]:
    """Return a line over the steps for tests."""
    made = LocalLine(Steps(f"{HERE}:load", f"{HERE}:Device", f"{HERE}:write"), "cpu")
    yield made
    made.close()


def all_ends(line: LocalLine, count: int) -> list[Ended]:
    """Wait for so many ends."""
    ended: list[Ended] = []
    while len(ended) < count:
        ended += line.wait(5.0)
    return ended


def job(name: str, *traits: str) -> dict[str, Any]:
    """Return a job."""
    return {"name": name, **dict.fromkeys(traits, True)}


def test_that_a_job_goes_through_all_three_steps(line: LocalLine) -> None:
    line.start(job("a"))
    assert line.room == 2
    (ended,) = all_ends(line, 1)
    assert (ended.job["name"], ended.value) == ("a", "voxels of a on cpu, written")
    assert line.room == 3


def test_that_the_next_is_loaded_and_the_last_is_written_while_one_runs(
    line: LocalLine, log: steps_for_tests.Log
) -> None:
    line.start(job("first"))
    log.wait_for("run first")
    line.start(job("second", "held"))
    log.wait_for("run second")
    line.start(job("third"))
    # Both while the second one holds the device.
    log.wait_for("write first", "load third")
    assert "run third" not in log.lines
    log.gate.set()
    assert {ended.job["name"] for ended in all_ends(line, 3)} == {"first", "second", "third"}


def test_that_a_failure_is_one_sentence_and_the_rest_goes_on(line: LocalLine) -> None:
    traits = {"a": "unreadable", "b": "broken", "c": "sound", "d": "questionable", "e": "unsuitable"}
    for name, trait in traits.items():
        line.start(job(name, trait))
    ends = {ended.job["name"]: ended.value for ended in all_ends(line, len(traits))}
    assert ends["a"] == Failure("scan.dcm: this is no scan.")
    assert ends["b"] == Failure("It ended with an internal error (ZeroDivisionError); see the log file.")
    assert ends["c"] == "voxels of c on cpu, written"
    assert ends["d"] == Failure("It looks upside down.", skipped=True, questionable=True)
    assert ends["e"] == Failure("It needs a head.", skipped=True)


def test_that_waiting_ends_in_time_where_nothing_has_ended(line: LocalLine, log: steps_for_tests.Log) -> None:
    line.start(job("held", "held"))
    log.wait_for("run held")
    assert line.wait(0.01) == []


def test_that_closing_ends_what_runs_and_writes_nothing_more(line: LocalLine, log: steps_for_tests.Log) -> None:
    line.start(job("held", "held"))
    log.wait_for("run held")
    line.close()
    assert "write held" not in log.lines
