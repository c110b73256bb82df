"""What an archive has, as a tree: patients, their studies, and the series of a study once it is opened."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from medgan_viewer.dicom.archive.base import FoundSeries, FoundStudy
from medgan_viewer.ui.dicom_words import date_text, person_name
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["ArchiveResults"]

_COLUMNS = (
    marked("Patient, study, series"),
    marked("Date"),
    marked("Modality"),
    marked("Images"),
    marked("Identifier, accession"),
)
_STUDY, _SERIES = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class ArchiveResults(QTreeWidget):
    """Shows studies by patient; asks for the series of a study when it is opened for the first time."""

    series_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("archiveResults")
        self.setAccessibleName(tr("Studies found"))
        self.setHeaderLabels([tr(title) for title in _COLUMNS])
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        self.setUniformRowHeights(True)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in range(1, len(_COLUMNS)):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.itemExpanded.connect(self._on_expanded)

    def show_studies(self, studies: Sequence[FoundStudy]) -> None:
        """Show studies in place of what was there, the patient of the newest first."""
        self.clear()
        patients: dict[tuple[str, str, str], QTreeWidgetItem] = {}
        for study in studies:
            key = (study.patient_id, study.patient_name, study.birth_date)
            if key not in patients:
                patients[key] = self._add(
                    self.invisibleRootItem(), person_name(study.patient_name) or tr("No name"), "", "", "", key[0]
                )
                patients[key].setExpanded(True)
            count = _count(study.instance_count)
            modalities = ", ".join(study.modalities)
            title = study.description or tr("Study without description")
            item = self._add(patients[key], title, date_text(study.date), modalities, count, study.accession)
            item.setData(0, _STUDY, study.uid)
            item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.ShowIndicator)

    def show_series(self, study_uid: str, series: Sequence[FoundSeries]) -> None:
        """Show the series of a study below it."""
        for item in self._studies():
            if item.data(0, _STUDY) == study_uid and item.childCount() == 0:
                for one in series:
                    number = "" if one.number is None else f"{one.number} · "
                    title = f"{number}{one.description or one.modality}"
                    made = self._add(item, title, "", one.modality, _count(one.instance_count), "")
                    made.setData(0, _STUDY, study_uid)
                    made.setData(0, _SERIES, one.uid)
                item.setChildIndicatorPolicy(QTreeWidgetItem.ChildIndicatorPolicy.DontShowIndicatorWhenChildless)

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Return the UIDs of the studies chosen, each with those of its series that were, none for all of them."""
        found: dict[str, tuple[str, ...]] = {}
        whole: set[str] = set()
        for item in self.selectedItems():
            study, series = item.data(0, _STUDY), item.data(0, _SERIES)
            if study is None:
                whole.update(child.data(0, _STUDY) for child in _children(item))
            elif series is None:
                whole.add(study)
            else:
                found[study] = (*found.get(study, ()), series)
        return found | dict.fromkeys(sorted(whole), ())

    def _studies(self) -> list[QTreeWidgetItem]:
        return [study for patient in _children(self.invisibleRootItem()) for study in _children(patient)]

    def _on_expanded(self, item: QTreeWidgetItem) -> None:
        if item.data(0, _STUDY) is not None and item.childCount() == 0:
            self.series_wanted.emit(item.data(0, _STUDY))

    @staticmethod
    def _add(parent: QTreeWidgetItem, *texts: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent, list(texts))
        item.setTextAlignment(3, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return item


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    return [child for row in range(item.childCount()) if (child := item.child(row)) is not None]


def _count(number: int | None) -> str:
    return "" if number is None else str(number)
