"""Denoising without learning: the filters that a restoring network has to beat. Pictures are `[row, column]`."""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["bilateral", "noise_level", "non_local_means"]

Float = NDArray[np.float32]
_PATCH, _SEARCH = 5, 13
"""Pixels of a patch and of the window in which others like it are looked for."""
_REACH = 3
"""Pixels that the bilateral filter reaches to each side."""


def noise_level(picture: Float) -> float:
    """Return the standard deviation of a picture's noise: 1.4826 × the median absolute diagonal difference.

    Donoho and Johnstone 1994 (doi:10.1093/biomet/81.3.425) on the finest diagonal Haar coefficients. Pixels that are
    as flat as only clipped air is do not count.
    """
    details = (picture[:-1, :-1] - picture[:-1, 1:] - picture[1:, :-1] + picture[1:, 1:]) / 2
    moved = np.abs(details[details != 0])
    return 1.4826 * float(np.median(moved)) if moved.size else 0.0


def non_local_means(picture: Float, sigma: float) -> Float:
    """Return the mean of all pixels of a 13 × 13 window, each as far as the 5 × 5 patch around it is alike.

    Buades, Coll and Morel 2005 (doi:10.1137/040616024), with what noise of deviation `sigma` makes of alike patches
    taken off and a filter strength of 0.8·σ, as is usual where σ is known.
    """
    from scipy import ndimage

    if sigma <= 0:
        return picture.copy()
    reach = _SEARCH // 2
    padded = np.pad(picture, reach, mode="reflect")
    rows, columns = picture.shape
    total, weight = picture.astype(np.float32), np.ones_like(picture, dtype=np.float32)
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            if (down, right) == (0, 0):
                continue
            other = padded[reach + down : reach + down + rows, reach + right : reach + right + columns]
            apart = ndimage.uniform_filter((picture - other) ** 2, _PATCH)
            alike = np.exp(-np.maximum(apart - 2 * sigma**2, 0) / (0.8 * sigma) ** 2)
            total += alike * other
            weight += alike
    result: Float = (total / weight).astype(np.float32)
    return result


def bilateral(picture: Float, sigma: float) -> Float:
    """Return the mean of near pixels of near values: Gaussians of 1.5 pixels and of 2·`sigma` of the noise.

    Tomasi and Manduchi 1998 (doi:10.1109/ICCV.1998.710815).
    """
    if sigma <= 0:
        return picture.copy()
    padded = np.pad(picture, _REACH, mode="reflect")
    rows, columns = picture.shape
    total, weight = np.zeros_like(picture), np.zeros_like(picture)
    for down in range(-_REACH, _REACH + 1):
        for right in range(-_REACH, _REACH + 1):
            other = padded[_REACH + down : _REACH + down + rows, _REACH + right : _REACH + right + columns]
            near = math.exp(-(down**2 + right**2) / (2 * 1.5**2))
            share = near * np.exp(-((other - picture) ** 2) / (2 * (2 * sigma) ** 2))
            total += share * other
            weight += share
    result: Float = total / weight
    return result
