"""Which findings are listed: all, or those that the reader has said one thing of."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from medgan_viewer.core.layers import Verdict
from medgan_viewer.ui.panels.widgets import restyle
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["FindingFilter"]

# What the button says, and what it does.
_WORDS: dict[Verdict | None, tuple[str, str]] = {
    None: (marked("All {0}"), marked("List all findings: {0}")),
    "open": (marked("Open {0}"), marked("List open findings: {0}")),
    "accepted": (marked("Accepted {0}"), marked("List accepted findings: {0}")),
    "rejected": (marked("Rejected {0}"), marked("List rejected findings: {0}")),
}


class FindingFilter(QWidget):
    """A column of buttons, each with how many findings it lists; ``verdict`` is the chosen one, None for all."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("findingFilter")
        self.verdict: Verdict | None = None
        self._buttons: dict[Verdict | None, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(2)
        for verdict in _WORDS:
            made = QToolButton()
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            made.clicked.connect(lambda _checked=False, one=verdict: self.choose(one))
            self._buttons[verdict] = made
            column.addWidget(made)
        column.addStretch()
        self.count([])

    def choose(self, verdict: Verdict | None) -> None:
        """List the findings of one verdict, or all of them."""
        self.verdict = verdict
        self._mark()
        self.chosen.emit()

    def lists(self, verdict: Verdict) -> bool:
        """Whether a finding of this verdict is listed."""
        return self.verdict is None or self.verdict == verdict

    def count(self, verdicts: Sequence[Verdict]) -> None:
        """Say how many findings there are of each."""
        for verdict, made in self._buttons.items():
            count = len(verdicts) if verdict is None else sum(one == verdict for one in verdicts)
            says, does = _WORDS[verdict]
            made.setText(tr(says).format(count))
            made.setAccessibleName(tr(does).format(count))
        self._mark()

    def _mark(self) -> None:
        for verdict, made in self._buttons.items():
            restyle(made, "chosen", "true" if verdict == self.verdict else "false")

    @property
    def texts(self) -> list[str]:
        """What the buttons say."""
        return [made.text() for made in self._buttons.values()]
