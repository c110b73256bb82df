"""What a training is asked for while it runs: by control.json, by Ctrl-C or a termination signal, by the clock."""

import signal
import threading
import time
from time import sleep
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple

from medgan_viewer.lab.training.run_folder import RunFolder, Wish

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = ["Answer", "Control"]

LOOK_SECONDS = 1.0
"""How often control.json is read, about."""
_MOST_STEPS = 200
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM") if hasattr(signal, name))


class Answer(NamedTuple):
    """What all processes do now, whether all losses were numbers, and after how many steps they look again."""

    wish: Wish
    sound: bool
    steps: int


class Control:
    """Asks at intervals of about a second; the first process decides for all.

    Used as a context: inside, the first Ctrl-C or SIGTERM becomes the wish to stop, a second one ends the process as
    usual. Signals are left alone in other threads than the main one.
    """

    def __init__(self, folder: RunFolder, fabric: "Fabric", seconds: float | None = None) -> None:
        self._folder, self._fabric = folder, fabric
        self._ends = None if seconds is None else time.monotonic() + seconds
        self._signalled = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Control":
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def ask(self, sound: bool, step_seconds: float) -> Answer:
        """Return the same answer in all processes; a collective call. `sound` is this process's part of the answer."""
        steps = max(1, min(_MOST_STEPS, int(LOOK_SECONDS / max(step_seconds, 1e-6))))
        own = Answer(self._wish(), sound, steps)
        if self._fabric.world_size == 1:
            return own
        unsound, stop = self._anywhere(not sound, self._signalled)
        first: Answer = self._fabric.broadcast(own)
        return Answer("stop" if stop else first.wish, not unsound, first.steps)

    def wait(self) -> Wish:
        """Wait about a second for another wish than to pause and return the present one; a collective call."""
        sleep(LOOK_SECONDS)
        return self.ask(True, LOOK_SECONDS).wish

    @property
    def pressing(self) -> bool:
        """Whether this process was asked to stop, so that it should not wait for its next look."""
        return self._signalled

    def _wish(self) -> Wish:
        if self._signalled or (self._ends is not None and time.monotonic() >= self._ends):
            return "stop"
        return self._folder.wish()

    def _anywhere(self, *values: bool) -> list[bool]:
        """Return for each value whether it is true in any process."""
        import torch

        own = torch.tensor(values, dtype=torch.float32, device=self._fabric.device)
        counts: Any = self._fabric.all_reduce(own, reduce_op="sum")
        return [count > 0 for count in counts.tolist()]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._signalled = True
        signal.signal(number, self._before[number])
