"""Edits of segmentations: what they change, what they keep, and that they can be taken back bit for bit."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from medgan_viewer.core.catalog import Patient, Series, Study
from medgan_viewer.core.commands import SetDisplay, Setting
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.kept_layers import read_layer, words_of, write_voxels
from medgan_viewer.core.layers import LabelLayer
from medgan_viewer.core.segment_editing import (
    Brush,
    EditSegmentation,
    Patch,
    Stroke,
    added_segment,
    filled,
    interpolation,
    new_segmentation,
    refusal,
    segment_of,
    without_segment,
    written,
)
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import UsageError
from medgan_viewer.jobs.shared_array import SharedArray
from tests.core.results import label_layer, stack


def drawn_layer(shape: tuple[int, int, int] = (20, 60, 80)) -> LabelLayer:
    affine = np.array([[0, 0, 0.5, 0], [0, 1.0, 0, 0], [2.0, 0, 0, 0], [0, 0, 0, 1.0]])
    return new_segmentation("1", Volume(np.zeros(shape, np.int16), affine, "1.2.3", "CT", "HU"))


def held(layer: LabelLayer) -> Document:
    document = Document()
    document.add_layer(layer)
    return document


def labels(document: Document, uid: str = "") -> LabelLayer:
    layer = document.layer(uid) if uid else document.layers[-1]
    assert isinstance(layer, LabelLayer)
    return layer


def painted(
    document: Document, *places: tuple[float, float, float], label: int = 1, brush: Brush | None = None
) -> None:
    layer = labels(document)
    stroke = Stroke(layer, label, brush or Brush(10.0, None))
    for place in places:
        stroke.move(np.array(place))
    patch = stroke.patch()
    if patch is not None:
        document.execute(EditSegmentation(layer.uid, "Paint", (patch,)))


def test_that_a_new_segmentation_is_empty_and_says_that_a_hand_draws_it() -> None:
    layer = drawn_layer()
    assert not layer.volume.array.any()
    assert layer.provenance.hand == "drawn"
    assert layer.provenance.own
    assert layer.millilitres() == {1: 0.0}
    assert layer.segments[0].drawn
    assert layer.uid != drawn_layer().uid


def test_that_volumes_follow_a_stroke_and_its_undo() -> None:
    document = held(drawn_layer())
    painted(document, (10, 30, 40), brush=Brush(24.0, None))
    ball = 4 / 3 * np.pi * 12.0**3 / 1000
    assert labels(document).millilitres()[1] == pytest.approx(ball, rel=0.02)
    document.undo()
    assert labels(document).millilitres()[1] == 0.0
    assert not labels(document).volume.array.any()
    document.redo()
    assert labels(document).millilitres()[1] == pytest.approx(ball, rel=0.02)


def test_that_an_eraser_takes_away_its_own_segment_alone() -> None:
    document = held(drawn_layer())
    document.execute(added_segment(labels(document)))
    painted(document, (10, 30, 30), brush=Brush(20.0, 0))
    painted(document, (10, 30, 50), label=2, brush=Brush(20.0, 0))
    before = labels(document).volume.array.copy()
    painted(document, (10, 30, 40), brush=Brush(30.0, 0, erases=True))
    after = labels(document).volume.array
    np.testing.assert_array_equal(after == 2, before == 2)
    assert (after == 1).sum() < (before == 1).sum()


def test_that_a_locked_segment_is_neither_drawn_in_nor_painted_over() -> None:
    document = held(drawn_layer())
    document.execute(added_segment(labels(document)))
    painted(document, (10, 30, 40), brush=Brush(20.0, 0))
    first = segment_of(labels(document), 1)
    locked = tuple(
        type(one)(one.label, one.name, one.colour, one.code, one.category, locked=one.label == 1, drawn=True)
        for one in labels(document).segments
    )
    uid = labels(document).uid
    document.execute(SetDisplay("Lock", (Setting(uid, "segments", labels(document).segments, locked),)))
    before = labels(document).volume.array == first.label
    painted(document, (10, 30, 50), label=2, brush=Brush(20.0, 0))
    np.testing.assert_array_equal(labels(document).volume.array == 1, before)
    assert (labels(document).volume.array == 2).any()
    with pytest.raises(UsageError, match="locked"):
        Stroke(labels(document), 1, Brush(5.0, 0))
    with pytest.raises(UsageError, match="locked"):
        without_segment(labels(document), 1)


def test_that_a_threshold_brush_paints_within_its_range_alone() -> None:
    layer = drawn_layer()
    generator = np.random.default_rng(1)
    values = generator.integers(-1000, 1000, layer.volume.shape).astype(np.int16)
    document = held(layer)
    stroke = Stroke(layer, 1, Brush(20.0, None, between=(-100.0, 300.0)), values)
    box = stroke.move(np.array([10.0, 30.0, 40.0]))
    assert box is not None
    plain = held(drawn_layer(layer.volume.shape))
    painted(plain, (10, 30, 40), brush=Brush(20.0, None))
    ball = labels(plain).volume.array == 1
    np.testing.assert_array_equal(layer.volume.array == 1, ball & (values >= -100) & (values <= 300))
    assert labels(document) is layer


def test_that_a_stroke_that_is_left_puts_everything_back() -> None:
    layer = label_layer(stack())
    before = layer.volume.array.copy()
    stroke = Stroke(layer, 7, Brush(12.0, None))
    stroke.move(np.array([2.0, 10.0, 20.0]))
    assert (layer.volume.array != before).any()
    stroke.cancel()
    np.testing.assert_array_equal(layer.volume.array, before)


def test_that_a_result_of_a_model_says_it_was_edited_until_that_is_undone() -> None:
    document = held(label_layer(stack()))
    untouched = labels(document).provenance
    assert untouched.hand == ""
    painted(document, (2, 10, 20), label=7)
    edited = labels(document).provenance
    assert edited.hand == "edited"
    assert edited.model_name == "Model · edited by hand"
    assert edited.weights_sha256 == untouched.weights_sha256
    assert "edited by hand" in dict(edited.settings)
    painted(document, (3, 12, 12), label=1)
    assert labels(document).provenance.model_name.count("edited") == 1
    document.undo()
    assert labels(document).provenance.hand == "edited"
    document.undo()
    assert labels(document).provenance == untouched


def test_that_a_fill_takes_a_closed_region_and_refuses_an_open_one() -> None:
    layer = drawn_layer()
    document = held(layer)
    ring = np.zeros(layer.volume.shape, bool)
    ring[4, 10:30, 10:30] = True
    ring[4, 12:28, 12:28] = False
    patch = written(layer, 1, (slice(0, 20), slice(0, 60), slice(0, 80)), ring)
    assert patch is not None
    document.execute(EditSegmentation(layer.uid, "Ring", (patch,)))
    inside = filled(labels(document), 1, np.array([4.2, 20.0, 20.0]), 0)
    assert inside is not None
    document.execute(EditSegmentation(layer.uid, "Fill", (inside,)))
    expected = np.zeros(layer.volume.shape, bool)
    expected[4, 10:30, 10:30] = True
    np.testing.assert_array_equal(labels(document).volume.array == 1, expected)
    with pytest.raises(UsageError, match="open"):
        filled(labels(document), 1, np.array([4.0, 40.0, 40.0]), 0)
    # On a sagittal slice the square is a line, and nothing closes the air around it.
    with pytest.raises(UsageError, match="open"):
        filled(labels(document), 1, np.array([5.0, 20.0, 20.0]), 2)
    with pytest.raises(UsageError, match="beside"):
        filled(labels(document), 1, np.array([4.0, 70.0, 20.0]), 0)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_that_interpolation_fills_between_slices_of_any_axis_and_covers_no_other_segment(axis: int) -> None:
    document = held(drawn_layer((40, 40, 40)))
    document.execute(added_segment(labels(document)))
    places = np.full((2, 3), 20.0)
    places[0, axis], places[1, axis] = 8, 18
    for place in places:
        painted(document, tuple(place), brush=Brush(12.0, axis))
    painted(document, tuple(places.mean(axis=0)), label=2, brush=Brush(3.0, axis))
    other = labels(document).volume.array == 2
    box, mask = interpolation(labels(document), 1, axis)
    patch = written(labels(document), 1, box, mask, only_empty=True)
    assert patch is not None
    document.execute(EditSegmentation(labels(document).uid, "Interpolate", (patch,)))
    after = labels(document).volume.array
    np.testing.assert_array_equal(after == 2, other)
    areas = ((after == 1) | (after == 2)).sum(axis=tuple(a for a in range(3) if a != axis))
    one = areas[8]
    assert all(area >= one for area in areas[8:19])
    assert areas[:8].sum() == 0


def test_that_interpolation_says_why_there_is_nothing_between() -> None:
    document = held(drawn_layer())
    with pytest.raises(UsageError, match="two slices"):
        interpolation(labels(document), 1, 0)
    painted(document, (10, 30, 40))
    with pytest.raises(UsageError, match="no gap"):
        interpolation(labels(document), 1, 0)


def test_that_segments_come_and_go_with_their_voxels_and_come_back() -> None:
    document = held(label_layer(stack()))
    before = labels(document).volume.array.copy()
    document.execute(added_segment(labels(document)))
    assert [one.label for one in labels(document).segments] == [1, 7, 2]
    assert labels(document).segments[-1].drawn
    assert not labels(document).segments[0].drawn
    document.execute(without_segment(labels(document), 7))
    assert not (labels(document).volume.array == 7).any()
    assert [one.label for one in labels(document).segments] == [1, 2]
    document.undo()
    document.undo()
    np.testing.assert_array_equal(labels(document).volume.array, before)
    assert [one.label for one in labels(document).segments] == [1, 7]
    assert labels(document).provenance.hand == ""


def test_that_the_last_segment_stays_and_a_segment_that_is_gone_is_named_by_nobody() -> None:
    layer = drawn_layer()
    with pytest.raises(UsageError, match="at least one"):
        without_segment(layer, 1)
    with pytest.raises(UsageError, match="Choose a segment"):
        Stroke(layer, 9, Brush(3.0, None))


def test_that_colours_differ_and_there_is_an_end_to_segments() -> None:
    document = held(drawn_layer((2, 4, 4)))
    for _ in range(253):
        document.execute(added_segment(labels(document)))
    segments = labels(document).segments
    assert len({one.label for one in segments}) == 254
    assert len({one.name for one in segments}) == 254
    assert len({one.colour for one in segments[:7]}) == 7
    with pytest.raises(UsageError, match="at most 254"):
        added_segment(labels(document))


def test_that_what_is_still_being_computed_is_not_edited() -> None:
    layer = label_layer(stack())
    assert refusal(layer) == ""
    layer.ready[1] = False
    assert "still being computed" in refusal(layer)


def test_that_voxels_that_came_from_another_process_can_be_edited() -> None:
    shared = SharedArray((4, 10, 10), np.uint8)
    try:
        source = label_layer(stack())
        grid = Volume(shared.view, source.volume.affine)
        document = held(source.changed(volume=grid, ready=np.ones(4, bool)))
        painted(document, (2, 5, 5))
        assert (shared.array == 1).any()
        document.undo()
        assert not shared.array.any()
    finally:
        document.remove_layer(source.uid)
        shared.unlink()


def test_that_what_is_kept_between_sessions_comes_back_and_can_be_edited_again(tmp_path: Path) -> None:
    document = held(label_layer(stack()))
    document.execute(added_segment(labels(document)))
    painted(document, (2, 10, 20), label=2)
    edited = labels(document)
    path = tmp_path / "voxels.npz"
    write_voxels(edited, path)
    back = read_layer(words_of(edited), path)
    assert isinstance(back, LabelLayer)
    assert back.provenance == edited.provenance
    assert back.segments == edited.segments
    again = held(back)
    painted(again, (3, 20, 5), label=2)
    assert (labels(again).volume.array == 2).sum() > (edited.volume.array == 2).sum()
    again.undo()
    np.testing.assert_array_equal(labels(again).volume.array, edited.volume.array)


def test_that_undo_restores_every_bit_under_random_edits() -> None:
    generator = np.random.default_rng(20261121)
    document = held(label_layer(stack(tuple(3.0 * k for k in range(12)), rows=40, columns=44)))
    uid = labels(document).uid
    states = [_state(document)]
    while len(states) < 28:
        layer = labels(document)
        label = int(generator.choice([one.label for one in layer.segments]))
        place = generator.uniform(-2, np.array(layer.volume.shape) + 1)
        edit = _random_edit(generator, layer, label, place)
        if edit is not None:
            document.execute(edit)
            states.append(_state(document))
    assert labels(document, uid).provenance.hand == "edited"
    for known in reversed(states[:-1]):
        document.undo()
        assert _state(document) == known
    for known in states[1:]:
        document.redo()
        assert _state(document) == known


def _state(document: Document) -> tuple[object, ...]:
    layer = labels(document)
    return layer.volume.array.tobytes(), layer.segments, layer.provenance, tuple(layer.millilitres().items())


def _random_edit(
    generator: np.random.Generator, layer: LabelLayer, label: int, place: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> EditSegmentation | None:
    patch: Patch | None = None
    try:
        match int(generator.integers(6)):
            case 0 | 1 | 2:
                axis = [None, 0, 1, 2][int(generator.integers(4))]
                erases = bool(generator.integers(3) == 0)
                stroke = Stroke(layer, label, Brush(float(generator.uniform(0.5, 15)), axis, erases))
                for _ in range(int(generator.integers(1, 5))):
                    stroke.move(place + generator.normal(0, 4, 3))
                patch = stroke.patch()
            case 3:
                patch = filled(layer, label, place, int(generator.integers(3)))
            case 4:
                box, mask = interpolation(layer, label, int(generator.integers(3)))
                patch = written(layer, label, box, mask, only_empty=True)
            case _:
                return added_segment(layer) if len(layer.segments) < 4 else without_segment(layer, label)
    except UsageError:
        return None
    return None if patch is None else EditSegmentation(layer.uid, "Edit", (patch,))


def test_that_an_edit_keeps_what_changed_and_not_the_segmentation() -> None:
    document = held(drawn_layer((50, 200, 200)))
    layer = labels(document)
    stroke = Stroke(layer, 1, Brush(10.0, 0))
    stroke.move(np.array([25.0, 100.0, 100.0]))
    patch = stroke.patch()
    assert patch is not None
    assert patch.box == (slice(25, 26), slice(95, 106), slice(90, 111))
    changed = int((layer.volume.array == 1).sum())
    assert patch.nbytes <= changed + 11 * 21 / 8 + 1
    assert EditSegmentation(layer.uid, "Paint", (patch,)).nbytes == patch.nbytes


def test_that_edits_that_hold_too_much_memory_are_forgotten_but_for_the_latest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medgan_viewer.core.document._UNDO_BYTES", 1500)
    document = held(drawn_layer())
    for column in (10, 30, 50, 70):
        painted(document, (10, 30, column), brush=Brush(18.0, 0))
    count = 0
    while document.undo_label is not None:
        document.undo()
        count += 1
    assert 1 <= count < 4
    assert labels(document).volume.array.any()


def test_that_a_segmentation_lies_on_the_regular_grid_of_an_uneven_series() -> None:
    uneven = stack((0.0, 3.0, 7.0, 10.0, 13.0))
    study = Study("1", Patient("A^B", "1", "", ""), "", "", "", "", ())
    opened = OpenSeries(study, Series("1", "1", 1, "CT", "Head", "HEAD", "1.2.3", ()), uneven, np.ones(5, bool))
    layer = new_segmentation("1", opened.volume())
    assert layer.volume.shape == opened.volume().shape
    assert layer.volume.resampled
    assert layer.provenance.created <= datetime.now(UTC)
