"""Both looks are whole."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QSlider,
    QTextBrowser,
    QToolButton,
    QTreeWidget,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from medgan_viewer.ui.style import apply_theme, style_sheet
from medgan_viewer.ui.theme import DARK, LIGHT, Theme


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_style_sheet_names_only_colours_of_its_theme(qtbot: QtBot, theme: Theme) -> None:
    del qtbot
    sheet = style_sheet(theme)
    assert "$" not in sheet
    assert theme.synthetic in sheet


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_a_theme_can_be_applied_and_qt_understands_all_of_it(qtbot: QtBot, theme: Theme) -> None:
    del qtbot
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    before = application.styleSheet()
    apply_theme(application, theme)
    assert application.palette().window().color().name() == theme.window
    application.setStyleSheet(before)


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_text_is_readable_on_every_ground(theme: Theme) -> None:
    for ground in (theme.window, theme.panel, theme.raised):
        assert _contrast(theme.text, ground) >= 7
        assert _contrast(theme.quiet_text, ground) >= 4.5
        assert _contrast(theme.warning, ground) >= 4.5
    assert _contrast(theme.synthetic_text, theme.synthetic) >= 4.5
    assert _contrast(theme.accent_text, theme.accent) >= 4.5


def _controls() -> list[QWidget]:
    """Return every kind of control, those that can be on in both states."""
    made: list[QWidget] = [QComboBox(), QLineEdit(), QDoubleSpinBox(), QTextBrowser(), QTreeWidget()]
    made += [QSlider(Qt.Orientation.Horizontal)]
    for name in ("", "primary", "link"):
        made.append(QPushButton("Words"))
        made[-1].setObjectName(name)
    for on in (False, True):
        buttons: tuple[QAbstractButton, ...] = (QCheckBox(), QCheckBox("Words"), QRadioButton("Words"), QToolButton())
        for one in buttons:
            one.setCheckable(True)
            one.setChecked(on)
            made.append(one)
        entry = QFrame()
        entry.setObjectName("series")
        entry.setProperty("selected", "true" if on else "false")
        made.append(entry)
    made.append(QScrollArea())
    made[-1].setObjectName("choices")
    return made


@pytest.mark.parametrize("theme", [DARK, LIGHT])
def test_every_kind_of_control_shows_that_it_has_the_keyboard(qtbot: QtBot, theme: Theme) -> None:
    window, first = QWidget(), QPushButton("First")
    window.setStyleSheet(style_sheet(theme))
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(first)
    controls = _controls()
    for one in controls:
        one.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        one.setMinimumSize(60, 30)
        column.addWidget(one)
    with qtbot.waitActive(window):
        window.show()
    for one in controls:
        first.setFocus()
        before = one.grab().toImage()
        one.setFocus(Qt.FocusReason.TabFocusReason)
        assert one.grab().toImage() != before, (type(one).__name__, one.objectName())


def _contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
