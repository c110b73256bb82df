"""One setting as a row: what it is, what it does, and the control that its kind asks for."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.settings import Setting, Value
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

__all__ = ["SettingRow"]

_CONTROL_WIDTH = 270

Control = QCheckBox | QComboBox | QDoubleSpinBox | QLineEdit


class SettingRow(QWidget):
    """Shows a setting and changes it at once; follows whatever else changes it."""

    def __init__(self, setting: Setting, live: LiveSettings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting, self._live = setting, live
        self.control = self._made()
        self.control.setAccessibleName(tr(setting.title))
        self.control.setAccessibleDescription(tr(setting.description))
        self.control.setToolTip(tr(setting.description))
        self.control.installEventFilter(self)
        # The wheel goes through the dialog unless the control was chosen.
        self.control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.reset = _reset_button(tr(setting.title))
        self.reset.clicked.connect(lambda: live.reset(setting.name))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(label(tr(setting.title)))
        words.addWidget(label(tr(setting.description), "quiet"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 5, 0, 5)
        row.addLayout(words, 1)
        row.addWidget(self.reset)
        row.addWidget(self._placed(), 0, Qt.AlignmentFlag.AlignVCenter)
        live.changed.connect(self._on_changed)
        self._show()

    def search(self, words: Sequence[str]) -> bool:
        """Be visible where every word is about this setting; return whether it is."""
        said = " ".join(
            (tr(self.setting.title), tr(self.setting.description), *(tr(text) for _, text in self.setting.choices))
        )
        found = all(word in said.casefold() for word in words)
        self.setVisible(found)
        return found

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the wheel pass over a control that was not chosen."""
        if event.type() == QEvent.Type.Wheel and not self.control.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    # -- controls ------------------------------------------------------------------------------------------------

    def _made(self) -> Control:
        setting = self.setting
        match setting.kind:
            case "yes/no":
                check = QCheckBox(tr("On"))
                check.toggled.connect(self._set)
                return check
            case "choice":
                box = QComboBox()
                for value, words in setting.choices:
                    box.addItem(tr(words), value)
                box.currentIndexChanged.connect(lambda _: self._set(str(box.currentData())))
                return box
            case "number":
                number = QDoubleSpinBox()
                number.setRange(*setting.range)
                whole = all(end.is_integer() for end in map(float, setting.range))
                number.setDecimals(0 if whole else 2)
                number.setSingleStep(1 if whole else setting.range[0])
                # As high as the other controls.
                number.setMinimumHeight(scaled(28))
                number.setSuffix(f" {tr(setting.unit)}")
                number.setKeyboardTracking(False)
                number.valueChanged.connect(self._set)
                return number
            case _:
                line = QLineEdit()
                line.editingFinished.connect(lambda: self._set(line.text().strip()))
                return line

    def _placed(self) -> QWidget:
        """Return the control, with what belongs beside it."""
        if self.setting.kind != "folder":
            self.control.setFixedWidth(scaled(_CONTROL_WIDTH))
            return self.control
        both = QWidget()
        both.setFixedWidth(scaled(_CONTROL_WIDTH))
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.control, 1)
        choose = button(tr("Choose…"), tr("Choose a folder: {0}").format(tr(self.setting.title)))
        choose.clicked.connect(self._on_choose)
        row.addWidget(choose)
        return both

    def _on_choose(self) -> None:
        folder = QFileDialog.getExistingDirectory(
            self, tr(self.setting.title), self._live.values.text(self.setting.name)
        )
        if folder:
            self._set(str(Path(folder)))

    # -- values --------------------------------------------------------------------------------------------------

    def _set(self, value: Value) -> None:
        self._live.set(self.setting.name, value)

    def _on_changed(self, name: str) -> None:
        if name == self.setting.name:
            self._show()

    def _show(self) -> None:
        value = self._live.values.value(self.setting.name)
        control = self.control
        with QSignalBlocker(control):
            if isinstance(control, QCheckBox):
                control.setChecked(bool(value))
            elif isinstance(control, QComboBox):
                control.setCurrentIndex(control.findData(value))
            elif isinstance(control, QDoubleSpinBox):
                control.setValue(self._live.values.number(self.setting.name))
            else:
                control.setText(str(value))
        self.reset.setVisible(value != self.setting.default)


def _reset_button(title: str) -> QPushButton:
    """Return the button that brings a default back; it keeps its place while it is not shown."""
    made = button(tr("Reset"), tr("Reset to the default: {0}").format(title), "link")
    policy = made.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    made.setSizePolicy(policy)
    return made
