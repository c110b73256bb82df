"""The panel of segmentation editing: what is drawn in, the tools with their sizes, the segments with their volumes."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QAction, QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QInputDialog,
    QMenu,
    QRadioButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.layers import LabelLayer, Segment
from medgan_viewer.core.segment_editing import refusal
from medgan_viewer.ui.panels.widgets import button, clear, label, volume_text
from medgan_viewer.ui.segment_editor import LARGEST_MM, SMALLEST_MM, SegmentEditor
from medgan_viewer.ui.segment_editor_mouse import no_drawing
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.tools.drawing import DRAWING
from medgan_viewer.wording import marked

__all__ = ["COLOURS", "SegmentPanel"]

# What a segment may be drawn in: apart in hue, and none of them violet, which stands for synthetic.
COLOURS = {
    marked("Orange"): "#e69f00",
    marked("Sky"): "#56b4e9",
    marked("Green"): "#009e73",
    marked("Yellow"): "#f0e442",
    marked("Blue"): "#0072b2",
    marked("Vermilion"): "#d55e00",
    marked("Rose"): "#e58ba8",
    marked("Red"): "#d9363e",
    marked("Lime"): "#9bd13c",
    marked("Cyan"): "#2fd0d0",
    marked("Sand"): "#c9a27a",
    marked("White"): "#f2f2f2",
}
_SWATCH = 12
# As wide as this a name is never cut.
_SHORT_NAME = 110
_GAP, _BOX, _NARROWEST = 5, 30, 64
_NAMES = {
    "brush": marked("Brush"),
    "eraser": marked("Eraser"),
    "fill": marked("Fill"),
    "threshold": marked("Threshold"),
}


class _SegmentRow(QWidget):
    """One segment: chosen, shown, locked, its colour, its name and volume."""

    def __init__(self, editor: SegmentEditor, segment: Segment, name_of_layer: str) -> None:
        super().__init__()
        self._editor, self._segment = editor, segment
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP)
        self.chosen = QRadioButton(segment.name)
        self.chosen.setToolTip(tr("Draw {0} of {1}").format(segment.name, name_of_layer))
        self.chosen.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        # A long name ends at the volume; all of it is in the tooltip.
        self.chosen.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.chosen.ensurePolished()
        self.chosen.setMinimumWidth(min(self.chosen.minimumSizeHint().width(), scaled(_SHORT_NAME)))
        self.chosen.clicked.connect(lambda: editor.choose_segment(segment.label))
        self.colour = QToolButton()
        self.colour.setIcon(_swatch(segment.colour))
        self.colour.setIconSize(QSize(scaled(_SWATCH), scaled(_SWATCH)))
        self.colour.setAccessibleName(tr("Colour of {0}").format(segment.name))
        self.colour.setToolTip(tr("Colour of {0}").format(segment.name))
        self.colour.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.colour.setMenu(self._colours())
        self.visible = _check("", tr("Show {0}").format(segment.name))
        self.visible.toggled.connect(lambda on: editor.set_visible(segment.label, on))
        self.locked = _check("", tr("Lock {0}: no tool changes it").format(segment.name))
        self.locked.toggled.connect(lambda on: editor.set_locked(segment.label, on))
        self.amount = label("", "quiet", wrap=False)
        row.addWidget(self.colour)
        row.addWidget(self.chosen, 1)
        row.addWidget(self.amount)
        for box in (self.visible, self.locked):
            box.setFixedWidth(scaled(_BOX))
            row.addWidget(box)

    def _colours(self) -> QMenu:
        menu = QMenu(self)
        for name, colour in COLOURS.items():
            action = menu.addAction(_swatch(colour), tr(name))
            action.triggered.connect(partial(self._editor.set_colour, self._segment.label, colour))
        return menu

    def follow(self, segment: Segment, *, chosen: bool, millilitres: float) -> None:
        """Show a segment as it is now."""
        for box, on in ((self.chosen, chosen), (self.visible, segment.visible), (self.locked, segment.locked)):
            blocker = QSignalBlocker(box)
            box.setChecked(on)
            blocker.unblock()
        self.amount.setText(volume_text(millilitres))


class SegmentPanel(QWidget):
    """Shows the editor and asks it; hidden while nobody edits."""

    def __init__(self, editor: SegmentEditor, grid: ViewGrid) -> None:
        super().__init__()
        self._editor, self._grid = editor, grid
        self.setObjectName("sideContent")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 4, 12, 10)
        self._column.setSpacing(6)
        self._build()
        self.rows: dict[int, _SegmentRow] = {}
        self._listed: object = None
        editor.changed.connect(self.refresh)
        self.refresh()

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(label(tr("SEGMENTATION"), "heading"), 1)
        close = button("×", tr("Put the tools away"), "link")
        close.clicked.connect(lambda: self._editor.set_open(False))
        top.addWidget(close)
        self._column.addLayout(top)
        row = QHBoxLayout()
        self.choice = QComboBox()
        self.choice.setAccessibleName(tr("The segmentation that is drawn in"))
        self.choice.setMinimumContentsLength(8)
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.choice.activated.connect(lambda place: self._editor.choose(str(self.choice.itemData(place))))
        row.addWidget(self.choice, 1)
        self.new = button(tr("New"), tr("Add an empty segmentation to this series"))
        self.new.clicked.connect(lambda: self._editor.new())
        row.addWidget(self.new)
        self._column.addLayout(row)
        self.made = label("", "quiet")
        self._column.addWidget(self.made)
        self._add_tools()
        self.why = label("", "caution")
        self._column.addWidget(self.why)
        self._column.addWidget(self._headings())
        self._list = QVBoxLayout()
        self._list.setSpacing(3)
        self._column.addLayout(self._list)
        self._add_buttons()

    def _headings(self) -> QWidget:
        """Return the words above the boxes of the list."""
        self._heads = QWidget()
        row = QHBoxLayout(self._heads)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(_GAP)
        row.addStretch(1)
        for words in ("show", "lock"):
            made = label(words, "faint", wrap=False)
            made.setFixedWidth(scaled(_BOX))
            row.addWidget(made)
        return self._heads

    def _add_tools(self) -> None:
        held = QWidget()
        held.setObjectName("segmentTools")
        tools = QHBoxLayout(held)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(2)
        self.tools = {tool: QToolButton() for tool in DRAWING}
        for made in self.tools.values():
            made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            tools.addWidget(made)
        tools.addStretch(1)
        self._column.addWidget(held)
        row = QHBoxLayout()
        self.diameter = _number(tr("Diameter of the brush"), SMALLEST_MM, LARGEST_MM, " mm")
        self.diameter.valueChanged.connect(self._editor.set_diameter)
        row.addWidget(label(tr("Size"), "quiet", wrap=False))
        row.addWidget(self.diameter, 1)
        self.ball = _check(tr("3D ball"), tr("Paint with a ball through the slices, not on this slice alone"))
        self.ball.toggled.connect(self._editor.set_ball)
        row.addWidget(self.ball)
        self._column.addLayout(row)
        self._range = QWidget()
        values = QHBoxLayout(self._range)
        values.setContentsMargins(0, 0, 0, 0)
        self.low = _number(tr("Lowest value that is painted on"), -100_000, 100_000, "")
        self.high = _number(tr("Highest value that is painted on"), -100_000, 100_000, "")
        for box in (self.low, self.high):
            box.valueChanged.connect(lambda _: self._editor.set_between(self.low.value(), self.high.value()))
            values.addWidget(box, 1)
        window = button(tr("Window"), tr("Take the values between black and white"), "link")
        window.clicked.connect(self._editor.set_between_window)
        values.addWidget(window)
        self._column.addWidget(self._range)

    def _add_buttons(self) -> None:
        row = QHBoxLayout()
        self.add = button(tr("Add", "a segment"), tr("Add a segment"))
        self.add.clicked.connect(self._editor.add_segment)
        self.rename = button(tr("Rename", "a segment"), tr("Give the chosen segment another name"))
        self.rename.clicked.connect(self._ask_name)
        self.remove = button(tr("Remove", "a segment"), tr("Remove the chosen segment and its voxels (can be undone)"))
        self.remove.clicked.connect(lambda: self._editor.remove_segment(self._editor.label or 0))
        for made in (self.add, self.rename, self.remove):
            row.addWidget(made)
        row.addStretch(1)
        self._column.addLayout(row)
        self.interpolate = button(
            tr("Fill between slices"), tr("Draw the chosen segment on some slices; this fills the slices between them")
        )
        self.interpolate.clicked.connect(self._editor.interpolate)
        self._column.addWidget(self.interpolate)

    def set_actions(self, by_id: Mapping[str, QAction]) -> None:
        """Take the actions of the tools, with their keys."""
        for tool, made in self.tools.items():
            # The short name is for buttons; menus and the key sheet have the long one.
            by_id[f"segment.{tool}"].setIconText(tr(_NAMES[tool]))
            made.setDefaultAction(by_id[f"segment.{tool}"])
            made.setAccessibleName(by_id[f"segment.{tool}"].text())

    # -- following -----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the editor as it is now."""
        self.setVisible(self._editor.open)
        if not self._editor.open:
            return
        layer = self._editor.layer
        self._refresh_choice(layer)
        self._refresh_tools(layer)
        self._refresh_segments(layer)
        self._heads.setVisible(layer is not None)
        for made in (self.add, self.rename, self.remove):
            made.setEnabled(layer is not None)
        self.interpolate.setEnabled(layer is not None and not self._editor.interpolating)
        self.interpolate.setText(tr("Filling…") if self._editor.interpolating else tr("Fill between slices"))

    def _refresh_choice(self, layer: LabelLayer | None) -> None:
        layers = self._editor.layers
        shown = [(self.choice.itemText(n), self.choice.itemData(n)) for n in range(self.choice.count())]
        if shown != [(one.name, one.uid) for one in layers]:
            self.choice.clear()
            for one in layers:
                self.choice.addItem(one.name, one.uid)
        self.choice.setEnabled(bool(layers))
        self.made.setVisible(layer is not None)
        if layer is not None:
            self.choice.setCurrentIndex([one.uid for one in layers].index(layer.uid))
            self.made.setText(layer.provenance.model_name)

    def _refresh_tools(self, layer: LabelLayer | None) -> None:
        _set(self.diameter, self._editor.diameter_mm)
        blocker = QSignalBlocker(self.ball)
        self.ball.setChecked(self._editor.ball)
        blocker.unblock()
        between = self._editor.between
        self._range.setVisible(self._editor.tool == "threshold" and between is not None)
        if between is not None:
            unit = f" {self._editor.unit}".rstrip()
            for box, value in ((self.low, between[0]), (self.high, between[1])):
                box.setSuffix(unit)
                _set(box, value)
        why = "" if layer is None else refusal(layer) or no_drawing(self._grid.active_pane, layer)
        if layer is None:
            why = tr("Take a tool and draw, or add an empty segmentation.")
        self.why.setText(why)
        self.why.setVisible(bool(why))

    def _refresh_segments(self, layer: LabelLayer | None) -> None:
        segments = () if layer is None else layer.segments
        listed = None if layer is None else (layer.uid, [(s.label, s.name, s.colour) for s in segments])
        if listed != self._listed:
            self._listed = listed
            clear(self._list)
            self.rows = {s.label: _SegmentRow(self._editor, s, layer.name) for s in segments if layer is not None}
            for row in self.rows.values():
                self._list.addWidget(row)
        if layer is None:
            return
        # What is still being computed is counted as it comes.
        amounts = layer.millilitres() if layer.complete else {}
        for segment in segments:
            chosen = segment.label == self._editor.label
            self.rows[segment.label].follow(segment, chosen=chosen, millilitres=amounts.get(segment.label, 0.0))

    def _ask_name(self) -> None:
        layer, number = self._editor.layer, self._editor.label
        if layer is None or number is None:
            return
        before = next(segment.name for segment in layer.segments if segment.label == number)
        name, given = QInputDialog.getText(self, tr("Rename"), tr("Name of the segment"), text=before)
        if given:
            self._editor.rename(number, name)


def _swatch(colour: str) -> QIcon:
    made = QPixmap(scaled(_SWATCH), scaled(_SWATCH))
    made.fill(QColor(colour))
    return QIcon(made)


def _check(text: str, tooltip: str) -> QCheckBox:
    made = QCheckBox(text)
    made.setToolTip(tooltip)
    made.setAccessibleName(tooltip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


def _number(name: str, low: float, high: float, suffix: str) -> QDoubleSpinBox:
    made = QDoubleSpinBox()
    made.setRange(low, high)
    made.setDecimals(1)
    made.setSuffix(suffix)
    made.setAccessibleName(name)
    made.setToolTip(name)
    # A value counts when it is typed to its end.
    made.setKeyboardTracking(False)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setMinimumWidth(scaled(_NARROWEST))
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return made


def _set(box: QDoubleSpinBox, value: float) -> None:
    blocker = QSignalBlocker(box)
    box.setValue(value)
    blocker.unblock()
