"""The window in German and in Chinese: no text is left out, none is cut off, and the marks stay as they are."""

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QTranslator
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialogButtonBox,
    QLabel,
    QScrollArea,
    QTextBrowser,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from installers import translations
from medgan_viewer import resources
from medgan_viewer.settings import DECLARED, Settings
from medgan_viewer.ui import actions, translation
from medgan_viewer.ui.dialogs.texts import key_groups, keys
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.settings_dialog import SettingsDialog
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.mark import mark_for
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow

ROOT = Path(translation.__file__).parents[2]
LANGUAGES = tuple(translation.CATALOGUES)
# By English text and what tells it apart from another one of the same words.
Entries = dict[tuple[str, str], str]


def entries(file: Path) -> tuple[Entries, list[str]]:
    """Return what a file of translations holds, and the English texts that are not translated yet."""
    found: Entries = {}
    unfinished = []
    for message in ET.parse(file).iter("message"):
        source, made = message.findtext("source", ""), message.find("translation")
        assert made is not None
        found[source, message.findtext("comment", "")] = made.text or ""
        if made.get("type") is not None or not made.text:
            unfinished.append(source)
    return found, unfinished


@pytest.fixture(params=LANGUAGES)
def spoken(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    """Speak German, then Chinese; return which."""
    translation.install(request.param)
    yield request.param
    translation.install("en")


@pytest.fixture
def window(spoken: str, show_window: ShowWindow, qapp: QApplication) -> Iterator[MainWindow]:
    """Return a window that was made in the language and has its look, with a study and a result of each kind."""
    style, palette = qapp.styleSheet(), qapp.palette()
    document = scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())))
    made = show_window(document)
    made.set_light(False)
    scans.add_results(document)
    made.resize(1280, 720)
    yield made
    qapp.setStyleSheet(style)
    qapp.setPalette(palette)


def shown_texts(parent: QWidget) -> list[str]:
    """Return what visible labels and buttons say, and what every button does."""
    said = []
    for widget in parent.findChildren(QWidget):
        if widget.isVisible() and isinstance(widget, QAbstractButton | QLabel):
            said += [widget.text(), widget.toolTip(), widget.accessibleName()]
    return [text for text in said if text]


def cut_off(window: MainWindow) -> list[str]:
    """Return which sides show only a part of their width, and the words of buttons that are narrower than those."""
    sides = [area for area in window.findChildren(QScrollArea) if area.objectName() in ("sideLeft", "sideRight")]
    buttons = [button for button in window.findChildren(QAbstractButton) if button.isVisible() and button.text()]
    return [
        *(
            one.objectName()
            for one in sides
            if (all_of_it := one.widget()) and all_of_it.width() > one.viewport().width()
        ),
        *(one.text() for one in buttons if one.width() < one.minimumSizeHint().width()),
    ]


def english_left(texts: list[str], language: str) -> list[str]:
    """Return the texts that are English although there is a translation of them."""
    known, _ = entries(translations.source_file(language))
    other = {source for (source, _), translated in known.items() if translated != source}
    return sorted({text for text in texts if text in other})


# -- the files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_sources_is_translated(language: str, tmp_path: Path) -> None:
    kept = translations.source_file(language)
    updated = Path(shutil.copy(kept, tmp_path))
    translations.update(language, updated)
    wanted, unfinished = entries(updated)
    assert unfinished == []
    # Nothing is kept either that no source says any more.
    assert set(entries(kept)[0]) == set(wanted)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_takes_the_values_that_its_source_takes(language: str) -> None:
    """A place without its value is lost information; one too many ends in an exception where it is shown."""
    wrong = []
    for (source, _), translated in entries(translations.source_file(language))[0].items():
        places = [re.findall(r"\{([^}:]*)", text) for text in (source, translated)]
        if sorted(set(places[0])) != sorted(set(places[1])) or source.count("&") != translated.count("&"):
            wrong.append((source, translated))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_program_loads_what_the_files_of_translations_say(language: str, qapp: QApplication) -> None:
    """``python -m installers.translations`` was called after the last translation."""
    translator = QTranslator()
    assert translator.load(translation.CATALOGUES[language][0], str(resources.path("translations")))
    known, _ = entries(translations.source_file(language))
    stale = [source for (source, meaning), text in known.items() if translator.translate("", source, meaning) != text]
    assert stale == []


def test_what_is_to_be_translated_is_a_plain_text_that_lupdate_finds() -> None:
    """Qt's lupdate reads the source: it knows no values in a text, and nothing that stands within an f-string."""
    known = {source for source, _ in entries(translations.source_file("de"))[0]}
    wrong = []
    for path in sorted((ROOT / "medgan_viewer").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            said = node.args[0]
            if node.func.id in ("tr", "marked"):
                literal = isinstance(said, ast.Constant)
                put_together = isinstance(said, ast.JoinedStr | ast.BinOp) or (node.func.id == "marked" and not literal)
                if put_together or (isinstance(said, ast.Constant) and said.value not in known):
                    wrong.append(f"{path.name}:{node.lineno}")
    assert wrong == []


# -- the language ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of_system", "spoken_then"),
    [
        (["de-AT", "de"], "de"),
        (["zh-Hans-CN", "zh-CN", "zh"], "zh"),
        (["en-GB", "en", "de"], "en"),
        (["fr-FR", "fr", "de-CH"], "de"),
        (["fr-FR", "fr"], "en"),
        ([], "en"),
    ],
)
def test_the_systems_language_is_spoken_where_there_is_a_translation(
    monkeypatch: pytest.MonkeyPatch, of_system: list[str], spoken_then: str
) -> None:
    class System:
        """A system that prefers these languages."""

        @staticmethod
        def system() -> "System":
            return System()

        def uiLanguages(self) -> list[str]:
            return of_system

    monkeypatch.setattr(translation, "QLocale", System)
    assert translation.language("system") == spoken_then
    assert translation.language("zh") == "zh"


def test_every_language_that_can_be_chosen_is_there(qapp: QApplication) -> None:
    choices = next(dict(one.choices) for one in DECLARED if one.name == "language")
    assert set(choices) == {"system", "en", *LANGUAGES}
    assert set(translations.LANGUAGES) == set(LANGUAGES)


def test_another_language_takes_the_place_of_the_one_before(qapp: QApplication) -> None:
    for language, says in (("de", "Untersuchung öffnen"), ("zh", "打开检查"), ("en", "Open a study")):
        translation.install(language)
        assert tr("Open a study") == says


def test_a_translation_that_is_missing_leaves_english_and_a_line_in_the_log(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(translation.CATALOGUES, "de", ("nowhere.qm", "qtbase_de.qm"))
    translation.install("de")
    assert tr("Open a study") == "Open a study"
    assert "nowhere.qm" in caplog.text
    translation.install("en")


def test_words_that_are_the_same_in_english_alone_are_told_apart(spoken: str) -> None:
    assert tr("Open {0}") != tr("Open {0}", "the button")


# -- the window ------------------------------------------------------------------------------------------------------


def test_no_english_is_left_in_the_window(window: MainWindow, spoken: str) -> None:
    window.actions_by_id["segment.edit"].trigger()
    window.actions_by_id["cine.play"].trigger()
    window.actions_by_id["cine.play"].trigger()
    assert english_left(shown_texts(window), spoken) == []


def test_every_action_and_every_menu_is_translated(window: MainWindow, spoken: str) -> None:
    for spec in actions.TABLE:
        made = window.actions_by_id[spec.id]
        if spec.id not in ("edit.undo", "edit.redo"):
            assert made.text() == tr(spec.text)
        assert made.toolTip().startswith(tr(spec.tooltip))
    texts = [text for made in window.actions_by_id.values() for text in (made.text(), made.toolTip())]
    menus = [button.menu() for button in window.findChildren(QToolButton) if button.menu() is not None]
    texts += [action.text() for menu in menus for action in menu.actions()]
    assert english_left(texts, spoken) == []


def test_nothing_is_wider_than_its_place_in_a_small_window(window: MainWindow, spoken: str, qtbot: QtBot) -> None:
    window.actions_by_id["segment.edit"].trigger()
    # Layouts are made anew when the window comes to it.
    qtbot.waitUntil(lambda: window.width() == 1280 and cut_off(window) == [])


def test_the_sheet_of_keys_is_complete(window: MainWindow, spoken: str) -> None:
    sheet = keys(window, Settings())
    browser = sheet.findChild(QTextBrowser)
    assert browser is not None
    shown = browser.toPlainText().replace("\n", " ")
    groups = key_groups(Settings())
    for group, rows in groups.items():
        assert tr(group) in shown
        for key, does in rows:
            assert key in shown
            assert does in shown
    assert english_left([does for rows in groups.values() for _, does in rows], spoken) == []


def test_the_settings_are_translated_and_say_when_a_language_is_spoken(
    spoken: str, qtbot: QtBot, user_folders: None
) -> None:
    dialog = SettingsDialog(LiveSettings(Settings()))
    qtbot.addWidget(dialog)
    dialog.show()
    assert english_left(shown_texts(dialog), spoken) == []
    row = next(row for row in dialog.rows if row.setting.name == "language")
    assert "at the next start" in row.setting.description
    assert tr(row.setting.description) in shown_texts(dialog)


def test_qts_own_buttons_speak_the_language_too(spoken: str, qtbot: QtBot) -> None:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(box)
    text = box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "")
    assert text == {"de": "Abbrechen", "zh": "取消"}[spoken]


# -- what is never translated ----------------------------------------------------------------------------------------


def test_the_mark_of_synthetic_pixels_is_the_same_in_every_language(spoken: str) -> None:
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()))
    layer = scans.image_layer(opened)
    marks = mark_for(opened.series, (layer,), ())
    assert marks.synthetic[0].startswith("SYNTHETIC · ")
    assert marks.synthetic[0].endswith("not for diagnosis")


def test_no_mark_is_among_what_is_translated() -> None:
    marks = re.compile(r"^(SYNTHETIC|SIMULATED)|· SYNTHETIC|SIMULATED PATIENT|AI overlay")
    for language in LANGUAGES:
        known, _ = entries(translations.source_file(language))
        assert [source for source, _ in known if marks.search(source)] == []
