"""The values in a region are those of its pixels, as SimpleITK counts them, in the right unit, beside the source's."""

from dataclasses import replace

import numpy as np
import pytest

from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.measure import words
from medgan_viewer.core.measure.annotation import Kind
from medgan_viewer.core.measure.measuring import (
    NO_PIXEL,
    Beside,
    Measurement,
    drawn_on,
    measure,
    measure_compared,
    unit_of,
)
from medgan_viewer.core.measure.pixels import ground, inside
from medgan_viewer.core.slicing import mpr_plane
from medgan_viewer.core.volume import SliceStack, Voxels
from tests.core import results
from tests.core.annotations import figure, opened

_BLOB = [(4.1, 6.2), (3.2, 21.0), (12.7, 30.3), (22.0, 25.1), (24.6, 11.0), (15.0, 14.2)]
CORNERS = [(5.3, 8.2), (19.6, 27.9)]


def _said(measurement: Measurement) -> list[str]:
    return [line.text for line in words.lines(measurement)]


def _turns(outline: list[tuple[float, float]], row: Voxels, column: Voxels) -> Voxels:
    """Return how often an outline goes around each pixel: what the eye calls inside."""
    to = [(r - row) + 1j * (c - column) for r, c in outline]
    return np.asarray(sum(np.angle(b / a) for a, b in zip(to, (*to[1:], to[0]), strict=True)) / (2 * np.pi))


def _held(**changes: float) -> OpenSeries:
    stack = results.stack(**changes)  # type: ignore[arg-type]
    noise = np.random.default_rng(3).normal(30, 12, stack.array.shape).astype(np.int16)
    return opened(replace(stack, array=noise))


@pytest.mark.parametrize("tilt_degrees", [0.0, 17.0])
@pytest.mark.parametrize(("kind", "at"), [("rectangle", CORNERS), ("ellipse", CORNERS), ("freehand", _BLOB)])
def test_the_statistics_of_a_region_are_those_of_simpleitk(
    kind: Kind, at: list[tuple[float, float]], tilt_degrees: float
) -> None:
    import SimpleITK

    held = _held(tilt_degrees=tilt_degrees)
    plane = held.stack.plane(2)
    (values,) = measure(figure(kind, plane, at, held), held).images
    row, column = np.mgrid[0 : plane.rows, 0 : plane.columns]
    if kind == "rectangle":
        mask = (row > 5.3) & (row < 19.6) & (column > 8.2) & (column < 27.9)
    elif kind == "ellipse":
        mask = ((row - 12.45) / 7.15) ** 2 + ((column - 18.05) / 9.85) ** 2 <= 1
    else:
        mask = np.abs(_turns(at, row, column)) > 0.5
    filter_ = SimpleITK.LabelStatisticsImageFilter()
    filter_.Execute(
        SimpleITK.GetImageFromArray(held.stack.array[2]), SimpleITK.GetImageFromArray(mask.astype(np.uint8))
    )
    assert values.count == filter_.GetCount(1)
    assert values.mean == pytest.approx(filter_.GetMean(1))
    assert values.deviation == pytest.approx(filter_.GetSigma(1))
    assert values.extent == (filter_.GetMinimum(1), filter_.GetMaximum(1))
    assert values.unit == "HU"


def test_the_pixels_of_a_large_region_cover_its_area() -> None:
    held = opened(results.stack(rows=300, columns=400))
    plane = held.stack.plane(1)
    for kind in ("rectangle", "ellipse"):
        drawn = measure(figure(kind, plane, [(20.2, 30.7), (280.4, 371.1)], held), held)
        assert drawn.images[0].count * 0.9 * 0.7 == pytest.approx(drawn.size, rel=2e-3)


def test_a_histogram_counts_every_pixel_and_has_no_empty_classes_between_whole_numbers() -> None:
    held = _held()
    (values,) = measure(figure("rectangle", held.stack.plane(2), CORNERS, held), held).images
    histogram = values.histogram
    assert histogram.counts.sum() == values.count
    assert (histogram.low, histogram.high) == values.extent
    flat = opened(replace(held.stack, array=np.full_like(held.stack.array, 7)))
    (even,) = measure(figure("rectangle", held.stack.plane(2), CORNERS, flat), flat).images
    assert even.histogram.counts.tolist() == [even.count]
    assert even.deviation == 0


def test_a_probe_reads_the_pixel_in_which_it_lies() -> None:
    held = opened()
    drawn = figure("probe", held.stack.plane(3), [(11.4, 25.6)], held)
    assert _said(measure(drawn, held)) == [words.number_text(held.stack.array[3, 11, 26]) + " HU"]
    beside = figure("probe", held.stack.plane(3), [(11.4, 400.0)], held)
    assert _said(measure(beside, held)) == [NO_PIXEL]


def test_a_region_smaller_than_a_pixel_says_that_there_is_none_in_it() -> None:
    held = opened()
    drawn = figure("ellipse", held.stack.plane(1), [(5.2, 5.2), (5.7, 5.7)], held)
    assert _said(measure(drawn, held))[0] == NO_PIXEL


def test_a_slice_that_is_not_read_has_no_values() -> None:
    held = opened()
    held.ready[2] = False
    drawn = figure("rectangle", held.stack.plane(2), CORNERS, held)
    assert _said(measure(drawn, held))[0] == "not read yet"


# -- on synthetic images ---------------------------------------------------------------------------------------------


def _layer(stack: SliceStack) -> ImageLayer:
    return replace(results.image_layer(stack), name="Synthetic T1")


@pytest.mark.parametrize("kind", ["rectangle", "ellipse", "probe"])
def test_on_a_synthetic_image_both_numbers_are_given_and_one_is_said_to_be_synthetic(kind: Kind) -> None:
    held = opened()
    at = CORNERS[:1] if kind == "probe" else CORNERS
    measurement = measure(figure(kind, held.stack.plane(2), at, held), held, _layer(held.stack))
    assert measurement.synthetic
    said = words.lines(measurement)
    assert said[0].text.startswith("SYNTHETIC ")
    assert said[0].synthetic
    assert said[1].text.startswith("source ")
    assert not said[1].synthetic
    assert any(letter.isdigit() for letter in said[0].text)
    assert any(letter.isdigit() for letter in said[1].text)
    assert "SYNTHETIC" in words.plain_text(measurement)


@pytest.mark.parametrize("kind", ["distance", "angle"])
def test_a_length_or_an_angle_on_a_synthetic_image_is_told_once_with_the_mark(kind: Kind) -> None:
    held = opened()
    at = CORNERS if kind == "distance" else [(3.0, 4.0), (9.0, 9.0), (20.0, 5.0)]
    drawn = figure(kind, held.stack.plane(2), at, held)
    (line,) = words.lines(measure(drawn, held, _layer(held.stack)))
    (plain,) = words.lines(measure(drawn, held))
    assert (line.text, line.synthetic) == (f"SYNTHETIC {plain.text}", True)
    assert not plain.synthetic


def test_of_two_images_that_are_compared_each_value_says_whose_it_is() -> None:
    held = opened()
    other = _held()
    other = replace(other, series=replace(other.series, description="FLAIR_reg"))
    layer = _layer(held.stack)
    drawn = figure("rectangle", held.stack.plane(2), CORNERS, held)
    measurement = measure_compared(drawn, held, (Beside(other, other.volume()), layer), on_grid=False)
    assert [line.synthetic for line in words.lines(measurement)] == [False, True, False]
    said = _said(measurement)
    # The same number as in a pane of that series itself.
    assert said[0] == f"FLAIR_reg {_said(measure(drawn, other))[0]}"
    assert said[1] == _said(measure(drawn, held, layer))[0]
    two = measure_compared(drawn, held, (replace(layer, name="Synthetic T1 · kept"), layer), on_grid=False)
    assert [one.rsplit(" ± ")[0].rsplit(" ", 1)[0] for one in _said(two)[:2]] == [
        "SYNTHETIC Synthetic T1 · kept",
        "SYNTHETIC Synthetic T1",
    ]


def test_an_image_that_is_not_read_or_does_not_reach_has_no_number_in_a_comparison() -> None:
    held, other = opened(), _held()
    drawn = figure("rectangle", held.stack.plane(2), CORNERS, held)
    volume = other.volume()
    away = replace(volume, affine=volume.affine + np.pad([[500.0]], ((0, 3), (3, 0))))
    for grid, why in ((None, "not read yet"), (away, "not all of it lies there")):
        assert why in _said(measure_compared(drawn, held, (Beside(other, grid), _layer(held.stack)), on_grid=False))[0]


def test_a_length_in_a_comparison_is_marked_by_the_image_that_it_was_drawn_on() -> None:
    held, other = opened(), _held()
    layer = _layer(held.stack)
    sides = (Beside(other, other.volume()), layer)
    drawn = figure("distance", held.stack.plane(2), CORNERS, held)
    (plain,) = words.lines(measure_compared(drawn, held, sides, on_grid=False))
    assert not plain.synthetic
    assert "SYNTHETIC" not in plain.text
    (marked,) = words.lines(measure_compared(replace(drawn, layer_uid=layer.uid), held, sides, on_grid=False))
    assert (marked.text, marked.synthetic) == (f"SYNTHETIC {plain.text}", True)
    (both,) = words.lines(measure_compared(drawn, held, (layer, layer), on_grid=False))
    assert both.synthetic


@pytest.mark.parametrize(("tilt_degrees", "jitter"), [(0.0, 0.0), (17.0, 0.0), (0.0, 0.8)])
def test_the_synthetic_values_are_those_at_the_same_place_in_the_patient(tilt_degrees: float, jitter: float) -> None:
    held = opened(results.stack(tilt_degrees=tilt_degrees, jitter=jitter))
    plane = held.stack.plane(2)
    drawn = figure("rectangle", plane, CORNERS, held)
    own, source = measure(drawn, held, _layer(held.stack)).images
    rows, columns = inside(drawn, plane)
    truth = [100 + np.array([2.0, 3.0, 5.0]) @ plane.point(r, c) for r, c in zip(rows, columns, strict=True)]
    np.testing.assert_allclose(own.values, truth, atol=1.01)
    assert (own.unit, source.unit) == ("a.u.", "HU")
    np.testing.assert_array_equal(source.values, held.stack.array[2][rows, columns])


def test_a_part_that_is_not_computed_has_no_number_and_the_source_has() -> None:
    held = opened()
    layer = replace(_layer(held.stack), ready=np.array([True, True, False, True, True]))
    drawn = figure("rectangle", held.stack.plane(2), CORNERS, held)
    said = _said(measure(drawn, held, layer))
    assert said[0] == "SYNTHETIC not computed there"
    assert said[1].endswith(")")


def test_values_of_a_simulated_patient_and_of_a_stored_synthetic_series_say_so() -> None:
    held = opened(simulated=True)
    drawn = figure("probe", held.stack.plane(2), CORNERS[:1], held)
    assert _said(measure(drawn, held))[0].startswith("SIMULATED ")
    assert _said(measure(drawn, held, _layer(held.stack)))[1].startswith("SIMULATED source ")
    made = opened(synthetic=True)
    assert _said(measure(replace(drawn, kind="probe"), made))[0].startswith("SYNTHETIC ")


def test_the_image_that_it_was_drawn_on_is_found_again_after_another_run() -> None:
    held = opened()
    layer = replace(_layer(held.stack), uid="first")
    drawn = figure("probe", held.stack.plane(2), CORNERS[:1], held, layer_uid="first", layer_name=layer.name)
    again = replace(layer, uid="second")
    assert drawn_on(drawn, (layer, again)) is layer
    assert drawn_on(drawn, (again,)) is again
    assert drawn_on(drawn, (replace(again, name="Synthetic T2"),)) is None
    assert drawn_on(replace(drawn, layer_uid=None), (layer,)) is None


# -- where it lies ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize("tilt_degrees", [0.0, 17.0])
def test_what_is_drawn_on_a_plane_cut_through_the_grid_is_measured_there(orientation: str, tilt_degrees: float) -> None:
    held = opened(results.stack(tilt_degrees=tilt_degrees))
    volume = held.volume()
    middle = volume.point((2, 14, 17))
    plane = mpr_plane(volume, orientation, middle)  # type: ignore[arg-type]
    drawn = figure("rectangle", plane, [(0.6, 3.4), (3.3, 9.7)], held, on_grid=True)
    (values,) = measure(drawn, held).images
    expected = [
        volume.array[tuple(np.rint(volume.index(plane.point(r, c))).astype(int))]
        for r in (1, 2, 3)
        for c in range(4, 10)
    ]
    np.testing.assert_array_equal(values.values, expected)


def test_what_is_drawn_on_a_coronal_plane_is_on_no_acquired_slice() -> None:
    held = opened()
    plane = mpr_plane(held.volume(), "coronal", held.volume().point((2, 14, 17)))
    drawn = figure("rectangle", plane, [(0.6, 3.4), (3.3, 9.7)], held, on_grid=True)
    assert ground(drawn, held, on_grid=False) is None
    assert _said(measure(drawn, held, on_grid=False))[0] == "not on a slice of this series"


def test_a_region_is_measured_on_the_nearest_slice_of_another_series_of_the_same_space() -> None:
    ct = opened()
    other = opened(results.stack((1.0, 5.0, 9.0)), uid="2")
    near = figure("rectangle", ct.stack.plane(2), CORNERS, ct)
    far = near.with_points(tuple((x, y, z + 40) for x, y, z in near.points))
    lies = ground(near, other)
    assert lies is not None
    assert lies.index == 1
    assert ground(far, other) is None


def test_units_are_those_of_the_modality() -> None:
    ct = results.stack()
    assert unit_of(ct) == "HU"
    assert unit_of(replace(ct, modality="MR", unit="")) == "a.u."
    assert unit_of(replace(ct, modality="US", unit="")) == ""
    assert unit_of(replace(ct, colour=np.zeros((*ct.array.shape, 3), np.uint8))) == "luminance"


@pytest.mark.parametrize(
    ("value", "text"),
    [(-1000, "−1000"), (35.04, "35.0"), (0.01234, "0.0123"), (12345.6, "12346"), (7.0, "7"), (-0.5, "−0.5")],
)
def test_numbers_are_written_as_they_are_read(value: float, text: str) -> None:
    assert words.number_text(value) == text


def test_large_areas_are_given_in_square_centimetres() -> None:
    assert words.area_text(999.94) == "999.9 mm²"
    assert words.area_text(1234.0) == "12.3 cm²"
