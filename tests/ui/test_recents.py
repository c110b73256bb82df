"""Studies that were looked at come back from a list that says nothing of whose they are."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from medgan_viewer import settings
from medgan_viewer.core.document import Document
from medgan_viewer.ui import preferences, recents
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.recents import RecentStudy, read
from medgan_viewer.ui.recents_list import words_of
from medgan_viewer.ui.runs import Runs
from tests.dicom.export_builder import write_source

pytestmark = [pytest.mark.window, pytest.mark.usefixtures("user_folders")]

SECRETS = ("Müller", "Zoë", "P-17", "19500101")


def _file() -> Path:
    return settings.index_file().with_name("recent.json")


def _window(qtbot: QtBot) -> MainWindow:
    document = Document()
    window = MainWindow(document, Loader(document), Runs(document, "cpu"))
    preferences.connect(window, LiveSettings(settings.load(), window))
    qtbot.addWidget(window)
    window.resize(1280, 720)
    window.show()
    return window


def _look_at(qtbot: QtBot, window: MainWindow, folder: Path) -> str:
    before = window.document.catalog.studies
    window.open_paths([folder])
    qtbot.waitUntil(lambda: len(window.document.catalog.studies) > len(before), timeout=20_000)
    qtbot.waitUntil(lambda: not window.loader.busy, timeout=20_000)
    study = next(one for one in window.document.catalog.studies if one not in before)
    window.open_series(study.series[0].uid)
    qtbot.waitUntil(lambda: bool(read(_file())) and read(_file())[0].path == str(folder), timeout=20_000)
    return study.series[0].uid


def _buttons(window: MainWindow) -> dict[str, QPushButton]:
    rows = window._recent_list._rows
    shown = [item.widget() for number in range(rows.count()) if (item := rows.itemAt(number)) is not None]
    found = [button for row in shown if row is not None for button in row.findChildren(QPushButton)]
    return {button.accessibleName(): button for button in found}


def _listed(qtbot: QtBot, window: MainWindow, count: int) -> None:
    qtbot.waitUntil(lambda: len(window.recents.studies) == count, timeout=20_000)


def test_a_study_that_was_looked_at_is_offered_at_the_next_start_and_opens_again(qtbot: QtBot, tmp_path: Path) -> None:
    first = _window(qtbot)
    uid = _look_at(qtbot, first, write_source(tmp_path / "head of monday"))
    first.close()
    again = _window(qtbot)
    _listed(qtbot, again, 1)
    assert again._recent_list.isVisible()
    opener = next(button for name, button in _buttons(again).items() if name.startswith("Open"))
    assert "CT" in opener.accessibleName()
    assert "head of monday" in opener.accessibleName()
    opener.click()
    qtbot.waitUntil(lambda: again.document.selected_series == uid and not again.loader.busy, timeout=20_000)
    assert again.grid.isVisible()
    again.close()


def test_of_several_studies_the_latest_stands_first_and_the_one_that_is_chosen_comes_up(
    qtbot: QtBot, tmp_path: Path
) -> None:
    window = _window(qtbot)
    first = _look_at(qtbot, window, write_source(tmp_path / "a"))
    second = _look_at(qtbot, window, write_source(tmp_path / "b"))
    _listed(qtbot, window, 2)
    assert [study.place for study in window.recents.studies] == ["b", "a"]
    assert window.document.selected_series == second
    # It is open already: nothing is read again.
    scanned = list(window.loader.scanned)
    window.recents.open(window.recents.studies[1])
    qtbot.waitUntil(lambda: window.document.selected_series == first, timeout=20_000)
    assert window.loader.scanned == scanned
    window.close()


def test_a_study_in_one_of_many_folders_comes_back_from_its_own_folder_alone(qtbot: QtBot, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_source(tmp_path / "archive" / name)
    window = _window(qtbot)
    window.open_paths([tmp_path / "archive"])
    qtbot.waitUntil(lambda: bool(window.recents.studies) and not window.loader.busy, timeout=20_000)
    assert window.recents.studies[0].path in {str(tmp_path / "archive" / name) for name in ("a", "b")}
    window.close()


def test_the_file_names_no_patient_and_nobody_else_can_read_it(qtbot: QtBot, tmp_path: Path) -> None:
    window = _window(qtbot)
    _look_at(qtbot, window, write_source(tmp_path / "ct"))
    text = _file().read_text(encoding="utf-8")
    assert not [secret for secret in SECRETS if secret in text]
    assert _file().stat().st_mode & 0o077 == 0
    assert set(json.loads(text)["studies"][0]) == {"key", "path", "description", "modalities", "date", "opened"}
    window.close()


def test_turning_remembering_off_removes_the_list_at_once_and_keeps_none(qtbot: QtBot, tmp_path: Path) -> None:
    window = _window(qtbot)
    _look_at(qtbot, window, write_source(tmp_path / "ct"))
    _listed(qtbot, window, 1)
    window.actions_by_id["file.remember"].trigger()
    assert window.recents.studies == ()
    assert window._recent_list.isHidden()
    qtbot.waitUntil(lambda: not _file().exists(), timeout=20_000)
    window.open_paths([write_source(tmp_path / "other")])
    qtbot.waitUntil(lambda: len(window.document.catalog.studies) == 2 and not window.loader.busy, timeout=20_000)
    window.open_series(window.document.catalog.studies[-1].series[0].uid)
    window.close()
    assert not _file().exists()


def test_a_folder_that_is_gone_is_said_to_be_gone_and_can_be_taken_off_the_list(qtbot: QtBot, tmp_path: Path) -> None:
    window = _window(qtbot)
    _look_at(qtbot, window, write_source(tmp_path / "ct"))
    window.close()
    shutil.rmtree(tmp_path / "ct")
    again = _window(qtbot)
    _listed(qtbot, again, 1)
    opener = next(button for name, button in _buttons(again).items() if name.startswith("Open"))
    assert opener.accessibleName().endswith("ct · not there any more")
    with qtbot.waitSignal(again.recents.notice, timeout=20_000) as said:
        opener.click()
    assert said.args[0].startswith("The folder of this study is not there any more")
    assert again.document.catalog.studies == ()
    next(button for name, button in _buttons(again).items() if name.startswith("Take")).click()
    _listed(qtbot, again, 0)
    assert read(_file()) == ()
    again.close()


def test_hidden_patients_have_neither_dates_nor_folder_names_in_the_list_and_the_menu(
    qtbot: QtBot, tmp_path: Path
) -> None:
    window = _window(qtbot)
    _look_at(qtbot, window, write_source(tmp_path / "Müller Zoë"))
    _listed(qtbot, window, 1)
    menu = window._recent_menu
    menu.aboutToShow.emit()
    assert "Müller Zoë" in menu.actions()[0].text()
    window.set_patient_hidden(True)
    menu.aboutToShow.emit()
    shown = [action.text() + action.toolTip() for action in menu.actions()]
    shown += [name + button.toolTip() for name, button in _buttons(window).items()]
    assert len(shown) >= 5
    assert not [text for text in shown if "Müller" in text or "2026" in text]
    window.close()


def test_the_menu_clears_the_list(qtbot: QtBot, tmp_path: Path) -> None:
    window = _window(qtbot)
    _look_at(qtbot, window, write_source(tmp_path / "ct"))
    _listed(qtbot, window, 1)
    menu = window._recent_menu
    menu.aboutToShow.emit()
    menu.actions()[-1].trigger()
    _listed(qtbot, window, 0)
    menu.aboutToShow.emit()
    assert [action.isEnabled() for action in menu.actions()] == [False]
    window.close()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"schema": 2, "studies": []}', '{"schema": 1}', "[" * 50_000])
def test_a_file_that_cannot_be_read_is_an_empty_list(tmp_path: Path, content: str) -> None:
    file = tmp_path / "recent.json"
    file.write_text(content)
    assert read(file) == ()
    assert read(tmp_path / "none.json") == ()


def test_no_more_studies_are_kept_than_can_be_looked_through(tmp_path: Path) -> None:
    file = tmp_path / "recent.json"
    now = datetime(2026, 11, 22, tzinfo=UTC)
    many = [RecentStudy(str(n), f"/{n}", "Head", "CT", "20261112", now) for n in range(50)]
    listed, missing = recents._changed(file, lambda studies: [*many, *studies])
    assert [one.key for one in listed] == [str(n) for n in range(recents.MOST)]
    assert missing == {one.key for one in listed}
    assert read(file) == listed


def test_what_a_study_is_called_without_a_description() -> None:
    study = RecentStudy("k", "/data/x", "", "CT, MR", "20261112", datetime(2026, 11, 22, tzinfo=UTC))
    assert words_of(study, missing=False, hidden=False) == ("Study · CT, MR · 12 Nov 2026", "x")
    assert words_of(study, missing=True, hidden=False)[1] == "x · not there any more"
    assert words_of(study, missing=True, hidden=True) == ("Study · CT, MR", "not there any more")
