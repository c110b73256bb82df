"""The import dialog checks a file elsewhere, says what it is, and adds it only when asked to."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer import settings
from medgan_viewer.core.document import Document
from medgan_viewer.errors import JobError, UsageError
from medgan_viewer.models import importing
from medgan_viewer.models.importing import Draft, Refused, Request
from medgan_viewer.ui.dialogs.import_model import ImportModelDialog
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.runs import Runs
from tests.models.importing_builder import DESCRIPTION, archive_of, convolution


class Desk:
    """A dialog with a model to import, and what it showed."""

    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.shown: list[list[str]] = []
        self.models = folder / "models"
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.network = folder / "net.onnx"
        onnx.save_model(convolution(np.ones((1, 1, 1, 1), np.float32)), self.network)
        self.described = folder / "net.toml"
        self.described.write_text(DESCRIPTION, encoding="utf-8")
        self.dialog = ImportModelDialog(
            self.window, lambda packages, problems: self.shown.append([package.id for package in packages])
        )
        self.dialog.show()
        self._qtbot = qtbot

    def fill_in(self, *, described: bool = True) -> None:
        self.dialog.file.setText(str(self.network))
        self.dialog.described.setText(str(self.described) if described else "")

    def press(self) -> None:
        QTest.mouseClick(self.dialog.go, Qt.MouseButton.LeftButton)

    def check(self) -> None:
        """Press Check and wait for what it says."""
        self.press()
        self._qtbot.waitUntil(lambda: self.dialog._answer is None, timeout=60_000)

    @property
    def left(self) -> list[str]:
        return sorted(each.name for each in self.models.iterdir()) if self.models.exists() else []


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Return a dialog over an empty model folder."""
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))
    settings.save(settings.Settings().changed("model_folder", str(tmp_path / "models")))
    made = Desk(qtbot, tmp_path)
    yield made
    made.dialog._end()


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check without a process of its own."""

    def check(_dialog: ImportModelDialog, request: Request) -> "Future[tuple[Draft, ...] | Refused]":
        answer: Future[tuple[Draft, ...] | Refused] = Future()
        try:
            answer.set_result(importing.check(None, request=request))
        except UsageError as error:
            answer.set_exception(error)
        except Exception as error:
            answer.set_exception(JobError(str(error)))
        return answer

    monkeypatch.setattr(ImportModelDialog, "_check", check)


def test_that_a_model_is_checked_in_a_process_of_its_own_and_added(desk: Desk) -> None:
    desk.fill_in()
    desk.check()
    assert "Not evaluated" in desk.dialog.message.text()
    assert "ONNX" in desk.dialog.message.text()
    assert desk.dialog.go.text() == "Add"
    assert desk.shown == []
    desk.press()
    assert desk.left == ["net"]
    assert "net" in desk.shown[0]
    assert not desk.dialog.isVisible()


def test_that_nothing_is_checked_without_a_file(desk: Desk) -> None:
    assert not desk.dialog.go.isEnabled()
    desk.fill_in()
    assert desk.dialog.go.isEnabled()


def test_that_missing_keys_are_listed(desk: Desk, in_this_process: None) -> None:
    desk.fill_in(described=False)
    desk.check()
    assert "lacks name, task" in desk.dialog.message.text()
    assert desk.dialog.go.text() == "Check"
    assert desk.left == []


def test_that_a_file_that_is_refused_is_one_sentence(desk: Desk, in_this_process: None) -> None:
    desk.network.write_bytes(b"hello")
    desk.fill_in()
    desk.check()
    assert desk.dialog.message.text() == "net.onnx: this is no ONNX file, or it is damaged"
    assert desk.dialog.message.objectName() == "caution"


def test_that_a_description_that_is_not_there_is_one_sentence(desk: Desk) -> None:
    desk.fill_in()
    desk.described.unlink()
    desk.press()
    assert desk.dialog.message.text() == "net.toml: there is no such file"
    assert desk.dialog.go.isEnabled()


def test_that_closing_takes_away_what_was_not_added(desk: Desk, in_this_process: None) -> None:
    desk.fill_in()
    desk.check()
    assert len(desk.left) == 1
    desk.dialog.close()
    assert desk.left == []
    assert desk.shown == []


def test_that_another_choice_takes_away_what_was_checked(desk: Desk, in_this_process: None) -> None:
    desk.fill_in()
    desk.check()
    desk.dialog.identifier.setText("mine")
    assert desk.left == []
    assert desk.dialog.go.text() == "Check"
    desk.check()
    desk.press()
    assert desk.left == ["mine"]


def test_that_closing_during_a_check_ends_its_process(desk: Desk) -> None:
    desk.fill_in()
    desk.press()
    assert not desk.dialog.go.isEnabled()
    desk.dialog.close()
    assert desk.shown == []


def test_that_a_template_is_written_and_never_over_another_file(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "template.toml"

    def chosen(*_: Any, **__: Any) -> tuple[str, str]:
        return str(path), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", chosen)
    desk.dialog._on_template()
    assert "[requires]" in path.read_text(encoding="utf-8")
    assert desk.dialog.described.text() == str(path)
    path.write_text("mine", encoding="utf-8")
    desk.dialog._on_template()
    assert path.read_text(encoding="utf-8") == "mine"
    assert "already" in desk.dialog.message.text()


def test_that_an_archive_of_models_is_told_with_each_licence_and_added_as_a_whole(
    desk: Desk, in_this_process: None, tmp_path: Path
) -> None:
    desk.network = archive_of(tmp_path / "models.zip", "one", "two")
    desk.fill_in(described=False)
    desk.check()
    said = desk.dialog.message.text()
    assert said.count("whole model; licence: CC BY-NC 4.0.\nIts numbers are on its card.") == 2
    assert "Not evaluated" not in said
    desk.press()
    assert desk.left == ["one", "two"]
    assert {"one", "two"} <= set(desk.shown[0])


def test_that_the_dialog_brings_no_torch_into_the_viewer() -> None:
    import subprocess

    code = (
        "import sys, medgan_viewer.ui.dialogs.import_model; sys.exit('torch' in sys.modules or 'onnx' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.window
def test_that_the_windows_action_opens_the_dialog_and_shows_the_new_model(
    qtbot: QtBot, tmp_path: Path, in_this_process: None, desk: Desk
) -> None:
    document = Document()
    window = MainWindow(document, Loader(document), Runs(document, "cpu"))
    qtbot.addWidget(window)
    window.show()
    window.actions_by_id["file.import_model"].trigger()
    (dialog,) = window.findChildren(ImportModelDialog)
    dialog.file.setText(str(desk.network))
    dialog.described.setText(str(desk.described))
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: dialog.go.text() == "Add")
    QTest.mouseClick(dialog.go, Qt.MouseButton.LeftButton)
    package = window.models.package("net")
    assert package is not None
    assert package.manifest.description.startswith("Not evaluated.")
    window.close()
