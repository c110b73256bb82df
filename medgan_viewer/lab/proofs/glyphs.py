"""Digits drawn by our own strokes, and a classifier for them: what takes the place of MNIST in the proofs.

A digit is a handful of lines and arcs in a unit square (x to the right, y downwards). A glyph is that skeleton under a
random affine map, stroked with a random thickness; all of them are drawn from a `Draw`.
"""

import math
from functools import cache
from itertools import pairwise
from typing import ClassVar

import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import Batch

CLASSES = 10
SIDE = 28
_CHUNK = 500
_STEPS_OF_ARC = 10
_MOST_LEAN = math.tan(math.radians(12) + math.atan(0.2))

_Point = tuple[float, float]


def glyphs(labels: Tensor, draw: Draw, side: int = SIDE) -> tuple[Tensor, Tensor]:
    """Return glyphs `[count, 1, side, side]` in 0…1 of digits `[count]`, and their factors `[count, 2]`.

    The factors are the lean of an upright line (its run to the left for a rise of 1) and the thickness, each as a share
    of its range, 0…1.
    """
    noise = draw.uniform(len(labels), 8)
    pieces = zip(torch.split(labels, _CHUNK), torch.split(noise, _CHUNK), strict=True)
    drawn = [_stroke(part, some, side) for part, some in pieces]
    map_ = _affine(noise)
    lean = map_[:, 0, 1] / map_[:, 1, 1]
    return torch.cat(drawn), torch.stack([(lean / _MOST_LEAN + 1) / 2, noise[:, 7]], dim=1)


class GlyphPool:
    """A fixed number of glyphs, equally many of each digit, from which batches are taken (as from MNIST's 60,000).

    A data source of training: `image` `[n, 1, side, side]` and `label` `[n]`, or with `stacked` `image` `[n, 3, side,
    side]`, three random glyphs as the channels of a picture: a thousand equally likely modes.
    """

    source_channels: ClassVar[int] = 0

    def __init__(self, count: int, seed: int, side: int = SIDE, *, stacked: bool = False) -> None:
        self.labels = torch.arange(count) % CLASSES
        self.pictures, self.factors = glyphs(self.labels, Draw(seed), side)
        self.size = (side, side)
        self.target_channels = 3 if stacked else 1
        self.classes = 0 if stacked else CLASSES

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` random pictures of the pool, whatever the split."""
        del split
        index = draw.integers(len(self.labels), count, self.target_channels)
        pictures = self.pictures[index].squeeze(2)
        return {"image": pictures} if self.classes == 0 else {"image": pictures, "label": self.labels[index[:, 0]]}


class DigitClassifier(nn.Module):
    """A small convolutional network: logits `[batch, 10]` of pictures `[batch, 1, side, side]` in 0…1."""

    def __init__(self, side: int = SIDE) -> None:
        super().__init__()
        quarter = -(-side // 4)
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * quarter * quarter, 64),
            nn.ReLU(),
            nn.Linear(64, CLASSES),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the logits."""
        logits: Tensor = self.layers(pictures)
        return logits

    @torch.no_grad()
    def classify(self, pictures: Tensor) -> Tensor:
        """Return the likeliest digit `[batch]` of pictures `[batch, 1, side, side]`."""
        return torch.cat([self(part).argmax(dim=1) for part in torch.split(pictures, _CHUNK)])


def train_classifier(pool: GlyphPool, steps: int = 600, count: int = 100) -> DigitClassifier:
    """Return a classifier trained on a pool with a little noise, as generated pictures have; the same every time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        classifier = DigitClassifier(pool.pictures.shape[-1])
    draw = Draw(0)
    optimiser = torch.optim.Adam(classifier.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=4e-3, total_steps=steps)
    for _ in range(steps):
        batch = pool.batch(count, draw)
        pictures, labels = batch["image"], batch["label"]
        noisy = pictures + 0.1 * draw.uniform(count, 1, 1, 1) * draw.normal(*pictures.shape)
        optimiser.zero_grad()
        nn.functional.cross_entropy(classifier(noisy), labels).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return classifier.eval().requires_grad_(False)


def accuracy(classifier: DigitClassifier, pool: GlyphPool) -> float:
    """Return the share of a pool's glyphs that a classifier reads rightly."""
    return float((classifier.classify(pool.pictures) == pool.labels).double().mean())


def _stroke(labels: Tensor, noise: Tensor, side: int) -> Tensor:
    """Return how near each pixel is to the digit's lines, as grey values with an edge of one pixel."""
    segments = _placed(_skeletons()[labels], noise)  # [count, segments, end, xy]
    axis = (torch.arange(side) + 0.5) / side
    pixels = torch.stack(torch.meshgrid(axis, axis, indexing="xy"), dim=-1).reshape(1, -1, 1, 2)
    start, along = segments[:, None, :, 0], (segments[:, :, 1] - segments[:, :, 0])[:, None]
    share = ((pixels - start) * along).sum(-1) / along.square().sum(-1).clamp(min=1e-9)
    nearest = (pixels - start - share.clamp(0, 1)[..., None] * along).square().sum(-1).amin(-1).sqrt()
    thickness = 0.035 + 0.035 * noise[:, 7:8]
    return ((thickness - nearest) * side + 0.5).clamp(0, 1).reshape(-1, 1, side, side)


def _placed(segments: Tensor, noise: Tensor) -> Tensor:
    """Return skeletons under a random affine map and a shift of ±0.06."""
    shift = 0.06 * (2 * noise[:, 4:6] - 1)
    return torch.einsum("nij,nskj->nski", _affine(noise), segments - 0.5) + 0.5 + shift[:, None, None]


def _affine(noise: Tensor) -> Tensor:
    """Return matrices `[count, 2, 2]`: ±12° of rotation, shear ±0.2, scales 0.75…1."""
    signed = 2 * noise - 1
    angle, shear = signed[:, 0] * math.radians(12), 0.2 * signed[:, 1]
    width, height = 0.75 + 0.25 * noise[:, 2], 0.75 + 0.25 * noise[:, 3]
    cosine, sine = angle.cos(), angle.sin()
    turn = torch.stack([torch.stack([cosine, -sine], -1), torch.stack([sine, cosine], -1)], -2)
    zero = torch.zeros_like(width)
    bend = torch.stack([torch.stack([width, shear * height], -1), torch.stack([zero, height], -1)], -2)
    return turn @ bend


@cache
def _skeletons() -> Tensor:
    """Return the digits' lines `[10, segments, 2, 2]`; shorter ones repeat their last line."""
    lines = [[pair for part in digit for pair in pairwise(part)] for digit in _digits()]
    longest = max(len(part) for part in lines)
    return torch.tensor([part + part[-1:] * (longest - len(part)) for part in lines])


def _digits() -> list[list[list[_Point]]]:
    return [
        [_arc(0.5, 0.5, 0.24, 0.36, 0, 360)],
        [[(0.36, 0.28), (0.52, 0.14), (0.52, 0.86)]],
        [[*_arc(0.5, 0.34, 0.23, 0.2, 180, 395), (0.27, 0.86), (0.75, 0.86)]],
        [_arc(0.46, 0.32, 0.22, 0.18, 200, 450), _arc(0.46, 0.68, 0.26, 0.18, 270, 515)],
        [[(0.62, 0.86), (0.62, 0.14), (0.24, 0.62), (0.78, 0.62)]],
        [[(0.72, 0.14), (0.34, 0.14), (0.31, 0.46)], _arc(0.47, 0.64, 0.25, 0.22, 230, 515)],
        [_arc(0.5, 0.66, 0.22, 0.2, 0, 360), _arc(0.66, 0.66, 0.38, 0.52, 180, 275)],
        [[(0.26, 0.14), (0.76, 0.14), (0.42, 0.86)]],
        [_arc(0.5, 0.31, 0.19, 0.17, 0, 360), _arc(0.5, 0.67, 0.24, 0.19, 0, 360)],
        [_arc(0.5, 0.34, 0.22, 0.2, 0, 360), _arc(0.34, 0.34, 0.38, 0.52, 0, 95)],
    ]


def _arc(x: float, y: float, width: float, height: float, start: float, end: float) -> list[_Point]:
    """Return points of an ellipse's arc; angles in degrees, clockwise from the right."""
    angles = (math.radians(start + (end - start) * k / _STEPS_OF_ARC) for k in range(_STEPS_OF_ARC + 1))
    return [(x + width * math.cos(angle), y + height * math.sin(angle)) for angle in angles]
