"""Why a model does not fit and why a file cannot be read is said in the language of the window."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from medgan_viewer import models, resources
from medgan_viewer.core.catalog import Catalog, Refusal
from medgan_viewer.dicom import index
from medgan_viewer.errors import JobError, PackageError, ReadError
from medgan_viewer.models import registry
from medgan_viewer.models.suitability import check
from medgan_viewer.ui import model_words, translation
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.panels.models import ModelsPanel
from medgan_viewer.ui.panels.studies import StudiesPanel
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.sentences import NOTES, READING, UNFIT, error_shown, sentence_shown
from medgan_viewer.ui.translation import tr
from tests.models.test_suitability import manifest
from tests.ui import scans

PACKAGE = Path(models.__file__).parents[1]
# Not of reading a scan: of exports, of taking names out, and of results that are written.
ELSEWHERE = ("deidentified_files.py", "provenance.py")
# Put together of parts; the whole sentences stand among the texts.
COUNTED = ("{0} outside its folder and {1} left out.", "{0} not there.")


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    before = QLocale()
    translation.install("de")
    yield
    translation.install("en")
    QLocale.setDefault(before)


def _text(node: ast.expr) -> str | None:
    """Return a text of the source, with numbered places where values stand in it; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    places = iter(range(len(parts)))
    return "".join(f"{{{next(places)}}}" if part is None else str(part) for part in parts)


def _said(path: Path, calls: dict[str, int]) -> Iterator[str]:
    """Give the sentences that stand in the calls of these functions, as their argument of this number."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            place = calls.get(name, len(node.args))
            text = _text(node.args[place]) if place < len(node.args) else None
            if text is not None:
                yield text


def test_no_sentence_of_reading_is_left_out() -> None:
    calls = {"ReadError": 1, "DecodeError": 1, "Refusal": 1, "refuse": 1, "_fail": 1, "_note": 1}
    files = [path for path in sorted((PACKAGE / "dicom").glob("*.py")) if path.name not in ELSEWHERE]
    found = {text for path in files for text in _said(path, calls)}
    assert len(found) > 60
    assert found - set(READING) - set(COUNTED) == set()


@pytest.mark.usefixtures("german")
def test_what_is_odd_about_a_series_is_told_in_german(shared_data: Path) -> None:
    catalog = index.scan([shared_data / "dicom" / "head_ct_tilted"])
    assert [sentence_shown(said) for said in catalog.studies[0].series[0].warnings] == [
        "Mit einer Gantrykippung von 18,5° aufgenommen; MPR und Modelle nutzen ein regelmäßiges Raster von 4 mm.",
        "Die Schichten haben ungleiche Abstände: 1,08 bis 7,00 mm.",
    ]


def test_no_note_on_how_images_are_shown_is_left_out() -> None:
    found = set(_said(PACKAGE / "dicom" / "grouping.py", {"append": 0}))
    assert len(found) > 5
    assert found <= set(NOTES)


def test_no_reason_against_a_model_is_left_out() -> None:
    found = set(_said(PACKAGE / "models" / "suitability.py", {"append": 0}))
    # A classifier is in no list of models.
    found = {text for text in found if "classif" not in text and "says what a series shows" not in text}
    assert found == set(UNFIT)


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize("text", [*UNFIT, *READING, *NOTES])
def test_every_sentence_is_known_again_with_its_values(text: str) -> None:
    values = ["31", "a.mhd", "512", "7", "8"]
    assert sentence_shown(text.format(*values)) == tr(text).format(*values)
    assert tr(text) != text


@pytest.mark.usefixtures("german")
def test_what_stands_in_a_sentence_is_german_too_but_for_names() -> None:
    assert sentence_shown("Needs T1 or T1+C; this series is T2.") == "Braucht T1 oder T1+C; diese Serie ist T2."
    assert (
        sentence_shown("Needs T1 or T2 or FLAIR; this series is PD.")
        == "Braucht T1 oder T2 oder FLAIR; diese Serie ist PD."
    )
    assert (
        sentence_shown("Needs a head; this series shows chest.") == "Braucht die Region Kopf; diese Serie zeigt Thorax."
    )
    far = sentence_shown("Needs slices at most 2.5 mm apart; these are 5.0 mm apart.")
    assert far == "Braucht Schichten in höchstens 2,5 mm Abstand; diese liegen 5,0 mm auseinander."
    beside = sentence_shown("The file with its voxels is missing: put A or 1.5.raw beside it.")
    assert beside == "Die Datei mit ihren Voxeln fehlt: Legen Sie A or 1.5.raw daneben."
    cut = sentence_shown("The file is cut off: 512 × 512 × 1 pixels take 524288 bytes, it holds 1060.")
    assert cut == "Die Datei ist abgeschnitten: 512 × 512 × 1 Pixel brauchen 524288 Bytes, sie enthält 1060."
    left = sentence_shown("Slice 7 is left empty. The compressed pixels are damaged.")
    assert left == "Schicht 7 bleibt leer. Die komprimierten Pixel sind beschädigt."


@pytest.mark.usefixtures("german")
def test_what_is_not_known_stays_as_it_is() -> None:
    for sentence in ("", "Something else happened.", "Die Datei ist leer."):
        assert sentence_shown(sentence) == sentence


@pytest.mark.usefixtures("german")
def test_an_error_names_its_file_and_says_what_happened() -> None:
    error = ReadError(Path("folder/one.dcm"), "The file is empty.")
    assert error_shown(error) == "one.dcm: Die Datei ist leer."
    assert error.sentence == "one.dcm: The file is empty.", "what goes to the command line stays"
    assert error_shown(JobError("It broke off.")) == "It broke off."
    assert error_shown(PackageError("m", "weights are missing")) == "m: weights are missing"


def test_in_english_nothing_changes(qapp: QApplication) -> None:
    for text in (*UNFIT, *READING, *NOTES):
        said = text.format("31", "T1 or T2", "2.5", "7", "8")
        assert sentence_shown(said) == said


@pytest.mark.usefixtures("german")
def test_reasons_that_a_model_gives_are_german() -> None:
    one = replace(scans.series("1.2", "MR", "T2"), body_part="CHEST")
    verdict = check(manifest(), one)
    assert verdict.reasons
    for reason in verdict.reasons:
        assert not re.search(r"\b(this|series|needs|these)\b", sentence_shown(reason), re.IGNORECASE), reason


@pytest.mark.usefixtures("german")
def test_the_list_says_in_german_why_a_file_was_not_opened(qtbot: QtBot) -> None:
    held = scans.document()
    panel = StudiesPanel(held)
    qtbot.addWidget(panel)
    held.add_catalog(Catalog(refused=(Refusal(Path("folder/bad.dcm"), "This is not a DICOM file."),)))
    assert "bad.dcm: Das ist keine DICOM-Datei." in [one.text() for one in panel.findChildren(QLabel)]


@pytest.mark.usefixtures("german")
def test_a_folder_without_scans_is_told_in_german(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "notes.dcm").write_bytes(b"no image at all")
    loader = Loader(scans.document())
    with qtbot.waitSignal(loader.problem, timeout=20_000) as said:
        loader.scan([tmp_path / "notes.dcm"])
    loader.close()
    assert "notes.dcm: Das ist keine DICOM-Datei)" in said.args[0]


@pytest.mark.usefixtures("german")
def test_bundled_models_have_german_names() -> None:
    assert tr("Anatomy of the head (CT, MR)") == "Anatomie des Kopfes (CT, MR)"
    # Those of letters and arrows alone are the same in every language.
    assert {name for name in model_words.NAMES if tr(name) == name} == {"CT → MR (T1, T2, FLAIR)", "MR → CT"}


@pytest.mark.usefixtures("german")
def test_the_list_of_models_speaks_german_but_for_letters_and_numbers(qtbot: QtBot) -> None:
    held = scans.document(replace(scans.series("1.2", "MR", "PD"), body_part="HEAD"))
    panel = ModelsPanel(held, Runs(held, "cpu"))
    qtbot.addWidget(panel)
    packages, problems = registry.scan([resources.path("models")])
    panel.set_models(packages, problems)
    held.select_series("1.2")
    card, other = panel.card("head-anatomy"), panel.card("mr-contrast")
    assert card is not None
    assert "Anatomie des Kopfes (CT, MR)" in [one.text() for one in card.findChildren(QLabel)]
    assert panel.name_of("head-anatomy") == "Anatomie des Kopfes (CT, MR)"
    if other is None:
        panel._on_others_asked()
        other = panel.card("mr-contrast")
    assert other is not None
    assert other.line.text() == "Braucht T1; diese Serie ist PD."
