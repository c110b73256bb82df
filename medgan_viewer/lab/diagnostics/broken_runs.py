"""Small real trainings, each broken on purpose in one way, and the same ones healthy: what alarms are proven on.

Points instead of pictures and networks of a few thousand weights, so that each run takes seconds on one core.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from medgan_viewer.lab.diagnostics.alarms import Alarms
from medgan_viewer.lab.diagnostics.measure import Diagnostics
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.objectives import Judgement, objective
from medgan_viewer.lab.training.run_folder import Alarm

__all__ = ["PAIRS", "Demonstration", "Pair", "PointsMethod", "Run", "demonstrate", "train"]

_BATCH = 64


@dataclass(frozen=True)
class Run:
    """One small training: its points, its networks' weak spot, and its rates.

    `points` is "ring" (8 Gaussians in the plane), "apart" (one Gaussian far from where the generator begins), "ball" (a
    Gaussian in 32 dimensions) or "dirac" (the point 0; one weight each, plain gradient descent). `finite` is how many
    training points there are, 0 for as many as are drawn. `saturating` is the minimax loss of the generator, else the
    non-saturating one; `deaf` a generator that does not hear its noise.
    """

    points: str = "ring"
    saturating: bool = False
    rate: float = 1e-3
    discriminator_rate: float = 2e-3
    r1: float = 0.3
    finite: int = 0
    deaf: bool = False
    steps: int = 900
    measure_every: int = 10


@dataclass(frozen=True)
class Pair:
    """The same training broken so that one alarm must be raised, and healthy so that none may be."""

    broken: Run
    healthy: Run


@dataclass(frozen=True)
class Demonstration:
    """A run's lines of metrics and what the alarms said."""

    lines: list[dict[str, Any]]
    alarms: list[Alarm]

    @property
    def raised(self) -> set[str]:
        """The kinds of alarms that were raised at any time."""
        return {alarm.kind for alarm in self.alarms if alarm.raised}


PAIRS: dict[str, Pair] = {
    "vanishing_gradient": Pair(
        Run(points="apart", saturating=True, discriminator_rate=5e-2, r1=0.0), Run(points="apart")
    ),
    "discriminator_too_strong": Pair(Run(rate=1e-5, discriminator_rate=1e-2, r1=0.0), Run()),
    "memorising": Pair(Run(points="ball", finite=32, r1=0.0), Run(points="ball", r1=1.0)),
    "mode_collapse": Pair(Run(deaf=True), Run()),
    "oscillation": Pair(
        Run(points="dirac", saturating=True, rate=0.05, discriminator_rate=0.05, r1=0.0),
        Run(points="dirac", saturating=True, rate=0.05, discriminator_rate=0.05, r1=0.5),
    ),
}
"""By the kind of alarm."""


class Points:
    """Points `image` `[n, number]` of a run's distribution; "validation" is never among the training points."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._fixed = self._fresh(run.finite, Draw(1)) if run.finite else None

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` points."""
        if self._fixed is None or split != "train":
            return {"image": self._fresh(count, draw)}
        return {"image": self._fixed[draw.integers(len(self._fixed), count)]}

    def _fresh(self, count: int, draw: Draw) -> Tensor:
        if self._run.points == "dirac":
            return torch.zeros(count, 1)
        if self._run.points == "ball":
            return draw.normal(count, 32)
        if self._run.points == "apart":
            return torch.tensor([6.0, 0.0]) + draw.normal(count, 2)
        angle = draw.integers(8, count) * (torch.pi / 4)
        return torch.stack([angle.cos(), angle.sin()], dim=1) + 0.05 * draw.normal(count, 2)


class PointsMethod(Method):
    """A generator of points from noise against a discriminator of points, R1 at every step."""

    name: ClassVar[str] = "points"

    def __init__(self, run: Run) -> None:
        self.run = run
        self.objective = self._family = objective("minimax" if run.saturating else "nonsaturating")
        if run.points == "dirac":
            self.noise, self.generator, self.discriminator = 1, _Point(), nn.Linear(1, 1, bias=False)
            nn.init.constant_(self.discriminator.weight, 0.5)
        elif run.points == "ball":
            self.noise, self.generator, self.discriminator = 32, nn.Linear(32, 32), _layers(32, 1, 256)
            nn.init.eye_(self.generator.weight)
        else:
            self.noise, self.generator, self.discriminator = 4, _layers(4, 2, 64), _layers(2, 1, 64)

    def generator_loss(self, batch: Batch, draw: Draw, *, adversarial: bool) -> Losses:
        """Return the generator's loss, which is adversarial alone."""
        del adversarial
        scores = self._judge(self.samples(self.generator, batch, draw))
        loss = self._family.generator_loss(Judgement(scores))
        return Losses(loss, {"loss/adversarial": loss.detach()}, adversarial=loss)

    def discriminator_loss(self, batch: Batch, draw: Draw, *, step: int) -> Losses:
        """Return the objective's loss and γ/2·‖∇D(real)‖² (Mescheder 2018)."""
        del step
        real = batch["image"].clone().requires_grad_()
        scores = self._judge(real)
        synthetic = self._judge(self.samples(self.generator, batch, draw).detach())
        loss = self._family.discriminator_loss(Judgement(scores), Judgement(synthetic))
        if self.run.r1:
            (slope,) = torch.autograd.grad(scores.sum(), real, create_graph=True)
            loss = loss + self.run.r1 / 2 * slope.square().sum(dim=1).mean()
        return Losses(loss)

    def samples(self, generator: nn.Module, batch: Batch, draw: Draw) -> Tensor:
        """Return generated points `[batch, number]`."""
        noise = draw.normal(len(batch["image"]), self.noise)
        made: Tensor = generator(torch.zeros_like(noise) if self.run.deaf else noise)
        return made

    def realness(self, batch: Batch, draw: Draw) -> tuple[Tensor, Tensor]:
        """Return logits."""
        return self._judge(batch["image"]), self._judge(self.samples(self.generator, batch, draw))

    def _judge(self, points: Tensor) -> Tensor:
        scores: Tensor = self.discriminator(points)  # type: ignore[misc]  # never None here
        return scores


class _Point(nn.Module):
    """A generator whose every sample is the same point, its only weight (Dirac-GAN)."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.tensor([1.0]))

    def forward(self, noise: Tensor) -> Tensor:
        return self.place.expand(len(noise), 1)


def _layers(inputs: int, outputs: int, width: int) -> nn.Module:
    return nn.Sequential(
        nn.Linear(inputs, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, width),
        nn.LeakyReLU(0.2),
        nn.Linear(width, outputs),
    )


def train(run: Run, seed: int = 0, watch: Callable[[dict[str, Any]], None] | None = None) -> Demonstration:
    """Train, measuring and raising alarms as the trainer does; `watch` gets every line of metrics."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        method = PointsMethod(run)
    source, draw = Points(run), Draw(seed + 1)
    diagnostics = Diagnostics(method, source, Draw(seed + 2), pictures=64, compared_every=2, at_once=64)
    alarms = Alarms()
    assert method.discriminator is not None
    generator = _optimiser(run, method.generator, run.rate)
    discriminator = _optimiser(run, method.discriminator, run.discriminator_rate)
    shown = Demonstration([], [])
    for step in range(run.steps):
        batch = source.batch(_BATCH, draw)
        judged = method.discriminator_loss(batch, draw, step=step)
        _descend(discriminator, judged.total)
        losses = method.generator_loss(batch, draw, adversarial=True)
        if step % run.measure_every == 0:
            line = {"step": step, "phase": "adversarial", "seconds": 0.0}
            line |= {"loss/generator": float(losses.total.detach()), "loss/discriminator": float(judged.total.detach())}
            line |= diagnostics.on_measure(step, method, losses, batch)
            shown.lines.append(line)
            shown.alarms.extend(alarms.observe(line))
            if watch is not None:
                watch(line)
        _descend(generator, losses.total)
    return shown


def demonstrate(kind: str, *, broken: bool) -> Demonstration:
    """Train one of `PAIRS`. Raises KeyError for an unknown kind."""
    return train(PAIRS[kind].broken if broken else PAIRS[kind].healthy)


def _optimiser(run: Run, network: nn.Module, rate: float) -> torch.optim.Optimizer:
    if run.points == "dirac":
        return torch.optim.SGD(network.parameters(), lr=rate)
    return torch.optim.Adam(network.parameters(), lr=rate, betas=(0.5, 0.99))


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.step()
