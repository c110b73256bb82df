"""The keys of all actions as a list, and the line below it that gives the chosen action another one."""

from collections.abc import Sequence
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QKeySequenceEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.settings import Setting
from medgan_viewer.ui import keys
from medgan_viewer.ui.actions import REMAPPABLE, ActionSpec, key_text
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

__all__ = ["KeysRow"]

_HEIGHT = 300
_ID = Qt.ItemDataRole.UserRole
_BY_ID = {spec.id: spec for spec in REMAPPABLE}


class KeysRow(QWidget):
    """Every action with its keys. A key that stands for another action is only taken from it when asked for."""

    def __init__(self, setting: Setting, live: LiveSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting, self._live = setting, live
        self.list = self._made_list()
        self.title = label("", wrap=False)
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(tr("New key"))
        self.edit.setToolTip(tr("Press the new key here"))
        self.edit.keySequenceChanged.connect(self._on_pressed)
        self.none = self._button(tr("No key"), tr("Take the key away from this action"))
        self.none.clicked.connect(lambda: self._give(""))
        self.reset = self._button(tr("Default"), tr("Give this action its default key"))
        self.reset.clicked.connect(self._on_reset)
        self.reset_all = self._button(tr("All defaults"), tr("Give every action its default key"))
        self.reset_all.clicked.connect(lambda: live.reset(setting.name))
        self.message = label("", "caution")
        self.take = self._button(tr("Take it"), tr("Take the key from that action"))
        self.take.clicked.connect(self._on_take)
        self._wanted = ""
        line, said = QHBoxLayout(), QHBoxLayout()
        line.addWidget(self.title, 1)
        for widget in (self.edit, self.none, self.reset, self.reset_all):
            line.addWidget(widget)
        said.addWidget(self.message, 1)
        said.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 5, 0, 5)
        column.addWidget(label(tr(setting.description), "quiet"))
        column.addWidget(self.list)
        column.addLayout(line)
        column.addLayout(said)
        self.list.currentItemChanged.connect(lambda _now, _before: self._on_current())
        live.changed.connect(self._on_changed)
        self._show()
        self.choose(REMAPPABLE[0].id)

    def search(self, words: Sequence[str]) -> bool:
        """Show the actions that every word is about; return whether there is one."""
        groups: dict[str, bool] = dict.fromkeys(self._groups, False)
        for action_id, item in self._items.items():
            said = " ".join((tr(self.setting.title), *(item.text(column) for column in range(3)))).casefold()
            found = all(word in said for word in words)
            item.setHidden(not found)
            groups[_BY_ID[action_id].group] |= found
        for group, shown in groups.items():
            self._groups[group].setHidden(not shown)
        self.setVisible(any(groups.values()))
        return any(groups.values())

    def choose(self, action_id: str) -> None:
        """Choose the action that gets another key."""
        self.list.setCurrentItem(self._items[action_id])

    # -- building ------------------------------------------------------------------------------------------------

    def _made_list(self) -> QTreeWidget:
        made = QTreeWidget()
        made.setHeaderLabels([tr("Action"), tr("Key"), tr("What it does")])
        made.setAccessibleName(tr("Actions and their keys"))
        made.setMinimumHeight(scaled(_HEIGHT))
        made.setUniformRowHeights(True)
        self._items: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, QTreeWidgetItem] = {}
        in_groups = sorted(REMAPPABLE, key=lambda spec: _group_place(spec.group))
        for group, specs in groupby(in_groups, key=lambda spec: spec.group):
            parent = self._groups[group] = QTreeWidgetItem(made, [tr(group)])
            parent.setFlags(Qt.ItemFlag.ItemIsEnabled)
            for spec in specs:
                item = QTreeWidgetItem(parent, [tr(spec.text), "", tr(spec.tooltip)])
                item.setData(0, _ID, spec.id)
                item.setToolTip(2, tr(spec.tooltip))
                self._items[spec.id] = item
            parent.setExpanded(True)
        made.setColumnWidth(0, 230)
        made.setColumnWidth(1, 110)
        return made

    @staticmethod
    def _button(text: str, tooltip: str) -> QPushButton:
        made = button(text, tooltip)
        made.setAutoDefault(False)
        return made

    # -- changing ------------------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> ActionSpec | None:
        item = self.list.currentItem()
        return None if item is None else _BY_ID.get(str(item.data(0, _ID)))

    def _on_pressed(self, pressed: QKeySequence) -> None:
        spec, key = self._chosen, keys.canonical(pressed)
        self._say("")
        if spec is None or not key:
            return
        holder = keys.holder(key, self._used, spec.id)
        if holder is None:
            self._give(key)
            return
        self._wanted = key
        self._say(tr("{0} stands for “{1}”.").format(key_text((key,)), tr(holder.text)))

    def _on_take(self) -> None:
        self._give(self._wanted)

    def _give(self, key: str) -> None:
        spec = self._chosen
        if spec is not None:
            self._live.set(self.setting.name, keys.with_key(self._live.values.mapping(self.setting.name), spec.id, key))
            self._on_current()

    def _on_reset(self) -> None:
        spec = self._chosen
        if spec is not None:
            self._live.set(self.setting.name, keys.without(self._live.values.mapping(self.setting.name), spec.id))
            self._on_current()

    # -- showing -------------------------------------------------------------------------------------------------

    def _say(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.message.setAccessibleName(sentence)
        self.take.setVisible(bool(sentence))

    def _on_current(self) -> None:
        spec = self._chosen
        self._say("")
        self.title.setText("" if spec is None else tr("New key for “{0}”:").format(tr(spec.text)))
        self.edit.blockSignals(True)
        self.edit.clear()
        self.edit.blockSignals(False)
        for control in (self.edit, self.none, self.reset):
            control.setEnabled(spec is not None)

    def _on_changed(self, name: str) -> None:
        if name == self.setting.name:
            self._show()

    def _show(self) -> None:
        chosen = self._live.values.mapping(self.setting.name)
        self._used = keys.in_use(chosen)
        for action_id, item in self._items.items():
            item.setText(1, key_text(self._used[action_id]))
            font = item.font(1)
            font.setBold(action_id in chosen)
            item.setFont(1, font)
        self.reset_all.setEnabled(bool(chosen))


def _group_place(group: str) -> int:
    return [spec.group for spec in REMAPPABLE].index(group)
