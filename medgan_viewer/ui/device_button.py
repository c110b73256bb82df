"""Where models run: shown, and to be chosen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from medgan_viewer.ui.translation import tr

if TYPE_CHECKING:
    from medgan_viewer.models.device import DeviceReport

__all__ = ["DeviceButton"]


class DeviceButton(QToolButton):
    """Names the device that is chosen; its menu offers those that the machine has."""

    device_chosen = Signal(str)

    def __init__(self, device: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._device = device
        self._report: DeviceReport | None = None
        self._last_run = ""
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolTip(tr("Where models run"))
        self._update()

    def set_report(self, report: "DeviceReport") -> None:
        """Offer what the machine has."""
        self._report = report
        menu = QMenu(self)
        group = QActionGroup(menu)
        for value, words in self._choices(report):
            action = QAction(words, menu)
            action.setCheckable(True)
            action.setChecked(value == self._device)
            action.setData(value)
            group.addAction(action)
            menu.addAction(action)
        group.triggered.connect(lambda action: self._on_chosen(str(action.data())))
        self.setMenu(menu)
        self._update()

    def set_device(self, device: str) -> None:
        """Show another choice."""
        if device != self._device:
            self._device, self._last_run = device, ""
            menu = self.menu()
            for action in [] if menu is None else menu.actions():
                action.setChecked(action.data() == device)
            self._update()

    def set_last_run(self, words: str) -> None:
        """Show on what the last run ran ("CPU bf16")."""
        self._last_run = words
        self._update()

    @staticmethod
    def _choices(report: "DeviceReport") -> list[tuple[str, str]]:
        choices = [("auto", tr("The fastest there is ({0})").format(report.chosen.upper()))]
        if report.cuda:
            choices.append(("cuda", tr("NVIDIA GPU: {0}").format(report.cuda[0])))
        if report.mps:
            choices.append(("mps", tr("Apple GPU")))
        choices.append(("cpu", tr("Processor: {0}, {1} threads").format(report.cpu, report.threads)))
        return choices

    def _on_chosen(self, device: str) -> None:
        self.set_device(device)
        self.device_chosen.emit(device)

    def _update(self) -> None:
        known = self._report.chosen.upper() if self._report is not None else ""
        device = (known or "auto") if self._device == "auto" else self._device.upper()
        self.setText(tr("Models run on: {0}").format(self._last_run or device))
        self.setAccessibleName(self.text())
