"""Linking by registration: started by an action, done in a process of its own, shown in a bar, ended by a link."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QWidget

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.registration import Registration, objection
from medgan_viewer.errors import UnsuitableError
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Progress
from medgan_viewer.jobs.runner import Runner
from medgan_viewer.jobs.shared_array import SharedArray
from medgan_viewer.jobs.worker import Job
from medgan_viewer.ui.job_bridge import JobBridge
from medgan_viewer.ui.panels.widgets import button
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.scene import Scene

__all__ = ["Registering", "RegistrationBar"]

_NUMBERS = 20


@dataclass(eq=False)
class _Wish:
    """Two scenes that are to be linked, the first one staying where it is."""

    first: Scene
    second: Scene
    name: str
    job_id: str = ""
    answer: SharedArray | None = None
    arrays: list[SharedArray] = field(default_factory=list)

    def release(self) -> None:
        """Let the voxels go."""
        for array in self.arrays:
            array.unlink()
        self.arrays.clear()


class Registering(QObject):
    """Registers what other panes show to what the active one shows, one series after the other.

    It has a process of its own, of the same kind as that for models, so that a reader waits for no model, and a model
    for no registration. What is found links panes for this session; it is written into no file.
    """

    changed = Signal()
    notice = Signal(str)
    failed = Signal(str)

    def __init__(
        self,
        document: Document,
        grid: ViewGrid,
        parent: QObject,
        make_runner: Callable[[Callable[[Event], None]], Runner] = Runner,
    ) -> None:
        super().__init__(parent)
        self._document, self._grid, self._make_runner = document, grid, make_runner
        self._runner: Runner | None = None
        self._wishes: list[_Wish] = []
        # Of the registration under way: the share done, and how many seconds are left where that is known.
        self.share = 0.0
        self.seconds_left: float | None = None
        self._bridge = JobBridge(self)
        # Queued even from the UI thread itself: a wish knows its job before its first event is handled.
        self._bridge.arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the actions call."""
        return {"compare.register": self.start}

    @property
    def active(self) -> bool:
        """Whether a registration is under way."""
        return bool(self._wishes)

    @property
    def name(self) -> str:
        """What is registered to what, in words."""
        return self._wishes[0].name if self._wishes else ""

    def start(self) -> None:
        """Register what stands in the other panes to the active one, or say why there is nothing to do."""
        first = self._grid.active_pane.scene
        others = self._grid.other_spaces()
        if self.active:
            self.notice.emit(tr("A registration is under way; wait for it or cancel it."))
            return
        if first is None or not others:
            self.notice.emit(tr("No other pane shows a series of this patient in a space of its own."))
            return
        for scene in (first, *others):
            if reason := self._unfit(scene.opened):
                self.failed.emit(reason)
                return
        self._wishes = [_Wish(first, one, f"{_named(one.opened)} → {_named(first.opened)}") for one in others]
        self._next()

    def _unfit(self, opened: OpenSeries | None) -> str:
        if opened is None or not self._document.is_loaded(opened.series.uid):
            return tr("Wait until the series are read; then register them.")
        if opened.stack.colour is not None:
            return tr("{0} is in colour; only images of values can be registered.").format(_named(opened))
        return ""

    def cancel(self) -> bool:
        """End what is under way; return whether anything was."""
        if not self._wishes or self._runner is None:
            return False
        del self._wishes[1:]
        self._runner.cancel(self._wishes[0].job_id)
        return True

    def close(self) -> None:
        """End the process."""
        if self._runner is not None:
            self._runner.close()
        for wish in self._wishes:
            wish.release()
        self._wishes.clear()

    def _next(self) -> None:
        self.share, self.seconds_left = 0.0, None
        if self._wishes:
            if self._runner is None:
                self._runner = self._make_runner(self._bridge.receive)
            wish = self._wishes[0]
            job = Job("medgan_viewer.core.registration:run")
            wish.job_id = job.job_id
            self._runner.submit(job, lambda: _arguments(wish))
        self.changed.emit()

    @Slot(object)
    def _on_event(self, event: Event) -> None:
        if not self._wishes or event.job_id != self._wishes[0].job_id:
            return
        match event:
            case Progress(_, done, total, seconds_left):
                self.share, self.seconds_left = done / total, seconds_left
                self.changed.emit()
            case Finished() | Failed() | Cancelled():
                wish = self._wishes.pop(0)
                wish.release()
                self._end(wish, event)
                self._next()
            case _:
                pass

    def _end(self, wish: _Wish, event: Finished | Failed | Cancelled) -> None:
        if isinstance(event, Failed):
            self.failed.emit(event.sentence)
        elif isinstance(event, Cancelled) or wish.answer is None:
            self.notice.emit(tr("The registration was cancelled; nothing was linked."))
        else:
            self._take(wish, Registration.from_numbers(wish.answer.array))

    def _take(self, wish: _Wish, found: Registration) -> None:
        quality = found.quality
        if reason := quality.objection:
            words = tr("Not linked: {0}. Link them by hand, at a place that both show.")
            self.failed.emit(words.format(reason))
            return
        how = tr("registered ({0})").format(quality.short)
        if self._grid.link_registered(wish.first, wish.second, found.fixed_from_moving, how):
            said = tr(
                "Linked by registration. Registered each way, the answers agree within {0:.1f} mm; {1:.0f} % of the "
                "body is in both; shared information {2:.2f} before, {3:.2f} now. Point at a few landmarks before you "
                "rely on it."
            )
            share = 100 * quality.overlap
            said = said.format(max(quality.disagreement_mm, 0.1), share, quality.before, quality.after)
            self.notice.emit(numbers(said))


def _named(opened: OpenSeries | None) -> str:
    return "" if opened is None else opened.series.description or opened.series.modality


def _arguments(wish: _Wish) -> dict[str, Any]:
    """Return what the job is given: copies of the voxels in shared memory. Slow; raises MedganError."""
    wish.answer = SharedArray((_NUMBERS,), "float64")
    wish.arrays.append(wish.answer)
    given: dict[str, Any] = {"answer": wish.answer.handle}
    for name, scene in (("fixed", wish.first), ("moving", wish.second)):
        opened = scene.opened
        if opened is None:
            raise UnsuitableError(tr("A series was closed; nothing was registered."))
        volume = opened.volume()
        if reason := objection(volume):
            raise UnsuitableError(tr("{0} cannot be registered: {1}.").format(_named(opened), reason))
        shared = SharedArray(volume.shape, volume.array.dtype)
        wish.arrays.append(shared)
        shared.array[...] = volume.array
        given[name] = (shared.handle, volume.affine)
    return given


class RegistrationBar(QWidget):
    """The bar below the images while a registration is under way: what, how far, how long, and Cancel."""

    def __init__(self, registering: Registering, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._registering = registering
        self.setObjectName("timeBar")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 12, 4)
        self.words = QLabel("")
        row.addWidget(self.words)
        self.progress = QProgressBar()
        self.progress.setRange(0, 100)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress of the registration"))
        row.addWidget(self.progress, 1)
        self.cancel = button(tr("Cancel"), tr("End the registration; nothing is linked"), "link")
        self.cancel.clicked.connect(registering.cancel)
        row.addWidget(self.cancel)
        registering.changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Show how things stand."""
        state = self._registering
        self.setVisible(state.active)
        left = "" if state.seconds_left is None else tr(" · about {0:.0f} s left").format(state.seconds_left)
        self.words.setText(tr("Registering {0}").format(state.name) + left)
        self.progress.setValue(round(100 * state.share))
