"""The live curves. The only module that imports pyqtgraph, which takes its time: imported when the window opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from medgan_viewer.ui.lab.reading import Curve, RunView
from medgan_viewer.ui.panels.widgets import label
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["PLOTS", "CurvesPanel", "Plot", "PlotSpec", "running_mean", "thinned"]

Numbers = NDArray[np.float64]
_FAINT = 70
"""Opacity of what was measured, of 255, under its running mean."""
_FEW_DECADES, _MOST_DECADES = 2.5, 6
_MOST_COLUMNS = 400
"""Columns that a curve is drawn in; more cost time and show no more."""
_NOTHING = Curve(np.empty(0), np.empty(0))
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
        marked("Losses"),
        (
            Line("loss/generator", marked("generator"), "text"),
            Line("loss/discriminator", marked("discriminator"), "accent"),
        ),
    ),
    PlotSpec(
        marked("Gradient norms"),
        (
            Line("gradient/adversarial", marked("adversarial"), "accent"),
            Line("gradient/reconstruction", marked("reconstruction"), "warning"),
            Line("gradient/discriminator", marked("discriminator"), "faint_text"),
        ),
        logarithmic=True,
    ),
    PlotSpec(
        marked("Discriminator is right (share)"),
        (
            Line("accuracy/train", marked("train"), "accent"),
            Line("accuracy/held_out", marked("held out"), "warning"),
            Line("accuracy/generated", marked("generated"), "synthetic"),
        ),
        share=True,
    ),
    PlotSpec(
        marked("Similarity of pairs, coverage"),
        (
            Line("similarity/generated", marked("generated"), "synthetic"),
            Line("similarity/real", marked("real"), "accent"),
            Line("diversity/coverage", marked("coverage"), "faint_text"),
        ),
        share=True,
    ),
)


class _FewTicks(pg.AxisItem):  # type: ignore[misc]
    """An axis whose logarithmic labels are the decades, and 2 and 5 only where few decades are in view."""

    def logTickValues(
        self, minVal: float, maxVal: float, size: float, stdTicks: object
    ) -> list[tuple[None, list[float]]]:
        """Return the ticks, as logarithms."""
        digits = (1, 2, 5) if maxVal - minVal < _FEW_DECADES else (1,)
        every = max(1, round((maxVal - minVal) / _MOST_DECADES))
        decades = range(int(np.floor(minVal)), int(np.ceil(maxVal)) + 1)
        ticks = [decade + float(np.log10(digit)) for decade in decades if decade % every == 0 for digit in digits]
        return [(None, [tick for tick in ticks if minVal <= tick <= maxVal])]

    def logTickStrings(self, values: list[float], scale: float, spacing: object) -> list[str]:
        """Return short numbers."""
        return [f"{10**value:.0e}".replace("e-0", "e-") if value < -2.5 else f"{10**value:.3g}" for value in values]


class Plot(QWidget):
    """One plot with the names and latest values of its curves above it.

    Each curve is drawn twice: thin as it was measured, and over it its running mean.
    """

    def __init__(self, spec: PlotSpec, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.spec, self._theme = spec, theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(label(tr(spec.title), "title", wrap=False))
        self.legend = QLabel()
        self.legend.setObjectName("quiet")
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        column.addWidget(self.legend)
        self.plot = pg.PlotWidget(axisItems={"left": _FewTicks("left")})
        self.plot.setMinimumHeight(90)
        self.plot.setAccessibleName(tr(spec.title))
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
        self.raw = {line.metric: self.plot.plot(connect="finite") for line in spec.lines}
        self.means = {line.metric: self.plot.plot(connect="finite") for line in spec.lines}
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
            faint = QColor(getattr(theme, line.colour))
            faint.setAlpha(_FAINT)
            self.raw[line.metric].setPen(pg.mkPen(faint, width=1))
            self.means[line.metric].setPen(pg.mkPen(getattr(theme, line.colour), width=1.5))

    def show_curves(self, curves: Mapping[str, Curve], steps: int) -> None:
        """Draw the curves that there are, over all `steps` of the run."""
        for line in self.spec.lines:
            curve = curves.get(line.metric, _NOTHING)
            values = np.where(curve.values > 0, curve.values, np.nan) if self.spec.logarithmic else curve.values
            self.raw[line.metric].setData(*thinned(curve.steps, values))
            means = running_mean(values, logarithmic=self.spec.logarithmic)
            every = max(len(means) // _MOST_COLUMNS, 1)
            self.means[line.metric].setData(curve.steps[::every], means[::every])
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
        options = {"color": colour, "position": 0.96, "anchors": [(0, 0.5), (0, 0.5)]}
        mark = pg.InfiniteLine(step, angle=90, pen=pen, label=name or None, labelOpts=options if name else None)
        mark.setZValue(-10)
        self.plot.addItem(mark, ignoreBounds=True)
        self._marks.append(mark)

    def _show_legend(self, curves: Mapping[str, Curve]) -> None:
        parts, digits = [], ".2f" if self.spec.share else ".3g"
        for line in self.spec.lines:
            value = _last(curves.get(line.metric, _NOTHING))
            if value is not None:
                colour = getattr(self._theme, line.colour)
                name = tr(line.name).replace(" ", "&nbsp;")
                parts.append(f'<span style="color:{colour}">■</span>&nbsp;{name}&nbsp;<b>{value:{digits}}</b>&nbsp;')
        # A narrow plot breaks the line between the curves, never within a number.
        self.legend.setText(" ".join(parts) or tr("not measured yet"))


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
            self._draw(self._view)

    def show_run(self, view: RunView) -> None:
        """Draw a run's curves, phases and alarms."""
        before, self._view = self._view, view
        if before is not None and _same(before, view):
            return
        self._draw(view)

    def _draw(self, view: RunView) -> None:
        steps = view.state.steps if view.state is not None else 0
        raised = [alarm.step for alarm in view.alarms if alarm.raised]
        for plot in self.plots:
            plot.show_curves(view.curves, steps)
            plot.show_marks(view.phase_starts, raised)


def thinned(steps: Numbers, values: Numbers) -> tuple[Numbers, Numbers]:
    """Return at most two points for each of `_MOST_COLUMNS` columns, the smallest and the largest value there.

    Drawing is what costs, not computing: tens of thousands of points would hold the window up.
    """
    each = len(values) // _MOST_COLUMNS
    if each < 3:
        return steps, values
    whole = len(values) // each * each
    columns = values[:whole].reshape(-1, each)
    unknown: NDArray[np.bool_] = np.all(np.isnan(columns), axis=1)
    filled = np.where(unknown[:, None], 0.0, columns)
    pair = np.stack([np.nanmin(filled, axis=1), np.nanmax(filled, axis=1)], axis=1)
    pair[unknown] = np.nan
    places = np.repeat(steps[:whole:each], 2)
    return np.concatenate([places, steps[whole:]]), np.concatenate([pair.ravel(), values[whole:]])


def running_mean(values: Numbers, *, logarithmic: bool = False) -> Numbers:
    """Return the mean over about a fortieth of the values around each; of logarithms where asked. NaN is left out."""
    half = min(len(values) // 16, max(len(values) // 80, 2))
    shown = np.log(values) if logarithmic else values
    known = np.isfinite(shown)
    totals = np.concatenate([[0.0], np.cumsum(np.where(known, shown, 0.0))])
    counts = np.concatenate([[0], np.cumsum(known)])
    first = np.maximum(np.arange(len(values)) - half, 0)
    last = np.minimum(np.arange(len(values)) + half + 1, len(values))
    count = counts[last] - counts[first]
    mean = np.where(count > 0, (totals[last] - totals[first]) / np.maximum(count, 1), np.nan)
    return np.exp(mean) if logarithmic else mean


def _same(one: RunView, other: RunView) -> bool:
    """Return whether two views of a run look the same in the plots; a curve that did not grow is the same object."""
    return (
        one.path == other.path
        and one.alarms == other.alarms
        and one.phase_starts == other.phase_starts
        and one.curves.keys() == other.curves.keys()
        and all(curve is other.curves[name] for name, curve in one.curves.items())
    )


def _last(curve: Curve) -> float | None:
    known = curve.values[~np.isnan(curve.values)]
    return float(known[-1]) if len(known) else None
