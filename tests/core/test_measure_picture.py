"""Annotations in pictures of acquired slices: those that lie there, with the values of what the picture shows."""

from dataclasses import replace

import pytest

from medgan_viewer.core.measure.picture import labelled_on, slice_of
from tests.core import results
from tests.core.annotations import figure, opened


def test_a_picture_shows_what_lies_on_its_slice_of_its_series() -> None:
    held = opened()
    plane = held.stack.plane(1)
    box = figure("rectangle", plane, [(1, 1), (4, 4)], held)
    other = replace(box, uid="other", series_uid="another series")
    assert slice_of(box, held) == 1
    assert slice_of(other, held) is None
    (shown,) = labelled_on([box, other], held, 1)
    assert shown.annotation is box
    assert not list(labelled_on([box, other], held, 0))


def test_its_values_are_those_of_the_image_that_the_picture_shows() -> None:
    held = opened()
    box = figure("rectangle", held.stack.plane(1), [(1, 1), (4, 4)], held)
    (original,) = labelled_on([box], held, 1)
    assert not any(line.synthetic for line in original.label)
    image = results.image_layer(held.stack)
    (synthetic,) = labelled_on([box], held, 1, image)
    assert synthetic.label[0].synthetic
    assert synthetic.label[0].text.startswith("SYNTHETIC ")
    assert synthetic.label[1].text.startswith("source ")


@pytest.mark.parametrize(("kind", "left"), [("distance", True), ("arrow", True), ("text", False)])
def test_what_somebody_typed_can_be_left_out(kind: str, left: bool) -> None:
    held = opened()
    at = [(2.0, 2.0), (5.0, 5.0)] if kind != "text" else [(2.0, 2.0)]
    made = figure(kind, held.stack.plane(1), at, held, text="Mrs Q")  # type: ignore[arg-type]
    (shown,) = labelled_on([made], held, 1)
    assert shown.typed == (kind != "distance")
    bare = shown.without_typed()
    assert (bare is not None) == left
    assert bare is None or not any("Mrs Q" in line.text for line in bare.label)
