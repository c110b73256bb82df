"""The lab's window follows, steers and starts real trainings' folders and processes."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from medgan_viewer import settings
from medgan_viewer.lab.training.run_folder import RunFolder, RunState
from medgan_viewer.ui.lab import starting
from medgan_viewer.ui.lab.alarm_cards import TITLES, earlier_alarms
from medgan_viewer.ui.lab.curves import running_mean, thinned
from medgan_viewer.ui.lab.reading import RunView
from medgan_viewer.ui.lab_window import LabWindow
from medgan_viewer.ui.style import apply_theme
from medgan_viewer.ui.theme import DARK, LIGHT
from tests.test_imports import loaded
from tests.ui.lab.runs import MEMORISING, MODE_COLLAPSE, OVER, RUNNING, add_sample, line, write_dead_run, write_run

pytestmark = pytest.mark.window
Opens = Callable[[Path], LabWindow]

# A training as the window sees it: it says that it runs, obeys its wish, and ends.
_TRAINING = """
import sys, time
from pathlib import Path
from medgan_viewer.lab.training.run_folder import RunFolder, RunState
recipe, run = Path(sys.argv[1]), RunFolder(Path(sys.argv[2]))
if "broken" in recipe.name:
    sys.exit("The recipe broken.toml has unknown keys: lerning_rate.")
run.write_wish("run")
step = 0
while run.wish() != "stop":
    step += run.wish() == "run"
    run.write_state(RunState("running" if run.wish() == "run" else "paused", "", "adversarial", step, 1000))
    time.sleep(0.02)
run.write_state(RunState("stopped", "", "adversarial", step, 1000))
"""


@pytest.fixture(autouse=True)
def own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own settings out."""
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path_factory.mktemp("settings")))


@pytest.fixture
def opens(qtbot: QtBot) -> Opens:
    """Return what opens the window on a folder; it is closed after the test."""
    # qtbot closes what it is given, and does not keep it.
    kept = []

    def make(folder: Path) -> LabWindow:
        window = LabWindow(folder)
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(window)
        window.resize(1280, 720)
        window.show()
        qtbot.waitExposed(window)
        kept.append(window)
        return window

    return make


@pytest.fixture
def trainings(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Path]]:
    """Let the window start a small process instead of a training; those in the list are stopped after the test."""
    runs: list[Path] = []
    monkeypatch.setattr(
        starting, "command", lambda recipe, run: [sys.executable, "-c", _TRAINING, str(recipe), str(run)]
    )
    yield runs
    for run in runs:
        RunFolder(run).write_wish("stop")
        qtbot.waitUntil(lambda run=run: _status(run) == "stopped", timeout=10_000)  # type: ignore[misc]
    for process in starting._STARTED:
        process.wait(10)
    starting._STARTED.clear()


def _status(run: Path) -> str:
    state = RunFolder(run).state()
    return "" if state is None else state.status


def _shown(qtbot: QtBot, window: LabWindow, title: str) -> None:
    """Wait until a run's title stands above the curves."""
    window.follower.look()
    qtbot.waitUntil(
        lambda: window.pages.currentIndex() == 1 and window.header.title.accessibleName() == title, timeout=5000
    )


def test_an_empty_folder_says_what_to_do(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    window = opens(tmp_path)
    qtbot.waitUntil(lambda: window._headline.text() == "No training here yet", timeout=5000)
    assert "recipe" in window._hint.text()
    assert window.pages.currentIndex() == 0


def test_a_folder_that_cannot_be_read_is_named_and_the_window_stays(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    window = opens(tmp_path / "gone")
    qtbot.waitUntil(lambda: window._headline.text() == "This folder cannot be read", timeout=5000)
    assert window._hint.text().startswith("gone: ")
    write_run(tmp_path / "gone" / "run")
    _shown(qtbot, window, "Ring of eight")


def test_a_run_shows_its_status_curves_phases_samples_and_recipe(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    add_sample(folder, 40, 0.5)
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    facts = window.header.facts.accessibleName()
    assert facts == (
        "running · adversarial · step 50 of 100 · 21.3 images/s · 13 min left · 10 min trained · generation hinge"
        " · cpu fp32"
    )
    losses = window.curves.plots[0]
    assert list(losses.raw["loss/generator"].getOriginalDataset()[1]) == [1.0, 11.0, 21.0, 31.0, 41.0]
    assert "generator&nbsp;<b>41</b>" in losses.legend.text()
    assert [mark.value() for mark in losses._marks] == [30]
    assert window.recipe.toPlainText().startswith('id = "ring"')
    qtbot.waitUntil(lambda: not window.samples.picture.image.isNull(), timeout=5000)
    assert window.samples.step.text() == "step 40"


def test_curves_follow_while_the_run_grows(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", steps=(0,))
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    folder.append_metrics(line(10, loss__generator=4.0))
    window.follower.look()
    drawn = window.curves.plots[0].raw["loss/generator"]
    qtbot.waitUntil(lambda: list(drawn.getOriginalDataset()[1]) == [1.0, 4.0], timeout=5000)


def test_tens_of_thousands_of_lines_become_a_few_points_for_each_column_of_pixels(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "run", replace(RUNNING, step=40_000, steps=40_000), steps=())
    lines = "".join(f'{{"step": {step}, "loss/generator": {step % 97}}}\n' for step in range(40_000))
    (folder.path / "metrics.jsonl").write_text(lines)
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    drawn = window.curves.plots[0].raw["loss/generator"]
    assert len(drawn.getData()[0]) == 800
    assert (drawn.getData()[1].min(), drawn.getData()[1].max()) == (0, 96)


def test_a_gradient_of_zero_leaves_a_gap_in_the_logarithmic_plot(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", steps=())
    for step, norm in ((0, 10.0), (10, 0.0), (20, 0.1)):
        folder.append_metrics(line(step, gradient__adversarial=norm))
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    window.grab()
    drawn = window.curves.plots[1].raw["gradient/adversarial"].getData()[1]
    np.testing.assert_allclose(drawn, [1.0, np.nan, -1.0])


def test_standing_alarms_are_cards_with_advice_and_earlier_ones_a_line(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "run", alarms=[MODE_COLLAPSE, OVER, MEMORISING])
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    assert window.alarms.shown == (MEMORISING,)
    assert window.alarms.earlier == "Earlier, and over: mode collapse (steps 40–60)"
    assert window.alarms.isVisible()
    # As high as it needs to be: card and line can be read without scrolling.
    assert 60 < window.alarms.height() < 160
    assert window.alarms.verticalScrollBar().maximum() == 0
    folder.append_alarm(replace(MEMORISING, raised=False, step=90))
    window.follower.look()
    qtbot.waitUntil(lambda: not window.alarms.shown, timeout=5000)
    assert "memorising (steps 80–90)" in window.alarms.earlier


def test_every_kind_of_alarm_has_a_title() -> None:
    from medgan_viewer.lab.diagnostics.alarms import DETECTORS

    assert set(TITLES) == {detector.kind for detector in DETECTORS}
    assert earlier_alarms((MODE_COLLAPSE,)) == ""


def test_a_healthy_run_has_no_cards(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    assert not window.alarms.isVisible()


def _violet(image: QImage) -> int:
    wanted = QColor(DARK.synthetic).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in (0, image.height() - 1))


def test_samples_are_marked_synthetic_on_screen_at_every_place_of_the_slider(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "run")
    for step in (10, 20, 30):
        add_sample(folder, step, step / 100)
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    picture = window.samples.picture
    for place, step in ((2, 30), (0, 10), (1, 20)):
        window.samples.slider.setValue(place)
        level = round(255 * step / 100)
        qtbot.waitUntil(
            lambda level=level: not picture.image.isNull() and picture.image.pixelColor(50, 100).red() == level,  # type: ignore[misc]
            timeout=5000,
        )
        assert window.samples.step.text() == f"step {step}"
        assert picture.accessibleName() == "SYNTHETIC · Ring of eight · not for diagnosis"
        shot = picture.grab().toImage()
        assert _violet(shot) > 1.9 * shot.width()


def test_the_slider_follows_the_training_only_at_its_right_end(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    for step in (10, 20):
        add_sample(folder, step, 0.5)
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    slider = window.samples.slider
    for place, step, stays in ((1, 30, 2), (0, 40, 0)):
        slider.setValue(place)
        add_sample(folder, step, 0.5)
        window.follower.look()
        qtbot.waitUntil(lambda step=step: slider.maximum() == step // 10 - 1, timeout=5000)  # type: ignore[misc]
        assert slider.value() == stays


def test_a_picture_that_cannot_be_read_is_a_sentence(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    add_sample(folder, 10, 0.5)
    (folder.samples_folder / "step_0000010.png").write_bytes(b"cut")
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    qtbot.waitUntil(lambda: "cannot be read" in window.samples.picture.accessibleName(), timeout=5000)


def test_another_run_is_shown_when_it_is_chosen_with_mouse_or_keyboard(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    write_run(tmp_path / "a", title="First", alarms=[MODE_COLLAPSE])
    write_run(tmp_path / "b", RunState("finished", "", "adversarial", 100, 100), title="Second " * 20)
    window = opens(tmp_path)
    _shown(qtbot, window, "First")
    cards = window.runs.cards
    QTest.mouseClick(cards[1], Qt.MouseButton.LeftButton)
    _shown(qtbot, window, "Second " * 20)
    assert not window.alarms.isVisible()
    assert not window.header.pause.isVisible()
    assert not window.header.stop.isVisible()
    QTest.keyClick(cards[0], Qt.Key.Key_Return)
    _shown(qtbot, window, "First")
    assert cards[0].property("selected") == "true"


def test_pause_resume_and_stop_write_the_wish_that_the_training_reads(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    folder = write_run(tmp_path / "run")
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    header = window.header
    QTest.mouseClick(header.pause, Qt.MouseButton.LeftButton)
    assert folder.wish() == "pause"
    qtbot.waitUntil(lambda: header.pause.text() == "Pausing…", timeout=5000)
    folder.write_state(replace(RUNNING, status="paused"))
    window.follower.look()
    qtbot.waitUntil(header.resume.isVisible, timeout=5000)
    assert header.facts.accessibleName().startswith("paused")
    QTest.mouseClick(header.resume, Qt.MouseButton.LeftButton)
    assert folder.wish() == "run"
    QTest.mouseClick(header.stop, Qt.MouseButton.LeftButton)
    assert folder.wish() == "stop"
    qtbot.waitUntil(lambda: header.stop.text() == "Stopping…", timeout=5000)


def test_a_failed_run_says_its_sentence_and_an_interrupted_one_can_go_on(
    qtbot: QtBot, opens: Opens, tmp_path: Path
) -> None:
    sentence = "The generator's loss was no number at step 12."
    folder = write_run(tmp_path / "run", RunState("failed", sentence, "adversarial", 12, 100))
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    assert window.header.sentence.isVisible()
    assert window.header.sentence.text() == sentence
    write_dead_run(folder.path)
    window.follower.look()
    qtbot.waitUntil(lambda: window.header.facts.accessibleName().startswith("interrupted"), timeout=5000)
    assert window.header.resume.isVisible()


def test_a_recipe_is_started_in_a_new_folder_and_outlives_the_window(
    qtbot: QtBot, opens: Opens, trainings: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipe = tmp_path / "ring.toml"
    recipe.write_text("")
    (tmp_path / "runs" / "ring").mkdir(parents=True)
    window = opens(tmp_path / "runs")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(recipe), ""))
    window.ask_recipe()
    run = tmp_path / "runs" / "ring-2"
    trainings.append(run)
    qtbot.waitUntil(lambda: window.header.facts.accessibleName().startswith("running"), timeout=10_000)
    window.close()
    before = RunFolder(run).state()
    assert before is not None

    def goes_on() -> bool:
        after = RunFolder(run).state()
        return after is not None and after.step > before.step

    qtbot.waitUntil(goes_on, timeout=5000)


def test_a_stopped_run_goes_on_in_its_own_folder(
    qtbot: QtBot, opens: Opens, trainings: list[Path], tmp_path: Path
) -> None:
    write_run(tmp_path / "run", RunState("stopped", "", "adversarial", 20, 100))
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    trainings.append(tmp_path / "run")
    QTest.mouseClick(window.header.resume, Qt.MouseButton.LeftButton)
    assert (window.header.resume.text(), window.header.resume.isEnabled()) == ("Starting…", False)
    assert window.starter.start(tmp_path / "run" / "recipe.toml", tmp_path / "run")
    assert len(starting._STARTED) == 1
    qtbot.waitUntil(lambda: window.header.facts.accessibleName().startswith("running"), timeout=10_000)


def test_a_recipe_that_is_refused_is_one_sentence_and_leaves_no_run_behind(
    qtbot: QtBot, opens: Opens, trainings: list[Path], tmp_path: Path
) -> None:
    recipe = tmp_path / "broken.toml"
    recipe.write_text("")
    window = opens(tmp_path)
    window.start_recipe(recipe)
    sentence = "The recipe broken.toml has unknown keys: lerning_rate."
    qtbot.waitUntil(lambda: window.banner.text == sentence, timeout=10_000)
    assert not (tmp_path / "broken").exists()
    assert trainings == []


def test_a_training_that_is_killed_before_it_began_is_said_to_be(
    qtbot: QtBot, opens: Opens, trainings: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = "import os, signal; print('a line', flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(starting, "command", lambda recipe, run: [sys.executable, "-c", killed])
    window = opens(tmp_path)
    window.start_recipe(tmp_path / "ring.toml")
    qtbot.waitUntil(lambda: "ended from outside" in window.banner.text, timeout=10_000)
    assert trainings == []


def test_a_wish_that_cannot_be_written_is_said(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run")
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    (folder.path / "control.json.part").mkdir()
    QTest.mouseClick(window.header.pause, Qt.MouseButton.LeftButton)
    assert window.banner.text.startswith("control.json: ")


def test_the_folder_that_was_chosen_is_remembered(
    qtbot: QtBot, opens: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "chosen" / "run")
    window = opens(tmp_path)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "chosen"))
    window.ask_folder()
    _shown(qtbot, window, "Ring of eight")
    assert settings.load().text("lab_folder") == str(tmp_path / "chosen")


def test_the_window_takes_the_viewers_look(qtbot: QtBot, opens: Opens, tmp_path: Path) -> None:
    write_run(tmp_path / "run")
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    before = application.palette(), application.styleSheet()
    try:
        for theme in (LIGHT, DARK):
            apply_theme(application, theme)
            plot = window.curves.plots[0].plot
            qtbot.waitUntil(
                lambda plot=plot, theme=theme: plot.backgroundBrush().color() == QColor(theme.panel),  # type: ignore[misc]
                timeout=5000,
            )
    finally:
        application.setStyleSheet(before[1])
        application.setPalette(before[0])


@pytest.mark.parametrize("size", [(1280, 720), (3840, 2160)])
def test_nothing_is_cut_off_at_any_size(qtbot: QtBot, opens: Opens, tmp_path: Path, size: tuple[int, int]) -> None:
    folder = write_run(tmp_path / "run", title="A very long title " * 20, alarms=[MODE_COLLAPSE, MEMORISING])
    add_sample(folder, 10, 0.5)
    window = opens(tmp_path)
    window.resize(*size)
    _shown(qtbot, window, "A very long title " * 20)
    assert (window.width(), window.height()) == size
    for plot in window.curves.plots:
        assert plot.plot.height() >= 90
        assert plot.plot.width() > 250
    assert window.samples.picture.width() >= 180
    right = window.header.mapTo(window, window.header.rect().topRight()).x()
    assert right < window.samples.mapTo(window, window.samples.rect().topLeft()).x()


def test_a_single_outlier_is_still_drawn_and_a_gap_stays_a_gap() -> None:
    steps, values = np.arange(100_000.0), np.zeros(100_000)
    values[55_555], values[20_000:30_000] = 7.0, np.nan
    places, drawn = thinned(steps, values)
    assert len(drawn) <= 802
    assert places[np.nanargmax(drawn)] == pytest.approx(55_555, abs=250)
    assert np.isnan(drawn[(places > 20_500) & (places < 29_500)]).all()
    assert np.isfinite(drawn[places > 30_500]).all()


def test_a_run_that_did_not_change_is_not_drawn_again(
    qtbot: QtBot, opens: Opens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_run(tmp_path / "run")
    window = opens(tmp_path)
    _shown(qtbot, window, "Ring of eight")
    drawn: list[RunView] = []
    monkeypatch.setattr(window.curves, "_draw", drawn.append)
    for _ in range(3):
        with qtbot.waitSignal(window.follower.run_read, timeout=5000):
            window.follower.look()
    assert not drawn
    folder.append_metrics(line(90, loss__generator=1.0))
    window.follower.look()
    qtbot.waitUntil(lambda: len(drawn) == 1, timeout=5000)


def test_the_mean_of_logarithms_and_gaps_is_taken_over_what_is_known() -> None:
    values = np.array([1.0, np.nan, 100.0] * 80)
    assert running_mean(values, logarithmic=True)[120] == pytest.approx(10.0, rel=0.4)
    assert np.isfinite(running_mean(values)).all()
    np.testing.assert_array_equal(running_mean(np.array([1.0, np.nan])), [1.0, np.nan])


def test_that_the_viewer_starts_without_pyqtgraph_and_the_lab_without_torch() -> None:
    assert loaded("pyqtgraph,torch", "medgan_viewer.ui.main_window") == ""
    assert loaded("torch,monai,lightning_fabric", "medgan_viewer.ui.lab_window") == ""
