"""The window: studies left, images in the middle, models and layers right, findings below."""

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QMessageBox,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.commands import RemoveLayers
from medgan_viewer.core.display import CT_PRESETS, Window
from medgan_viewer.core.document import (
    Change,
    Document,
    LayerAdded,
    LayerChanged,
    SelectionChanged,
    SeriesLoaded,
    SeriesOpened,
    UndoChanged,
)
from medgan_viewer.core.layers import HeatLayer, ImageLayer, Layer
from medgan_viewer.errors import described
from medgan_viewer.ui import actions
from medgan_viewer.ui.banner import Banner
from medgan_viewer.ui.device_button import DeviceButton
from medgan_viewer.ui.dialogs import texts
from medgan_viewer.ui.loading import Background, Loader
from medgan_viewer.ui.panels.findings import FindingsPanel
from medgan_viewer.ui.panels.layers import LayersPanel
from medgan_viewer.ui.panels.models import ModelsPanel
from medgan_viewer.ui.panels.studies import StudiesPanel
from medgan_viewer.ui.panels.widgets import button, label
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.style import apply_theme
from medgan_viewer.ui.theme import DARK, LIGHT
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane

if TYPE_CHECKING:
    from medgan_viewer.core.layers import Finding

__all__ = ["MainWindow"]

_log = logging.getLogger(__name__)

_LEFT, _RIGHT = 250, 300
_LAYOUTS = ("1x1", "1x2", "2x2", "mpr")
_TOOLS = ("window", "scroll", "pan", "zoom", "crosshair")


class MainWindow(QMainWindow):
    """Puts document, images, panels and runs together; holds no scan data of its own."""

    virtual_patient_asked = Signal()

    def __init__(self, document: Document, loader: Loader, runs: Runs) -> None:
        super().__init__()
        self.setObjectName("shell")
        self.setWindowTitle("MedGAN Viewer")
        self.setAcceptDrops(True)
        self.document, self.loader, self.runs = document, loader, runs
        self._theme = DARK
        # A program that nobody sits at (the demonstration) closes without a question.
        self.asks_before_closing = False
        self.closing = False
        self._open_when_found = False
        self._backgrounds: list[Background] = []
        self._find_in_background = self.background("findings")
        # A threshold is dragged: findings are computed when it has rested.
        self._find_timer = QTimer(self)
        self._find_timer.setSingleShot(True)
        self._find_timer.setInterval(120)
        self._find_timer.timeout.connect(self._find)
        self._find_wanted: set[str] = set()
        self._find_running = 0
        self._thresholds: dict[str, float] = {}
        self._build()
        self._connect()
        self._update_actions()

    def background(self, name: str) -> Background:
        """Return a background thread that ends with the window."""
        made = Background(name, self)
        self._backgrounds.append(made)
        return made

    # -- building ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.grid = ViewGrid(self.document, self._theme)
        self.studies = StudiesPanel(self.document)
        self.models = ModelsPanel(self.document, self.runs)
        self.layers = LayersPanel(self.document)
        self.findings = FindingsPanel(self.document)
        self.actions_by_id = actions.create(self._handlers(), self, self.grid)
        shell = QWidget()
        shell.setObjectName("shell")
        self.setCentralWidget(shell)
        column = QVBoxLayout(shell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._toolbar())
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setHandleWidth(1)
        self._left = self._side(self.studies, "sideLeft")
        right = QWidget()
        right.setObjectName("sideContent")
        right_column = QVBoxLayout(right)
        right_column.setContentsMargins(0, 0, 0, 0)
        right_column.setSpacing(0)
        right_column.addWidget(self.models)
        right_column.addWidget(self.layers, 1)
        self._right = self._side(right, "sideRight")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._welcome())
        self._stack.addWidget(self.grid)
        for widget in (self._left, self._stack, self._right):
            self._splitter.addWidget(widget)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_LEFT, 900, _RIGHT])
        self._splitter.setChildrenCollapsible(False)
        column.addWidget(self._splitter, 1)
        column.addWidget(self.findings)
        column.addWidget(self._statusbar())
        self.banner = Banner(self._stack)

    def _side(self, content: QWidget, name: str) -> QScrollArea:
        area = QScrollArea()
        area.setObjectName(name)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setMinimumWidth(200)
        area.setWidget(content)
        return area

    def _toolbar(self) -> QWidget:
        bar = QFrame()
        bar.setObjectName("toolbar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(2)
        brand = QLabel("MedGAN Viewer")
        brand.setObjectName("brand")
        # Gives way first where the window is narrow.
        brand.setMinimumWidth(1)
        row.addWidget(brand)
        groups = (
            [f"tool.{name}" for name in _TOOLS],
            [f"layout.{name}" for name in _LAYOUTS],
            ["compare.link", "compare.overlay", "compare.swipe"],
        )
        for group in groups:
            row.addWidget(self._separator())
            for action_id in group:
                row.addWidget(self._tool_button(action_id))
        row.addStretch(1)
        for action_id in ("file.open_folder", "file.export", "help.keys"):
            row.addWidget(self._tool_button(action_id))
        row.addWidget(self._menu_button())
        return bar

    def _menu_button(self) -> QToolButton:
        """Return the button whose menu holds every action, by group."""
        menu = QMenu(self)
        for group in dict.fromkeys(spec.group for spec in actions.TABLE):
            part = menu.addMenu(group)
            for spec in actions.TABLE:
                if spec.group == group:
                    part.addAction(self.actions_by_id[spec.id])
        made = QToolButton()
        made.setText("Menu")
        made.setMenu(menu)
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        made.setToolTip("Everything the program can do")
        made.setAccessibleName("Menu")
        return made

    def _on_context_menu(self, _pane: object, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        windows = menu.addMenu("Window")
        for spec in actions.TABLE:
            if spec.group == "Window":
                windows.addAction(self.actions_by_id[spec.id])
        for action_id in ("image.invert", "image.rotate", "image.reset"):
            menu.addAction(self.actions_by_id[action_id])
        menu.addSeparator()
        for action_id in ("compare.overlay", "compare.swipe", "compare.link"):
            menu.addAction(self.actions_by_id[action_id])
        menu.addSeparator()
        menu.addAction(self.actions_by_id["file.export"])
        menu.popup(position)

    def _separator(self) -> QFrame:
        line = QFrame()
        line.setObjectName("separator")
        return line

    def _tool_button(self, action_id: str) -> QToolButton:
        made = QToolButton()
        made.setDefaultAction(self.actions_by_id[action_id])
        made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        short = {"file.open_folder": "Open…", "help.keys": "?"}
        if action_id in short:
            made.setText(short[action_id])
        made.setAccessibleName(self.actions_by_id[action_id].toolTip())
        return made

    def _welcome(self) -> QWidget:
        page = QWidget()
        page.setObjectName("shell")
        column = QVBoxLayout(page)
        column.addStretch(2)
        title = label("Open a study", "welcome")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(title)
        text = label("Drop DICOM or NIfTI files or a folder here. Nothing leaves this computer.", "quiet")
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column.addWidget(text)
        column.addSpacing(14)
        row = QHBoxLayout()
        row.addStretch()
        folder = button("Open a folder…", "Open every study in a folder", "primary")
        folder.clicked.connect(self.actions_by_id["file.open_folder"].trigger)
        virtual = button("Try the virtual patient", "A head made by the program's own generator; it belongs to nobody")
        virtual.clicked.connect(self.actions_by_id["file.virtual"].trigger)
        row.addWidget(folder)
        row.addWidget(virtual)
        row.addStretch()
        column.addLayout(row)
        column.addStretch(3)
        return page

    def _statusbar(self) -> QWidget:
        bar = QFrame()
        bar.setObjectName("statusbar")
        row = QHBoxLayout(bar)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(QLabel("Research use only. Not for diagnosis."))
        row.addStretch(1)
        self._activity = QLabel("")
        row.addWidget(self._activity)
        self.device = DeviceButton(self.runs.device)
        self.device.device_chosen.connect(self.runs.set_device)
        row.addWidget(self.device)
        return bar

    def _handlers(self) -> dict[str, Callable[..., object]]:
        grid = self.grid
        handlers: dict[str, Callable[..., object]] = {
            "file.open_folder": self._on_open_folder,
            "file.open_files": self._on_open_files,
            "file.virtual": self.virtual_patient_asked.emit,
            "file.export": self._on_export,
            "file.quit": self.close,
            "edit.undo": self.document.undo,
            "edit.redo": self._on_redo,
            "image.next_slice": lambda: grid.step(1),
            "image.previous_slice": lambda: grid.step(-1),
            "image.next_ten": lambda: grid.step(10),
            "image.previous_ten": lambda: grid.step(-10),
            "image.first": grid.go_first,
            "image.last": grid.go_last,
            "image.previous_series": lambda: self._step_series(-1),
            "image.next_series": lambda: self._step_series(1),
            "image.reset": grid.reset_view,
            "image.invert": grid.invert,
            "image.rotate": grid.rotate,
            "window.auto": grid.auto_window,
            "window.cycle": grid.cycle_series_window,
            "compare.link": grid.set_linked,
            "compare.overlay": self._on_overlay,
            "compare.swipe": self._on_swipe,
            "finding.next": lambda: self.findings.step(1),
            "finding.previous": lambda: self.findings.step(-1),
            "finding.accept": lambda: self.findings.give_verdict("accepted"),
            "finding.reject": lambda: self.findings.give_verdict("rejected"),
            "view.hide_patient": self._on_hide_patient,
            "view.panels": self._on_hide_panels,
            "view.light": self.set_light,
            "view.full_screen": self._on_full_screen,
            "help.cancel": self._on_cancel,
            "help.keys": lambda: self._show(texts.keys(self)),
            "help.about": lambda: self._show(texts.about(self)),
        }
        for number, (_, window) in enumerate(CT_PRESETS, start=2):
            handlers[f"window.{number}"] = partial(self._on_preset, window)
        for name in _TOOLS:
            handlers[f"tool.{name}"] = lambda _on, tool=name: grid.set_tool(tool)
        for name in _LAYOUTS:
            handlers[f"layout.{name}"] = lambda _on, layout=name: grid.set_layout_name(layout)
        return handlers

    def _connect(self) -> None:
        self.document.subscribe(self._on_change)
        self.studies.series_chosen.connect(self.open_series)
        self.studies.layer_chosen.connect(self._show_layer)
        self.studies.close_asked.connect(self._on_close_study)
        self.studies.thumbnail_wanted.connect(self.loader.ask_thumbnail)
        self.loader.thumbnail_ready.connect(self.studies.set_thumbnail)
        self.loader.problem.connect(lambda sentence: self.banner.say(sentence, error=True))
        self.loader.scanning_changed.connect(self._on_scanning)
        self.models.run_asked.connect(self.run_model)
        self.models.card_asked.connect(self._show_card)
        self.layers.card_asked.connect(self._show_card)
        self.layers.remove_asked.connect(self._on_remove_layer)
        self.runs.layers_added.connect(self._on_layers_added)
        self.runs.heat_ready.connect(self._want_findings)
        self.runs.changed.connect(lambda _: self._update_activity())
        self.runs.notice.connect(lambda sentence: self.banner.say(sentence, error=False))
        self.runs.failed.connect(lambda sentence: self.banner.say(sentence, error=True))
        self.grid.files_dropped.connect(self.open_paths)
        self.grid.series_dropped.connect(self._on_series_dropped)
        self.grid.looked_at.connect(self.runs.look_at)
        self.grid.context_menu_asked.connect(self._on_context_menu)
        self.grid.active_pane_changed.connect(self._on_active_pane)
        self.grid.tool_changed.connect(lambda _: self._update_actions())
        self.grid.state_changed.connect(self._update_actions)

    # -- opening -------------------------------------------------------------------------------------------------

    def open_paths(self, paths: Sequence[Path]) -> None:
        """Open files and folders; the first series found comes up where none is open yet."""
        self._open_when_found = self.document.selected_series is None
        self.loader.scan([Path(path) for path in paths])

    def open_series(self, series_uid: str) -> None:
        """Show a series in the active pane."""
        self._open_when_found = False
        self._stack.setCurrentWidget(self.grid)
        self.loader.open(series_uid)
        if self.document.opened(series_uid) is not None:
            self.grid.show_series(series_uid)
            self.document.select_series(series_uid)
            self.grid.setFocus()

    def _on_scanning(self, scanning: bool) -> None:
        self._update_activity("Reading the folder…" if scanning else "")
        if not scanning and self._open_when_found and self.document.catalog.studies:
            self._open_when_found = False
            self.open_series(self.document.catalog.studies[0].series[0].uid)

    def _on_close_study(self, study: Study) -> None:
        """Close a study; ask first where results or verdicts would be lost."""
        uids = {series.uid for series in study.series}
        has_results = any(layer.source_series_uid in uids for layer in self.document.layers)
        if has_results and not self._may_lose("Close the study"):
            return
        for state in self.runs.states:
            if state.active and state.series_uid in uids:
                self.runs.cancel(state.job_id)
        for uid in uids:
            self.loader.abandon(uid)
        self.document.close_study(study)
        if not self.document.catalog.studies:
            self._stack.setCurrentIndex(0)

    def _may_lose(self, doing: str) -> bool:
        """Ask whether results may go; no answer is no."""
        question = f"{doing}? Results and verdicts on findings are not kept. Results can be exported first."
        return QMessageBox.question(self, doing, question) == QMessageBox.StandardButton.Yes

    def _on_series_dropped(self, uid: str, pane: Pane) -> None:
        if any(layer.uid == uid for layer in self.document.layers):
            self.grid.show_layer(uid, pane)
            return
        self._stack.setCurrentWidget(self.grid)
        self.loader.open(uid)
        if self.document.opened(uid) is not None:
            self.grid.show_series(uid, pane)
            self.document.select_series(uid)

    def _step_series(self, step: int) -> None:
        uid = self.studies.neighbour(step)
        if uid is not None:
            self.open_series(uid)

    def _on_open_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Open a folder with studies")
        if folder:
            self.open_paths([Path(folder)])

    def _on_open_files(self) -> None:
        files, _ = QFileDialog.getOpenFileNames(self, "Open DICOM or NIfTI files")
        if files:
            self.open_paths([Path(file) for file in files])

    # -- models --------------------------------------------------------------------------------------------------

    def run_model(self, model_id: str, series_uid: str) -> str | None:
        """Run a model on a series; return the job's id, None where it could not be started."""
        package = self.models.package(model_id)
        if package is None:
            return None
        return self.runs.start(package, series_uid, self.grid.visible_slice(series_uid))

    def _on_layers_added(self, layers: Sequence[Layer]) -> None:
        """Show what a run makes: an image in a pane of its own, anything else over its source."""
        for number, layer in enumerate(layers):
            if not isinstance(layer, ImageLayer) or number == 0:
                self._show_layer(layer.uid)

    def _show_layer(self, layer_uid: str) -> None:
        layer = self.document.layer(layer_uid)
        self._stack.setCurrentWidget(self.grid)
        if isinstance(layer, ImageLayer):
            if self.grid.layout_name == "1x1":
                self.grid.set_layout_name("1x2")
            self.grid.show_layer(layer_uid, self.grid.pane_beside(layer.source_series_uid))
        else:
            self.grid.show_layer(layer_uid)
            self.grid.set_overlay_visible(True)

    def _on_remove_layer(self, layer_uid: str) -> None:
        self.document.execute(RemoveLayers((self.document.layer(layer_uid),)))

    def _show_card(self, model_id: str) -> None:
        package = self.models.package(model_id)
        if package is not None and package.card.is_file():
            self._show(texts.card(self, package.manifest.name, package.card))

    # -- findings ------------------------------------------------------------------------------------------------

    def _want_findings(self, layer_uid: str) -> None:
        self._find_wanted.add(layer_uid)
        self._find_timer.start()

    def _find(self) -> None:
        from medgan_viewer.core import findings

        for uid in self._find_wanted:
            layer = next((made for made in self.document.layers if made.uid == uid), None)
            if isinstance(layer, HeatLayer):
                self._find_running += 1
                self._find_in_background.run(partial(findings.find, layer), partial(self._on_found, uid))
        self._find_wanted.clear()

    @property
    def finding(self) -> bool:
        """Whether findings are being listed."""
        return bool(self._find_wanted) or self._find_running > 0

    def _on_found(self, layer_uid: str, found: "tuple[Finding, ...] | Exception") -> None:
        self._find_running -= 1
        if isinstance(found, Exception):
            _log.error("findings could not be listed: %s", described(found))
            self.banner.say("The findings could not be listed; the heat map itself is unharmed.", error=True)
        elif any(layer.uid == layer_uid for layer in self.document.layers):
            self.document.set_findings(layer_uid, found)

    # -- the rest ------------------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        match change:
            case UndoChanged() | SelectionChanged() | SeriesOpened() | SeriesLoaded():
                self._update_actions()
            case LayerAdded(uid) | LayerChanged(uid, None):
                layer = self.document.layer(uid)
                if isinstance(layer, HeatLayer) and (
                    self._thresholds.get(uid) != layer.threshold or not self.document.findings(uid)
                ):
                    self._thresholds[uid] = layer.threshold
                    self._want_findings(uid)
            case _:
                pass

    def _on_active_pane(self) -> None:
        content = self.grid.active_pane.content
        if content is not None:
            self.document.select_series(content.series_uid)

    def _update_actions(self) -> None:
        for name in _TOOLS:
            self.actions_by_id[f"tool.{name}"].setChecked(self.grid.tool == name)
        for name in _LAYOUTS:
            self.actions_by_id[f"layout.{name}"].setChecked(self.grid.layout_name == name)
        self.actions_by_id["compare.link"].setChecked(self.grid.linked)
        self.actions_by_id["compare.overlay"].setChecked(self.grid.overlay_visible)
        self.actions_by_id["compare.swipe"].setChecked(self.grid.swipe)
        for action_id, text in (("edit.undo", self.document.undo_label), ("edit.redo", self.document.redo_label)):
            self.actions_by_id[action_id].setEnabled(text is not None)
        self.actions_by_id["file.export"].setEnabled(bool(self.document.layers))

    def _update_activity(self, text: str = "") -> None:
        begun = [state for state in self.runs.states if state.device]
        if begun:
            self.device.set_last_run(begun[-1].device)
        self._activity.setText(text)

    def _show(self, dialog: QDialog) -> None:
        dialog.show()
        dialog.raise_()

    def _on_export(self) -> None:
        from medgan_viewer.ui.dialogs.export import ExportDialog

        if self.document.layers:
            self._show(ExportDialog(self.document, self.grid, self))

    def _on_redo(self) -> None:
        """Do it again, and show again what comes back with it."""
        there = {layer.uid for layer in self.document.layers}
        self.document.redo()
        back = [layer for layer in self.document.layers if layer.uid not in there]
        if back:
            self._on_layers_added(back)

    def _on_overlay(self, on: bool) -> None:
        """Draw results over the originals; where only synthetic images could be drawn, the one in a pane comes up."""
        layers = self._layers_here()
        if on and not any(layer.visible for layer in layers):
            self._put_image_over(layers)
        self.grid.set_overlay_visible(on)

    def _on_swipe(self, on: bool) -> None:
        layers = self._layers_here()
        if on and not any(isinstance(layer, ImageLayer) and layer.visible for layer in layers):
            if not any(isinstance(layer, ImageLayer) for layer in layers):
                self.banner.say(
                    "There is no synthetic image of this series to swipe to; run a model first.", error=False
                )
                self._update_actions()
                return
            self._put_image_over(layers)
        self.grid.set_swipe(on)

    def _layers_here(self) -> tuple[Layer, ...]:
        content = self.grid.active_pane.content
        return () if content is None else self.document.layers_of(content.series_uid)

    def _put_image_over(self, layers: Sequence[Layer]) -> None:
        """Let the synthetic image that stands in a pane, else the newest, lie over its source."""
        images = [layer for layer in layers if isinstance(layer, ImageLayer)]
        contents = [pane.content for pane in self.grid.visible_panes]
        shown = {content.layer_uid for content in contents if content is not None}
        in_pane = [layer for layer in images if layer.uid in shown]
        for layer in (in_pane or images)[-1:]:
            self.document.change_layer(layer.changed(visible=True))

    def _on_preset(self, window: Window) -> None:
        """Apply a CT preset, in HU, to an image in HU and to no other."""
        content = self.grid.active_pane.content
        if content is None:
            return
        opened = self.document.opened(content.series_uid)
        if content.layer_uid is not None:
            unit = self.document.layer(content.layer_uid).volume.unit
        else:
            unit = opened.stack.unit if opened is not None else ""
        if unit == "HU":
            self.grid.apply_window(window)
        else:
            self.banner.say(
                "The presets are in HU and this image is not; press 0 for an automatic window.", error=False
            )

    def _on_hide_patient(self, hidden: bool) -> None:
        self.grid.set_patient_data_hidden(hidden)
        self.studies.set_patient_data_hidden(hidden)

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

    def _on_full_screen(self, full: bool) -> None:
        if full:
            self.showFullScreen()
        else:
            self.showNormal()

    def _on_cancel(self) -> None:
        active = [state for state in self.runs.states if state.active]
        for state in active:
            self.runs.cancel(state.job_id)
        if not active and self.isFullScreen():
            self.actions_by_id["view.full_screen"].setChecked(False)
            self.showNormal()

    # -- Qt ------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Reveal the original while Q is held."""
        if self._is_reveal(event):
            self.grid.set_revealed(True)
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Show the results again."""
        if self._is_reveal(event):
            self.grid.set_revealed(False)
        else:
            super().keyReleaseEvent(event)

    @staticmethod
    def _is_reveal(event: QKeyEvent) -> bool:
        return event.key() == Qt.Key.Key_Q and not event.isAutoRepeat()

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the message in its place."""
        super().resizeEvent(event)
        self.banner.place()

    def closeEvent(self, event: QCloseEvent) -> None:
        """End what runs in the background."""
        if self.asks_before_closing and self.document.layers and not self._may_lose("Close the program"):
            event.ignore()
            return
        self.closing = True
        # Out of sight first: what is under way in the background may take a moment to end.
        self.hide()
        self._find_timer.stop()
        self.loader.close()
        self.runs.close()
        for background in self._backgrounds:
            background.close()
        super().closeEvent(event)
