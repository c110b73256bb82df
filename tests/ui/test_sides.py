"""The panels of a side are as high as their words need, however often their parts come and go; the rest is scrolled."""

import pytest
from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from medgan_viewer import resources
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.models import suitability
from medgan_viewer.models.registry import scan
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.stops import Stops
from tests.ui import view_fixtures as scans
from tests.ui.conftest import ShowWindow

pytestmark = pytest.mark.window


def _cut(window: MainWindow) -> list[str]:
    """Return the words of the right side that are not wholly seen."""
    labels = [one for one in window._right.findChildren(QLabel) if one.isVisible() and one.text()]
    return [one.text() for one in labels if one.heightForWidth(one.width()) > one.height()]


def test_no_card_is_squashed_when_models_and_layers_come_and_go(
    qtbot: QtBot, show_window: ShowWindow, opened: OpenSeries
) -> None:
    mr = scans.stack_of(scans.ball(), modality="MR", unit="")
    others = [scans.opened_series(name, mr, contrast=name, description=name) for name in ("T1", "FLAIR")]
    window = show_window(scans.document_with(opened, *others))
    packages, _ = scan([resources.path("models")])
    assert len(packages) >= 6
    window.models.set_models(packages, [])
    for layer in (scans.heat_layer(opened)[0], scans.label_layer(opened), scans.image_layer(opened)):
        window.document.add_layer(layer)
        qtbot.waitUntil(lambda: not _cut(window), timeout=10_000)
    for uid in ("T1", "FLAIR", "ct", "T1", "ct"):
        window.open_series(uid)
        qtbot.waitUntil(lambda: not _cut(window), timeout=10_000)
    contents, bar = window._right.widget(), window._right.verticalScrollBar()
    assert contents is not None
    layout = contents.layout()
    assert layout is not None
    # It is scrolled, and nothing but the last word stands at its end.
    qtbot.waitUntil(lambda: contents.height() == layout.totalHeightForWidth(contents.width()), timeout=10_000)
    qtbot.waitUntil(lambda: bar.maximum() == contents.height() - window._right.viewport().height() > 0, timeout=10_000)
    assert not _cut(window)


def test_the_line_under_a_slider_is_whole_in_the_first_picture_after_its_series_is_chosen(
    show_window: ShowWindow, opened: OpenSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The simulated head is too coarse for some models; here it is about their cards.
    monkeypatch.setattr(suitability, "check", lambda *_: suitability.Verdict((), ()))
    monkeypatch.setattr(Stops, "alive", True)
    mr = scans.opened_series("T1", scans.stack_of(scans.ball(), modality="MR", unit=""), contrast="T1")
    window = show_window(scans.document_with(opened, mr))
    monkeypatch.setattr(window.runs, "stops", lambda package, uid: Stops(window.document, package, uid, 1.0))
    packages, _ = scan([resources.path("models")])
    window.models.set_models(packages, [])
    window.document.add_layer(scans.image_layer(opened))
    for uid in ("T1", "ct", "T1", "ct"):
        window.open_series(uid)
        QCoreApplication.processEvents()
        card = window.models.card("head-ct-to-mr")
        assert card is not None
        assert card.control.line.isVisible()
        assert card.control.line.text() not in _cut(window)


@pytest.mark.parametrize("width", [1280, 1600, 1920])
def test_the_images_have_two_thirds_of_the_width_at_first(qtbot: QtBot, width: int) -> None:
    document = Document()
    window = MainWindow(document, Loader(document), Runs(document, "cpu"))
    qtbot.addWidget(window)
    window.resize(width, 900)
    window.show()
    qtbot.waitExposed(window)
    left, images, right = window._splitter.sizes()
    assert images >= 0.65 * width
    # Both have room for a picture with words beside it, and for a button beside a name.
    assert min(left, right) >= 200
    window._splitter.setSizes([300, images, 320])
    moved = window._splitter.sizes()
    window.open_paths([])
    window.resize(width + 100, 900)
    assert (window._splitter.sizes()[0], window._splitter.sizes()[2]) == (moved[0], moved[2])
    window.close()


def test_no_side_is_wider_than_the_cards_of_all_models_and_results_need(
    qtbot: QtBot, show_window: ShowWindow, opened: OpenSeries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suitability, "check", lambda *_: suitability.Verdict((), ()))
    monkeypatch.setattr(Stops, "alive", True)
    window = show_window(scans.document_with(opened))
    monkeypatch.setattr(window.runs, "stops", lambda package, uid: Stops(window.document, package, uid, 1.0))
    packages, _ = scan([resources.path("models")])
    window.models.set_models(packages, [])
    for layer in (scans.heat_layer(opened)[0], scans.label_layer(opened), scans.image_layer(opened)):
        window.document.add_layer(layer)
    qtbot.waitUntil(lambda: not _cut(window), timeout=10_000)
    assert window.models.minimumSizeHint().width() <= 230
    assert window.layers.minimumSizeHint().width() <= 230


def test_the_first_measurement_is_seen_above_the_cards_of_the_models(
    qtbot: QtBot, show_window: ShowWindow, opened: OpenSeries
) -> None:
    window = show_window(scans.document_with(opened))
    packages, _ = scan([resources.path("models")])
    window.models.set_models(packages, [])
    drawn = Annotation(
        "1", "distance", study_key(opened.study), "ct", ((0.0, 0.0, 0.0), (30.0, 0.0, 0.0)), (0.0, 0.0, 1.0)
    )
    window.document.annotations.change(drawn.study_key, (), [drawn])
    measurements, area = window.measurements, window._right

    def seen() -> bool:
        """Whether all of the list lies in the part of the side that is in sight."""
        top = measurements.mapTo(area.viewport(), QPoint()).y()
        return measurements.isVisible() and top >= 0 and top + measurements.height() <= area.viewport().height()

    qtbot.waitUntil(seen)
    assert measurements.geometry().bottom() < window.models.geometry().top()
