"""What physicists measure of a CT: the noise's power spectrum, how wide edges are, whether a disc can be detected.

Pictures are `[picture, row, column]` in HU, frequencies in cycles per pixel.
"""

import math

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "area_under_curve",
    "auc_interval",
    "channels",
    "edge_width",
    "mean_frequency",
    "observer_scores",
    "power_spectrum",
    "radial",
]

Float = NDArray[np.float64]
_CHANNELS = 5
_DRAWS = 2000
_RIDGE = 1e-6


def power_spectrum(pictures: NDArray[np.floating]) -> Float:
    """Return the noise power spectrum `[row, column]` in HU² of pictures of the same thing, zero frequency first.

    The mean of all pictures is taken off, which also takes 1/n of the noise off, and that is put back. ICRU Report 87
    (2012), section 4: the mean over the frequencies is the variance.
    """
    count, rows, columns = pictures.shape
    noise = pictures - pictures.mean(axis=0)
    spectrum: Float = (np.abs(np.fft.fft2(noise)) ** 2).mean(axis=0) / (rows * columns) * count / (count - 1)
    return spectrum


def radial(spectrum: Float, bins: int = 32) -> tuple[Float, Float]:
    """Return frequencies from 0 to Nyquist's 0.5 and the spectrum's mean at each, all directions alike."""
    distance = _distances(spectrum)
    index = np.minimum((distance * 2 * bins).astype(int), bins)
    counts = np.bincount(index.ravel(), minlength=bins + 1)[:bins]
    sums = np.bincount(index.ravel(), weights=spectrum.ravel(), minlength=bins + 1)[:bins]
    return (np.arange(bins) + 0.5) / (2 * bins), sums / np.maximum(counts, 1)


def mean_frequency(spectrum: Float) -> float:
    """Return the mean frequency of the noise's power, that of single pixels and of large blotches between them."""
    return float((_distances(spectrum) * spectrum).sum() / spectrum.sum())


def _distances(spectrum: Float) -> Float:
    rows, columns = (np.fft.fftfreq(size) for size in spectrum.shape)
    distance: Float = np.hypot(rows[:, None], columns[None])
    return distance


def edge_width(picture: NDArray[np.floating], centre: tuple[float, float], radius: float, reach: float) -> float:
    """Return over how many pixels the round edge of `radius` about `centre` rises from 10 to 90 % of its height.

    The profile is that of all directions together, in steps of a tenth of a pixel, within `reach` of the edge; its
    ends are the means of the outer fifths on either side. A Gaussian blur of σ gives 2.563·σ.
    """
    rows, columns = np.indices(picture.shape)
    distance = np.hypot(rows - centre[0], columns - centre[1]) - radius
    near = np.abs(distance) < reach
    steps = round(20 * reach)
    index = ((distance[near] + reach) * 10).astype(int).clip(0, steps - 1)
    counts = np.bincount(index, minlength=steps)
    sums = np.bincount(index, weights=np.asarray(picture, np.float64)[near], minlength=steps)
    there = counts > 0
    place = (np.arange(steps)[there] + 0.5) / 10 - reach
    profile = sums[there] / counts[there]
    inside = profile[place < -0.6 * reach].mean()
    outside = profile[place > 0.6 * reach].mean()
    share = (profile - inside) / (outside - inside)
    low, high = (_crossing(place, share, level) for level in (0.1, 0.9))
    return high - low


def _crossing(place: Float, share: Float, level: float) -> float:
    """Return where a noisy rise crosses a level: midway between the first time over it and the last time under it."""
    over, under = place[share >= level], place[share < level]
    first, last = (over.min() if over.size else place[-1]), (under.max() if under.size else place[0])
    return float((first + last) / 2)


def channels(size: int, width: float) -> Float:
    """Return Laguerre-Gauss channels `[channel, size·size]` of a Gaussian `width` in pixels, about a square's middle.

    Gallas and Barrett 2003 (doi:10.1364/JOSAA.20.001725), equation 8: what an observer of round signals looks through.
    """
    from numpy.polynomial import laguerre

    line = np.arange(size) - (size - 1) / 2
    square = 2 * math.pi * (line[:, None] ** 2 + line[None] ** 2) / width**2
    envelope = math.sqrt(2) / width * np.exp(-square / 2)
    found = [envelope * laguerre.lagval(square, [0] * order + [1]) for order in range(_CHANNELS)]
    return np.stack(found).reshape(_CHANNELS, -1)


def observer_scores(
    present: NDArray[np.floating], absent: NDArray[np.floating], signal: NDArray[np.floating], width: float
) -> tuple[Float, Float]:
    """Return what a channelised Hotelling observer says of each region with and without a signal, `[region]` each.

    Regions are `[region, size, size]`, the `signal` `[size, size]` that the observer looks for in their middle; how the
    channels vary he learns of the regions without one (signal known exactly: Barrett and Myers 2004, Foundations of
    Image Science, section 13.2). So no region with a signal teaches him anything.
    """
    through = channels(present.shape[-1], width)
    with_signal, without = (
        np.asarray(some, np.float64).reshape(len(some), -1) @ through.T for some in (present, absent)
    )
    covariance = np.cov(without, rowvar=False)
    covariance += _RIDGE * np.trace(covariance) / len(covariance) * np.eye(len(covariance))
    template = np.linalg.solve(covariance, through @ np.asarray(signal, np.float64).ravel())
    return with_signal @ template, without @ template


def area_under_curve(present: Float, absent: Float) -> float:
    """Return the share of pairs in which the one with a signal scores higher; ties count half.

    Mann and Whitney 1947 (doi:10.1214/aoms/1177730491).
    """
    difference = present[:, None] - absent[None]
    return float(((difference > 0) + 0.5 * (difference == 0)).mean())


def auc_interval(present: Float, absent: Float, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the area under the curve, by drawing pictures with replacement.

    `present` `[picture]` and `absent` `[picture, region]`: regions of one picture are drawn together.
    """
    rng = np.random.default_rng(seed)
    drawn = [
        area_under_curve(
            present[rng.integers(len(present), size=len(present))],
            absent[rng.integers(len(absent), size=len(absent))].ravel(),
        )
        for _ in range(_DRAWS)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
