"""A listener that keeps every event and waits for conditions."""

import threading
from collections.abc import Callable

from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, SliceReady

End = Finished | Failed | Cancelled
PATIENCE_SECONDS = 60.0


class Recorder:
    """Call it with events from any thread."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def of(self, job_id: str) -> list[Event]:
        """Return a job's events so far."""
        with self._changed:
            return [event for event in self.events if event.job_id == job_id]

    def slices(self, job_id: str) -> list[int]:
        """Return the slices of a job in the order in which they became ready."""
        return [event.index for event in self.of(job_id) if isinstance(event, SliceReady)]

    def ends(self, job_id: str) -> list[End]:
        """Return the ends of a job: one, where all is well."""
        return [event for event in self.of(job_id) if isinstance(event, Finished | Failed | Cancelled)]

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds; it is asked after every event."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE_SECONDS), "waited in vain for an event"

    def wait_for(self, job_id: str, kind: type) -> None:
        """Wait for an event of a kind."""
        self.wait(lambda: any(isinstance(e, kind) and e.job_id == job_id for e in self.events))

    def end_of(self, job_id: str) -> End:
        """Wait for the end of a job and return it."""
        kinds = (Finished, Failed, Cancelled)
        self.wait(lambda: any(isinstance(e, kinds) and e.job_id == job_id for e in self.events))
        return self.ends(job_id)[0]
