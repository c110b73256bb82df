"""The real studies look as they should: found in the shared data, skipped where that is absent."""

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.slicing import side_letters
from medgan_viewer.ui.views.captions import geometry_lines
from medgan_viewer.ui.views.grid import ViewGrid
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window


def _read(folder: Path) -> tuple[Document, list[str]]:
    """Return a document with every series of a folder, and their UIDs."""
    from medgan_viewer.dicom import assemble, index

    document = Document()
    catalog = index.scan([folder])
    document.add_catalog(catalog)
    for study in catalog.studies:
        for series in study.series:
            pending = assemble.open_stack(series)
            pending.read_all()
            document.open_series(OpenSeries(study, series, pending.stack, pending.ready))
            document.series_loaded(series.uid)
    return document, list(document.open_uids)


def _counts(grid: ViewGrid) -> list[tuple[int, int]]:
    contents = [pane.content for pane in grid.visible_panes]
    return [(content.slice_index, content.slice_count) for content in contents if content is not None]


def test_the_four_registered_mr_series_scroll_together(qtbot: QtBot, shared_data: Path) -> None:
    document, uids = _read(shared_data / "dicom" / "brain_mr_multicontrast")
    grid = scans.shown_grid(qtbot, document, "2x2")
    for uid, pane in zip(uids, grid.visible_panes, strict=True):
        grid.show_series(uid, pane)
    scans.wheel(grid.panes[2], 120 * 4)
    assert _counts(grid) == [(15, 22)] * 4
    for pane in grid.visible_panes:
        mapping = pane.mapping()
        assert mapping is not None
        assert side_letters(mapping.plane)[:2] == ("R", "L")
        assert side_letters(mapping.plane)[2][0] == "A"


def test_the_tilted_head_ct_shows_its_acquired_slices_and_says_what_mpr_uses(qtbot: QtBot, shared_data: Path) -> None:
    document, (uid,) = _read(shared_data / "dicom" / "head_ct_tilted")
    grid = scans.shown_grid(qtbot, document)
    grid.show_series(uid)
    scene = grid.panes[0].scene
    assert scene is not None
    assert geometry_lines(scene) == (
        "acquired slices · uneven spacing, tilt 18.5°",
        "MPR and models use a regular 4 mm grid",
    )
    assert _counts(grid) == [(14, 28)]
    grid.set_layout_name("mpr")
    assert [content.orientation for pane in grid.panes if (content := pane.content)] == [
        "axial",
        "coronal",
        "sagittal",
        "stack",
    ]
    for pane in grid.panes[:3]:
        assert pane.scene is not None
        assert geometry_lines(pane.scene) == ("resampled grid",)
    # The acquired slice beside the axial one of the grid is the nearest there is.
    acquired, axial = (grid.panes[i].scene for i in (3, 0))
    assert acquired is not None
    assert axial is not None
    assert acquired.plane is not None
    assert axial.plane is not None
    away = abs(axial.plane.distance(acquired.plane.origin))
    assert away <= 3.5


def test_the_table_is_below_the_patient_in_the_chest_ct(qtbot: QtBot, shared_data: Path) -> None:
    document, (uid,) = _read(shared_data / "dicom" / "chest_ct_jpeg_lossless")
    grid = scans.shown_grid(qtbot, document)
    grid.show_series(uid)
    picture = scans.pixels(grid.capture(grid.panes[0])).astype(float).mean(axis=2)
    # Lying on the back, the spine is behind: bright bone in the lower half, along the middle.
    middle = picture[:, 380:420]
    assert middle[330:430].max() > 230
    assert np.median(middle[100:140]) < 60


def test_panes_of_two_real_patients_warn(qtbot: QtBot, shared_data: Path) -> None:
    document, uids = _read(shared_data / "dicom" / "head_ct_tilted")
    other, more = _read(shared_data / "dicom" / "chest_ct_jpeg_lossless")
    document.add_catalog(other.catalog)
    opened = other.opened(more[0])
    assert opened is not None
    document.open_series(opened)
    grid = scans.shown_grid(qtbot, document, "1x2")
    grid.show_series(uids[0], grid.panes[0])
    grid.show_series(more[0], grid.panes[1])
    assert [pane.warned for pane in grid.visible_panes] == [True, True]
