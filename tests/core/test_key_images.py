"""Key images are marks on slices: undoable, ordered, and gone with what they are of."""

from dataclasses import replace

from medgan_viewer.core.changes import KeyImagesChanged
from medgan_viewer.core.document import Change, Document
from medgan_viewer.core.key_images import KeptKeyImage, KeyImage, SetKeyImages, toggled
from tests.ui import view_fixtures as scans


def _document() -> Document:
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    document = scans.document_with(opened)
    document.add_layer(scans.image_layer(opened))
    return document


def test_a_slice_is_marked_and_the_same_again_is_not() -> None:
    first, second = KeyImage("ct", 7), KeyImage("ct", 3)
    marked = toggled(toggled((), first), second)
    assert marked == (second, first), "by slice, whichever was marked first"
    assert toggled(marked, first) == (second,)
    assert toggled((), KeyImage("ct", 3, "t1")) != (second,), "a synthetic image is another picture of the slice"


def test_marking_is_told_and_can_be_undone_and_done_again() -> None:
    document = _document()
    told: list[Change] = []
    document.subscribe(told.append)
    key = KeyImage("ct", 4)
    document.execute(SetKeyImages((), (key,)))
    assert list(document.key_images) == [key]
    assert KeyImagesChanged() in told
    assert document.undo_label == "Mark key image"
    document.undo()
    assert list(document.key_images) == []
    document.redo()
    document.execute(SetKeyImages((key,), ()))
    assert document.undo_label == "Unmark key image"
    assert list(document.key_images) == []


def test_taking_a_mark_back_leaves_those_of_a_study_that_was_opened_since() -> None:
    document = _document()
    first, later = KeyImage("ct", 4), KeyImage("later", 2)
    document.execute(SetKeyImages((), (first,)))
    document.set_key_images((first, later))
    document.undo()
    assert list(document.key_images) == [later]
    document.redo()
    assert list(document.key_images) == [first, later]


def test_what_is_kept_of_a_mark_finds_its_image_wherever_it_lies_now() -> None:
    series = scans.opened_series("ct", scans.stack_of(scans.ball())).series
    kept = KeptKeyImage.of(KeyImage("ct", 4), series)
    assert kept.found_in(series) == KeyImage("ct", 4)
    assert kept.found_in(replace(series, instances=series.instances[1:])) == KeyImage("ct", 3)
    assert kept.found_in(replace(series, instances=series.instances[5:])) is None


def test_the_mark_of_a_synthetic_image_goes_and_comes_with_it() -> None:
    document = _document()
    original, synthetic = KeyImage("ct", 4), KeyImage("ct", 4, "t1")
    document.set_key_images((original, synthetic))
    layer = document.layer("t1")
    document.remove_layer("t1")
    assert list(document.key_images) == [original]
    document.add_layer(layer)
    assert list(document.key_images) == [original, synthetic]


def test_marks_go_with_their_study() -> None:
    document = _document()
    document.set_key_images((KeyImage("ct", 4),))
    document.close_study(document.catalog.studies[0])
    assert list(document.key_images) == []
