"""Where a window stands, told by the name of its screen, so that it comes back there. No widget here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QRect

from medgan_viewer.core.as_json import decoded, encoded

__all__ = ["WindowPlace", "as_text", "first_place", "from_text", "rectangle"]

# No window is smaller than what a pane and its marks need.
_SMALLEST = 320, 240
# Far more than the windows of all panes take.
_LONGEST = 10_000


@dataclass(frozen=True, slots=True)
class WindowPlace:
    """A screen by its name, and where on it, in logical pixels from its corner."""

    screen: str
    left: int
    top: int
    width: int
    height: int
    maximised: bool = False


def rectangle(place: WindowPlace, screens: Mapping[str, QRect], home: str) -> QRect:
    """Return where a window with a place goes on the screens that there are; on ``home`` where its own one is gone.

    ``screens`` are the areas that windows may have. The whole window lies within one of them.
    """
    area = screens[place.screen if place.screen in screens else home]
    width = min(max(place.width, _SMALLEST[0]), area.width())
    height = min(max(place.height, _SMALLEST[1]), area.height())
    left = min(max(place.left, 0), area.width() - width)
    top = min(max(place.top, 0), area.height() - height)
    return QRect(area.left() + left, area.top() + top, width, height)


def first_place(screens: Mapping[str, QRect], home: str) -> WindowPlace:
    """Return the place of a window that never had one: all of another screen, else the middle of the only one."""
    other = next((name for name in screens if name != home), None)
    area = screens[other or home]
    width, height = area.width() * 3 // 5, area.height() * 3 // 5
    left, top = (area.width() - width) // 2, (area.height() - height) // 2
    return WindowPlace(other or home, left, top, width, height, maximised=other is not None)


def as_text(places: Mapping[int, WindowPlace]) -> str:
    """Return places by the numbers of their panes as text that can be kept."""
    return json.dumps({str(number): encoded(place) for number, place in sorted(places.items())})


def from_text(text: str) -> dict[int, WindowPlace]:
    """Return what :func:`as_text` wrote; nothing where that cannot be read."""
    try:
        stored = json.loads(text) if text and len(text) <= _LONGEST else {}
        return {int(number): decoded(WindowPlace, place) for number, place in stored.items()}
    except (ValueError, AttributeError, RecursionError):
        return {}
