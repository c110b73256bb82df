"""Every setting, declared once: its type, default and description.

Stored as one JSON file in the user's configuration folder; a file from a newer version keeps what is not known here.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from medgan_viewer.errors import ReadError, UsageError, WriteError

__all__ = [
    "DECLARED",
    "Setting",
    "Settings",
    "cache_folder",
    "configuration_folder",
    "data_folder",
    "default_path",
    "index_file",
    "load",
    "log_folder",
    "save",
]

Value = bool | str
Kind = Literal["yes/no", "folder", "choice", "address"]

_APPLICATION = "medgan-viewer"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name in the file, kind, default, description, and what may be chosen (value → words)."""

    name: str
    kind: Kind
    default: Value
    description: str
    choices: tuple[tuple[str, str], ...] = ()

    def accepts(self, value: object) -> bool:
        """Return whether a value has the right type and may be chosen."""
        match self.kind:
            case "yes/no":
                return isinstance(value, bool)
            case "choice":
                return value in {choice for choice, _ in self.choices}
            case "folder" | "address":
                return isinstance(value, str)


DECLARED: tuple[Setting, ...] = (
    Setting(
        "device",
        "choice",
        "auto",
        "Where models run.",
        (("auto", "The fastest there is"), ("cuda", "NVIDIA GPU"), ("mps", "Apple GPU"), ("cpu", "Processor")),
    ),
    Setting("model_folder", "folder", "", "A folder with further models; empty for the one in the user's data folder."),
    Setting("lab_folder", "folder", "", "The folder of trainings; empty for the one in the user's data folder."),
    Setting("theme", "choice", "dark", "Colours of the window.", (("dark", "Dark"), ("light", "Light"))),
    Setting("remember_folders", "yes/no", True, "Folders opened before show at once: what their headers say is kept."),
    Setting(
        "release_feed",
        "address",
        "",
        "Where newer versions are told of (https address or file), asked only on request; empty for nowhere.",
    ),
    Setting("hang", "yes/no", True, "A study that is opened is hung by the first hanging protocol that fits it."),
    Setting("linked", "yes/no", True, "Views of one frame of reference scroll, zoom and pan together."),
)
_BY_NAME = {setting.name: setting for setting in DECLARED}


@dataclass(frozen=True, slots=True)
class Settings:
    """The values of all settings. ``unknown`` keeps what a newer version wrote."""

    values: Mapping[str, Value] = field(default_factory=dict)
    unknown: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> Value:
        """Return a setting's value, its default where none was set; KeyError for a name that is not declared."""
        return self.values.get(name, _BY_NAME[name].default)

    def text(self, name: str) -> str:
        """Return the value of a folder, choice or address setting."""
        return str(self.value(name))

    def changed(self, name: str, value: Value) -> "Settings":
        """Return settings with another value; UsageError where it does not fit the declaration."""
        setting = _BY_NAME[name]
        if not setting.accepts(value):
            raise UsageError(f"{value!r} is no {setting.kind} for the setting {name}.")
        return Settings({**self.values, name: value}, self.unknown)


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

    Raises ReadError where the file is there but cannot be read as settings.
    """
    path = default_path() if path is None else path
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise ReadError(path, "the settings cannot be read; delete the file to start with the defaults") from error
    if not isinstance(stored, dict):
        raise ReadError(path, "the settings cannot be read; delete the file to start with the defaults")
    fitting = {name: value for name, value in stored.items() if name in _BY_NAME and _BY_NAME[name].accepts(value)}
    return Settings(fitting, {name: value for name, value in stored.items() if name not in _BY_NAME})


def save(settings: Settings, path: Path | None = None) -> None:
    """Store settings; the file is replaced in one step. Raises WriteError."""
    path = default_path() if path is None else path
    text = json.dumps({**settings.unknown, **settings.values}, indent=2, sort_keys=True)
    partial = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(text + "\n", encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        raise WriteError(path, f"the settings cannot be written ({error.strerror})") from error
