"""The alarms that stand, as cards: what is wrong and what to try."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from medgan_viewer.lab.training.run_folder import Alarm
from medgan_viewer.ui.lab.reading import RunView
from medgan_viewer.ui.panels.widgets import Card, ElidedLabel, clear, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["TITLES", "AlarmCards", "earlier_alarms"]

# As they stand within a sentence.
TITLES = {
    "vanishing_gradient": marked("vanishing gradient"),
    "discriminator_too_strong": marked("discriminator too strong"),
    "memorising": marked("memorising"),
    "mode_collapse": marked("mode collapse"),
    "oscillation": marked("oscillation"),
}


class AlarmCards(QScrollArea):
    """A column of cards, the oldest alarm first, and a line about earlier alarms; hidden where there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._content = QWidget()
        self._content.setObjectName("shell")
        self._column = QVBoxLayout(self._content)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self.setWidget(self._content)
        self._shown: tuple[tuple[Alarm, ...], str] = ((), "")
        self.hide()

    @property
    def shown(self) -> tuple[Alarm, ...]:
        """The alarms on the cards."""
        return self._shown[0]

    @property
    def earlier(self) -> str:
        """The line about alarms that are over."""
        return self._shown[1]

    def show_run(self, view: RunView) -> None:
        """Show the alarms that stand, and name those that are over."""
        shown = (view.standing, earlier_alarms(view.alarms))
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._column)
        for alarm in view.standing:
            self._add(_card(alarm))
        if self.earlier:
            self._add(ElidedLabel(self.earlier, "quiet"))
        self.setVisible(any(shown))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the sentences the height that they need at this width."""
        super().resizeEvent(event)
        self._fit()

    def _add(self, widget: QWidget) -> None:
        self._column.addWidget(widget)
        # A layout leaves out what was not shown yet when it is asked for its height.
        widget.show()

    def _fit(self) -> None:
        """Be as high as the cards, up to a third of the window."""
        width = self.viewport().width()
        # A wrapped label's size hint is that of a narrow column; only the height for this width counts.
        needed = (
            self._column.heightForWidth(width) if self._column.hasHeightForWidth() else self._column.sizeHint().height()
        )
        self._content.resize(width, max(needed, 0))
        self.setFixedHeight(max(min(needed, self.window().height() // 3), 1))


def earlier_alarms(alarms: tuple[Alarm, ...]) -> str:
    """Return a line about the alarms that were raised and are over, empty without such."""
    began: dict[str, int] = {}
    over: dict[str, list[str]] = {}
    for alarm in alarms:
        if alarm.raised:
            began[alarm.kind] = alarm.step
        elif alarm.kind in began:
            over.setdefault(alarm.kind, []).append(f"{began.pop(alarm.kind)}–{alarm.step}")
    if not over:
        return ""
    named = [tr("{0} (steps {1})").format(tr(TITLES.get(kind, kind)), ", ".join(times)) for kind, times in over.items()]
    return tr("Earlier, and over: {0}").format("; ".join(named))


def _card(alarm: Alarm) -> Card:
    card = Card()
    card.set_state("alarm")
    card.setAccessibleName(tr("Alarm: {0} {1}").format(alarm.sentence, alarm.advice))
    title = tr(TITLES.get(alarm.kind, alarm.kind))
    title = title[:1].upper() + title[1:]
    card.column.addWidget(
        label(tr("{0} · since step {1:,}").format(title, alarm.step).replace(",", " "), "alarm", wrap=False)
    )
    card.column.addWidget(label(alarm.sentence))
    if alarm.advice:
        card.column.addWidget(label(tr("What to try: {0}").format(alarm.advice), "quiet"))
    return card
