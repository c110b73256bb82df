"""Mutual information estimated from samples, by methods that know nothing of InfoGAN's own bound."""

import math

import numpy as np
from numpy.typing import NDArray


def histogram_information(first: NDArray[np.int64], second: NDArray[np.int64]) -> float:
    """Return the mutual information of two discrete variables in nats from their joint histogram.

    The plug-in estimate less its expected excess (R − 1)(C − 1)/2N (Miller 1955); never below 0.
    """
    joint = np.zeros((int(first.max()) + 1, int(second.max()) + 1))
    np.add.at(joint, (first, second), 1)
    shares = joint / joint.sum()
    apart = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)
    known = shares > 0
    plug_in = float((shares[known] * np.log(shares[known] / apart[known])).sum())
    used = [int((joint.sum(axis=axis) > 0).sum()) - 1 for axis in (0, 1)]
    return max(0.0, plug_in - used[0] * used[1] / (2 * len(first)))


def neighbour_information(first: NDArray[np.float64], second: NDArray[np.float64], neighbours: int = 4) -> float:
    """Return the mutual information of two continuous variables `[count]` in nats, from nearest neighbours.

    Kraskov, Stögbauer and Grassberger 2004 (arXiv:cond-mat/0305641), equation 8; never below 0.
    """
    from scipy.spatial import cKDTree
    from scipy.special import digamma

    points = np.stack([first, second], axis=1)
    # The nearest is the point itself.
    reach = cKDTree(points).query(points, k=neighbours + 1, p=np.inf)[0][:, -1]
    counts = [_within(values, reach) for values in (first, second)]
    total = digamma(neighbours) + digamma(len(points)) - sum(float(digamma(count + 1).mean()) for count in counts)
    return max(0.0, float(total))


def _within(values: NDArray[np.float64], reach: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many others lie nearer than `reach` to each value."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values - reach, side="right")
    above = np.searchsorted(ordered, values + reach, side="left")
    count: NDArray[np.int64] = np.maximum(above - below - 1, 0)
    return count


def gaussian_information(correlation: float) -> float:
    """Return the mutual information of two normal variables in nats, −½·log(1 − ρ²)."""
    return -0.5 * math.log(1 - correlation**2)
