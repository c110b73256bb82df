"""What scanners would show of a generated head: CT, T1, T2 and FLAIR, with partial volume, texture, blur and noise.

Tissue values come from ``lab.simulation.tissues``; signals follow Bernstein, King and Zhou, *Handbook of MRI Pulse
Sequences* (2004), chapters 6 and 14. numpy and scipy only: the viewer may generate the patient in its own process.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.lab.simulation.tissues import SOFT_TISSUE_LABEL, TISSUE_INDEX, tissue_table, tissue_values
from medgan_viewer.lab.virtual_patient.fields import doubled, smooth_noise
from medgan_viewer.lab.virtual_patient.head import VirtualHead

__all__ = ["PROTOCOLS", "Protocol", "Scan", "scan_head"]

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)

SLICE_MM = 2.5
SIZE = 240
_LOWEST_MM = -91.0  # below the thalami: under it too few training heads were scanned
_MARGIN_MM = 6.0
_MR_UNIT = 1000.0


@dataclass(frozen=True)
class Protocol:
    """A series: its name, modality, and for MR the times of the pulse sequence in ms (inversion 0: spin echo)."""

    name: str
    modality: str
    repetition: float = 0.0
    echo: float = 0.0
    inversion: float = 0.0
    brightest: float = 1.0
    """The signal stored as 1000."""

    @classmethod
    def of_times(cls, name: str, repetition: float, echo: float, inversion: float = 0.0) -> "Protocol":
        """Return a spin echo or inversion recovery of any times, whose brightest tissue is stored as about 1000."""
        plain = cls(name, "MR", repetition, echo, inversion)
        t1, t2, pd = (tissue_values(field) for field in ("t1", "t2", "pd"))
        return replace(plain, brightest=max(float(_signal(plain, t1, t2, pd).max()), 1e-3))


PROTOCOLS = (
    Protocol("Head CT", "CT"),
    Protocol("T1", "MR", 2000.0, 3.0, 900.0, 0.60),
    Protocol("T2", "MR", 4500.0, 95.0, 0.0, 0.65),
    Protocol("FLAIR", "MR", 9000.0, 100.0, 2400.0, 0.36),
)


@dataclass(frozen=True)
class Scan:
    """All series of one study on one grid, ``[slice, row, column]`` int16: CT in HU, MR in arbitrary units.

    ``origin`` is the centre of the first voxel in LPS mm, from the midpoint of the thalami; slices go up, rows back,
    columns to the left. ``tumour`` is the share of tumour and oedema in each voxel, ``mass`` that of the tumour alone;
    ``labels`` are the head's in the middle of each slice.
    """

    series: dict[str, NDArray[np.int16]]
    tumour: Floats
    mass: Floats
    labels: NDArray[np.int16]
    origin: tuple[float, float, float]
    spacing: tuple[float, float, float]


@dataclass(frozen=True)
class _Material:
    """What the voxels of the fine grid are made of: tissue, fat share, tumour shares, and how slabs average them."""

    tissue: NDArray[np.uint8]
    fat: Floats
    solid: Floats
    necrosis: Floats
    oedema: Floats
    slabs: Floats

    def average(self, values: Floats, solid: float, necrosis: float) -> Floats:
        """Return slabs ``[slice, row, column]`` of a property given per tissue, and for the tumour's own tissues."""
        fine = values[self.tissue]
        fine += self.fat * (values[TISSUE_INDEX["fat"]] - fine)
        ill = self.solid + self.necrosis + self.oedema
        fine += (
            self.solid * solid + self.necrosis * necrosis + self.oedema * values[TISSUE_INDEX["oedema"]] - ill * fine
        )
        return self.share(fine)

    def share(self, fine: Floats) -> Floats:
        """Return the slab averages of ``fine``."""
        return np.tensordot(self.slabs, fine, axes=1)


@dataclass(frozen=True)
class _View:
    """A square field of view: first voxel in the head's grid (may lie outside it) and number of fine slices."""

    first: tuple[int, int, int]
    slices: int

    def cut(self, values: NDArray[T]) -> NDArray[T]:
        """Return ``values`` of the head's grid in the field of view, 0 where it reaches beyond."""
        shape = (self.slices, SIZE, SIZE)
        view = np.zeros(shape, values.dtype)
        here = [slice(max(f, 0), min(f + n, m)) for f, n, m in zip(self.first, shape, values.shape, strict=True)]
        there = [slice(h.start - f, h.stop - f) for h, f in zip(here, self.first, strict=True)]
        view[tuple(there)] = values[tuple(here)]
        return view


def scan_head(head: VirtualHead, protocols: Sequence[Protocol] = PROTOCOLS) -> Scan:
    """Scan a generated head with these protocols; the same head gives the same scan.

    The field of view grows with the head: so do pixels and slices.
    """
    rng = np.random.default_rng([head.seed, 2])
    view = _field_of_view(head)
    material = _material(head, view, rng)
    shape, spacing = (len(material.slabs), SIZE, SIZE), (SLICE_MM, 1.0, 1.0)
    texture = 0.6 * smooth_noise(shape, spacing, 2.5, rng) + 0.6 * smooth_noise(shape, spacing, 14.0, rng)
    series = {}
    for protocol in protocols:
        take = _computed_tomogram if protocol.modality == "CT" else _magnetic_resonance
        series[protocol.name] = take(protocol, material, texture, rng)
    lowest, row, column = (s + f for s, f in zip(head.start, view.first, strict=True))
    lowest += float(material.slabs[0] @ np.arange(view.slices))
    mass = material.share(material.solid + material.necrosis)
    ill = mass + material.share(material.oedema)
    middles = np.rint(material.slabs @ np.arange(view.slices, dtype=np.float32)).astype(int)
    labels = view.cut(head.labels)[middles]
    scale = head.spacing[0]
    origin = (scale * column, scale * row, scale * lowest)
    return Scan(series, ill, mass, labels, origin, (scale * spacing[0], scale * spacing[1], scale * spacing[2]))


def _field_of_view(head: VirtualHead) -> _View:
    """Return the field of view that holds the head, from the lowest plane the model knows well to over the vertex."""
    low = round(_LOWEST_MM - head.start[0])
    shown = head.labels[low:] > 0
    sides = [np.flatnonzero(shown.sum(axis=axes) > 20) for axes in ((1, 2), (0, 2), (0, 1))]
    row, column = (round((int(s[0]) + int(s[-1])) / 2 - SIZE / 2) for s in sides[1:])
    return _View((low, row, column), round(int(sides[0][-1]) + _MARGIN_MM))


def _material(head: VirtualHead, view: _View, rng: np.random.Generator) -> _Material:
    """Return what the field of view consists of."""
    labels = view.cut(head.labels)
    near_bone = _near(np.isin(labels, (515, 516)), 2.0)
    tissue = tissue_table()[labels]
    tissue[(labels == 24) & (near_bone > 0.3)] = TISSUE_INDEX["dura"]
    tumour = []
    for share in (head.tumour.solid, head.tumour.necrosis, head.tumour.oedema):
        whole = np.zeros(head.labels.shape, np.float32)
        whole[head.tumour.box] = share
        tumour.append(view.cut(whole))
    fat = _fat_share(labels, near_bone, rng)
    return _Material(tissue, fat, tumour[0], tumour[1], tumour[2], _slabs(view.slices))


def _near(mask: Mask, reach: float) -> Floats:
    """Return ``mask`` blurred by ``reach`` mm, computed at 2 mm and enlarged."""
    from scipy.ndimage import gaussian_filter

    small = gaussian_filter(mask[::2, ::2, ::2].astype(np.float32), reach / 2)
    large = doubled(np.pad(small, [(0, 1)] * 3, mode="edge"))
    return large[: mask.shape[0], : mask.shape[1], : mask.shape[2]]


def _fat_share(labels: NDArray[np.int16], near_bone: Floats, rng: np.random.Generator) -> Floats:
    """Return the share of fat in the label that holds muscle and fat: under the skin, around the eyes, in strands."""
    near_skin = _near((labels == 0) | (labels == 511), 5.0)
    near_eye = _near(np.isin(labels, (506, 508, 530)), 6.0)
    strands = 0.5 * smooth_noise(labels.shape, (1, 1, 1), 12.0, rng) + 0.25 * smooth_noise(
        labels.shape, (1, 1, 1), 5.0, rng
    )
    score = 3.0 * near_skin + 9.0 * near_eye - 0.8 * near_bone + strands - 0.8
    share: Floats = 1 / (1 + np.exp(-np.clip(score / 0.15, -30, 30)))
    share *= labels == SOFT_TISSUE_LABEL
    return share


def _slabs(fine: int) -> Floats:
    """Return weights ``[slice, fine slice]`` that average fine slices of 1 mm over slabs, each row summing to 1."""
    centres = np.arange(SLICE_MM / 2, fine - SLICE_MM / 2, SLICE_MM)
    apart = np.abs(np.arange(fine) - centres[:, None])
    weights = np.clip(SLICE_MM / 2 - apart + 0.5, 0, 1)
    shares: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def _computed_tomogram(
    protocol: Protocol, material: _Material, texture: Floats, rng: np.random.Generator
) -> NDArray[np.int16]:
    """Return HU with texture, a soft kernel and noise of 3 HU that is strongest in the middle of the head."""
    from scipy.ndimage import gaussian_filter

    values = tissue_values("hu")
    picture = material.average(values, 34.0, 13.0)
    picture += material.average(tissue_values("hu_spread"), 3.0, 2.0) * texture
    picture = gaussian_filter(picture, (0, 0.6, 0.6))
    noise = gaussian_filter(rng.standard_normal(picture.shape, dtype=np.float32), (0, 0.6, 0.6))
    ramp = np.linspace(-1, 1, SIZE, dtype=np.float32)
    picture += 3.2 * noise / noise.std() * np.maximum(1.2 - 0.5 * (ramp[:, None] ** 2 + ramp**2), 0.5)
    numbers: NDArray[np.int16] = np.round(np.clip(picture, -1024, 3071)).astype(np.int16)
    return numbers


def _magnetic_resonance(
    protocol: Protocol, material: _Material, texture: Floats, rng: np.random.Generator
) -> NDArray[np.int16]:
    """Return a magnitude picture with texture, receive-coil shading and Rician noise."""
    from scipy.ndimage import gaussian_filter

    t1, t2, pd = (tissue_values(name) * _spread(rng) for name in ("t1", "t2", "pd"))
    solid, necrosis = _signal(protocol, 1400.0, 145.0, 0.88), _signal(protocol, 2700.0, 450.0, 0.95)
    picture = material.average(_signal(protocol, t1, t2, pd).astype(np.float32), float(solid), float(necrosis))
    picture *= _MR_UNIT / protocol.brightest
    picture = gaussian_filter(picture * (1 - 0.03 * texture), (0, 0.55, 0.55))
    picture *= np.exp(0.07 * smooth_noise(picture.shape, (SLICE_MM, 1.0, 1.0), 90.0, rng))
    real, imaginary = (14.0 * rng.standard_normal(picture.shape, dtype=np.float32) for _ in range(2))
    magnitude: NDArray[np.int16] = np.round(np.hypot(picture + real, imaginary)).astype(np.int16)
    return magnitude


def _signal(protocol: Protocol, t1: "Floats | float", t2: "Floats | float", pd: "Floats | float") -> Floats:
    """Return the magnitude signal of an inversion recovery (with no inversion time, of a spin echo)."""
    recovered = 1 - 2 * np.exp(-protocol.inversion / np.asarray(t1)) + np.exp(-protocol.repetition / np.asarray(t1))
    decayed: Floats = pd * np.abs(recovered) * np.exp(-protocol.echo / np.asarray(t2))
    return decayed


def _spread(rng: np.random.Generator) -> Floats:
    """Return one patient's deviation from the tabulated values, a factor per tissue."""
    return np.exp(rng.normal(0, 0.02, len(tissue_values("hu")))).astype(np.float32)
