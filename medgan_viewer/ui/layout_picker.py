"""The button that says which layout there is and chooses another, and the little pictures of layouts."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QToolButton

from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.layouts import LAYOUTS

__all__ = ["LayoutPicker", "layout_icon"]

# How large a picture is, how many pixels each of its points has, and which of them a line is wide.
_SIZE, _DENSITY = 18, 3


def layout_icon(rows: int, columns: int, colour: str) -> QIcon:
    """Return a picture of a layout in one colour."""
    picture = QPixmap(QSize(_SIZE, _SIZE) * _DENSITY)
    picture.setDevicePixelRatio(_DENSITY)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setPen(QColor(colour))
    wide, tall = (_SIZE - 4) / columns, (_SIZE - 6) / rows
    for row in range(rows):
        for column in range(columns):
            painter.drawRect(QRectF(2 + column * wide, 3 + row * tall, wide, tall))
    painter.end()
    return QIcon(picture)


class LayoutPicker(QToolButton):
    """Shows the present layout; its menu has all of them, and what else is added with ``add_menu``."""

    def __init__(self, by_id: Mapping[str, QAction]) -> None:
        super().__init__()
        self._actions = {name: by_id[f"layout.{name}"] for name in LAYOUTS}
        menu = QMenu(self)
        menu.addActions(list(self._actions.values()))
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(scaled(_SIZE), scaled(_SIZE)))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setObjectName("layoutPicker")
        self.setToolTip(tr("Choose how many panes there are"))
        for name, action in self._actions.items():
            action.toggled.connect(lambda on, layout=name: self._show(layout) if on else None)
        self._show("1x1")

    def add_menus(self, menus: Sequence[QMenu]) -> None:
        """Add further menus below the layouts."""
        self.menu().addSeparator()
        for menu in menus:
            self.menu().addMenu(menu)

    def set_theme(self, theme: Theme) -> None:
        """Draw the pictures of layouts in the theme's colour."""
        for name, action in self._actions.items():
            rows, columns = LAYOUTS[name]
            action.setIcon(layout_icon(rows, columns, theme.text))
        self._show(next((name for name, action in self._actions.items() if action.isChecked()), "1x1"))

    def _show(self, name: str) -> None:
        self.setText(self._actions[name].text())
        self.setIcon(self._actions[name].icon())
        self.setAccessibleName(tr("Layout: {0}").format(self._actions[name].toolTip()))
