"""Hanging a study: every series in its pane and window; bad files are said once; a saved layout hangs again."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Catalog, Study
from medgan_viewer.core.display import CT_PRESETS, Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.hanging import Protocol, read
from medgan_viewer.core.slabs import Slab
from medgan_viewer.ui.hanging import Hanging
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane
from tests.ui import view_fixtures as scans
from tests.ui.test_views_marks import is_marked, is_unmarked

pytestmark = pytest.mark.window


class Desk:
    """A study of some series, and what hangs it."""

    def __init__(self, qtbot: QtBot, series: list[OpenSeries], folder: Path) -> None:
        self.document = Document()
        study = Study("s", scans.PATIENT, "", "Head", "", "", tuple(one.series for one in series))
        self.document.add_catalog(Catalog((study,)))
        for one in series:
            self.document.open_series(OpenSeries(study, one.series, one.stack, one.ready))
        self.grid: ViewGrid = scans.shown_grid(qtbot, self.document)
        self.hanging = Hanging(self.document, self.grid, self.open, self.grid)
        self.hanging.folder = folder / "hanging"
        self.problems: list[str] = []
        self.hanging.problem.connect(self.problems.append)
        self.open(series[0].series.uid, self.grid.panes[0])

    def open(self, uid: str, pane: Pane) -> None:
        self.grid.show_series(uid, pane)
        self.document.select_series(uid)

    def protocol(self, name: str) -> Protocol:
        return next(one for one in self.hanging.protocols() if one.name.startswith(name))

    def shown(self) -> list[str | None]:
        return [None if pane.content is None else pane.content.series_uid for pane in self.grid.visible_panes]


def _ct() -> OpenSeries:
    array = np.full((8, 32, 32), 40, np.int16)
    return scans.opened_series("ct", scans.stack_of(array), windows=())


def _mr(contrast: str) -> OpenSeries:
    stack = scans.stack_of(scans.ball(), modality="MR", unit="")
    return scans.opened_series(contrast, stack, contrast=contrast, description=contrast)


@pytest.fixture
def head(qtbot: QtBot, tmp_path: Path) -> Desk:
    return Desk(qtbot, [_ct()], tmp_path)


@pytest.fixture
def brain(qtbot: QtBot, tmp_path: Path) -> Desk:
    return Desk(qtbot, [_mr(name) for name in ("FLAIR", "T2", "T1", "T1+C")], tmp_path)


def _grey(pane: Pane) -> int:
    picture = pane.capture()
    return QColor(picture.pixelColor(picture.width() // 2, picture.height() // 2)).red()


def test_a_head_ct_hangs_in_two_windows_that_do_not_follow_one_another(head: Desk) -> None:
    head.hanging.apply(head.protocol("Head CT"), "ct")
    assert head.grid.layout_name == "1x2"
    assert head.shown() == ["ct", "ct"]
    # 40 HU is the middle of the brain window, and dark in the bone window.
    assert _grey(head.grid.panes[0]) == pytest.approx(128, abs=1)
    assert _grey(head.grid.panes[1]) == pytest.approx(255 * (40 - (480 - 1250)) / 2500, abs=1)
    scans.drag(head.grid.panes[1], 100, 0)
    assert head.grid.panes[1].scene is not None
    assert head.grid.panes[1].scene.window.width > 2500
    assert _grey(head.grid.panes[0]) == pytest.approx(128, abs=1)
    head.grid.apply_window(CT_PRESETS[3][1])
    assert scans.said_in(head.grid.panes[1]).bottom_left[0].startswith("W 400 L 40")
    # Panes of one series still scroll together.
    scans.wheel(head.grid.panes[0], 120)
    assert head.grid.panes[0].slice_index() == head.grid.panes[1].slice_index()


def test_a_brain_mr_hangs_by_contrast(brain: Desk) -> None:
    brain.hanging.apply(brain.protocol("Brain MR"), "FLAIR")
    assert brain.grid.layout_name == "2x2"
    assert brain.shown() == ["T1", "T2", "FLAIR", "T1+C"]
    assert brain.document.selected_series == "T1"


def test_on_opening_only_a_study_that_fits_is_hung_and_only_where_that_is_wanted(
    qtbot: QtBot, brain: Desk, tmp_path: Path
) -> None:
    brain.hanging.hang_on_opening("FLAIR")
    assert brain.grid.layout_name == "1x1"
    brain.hanging.set_on_opening(True)
    brain.hanging.hang_on_opening("FLAIR")
    assert brain.grid.layout_name == "2x2"
    # Two panes would stay empty.
    poor = Desk(qtbot, [_mr("T1")], tmp_path / "poor")
    poor.hanging.set_on_opening(True)
    poor.hanging.hang_on_opening("T1")
    assert poor.grid.layout_name == "1x1"


def test_on_opening_no_pane_stays_empty_while_there_is_a_series_to_show(qtbot: QtBot, tmp_path: Path) -> None:
    few = scans.opened_series("localiser", scans.stack_of(np.zeros((3, 8, 8), np.int16), modality="MR"))
    made = scans.opened_series("made", scans.stack_of(np.zeros((8, 8, 8), np.int16), modality="MR"), synthetic=True)
    pet = scans.opened_series("pet", scans.stack_of(np.zeros((8, 8, 8), np.int16), modality="PT"))
    desk = Desk(qtbot, [_mr("T2"), few, made, pet, _mr("FLAIR")], tmp_path)
    desk.hanging.on_opening = True
    desk.grid.set_layout_name("2x2")
    desk.hanging.hang_on_opening("T2")
    # Most like what came up, then what is not; a localiser before a stored synthetic image.
    assert desk.shown() == ["T2", "FLAIR", "pet", "localiser"]
    assert desk.document.selected_series == "T2"
    desk.grid.set_layout_name("2x3")
    desk.hanging.hang_on_opening("T2")
    assert desk.shown()[4] is not None
    desk.hanging.on_opening = False
    desk.grid.panes[1].show_content(None)
    desk.hanging.hang_on_opening("T2")
    assert desk.shown()[1] is None


def test_original_and_synthetic_hang_side_by_side_or_a_pane_waits_for_the_image(head: Desk) -> None:
    protocol = head.protocol("Original | synthetic")
    head.hanging.apply(protocol, "ct")
    assert head.shown() == ["ct", None]
    opened = head.document.opened("ct")
    assert opened is not None
    head.document.add_layer(scans.image_layer(opened))
    head.hanging.apply(protocol, "ct")
    head.grid.set_overlay_visible(True)
    first, second = head.grid.visible_panes
    assert is_unmarked(first)
    assert is_marked(second)
    assert scans.said_in(first).bottom_right[1].startswith("original ·")


def test_every_pane_draws_the_results_that_its_protocol_names(head: Desk) -> None:
    opened = head.document.opened("ct")
    assert opened is not None
    heat, finding = scans.heat_layer(opened)
    for layer in (scans.image_layer(opened), scans.label_layer(opened), heat):
        head.document.add_layer(layer)
    head.document.set_findings("heat", (finding,))
    head.hanging.apply(head.protocol("Original | overlay"), "ct")
    drawn = []
    for pane in head.grid.visible_panes:
        assert pane.scene is not None
        picture = pane.scene.picture(pane.state, (1.0, 1.0))
        drawn.append(sorted(layer.uid for layer in (*picture.results, *picture.synthetic)))
    assert drawn == [[], ["anatomy"], ["heat"], ["heat"]]
    assert head.grid.panes[3].content is not None
    assert head.grid.panes[3].content.orientation == "coronal"
    assert all(is_unmarked(pane) for pane in head.grid.visible_panes)


def test_a_preset_in_hu_is_not_laid_on_an_mr(brain: Desk) -> None:
    before = brain.document.window("FLAIR")
    brain.hanging.apply(brain.protocol("Head CT"), "FLAIR")
    assert all(pane.scene is not None and pane.scene.window == before for pane in brain.grid.visible_panes)


def test_a_layout_that_is_saved_hangs_again(brain: Desk) -> None:
    grid = brain.grid
    grid.set_layout_name("1x3")
    for uid, pane in zip(("T2", "T1"), (grid.panes[0], grid.panes[2]), strict=True):
        brain.open(uid, pane)
    grid.panes[2].set_slab(Slab("mean", 7.5))
    path = brain.hanging.save("My & layout")
    assert path is not None
    assert path.name == "my-layout.toml"
    saved = read(path)
    assert saved == brain.protocol("My")
    assert saved.fits(brain.document.catalog.studies[0])
    grid.set_layout_name("2x2")
    brain.hanging.apply(saved, "FLAIR")
    assert grid.layout_name == "1x3"
    assert brain.shown() == ["T2", None, "T1"]
    assert [pane.scene and pane.scene.cut.slab for pane in grid.visible_panes] == [None, None, Slab("mean", 7.5)]
    assert brain.hanging.save("My & layout") == path.with_name("my-layout-2.toml")


def test_mpr_and_two_windows_are_saved_too(head: Desk) -> None:
    head.hanging.apply(head.protocol("Head CT"), "ct")
    saved = head.hanging.present("x")
    assert [plan.window for plan in saved.panes] == [Window(80, 40), Window(2500, 480)]
    head.grid.set_layout_name("mpr")
    three = head.hanging.present("y")
    assert len(three.panes) == 1
    head.grid.set_layout_name("1x1")
    head.hanging.apply(three, "ct")
    assert head.grid.layout_name == "mpr"
    assert head.shown() == ["ct"] * 3 + [None]


def test_a_bad_file_is_said_once_and_the_menu_has_the_others(head: Desk) -> None:
    assert head.hanging.folder is not None
    head.hanging.folder.mkdir()
    (head.hanging.folder / "bad.toml").write_text("schema = 9", encoding="utf-8")
    for _ in range(2):
        head.hanging.menu.aboutToShow.emit()
    assert len(head.problems) == 1
    assert head.problems[0].startswith("bad.toml: ")
    names = [action.text() for action in head.hanging.menu.actions() if action.text()]
    assert names[0] == "Head CT: brain and bone"
    assert names[-1] == "Save this layout…"
    next(action for action in head.hanging.menu.actions() if "synthetic" in action.text()).trigger()
    assert head.grid.layout_name == "1x2"


def test_the_name_is_asked_for_and_a_full_disk_is_said(head: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QInputDialog, "getText", lambda *_args: ("  Night  ", True))
    head.hanging.ask_name()
    assert head.protocol("Night").name == "Night"

    def full(*_args: object, **_options: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    assert head.hanging.save("More") is None
    assert "No space left" in head.problems[-1]
