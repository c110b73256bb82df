"""Annotations and the series that they are drawn on, for tests."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from medgan_viewer.core.catalog import Instance, Patient, Series, Study
from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.measure.annotation import Annotation, Kind, Point, new_uid
from medgan_viewer.core.measure.geometry import box_points, ellipse_points
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.volume import Plane, SliceStack
from tests.core import results


def opened(stack: SliceStack | None = None, uid: str = "1", **changes: Any) -> OpenSeries:
    """Return a CT that is open and read, of the patient Ada."""
    held = results.stack() if stack is None else stack
    images = tuple(
        Instance(Path("none.dcm"), f"{uid}.{i}", "1.2", i, 1, 1, None, None, None, None) for i in range(len(held))
    )
    entry: dict[str, Any] = {"description": "Axial head", "frame_of_reference_uid": "1.2.3"} | changes
    description, frame = entry.pop("description"), entry.pop("frame_of_reference_uid")
    series = Series(uid, "study", 2, held.modality, description, "HEAD", frame, images, **entry)
    study = Study("study", Patient("Phantom^Ada", "P-1"), "20261112", "Head", "", "", (series,))
    return OpenSeries(study, series, held, np.ones(len(held), bool))


def figure(kind: Kind, plane: Plane, at: list[tuple[float, float]], held: OpenSeries, **changes: Any) -> Annotation:
    """Return an annotation from (row, column) positions on a plane; boxes and ellipses from two corners."""
    points = [plane.point(*place) for place in at]
    if kind in ("rectangle", "ellipse"):
        made = (box_points if kind == "rectangle" else ellipse_points)(plane, points[0], points[1])
    else:
        made = tuple(_point(point) for point in points)
    annotation = Annotation(
        new_uid(), kind, study_key(held.study), held.series.uid, made, _point(plane.normal), "1.2.3", f"{kind} 1"
    )
    return replace(annotation, **changes)


def _point(values: Any) -> Point:
    x, y, z = (float(value) for value in values)
    return x, y, z
