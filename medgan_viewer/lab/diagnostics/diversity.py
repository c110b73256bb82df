"""How much samples differ: from each other (similarity of pairs) and from the real pictures (coverage, recall).

All take pictures `[batch, channel, H, W]`, about 0…1, or points `[batch, number]` (also `[batch, number, 1, 1]`).
"""

import torch
from torch import Tensor

__all__ = ["coverage", "features", "recall", "similarity"]

_NEIGHBOURS = 5
_SIDE = 16
_MULTISCALE_FROM = 160
"""Pixels from which MS-SSIM's five scales with windows of 11 pixels fit: (11 − 1)·2⁴, and one more."""


def features(pictures: Tensor) -> Tensor:
    """Return what coverage and recall compare, `[batch, number]` float32.

    Pictures averaged down to at most 16 × 16 pixels and flattened; points as they are. No trained encoder: what is
    counted are layouts and levels, not textures.
    """
    pictures = pictures.float()
    if _are_points(pictures):
        return pictures.flatten(1)
    height, width = pictures.shape[-2:]
    small = torch.nn.functional.adaptive_avg_pool2d(pictures, (min(height, _SIDE), min(width, _SIDE)))
    return small.flatten(1)


def coverage(real: Tensor, generated: Tensor) -> float:
    """Return the share of real points with a generated one inside their k-nearest-neighbour ball, k = 5.

    Naeem 2020 (arXiv:2002.09797); 0.97 is expected of equally many points of one distribution. `[batch, number]`.
    """
    distances = torch.cdist(real, generated)
    return float((distances.min(dim=1).values <= _radii(real)).float().mean())


def recall(real: Tensor, generated: Tensor) -> float:
    """Return the share of real points that lie in the k-nearest-neighbour ball of a generated one, k = 5.

    Kynkäänniemi 2019 (arXiv:1904.06991). `[batch, number]`.
    """
    distances = torch.cdist(real, generated)
    return float((distances <= _radii(generated)[None]).any(dim=1).float().mean())


def similarity(pictures: Tensor, real: Tensor) -> float:
    """Return how alike neighbours in a batch are on average, 1 where all are the same.

    MS-SSIM of pictures over 160 pixels, SSIM of smaller ones (MONAI's, range 1), and of points a Gaussian kernel as
    wide as half the median distance of `real` points. Neighbours in the batch must have been drawn independently.
    """
    pictures, real = pictures.float(), real.float()
    others = pictures.roll(1, dims=0)
    if _are_points(pictures):
        width = torch.pdist(real.flatten(1)).median() / 2
        squares = (pictures - others).flatten(1).square().sum(dim=1)
        return float(torch.exp(-squares / (2 * width.square() + 1e-12)).mean())
    from monai.metrics.regression import MultiScaleSSIMMetric, SSIMMetric

    side = min(pictures.shape[-2:])
    if side > _MULTISCALE_FROM:
        measured = MultiScaleSSIMMetric(spatial_dims=2, data_range=1.0)(pictures, others)
    else:
        window = min(11, side if side % 2 else side - 1)
        measured = SSIMMetric(spatial_dims=2, data_range=1.0, win_size=window)(pictures, others)
    return float(torch.as_tensor(measured).mean())


def _are_points(pictures: Tensor) -> bool:
    return pictures.dim() == 2 or tuple(pictures.shape[2:]) == (1, 1)


def _radii(points: Tensor) -> Tensor:
    """Return the distance of each point from its k-th neighbour, `[batch]`."""
    neighbours = min(_NEIGHBOURS, len(points) - 1)
    # The nearest is the point itself.
    return torch.cdist(points, points).kthvalue(neighbours + 1, dim=1).values
