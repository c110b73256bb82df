"""What the mouse does in a pane.

Which tool a button has, and what the wheel does, can be chosen (``Mouse``); this is what they do at first. Left drag
uses the active tool: *window* doubles the width every 200 pixels to the right and raises the level by half
the width every 200 pixels up; *scroll* goes through the slices; *pan* and *zoom* do what the other buttons do;
*crosshair* points. A swipe line and the rings on the lines of MPR come before any tool. Middle drag pans, right drag
zooms about the place of the press (200 pixels up double the size), a right click without a drag asks for the menu. The
wheel goes through slices (Shift: ten), with Ctrl it zooms about the pointer.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent

from medgan_viewer.core.display import Window
from medgan_viewer.core.volume import Vector
from medgan_viewer.ui.views.camera import Camera, Mapping
from medgan_viewer.ui.views.handles import angle_about

__all__ = ["DOUBLING", "TOOLS", "Gestures", "Mouse", "Tool", "Viewed", "Wheel"]

Tool = Literal["window", "scroll", "pan", "zoom", "crosshair"]
Wheel = Literal["slices", "ten slices", "zoom"]
Doing = Tool | Literal["swipe", "turn", "menu"]
TOOLS: tuple[Tool, ...] = ("window", "scroll", "pan", "zoom", "crosshair")

# Logical pixels of a drag that double a window's width or the zoom.
DOUBLING = 200.0
# A press that moves less is a click.
_CLICK = 4
_NOTCH = 120
_WHEEL_ZOOM = 1.25
_SWIPE_REACH = 7


@dataclass(frozen=True, slots=True)
class Mouse:
    """What buttons and wheel do: ``left`` is the tool to begin with, the other buttons keep theirs."""

    left: Tool = "window"
    middle: Tool = "pan"
    right: Tool = "zoom"
    wheel: Wheel = "slices"
    wheel_shift: Wheel = "ten slices"
    wheel_ctrl: Wheel = "zoom"
    maximises: bool = True


class Viewed(Protocol):
    """What gestures act on."""

    def mapping(self) -> Mapping | None:
        """Return how the plane lies on the screen."""

    def window_at(self, at: QPointF) -> tuple[str, Window] | None:
        """Return whose window a drag from there changes (a UID), and that window."""

    def slice_index(self) -> int:
        """Return the slice being shown."""

    def slice_count(self) -> int:
        """Return how many slices there are."""

    def turn_hub(self, at: QPointF) -> tuple[float, float] | None:
        """Return about which place of the screen the line at a position can be turned, None where there is none."""

    def ask_turn(self, degrees: float, held: bool) -> None:
        """Turn the lines of MPR by degrees clockwise since they were taken hold of."""

    def swipe_x(self) -> float | None:
        """Return where the swipe line stands, None where there is none."""

    def ask_window(self, uid: str, window: Window) -> None:
        """Set the window of a series or synthetic image."""

    def ask_slice(self, index: int) -> None:
        """Show a slice."""

    def ask_camera(self, camera: Camera) -> None:
        """Look elsewhere."""

    def ask_crosshair(self, point: Vector) -> None:
        """Move the crosshair."""

    def ask_swipe(self, x: float) -> None:
        """Move the swipe line."""

    def ask_menu(self, at: QPoint) -> None:
        """Open the context menu at a global position."""


class Gestures:
    """Follows the mouse in one pane."""

    def __init__(self, viewed: Viewed) -> None:
        self.tool: Tool = "window"
        self.mouse = Mouse()
        self._viewed = viewed
        self._doing: Doing | None = None
        self._hub = (0.0, 0.0)
        self._button = Qt.MouseButton.NoButton
        self._start = QPointF()
        self._moved = False
        self._window: tuple[str, Window] | None = None
        self._mapping: Mapping | None = None
        self._index = 0
        self._wheel = 0.0

    @property
    def dragging(self) -> bool:
        """Whether a button is held."""
        return self._doing is not None

    def near_swipe(self, at: QPointF) -> bool:
        """Whether a position is on the swipe line."""
        x = self._viewed.swipe_x()
        return x is not None and abs(at.x() - x) <= _SWIPE_REACH

    def press(self, event: QMouseEvent) -> None:
        """Begin what the button means."""
        if self._doing is not None:
            return
        self._button, self._start, self._moved = event.button(), event.position(), False
        self._window, self._mapping = self._viewed.window_at(event.position()), self._viewed.mapping()
        self._index = self._viewed.slice_index()
        self._doing = self._meant(event)
        if self._doing == "crosshair":
            self._point(event.position())

    def _meant(self, event: QMouseEvent) -> Doing | None:
        match event.button():
            case Qt.MouseButton.LeftButton if self.near_swipe(event.position()):
                return "swipe"
            case Qt.MouseButton.LeftButton if (hub := self._viewed.turn_hub(event.position())) is not None:
                self._hub = hub
                return "turn"
            case Qt.MouseButton.LeftButton if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                return "crosshair"
            case Qt.MouseButton.LeftButton:
                return self.tool
            case Qt.MouseButton.MiddleButton:
                return self.mouse.middle
            case Qt.MouseButton.RightButton:
                return "menu"
            case _:
                return None

    def move(self, event: QMouseEvent) -> None:
        """Go on with a drag, or point where Shift is held."""
        if self._doing is None:
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self._point(event.position())
            return
        away = event.position() - self._start
        if not self._moved and away.manhattanLength() < _CLICK and self._doing != "crosshair":
            return
        self._moved = True
        if self._doing == "menu":
            self._doing = self.mouse.right
        self._drag(event.position(), away.x(), away.y())

    def _drag(self, at: QPointF, right: float, down: float) -> None:
        match self._doing:
            case "window" if self._window is not None:
                uid, window = self._window
                self._viewed.ask_window(uid, window.dragged(2 ** (right / DOUBLING) - 1, -down / (2 * DOUBLING)))
            case "scroll":
                # The height of the pane goes through the series, but a slice takes at least three pixels.
                height = self._mapping.height if self._mapping is not None else 1.0
                step = max(3.0, min(20.0, height / max(self._viewed.slice_count(), 1)))
                self._viewed.ask_slice(self._index - round(down / step))
            case "pan" if self._mapping is not None:
                scale = self._mapping.scale
                self._viewed.ask_camera(self._mapping.camera.moved(-down / scale, -right / scale))
            case "zoom" if self._mapping is not None:
                factor = 2 ** (-down / DOUBLING)
                self._viewed.ask_camera(self._mapping.zoomed_about(factor, self._start.x(), self._start.y()))
            case "crosshair":
                self._point(at)
            case "turn":
                self._viewed.ask_turn(angle_about(self._hub, self._start, at), True)
            case "swipe":
                self._viewed.ask_swipe(at.x())
            case _:
                pass

    def _point(self, at: QPointF) -> None:
        mapping = self._viewed.mapping()
        if mapping is not None:
            self._viewed.ask_crosshair(mapping.point_at(at.x(), at.y()))

    def release(self, event: QMouseEvent) -> None:
        """End a drag; a right click without one opens the menu."""
        if event.button() != self._button:
            return
        if self._doing == "menu":
            self._viewed.ask_menu(event.globalPosition().toPoint())
        if self._doing == "turn" and self._moved:
            self._viewed.ask_turn(angle_about(self._hub, self._start, event.position()), False)
        self._doing, self._button = None, Qt.MouseButton.NoButton

    def wheel(self, event: QWheelEvent) -> None:
        """Go through slices or zoom. Small deltas of a trackpad add up to a notch."""
        # With Alt, and with Shift on macOS, the wheel turns sideways.
        delta = event.angleDelta().y() or event.angleDelta().x()
        if not delta:
            return
        does = self._wheel_does(event.modifiers())
        if does == "zoom":
            mapping = self._viewed.mapping()
            if mapping is not None:
                at = event.position()
                self._viewed.ask_camera(mapping.zoomed_about(_WHEEL_ZOOM ** (delta / _NOTCH), at.x(), at.y()))
            return
        if self._wheel * delta < 0:
            self._wheel = 0.0
        self._wheel += delta
        notches = int(self._wheel / _NOTCH)
        if notches:
            self._wheel -= notches * _NOTCH
            self._viewed.ask_slice(self._viewed.slice_index() + notches * (10 if does == "ten slices" else 1))

    def _wheel_does(self, modifiers: Qt.KeyboardModifier) -> Wheel:
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            return self.mouse.wheel_ctrl
        return self.mouse.wheel_shift if modifiers & Qt.KeyboardModifier.ShiftModifier else self.mouse.wheel
