"""One inference service for all tests that need a worker: importing torch there takes seconds."""

from collections.abc import Iterator

import pytest

from medgan_viewer.jobs.events import Event, SliceReady
from medgan_viewer.jobs.worker import Job
from medgan_viewer.services import InferenceService
from tests.jobs.recorder import Recorder


class Witness(Recorder):
    """Also looks whether a slice that is announced is ready."""

    def __init__(self) -> None:
        super().__init__()
        self.service: InferenceService | None = None
        self.announced_too_early: list[Event] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, SliceReady) and self.service is not None:
            layers = self.service.run(event.job_id).layers
            if not all(layer.ready[event.index] for layer in layers):
                self.announced_too_early.append(event)
        super().__call__(event)


@pytest.fixture(scope="session")
def events() -> Witness:
    """Return the listener of the shared service."""
    return Witness()


@pytest.fixture(scope="session")
def service(events: Witness) -> Iterator[InferenceService]:
    """Return a service whose worker runs and knows the test networks; for tests that do not end it."""
    made = events.service = InferenceService(events, device="cpu")
    offer_networks(made)
    yield made
    made.close()


def offer_networks(service: InferenceService) -> None:
    """Start the service's worker where it does not run and make the test networks known to it."""
    service._runner.ask(Job("tests.models.tiny:offer_test_networks")).result(60)
