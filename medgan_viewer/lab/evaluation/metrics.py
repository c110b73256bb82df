"""Measures of a synthetic picture or a segmentation against the truth, inside a mask.

Arrays are `[slice, row, column]`; masks boolean of the same shape.
"""

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.float32]
Mask = NDArray[np.bool_]


def psnr(picture: Picture, truth: Picture, mask: Mask, data_range: float) -> float:
    """Return the peak signal-to-noise ratio inside `mask` in dB: 10·log10(range² / mean squared error)."""
    error = float(np.mean((picture[mask] - truth[mask]).astype(np.float64) ** 2))
    return float(10 * np.log10(data_range**2 / max(error, 1e-12)))


def ssim(picture: Picture, truth: Picture, mask: Mask, data_range: float) -> float:
    """Return the mean structural similarity inside `mask`, computed slice by slice.

    Wang et al. 2004 (doi:10.1109/TIP.2003.819861): Gaussian window of σ 1.5 pixels, K1 = 0.01, K2 = 0.03.
    """
    from scipy import ndimage

    def local(values: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = ndimage.gaussian_filter(values, [0.0, 1.5, 1.5], truncate=3.5)
        return result

    x, y = picture.astype(np.float64), truth.astype(np.float64)
    mean_x, mean_y = local(x), local(y)
    variance_x, variance_y = local(x * x) - mean_x**2, local(y * y) - mean_y**2
    covariance = local(x * y) - mean_x * mean_y
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    similarity = ((2 * mean_x * mean_y + c1) * (2 * covariance + c2)) / (
        (mean_x**2 + mean_y**2 + c1) * (variance_x + variance_y + c2)
    )
    return float(similarity[mask].mean())


def mean_absolute_error(picture: Picture, truth: Picture, mask: Mask) -> float:
    """Return the mean absolute difference inside `mask`."""
    return float(np.abs(picture[mask] - truth[mask]).mean())


def dice(first: Mask, second: Mask) -> float:
    """Return 2·|A ∩ B| / (|A| + |B|); not a number where both are empty."""
    total = int(first.sum()) + int(second.sum())
    return 2 * int((first & second).sum()) / total if total else float("nan")


def lesion_contrasts(picture: Picture, lesions: NDArray[np.uint8], brain: Mask, kind: int) -> list[float]:
    """Return, for each lesion of `kind` over 40 voxels, its mean minus that of the healthy brain 4 voxels around.

    The lesions come in the order of their parts' labels: two pictures of one head give lists that match.
    """
    from scipy import ndimage

    parts, count = ndimage.label(lesions == kind)
    contrasts: list[float] = []
    for part in range(1, count + 1):
        inside = parts == part
        if inside.sum() < 40:
            continue
        structure = np.zeros((3, 3, 3), dtype=bool)
        structure[1] = True
        ring = ndimage.binary_dilation(inside, structure, iterations=4) & brain & (lesions == 0)
        if ring.any():
            contrasts.append(float(picture[inside].mean() - picture[ring].mean()))
    return contrasts
