"""The lab's window: trainings that run in processes of their own are followed, steered and started here.

Closing it, or the program, leaves every training running. Importing this module imports pyqtgraph, so it is imported
when the window is opened.
"""

import logging
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFontDatabase, QGuiApplication, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QPlainTextEdit,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer import resources, settings
from medgan_viewer.errors import MedganError, described
from medgan_viewer.lab.training.run_folder import RunFolder, Wish
from medgan_viewer.ui.banner import Banner
from medgan_viewer.ui.lab.alarm_cards import AlarmCards
from medgan_viewer.ui.lab.curves import CurvesPanel
from medgan_viewer.ui.lab.follow import Follower
from medgan_viewer.ui.lab.reading import Entry, RunView
from medgan_viewer.ui.lab.run_header import RunHeader
from medgan_viewer.ui.lab.runs_panel import RunsPanel
from medgan_viewer.ui.lab.samples import SamplesPanel
from medgan_viewer.ui.lab.starting import Starter, new_run_folder
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.theme import DARK, LIGHT, Theme
from medgan_viewer.ui.translation import tr

__all__ = ["LabWindow", "default_folder"]

_log = logging.getLogger(__name__)

_LEFT, _RIGHT = 240, 340
_HINT_WIDTH = 520


class LabWindow(QMainWindow):
    """Runs left, the chosen run's curves and alarms in the middle, its samples and recipe right."""

    closed = Signal()

    def __init__(self, folder: Path | None = None) -> None:
        super().__init__()
        self.setObjectName("shell")
        self.setWindowTitle(tr("Lab · MedGAN Viewer"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._theme = _theme_in_use()
        self._folder = folder or _remembered_folder()
        self._view: RunView | None = None
        self.follower = Follower(self)
        self.starter = Starter(self)
        self._build()
        self._connect()
        self._fit_screen()
        self.set_folder(self._folder)

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.runs = RunsPanel()
        self.header = RunHeader()
        self.alarms = AlarmCards()
        self.curves = CurvesPanel(self._theme)
        self.samples = SamplesPanel(self._theme)
        self.recipe = QPlainTextEdit()
        self.recipe.setReadOnly(True)
        self.recipe.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.recipe.setAccessibleName(tr("Recipe of this training"))
        self.recipe.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        self.runs.setMinimumWidth(190)
        splitter.addWidget(self.runs)
        self.pages = QStackedWidget()
        self.pages.addWidget(self._empty_page())
        self.pages.addWidget(self._run_page())
        splitter.addWidget(self.pages)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LEFT, 1000])
        self.setCentralWidget(splitter)
        self.banner = Banner(self.pages)

    def _empty_page(self) -> QWidget:
        page = QWidget()
        page.setObjectName("shell")
        column = QVBoxLayout(page)
        column.addStretch(2)
        self._headline, self._hint = label("", "welcome"), label("", "quiet")
        for text in (self._headline, self._hint):
            text.setAlignment(Qt.AlignmentFlag.AlignCenter)
            text.setFixedWidth(_HINT_WIDTH)
            column.addWidget(text, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(14)
        row = QHBoxLayout()
        row.addStretch()
        start = button(tr("Start a recipe…"), tr("Choose a recipe and train it"), "primary")
        start.clicked.connect(self.ask_recipe)
        folder = button(tr("Choose a folder…"), tr("Choose the folder that trainings are kept in"))
        folder.clicked.connect(self.ask_folder)
        row.addWidget(start)
        row.addWidget(folder)
        row.addStretch()
        column.addLayout(row)
        column.addStretch(3)
        return page

    def _run_page(self) -> QWidget:
        middle = QWidget()
        middle.setObjectName("shell")
        column = QVBoxLayout(middle)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(8)
        column.addWidget(self.header)
        column.addWidget(self.alarms)
        column.addWidget(self.curves, 1)
        side = QWidget()
        side.setObjectName("sideContent")
        side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        right = QVBoxLayout(side)
        right.setContentsMargins(12, 6, 12, 12)
        right.setSpacing(6)
        right.addWidget(self.samples, 3)
        right.addWidget(label(tr("RECIPE"), "heading", wrap=False))
        right.addWidget(self.recipe, 2)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(middle)
        splitter.addWidget(side)
        splitter.setStretchFactor(0, 5)
        splitter.setStretchFactor(1, 2)
        splitter.setSizes([700, _RIGHT])
        return splitter

    def _connect(self) -> None:
        self.follower.runs_found.connect(self._on_runs)
        self.follower.folder_unreadable.connect(self._on_unreadable)
        self.follower.run_read.connect(self._on_run)
        self.follower.picture_read.connect(self.samples.take_picture)
        self.samples.picture_wanted.connect(self.follower.read_picture)
        self.runs.run_chosen.connect(self._on_chosen)
        self.runs.folder_asked.connect(self.ask_folder)
        self.runs.start_asked.connect(self.ask_recipe)
        self.header.wished.connect(self.wish)
        self.header.go_on_asked.connect(self._on_go_on)
        self.starter.refused.connect(self._say_error)

    def _fit_screen(self) -> None:
        screen = QGuiApplication.primaryScreen().availableGeometry()
        self.setMinimumSize(min(960, screen.width()), min(560, screen.height()))
        self.resize(min(1400, screen.width()), min(860, screen.height()))

    # -- runs ----------------------------------------------------------------------------------------------------

    def set_folder(self, folder: Path) -> None:
        """Show the runs of another folder."""
        self._folder = folder
        self.runs.set_folder(folder)
        self._show(None)
        self._say_empty(tr("Looking for trainings…"), "")
        self.follower.set_folder(folder)

    def _on_runs(self, entries: list[Entry]) -> None:
        paths = [entry.path for entry in entries]
        shown = self.follower.path
        if shown not in paths:
            shown = paths[0] if paths else None
            self._show(shown)
        self.runs.show_entries(entries, shown)
        if not paths:
            self._say_empty(
                tr("No training here yet"),
                tr(
                    "A training is started from a recipe: a TOML file that names data, networks, objective and "
                    "schedule. It runs in a process of its own and goes on when this window is closed."
                ),
            )

    def _on_unreadable(self, sentence: str) -> None:
        self._show(None)
        self.runs.show_entries([], None)
        self._say_empty(tr("This folder cannot be read"), sentence)

    def _on_chosen(self, path: Path) -> None:
        self.runs.select(path)
        self._show(path)

    def _show(self, path: Path | None) -> None:
        if path == self.follower.path:
            return
        self._view = None
        self.follower.follow(path)
        if path is None:
            self.samples.show_run(None)
            self.pages.setCurrentIndex(0)

    def _on_run(self, view: RunView) -> None:
        self._view = view
        self.header.show_run(view, being_started=view.path in self.starter.starting)
        self.alarms.show_run(view)
        self.curves.show_run(view)
        self.samples.show_run(view)
        if self.recipe.toPlainText() != view.recipe:
            self.recipe.setPlainText(view.recipe)
        self.pages.setCurrentIndex(1)

    def _say_empty(self, headline: str, hint: str) -> None:
        self._headline.setText(headline)
        self._hint.setText(hint)
        # A widget that is not stretched gets the height of its hint, which is that of a narrow column.
        self._hint.setFixedHeight(max(self._hint.heightForWidth(_HINT_WIDTH), 1))
        self.pages.setCurrentIndex(0)

    def wish(self, wish: Wish) -> None:
        """Ask the shown training to pause, go on or stop."""
        if self._view is None:
            return
        try:
            RunFolder(self._view.path).write_wish(wish)
        except MedganError as error:
            self._say_error(error.sentence)
        self.follower.look()

    def _on_go_on(self) -> None:
        if self._view is not None:
            folder = RunFolder(self._view.path)
            self.starter.start(folder.recipe, folder.path)
            self.header.show_run(self._view, being_started=folder.path in self.starter.starting)
            self.follower.look()

    # -- choosing ------------------------------------------------------------------------------------------------

    def ask_folder(self) -> None:
        """Let the user choose the folder of the runs, and remember it."""
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder of the trainings"), str(self._folder))
        if chosen:
            self.set_folder(Path(chosen))
            _remember_folder(Path(chosen))

    def ask_recipe(self) -> None:
        """Let the user choose a recipe and train it in a new folder beside the other runs."""
        start = str(resources.path("recipes"))
        chosen, _ = QFileDialog.getOpenFileName(self, tr("Recipe to train"), start, tr("Recipes (*.toml)"))
        if chosen:
            self.start_recipe(Path(chosen))

    def start_recipe(self, recipe: Path) -> Path | None:
        """Start a training; return its run folder, None where it could not be started."""
        run = new_run_folder(self._folder, recipe)
        if not self.starter.start(recipe, run):
            return None
        self.banner.say(tr("Training {0} is being started.").format(recipe.stem), error=False)
        self._show(run)
        self.follower.look()
        return run

    def _say_error(self, sentence: str) -> None:
        self.banner.say(sentence, error=True)

    # -- Qt ------------------------------------------------------------------------------------------------------

    def changeEvent(self, event: QEvent) -> None:
        """Follow the viewer's look."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and _theme_in_use() != self._theme:
            self._theme = _theme_in_use()
            self.curves.set_theme(self._theme)
            self.samples.set_theme(self._theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the message in its place."""
        super().resizeEvent(event)
        self.banner.place()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop watching; trainings go on."""
        self.starter.close()
        self.follower.close()
        super().closeEvent(event)
        self.closed.emit()


def default_folder() -> Path:
    """Return the folder that trainings are kept in as long as no other one was chosen."""
    return settings.data_folder() / "trainings"


def _remembered_folder() -> Path:
    try:
        named = settings.load().text("lab_folder")
    except MedganError as error:
        _log.warning("settings: %s", described(error))
        named = ""
    if named:
        return Path(named)
    folder = default_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _log.warning("the folder of trainings: %s", described(error))
    return folder


def _remember_folder(folder: Path) -> None:
    try:
        settings.save(settings.load().changed("lab_folder", str(folder)))
    except MedganError as error:
        _log.warning("settings: %s", described(error))


def _theme_in_use() -> Theme:
    return LIGHT if QGuiApplication.palette().color(QPalette.ColorRole.Window).name() == LIGHT.window else DARK
