"""What a job says while it runs. Events are frozen, picklable and carry no voxels: those lie in shared arrays.

A job ends in exactly one of three ways: ``Finished``, ``Failed`` or ``Cancelled``.
"""

from dataclasses import dataclass, field

__all__ = ["Cancelled", "Event", "Failed", "Finished", "Notice", "Progress", "SliceReady", "Started"]


@dataclass(frozen=True, slots=True)
class Started:
    """The work has begun on ``device`` ("cuda", "mps" or "cpu") in ``precision``: "fp32", "bf16 fused" (and how).

    ``inputs`` is how many of the series that were given it is made from, the first ones; None says all of them.
    """

    job_id: str
    device: str
    precision: str
    slices: int
    inputs: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """``done`` of ``total`` slices are finished; ``seconds_left`` is an estimate, None before there is one."""

    job_id: str
    done: int
    total: int
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class SliceReady:
    """Slice ``index`` of every output array is filled."""

    job_id: str
    index: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know that ended nothing, such as a fall back to the CPU."""

    job_id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Finished:
    """All slices are done."""

    job_id: str
    device: str
    seconds: float
    first_slice_seconds: float


@dataclass(frozen=True, slots=True)
class Failed:
    """The job ended with an error, one sentence the user can act on; slices already announced stay valid.

    ``unsuitable``: the model does not fit the series. Where that is only what the user may confirm, ``objections`` are
    it, one sentence each.
    """

    job_id: str
    sentence: str
    done: tuple[int, ...] = field(default=())
    objections: tuple[str, ...] = ()
    unsuitable: bool = False


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The user ended the job; slices already announced stay valid."""

    job_id: str


Event = Started | Progress | SliceReady | Notice | Finished | Failed | Cancelled
