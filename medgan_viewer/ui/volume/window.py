"""The window of surfaces: the picture, what may be drawn in it, from where, and how far it is."""

import logging
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QColor, QGuiApplication, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.commands import SetDisplay, Setting
from medgan_viewer.core.document import Change, Document, LayerAdded, LayerChanged, LayerRefilled, LayerRemoved
from medgan_viewer.core.layers import LabelLayer, Segment
from medgan_viewer.core.surfaces import Surface, shows_face
from medgan_viewer.errors import MissingPartError
from medgan_viewer.ui import frame
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.panels.widgets import ElidedLabel, button, clear, label
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.type_size import fitted, scaled
from medgan_viewer.ui.views.captions import study_words
from medgan_viewer.ui.views.mark import Mark, mark_for
from medgan_viewer.ui.volume.camera import VIEWS
from medgan_viewer.ui.volume.drawing import SurfacePainter
from medgan_viewer.ui.volume.making import SurfaceMaker
from medgan_viewer.ui.volume.probe import draws
from medgan_viewer.ui.volume.view import Headings, VolumeView
from medgan_viewer.wording import marked

__all__ = ["VolumeWindow"]

_log = logging.getLogger(__name__)

_SIDE, _SIZE = 270, (1040, 740)
_SWATCH = 10
# An edit is followed when the hand has rested so long.
_REST_MS = 600
_VIEW_NAMES = {
    "front": marked("Front"),
    "back": marked("Back"),
    "right": marked("Right"),
    "left": marked("Left"),
    "above": marked("Head"),
    "below": marked("Feet"),
}


class VolumeWindow(QWidget):
    """Shows the segments of one segmentation as surfaces, and follows what happens to them."""

    closed = Signal()

    def __init__(self, document: Document, theme: Theme, *, patient_hidden: bool = False) -> None:
        super().__init__(None, Qt.WindowType.Window)
        self.setObjectName("shell")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Surfaces · MedGAN Viewer"))
        self.resize(fitted(self, *_SIZE))
        self._document, self._hidden = document, patient_hidden
        self._uid: str | None = None
        self._listed: object = None
        # Why nothing can be drawn on this computer; None while that is being tried.
        self._trouble: str | None = None
        # Segments whose surface is as their voxels are.
        self._fresh: set[int] = set()
        self._ending = ""
        self._trial = Background("opengl", self)
        self.maker = SurfaceMaker(self)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._on_rest)
        self._build(theme)
        self.maker.made.connect(self._on_made)
        self.maker.changed.connect(self._show_progress)
        self.maker.ended.connect(self._on_ended)
        self._unsubscribe = document.subscribe(self._on_change)
        platform = QGuiApplication.platformName()
        self._trial.run(lambda: draws(platform, lambda: self._trial.closed), self._on_tried)

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self, theme: Theme) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.view = VolumeView(theme)
        row.addWidget(self.view, 1)
        side = QWidget()
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(7)
        self.choice = QComboBox()
        self.choice.setAccessibleName(tr("Segmentation whose surfaces are shown"))
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.activated.connect(lambda number: self.choose(self.choice.itemData(number)))
        column.addWidget(label(tr("SEGMENTATION"), "heading"))
        column.addWidget(self.choice)
        column.addWidget(label(tr("SEEN FROM"), "heading"))
        column.addLayout(self._view_buttons())
        column.addWidget(label(tr("Left drag turns, middle drag moves, right drag or the wheel zooms."), "quiet"))
        column.addWidget(label(tr("SEGMENTS"), "heading"))
        self._segments = QVBoxLayout()
        self._segments.setSpacing(5)
        column.addLayout(self._segments)
        self.boxes: dict[int, QCheckBox] = {}
        self.withheld = label("", "caution")
        self.coarse = label("", "quiet")
        column.addWidget(self.withheld)
        column.addWidget(self.coarse)
        column.addStretch(1)
        # Beside the part that scrolls: how far it is stays in sight.
        right = QWidget()
        right.setObjectName("sideContent")
        right.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        right.setFixedWidth(scaled(_SIDE))
        parts = QVBoxLayout(right)
        parts.setContentsMargins(0, 0, 0, 0)
        parts.addWidget(frame.side([(side, 1)], "sideRight"), 1)
        parts.addLayout(self._progress_row())
        row.addWidget(right)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Close), self, self.close)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.maker.cancel)

    def _view_buttons(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(5)
        for number, view in enumerate(VIEWS):
            name = tr(_VIEW_NAMES[view])
            made = button(name, tr("Look from this side: {0}").format(name))
            made.clicked.connect(partial(self.view.look_from, view))
            grid.addWidget(made, number // 2, number % 2)
        fit = button(tr("Fit"), tr("Show all of it; a double click does too"))
        fit.clicked.connect(self.view.fit)
        grid.addWidget(fit, 3, 0, 1, 2)
        return grid

    def _progress_row(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(12, 0, 12, 8)
        self.words, self.end = ElidedLabel("", "quiet"), label("", "caution")
        column.addWidget(self.words)
        column.addWidget(self.end)
        row = QHBoxLayout()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of the surfaces"))
        row.addWidget(self.bar, 1)
        self.cancel = button(tr("Cancel"), tr("Make no more surfaces; those that are there stay"), "link")
        self.cancel.clicked.connect(self.maker.cancel)
        row.addWidget(self.cancel)
        self.again = button(tr("Go on"), tr("Make the surfaces that are missing"), "link")
        self.again.clicked.connect(self._make)
        row.addWidget(self.again)
        column.addLayout(row)
        self.words.hide()
        self.end.hide()
        self.bar.hide()
        self.cancel.hide()
        self.again.hide()
        return column

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def layer(self) -> LabelLayer | None:
        """The segmentation that is shown, None where there is none any more."""
        return next((one for one in self._candidates() if one.uid == self._uid), None)

    @property
    def tried(self) -> bool:
        """Whether it is known if this computer can draw surfaces."""
        return self._trouble is not None

    @property
    def following(self) -> bool:
        """Whether an edit waits for the hand to rest."""
        return self._rest.isActive()

    def _candidates(self) -> list[LabelLayer]:
        return [layer for layer in self._document.layers if isinstance(layer, LabelLayer)]

    def choose(self, layer_uid: str | None) -> None:
        """Show a segmentation; None shows the newest one of the selected series, else the newest of all."""
        if layer_uid is None:
            uid, layers = self._document.selected_series, self._candidates()
            layers = [layer for layer in layers if layer.source_series_uid == uid] or layers
            layer_uid = layers[-1].uid if layers else None
        self._take(layer_uid)

    def _take(self, layer_uid: str | None) -> None:
        if layer_uid != self._uid:
            self._uid = layer_uid
            self._fresh.clear()
            self._ending = ""
            self.maker.stop()
            self.view.clear()
        self._refresh()
        self._make()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a look."""
        self.view.set_theme(theme)

    def set_patient_data_hidden(self, hidden: bool) -> None:
        """Hide who the patient is, or show it."""
        self._hidden = hidden
        self._refresh()

    @staticmethod
    def _drawable(layer: LabelLayer) -> list[Segment]:
        """Return the segments that are to be seen and may be."""
        return [segment for segment in layer.segments if segment.visible and not shows_face(segment)]

    def _refresh(self) -> None:
        """Show what is known of the segmentation, without making anything."""
        layer = self.layer
        self._show_choice()
        self._show_segments(layer)
        if layer is None:
            self.view.clear()
            self.view.set_words(Headings(), Mark())
        else:
            study, series = self._document.catalog.study_of(layer.source_series_uid)
            who, what = study_words(self._document, study, hidden=self._hidden)
            names = (layer.name, series.description or series.modality)
            self.view.set_words(Headings(who, what, names), mark_for(series, (), (layer,)))
            self.view.set_shown([(segment.label, segment.colour) for segment in self._drawable(layer)])
        self.view.say(self._sentence(layer))

    def _sentence(self, layer: LabelLayer | None) -> str:
        """Return what is said where no surface is drawn."""
        if self._trouble:
            return self._trouble
        if layer is None:
            return tr("No segmentation is open. Run a model that makes one, or draw one.")
        if not layer.complete:
            return tr("Surfaces come when all slices of the segmentation are there.")
        if self._trouble is None:
            return tr("Trying whether this computer can draw surfaces…")
        if not self._drawable(layer):
            return tr("No segment is shown that may be drawn here.")
        if self.maker.busy:
            return tr("Surfaces are being made…")
        return tr("The segments that are shown are empty.") if self._ending == "done" else ""

    def _show_choice(self) -> None:
        listed = [(layer.name, layer.uid) for layer in self._candidates()]
        if listed != [(self.choice.itemText(n), self.choice.itemData(n)) for n in range(self.choice.count())]:
            self.choice.clear()
            for name, uid in listed:
                self.choice.addItem(name, uid)
        self.choice.setEnabled(bool(listed))
        self.choice.setCurrentIndex(next((n for n, (_, uid) in enumerate(listed) if uid == self._uid), -1))

    def _show_segments(self, layer: LabelLayer | None) -> None:
        segments = () if layer is None else layer.segments
        listed = (self._uid, [(one.label, one.name, one.colour) for one in segments])
        if listed != self._listed:
            self._listed = listed
            clear(self._segments)
            self.boxes = {one.label: self._add_segment(one) for one in segments}
        for one in segments:
            blocker = QSignalBlocker(self.boxes[one.label])
            self.boxes[one.label].setChecked(one.visible and not shows_face(one))
            blocker.unblock()
        withheld = ", ".join(one.name for one in segments if shows_face(one))
        self.withheld.setText(tr("Not drawn, because a face could be recognised: {0}.").format(withheld))
        self.withheld.setVisible(bool(withheld))

    def _add_segment(self, segment: Segment) -> QCheckBox:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        box = QCheckBox()
        box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        box.setEnabled(not shows_face(segment))
        box.setAccessibleName(tr("Show {0}").format(segment.name))
        box.setToolTip(box.accessibleName())
        box.toggled.connect(partial(self._on_segment, segment.label))
        row.addWidget(box)
        colour, swatch = QLabel(), QPixmap(scaled(_SWATCH), scaled(_SWATCH))
        swatch.fill(QColor(segment.colour))
        colour.setPixmap(swatch)
        row.addWidget(colour)
        row.addWidget(ElidedLabel(segment.name, "faint" if shows_face(segment) else "quiet"), 1)
        self._segments.addWidget(holder)
        return box

    def _on_segment(self, number: int, on: bool) -> None:
        """Show a segment, or hide it: in the panes too, and so that it can be undone."""
        layer = self.layer
        if layer is None:
            return
        name = next(one.name for one in layer.segments if one.label == number)
        segments = tuple(replace(one, visible=on) if one.label == number else one for one in layer.segments)
        words = (tr("Show {0}") if on else tr("Hide {0}")).format(name)
        self._document.execute(SetDisplay(words, (Setting(layer.uid, "segments", layer.segments, segments),)))

    # -- making --------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        """Make the surfaces that are to be seen and are not there, or not as the voxels are now."""
        layer = self.layer
        if layer is None or not layer.complete or self._trouble:
            self.maker.stop()
            return
        self.view.keep([segment.label for segment in self._drawable(layer)] + sorted(self._fresh))
        wanted = [(one.label, one.name) for one in self._drawable(layer) if one.label not in self._fresh]
        self._ending = "" if wanted else self._ending
        self.maker.start(layer.volume, wanted)
        self.view.say(self._sentence(layer))

    def _on_made(self, number: int, surface: Surface | None) -> None:
        self._fresh.add(number)
        self.view.put(number, surface)

    def _on_ended(self, how: str) -> None:
        self._ending = how
        self._show_progress()
        self.view.say(self._sentence(self.layer))

    def _show_progress(self) -> None:
        busy = self.maker.busy
        done, total, name = self.maker.progress
        self.bar.setVisible(busy)
        self.cancel.setVisible(busy)
        self.again.setVisible(not busy and self._ending in ("cancelled", "failed"))
        self.bar.setRange(0, max(total, 1))
        self.bar.setValue(done)
        ends = {
            "cancelled": tr("Cancelled; not all surfaces are there."),
            "failed": tr("A surface could not be made; the log has the details."),
        }
        said = tr("Surface {0} of {1} · {2}").format(min(done + 1, total), total, name)
        self.words.set_full_text(said if busy else "")
        self.words.setVisible(busy)
        self.end.setText("" if busy else ends.get(self._ending, ""))
        self.end.setVisible(bool(self.end.text()))
        cells = [surface.cell_mm for surface in self.view.surfaces.values()]
        self.coarse.setVisible(bool(cells))
        self.coarse.setText(
            tr("Surfaces are smoothed and leave out what is finer than {0:.1f} mm. Measure on the slices.").format(
                max(cells, default=0.0)
            )
        )

    # -- following -----------------------------------------------------------------------------------------------

    def _on_tried(self, works: bool | Exception) -> None:
        """Draw from now on, where the trial in another process went well."""
        self._trouble = ""
        try:
            if works is not True:
                raise MissingPartError("This computer offers no OpenGL here.")
            self.view.set_painter(SurfacePainter())
        except MissingPartError:
            if isinstance(works, Exception):
                _log.warning("the trial of OpenGL: %s", type(works).__name__)
            self._trouble = tr(
                "Surfaces need OpenGL, and it does not work on this computer. All else works without; "
                "a newer graphics driver may help."
            )
            self.view.clear()
            self.maker.stop()
        self._refresh()

    def _on_change(self, change: Change) -> None:
        match change:
            case LayerAdded(uid) if self._uid is None and isinstance(self._document.layer(uid), LabelLayer):
                self._take(uid)
            case LayerRemoved(uid) if uid == self._uid:
                self._take(None)
            case LayerAdded() | LayerRemoved():
                self._refresh()
            case LayerChanged(uid, None) if uid == self._uid:
                self._refresh()
                self._make()
            case LayerRefilled(uid) if uid == self._uid:
                self._refresh()
                self._rest.start()
            case LayerChanged(uid, int()) if uid == self._uid:
                layer = self.layer
                if layer is not None and layer.complete:
                    self._rest.start()
            case _:
                pass

    def _on_rest(self) -> None:
        """Follow an edit, unless the hand is drawing again."""
        if self._document.drawing:
            self._rest.start()
            return
        self._fresh.clear()
        self._refresh()
        self._make()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End what runs, and give back what the card holds."""
        self._rest.stop()
        self._unsubscribe()
        self.maker.close()
        self._trial.close()
        self.view.close_painter()
        self.closed.emit()
        super().closeEvent(event)
