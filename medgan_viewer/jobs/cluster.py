"""The jobs of a line on the machines of a Ray cluster (the optional extra "cluster").

Each device (a GPU; a processor core where the cluster has no GPU) belongs to one actor; loading and writing are tasks
of their own, on any machine where there are GPUs, else beside the actor. What one step gives the next goes through
Ray's object store and never through this process. A machine that dies takes its jobs with it, and they are done again
from their first step elsewhere: what makes a job's result count must be able to happen twice.
"""

import contextlib
import importlib
import logging
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from medgan_viewer.errors import JobError, MissingPartError
from medgan_viewer.jobs.line import Ended, Failure, Steps, attempt
from medgan_viewer.jobs.worker import resolve

__all__ = ["ClusterLine"]

_log = logging.getLogger(__name__)

# A job that was under way on so many machines when they died is taken for the cause.
_MOST_TRIES = 3
# A cluster without any device for so long is given up.
_PATIENCE_SECONDS = 120.0
_CLOSING_SECONDS = 10.0
_KNOCKING_SECONDS = 5.0
# One runs, one is loaded, one is written.
_JOBS_OF_A_DEVICE = 3


class _DeviceActor:
    """What runs on a machine of the cluster, with a device of its own."""

    def __init__(self, entry_point: str, device: str) -> None:
        self._device = resolve(entry_point)(device)

    def node(self) -> str:
        """Return the machine's id; that it answers is the sign of life."""
        identifier: str = _ray().get_runtime_context().get_node_id()
        return identifier

    def infer(self, job: Any, loaded: Any) -> Any:
        """Run a job."""
        return attempt(self._device.infer, job, loaded)

    def close(self) -> None:
        """End the jobs under way."""
        self._device.close()


def _step(entry_point: str, *arguments: Any) -> Any:
    """Do a step that needs no device, on a machine of the cluster."""
    return attempt(resolve(entry_point), *arguments)


@dataclass(eq=False)
class _Device:
    """An actor as seen from here; ``node`` is empty until it has answered."""

    actor: Any
    node: str = ""
    jobs: int = 0


@dataclass(eq=False)
class _Try:
    """A job under way on a device."""

    job: Any
    device: _Device
    number: int

    @property
    def room(self) -> int:
        """How many jobs' room it takes: one that a machine died over gets a device for itself, so that it takes no
        other one with it should it be the cause.
        """
        return 1 if self.number == 1 else _JOBS_OF_A_DEVICE


class ClusterLine:
    """Jobs on a Ray cluster. ``address`` is "HOST:PORT", "auto" (the one this machine is part of) or "local".

    "local" starts a cluster of this machine alone, which uses all its GPUs. At most ``most`` devices are used. Raises
    MissingPartError without Ray, JobError where no cluster answers or it has nothing to run on.
    """

    def __init__(self, address: str, steps: Steps, device: str, *, most: int = 1 << 10) -> None:
        self._ray = _ray()
        self._steps, self._name = steps, device
        self._tries: dict[Any, _Try] = {}
        self._signs_of_life: dict[Any, _Device] = {}
        self._devices: list[_Device] = []
        self._again: list[tuple[Any, int]] = []
        self._alone_since = time.monotonic()
        self._open = contextlib.ExitStack()
        # Ray writes what it thinks of the cluster between a program's results, and cannot be told not to.
        nowhere = self._open.enter_context(contextlib.closing(Path(os.devnull).open("w")))  # noqa: SIM115  # closed with us
        self._open.enter_context(contextlib.redirect_stdout(nowhere))
        try:
            _connect(self._ray, address)
            self._open.callback(self._ray.shutdown)
            resources = self._ray.cluster_resources()
            self._on_gpu = resources.get("GPU", 0) >= 1
            count = min(most, int(resources.get("GPU" if self._on_gpu else "CPU", 0)))
            if count < 1:
                raise JobError("This Ray cluster has neither a GPU nor a processor to offer; start it with some.")
            # A machine that comes back, or another one, may take the place of one that died.
            self._replacements = 2 * count
            for _ in range(count):
                self._add_device()
        except BaseException:
            self._open.close()
            raise

    @property
    def room(self) -> int:
        """How many more jobs can be started now."""
        # What has to be done again comes first.
        return 0 if self._again else sum(_JOBS_OF_A_DEVICE - one.jobs for one in self._devices if one.node)

    def start(self, job: Any) -> None:
        """Begin a job where least is to do."""
        self._start(job, 1)

    def wait(self, seconds: float) -> list[Ended]:
        """Return what has ended. Raises JobError where no machine is left and none comes."""
        watched = [*self._tries, *self._signs_of_life]
        answered, _ = self._ray.wait(watched, num_returns=1, timeout=seconds) if watched else ([], [])
        ended: list[Ended] = []
        for reference in answered:
            if reference in self._tries:
                ended += self._take(self._tries.pop(reference), reference)
            else:
                self._see(self._signs_of_life.pop(reference), reference)
        while self._again and any(one.node and one.jobs == 0 for one in self._devices):
            self._start(*self._again.pop(0))
        self._check_that_somebody_works()
        return ended

    def close(self) -> None:
        """End everything and leave the cluster."""
        closing = [device.actor.close.remote() for device in self._devices if device.node]
        if closing:
            self._ray.wait(closing, num_returns=len(closing), timeout=_CLOSING_SECONDS)
        for device in self._devices:
            self._ray.kill(device.actor)
        self._open.close()

    def _add_device(self) -> None:
        needs = {"num_gpus": 1, "num_cpus": 0} if self._on_gpu else {"num_cpus": 1}
        # Restarts and retries are decided here: Ray would wait for room for a restart while other devices are idle.
        remote = self._ray.remote(_DeviceActor).options(max_concurrency=_JOBS_OF_A_DEVICE + 2, max_restarts=0, **needs)
        device = _Device(remote.remote(self._steps.device, self._name))
        self._devices.append(device)
        self._signs_of_life[device.actor.node.remote()] = device

    def _start(self, job: Any, number: int) -> None:
        device = min((one for one in self._devices if one.node), key=lambda one: one.jobs)
        step = self._step_beside(device)
        loaded = step.remote(self._steps.load, job)
        outcome = device.actor.infer.remote(job, loaded)
        tried = _Try(job, device, number)
        self._tries[step.remote(self._steps.write, job, loaded, outcome)] = tried
        device.jobs += tried.room

    def _step_beside(self, device: _Device) -> Any:
        """Return the remote function for a step without a device."""
        if self._on_gpu:
            return self._ray.remote(_step).options(num_cpus=1, max_retries=0)
        # The actors have all processors; what they are given had best be on their machine.
        strategies = importlib.import_module("ray.util.scheduling_strategies")
        near = strategies.NodeAffinitySchedulingStrategy(device.node, soft=True)
        return self._ray.remote(_step).options(num_cpus=0, max_retries=0, scheduling_strategy=near)

    def _take(self, tried: _Try, reference: Any) -> list[Ended]:
        """Return the end of a job, none where it has to be done again."""
        tried.device.jobs -= tried.room
        try:
            return [Ended(tried.job, self._ray.get(reference))]
        except self._ray.exceptions.RayError as error:  # The steps catch their own errors; this is a machine's.
            _log.error("a step on the cluster was lost: %s", type(error).__name__)
        self._doubt(tried.device)
        if tried.number >= _MOST_TRIES:
            sentence = f"What ran it on the cluster died {_MOST_TRIES} times, most likely because memory ran out."
            return [Ended(tried.job, Failure(sentence))]
        self._again.append((tried.job, tried.number + 1))
        return []

    def _doubt(self, device: _Device) -> None:
        """Give a device nothing to do until it has answered anew."""
        if device.node:
            device.node = ""
            self._signs_of_life[device.actor.node.remote()] = device

    def _see(self, device: _Device, reference: Any) -> None:
        """Take a sign of life, or its absence."""
        try:
            device.node = self._ray.get(reference)
        except self._ray.exceptions.RayError as error:
            _log.error("a device of the cluster is gone: %s", type(error).__name__)
            self._devices.remove(device)
            self._ray.kill(device.actor)
            if self._replacements > 0:
                self._replacements -= 1
                self._add_device()

    def _check_that_somebody_works(self) -> None:
        now = time.monotonic()
        if any(device.node for device in self._devices):
            self._alone_since = now
        elif now - self._alone_since > _PATIENCE_SECONDS or not self._devices:
            raise JobError("No machine of the Ray cluster answers; start again when one does, what is done is kept.")


def _ray() -> ModuleType:
    # Ray tells its makers of every use unless it is told not to, and tries for a quarter of an hour to reach a cluster.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", "2")
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise MissingPartError('Ray is not installed; install "medgan-viewer[cluster]".') from error


def _connect(ray: ModuleType, address: str) -> None:
    alone = {"include_dashboard": False} if address == "local" else {}
    try:
        if address not in ("auto", "local"):
            _knock(address)
        ray.init(address=address, log_to_driver=False, logging_level=logging.CRITICAL, **alone)
    except (OSError, RuntimeError, ValueError) as error:
        raise JobError(
            f"No Ray cluster that fits answers at {address} ({type(error).__name__}); start one with `ray start`, with "
            "the same versions of Python and Ray."
        ) from error


def _knock(address: str) -> None:
    """Raise OSError, or ValueError for what is no HOST:PORT, where nobody listens: Ray itself would wait for long."""
    host, _, port = address.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), _KNOCKING_SECONDS).close()
