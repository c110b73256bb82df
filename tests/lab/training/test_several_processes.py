"""Two processes on the CPU give the losses of one with the doubled batch; both ways of starting them are taken."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.training import processes
from medgan_viewer.lab.training.run_folder import RunFolder
from tests.lab import several_processes
from tests.lab.several_processes import STEPS

PROGRAM = "tests.lab.several_processes"
BY_ITSELF = ("-m", PROGRAM)
BY_TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "-m", PROGRAM)


def train(folder: Path, penalty: str, batch: int, devices: int, program: tuple[str, ...]) -> list[dict[str, Any]]:
    """Train in processes of their own and return the lines of metrics."""
    command = [sys.executable, *program, str(folder), penalty, str(batch), str(devices)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    return RunFolder(folder).metrics()[0]


@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="this torch has no gloo")
@pytest.mark.parametrize(("penalty", "program"), [("r1", BY_TORCHRUN), ("gp", BY_ITSELF)])
def test_that_two_processes_give_the_losses_of_one_with_the_doubled_batch(
    tmp_path: Path, penalty: str, program: tuple[str, ...]
) -> None:
    several_processes.main(str(tmp_path / "one"), penalty, "8", "1")
    one = RunFolder(tmp_path / "one").metrics()[0]
    two = train(tmp_path / "two", penalty, 4, 2, program)
    assert len(one) == len(two) == STEPS
    names = [name for name in one[-1] if name.startswith(("loss/", "gradient/"))]
    assert {"loss/penalty", "loss/adversarial", "gradient/discriminator"} <= set(names)
    for single, double in zip(one, two, strict=True):
        for name in set(names) & set(single):
            assert double[name] == pytest.approx(single[name], rel=1e-5, abs=1e-9), (name, single["step"])
    info, state = RunFolder(tmp_path / "two").info(), RunFolder(tmp_path / "two").state()
    assert info is not None
    assert state is not None
    assert (info.world, state.status, state.step) == (2, "finished", STEPS)


def one_of_two(rank: int, failed: float) -> Any:
    """Return what stands for the Fabric of one of two processes, `failed` of which could not make something."""
    return SimpleNamespace(
        world_size=2, local_rank=rank, device="cpu", all_reduce=lambda flag, reduce_op: flag + failed
    )


def test_that_the_others_make_nothing_before_the_first_has_or_when_it_failed() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return "data"

    assert processes.first_alone(one_of_two(0, 0), make) == "data"
    assert len(made) == 1
    with pytest.raises(UsageError, match="the first process of this training says why"):
        processes.first_alone(one_of_two(1, 1), make)
    assert len(made) == 1
    assert processes.first_alone(one_of_two(1, 0), make) == "data"


def test_that_the_first_says_itself_why_it_failed() -> None:
    def fail() -> None:
        raise UsageError("The folder is not there.")

    with pytest.raises(UsageError, match="The folder is not there"):
        processes.first_alone(one_of_two(0, 0), fail)
