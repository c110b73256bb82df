"""The composition root: the only file that knows everything."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QEventLoop,
    QMessageLogContext,
    Qt,
    QTimer,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication

from medgan_viewer import __version__, crash, releases, resources, settings
from medgan_viewer.core.document import Document
from medgan_viewer.errors import MedganError, described
from medgan_viewer.models.device import DeviceReport
from medgan_viewer.models.manifest import Package
from medgan_viewer.ui import preferences, translation
from medgan_viewer.ui.live_settings import LiveSettings
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.rubbish import Collecting, give_large_blocks_back
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.style import apply_theme
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.translation import tr

__all__ = ["make_window", "run", "run_demo"]

_log = logging.getLogger(__name__)

# The worker starts after so long a rest.
_IDLE_MS = 700


def _application() -> QApplication:
    """Return the application, made and styled once."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    give_large_blocks_back()
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    application = QApplication(sys.argv[:1])
    application.setApplicationName("MedGAN Viewer")
    application.setApplicationVersion(__version__)
    application.setWindowIcon(QIcon(str(resources.path("icons", "medgan-viewer.svg"))))
    qInstallMessageHandler(_on_qt_message)
    apply_theme(application, DARK)
    return application


def _on_qt_message(kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    level = {QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO}.get(kind, logging.WARNING)
    _log.log(level, "Qt: %s", message)


def make_window() -> MainWindow:
    """Return the window with everything behind it, nothing open."""
    document = Document()
    values, problem = settings.load_or_set_aside()
    # Before anything is made that says something.
    translation.install(values.text("language"))
    window = MainWindow(document, Loader(document), Runs(document, values.text("device")))
    live = LiveSettings(values, window)
    preferences.connect(window, live)
    window.settings_asked.connect(lambda: _show_settings(live, window))
    if problem:
        window.banner.say(problem, error=True)
    window.hanging.folder = settings.configuration_folder() / "hanging"
    window.annotations.folder = settings.data_folder() / "annotations"
    window.virtual_patient_asked.connect(lambda: _open_virtual_patient(window))
    window.updates_asked.connect(lambda: _look_for_updates(window, live.values.text("release_feed")))
    _fit_screen(window)
    # Behind the first paint: models are found, then the worker process starts so that the first run is quick.
    QTimer.singleShot(0, window, lambda: _find_models(window))
    return window


def _ask_for_agreement(window: MainWindow) -> None:
    """Ask whether the program is for research, before anything can be done with it."""
    from medgan_viewer.ui.dialogs.acceptance import ask

    live = window.findChild(LiveSettings)
    if live is not None:
        ask(live, window)


def _keep_session(window: MainWindow, *, reopening: bool) -> None:
    """Keep what is open for the next start as the settings say; offer what was kept of the last one, or reopen it."""
    from medgan_viewer.ui.session import Session

    live = window.findChild(LiveSettings)
    if live is None:
        return
    session = Session(window, settings.data_folder() / "session")
    window.results_kept = session.keeps_results
    session.notice.connect(lambda sentence: window.banner.say(sentence, error=False))
    action = window.actions_by_id["file.reopen"]

    def offer(words: str) -> None:
        action.setStatusTip(words)
        action.setEnabled(bool(words))

    def wanted(name: str) -> None:
        if name == "reopen":
            session.set_keeping(live.values.text("reopen") != "never")

    session.offered.connect(offer)
    window.reopen_asked.connect(session.reopen)
    live.changed.connect(wanted)
    wanted("reopen")
    if reopening:
        session.look(session.reopen if live.values.text("reopen") == "always" else None)


def _collect_here(window: MainWindow) -> None:
    """Collect what nobody needs any more on this thread alone, until the window ends."""
    collecting = Collecting(window.grid.looked_at, window)
    # A stroke of the brush looks at no other slice.
    window.document.subscribe(collecting.put_off)
    window.ended.connect(collecting.stop)


def _show_settings(live: LiveSettings, window: MainWindow) -> None:
    from medgan_viewer.ui.settings_dialog import SettingsDialog

    SettingsDialog.open_for(live, window)


def _fit_screen(window: MainWindow) -> None:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    # Narrower, the marks on panes would have to be cut.
    window.setMinimumSize(min(1100, screen.width()), min(640, screen.height()))
    window.resize(min(1600, screen.width()), min(900, screen.height()))


def _find_models(window: MainWindow) -> None:
    from medgan_viewer.models import registry

    try:
        packages, problems = registry.scan()
    except MedganError as error:
        # Unreadable settings hide the user's own model folder, not the bundled models.
        window.banner.say(error.sentence, error=True)
        packages, problems = registry.scan([resources.path("models")])
    window.models.set_models(packages, problems)
    idle = QTimer(window)
    idle.setInterval(_IDLE_MS)
    idle.setSingleShot(True)

    def put_off(*_: object) -> None:
        idle.start()

    def start_worker() -> None:
        # Its start takes a core for seconds: a study that is being opened, and a reader who scrolls, go first.
        if window.loader.busy:
            idle.start()
        else:
            window.grid.looked_at.disconnect(put_off)
            _start_worker(window, packages)

    idle.timeout.connect(start_worker)
    # Each look at another slice puts the start off.
    window.grid.looked_at.connect(put_off)
    idle.start()


def _start_worker(window: MainWindow, packages: Sequence[Package]) -> None:
    """Start the worker before it is needed, and ask it for the devices."""
    if window.closing:
        return
    if packages and not window.runs.states:
        window.runs.service.warm(packages[0])
    window.recognising.start()
    background = window.background("devices")

    def done(report: DeviceReport | Exception) -> None:
        background.close()
        if isinstance(report, Exception):
            _log.warning("the devices could not be listed: %s", described(report))
        else:
            window.device.set_report(report)

    background.run(window.runs.service.devices, done)


def _open_virtual_patient(window: MainWindow) -> None:
    """Make the virtual patient's study (once) in the background and open it."""
    window.banner.say(tr("Making the virtual patient: a head that belongs to nobody."), error=False)
    background = window.background("virtual-patient")

    def work() -> Path:
        from medgan_viewer.lab import virtual_patient

        return virtual_patient.ensure_study(settings.cache_folder())

    def done(result: Path | Exception) -> None:
        background.close()
        if isinstance(result, Exception):
            _log.error("the virtual patient could not be made: %s", described(result))
            window.banner.say(tr("The virtual patient could not be made; the log has the details."), error=True)
            return
        window.banner.hide()
        window.open_paths([result])

    background.run(work, done)


def _look_for_updates(window: MainWindow, feed: str) -> None:
    """Ask the release feed, since somebody chose to, and say what it answers."""
    background = window.background("updates")

    def done(release: releases.Release | Exception) -> None:
        background.close()
        if isinstance(release, MedganError):
            window.banner.say(release.sentence, error=True)
        elif isinstance(release, Exception):
            _log.error("the release feed: %s", described(release))
            window.banner.say(tr("The release feed could not be asked; the log has the details."), error=True)
        else:
            window.banner.say(releases.words(release), error=False)

    background.run(lambda: releases.check(feed), done)


def _offer_crash_reports(window: MainWindow) -> None:
    """Offer what an earlier session left when it crashed."""
    reports = crash.unseen()
    if reports:
        from medgan_viewer.ui.dialogs.crash_report import CrashReportDialog

        CrashReportDialog(reports, window).show()


def run(paths: Sequence[Path], *, of_patients: bool = True) -> int:
    """Open the window, with files and folders if any were given; return the exit code."""
    with crash.watching():
        application = _application()
        window = make_window()
        window.asks_before_closing = True
        window.pane_windows.place_home()
        window.show()
        _keep_session(window, reopening=not paths)
        _collect_here(window)
        if paths:
            window.open_paths(list(paths))
        _offer_crash_reports(window)
        if of_patients:
            _ask_for_agreement(window)
        return int(application.exec())


def run_demo(study_folder: Path, out: Path | None, headless: bool) -> int:
    """Open the virtual patient; headless, run the models by the window's own code, export and take its picture."""
    if not headless:
        return run([study_folder], of_patients=False)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Without a reference Qt would be gone.
    application = _application()
    window = make_window()
    window.hanging.set_on_opening(False)
    # The offscreen screen is small, and nobody has to fit the window on a desk.
    window.resize(1600, 900)
    window.show()
    window.open_paths([study_folder])
    from medgan_viewer.ui.demo import Demo

    demo = Demo(window, out or Path("demo-output"))
    try:
        return demo.run()
    finally:
        window.close()
        _drain()
        del application


def _drain() -> None:
    """Let deferred deletions happen before the interpreter ends."""
    QCoreApplication.sendPostedEvents()
    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
