"""A batch on a Ray cluster of two machines, one of which is killed in mid-run."""

import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from medgan_viewer import cli
from tests.batch.studies import MODEL, series_uid, write_head
from tests.batch.test_batch_command import images, records, wait_until

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed"),
    # Starting Ray takes half a minute of processor time, most of it in processes that have little to say.
    pytest.mark.timeout(1500),
]
PATIENCE_SECONDS = 700.0
STUDIES = 10


class Machines:
    """The two machines of one core each; the first one is the head."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self.folder = folder
        self._commands, self._answers = _open(process.stdin), _open(process.stdout)
        self.address = self._answers.readline().strip()

    def kill_second(self) -> None:
        """Kill every process of the second machine."""
        self._commands.write("2\n")
        self._commands.flush()
        assert self._answers.readline() == "2 is dead\n"


def _open(pipe: "IO[str] | None") -> "IO[str]":
    assert pipe is not None
    return pipe


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of running processes that name a folder."""
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        lines += [line] if str(folder) in line else []
    return lines


def devices_at_work(out: Path) -> int:
    """Return how many devices have made a result."""
    return len({record["process"] for record in records(out).values()})


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Machines]:
    """Start the cluster, and see that all of it ends. Sockets lie in its folder, so that its path has to be short."""
    if not sys.platform.startswith("linux"):
        pytest.skip("several machines of a cluster on one computer are Linux's")
    # Its ports are open to the network while the test lasts: nobody else shall use them.
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    with tempfile.TemporaryDirectory(prefix="r-", ignore_cleanup_errors=True) as name:
        command = [sys.executable, "-m", "tests.batch.nodes", name, "1", "1"]
        with (
            (Path(name) / "log").open("w") as log,
            subprocess.Popen(command, stdin=-1, stdout=-1, stderr=log, text=True) as process,
        ):
            made = Machines(process, Path(name))
            if not made.address and os.getloadavg()[0] > 3 * (os.cpu_count() or 1):
                pytest.skip("this computer is too busy: Ray gives its parts 15 s to start, and then it gives up")
            assert made.address, (Path(name) / "log").read_text()[-2000:]
            yield made
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(60) == 0
        wait_until(lambda: not processes_of(Path(name)))


def test_that_every_study_is_done_once_though_a_machine_dies(machines: Machines, model: Path, tmp_path: Path) -> None:
    for number in range(STUDIES):
        write_head(tmp_path / "in", number, (10, 160, 160))
    out = tmp_path / "out"
    command = [sys.executable, "-m", "medgan_viewer", "batch", MODEL, str(tmp_path / "in"), "--out", str(out)]
    command += ["--ray", machines.address, "--device", "cpu", "--json", "--no-deidentify"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as batch:
        wait_until(lambda: batch.poll() is not None or devices_at_work(out) == 2, PATIENCE_SECONDS)
        before = len(records(out))
        machines.kill_second()
        said, complaints = batch.communicate(timeout=PATIENCE_SECONDS)
    # Ray's core tells of lost objects on standard error, and would tell of being told not to.
    ours = [line for line in complaints.splitlines() if " core_worker.cc:" not in line]
    assert (batch.returncode, ours) == (0, [])
    assert 2 <= before < STUDIES, "it was not killed in mid-run"
    summary = json.loads(said)
    assert (summary["done"], summary["failed"]) == (STUDIES, 0)
    made = records(out)
    assert sorted(record["series"][0] for record in made.values()) == sorted(series_uid(n) for n in range(STUDIES))
    assert all(len(images(out / key)) == 10 for key in made)
    assert not list(out.glob(".part-*"))
    log = (tmp_path / "logs" / "medgan-viewer.log").read_text()
    assert "a step on the cluster was lost" in log


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "nowhere", "host:port"])
def test_that_a_cluster_that_is_not_there_is_one_sentence(
    address: str, model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        # Bound, and nobody listens.
        taken.bind(("127.0.0.1", 0))
        address = address.format(port=taken.getsockname()[1])
        code = cli.main(["batch", MODEL, str(heads), "--out", str(tmp_path / "out"), "--ray", address])
    complaint = capsys.readouterr().err
    assert code == 1
    assert complaint.startswith(f"No Ray cluster that fits answers at {address} (")
    assert complaint.count("\n") == 1


def test_that_ray_that_is_not_installed_is_named(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    code = cli.main(["batch", MODEL, str(heads), "--out", str(tmp_path / "out"), "--ray", "auto"])
    assert code == 1
    assert "medgan-viewer[cluster]" in capsys.readouterr().err
