"""Exported pictures of findings say which finding it is, what the reader said, where, and what the colours mean."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core import findings
from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.display import Window
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import Judgement, Verdict
from medgan_viewer.dicom.capture import captured, place_of
from medgan_viewer.dicom.finding_boxes import _boxes, boxed, scales
from tests.ui import view_fixtures as fixtures

AMBER, GREY = (242, 193, 78), (170, 170, 170)
WINDOW = Window(80, 40)
AT = datetime(2026, 11, 22, tzinfo=UTC)
SCAN = fixtures.opened_series("ct", fixtures.stack_of(fixtures.ball()))
MIDDLE = len(SCAN.stack) // 2


def reading(*verdicts: Verdict) -> Reading:
    """Return a heat map with two regions in the middle slices, and what was said of them."""
    layer, _ = fixtures.heat_layer(SCAN)
    heat = np.zeros_like(layer.volume.array)
    around = slice(MIDDLE - 2, MIDDLE + 3)
    heat[around, 10:20, 8:18], heat[around, 30:40, 30:40] = 0.9, 0.85
    layer = replace(layer, volume=layer.volume.with_array(heat))
    found = findings.find(layer)
    judged = tuple(Judgement(one, said, AT, 0.5) for one, said in zip(found, verdicts, strict=False))
    return Reading(layer, found, judged)


def shown(index: int = MIDDLE, *said: Reading, **options: Any) -> NDArray[np.uint8]:
    return captured(SCAN.series, SCAN.stack, index, WINDOW, [reading().layer], readings=said, **options).pixels


def is_of(colour: tuple[int, int, int], picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((picture == np.array(colour, dtype=np.uint8)).all(axis=-1))


def test_a_finding_bears_its_number_and_the_verdict_in_english() -> None:
    plane = SCAN.stack.plane(MIDDLE)
    words = [said.split() for _, said in _boxes(reading("accepted", "rejected"), plane)]
    assert words == [["1", "accepted"], ["2", "rejected"]]
    assert [said.split() for _, said in _boxes(reading(), plane)] == [["1", "open"], ["2", "open"]]


def test_the_box_lies_around_the_region_and_a_rejected_one_is_grey() -> None:
    plane = SCAN.stack.plane(MIDDLE)
    large = replace(plane, row_step=plane.row_step / 8, column_step=plane.column_step / 8)
    large = replace(large, rows=plane.rows * 8, columns=plane.columns * 8)
    picture = boxed(np.zeros((large.rows, large.columns, 3), np.uint8), large, [reading("accepted", "rejected")])
    for colour, first in ((AMBER, (10, 8)), (GREY, (30, 30))):
        rows, columns = np.nonzero(is_of(colour, picture))
        # From the edge of the first voxel, eight pixels each, and a little around it; the words stand above.
        bottom, left = (first[0] + 9.5) * 8 + 4, (first[1] - 0.5) * 8 - 4
        assert rows.max() == pytest.approx(bottom, abs=1)
        assert columns.min() == pytest.approx(left, abs=1)


def test_words_stay_within_the_picture_and_off_each_other() -> None:
    made = reading("accepted", "rejected")
    first = made.findings[0]
    # Both in the same place at the upper edge.
    bounds = (first.bounds[0], (0, 6), first.bounds[2])
    both = replace(made, findings=tuple(replace(one, bounds=bounds) for one in made.findings))
    plane = SCAN.stack.plane(MIDDLE)
    large = replace(plane, row_step=plane.row_step / 8, column_step=plane.column_step / 8)
    large = replace(large, rows=plane.rows * 8, columns=plane.columns * 8)
    ground = np.full((large.rows, large.columns, 3), 90, np.uint8)
    picture = boxed(ground, large, [both])
    grounds = is_of((0, 0, 0), picture).sum()
    alone = boxed(ground, large, [replace(both, findings=both.findings[:1])])
    # Two grounds of words, not one upon the other.
    assert grounds > 1.7 * is_of((0, 0, 0), alone).sum()


def test_a_slice_without_a_finding_has_no_box() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    assert boxed(picture, SCAN.stack.plane(0), [reading()]) is picture
    assert is_of(AMBER, shown(MIDDLE, reading())).any()
    assert not is_of(AMBER, shown(0, reading())).any()


def test_only_heat_maps_that_are_drawn_have_boxes() -> None:
    hidden = captured(
        SCAN.series, SCAN.stack, MIDDLE, WINDOW, [reading().layer.changed(visible=False)], readings=[reading()]
    )
    assert not is_of(AMBER, hidden.pixels).any()
    assert not hidden.scaled


def test_the_scale_below_shows_the_colours_from_0_to_1_and_the_threshold() -> None:
    layer = reading().layer
    strip = scales([layer], 512)
    colours = colour_map(layer.colour_map)
    row = strip[11]
    start = next(at for at in range(10, 40) if (row[at : at + 128] == colours[::2]).all())
    assert start < 30
    other = scales([replace(layer, threshold=0.7)], 512)
    assert (strip != other).any()
    assert scales([layer, layer], 512).shape == (2 * strip.shape[0], 512, 3)


def test_the_scale_moves_nothing_above_it_and_the_plane_still_fits_the_picture() -> None:
    capture = captured(SCAN.series, SCAN.stack, MIDDLE, WINDOW, [reading().layer])
    bare, _ = replace(capture, scaled=()).marked()
    pixels, plane = capture.marked()
    assert plane is not None
    assert (plane.rows, plane.columns) == pixels.shape[:2]
    np.testing.assert_array_equal(pixels[: bare.shape[0]], bare)
    np.testing.assert_array_equal(pixels[bare.shape[0] :], scales(capture.scaled, pixels.shape[1]))


def test_the_place_names_slice_and_series_and_holds_nothing_that_was_typed_unless_it_is_given() -> None:
    series = replace(SCAN.series, description="Mrs Q, head", contrast="T1")
    assert place_of(series, SCAN.stack, 3) == "slice 4 of 20 · series 2 · T1"
    assert place_of(replace(series, contrast=None, number=None), SCAN.stack, 3) == "slice 4 of 20 · CT"
    assert place_of(series, SCAN.stack, 3, "series 2 · Mrs Q, head") == "slice 4 of 20 · series 2 · Mrs Q, head"
    capture = captured(SCAN.series, SCAN.stack, 3, WINDOW, place=place_of(series, SCAN.stack, 3))
    plain = captured(SCAN.series, SCAN.stack, 3, WINDOW)
    assert capture.marks == plain.marks
    # A line more.
    assert capture.marked()[0].shape[0] > plain.marked()[0].shape[0]
