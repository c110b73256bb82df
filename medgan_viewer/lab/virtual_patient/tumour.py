"""A tumour with necrosis and oedema in the white matter of a generated head."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.virtual_patient.fields import smooth_noise

__all__ = ["NO_TUMOUR", "Side", "Site", "Tumour", "choose_site", "grow", "push_away"]

Floats = NDArray[np.float32]
Labels = NDArray[np.int16]
Side = Literal["left", "right"]

_WHITE, _CORTEX = 2, 3
_BRAIN = (2, 3, 4, 10, 11, 12, 13, 17, 18, 26)
_OEDEMA_REACH = 15.0


@dataclass(frozen=True)
class Site:
    """Where a tumour starts: index on the coarse grid, that grid's spacing and the tumour's radius in mm."""

    index: tuple[int, int, int]
    spacing: float
    radius: float


@dataclass(frozen=True)
class Tumour:
    """Shares (0…1) of tumour tissues in the voxels ``box`` of the head's label map; ``centre`` is an index there."""

    centre: tuple[int, int, int]
    box: tuple[slice, slice, slice]
    solid: Floats
    necrosis: Floats
    oedema: Floats


_NOTHING = np.zeros((0, 0, 0), np.float32)
NO_TUMOUR = Tumour((0, 0, 0), (slice(0, 0),) * 3, _NOTHING, _NOTHING, _NOTHING)
"""What a healthy head has."""


def choose_site(
    labels: Labels, spacing: float, rng: np.random.Generator, *, radius: float | None = None, side: Side | None = None
) -> Site:
    """Choose a point deep in the cerebral white matter, away from ventricles and the midline.

    ``radius`` in mm and the side of the head, where they are not to be chosen as well.
    """
    from scipy.ndimage import distance_transform_edt

    drawn = float(rng.uniform(12, 16))
    radius = drawn if radius is None else radius
    white = labels == _WHITE
    room = distance_transform_edt(np.isin(labels, (_WHITE, _CORTEX))) * spacing
    leftwards = (np.arange(labels.shape[2]) - np.argwhere(white)[:, 2].mean()) * spacing
    lateral = np.abs(leftwards) if side is None else leftwards if side == "left" else -leftwards
    deep = np.where(white & (lateral > 22.0), room, 0.0)
    wanted = min(radius * 0.8, float(np.quantile(deep[deep > 0], 0.97)))
    places = np.argwhere(deep >= wanted)
    z, y, x = places[rng.integers(len(places))]
    return Site((int(z), int(y), int(x)), spacing, radius)


def push_away(points: Floats, start: tuple[float, float, float], spacing: float, site: Site) -> Floats:
    """Return ``points`` (where to read the healthy head) so that tissue around the site is displaced outwards."""
    z, y, x = site.index
    centre = points[:, z, y, x]
    own = [np.arange(n, dtype=np.float32) * spacing for n in points.shape[1:]]
    here = [axis - axis[i] for axis, i in zip(own, site.index, strict=True)]
    squares = here[0][:, None, None] ** 2 + here[1][None, :, None] ** 2 + here[2][None, None, :] ** 2
    shrink = 0.3 * np.exp(-squares / (2 * (1.7 * site.radius) ** 2))
    pushed: Floats = points - (points - centre[:, None, None, None]) * shrink.astype(np.float32)
    return pushed


def grow(labels: Labels, site: Site, rng: np.random.Generator) -> Tumour:
    """Grow the tumour in a head of 1 mm voxels (half the site's spacing): irregular, with oedema in white matter."""
    from scipy.ndimage import gaussian_filter

    centre = tuple(2 * i for i in site.index)
    reach = int(site.radius + _OEDEMA_REACH + 18)
    box = tuple(slice(max(0, c - reach), min(n, c + reach + 1)) for c, n in zip(centre, labels.shape, strict=True))
    axes = [np.arange(b.start, b.stop, dtype=np.float32) - c for b, c in zip(box, centre, strict=True)]
    lengths = rng.uniform(0.85, 1.15, 3)
    away = np.sqrt(sum((a / s) ** 2 for a, s in zip(np.meshgrid(*axes, indexing="ij"), lengths, strict=True)))
    rough = smooth_noise(away.shape, (1, 1, 1), 9.0, rng) + 0.5 * smooth_noise(away.shape, (1, 1, 1), 4.0, rng)
    brain, white = np.isin(labels[box], _BRAIN), labels[box] == _WHITE
    room = gaussian_filter(brain.astype(np.float32), 0.8)
    mass = _soft(site.radius + 1.5 * rough - away, 0.8) * room
    core = _soft(0.55 * site.radius + 1.5 * np.roll(rough, 7, axis=1) - away, 0.8) * mass
    fingers = 5.0 * np.clip(smooth_noise(away.shape, (1, 1, 1), 14.0, rng), -2, 2)
    swelling = _soft(site.radius + _OEDEMA_REACH + fingers - away, 2.0) * gaussian_filter(white.astype(np.float32), 0.7)
    oedema = swelling * (1 - mass)
    return Tumour(
        (centre[0], centre[1], centre[2]),
        (box[0], box[1], box[2]),
        *(f.astype(np.float32) for f in (mass - core, core, oedema)),
    )


def _soft(margin: Floats, width: float) -> Floats:
    """Return 0…1 across an edge ``width`` mm wide, one half where ``margin`` (mm inside the edge) is 0."""
    share: Floats = 1 / (1 + np.exp(-np.clip(margin / width, -30, 30)))
    return share
