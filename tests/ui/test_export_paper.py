"""The export dialog: a report, films, and what is DICOM to an archive."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import features
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Patient
from medgan_viewer.dicom.archive import entries
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.ui.dialogs.export import ExportDialog
from medgan_viewer.ui.dialogs.report_preview import ReportPreview
from tests.ui import pdf_text
from tests.ui import view_fixtures as fixtures
from tests.ui.test_export_dialog import Desk


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk(qtbot)
    made.document.add_layer(fixtures.image_layer(made.opened))
    yield made
    made.close()


def only_paper(dialog: ExportDialog) -> None:
    for box in dialog.choices.layer_boxes.values():
        box.setChecked(False)


def export(qtbot: QtBot, dialog: ExportDialog) -> str:
    with qtbot.waitSignal(dialog.finished_writing, timeout=60_000) as finished:
        QTest.mouseClick(dialog.export, Qt.MouseButton.LeftButton)
    assert finished.args == [True], dialog.message.text()
    return dialog.message.text()


def test_a_report_is_written_without_identity_unless_the_tick_is_taken_away(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    dialog = desk.dialog(out)
    only_paper(dialog)
    assert not dialog.export.isEnabled()
    dialog.choices.paper.report.setChecked(True)
    assert export(qtbot, dialog) == f"Wrote 1 file to {out}."
    dialog.identity.tick.setChecked(False)
    export(qtbot, dialog)
    without, with_it = (
        "".join(pdf_text.words(out / name)) for name in ("synthetic_report.pdf", "synthetic_report-2.pdf")
    )
    assert "Phantom" not in without
    assert "Phantom,Ada" in with_it
    assert "SyntheticT1·slice11of20" in without


@pytest.mark.skipif(not features.check("avif"), reason="Pillow was built without AVIF")
def test_films_are_made_of_every_synthetic_image_and_named_so(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    dialog = desk.dialog(tmp_path / "out")
    only_paper(dialog)
    for box in dialog.choices.paper.films.values():
        box.setChecked(True)
    export(qtbot, dialog)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert len(names) == 2
    assert all(name.startswith("synthetic") for name in names)
    assert [Path(name).suffix for name in names] == [".gif", ".mp4"]


def test_films_are_offered_only_where_there_is_a_synthetic_image(qtbot: QtBot) -> None:
    desk = Desk(qtbot)
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    dialog = desk.dialog()
    assert dialog.choices.paper.films[".mp4"].isHidden()
    desk.document.add_layer(fixtures.image_layer(desk.opened))
    assert not dialog.choices.paper.films[".mp4"].isHidden()
    desk.close()


def test_a_report_covers_the_other_open_series_of_the_study(qtbot: QtBot, tmp_path: Path) -> None:
    flair = fixtures.opened_series("flair", fixtures.stack_of(fixtures.ball(), modality="MR"), description="FLAIR")
    stranger = fixtures.opened_series(
        "other", fixtures.stack_of(fixtures.ball()), patient=Patient("Else^Anyone", "P-2")
    )
    desk = Desk(qtbot, flair, stranger)
    desk.document.add_layer(fixtures.label_layer(desk.opened))
    for opened in (flair, stranger):
        desk.document.add_layer(fixtures.heat_layer(opened, uid=opened.series.uid)[0])
    dialog = desk.dialog(tmp_path)
    dialog.choices.paper.report.setChecked(True)
    plan = dialog.plan()
    assert plan is not None
    assert plan.report is not None
    assert [part.opened.series.uid for part in plan.report.parts] == ["ct", "flair"]
    desk.close()


def test_the_report_can_be_seen_before_it_is_written(qtbot: QtBot, desk: Desk) -> None:
    dialog = desk.dialog()
    QTest.mouseClick(dialog.choices.paper.preview, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(dialog.findChildren(ReportPreview)), timeout=30_000)
    (preview,) = dialog.findChildren(ReportPreview)
    assert preview.count >= 1
    preview.close()


def test_without_an_archive_the_dialog_says_where_archives_are_kept(desk: Desk) -> None:
    dialog = desk.dialog()
    assert not dialog.destination.send.isEnabled()
    assert "Archives… in the menu" in dialog.destination.about_archive.text()


def test_an_archive_alone_is_enough_for_dicom_objects_and_not_for_a_report(desk: Desk) -> None:
    entries.add(Entry("pacs", host="127.0.0.1", port=1, ae_title="PACS"))
    dialog = desk.dialog()
    dialog.folder.clear()
    assert not dialog.export.isEnabled()
    dialog.destination.send.setChecked(True)
    assert dialog.export.isEnabled()
    plan = dialog.plan()
    assert plan is not None
    assert (plan.archive, plan.folder) == ("pacs", None)
    dialog.choices.paper.report.setChecked(True)
    assert not dialog.export.isEnabled()


def test_what_could_not_be_sent_is_said_and_what_was_written_stays(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    entries.add(Entry("pacs", host="127.0.0.1", port=1, ae_title="PACS"))
    dialog = desk.dialog(tmp_path / "out")
    only_paper(dialog)
    dialog.choices.choose_slices(1)
    dialog.destination.send.setChecked(True)
    said = export(qtbot, dialog)
    assert len(list((tmp_path / "out").glob("*.png"))) == 1
    assert said.startswith("Wrote 1 file to ")
    # The source of these pictures is not DICOM, so that there is nothing for an archive.
    assert "Not all was sent to pacs." in said


@pytest.mark.parametrize("count", [1, 9])
def test_nothing_is_cut_where_there_are_many_results(qtbot: QtBot, count: int) -> None:
    desk = Desk(qtbot)
    for number in range(count):
        name = f"Synthetic T1 of a model with a long name, number {number}"
        desk.document.add_layer(fixtures.image_layer(desk.opened, uid=str(number), name=name))
    desk.document.add_layer(fixtures.heat_layer(desk.opened, name="Anomaly heat map (T1, T1 with agent, FLAIR)")[0])
    dialog = desk.dialog()
    qtbot.waitExposed(dialog)
    room = dialog.screen().availableGeometry()
    assert dialog.height() <= room.height()
    for box in (
        *dialog.choices.layer_boxes.values(),
        dialog.choices.choice(1),
        dialog.choices.choice(2),
        dialog.choices.paper.report,
        dialog.export,
    ):
        assert box.width() >= box.sizeHint().width()
        parent = box.parentWidget()
        assert parent is not None
        assert box.geometry().right() <= parent.width()
    desk.close()
