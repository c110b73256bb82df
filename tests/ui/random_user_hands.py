"""The random user's hands: what can be done to one control, and to one pane, as mouse and keyboard do it."""

import random
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QKeySequenceEdit,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollBar,
    QSplitterHandle,
    QTextEdit,
    QWidget,
)

__all__ = ["controls", "drag", "scroll", "type_text", "use", "use_menu"]

_TEXTS = (
    "", "a", "brain", "3.5", "-1", "1e9", "0", "nought", "%s%n{}", " ", "W" * 64, "ü é 漢字", "שלום עולם", "مرحبا",
    "a\tb", "…", "127.0.0.1", "11112",
)  # fmt: skip
_BUTTONS = (Qt.MouseButton.LeftButton,) * 5 + (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)
_HELD = (Qt.KeyboardModifier.NoModifier,) * 4 + (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)
_STEPS = (
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End,
    Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
)  # fmt: skip
_OTHERS = (
    Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Space, Qt.Key.Key_Delete, Qt.Key.Key_Backspace,
)  # fmt: skip
_ACTED_ON = (QAbstractButton, QAbstractSlider, QAbstractSpinBox, QComboBox, QAbstractItemView, QSplitterHandle)
_LEFT = Qt.MouseButton.LeftButton


def _inside(top: QWidget) -> Iterator[QWidget]:
    """Return the widgets in another, but for the list that a box of choices keeps for itself.

    What Python has once seen of that, PySide keeps after the box is gone, and memory is measured.
    """
    for widget in top.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly):
        yield widget
        if not isinstance(widget, QComboBox):
            yield from _inside(widget)


def controls(top: QWidget) -> list[QWidget]:
    """Return what a person can act on in a window at this moment."""
    found = []
    for widget in _inside(top):
        if not widget.isVisible() or not widget.isEnabled() or widget.window() is not top:
            continue
        acted_on = isinstance(widget, _ACTED_ON) or widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        if acted_on and not isinstance(widget, QScrollBar) and not widget.visibleRegion().isEmpty():
            found.append(widget)
    return found


def _somewhere(rng: random.Random, widget: QWidget) -> QPoint:
    """Return a place of a widget that can be seen."""
    seen = widget.visibleRegion().boundingRect().intersected(widget.rect())
    if seen.isEmpty():
        return widget.rect().center()
    return QPoint(rng.randint(seen.left(), seen.right()), rng.randint(seen.top(), seen.bottom()))


def mouse(
    widget: QWidget,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton,
    held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    down: bool = True,
) -> None:
    """Send one mouse event; ``down`` says whether the button is held after it."""
    moved = kind == QEvent.Type.MouseMove
    own = Qt.MouseButton.NoButton if moved else button
    buttons = button if down else Qt.MouseButton.NoButton
    QApplication.sendEvent(widget, QMouseEvent(kind, at, widget.mapToGlobal(at), own, buttons, held))


def type_text(rng: random.Random, widget: QWidget) -> str:
    """Type some text into a widget; sometimes what was there goes first."""
    text = rng.choice(_TEXTS)
    if rng.random() < 0.6:
        QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(widget, Qt.Key.Key_Delete)
    for letter in text:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, letter))
    if rng.random() < 0.4:
        QTest.keyClick(widget, Qt.Key.Key_Return)
    return f"types {text!r}"


def use(rng: random.Random, widget: QWidget) -> str:
    """Do to a control what can be done to it; return that in words."""
    if isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit) and rng.random() < 0.8:
        return type_text(rng, widget)
    if isinstance(widget, QAbstractSpinBox) and rng.random() < 0.4:
        return type_text(rng, widget)
    if isinstance(widget, QAbstractSlider | QAbstractSpinBox | QComboBox | QAbstractItemView) and rng.random() < 0.6:
        return _step(rng, widget)
    if isinstance(widget, QKeySequenceEdit) and rng.random() < 0.8:
        QTest.keyClick(widget, rng.choice([Qt.Key.Key_F5, Qt.Key.Key_W, Qt.Key.Key_Q]), rng.choice(_HELD))
        return "presses keys"
    if isinstance(widget, QAbstractButton) and rng.random() < 0.9:
        QTest.mouseClick(widget, _LEFT, rng.choice(_HELD[:4]), _somewhere(rng, widget))
        return "clicks"
    ways: tuple[Callable[[random.Random, QWidget], str], ...] = (_click, _step, drag, scroll, _other_key)
    return rng.choice(ways)(rng, widget)


def _step(rng: random.Random, widget: QWidget) -> str:
    key = rng.choice(_STEPS)
    for _ in range(rng.randint(1, 3)):
        QTest.keyClick(widget, key)
    return f"presses {key.name}"


def _other_key(rng: random.Random, widget: QWidget) -> str:
    key = rng.choice(_OTHERS)
    QTest.keyClick(widget, key)
    return f"presses {key.name}"


def _click(rng: random.Random, widget: QWidget) -> str:
    button, held, at = rng.choice(_BUTTONS), rng.choice(_HELD), _somewhere(rng, widget)
    if rng.random() < 0.25:
        QTest.mouseDClick(widget, button, held, at)
        return f"double clicks {button.name}"
    QTest.mouseClick(widget, button, held, at)
    return f"clicks {button.name}"


def drag(rng: random.Random, widget: QWidget, between: Callable[[], object] = lambda: None) -> str:
    """Drag the mouse over a widget, perhaps beyond its edge, and do something ``between`` the moves."""
    button, held = rng.choice(_BUTTONS), rng.choice(_HELD)
    at = QPointF(_somewhere(rng, widget))
    mouse(widget, QEvent.Type.MouseButtonPress, at, button, held)
    reach = max(widget.width(), widget.height(), 1)
    for _ in range(rng.randint(0, 4)):
        at += QPointF(rng.uniform(-0.4, 0.4) * reach, rng.uniform(-0.4, 0.4) * reach)
        mouse(widget, QEvent.Type.MouseMove, at, button, held)
        between()
    mouse(widget, QEvent.Type.MouseButtonRelease, at, button, held, down=False)
    return f"drags {button.name} {held.name or ''}"


def hover(rng: random.Random, widget: QWidget) -> str:
    """Move the mouse over a widget without a button."""
    held = rng.choice(_HELD)
    for _ in range(2):
        at = QPointF(_somewhere(rng, widget))
        mouse(widget, QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, held)
    return f"moves {held.name or ''}"


def scroll(rng: random.Random, widget: QWidget) -> str:
    """Turn the wheel over a widget."""
    held, at = rng.choice(_HELD), QPointF(_somewhere(rng, widget))
    turn = QPoint(0, rng.choice([-360, -120, -15, 15, 120, 360]))
    phase = Qt.ScrollPhase.NoScrollPhase
    none = Qt.MouseButton.NoButton
    QApplication.sendEvent(widget, QWheelEvent(at, widget.mapToGlobal(at), QPoint(), turn, none, held, phase, False))
    return f"wheel {turn.y()} {held.name or ''}"


def use_menu(rng: random.Random, menu: QWidget) -> str:
    """Choose something in a menu that is open, or leave it."""
    if rng.random() < 0.35 or not isinstance(menu, QMenu):
        QTest.keyClick(menu, rng.choice([Qt.Key.Key_Escape, Qt.Key.Key_Return]))
        return "leaves the menu"
    for _ in range(rng.randint(1, 6)):
        QTest.keyClick(menu, rng.choice([Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right]))
    top = QApplication.activePopupWidget()
    if top is not None:
        QTest.keyClick(top, Qt.Key.Key_Return)
    return "chooses in the menu"
