"""Train the generator of healthy anatomy and the per-pixel discriminator together, for a given time.

Every step: healthy slices are augmented, anomalies put into them, and part of them covered with coarse noise. The
generator learns to give the healthy slice back (L1); the discriminator learns, on those without coarse noise, which
pixels are anomalous (focal and soft Dice loss). The learning rate follows the share of the time that has passed,
so the run ends well on a machine of any speed, and a run that was interrupted goes on where its last checkpoint
stands.
"""

from __future__ import annotations

import argparse
import json
import logging
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.anomaly_data import SOURCES, HealthySlices, build_cache
from medgan_viewer.lab.anomaly_synthesis import add_anomalies, coarse_noise
from medgan_viewer.lab.recipe import Recipe, load_recipe
from medgan_viewer.models.networks.restoring_discriminator import RestoringDiscriminator, compand

LARGEST = 1.5
"""The encoding cuts intensities off here."""
NARROW = slice(16, 144)
"""Columns that are trained on: heads are narrower than long, and air teaches nothing."""
MIXTURE = {
    ("simulated", True): 0.42,
    ("simulated", False): 0.12,
    ("ixi", False): 0.22,
    ("ms", True): 0.16,
    ("ms", False): 0.08,
}
"""Share of a batch by source and contrast (True: FLAIR)."""
COARSE_SHARE = 0.2
"""Share of the slices that are covered with coarse noise, for the generator alone."""
COARSE_SIGMA = 0.3
"""Largest spread of the coarse noise, on the companded scale."""
FOCAL_GAMMA = 1.0
DICE_WEIGHT = 0.1
"""With focal loss alone the discriminator stays for very long at saying "perhaps" everywhere in the head."""
DISCRIMINATOR_WEIGHT = 3.0
RICH_PLACE, RICH_SHARE = 0.08, 0.85
"""A slice is rich when anomalies may lie in so much of it; so many of the drawn slices are."""
HEADS_PER_MAP = 14
"""Simulated heads per label map: three in five FLAIR, the rest T1, 24 slices each."""
log = logging.getLogger(__name__)


@dataclass
class Progress:
    """What a checkpoint remembers besides the weights."""

    step: int = 0
    seconds: float = 0.0


def augment(image: Tensor, masks: Tensor, seed: torch.Generator) -> tuple[Tensor, Tensor]:
    """Turn (±12°), resize (0.82–1.2), shift, mirror and bend slices [B, 1, H, W] and their masks [B, M, H, W] alike."""
    batch, _, height, width = image.shape

    def draw(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(batch, generator=seed)

    angle, size, mirror = draw(-0.21, 0.21), draw(0.82, 1.2), torch.where(draw(0, 1) < 0.5, -1.0, 1.0)
    cosine, sine = angle.cos() / size, angle.sin() / size
    rows = torch.stack([torch.stack([cosine * mirror, -sine, draw(-0.1, 0.1)], 1)], 1)
    columns = torch.stack([torch.stack([sine * mirror, cosine, draw(-0.1, 0.1)], 1)], 1)
    grid = functional.affine_grid(torch.cat([rows, columns], 1), [batch, 1, height, width], align_corners=False)
    bend = coarse_noise((batch, 2, height, width), 6, seed) * draw(0, 0.02).view(-1, 1, 1, 1)
    grid = grid + bend.permute(0, 2, 3, 1)
    moved = functional.grid_sample(image, grid, mode="bilinear", align_corners=False)
    return moved, functional.grid_sample(masks, grid, mode="nearest", align_corners=False) > 0.5


def shade(image: Tensor, seed: torch.Generator) -> Tensor:
    """Gain 0.6–1.5, a curve and a receive field: what the encoding leaves undetermined; for input and target alike."""

    def draw(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand((len(image), 1, 1, 1), generator=seed)

    field_shape = (len(image), 1, *image.shape[2:])
    bias = torch.exp(coarse_noise(field_shape, 4, seed) * draw(0, 0.15))
    return (draw(0.6, 1.5) * image.clamp_min(0).pow(draw(0.85, 1.2)) * bias).clamp_max(LARGEST)


def acquire(image: Tensor, seed: torch.Generator) -> Tensor:
    """Blur and Rician noise as the scanner adds them after the anatomy (disease included) is what it is."""
    batch = len(image)
    blurred = functional.avg_pool2d(image, 3, stride=1, padding=1, count_include_pad=False)
    softness = torch.rand((batch, 1, 1, 1), generator=seed) * (torch.rand((batch, 1, 1, 1), generator=seed) < 0.4)
    image = image + softness * (blurred - image)
    sigma = torch.rand((batch, 1, 1, 1), generator=seed).square() * 0.05
    noise = torch.randn((2, *image.shape), generator=seed) * sigma
    noise = 0.5 * noise + functional.avg_pool2d(noise[:, :, 0], 3, 1, 1).unsqueeze(2)
    return ((image + noise[0]).square() + noise[1].square()).sqrt().clamp_max(LARGEST)


def focal_loss(logits: Tensor, target: Tensor, weight: Tensor, gamma: float) -> Tensor:
    """Mean focal loss (Lin et al., 2017, equation 4; both classes alike) over pixels with `weight` > 0."""
    plain = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    loss = (1 - torch.exp(-plain)).pow(gamma) * plain
    return (loss * weight).sum() / weight.sum().clamp_min(1.0)


def soft_dice_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """1 − Dice of the probabilities over the whole batch (Milletari et al., 2016): small anomalies count as well."""
    probability = torch.sigmoid(logits) * weight
    overlap = (probability * target).sum()
    return 1 - (2 * overlap + 1) / (probability.sum() + (target * weight).sum() + 1)


class AnomalyTrainer:
    """One training run in a folder: `log.jsonl`, `checkpoint.pt` and, at the end, `weights.pt` (averaged weights)."""

    def __init__(self, recipe: Recipe, slices: HealthySlices, folder: Path) -> None:
        torch.manual_seed(recipe.training.seed)
        self.settings, self.slices, self.folder = recipe.training, slices, folder
        self.network = RestoringDiscriminator(**recipe.network.arguments)
        # Half again as fast in bf16 on a CPU.
        for parameter in self.network.parameters():
            if parameter.ndim == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
        self.averaged = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self.optimizer = torch.optim.AdamW(self.network.parameters(), self.settings.learning_rate, weight_decay=1e-4)
        self.progress = Progress()
        self.seed = torch.Generator().manual_seed(self.settings.seed)
        self._pools = [
            np.flatnonzero((slices.source == SOURCES.index(source)) & (slices.flair == flair))
            for source, flair in MIXTURE
        ]
        # Anomalies in slices with little brain hardly show: most of the time goes to slices with much of it.
        self._rich = slices.place.mean(axis=(1, 2)) > RICH_PLACE
        folder.mkdir(parents=True, exist_ok=True)
        if self._checkpoint.exists():
            self._resume()

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def run(self) -> None:
        """Train until the recipe's time has passed; then write `weights.pt`."""
        self.network.train()
        losses: list[tuple[float, float]] = []
        while self.progress.seconds < 60 * self.settings.minutes:
            start = time.monotonic()
            losses.append(self.step())
            self.progress.step += 1
            self.progress.seconds += time.monotonic() - start
            if self.progress.step % 50 == 0:
                self._record(losses)
                losses.clear()
            if self.progress.step % 300 == 0:
                self._save()
        self._save()
        torch.save(self.averaged, self.folder / "weights.pt")

    def step(self) -> tuple[float, float]:
        """One step on one batch; returns the generator's and the discriminator's loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        healthy, seen, mask, weight = self.batch()
        noisy = torch.rand(len(seen), generator=self.seed) < COARSE_SHARE
        noisy[0] = False
        target, clean = compand(healthy), compand(seen)
        strength = torch.rand((len(seen), 1, 1, 1), generator=self.seed) * COARSE_SIGMA
        coarse = coarse_noise(seen.shape, 10, self.seed) * strength * noisy.view(-1, 1, 1, 1)
        given = (clean + coarse * (clean > 0.05)).clamp_min(0).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            restored = self.network.restore(given)
            logits = self.network.judge(given[~noisy], restored[~noisy].detach())
        generator_loss = ((restored.float() - target).abs() * (0.2 + (target > 0.1))).mean()
        logits, mask, weight = logits.float(), mask[~noisy].float(), weight[~noisy]
        judged = focal_loss(logits, mask, weight, FOCAL_GAMMA) + DICE_WEIGHT * soft_dice_loss(logits, mask, weight)
        self.optimizer.zero_grad()
        torch.autograd.backward(generator_loss + DISCRIMINATOR_WEIGHT * judged)
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self._average()
        return generator_loss.item(), judged.item()

    def batch(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Healthy slices, what the networks see, the anomalous pixels, and the weight of every pixel, all [B, 1, H,
        W].
        """
        shares = [share * (len(pool) > 0) for share, pool in zip(MIXTURE.values(), self._pools, strict=True)]
        kinds = torch.multinomial(
            torch.tensor(shares), self.settings.batch, replacement=True, generator=self.seed
        ).tolist()
        chosen = np.array([self._draw(self._pools[kind]) for kind in kinds])
        image = torch.from_numpy(self.slices.image[chosen].astype(np.float32))[:, None]
        masks = torch.from_numpy(np.stack([self.slices.place[chosen], self.slices.ignored[chosen]], 1)).float()
        image, moved = (plane[..., NARROW] for plane in augment(image, masks, self.seed))
        flair = torch.from_numpy(self.slices.flair[chosen])
        anomalous = add_anomalies(image, moved[:, :1], flair, self.seed)
        both = shade(torch.cat([image, anomalous.image], 1), self.seed)
        weight = ~(anomalous.ignored | (moved[:, 1:] & ~anomalous.mask))
        return both[:, :1], acquire(both[:, 1:], self.seed), anomalous.mask, weight.float()

    def _draw(self, pool: npt.NDArray[np.int64]) -> int:
        rich = pool[self._rich[pool]]
        if len(rich) and float(torch.rand(1, generator=self.seed)) < RICH_SHARE:
            pool = rich
        return int(pool[int(torch.randint(len(pool), (1,), generator=self.seed))])

    def learning_rate(self) -> float:
        """Cosine from the recipe's rate to nearly 0 over the time given, after 100 steps of warming up."""
        done = min(self.progress.seconds / (60 * self.settings.minutes), 1.0)
        warm = min(1.0, (self.progress.step + 1) / 100)
        return self.settings.learning_rate * warm * (0.5 * (1 + float(np.cos(np.pi * done))) + 0.002)

    def _average(self) -> None:
        keep = min(self.settings.average_decay, (1 + self.progress.step) / (10 + self.progress.step))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                if value.dtype.is_floating_point:
                    self.averaged[name].lerp_(value, 1 - keep)
                else:
                    self.averaged[name].copy_(value)

    def _record(self, losses: list[tuple[float, float]]) -> None:
        generator, discriminator = (float(np.mean([pair[index] for pair in losses])) for index in (0, 1))
        entry = {**asdict(self.progress), "generator": generator, "discriminator": discriminator}
        with (self.folder / "log.jsonl").open("a") as file:
            file.write(json.dumps(entry) + "\n")
        log.info("%s", entry)

    def _save(self) -> None:
        state = {
            "network": self.network.state_dict(),
            "averaged": self.averaged,
            "optimizer": self.optimizer.state_dict(),
            "progress": asdict(self.progress),
            "seed": self.seed.get_state(),
        }
        partial = self._checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self._checkpoint)

    def _resume(self) -> None:
        state = torch.load(self._checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.averaged = state["averaged"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])
        self.seed.set_state(state["seed"])


def main() -> None:
    """Train from a recipe; the healthy slices are simulated and read once and kept in the run's folder."""
    parser = argparse.ArgumentParser(prog="python -m medgan_viewer.lab.anomaly_training", description=main.__doc__)
    parser.add_argument("run", type=Path, help="folder of the run; an interrupted run goes on")
    parser.add_argument("--recipe", type=Path, default=resources.path("recipes", "head-anomaly.toml"))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    cache = arguments.run / "healthy.npz"
    if not cache.exists():
        data = resources.shared_data()
        if data is None:
            raise UsageError("The training data are absent: set MEDGAN_DATA to their folder.")
        arguments.run.mkdir(parents=True, exist_ok=True)
        build_cache(data, HEADS_PER_MAP).save(cache)
    AnomalyTrainer(load_recipe(arguments.recipe), HealthySlices.load(cache), arguments.run).run()


if __name__ == "__main__":
    main()
