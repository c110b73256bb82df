"""The window: studies left, images in the middle, models and layers right, findings below."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QCursor, QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMainWindow,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.changes import AnnotationsChanged
from medgan_viewer.core.commands import RemoveLayers
from medgan_viewer.core.display import CT_PRESETS, Window
from medgan_viewer.core.document import (
    Change,
    Document,
    SelectionChanged,
    SeriesLoaded,
    SeriesOpened,
    UndoChanged,
)
from medgan_viewer.core.layers import ImageLayer, Layer
from medgan_viewer.settings import Settings
from medgan_viewer.ui import actions, frame, keys, linking, viewing
from medgan_viewer.ui.actions import HOLD_TO_REVEAL
from medgan_viewer.ui.banner import Banner
from medgan_viewer.ui.cine import Cine, CineBar
from medgan_viewer.ui.closing import Closing
from medgan_viewer.ui.comparing import Comparing
from medgan_viewer.ui.device_button import DeviceButton
from medgan_viewer.ui.dialog_opener import DialogOpener
from medgan_viewer.ui.finding_search import FindingSearch
from medgan_viewer.ui.hanging import Hanging
from medgan_viewer.ui.kept_annotations import KeptAnnotations
from medgan_viewer.ui.key_images import KeyImages
from medgan_viewer.ui.lab.opening import LabOpener
from medgan_viewer.ui.layout_picker import LayoutPicker
from medgan_viewer.ui.loading import Background, Loader
from medgan_viewer.ui.measuring import Measuring
from medgan_viewer.ui.opening import Opening
from medgan_viewer.ui.pane_windows import PaneWindows
from medgan_viewer.ui.panels.findings import FindingsPanel
from medgan_viewer.ui.panels.layers import LayersPanel
from medgan_viewer.ui.panels.measurements import MeasurementsPanel
from medgan_viewer.ui.panels.models import ModelsPanel
from medgan_viewer.ui.panels.studies import StudiesPanel
from medgan_viewer.ui.recents import Recents
from medgan_viewer.ui.recents_list import RecentList, RecentMenu
from medgan_viewer.ui.recognising import Recognising
from medgan_viewer.ui.registration import Registering, RegistrationBar
from medgan_viewer.ui.run_status import RunStatus
from medgan_viewer.ui.runs import Runs, RunState
from medgan_viewer.ui.segment_editor import SegmentEditor
from medgan_viewer.ui.segment_editor_panel import SegmentPanel
from medgan_viewer.ui.slabs import SlabButton, Slabs
from medgan_viewer.ui.stored_results import StoredResults
from medgan_viewer.ui.style import apply_theme
from medgan_viewer.ui.theme import DARK, LIGHT
from medgan_viewer.ui.time_bar import TimeBar
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.volume.opening import VolumeOpener

__all__ = ["MainWindow"]

# How wide the sides are at first, and at most which share of the width: the images have two thirds of a small screen.
_LEFT, _RIGHT = (250, 0.172), (300, 0.168)


class MainWindow(QMainWindow):
    """Puts document, images, panels and runs together; holds no scan data of its own."""

    virtual_patient_asked = Signal()
    remembering_asked = Signal(bool)
    updates_asked = Signal()
    settings_asked = Signal()
    reopen_asked = Signal()
    # A study is about to be closed.
    study_closing = Signal(object)
    # What ran in the background has ended, and the window is out of sight.
    ended = Signal()

    def __init__(self, document: Document, loader: Loader, runs: Runs) -> None:
        super().__init__()
        self.setObjectName("shell")
        self.setWindowTitle("MedGAN Viewer")
        self.setAcceptDrops(True)
        self.document, self.loader, self.runs = document, loader, runs
        # They end with the window: what Qt's connections hold of each other Python cannot see, so that none would.
        for part in (loader, runs):
            part.setParent(self)
        self._theme = DARK
        # A program that nobody sits at (the demonstration) closes without a question.
        self.asks_before_closing = False
        # Whether results come back at the next start.
        self.results_kept: Callable[[], bool] = lambda: False
        self.closing = False
        self._bindings = Settings()
        self._lab = LabOpener()
        self.surfaces = VolumeOpener(document, self._theme)
        self._backgrounds: list[Background] = []
        # Hears of a heat map before the panel that says how many findings it has.
        self._search = FindingSearch(document, self.background("findings"), self)
        self._build()
        self.annotations = KeptAnnotations(document, self.background("annotations"), self)
        self.recognising = Recognising(document, runs, self.background("recognising"), self)
        self.stored = StoredResults(document, self.background("stored results"), self)
        self._closing = Closing(document, loader, runs, self)
        self._connect()
        self.set_bindings(self._bindings)
        self._update_actions()

    def background(self, name: str) -> Background:
        """Return a background thread that ends with the window."""
        made = Background(name, self)
        self._backgrounds.append(made)
        return made

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.grid = ViewGrid(self.document, self._theme)
        self._opening = Opening(self.document, self.loader, self.grid, self)
        self._comparing = Comparing(self.document, self.grid, self.open_series_in, self)
        self.recents = Recents(self.document, self.loader, self.background("recents"), self)
        self.studies = StudiesPanel(self.document)
        self.models = ModelsPanel(self.document, self.runs)
        self.layers = LayersPanel(self.document)
        self.findings = FindingsPanel(self.document, awaited=self._search.awaited)
        self.measurements = MeasurementsPanel(self.document)
        self._measuring = Measuring(self.document, self.grid, self.measurements, self.open_series, self)
        self.segmenting = SegmentEditor(self.document, self.grid, self.background("segmentations"), self)
        self.segments = SegmentPanel(self.segmenting, self.grid)
        self._slabs = Slabs(self.grid, self)
        self.cine = Cine(self.document, self.grid, self._opening.show_time, self)
        self.cine_bar = CineBar(self.cine)
        self.registering = Registering(self.document, self.grid, self)
        self.pane_windows = PaneWindows(self.grid, self)
        self._key_images = KeyImages(self.document, self.grid, self._opening.choose_series, self)
        self.hanging = Hanging(self.document, self.grid, self.open_series_in, self)
        self._dialogs = DialogOpener(self.document, self.grid, self.models, self)
        self.actions_by_id = actions.create(self._handlers(), self, self.grid)
        self._recent_menu = RecentMenu(self.recents, self.actions_by_id["file.recent"], self)
        self._recent_list = RecentList(self.recents)
        shell = QWidget()
        shell.setObjectName("shell")
        self.setCentralWidget(shell)
        column = QVBoxLayout(shell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.layout_picker = LayoutPicker(self.actions_by_id)
        self.layout_picker.set_theme(self._theme)
        self.layout_picker.add_menus([self.hanging.menu])
        slab = SlabButton(self.grid, frame.of_group(self.actions_by_id, "Slab"))
        column.addWidget(frame.toolbar(self.actions_by_id, [self.layout_picker, slab]))
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._left = frame.side([(self.studies, 1)], "sideLeft")
        self.segments.set_actions(self.actions_by_id)
        # Measurements stand where whoever makes one sees it: models have long cards.
        right = [(self.segments, 0), (self.measurements, 0), (self.models, 0), (self.layers, 1)]
        self._right = frame.side(right, "sideRight")
        self._stack = QStackedWidget()
        self._stack.addWidget(frame.welcome(self.actions_by_id, self._recent_list))
        self._stack.addWidget(self.grid)
        for widget in (self._left, self._stack, self._right):
            self._splitter.addWidget(widget)
        self._splitter.setStretchFactor(1, 1)
        self._fresh = True
        self._splitter.setChildrenCollapsible(False)
        column.addWidget(self._splitter, 1)
        self.times = TimeBar(self.document)
        self.times.time_asked.connect(self._opening.show_time)
        column.addWidget(self.times)
        column.addWidget(self.cine_bar)
        column.addWidget(RegistrationBar(self.registering))
        column.addWidget(self.findings)
        self._activity = QLabel("")
        self.run_status = RunStatus(self.document, self.runs, self.models.name_of)
        self.banner = Banner()
        self.device = DeviceButton(self.runs.device)
        self.device.device_chosen.connect(self.runs.set_device)
        column.addWidget(frame.statusbar(self._activity, self.device, middle=(self.banner, self.run_status)))

    def _handlers(self) -> dict[str, Callable[..., object]]:
        grid = self.grid
        handlers: dict[str, Callable[..., object]] = {
            "file.open_folder": self._opening.ask_folder,
            "file.open_files": self._opening.ask_files,
            "file.recent": lambda: self._recent_menu.popup(QCursor.pos()),
            "file.virtual": self.virtual_patient_asked.emit,
            "file.export": self._dialogs.export,
            "file.archives": lambda: self._dialogs.archives(self.open_paths),
            "file.import_model": self._dialogs.import_model,
            "file.remember": lambda on: self.remembering_asked.emit(on),
            "file.lab": self._lab.show,
            "segment.surfaces": self.surfaces.show,
            "file.reopen": self.reopen_asked.emit,
            "file.settings": self.settings_asked.emit,
            "file.quit": self.close,
            "edit.undo": self.document.undo,
            "edit.redo": self._on_redo,
            "image.previous_series": lambda: self._step_series(-1),
            "image.next_series": lambda: self._step_series(1),
            "finding.next": lambda: self.findings.step(1),
            "finding.previous": lambda: self.findings.step(-1),
            "finding.accept": lambda: self.findings.give_verdict("accepted"),
            "finding.reject": self._on_delete,
            "measure.again": self._measuring.take_tool,
            "measure.copy": self._measuring.copy,
            "view.hide_patient": self._on_hide_patient,
            "view.panels": self._on_hide_panels,
            "view.light": self.set_light,
            "view.full_screen": self._on_full_screen,
            "help.cancel": self._on_cancel,
            "help.keys": lambda: self._dialogs.keys(self._bindings),
            "help.updates": self.updates_asked.emit,
            "help.about": self._dialogs.about,
        }
        handlers |= (
            viewing.handlers(grid)
            | self._comparing.handlers()
            | linking.handlers(grid)
            | self.registering.handlers()
            | self.hanging.handlers()
            | self._slabs.handlers()
            | self.pane_windows.handlers()
            | self._key_images.handlers()
            | self.segmenting.handlers()
            | self.cine.handlers()
        )
        for number, (_, window) in enumerate(CT_PRESETS, start=2):
            handlers[f"window.{number}"] = partial(self._on_preset, window)
        return handlers

    def _connect(self) -> None:
        self.document.subscribe(self._on_change)
        self.studies.series_chosen.connect(self._on_series_chosen)
        self.studies.layer_chosen.connect(self._on_layer_chosen)
        self.studies.result_chosen.connect(self.stored.open)
        self.stored.source_wanted.connect(self.open_series)
        self.stored.layers_added.connect(self._on_layers_added)
        self.stored.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.stored.failed.connect(lambda sentence: self.banner.say(sentence, error=True))
        self.studies.close_asked.connect(self._on_close_study)
        self.studies.thumbnail_wanted.connect(self.loader.ask_thumbnail)
        self.loader.thumbnail_ready.connect(self.studies.set_thumbnail)
        self.loader.problem.connect(lambda sentence: self.banner.say(sentence, error=True))
        self.loader.scanning_changed.connect(
            lambda scanning: self._update_activity(tr("Reading the folder…") if scanning else "")
        )
        self._opening.came_up.connect(self.hanging.hang_on_opening)
        self.recents.open_asked.connect(self._opening.open_study)
        self.recents.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.hanging.results_asked.connect(self._comparing.draw_awaiting)
        self.hanging.problem.connect(lambda sentence: self.banner.say(sentence, error=True))
        self._key_images.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.findings.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.findings.key_image_chosen.connect(self._key_images.show)
        self.findings.key_image_removed.connect(self._key_images.remove)
        self.grid.looked_at.connect(lambda *_: self._key_images.show_state(self.actions_by_id))
        self._comparing.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.registering.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.registering.failed.connect(lambda sentence: self.banner.say(sentence, error=True))
        self.hanging.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self._opening.showing.connect(lambda: self._stack.setCurrentWidget(self.grid))
        self.models.run_asked.connect(self.run_model)
        self.models.card_asked.connect(self._dialogs.card)
        self.recognising.told.connect(self.models.set_look)
        self.measurements.export_asked.connect(self._dialogs.export)
        self.annotations.failed.connect(lambda sentence: self.banner.say(sentence, error=True))
        self.layers.card_asked.connect(self._dialogs.card)
        self.layers.remove_asked.connect(self._on_remove_layer)
        self.layers.edit_asked.connect(self.segmenting.choose)
        self.layers.surfaces_asked.connect(self.surfaces.show)
        self.segmenting.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.segmenting.changed.connect(lambda: self.segmenting.show_state(self.actions_by_id))
        self.layers.drawing_asked.connect(lambda: self.grid.set_overlay_visible(True))
        self.runs.layers_added.connect(self._on_run_layers)
        self.runs.results_ready.connect(self._on_results_ready)
        self.runs.images_ready.connect(self._on_images_ready)
        self.run_status.show_asked.connect(self._on_show_run)
        self.runs.heat_ready.connect(self._search.want)
        self._search.failed.connect(lambda sentence: self.banner.say(sentence, error=True))
        self.runs.changed.connect(lambda _: self._update_activity())
        self.runs.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.runs.failed.connect(lambda sentence: self.banner.say(sentence, error=True))
        self.grid.looked_at.connect(self.runs.look_at)
        self.grid.context_menu_asked.connect(
            lambda _pane, position: frame.context_menu(self, self.actions_by_id).popup(position)
        )
        self.grid.active_pane_changed.connect(self._on_active_pane)
        self.grid.tool_changed.connect(lambda _: self._update_actions())
        self.grid.state_changed.connect(self._update_actions)
        self.cine.changed.connect(self._on_cine)

    # -- opening -------------------------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files and folders; the first series found comes up where none is open yet."""
        self._opening.open_paths(paths)

    def open_series(self, series_uid: str) -> None:
        """Show a series in the active pane."""
        self._opening.open_series(series_uid)
        self.grid.setFocus()

    def open_series_in(self, series_uid: str, pane: Pane) -> None:
        """Show a series in a pane."""
        self._opening.open_series(series_uid, pane)

    def _on_series_chosen(self, series_uid: str) -> None:
        self._opening.choose_series(series_uid)
        self.grid.setFocus()

    def _on_close_study(self, study: Study) -> None:
        self.annotations.before_closing(study)
        closed = self._closing.close_study(study, kept=self.results_kept(), leaving=self.study_closing.emit)
        if closed and not self.document.catalog.studies:
            self._stack.setCurrentIndex(0)

    def _step_series(self, step: int) -> None:
        uid = self.studies.neighbour(step)
        if uid is not None:
            self.open_series(uid)

    # -- models --------------------------------------------------------------------------------------------------

    def run_model(self, model_id: str, series_uid: str) -> str | None:
        """Run a model on a series; return the job's id, None where it could not be started."""
        package = self.models.package(model_id)
        if package is None:
            return None
        return self.runs.start(package, series_uid, self.grid.visible_slice(series_uid))

    def _on_layers_added(self, layers: Sequence[Layer]) -> None:
        """Show results that were asked for: an image in a pane of its own, anything else over its source."""
        for number, layer in enumerate(layers):
            if not isinstance(layer, ImageLayer) or number == 0:
                self._show_layer(layer.uid)

    def _on_run_layers(self, layers: Sequence[Layer]) -> None:
        self._stack.setCurrentWidget(self.grid)
        self._comparing.take_results(layers)

    def _on_results_ready(self, layers: Sequence[Layer]) -> None:
        self._comparing.tell_results(layers, keys.shown_on(self.actions_by_id["compare.overlay"]))

    def _on_images_ready(self, layers: Sequence[ImageLayer]) -> None:
        names = ", ".join(layer.name for layer in layers)
        self.banner.say(tr("{0}: finished, in the list on the left under Results.").format(names), error=False)

    def _on_show_run(self, state: RunState) -> None:
        """Show what a run made of its series where that is not seen, or the series itself where nothing came of it."""
        layers = self.document.layers_of(state.series_uid)
        made = [layer for layer in layers if layer.provenance.model_id == state.model_id]
        shown = {pane.shown.layer_uid or pane.shown.series_uid: pane for pane in self.grid.visible_panes if pane.shown}
        seen = next((uid for uid in (*(layer.uid for layer in made), state.series_uid) if uid in shown), None)
        if made and not any(layer.uid in shown for layer in made):
            self._on_layers_added(made[:1])
        elif seen is not None:
            shown[seen].activated.emit()
        else:
            self.open_series(state.series_uid)
        self.document.select_series(state.series_uid)

    def set_results_drawn(self, at_once: bool) -> None:
        """Draw results over the original as soon as they are there, or when the reader asks for them."""
        self._comparing.draws_at_once = at_once

    def _show_layer(self, layer_uid: str) -> None:
        self._stack.setCurrentWidget(self.grid)
        self._comparing.choose_layer(layer_uid)

    def _on_layer_chosen(self, layer_uid: str) -> None:
        """Show a result that was clicked, and work on in its pane: what is done next is meant for it."""
        self._show_layer(layer_uid)
        showing = (pane for pane in self.grid.visible_panes if pane.shown and pane.shown.layer_uid == layer_uid)
        pane = next(showing, None)
        if pane is not None:
            pane.activated.emit()

    def _on_remove_layer(self, layer_uid: str) -> None:
        self.document.execute(RemoveLayers((self.document.layer(layer_uid),)))

    @property
    def finding(self) -> bool:
        """Whether findings are being listed."""
        return self._search.busy

    # -- the rest ------------------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case UndoChanged() | SelectionChanged() | SeriesOpened() | SeriesLoaded() | AnnotationsChanged():
                self._update_actions()
            case _:
                pass

    def _on_active_pane(self) -> None:
        content = self.grid.active_pane.content
        if content is not None and self.document.opened(content.series_uid) is not None:
            self.document.select_series(content.series_uid)
        self._update_actions()

    def _update_actions(self) -> None:
        viewing.show_state(self.grid, self.actions_by_id)
        self._comparing.show_state(self.actions_by_id)
        self._key_images.show_state(self.actions_by_id)
        linking.show_state(self.grid, self.actions_by_id)
        self.actions_by_id["layout.window"].setChecked(self.pane_windows.has(self.grid.active_pane))
        self.segmenting.show_state(self.actions_by_id)
        for action_id, does, what in (
            ("edit.undo", tr("Undo"), self.document.undo_label),
            ("edit.redo", tr("Redo"), self.document.redo_label),
        ):
            self.actions_by_id[action_id].setEnabled(what is not None)
            self.actions_by_id[action_id].setText(does if what is None else f"{does}: {what}")
        self.actions_by_id["file.export"].setEnabled(self.document.series_to_export is not None)

    def _update_activity(self, text: str = "") -> None:
        begun = [state for state in self.runs.states if state.device]
        if begun:
            self.device.set_last_run(begun[-1].device)
        self._activity.setText(text)

    def _on_redo(self) -> None:
        """Do it again, and show again what comes back with it."""
        there = {layer.uid for layer in self.document.layers}
        self.document.redo()
        back = [layer for layer in self.document.layers if layer.uid not in there]
        back = [layer for layer in back if isinstance(layer, ImageLayer) or layer.visible]
        if back:
            self._on_layers_added(back)

    def _on_delete(self) -> None:
        """Delete the annotation, or reject the finding: the key means what was chosen last."""
        if not self._measuring.delete_selected():
            self.findings.give_verdict("rejected")

    def _on_cine(self) -> None:
        """Show the bar once something plays; it stays until it is closed."""
        if self.cine.playing:
            self.cine_bar.show()
        self.actions_by_id["cine.play"].setChecked(self.cine.playing)
        self.actions_by_id["cine.bounce"].setChecked(self.cine.course == "bounce")
        self.actions_by_id["cine.time"].setChecked(self.cine.axis == "time")

    def _on_preset(self, window: Window) -> None:
        if not self._comparing.apply_in_hu(window):
            self.banner.say(
                tr("The presets are in HU and this image is not; press 0 for an automatic window."), error=False
            )

    def _on_hide_patient(self, hidden: bool) -> None:
        self.grid.set_patient_data_hidden(hidden)
        self.studies.set_patient_data_hidden(hidden)
        self.surfaces.set_patient_data_hidden(hidden)
        self._recent_list.set_patient_data_hidden(hidden)
        self._recent_menu.set_patient_data_hidden(hidden)

    def _on_hide_panels(self, hidden: bool) -> None:
        for side in (self._left, self._right):
            side.setVisible(not hidden)

    def set_light(self, light: bool) -> None:
        """Choose the light or the dark look."""
        self.actions_by_id["view.light"].setChecked(light)
        self._theme = LIGHT if light else DARK
        application = QApplication.instance()
        if isinstance(application, QApplication):
            apply_theme(application, self._theme)
        self.grid.set_theme(self._theme)
        self.layout_picker.set_theme(self._theme)
        self.measurements.set_theme(self._theme)
        self.surfaces.set_theme(self._theme)

    def set_patient_hidden(self, hidden: bool) -> None:
        """Hide who the patients are, or show it."""
        self.actions_by_id["view.hide_patient"].setChecked(hidden)
        self._on_hide_patient(hidden)

    def set_bindings(self, settings: Settings) -> None:
        """Take keys and mouse gestures from settings."""
        self._bindings = settings
        used = keys.in_use(settings.mapping("keys"))
        keys.apply(self.actions_by_id, used)
        self._reveal = keys.Held(used[HOLD_TO_REVEAL.id])
        self.grid.set_mouse(keys.mouse_of(settings))

    def _on_full_screen(self, full: bool) -> None:
        if full:
            self.showFullScreen()
        else:
            self.showNormal()

    def _on_cancel(self) -> None:
        if self.segmenting.cancel() or self._measuring.cancel():
            return
        active = [state for state in self.runs.states if state.active]
        for state in active:
            self.runs.cancel(state.job_id)
        if not (self.registering.cancel() or active) and self.isFullScreen():
            self.actions_by_id["view.full_screen"].setChecked(False)
            self.showNormal()

    # -- Qt ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Reveal the original while its key is held."""
        if self._reveal.begins(event):
            self.grid.set_revealed(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Show the results again."""
        if self._reveal.ends(event):
            self.grid.set_revealed(False)
        else:
            super().keyReleaseEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Divide the width among sides and images when it is known, once."""
        if self._fresh:
            self._fresh = False
            left, right = frame.first_width(self, *_LEFT), frame.first_width(self, *_RIGHT)
            self._splitter.setSizes([left, max(self.width() - left - right, 1), right])
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Show the results again where the key is released in another window."""
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self.grid.set_revealed(False)
        super().changeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.open_paths(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """End what runs in the background."""
        if self.asks_before_closing and not (self.results_kept() or self._closing.may_end()):
            event.ignore()
            return
        self.closing = True
        self.cine.play(False)
        self._lab.close()
        self.surfaces.close()
        # Out of sight first: what is under way in the background may take a moment to end.
        self.pane_windows.hide_all()
        self.hide()
        self._search.stop()
        self.loader.close()
        self.runs.close()
        self.registering.close()
        for background in self._backgrounds:
            background.close()
        self.annotations.flush()
        self.ended.emit()
        super().closeEvent(event)
