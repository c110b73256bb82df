"""The composition root: the only file that knows everything."""

import logging
import sys
from collections.abc import Callable, Sequence
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

from medgan_viewer import __version__, resources
from medgan_viewer.core.document import Document
from medgan_viewer.ui.loading import Background, Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.style import apply_theme
from medgan_viewer.ui.theme import DARK

__all__ = ["make_window", "run", "run_demo"]

_log = logging.getLogger(__name__)


def _application() -> QApplication:
    """Return the application, made and styled once."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
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


def make_window(device: str = "auto") -> MainWindow:
    """Return the window with everything behind it, nothing open."""
    document = Document()
    window = MainWindow(document, Loader(document), Runs(document, device))
    window.virtual_patient_asked.connect(lambda: _open_virtual_patient(window))
    _fit_screen(window)
    # Behind the first paint: models are found, then the worker process starts so that the first run is quick.
    QTimer.singleShot(0, window, lambda: _find_models(window))
    return window


def _fit_screen(window: MainWindow) -> None:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    window.setMinimumSize(860, 560)
    window.resize(min(1600, screen.width()), min(900, screen.height()))


def _find_models(window: MainWindow) -> None:
    from medgan_viewer.models import registry

    packages, problems = registry.scan()
    window.models.set_models(packages, problems)
    if packages:
        window.runs.service.warm(packages[0])


def _open_virtual_patient(window: MainWindow, then: Callable[[Path], None] | None = None) -> None:
    """Make the virtual patient's study (once) in the background and open it."""
    window.banner.say("Making the virtual patient: a head that belongs to nobody.", error=False)
    background = Background("virtual-patient", window)
    window.destroyed.connect(background.close)

    def work() -> Path:
        from medgan_viewer.lab import virtual_patient

        return virtual_patient.ensure_study(_cache_folder(), seed=virtual_patient.DEMO_SEED)

    def done(result: Path | Exception) -> None:
        background.close()
        if isinstance(result, Exception):
            _log.error("the virtual patient could not be made", exc_info=result)
            window.banner.say("The virtual patient could not be made; the log has the details.", error=True)
            return
        window.banner.hide()
        (then or (lambda folder: window.open_paths([folder])))(result)

    background.run(work, done)


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("medgan-viewer", appauthor=False)


def run(paths: Sequence[Path]) -> int:
    """Open the window, with files and folders if any were given; return the exit code."""
    application = _application()
    window = make_window()
    window.show()
    if paths:
        window.open_paths(list(paths))
    return int(application.exec())


def run_demo(study_folder: Path, out: Path | None, *, headless: bool) -> int:
    """Open the virtual patient; headless, run the models by the window's own code, export and take its picture."""
    application = _application()
    window = make_window()
    window.show()
    window.open_paths([study_folder])
    if not headless:
        return int(application.exec())
    from medgan_viewer.ui.demo import Demo

    demo = Demo(window, out or Path("demo-output"))
    try:
        return demo.run()
    finally:
        window.close()
        _drain()


def _drain() -> None:
    """Let deferred deletions happen before the interpreter ends."""
    QCoreApplication.sendPostedEvents()
    QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
