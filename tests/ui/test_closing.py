"""× beside a study asks about what goes with it, names all of that, and asks nothing where nothing is lost."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QMessageBox

from medgan_viewer.core.document import Document
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Judgement, Provenance
from medgan_viewer.ui.main_window import MainWindow
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
