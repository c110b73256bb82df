"""Whole patients out of a source that keeps them, and what a run's network makes of them."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.sources.cases import Case
from medgan_viewer.models.encoding import stack_neighbours

__all__ = ["chosen", "predict", "stacked", "through", "whole_cases"]

Float = NDArray[np.float32]
_MULTIPLE = 32
"""Rows and columns are filled up to multiples of so many pixels, as networks with five halvings need."""


def whole_cases(source: Any, split: str) -> list[Case]:
    """Return the whole cases of a split. Raises UsageError where the source keeps none."""
    if not hasattr(source, "cases"):
        raise UsageError("These data have no whole patients to score: use data of the kind folders or archive.")
    return list(source.cases(split))


def chosen(cases: list[Case], patients: int, lacking: str) -> list[Case]:
    """Return the cases of the first `patients` patients (0: all). Raises UsageError where there is no case."""
    if not cases:
        raise UsageError(f"The data have no patient with {lacking} in the split test.")
    kept = sorted({case.patient for case in cases})[: patients or None]
    return [case for case in cases if case.patient in kept]


def predict(trained: Trained, case: Case, name: str) -> Float:
    """Return the network's raw output for all slices of a case's input `name`, `[slice, channel, row, column]`."""
    return through(trained.network, stacked(trained, case, name), _shape(case.sources[name]))


def stacked(trained: Trained, case: Case, name: str) -> Float:
    """Return what the network sees of each slice, `[slice, channel, row, column]`, filled up with what lies outside."""
    stack = np.asarray(case.sources[name], dtype=np.float32)
    rows, columns = (-size % _MULTIPLE for size in stack.shape[2:])
    padded = np.empty((*stack.shape[:2], stack.shape[2] + rows, stack.shape[3] + columns), np.float32)
    padded[:] = np.asarray(case.outside[name], np.float32)[:, None, None]
    padded[..., : stack.shape[2], : stack.shape[3]] = stack
    seen = [
        stack_neighbours(padded, index, trained.neighbours, trained.channels_per_slice) for index in range(len(padded))
    ]
    return np.stack(seen)


def through(network: nn.Module, slices: Float, shape: tuple[int, int]) -> Float:
    """Return what a network makes of each slice alone, cut to rows and columns of `shape`."""
    with torch.inference_mode():
        made = [network(torch.from_numpy(one[None]))[0].float().numpy() for one in slices]
    return np.stack(made)[..., : shape[0], : shape[1]]


def _shape(stack: NDArray[Any]) -> tuple[int, int]:
    return stack.shape[2], stack.shape[3]
