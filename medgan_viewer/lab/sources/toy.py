"""Points in the plane whose distribution is known exactly: what objectives are proven on.

`ring` and `grid` are those of VEEGAN (Srivastava et al. 2017, arXiv:1705.07761, section 4.1) and PacGAN (Lin et al.
2018, arXiv:1712.04086, section 4.1): 8 Gaussians on a circle with a spread of a hundredth of its radius, and 25 at
−4, −2 … 4 with a variance of 0.0025. PacGAN's circle has radius 1; here it has 2 and everything is twice as large.
`lines` is the example of Arjovsky et al. 2017 (arXiv:1701.07875, section 2), `dirac` that of Mescheder et al. 2018
(arXiv:1801.04406, section 2).
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.sources.base import Batch, Draw, Refusal

RING_RADIUS, RING_SPREAD = 2.0, 0.02
GRID_STEP, GRID_SPREAD = 2.0, 0.05


class ToySource:
    """`image` `[n, 2]` (dirac: `[n, 1]`) and `label` `[n]`, the Gaussian or line that a point belongs to.

    `shape` is ring, grid, lines (x = 0 and x = `distance`, y uniform in 0…1; only x = 0 when `distance` is 0) or dirac
    (0). `centres` `[classes, 2]` and `spread` are the mixture's.
    """

    source_channels: int = 0
    size: tuple[int, int] = (1, 1)
    refused: tuple[Refusal, ...] = ()

    def __init__(self, shape: str = "ring", distance: float = 1.0) -> None:
        self.shape = shape
        self.patients: Mapping[str, tuple[str, ...]] = {
            split: (f"points for {split}",) for split in ("train", "validation", "test")
        }
        self.centres, self.spread = _mixture(shape, distance)
        self.classes, self.target_channels = self.centres.shape

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` independent points; every split is the same distribution."""
        del split
        label = draw.integers(self.classes, count)
        points = self.centres[label]
        if self.shape == "lines":
            points = points + torch.tensor([0.0, 1.0]) * draw.uniform(count, 1)
        elif self.spread:
            points = points + self.spread * draw.normal(count, self.target_channels)
        return {"image": points, "label": label}


def _mixture(shape: str, distance: float) -> tuple[Tensor, float]:
    if shape == "ring":
        angle = torch.arange(8) * (torch.pi / 4)
        return RING_RADIUS * torch.stack([angle.cos(), angle.sin()], dim=1), RING_SPREAD
    if shape == "grid":
        line = torch.arange(-2.0, 3.0) * GRID_STEP
        return torch.cartesian_prod(line, line), GRID_SPREAD
    if shape == "lines":
        return torch.tensor([[0.0, 0.0]] + ([[distance, 0.0]] if distance else [])), 0.0
    if shape == "dirac":
        return torch.zeros(1, 1), 0.0
    raise UsageError(f"There is no toy distribution {shape}: choose ring, grid, lines or dirac.")
