"""Work for the other process in tests."""

import os
import time
from typing import Any

from medgan_viewer.errors import MedganError, UnsuitableError
from medgan_viewer.jobs.shared_array import ArrayHandle
from medgan_viewer.jobs.worker import Context


def count(context: Context, *, slices: int, seconds: float = 0.0) -> int:
    """Announce slices in order, stopping between two when asked to; return the process id."""
    context.started("cpu", "fp32", slices)
    for index in range(slices):
        if context.cancelled:
            break
        time.sleep(seconds)
        context.slice_ready(index)
    return os.getpid()


def ignore_wishes(context: Context, *, slices: int) -> None:
    """Announce slices and then hang, deaf to any cancellation."""
    count(context, slices=slices)
    while True:
        time.sleep(1)


def wait_until_cancelled(context: Context) -> None:
    """Work until somebody ends it."""
    context.started("cpu", "fp32", 1)
    while not context.cancelled:
        time.sleep(0.005)


def wait_until_looked_at(context: Context, *, index: int) -> int | None:
    """Work until the reader looks at a slice; announce that slice."""
    context.started("cpu", "fp32", 1)
    while context.visible != index:
        time.sleep(0.005)
    context.slice_ready(index)
    return context.visible


def end_process(context: Context, *, code: int) -> None:
    """End the process in the middle of the work, as a crashing driver does."""
    count(context, slices=2)
    os._exit(code)


def refuse(context: Context, *, sentence: str) -> None:
    """Fail in an expected way."""
    raise MedganError(sentence)


def find_unsuitable(context: Context) -> None:
    """Fail because the model does not fit."""
    raise UnsuitableError("This model cannot read PT images.")


def stumble(context: Context) -> None:
    """Fail in an unexpected way."""
    raise ZeroDivisionError("Doe^Jane's scan lies at /scans/Doe^Jane")


def refuse_because(context: Context, *, sentence: str) -> None:
    """Fail in an expected way that has a cause of its own."""
    try:
        raise FileNotFoundError(2, "No such file", "/scans/Doe^Jane")
    except FileNotFoundError as error:
        raise MedganError(sentence) from error


def add_one(context: Context, *, handle: ArrayHandle) -> float:
    """Add one to every value of a shared array; return the sum before that."""
    array: Any = context.array(handle)
    total = float(array.sum())
    array += 1
    return total


def read_sum(context: Context, *, handle: ArrayHandle) -> float:
    """Return the sum of a shared array."""
    return float(context.array(handle).sum())
