"""How results are drawn over their source, and where they come from."""

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.colour_maps import FROM_BLACK, SEQUENTIAL
from medgan_viewer.core.commands import SetDisplay, Setting
from medgan_viewer.core.document import (
    Change,
    Document,
    LayerAdded,
    LayerChanged,
    LayerRefilled,
    LayerRemoved,
    SelectionChanged,
)
from medgan_viewer.core.findings import score_text
from medgan_viewer.core.layers import (
    AS_WELL,
    BY_HAND,
    NOTE,
    DoubtLayer,
    HeatLayer,
    ImageLayer,
    LabelLayer,
    Layer,
    Provenance,
    threshold_at,
)
from medgan_viewer.models.doubt import CONTROLS
from medgan_viewer.ui.panels.colours import ColourChoice, ColourScale
from medgan_viewer.ui.panels.widgets import Card, ElidedLabel, button, clear, label, volume_text
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.views.captions import value_text

__all__ = ["LayersPanel"]

_STEPS = 100
# The settings of a run that are shown.
_SAID = (*CONTROLS, BY_HAND, NOTE)


def _slider(value: float, name: str) -> QSlider:
    made = QSlider(Qt.Orientation.Horizontal)
    made.setRange(0, _STEPS)
    made.setValue(round(value * _STEPS))
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAccessibleName(name)
    return made


def _check(text: str, tooltip: str, *, on: bool) -> QCheckBox:
    made = QCheckBox(text)
    made.setChecked(on)
    made.setToolTip(tooltip)
    made.setAccessibleName(tooltip)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return made


class _LayerRow(Card):
    """The controls of one result."""

    remove_asked = Signal(str)
    edit_asked = Signal(str)
    surfaces_asked = Signal(str)
    # It is to be drawn over the original, whether results are drawn now or not.
    drawing_asked = Signal()

    def __init__(self, document: Document, layer: Layer) -> None:
        super().__init__()
        self._document = document
        self.uid = layer.uid
        top = QHBoxLayout()
        self.visible = _check("", tr("Draw {0} over the original").format(layer.name), on=layer.visible)
        self.visible.toggled.connect(self._on_visible)
        top.addWidget(self.visible)
        top.addWidget(ElidedLabel(layer.name, "title"), 1)
        self.percent = label(f"{layer.opacity:.0%}", "quiet", wrap=False)
        top.addWidget(self.percent)
        self.remove = button("×", tr("Remove {0} (can be undone)").format(layer.name), "link")
        self.remove.clicked.connect(lambda: self.remove_asked.emit(self.uid))
        top.addWidget(self.remove)
        self.column.addLayout(top)
        self.opacity = _slider(layer.opacity, tr("Opacity of {0}").format(layer.name))
        self.opacity.valueChanged.connect(self._on_opacity)
        # No method of the document itself: PySide keeps a weak reference for each when the slider is long gone.
        self.opacity.sliderReleased.connect(lambda: document.end_gesture())
        self.column.addWidget(self.opacity)
        if not isinstance(layer, LabelLayer):
            self._add_colours(layer)
        if isinstance(layer, HeatLayer):
            self._add_threshold(layer)
        if isinstance(layer, LabelLayer):
            self._add_segments(layer)
        if isinstance(layer, DoubtLayer):
            self._add_doubt(layer)

    def _layer(self) -> Layer:
        return self._document.layer(self.uid)

    def _on_visible(self, on: bool) -> None:
        layer = self._layer()
        settings = [Setting(self.uid, "visible", layer.visible, on)]
        if on and isinstance(layer, ImageLayer):
            # One synthetic image lies over the original, never a blend of two: the others step back.
            others = (one for one in self._document.layers_of(layer.source_series_uid) if one.uid != self.uid)
            settings += [
                Setting(one.uid, "visible", True, False)
                for one in others
                if isinstance(one, ImageLayer) and one.visible
            ]
        self._document.execute(
            SetDisplay((tr("Show {0}") if on else tr("Hide {0}")).format(layer.name), tuple(settings))
        )
        if on:
            self.drawing_asked.emit()

    def follow(self, layer: Layer) -> None:
        """Show settings that were changed elsewhere, or taken back."""
        _set(self.visible, layer.visible)
        _set(self.opacity, round(layer.opacity * _STEPS))
        self.percent.setText(f"{layer.opacity:.0%}")
        if not isinstance(layer, LabelLayer):
            self.colours.follow(layer.colour_map)
        if isinstance(layer, LabelLayer):
            _set(self.outline, layer.outline)
            for segment in layer.segments:
                _set(self.segments[segment.label], segment.visible)
            self.show_amounts(layer)
        if isinstance(layer, HeatLayer):
            _set(self.threshold, _threshold_step(layer))
            self._show_threshold(layer)
        if isinstance(layer, DoubtLayer):
            _set(self.fades, layer.fades)
            self._scale.show_colours(layer.colour_map)

    def _change(self, words: str, name: str, value: object, *, sliding: bool = False) -> None:
        layer = self._layer()
        setting = Setting(self.uid, name, getattr(layer, name), value)
        self._document.execute(SetDisplay(tr("{0} of {1}").format(words, layer.name), (setting,), sliding=sliding))

    def _on_opacity(self, value: int) -> None:
        self._change(tr("Opacity"), "opacity", value / _STEPS, sliding=True)

    # -- colours -------------------------------------------------------------------------------------------------

    def _add_colours(self, layer: ImageLayer | HeatLayer | DoubtLayer) -> None:
        maps = FROM_BLACK if isinstance(layer, ImageLayer) else SEQUENTIAL
        self.colours = ColourChoice(maps, layer.colour_map, tr("Colour map of {0}").format(layer.name))
        self.colours.chosen.connect(self._on_colours)
        self.column.addWidget(self.colours)

    def _on_colours(self, name: str) -> None:
        self._change(tr("Colour map"), "colour_map", name)

    # -- doubt ---------------------------------------------------------------------------------------------------

    def _add_doubt(self, layer: DoubtLayer) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(label("0", "quiet", wrap=False))
        self._scale = ColourScale(layer.colour_map)
        row.addWidget(self._scale, 1)
        self.legend = label(f"≥ {value_text(layer.strongest, layer.volume.unit)}", "quiet", wrap=False)
        self._scale.setAccessibleName(tr("Colours of {0}: 0 to {1}").format(layer.name, self.legend.text()))
        row.addWidget(self.legend)
        self.column.addLayout(row)
        self.column.addWidget(label(f"{layer.words[:1].upper()}{layer.words[1:]}.", "quiet"))
        self.fades = _check(
            tr("Fade the image where it is wide"),
            tr("Let the overlay of the image fade where {0} is wide").format(layer.name),
            on=layer.fades,
        )
        self.fades.toggled.connect(self._on_fades)
        self.column.addWidget(self.fades)

    def _on_fades(self, on: bool) -> None:
        self._change(tr("Fading") if on else tr("No fading"), "fades", on)

    # -- heat maps -----------------------------------------------------------------------------------------------

    def _add_threshold(self, layer: HeatLayer) -> None:
        self.threshold_line = label("", "quiet")
        self.column.addWidget(self.threshold_line)
        self.threshold = _slider(layer.threshold, tr("Threshold of {0}").format(layer.name))
        if layer.thresholds:
            rates = [rate for rate, _ in layer.thresholds]
            self.threshold.setRange(round(min(rates) * 1000), round(max(rates) * 1000))
        self.threshold.setValue(_threshold_step(layer))
        self.threshold.valueChanged.connect(self._on_threshold)
        self.threshold.sliderReleased.connect(lambda: self._document.end_gesture())
        self.column.addWidget(self.threshold)
        if layer.thresholds and not layer.guaranteed:
            self.column.addWidget(label(_reference(layer), "caution"))
        self._show_threshold(layer)

    def _on_threshold(self, value: int) -> None:
        layer = self._layer()
        if isinstance(layer, HeatLayer):
            threshold = threshold_at(layer, value / 1000) if layer.thresholds else value / _STEPS
            self._change(tr("Threshold"), "threshold", threshold, sliding=True)

    def _show_threshold(self, layer: HeatLayer) -> None:
        if layer.thresholds:
            rate = self.threshold.value() / 1000
            people = tr("healthy people") if layer.guaranteed or layer.healthy_maxima else tr("the reference patients")
            text = tr("Threshold: alarms in {0:.1%} of {1} (score {2})").format(
                rate, people, score_text(layer.threshold)
            )
        else:
            text = tr("Threshold: score {0}; not calibrated on healthy people").format(score_text(layer.threshold))
        self.threshold_line.setText(numbers(text))

    # -- segmentations -------------------------------------------------------------------------------------------

    def _add_segments(self, layer: LabelLayer) -> None:
        self.outline = _check(
            tr("Outline only"), tr("Draw only the outlines of {0}").format(layer.name), on=layer.outline
        )
        self.outline.toggled.connect(self._on_outline)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.outline, 1)
        self.edit = button(tr("Edit"), tr("Draw in {0}").format(layer.name), "link")
        self.edit.clicked.connect(lambda: self.edit_asked.emit(self.uid))
        row.addWidget(self.edit)
        surfaces = button(tr("3D"), tr("Show the surfaces of {0}").format(layer.name), "link")
        surfaces.clicked.connect(lambda: self.surfaces_asked.emit(self.uid))
        row.addWidget(surfaces)
        self.column.addLayout(row)
        self._amounts: dict[int, QLabel] = {}
        self.segments: dict[int, QCheckBox] = {}
        for segment in layer.segments:
            row = QHBoxLayout()
            row.setSpacing(6)
            swatch = QPixmap(10, 10)
            swatch.fill(QColor(segment.colour))
            box = self.segments[segment.label] = _check("", tr("Show {0}").format(segment.name), on=segment.visible)
            box.toggled.connect(lambda on, value=segment.label: self._on_segment(value, on))
            row.addWidget(box)
            colour = QLabel()
            colour.setPixmap(swatch)
            row.addWidget(colour)
            row.addWidget(ElidedLabel(segment.name, "quiet"), 1)
            self._amounts[segment.label] = label("", "quiet", wrap=False)
            row.addWidget(self._amounts[segment.label])
            self.column.addLayout(row)
        self._counted = label("", "caution")
        self.column.addWidget(self._counted)
        self.show_amounts(layer)

    def show_amounts(self, layer: LabelLayer) -> None:
        """Show the millilitres of every segment, and of how many slices where not all are there."""
        for value, amount in layer.millilitres().items():
            self._amounts[value].setText(volume_text(amount, complete=layer.complete))
        done, whole = int(layer.ready.sum()), len(layer.ready)
        self._counted.setText(tr("Volumes in {0} of {1} slices").format(done, whole))
        self._counted.setVisible(done < whole)

    def _on_outline(self, on: bool) -> None:
        self._change(tr("Outline only") if on else tr("Filled"), "outline", on)

    def _on_segment(self, value: int, on: bool) -> None:
        layer = self._layer()
        if isinstance(layer, LabelLayer):
            name = next(segment.name for segment in layer.segments if segment.label == value)
            segments = tuple(replace(s, visible=on) if s.label == value else s for s in layer.segments)
            self._change((tr("Show {0}") if on else tr("Hide {0}")).format(name), "segments", segments)


def _set(control: QAbstractButton | QAbstractSlider, value: bool | int) -> None:
    """Set a control without a signal: it follows, it does not ask."""
    blocked = QSignalBlocker(control)
    if isinstance(control, QAbstractButton):
        control.setChecked(bool(value))
    else:
        control.setValue(value)
    blocked.unblock()


def _reference(layer: HeatLayer) -> str:
    """Return what the rates of a heat map are worth on this scan."""
    on = tr(", measured on {0}").format(layer.calibrated_on) if layer.calibrated_on else ""
    return tr("The rate is a reference and no guarantee for this scan{0}.").format(on)


def _threshold_step(layer: HeatLayer) -> int:
    """Return where the slider stands for a layer's threshold: per mille of false alarms, or hundredths of the score."""
    if not layer.thresholds:
        return round(layer.threshold * _STEPS)
    values, rates = zip(*sorted((threshold, rate) for rate, threshold in layer.thresholds), strict=True)
    return round(1000 * float(np.interp(layer.threshold, values, rates)))


def _listed(layer: Layer) -> object:
    """Return what a row says of a segmentation's segments."""
    return [(one.label, one.name, one.colour) for one in layer.segments] if isinstance(layer, LabelLayer) else None


def _is_said(setting: str) -> bool:
    return setting in _SAID or setting.endswith(AS_WELL)


def _provenance_lines(provenance: Provenance) -> list[str]:
    if provenance.hand == "drawn":
        return [
            tr("{0}, begun {1:%d %b %Y %H:%M}").format(provenance.model_name, provenance.created),
            provenance.intended_use,
        ]
    lines = [
        f"{provenance.model_name}",
        tr("{0} {1} · weights {2}…").format(
            provenance.model_id, provenance.model_version, provenance.weights_sha256[:8]
        ),
        f"{provenance.device.upper()} {provenance.precision} · {provenance.created:%d %b %Y %H:%M}",
        *(f"{name[:1].upper()}{name[1:]}: {value}" for name, value in provenance.settings if _is_said(name)),
        tr("Licence: {0}").format(provenance.licence),
        provenance.intended_use,
    ]
    return [line for line in (*lines, *provenance.limits[:2]) if line.strip()]


class LayersPanel(QWidget):
    """The results of the selected series: controls, and below them where they come from."""

    remove_asked = Signal(str)
    edit_asked = Signal(str)
    surfaces_asked = Signal(str)
    drawing_asked = Signal()
    card_asked = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sideContent")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self._document = document
        self._rows: dict[str, _LayerRow] = {}
        # What the rows and the lines below them were made from.
        self._said: tuple[tuple[str, str, Provenance, object], ...] = ()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 4, 12, 12)
        self._column.setSpacing(7)
        document.subscribe(self._on_change)
        self._rebuild()

    def row(self, layer_uid: str) -> _LayerRow | None:
        """Return the controls of a result."""
        return self._rows.get(layer_uid)

    def _on_change(self, change: Change) -> None:
        match change:
            case LayerAdded() | LayerRemoved() | SelectionChanged():
                self._rebuild()
            case LayerChanged(uid, int(index)):
                self._on_slice(self._document.layer(uid), index)
            case LayerChanged(uid, None) | LayerRefilled(uid) if uid in self._rows:
                # Segments may have come or gone.
                self._rebuild()
                self._rows[uid].follow(self._document.layer(uid))
            case _:
                pass

    def _on_slice(self, layer: Layer, index: int) -> None:
        """Count a slice that was filled, also of a result that is not listed now: it may be at the next click."""
        if isinstance(layer, LabelLayer) and layer.ready[index]:
            layer.count(index)
            if layer.uid in self._rows:
                self._rows[layer.uid].show_amounts(layer)

    def _layers(self) -> tuple[Layer, ...]:
        """Return the results of the selected series and of the same patient's in its frame of reference."""
        uid = self._document.selected_series
        if uid is None:
            return ()
        _, series = self._document.catalog.study_of(uid)
        frame = series.frame_of_reference_uid

        def beside(layer: Layer) -> bool:
            same_space = bool(frame) and layer.volume.frame_of_reference_uid == frame
            return same_space and self._document.of_patient_shown(layer.source_series_uid)

        return tuple(one for one in self._document.layers if one.source_series_uid == uid or beside(one))

    def _rebuild(self) -> None:
        layers = self._layers()
        said = tuple((layer.uid, layer.name, layer.provenance, _listed(layer)) for layer in layers)
        if said == self._said and said:
            return
        self._said = said
        clear(self._column)
        self._rows.clear()
        if not layers:
            self._column.addStretch(1)
            return
        self._column.addWidget(label(tr("LAYERS"), "heading"))
        for layer in layers:
            row = _LayerRow(self._document, layer)
            row.remove_asked.connect(self.remove_asked)
            row.edit_asked.connect(self.edit_asked)
            row.surfaces_asked.connect(self.surfaces_asked)
            row.drawing_asked.connect(self.drawing_asked)
            self._column.addWidget(row)
            self._rows[layer.uid] = row
        self._add_provenance(layers)
        self._column.addStretch(1)

    def _add_provenance(self, layers: tuple[Layer, ...]) -> None:
        self._column.addWidget(label(tr("PROVENANCE"), "heading"))
        shown: set[str] = set()
        for layer in layers:
            provenance = layer.provenance
            key = f"{provenance.model_id} {provenance.created}"
            if key in shown:
                continue
            shown.add(key)
            source = self._document.catalog.series(layer.source_series_uid)
            for line in (
                *_provenance_lines(provenance),
                tr("From series {0} {1}").format(source.number or "", source.description),
            ):
                self._column.addWidget(label(line, "quiet"))
            if provenance.hand == "drawn":
                continue
            card: QPushButton = button(
                tr("Model card"), tr("Read the card of {0}").format(provenance.model_name), "link"
            )
            card.clicked.connect(lambda _=False, model=provenance.model_id: self.card_asked.emit(model))
            self._column.addWidget(card)
