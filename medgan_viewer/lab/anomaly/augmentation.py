"""What healthy slices of the anomaly model go through: another pose, another scanner's intensities, blur and noise.

Images are [B, C, H, W] in encoded units, on any device; random numbers come from a `Numbers` of the batch.
"""

import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.anomaly.synthesis import coarse_noise
from medgan_viewer.lab.simulation.numbers import Numbers

LARGEST = 1.5
"""The encoding cuts intensities off here."""


def augment(image: Tensor, masks: Tensor, numbers: Numbers) -> tuple[Tensor, Tensor]:
    """Turn (±12°), resize (0.82–1.2), shift, mirror and bend slices [B, C, H, W] and their masks [B, M, H, W] alike."""
    batch, _, height, width = image.shape
    angle, size = numbers.uniform(-0.21, 0.21), numbers.uniform(0.82, 1.2)
    mirror = torch.where(numbers.uniform() < 0.5, -1.0, 1.0)
    shift = numbers.uniform(-0.1, 0.1, (2,))
    cosine, sine = angle.cos() / size, angle.sin() / size
    rows = torch.stack([cosine * mirror, -sine, shift[:, 0]], 1)
    columns = torch.stack([sine * mirror, cosine, shift[:, 1]], 1)
    turn = torch.stack([rows, columns], 1)
    grid = functional.affine_grid(turn, [batch, 1, height, width], align_corners=False)
    bend = coarse_noise((batch, 2, height, width), 6, numbers) * numbers.uniform(0, 0.02, (1, 1, 1))
    grid = grid + bend.permute(0, 2, 3, 1)
    moved = functional.grid_sample(image, grid, mode="bilinear", align_corners=False)
    return moved, functional.grid_sample(masks, grid, mode="nearest", align_corners=False) > 0.5


def shade(image: Tensor, numbers: Numbers) -> Tensor:
    """Gain 0.6–1.5, a curve and a receive field: what the encoding leaves undetermined; for input and target alike."""
    gain, exponent = numbers.uniform(0.6, 1.5, (1, 1, 1)), numbers.uniform(0.85, 1.2, (1, 1, 1))
    field = coarse_noise((len(image), 1, *image.shape[2:]), 4, numbers) * numbers.uniform(0, 0.15, (1, 1, 1))
    return (gain * image.clamp_min(0).pow(exponent) * field.exp()).clamp_max(LARGEST)


def acquire(image: Tensor, numbers: Numbers) -> Tensor:
    """Blur and Rician noise as the scanner adds them after the anatomy (disease included) is what it is."""
    blurred = functional.avg_pool2d(image, 3, stride=1, padding=1, count_include_pad=False)
    softness = numbers.uniform(shape=(1, 1, 1)) * (numbers.uniform(shape=(1, 1, 1)) < 0.4)
    image = image + softness * (blurred - image)
    channels = image.shape[1]
    noise = numbers.normal((2 * channels, *image.shape[2:])) * numbers.uniform(shape=(1, 1, 1)).square() * 0.05
    noise = 0.5 * noise + functional.avg_pool2d(noise, 3, stride=1, padding=1)
    return torch.hypot(image + noise[:, :channels], noise[:, channels:]).clamp_max(LARGEST)
