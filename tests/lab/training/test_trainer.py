"""Training: the same losses after a kill, in two processes and while watched; every end is a sentence."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from medgan_viewer.errors import JobError, ReadError, UsageError, WriteError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.sources.toy import ToySource
from medgan_viewer.lab.training import checkpoints, control
from medgan_viewer.lab.training.run_folder import RunFolder
from medgan_viewer.lab.training.schedule import Training, TrainingPhase
from medgan_viewer.lab.training.trainer import BEFORE_ADVERSARY, Trainer
from tests.lab.toy_methods import ToyGan

TRAINING = Training(
    (TrainingPhase("reconstruction", 4, adversarial=False), TrainingPhase("adversarial", 8, adversarial=True)),
    batch=8,
    precision="fp32",
    learning_rate=1e-2,
    measure_every=1,
    sample_every=0,
    save_every=2,
)


def trainer(folder: Path, method: Method | None = None, **changes: Any) -> Trainer:
    return Trainer(replace(TRAINING, **changes), method or ToyGan(), ToySource("ring"), folder)


def losses(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of metrics without what depends on the clock."""
    lines, _ = RunFolder(folder).metrics()
    return [{k: v for k, v in line.items() if k not in ("seconds", "images_per_second")} for line in lines]


def weights(trained: Trainer) -> torch.Tensor:
    networks = [*trained.steps.networks, trained.steps.average]
    return torch.cat([weight.detach().flatten() for network in networks for weight in network.parameters()])


class Spoiled(ToyGan):
    """Loses its numbers at a step of the generator."""

    def __init__(self, at: int, value: float = float("nan")) -> None:
        super().__init__()
        self.left, self.value = at, value

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        self.left -= 1
        made = super().generator_loss(batch, draw, adversarial=adversarial)
        return replace(made, total=made.total * self.value) if self.left == 0 else made


class Interrupting(ToyGan):
    """Does something at a step of the generator."""

    def __init__(self, at: int, action: Any) -> None:
        super().__init__()
        self.left, self.action = at, action

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        self.left -= 1
        if self.left == 0:
            self.action()
        return super().generator_loss(batch, draw, adversarial=adversarial)


def test_that_a_run_writes_what_it_was(tmp_path: Path) -> None:
    state = trainer(tmp_path).train()
    folder = RunFolder(tmp_path)
    info, last = folder.info(), folder.state()
    assert info is not None
    assert last is not None
    assert (info.method, info.steps, info.world, info.precision, info.seed) == ("toy", 12, 1, "fp32", 0)
    assert info.parameters["generator"] == sum(p.numel() for p in ToyGan().generator.parameters())
    assert [phase.name for phase in info.phases] == ["reconstruction", "adversarial"]
    assert (state.status, state.step, last.status, last.step) == ("finished", 12, "finished", 12)
    lines = losses(tmp_path)
    assert [line["step"] for line in lines] == list(range(1, 13))
    assert "loss/discriminator" not in lines[3]
    assert {"loss/generator", "loss/adversarial", "loss/discriminator", "gradient/discriminator"} <= set(lines[4])
    assert lines[-1]["rate/generator"] == 1e-2


def test_that_the_generator_learns_and_its_average_follows(tmp_path: Path) -> None:
    phase = TrainingPhase("reconstruction", 200, adversarial=False)
    trained = trainer(tmp_path, phases=(phase,), measure_every=20, average_decay=0.9)
    trained.train()
    values = [line["loss/reconstruction"] for line in losses(tmp_path)]
    assert values[-1] < 0.1 * values[0]
    present = torch.cat([weight.flatten() for weight in trained.steps.method.generator.parameters()])
    averaged = torch.cat([weight.flatten() for weight in trained.steps.average.parameters()])
    assert not torch.equal(present, averaged)
    assert torch.allclose(present, averaged, atol=0.05)


def test_that_a_run_that_was_stopped_goes_on_exactly(tmp_path: Path) -> None:
    whole = trainer(tmp_path / "whole")
    whole.train()
    for at in (2, 5):  # once in each phase
        parts = trainer(tmp_path / "parts", Interrupting(at, lambda: os.kill(os.getpid(), signal.SIGTERM)))
        parts.resume()
        assert parts.train().status == "stopped"
    resumed = trainer(tmp_path / "parts")
    assert resumed.resume()
    assert resumed.steps.number == 7
    resumed.train()
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")
    assert torch.equal(weights(resumed), weights(whole))


def test_that_a_killed_process_goes_on_to_the_same_losses(tmp_path: Path) -> None:
    """SIGKILL at any moment, as the test of the issue wants it: real processes, losses compared number by number."""
    steps = 400
    script = (
        "import sys; from pathlib import Path;"
        "from tests.lab.training.test_trainer import TRAINING, trainer, TrainingPhase;"
        f"made = trainer(Path(sys.argv[1]), phases=(*TRAINING.phases[:1], TrainingPhase('adversarial', {steps}, True)),"
        " save_every=50); made.resume(); made.train()"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", script]
    subprocess.run([*command, str(tmp_path / "whole")], check=True, env=environment)
    for lines in (30, 150):
        with subprocess.Popen([*command, str(tmp_path / "parts")], env=environment) as process:
            while len(RunFolder(tmp_path / "parts").metrics()[0]) < lines:
                assert process.poll() is None
                time.sleep(0.01)
            process.kill()
        assert RunFolder(tmp_path / "parts").interrupted()
    subprocess.run([*command, str(tmp_path / "parts")], check=True, env=environment)
    assert len(losses(tmp_path / "whole")) == steps + 4
    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")


def test_that_a_wish_to_stop_is_obeyed(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    endless = (TrainingPhase("adversarial", 1_000_000, adversarial=True),)
    method = Interrupting(3, lambda: folder.write_wish("stop"))
    state = trainer(tmp_path, method, phases=endless, measure_every=0, save_every=0).train()
    assert state.status == "stopped"
    saved = checkpoints.load(folder)
    assert saved is not None
    assert saved["step"] == state.step


def test_that_a_pause_holds_until_the_wish_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = RunFolder(tmp_path)
    seen: list[str] = []

    def waited(seconds: float) -> None:
        del seconds
        state = folder.state()
        seen.append("" if state is None else state.status)
        if len(seen) == 3:
            folder.write_wish("run")

    monkeypatch.setattr(control, "sleep", waited)
    state = trainer(tmp_path, Interrupting(3, lambda: folder.write_wish("pause"))).train()
    assert seen == ["paused"] * 3
    assert (state.status, state.step) == ("finished", 12)


def test_that_a_run_of_so_many_minutes_can_go_on(tmp_path: Path) -> None:
    made = trainer(tmp_path)
    assert made.train(minutes=0.0).status == "stopped"
    assert made.steps.number < 12
    assert made.train().status == "finished"


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_that_a_loss_that_is_no_number_stops_the_run_with_the_last_good_checkpoint(
    tmp_path: Path, value: float
) -> None:
    with pytest.raises(JobError, match=r"generator's loss was no number at step 7.*checkpoint of step 6 was kept"):
        trainer(tmp_path, Spoiled(7, value)).train()
    state = RunFolder(tmp_path).state()
    assert state is not None
    assert state.status == "failed"
    assert "at step 7" in state.sentence
    content = checkpoints.load(RunFolder(tmp_path))
    assert content is not None
    assert content["step"] == 6
    assert all(value.isfinite().all() for value in content["generator"].values())


def test_that_a_full_disk_keeps_the_checkpoint_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = trainer(tmp_path, phases=(TrainingPhase("adversarial", 4, adversarial=True),))
    made.train()
    before = (tmp_path / "checkpoint.pt").read_bytes()

    def full(content: Any, file: Any) -> None:
        file.write(b"half of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    more = trainer(tmp_path)
    more.resume()
    with pytest.raises(WriteError, match="the disk is full"):
        more.train()
    assert (tmp_path / "checkpoint.pt").read_bytes() == before
    state = RunFolder(tmp_path).state()
    assert state is not None
    assert state.status == "failed"
    assert "the disk is full" in state.sentence
    assert not list(tmp_path.glob(".part*"))


@pytest.mark.skipif(not hasattr(signal, "SIGXFSZ"), reason="this system bounds no file's size")
def test_that_a_disk_that_takes_no_more_is_one_sentence(tmp_path: Path) -> None:
    """The operating system's own refusal, half way through a file, in a process whose files may hold 2 kB."""
    script = (
        "import resource, signal, sys, torch; from pathlib import Path;"
        "from medgan_viewer.lab.training import checkpoints;"
        "from medgan_viewer.lab.training.run_folder import RunFolder; from medgan_viewer.errors import WriteError\n"
        "folder = RunFolder(Path(sys.argv[1])); checkpoints.save(folder, {'step': 1})\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (2048, 2048))\n"
        "try: checkpoints.save(folder, {'step': 2, 'weights': torch.zeros(100_000)})\n"
        "except WriteError as error: print(error.sentence)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "takes no file of this size" in done.stdout
    content = checkpoints.load(RunFolder(tmp_path))
    assert content is not None
    assert content["step"] == 1


def test_that_a_damaged_checkpoint_gives_way_to_the_one_before(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    for step in (1, 2):
        checkpoints.save(folder, {"step": step})
    folder.checkpoint.write_bytes(folder.checkpoint.read_bytes()[:100])
    content = checkpoints.load(folder)
    assert content is not None
    assert content["step"] == 1
    folder.previous_checkpoint.write_bytes(b"")
    with pytest.raises(ReadError, match="damaged"):
        checkpoints.load(folder)


def test_that_a_checkpoint_of_other_networks_is_refused(tmp_path: Path) -> None:
    trainer(tmp_path).train()
    other = ToyGan()
    other.generator = torch.nn.Linear(4, 2)
    with pytest.raises(UsageError, match="of other networks"):
        trainer(tmp_path, other).resume()


def test_that_the_state_before_the_adversary_is_kept_for_the_twin(tmp_path: Path) -> None:
    trainer(tmp_path).train()
    assert checkpoints.read(tmp_path / BEFORE_ADVERSARY)["step"] == 4


def test_that_watching_changes_no_loss(tmp_path: Path) -> None:
    class Watching:
        lines: list[dict[str, Any]]

        def __init__(self) -> None:
            self.lines = []

        def on_measure(self, step: int, method: Method, losses: Losses, batch: Batch) -> dict[str, float]:
            assert losses.total.requires_grad
            return {"similarity/real": float(step)}

        def on_line(self, line: dict[str, Any]) -> None:
            self.lines.append(line)

        def state(self) -> dict[str, Any]:
            return {"lines": len(self.lines)}

        def restore(self, state: dict[str, Any]) -> None:
            raise AssertionError(state)

    watch = Watching()
    Trainer(TRAINING, ToyGan(), ToySource("ring"), tmp_path / "watched", watch=watch).train()
    trainer(tmp_path / "alone", measure_every=2).train()
    watched = {line["step"]: line for line in losses(tmp_path / "watched")}
    assert [line["similarity/real"] for line in watch.lines] == list(range(1, 13))
    for line in losses(tmp_path / "alone"):
        assert {**watched[line["step"]], **line} == watched[line["step"]]


def test_that_batches_made_ahead_change_no_loss(tmp_path: Path) -> None:
    trainer(tmp_path / "one").train()
    ahead = trainer(tmp_path / "other")
    ahead.steps.ahead = True
    ahead.train()
    assert losses(tmp_path / "other") == losses(tmp_path / "one")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("batches")]


def test_that_an_error_of_the_data_is_the_end_of_the_run(tmp_path: Path) -> None:
    class Broken(ToySource):
        def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
            raise UsageError("The data are gone.")

    with pytest.raises(UsageError, match="The data are gone"):
        Trainer(TRAINING, ToyGan(), Broken("ring"), tmp_path).train()
    state = json.loads((tmp_path / "state.json").read_text(encoding="utf-8"))
    assert (state["status"], state["sentence"]) == ("failed", "The data are gone.")


def test_that_rates_follow_the_step_within_the_phase() -> None:
    phases = (
        TrainingPhase("a", 100, adversarial=False, warm_up_steps=10, final_rate=0.0),
        TrainingPhase("b", 100, adversarial=True, learning_rate=1.0, final_rate=0.5, schedule="cosine"),
    )
    training = Training(phases, learning_rate=2.0, discriminator_learning_rate=4.0)
    assert training.rates(0) == pytest.approx((0.2, 0.4))
    assert training.rates(50) == pytest.approx((1.0, 2.0))
    assert training.rates(100) == pytest.approx((1.0, 4.0))
    assert training.rates(150) == pytest.approx((0.75, 3.0))
    assert training.steps == 200
