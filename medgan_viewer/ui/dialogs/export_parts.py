"""Small parts of the export dialog: an area that scrolls, kinds of lines, and words."""

from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QStyle, QWidget

from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import Layer
from medgan_viewer.ui.translation import tr

__all__ = ["Scrolled", "judged", "names", "set_kind"]


# What of a screen is not the choices'.
_AROUND = 100


class Scrolled(QScrollArea):
    """As wide as what is in it, as high where the screen has room, and scrolled where it has not."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setObjectName("choices")
        self._inside = inside
        # Wrapped words ask for the height that they have where they are narrowest; what they have here is enough.
        inside.setMinimumHeight(1)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setAccessibleName(tr("What is exported, and how"))
        self.setFrameShape(QFrame.Shape.NoFrame)

    @property
    def needed(self) -> int:
        """The width at which nothing is cut at the side."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        return self._inside.minimumSizeHint().width() + bar

    def fit(self) -> None:
        """Widen to what is in it now, which may have changed, as far as the screen has room."""
        self.setMinimumWidth(min(self.needed, self.screen().availableSize().width() - _AROUND))


def set_kind(line: QLabel, kind: str) -> None:
    if line.objectName() != kind:
        line.setObjectName(kind)
        line.style().polish(line)


def judged(reading: Reading) -> str:
    """Return what the list of findings of a heat map holds."""
    count = len(reading.findings)
    counted = ((tr("{0} accepted"), reading.count("accepted")), (tr("{0} rejected"), reading.count("rejected")))
    said = [words.format(number) for words, number in counted if number]
    found = tr("1 finding") if count == 1 else tr("{0} findings").format(count)
    judgement = said or [tr("none judged yet")]
    return f"{reading.layer.name}: {', '.join([found, *judgement])}"


def names(before: str, layers: tuple[Layer, ...]) -> str:
    return f"{before} {', '.join(layer.name for layer in layers)}." if layers else ""
