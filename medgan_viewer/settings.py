"""Every setting, declared once: its title, type, range, default and description; the dialog is made of that.

Stored as one JSON file in the user's configuration folder. What is not known here stays in the file; one of a newer
schema, or one that cannot be read, is kept aside.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from medgan_viewer.errors import ReadError, UsageError, WriteError
from medgan_viewer.wording import marked

__all__ = [
    "DECLARED",
    "Setting",
    "Settings",
    "cache_folder",
    "configuration_folder",
    "data_folder",
    "declared",
    "default_path",
    "index_file",
    "load",
    "load_or_set_aside",
    "log_folder",
    "save",
]

Value = bool | str | float | Mapping[str, str]
# "keys": which keys stand for which action, by its identifier. "kept": what the program remembers for itself.
Kind = Literal["yes/no", "folder", "choice", "address", "number", "keys", "kept"]

_APPLICATION = "medgan-viewer"
# Of the file. A larger one is another version's: what it says may mean something else here.
_SCHEMA = 1
_SCHEMA_NAME = "schema"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name in the file, title and group in the dialog, kind, default and description.

    ``choices`` are what may be chosen (value → words), ``range`` is the smallest and the largest number, in ``unit``.
    """

    name: str
    title: str
    group: str
    kind: Kind
    default: Value
    description: str
    choices: tuple[tuple[str, str], ...] = ()
    range: tuple[float, float] = (0.0, 0.0)
    unit: str = ""

    def accepts(self, value: object) -> bool:
        """Return whether a value has the right type and may be chosen."""
        match self.kind:
            case "yes/no":
                return isinstance(value, bool)
            case "choice":
                return value in [choice for choice, _ in self.choices]
            case "number":
                number = isinstance(value, int | float) and not isinstance(value, bool)
                return number and self.range[0] <= float(str(value)) <= self.range[1]
            case "keys":
                return isinstance(value, Mapping) and all(isinstance(w, str) for pair in value.items() for w in pair)
            case "folder" | "address" | "kept":
                return isinstance(value, str)


_TOOLS = (
    ("window", marked("Window: → wider, ↑ higher level")),
    ("scroll", marked("Slices")),
    ("pan", marked("Move the image")),
    ("zoom", marked("Zoom")),
    ("crosshair", marked("Crosshair in every linked pane")),
)
_WHEEL = (("slices", marked("Slices")), ("ten slices", marked("Ten slices at a time")), ("zoom", marked("Zoom")))

DECLARED: tuple[Setting, ...] = (
    Setting(
        "theme",
        marked("Look"),
        marked("Looking"),
        "choice",
        "dark",
        marked("Colours of the window."),
        (("dark", marked("Dark")), ("light", marked("Light"))),
    ),
    Setting(
        "language",
        marked("Language"),
        marked("Looking"),
        "choice",
        "system",
        marked(
            "Takes effect at the next start. What marks synthetic images, and what is written to files, is English."
        ),
        # Each in its own words, to be found by who cannot read the others.
        (("system", marked("The system's")), ("en", "English"), ("de", "Deutsch"), ("zh", "中文")),
    ),
    Setting(
        "linked",
        marked("Link panes"),
        marked("Looking"),
        "yes/no",
        True,
        marked("Views of one frame of reference scroll, zoom and pan together."),
    ),
    Setting(
        "hide_patient",
        marked("Start with patients hidden"),
        marked("Looking"),
        "yes/no",
        False,
        marked("Patients' data are hidden when the program starts, for teaching and screenshots; a key shows them."),
    ),
    Setting(
        "cine_rate",
        marked("Cine rate"),
        marked("Looking"),
        "number",
        10,
        marked("How fast slices and time points are played at first."),
        range=(1, 60),
        unit=marked("pictures a second"),
    ),
    Setting(
        "flicker_rate",
        marked("Flicker rate"),
        marked("Looking"),
        "number",
        1,
        marked(
            "How often original and synthetic image change places; faster than four times a second is a danger to some."
        ),
        range=(0.25, 4),
        unit=marked("changes a second"),
    ),
    Setting(
        "mouse_left",
        marked("Left drag"),
        marked("Mouse"),
        "choice",
        "window",
        marked("The tool that the left button has at first."),
        _TOOLS,
    ),
    Setting(
        "mouse_middle",
        marked("Middle drag"),
        marked("Mouse"),
        "choice",
        "pan",
        marked("What dragging with the middle button does."),
        _TOOLS,
    ),
    Setting(
        "mouse_right",
        marked("Right drag"),
        marked("Mouse"),
        "choice",
        "zoom",
        marked("What dragging with the right button does."),
        _TOOLS,
    ),
    Setting(
        "mouse_wheel",
        marked("Wheel"),
        marked("Mouse"),
        "choice",
        "slices",
        marked("What the wheel goes through."),
        _WHEEL,
    ),
    Setting(
        "mouse_wheel_shift",
        marked("Shift + wheel"),
        marked("Mouse"),
        "choice",
        "ten slices",
        marked("The wheel while Shift is held."),
        _WHEEL,
    ),
    Setting(
        "mouse_wheel_ctrl",
        marked("Ctrl + wheel"),
        marked("Mouse"),
        "choice",
        "zoom",
        marked("The wheel while Ctrl is held."),
        _WHEEL,
    ),
    Setting(
        "mouse_double",
        marked("Double click"),
        marked("Mouse"),
        "choice",
        "maximise",
        marked("What a double click in a pane does."),
        (("maximise", marked("One pane large, and back")), ("nothing", marked("Nothing"))),
    ),
    Setting("keys", marked("Keys"), marked("Keys"), "keys", {}, marked("Which keys stand for which action.")),
    Setting(
        "hang",
        marked("Hang studies"),
        marked("Opening"),
        "yes/no",
        True,
        marked("A study that is opened is hung by the first hanging protocol that fits it."),
    ),
    Setting(
        "reopen",
        marked("Reopen where I was"),
        marked("Opening"),
        "choice",
        "ask",
        marked("What was open is kept for the next start, results too, also after a crash. Never removes it at once."),
        (
            ("ask", marked("Offer it at the start")),
            ("always", marked("At every start")),
            ("never", marked("Never, keep nothing")),
        ),
    ),
    Setting(
        "remember_folders",
        marked("Remember opened folders"),
        marked("Opening"),
        "yes/no",
        True,
        marked("Folders opened before show at once: what their headers say is kept. Off removes what was kept."),
    ),
    Setting(
        "device",
        marked("Device"),
        marked("Models"),
        "choice",
        "auto",
        marked("Where models run."),
        (
            ("auto", marked("The fastest there is")),
            ("cuda", marked("NVIDIA GPU")),
            ("mps", marked("Apple GPU")),
            ("cpu", marked("Processor")),
        ),
    ),
    Setting(
        "draw_results",
        marked("Show results as soon as they are there"),
        marked("Models"),
        "yes/no",
        False,
        marked(
            "Heat maps and segmentations are drawn over the image as soon as a model makes them; else a key shows them."
        ),
    ),
    Setting(
        "model_folder",
        marked("Further models"),
        marked("Models"),
        "folder",
        "",
        marked("A folder with further models, read at the start; empty for the one in the user's data folder."),
    ),
    Setting(
        "lab_folder",
        marked("Trainings"),
        marked("Models"),
        "folder",
        "",
        marked("The folder of trainings; empty for the one in the user's data folder."),
    ),
    Setting(
        "release_feed",
        marked("Newer versions"),
        marked("Program"),
        "address",
        "",
        marked("Where newer versions are told of (https address or file), asked only on request; empty for nowhere."),
    ),
    Setting("pane_windows", "Windows of panes", "", "kept", "", "Where the windows of panes stood."),
    Setting("accepted", "Research use", "", "kept", "", "Which words on research use were agreed to."),
)
_BY_NAME = {setting.name: setting for setting in DECLARED}


def declared(name: str) -> Setting:
    """Return the declaration of a setting; KeyError where there is none."""
    return _BY_NAME[name]


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of all settings. ``unknown`` keeps what another version wrote."""

    values: Mapping[str, Value] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """Return a setting's value, its default where none was set; KeyError for a name that is not declared."""
        return self.values.get(name, _BY_NAME[name].default)

    def text(self, name: str) -> str:
        """Return the value of a folder, choice or address setting."""
        return str(self.value(name))

    def number(self, name: str) -> float:
        """Return the value of a number."""
        return float(str(self.value(name)))

    def mapping(self, name: str) -> Mapping[str, str]:
        """Return the value of a setting of keys."""
        value = self.value(name)
        return value if isinstance(value, Mapping) else {}

    def changed(self, name: str, value: Value) -> "Settings":
        """Return settings with another value; UsageError where it does not fit the declaration."""
        setting = _BY_NAME[name]
        if not setting.accepts(value):
            raise UsageError(f"{value!r} is no {setting.kind} for the setting {name}.")
        return Settings({**self.values, name: value}, self.unknown)

    def reset(self, name: str) -> "Settings":
        """Return settings with the default of a setting."""
        return Settings({key: value for key, value in self.values.items() if key != name}, self.unknown)


def configuration_folder() -> Path:
    """Return the user's configuration folder of this program (``$MEDGAN_CONFIG`` names another one)."""
    import platformdirs

    named = os.environ.get("MEDGAN_CONFIG")
    return Path(named) if named else platformdirs.user_config_path(_APPLICATION, appauthor=False)


def data_folder() -> Path:
    """Return the user's data folder of this program, where models of one's own go."""
    import platformdirs

    return platformdirs.user_data_path(_APPLICATION, appauthor=False)


def cache_folder() -> Path:
    """Return the folder for what can be made again, such as the virtual patient (``$MEDGAN_CACHE`` names another)."""
    import platformdirs

    named = os.environ.get("MEDGAN_CACHE")
    return Path(named) if named else platformdirs.user_cache_path(_APPLICATION, appauthor=False)


def index_file() -> Path:
    """Return the file that remembers what folders opened before hold; there is none before the first is remembered."""
    return cache_folder() / "index.sqlite"


def log_folder() -> Path:
    """Return the folder of the log file (``$MEDGAN_LOGS`` names another one)."""
    import platformdirs

    named = os.environ.get("MEDGAN_LOGS")
    return Path(named) if named else platformdirs.user_log_path(_APPLICATION, appauthor=False)


def default_path() -> Path:
    """Return the path of the settings file."""
    return configuration_folder() / "settings.json"


def load(path: Path | None = None) -> Settings:
    """Return the stored settings; defaults where there is no file. Values that do not fit are left at their default.

    Raises ReadError where the file is there but cannot be read as settings, or is a newer version's.
    """
    path = default_path() if path is None else path
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError, RecursionError) as error:
        raise ReadError(path, "the settings cannot be read; delete the file to start with the defaults") from error
    if not isinstance(stored, dict):
        raise ReadError(path, "the settings cannot be read; delete the file to start with the defaults")
    if stored.pop(_SCHEMA_NAME, _SCHEMA) != _SCHEMA:
        raise ReadError(path, "the settings are a newer version's; delete the file to start with the defaults")
    fitting = {name: value for name, value in stored.items() if name in _BY_NAME and _BY_NAME[name].accepts(value)}
    return Settings(fitting, {name: value for name, value in stored.items() if name not in _BY_NAME})


def load_or_set_aside(path: Path | None = None) -> tuple[Settings, str]:
    """Return the stored settings and ""; where they cannot be read, the defaults and a sentence on it.

    The file is renamed then, never written over: whoever made it may want it back.
    """
    path = default_path() if path is None else path
    try:
        return load(path), ""
    except ReadError as error:
        reason = error.reason.partition(";")[0]
    aside, number = path.with_name(f"{path.stem}-kept{path.suffix}"), 2
    while aside.exists():
        aside, number = path.with_name(f"{path.stem}-kept-{number}{path.suffix}"), number + 1
    try:
        path.rename(aside)
    except OSError:
        return Settings(), f"{path.name}: {reason}; the defaults are in use."
    return Settings(), f"{path.name}: {reason}; the file is kept as {aside.name}, and the defaults are in use."


def save(settings: Settings, path: Path | None = None) -> None:
    """Store settings; the file is replaced in one step. Raises WriteError."""
    path = default_path() if path is None else path
    content = {**settings.unknown, **settings.values, _SCHEMA_NAME: _SCHEMA}
    text = json.dumps(content, indent=2, sort_keys=True)
    partial = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise WriteError(path, f"the settings cannot be written ({error.strerror})") from error
