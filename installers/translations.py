"""Brings the translations of the window up to date, with Qt's own tools; a translator does the rest.

``python -m installers.translations`` takes new texts of the sources into ``resources/translations/*.ts``, leaves out
what is gone, and makes the ``.qm`` files that the program loads. Translate with Qt Linguist (``pyside6-linguist``) or
an editor between two calls.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from installers.definition import ROOT

__all__ = ["LANGUAGES", "compiled", "source_file", "update"]

LANGUAGES = ("de", "zh")
FOLDER = ROOT / "resources" / "translations"
# Without places in the source, no line changes because code above it moved.
_UPDATE = ("-tr-function-alias", "QT_TR_NOOP+=marked", "-locations", "none", "-no-obsolete", "-silent")
_QT_NAMES = {"de": "de_DE", "zh": "zh_CN"}


def source_file(language: str) -> Path:
    """Return the file that holds a language's translations."""
    return FOLDER / f"medgan-viewer_{language}.ts"


def update(language: str, file: Path) -> None:
    """Take the texts of the sources into a file of translations. Raises CalledProcessError, OSError without tools."""
    sources = (path for path in sorted((ROOT / "medgan_viewer").rglob("*.py")) if "__pycache__" not in path.parts)
    names = [path.relative_to(ROOT).as_posix() for path in sources]
    _run("lupdate", *_UPDATE, *names, "-target-language", _QT_NAMES[language], "-ts", str(file))


def compiled(file: Path, folder: Path) -> Path:
    """Write what the program loads into a folder; return the file. Raises as ``update``."""
    made = folder / file.with_suffix(".qm").name
    _run("lrelease", "-silent", str(file), "-qm", str(made))
    return made


def _run(tool: str, *arguments: str) -> None:
    import PySide6

    folder = Path(PySide6.__file__).parent
    found = shutil.which(tool, path=str(folder)) or shutil.which(f"pyside6-{tool}")
    if found is None:
        raise FileNotFoundError(f"Qt's {tool} is missing; it comes with PySide6-Essentials.")
    subprocess.run([found, *arguments], cwd=ROOT, check=True)


if __name__ == "__main__":
    for each in LANGUAGES:
        update(each, source_file(each))
        sys.stdout.write(f"{compiled(source_file(each), FOLDER)}\n")
