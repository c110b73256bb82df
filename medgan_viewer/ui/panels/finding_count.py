"""How many findings the thresholds list, and a button that goes down until there are more."""

from collections.abc import Sequence

from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from medgan_viewer.core.commands import SetDisplay, Setting
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import HeatLayer
from medgan_viewer.ui.panels.finding_words import count_sentence, maps_listed, owners, threshold_words
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

__all__ = ["FindingCount"]

_WIDE = 190
# Qt's own largest width, which takes a limit back.
_ANY = 16777215
# How far a threshold goes down that was not calibrated.
_STEP = 0.05


class FindingCount(QWidget):
    """A sentence, and a button that lowers the thresholds of all heat maps until more is listed, as one edit."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        # Of which heat maps more was asked for, how many findings these had, and whose lists are still to come.
        self._asked: set[str] = set()
        self._were: int | None = None
        self._awaited: set[str] = set()
        # The thresholds as they were when the heat maps came.
        self._first: dict[str, float] = {}
        self._parts = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._parts.setContentsMargins(4, 0, 0, 0)
        self.sentence = label("", "quiet")
        self.more = button(
            tr("List less certain ones"),
            tr("Lower the threshold until more is listed; its slider is on the right, under Layers"),
            "link",
        )
        self.more.clicked.connect(self._on_more)
        self._parts.addWidget(self.sentence)
        self._parts.addWidget(self.more)
        self._parts.addStretch(1)
        self.set_on_one_line(False)

    def set_on_one_line(self, one_line: bool) -> None:
        """Stand on one line, or as a narrow column beside what is listed."""
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._parts.setDirection(across if one_line else down)
        self._parts.setSpacing(16 if one_line else 4)
        self.sentence.setWordWrap(not one_line)
        wide = QSizePolicy.Policy.Preferred if one_line else QSizePolicy.Policy.Ignored
        self.sentence.setSizePolicy(wide, self.sentence.sizePolicy().verticalPolicy())
        self.setMinimumWidth(0 if one_line else scaled(_WIDE))
        self.setMaximumWidth(_ANY if one_line else scaled(_WIDE))
        self._keep_lines()

    def show_count(self, count: int) -> None:
        """Say how many findings there are now, and from which thresholds they are listed."""
        maps, known = maps_listed(self._document), self._document.layers
        self._first = {
            layer.uid: self._first.get(layer.uid, layer.threshold) for layer in known if isinstance(layer, HeatLayer)
        }
        self.sentence.setText(count_sentence(count, maps, self._first))
        named = owners(self._document, maps)
        said = (f"{named[one.uid]}: {threshold_words(one, self._first[one.uid])}" for one in maps if named[one.uid])
        self.sentence.setToolTip("\n".join(said))
        self.more.setVisible(bool(self._lower(maps)))
        self._keep_lines()

    def _keep_lines(self) -> None:
        """Have all lines of the sentence be seen: the layout knows how many there are for another width."""
        column = self._parts.direction() == QBoxLayout.Direction.TopToBottom
        wide = scaled(_WIDE) - self._parts.contentsMargins().left()
        self.sentence.setMinimumHeight(max(self.sentence.heightForWidth(wide), 0) if column else 0)

    def follow(self, layer_uid: str) -> None:
        """Go on down where the new list of a heat map has nothing more."""
        self._awaited.discard(layer_uid)
        if self._were is None or self._awaited:
            return
        # Another patient may be looked at meanwhile.
        maps = [one for one in self._document.layers if isinstance(one, HeatLayer) and one.uid in self._asked]
        if self._count(maps) <= self._were and self._lower(maps):
            self._step(maps)
        else:
            self._were = None
            self._document.end_gesture()

    def _count(self, maps: Sequence[HeatLayer]) -> int:
        return sum(len(self._document.findings(layer.uid)) for layer in maps)

    def _lower(self, maps: Sequence[HeatLayer]) -> list[Setting]:
        """Return the next lower threshold of each of these heat maps that has one."""
        settings = []
        for layer in maps:
            steps = [value for _, value in layer.thresholds] or [layer.threshold - _STEP]
            below = [value for value in steps if 0 < value < layer.threshold]
            if below:
                settings.append(Setting(layer.uid, "threshold", layer.threshold, max(below)))
        return settings

    def _on_more(self) -> None:
        self._document.end_gesture()
        maps = maps_listed(self._document)
        self._asked, self._were = {layer.uid for layer in maps}, self._count(maps)
        self._step(maps)

    def _step(self, maps: Sequence[HeatLayer]) -> None:
        settings = self._lower(maps)
        self._awaited = {setting.layer_uid for setting in settings}
        self._document.execute(SetDisplay(tr("Lower threshold"), tuple(settings), sliding=True))
