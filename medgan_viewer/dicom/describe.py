"""A catalogue in the words of ``medgan-viewer info --json``."""

from typing import Any

import numpy as np

from medgan_viewer.core.catalog import Catalog, Series, StoredResult, Study
from medgan_viewer.core.regrid import grid_of
from medgan_viewer.dicom.geometry import outline

__all__ = ["describe"]


def describe(catalog: Catalog) -> dict[str, Any]:
    """Return studies, series, results found beside them and refused files as plain values for JSON.

    ``shape``, ``spacing`` (mm) and ``affine`` (index [slice, row, column] → LPS mm) are those of the regular grid, from
    headers alone; ``instances`` counts images as DICOM does, a multi-frame file once, over all ``times`` time points.
    """
    return {
        "studies": [_study(study) for study in catalog.studies],
        "results": [_result(result, catalog) for result in catalog.results],
        "refused": [{"path": str(refusal.path), "reason": refusal.reason} for refusal in catalog.refused],
    }


def _study(study: Study) -> dict[str, Any]:
    return {
        "uid": study.uid,
        "patient_name": study.patient.name,
        "patient_id": study.patient.identifier,
        "date": study.date,
        "series": [_series(series) for series in study.series],
    }


def _result(result: StoredResult, catalog: Catalog) -> dict[str, Any]:
    source = catalog.source_of(result)
    return {
        "uid": result.uid,
        "kind": result.kind,
        "description": result.title,
        "synthetic": result.synthetic,
        "series": None if source is None else source.uid,
    }


def _series(series: Series) -> dict[str, Any]:
    shape, affine = grid_of(outline(series))
    return {
        "uid": series.uid,
        "number": series.number,
        "modality": series.modality,
        "description": series.description,
        "instances": len({(i.sop_instance_uid, i.path) for part in series.times or (series.instances,) for i in part}),
        "times": max(len(series.times), 1),
        "shape": list(shape),
        "spacing": [round(float(length), 6) for length in np.linalg.norm(affine[:3, :3], axis=0)],
        "affine": affine.tolist(),
        "frame_of_reference_uid": series.frame_of_reference_uid,
        "synthetic": series.synthetic,
        "warnings": list(series.warnings),
    }
