"""The recent studies as they are shown: a list on the first page, and a menu."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QVBoxLayout, QWidget

from medgan_viewer.ui.dicom_words import date_text
from medgan_viewer.ui.panels.widgets import ElidedLabel, button, clear, label
from medgan_viewer.ui.recents import Recents, RecentStudy
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled

__all__ = ["RecentList", "RecentMenu", "words_of"]

# What the first page has room for at 1280 × 720.
_ROWS = 5
_WIDTH = 520


def words_of(study: RecentStudy, *, missing: bool, hidden: bool) -> tuple[str, str]:
    """Return the two lines of a study: what it is, and where. ``hidden`` leaves out all that may tell who it is of."""
    date = "" if hidden else date_text(study.date)
    what = " · ".join(part for part in (study.description or tr("Study"), study.modalities, date) if part)
    if missing:
        return what, tr("not there any more") if hidden else tr("{0} · not there any more").format(study.place)
    return what, "" if hidden else study.place


class RecentList(QWidget):
    """The studies that were looked at last, each with a button that opens it and one that takes it off the list."""

    def __init__(self, recents: Recents, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recents, self._hidden = recents, False
        self.setMaximumWidth(scaled(_WIDTH))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(tr("RECENT STUDIES"), "heading"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        column.addLayout(self._rows)
        recents.changed.connect(self.follow)
        self.follow()

    def set_patient_data_hidden(self, hidden: bool) -> None:
        """Leave dates and names of folders out, or show them."""
        self._hidden = hidden
        self.follow()

    def follow(self) -> None:
        """Show what is kept now."""
        clear(self._rows)
        for study in self._recents.studies[:_ROWS]:
            self._rows.addWidget(self._row(study))
        self.setVisible(bool(self._recents.studies))

    def _row(self, study: RecentStudy) -> QWidget:
        missing = study.key in self._recents.missing
        what, where = words_of(study, missing=missing, hidden=self._hidden)
        box = QFrame()
        box.setObjectName("card")
        row = QHBoxLayout(box)
        row.setContentsMargins(10, 6, 8, 6)
        lines = QVBoxLayout()
        lines.setSpacing(1)
        lines.addWidget(ElidedLabel(what))
        if where:
            lines.addWidget(ElidedLabel(where, "caution" if missing else "quiet"))
        row.addLayout(lines, 1)
        again = button(tr("Open", "the button"), "", "link")
        again.setAccessibleName(tr("Open {0}", "the button").format(", ".join(part for part in (what, where) if part)))
        again.setToolTip("" if self._hidden else study.path)
        again.clicked.connect(lambda: self._recents.open(study))
        row.addWidget(again)
        off = button("×", tr("Take it off this list; its files stay"), "link")
        off.setAccessibleName(tr("Take {0} off this list").format(what))
        off.clicked.connect(lambda: self._recents.remove(study))
        row.addWidget(off)
        return box


class RecentMenu(QMenu):
    """The same as a menu, made anew whenever it comes up."""

    def __init__(self, recents: Recents, action: QAction, parent: QWidget) -> None:
        super().__init__(parent)
        self._recents, self._hidden = recents, False
        self.setToolTipsVisible(True)
        action.setMenu(self)
        self.aboutToShow.connect(self._fill)

    def set_patient_data_hidden(self, hidden: bool) -> None:
        """Leave dates and names of folders out, or show them."""
        self._hidden = hidden

    def _fill(self) -> None:
        self.clear()
        for study in self._recents.studies:
            what, where = words_of(study, missing=study.key in self._recents.missing, hidden=self._hidden)
            words = " — ".join(part for part in (what, where) if part).replace("&", "&&")
            entry = self.addAction(words)
            entry.setToolTip("" if self._hidden else study.path)
            entry.triggered.connect(lambda _on=False, chosen=study: self._recents.open(chosen))
        if not self._recents.studies:
            self.addAction(tr("None is remembered")).setEnabled(False)
            return
        self.addSeparator()
        self.addAction(tr("Clear this list")).triggered.connect(self._recents.clear)
