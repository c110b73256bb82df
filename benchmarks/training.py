"""Training beside a bare PyTorch loop of the same networks, step by step in turns: ``python -m benchmarks.training``.

Both train the CT → MR networks (generator, conditional patch discriminator with feature matching, least squares) on the
same ready batches in the same precision. The bare loop is the textbook's: no averaged weights, no metrics, no clock, no
checkpoint. Counted is the processor's time of this process, which others on the machine do not change much; on a
graphics card the seconds until it is done. `share` is the lab's images a second over the bare loop's, `watched` the
same with the diagnostics of every 50th step counted in. `simulation` is what simulating an image anew takes, where the
anatomical label maps are there to simulate from.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.measure import report
from medgan_viewer import resources
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import Batch, DataShapes, Network, method
from medgan_viewer.lab.sources.base import Refusal
from medgan_viewer.lab.sources.live_heads import LiveHeads
from medgan_viewer.lab.training import processes
from medgan_viewer.lab.training.run_folder import RunFolder
from medgan_viewer.lab.training.schedule import Training, TrainingPhase
from medgan_viewer.lab.training.steps import Steps
from medgan_viewer.lab.training.watching import Watching
from medgan_viewer.models.networks import build

SIZES = ((128, 8), (192, 4))
GENERATOR = {"in_channels": 6, "out_channels": 2, "features": [48, 96, 160, 224]}
DISCRIMINATOR = {"in_channels": 6, "out_channels": 2}
MEASURE_EVERY = 50


class Ready:
    """Gives one ready batch again and again."""

    source_channels, target_channels, classes = 6, 2, 0
    refused: tuple[Refusal, ...] = ()

    def __init__(self, side: int, count: int) -> None:
        self.size = (side, side)
        self.patients: Mapping[str, tuple[str, ...]] = {"train": ("nobody",), "validation": ("nobody else",)}
        draw = Draw(0)
        self._made = {
            "source": draw.uniform(2 * count, 6, side, side),
            "target": draw.uniform(2 * count, 2, side, side),
        }

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return the first `count` samples."""
        del draw, split
        return {name: value[:count] for name, value in self._made.items()}


class Bare:
    """The textbook's loop on one batch."""

    def __init__(self, batch: Batch, device: torch.device, autocast: Callable[[], AbstractContextManager[Any]]) -> None:
        self.autocast = autocast
        self.generator = build("unet_2p5d", GENERATOR).to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.discriminator = build("patch_discriminator", DISCRIMINATOR).to(device)
        self.discriminator.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.batch = {k: v.to(device, memory_format=torch.channels_last) for k, v in batch.items()}
        self.ours = torch.optim.Adam(self.generator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)
        self.other = torch.optim.Adam(self.discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999), fused=True)

    def step(self) -> None:
        """Take one step of both."""
        source, target = self.batch["source"], self.batch["target"]
        with self.autocast():
            made = self.generator(source)
            real, _ = self.discriminator(source, target)
            synthetic, _ = self.discriminator(source, made.detach())
            loss = 0.5 * ((real.float() - 1) ** 2).mean() + 0.5 * (synthetic.float() ** 2).mean()
        self.other.zero_grad()
        loss.backward()
        self.other.step()
        self.discriminator.requires_grad_(False)
        with self.autocast():
            scores, features = self.discriminator(source, made)
            with torch.no_grad():
                _, wanted = self.discriminator(source, target)
            total = 20 * (made.float() - target).abs().mean() + 0.5 * ((scores.float() - 1) ** 2).mean()
            total = total + 2 * torch.stack([_distance(a, b) for a, b in zip(features, wanted, strict=True)]).mean()
        self.discriminator.requires_grad_(True)
        self.ours.zero_grad()
        total.backward()
        self.ours.step()


def _distance(a: Tensor, b: Tensor) -> Tensor:
    return nn.functional.l1_loss(a.float(), b.float()) / (b.float().abs().mean() + 1e-6)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=20, help="of each loop at each size (%(default)s)")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    arguments = parser.parse_args()
    values: dict[str, float] = {}
    for side, count in SIZES:
        values |= {f"{name}_{side}": value for name, value in _compare(side, count, arguments).items()}
    report(**values)


def _compare(side: int, count: int, arguments: argparse.Namespace) -> dict[str, float]:
    fabric = processes.start(arguments.precision)
    source = Ready(side, count)
    training = Training((TrainingPhase("adversarial", 10**6, adversarial=True),), batch=count, measure_every=0)
    shapes = DataShapes(6, 2, 0, (side, side))
    networks = Network("unet_2p5d", GENERATOR), Network("patch_discriminator", DISCRIMINATOR)
    made = method("translation", generator=networks[0], discriminator=networks[1], data=shapes)
    steps = Steps(training, made, source, fabric)
    bare = Bare(source.batch(count, Draw(0)), fabric.device, fabric.autocast)
    seconds = {"lab": 0.0, "bare": 0.0}
    for number in range(arguments.steps + 2):
        for name, step in (("lab", steps.step), ("bare", bare.step)):
            took = _seconds(step, fabric.device)
            seconds[name] += took if number >= 2 else 0.0  # the first steps make buffers
    images = count * arguments.steps
    with tempfile.TemporaryDirectory() as folder:
        watch = Watching(made, source, RunFolder(Path(folder)), 0, fabric.autocast)
        batch = {name: value.to(fabric.device) for name, value in source.batch(count, Draw(0)).items()}
        with fabric.autocast():
            losses = made.generator_loss(batch, Draw(0), adversarial=True)
        looks = [_seconds(lambda: watch.on_measure(1, made, losses, batch), fabric.device) for _ in range(4)]
    watched = seconds["lab"] + arguments.steps * sum(looks) / len(looks) / MEASURE_EVERY
    return {
        "lab_images_per_s": images / seconds["lab"],
        "bare_images_per_s": images / seconds["bare"],
        "lab_ms": 1000 * watched / images,
        "bare_ms": 1000 * seconds["bare"] / images,
        **_simulation(side, count, arguments.steps, fabric.device),
        "share": seconds["bare"] / seconds["lab"],
        "watched": seconds["bare"] / watched,
    }


def _simulation(side: int, count: int, steps: int, device: torch.device) -> dict[str, float]:
    """Return the milliseconds that simulating an image of the same channels takes; nothing without label maps."""
    if resources.shared_data() is None:
        return {}
    heads = LiveHeads(["CT"], ["T1", "T2"], crop=side, whole=side, variants=1, device=str(device))
    heads.prepare("train")
    draw = Draw(0)
    took = [_seconds(lambda: heads.batch(count, draw), device) for _ in range(steps + 2)][2:]
    return {"simulation_ms": 1000 * sum(took) / (count * steps)}


def _seconds(step: Callable[[], object], device: torch.device) -> float:
    """Return the processor's seconds of a step; on a graphics card, those until it is done."""
    clock = time.perf_counter if device.type == "cuda" else time.process_time
    start = clock()
    step()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return clock() - start


if __name__ == "__main__":
    main()
