"""Annotations in exported pictures: where they lie, what they say, and that no number changes on the way."""

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.display import Window
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.picture import Labelled
from medgan_viewer.core.measure.words import Line
from medgan_viewer.core.volume import Plane
from medgan_viewer.dicom.capture import captured
from medgan_viewer.dicom.figures import _spelt, drawn
from medgan_viewer.dicom.mark import SYNTHETIC_COLOUR
from tests.core.annotations import opened

CYAN = (88, 211, 240)
# Two pixels a mm.
PLANE = Plane(np.array([10.0, 20.0, 5.0]), np.array([0.0, 0.5, 0.0]), np.array([0.5, 0.0, 0.0]), 200, 300)


def line(*ends: tuple[float, float]) -> Annotation:
    """Return a distance between places (x, y) in mm."""
    points = tuple((x, y, 5.0) for x, y in ends)
    return Annotation("a", "distance", "study", "1", points, (0.0, 0.0, 1.0))


def is_of(colour: tuple[int, int, int], picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((picture == np.array(colour, dtype=np.uint8)).all(axis=-1))


def grey() -> NDArray[np.uint8]:
    return np.full((200, 300, 3), 90, np.uint8)


def test_a_line_lies_where_its_points_are() -> None:
    # Along row (40 - 20) * 2 from column (20 - 10) * 2 to (60 - 10) * 2.
    picture = drawn(grey(), PLANE, [Labelled(line((20, 40), (60, 40)), ())])
    rows, columns = np.nonzero(is_of(CYAN, picture))
    assert set(rows) <= {39, 40, 41}
    assert (columns.min(), columns.max()) == (pytest.approx(20, abs=1), pytest.approx(100, abs=1))
    # It has a dark rim, so that it is seen on white too.
    assert is_of((0, 0, 0), picture)[37:44, 30:90].any(axis=0).all()


def test_a_label_stands_within_the_picture_and_that_of_a_synthetic_image_is_violet() -> None:
    label = (Line("SYNTHETIC 20.0 mm", synthetic=True), Line("source 20.0 mm (same points)"))
    far = drawn(grey(), PLANE, [Labelled(line((150, 118), (159, 119)), label)])
    violet = is_of(SYNTHETIC_COLOUR, far)
    assert violet.sum() > 30
    assert is_of(CYAN, far)[:, :200].any()
    assert not is_of(SYNTHETIC_COLOUR, drawn(grey(), PLANE, [Labelled(line((20, 40), (60, 40)), ())])).any()


def test_without_figures_the_picture_is_the_same() -> None:
    picture = grey()
    assert drawn(picture, PLANE, []) is picture


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("−20.5 ± 3.1 HU (−31 … 4)", "-20.5 +/- 3.1 HU (-31 ... 4)"),
        ("12.5 mm² · 40 px", "12.5 mm2 - 40 px"),
        ("45.0°", "45.0 deg"),
        ("Läsion", "Lasion"),
        ("病变", "(see the list of measurements)"),
        ("left 病变", "left  (see the list of measurements)"),
    ],
)
def test_no_sign_is_lost_that_changes_what_is_said(said: str, written: str) -> None:
    assert _spelt(said) == written


def test_a_capture_draws_them_below_its_marks_and_typed_words_count_as_identity() -> None:
    held = opened()
    plane = held.stack.plane(1)
    points = tuple((float(x), float(y), float(z)) for x, y, z in (plane.point(3, 1), plane.point(3, 5)))
    x, y, z = (float(value) for value in plane.normal)
    arrow = Annotation("a", "arrow", "study", "1", points, (x, y, z), text="here")
    window = Window(1500, 700)
    bare = captured(held.series, held.stack, 1, window)
    shown = captured(held.series, held.stack, 1, window, figures=[Labelled(arrow, (Line("here"),), typed=True)])
    assert is_of(CYAN, shown.pixels).any()
    assert not is_of(CYAN, bare.pixels).any()
    assert shown.marks == bare.marks
    assert (shown.shows_identity, bare.shows_identity) == (True, False)
