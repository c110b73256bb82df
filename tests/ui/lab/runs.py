"""Run folders as the trainer writes them, for the tests of the lab's window."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from medgan_viewer.lab.training.run_folder import Alarm, Phase, RunFolder, RunInfo, RunState, Sample
from medgan_viewer.lab.training.sampling import write_grid

RECIPE = 'id = "ring"\ntask = "lab"\n'
MODE_COLLAPSE = Alarm(40, "mode_collapse", True, "Its samples are alike.", "Add R1.")
OVER = Alarm(60, "mode_collapse", False, "No longer: its samples are alike.")
MEMORISING = Alarm(80, "memorising", True, "It memorises.", "Take more pictures.")


def info(title: str = "Ring of eight", started: str = "2026-11-21T10:00:00+00:00") -> RunInfo:
    """Return what is trained: 30 steps of reconstruction, 70 with an adversary."""
    phases = (Phase("reconstruction", 30), Phase("adversarial", 70))
    sizes = {"generator": 10, "discriminator": 10}
    return RunInfo(
        "ring", title, "hinge", "generation", 0, started, {}, None, "cpu", 1, "fp32", sizes, phases, sum((30, 70))
    )


RUNNING = RunState("running", "", "adversarial", 50, 100, 600.0, 754.0, 21.26)


def line(step: int, **more: float | None) -> dict[str, float | str | None]:
    """Return a line of metrics."""
    names = {name.replace("__", "/"): value for name, value in more.items()}
    return {"step": step, "phase": "adversarial", "seconds": 1.0, **names}


def write_run(
    path: Path,
    state: RunState | None = RUNNING,
    *,
    title: str = "Ring of eight",
    started: str = "2026-11-21T10:00:00+00:00",
    steps: Iterable[int] = range(0, 50, 10),
    alarms: Iterable[Alarm] = (),
) -> RunFolder:
    """Write a run with metrics at `steps`; a state that goes on belongs to this very process."""
    folder = RunFolder(path)
    folder.write_info(info(title, started))
    folder.recipe.write_text(RECIPE)
    for step in steps:
        folder.append_metrics(line(step, loss__generator=1.0 + step, accuracy__train=0.5, gradient__adversarial=0.1))
    for alarm in alarms:
        folder.append_alarm(alarm)
    if state is not None:
        folder.write_state(state)
    return folder


def write_dead_run(path: Path) -> RunFolder:
    """Write a run whose process is no more, though its state says that it runs."""
    folder = write_run(path, None)
    script = (
        "import sys; from pathlib import Path; from medgan_viewer.lab.training.run_folder import RunFolder, RunState\n"
        "RunFolder(Path(sys.argv[1])).write_state(RunState('running', '', 'adversarial', 20, 100))"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    return folder


def add_sample(folder: RunFolder, step: int, level: float) -> None:
    """Add a picture of the samples, all of one level (0…1)."""
    name = f"step_{step:07d}.png"
    write_grid(folder.samples_folder / name, np.full((4, 1, 64, 64), level, np.float32), "ring")
    folder.append_sample(Sample(step, name, 2, 2))
