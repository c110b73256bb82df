"""The language of the window: texts are English in the source, and translated where they are shown.

One mechanism: ``tr`` around a text that is shown at once, ``wording.marked`` around one in a table and ``tr`` where the
table is shown. Both take a plain literal, since Qt's lupdate reads the source; values go in by ``format`` afterwards.
What says that pixels are synthetic, and what leaves the program in files, is never translated.
"""

import logging
import re

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.settings import declared

__all__ = ["CATALOGUES", "install", "language", "numbers", "tr"]

_log = logging.getLogger(__name__)

# Per language: our catalogue, and Qt's for its own buttons and menus.
CATALOGUES = {"de": ("medgan-viewer_de.qm", "qtbase_de.qm"), "zh": ("medgan-viewer_zh.qm", "qtbase_zh_CN.qm")}

_POINT = re.compile(r"(?<=\d)\.(?=\d)")


def tr(text: str, meaning: str = "") -> str:
    """Return a text in the language of the window, as it is where that is English or nothing is known of it.

    ``meaning`` tells a text apart from another one that is the same in English alone.
    """
    return QCoreApplication.translate("", text, meaning)


def numbers(text: str) -> str:
    """Return numbers as the language of the window writes them: "2,5 mm" in German. Not for files, nor for names."""
    return _POINT.sub(QLocale().decimalPoint(), text)


def language(chosen: str) -> str:
    """Return the language for a value of the setting: "de", "zh" or "en", which also stands for all we do not have."""
    if chosen != declared("language").default:
        return chosen
    for wanted in QLocale.system().uiLanguages():
        of_system = wanted.replace("_", "-").partition("-")[0]
        if of_system == "en" or of_system in CATALOGUES:
            return of_system
    return "en"


def install(chosen: str) -> None:
    """Give the application the language of the setting, in place of the one it had; what is shown already stays."""
    application = QCoreApplication.instance()
    if application is None:
        raise UsageError("A language is for an application; there is none yet.")
    for before in application.findChildren(QTranslator):
        application.removeTranslator(before)
        before.deleteLater()
    wanted = language(chosen)
    # Fields for numbers write them as ``numbers`` does, whatever the system's language is.
    QLocale.setDefault(QLocale(wanted))
    if wanted not in CATALOGUES:
        return
    ours, of_qt = CATALOGUES[wanted]
    for name, folder in (
        (of_qt, QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)),
        (ours, str(resources.path("translations"))),
    ):
        translator = QTranslator(application)
        if translator.load(name, folder):
            application.installTranslator(translator)
        else:
            _log.warning("the translation %s is missing", name)
