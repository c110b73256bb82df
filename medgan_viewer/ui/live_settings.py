"""The settings while the program runs: every change is stored and told at once."""

import logging

from PySide6.QtCore import QObject, Signal

from medgan_viewer import settings
from medgan_viewer.errors import MedganError, described
from medgan_viewer.settings import Settings, Value

__all__ = ["LiveSettings"]

_log = logging.getLogger(__name__)


class LiveSettings(QObject):
    """Holds the values, and tells which one changed. What cannot be stored holds until the program ends."""

    changed = Signal(str)
    failed = Signal(str)

    def __init__(self, values: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.values = values

    def set(self, name: str, value: Value) -> None:
        """Change a setting. Raises UsageError where the value does not fit."""
        if value != self.values.value(name):
            self.values = self.values.changed(name, value)
            self._store(name)

    def reset(self, name: str) -> None:
        """Give a setting its default again."""
        if name in self.values.values:
            self.values = self.values.reset(name)
            self._store(name)

    def _store(self, name: str) -> None:
        # Another window may have changed others meanwhile.
        try:
            stored = settings.load()
        except MedganError as error:
            _log.warning("settings: %s", described(error))
            stored = self.values
        value = self.values.values.get(name)
        try:
            settings.save(stored.reset(name) if value is None else stored.changed(name, value))
        except MedganError as error:
            _log.warning("settings: %s", described(error))
            self.failed.emit(error.sentence)
        self.changed.emit(name)
