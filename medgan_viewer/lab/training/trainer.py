"""A training in a run folder: its steps from the first or from the checkpoint to the last, measured, saved, obeyed.

The folder's files are described in `medgan_viewer.lab.training.run_folder`. A training ends as finished, as stopped (it
can go on later) or as failed; it fails with one sentence when a loss is no number, when the disk is full and when the
device's memory does not suffice, and its last checkpoint stays.
"""

import importlib.metadata
import platform
import subprocess
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import torch

import medgan_viewer
from medgan_viewer.errors import JobError, MedganError, UsageError, WriteError
from medgan_viewer.lab.methods.base import Method
from medgan_viewer.lab.training import checkpoints, processes
from medgan_viewer.lab.training.control import Control
from medgan_viewer.lab.training.pace import Pace
from medgan_viewer.lab.training.run_folder import Phase, RunFolder, RunInfo, RunState, Sample, Status
from medgan_viewer.lab.training.sampling import write_grid
from medgan_viewer.lab.training.schedule import Training
from medgan_viewer.lab.training.steps import Steps, Supply, Watch

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = ["BEFORE_ADVERSARY", "Progress", "Trainer"]

BEFORE_ADVERSARY = "before_adversary.pt"
"""The state in which the adversary came in: what the twin without one starts from."""
_STATE_SECONDS = 1.0


class Progress(Protocol):
    """Who is told how far a training is, on a terminal for instance."""

    def update(self, state: RunState) -> None:
        """Take the present state, about every second."""
        ...


class Trainer:
    """Trains a method's networks on a source in the folder `folder`; `fabric` says where (default: one process here).

    `id`, `title` and `patients` (numbers by split) are for the record only.
    """

    def __init__(
        self,
        training: Training,
        method: Method,
        source: Supply,
        folder: Path,
        *,
        fabric: "Fabric | None" = None,
        watch: Watch | None = None,
        progress: Progress | None = None,
        id: str = "lab",  # noqa: A002 - the recipe's word
        title: str = "",
        patients: Mapping[str, int] | None = None,
    ) -> None:
        self.training = training
        self.fabric = fabric or processes.start(training.precision)
        self.folder = RunFolder(folder)
        self.watch, self.progress = watch, progress
        self.steps = Steps(training, method, source, self.fabric, watch)
        self._about = (id, title or id, dict(patients or {}))
        self.refused = len(getattr(source, "refused", ()))
        """How many data files did not open."""
        self._pace = Pace()
        self._state_written = 0.0
        self._saved = -1

    @property
    def first(self) -> bool:
        """Whether this is the process that writes."""
        return bool(self.fabric.global_rank == 0)

    def resume(self) -> bool:
        """Go on from the folder's checkpoint; False where there is none. Raises ReadError where it is damaged."""
        content = checkpoints.load(self.folder)
        if content is not None:
            self.load(content)
        return content is not None

    def load(self, content: dict[str, Any]) -> None:
        """Go on from what a checkpoint holds. Raises UsageError where it is of other networks."""
        try:
            self.steps.restore(content)
        except (RuntimeError, ValueError, KeyError) as error:
            raise UsageError(
                f"The checkpoint in {self.folder.path.name} is of other networks than the recipe's."
            ) from error
        self._pace = Pace(content["seconds"])
        self._saved = self.steps.number

    def train(self, minutes: float | None = None) -> RunState:
        """Train to the last step, until asked to stop, or for so many minutes; return how it ended.

        Raises JobError when a loss is no number or memory is short, WriteError when the disk is full.
        """
        if self.first:
            checkpoints.clear_unfinished(self.folder)
            self.folder.rewind(self.steps.number)
            self._write_info()
            self.folder.write_wish("run")
        self._pace = Pace(self._pace.seconds)
        try:
            with Control(self.folder, self.fabric, None if minutes is None else 60 * minutes) as control:
                return self._end(self._all_steps(control))
        except torch.OutOfMemoryError as error:
            sentence = "The device's memory does not suffice: take a smaller batch, crop or network."
            self._fail(sentence)
            raise JobError(sentence) from error
        except MedganError as error:
            self._fail(error.sentence)
            raise
        except Exception as error:
            self._fail(f"Something went wrong inside the program ({type(error).__name__}).")
            raise
        finally:
            self.steps.close()

    def _all_steps(self, control: Control) -> Status:
        steps, training = self.steps, self.training
        look_in = 1
        self._write_state("running")
        while steps.number < training.steps:
            if self._adversary_comes():
                self._save(control, BEFORE_ADVERSARY)
            steps.step()
            self._pace.mark(steps.number)
            if steps.measured:
                self._write_line()
            if _due(steps.number, training.sample_every):
                self._write_samples()
            save = _due(steps.number, training.save_every)
            look_in -= 1
            if save:
                self._save(control)
            if save or look_in <= 0 or (control.pressing and self.fabric.world_size == 1):
                wish, look_in = self._look(control)
                if wish == "stop":
                    self._save(control)
                    return "stopped"
        if training.steps and self._saved != steps.number:
            self._save(control)
        if training.sample_every and not _due(steps.number, training.sample_every):
            self._write_samples()
        return "finished"

    def _adversary_comes(self) -> bool:
        """Whether the next step is the first with an adversary, after steps without."""
        number = self.steps.number
        if number == 0 or self.steps.method.discriminator is None:
            return False
        before, now = (self.training.phase_at(step)[0].adversarial for step in (number - 1, number))
        return now and not before

    def _look(self, control: Control) -> tuple[str, int]:
        """Check the losses, say how far it is, obey; return the wish and the steps until the next look."""
        self._check(control)
        self._write_state("running", now=False)
        answer = control.ask(True, self._pace.step_seconds or 1.0)
        wish = answer.wish
        if wish == "pause":
            self._save(control)
            self._pace.hold()
            while wish == "pause":
                self._write_state("paused")
                wish = control.wait()
            self._pace.go_on()
            self._write_state("running")
        return wish, answer.steps

    def _check(self, control: Control, *, weights: bool = False) -> None:
        """Raise JobError where a loss, or one of the `weights`, was no number in any process."""
        broken = self.steps.broken()
        sound = broken is None and (not weights or self.steps.sound())
        if control.ask(sound, 1.0).sound:
            return
        number, what = broken or (self.steps.number, "")
        said = f"The {what}'s loss was" if what else "A weight or another process's loss was"
        kept = f"its checkpoint of step {self._saved} was kept" if self._saved >= 0 else "there is no checkpoint yet"
        raise JobError(
            f"{said} no number at step {number}, so the training stopped ({kept}); try lower learning rates, or fp32."
        )

    def _save(self, control: Control, name: str = "") -> None:
        """Write the checkpoint (or the file `name`), unless a weight is no number; a collective call."""
        self._check(control, weights=True)
        processes.average_buffers(self.fabric, self.steps.networks)
        problem: WriteError | None = None
        if self.first:
            content = {**self.steps.state(), "seconds": self._pace.seconds}
            try:
                if name:
                    checkpoints.write(self.folder.path / name, content)
                else:
                    checkpoints.save(self.folder, content)
            except WriteError as error:
                problem = error
        if self.fabric.world_size > 1 and self.fabric.broadcast(problem is not None) and problem is None:
            raise JobError("The first process could not write its checkpoint.")
        if problem is not None:
            raise problem
        if not name:
            self._saved = self.steps.number

    def _write_line(self) -> None:
        line = self.steps.line()
        if not self.first:
            return
        line |= {"seconds": round(self._pace.seconds, 3), "images_per_second": self._images_per_second()}
        self.folder.append_metrics(line)
        if self.watch is not None:
            self.watch.on_line(line)

    def _write_samples(self) -> None:
        if not self.first or self.training.samples <= 0:
            return
        pictures = self.steps.samples()
        if pictures.ndim != 4:  # points of a toy distribution
            return
        name, number = f"step_{self.steps.number:07d}.png", self.steps.number
        path = self.folder.samples_folder / name
        rows, columns = write_grid(path, pictures.numpy(), f"{self._about[0]} step {number}")
        self.folder.append_sample(Sample(number, name, rows, columns))

    def _images_per_second(self) -> float | None:
        seconds = self._pace.step_seconds
        return None if seconds is None else round(self.training.batch * self.fabric.world_size / seconds, 2)

    def _write_state(self, status: Status, sentence: str = "", *, now: bool = True) -> None:
        """Write state.json, unless it is newer than a second and need not be written `now`."""
        moment = time.monotonic()
        if not self.first or (not now and moment - self._state_written < _STATE_SECONDS):
            return
        self._state_written = moment
        state = self._state(status, sentence)
        self.folder.write_state(state)
        if self.progress is not None:
            self.progress.update(state)

    def _state(self, status: Status, sentence: str = "") -> RunState:
        number, total = self.steps.number, self.training.steps
        per_step = self._pace.step_seconds
        return RunState(
            status=status,
            sentence=sentence,
            phase=self.training.phase_at(number)[0].name,
            step=number,
            steps=total,
            seconds=round(self._pace.seconds, 3),
            seconds_left=None if per_step is None else round(per_step * (total - number), 1),
            images_per_second=self._images_per_second(),
        )

    def _end(self, status: Status) -> RunState:
        self._write_state(status)
        return self._state(status)

    def _fail(self, sentence: str) -> None:
        try:
            self._write_state("failed", sentence)
        except WriteError:  # the disk may be what failed
            return

    def _write_info(self) -> None:
        before = self.folder.info()
        method, fabric = self.steps.method, self.fabric
        objective = getattr(method, "objective", None)
        identifier, title, patients = self._about
        networks = {"generator": method.generator, "discriminator": method.discriminator}
        self.folder.write_info(
            RunInfo(
                id=identifier,
                title=title,
                objective=str(getattr(objective, "name", "")),
                method=method.name,
                seed=self.training.seed,
                started=before.started if before else datetime.now(UTC).isoformat(timespec="seconds"),
                versions=_versions(),
                git=_git(),
                device=_device(fabric),
                world=fabric.world_size,
                precision=self.steps.precision,
                parameters={name: _size(network) for name, network in networks.items()},
                phases=tuple(Phase(phase.name, phase.steps) for phase in self.training.phases),
                steps=self.training.steps,
                patients=patients,
            )
        )


def _due(number: int, every: int) -> bool:
    return every > 0 and number % every == 0


def _size(network: torch.nn.Module | None) -> int:
    return sum(weight.numel() for weight in network.parameters()) if network is not None else 0


def _device(fabric: "Fabric") -> str:
    if fabric.device.type == "cuda":
        return torch.cuda.get_device_name(fabric.device)
    return f"CPU, {torch.get_num_threads()} threads"


def _versions() -> dict[str, str]:
    found = {"medgan-viewer": medgan_viewer.__version__, "python": platform.python_version()}
    for name in ("torch", "lightning-fabric", "monai", "numpy"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _git() -> str | None:
    """Return the commit of the program's checkout ("-dirty" behind it where files were changed), None without one."""
    folder = Path(medgan_viewer.__file__).resolve().parents[1]
    if not (folder / ".git").exists():
        return None
    command = ["git", "describe", "--always", "--abbrev=40", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip() or None
