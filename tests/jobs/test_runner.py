"""Work in the other process: order, cancelling, dying, closing."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from medgan_viewer.errors import JobError, MedganError
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Progress, SliceReady, Started
from medgan_viewer.jobs.runner import Runner
from medgan_viewer.jobs.worker import Job
from tests.jobs.recorder import Recorder

ENTRY = "tests.jobs.entry_points"
ROOT = Path(__file__).resolve().parents[2]


def job(name: str, **arguments: object) -> Job:
    return Job(f"{ENTRY}:{name}", dict(arguments))


def test_that_a_job_runs_in_another_process_and_tells_how_it_goes(
    shared_runner: Runner, shared_recorder: Recorder
) -> None:
    job_id = shared_runner.submit(job("count", slices=2))
    assert isinstance(shared_recorder.end_of(job_id), Finished)
    kinds = [type(event) for event in shared_recorder.of(job_id)]
    assert kinds == [Started, SliceReady, Progress, SliceReady, Progress, Finished]
    first, last = (event for event in shared_recorder.of(job_id) if isinstance(event, Progress))
    assert (first.done, first.total, first.seconds_left) == (1, 2, None)
    assert (last.done, last.total, last.seconds_left) == (2, 2, 0.0)
    assert shared_runner.ask(job("count", slices=0)).result(30) == shared_runner.worker_pid != os.getpid()


def test_that_jobs_run_one_after_the_other_in_the_order_they_came(
    shared_runner: Runner, shared_recorder: Recorder
) -> None:
    ids = [shared_runner.submit(job("count", slices=3)) for _ in range(3)]
    shared_recorder.end_of(ids[-1])
    order = [event.job_id for event in shared_recorder.events if event.job_id in ids]
    assert order == [each for each in ids for _ in range(8)]


def test_that_a_quiet_job_returns_its_value_and_has_no_events(shared_runner: Runner, shared_recorder: Recorder) -> None:
    quiet = job("count", slices=1)
    assert shared_runner.ask(quiet).result(30) == shared_runner.worker_pid
    shared_recorder.end_of(shared_runner.submit(job("count", slices=0)))
    assert shared_recorder.of(quiet.job_id) == []


def test_that_a_quiet_job_that_fails_raises_its_sentence(shared_runner: Runner) -> None:
    with pytest.raises(JobError, match=r"^No such luck\.$"):
        shared_runner.ask(job("refuse", sentence="No such luck.")).result(30)


def test_that_a_cancelled_job_stops_by_itself_and_the_process_stays(
    shared_runner: Runner, shared_recorder: Recorder
) -> None:
    before = shared_runner.worker_pid
    job_id = shared_runner.submit(job("wait_until_cancelled"))
    shared_recorder.wait_for(job_id, Started)
    shared_runner.cancel(job_id)
    assert isinstance(shared_recorder.end_of(job_id), Cancelled)
    assert shared_runner.worker_pid == before


def test_that_a_waiting_job_is_cancelled_without_having_begun(shared_runner: Runner, shared_recorder: Recorder) -> None:
    first = shared_runner.submit(job("wait_until_cancelled"))
    second = shared_runner.submit(job("count", slices=1))
    shared_recorder.wait_for(first, Started)
    shared_runner.cancel(second)
    assert isinstance(shared_recorder.end_of(second), Cancelled)
    assert len(shared_recorder.of(second)) == 1
    shared_runner.cancel(first)
    shared_recorder.end_of(first)


def test_that_cancelling_a_job_that_has_ended_does_nothing(shared_runner: Runner, shared_recorder: Recorder) -> None:
    job_id = shared_runner.submit(job("count", slices=1))
    shared_recorder.end_of(job_id)
    shared_runner.cancel(job_id)
    shared_recorder.end_of(shared_runner.submit(job("count", slices=1)))
    assert len(shared_recorder.ends(job_id)) == 1


def test_that_a_running_job_hears_which_slice_the_reader_looks_at(
    shared_runner: Runner, shared_recorder: Recorder
) -> None:
    job_id = shared_runner.submit(job("wait_until_looked_at", index=7))
    shared_recorder.wait_for(job_id, Started)
    shared_runner.look_at(job_id, 7)
    shared_recorder.end_of(job_id)
    assert shared_recorder.slices(job_id) == [7]


def test_that_a_waiting_job_begins_with_the_slice_looked_at_meanwhile(
    shared_runner: Runner, shared_recorder: Recorder
) -> None:
    first = shared_runner.submit(job("wait_until_cancelled"))
    second = shared_runner.submit(job("wait_until_looked_at", index=3))
    shared_recorder.wait_for(first, Started)
    shared_runner.look_at(second, 3)
    shared_runner.cancel(first)
    assert isinstance(shared_recorder.end_of(second), Finished)


def test_that_a_deaf_job_is_killed_and_the_process_started_again(runner: Runner, recorder: Recorder) -> None:
    job_id = runner.submit(job("ignore_wishes", slices=2))
    recorder.wait(lambda: sum(isinstance(event, SliceReady) for event in recorder.events) == 2)
    before = runner.worker_pid
    runner.cancel(job_id)
    assert isinstance(recorder.end_of(job_id), Cancelled)
    assert runner.ask(job("count", slices=0)).result(60) not in {before, None}
    assert len(recorder.ends(job_id)) == 1


def test_that_jobs_still_run_after_a_process_could_not_be_started_again(
    runner: Runner, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    job_id = runner.submit(job("ignore_wishes", slices=1))
    recorder.wait_for(job_id, SliceReady)
    with monkeypatch.context() as broken:
        broken.setattr("multiprocessing.context.SpawnProcess.start", _refuse_to_start)
        runner.cancel(job_id)
        assert isinstance(recorder.end_of(job_id), Cancelled)
        failed = recorder.end_of(runner.submit(job("count", slices=1)))
    assert isinstance(failed, Failed)
    assert failed.sentence == "The process for models could not be started (Cannot allocate memory)."
    assert isinstance(recorder.end_of(runner.submit(job("count", slices=1))), Finished)
    assert "OSError 12" in caplog.text


def _refuse_to_start(_: object) -> None:
    raise OSError(12, "Cannot allocate memory")


def test_that_a_job_that_cannot_be_sent_fails_and_the_next_one_runs(runner: Runner, recorder: Recorder) -> None:
    unsendable = runner.submit(job("count"), lambda: {"slices": threading.Lock()})
    waiting = runner.submit(job("count", slices=1))
    end = recorder.end_of(unsendable)
    assert isinstance(end, Failed)
    assert end.sentence == "The run ended with an internal error (TypeError); run it again. Finished slices are kept."
    assert isinstance(recorder.end_of(waiting), Finished)
    assert len(recorder.ends(unsendable)) == 1


def test_that_a_killed_process_is_one_failure_and_the_next_job_runs(runner: Runner, recorder: Recorder) -> None:
    job_id = runner.submit(job("ignore_wishes", slices=3))
    recorder.wait(lambda: sum(isinstance(event, SliceReady) for event in recorder.events) == 3)
    assert runner.worker_pid is not None
    os.kill(runner.worker_pid, signal.SIGKILL)
    end = recorder.end_of(job_id)
    assert isinstance(end, Failed)
    assert end.done == (0, 1, 2)
    assert "memory" in end.sentence
    assert isinstance(recorder.end_of(runner.submit(job("count", slices=2))), Finished)
    assert len(recorder.ends(job_id)) == 1


def test_that_a_crash_is_told_apart_from_a_kill(runner: Runner, recorder: Recorder) -> None:
    end = recorder.end_of(runner.submit(job("end_process", code=3)))
    assert isinstance(end, Failed)
    assert "code 3" in end.sentence
    assert end.done == (0, 1)


def test_that_a_process_killed_while_idle_is_replaced_without_a_word(runner: Runner, recorder: Recorder) -> None:
    first = runner.ask(job("count", slices=0)).result(60)
    os.kill(first, signal.SIGKILL)
    _wait_until(lambda: runner.worker_pid is None)
    assert runner.ask(job("count", slices=0)).result(60) != first
    assert recorder.events == []


def test_that_an_expected_error_is_its_sentence(shared_runner: Runner, shared_recorder: Recorder) -> None:
    end = shared_recorder.end_of(shared_runner.submit(job("refuse", sentence="Choose another series.")))
    assert isinstance(end, Failed)
    assert end.sentence == "Choose another series."
    assert not end.unsuitable
    end = shared_recorder.end_of(shared_runner.submit(job("find_unsuitable")))
    assert isinstance(end, Failed)
    assert (end.unsuitable, end.objections) == (True, ())


def test_that_an_unexpected_error_is_a_sentence_with_its_details_in_the_log(
    shared_runner: Runner, shared_recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="medgan_viewer.jobs.runner"):
        end = shared_recorder.end_of(shared_runner.submit(job("stumble")))
    assert isinstance(end, Failed)
    assert "Doe^Jane" not in end.sentence
    assert "Traceback" not in end.sentence
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "ZeroDivisionError at tests.jobs.entry_points:" in caplog.text
    assert "medgan_viewer.jobs.worker:" in caplog.text
    # What an error says may name a file, and a file may be named after a patient.
    assert "Doe^Jane" not in caplog.text
    assert str(ROOT) not in caplog.text


def test_that_the_cause_of_an_expected_error_is_logged_without_its_words(
    shared_runner: Runner, shared_recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="medgan_viewer.jobs.runner"):
        shared_recorder.end_of(shared_runner.submit(job("refuse_because", sentence="Choose another series.")))
    # The reader was told what it was: nothing is wrong with the program.
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "MedganError at tests.jobs.entry_points:" in caplog.text
    assert "; after FileNotFoundError 2 at tests.jobs.entry_points:" in caplog.text
    assert "Doe^Jane" not in caplog.text


def test_that_an_error_while_preparing_is_logged_without_its_words(
    shared_runner: Runner, shared_recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    def prepare() -> dict[str, object]:
        raise KeyError("Doe^Jane")

    end = shared_recorder.end_of(shared_runner.submit(job("count"), prepare))
    assert isinstance(end, Failed)
    assert end.sentence == "The run could not be prepared (KeyError); see the log."
    assert "KeyError at tests.jobs.test_runner:" in caplog.text
    assert "Doe^Jane" not in caplog.text


def test_that_what_cannot_be_sent_is_refused_where_it_is_submitted(shared_runner: Runner) -> None:
    with pytest.raises(AttributeError):
        shared_runner.submit(job("count", slices=lambda: 1))


def test_that_a_job_is_prepared_when_its_turn_comes(shared_runner: Runner, shared_recorder: Recorder) -> None:
    prepared = threading.Event()

    def prepare() -> dict[str, object]:
        prepared.set()
        return {"slices": 3}

    first = shared_runner.submit(job("wait_until_cancelled"))
    second = shared_runner.submit(job("count"), prepare)
    shared_recorder.wait_for(first, Started)
    assert not prepared.is_set()
    shared_runner.cancel(first)
    shared_recorder.end_of(second)
    assert shared_recorder.slices(second) == [0, 1, 2]


def test_that_a_preparation_that_fails_is_the_jobs_failure(shared_runner: Runner, shared_recorder: Recorder) -> None:
    def prepare() -> dict[str, object]:
        raise MedganError("There is no room.")

    end = shared_recorder.end_of(shared_runner.submit(job("count"), prepare))
    assert isinstance(end, Failed)
    assert end.sentence == "There is no room."
    assert isinstance(shared_recorder.end_of(shared_runner.submit(job("count", slices=1))), Finished)


def test_that_a_listener_that_fails_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    heard = Recorder()

    def fail_first(event: Event) -> None:
        heard(event)
        if isinstance(event, Started):
            raise ValueError("about Doe^Jane")

    runner = Runner(fail_first)
    try:
        assert isinstance(heard.end_of(runner.submit(job("count", slices=1))), Finished)
    finally:
        runner.close()
    assert "a listener failed on an event of a job: ValueError at tests.jobs.test_runner:" in caplog.text
    assert "Doe^Jane" not in caplog.text


def test_that_closing_ends_what_runs_and_what_waits(recorder: Recorder) -> None:
    runner = Runner(recorder)
    first = runner.submit(job("ignore_wishes", slices=1))
    second = runner.submit(job("count", slices=1))
    recorder.wait_for(first, SliceReady)
    pid = runner.worker_pid
    runner.close()
    runner.close()
    assert isinstance(recorder.ends(first)[0], Cancelled)
    assert isinstance(recorder.ends(second)[0], Cancelled)
    assert pid is not None
    assert not _runs(pid)
    with pytest.raises(JobError):
        runner.submit(job("count", slices=1))


_VIEWER = """
import sys, threading
from medgan_viewer.jobs.events import Started
from medgan_viewer.jobs.runner import Runner
from medgan_viewer.jobs.worker import Job

def main():
    started = threading.Event()
    runner = Runner(lambda event: started.set())
    runner.submit(Job("tests.jobs.entry_points:ignore_wishes", {"slices": 1}))
    started.wait(60)
    print(runner.worker_pid, flush=True)
    if sys.argv[1] == "stay":
        threading.Event().wait()

if __name__ == "__main__":
    main()
"""


def _viewer(tmp_path: Path, then: str) -> "subprocess.Popen[str]":
    script = tmp_path / "viewer.py"
    script.write_text(_VIEWER)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen([sys.executable, str(script), then], stdout=subprocess.PIPE, text=True, env=environment)


def test_that_the_worker_goes_when_the_viewer_is_killed(tmp_path: Path) -> None:
    with _viewer(tmp_path, "stay") as viewer:
        assert viewer.stdout is not None
        worker = int(viewer.stdout.readline())
        assert _runs(worker)
        viewer.kill()
    _wait_until(lambda: not _runs(worker))


def test_that_a_viewer_that_forgets_to_close_still_ends_and_takes_the_worker_along(tmp_path: Path) -> None:
    with _viewer(tmp_path, "go") as viewer:
        assert viewer.stdout is not None
        worker = int(viewer.stdout.readline())
        assert viewer.wait(60) == 0
    _wait_until(lambda: not _runs(worker))


def _wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Whether a process exists and is no zombie waiting to be collected."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
