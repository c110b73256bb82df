"""Which keys and mouse gestures stand for what: the table's defaults, but for what the user chose."""

from collections.abc import Mapping
from typing import cast

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

from medgan_viewer.settings import Settings, declared
from medgan_viewer.ui.actions import REMAPPABLE, TABLE, ActionSpec, set_keys
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.gestures import Mouse, Tool, Wheel

__all__ = [
    "Chosen",
    "Held",
    "InUse",
    "apply",
    "canonical",
    "holder",
    "in_use",
    "mouse_of",
    "mouse_rows",
    "shown_on",
    "with_key",
    "without",
]

# By an action's identifier: what is stored, its keys with a space between them; and what holds.
Chosen = Mapping[str, str]
InUse = Mapping[str, tuple[str, ...]]

_MOUSE = ("left", "middle", "right", "wheel", "wheel_shift", "wheel_ctrl", "double")
_MODIFIERS = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


def canonical(key: str | QKeySequence) -> str:
    """Return the one way to write a key, such as "Ctrl+Shift+A"; "" for what is no key.

    Shift does not count for a sign such as "?": on which keyboards it is needed differs.
    """
    sequence = QKeySequence(key)
    if sequence.count() != 1:
        return ""
    pressed = _first(sequence)
    code = pressed.key()
    if code in (Qt.Key.Key_unknown, *_MODIFIERS):
        return ""
    sign = Qt.Key.Key_Exclam <= code <= Qt.Key.Key_AsciiTilde and not chr(code).isalnum()
    modifiers = pressed.keyboardModifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if sign:
        modifiers &= ~Qt.KeyboardModifier.ShiftModifier
    code = Qt.Key.Key_Return if code == Qt.Key.Key_Enter else code
    return QKeySequence(modifiers.value | code.value).toString(QKeySequence.SequenceFormat.PortableText)


def _first(sequence: QKeySequence) -> QKeyCombination:
    combination: QKeyCombination = sequence[0]  # type: ignore[index]  # PySide6's stubs leave it out
    return combination


def shown_on(action: QAction) -> str:
    """Return the key of an action as the keyboard names it, "" where it has none."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)


def in_use(chosen: Chosen) -> dict[str, tuple[str, ...]]:
    """Return the keys of every action. No key stands for two: what was chosen goes before what is so by default."""
    taken: set[str] = set()
    found: dict[str, tuple[str, ...]] = {}
    for spec in sorted(REMAPPABLE, key=lambda spec: spec.id not in chosen):
        wanted = chosen[spec.id].split() if spec.id in chosen else spec.keys
        keys = dict.fromkeys(canonical(key) for key in wanted)
        found[spec.id] = tuple(key for key in keys if key and key not in taken)
        taken.update(found[spec.id])
    return {spec.id: found[spec.id] for spec in REMAPPABLE}


def holder(key: str, used: InUse, but: str) -> ActionSpec | None:
    """Return which other action a key stands for, None where it is free."""
    return next((spec for spec in REMAPPABLE if spec.id != but and key in used[spec.id]), None)


def with_key(chosen: Chosen, action_id: str, key: str) -> dict[str, str]:
    """Return choices in which an action has this key alone, "" for none; who had it has it no more."""
    used = in_use(chosen)
    changed = {**chosen, action_id: key}
    before = holder(key, used, action_id) if key else None
    if before is not None:
        changed[before.id] = " ".join(other for other in used[before.id] if other != key)
    return _told(changed)


def without(chosen: Chosen, action_id: str) -> dict[str, str]:
    """Return choices in which an action has its default keys again; who had taken them loses them."""
    spec = next(spec for spec in REMAPPABLE if spec.id == action_id)
    mine = {canonical(key) for key in spec.keys}
    used = in_use(chosen)
    changed = {name: keys for name, keys in chosen.items() if name != action_id}
    for other in REMAPPABLE:
        if other.id != action_id and mine & set(used[other.id]):
            changed[other.id] = " ".join(key for key in used[other.id] if key not in mine)
    return _told(changed)


def _told(chosen: Chosen) -> dict[str, str]:
    """Return choices without those that are so by default."""
    defaults = {spec.id: " ".join(canonical(key) for key in spec.keys) for spec in REMAPPABLE}
    return {name: keys for name, keys in chosen.items() if defaults.get(name) != keys}


def apply(actions: Mapping[str, QAction], used: InUse) -> None:
    """Give every action its keys, and its tooltip."""
    for spec in TABLE:
        set_keys(actions[spec.id], spec, used[spec.id])


def mouse_of(settings: Settings) -> Mouse:
    """Return what the mouse does."""
    left, middle, right = (cast(Tool, settings.text(f"mouse_{button}")) for button in ("left", "middle", "right"))
    wheel, shift, ctrl = (
        cast(Wheel, settings.text(f"mouse_{name}")) for name in ("wheel", "wheel_shift", "wheel_ctrl")
    )
    return Mouse(left, middle, right, wheel, shift, ctrl, maximises=settings.text("mouse_double") == "maximise")


def mouse_rows(settings: Settings) -> list[tuple[str, str]]:
    """Return every gesture and what it does, in words."""
    rows = []
    for name in _MOUSE:
        setting = declared(f"mouse_{name}")
        rows.append((tr(setting.title), tr(dict(setting.choices)[settings.text(setting.name)])))
    return [
        *rows,
        (tr("Right click"), tr("Menu")),
        (tr("Shift + move"), tr("Crosshair in every linked pane")),
        (tr("Ring on a line of MPR"), tr("Drag it to turn the planes")),
    ]


class Held:
    """A key that does something for as long as it is held; Qt's shortcuts know no such keys."""

    def __init__(self, keys: tuple[str, ...]) -> None:
        self._keys = keys
        self._codes = {_first(QKeySequence(key)).key() for key in keys}

    def begins(self, event: QKeyEvent) -> bool:
        """Whether the key goes down."""
        return not event.isAutoRepeat() and canonical(QKeySequence(event.keyCombination())) in self._keys

    def ends(self, event: QKeyEvent) -> bool:
        """Whether the key goes up; its modifiers may have gone before it."""
        return not event.isAutoRepeat() and event.key() in self._codes
