"""Stacks and results on them, without any file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np

from medgan_viewer.core.layers import Code, HeatLayer, ImageLayer, LabelLayer, Provenance, Segment
from medgan_viewer.core.volume import SliceStack, Volume

MADE = Provenance(
    model_id="model",
    model_name="Model",
    model_version="1",
    weights_sha256="ab" * 32,
    source_series_uids=("1",),
    device="cpu",
    precision="float32",
    created=datetime(2026, 11, 21),
    licence="Apache-2.0",
    intended_use="Research only.",
)
TISSUE = Code("1", "SCT", "Tissue")


def stack(
    positions: Sequence[float] = (0.0, 3.0, 6.0, 9.0, 12.0),
    *,
    rows: int = 30,
    columns: int = 40,
    spacing: tuple[float, float] = (0.9, 0.7),
    tilt_degrees: float = 0.0,
    jitter: float = 0.0,
) -> SliceStack:
    """Return axial slices at positions (mm) along z, tilted about x, every second one ``jitter`` mm off."""
    angle = np.deg2rad(tilt_degrees)
    origins = np.array([[-10.0, -12.0, z + jitter * (index % 2)] for index, z in enumerate(positions)])
    values = np.arange(len(positions) * rows * columns, dtype=np.int16).reshape(len(positions), rows, columns)
    return SliceStack(
        values,
        origins,
        np.array([0.0, np.cos(angle), -np.sin(angle)]) * spacing[0],
        np.array([1.0, 0.0, 0.0]) * spacing[1],
        np.full(len(positions), 3.0),
        "1.2.3",
        "CT",
        "HU",
    )


def _common(volume: Volume, ready: Sequence[bool] | None) -> dict[str, Any]:
    flags = np.ones(volume.shape[0], dtype=bool) if ready is None else np.array(ready)
    return {
        "uid": "u",
        "name": "Result",
        "source_series_uid": "1",
        "volume": volume,
        "ready": flags,
        "provenance": MADE,
    }


def image_layer(source: SliceStack, *, ready: Sequence[bool] | None = None) -> ImageLayer:
    """Return a synthetic image of value 100 + 2 L + 3 P + 5 S (mm), rounded."""
    grid = source.volume()
    index = np.indices(grid.shape).reshape(3, -1)
    points = grid.affine[:3, :3] @ index + grid.affine[:3, 3:]
    values = np.rint(100 + np.array([2.0, 3.0, 5.0]) @ points).reshape(grid.shape).astype(np.int16)
    volume = grid.with_array(values, modality="MR", unit="a.u.", synthetic=True)
    return ImageLayer(**_common(volume, ready), contrast="T1", window=(200.0, 100.0))


def label_layer(source: SliceStack, *, outline: bool = False) -> LabelLayer:
    """Return label 1 in rows 5–14, columns 10–29 of all slices, and label 7 in rows 20–24, columns 5–9."""
    grid = source.volume()
    labels = np.zeros(grid.shape, dtype=np.uint8)
    labels[:, 5:15, 10:30] = 1
    labels[:, 20:25, 5:10] = 7
    segments = (Segment(1, "One", "#ff0000", TISSUE, TISSUE), Segment(7, "Seven", "#00ff00", TISSUE, TISSUE))
    return LabelLayer(**_common(grid.with_array(labels), None), segments=segments, outline=outline, opacity=0.5)


def heat_layer(source: SliceStack, *, ready: Sequence[bool] | None = None, threshold: float = 0.5) -> HeatLayer:
    """Return 0.9 in rows 5–14, columns 10–29 of the second and fourth slice, 0.1 elsewhere."""
    grid = source.volume()
    heat = np.full(grid.shape, 0.1, dtype=np.float32)
    heat[1:4:2, 5:15, 10:30] = 0.9
    return HeatLayer(**_common(grid.with_array(heat), ready), threshold=threshold, opacity=1.0)
