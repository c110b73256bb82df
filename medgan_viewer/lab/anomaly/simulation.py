"""Healthy T1 and FLAIR slices simulated from the `head_labels` maps, for the anomaly discriminator.

Unlike the paired simulation of the synthesis models this one wants *variety*, not a canonical target: the
discriminator must call nothing anomalous that a scanner, a protocol or a healthy head can produce. So the protocol,
the tissue times, the fat signal, the slice thickness, the head's pose and shape are all drawn at random (domain
randomisation, Billot et al. 2023), and the things that are bright in healthy FLAIR are put in: periventricular
rims, inflowing cerebrospinal fluid, mucosa, slow veins, unsuppressed fat. There are no lesions here;
`lab.anomaly.synthesis` adds them.

Tissue times, proton densities and signal equations are those of `lab.simulation.tissues` and
`lab.simulation.signals`, randomised by several per cent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.simulation.signals import random_sequence
from medgan_viewer.lab.simulation.signals import signal as mr_signal
from medgan_viewer.lab.simulation.tissues import LABEL_TISSUES, SOFT_TISSUE_LABEL, TISSUE_INDEX, TISSUES, tissue_values

Contrast = Literal["T1", "FLAIR"]
FINE_MM = 1.0
"""Grid of the fine planes whose average is a slice with partial volume."""
FINE_PIXELS = 240
SLICES_PER_HEAD = 24
SAMPLES_THROUGH_SLICE = 3

TEXTURE: dict[str, float] = {
    **dict.fromkeys(("cortical bone", "spongy bone", "artery", "vein"), 0.3),
    **dict.fromkeys(("mucosa", "skin"), 0.17),
    **dict.fromkeys(("muscle", "fat"), 0.1),
}
BRAIN_TEXTURE = 0.025
LIMBIC = (17, 53, 18, 54)
FLUID = tuple(label for label, name in LABEL_TISSUES.items() if name == "csf")
VENTRICLES = (4, 43, 5, 44, 14, 15)
OUTSIDE_BRAIN = tuple(label for label in range(502, 531) if label != 512)


@dataclass(frozen=True, slots=True)
class SimulatedSlices:
    """Slices of one simulated head: `image` [N, H, W] with white matter near 1 before any encoding, `brain` [N, H,
    W] bool.
    """

    image: npt.NDArray[np.float32]
    brain: npt.NDArray[np.bool_]


def signal_of(contrast: Contrast, generator: np.random.Generator) -> dict[str, float]:
    """Signal of every tissue of `lab.simulation.tissues` for a randomly drawn protocol, white matter = 1."""
    sequence = random_sequence(contrast, generator)
    times = [
        torch.from_numpy(tissue_values(field) * generator.lognormal(0, spread, len(TISSUES)).astype(np.float32))
        for field, spread in (("t1", 0.05), ("t2", 0.05), ("pd", 0.03))
    ]
    values = mr_signal(sequence, times[0], times[1], times[2])
    values = values / values[TISSUE_INDEX["white matter"]]
    drawn = {tissue.name: float(value) for tissue, value in zip(TISSUES, values, strict=True)}
    _randomise_extracranial(drawn, contrast, generator)
    return drawn


def _randomise_extracranial(signal: dict[str, float], contrast: Contrast, generator: np.random.Generator) -> None:
    """Fat is suppressed or not, vessels flow or not, mucosa swells: no table can say, so they are drawn."""
    suppressed = generator.random() < 0.5
    signal["fat"] *= generator.uniform(0.05, 0.4) if suppressed else generator.uniform(0.7, 2.0)
    signal["spongy bone"] *= generator.uniform(0.1, 0.6) if suppressed else generator.uniform(0.7, 2.0)
    signal["skin"] *= generator.uniform(0.4, 1.6)
    signal["muscle"] *= generator.uniform(0.6, 1.4)
    signal["mucosa"] *= generator.uniform(0.3, 1.3)
    for vessel in ("artery", "vein"):
        signal[vessel] = generator.uniform(0.05, 1.6) if contrast == "T1" else generator.uniform(0.05, 1.0)
    if contrast == "FLAIR":
        # The table's times give more grey-white contrast than most scanners show.
        softer = generator.uniform(0.35, 1.0)
        for name in ("cortex", "deep grey", "pallidum", "cerebellar cortex", "cerebellar white matter", "brain stem"):
            signal[name] = 1 + softer * (signal[name] - 1)
        signal["csf"] = generator.uniform(0.03, 0.35)
        signal["eye"] = generator.uniform(0.03, 0.4)


def noise_field(shape: tuple[int, ...], cells: int, seed: torch.Generator) -> Tensor:
    """Smooth noise of unit spread [shape], from a coarse grid of about `cells` values a side, linearly interpolated."""
    coarse = torch.randn([1, 1, *[min(cells, size) for size in shape]], generator=seed)
    mode = "trilinear" if len(shape) == 3 else "bilinear"
    field = functional.interpolate(coarse, size=shape, mode=mode, align_corners=True)[0, 0]
    return field / field.std().clamp_min(1e-3)


def sample_planes(labels: Tensor, generator: np.random.Generator, seed: torch.Generator, count: int) -> Tensor:
    """Cut `count` thick slices in a randomly posed, deformed head: label values [N, 3, 240, 240] (1 mm in
    plane).

    `labels`: [Z, Y, X] float32 label map on a 1 mm LPS grid. Slices below the lowest labelled plane are not cut.
    """
    occupied = torch.nonzero((labels > 0).any(dim=2).any(dim=1)).flatten()
    low, high = int(occupied[0]) + 18, int(occupied[-1])
    centre = torch.tensor([(size - 1) / 2 for size in labels.shape])
    thickness = generator.uniform(1.0, 6.0)
    heights = np.sort(generator.uniform(low, high, count)) - float(centre[0])
    through = np.linspace(-0.33, 0.33, SAMPLES_THROUGH_SLICE) * thickness
    z = torch.tensor((heights[:, None] + through[None]).reshape(-1), dtype=torch.float32)
    side = (torch.arange(FINE_PIXELS, dtype=torch.float32) - (FINE_PIXELS - 1) / 2) * FINE_MM
    points = torch.stack(torch.meshgrid(z, side, side, indexing="ij"), dim=-1)
    shape = points.shape[:3]
    bend = torch.stack([noise_field(tuple(shape), cells, seed) for cells in (5, 6, 7)], dim=-1)
    points = points @ _pose(generator).T + bend * float(generator.uniform(0.5, 3.0))
    grid = (points / (centre + 0.5)).flip(-1)
    planes = functional.grid_sample(labels[None, None], grid[None], mode="nearest", align_corners=False)[0, 0]
    return planes.reshape(count, SAMPLES_THROUGH_SLICE, FINE_PIXELS, FINE_PIXELS)


def _pose(generator: np.random.Generator) -> Tensor:
    """Random 3×3 (z, y, x): pitch up to ±17°, roll and yaw ±8°, anisotropic size ±10 %, mirrored half of the time."""
    pitch, roll, yaw = np.deg2rad(generator.uniform([-17, -8, -8], [17, 8, 8]))
    matrix = np.eye(3)
    for (first, second), angle in zip(((0, 1), (0, 2), (1, 2)), (pitch, roll, yaw), strict=True):
        turn = np.eye(3)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[first, second], turn[second, first] = -np.sin(angle), np.sin(angle)
        matrix = matrix @ turn
    size = generator.uniform(0.9, 1.1, 3) * [1, 1, generator.choice([-1, 1])]
    return torch.tensor(matrix * size, dtype=torch.float32)


def render(
    planes: Tensor, contrast: Contrast, generator: np.random.Generator, seed: torch.Generator, stripped: bool
) -> Tensor:
    """Intensity of label planes [N, S, 240, 240] → [N, 240, 240], slice thickness averaged. `stripped`: brain only."""
    signal = signal_of(contrast, generator)
    table, spread = torch.zeros(600), torch.zeros(600)
    for label, name in LABEL_TISSUES.items():
        individual = 0.0 if name == "air" else (0.035 if label in LIMBIC or label > 9 else 0.015)
        table[label] = signal[name] * float(generator.lognormal(0, individual))
        spread[label] = TEXTURE.get(name, BRAIN_TEXTURE)
    index = planes.long()
    image = table[index]
    if not stripped:
        image = _split_soft_tissue(image, index, signal, seed)
    texture = torch.randn(image.shape, generator=seed)
    texture = functional.avg_pool2d(texture, 3, stride=1, padding=1) * 3 + 0.5 * texture
    image = image * (1 + texture * spread[index] * float(generator.uniform(0.3, 1.2)))
    image = _healthy_variation(image, index, contrast, generator, seed)
    if stripped:
        image = image * ((index > 0) & (index < 500))
    return image.clamp_min(0).mean(dim=1)


def _split_soft_tissue(image: Tensor, index: Tensor, signal: dict[str, float], seed: torch.Generator) -> Tensor:
    """Label 507 is muscle and fat in one: fat near the skin and in irregular sheets between the muscles."""
    soft = index == SOFT_TISSUE_LABEL
    near_skin = functional.avg_pool2d((index == 0).float(), 21, stride=1, padding=10) > 0.02
    flat = (index.shape[0], index.shape[2], index.shape[3])
    sheets = noise_field(flat, 40, seed)[:, None] + 1.6 * near_skin.float() - 0.4
    share = torch.sigmoid(2.5 * sheets)
    return torch.where(soft, share * signal["fat"] + (1 - share) * signal["muscle"], image)


def _healthy_variation(
    image: Tensor, index: Tensor, contrast: Contrast, generator: np.random.Generator, seed: torch.Generator
) -> Tensor:
    """Slow changes of brightness, the rim of the ventricles and inflowing fluid: bright in FLAIR and no disease."""
    flat = (index.shape[0], index.shape[2], index.shape[3])
    brain = (index > 0) & (index < 500)
    slow = noise_field(flat, 7, seed)[:, None]
    image = image * (1 + brain * slow * float(generator.uniform(0, 0.05)))
    ventricle = torch.isin(index, torch.tensor(VENTRICLES))
    near = functional.avg_pool2d(ventricle.float(), 7, stride=1, padding=3)
    rim = near * (brain & ~ventricle) * float(generator.uniform(0, 0.5 if contrast == "FLAIR" else 0.1))
    image = image * (1 + rim)
    if contrast == "FLAIR":
        fluid = torch.isin(index, torch.tensor(FLUID))
        inflow = torch.sigmoid(4 * (noise_field(flat, 12, seed)[:, None] - float(generator.uniform(1.0, 3.0))))
        image = image + fluid * inflow * float(generator.uniform(0.2, 0.9))
    return image


def simulate_slices(
    labels: Tensor, contrast: Contrast, spacing_mm: float, seed: int, count: int = SLICES_PER_HEAD
) -> SimulatedSlices:
    """`count` healthy slices of one randomised head, from a label map [Z, Y, X] (1 mm, LPS axes, real label
    numbers).

    Returns slices at `spacing_mm` covering 240 mm; rows run to the back (+P), columns to the patient's left (+L).
    """
    generator, torch_seed = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    planes = sample_planes(labels, generator, torch_seed, count)
    stripped = bool(generator.random() < 0.2)
    image = render(planes, contrast, generator, torch_seed, stripped)
    inside = ((planes > 0) & ~torch.isin(planes, torch.tensor(OUTSIDE_BRAIN, dtype=planes.dtype))).float().mean(dim=1)
    pixels = round(FINE_PIXELS * FINE_MM / spacing_mm)
    both = functional.interpolate(torch.stack([image, inside], dim=1), size=(pixels, pixels), mode="area")
    return SimulatedSlices(both[:, 0].numpy().astype(np.float32), both[:, 1].numpy() > 0.7)
