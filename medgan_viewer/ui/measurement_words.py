"""Measurements in words of the window's language; in files and in copied text they stay English (``core.measure``)."""

from medgan_viewer.core.measure.annotation import NAMES, Annotation
from medgan_viewer.core.measure.listing import Listed
from medgan_viewer.core.measure.words import Line
from medgan_viewer.ui.translation import numbers, tr

__all__ = ["is_numbered", "line_shown", "name_shown", "place_shown"]


def is_numbered(annotation: Annotation) -> bool:
    """Whether the name is the one that the program gave: that of its kind, and a number."""
    kind, _, number = annotation.name.rpartition(" ")
    return number.isdigit() and kind == NAMES[annotation.kind]


def name_shown(annotation: Annotation) -> str:
    """Return its name, translated where the program gave it: what somebody typed stays."""
    if annotation.name and not is_numbered(annotation):
        return annotation.name
    # The tools that draw them have the same names: these words are in the catalogue.
    return f"{tr(NAMES[annotation.kind])} {annotation.name.rpartition(' ')[2]}".strip()


def line_shown(annotation: Annotation, line: Line) -> Line:
    """Return a line of what it says with the language's decimal sign; words that somebody typed stay."""
    return line if annotation.kind in ("arrow", "text") else Line(numbers(line.text), line.synthetic)


def place_shown(entry: Listed) -> str:
    """Return which slice it is on, in words."""
    if entry.index is not None:
        return tr("slice {0}").format(entry.index + 1)
    return tr("{0} plane").format(tr(entry.facing)) if entry.opened is not None else ""
