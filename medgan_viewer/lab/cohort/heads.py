"""Labelled heads of nobody with factors that can be chosen: size, ventricles, lesions and where they lie.

A head is the virtual patient's (`lab.virtual_patient`), whose shape model is fitted to twelve people and gives none of
them back. A size makes its voxels larger or smaller. Ventricles are widened into white matter and deep grey, or
narrowed, until they have the asked volume. Lesions of white matter are ellipsoids with rough, soft edges.
"""

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.virtual_patient.anatomy import RIGHT_OF
from medgan_viewer.lab.virtual_patient.fields import box_around, smooth_noise
from medgan_viewer.lab.virtual_patient.head import VirtualHead, generate_head
from medgan_viewer.lab.virtual_patient.tumour import Tumour

__all__ = [
    "KINDS",
    "PLACES",
    "Factors",
    "Kind",
    "Place",
    "Ranges",
    "draw_factors",
    "lies_in",
    "make_head",
    "ventricles_ml",
]

Labels = NDArray[np.int16]
Floats = NDArray[np.float32]
Kind = Literal["healthy", "lesions", "tumour"]
Place = Literal["any", "periventricular", "subcortical", "deep", "left", "right"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The classes: none of both, lesions of white matter as in multiple sclerosis, a tumour with necrosis and oedema."""
PLACES: tuple[Place, ...] = get_args(Place)
_WHITE, _CORTEX, _VENTRICLES = (2, 41), (3, 42), (4, 43)
_GIVES_WAY = (*_WHITE, 10, 49, 11, 50)
_PERIVENTRICULAR_MM, _SUBCORTICAL_MM = 5.0, 4.0
_RADIUS_MM = (1.5, 6.5)
_MOST_LESIONS = 600
# Of a tumour's ball, about so much is left after its rough edge is cut off by what is no brain.
_TUMOUR_SHARE = 0.9
_SMALLEST_TUMOUR_ML, _LARGEST_TUMOUR_ML = 0.5, 40.0


@dataclass(frozen=True)
class Factors:
    """What a head is to be like: `size` and `ventricles` (volume) against what the seed alone would give."""

    kind: Kind = "healthy"
    size: float = 1.0
    ventricles: float = 1.0
    lesion_ml: float = 0.0
    place: Place = "any"


@dataclass(frozen=True)
class Ranges:
    """Between which values the factors of a cohort are drawn, evenly; lesion loads evenly by their logarithm."""

    kinds: tuple[Kind, ...] = KINDS
    size: tuple[float, float] = (0.94, 1.06)
    ventricles: tuple[float, float] = (0.7, 2.0)
    lesion_ml: tuple[float, float] = (2.0, 20.0)
    place: Place = "any"

    def __post_init__(self) -> None:
        """Check the ends. Raises UsageError."""
        limits = {"size": (0.8, 1.2), "ventricles": (0.4, 4.0), "lesion_ml": (0.5, 40.0)}
        for name, (lowest, highest) in limits.items():
            low, high = getattr(self, name)
            if not lowest <= low <= high <= highest:
                words = name.replace("_", " ")
                raise UsageError(f"The range of {words} must lie between {lowest:g} and {highest:g}, low end first.")
        if not self.kinds:
            raise UsageError(f"Name at least one kind of head: {', '.join(KINDS)}.")
        if "tumour" in self.kinds and self.place not in ("any", "left", "right"):
            raise UsageError(f"A tumour lies deep in white matter, left or right: with it no place {self.place}.")


def draw_factors(count: int, seed: int, ranges: Ranges) -> list[tuple[int, Factors]]:
    """Return a seed of its own and factors for each head of a cohort; kinds take turns."""
    drawn = []
    for number, of_case in enumerate(np.random.SeedSequence([seed]).spawn(count)):
        own = int(of_case.generate_state(1)[0])
        rng = np.random.default_rng([own, 5])
        kind = ranges.kinds[number % len(ranges.kinds)]
        size, ventricles = (float(rng.uniform(*ends)) for ends in (ranges.size, ranges.ventricles))
        low, high = ranges.lesion_ml
        load = float(low * (high / low) ** rng.random())
        drawn.append((own, Factors(kind, size, ventricles, 0.0 if kind == "healthy" else load, ranges.place)))
    return drawn


def make_head(seed: int, factors: Factors) -> VirtualHead:
    """Return the head of a seed with these factors; the same ones give the same head.

    Raises UsageError where so many lesions find no room.
    """
    voxel_ml = factors.size**3 / 1000
    side = factors.place if factors.place in ("left", "right") else None
    if factors.kind == "tumour":
        wanted = min(max(factors.lesion_ml, _SMALLEST_TUMOUR_ML), _LARGEST_TUMOUR_ML)
        radius = _radius(wanted / voxel_ml / _TUMOUR_SHARE)
        head = generate_head(seed, tumour=True, radius=radius, side=side)
    else:
        head = generate_head(seed, tumour=False)
    labels = head.labels.copy()
    _resize_ventricles(labels, factors.ventricles)
    tumour = head.tumour
    if factors.kind == "lesions":
        rng = np.random.default_rng([seed, 6])
        tumour = _as_tumour(_scattered(labels, factors.lesion_ml / voxel_ml, factors.place, -head.start[2], rng))
    return replace(head, labels=labels, tumour=tumour, spacing=(factors.size,) * 3)


def lies_in(head: VirtualHead, place: Place) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return where a head has cerebral white matter, and where in it lesions of a place have their centres."""
    white = np.isin(head.labels, _WHITE)
    return white, _allowed(head.labels, white, place, -head.start[2])


def ventricles_ml(head: VirtualHead) -> float:
    """Return the volume of both lateral ventricles."""
    return float(np.isin(head.labels, _VENTRICLES).sum() * np.prod(head.spacing) / 1000)


def _radius(voxels: float) -> float:
    """Return the radius of a ball of so many voxels, in voxels."""
    return float((3 * voxels / (4 * np.pi)) ** (1 / 3))


# Ventricles


def _resize_ventricles(labels: Labels, factor: float) -> None:
    """Widen or narrow the lateral ventricles in place, evenly along their wall, to `factor` times their volume."""
    from scipy.ndimage import distance_transform_edt

    mask = np.isin(labels, _VENTRICLES)
    count = int(mask.sum())
    change = round((factor - 1) * count)
    if not change:
        return
    box = box_around(mask, 25)
    part, inside = labels[box], mask[box]
    right = np.isin(part, [*RIGHT_OF.values()])
    near = distance_transform_edt(~inside if change > 0 else inside)
    free = np.isin(part, _GIVES_WAY) if change > 0 else inside
    order = np.argsort(near[free], kind="stable")[: abs(change)]
    chosen = tuple(axis[order] for axis in np.nonzero(free))
    codes = _VENTRICLES if change > 0 else _WHITE
    part[chosen] = np.where(right[chosen], codes[1], codes[0])


# Lesions


def _scattered(labels: Labels, voxels: float, place: Place, middle: float, rng: np.random.Generator) -> Floats:
    """Return the share of lesion (0…1) in each voxel; about `voxels` are more than half ill."""
    white = np.isin(labels, _WHITE)
    allowed = _allowed(labels, white, place, middle)
    centres = np.argwhere(allowed)
    if not len(centres):
        raise UsageError(f"There is no white matter for lesions of the place {place}.")
    share = np.zeros(labels.shape, np.float32)
    done = 0
    for _ in range(_MOST_LESIONS):
        missing = voxels - done
        if missing < 0.03 * voxels or missing < 4:
            return share
        low, high = _RADIUS_MM
        radius = min(float(low * (high / low) ** rng.random()), max(_radius(missing), 1.0))
        done += _add_lesion(share, white, centres[rng.integers(len(centres))], radius, rng)
    raise UsageError("So many lesions find no room in this head: ask for fewer ml.")


def _allowed(labels: Labels, white: NDArray[np.bool_], place: Place, middle: float) -> NDArray[np.bool_]:
    """Return where lesions may have their centres."""
    from scipy.ndimage import distance_transform_edt

    if place == "any":
        return white
    if place in ("left", "right"):
        leftwards = np.arange(labels.shape[2]) > middle
        return white & (leftwards if place == "left" else ~leftwards)
    box = box_around(white, 2)
    inner, outer = (
        distance_transform_edt(~np.isin(labels[box], codes)) <= reach
        for codes, reach in ((_VENTRICLES, _PERIVENTRICULAR_MM), (_CORTEX, _SUBCORTICAL_MM))
    )
    found = {"periventricular": inner, "subcortical": outer & ~inner, "deep": ~inner & ~outer}[place]
    result = np.zeros_like(white)
    result[box] = white[box] & found
    return result


def _add_lesion(
    share: Floats, white: NDArray[np.bool_], centre: NDArray[np.int64], radius: float, rng: np.random.Generator
) -> int:
    """Draw one lesion into `share`; return how many voxels are more than half ill now and were not."""
    lengths = rng.uniform(0.75, 1.3, 3)
    lengths *= radius / np.prod(lengths) ** (1 / 3)
    reach = [int(2 * length) + 3 for length in lengths]
    box = tuple(
        slice(max(0, int(c) - r), min(n, int(c) + r + 1)) for c, r, n in zip(centre, reach, share.shape, strict=True)
    )
    axes = [
        (np.arange(b.start, b.stop, dtype=np.float32) - c) / length
        for b, c, length in zip(box, centre, lengths, strict=True)
    ]
    away = np.sqrt(sum(axis**2 for axis in np.meshgrid(*axes, indexing="ij", sparse=True)))
    rough = 0.15 * smooth_noise(away.shape, (1, 1, 1), max(2.0, 0.7 * radius), rng)
    part = np.clip(0.5 + (1 - away + rough) * radius / 1.5, 0, 1) * white[box]
    before = share[box] > 0.5
    share[box] = np.maximum(share[box], part)
    return int((share[box] > 0.5).sum() - before.sum())


def _as_tumour(share: Floats) -> Tumour:
    """Return lesions as what the scanner draws: all of them oedema, which shows as plaques do in T1, T2 and FLAIR."""
    box = box_around(share > 0, 1)
    part = share[box]
    nothing = np.zeros_like(part)
    return Tumour((0, 0, 0), (box[0], box[1], box[2]), nothing, nothing, part)
