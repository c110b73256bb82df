"""What several heat maps list is told apart, and said to be listed from which thresholds; verdicts with their words."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QInputDialog, QLabel
from pytestqt.qtbot import QtBot

from medgan_viewer.core import findings
from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import HeatLayer
from medgan_viewer.ui import translation
from medgan_viewer.ui.panels.finding_words import owners
from medgan_viewer.ui.panels.findings import FindingsPanel
from medgan_viewer.ui.panels.layers import LayersPanel
from medgan_viewer.ui.panels.widgets import ElidedLabel
from tests.ui import scans

NAMES = {"a": "Anomaly (T1)", "b": "Anomaly (FLAIR)"}


def _add(held: Document, uid: str, *, model: str = "", threshold: float = 0.5) -> HeatLayer:
    layer = scans.heat_layer(held, uid)
    made = replace(layer.provenance, model_id=model or uid, model_name=NAMES[model or uid])
    held.execute(AddLayers((layer.changed(provenance=made, threshold=threshold),)))
    added = held.layer(uid)
    assert isinstance(added, HeatLayer)
    held.set_findings(uid, findings.find(added))
    return added


@pytest.fixture
def held() -> Document:
    return scans.document()


@pytest.fixture
def panel(held: Document, qtbot: QtBot) -> FindingsPanel:
    made = FindingsPanel(held)
    qtbot.addWidget(made)
    return made


def _lines(panel: FindingsPanel, uid: str, number: int = 1) -> list[str]:
    card = panel.card(uid, number)
    assert card is not None
    return [one.accessibleName() or one.text() for one in card.findChildren(QLabel)]


def test_cards_name_their_model_only_where_several_have_findings(held: Document, panel: FindingsPanel) -> None:
    _add(held, "a")
    assert NAMES["a"] not in _lines(panel, "a")
    _add(held, "b")
    assert NAMES["a"] in _lines(panel, "a", 2)
    assert NAMES["b"] in _lines(panel, "b")
    card = panel.card("b", 1)
    assert card is not None
    assert card.accessibleName() == f"Finding 1, slice {card.finding.index[0] + 1}, {NAMES['b']}"
    # Nothing is left of the other model.
    held.set_findings("a", ())
    assert NAMES["b"] not in _lines(panel, "b")


def test_heat_maps_of_one_model_are_told_apart_by_their_series_or_time() -> None:
    held = scans.document(scans.series(), replace(scans.series("1.2", "MR"), description="FLAIR axial"))
    one, other = scans.heat_layer(held), scans.heat_layer(held, "other", "1.2")
    assert owners(held, (one,)) == {"heat": ""}
    assert owners(held, (one, other)) == {"heat": "Test model · CT head", "other": "Test model · FLAIR axial"}
    later = replace(one.provenance, created=one.provenance.created.replace(hour=9, minute=30))
    again = one.changed(uid="again", provenance=later)
    assert owners(held, (one, again)) == {
        "heat": "Test model · CT head · 12 Nov 2026 00:00",
        "again": "Test model · CT head · 12 Nov 2026 09:30",
    }


def test_the_count_says_from_which_thresholds_is_listed_and_what_they_were(
    held: Document, panel: FindingsPanel
) -> None:
    layer = _add(held, "a", threshold=0.85)
    said = panel.count.sentence
    assert said.text() == "1 finding above the threshold. Listed from 0.85."
    for threshold, words in ((0.5, "0.50 (lowered from 0.85)"), (0.997, "0.997 (raised from 0.85)"), (0.85, "0.85")):
        changed = layer.changed(threshold=threshold)
        held.change_layer(changed)
        held.set_findings("a", findings.find(changed))
        assert said.text().endswith(f"Listed from {words}.")
    _add(held, "b", threshold=0.6)
    assert said.text() == "3 findings, each above the threshold of its model. Listed from 0.85, 0.60."
    assert said.toolTip().splitlines() == ["Anomaly (T1): 0.85", "Anomaly (FLAIR): 0.60"]


def test_the_threshold_that_is_said_follows_where_the_list_stays_the_same(held: Document, panel: FindingsPanel) -> None:
    layer = _add(held, "a", threshold=0.85)
    held.change_layer(layer.changed(threshold=0.84))
    held.set_findings("a", held.findings("a"))
    assert panel.count.sentence.text() == "1 finding above the threshold. Listed from 0.84 (lowered from 0.85)."


def test_a_card_is_judged_on_what_the_images_show(held: Document, panel: FindingsPanel) -> None:
    _add(held, "a")
    for number, press in ((2, "reject"), (1, "accept")):
        card = panel.card("a", number)
        assert card is not None
        getattr(card, press).click()
        assert held.selected_finding == ("a", number)
        assert np.allclose(held.crosshair(scans.FRAME), card.finding.point)  # type: ignore[arg-type]


def test_the_question_for_a_reason_names_the_model_and_says_where_the_reason_goes(
    held: Document, panel: FindingsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(held, "a")
    _add(held, "b")
    asked: list[str] = []

    def answer(_parent: object, _title: str, question: str, **_: object) -> tuple[str, bool]:
        asked.append(question)
        return "", False

    monkeypatch.setattr(QInputDialog, "getText", answer)
    card = panel.card("b", 1)
    assert card is not None
    card.reject.click()
    assert card.reason.text() == "Why…"
    card.reason.click()
    card.accept.click()
    assert card.reason.text() == "Note…"
    card.reason.click()
    goes = "It is exported with the verdict, except where identity is taken out; name nobody."
    assert asked == [
        f"Anomaly (FLAIR)\nWhy was finding 1 rejected? {goes}",
        f"Anomaly (FLAIR)\nNote on finding 1. {goes}",
    ]


def test_the_first_words_of_a_reason_stand_on_the_card_and_all_of_it_in_the_tip(
    held: Document, panel: FindingsPanel, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add(held, "a")
    card = panel.card("a", 1)
    assert card is not None
    card.reject.click()
    short, long = "A & B", "pulsation of the vertebral artery, seen on every slice of the series"
    answers = iter([(short, True), (long, True)])
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: next(answers))
    card.reason.click()
    assert card.reason.text() == "“A && B”"
    card.reason.click()
    shown = card.reason.text()
    assert shown.startswith("“pulsation")
    assert shown.endswith("…")
    assert card.reason.toolTip() == long
    assert card.reason.fontMetrics().horizontalAdvance(shown) <= card.reason.minimumWidth()


def test_the_line_of_the_model_ends_in_dots_where_the_card_has_no_room(
    held: Document, panel: FindingsPanel, qtbot: QtBot
) -> None:
    _add(held, "a")
    _add(held, "b")
    panel.resize(1200, 140)
    panel.show()
    card = panel.card("b", 1)
    assert card is not None
    (line,) = card.findChildren(ElidedLabel)
    width = card.width()
    line.set_full_text("Anomaly heat map of a model with a very long name (FLAIR, from glioma patients)")
    qtbot.waitUntil(lambda: line.text().endswith("…"))
    assert card.width() == width


def test_scores_and_volumes_are_written_as_the_language_writes_numbers(held: Document, panel: FindingsPanel) -> None:
    translation.install("de")
    try:
        _add(held, "a", threshold=0.85)
        title, alarm = _lines(panel, "a")[-2:]
        assert title.endswith("· 0,6 ml")
        assert alarm.startswith("Wert 0,90,")
        assert panel.count.sentence.text() == "1 Befund über der Schwelle. Aufgeführt ab 0,85."
        layer = held.layer("a").changed(threshold=0.8)
        held.change_layer(layer)
        held.set_findings("a", findings.find(layer))
        assert panel.count.sentence.text().endswith("ab 0,80 (gesenkt von 0,85).")
        panel.step(1)
        panel.give_verdict("rejected")
        assert held.undo_label == "Befund 1 verwerfen"
    finally:
        translation.install("en")


def test_a_threshold_near_1_is_not_written_as_1_among_the_layers(held: Document, qtbot: QtBot) -> None:
    panel = LayersPanel(held)
    qtbot.addWidget(panel)
    held.select_series("1.1")
    _add(held, "a", threshold=0.997)
    row = panel.row("a")
    assert row is not None
    assert "score 0.997" in row.threshold_line.text()
