"""One inference service for all tests that need a worker: importing torch there takes seconds."""

from collections.abc import Iterator

import pytest

from medgan_viewer.jobs.worker import Job
from medgan_viewer.services import InferenceService
from tests.jobs.recorder import Recorder


@pytest.fixture(scope="session")
def events() -> Recorder:
    """Return the listener of the shared service."""
    return Recorder()


@pytest.fixture(scope="session")
def service(events: Recorder) -> Iterator[InferenceService]:
    """Return a service whose worker runs and knows the test networks; for tests that do not end it."""
    made = InferenceService(events, device="cpu")
    offer_networks(made)
    yield made
    made.close()


def offer_networks(service: InferenceService) -> None:
    """Start the service's worker where it does not run and make the test networks known to it."""
    service._runner.ask(Job("tests.models.tiny:offer_test_networks")).result(60)
