"""The dialog of archives asks in the background, shows what it is told, and keeps what has come."""

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document
from medgan_viewer.dicom.archive import credentials, entries
from medgan_viewer.dicom.archive.base import (
    Cancelled,
    Found,
    FoundSeries,
    FoundStudy,
    Progress,
    Query,
    Received,
    Sent,
    never,
)
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.errors import ArchiveError
from medgan_viewer.ui.dialogs import archives
from medgan_viewer.ui.dialogs.archive_entry import ArchiveEntryDialog
from medgan_viewer.ui.dialogs.archives import ArchivesDialog
from tests.dicom_builder import ramp, write_series

STUDIES = (
    FoundStudy("1.2", "Okafor^Ada", "P-1", "19600101", "20260503", "Knee", modalities=("MR",), instance_count=9),
    FoundStudy("1.3", "Okafor^Ada", "P-1", "19600101", "20260401", "Brain", modalities=("MR",)),
    FoundStudy("1.4", "Lind^Per", "P-2", "", "20260301", "", modalities=("CT", "PT")),
)
SERIES = (FoundSeries("1.2.1", "1.2", 1, "MR", "T1", 5), FoundSeries("1.2.2", "1.2", 2, "MR", "", 4))


class Played:
    """An archive that answers as the test says."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.error: Exception | None = None
        self.more = False
        # Retrieving waits here, in the background, for the test.
        self.may_go_on = threading.Event()

    def _answer(self, asked: Any) -> None:
        self.asked.append(asked)
        if self.error is not None:
            raise self.error

    def verify(self, cancelled: Cancelled = never) -> None:
        self._answer("verify")

    def find_studies(self, query: Query, cancelled: Cancelled = never) -> Found:
        self._answer(query)
        return Found(STUDIES, self.more)

    def find_series(self, study_uid: str, cancelled: Cancelled = never) -> tuple[FoundSeries, ...]:
        self._answer(study_uid)
        return SERIES

    def retrieve(
        self,
        study_uid: str,
        folder: Path,
        *,
        series_uids: Sequence[str] = (),
        on_progress: Callable[[Progress], None] | None = None,
        on_series: Callable[[Path], None] | None = None,
        cancelled: Cancelled = never,
    ) -> Received:
        self._answer((study_uid, tuple(series_uids)))
        assert on_progress is not None
        assert on_series is not None
        on_progress(Progress(4, 9, 2.0))
        on_series(folder / study_uid / "1.2.1")
        while not cancelled() and not self.may_go_on.wait(0.01):
            pass
        return Received(folder, 4 if cancelled() else 9, cancelled=cancelled())

    def send(
        self,
        files: Sequence[Path],
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Cancelled = never,
    ) -> Sent:
        self._answer(sorted(path.name for path in files))
        return Sent(len(files) - 1, ("one.dcm: the archive did not take it.",))


class Desk:
    """A dialog over a played archive, and what it asked to have opened."""

    def __init__(self, qtbot: QtBot, folder: Path, archive: Played) -> None:
        self.opened: list[Path] = []
        self.archive = archive
        self.document = Document()
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.dialog = ArchivesDialog(self.window, self.document, self.opened.extend)
        self.dialog.folder.setText(str(folder / "in"))
        self.freed = False
        self.dialog.destroyed.connect(self._on_freed)
        self.dialog.show()
        self._qtbot = qtbot

    def _on_freed(self) -> None:
        self.freed = True

    def press(self, name: str) -> None:
        QTest.mouseClick(getattr(self.dialog, name), Qt.MouseButton.LeftButton)

    def settle(self) -> str:
        """Wait until nothing is under way; return what is said."""
        self._qtbot.waitUntil(lambda: not self.dialog.stop.isEnabled(), timeout=20_000)
        return self.dialog.message.text()

    def do(self, name: str) -> str:
        self.press(name)
        return self.settle()

    def study(self, number: int) -> Any:
        return self.dialog.results._studies()[number]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Played]:
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))
    played = Played()
    monkeypatch.setattr(archives, "connect", lambda entry: played)
    yield played
    played.may_go_on.set()


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, archive: Played) -> Iterator[Desk]:
    entries.add(Entry("pacs", host="pacs.example", ae_title="PACS"))
    made = Desk(qtbot, tmp_path, archive)
    yield made
    archive.may_go_on.set()
    if not made.freed:
        made.dialog.close()
    qtbot.waitUntil(lambda: made.freed, timeout=20_000)


def test_that_without_an_archive_it_says_what_to_do(qtbot: QtBot, tmp_path: Path, archive: Played) -> None:
    desk = Desk(qtbot, tmp_path, archive)
    assert desk.dialog.message.text().startswith("No archive is kept yet.")
    assert desk.dialog.add.isEnabled()
    assert not any(part.isEnabled() for part in (desk.dialog.query, desk.dialog.check, desk.dialog.retrieve))
    desk.dialog.close()


def test_that_a_check_says_that_the_archive_answers(desk: Desk) -> None:
    assert desk.do("check") == "pacs answers."
    assert desk.archive.asked == ["verify"]


def test_that_an_error_is_one_sentence_and_nothing_stays_locked(desk: Desk) -> None:
    desk.archive.error = ArchiveError('The archive "pacs" is away.')
    assert desk.do("query") == 'The archive "pacs" is away.'
    assert desk.dialog.message.objectName() == "caution"
    assert desk.dialog.query.isEnabled()


def test_that_an_unexpected_error_says_nothing_of_its_content(desk: Desk) -> None:
    desk.archive.error = RuntimeError("Okafor^Ada")
    assert "Okafor" not in desk.do("query")


def test_that_studies_are_listed_by_patient_and_series_when_a_study_is_opened(desk: Desk) -> None:
    desk.dialog.patient_name.setText(" ada ")
    desk.dialog.modality.setText("mr")
    assert desk.do("query") == "3 studies."
    (query,) = desk.archive.asked
    assert (query.patient_name, query.modality) == ("ada", "mr")
    shown = desk.dialog.results
    patients = [shown.topLevelItem(row) for row in range(shown.topLevelItemCount())]
    assert [each.text(0) for each in patients if each is not None] == ["Okafor, Ada", "Lind, Per"]
    assert [desk.study(number).text(0) for number in range(3)] == ["Knee", "Brain", "Study without description"]
    assert (desk.study(0).text(1), desk.study(2).text(2)) == ("3 May 2026", "CT, PT")
    desk.study(0).setExpanded(True)
    desk.settle()
    assert [desk.study(0).child(row).text(0) for row in range(2)] == ["1 · T1", "2 · MR"]


def test_that_enter_in_a_field_asks_once_and_leaves_the_dialog_open(desk: Desk) -> None:
    QTest.keyClick(desk.dialog.description, Qt.Key.Key_Return)
    assert desk.settle() == "3 studies."
    assert len(desk.archive.asked) == 1
    assert desk.dialog.isVisible()


def test_that_a_query_that_found_too_much_says_so(desk: Desk) -> None:
    desk.archive.more = True
    assert "narrow the query" in desk.do("query")


def test_that_a_date_that_is_none_is_refused_before_anything_is_asked(desk: Desk) -> None:
    desk.dialog.date_from.setText("yesterday")
    assert "YYYYMMDD" in desk.do("query")
    assert desk.archive.asked == []


def test_that_a_series_opens_while_the_rest_of_the_study_arrives(desk: Desk, qtbot: QtBot) -> None:
    desk.do("query")
    assert not desk.dialog.retrieve.isEnabled()
    desk.study(0).setSelected(True)
    desk.press("retrieve")
    qtbot.waitUntil(lambda: bool(desk.opened), timeout=20_000)
    assert desk.dialog.stop.isEnabled()
    assert [path.name for path in desk.opened] == ["1.2.1"]
    qtbot.waitUntil(lambda: desk.dialog.message.text() == "4 of 9 · 2 MB", timeout=20_000)
    assert (desk.dialog.bar.value(), desk.dialog.bar.maximum()) == (4, 9)
    desk.archive.may_go_on.set()
    assert desk.settle() == "9 images have arrived."
    assert desk.archive.asked[-1] == ("1.2", ())


def test_that_single_series_are_retrieved(desk: Desk) -> None:
    desk.archive.may_go_on.set()
    desk.do("query")
    desk.study(0).setExpanded(True)
    desk.settle()
    desk.study(0).child(1).setSelected(True)
    desk.do("retrieve")
    assert desk.archive.asked[-1] == ("1.2", ("1.2.2",))


def test_that_a_patient_stands_for_all_of_its_studies(desk: Desk) -> None:
    desk.do("query")
    patient = desk.dialog.results.topLevelItem(0)
    assert patient is not None
    patient.setSelected(True)
    assert desk.dialog.results.chosen() == {"1.2": (), "1.3": ()}


def test_that_a_retrieval_can_be_cancelled(desk: Desk, qtbot: QtBot) -> None:
    desk.do("query")
    desk.study(0).setSelected(True)
    desk.press("retrieve")
    qtbot.waitUntil(lambda: bool(desk.opened), timeout=20_000)
    assert desk.do("stop") == "Cancelled; 4 images have arrived."


def test_that_closing_cancels_without_waiting(desk: Desk, qtbot: QtBot) -> None:
    desk.do("query")
    desk.study(0).setSelected(True)
    desk.press("retrieve")
    qtbot.waitUntil(lambda: bool(desk.opened), timeout=20_000)
    desk.dialog.close()
    qtbot.waitUntil(lambda: desk.freed, timeout=20_000)


def test_that_a_folder_of_files_is_sent_and_what_was_not_taken_is_named(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path / "made", ramp((3, 8, 8)))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "made"))
    assert desk.do("send_files") == "The archive took 2 files. one.dcm: the archive did not take it."
    assert desk.archive.asked == [["000.dcm", "001.dcm", "002.dcm"]]


def test_that_results_are_sent_only_where_there_are_some(desk: Desk) -> None:
    assert not desk.dialog.send_results.isEnabled()


def test_that_an_archive_is_added_through_the_form(desk: Desk, qtbot: QtBot) -> None:
    desk.press("add")
    form = desk.dialog.findChild(ArchiveEntryDialog)
    assert form is not None
    QTest.mouseClick(form.keep, Qt.MouseButton.LeftButton)
    assert "name is made of" in form.message.text()
    form.name.setText("second")
    form.host.setText("10.0.0.9")
    form.port.setText("11112")
    form.retrieve_by.setCurrentIndex(1)
    form.listen_port.setText("11113")
    QTest.mouseClick(form.keep, Qt.MouseButton.LeftButton)
    kept = entries.named("second")
    assert (kept.host, kept.port, kept.retrieve_by, kept.listen_port) == ("10.0.0.9", 11112, "move", 11113)
    assert desk.dialog.archive.currentText() == "second"


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def form(window: QWidget, archive: Played) -> ArchiveEntryDialog:
    """Return the form of a new archive."""
    return ArchiveEntryDialog(window)


def test_that_a_port_that_is_none_is_refused(form: ArchiveEntryDialog) -> None:
    form.name.setText("x")
    form.host.setText("y")
    form.port.setText("")
    QTest.mouseClick(form.keep, Qt.MouseButton.LeftButton)
    assert "port" in form.message.text()
    assert entries.load() == ()


def test_that_enter_in_the_form_keeps_the_archive(form: ArchiveEntryDialog) -> None:
    form.show()
    form.name.setText("x")
    form.host.setText("y")
    QTest.keyClick(form.host, Qt.Key.Key_Return)
    assert [entry.name for entry in entries.load()] == ["x"]


def test_that_secrets_of_the_form_go_to_the_keyring_and_to_no_file(
    form: ArchiveEntryDialog, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = SimpleNamespace(given=None)
    monkeypatch.setattr(credentials, "store", lambda name, given: setattr(kept, "given", (name, given)))
    form.name.setText("web")
    form.kind.setCurrentIndex(1)
    form.url.setText("https://pacs.example/dicom-web")
    form.user.setText("reader")
    form.password.setText("very-secret")
    QTest.mouseClick(form.keep, Qt.MouseButton.LeftButton)
    name, given = kept.given
    assert (name, given.user, given.password) == ("web", "reader", "very-secret")
    assert "very-secret" not in repr(given)
    assert "very-secret" not in entries.default_path().read_text(encoding="utf-8")


def test_that_an_archive_is_forgotten_with_its_credentials(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(credentials, "forget", forgotten.append)
    desk.press("remove")
    assert (entries.load(), forgotten) == ((), ["pacs"])
    assert desk.dialog.message.text().startswith("No archive is kept yet.")
