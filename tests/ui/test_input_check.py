"""The reader is asked before a model runs on what does not look right."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from medgan_viewer.core.layers import Layer
from medgan_viewer.jobs.events import Failed, Finished, SliceReady, Started
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.ui.panels.models import ModelsPanel
from medgan_viewer.ui.runs import Runs
from tests.models.tiny import content, write_package
from tests.ui import scans

SAID = ("The images look like a T2; the model needs a CT.", "The images are far noisier.")


@dataclass
class _Started:
    job_id: str
    layers: tuple[Layer, ...]
    package: Package
    series_uid: str = "1.1"
    degree: float | None = None

    @property
    def provenance(self) -> Any:
        return self.layers[0].provenance


@dataclass
class _Service:
    """Takes the place of the worker and keeps what was confirmed at each start."""

    layers: tuple[Layer, ...] = ()
    listener: Any = None
    confirmed: list[tuple[str, ...]] = field(default_factory=list)

    def start(self, package: Package, *_: object, **options: Any) -> _Started:
        self.confirmed.append(options["confirmed"])
        return _Started(f"job {len(self.confirmed)}", self.layers, package)

    def close(self) -> None:
        """Nothing runs."""


def _panel(qtbot: QtBot, folder: Path) -> tuple[ModelsPanel, Runs, _Service]:
    held = scans.document(scans.series("1.1", "CT"))
    service = _Service((scans.image_layer(held, ready=False),))

    def make(listener: Any, _device: str) -> Any:
        service.listener = listener
        return service

    runs = Runs(held, make_service=make)
    panel = ModelsPanel(held, runs)
    qtbot.addWidget(panel)
    package = read_package(write_package(folder, content(), np.ones((1, 2), np.float32)))
    panel.set_models((package,), ())
    held.select_series("1.1")
    panel.run_asked.connect(lambda _, uid: runs.start(package, uid))
    return panel, runs, service


def _button(panel: ModelsPanel) -> QPushButton:
    card = panel.card("tiny")
    assert card is not None
    return card.despite


def _answer(panel: ModelsPanel, words: str) -> QMessageBox:
    (box,) = [box for box in panel.findChildren(QMessageBox) if box.isVisible()]
    button = next(button for button in box.buttons() if words in button.text())
    button.click()
    return box


def test_a_refused_run_offers_to_run_all_the_same_and_does_so_only_on_yes(qtbot: QtBot, tmp_path: Path) -> None:
    panel, runs, service = _panel(qtbot, tmp_path)
    panel.run_asked.emit("tiny", "1.1")
    assert service.confirmed == [()]
    with qtbot.waitSignal(runs.failed) as failed:
        service.listener(Failed("job 1", "Tiny was not run. " + " ".join(SAID), objections=SAID))
    assert failed.args == ["Tiny was not run. " + " ".join(SAID)]
    assert not _button(panel).isHidden()
    _button(panel).click()
    box = next(box for box in panel.findChildren(QMessageBox) if box.isVisible())
    assert all(sentence in box.informativeText() for sentence in SAID)
    assert "cannot be removed" in box.informativeText()
    assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
    _answer(panel, "Cancel")
    assert service.confirmed == [()]
    _button(panel).click()
    _answer(panel, "Run anyway")
    qtbot.waitUntil(lambda: len(service.confirmed) == 2)
    assert service.confirmed == [(), SAID]
    qtbot.waitUntil(lambda: _button(panel).isHidden())


def test_what_was_confirmed_holds_for_this_model_and_series_only(qtbot: QtBot, tmp_path: Path) -> None:
    panel, runs, service = _panel(qtbot, tmp_path)
    package = panel.package("tiny")
    assert package is not None
    runs.confirm("tiny", "another", SAID)
    runs.confirm("other", "1.1", SAID)
    runs.start(package, "1.1")
    runs.confirm("tiny", "1.1", SAID[:1])
    runs.confirm("tiny", "1.1", SAID)
    runs.start(package, "1.1")
    assert service.confirmed == [(), SAID]


def test_an_ordinary_failure_and_a_run_that_ends_well_ask_nothing(qtbot: QtBot, tmp_path: Path) -> None:
    panel, runs, service = _panel(qtbot, tmp_path)
    panel.run_asked.emit("tiny", "1.1")
    with qtbot.waitSignal(runs.failed):
        service.listener(Failed("job 1", "Memory ran out."))
    assert _button(panel).isHidden()
    panel.run_asked.emit("tiny", "1.1")
    service.listener(Started("job 2", "cpu", "fp32", 6))
    service.listener(SliceReady("job 2", 0))
    service.listener(Finished("job 2", "cpu", 1.0, 0.1))
    qtbot.waitUntil(lambda: runs.states[-1].status == "done")
    assert _button(panel).isHidden()


def test_a_classifier_is_no_model_to_run(qtbot: QtBot, tmp_path: Path) -> None:
    panel, _, _ = _panel(qtbot, tmp_path)
    package = panel.package("tiny")
    assert package is not None
    guess = replace(package, manifest=replace(package.manifest, id="guess", name="Guess", task="classification"))
    panel.set_models((package, guess), ())
    assert panel.package("guess") is None
    assert all("Guess" not in one.text() for one in panel.findChildren(QLabel))
