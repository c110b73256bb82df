"""What stands around the images: the bar with its buttons, the menus, the welcome page, the sides."""

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.measure.annotation import KINDS
from medgan_viewer.ui import actions
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.tool_row import ToolRow
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.grid import WAYS
from medgan_viewer.wording import marked

__all__ = ["TOOLS", "context_menu", "first_width", "of_group", "side", "side_width", "statusbar", "toolbar", "welcome"]

TOOLS = ("window", "scroll", "pan", "zoom", "crosshair")
_SHORT = {"file.open_folder": marked("Open…"), "help.keys": "?"}

Actions = Mapping[str, QAction]

_CHANGES = (QEvent.Type.LayoutRequest, QEvent.Type.ShowToParent, QEvent.Type.HideToParent)
_NARROWEST_SIDE, _WIDEST_NEED = 180, 360
# What the program is for, on one line in any of its languages.
_PURPOSE = 270
_LINE_HIGH = 36
# However large the type is, the panels of a side take no more of the screen's width: at first, and for long words.
_SHARE, _LARGEST_SHARE = 0.25, 0.34
# On a narrower screen the buttons of the welcome page stand below one another.
_ROOM_FOR_BUTTONS = 1000


def toolbar(by_id: Actions, choosers: Sequence[QWidget]) -> QWidget:
    """Return the bar above the images; ``choosers`` choose the layout and how planes are cut."""
    bar = ToolRow()
    bar.setObjectName("toolbar")
    row, brand = bar.row, QLabel("MedGAN Viewer")
    brand.setObjectName("brand")
    row.addWidget(brand)
    made: dict[str, QToolButton] = {}
    groups = (
        [f"tool.{name}" for name in TOOLS],
        ["layout.mpr"],
        ["compare.link", "compare.overlay"],
    )
    measure = _last_used_button([by_id[f"measure.{kind}"] for kind in KINDS], "measure")
    comparison = _last_used_button([by_id[f"compare.{way}"] for way in WAYS], "comparison")
    for number, group in enumerate(groups):
        if number:
            row.addWidget(_separator())
        if number == 1:
            for chooser in choosers:
                row.addWidget(chooser)
        for action_id in group:
            made[action_id] = _tool_button(by_id, action_id)
            row.addWidget(made[action_id])
        if number == 0:
            row.addWidget(measure)
        if number == 2:
            row.addWidget(comparison)
            menu = comparison.menu()
            if menu is not None:
                menu.addSeparator()
                menu.addAction(by_id["compare.with"])
    row.addStretch(1)
    for action_id in ("file.open_folder", "file.export", "help.keys"):
        made[action_id] = _tool_button(by_id, action_id)
        row.addWidget(made[action_id])
    row.addWidget(_menu_button(by_id))
    # All of them are in the menu too.
    first = ("layout.mpr", "file.open_folder", "help.keys", "file.export")
    tools = (f"tool.{name}" for name in ("scroll", "pan", "zoom", "crosshair"))
    last = (*reversed(choosers), comparison, made["compare.link"], measure)
    bar.giving_way = (brand, *(made[name] for name in (*first, *tools)), *last)
    return bar


def _last_used_button(tools: Sequence[QAction], name: str) -> QToolButton:
    """Return the button of the action that was used last, with a menu of all of them."""
    made = QToolButton()
    menu = QMenu(made)
    menu.addActions(list(tools))
    made.setMenu(menu)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setObjectName(name)
    # As wide as its widest: the bar stays still when another tool is taken.
    metrics = made.fontMetrics()
    made.setMinimumWidth(max(metrics.horizontalAdvance(action.text()) for action in tools) + scaled(40))

    def show(action: QAction) -> None:
        made.setDefaultAction(action)
        made.setAccessibleName(action.toolTip())

    for action in tools:
        action.toggled.connect(lambda on, tool=action: show(tool) if on else None)
    show(tools[0])
    return made


def _menu_button(by_id: Actions) -> QToolButton:
    """Return the button whose menu holds every action, by group."""
    made = QToolButton()
    menu = QMenu(made)
    for group in dict.fromkeys(spec.group for spec in actions.TABLE):
        part = menu.addMenu(tr(group))
        part.addActions(of_group(by_id, group))
    made.setText(tr("Menu"))
    made.setMenu(menu)
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setToolTip(tr("Everything the program can do"))
    made.setAccessibleName(tr("Menu"))
    return made


def context_menu(parent: QWidget, by_id: Actions) -> QMenu:
    """Return the menu of a pane."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addMenu(tr("Window")).addActions(of_group(by_id, "Window"))
    menu.addMenu(tr("Slab")).addActions(of_group(by_id, "Slab"))
    menu.addMenu(tr("Measure")).addActions(of_group(by_id, "Measure"))
    parts: Iterable[tuple[str, ...]] = (
        ("image.key",),
        ("image.invert", "image.rotate", "image.reset"),
        ("compare.overlay", *(f"compare.{way}" for way in WAYS), "compare.with", "compare.link"),
        ("layout.window",),
        ("file.export",),
    )
    for number, ids in enumerate(parts):
        if number:
            menu.addSeparator()
        menu.addActions([by_id[action_id] for action_id in ids])
    return menu


def welcome(by_id: Actions, recent: QWidget) -> QWidget:
    """Return the page that is shown while nothing is open; ``recent`` lists what was open before."""
    area, page = QScrollArea(), QWidget()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    page.setObjectName("shell")
    column = QVBoxLayout(page)
    column.addStretch(2)
    title = label(tr("Open a study"), "welcome")
    title.setAlignment(Qt.AlignmentFlag.AlignCenter)
    column.addWidget(title)
    text = label(tr("Drop DICOM or NIfTI files or a folder here. Nothing leaves this computer on its own."), "quiet")
    text.setAlignment(Qt.AlignmentFlag.AlignCenter)
    column.addWidget(text)
    column.addSpacing(14)
    beside = page.screen().availableSize().width() >= scaled(_ROOM_FOR_BUTTONS)
    row = QBoxLayout(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
    row.addStretch()
    folder = button(tr("Open a folder…"), tr("Open every study in a folder"), "primary")
    folder.clicked.connect(by_id["file.open_folder"].trigger)
    virtual = button(
        tr("Try the virtual patient"), tr("A head made by the program's own generator; it belongs to nobody")
    )
    virtual.clicked.connect(by_id["file.virtual"].trigger)
    row.addWidget(folder)
    row.addWidget(virtual)
    row.addStretch()
    column.addLayout(row)
    column.addSpacing(10)
    column.addLayout(_reopening(by_id["file.reopen"]))
    column.addSpacing(16)
    row = QHBoxLayout()
    row.addStretch(1)
    row.addWidget(recent, 4)
    row.addStretch(1)
    column.addLayout(row)
    column.addStretch(3)
    area.setWidget(page)
    return area


def _reopening(action: QAction) -> QVBoxLayout:
    """Return the button that brings back what was open, and what that was; neither shows while there is nothing."""
    again = button("", action.toolTip())
    again.setText(action.text())
    again.clicked.connect(action.trigger)
    what = label("", "quiet")
    what.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def update() -> None:
        again.setVisible(action.isEnabled())
        what.setVisible(action.isEnabled())
        what.setText(action.statusTip())

    action.changed.connect(update)
    action.setEnabled(False)
    update()
    column = QVBoxLayout()
    column.addWidget(again, 0, Qt.AlignmentFlag.AlignCenter)
    column.addWidget(what)
    return column


def statusbar(*right: QWidget, middle: Iterable[QWidget] = ()) -> QWidget:
    """Return the bar below everything: what the program is for, and some widgets at its right end.

    Widgets in the ``middle`` share the room that is left while they show.
    """
    bar = QFrame()
    bar.setObjectName("statusbar")
    row = QHBoxLayout(bar)
    row.setContentsMargins(12, 4, 12, 4)
    # It is never cut: where there is no room beside the others it takes two lines.
    purpose = label(tr("Research use only. Not for diagnosis."))
    row.addWidget(purpose, 1)
    for widget in middle:
        purpose.setMinimumWidth(side_width(bar, _PURPOSE))
        # High enough for a line with buttons: the images stay where they are when one comes and goes.
        bar.setMinimumHeight(scaled(_LINE_HIGH))
        row.addWidget(widget, 4)
    for widget in right:
        row.addWidget(widget)
    return bar


def side(contents: Iterable[tuple[QWidget, int]], name: str) -> QScrollArea:
    """Return a column of panels, each with its stretch, that scrolls where it is too high."""
    area = QScrollArea()
    inner = _Contents(area)
    column = QVBoxLayout(inner)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for widget, stretch in contents:
        column.addWidget(widget, stretch)
        inner.watch(widget)
    area.setObjectName(name)
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setMinimumWidth(side_width(area, _NARROWEST_SIDE))
    area.setWidget(inner)
    return area


def side_width(widget: QWidget, length: float) -> int:
    """Return a width for the panels of a side; it grows with the type as far as there is room."""
    return min(scaled(length), round(max(length, _SHARE * _room(widget))))


def first_width(widget: QWidget, length: float, share: float) -> int:
    """Return how wide a side is at first: a length, or less where that is more than its share of the window."""
    return min(side_width(widget, length), round(share * widget.window().width()))


def _room(widget: QWidget) -> int:
    """Return the width that the sides and the images share; a window may be wider than the screen it began on."""
    return max(widget.screen().availableSize().width(), widget.window().width())


class _Contents(QWidget):
    """The panels of a side. They make it as wide as the words of a language need; beyond its share it scrolls.

    Its height is that of all panels at this width. Qt would ask for it only when it hears of a change, and of panels
    whose parts come and go it does not hear every time: they would be squashed.
    """

    def __init__(self, area: QScrollArea) -> None:
        super().__init__()
        self.setObjectName("sideContent")
        self._area = area
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._fit)

    def watch(self, panel: QWidget) -> None:
        """Give a panel its height whenever that changes."""
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Measure once a panel is laid out anew."""
        if event.type() in _CHANGES:
            self._soon.start()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        layout = self.layout()
        if layout is not None:
            self.setMinimumHeight(max(layout.totalHeightForWidth(self.width()), 0))
        self._widen()

    def _widen(self) -> None:
        """Widen the side where a part would be out of sight."""
        needed, room = self.minimumSizeHint().width(), self._area.viewport().width()
        if needed > room:
            around = self._area.verticalScrollBar().sizeHint().width() + 2 * self._area.frameWidth()
            widest = min(scaled(_WIDEST_NEED), round(_LARGEST_SHARE * _room(self._area)))
            self._area.setMinimumWidth(min(needed + around, widest))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Measure anew at another width."""
        super().resizeEvent(event)
        self._soon.start()
        self._widen()


def of_group(by_id: Actions, group: str) -> list[QAction]:
    """Return the actions of a group of the table, in its order."""
    return [by_id[spec.id] for spec in actions.TABLE if spec.group == group]


def _separator() -> QFrame:
    line = QFrame()
    line.setObjectName("separator")
    return line


def _tool_button(by_id: Actions, action_id: str) -> QToolButton:
    made = QToolButton()
    made.setDefaultAction(by_id[action_id])
    made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    if action_id in _SHORT:
        made.setText(tr(_SHORT[action_id]))
    made.setAccessibleName(by_id[action_id].toolTip())
    return made
