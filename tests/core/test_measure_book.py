"""Annotations are kept by study, and every edit of them can be taken back."""

import itertools
import json
from dataclasses import replace

import pytest

from medgan_viewer.core.catalog import Catalog, Patient
from medgan_viewer.core.changes import AnnotationsChanged, AnnotationSelected, Change
from medgan_viewer.core.document import Document
from medgan_viewer.core.measure.annotation import KINDS, POINTS, Annotation
from medgan_viewer.core.measure.book import EditAnnotations
from medgan_viewer.core.measure.keeping import from_json, study_key, to_json
from tests.core.annotations import figure, opened

HELD = opened()


def _drawn(kind: str = "distance", **changes: str) -> Annotation:
    at = [(3.0, 4.0), (9.0, 9.0), (20.0, 5.0), (22.0, 9.0)]
    known = next(one for one in KINDS if one == kind)
    count = 2 if kind in ("rectangle", "ellipse") else POINTS[known]
    return figure(known, HELD.stack.plane(1), at[:count], HELD, **changes)


@pytest.fixture
def held() -> Document:
    document = Document()
    document.add_catalog(Catalog((HELD.study,)))
    document.open_series(HELD)
    return document


def test_drawing_moving_and_deleting_can_be_taken_back_and_done_again(held: Document) -> None:
    drawn = _drawn()
    moved = drawn.with_points(((0.0, 0.0, 3.0), (1.0, 1.0, 3.0)))
    steps = ((), (drawn,), (moved,), ())
    for before, after in itertools.pairwise(steps):
        held.execute(EditAnnotations("Edit", before, after))
    for expected in reversed(steps[:-1]):
        held.undo()
        assert held.annotations.all == expected
    for expected in steps[1:]:
        held.redo()
        assert held.annotations.all == expected


def test_those_who_watch_are_told_of_every_change_and_of_the_choice(held: Document) -> None:
    told: list[Change] = []
    held.subscribe(told.append)
    drawn = _drawn()
    held.execute(EditAnnotations("Draw", (), (drawn,)))
    held.annotations.select(drawn.uid)
    held.annotations.select(drawn.uid)
    held.undo()
    ours = [one for one in told if isinstance(one, AnnotationsChanged | AnnotationSelected)]
    changed = AnnotationsChanged(study_key(HELD.study))
    assert ours == [changed, AnnotationSelected(drawn.uid), AnnotationSelected(None), changed]
    assert held.annotations.selected is None


def test_a_closed_study_takes_its_annotations_along(held: Document) -> None:
    staying = replace(HELD.study, uid="2", series=(replace(HELD.study.series[0], uid="2"),))
    held.add_catalog(Catalog((staying,)))
    other = replace(_drawn(), study_key=study_key(staying))
    held.annotations.change(study_key(HELD.study), (), [_drawn(), other])
    held.close_study(held.catalog.studies[0])
    assert held.annotations.all == (other,)


def test_new_names_are_numbered_by_kind_within_a_study(held: Document) -> None:
    key = study_key(HELD.study)
    assert held.annotations.free_name("cobb", key) == "Cobb angle 1"
    held.annotations.change(key, (), [_drawn(name="Distance 1"), _drawn(name="Distance 3")])
    assert held.annotations.free_name("distance", key) == "Distance 2"
    assert held.annotations.free_name("distance", "another") == "Distance 1"


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_comes_back_to_the_last_digit(kind: str) -> None:
    drawn = _drawn(kind, name="Größe 上", text="two\nlines", layer_uid="l", layer_name="Synthetic T1")
    assert from_json(to_json((drawn,)), HELD.study) == (drawn,)


def test_what_is_kept_names_no_patient() -> None:
    text = to_json((_drawn(),))
    assert "Ada" not in text
    assert "P-1" not in text
    assert study_key(HELD.study) not in ("study", HELD.study.uid)


def test_another_patient_under_the_same_study_uid_has_a_file_of_its_own() -> None:
    other = replace(HELD.study, patient=Patient("Phantom^Bob", "P-2"))
    assert study_key(other) != study_key(HELD.study)


def test_a_series_that_is_called_otherwise_now_is_found_by_the_uid_that_dicom_knows() -> None:
    text = to_json((_drawn(series_uid="1#2"),))
    assert from_json(text, HELD.study)[0].series_uid == "1"
    lost = to_json((_drawn(series_uid="9.9"),))
    assert from_json(lost, HELD.study)[0].series_uid == "9.9"


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "[]",
        "{}",
        '{"schema": 2, "annotations": []}',
        '{"schema": 1, "annotations": [{}]}',
        '{"schema": 1, "annotations": 5}',
    ],
)
def test_anything_else_is_refused_with_one_kind_of_error(damage: str) -> None:
    with pytest.raises(ValueError):
        from_json(damage, HELD.study)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "spline"),
        ("points_lps_mm", [[1, 2]]),
        ("points_lps_mm", [[1, 2, "x"]]),
        ("created", "yesterday"),
        ("normal", None),
        ("points_lps_mm", [[float("inf"), 0, 0]] * 2),
    ],
)
def test_a_damaged_entry_is_refused(name: str, value: object) -> None:
    content = json.loads(to_json((_drawn(),)))
    content["annotations"][0][name] = value
    with pytest.raises(ValueError):
        from_json(json.dumps(content), HELD.study)
