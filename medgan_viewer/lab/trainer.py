"""The training loop: reconstruction first, then generator against discriminator, with a budget in minutes or steps.

A run is a folder: `metrics.jsonl` (one line every few steps), `checkpoint.pt` (everything needed to go on exactly; read
with `weights_only`) and `reconstruction.pt` (the state when the adversary came in, from which the twin without it
starts).
"""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from medgan_viewer.lab.batches import Batch, BatchSource
from medgan_viewer.lab.objectives import Judgement, objective
from medgan_viewer.lab.recipe import Network, Recipe, Training
from medgan_viewer.models.networks import build

CHECKPOINT = "checkpoint.pt"
RECONSTRUCTION = "reconstruction.pt"
METRICS = "metrics.jsonl"
_REPORT_EVERY = 20
_SAVE_EVERY = 100


@dataclass(frozen=True)
class Budget:
    """When a phase ends: after `minutes` of this run's own clock or after `steps`, whichever comes first."""

    minutes: float
    steps: int = 1_000_000_000

    def used(self, seconds: float, steps: int) -> float:
        """Return the share of the budget that is used, 1 when it is over."""
        minutes = seconds / 60 / self.minutes if self.minutes > 0 else 1.0
        return min(1.0, max(minutes, steps / self.steps if self.steps > 0 else 1.0))


@dataclass
class Progress:
    """Steps taken and seconds spent in the two phases."""

    reconstruction_steps: int = 0
    reconstruction_seconds: float = 0.0
    adversarial_steps: int = 0
    adversarial_seconds: float = 0.0


class Trainer:
    """Trains one recipe's network in a run folder; calling `train` again goes on where it was interrupted."""

    def __init__(self, recipe: Recipe, source: BatchSource, run: Path) -> None:
        self.recipe = recipe
        self.settings: Training = recipe.training
        self.source = source
        self.run = run
        run.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(self.settings.seed)
        self.fabric = Fabric(accelerator="cpu", devices=1, precision="bf16-mixed")
        generator = _fresh(recipe.network)
        self.average = _fresh(recipe.network)
        self.average.load_state_dict(generator.state_dict())
        optimiser = torch.optim.AdamW(generator.parameters(), lr=self.settings.learning_rate, betas=(0.9, 0.99))
        self.generator, self.optimiser = self.fabric.setup(generator, optimiser)
        self.discriminator: Any = None
        if recipe.discriminator is not None:
            discriminator = _fresh(recipe.discriminator)
            rate = self.settings.discriminator_learning_rate
            other = torch.optim.Adam(discriminator.parameters(), lr=rate, betas=(0.5, 0.999))
            self.discriminator, self.other_optimiser = self.fabric.setup(discriminator, other)
        self.progress = Progress()

    def train(self, reconstruction: Budget, adversarial: Budget) -> None:
        """Run both phases to the end of their budgets; a phase that is already over is skipped."""
        self._phase("reconstruction", reconstruction, self.reconstruction_step)
        if adversarial.minutes > 0 and adversarial.steps > 0:
            if self.progress.adversarial_steps == 0:
                self.save(RECONSTRUCTION)
            self._phase("adversarial", adversarial, self.adversarial_step)

    def _phase(self, name: str, budget: Budget, step: "Any") -> None:
        while True:
            steps = getattr(self.progress, f"{name}_steps")
            used = budget.used(getattr(self.progress, f"{name}_seconds"), steps)
            if used >= 1:
                break
            start = time.monotonic()
            losses = step(used)
            self._update_average()
            seconds = getattr(self.progress, f"{name}_seconds") + time.monotonic() - start
            setattr(self.progress, f"{name}_steps", steps + 1)
            setattr(self.progress, f"{name}_seconds", seconds)
            if steps % _REPORT_EVERY == 0:
                self._report(name, steps, seconds, losses)
            if steps % _SAVE_EVERY == _SAVE_EVERY - 1:
                self.save(CHECKPOINT)
                self.source.refresh()
        self.save(CHECKPOINT)

    def reconstruction_step(self, used: float) -> dict[str, Tensor]:
        """Take one step of reconstruction alone; `used` (0–1) lowers the learning rate."""
        steps = self.progress.reconstruction_steps
        warm = min(1.0, (steps + 1) / 50)
        self._set_rate(self.optimiser, self.settings.learning_rate * warm * (1 - 0.95 * used))
        batch = self.source.draw()
        loss = self.reconstruction_loss(self.generator(batch.source), batch)
        self.optimiser.zero_grad()
        self.fabric.backward(loss)
        self.optimiser.step()
        return {"reconstruction": loss.detach()}

    def reconstruction_loss(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the weighted L1 distance (synthesis), or Dice loss plus cross-entropy (segmentation)."""
        if self.recipe.task == "segmentation":
            return segmentation_loss(output.float(), batch.segmentation)
        head = (batch.segmentation > 0).float()
        weight = 0.3 + 0.7 * head + self.settings.lesion_weight * (batch.lesions > 0)
        return (weight[:, None] * (output.float() - batch.target).abs()).mean()

    def adversarial_step(self, used: float) -> dict[str, Tensor]:
        """Take one step of the discriminator, then one of the generator; with weight 0 the adversary is left out."""
        settings = self.settings
        self._set_rate(self.optimiser, settings.adversarial_learning_rate * (1 - 0.5 * used))
        batch = self.source.draw()
        output = self.generator(batch.source)
        reconstruction = self.reconstruction_loss(output, batch)
        total = settings.reconstruction_weight * reconstruction
        losses = {"reconstruction": reconstruction.detach()}
        if settings.adversarial_weight > 0:
            judged, wanted = self._discriminator_step(batch, output.detach())
            losses |= judged
            adversarial, matching = self._judge(batch, output, wanted)
            total = total + settings.adversarial_weight * (adversarial + settings.feature_weight * matching)
            losses |= {"adversarial": adversarial.detach(), "feature matching": matching.detach()}
        self.optimiser.zero_grad()
        self.fabric.backward(total)
        self.optimiser.step()
        return losses

    def _discriminator_step(self, batch: Batch, output: Tensor) -> tuple[dict[str, Tensor], list[Tensor]]:
        """Teach the discriminator; return its losses and its features of the real pictures."""
        loss_of = objective(self.settings.objective)
        real, features = self.discriminator(batch.source, batch.target)
        synthetic, _ = self.discriminator(batch.source, output)
        loss = loss_of.discriminator_loss(Judgement(real), Judgement(synthetic))
        self.other_optimiser.zero_grad()
        self.fabric.backward(loss)
        self.other_optimiser.step()
        right = ((real > 0.5).float().mean() + (synthetic < 0.5).float().mean()) / 2
        losses = {"discriminator": loss.detach(), "discriminator right": right}
        return losses, [feature.detach() for feature in features]

    def _judge(self, batch: Batch, output: Tensor, wanted: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the generator's adversarial loss, and the distance of features from those `wanted`."""
        self.discriminator.requires_grad_(False)
        logits, features = self.discriminator(batch.source, output)
        self.discriminator.requires_grad_(True)
        distances = [
            (a.float() - b.float()).abs().mean() / (b.float().abs().mean() + 1e-6)
            for a, b in zip(features, wanted, strict=True)
        ]
        return objective(self.settings.objective).generator_loss(Judgement(logits)), torch.stack(distances).mean()

    def _update_average(self) -> None:
        """Move the averaged weights towards the present ones; the averages of batch normalisation are copied."""
        steps = self.progress.reconstruction_steps + self.progress.adversarial_steps
        decay = min(self.settings.average_decay, (1 + steps) / (10 + steps))
        with torch.no_grad():
            present = self.generator.state_dict()
            for name, value in self.average.state_dict().items():
                if value.is_floating_point() and "running" not in name:
                    value.lerp_(present[name].to(value.dtype), 1 - decay)
                else:
                    value.copy_(present[name])

    @staticmethod
    def _set_rate(optimiser: Any, rate: float) -> None:
        for group in optimiser.param_groups:
            group["lr"] = rate

    def _report(self, phase: str, steps: int, seconds: float, losses: dict[str, Tensor]) -> None:
        line = {"phase": phase, "step": steps, "seconds": round(seconds, 1)}
        line |= {name: round(float(value), 5) for name, value in losses.items()}
        with (self.run / METRICS).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def save(self, name: str) -> None:
        """Write the whole state to `name` in the run folder, complete or not at all."""
        state: dict[str, Any] = {
            "generator": self.generator.state_dict(),
            "average": self.average.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "progress": vars(self.progress),
            "batches": json.dumps(self.source.rng.bit_generator.state),
        }
        if self.discriminator is not None:
            state["discriminator"] = self.discriminator.state_dict()
            state["other_optimiser"] = self.other_optimiser.state_dict()
        unfinished = self.run / f"{name}.part"
        torch.save(state, unfinished)
        unfinished.replace(self.run / name)

    def load(self, path: Path) -> None:
        """Go on from a state that `save` wrote. Raises OSError when it is not there."""
        state = torch.load(path, weights_only=True)
        self.generator.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.progress = Progress(**state["progress"])
        self.source.rng.bit_generator.state = json.loads(state["batches"])
        if self.discriminator is not None:
            self.discriminator.load_state_dict(state["discriminator"])
            self.other_optimiser.load_state_dict(state["other_optimiser"])

    def resume(self) -> None:
        """Go on from this run folder's checkpoint, if there is one."""
        with suppress(FileNotFoundError):
            self.load(self.run / CHECKPOINT)


def segmentation_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return 1 − mean soft Dice over all classes, plus cross-entropy; `[batch, class, H, W]` and `[batch, H, W]`."""
    probabilities = logits.softmax(dim=1)
    wanted = nn.functional.one_hot(labels, logits.shape[1]).movedim(-1, 1).to(probabilities.dtype)
    axes = (0, 2, 3)
    overlap = (probabilities * wanted).sum(axes)
    dice = (2 * overlap + 10) / (probabilities.sum(axes) + wanted.sum(axes) + 10)
    return 1 - dice.mean() + nn.functional.cross_entropy(logits, labels)


def _fresh(network: Network) -> nn.Module:
    fresh: nn.Module = build(network.name, network.arguments)
    # Channels last is the fast path of bf16 convolutions on a CPU; torch's type hints lack the keyword.
    fresh.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return fresh
