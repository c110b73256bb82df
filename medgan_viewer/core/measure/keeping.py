"""Annotations and key images as JSON: what is kept of them between sessions.

A file holds one study's. It is named by :func:`study_key`, a hash of the study and its patient, and tells nothing of
who that is but what the reader typed.
"""

import hashlib
import json
from dataclasses import replace
from datetime import datetime
from typing import Any

from medgan_viewer.core.as_json import decoded, encoded
from medgan_viewer.core.catalog import Study
from medgan_viewer.core.key_images import KeptKeyImage
from medgan_viewer.core.measure.annotation import KINDS, Annotation

__all__ = ["SCHEMA", "from_json", "key_images_in", "study_key", "to_json"]

SCHEMA = 1


def study_key(study: Study) -> str:
    """Return what stands for a study in memory and in file names.

    The patient is part of it: wrongly anonymised copies keep a study's UID under another patient.
    """
    whole = "\0".join((study.uid, study.patient.identifier, study.patient.name))
    return hashlib.sha256(whole.encode("utf-8")).hexdigest()[:32]


def to_json(annotations: tuple[Annotation, ...], key_images: tuple[KeptKeyImage, ...] = ()) -> str:
    """Return annotations and key images of one study as JSON."""
    listed = [
        {
            "uid": one.uid,
            "kind": one.kind,
            "series_uid": one.series_uid,
            "frame_of_reference_uid": one.frame_of_reference_uid,
            "points_lps_mm": [list(point) for point in one.points],
            "normal": list(one.normal),
            "name": one.name,
            "text": one.text,
            "layer_uid": one.layer_uid,
            "layer_name": one.layer_name,
            "on_grid": one.on_grid,
            "created": one.created.isoformat(),
        }
        for one in annotations
    ]
    content = {"schema": SCHEMA, "annotations": listed, "key_images": encoded(key_images)}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str, study: Study) -> tuple[Annotation, ...]:
    """Return the annotations that :func:`to_json` wrote of a study.

    Raises ``ValueError`` for anything else, and for a newer schema.
    """
    try:
        return tuple(_annotation(entry, study) for entry in _content(text)["annotations"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("this is no list of annotations") from error


def key_images_in(text: str) -> tuple[KeptKeyImage, ...]:
    """Return the key images that :func:`to_json` wrote; files of earlier versions have none.

    Raises ``ValueError`` for anything else, and for a newer schema.
    """
    try:
        return decoded(tuple[KeptKeyImage, ...], _content(text).get("key_images", []))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("this is no list of key images") from error


def _content(text: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(text)
    if content["schema"] != SCHEMA:
        raise ValueError(f"schema {content['schema']} is not known here")
    return content


def _annotation(entry: dict[str, Any], study: Study) -> Annotation:
    if entry["kind"] not in KINDS:
        raise ValueError("an annotation of an unknown kind")
    points = tuple((float(x), float(y), float(z)) for x, y, z in entry["points_lps_mm"])
    x, y, z = (float(value) for value in entry["normal"])
    made = Annotation(
        uid=str(entry["uid"]),
        kind=entry["kind"],
        study_key=study_key(study),
        series_uid=str(entry["series_uid"]),
        points=points,
        normal=(x, y, z),
        frame_of_reference_uid=_text(entry["frame_of_reference_uid"]),
        name=str(entry["name"]),
        text=str(entry["text"]),
        layer_uid=_text(entry["layer_uid"]),
        layer_name=str(entry["layer_name"]),
        on_grid=bool(entry["on_grid"]),
        created=datetime.fromisoformat(entry["created"]).astimezone(),
    )
    return _in_study(made, study)


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _in_study(annotation: Annotation, study: Study) -> Annotation:
    """Return the annotation on the series as it is called now: parts of a split series may have other numbers."""
    if annotation.series_uid in study.series_uids:
        return annotation
    uid = annotation.series_uid.partition("#")[0]
    alike = [
        one.uid
        for one in study.series
        if one.series_instance_uid == uid and one.frame_of_reference_uid == annotation.frame_of_reference_uid
    ]
    return replace(annotation, series_uid=alike[0]) if len(alike) == 1 else annotation
