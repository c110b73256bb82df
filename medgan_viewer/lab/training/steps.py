"""The steps of a training: two networks, two optimisers, averaged weights, and all that a step depends on.

All randomness comes from the seed: a batch from the seed and its number, a method's from a `Draw` whose state is part
of the training's, what is measured from others. So the same seed gives the same losses, whether a run was interrupted
or not and whether it was watched or not, and two processes give those of one with the doubled batch (docs/lab.md names
what breaks that).
"""

import math
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Protocol

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.stabilisers.ema import Average
from medgan_viewer.lab.training import processes
from medgan_viewer.lab.training.schedule import Training

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = ["SHAPES", "Steps", "Supply", "Watch"]

SHAPES = ("source_channels", "target_channels", "classes", "size")
"""What a checkpoint tells of the data, so that its networks can be built without them."""


class Supply(Protocol):
    """The part of a data source that training needs (see `medgan_viewer.lab.sources`)."""

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` samples of a split, everything random from `draw`."""
        ...


class Watch(Protocol):
    """What looks at a training when it is measured, without changing it (see `medgan_viewer.lab.training.watching`)."""

    def on_measure(self, step: int, method: Method, losses: Losses, batch: Batch) -> dict[str, float]:
        """Return numbers by their names in the metrics; called between the generator's losses and their backward."""
        ...

    def on_line(self, line: dict[str, Any]) -> None:
        """Take the whole line of metrics."""
        ...

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from."""
        ...

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        ...


class Steps:
    """Takes the steps of one training; moves the method's networks to the device that `fabric` runs on."""

    def __init__(
        self, training: Training, method: Method, source: Supply, fabric: "Fabric", watch: Watch | None = None
    ) -> None:
        self.training, self.method, self.source, self.fabric = training, method, source, fabric
        self.watch = watch if fabric.global_rank == 0 else None
        self.number = self.discriminator_steps = self.batches = 0
        self.ahead = fabric.device.type != "cpu"
        """Whether the next batch is made while the device computes."""
        self._draw = Draw(_mixed(training.seed, 0), fabric.global_rank, fabric.world_size)
        torch.manual_seed(_mixed(training.seed, 0) + fabric.global_rank)
        self._lean = "bf16" in str(self.fabric._precision.precision)
        self._prepare_networks()
        self._rates = (-1.0, -1.0)
        self._metrics: dict[str, Tensor | float] = {}
        self._totals: list[tuple[str, Tensor]] = []
        self._thread: ThreadPoolExecutor | None = None
        self._next: Future[Batch] | None = None

    @property
    def networks(self) -> list[nn.Module]:
        """The networks that are trained."""
        return [self.method.generator, *([self.method.discriminator] if self.method.discriminator is not None else [])]

    @property
    def precision(self) -> str:
        """What the networks compute in, as recipes write it."""
        return "bf16" if self._lean else "fp32"

    def _prepare_networks(self) -> None:
        method, training = self.method, self.training
        for network in self.networks:
            network.to(self.fabric.device).train()
            if self._lean:
                # Channels last is the fast path of bf16 convolutions; torch's type hints lack the keyword.
                network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            self._broadcast(network)
        self._following = Average(method.generator, training.average_decay)
        self.average = self._following.network
        self._weights = [weight for weight in method.generator.parameters() if weight.requires_grad]
        self.optimiser = self._optimiser(self._weights, training.betas)
        self._adversary: list[nn.Parameter] = []
        self.adversarys_optimiser: torch.optim.Optimizer | None = None
        if method.discriminator is not None:
            self._adversary = [weight for weight in method.discriminator.parameters() if weight.requires_grad]
            self.adversarys_optimiser = self._optimiser(self._adversary, training.discriminator_betas or training.betas)

    def _optimiser(self, weights: list[nn.Parameter], betas: tuple[float, float]) -> torch.optim.Optimizer:
        training = self.training
        kind = torch.optim.AdamW if training.optimiser == "adamw" else torch.optim.Adam
        return kind(weights, lr=training.learning_rate, betas=betas, weight_decay=training.weight_decay, fused=True)

    def _broadcast(self, network: nn.Module) -> None:
        if self.fabric.world_size > 1:
            for value in network.state_dict().values():
                torch.distributed.broadcast(value, src=0)

    # The step

    def step(self) -> None:
        """Take one step of the generator, after the steps of its adversary where the phase has one."""
        training, method = self.training, self.method
        phase, _ = training.phase_at(self.number)
        self._set_rates(training.rates(self.number))
        measured = training.measure_every > 0 and ((self.number + 1) % training.measure_every == 0 or self.number == 0)
        batch: Batch | None = None
        if phase.adversarial and self.adversarys_optimiser is not None:
            for _ in range(method.discriminator_steps):
                batch = self._batch()
                self._adversarys_step(batch, self.adversarys_optimiser, measured)
        # The last batch that the adversary saw, so that a method need not make its pictures twice.
        batch = batch if batch is not None else self._batch()
        with self.fabric.autocast():
            losses = method.generator_loss(batch, self._draw, adversarial=phase.adversarial)
        if measured and self.watch is not None:
            self._metrics |= self.watch.on_measure(self.number + 1, method, losses, batch)
        self.optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        processes.average_gradients(self.fabric, self._weights)
        if training.clip_gradient > 0:
            nn.utils.clip_grad_norm_(self._weights, training.clip_gradient)
        if measured:
            self._note("generator", losses, self._weights)
        self.optimiser.step()
        self._totals.append(("generator", losses.total.detach()))
        self._following.update(method.generator, self.number)
        self.number += 1

    def _adversarys_step(self, batch: Batch, optimiser: torch.optim.Optimizer, measured: bool) -> None:
        with self.fabric.autocast():
            losses = self.method.discriminator_loss(batch, self._draw, step=self.discriminator_steps)
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        processes.average_gradients(self.fabric, self._adversary)
        if measured:
            self._note("discriminator", losses, self._adversary)
        optimiser.step()
        self.method.constrain()
        self.discriminator_steps += 1
        self._totals.append(("discriminator", losses.total.detach()))

    def _set_rates(self, rates: tuple[float, float]) -> None:
        if rates == self._rates:
            return
        self._rates = rates
        for optimiser, rate in zip((self.optimiser, self.adversarys_optimiser), rates, strict=True):
            for group in optimiser.param_groups if optimiser is not None else ():
                group["lr"] = rate

    # Batches

    def _batch(self) -> Batch:
        """Return the next batch; where the device computes by itself, the one after it is being made meanwhile."""
        number, self.batches = self.batches, self.batches + 1
        if not self.ahead:
            return self._made(number)
        self._thread = self._thread or ThreadPoolExecutor(1, "batches")
        batch = self._next.result() if self._next is not None else self._made(number)
        self._next = self._thread.submit(self._made, number + 1)
        return batch

    def _made(self, number: int) -> Batch:
        """Return batch `number`, which depends on it and the seed alone."""
        seed = _mixed(self.training.seed, number + 1)
        draw = Draw(seed, self.fabric.global_rank, self.fabric.world_size)
        return self._placed(self.source.batch(self.training.batch, draw))

    def _placed(self, batch: Batch) -> Batch:
        device, placed = self.fabric.device, {}
        for name, value in batch.items():
            lean = self._lean and value.ndim == 4
            form = torch.channels_last if lean else torch.preserve_format
            placed[name] = value.to(device, non_blocking=True, memory_format=form)
        return placed

    def close(self) -> None:
        """End the thread that makes batches; the steps can go on nevertheless."""
        if self._thread is not None:
            self._thread.shutdown()
            self._thread = self._next = None

    # Measuring

    def _note(self, who: str, losses: Losses, weights: list[nn.Parameter]) -> None:
        """Keep what a step says of itself for the line of metrics."""
        self._metrics |= {f"loss/{who}": losses.total.detach(), **losses.parts}
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        self._metrics[f"gradient/{who}"] = torch.nn.utils.get_total_norm(gradients)

    def line(self) -> dict[str, Any]:
        """Return the line of metrics of the step that was just measured; a collective call."""
        names = [name for name, value in self._metrics.items() if isinstance(value, Tensor)]
        values = torch.stack([torch.as_tensor(self._metrics[name]).float() for name in names])
        mean: Any = self.fabric.all_reduce(values, reduce_op="mean")
        numbers = {name: _rounded(value) for name, value in self._metrics.items() if not isinstance(value, Tensor)}
        numbers |= {name: _rounded(value) for name, value in zip(names, mean.tolist(), strict=True)}
        self._metrics = {}
        phase, _ = self.training.phase_at(self.number - 1)
        rates = {"rate/generator": self._rates[0]}
        if phase.adversarial and self.adversarys_optimiser is not None:
            rates["rate/discriminator"] = self._rates[1]
        return {"step": self.number, "phase": phase.name, **numbers, **rates}

    @property
    def measured(self) -> bool:
        """Whether the last step left something for a line of metrics."""
        return bool(self._metrics)

    def broken(self) -> tuple[int, str] | None:
        """Return step and network of the first loss since the last call that is no number; waits for the device."""
        totals, self._totals = self._totals, []
        if not totals:
            return None
        finite = torch.stack([total for _, total in totals]).isfinite().tolist()
        if all(finite):
            return None
        worst = finite.index(False)
        behind = sum(who == "generator" for who, _ in totals[worst:])
        return self.number - behind + 1, totals[worst][0]

    def samples(self) -> Tensor:
        """Return what the averaged generator makes of the run's fixed samples, `[sample, channel, H, W]`."""
        draw = Draw(_mixed(self.training.seed, -1))
        batch = self._placed(self.source.batch(self.training.samples, draw))
        with torch.no_grad(), self.fabric.autocast():
            return self.method.samples(self.average, batch, draw).float().cpu()

    # The state

    def sound(self) -> bool:
        """Whether all weights are numbers."""
        with torch.no_grad():
            weights = [*self._weights, *self._adversary]
            return bool(torch.stack([weight.isfinite().all() for weight in weights]).all())

    def state(self) -> dict[str, Any]:
        """Return everything that `restore` needs to go on exactly."""
        method = self.method
        return {
            "step": self.number,
            "discriminator_steps": self.discriminator_steps,
            "batches": self.batches,
            "generator": method.generator.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "discriminator": method.discriminator.state_dict() if method.discriminator is not None else None,
            "adversarys_optimiser": self.adversarys_optimiser.state_dict() if self.adversarys_optimiser else None,
            "draw": self._draw.state(),
            "random": torch.get_rng_state(),
            "watch": self.watch.state() if self.watch is not None else None,
            "shapes": {name: getattr(self.source, name, 0) for name in SHAPES},
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        method = self.method
        self.number, self.batches = state["step"], state["batches"]
        self.discriminator_steps = state["discriminator_steps"]
        method.generator.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        if method.discriminator is not None and self.adversarys_optimiser is not None:
            method.discriminator.load_state_dict(state["discriminator"])
            self.adversarys_optimiser.load_state_dict(state["adversarys_optimiser"])
        self._draw.restore(state["draw"])
        torch.set_rng_state(state["random"])
        if self.watch is not None and state["watch"] is not None:
            self.watch.restore(state["watch"])
        self._rates, self._next = (-1.0, -1.0), None


def _mixed(seed: int, number: int) -> int:
    """Return a seed that belongs to `seed` and `number` (from −1) alone: the finaliser of SplitMix64 (Steele 2014)."""
    value = (seed * 0x9E3779B97F4A7C15 + (number + 2) * 0xD1B54A32D192ED03) % 2**64
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
    return (value ^ value >> 31) >> 2


def _rounded(value: Tensor | float) -> float:
    """Return the nine digits that tell any two single-precision numbers apart."""
    number = float(value)
    return float(f"{number:.9g}") if math.isfinite(number) else number
