"""The lab is opened from the viewer and closed with it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer import settings
from medgan_viewer.core.document import Document
from medgan_viewer.ui.lab.opening import LabOpener
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.runs import Runs

pytestmark = pytest.mark.window


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own settings and trainings out."""
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "settings"))
    settings.save(settings.Settings().changed("lab_folder", str(tmp_path)))


def test_the_viewers_action_opens_the_lab_and_closing_the_viewer_closes_it(qtbot: QtBot) -> None:
    document = Document()
    viewer = MainWindow(document, Loader(document), Runs(document, "cpu"))
    qtbot.addWidget(viewer)
    viewer.show()
    viewer.actions_by_id["file.lab"].trigger()
    lab = viewer._lab.window
    assert lab is not None
    assert lab.isVisible()
    viewer.close()
    assert viewer._lab.window is None


def test_one_window_opens_and_opens_again_after_it_was_closed(qtbot: QtBot) -> None:
    opener = LabOpener()
    opener.show()
    first = opener.window
    opener.show()
    assert first is not None
    assert opener.window is first
    first.close()
    assert opener.window is None
    opener.show()
    assert opener.window is not None
    opener.close()
    assert opener.window is None
