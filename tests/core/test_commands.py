"""Edits that can be taken back: how results are drawn, and what was said of findings."""

from datetime import UTC, datetime

import numpy as np
import pytest

from medgan_viewer.core import findings
from medgan_viewer.core.catalog import Catalog, Patient, Study
from medgan_viewer.core.commands import SetDisplay, Setting, SetVerdict
from medgan_viewer.core.document import Change, Document, LayerChanged
from medgan_viewer.core.layers import HeatLayer, LabelLayer
from tests.core import results

AT = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


@pytest.fixture
def held() -> Document:
    document = Document()
    document.add_layer(results.label_layer(results.stack()).changed(uid="labels"))
    document.add_layer(results.heat_layer(results.stack()).changed(uid="heat"))
    return document


def _move(held: Document, value: float, uid: str = "labels", name: str = "opacity") -> None:
    before = getattr(held.layer(uid), name)
    held.execute(SetDisplay("Opacity", (Setting(uid, name, before, value),), sliding=True))


def _opacity(held: Document, uid: str = "labels") -> float:
    return held.layer(uid).opacity


def test_moves_of_one_slider_are_a_single_step(held: Document) -> None:
    for value in (0.4, 0.3, 0.2):
        _move(held, value)
    held.undo()
    assert _opacity(held) == 0.5
    assert held.undo_label is None
    held.redo()
    assert _opacity(held) == 0.2


def test_a_slider_that_was_let_go_begins_another_step(held: Document) -> None:
    _move(held, 0.3)
    held.end_gesture()
    _move(held, 0.8)
    held.undo()
    assert _opacity(held) == 0.3
    held.undo()
    assert _opacity(held) == 0.5


@pytest.mark.parametrize(("uid", "name"), [("heat", "opacity"), ("heat", "threshold")])
def test_sliders_of_two_kinds_or_two_results_are_two_steps(held: Document, uid: str, name: str) -> None:
    before = getattr(held.layer(uid), name)
    _move(held, 0.3)
    _move(held, 0.9, uid, name)
    held.undo()
    assert getattr(held.layer(uid), name) == before
    assert _opacity(held) == 0.3


def test_after_undo_or_redo_a_slider_begins_another_step(held: Document) -> None:
    _move(held, 0.3)
    held.end_gesture()
    _move(held, 0.2)
    held.undo()
    _move(held, 0.9)
    assert held.redo_label is None
    held.undo()
    assert _opacity(held) == 0.3
    held.redo()
    _move(held, 0.1)
    held.undo()
    assert _opacity(held) == 0.9


def test_switches_are_a_step_each(held: Document) -> None:
    for on in (True, False, True):
        held.execute(SetDisplay("Outline", (Setting("labels", "outline", not on, on),)))
    layer = held.layer("labels")
    assert isinstance(layer, LabelLayer)
    assert layer.outline
    held.undo()
    held.undo()
    layer = held.layer("labels")
    assert isinstance(layer, LabelLayer)
    assert layer.outline


def test_taking_a_setting_back_keeps_what_else_became_of_the_layer(held: Document) -> None:
    _move(held, 0.3)
    moved = results.MADE
    held.change_layer(held.layer("labels").changed(visible=False, provenance=moved))
    told: list[Change] = []
    held.subscribe(told.append)
    held.undo()
    assert _opacity(held) == 0.5
    assert not held.layer("labels").visible
    assert LayerChanged("labels") in told


def test_a_judgement_knows_when_and_at_which_threshold_it_was_given(held: Document) -> None:
    layer = held.layer("heat")
    assert isinstance(layer, HeatLayer)
    first, *_ = findings.find(layer)
    held.set_findings("heat", findings.find(layer))
    held.execute(SetVerdict("heat", first, "rejected", AT))
    held.change_layer(layer.changed(threshold=0.95))
    held.set_findings("heat", ())
    (said,) = held.judgements("heat")
    assert (said.finding, said.verdict, said.at, said.threshold) == (first, "rejected", AT, 0.5)
    held.undo()
    assert held.judgements("heat") == ()
    held.redo()
    assert held.judgements("heat") == (said,)


def test_opening_a_finding_again_can_be_taken_back_with_the_time_of_the_first_verdict(held: Document) -> None:
    layer = held.layer("heat")
    assert isinstance(layer, HeatLayer)
    first, *_ = findings.find(layer)
    held.execute(SetVerdict("heat", first, "accepted", AT))
    held.execute(SetVerdict("heat", first, "open"))
    assert held.judgement("heat", first) is None
    held.undo()
    said = held.judgement("heat", first)
    assert said is not None
    assert (said.verdict, said.at) == ("accepted", AT)


def test_a_verdict_is_given_now_unless_said_otherwise(held: Document) -> None:
    layer = held.layer("heat")
    assert isinstance(layer, HeatLayer)
    first, *_ = findings.find(layer)
    before = datetime.now(UTC)
    held.execute(SetVerdict("heat", first, "accepted"))
    said = held.judgement("heat", first)
    assert said is not None
    assert before <= said.at <= datetime.now(UTC)


def _study(uid: str, name: str, identifier: str) -> Study:
    return Study(uid, Patient(name, identifier), "", "", "", "", ())


def test_patients_keep_their_number_whatever_is_opened_and_closed() -> None:
    held = Document()
    ada, grace, again = _study("1", "A", "1"), _study("2", "G", "2"), _study("3", "A", "1")
    nobody, other_nobody = _study("4", "", ""), _study("5", "", "")
    held.add_catalog(Catalog((ada, grace)))
    assert [held.patient_number(study) for study in (ada, grace)] == [1, 2]
    held.close_study(ada)
    held.add_catalog(Catalog((nobody, other_nobody, again)))
    assert [held.patient_number(study) for study in (grace, again, nobody, other_nobody)] == [2, 1, 3, 4]


def test_the_counts_of_a_segmentation_are_shared_by_its_settings(held: Document) -> None:
    layer = held.layer("labels")
    assert isinstance(layer, LabelLayer)
    amounts = layer.millilitres()
    _move(held, 0.1)
    changed = held.layer("labels")
    assert isinstance(changed, LabelLayer)
    assert changed.counts is layer.counts
    assert changed.millilitres() == amounts
    assert np.shares_memory(changed.volume.array, layer.volume.array)
