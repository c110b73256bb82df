"""Two patients are open: what was found and made of one is never listed as the other's."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from medgan_viewer.core import findings
from medgan_viewer.core.catalog import Catalog, Patient, Study
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.ui.panels.findings import FindingsPanel
from medgan_viewer.ui.panels.studies import StudiesPanel
from tests.ui import scans


@pytest.fixture
def held() -> Document:
    """Return a document of two patients, each with a heat map ("heat", "other heat") of the same two findings."""
    document = scans.document()
    series = replace(scans.series("2.1"), study_uid="2")
    study = Study("2", Patient("Roe^Rita", "ID-2", "19800101", "F", "045Y"), "20261112", "Head", "", "", (series,))
    document.add_catalog(Catalog((study,)))
    document.open_series(OpenSeries(study, series, scans.stack(), np.ones(scans.SHAPE[0], bool)))
    for uid, source in (("heat", "1.1"), ("other heat", "2.1")):
        layer = scans.heat_layer(document).changed(uid=uid, source_series_uid=source)
        document.add_layer(layer)
        document.set_findings(uid, findings.find(layer))
    return document


@pytest.fixture
def panel(held: Document, qtbot: QtBot) -> FindingsPanel:
    made = FindingsPanel(held)
    qtbot.addWidget(made)
    return made


def _listed(panel: FindingsPanel) -> list[tuple[str, int]]:
    return [(card.layer_uid, card.number) for card in panel._cards]


def test_findings_and_key_images_are_those_of_the_patient_whom_the_panels_speak_of(
    held: Document, panel: FindingsPanel
) -> None:
    held.set_key_images((KeyImage("1.1", 2), KeyImage("2.1", 3)))
    held.select_series("1.1")
    assert _listed(panel) == [("heat", 1), ("heat", 2)]
    assert [card.key.series_uid for card in panel.key_cards] == ["1.1"]
    assert panel.filter.texts[0] == "All 2"
    assert panel.count.sentence.text().startswith("2 findings above the threshold.")
    held.select_series("2.1")
    assert _listed(panel) == [("other heat", 1), ("other heat", 2)]
    assert [card.key.series_uid for card in panel.key_cards] == ["2.1"]


def test_the_keys_go_through_and_judge_the_findings_of_that_patient_alone(held: Document, panel: FindingsPanel) -> None:
    held.select_series("1.1")
    for _ in range(3):
        panel.step(1)
    assert held.selected_finding == ("heat", 1)
    held.select_series("2.1")
    said: list[str] = []
    panel.notice.connect(said.append)
    # The finding that was looked at is the other patient's.
    panel.give_verdict("accepted")
    assert said == ["Choose a finding first; N goes to the next one."]
    assert not any(held.judgement(uid, one) for uid in ("heat", "other heat") for one in held.findings(uid))
    panel.step(1)
    panel.give_verdict("accepted")
    assert held.verdict("other heat", held.findings("other heat")[0]) == "accepted"
    assert held.judgement("heat", held.findings("heat")[0]) is None


def test_less_certain_findings_are_asked_of_that_patient_s_heat_maps_alone(
    held: Document, panel: FindingsPanel
) -> None:
    held.select_series("2.1")
    before = {uid: held.layer(uid).threshold for uid in ("heat", "other heat")}  # type: ignore[union-attr]
    panel.count.more.click()
    assert held.layer("heat").threshold == before["heat"]  # type: ignore[union-attr]
    assert held.layer("other heat").threshold < before["other heat"]  # type: ignore[union-attr]
    # What it was before is remembered of both.
    held.select_series("1.1")
    held.select_series("2.1")
    assert "lowered from" in panel.count.sentence.text()


def test_going_on_down_stays_with_the_patient_of_whom_more_was_asked(held: Document, panel: FindingsPanel) -> None:
    held.select_series("1.1")
    panel.count.more.click()
    lowered = held.layer("heat").threshold  # type: ignore[union-attr]
    held.select_series("2.1")
    before = held.layer("other heat").threshold  # type: ignore[union-attr]
    # The new list has nothing more, so it goes down once more.
    held.set_findings("heat", held.findings("heat"))
    assert held.layer("heat").threshold < lowered  # type: ignore[union-attr]
    assert held.layer("other heat").threshold == before  # type: ignore[union-attr]


def test_results_stand_below_the_study_they_were_made_of(held: Document, qtbot: QtBot) -> None:
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    assert list(panel._entries) == ["1.1", "heat", "2.1", "other heat"]
    assert [one.text() for one in panel.findChildren(QLabel, "heading")].count("RESULTS") == 2


def test_results_that_would_say_the_same_name_their_series(qtbot: QtBot) -> None:
    document = scans.document(scans.series(), replace(scans.series("1.2", "MR", "T1"), number=4))
    for uid, source in (("one", "1.1"), ("two", "1.2")):
        document.add_layer(scans.image_layer(document, uid, source))
    panel = StudiesPanel(document)
    qtbot.addWidget(panel)
    assert panel.entry_titles()[-2:] == [
        "Synthetic T1, 1 · CT head · Test model",
        "Synthetic T1, 4 · MR head · Test model",
    ]


def test_the_whole_sentence_about_thresholds_is_seen_beside_the_cards(
    held: Document, panel: FindingsPanel, qtbot: QtBot
) -> None:
    held.select_series("1.1")
    panel.resize(1280, 120)
    panel.show()
    panel.count.more.click()
    held.set_findings("heat", held.findings("heat"))
    sentence = panel.count.sentence
    assert "lowered from" in sentence.text()
    qtbot.waitUntil(lambda: sentence.width() > 100)
    assert sentence.height() >= sentence.heightForWidth(sentence.width())
    assert sentence.geometry().bottom() <= panel.count.height()
