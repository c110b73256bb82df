"""How long and how fast is trained: the phases of a training and everything that its steps depend on but the data."""

import math
from dataclasses import dataclass

__all__ = ["OPTIMISERS", "PRECISIONS", "SCHEDULES", "Training", "TrainingPhase"]

PRECISIONS = ("auto", "fp32", "bf16")
OPTIMISERS = ("adam", "adamw")
SCHEDULES = ("linear", "cosine")


@dataclass(frozen=True)
class TrainingPhase:
    """A number of the generator's steps with one way of training.

    The learning rates rise over `warm_up_steps` and fall from their full value to the share `final_rate` of it at the
    phase's end, along a line or half a cosine. They follow the step, never the clock, so that a run can be repeated.
    Rates that are not given are the training's.
    """

    name: str
    steps: int
    adversarial: bool
    learning_rate: float | None = None
    discriminator_learning_rate: float | None = None
    warm_up_steps: int = 0
    final_rate: float = 1.0
    schedule: str = "linear"

    def rate(self, step: int) -> float:
        """Return the share of the full learning rate in step `step` (from 0) of this phase."""
        done = step / self.steps
        fallen = done if self.schedule == "linear" else 0.5 * (1 - math.cos(math.pi * done))
        warm = min(1.0, (step + 1) / self.warm_up_steps) if self.warm_up_steps else 1.0
        return warm * (1 - (1 - self.final_rate) * fallen)


@dataclass(frozen=True)
class Training:
    """What a recipe says in [training].

    `batch` samples go through each process in each step. `clip_gradient` bounds the norm of the generator's gradient
    (0: not at all). The averaged weights follow the present ones with `average_decay` a step. Every `measure_every`
    steps a line of metrics is written, every `sample_every` a picture of `samples` fixed samples, every `save_every` a
    checkpoint (0: at the end only). With `adversary` off no phase has one: the twin's training. `start` names what the
    networks start from: a model's id, a folder of a model or of a run.
    """

    phases: tuple[TrainingPhase, ...]
    batch: int = 8
    seed: int = 0
    precision: str = "auto"
    optimiser: str = "adam"
    learning_rate: float = 2e-4
    discriminator_learning_rate: float | None = None
    betas: tuple[float, float] = (0.5, 0.999)
    discriminator_betas: tuple[float, float] | None = None
    weight_decay: float = 0.0
    clip_gradient: float = 0.0
    average_decay: float = 0.999
    measure_every: int = 50
    sample_every: int = 500
    save_every: int = 500
    samples: int = 8
    adversary: bool = True
    start: str = ""

    @property
    def steps(self) -> int:
        """The generator's steps in all phases."""
        return sum(phase.steps for phase in self.phases)

    def phase_at(self, step: int) -> tuple[TrainingPhase, int]:
        """Return the phase that step `step` (from 0) lies in, and the step within it; the last phase behind the end."""
        for phase in self.phases:
            if step < phase.steps:
                return phase, step
            step -= phase.steps
        return self.phases[-1], self.phases[-1].steps

    def rates(self, step: int) -> tuple[float, float]:
        """Return the learning rates of generator and discriminator in step `step` (from 0)."""
        phase, within = self.phase_at(step)
        rate = phase.rate(within)
        generator = phase.learning_rate or self.learning_rate
        discriminator = phase.discriminator_learning_rate or self.discriminator_learning_rate or generator
        return generator * rate, discriminator * rate
