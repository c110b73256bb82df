"""Words of stored results are drawn where they belong; windows with a curve show what the file's table says."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import VoiTable
from medgan_viewer.core.display import Window, grey
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import LabelLayer, Remark
from medgan_viewer.dicom import assemble, index, read_results
from medgan_viewer.ui.views.captions import window_text
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.mark import mark_for
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.pixels import grey_image
from medgan_viewer.ui.views.slices import Sample
from tests.dicom.export_builder import write_source
from tests.dicom.test_out_read_back import presentation_state
from tests.ui import view_fixtures as scans

pytestmark = pytest.mark.window

# No other word in a pane has this colour; those of stored results have the other one.
PINK, YELLOW = "#ff00c8", "#f2c14e"


@pytest.fixture
def opened() -> OpenSeries:
    return scans.opened_series("ct", scans.stack_of(np.full((5, 64, 64), 40, np.int16)))


@pytest.fixture
def layer(opened: OpenSeries) -> LabelLayer:
    """Return a segmentation without a pixel: all that is seen of it are its words, on the slice in the middle."""
    made = scans.label_layer(opened, outline=True)
    made = replace(made, volume=made.volume.with_array(np.zeros(made.volume.shape, np.uint8)))
    x, y, z = (float(value) for value in opened.stack.plane(2).point(40, 20))
    segments = tuple(replace(segment, colour=PINK) for segment in made.segments)
    return replace(made, segments=segments, remarks=(Remark(1, "see here\nand there", (x, y, z)),))


@pytest.fixture
def document(opened: OpenSeries, layer: LabelLayer) -> Document:
    document = scans.document_with(opened)
    document.add_layer(layer)
    return document


@pytest.fixture
def grid(qtbot: QtBot, document: Document) -> ViewGrid:
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    grid.set_overlay_visible(True)
    return grid


def words(pane: Pane, colour: str = PINK) -> NDArray[np.bool_]:
    """Return which pixels of the pane have the words' colour."""
    shown = scans.pixels(pane.capture()).astype(int)
    wanted = np.array(list(bytes.fromhex(colour.removeprefix("#"))))
    return np.asarray(np.abs(shown[..., :3] - wanted).max(axis=-1) < 40)


def test_words_begin_at_their_place_one_line_below_the_other(grid: ViewGrid, document: Document) -> None:
    pane = grid.panes[0]
    rows, columns = np.nonzero(words(pane))
    mapping = pane.mapping()
    assert mapping is not None
    x, y = mapping.to_screen(40, 20)
    assert abs(columns.min() - x) < 4
    # The first line stands on its place, the second one below it.
    assert y - 14 < rows.min() < y
    assert y + 8 < rows.max() < y + 24


@pytest.mark.parametrize("why", ["another slice", "hidden segment", "hidden layer", "hidden patient", "no overlay"])
def test_words_go_with_what_they_belong_to(grid: ViewGrid, document: Document, layer: LabelLayer, why: str) -> None:
    pane = grid.panes[0]
    assert words(pane).any()
    match why:
        case "another slice":
            pane.set_index(3)
        case "hidden segment":
            segments = tuple(replace(segment, visible=False) for segment in layer.segments)
            document.change_layer(layer.changed(segments=segments))
        case "hidden layer":
            document.change_layer(layer.changed(visible=False))
        case "hidden patient":
            pane.patient_hidden = True
            pane.update()
        case _:
            grid.set_overlay_visible(False)
    assert not words(pane).any()


def test_a_presentation_states_words_are_seen_on_the_slice_that_it_names(qtbot: QtBot, tmp_path: Path) -> None:
    write_source(tmp_path / "source")
    (study,) = index.scan([tmp_path]).studies
    presentation_state(study.series[0], tmp_path)
    catalog = index.scan([tmp_path])
    series = catalog.studies[0].series[0]
    stack = assemble.load_stack(series)
    result = read_results.open_result(catalog.results[0], series, stack)
    document = scans.document_with(OpenSeries(study, series, stack, np.ones(len(stack), bool)))
    for made in result.layers:
        document.add_layer(made)
    grid = scans.shown_grid(qtbot, document)
    grid.show_series(series.uid)
    grid.set_overlay_visible(True)
    pane = grid.panes[0]
    mapping = pane.mapping()
    assert mapping is not None
    x, y = (int(value) for value in mapping.to_screen(30, 42))
    seen = []
    for number in range(len(stack)):
        pane.set_index(number)
        seen.append(int(words(pane, YELLOW)[y - 12 : y + 3, x : x + 50].sum()))
    assert seen[2] > 40
    assert seen[0] == seen[1] == seen[3] == seen[4] == 0


def test_what_another_program_wrote_is_not_called_a_models_work(opened: OpenSeries, layer: LabelLayer) -> None:
    read = replace(layer, provenance=replace(layer.provenance, weights_sha256="", model_name="Another Works"))
    assert mark_for(opened.series, (), (read,)).results[0] == (
        "Overlay of another program · Another Works · not for diagnosis"
    )
    assert mark_for(opened.series, (), (read, layer)).results[0].startswith("AI overlay · Another Works, Head anatomy")


# -- windows with a curve ----------------------------------------------------------------------------------------------


TABLE = VoiTable(-100, (65535 * np.linspace(0, 1, 200) ** 3).astype("<u2").tobytes())


@pytest.mark.parametrize(
    "curve", ["LINEAR", "LINEAR_EXACT", "SIGMOID", TABLE], ids=["linear", "exact", "sigmoid", "table"]
)
@pytest.mark.parametrize("inverted", [False, True])
def test_panes_thumbnails_and_captures_show_the_same_shades(curve: Any, inverted: bool) -> None:
    values = np.arange(-300, 340, dtype=np.int16).reshape(16, 40)
    window = Window(200, 10, curve)
    shown = scans.pixels(grey_image(Sample(values, None), window, inverted=inverted))[..., 0]
    shades = grey(values, window)
    assert np.abs(shown.astype(int) - (255 - shades if inverted else shades)).max() <= 1


def test_the_caption_says_what_bends_the_shades() -> None:
    assert window_text(Window(80, 40)) == window_text(Window(80, 40, "LINEAR")) == "W 80 L 40"
    assert window_text(Window(80, 40, "SIGMOID")) == "W 80 L 40 sigmoid"
    assert window_text(Window(80, 40, TABLE)) == "W 80 L 40 VOI LUT"


def test_the_key_that_changes_windows_goes_through_tables_too(qtbot: QtBot) -> None:
    opened = scans.opened_series("ct", scans.stack_of(scans.ball()), voi_tables=(TABLE,), windows=((80.0, 40.0),))
    document = scans.document_with(opened)
    grid = scans.shown_grid(qtbot, document)
    grid.show_series("ct")
    assert document.window("ct") == Window(80, 40)
    grid.cycle_series_window()
    assert document.window("ct") == Window(199, -0.5, TABLE)
    grid.cycle_series_window()
    assert document.window("ct") == Window(80, 40)
