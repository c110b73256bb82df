"""Where models run: shown, and to be chosen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

if TYPE_CHECKING:
    from medgan_viewer.models.device import DeviceReport

__all__ = ["DeviceButton"]

_DEVICES = {
    "cpu": marked("this computer's processor"),
    "cuda": marked("this computer's NVIDIA graphics card"),
    "mps": marked("this computer's Apple graphics"),
    "auto": marked("the fastest there is"),
}


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
        """Show on what the last run ran ("CPU bf16"): how exactly stands in the tooltip."""
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
        device = self._device if self._device != "auto" or self._report is None else self._report.chosen
        ran_on = self._last_run.partition(" ")[0].lower()
        self.setText(tr("Models run on: {0}").format(tr(_DEVICES[ran_on or device])))
        where = tr("Where models run")
        self.setToolTip(tr("{0} · last run: {1}").format(where, self._last_run) if self._last_run else where)
        self.setAccessibleName(self.text())
