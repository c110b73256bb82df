"""A training's eyes: measures its networks and raises alarms into its run folder, without changing a loss."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from medgan_viewer.lab.diagnostics.alarms import Alarms
from medgan_viewer.lab.diagnostics.measure import Diagnostics
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.sources.base import DataSource
from medgan_viewer.lab.training.run_folder import Alarm, RunFolder

__all__ = ["Watching"]


class Watching:
    """The trainer's `Watch`: diagnostics with random numbers of their own, and the alarms that read the metrics.

    `say` is told each alarm as well.
    """

    def __init__(
        self,
        method: Method,
        source: DataSource,
        folder: RunFolder,
        seed: int,
        autocast: Callable[[], AbstractContextManager[Any]],
        say: Callable[[Alarm], None] | None = None,
    ) -> None:
        self._folder, self._say = folder, say
        self._alarms = Alarms()
        self._diagnostics = Diagnostics(
            method, source, Draw(seed), held_out=bool(source.patients.get("validation")), autocast=autocast
        )

    def on_measure(self, step: int, method: Method, losses: Losses, batch: Batch) -> dict[str, float]:
        """Return what the diagnostics measure."""
        return self._diagnostics.on_measure(step, method, losses, batch)

    def on_line(self, line: dict[str, Any]) -> None:
        """Write the alarms that a line of metrics raises or ends."""
        for alarm in self._alarms.observe(line):
            self._folder.append_alarm(alarm)
            if self._say is not None:
                self._say(alarm)

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from."""
        return {"diagnostics": self._diagnostics.state(), "alarms": self._alarms.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        self._diagnostics.restore(state["diagnostics"])
        self._alarms.restore(state["alarms"])
