"""The alarms that stand, as cards: what is wrong and what to try."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from medgan_viewer.lab.run_folder import Alarm
from medgan_viewer.ui.panels.widgets import Card, clear, label

__all__ = ["TITLES", "AlarmCards"]

TITLES = {
    "vanishing_gradient": "Vanishing gradient",
    "discriminator_too_strong": "Discriminator too strong",
    "memorising": "Memorising",
    "mode_collapse": "Mode collapse",
    "oscillation": "Oscillation",
}


class AlarmCards(QWidget):
    """A column of cards, the oldest alarm first; hidden while nothing is wrong."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._shown: tuple[Alarm, ...] = ()
        self.hide()

    @property
    def shown(self) -> tuple[Alarm, ...]:
        """The alarms on the cards."""
        return self._shown

    def show_alarms(self, standing: tuple[Alarm, ...]) -> None:
        """Show the alarms that stand."""
        if standing == self._shown:
            return
        self._shown = standing
        clear(self._column)
        for alarm in standing:
            self._column.addWidget(_card(alarm))
        self.setVisible(bool(standing))


def _card(alarm: Alarm) -> Card:
    card = Card()
    card.set_state("alarm")
    card.setAccessibleName(f"Alarm: {alarm.sentence} {alarm.advice}")
    title = TITLES.get(alarm.kind, alarm.kind)
    card.column.addWidget(label(f"{title} · since step {alarm.step:,}".replace(",", " "), "alarm", wrap=False))
    card.column.addWidget(label(alarm.sentence))
    if alarm.advice:
        card.column.addWidget(label(f"What to try: {alarm.advice}", "quiet"))
    return card
