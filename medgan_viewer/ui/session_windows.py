"""The windows of series that no pane shows just now: those that a reader set, and those that wait for their series."""

from dataclasses import replace

from medgan_viewer.core.changes import Change
from medgan_viewer.core.document import CatalogChanged, SeriesOpened, WindowChanged
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.session_desk import Desk, KeptWindow, desk_of
from medgan_viewer.ui.session_results import listed_series

__all__ = ["SeriesWindows"]


class SeriesWindows:
    """Knows which open series had their windows set, and brings windows to series when they are opened."""

    def __init__(self, window: MainWindow) -> None:
        self._window, self._document = window, window.document
        self._set: set[str] = set()
        self._awaited: dict[str, KeptWindow] = {}
        window.document.subscribe(self._on_change)

    def _on_change(self, change: Change) -> None:
        match change:
            case WindowChanged(uid) if self._document.opened(uid) is not None:
                self._set.add(uid)
            case SeriesOpened(uid) if uid in self._awaited:
                self._document.set_window(uid, self._awaited.pop(uid).window)
            case CatalogChanged():
                self._set.intersection_update(self._document.open_uids)
                self._awaited = {uid: one for uid, one in self._awaited.items() if self._is_listed(uid)}
            case _:
                pass

    def desk(self) -> Desk:
        """Return what stands on the desk, these windows too."""
        desk = desk_of(self._window, self._set)
        return replace(desk, windows=(*desk.windows, *self._awaited.values()))

    def await_series(self, desk: Desk) -> None:
        """Let the series of a desk that are not open yet have their windows when they are."""
        later = (one for one in desk.windows if self._document.opened(one.uid) is None)
        self._awaited |= {one.uid: one for one in later if self._is_listed(one.uid)}

    def _is_listed(self, series_uid: str) -> bool:
        return listed_series(self._document, series_uid) is not None
