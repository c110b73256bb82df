"""Runners for the tests of this folder."""

from collections.abc import Iterator

import pytest

from medgan_viewer.jobs.runner import Runner
from medgan_viewer.jobs.worker import Job
from tests.jobs.recorder import Recorder

ENTRY = "tests.jobs.entry_points"


@pytest.fixture(scope="session")
def shared_recorder() -> Recorder:
    """Return the listener of the shared runner."""
    return Recorder()


@pytest.fixture(scope="session")
def shared_runner(shared_recorder: Recorder) -> Iterator[Runner]:
    """Return a runner whose process already runs, for tests that do not end it."""
    runner = Runner(shared_recorder)
    runner.ask(Job(f"{ENTRY}:count", {"slices": 0})).result(60)
    yield runner
    runner.close()


@pytest.fixture
def recorder() -> Recorder:
    """Return the listener of :func:`runner`."""
    return Recorder()


@pytest.fixture
def runner(recorder: Recorder) -> Iterator[Runner]:
    """Return a runner of the test's own, with little patience."""
    runner = Runner(recorder, patience=0.2)
    yield runner
    runner.close()
