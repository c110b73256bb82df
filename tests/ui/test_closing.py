"""× beside a study asks about what goes with it, names all of that, and asks nothing where nothing is lost."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Finding, HeatLayer, Judgement, Provenance, Verdict
from medgan_viewer.errors import WriteError
from medgan_viewer.ui.dialogs import export
from medgan_viewer.ui.dialogs.export import ExportDialog, ExportPlan
from medgan_viewer.ui.dialogs.export_plan import contents_of
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.views.lettering import words_kept
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow

pytestmark = pytest.mark.window

Asked = list[tuple[str, QMessageBox.StandardButton]]


@pytest.fixture
def document() -> Document:
    """Return a document with one CT."""
    return scans.document_with(scans.opened_series("ct", scans.stack_of(scans.ball())))


@pytest.fixture
def window(show_window: ShowWindow, document: Document) -> MainWindow:
    """Return a window that shows it."""
    return show_window(document)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Return what was asked, with the answer that Enter gives; that answer was given."""
    said: Asked = []

    def answer(
        _parent: object,
        _title: str,
        words: str,
        _buttons: QMessageBox.StandardButton,
        focused: QMessageBox.StandardButton,
    ) -> QMessageBox.StandardButton:
        said.append((words, focused))
        return focused

    monkeypatch.setattr(QMessageBox, "question", answer)
    return said


def _close(window: MainWindow) -> None:
    window.studies.close_asked.emit(window.document.catalog.studies[0])


def test_words_that_were_drawn_are_not_kept_longer_than_the_study(window: MainWindow) -> None:
    made: list[str] = []

    @words_kept(4)
    def picture_of(words: str) -> str:
        made.append(words)
        return words.upper()

    assert [picture_of(words) for words in ("Doe^John", "Doe^John", "42 mm")] == ["DOE^JOHN", "DOE^JOHN", "42 MM"]
    assert made == ["Doe^John", "42 mm"]
    _close(window)
    assert not window.document.catalog.studies
    picture_of("Doe^John")
    assert made == ["Doe^John", "42 mm", "Doe^John"]


def test_all_that_would_be_lost_is_named_and_enter_keeps_the_study_open(window: MainWindow, asked: Asked) -> None:
    document = window.document
    opened = document.opened("ct")
    assert opened is not None
    (heat, found), labels = scans.heat_layer(opened), scans.label_layer(opened)
    when = datetime(2026, 11, 22, tzinfo=UTC)
    drawn = replace(labels, uid="drawn", provenance=Provenance.drawn("ct", when))
    for layer in (scans.image_layer(opened), heat, labels, drawn):
        document.add_layer(layer)
    for row in (3, 5):
        finding = replace(found, index=(4, row, 3))
        document.set_judgement(heat.uid, finding, Judgement(finding, "rejected", when, 0.5, "a vessel"))
    document.set_key_images((KeyImage("ct", 4), KeyImage("ct", 4, "t1")))
    _close(window)
    assert document.catalog.studies
    ((words, focused),) = asked
    assert focused == QMessageBox.StandardButton.No
    lost = "3 results, 2 verdicts on findings, 1 segmentation drawn by hand, 1 key image of a synthetic image."
    assert lost in words


def test_nothing_is_asked_where_nothing_is_lost(window: MainWindow, asked: Asked) -> None:
    document = window.document
    opened = document.opened("ct")
    assert opened is not None
    layer = scans.label_layer(opened)
    # It lies in a file, and is there again when the study is opened.
    document.add_layer(replace(layer, provenance=replace(layer.provenance, weights_sha256="")))
    document.set_key_images((KeyImage("ct", 4),))
    _close(window)
    assert not asked
    assert not document.catalog.studies


# -- after an export -------------------------------------------------------------------------------------------------

Written = tuple[list[Path], list[str]]
Export = Callable[..., ExportDialog]


@pytest.fixture
def judged(window: MainWindow) -> tuple[HeatLayer, Finding]:
    """Return a heat map of which a finding was accepted, beside a synthetic image."""
    document = window.document
    opened = document.opened("ct")
    assert opened is not None
    heat, found = scans.heat_layer(opened)
    document.add_layer(heat)
    document.add_layer(scans.image_layer(opened))
    _judge(document, heat, found, "accepted")
    return heat, found


def _judge(document: Document, heat: HeatLayer, found: Finding, verdict: Verdict) -> None:
    when = datetime(2026, 11, 22, 8, len(document.judgements(heat.uid)), tzinfo=UTC)
    document.set_judgement(heat.uid, found, Judgement(found, verdict, when, 0.5))


@pytest.fixture
def export_all(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Export:
    """Return what exports all that is chosen at first; what is written is as given, as this scan is no DICOM."""

    def exported(written: Written | Exception = ([], []), *, folder: bool = True) -> ExportDialog:
        def write(plan: ExportPlan) -> Written:
            assert plan.objects
            if isinstance(written, Exception):
                raise written
            return written

        monkeypatch.setattr(export, "write", write)
        dialog = ExportDialog(window.document, window.grid, window)
        dialog.folder.setText(str(tmp_path / "out"))
        if not folder:
            plan = dialog.plan()
            assert plan is not None
            monkeypatch.setattr(dialog, "plan", lambda: replace(plan, folder=None))
        with qtbot.waitSignal(dialog.finished_writing, timeout=10_000):
            dialog.export.click()
        dialog.close()
        return dialog

    return exported


def test_after_an_export_of_all_nothing_is_asked(
    window: MainWindow, asked: Asked, judged: tuple[HeatLayer, Finding], export_all: Export
) -> None:
    window.document.set_key_images((KeyImage("ct", 4, "t1"),))
    export_all()
    _close(window)
    assert not asked
    assert not window.document.catalog.studies


def test_what_was_judged_since_is_asked_about_alone(
    window: MainWindow, asked: Asked, judged: tuple[HeatLayer, Finding], export_all: Export
) -> None:
    heat, found = judged
    export_all()
    _judge(window.document, heat, replace(found, index=(4, 5, 3)), "rejected")
    _close(window)
    assert window.document.catalog.studies
    ((words, _),) = asked
    assert "lost then: 1 verdict on a finding." in words


def test_a_result_that_came_since_is_asked_about(
    window: MainWindow, asked: Asked, judged: tuple[HeatLayer, Finding], export_all: Export
) -> None:
    export_all()
    opened = window.document.opened("ct")
    assert opened is not None
    window.document.add_layer(scans.label_layer(opened))
    _close(window)
    ((words, _),) = asked
    assert "lost then: 1 result." in words


def test_an_export_that_failed_is_none(
    window: MainWindow, asked: Asked, judged: tuple[HeatLayer, Finding], export_all: Export
) -> None:
    export_all(WriteError("out", "The disk is full."))
    _close(window)
    ((words, _),) = asked
    assert "2 results, 1 verdict on a finding" in words


def test_what_an_archive_did_not_take_as_a_whole_is_asked_about(
    window: MainWindow, asked: Asked, judged: tuple[HeatLayer, Finding], export_all: Export
) -> None:
    export_all(([], ["Not all was sent."]), folder=False)
    _close(window)
    ((words, _),) = asked
    assert "2 results, 1 verdict on a finding" in words


def test_of_key_images_a_note_makes_sure_that_they_are_asked_about(
    window: MainWindow, asked: Asked, judged: tuple[HeatLayer, Finding], export_all: Export
) -> None:
    window.document.set_key_images((KeyImage("ct", 4, "t1"),))
    export_all(([], ["No DICOM list of the key images was written."]))
    _close(window)
    ((words, _),) = asked
    assert "lost then: 1 key image of a synthetic image." in words


def test_verdicts_that_really_lie_in_a_table_are_not_asked_about(
    qtbot: QtBot, window: MainWindow, asked: Asked, judged: tuple[HeatLayer, Finding], tmp_path: Path
) -> None:
    dialog = ExportDialog(window.document, window.grid, window)
    dialog.folder.setText(str(tmp_path / "out"))
    for box in dialog.choices.layer_boxes.values():
        box.setChecked(False)
    with qtbot.waitSignal(dialog.finished_writing, timeout=30_000):
        dialog.export.click()
    dialog.close()
    assert list((tmp_path / "out").glob("*.csv"))
    _close(window)
    assert not asked


def test_a_picture_alone_says_nothing_of_what_the_reader_wants_to_keep(
    window: MainWindow, asked: Asked, judged: tuple[HeatLayer, Finding]
) -> None:
    opened = window.document.opened("ct")
    assert opened is not None
    plan = ExportPlan(opened, (), (), None, (4,), window.document.window("ct"), None, study=(opened.series,))
    contents = contents_of(window.document, plan)
    window.document.exported.begin(contents)
    window.document.exported.end(contents, written=True)
    _close(window)
    ((words, _),) = asked
    assert "2 results, 1 verdict on a finding" in words
