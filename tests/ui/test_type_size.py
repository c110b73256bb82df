"""Type follows the system's font size, and what has no room gives way or scrolls."""

from collections.abc import Iterator
from types import ModuleType

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontInfo
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.ui import type_size
from medgan_viewer.ui.main_window import MainWindow
from medgan_viewer.ui.style import apply_theme
from medgan_viewer.ui.theme import DARK, LIGHT
from medgan_viewer.ui.views import lettering, mark, overlay_text, warning_strip

_POINTS = (9, 11, 14, 18)


def _forget() -> None:
    """Have everything measured anew that is measured once after the start."""
    modules: tuple[ModuleType, ...] = (type_size, lettering, mark, overlay_text, warning_strip)
    for kept in [value for module in modules for value in vars(module).values() if hasattr(value, "cache_clear")]:
        kept.cache_clear()


@pytest.fixture(params=_POINTS)
def points(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[int]:
    """Start with a system font of so many points, in the dark and the light look by turns."""
    font, sheet, palette = qapp.font(), qapp.styleSheet(), qapp.palette()
    large = qapp.font()
    large.setPointSize(request.param)
    qapp.setFont(large)
    _forget()
    apply_theme(qapp, DARK if request.param in (9, 14) else LIGHT)
    yield request.param
    qapp.setStyleSheet(sheet)
    qapp.setPalette(palette)
    qapp.setFont(font)
    _forget()


def test_words_in_panels_and_on_images_grow_as_the_systems_font_does(qtbot: QtBot, points: int) -> None:
    words, quiet = QLabel("W/L"), QLabel("W/L")
    quiet.setObjectName("quiet")
    for widget in (words, quiet):
        qtbot.addWidget(widget)
        widget.ensurePolished()
    system = points * 96 / 72
    assert QFontInfo(words.font()).pixelSize() == pytest.approx(13 * system / 12, abs=1)
    assert QFontInfo(quiet.font()).pixelSize() == pytest.approx(12 * system / 12, abs=1)
    assert lettering.font_of(12).pixelSize() == pytest.approx(system, abs=1)


def test_no_button_is_cut_and_none_lies_over_another(qtbot: QtBot, window: MainWindow, points: int) -> None:
    assert points in _POINTS
    window.resize(1280, 720)
    window.show()
    qtbot.waitExposed(window)
    for name in ("toolbar", "statusbar"):
        bar = next(child for child in window.findChildren(QWidget, name) if child.isVisible())
        shown = [one for one in bar.findChildren(QWidget) if isinstance(one, (QToolButton, QPushButton, QLabel))]
        shown = [one for one in shown if one.isVisible() and one.parentWidget() is bar]
        assert shown
        for one in shown:
            assert bar.rect().contains(_place(one)), one.accessibleName()
            assert one.width() >= one.minimumSizeHint().width(), one.accessibleName()
        for number, one in enumerate(shown):
            assert not any(_place(one).intersects(_place(other)) for other in shown[number + 1 :])
    assert window.width() == 1280


def _place(widget: QWidget) -> QRect:
    return QRect(widget.mapToParent(QPoint()), widget.size())


def test_lengths_of_a_style_sheet_keep_rounded_corners_within_half_of_their_box(points: int) -> None:
    assert points in _POINTS
    assert type_size.in_pixels("width: 12sp; border: 1px") == f"width: {type_size.scaled(12)}px; border: 1px"
    for length in range(2, 40):
        assert type_size.scaled(length / 2) * 2 <= type_size.scaled(length)


def test_a_dialog_fits_the_screen_however_large_the_type_is(qtbot: QtBot, points: int) -> None:
    assert points in _POINTS
    widget = QWidget()
    qtbot.addWidget(widget)
    room = widget.screen().availableSize()
    size = type_size.fitted(widget, 5000, 5000)
    assert size.width() < room.width()
    assert size.height() < room.height()
