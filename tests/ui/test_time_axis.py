"""A series with a time axis: one slider, the same slice in the same window, results that keep to their time point."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.opening import Opening
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.time_bar import TimeBar
from medgan_viewer.ui.views.grid import ViewGrid
from tests.dicom.test_in_display import with_overlay
from tests.dicom_builder import image_dataset, ramp, save, write_series
from tests.ui.view_fixtures import said_in

UID = "1.2.3.1.1"


class Bench:
    """A grid of panes with a loader and a time bar behind it."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot, self.document = qtbot, Document()
        self.loader = Loader(self.document)
        self.grid = ViewGrid(self.document, DARK)
        qtbot.addWidget(self.grid)
        self.grid.resize(600, 400)
        self.opening = Opening(self.document, self.loader, self.grid, self.grid)
        self.bar = TimeBar(self.document)
        qtbot.addWidget(self.bar)
        self.bar.time_asked.connect(self.opening.show_time)

    def open(self, folder: Path) -> None:
        self.opening.open_paths([folder])
        self.qtbot.waitUntil(lambda: bool(self.document.open_uids) and not self.loader.busy, timeout=10_000)

    def choose(self, time: int) -> None:
        self.bar.slider.setValue(time)
        self.qtbot.waitUntil(lambda: not self.loader.busy, timeout=10_000)

    def words(self) -> str:
        return "\n".join(said_in(self.grid.active_pane).bottom_right)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(qtbot)
    yield made
    made.loader.close()


def write_times(folder: Path, count: int = 3) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    voxels = ramp((count, 5, 20, 24)) + (1000 * np.arange(count, dtype=np.int16))[:, None, None, None]
    for time in range(count):
        write_series(folder / str(time), voxels[time], Modality="MR", TemporalPositionIdentifier=time + 1)
    return voxels


def test_the_bar_is_there_only_for_a_series_with_a_time_axis(bench: Bench, tmp_path: Path) -> None:
    write_series(tmp_path, ramp((3, 20, 24)))
    bench.open(tmp_path)
    assert bench.bar.isHidden()


def test_another_time_point_shows_the_same_slice_in_the_same_window(bench: Bench, tmp_path: Path) -> None:
    voxels = write_times(tmp_path)
    bench.open(tmp_path)
    assert not bench.bar.isHidden()
    assert bench.bar.words.text() == "Time 1 of 3"
    pane = bench.grid.active_pane
    pane.set_index(3)
    bench.document.set_window(UID, Window(700.0, 123.0))
    bench.choose(2)
    assert bench.bar.words.text() == "Time 3 of 3"
    assert pane.content is not None
    assert (pane.content.series_uid, pane.content.slice_index) == (f"{UID}#t3", 3)
    assert bench.document.window(f"{UID}#t3") == Window(700.0, 123.0)
    opened = bench.document.opened(f"{UID}#t3")
    assert opened is not None
    np.testing.assert_array_equal(opened.stack.array, voxels[2])
    assert "time 3 / 3" in bench.words()


def test_each_time_point_is_a_source_of_its_own_and_closes_with_its_study(bench: Bench, tmp_path: Path) -> None:
    write_times(tmp_path)
    bench.open(tmp_path)
    bench.choose(1)
    assert bench.document.selected_series == f"{UID}#t2"
    assert set(bench.document.open_uids) == {UID, f"{UID}#t2"}
    bench.document.close_study(bench.document.catalog.studies[0])
    assert not bench.document.open_uids
    assert bench.bar.isHidden()


def test_colours_are_shown_as_they_are_and_no_window_is_claimed(bench: Bench, tmp_path: Path) -> None:
    pixels = np.zeros((20, 24, 3), np.uint8)
    pixels[:] = (200, 30, 60)
    dataset = image_dataset(
        pixels[..., 0], SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0, Modality="US"
    )
    dataset.PixelData = pixels.tobytes()
    save(dataset, tmp_path / "one.dcm")
    bench.open(tmp_path)
    pane = bench.grid.active_pane
    centre = pane.capture().pixelColor(pane.width() // 2, pane.height() // 2)
    assert centre == QColor(200, 30, 60)
    assert said_in(pane).bottom_left[0].startswith("colour")


def test_overlay_planes_are_drawn_over_the_image(bench: Bench, tmp_path: Path) -> None:
    drawn = np.zeros((20, 24), bool)
    drawn[8:12, 8:16] = True
    save(with_overlay(image_dataset(np.zeros((20, 24), np.int16), Modality="MR"), drawn), tmp_path / "one.dcm")
    bench.open(tmp_path)
    pane = bench.grid.active_pane
    picture = pane.capture()
    assert picture.pixelColor(pane.width() // 2, pane.height() // 2) == QColor("#f0e68c")
    # The image itself stays grey.
    beside = picture.pixelColor(pane.width() // 2, pane.height() // 4)
    assert beside.red() == beside.green() == beside.blue()


def test_loss_is_said_in_the_pane(bench: Bench, tmp_path: Path) -> None:
    write_series(tmp_path, ramp((3, 20, 24)), LossyImageCompression="01", LossyImageCompressionRatio="15")
    bench.open(tmp_path)
    assert "lossy 15:1 compression" in bench.words()
