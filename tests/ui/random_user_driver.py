"""The random user: sits at the real window and does whatever can be done there, in an order that a seed decides.

Everything goes through Qt's events, as from a mouse and a keyboard, but for what an operating system does: dropping
files, resizing. Questions that hold the program up are answered from a timer, as somebody would answer them.
"""

import random
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any
from unittest import mock

from PySide6.QtCore import QEvent, QEventLoop, QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QWidget

from medgan_viewer import app
from medgan_viewer.jobs.worker import Job
from medgan_viewer.models.manifest import Package
from medgan_viewer.services import InferenceService
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.segment_editor_mouse import BrushRing
from medgan_viewer.ui.theme import DARK, LIGHT
from medgan_viewer.ui.views.pane import Pane
from tests.ui import random_user_hands as hands
from tests.ui.random_user_watch import Mark, Watch, mark
from tests.ui.test_views_marks import is_marked

__all__ = ["RandomUser", "with_small_models"]

# How long a question may hold the program up before it is answered, and how often it is looked for.
_TICK_MS = 8
# How many windows beside the main one lie about before one is closed.
_MOST_WINDOWS = 3
_PATIENCE_SECONDS = 120.0
# Synthetic panes are looked at for their marks this often; a narrower one has no room for the whole label.
_LOOK_EVERY, _NARROW = 20, 100
_SIZES = ((1280, 720), (1600, 900), (1100, 640), (700, 300), (260, 200), (1, 1), (3000, 400))
# Ends the program: it is started again, which takes seconds, so not as often as the others.
_SELDOM = {"file.quit": 0.15, "file.virtual": 0.3, "view.full_screen": 0.3}


@contextmanager
def with_small_models(packages: Sequence[Package], virtual_patient: Path) -> Iterator[None]:
    """Have windows find small models in place of the bundled ones, and a small virtual patient."""
    warm, start = InferenceService.warm, InferenceService.start

    def offering(method: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method that makes the models' networks known first: a worker that was killed comes back anew."""

        def with_networks(service: InferenceService, *arguments: Any, **options: Any) -> Any:
            service._runner.ask(Job("tests.models.tiny:offer_test_networks"))
            return method(service, *arguments, **options)

        return with_networks

    # No mocks: they keep all that they are called with, and memory is measured.
    def found(*_: object) -> tuple[list[Package], list[Exception]]:
        return list(packages), []

    def made(*_: object) -> Path:
        return virtual_patient

    with (
        mock.patch.object(InferenceService, "warm", offering(warm)),
        mock.patch.object(InferenceService, "start", offering(start)),
        mock.patch("medgan_viewer.models.registry.scan", found),
        mock.patch("medgan_viewer.lab.virtual_patient.ensure_study", made),
    ):
        yield


class RandomUser:
    """Uses the program until a fault is seen or nothing is left to do; ``lately`` is what was done last."""

    def __init__(self, studies: Sequence[Path], scratch: Path, seed: int, watch: Watch) -> None:
        self.rng = random.Random(seed)
        self.watch = watch
        self.done = 0
        self.lately: deque[str] = deque(maxlen=30)
        # Called with each thing that is about to be done.
        self.told: Callable[[str], object] = lambda _words: None
        self._studies, self._scratch = list(studies), scratch
        self._goal = 0
        # Everything is being brought to an end.
        self._resting = False
        self._loop = QEventLoop()
        self._next = QTimer(singleShot=True)
        self._next.timeout.connect(self._step)
        # One for each deed that is under way, since questions lead to questions: no timer comes within itself.
        self._ticks: list[QTimer] = []
        self._depth = 0
        self.deeds: tuple[tuple[int, Callable[[], str]], ...] = (
            (20, self.press_shortcut),
            (12, self.trigger_action),
            (24, self.use_control),
            (26, self.use_pane),
            (5, self.open_something),
            (2, self.close_study),
            (4, self.resize),
            (3, self.run_model),
            (2, self.hold_to_reveal),
            (2, self.drop_series),
        )
        self.window = self._start()

    # -- sitting at it -------------------------------------------------------------------------------------------

    def _start(self) -> MainWindow:
        window = app.make_window()
        window.asks_before_closing = True
        window.resize(1280, 720)
        window.show()
        app._keep_session(window, reopening=True)
        app._collect_here(window)
        return window

    def live(self, actions: int) -> None:
        """Do so many things, fewer where a fault is seen."""
        self._goal = self.done + actions
        self._resting = False
        self._next.start(0)
        self._loop.exec()
        self._next.stop()

    def _step(self) -> None:
        if self.watch.faults or self.done >= self._goal:
            self._loop.quit()
            return
        try:
            if self.window.closing:
                self.window.deleteLater()
                self._say("starts the program again")
                self.window = self._start()
            self._do(self._choose())
            if self.done % _LOOK_EVERY == 0:
                self._look_at_marks()
        finally:
            # What was raised is noted on its way out, and the next step ends at it.
            self._next.start(30 if self.rng.random() < 0.05 else 0)

    def _choose(self) -> Callable[[], str]:
        popup, modal = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if popup is not None:
            return lambda: hands.use_menu(self.rng, popup)
        if modal is not None:
            return lambda: self._use_window(modal)
        if len(self._others()) > _MOST_WINDOWS:
            return self.close_window
        if not self.window.document.catalog.studies and self.rng.random() < 0.3:
            return self.open_something
        return self.rng.choices([deed for _, deed in self.deeds], [weight for weight, _ in self.deeds])[0]

    def _do(self, deed: Callable[[], str]) -> None:
        self.done += 1
        try:
            with self._answering():
                self._say(deed())
        except RuntimeError as error:
            # What was to be used went away under the hand, as menus and dialogs do.
            if "already deleted" not in str(error):
                raise

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Answer whatever holds up what is done meanwhile."""
        if self._depth == len(self._ticks):
            self._ticks.append(QTimer(interval=_TICK_MS))
            self._ticks[-1].timeout.connect(lambda: self._do(self._answer))
        tick = self._ticks[self._depth]
        self._depth += 1
        tick.start()
        try:
            yield
        finally:
            tick.stop()
            self._depth -= 1

    def _say(self, words: str) -> None:
        if self.lately and self.lately[-1].endswith("…"):
            self.lately.pop()
        self.lately.append(f"{self.done}: {words}")
        self.told(self.lately[-1])

    def _answer(self) -> str:
        popup, modal = QApplication.activePopupWidget(), QApplication.activeModalWidget()
        if popup is not None:
            if self._resting:
                popup.close()
                return "closes the menu"
            return hands.use_menu(self.rng, popup)
        if modal is not None:
            return self._use_window(modal)
        # Something is being dragged from one place to another.
        pane = self._pane()
        if self.rng.random() < 0.3:
            QTest.keyClick(pane, Qt.Key.Key_Escape)
            return "drops nothing"
        at = QPointF(pane.rect().center())
        for kind in (QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease):
            hands.mouse(pane, kind, at, Qt.MouseButton.LeftButton, down=kind == QEvent.Type.MouseMove)
        return "drops it on a pane"

    # -- windows and controls ------------------------------------------------------------------------------------

    def _others(self) -> list[QWidget]:
        """Return the other windows that are open."""
        kinds = (Qt.WindowType.Window, Qt.WindowType.Dialog)
        return [
            one
            for one in QApplication.topLevelWidgets()
            if one.isVisible() and one.windowType() in kinds and one is not self.window and not isinstance(one, QMenu)
        ]

    def close_window(self) -> str:
        """Close one of the other windows."""
        others = self._others()
        if not others:
            return "closes nothing"
        one = self.rng.choice(others)
        said = f"closes {type(one).__name__}"
        if self.rng.random() < 0.5:
            QTest.keyClick(one, Qt.Key.Key_Escape)
        else:
            one.close()
        return said

    def _use_window(self, top: QWidget) -> str:
        if isinstance(top, QMessageBox) and self._resting:
            yes = top.button(QMessageBox.StandardButton.Yes)
            top.reject() if yes is None else yes.click()
            return "says yes"
        if self._resting or self.rng.random() < 0.25:
            said = f"closes {type(top).__name__}"
            top.close()
            return said
        return self._use_one(top)

    def _use_one(self, top: QWidget) -> str:
        found = hands.controls(top)
        if not found:
            return "finds no control"
        widget = self.rng.choice(found)
        said = f"{type(top).__name__}: {type(widget).__name__} {widget.accessibleName() or widget.objectName()!r}"
        self._say(f"{said} …")
        return f"{said}: {hands.use(self.rng, widget)}"

    def use_control(self) -> str:
        """Use a control of any window."""
        others = self._others()
        return self._use_one(self.rng.choice(others) if others and self.rng.random() < 0.5 else self.window)

    def _action(self, *, with_keys: bool) -> QAction:
        while True:
            action = self.rng.choice(list(self.window.actions_by_id.values()))
            often = self.rng.random() < _SELDOM.get(action.objectName(), 1.0)
            if often and (action.shortcuts() or not with_keys):
                return action

    def press_shortcut(self) -> str:
        """Press the keys of an action, wherever the keyboard is."""
        action = self._action(with_keys=True)
        keys = self.rng.choice(action.shortcuts())
        target = QApplication.focusWidget() or self.window
        self._say(f"presses {keys.toString()} for {action.objectName()} …")
        QTest.keySequence(target if self.rng.random() < 0.6 else self.window.grid, keys)
        return f"presses {keys.toString()} for {action.objectName()}"

    def trigger_action(self) -> str:
        """Choose an action in a menu, if it can be chosen."""
        action = self._action(with_keys=False)
        self._say(f"chooses {action.objectName()} …")
        if action.isEnabled() and action.isVisible():
            action.trigger()
        return f"chooses {action.objectName()}"

    # -- panes ---------------------------------------------------------------------------------------------------

    def _pane(self) -> Pane:
        return self.rng.choice(self.window.grid.visible_panes or [self.window.grid.active_pane])

    def use_pane(self) -> str:
        """Do something with the mouse in a pane."""
        pane = self._pane()
        if not pane.isVisible():
            return "sees no pane"
        chosen = self.rng.random()
        if chosen < 0.45:
            return hands.drag(self.rng, pane, self._between)
        if chosen < 0.65:
            return hands.scroll(self.rng, pane)
        return hands.hover(self.rng, pane) if chosen < 0.75 else hands.use(self.rng, pane)

    def _between(self) -> None:
        """Press a key while the mouse is down, now and then."""
        if self.rng.random() < 0.1:
            self.press_shortcut()

    def drop_series(self) -> str:
        """Open a series, or show a result, in a pane."""
        uids = [series.uid for study in self.window.document.catalog.studies for series in study.series]
        uids += [layer.uid for layer in self.window.document.layers]
        if not uids:
            return "has nothing to drag"
        uid, pane = self.rng.choice(uids), self._pane()
        self.window._opening._on_dropped(uid, pane)
        return f"drops {uid} on a pane"

    def hold_to_reveal(self) -> str:
        """Hold the key that reveals the original, do something, and let it go, or not."""
        QTest.keyPress(self.window.grid, Qt.Key.Key_Q)
        said = self.use_pane()
        if self.rng.random() < 0.9:
            QTest.keyRelease(self.window.grid, Qt.Key.Key_Q)
        return f"holds Q and {said}"

    # -- studies, runs and the window ------------------------------------------------------------------------------

    def folders(self, parent: QWidget | None) -> list[Path]:
        """Return what is chosen in a dialog for files; nothing where it is cancelled."""
        if self.rng.random() < 0.3:
            return []
        return [self.rng.choice(self._studies)] if isinstance(parent, MainWindow) else [self._scratch]

    def open_something(self) -> str:
        """Drop folders or files on the window: new ones, or those that are open."""
        paths = self.rng.sample(self._studies, self.rng.choice([1, 1, 2]))
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        keys, button = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
        self.window.dropEvent(QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, button, keys))
        return f"opens {', '.join(path.name for path in paths)}"

    def close_study(self) -> str:
        """Close a study, whatever goes on in it."""
        studies = self.window.document.catalog.studies
        if not studies:
            return "has no study to close"
        self.window.studies.close_asked.emit(self.rng.choice(studies))
        return "closes a study"

    def run_model(self) -> str:
        """Run a model on the selected series, and perhaps cancel it at once."""
        uid = self.window.document.selected_series
        if uid is None or not self.window.document.is_loaded(uid):
            return "has nothing to run a model on"
        model = self.rng.choice(["image", "anatomy", "heat", "other"])
        card = self.window.models.card(model)
        if card is not None and card.despite.isVisible():
            card.despite.click()
        elif card is not None and card.button.isVisible():
            card.button.click()
        if self.rng.random() < 0.2:
            self.window.actions_by_id["help.cancel"].trigger()
        return f"runs {model}"

    def resize(self) -> str:
        """Make the window another size, nothing at all among them, or move, minimise and restore it."""
        chosen = self.rng.random()
        if chosen < 0.15:
            self.window.showMinimized()
            return "minimises the window"
        if chosen < 0.4:
            self.window.showNormal()
        size = self.rng.choice(_SIZES)
        # A window manager keeps to no smallest size.
        self.window.setMinimumSize(0, 0)
        self.window.resize(*size)
        if self.rng.random() < 0.2:
            self.window.move(self.rng.randint(-5000, 5000), self.rng.randint(-5000, 5000))
        return f"makes the window {size[0]} × {size[1]}"

    # -- watching ------------------------------------------------------------------------------------------------

    def _look_at_marks(self) -> None:
        """Note a fault where pixels of a model are seen without their mark."""
        theme = LIGHT if self.window.actions_by_id["view.light"].isChecked() else DARK
        for pane in self.window.grid.visible_panes:
            # The outline of the brush is the mouse's pointer, and may cross a mark as any pointer does.
            for ring in pane.findChildren(BrushRing):
                ring.hide()
            wide = pane.isVisible() and pane.width() > _NARROW and pane.height() > _NARROW
            if wide and pane.scene is not None and pane._picture().synthetic and not is_marked(pane, theme):
                self.watch.note("mark", f"a synthetic pane of {pane.width()} × {pane.height()} shows no whole mark")

    def rest(self) -> Mark:
        """Close everything but the window, wait until nothing goes on, and measure."""
        self._resting = True
        window = self.window
        if window.closing:
            window.deleteLater()
            window = self.window = self._start()
        for one in (QApplication.activePopupWidget(), *self._others()):
            if one is not None:
                one.close()
        window.resize(1280, 720)
        window.cine.play(False)
        for state in window.runs.states:
            window.runs.cancel(state.job_id)
        self._wait(lambda: not (window.runs.active or window.loader.busy or window.finding), "to come to rest")
        with self._answering():
            for study in window.document.catalog.studies:
                window.studies.close_asked.emit(study)
        self._wait(lambda: not window.document.catalog.studies and not window.loader.busy, "to close its studies")
        self._pass(0.2)
        return mark(self.done)

    def _wait(self, until: Callable[[], bool], what: str) -> None:
        end = monotonic() + _PATIENCE_SECONDS
        while not until() and not self.watch.faults:
            if monotonic() > end:
                self.watch.note("hang", f"the program takes more than {_PATIENCE_SECONDS:.0f} s {what}")
            self._pass(0.02)

    def _pass(self, seconds: float) -> None:
        """Let the program go on."""
        loop, timer = QEventLoop(), QTimer(singleShot=True)
        timer.timeout.connect(loop.quit)
        timer.start(round(1000 * seconds))
        loop.exec()

    def leave(self) -> None:
        """End the program."""
        self.window.asks_before_closing = False
        if not self.window.closing:
            self.window.close()
        self.window.deleteLater()
        self._pass(0.05)
