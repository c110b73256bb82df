"""What a line on a cluster does when machines die, on a stand-in for Ray whose machines die when a test says so."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from medgan_viewer.errors import JobError
from medgan_viewer.jobs import cluster
from medgan_viewer.jobs.cluster import ClusterLine
from medgan_viewer.jobs.line import Ended, Failure, Steps

HERE = "tests.batch.steps_for_tests"
STEPS = Steps(f"{HERE}:load", f"{HERE}:Device", f"{HERE}:write")


class LostError(Exception):
    """Ray's word for what a dead machine took with it."""


class Reference:
    """What something will be: worked out when it is asked for."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work, self._done, self._value = work, False, None

    def value(self) -> Any:
        """Return it, the same every time."""
        if not self._done:
            self._value, self._done = self._work(), True
        return self._value


class Actor:
    """An actor on a machine of its own."""

    def __init__(self, ray: "StandIn", held: Any) -> None:
        self._ray, self._held, self.alive = ray, held, True

    def __getattr__(self, name: str) -> Any:
        return SimpleNamespace(remote=lambda *arguments: Reference(lambda: self._call(name, arguments)))

    def _call(self, name: str, arguments: tuple[Any, ...]) -> Any:
        if name == "infer" and "deadly" in arguments[0]:
            self.alive = False
        if not self.alive:
            raise LostError
        return "node" if name == "node" else getattr(self._held, name)(*map(self._ray.get, arguments))


class StandIn:
    """As much of Ray as a line uses."""

    exceptions = SimpleNamespace(RayError=LostError)

    def __init__(self, gpus: int) -> None:
        self.gpus, self.actors = gpus, list[Actor]()
        self.running = False

    def init(self, **options: Any) -> None:
        """Connect."""
        assert options["log_to_driver"] is False
        self.running = True

    def shutdown(self) -> None:
        """Leave."""
        self.running = False

    def cluster_resources(self) -> dict[str, float]:
        """Return what there is."""
        return {"GPU": float(self.gpus), "CPU": 4.0}

    def remote(self, what: Any) -> Any:
        """Return something with options, and then with remote."""
        return SimpleNamespace(options=lambda **options: SimpleNamespace(remote=lambda *args: self._make(what, args)))

    def _make(self, what: Any, arguments: tuple[Any, ...]) -> Any:
        if not isinstance(what, type):
            return Reference(lambda: what(*map(self.get, arguments)))
        self.actors.append(Actor(self, what(*arguments)))
        return self.actors[-1]

    def wait(self, references: list[Reference], **options: Any) -> tuple[list[Reference], list[Reference]]:
        """Return the first one."""
        del options
        return references[:1], references[1:]

    def get(self, reference: Any) -> Any:
        """Return what a reference refers to."""
        return reference.value() if isinstance(reference, Reference) else reference

    def kill(self, actor: Actor) -> None:
        """Kill an actor."""
        actor.alive = False


def line(monkeypatch: pytest.MonkeyPatch, gpus: int = 2) -> tuple[ClusterLine, StandIn]:
    """Return a line on a stand-in with so many machines, each of which has answered."""
    ray = StandIn(gpus)
    monkeypatch.setattr(cluster, "_ray", lambda: ray)
    made = ClusterLine("auto", STEPS, "cuda")
    for _ in range(gpus):
        assert made.wait(0) == []
    return made, ray


def all_ends(line: ClusterLine, jobs: list[dict[str, Any]]) -> dict[str, Any]:
    """Do jobs as there is room, and return what became of each; each ends once."""
    waiting, ended = list(jobs), list[Ended]()
    for _ in range(100):
        while waiting and line.room > 0:
            line.start(waiting.pop(0))
        ended += line.wait(0)
        if len(ended) == len(jobs):
            break
    assert sorted(one.job["name"] for one in ended) == sorted(job["name"] for job in jobs)
    return {one.job["name"]: one.value for one in ended}


def jobs(count: int) -> list[dict[str, Any]]:
    """Return jobs without a trouble."""
    return [{"name": str(number)} for number in range(count)]


def test_that_every_device_gets_work_and_no_more_than_it_can_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    made, ray = line(monkeypatch)
    assert made.room == 6
    assert all_ends(made, jobs(9)) == {str(n): f"voxels of {n} on cuda, written" for n in range(9)}
    assert len(ray.actors) == 2
    made.close()
    assert not ray.running
    assert not any(actor.alive for actor in ray.actors)


def test_that_what_a_dead_machine_was_doing_is_done_elsewhere_and_its_place_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, ray = line(monkeypatch)
    for job in jobs(6):
        made.start(job)
    ray.actors[0].alive = False
    ends: list[Ended] = []
    while len(ends) < 6:
        ends += made.wait(0)
    assert sorted(one.job["name"] for one in ends) == [str(n) for n in range(6)]
    assert not any(isinstance(one.value, Failure) for one in ends)
    # The dead one does not answer, another one does.
    for _ in range(2):
        assert made.wait(0) == []
    assert len(ray.actors) == 3
    assert made.room == 6
    made.close()


def test_that_a_job_that_kills_its_machine_is_given_up_and_the_rest_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    made, _ = line(monkeypatch)
    ends = all_ends(made, [{"name": "bad", "deadly": True}, *jobs(5)])
    assert ends.pop("bad") == Failure("What ran it on the cluster died 3 times, most likely because memory ran out.")
    assert all(isinstance(value, str) for value in ends.values())
    made.close()


def test_that_a_failure_of_a_step_is_no_death(monkeypatch: pytest.MonkeyPatch) -> None:
    made, ray = line(monkeypatch)
    ends = all_ends(made, [{"name": "a", "unreadable": True}, *jobs(2)])
    assert ends["a"] == Failure("scan.dcm: this is no scan.")
    assert len(ray.actors) == 2
    made.close()


def test_that_a_cluster_without_a_machine_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "_PATIENCE_SECONDS", 0.0)
    made, ray = line(monkeypatch, gpus=1)
    made.start({"name": "last"})
    ray.actors[0].alive = False
    with pytest.raises(JobError, match="No machine of the Ray cluster answers"):
        made.wait(0)
    made.close()


def test_that_a_cluster_with_nothing_to_run_on_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    ray = StandIn(0)
    monkeypatch.setattr(ray, "cluster_resources", dict)
    monkeypatch.setattr(cluster, "_ray", lambda: ray)
    with pytest.raises(JobError, match="neither a GPU nor a processor"):
        ClusterLine("auto", STEPS, "cuda")
    assert not ray.running
