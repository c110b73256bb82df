"""What the screen says in another language: numbers, measurements, controls and models; files stay English."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QLabel
from pytestqt.qtbot import QtBot

from medgan_viewer import resources
from medgan_viewer.core.document import Document
from medgan_viewer.core.measure.annotation import KINDS, NAMES, Annotation, Kind
from medgan_viewer.core.measure.listing import listed, text_of
from medgan_viewer.core.measure.words import Line
from medgan_viewer.models.doubt import CONTROLS, Control
from medgan_viewer.ui import model_words, translation
from medgan_viewer.ui.device_button import DeviceButton
from medgan_viewer.ui.measurement_words import line_shown, name_shown, place_shown
from medgan_viewer.ui.panels.control import ControlRow
from medgan_viewer.ui.panels.widgets import volume_text
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.views.captions import point_text, value_text
from tests.core.annotations import figure
from tests.ui import view_fixtures as scans


@pytest.fixture(autouse=True)
def system_locale() -> Iterator[None]:
    """Leave the locale as it was."""
    before = QLocale()
    yield
    QLocale.setDefault(before)


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """Speak German."""
    translation.install("de")
    yield
    translation.install("en")


def _document() -> Document:
    return scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())))


def _distance(document: Document, **changes: str) -> Annotation:
    held = document.opened("ct")
    assert held is not None
    return figure("distance", held.stack.plane(10), [(20, 10), (40, 30)], held, **changes)


@pytest.mark.parametrize(("language", "said"), [("de", "2,5 mm"), ("zh", "2.5 mm"), ("en", "2.5 mm")])
def test_a_number_has_the_decimal_sign_of_the_language(qapp: QApplication, language: str, said: str) -> None:
    translation.install(language)
    assert numbers("2.5 mm") == said
    translation.install("en")


@pytest.mark.usefixtures("german")
def test_only_a_point_between_digits_is_a_decimal_sign() -> None:
    assert numbers("W 80 L 40 · 1.5×. Ende") == "W 80 L 40 · 1,5×. Ende"


@pytest.mark.usefixtures("german")
def test_numbers_on_images_and_in_panels_are_german() -> None:
    assert value_text(-1.25, "HU") == "−1,25 HU"
    assert point_text(np.array([32.0, 21.0, 0.24])) == "L 32,0 · P 21,0 · H 0,2 mm"
    assert volume_text(2.54) == "2,5 ml"


@pytest.mark.usefixtures("german")
def test_a_field_for_a_number_writes_it_as_all_else_does(qtbot: QtBot) -> None:
    field = QDoubleSpinBox()
    qtbot.addWidget(field)
    field.setValue(2.5)
    assert field.text() == "2,50"


@pytest.mark.usefixtures("german")
def test_a_measurement_is_german_on_the_screen_and_english_in_copied_text() -> None:
    document = _document()
    (entry,) = listed(document, [_distance(document, name="Distance 1")])
    assert name_shown(entry.annotation) == "Strecke 1"
    assert place_shown(entry) == "Schicht 11"
    shown = line_shown(entry.annotation, entry.lines[0])
    assert shown.text == entry.lines[0].text.replace(".", ",")
    assert "," in shown.text
    copied = text_of([entry])
    assert copied.startswith(f"Distance 1: {entry.lines[0].text}")
    assert "slice 11" in copied


@pytest.mark.usefixtures("german")
def test_what_somebody_typed_stays() -> None:
    document = _document()
    assert name_shown(_distance(document, name="Distance 1.5 of Ada")) == "Distance 1.5 of Ada"
    held = document.opened("ct")
    assert held is not None
    words = figure("text", held.stack.plane(10), [(20, 10)], held, text="slice 2.5")
    assert line_shown(words, Line("slice 2.5")) == Line("slice 2.5")


def test_the_mark_of_a_measured_synthetic_image_stays(german: None) -> None:
    shown = line_shown(_distance(_document()), Line("SYNTHETIC 81.7 mm", synthetic=True))
    assert shown == Line("SYNTHETIC 81,7 mm", synthetic=True)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_figure_has_a_chinese_name(qapp: QApplication, kind: Kind) -> None:
    translation.install("zh")
    said = tr(NAMES[kind])
    translation.install("en")
    assert said != NAMES[kind]


@pytest.mark.usefixtures("german")
def test_a_control_speaks_german(qtbot: QtBot) -> None:
    row = ControlRow("CT", Control((0.0, 0.5, 1.0), 1.0, "strength"))
    qtbot.addWidget(row)
    row.follow(0.5, alive=True, doubt=False)
    said = {label.text() for label in row.findChildren(QLabel)}
    assert {"Original", "Wiederhergestellt", "0,5 der Korrektur, die das Netz macht."} <= said
    for wording in CONTROLS.values():
        for words in (wording.at_low, wording.at_high, wording.between, wording.meaning, wording.show_difference):
            assert tr(words) != words


def test_name_and_description_of_every_bundled_model_are_among_what_is_translated() -> None:
    """A manifest is no source that is searched for texts: what it says stands in a table word for word."""
    manifests = [json.loads(path.read_text("utf-8")) for path in resources.path("models").glob("*/manifest.json")]
    assert manifests
    # A classifier has no card in the list of models.
    carded = [one for one in manifests if one["task"] != "classification"]
    assert {one["description"] for one in carded} == set(model_words.DESCRIPTIONS)
    assert {one["name"] for one in carded} == set(model_words.NAMES)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "Models run on: this computer's processor"), ("de", "Modelle laufen auf: Prozessor dieses Rechners")],
)
def test_the_device_is_called_by_what_it_is_and_the_details_are_in_the_tooltip(
    qtbot: QtBot, language: str, said: str
) -> None:
    translation.install(language)
    button = DeviceButton("auto")
    qtbot.addWidget(button)
    button.set_last_run("CPU bf16 fused")
    translation.install("en")
    assert button.text() == button.accessibleName() == said
    assert button.toolTip().endswith("CPU bf16 fused")
