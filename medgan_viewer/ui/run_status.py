"""Runs of models in the bar below everything: those under way and those that ended, whatever series is looked at."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from medgan_viewer.core.document import Change, Document, SeriesClosed
from medgan_viewer.ui.panels.widgets import ElidedLabel, button
from medgan_viewer.ui.runs import Runs, RunState, series_name
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["RunStatus"]

# More runs that ended are not told of; the panel of models knows all.
_ENDED = 2
_STANDING = {
    "starting": marked("Starting"),
    "done": marked("Done"),
    "failed": marked("Failed"),
    "cancelled": marked("Cancelled"),
}


class _Line(QWidget):
    """One run: how far it is, which model on which series, and what can be done about it."""

    cancel_asked = Signal(str)
    show_asked = Signal(str)
    dismissed = Signal(str)

    def __init__(self, job_id: str, name: str) -> None:
        super().__init__()
        self._name = name
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.text = ElidedLabel("")
        row.addWidget(self.text, 1)
        self.cancel = button(tr("Cancel"), tr("Cancel {0}").format(name), "link")
        self.cancel.clicked.connect(lambda: self.cancel_asked.emit(job_id))
        self.show_it = button(tr("Show"), tr("Show {0}").format(name), "link")
        self.show_it.clicked.connect(lambda: self.show_asked.emit(job_id))
        self.dismiss = button("×", tr("Close this message"), "link")
        self.dismiss.clicked.connect(lambda: self.dismissed.emit(job_id))
        for one in (self.cancel, self.show_it, self.dismiss):
            row.addWidget(one)

    def follow(self, state: RunState) -> None:
        """Say how the run stands; what may be cut off comes last."""
        self.text.set_full_text(f"{_standing(state)} · {self._name}")
        self.cancel.setVisible(state.active)
        self.show_it.setVisible(not state.active)
        self.dismiss.setVisible(not state.active)


def _standing(state: RunState) -> str:
    if state.status == "running":
        return tr("{0} %").format(100 * state.done // max(state.total, 1))
    return tr(_STANDING[state.status])


class RunStatus(QWidget):
    """The runs under way, and the last that ended until they were shown, closed or begun again; hidden without any.

    ``model_name`` gives the name of a model by its id.
    """

    show_asked = Signal(object)

    def __init__(self, document: Document, runs: Runs, model_name: Callable[[str], str]) -> None:
        super().__init__()
        self._document, self._runs, self._model_name = document, runs, model_name
        self.lines: dict[str, _Line] = {}
        # Ended runs that need not be told of any more.
        self._settled: set[str] = set()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(16)
        runs.changed.connect(lambda _: self._update())
        # After the runs themselves, which let go of what was closed.
        document.subscribe(self._on_change)
        self.hide()

    def _on_change(self, change: Change) -> None:
        if isinstance(change, SeriesClosed):
            self._update()

    def _told(self) -> list[RunState]:
        """Return the runs to tell of: of a model on a series its runs under way, else its last one."""
        states = [state for state in self._runs.states if self._document.opened(state.series_uid) is not None]
        active = [state for state in states if state.active]
        busy = {(state.model_id, state.series_uid) for state in active}
        last = {(state.model_id, state.series_uid): state for state in states}
        ended = [state for key, state in last.items() if key not in busy and state.job_id not in self._settled]
        # A run that only adds to a result ends in the picture that is looked at.
        ended = [state for state in ended if state.status == "failed" or not state.adds]
        return active + ended[-_ENDED:]

    def _update(self) -> None:
        self._settled &= {state.job_id for state in self._runs.states}
        told = {state.job_id: state for state in self._told()}
        for job_id in [job_id for job_id in self.lines if job_id not in told]:
            line = self.lines.pop(job_id)
            self._row.removeWidget(line)
            line.hide()
            line.deleteLater()
        for job_id, state in told.items():
            if job_id not in self.lines:
                self._add(state)
            self.lines[job_id].follow(state)
        self.setVisible(bool(self.lines))

    def _add(self, state: RunState) -> None:
        series = series_name(self._document.catalog.series(state.series_uid))
        line = _Line(state.job_id, f"{self._model_name(state.model_id)} · {series}")
        line.cancel_asked.connect(self._runs.cancel)
        line.show_asked.connect(self._on_show)
        line.dismissed.connect(self._settle)
        self._row.addWidget(line, 1)
        self.lines[state.job_id] = line

    def _on_show(self, job_id: str) -> None:
        state = next(state for state in self._runs.states if state.job_id == job_id)
        self._settle(job_id)
        self.show_asked.emit(state)

    def _settle(self, job_id: str) -> None:
        self._settled.add(job_id)
        self._update()
