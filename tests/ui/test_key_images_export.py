"""Key images go into the export: as a DICOM list, and as pictures of the report."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Patient, Study
from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.ui.dialogs.export import ExportDialog
from medgan_viewer.ui.dialogs.export_plan import SlicePicture, key_images_of, report_order
from medgan_viewer.ui.dialogs.export_writing import write
from medgan_viewer.ui.report.gather import gather
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.grid import ViewGrid
from tests.dicom.export_builder import opened as opened_folder
from tests.dicom.export_builder import write_source
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


@pytest.fixture
def scan(tmp_path: Path) -> OpenSeries:
    """Return a DICOM series of five slices."""
    series, stack = opened_folder(write_source(tmp_path / "source"))
    study = Study(series.study_uid, Patient("Phantom^Ada", "P-1", "", "F", ""), "", "Head", "", "", (series,))
    return OpenSeries(study, series, stack, np.ones(len(stack), bool))


@pytest.fixture
def dialog(qtbot: QtBot, scan: OpenSeries, tmp_path: Path) -> Iterator[ExportDialog]:
    """Return the dialog of a document in which a slice is marked, and another one on a synthetic image."""
    document = scans.document_with(scan)
    document.add_layer(scans.image_layer(scan))
    document.select_series(scan.series.uid)
    document.set_key_images((KeyImage(scan.series.uid, 1), KeyImage(scan.series.uid, 3, "t1")))
    grid = ViewGrid(document, DARK)
    qtbot.addWidget(grid)
    grid.show_series(scan.series.uid)
    made = ExportDialog(document, grid, grid)
    made.folder.setText(str(tmp_path / "out"))
    yield made
    made.close()


def test_key_images_are_offered_and_become_a_list_that_names_them(dialog: ExportDialog, scan: OpenSeries) -> None:
    assert dialog.choices.marked.text() == "The 2 key images of this series"
    assert dialog.choices._marked_elsewhere.isHidden()
    plan = dialog.plan()
    assert plan is not None
    assert [key.index for key in plan.key_images] == [1, 3]
    # With the patient's identity, so that UIDs are those of the source.
    paths, notes = write(replace(plan, secret=None))
    (path,) = [path for path in paths if path.name == "key-images.dcm"]
    dataset = pydicom.dcmread(path)
    images = [item for item in dataset.ContentSequence if item.ValueType == "IMAGE"]
    referenced = [str(item.ReferencedSOPSequence[0].ReferencedSOPInstanceUID) for item in images]
    assert referenced[0] == scan.series.instances[1].sop_instance_uid
    written = {str(pydicom.dcmread(one).SOPInstanceUID) for one in paths if one.parent.name != "out"}
    assert referenced[1] in written, "the synthetic image of the same export"
    assert not notes


def test_they_alone_can_be_exported_and_can_be_left_out(dialog: ExportDialog) -> None:
    for box in dialog.choices.layer_boxes.values():
        box.setChecked(False)
    assert dialog.export.isEnabled()
    dialog.choices.marked.setChecked(False)
    assert not dialog.export.isEnabled()
    plan = dialog.plan()
    assert plan is not None
    assert plan.key_images == ()


def test_nothing_is_offered_where_nothing_is_marked(dialog: ExportDialog) -> None:
    dialog._document.set_key_images(())
    assert dialog.choices.marked.isHidden()


def test_marks_on_another_series_of_the_study_are_named_as_left_out(scan: OpenSeries, dialog: ExportDialog) -> None:
    document = dialog._document
    other = scans.opened_series("other", scans.stack_of(scans.ball()))
    elsewhere = OpenSeries(scan.study, other.series, other.stack, other.ready)
    document.open_series(elsewhere)
    document.open_series(scans.opened_series("stranger", scans.stack_of(scans.ball())))
    document.set_key_images((KeyImage("other", 2), KeyImage("stranger", 2)))
    assert [key.series_uid for key in key_images_of(document, scan)] == ["other"]
    # None of this series can be chosen, and it is said where they are before anything is written.
    assert dialog.choices.marked.isHidden()
    assert not dialog.choices._marked_elsewhere.isHidden()
    plan = dialog.plan()
    assert plan is not None
    _, notes = write(plan)
    assert notes == ["One key image is on another series; select that and export again for its list."]


def test_a_report_has_a_picture_of_each_with_its_mark_but_none_twice(scan: OpenSeries, dialog: ExportDialog) -> None:
    document = dialog._document
    order = report_order(document, scan, SlicePicture(), ())
    captions = [picture.caption for picture in gather(order).pictures]
    assert [one for one in captions if "key image" in one] == [
        "original · slice 2 of 5 · key image",
        "Synthetic T1 · slice 4 of 5 · key image",
    ]
    chosen = report_order(document, scan, SlicePicture(index=1), ())
    captions = [picture.caption for picture in gather(chosen).pictures]
    assert sum("original · slice 2 of 5" in one for one in captions) == 1
