"""Name, status and progress of the chosen run, and the buttons that steer it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from medgan_viewer.lab.training.progress import duration
from medgan_viewer.ui.lab.reading import UNDER_WAY, RunView
from medgan_viewer.ui.panels.widgets import ElidedLabel, button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["STATUS_WORDS", "RunHeader", "facts"]

STATUS_WORDS = {
    "starting": marked("starting"),
    "running": marked("running"),
    "paused": marked("paused"),
    "stopped": marked("stopped, can go on"),
    "interrupted": marked("interrupted, can go on from its checkpoint"),
    "finished": marked("finished"),
    "failed": marked("failed"),
}


class RunHeader(QWidget):
    """What the run is, how far it is, and Pause, Resume, Stop."""

    wished = Signal(str)
    go_on_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        row = QHBoxLayout()
        self.title = ElidedLabel("", "patient")
        row.addWidget(self.title, 1)
        self.pause = button(tr("Pause"), tr("Hold the training after its present step, with a checkpoint"))
        self.pause.clicked.connect(lambda: self.wished.emit("pause"))
        self.resume = button(tr("Resume"), tr("Go on"))
        self.resume.clicked.connect(self._on_resume)
        self.stop = button(tr("Stop"), tr("Save a checkpoint and end; the training can go on later"))
        self.stop.clicked.connect(lambda: self.wished.emit("stop"))
        for made in (self.pause, self.resume, self.stop):
            row.addWidget(made)
        column.addLayout(row)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Steps done"))
        column.addWidget(self.bar)
        self.facts = ElidedLabel("", "quiet")
        column.addWidget(self.facts)
        self.sentence = label("", "caution")
        self.sentence.hide()
        column.addWidget(self.sentence)
        self._status = ""

    def show_run(self, view: RunView, *, being_started: bool = False) -> None:
        """Show a run; `being_started` says that a process was started for it that has said nothing yet."""
        self._status = view.status
        state = view.state
        self.title.set_full_text(view.title)
        steps = state.steps if state is not None else 0
        self.bar.setRange(0, max(steps, 1))
        self.bar.setValue(state.step if state is not None else 0)
        self.facts.set_full_text(facts(view))
        sentence = state.sentence if state is not None else ""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))
        held = view.status == "running" and view.wish == "pause"
        ending = view.status in UNDER_WAY and view.wish == "stop"
        self.pause.setText(tr("Pausing…") if held else tr("Pause"))
        self.stop.setText(tr("Stopping…") if ending else tr("Stop"))
        self.pause.setVisible(view.status in ("starting", "running"))
        self.pause.setEnabled(view.status == "running" and view.wish == "run")
        self.resume.setVisible(view.status in ("paused", "stopped", "interrupted", "failed"))
        self.resume.setEnabled(not ending and not being_started and (view.status != "paused" or view.wish == "pause"))
        self.resume.setText(tr("Starting…") if being_started else tr("Resume"))
        self.stop.setVisible(view.status in UNDER_WAY)
        self.stop.setEnabled(not ending and view.status != "starting")

    def _on_resume(self) -> None:
        if self._status == "paused":
            self.wished.emit("run")
        else:
            self.go_on_asked.emit()


def facts(view: RunView) -> str:
    """Return status, phase, steps, speed and time as one line."""
    state, info = view.state, view.info
    parts = [tr(STATUS_WORDS.get(view.status, view.status))]
    if state is not None:
        if state.phase and view.status in UNDER_WAY:
            parts.append(state.phase)
        parts.append(tr("step {0:,} of {1:,}").format(state.step, state.steps).replace(",", " "))
        if view.status == "running":
            if state.images_per_second is not None:
                parts.append(tr("{0:.1f} images/s").format(state.images_per_second))
            if state.seconds_left is not None:
                parts.append(tr("{0} left").format(duration(state.seconds_left)))
        parts.append(tr("{0} trained").format(duration(state.seconds)))
    if info is not None:
        parts.append(" ".join(part for part in (info.method, info.objective) if part))
        parts.append(f"{info.device} {info.precision}".strip())
    return " · ".join(part for part in parts if part)
