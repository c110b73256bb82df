"""What each setting does to the window, at the start and whenever it changes; and what the window's switches set."""

import logging
from collections.abc import Callable

from medgan_viewer import settings
from medgan_viewer.errors import described
from medgan_viewer.settings import DECLARED, Settings
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.translation import tr

__all__ = ["connect"]

_log = logging.getLogger(__name__)


def connect(window: MainWindow, live: LiveSettings) -> None:
    """Bring a window to what the settings say, and keep both the same from now on."""
    applied = _applied(window)
    for setting in DECLARED:
        if setting.name in applied:
            applied[setting.name](live.values)
    live.changed.connect(lambda name: applied[name](live.values) if name in applied else None)
    live.failed.connect(lambda sentence: window.banner.say(sentence, error=True))
    window.device.device_chosen.connect(lambda device: live.set("device", device))
    for action_id, name in (
        ("compare.link", "linked"),
        ("layout.hang", "hang"),
    ):
        window.actions_by_id[action_id].triggered.connect(lambda on, name=name: live.set(name, on))
    window.pane_windows.placed.connect(lambda places: live.set("pane_windows", places))
    window.remembering_asked.connect(lambda on: live.set("remember_folders", on))
    window.actions_by_id["view.light"].toggled.connect(lambda on: live.set("theme", "light" if on else "dark"))


def _applied(window: MainWindow) -> dict[str, Callable[[Settings], object]]:
    """Return what has to be done for each setting that the window shows; others are read where they are used."""

    gestures = ("mouse_middle", "mouse_right", "mouse_wheel", "mouse_wheel_shift", "mouse_wheel_ctrl", "mouse_double")
    return {
        "theme": lambda chosen: window.set_light(chosen.text("theme") == "light"),
        "linked": lambda chosen: _set_linked(window, bool(chosen.value("linked"))),
        "hide_patient": lambda chosen: window.set_patient_hidden(bool(chosen.value("hide_patient"))),
        "cine_rate": lambda chosen: window.cine.set_rate(round(chosen.number("cine_rate"))),
        "flicker_rate": lambda chosen: window.grid.set_flicker_rate(chosen.number("flicker_rate")),
        "mouse_left": lambda chosen: window.grid.set_tool(chosen.text("mouse_left")),
        **dict.fromkeys((*gestures, "keys"), window.set_bindings),
        "hang": lambda chosen: _set_hanging(window, bool(chosen.value("hang"))),
        "draw_results": lambda chosen: window.set_results_drawn(bool(chosen.value("draw_results"))),
        "remember_folders": lambda chosen: _set_remembering(window, bool(chosen.value("remember_folders"))),
        "pane_windows": lambda chosen: window.pane_windows.remember(chosen.text("pane_windows")),
        "device": lambda chosen: _set_device(window, chosen.text("device")),
        "release_feed": lambda chosen: window.actions_by_id["help.updates"].setVisible(
            bool(chosen.text("release_feed"))
        ),
    }


def _set_linked(window: MainWindow, on: bool) -> None:
    if window.grid.linked != on:
        window.grid.set_linked(on)


def _set_device(window: MainWindow, device: str) -> None:
    window.device.set_device(device)
    window.runs.set_device(device)


def _set_hanging(window: MainWindow, on: bool) -> None:
    window.hanging.set_on_opening(on)
    window.actions_by_id["layout.hang"].setChecked(on)


def _set_remembering(window: MainWindow, on: bool) -> None:
    """Remember folders from now on, or forget them all."""
    window.actions_by_id["file.remember"].setChecked(on)
    window.loader.remembered = settings.index_file() if on else None
    window.recents.set_keeping(settings.index_file().with_name("recent.json"), on)
    if on:
        return
    from medgan_viewer.dicom import series_index

    try:
        series_index.clear(settings.index_file())
    except OSError as error:
        _log.warning("the index of folders: %s", described(error))
        window.banner.say(tr("What was remembered of folders cannot be removed now; close other windows."), error=True)
