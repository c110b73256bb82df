"""The live curves. The only module that imports pyqtgraph, which takes its time: imported when the window opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from medgan_viewer.ui.lab.reading import Curve, RunView
from medgan_viewer.ui.theme import Theme

__all__ = ["PLOTS", "CurvesPanel", "Plot", "PlotSpec"]

_MOST_MARKS = 12
"""Alarms that get a line in the plots, the latest ones."""


@dataclass(frozen=True)
class Line:
    """One curve: its metric, what it is called, and the theme's colour that it has."""

    metric: str
    name: str
    colour: str


@dataclass(frozen=True)
class PlotSpec:
    """One plot: its title, curves, and whether the axis of values is logarithmic or always 0 to 1."""

    title: str
    lines: tuple[Line, ...]
    logarithmic: bool = False
    share: bool = False


# Violet is for what was generated, here as everywhere.
PLOTS: tuple[PlotSpec, ...] = (
    PlotSpec(
        "Losses", (Line("loss/generator", "generator", "text"), Line("loss/discriminator", "discriminator", "accent"))
    ),
    PlotSpec(
        "Gradient norms",
        (
            Line("gradient/adversarial", "adversarial", "accent"),
            Line("gradient/reconstruction", "reconstruction", "warning"),
            Line("gradient/discriminator", "discriminator", "faint_text"),
        ),
        logarithmic=True,
    ),
    PlotSpec(
        "Discriminator right",
        (
            Line("accuracy/train", "train", "accent"),
            Line("accuracy/held_out", "held out", "warning"),
            Line("accuracy/generated", "generated", "synthetic"),
        ),
        share=True,
    ),
    PlotSpec(
        "Similarity of pairs, coverage",
        (
            Line("similarity/generated", "generated", "synthetic"),
            Line("similarity/real", "real", "accent"),
            Line("diversity/coverage", "coverage", "faint_text"),
        ),
        share=True,
    ),
)


class Plot(QWidget):
    """One plot with the names and latest values of its curves above it."""

    def __init__(self, spec: PlotSpec, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec, self._theme = spec, theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setMinimumWidth(1)
        column.addWidget(self.legend)
        self.plot = pg.PlotWidget()
        self.plot.setMinimumHeight(90)
        self.plot.setAccessibleName(spec.title)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        item = self.plot.getPlotItem()
        item.setLogMode(x=False, y=spec.logarithmic)
        item.getAxis("left").setWidth(46)
        for axis in ("left", "bottom"):
            item.getAxis(axis).enableAutoSIPrefix(False)
        if spec.share:
            self.plot.setYRange(0, 1, padding=0.04)
        self.curves = {line.metric: self.plot.plot(connect="finite") for line in spec.lines}
        for curve in self.curves.values():
            # Thousands of points become two for each column of pixels: the largest and the smallest.
            curve.setDownsampling(auto=True, method="peak")
        self._marks: list[pg.InfiniteLine] = []
        column.addWidget(self.plot, 1)
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a look."""
        self._theme = theme
        self.plot.setBackground(QColor(theme.panel))
        for axis in ("left", "bottom"):
            shown = self.plot.getPlotItem().getAxis(axis)
            shown.setPen(pg.mkPen(theme.line))
            shown.setTextPen(pg.mkPen(theme.quiet_text))
        for line in self.spec.lines:
            self.curves[line.metric].setPen(pg.mkPen(getattr(theme, line.colour), width=1.5))

    def show_curves(self, curves: Mapping[str, Curve], steps: int) -> None:
        """Draw the curves that there are, over all `steps` of the run."""
        for line in self.spec.lines:
            curve = curves.get(line.metric)
            if curve is None:
                self.curves[line.metric].setData([], [])
            else:
                values = np.where(curve.values > 0, curve.values, np.nan) if self.spec.logarithmic else curve.values
                self.curves[line.metric].setData(curve.steps, values)
        last = max((float(curve.steps[-1]) for curve in curves.values() if len(curve.steps)), default=0.0)
        self.plot.setXRange(0, max(last, 1.0) if last < steps else max(steps, 1), padding=0.01)
        self._show_legend(curves)

    def show_marks(self, phases: Sequence[tuple[str, int]], alarms: Sequence[int]) -> None:
        """Draw a line where a phase begins, and one where an alarm was raised."""
        for mark in self._marks:
            self.plot.removeItem(mark)
        self._marks = []
        for name, step in phases:
            if step > 0:
                self._add_mark(step, self._theme.quiet_text, name)
        for step in alarms[-_MOST_MARKS:]:
            self._add_mark(step, self._theme.warning, "")

    def _add_mark(self, step: int, colour: str, name: str) -> None:
        pen = pg.mkPen(colour, width=1, style=Qt.PenStyle.DashLine)
        options = {"color": colour, "position": 0.94, "rotateAxis": (1, 0), "anchors": [(0, 0), (0, 1)]}
        mark = pg.InfiniteLine(step, angle=90, pen=pen, label=name or None, labelOpts=options if name else None)
        mark.setZValue(-10)
        self.plot.addItem(mark, ignoreBounds=True)
        self._marks.append(mark)

    def _show_legend(self, curves: Mapping[str, Curve]) -> None:
        parts = [f'<b style="color:{self._theme.text}">{self.spec.title}</b>']
        for line in self.spec.lines:
            value = _last(curves.get(line.metric))
            colour = getattr(self._theme, line.colour)
            parts.append(
                f'<span style="color:{colour}">■</span> <span style="color:{self._theme.quiet_text}">{line.name}</span>'
                + ("" if value is None else f' <span style="color:{self._theme.text}">{value:.3g}</span>')
            )
        self.legend.setText("&nbsp;&nbsp; ".join(parts))


class CurvesPanel(QWidget):
    """All plots of a run in two columns."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        self.plots = [Plot(spec, theme) for spec in PLOTS]
        for number, plot in enumerate(self.plots):
            grid.addWidget(plot, number // 2, number % 2)
        self._view: RunView | None = None

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a look."""
        for plot in self.plots:
            plot.set_theme(theme)
        if self._view is not None:
            self.show_run(self._view)

    def show_run(self, view: RunView) -> None:
        """Draw a run's curves, phases and alarms."""
        self._view = view
        steps = view.state.steps if view.state is not None else 0
        raised = [alarm.step for alarm in view.alarms if alarm.raised]
        for plot in self.plots:
            plot.show_curves(view.curves, steps)
            plot.show_marks(view.phase_starts, raised)


def _last(curve: Curve | None) -> float | None:
    if curve is None:
        return None
    known = curve.values[~np.isnan(curve.values)]
    return float(known[-1]) if len(known) else None
