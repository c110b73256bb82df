"""Original against result: what the overlay and the swipe line show, where a result comes up, whose window is set."""

from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QCursor
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from medgan_viewer.core.colour_maps import DIFFERENCES, NAMES
from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Change, Document, LayerAdded, LayerChanged, LayerRemoved, SeriesClosed
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.priors import prior_and_current
from medgan_viewer.ui.keys import shown_on
from medgan_viewer.ui.placing import Placing
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.compared import Image, SeriesImage
from medgan_viewer.ui.views.grid import FASTEST_FLICKER, LAYOUTS, WAYS, Comparison, ViewGrid
from medgan_viewer.ui.views.links import patients_differ
from medgan_viewer.ui.views.pane import Pane

__all__ = ["Comparing"]

# The widest range of a difference that can be typed.
_WIDEST = 100_000.0
# Degrees by which a key turns the lines of MPR.
_TURN = 5.0


class Comparing(Placing):
    """Puts results where they can be compared with the original, and one examination beside another."""

    def __init__(
        self, document: Document, grid: ViewGrid, open_series: Callable[[str, Pane], None], parent: QWidget
    ) -> None:
        super().__init__(document, grid, open_series, parent)
        # Whether what lies over the original is drawn as soon as it is there, or when the reader asks for it.
        self.draws_at_once = False
        # Results of runs that nobody has asked to see yet.
        self._awaiting: set[str] = set()
        # The key of linking by registration.
        self._registering = ""
        # The key of choosing another image.
        self._choosing = ""
        document.subscribe(self._on_change)

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what the actions call."""
        made: dict[str, Callable[..., object]] = {
            "compare.link": self._grid.set_linked,
            "compare.link_by_hand": self.link_by_hand,
            "compare.prior": self.show_prior,
            "compare.overlay": self.set_overlay,
            "compare.flicker_rate": self.ask_flicker_rate,
            "compare.difference_range": self.ask_difference_range,
            "compare.difference_colours": self.ask_difference_colours,
            "compare.with": self.ask_other,
            "compare.keep": self.keep_image,
            "layout.turn_left": lambda: self.turn_lines(-_TURN),
            "layout.turn_right": lambda: self.turn_lines(_TURN),
            "layout.straighten": self._grid.straighten,
        }
        for way in WAYS:
            made[f"compare.{way}"] = lambda on, chosen=way: self.compare(chosen if on else None)
        return made

    def show_state(self, by_id: Mapping[str, QAction]) -> None:
        """Check the actions of what is switched on."""
        by_id["compare.link"].setChecked(self._grid.linked)
        by_id["compare.overlay"].setChecked(self._grid.overlay_shown)
        shown = self._grid.comparison_shown
        for way in WAYS:
            by_id[f"compare.{way}"].setChecked(shown == way)
        self._registering = shown_on(by_id["compare.register"])
        self._choosing = shown_on(by_id["compare.with"])

    def show_layer(self, layer_uid: str) -> None:
        """Show a synthetic image in a pane beside its source, anything else over its source."""
        layer = self._document.layer(layer_uid)
        if isinstance(layer, ImageLayer):
            beside = layer.source_series_uid, layer.contrast
            if self._grid.layout_name == "1x1" or not self._grid.has_room_beside(*beside):
                self._show_wider(layer_uid)
            else:
                self._grid.show_layer(layer_uid, self._grid.pane_beside(*beside))
        elif isinstance(layer, DoubtLayer):
            self._show_doubt(layer)
        else:
            self._grid.show_layer(layer_uid)
            self._grid.set_overlay_visible(True)

    def choose_layer(self, layer_uid: str) -> None:
        """Show a result that the reader chose; undo brings back the picture whose place it took."""
        layer, pane = self._document.layer(layer_uid), self._grid.active_pane
        if isinstance(layer, ImageLayer):
            beside = layer.source_series_uid, layer.contrast
            pane = self._grid.pane_beside(*beside) if self._grid.has_room_beside(*beside) else pane
        words = tr("Show {0} in the pane").format(layer.name)
        self._grid.replace_shown(words, lambda: self.show_layer(layer_uid), pane)

    def _show_wider(self, layer_uid: str) -> None:
        """Show a synthetic image in the first pane of one more column, or row: all that is shown stays."""
        rows, columns = LAYOUTS[self._grid.layout_name]
        wider = next((one for one in (f"{rows}x{columns + 1}", f"{rows + 1}x{columns}") if one in LAYOUTS), "")
        if wider:
            self._grid.set_layout_name(wider)
        source = self._document.layer(layer_uid).source_series_uid
        pane = self._grid.panes[rows * columns] if wider else self._grid.pane_beside(source)
        self._grid.show_layer(layer_uid, pane)

    def take_results(self, layers: Sequence[Layer]) -> None:
        """Take what a run makes: an image into a pane of its own, doubt that was asked for, the rest for later.

        A heat map that is drawn unasked makes reading longer.
        """
        for number, layer in enumerate(layers):
            if not isinstance(layer, HeatLayer | LabelLayer):
                if number == 0 or not isinstance(layer, ImageLayer):
                    self.show_layer(layer.uid)
            elif self.draws_at_once:
                self.show_layer(layer.uid)
            elif not layer.visible:
                self._awaiting.add(layer.uid)

    def tell_results(self, layers: Sequence[Layer], key: str) -> None:
        """Say how to see results that are there now and that nobody sees; ``key`` stands for the overlay."""
        drawn = self._grid.overlay_visible
        hidden = [layer for layer in layers if not (drawn and self._document.layer(layer.uid).visible)]
        if hidden:
            how = tr("{0} is there: press {1} to draw it over the original.")
            ticked = tr("{0} is there: tick it under Layers to draw it over the original.")
            self.notice.emit((how if key else ticked).format(tr(hidden[0].provenance.model_name), key))

    def draw_awaiting(self) -> bool:
        """Draw the results that nobody has seen yet, over the originals; return whether there were some."""
        uids, self._awaiting = self._awaiting, set()
        layers = [layer for layer in self._document.layers if layer.uid in uids]
        for layer in layers:
            self._document.change_layer(layer.changed(visible=True))
        if layers:
            self._grid.set_overlay_visible(True)
        return bool(layers)

    def _on_change(self, change: Change) -> None:
        """Wait no longer for what was shown, or is gone; let the switches stand at what is shown now."""
        match change:
            case LayerRemoved(uid):
                self._awaiting.discard(uid)
            case LayerChanged(uid, None) if uid in self._awaiting and self._document.layer(uid).visible:
                self._awaiting.discard(uid)
            case _:
                pass
        match change:
            case LayerAdded() | LayerRemoved() | LayerChanged(index=None) | SeriesClosed():
                self._grid.state_changed.emit()
            case _:
                pass

    def _show_doubt(self, doubt: DoubtLayer) -> None:
        """Draw a doubt over its image, which comes up where no pane shows it."""
        shown = {pane.shown.layer_uid for pane in self._grid.visible_panes if pane.shown is not None}
        image = next((one for one in self._document.layers if one.uid == doubt.image_uid), None)
        if image is not None and image.uid not in shown and not image.visible:
            self.show_layer(image.uid)
        if not doubt.visible:
            self._document.change_layer(doubt.changed(visible=True))
        self._grid.set_overlay_visible(True)

    def set_overlay(self, on: bool) -> None:
        """Draw results over the originals, or do not. What came since is drawn first, whatever was drawn before.

        Where nothing would be drawn, all segmentations and heat maps are; without any, the synthetic image in a pane.
        """
        if self.draw_awaiting():
            # The switch stands at on, though it may have been pressed to be off.
            self._grid.state_changed.emit()
            return
        layers = self._layers_here()
        if on and not any(layer.visible for layer in layers):
            over = [layer for layer in layers if isinstance(layer, HeatLayer | LabelLayer)]
            for layer in over:
                self._document.change_layer(layer.changed(visible=True))
            if not over:
                self._put_image_over(layers)
        self._grid.set_overlay_visible(on)
        if on and not self._grid.overlay_shown:
            self.notice.emit(tr("There is no result to lie over the images shown; run a model first."))
        # The switch stands at what is shown, whatever it was pressed to be.
        self._grid.state_changed.emit()

    def compare(self, way: Comparison | None) -> None:
        """Compare two images in one pane, or end that: those chosen, else the original and its synthetic image."""
        self._compare(way)
        # The switches stand at what is shown, whatever they were pressed to be.
        self._grid.state_changed.emit()

    def _compare(self, way: Comparison | None) -> None:
        scene, pair = self._grid.active_pane.scene, self._grid.pair
        if way is not None and pair is not None and scene is not None:
            if scene.image_uid in pair and {image.uid for image in scene.images()} >= set(pair):
                self._grid.set_comparison(way)
                return
            self._grid.set_pair(None)
        layers = self._layers_here()
        images = [layer for layer in layers if isinstance(layer, ImageLayer)]
        beside = self._registered_beside() if way is not None and not images else None
        if beside is not None:
            self._grid.set_comparison(way)
            self.compare_with(beside)
            return
        if way is not None and not images:
            self.notice.emit(self._nothing_to_compare())
            return
        if way is not None and not any(layer.visible for layer in images):
            self._put_image_over(layers)
        self._grid.set_comparison(way)

    def _nothing_to_compare(self) -> str:
        """Return why the active pane shows nothing that could be compared, and what to do."""
        key = f" ({self._registering})" if self._registering else ""
        shown = [pane.scene.opened.study for pane in self._grid.visible_panes if pane.scene and pane.scene.opened]
        if self._grid.other_spaces():
            words = tr("The other pane lies in a space of its own: link it by registration first{0}, then compare.")
            return words.format(key)
        if len(shown) > 1 and patients_differ(shown):
            return tr("Images that are not surely of one patient cannot be compared in one pane.")
        return tr(
            "There is no synthetic image of this series to compare it with; run a model first, or choose "
            "another image: Compare with…{0}."
        ).format(f" ({self._choosing})" if self._choosing else "")

    def _registered_beside(self) -> str | None:
        """Return the series of another pane that was registered to the active one, None where there is none."""
        scene = self._grid.active_pane.scene
        shown = {pane.scene.image_uid for pane in self._grid.visible_panes if pane.scene is not None}
        images = () if scene is None else scene.images()
        return next((one.uid for one in images if isinstance(one, SeriesImage) and one.how and one.uid in shown), None)

    def ask_flicker_rate(self) -> None:
        """Ask how often flickering panes change."""
        title, words, now = tr("Rate of flickering"), tr("Changes a second:"), self._grid.flicker_rate
        rate, given = QInputDialog.getDouble(self._window, title, words, now, 0.2, FASTEST_FLICKER, 1)
        if given:
            self._grid.set_flicker_rate(rate)

    def ask_difference_range(self) -> None:
        """Ask up to which difference colours go."""
        shown = self._grid.difference_range
        if shown is None:
            self.notice.emit(tr("The active pane shows no difference."))
            return
        now, unit = shown
        title, words = tr("Range of the difference"), tr("Strongest colour at ±, in {0}:").format(unit)
        wanted, given = QInputDialog.getDouble(self._window, title, words, now, 0.01, _WIDEST, 2)
        if given:
            self._grid.set_difference_range(wanted)

    def ask_difference_colours(self) -> None:
        """Ask in which colours differences are drawn."""
        names = [tr(NAMES[one]) for one in DIFFERENCES]
        now = DIFFERENCES.index(self._grid.difference_colours)
        title, words = tr("Colours of the difference"), tr("From less over none to more:")
        chosen, given = QInputDialog.getItem(self._window, title, words, names, now, False)
        if given and chosen in names:
            self._grid.set_difference_colours(DIFFERENCES[names.index(chosen)])

    def ask_other(self) -> None:
        """Ask which image the one in the active pane is compared with."""
        menu = self.others_menu()
        if menu is None:
            sentence = tr(
                "Nothing else is open in the space of the active pane; a series of another space can be compared once "
                "it is linked by registration{0}."
            )
            self.notice.emit(sentence.format(f" ({self._registering})" if self._registering else ""))
            return
        menu.popup(QCursor.pos())

    def others_menu(self) -> QMenu | None:
        """Return a menu of the images in the space of the active pane, to compare; None where there are none."""
        scene = self._grid.active_pane.scene
        others = [] if scene is None else [one for one in scene.images() if one.uid != scene.image_uid]
        if not others:
            return None
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        usual = menu.addAction(tr("Original and its synthetic image"))
        usual.setCheckable(True)
        usual.setChecked(self._grid.pair is None)
        usual.triggered.connect(lambda: self._grid.set_pair(None))
        menu.addSeparator()
        for image in others:
            action = menu.addAction(_title(image))
            action.setCheckable(True)
            action.setChecked(self._grid.pair is not None and image.uid in self._grid.pair)
            action.triggered.connect(lambda _on, uid=image.uid: self.compare_with(uid))
        return menu

    def compare_with(self, uid: str) -> None:
        """Compare what the active pane shows with another image (by UID), an acquired one being the first of the two.

        Where nothing is compared yet a swipe line parts them.
        """
        scene = self._grid.active_pane.scene
        if scene is None:
            return
        by_uid = {image.uid: image for image in scene.images()}
        mine, other = by_uid[scene.image_uid], by_uid[uid]
        ordered = sorted((mine, other), key=_is_synthetic)
        self._grid.set_pair((ordered[0].uid, ordered[1].uid))
        if self._grid.comparison is None:
            self._grid.set_comparison("swipe")

    def keep_image(self) -> None:
        """Keep a copy of the synthetic image in the active pane: a later run can be compared with it."""
        scene = self._grid.active_pane.scene
        image = None if scene is None else scene.image_over()
        if image is None or not image.complete:
            self.notice.emit(tr("The active pane shows no synthetic image that is finished."))
            return
        how = tr("kept") if image.degree is None else f"{image.control} {image.degree:.2g}"
        # Voxels of a result are never written again: another degree comes with voxels of its own.
        copy = image.changed(uid=uuid4().hex, name=f"{image.name} · {how}", visible=False, kept=True)
        self._document.execute(AddLayers((copy,)))
        self.notice.emit(tr("Kept as “{0}”.").format(copy.name))

    def link_by_hand(self) -> None:
        """Take the middles of the panes for the same place, or part panes that were linked so."""
        if not self._grid.link_by_hand():
            self.notice.emit(tr("No other pane shows a series of this patient in a space of its own."))

    def show_prior(self) -> None:
        """Show the most similar series of another study of the patient beside the selected one, the earlier left."""
        uid = self._document.selected_series
        pair = None if uid is None else prior_and_current(self._document.catalog, uid)
        if pair is None:
            self.notice.emit(tr("No other study of this patient with such a series is open."))
            return
        self._grid.set_layout_name("1x2")
        for series_uid, pane in zip(pair, self._grid.panes[:2], strict=True):
            self._open_series(series_uid, pane)
        self._grid.refresh()

    def turn_lines(self, degrees: float) -> None:
        """Turn the lines of the active pane of MPR."""
        if not self._grid.turn_lines(degrees):
            self.notice.emit(tr("Lines are turned in one of the three planes of MPR."))

    def apply_in_hu(self, window: Window) -> bool:
        """Apply a window in HU to the image in the active pane; return False where that is not in HU."""
        content = self._grid.active_pane.content
        if content is None:
            return True
        opened = self._document.opened(content.series_uid)
        if content.layer_uid is not None:
            unit = self._document.layer(content.layer_uid).volume.unit
        else:
            unit = opened.stack.unit if opened is not None else ""
        if unit == "HU":
            self._grid.apply_window(window)
        return unit == "HU"

    def _layers_here(self) -> tuple[Layer, ...]:
        content = self._grid.active_pane.content
        return () if content is None else self._document.layers_of(content.series_uid)

    def _put_image_over(self, layers: Sequence[Layer]) -> None:
        """Let the synthetic image that stands in a pane, else the newest, lie over its source."""
        images = [layer for layer in layers if isinstance(layer, ImageLayer)]
        contents = [pane.content for pane in self._grid.visible_panes]
        shown = {content.layer_uid for content in contents if content is not None}
        in_pane = [layer for layer in images if layer.uid in shown]
        for layer in (in_pane or images)[-1:]:
            self._document.change_layer(layer.changed(visible=True))


def _is_synthetic(image: Image) -> bool:
    return image.opened.series.synthetic if isinstance(image, SeriesImage) else True


def _title(image: Image) -> str:
    """Return an image's name in a menu: what is synthetic is said to be so."""
    if isinstance(image, SeriesImage):
        series = image.opened.series
        number = "" if series.number is None else f"{series.number} · "
        where = f" · {image.how}" if image.how else ""
        return f"{number}{series.description or series.modality}{where}" + (" · SYNTHETIC" if series.synthetic else "")
    return f"{image.name} · {image.provenance.model_name} · SYNTHETIC"
