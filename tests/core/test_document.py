"""The document holds what is open, tells of every change, and takes edits back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from medgan_viewer.core import document as doc
from medgan_viewer.core.catalog import Catalog, Patient, Series, Study
from medgan_viewer.core.commands import AddLayers, RemoveLayers, SetVerdict
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Change, Document, OpenSeries, same_patient
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Finding, HeatLayer, ImageLayer, Judgement, Provenance, threshold_at
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.volume import SliceStack
from tests.core.annotations import figure

FRAME = "1.2.3"


def _study(uid: str = "study", patient: Patient | None = None, series_uid: str = "ct", **changes: Any) -> Study:
    series = Series(series_uid, uid, 1, changes.pop("modality", "CT"), "", "HEAD", FRAME, (), **changes)
    return Study(uid, patient or Patient("A^B", "1"), "", "", "", "", (series,))


def _stack(heights: tuple[float, ...] = (0, 2, 4, 6)) -> SliceStack:
    count = len(heights)
    array = np.arange(count * 12, dtype=np.int16).reshape(count, 3, 4)
    origins = np.array([[0.0, 0, z] for z in heights])
    return SliceStack(array, origins, np.array([0, 1.0, 0]), np.array([1.0, 0, 0]), np.full(count, 2.0), FRAME, "CT")


def _opened(study: Study | None = None, stack: SliceStack | None = None, *, ready: bool = True) -> OpenSeries:
    study, stack = study or _study(), stack or _stack()
    return OpenSeries(study, study.series[0], stack, np.full(len(stack), ready))


def _provenance() -> Provenance:
    return Provenance("m", "Model", "1", "0" * 64, ("ct",), "cpu", "fp32", datetime(2026, 1, 1, tzinfo=UTC), "CC0", "")


def _image(uid: str = "t1") -> ImageLayer:
    volume = _stack().volume()
    return ImageLayer(
        uid=uid,
        name="Synthetic T1",
        source_series_uid="ct",
        volume=volume,
        ready=np.ones(4, bool),
        provenance=_provenance(),
        contrast="T1",
        window=(950.0, 480.0),
    )


def _heat(**changes: Any) -> HeatLayer:
    base: dict[str, Any] = {"uid": "heat", "name": "Anomaly", "source_series_uid": "ct", "threshold": 0.5}
    volume = _stack().volume()
    fixed = {"volume": volume, "ready": np.ones(4, bool), "provenance": _provenance()}
    return HeatLayer(**(base | fixed | changes))


def _finding(number: int = 1) -> Finding:
    return Finding(number, (1, 2, 3), (3.0, 2.0, 2.0), 0.9, 1.0, ((1, 2), (2, 3), (3, 4)))


@pytest.fixture
def held() -> Document:
    document = Document()
    document.add_catalog(Catalog((_study(),)))
    document.open_series(_opened())
    return document


@pytest.fixture
def told(held: Document) -> list[Change]:
    changes: list[Change] = []
    held.subscribe(changes.append)
    return changes


# -- observing -------------------------------------------------------------------------------------------------------


def test_a_listener_hears_changes_until_it_has_had_enough(held: Document) -> None:
    heard: list[Change] = []
    stop = held.subscribe(heard.append)
    held.select_series("ct")
    stop()
    stop()
    held.select_series(None)
    assert heard == [doc.SelectionChanged()]


def test_a_listener_may_leave_while_a_change_is_told(held: Document) -> None:
    heard: list[str] = []

    def once(_: Change) -> None:
        heard.append("first")
        stop()

    stop = held.subscribe(once)
    held.subscribe(lambda _: heard.append("second"))
    held.select_series("ct")
    held.select_series(None)
    assert heard == ["first", "second", "second"]


# -- what is open ----------------------------------------------------------------------------------------------------


def test_opening_a_series_is_told_with_its_slices_and_its_end(held: Document, told: list[Change]) -> None:
    other = _opened(_study(series_uid="mr"), ready=False)
    held.open_series(other)
    assert held.opened("mr") is other
    assert held.open_uids == ("ct", "mr")
    assert not held.is_loaded("mr")
    other.ready[2] = True
    held.slice_loaded("mr", 2)
    held.series_loaded("mr")
    assert held.is_loaded("mr")
    assert told == [doc.SeriesOpened("mr"), doc.SliceLoaded("mr", 2), doc.SeriesLoaded("mr")]


def test_a_series_that_comes_complete_counts_as_loaded(held: Document) -> None:
    assert held.is_loaded("ct")


def test_news_of_a_series_that_is_not_open_is_not_told(held: Document, told: list[Change]) -> None:
    held.slice_loaded("none", 0)
    held.series_loaded("none")
    assert told == []
    assert not held.is_loaded("none")


def test_an_even_series_has_its_grid_at_once_and_shares_its_voxels() -> None:
    opened = _opened(ready=False)
    assert opened.gridded
    assert not opened.complete
    assert np.shares_memory(opened.volume().array, opened.stack.array)
    assert opened.volume() is opened.volume()


def test_an_uneven_series_has_its_grid_once_it_was_computed() -> None:
    opened = _opened(stack=_stack((0, 2, 4, 9)))
    assert not opened.gridded
    assert opened.volume().resampled
    assert opened.gridded


# -- selection -------------------------------------------------------------------------------------------------------


def test_selecting_the_same_series_again_is_no_change(held: Document, told: list[Change]) -> None:
    held.select_series("ct")
    held.select_series("ct")
    assert told == [doc.SelectionChanged()]
    assert held.selected_series == "ct"


def test_selecting_a_finding_takes_the_crosshair_to_it(held: Document, told: list[Change]) -> None:
    held.add_layer(_heat())
    held.set_findings("heat", (_finding(),))
    told.clear()
    held.select_finding("heat", 1)
    assert held.selected_finding == ("heat", 1)
    point = held.crosshair(FRAME)
    assert point is not None
    assert point.tolist() == [3.0, 2.0, 2.0]
    assert told == [doc.FindingSelected("heat", 1), doc.CrosshairMoved(FRAME)]


def test_new_findings_and_removed_layers_end_the_selection(held: Document) -> None:
    held.add_layer(_heat())
    held.set_findings("heat", (_finding(),))
    held.select_finding("heat", 1)
    held.set_findings("heat", ())
    assert held.selected_finding is None
    held.set_findings("heat", (_finding(),))
    held.select_finding("heat", 1)
    held.remove_layer("heat")
    assert held.selected_finding is None


# -- crosshair and windows -------------------------------------------------------------------------------------------


def test_the_crosshair_is_told_only_where_it_moved(held: Document, told: list[Change]) -> None:
    point = np.array([1.0, 2, 3])
    held.move_crosshair(FRAME, point)
    held.move_crosshair(FRAME, np.array([1.0, 2, 3]))
    point[0] = 99
    kept = held.crosshair(FRAME)
    assert kept is not None
    assert kept.tolist() == [1, 2, 3]
    assert held.crosshair("another") is None
    assert told == [doc.CrosshairMoved(FRAME)]


def test_a_series_and_its_synthetic_image_have_windows_of_their_own(held: Document, told: list[Change]) -> None:
    held.add_layer(_image())
    assert held.window("ct") == Window(80, 40)
    assert held.window("t1") == Window(950, 480)
    held.set_window("ct", Window(400, 40))
    assert held.window("t1") == Window(950, 480)
    held.set_window("t1", Window(500, 300))
    assert held.window("ct") == Window(400, 40)
    assert told[1:] == [doc.WindowChanged("ct"), doc.WindowChanged("t1")]


def test_setting_the_same_window_is_no_change(held: Document, told: list[Change]) -> None:
    held.set_window("ct", Window(400, 40))
    held.set_window("ct", Window(400, 40))
    assert told == [doc.WindowChanged("ct")]


def test_the_window_is_measured_when_values_have_arrived() -> None:
    document = Document()
    opened = _opened(_study(modality="MR"), ready=False)
    document.open_series(opened)
    opened.ready[1] = True
    low, high = np.percentile(opened.stack.array[1], (0.5, 99.5))
    assert document.window("ct").levels == pytest.approx((low, high))
    # It stays what it was while further slices arrive.
    opened.ready[:] = True
    assert document.window("ct").levels == pytest.approx((low, high))


def test_asking_for_the_window_of_a_series_without_values_is_no_error() -> None:
    document = Document()
    document.open_series(_opened(_study(modality="MR"), ready=False))
    assert document.window("ct").width > 0


# -- results ---------------------------------------------------------------------------------------------------------


def test_results_are_found_by_their_source_and_by_their_uid(held: Document, told: list[Change]) -> None:
    held.add_layer(_image())
    held.add_layer(_heat())
    assert [layer.uid for layer in held.layers] == ["t1", "heat"]
    assert [layer.uid for layer in held.layers_of("ct")] == ["t1", "heat"]
    assert held.layers_of("none") == ()
    changed = held.layer("t1").changed(opacity=0.2)
    held.change_layer(changed)
    assert held.layer("t1") is changed
    held.layer_slice_ready("t1", 3)
    held.layer_slice_ready("gone", 3)
    held.remove_layer("gone")
    assert told == [
        doc.LayerAdded("t1"),
        doc.LayerAdded("heat"),
        doc.LayerChanged("t1"),
        doc.LayerChanged("t1", 3),
    ]
    with pytest.raises(KeyError):
        held.layer("gone")


def test_edits_are_undone_and_redone_in_order(held: Document) -> None:
    def there() -> list[str]:
        return [one.uid for one in held.layers]

    layer = _image()
    held.execute(AddLayers((layer,)))
    held.execute(RemoveLayers((layer,)))
    assert there() == []
    assert (held.undo_label, held.redo_label) == ("Remove Synthetic T1", None)
    held.undo()
    assert held.layer("t1") is layer
    held.undo()
    assert there() == []
    assert (held.undo_label, held.redo_label) == (None, "Add Synthetic T1")
    held.undo()
    held.redo()
    assert there() == ["t1"]
    held.execute(AddLayers((_heat(),)))
    assert held.redo_label is None
    held.redo()
    assert there() == ["t1", "heat"]


def test_a_verdict_can_be_taken_back(held: Document, told: list[Change]) -> None:
    held.add_layer(_heat())
    held.set_findings("heat", (_finding(),))
    finding = _finding()
    held.execute(SetVerdict("heat", finding, "rejected"))
    assert held.verdict("heat", finding) == "rejected"
    assert held.undo_label == "Reject finding 1"
    held.undo()
    assert held.verdict("heat", finding) == "open"
    assert told.count(doc.FindingsChanged("heat")) == 3


def test_a_verdict_stays_with_its_lesion_when_findings_are_numbered_anew(held: Document) -> None:
    first, second = _finding(1), replace(_finding(2), index=(1, 9, 9))
    held.add_layer(_heat())
    held.set_findings("heat", (first, second))
    held.execute(SetVerdict("heat", second, "rejected"))
    held.select_finding("heat", 2)
    renumbered = replace(second, number=1)
    held.set_findings("heat", (renumbered,))
    assert held.verdict("heat", renumbered) == "rejected"
    assert held.verdict("heat", first) == "open"
    assert held.selected_finding == ("heat", 1)


def test_a_newer_run_takes_the_place_of_an_older_one_and_undo_brings_that_back(held: Document) -> None:
    old, new = _image(), _image().changed(uid="newer")
    held.execute(AddLayers((old,)))
    held.execute(AddLayers((new,), superseded=(old,)))
    assert held.layers == (new,)
    held.change_layer(new.changed(opacity=0.25))
    held.undo()
    assert held.layers == (old,)
    held.redo()
    assert [(layer.uid, layer.opacity) for layer in held.layers] == [("newer", 0.25)]


def test_a_result_that_is_called_as_another_models_on_its_series_gets_its_models_name_too(held: Document) -> None:
    def of(model: str, uid: str, called: str) -> ImageLayer:
        layer = _image()
        made: ImageLayer = layer.changed(
            uid=uid, provenance=replace(layer.provenance, model_id=model, model_name=called)
        )
        return made

    first = of("one", "first", "One")
    held.execute(AddLayers((first,)))
    assert held.layer("first") is first
    held.execute(AddLayers((of("two", "second", "Two"),)))
    assert held.layer("second").name == "Synthetic T1 (Two)"
    assert held.undo_label == "Add Synthetic T1 (Two)"
    held.execute(AddLayers((of("three", "third", "Synthetic T1 of the third"),)))
    assert held.layer("third").name == "Synthetic T1 of the third"
    # A second run of a model takes the first one's place, and name.
    held.execute(AddLayers((of("two", "again", "Two"),), superseded=(held.layer("second"),)))
    held.undo()
    held.redo()
    assert [layer.name for layer in held.layers] == ["Synthetic T1", "Synthetic T1 of the third", "Synthetic T1 (Two)"]


def test_a_closed_study_takes_its_series_results_and_undo_along(held: Document, told: list[Change]) -> None:
    layer = _image()
    held.execute(AddLayers((layer,)))
    held.select_series(layer.source_series_uid)
    study = next(s for s in held.catalog.studies if layer.source_series_uid in {x.uid for x in s.series})
    held.close_study(study)
    assert held.layers == ()
    assert held.opened(layer.source_series_uid) is None
    assert held.selected_series is None
    assert held.undo_label is None
    assert study not in held.catalog.studies
    assert doc.SeriesClosed(layer.source_series_uid) in told


def test_a_closed_study_takes_along_what_no_study_that_stays_lists(held: Document) -> None:
    times = _study("times", Patient("C", "3"), "mr", modality="MR", times=((), (), ()))
    staying = _study("other", Patient("D", "4"), "other")
    held.add_catalog(Catalog((times, staying)))
    for study, uid in ((times, "mr#t3"), (staying, "other")):
        held.open_series(replace(_opened(study), series=replace(study.series[0], uid=uid)))
        held.set_window(uid, Window(7, 3))
        held.add_layer(_heat(uid=f"heat {uid}", source_series_uid=uid))
        held.set_window(f"heat {uid}", Window(9, 4))
        held.set_findings(f"heat {uid}", (_finding(),))
        held.set_judgement(f"heat {uid}", _finding(), Judgement(_finding(), "accepted", datetime.now(UTC), 0.5))
    held.set_key_images((KeyImage("mr#t3", 1), KeyImage("other", 1)))
    held.select_series("mr#t3")
    # Read again, with one time point now, while somebody still holds the study as it was listed before.
    held.catalog = Catalog((_study("times", Patient("C", "3"), "mr", modality="MR"), *held.catalog.studies[2:]))
    held.close_study(times)
    assert (held.open_uids, [layer.uid for layer in held.layers]) == (("other",), ["heat other"])
    assert [study.uid for study in held.catalog.studies] == ["other"]
    assert [key.series_uid for key in held.key_images] == ["other"]
    assert held.selected_series is None
    assert not held.is_loaded("mr#t3")
    assert (held.findings("heat mr#t3"), held.judgements("heat mr#t3")) == ((), ())
    assert (len(held.findings("heat other")), len(held.judgements("heat other"))) == (1, 1)
    assert held.window("other") == Window(7, 3)
    with pytest.raises(KeyError):
        held.window("mr#t3")
    with pytest.raises(KeyError):
        held.window("heat mr#t3")


def test_verdicts_on_a_result_that_was_removed_are_gone_when_its_study_is_closed(held: Document) -> None:
    layer = _heat()
    held.execute(AddLayers((layer,)))
    held.set_findings("heat", (_finding(),))
    held.execute(SetVerdict("heat", _finding(), "rejected"))
    held.execute(RemoveLayers((layer,)))
    assert len(held.judgements("heat")) == 1
    held.close_study(held.catalog.studies[0])
    assert (held.judgements("heat"), held.findings("heat")) == ((), ())


# -- what can be exported --------------------------------------------------------------------------------------------


def test_what_is_exported_is_of_a_series_that_is_listed(held: Document) -> None:
    elsewhere = _study("other", Patient("D", "4"), "other")
    held.add_catalog(Catalog((elsewhere,)))
    assert held.series_to_export is None
    kept = figure("arrow", _stack().plane(0), [(0, 0), (1, 1)], _opened(elsewhere), series_uid="not there today")
    held.annotations.change(study_key(elsewhere), (), (kept,))
    assert held.series_to_export is None
    held.set_key_images((KeyImage("other", 0),))
    assert held.series_to_export == "other"
    held.select_series("ct")
    assert held.series_to_export == "ct"
    held.add_layer(_heat(source_series_uid="other"))
    assert held.series_to_export == "other"
    held.add_layer(_image())
    held.select_series("other")
    assert held.series_to_export == "other"


def test_only_so_many_edits_are_kept(held: Document) -> None:
    finding = _finding()
    held.add_layer(_heat())
    for _ in range(100):
        held.execute(SetVerdict("heat", finding, "accepted"))
    undone = 0
    while held.undo_label is not None:
        held.undo()
        undone += 1
    assert undone == 30


# -- patients and thresholds -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Patient("A", "1"), Patient("A", "1"), True),
        (Patient("A", "1"), Patient("B", "1"), False),
        (Patient("A", "1"), Patient("A", "2"), False),
        (Patient("", "1"), Patient("", "1"), False),
        (Patient(), Patient(), False),
    ],
)
def test_only_name_and_identifier_together_make_a_patient(first: Patient, second: Patient, same: bool) -> None:
    assert same_patient(_study("one", first), _study("two", second)) is same


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Patient(), Patient(), True),
        (Patient("", "1"), Patient("", "1", "19700101"), True),
        (Patient("A", "1"), Patient("A", "2"), False),
        (Patient("A", "1"), Patient("B", "1"), False),
        (Patient("A", "1"), Patient("", ""), False),
    ],
)
def test_one_study_is_of_one_patient_only_where_name_and_identifier_are_alike(
    first: Patient, second: Patient, same: bool
) -> None:
    assert same_patient(_study("one", first), _study("one", second)) is same


def test_a_threshold_is_interpolated_between_calibrated_rates() -> None:
    layer = _heat(thresholds=((0.10, 0.6), (0.02, 0.8)))
    assert threshold_at(layer, 0.02) == pytest.approx(0.8)
    assert threshold_at(layer, 0.06) == pytest.approx(0.7)
    assert threshold_at(layer, 0.5) == pytest.approx(0.6)
    assert threshold_at(_heat(), 0.05) == 0.5
