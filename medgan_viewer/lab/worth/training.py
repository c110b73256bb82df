"""One training of an arm: as many steps for all, the weights kept that were best on the validation patients."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from medgan_viewer.lab.methods import Network, Shapes, method
from medgan_viewer.lab.training import processes
from medgan_viewer.lab.training.schedule import Training, TrainingPhase
from medgan_viewer.lab.training.steps import Steps, Supply

__all__ = ["Best", "train"]


@dataclass(frozen=True)
class Best:
    """The averaged network when it was best on validation, what it reached there, and after how many steps."""

    network: nn.Module
    score: float
    step: int


def train(
    source: Supply, shapes: Shapes, settings: Mapping[str, Any], seed: int, judge: Callable[[nn.Module], float]
) -> Best:
    """Train by `settings`: `method`, `options`, `network`, `schedule` (of `Training`), `steps`, `look_every`.

    `judge` scores the averaged network every `look_every` steps; the first one of the best scores counts. A rate falls
    to a hundredth along half a cosine.
    """
    phase = TrainingPhase(
        "supervised", settings["steps"], adversarial=False, warm_up_steps=20, final_rate=0.01, schedule="cosine"
    )
    schedule = dict(settings["schedule"])
    training = Training((phase,), seed=seed, measure_every=0, betas=tuple(schedule.pop("betas")), **schedule)
    chosen = Network(settings["network"]["name"], settings["network"]["arguments"])
    best: Best | None = None
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = method(settings["method"], generator=chosen, discriminator=None, data=shapes, **settings["options"])
        steps = Steps(training, made, source, processes.start(training.precision))
        for number in range(1, phase.steps + 1):
            steps.step()
            if number % settings["look_every"] == 0 or number == phase.steps:
                score = judge(steps.average)
                if best is None or score > best.score:
                    best = Best(copy.deepcopy(steps.average), score, number)
        steps.close()
    assert best is not None
    return best
