"""Events of a job become states and layers, whatever way the job ends."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import HeatLayer, Layer
from medgan_viewer.errors import UnsuitableError
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Notice, Progress, SliceReady, Started
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.ui.runs import Runs
from tests.models.tiny import content, with_inputs, write_package
from tests.ui import scans


@dataclass
class _Run:
    job_id: str
    layers: tuple[Layer, ...]
    series_uid: str = "1.1"
    package: Any = None

    @property
    def provenance(self) -> Any:
        return self.layers[0].provenance


@dataclass
class _ScriptedService:
    """Takes the place of the worker: a test says which events come."""

    listener: Callable[[Event], None]
    layers: tuple[Layer, ...]
    refusal: Exception | None = None
    cancelled: list[str] = field(default_factory=list)
    looked_at: list[tuple[str, int]] = field(default_factory=list)
    further: list[str] = field(default_factory=list)

    def start(self, *_args: object, **options: Any) -> _Run:
        if self.refusal is not None:
            raise self.refusal
        self.further = [series.uid for series, _ in options["further"]]
        return _Run("job", self.layers, package=PACKAGE)

    def cancel(self, job_id: str) -> None:
        self.cancelled.append(job_id)

    def look_at(self, job_id: str, index: int) -> None:
        self.looked_at.append((job_id, index))

    def close(self) -> None:
        """Nothing runs."""


@dataclass
class _Package:
    id: str = "test-model"
    folder: Path = Path()
    manifest: Any = field(default_factory=lambda: SimpleNamespace(requires=SimpleNamespace(inputs=()), has_doubt=False))


PACKAGE = cast(Package, _Package())


def _runs(held: Document, layers: tuple[Layer, ...], refusal: Exception | None = None) -> tuple[Runs, _ScriptedService]:
    service = _ScriptedService(lambda event: None, layers, refusal)

    def make(listener: Callable[[Event], None], _device: str) -> Any:
        service.listener = listener
        return service

    return Runs(held, make_service=make), service


def _send(qtbot: QtBot, runs: Runs, service: _ScriptedService, *events: Event) -> None:
    """Send events and wait until the last one has been handled."""
    handled: list[object] = []
    runs.changed.connect(handled.append)
    runs.notice.connect(handled.append)
    for event in events:
        service.listener(event)
    last = events[-1]
    qtbot.waitUntil(lambda: bool(handled) or isinstance(last, SliceReady), timeout=2000)
    qtbot.wait(0)


def _empty(layer: Layer) -> Layer:
    made: Layer = layer.changed(ready=np.zeros(len(layer.ready), bool))
    return made


def test_layers_come_with_the_first_slice_and_the_others_one_by_one(qtbot: QtBot) -> None:
    held = scans.document()
    layer = _empty(scans.image_layer(held))
    runs, service = _runs(held, (layer,))
    assert runs.start(PACKAGE, "1.1", 3) == "job"
    assert not held.layers
    changes: list[object] = []
    held.subscribe(changes.append)
    _send(qtbot, runs, service, Started("job", "cpu", "bf16", 6), SliceReady("job", 3), Progress("job", 1, 6, 2.5))
    qtbot.waitUntil(lambda: runs.states[0].done == 1)
    (shown,) = held.layers
    assert shown.uid == layer.uid
    assert shown.ready is layer.ready
    assert not shown.visible, "it lies over the original only when the reader asks"
    assert any(getattr(change, "index", None) == 3 for change in changes)
    state = runs.states[0]
    assert (state.status, state.total, state.seconds_left, state.device) == ("running", 6, 2.5, "CPU bf16")
    assert held.undo_label == "Add Synthetic T1"


def test_a_failed_run_keeps_its_finished_slices_and_says_one_sentence(qtbot: QtBot) -> None:
    held = scans.document()
    layer = scans.image_layer(held, ready=False)
    layer.ready[2] = True
    runs, service = _runs(held, (layer,))
    runs.start(PACKAGE, "1.1")
    _send(qtbot, runs, service, Started("job", "cpu", "fp32", 6), SliceReady("job", 2))
    with qtbot.waitSignal(runs.failed) as failed:
        service.listener(Failed("job", "The model's process ended; run it again.", (2,)))
    assert failed.args == ["The model's process ended; run it again."]
    (shown,) = held.layers
    assert shown.uid == layer.uid
    assert shown.ready is layer.ready
    assert not shown.visible, "it lies over the original only when the reader asks"
    assert runs.states[0].status == "failed"
    assert not runs.active


def test_a_run_that_computed_nothing_leaves_no_empty_layer(qtbot: QtBot) -> None:
    held = scans.document()
    runs, service = _runs(held, (scans.image_layer(held, ready=False),))
    runs.start(PACKAGE, "1.1")
    _send(qtbot, runs, service, Started("job", "cpu", "fp32", 6), Cancelled("job"))
    qtbot.waitUntil(lambda: runs.states[0].status == "cancelled")
    assert not held.layers


def test_a_heat_map_that_is_done_asks_for_its_findings(qtbot: QtBot) -> None:
    held = scans.document()
    layer = scans.heat_layer(held)
    runs, service = _runs(held, (layer,))
    runs.start(PACKAGE, "1.1")
    with qtbot.waitSignal(runs.heat_ready) as asked:
        service.listener(Started("job", "cpu", "fp32", 6))
        service.listener(SliceReady("job", 0))
        service.listener(Finished("job", "cpu", 1.5, 0.2))
    assert asked.args == ["heat"]
    assert runs.states[0].seconds == 1.5
    assert isinstance(held.layer("heat"), HeatLayer)


def test_a_notice_is_told_and_ends_nothing(qtbot: QtBot) -> None:
    held = scans.document()
    runs, service = _runs(held, (scans.image_layer(held),))
    runs.start(PACKAGE, "1.1")
    with qtbot.waitSignal(runs.notice) as told:
        service.listener(Started("job", "cuda", "bf16", 6))
        service.listener(Notice("job", "The graphics card is full; the CPU goes on."))
    assert told.args == ["The graphics card is full; the CPU goes on."]
    assert runs.active
    _send(qtbot, runs, service, Finished("job", "cpu", 1.5, 0.2))
    assert runs.states[0].told == ("The graphics card is full; the CPU goes on.",)


def test_cancel_and_the_visible_slice_reach_only_a_run_under_way(qtbot: QtBot) -> None:
    held = scans.document()
    runs, service = _runs(held, (scans.image_layer(held),))
    runs.start(PACKAGE, "1.1")
    runs.look_at("1.1", 4)
    runs.look_at("another series", 2)
    runs.cancel("job")
    assert service.looked_at == [("job", 4)]
    assert service.cancelled == ["job"]
    _send(qtbot, runs, service, Cancelled("job"))
    runs.cancel("job")
    runs.look_at("1.1", 5)
    assert service.cancelled == ["job"]
    assert service.looked_at == [("job", 4)]


def test_a_model_that_does_not_fit_is_one_sentence_and_no_run(qtbot: QtBot) -> None:
    held = scans.document()
    runs, _ = _runs(held, (), UnsuitableError("It needs MR; this series is CT."))
    with qtbot.waitSignal(runs.failed) as failed:
        assert runs.start(PACKAGE, "1.1") is None
    assert failed.args == ["It needs MR; this series is CT."]
    assert runs.states == ()


def test_the_provenance_of_a_run_that_fell_back_names_where_it_really_ran(qtbot: QtBot) -> None:
    held = scans.document()
    layer = scans.image_layer(held)
    run_layers = (layer,)
    runs, service = _runs(held, run_layers)
    runs.start(PACKAGE, "1.1")
    _send(qtbot, runs, service, Started("job", "cuda", "bf16", 6), SliceReady("job", 0))
    fallen_back = replace(layer.provenance, device="cuda, then cpu")
    runs._runs["job"].layers = (layer.changed(provenance=fallen_back),)
    service.listener(Finished("job", "cpu", 3.0, 1.0))
    qtbot.waitUntil(lambda: not runs.active)
    assert held.layer("image").provenance.device == "cuda, then cpu"


@pytest.mark.parametrize("end", [Failed("job", "Out of memory.", ()), Cancelled("job"), Finished("job", "cpu", 1, 1)])
def test_there_is_exactly_one_end(qtbot: QtBot, end: Event) -> None:
    held = scans.document()
    runs, service = _runs(held, (scans.image_layer(held),))
    runs.start(PACKAGE, "1.1")
    _send(qtbot, runs, service, Started("job", "cpu", "fp32", 6))
    assert runs.active
    service.listener(end)
    qtbot.waitUntil(lambda: not runs.active)


def test_running_a_model_again_replaces_its_earlier_result(qtbot: QtBot) -> None:
    held = scans.document()
    earlier = scans.image_layer(held, "earlier")
    held.add_layer(earlier)
    held.add_layer(scans.heat_layer(held).changed(provenance=replace(scans.provenance(), model_id="another")))
    runs, service = _runs(held, (scans.image_layer(held, "newer"),))
    runs.start(PACKAGE, "1.1")
    _send(qtbot, runs, service, Started("job", "cpu", "fp32", 6), SliceReady("job", 0))
    qtbot.waitUntil(lambda: any(layer.uid == "newer" for layer in held.layers))
    assert [layer.uid for layer in held.layers] == ["heat", "newer"]
    held.undo()
    assert {layer.uid for layer in held.layers} == {"heat", "earlier"}


@pytest.mark.parametrize("visible", [True, False])
def test_a_heat_map_that_is_run_again_is_drawn_as_before_also_where_it_has_its_models_name(
    qtbot: QtBot, visible: bool
) -> None:
    held = scans.document()
    other = replace(scans.provenance(), model_id="another")
    held.add_layer(scans.heat_layer(held, "other").changed(provenance=other, visible=not visible))
    held.execute(AddLayers((scans.heat_layer(held, "earlier").changed(visible=visible),)))
    assert held.layer("earlier").name == "Anomaly (Test model)"
    runs, service = _runs(held, (scans.heat_layer(held, "newer"),))
    runs.start(PACKAGE, "1.1")
    _send(qtbot, runs, service, Started("job", "cpu", "fp32", 6), SliceReady("job", 0))
    qtbot.waitUntil(lambda: any(layer.uid == "newer" for layer in held.layers))
    assert [layer.uid for layer in held.layers] == ["other", "newer"]
    assert (held.layer("newer").name, held.layer("newer").visible) == ("Anomaly (Test model)", visible)


def test_a_copy_that_the_reader_keeps_is_not_replaced(qtbot: QtBot) -> None:
    held = scans.document()
    held.add_layer(scans.image_layer(held, "earlier"))
    held.add_layer(scans.image_layer(held, "copy").changed(kept=True))
    runs, service = _runs(held, (scans.image_layer(held, "newer"),))
    runs.start(PACKAGE, "1.1")
    _send(qtbot, runs, service, Started("job", "cpu", "fp32", 6), SliceReady("job", 0))
    qtbot.waitUntil(lambda: any(layer.uid == "newer" for layer in held.layers))
    assert [layer.uid for layer in held.layers] == ["copy", "newer"]


def test_a_run_that_is_over_holds_no_voxels(qtbot: QtBot) -> None:
    held = scans.document()
    runs, service = _runs(held, (scans.image_layer(held),))
    runs.start(PACKAGE, "1.1")
    _send(qtbot, runs, service, Started("job", "cpu", "fp32", 6), SliceReady("job", 0))
    service.listener(Finished("job", "cpu", 1.0, 1.0))
    qtbot.waitUntil(lambda: not runs.active)
    assert runs._runs == {}


def _two_inputs(folder: Path, *, optional: bool = False) -> Package:
    """Return a model that takes a T1 and a T2, or does without the T2."""
    values = with_inputs(content(), ("MR", ["T1"]), ("MR", ["T2"]), optional=optional)
    return read_package(write_package(folder, values, np.ones((1, 2), np.float32)))


def test_a_model_of_two_inputs_is_given_the_other_series_of_the_study(qtbot: QtBot, tmp_path: Path) -> None:
    held = scans.document(scans.series("1.1", "MR", "T1"), scans.series("1.2", "MR", "T2"), scans.series("1.3"))
    runs, service = _runs(held, (scans.image_layer(held),))
    assert runs.start(_two_inputs(tmp_path), "1.1") == "job"
    assert service.further == ["1.2"]
    runs.start(PACKAGE, "1.1")
    assert service.further == []


def test_an_optional_series_is_given_once_it_is_read_and_done_without_before(qtbot: QtBot, tmp_path: Path) -> None:
    study = scans.document(scans.series("1.1", "MR", "T1"), scans.series("1.2", "MR", "T2"))
    held = Document()
    held.add_catalog(study.catalog)
    runs, service = _runs(held, (scans.image_layer(study),))
    model = _two_inputs(tmp_path, optional=True)
    first, second = (study.opened(uid) for uid in ("1.1", "1.2"))
    assert first is not None
    assert second is not None
    half = replace(second, ready=np.zeros_like(second.ready))  # opened and still being read
    for opened, further in ((first, []), (half, []), (second, ["1.2"])):
        held.open_series(opened)
        assert runs.start(model, "1.1") == "job"
        assert service.further == further


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ([], "Tiny cannot be used here. Needs T2 in the same frame of reference as well; there is none."),
        (
            ["1.2", "1.3"],
            "Tiny takes one T2 as well and this study has several: MR head (series 1), MR head (series 1).",
        ),
        (["1.2"], "Open and read MR head (series 1) first: Tiny takes it as well."),
    ],
    ids=["missing", "ambiguous", "not read yet"],
)
def test_what_keeps_a_model_of_two_inputs_from_running_is_one_sentence(
    qtbot: QtBot, tmp_path: Path, others: list[str], sentence: str
) -> None:
    first = scans.series("1.1", "MR", "T1")
    study = scans.document(first, *(scans.series(uid, "MR", "T2") for uid in others))
    held = Document()
    held.add_catalog(study.catalog)
    opened = study.opened("1.1")
    assert opened is not None
    held.open_series(opened)
    runs, _ = _runs(held, ())
    with qtbot.waitSignal(runs.failed) as failed:
        assert runs.start(_two_inputs(tmp_path), "1.1") is None
    assert failed.args == [sentence]
    assert runs.states == ()
