"""How two scans of one patient lie to each other: a rigid transform between their spaces, found from the images.

The method is Mattes' mutual information (Mattes et al. 2003, IEEE TMI 22:120) as SimpleITK has it, from coarse to fine.
It is done twice, each scan once being the fixed one, from starts of its own, and the two answers are compared: how far
apart they put the same place is the **disagreement** in mm, the figure that a reader is told. It was chosen because it
is in millimetres, needs no landmark, and catches what happens in practice: an optimum that only one of the two searches
falls into, too little in common, a scan of something else. It cannot catch an error that both searches share, such as
an anatomy that moved or a symmetric one put the wrong way round; so a reader is asked to look, and the share of the
body that both scans show, and the normalised mutual information before and after, stand beside it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import Plane, Vector, Volume, read_only
from medgan_viewer.errors import UnsuitableError

if TYPE_CHECKING:
    import SimpleITK as sitk  # noqa: N813

__all__ = ["STEPS", "Quality", "Registration", "Rigid", "objection", "register", "run"]

STEPS = 20
"""How many steps of progress a registration has."""

# Voxels are averaged to about so many mm, one search after the other.
_LEVELS_MM = (8.0, 4.0, 2.0)
_ITERATIONS = 150
# What of the whole work each level is, measured; the first is done from several starts.
_COSTS = (0.35, 0.2, 0.45)
_MOST_SAMPLES = 40_000
_BINS = 32
# A step turns by as many radians as it shifts by mm, divided by this. Half the size of a head would be even-handed, but
# then a search for heads, which are nearly round, rests before they are turned: 20 came nearest to the truth.
_TURN_MM = 20.0
_SEED = 20_261_121
# Fewer voxels, or less of a body, than that along an axis say too little of where it lies.
_FEWEST, _SHORTEST_MM = 4, 30.0
# Beyond any of these the answer is not used.
_MOST_DISAGREEMENT_MM = 3.0
_LEAST_OVERLAP = 0.25
_LEAST_INFORMATION = 1.04
# What lay well before must not lie worse now; interpolation alone takes some of the information of equal pictures.
_KEPT = 0.75


@dataclass(frozen=True, eq=False)
class Rigid:
    """A rotation and a shift between two patient spaces, LPS mm: ``matrix`` (4 × 4) maps [x, y, z, 1] to the other."""

    matrix: Vector = field(default_factory=lambda: np.eye(4))

    def __post_init__(self) -> None:
        matrix = np.asarray(self.matrix, dtype=np.float64)
        turn = matrix[:3, :3] if matrix.shape == (4, 4) else np.zeros((3, 3))
        if not np.allclose(turn @ turn.T, np.eye(3), atol=1e-4) or np.linalg.det(turn) < 0:
            raise ValueError("a rigid transform is a 4 × 4 matrix with a rotation in it")
        object.__setattr__(self, "matrix", read_only(matrix))

    @classmethod
    def shift(cls, by: Vector) -> "Rigid":
        """Return a shift by mm without any rotation."""
        matrix = np.eye(4)
        matrix[:3, 3] = by
        return cls(matrix)

    @property
    def inverse(self) -> "Rigid":
        """The way back."""
        return Rigid(np.asarray(np.linalg.inv(self.matrix), dtype=np.float64))

    def after(self, first: "Rigid") -> "Rigid":
        """Return ``first`` and then this as one."""
        return Rigid(self.matrix @ first.matrix)

    def point(self, point: Vector) -> Vector:
        """Return where a point goes; several are n × 3."""
        return np.asarray(np.asarray(point) @ self.matrix[:3, :3].T + self.matrix[:3, 3])

    def plane(self, plane: Plane) -> Plane:
        """Return where a plane goes."""
        if self._stays:
            return plane
        turn = self.matrix[:3, :3]
        steps = turn @ plane.row_step, turn @ plane.column_step
        return Plane(self.point(plane.origin), *steps, plane.rows, plane.columns)

    @cached_property
    def _stays(self) -> bool:
        return bool((self.matrix == np.eye(4)).all())

    @property
    def degrees(self) -> float:
        """By how much it turns."""
        turn = self.matrix[:3, :3]
        # By the arc tangent: the arc cosine of the trace alone is blind to small angles.
        axis = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
        return math.degrees(math.atan2(float(np.linalg.norm(axis)), float(np.trace(turn)) - 1))


@dataclass(frozen=True, slots=True)
class Quality:
    """What can be said of a registration without knowing the truth; see the module.

    ``disagreement_mm`` is the largest distance, over a grid of places in the fixed scan's body, between where the two
    searches put the same place. ``overlap`` is the share (0…1) of the smaller of the two bodies that the other scan's
    picture holds too. ``before`` and ``after`` are Studholme's normalised mutual information (1999, Pattern Recognition
    32:71; 1 for pictures that tell nothing of each other, 2 for equal ones) as the files say and as registered.
    """

    disagreement_mm: float
    overlap: float
    before: float
    after: float

    @property
    def objection(self) -> str:
        """Why the result is not used, "" where it is."""
        if not self.disagreement_mm <= _MOST_DISAGREEMENT_MM:
            far = f"{self.disagreement_mm:.0f} mm" if self.disagreement_mm < 1000 else "far"
            return (
                f"registered each way, the two answers lie {far} apart (at most {_MOST_DISAGREEMENT_MM:g} are allowed)"
            )
        if self.overlap < _LEAST_OVERLAP:
            return f"only {100 * self.overlap:.0f} % of the body is in both"
        if self.after < _LEAST_INFORMATION or self.after - 1 < _KEPT * (self.before - 1):
            return "what one shows says next to nothing of what the other shows"
        return ""

    @property
    def short(self) -> str:
        """What a pane says."""
        return f"within {max(self.disagreement_mm, 0.1):.1f} mm each way, {100 * self.overlap:.0f} % in both"


@dataclass(frozen=True, slots=True)
class Registration:
    """A registration that was done: ``fixed_from_moving`` maps points of the moving scan's space to the fixed one's."""

    fixed_from_moving: Rigid
    quality: Quality

    def to_numbers(self) -> NDArray[np.float64]:
        """Return it as 20 numbers."""
        said = self.quality
        figures = [said.disagreement_mm, said.overlap, said.before, said.after]
        return np.concatenate([self.fixed_from_moving.matrix.ravel(), figures])

    @classmethod
    def from_numbers(cls, numbers: NDArray[np.float64]) -> "Registration":
        """Return what :meth:`to_numbers` gave."""
        return cls(Rigid(numbers[:16].reshape(4, 4)), Quality(*(float(one) for one in numbers[16:20])))


def objection(volume: Volume) -> str:
    """Return why a scan cannot be registered at all, "" where it can."""
    extents = [count * step for count, step in zip(volume.shape, volume.spacing, strict=True)]
    if min(volume.shape) < _FEWEST or min(extents) < _SHORTEST_MM:
        return f"it is less than {_SHORTEST_MM:g} mm thick or has fewer than {_FEWEST} slices"
    return ""


def register(
    fixed: Volume,
    moving: Volume,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Registration | None:
    """Return how the moving scan lies to the fixed one; None where it was cancelled.

    Any modalities. The same voxels give the same answer but for the order of sums (far less than 0.01 mm): samples are
    drawn with a fixed seed and summed on one thread. ``progress`` is told the share done (0…1). Raises UnsuitableError
    where the scans have too little to go by; whether the answer is good enough to be used is another question, see
    :attr:`Quality.objection`.
    """
    for name, volume in (("first", fixed), ("second", moving)):
        if reason := objection(volume):
            raise UnsuitableError(f"The {name} series cannot be registered: {reason}.")
    work = _Work(progress, cancelled)
    scans = _pyramid(fixed), _pyramid(moving)
    forwards = _found(scans[0], scans[1], work)
    backwards = None if forwards is None else _found(scans[1], scans[0], work)
    if forwards is None or backwards is None:
        return None
    places = _places(scans[0][0])
    apart = np.linalg.norm(forwards.point(places) - backwards.inverse.point(places), axis=1).max()
    quality = Quality(
        float(apart),
        _overlap(scans[0][0], scans[1][0], forwards),
        _information(scans[0][1], scans[1][1], Rigid()),
        _information(scans[0][1], scans[1][1], forwards),
    )
    work.tell(1.0)
    return Registration(forwards.inverse, quality)


class Outside(Protocol):
    """What a job sees of the outside, see ``jobs.worker.Context``."""

    @property
    def cancelled(self) -> bool:
        """Whether the reader ended the job."""

    def array(self, handle: Any) -> NDArray[Any]:
        """Return a shared array."""

    def started(self, device: str, precision: str, slices: int, inputs: int | None = None) -> None:
        """Say that the work begins."""

    def slice_ready(self, index: int) -> None:
        """Say that a step is done."""


def run(context: Outside, fixed: tuple[Any, Vector], moving: tuple[Any, Vector], answer: Any) -> None:
    """Register in a worker process: a scan is the handle of its voxels and its affine, ``answer`` that of 20 numbers.

    The entry point of a job. Nothing is returned after a cancellation.
    """
    context.started("cpu", "fp64", STEPS)
    first, second = (Volume(context.array(handle), affine) for handle, affine in (fixed, moving))
    steps = iter(range(STEPS))

    def progress(share: float) -> None:
        while told[0] < int(share * STEPS):
            told[0] += 1
            context.slice_ready(next(steps))

    told = [0]
    found = register(first, second, progress, lambda: context.cancelled)
    if found is not None:
        context.array(answer)[...] = found.to_numbers()


# -- the search ------------------------------------------------------------------------------------------------------


class _Work:
    """How far the two searches have come, and whether they are to go on."""

    def __init__(self, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
        self._progress, self.cancelled = progress, cancelled
        self._done = 0.0

    def begun(self, cost: float) -> Callable[[float], None]:
        """Return what a part of one search calls with the share of it that is done."""
        before, self._done = self._done, self._done + cost / 2
        return lambda share: self.tell(before + min(share, 1.0) * cost / 2)

    def tell(self, share: float) -> None:
        self._progress(share)


def _pyramid(volume: Volume) -> "list[sitk.Image]":
    """Return a scan as float images of about the levels' voxels, coarse to fine; directions are LPS."""
    import SimpleITK as sitk  # noqa: N813

    # Averages over blocks in the stored type would be rounded; a whole float copy of a large scan is let go at once.
    image = sitk.GetImageFromArray(np.ascontiguousarray(volume.array, dtype=np.float32))
    spacing = volume.spacing[::-1]
    image.SetSpacing(spacing)
    # SimpleITK counts axes the other way round.
    axes = volume.affine[:3, 2::-1] / np.array(spacing)
    image.SetDirection([float(one) for one in axes.ravel()])
    image.SetOrigin([float(one) for one in volume.affine[:3, 3]])
    finer: list[sitk.Image] = []
    for size in reversed(_LEVELS_MM):
        image = _averaged(image, size)
        finer.append(image)
    return finer[::-1]


def _averaged(image: "sitk.Image", size: float) -> "sitk.Image":
    """Return an image averaged over whole blocks to voxels of at most about ``size`` mm."""
    import SimpleITK as sitk  # noqa: N813

    pairs = zip(image.GetSpacing(), image.GetSize(), strict=True)
    factors = [max(1, min(int(size / step + 0.1), count // _FEWEST)) for step, count in pairs]
    return image if max(factors) == 1 else sitk.BinShrink(image, factors)


def _found(fixed: "Sequence[sitk.Image]", moving: "Sequence[sitk.Image]", work: _Work) -> Rigid | None:
    """Return what maps points of the fixed scan to the moving one's; None where it was cancelled."""
    import SimpleITK as sitk  # noqa: N813

    starts = _starts(fixed[0], moving[0])
    begun = work.begun(_COSTS[0])
    tried: list[tuple[float, sitk.Transform]] = []
    for number, start in enumerate(starts):

        def progress(share: float, before: int = number) -> None:
            begun((before + share) / len(starts))

        answer = _searched(fixed[0], moving[0], start, 0, progress, work)
        if work.cancelled():
            return None
        if answer is not None:
            tried.append(answer)
    if not tried:
        raise UnsuitableError("The two series cannot be registered: nothing of one lies in the other.")
    _, best = min(tried, key=lambda one: one[0])
    for level in range(1, len(_LEVELS_MM)):
        answer = _searched(fixed[level], moving[level], best, level, work.begun(_COSTS[level]), work)
        if work.cancelled():
            return None
        best = best if answer is None else answer[1]
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(best.GetMatrix()).reshape(3, 3)
    matrix[:3, 3] = best.TransformPoint((0.0, 0.0, 0.0))
    return Rigid(matrix)


def _starts(fixed: "sitk.Image", moving: "sitk.Image") -> "list[sitk.Transform]":
    """Return where to search from: as the files say, the bodies' middles on one another, the pictures' middles so."""
    import SimpleITK as sitk  # noqa: N813

    middle = _middle(fixed)
    shifts = [np.zeros(3), _middle(moving) - middle, _centre(moving) - _centre(fixed)]
    made = []
    for shift in shifts:
        start = sitk.Euler3DTransform()
        start.SetCenter([float(one) for one in middle])
        start.SetTranslation([float(one) for one in shift])
        made.append(start)
    return made


def _body(image: "sitk.Image") -> NDArray[np.bool_]:
    """Return what of a picture is no air, [z, y, x], by Otsu's threshold of its values up to the 99th percentile."""
    import SimpleITK as sitk  # noqa: N813

    values = sitk.GetArrayViewFromImage(image)
    low, high = (float(one) for one in np.percentile(values, (1, 99)))
    if not high > low:
        return np.ones(values.shape, dtype=bool)
    clipped = sitk.GetImageFromArray(np.clip(values, low, high))
    return np.asarray(sitk.GetArrayFromImage(sitk.OtsuThreshold(clipped, 0, 1)), dtype=bool)


def _points(image: "sitk.Image", indices: NDArray[Any]) -> Vector:
    """Return the LPS points (n × 3) of indices [z, y, x] (n × 3)."""
    turn = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    return np.asarray(indices[:, ::-1] @ turn.T + np.array(image.GetOrigin()))


def _middle(image: "sitk.Image") -> Vector:
    """Return the middle of the body, LPS mm."""
    return np.asarray(_points(image, np.argwhere(_body(image))).mean(axis=0))


def _centre(image: "sitk.Image") -> Vector:
    """Return the middle of the picture, LPS mm."""
    return np.asarray(_points(image, (np.array([image.GetSize()[::-1]]) - 1) / 2)[0])


def _searched(
    fixed: "sitk.Image",
    moving: "sitk.Image",
    start: "sitk.Transform",
    level: int,
    progress: Callable[[float], None],
    work: _Work,
) -> "tuple[float, sitk.Transform] | None":
    """Return the best value (the lower the better) and transform near a start; None where the two do not meet."""
    import SimpleITK as sitk  # noqa: N813

    method = sitk.ImageRegistrationMethod()
    # The parts of a sum over threads depend on how many there are, and the answer with them.
    method.SetNumberOfThreads(1)
    method.SetMetricAsMattesMutualInformation(_BINS)
    share = min(1.0, _MOST_SAMPLES / fixed.GetNumberOfPixels())
    if share < 1.0:
        method.SetMetricSamplingStrategy(method.RANDOM)
        method.SetMetricSamplingPercentage(share, _SEED)
    method.SetInterpolator(sitk.sitkLinear)
    size = _LEVELS_MM[level]
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=size / 2,
        minStep=size / 800,
        numberOfIterations=_ITERATIONS,
        relaxationFactor=0.7,
        gradientMagnitudeTolerance=1e-8,
    )
    method.SetOptimizerScales([_TURN_MM**2] * 3 + [1.0] * 3)
    moved = sitk.Euler3DTransform(start)
    method.SetInitialTransform(moved, inPlace=True)

    def step() -> None:
        progress((method.GetOptimizerIteration() + 1) / _ITERATIONS)
        if work.cancelled():
            method.StopRegistration()

    method.AddCommand(sitk.sitkIterationEvent, step)
    try:
        method.Execute(fixed, moving)
    except RuntimeError:
        # The two do not meet there; another start may do.
        return None
    finally:
        progress(1.0)
    return float(method.GetMetricValue()), moved


# -- how good it is --------------------------------------------------------------------------------------------------


def _places(image: "sitk.Image") -> Vector:
    """Return places all over the body, LPS mm (n × 3)."""
    return _points(image, np.argwhere(_body(image)))


def _inside(image: "sitk.Image", points: Vector) -> NDArray[np.bool_]:
    """Return which LPS points lie in a picture."""
    turn = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    at = (points - np.array(image.GetOrigin())) @ np.linalg.inv(turn).T
    return np.asarray(((at >= -0.5) & (at <= np.array(image.GetSize()) - 0.5)).all(axis=1))


def _overlap(fixed: "sitk.Image", moving: "sitk.Image", way: Rigid) -> float:
    """Return the share of the smaller body that lies in the other picture; ``way`` leads from fixed to moving."""
    shares = [
        (len(places), float(_inside(other, there.point(places)).mean()))
        for places, other, there in ((_places(fixed), moving, way), (_places(moving), fixed, way.inverse))
    ]
    volumes = [count * math.prod(image.GetSpacing()) for (count, _), image in zip(shares, (fixed, moving), strict=True)]
    return shares[int(np.argmin(volumes))][1]


def _information(fixed: "sitk.Image", moving: "sitk.Image", way: Rigid) -> float:
    """Return the normalised mutual information where both are, 1.0 where they do not meet."""
    import SimpleITK as sitk  # noqa: N813

    transform = sitk.AffineTransform(3)
    transform.SetMatrix([float(one) for one in way.matrix[:3, :3].ravel()])
    transform.SetTranslation([float(one) for one in way.matrix[:3, 3]])
    outside = float("nan")
    cut = sitk.GetArrayFromImage(sitk.Resample(moving, fixed, transform, sitk.sitkLinear, outside)).ravel()
    both = np.isfinite(cut)
    if np.count_nonzero(both) < _BINS**2:
        return 1.0
    pairs = [_classes(values[both]) for values in (sitk.GetArrayViewFromImage(fixed).ravel(), cut)]
    counts = np.bincount(pairs[0] * _BINS + pairs[1], minlength=_BINS**2).reshape(_BINS, _BINS)
    joint = _entropy(counts.ravel())
    return 1.0 if joint == 0 else (_entropy(counts.sum(axis=0)) + _entropy(counts.sum(axis=1))) / joint


def _classes(values: NDArray[Any]) -> NDArray[np.intp]:
    low, high = (float(one) for one in np.percentile(values, (0.5, 99.5)))
    share = (values - low) / max(high - low, 1e-9)
    return np.clip(share * _BINS, 0, _BINS - 1).astype(np.intp)


def _entropy(counts: NDArray[Any]) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())
