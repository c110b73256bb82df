"""Small trainings for the proofs: of a discriminator alone, and of whole methods by the steps of real trainings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import Method, Network, Shapes, method
from medgan_viewer.lab.objectives import Judge, Judgement, Objective
from medgan_viewer.lab.training import processes
from medgan_viewer.lab.training.schedule import Training, TrainingPhase
from medgan_viewer.lab.training.steps import Steps, Supply

_LOOK_EVERY = 50
"""Steps after which losses are checked for numbers; looking at each would cost time."""


def seeded(seed: int, build: Callable[[], nn.Module]) -> nn.Module:
    """Return a network with weights from a seed, leaving torch's own random stream as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build()


def perceptron(
    inputs: int, outputs: int, width: int, depth: int = 2, activation: type[nn.Module] = nn.ReLU
) -> nn.Module:
    """Return a fully connected network with `depth` hidden layers."""
    sizes = [inputs, *[width] * depth]
    layers: list[nn.Module] = []
    for before, after in pairwise(sizes):
        layers += [nn.Linear(before, after), activation()]
    return nn.Sequential(*layers, nn.Linear(width, outputs))


def judge_by(network: nn.Module) -> Judge:
    """Return a network of scores as a judge."""
    return lambda points: Judgement(network(points))


def train_discriminator(
    network: nn.Module,
    chosen: Objective,
    sample: Callable[[Draw], tuple[Tensor, Tensor]],
    *,
    steps: int,
    rate: float,
    seed: int,
) -> None:
    """Train a discriminator alone, against a generator that stands still, towards the optimum of its own loss.

    `sample` gives real and synthetic points; Adam, the rate falling to 0 along a cosine.
    """
    draw = Draw(seed)
    judge = judge_by(network)
    optimiser = torch.optim.Adam(network.parameters(), lr=rate, betas=(0.9, 0.99))
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        real, synthetic = sample(draw)
        loss = chosen.discriminator_loss(judge(real), judge(synthetic))
        loss = loss + chosen.penalty(judge, real, synthetic, draw.uniform(len(real)))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        chosen.constrain(network)
        schedule.step()


@dataclass(frozen=True)
class Trained:
    """What a training left: its method, the averaged generator, and the step at which a loss was no number."""

    method: Method
    generator: nn.Module
    broke_at: int | None


def train(
    name: str,
    source: Supply,
    shapes: Shapes,
    networks: Mapping[str, Any],
    options: Mapping[str, Any],
    schedule: Mapping[str, Any],
    seed: int,
) -> Trained:
    """Train a method with the steps of real trainings, in single precision on one processor.

    `networks` names generator and discriminator and their arguments, `options` are the method's settings, `schedule`
    those of `Training` with `steps` (of the generator) in place of phases; the rates fall to 0 along a line. A training
    whose loss is no number stops there, as a real one does.
    """
    rest = dict(schedule) | {"betas": tuple(schedule["betas"])}
    phase = TrainingPhase("adversarial", rest.pop("steps"), adversarial=True, final_rate=0.0)
    chosen = {role: Network(entry["name"], entry["arguments"]) for role, entry in networks.items()}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = method(
            name, generator=chosen["generator"], discriminator=chosen["discriminator"], data=shapes, **options
        )
        steps = Steps(Training((phase,), seed=seed, **rest), made, source, processes.start("fp32"))
        for step in range(phase.steps):
            steps.step()
            if step % _LOOK_EVERY == 0 or step == phase.steps - 1:
                broken = steps.broken()
                if broken is not None:
                    return Trained(made, steps.average, broken[0])
    return Trained(made, steps.average, None)
