"""Which models fit the selected series, and how their runs stand."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QProgressBar, QVBoxLayout, QWidget

from medgan_viewer.core.document import (
    CatalogChanged,
    Change,
    Document,
    LayerAdded,
    LayerChanged,
    LayerRemoved,
    SelectionChanged,
    SeriesClosed,
    SeriesLoaded,
    SeriesOpened,
)
from medgan_viewer.errors import MedganError
from medgan_viewer.models.licences import forbid_commerce
from medgan_viewer.ui.dialogs import confirm_run
from medgan_viewer.ui.panels.control import ControlRow
from medgan_viewer.ui.panels.widgets import Card, button, clear, label, restyle
from medgan_viewer.ui.runs import Runs, RunState
from medgan_viewer.ui.sentences import sentence_shown
from medgan_viewer.ui.stops import Stops
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.wording import marked

if TYPE_CHECKING:
    from medgan_viewer.models.manifest import Package

__all__ = ["ModelsPanel"]

# A name with a longer word has its button below it: beside it, both would need a wide side.
_LONGEST_BESIDE = 70
_DONE = marked("Done in {0:.1f} s")
_DONE_ON = {
    "cpu": marked("Done in {0:.1f} s on the processor"),
    "cuda": marked("Done in {0:.1f} s on the graphics card"),
    "mps": marked("Done in {0:.1f} s on the Apple graphics"),
}


def _time_left(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 90:
        return tr("{0} s left").format(max(1, round(seconds)))
    return tr("{0} min left").format(round(seconds / 60))


class _ModelCard(Card):
    """One model: its name, a button, and a line that says how it stands."""

    run_asked = Signal(str)
    cancel_asked = Signal(str)
    card_asked = Signal(str)
    despite_asked = Signal(str)

    def __init__(self, package: "Package") -> None:
        super().__init__()
        self.package = package
        self._job_id = ""
        name = tr(package.manifest.name)
        # Wrapped, not elided: what stands at its end tells models apart.
        self._name = label(name, "title")
        self._name.ensurePolished()
        # A line breaks after a space and after a hyphen.
        words = name.replace("-", "- ").split()
        longest = max(self._name.fontMetrics().horizontalAdvance(word) for word in words)
        self._name.setMinimumWidth(longest)
        self._may_be_beside = longest <= scaled(_LONGEST_BESIDE)
        self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._top.setSpacing(6)
        self._top.addWidget(self._name, 1)
        self.button = button(tr("Run"), tr("Run {0} on the selected series").format(name))
        self.button.clicked.connect(self._on_clicked)
        self._top.addWidget(self.button)
        self.column.addLayout(self._top)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName(tr("Progress of {0}").format(name))
        self.column.addWidget(self.bar)
        self.line = label("", "quiet")
        self.column.addWidget(self.line)
        control = package.manifest.control
        self.control = ControlRow(name, control)
        self.column.addWidget(self.control)
        self.despite = button(tr("Run anyway…"), tr("Run {0} although the input check speaks against it").format(name))
        self.despite.clicked.connect(lambda: self.despite_asked.emit(package.id))
        self.despite.hide()
        self.column.addWidget(self.despite)
        self.caution = label("", "caution")
        self.column.addWidget(self.caution)
        self.licence = label(_licence(package), "quiet")
        self.licence.setVisible(bool(self.licence.text()))
        self.column.addWidget(self.licence)
        self.more = button(tr("About this model"), tr("Read the card of {0}").format(name), "link")
        self.more.clicked.connect(lambda: self.card_asked.emit(package.id))
        self.column.addWidget(self.more)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the name to two lines where that can be."""
        super().resizeEvent(event)
        self._place_button()

    def _place_button(self) -> None:
        """Stand the button beside the name, below it where the name would take more than two lines."""
        margins, font = self.column.contentsMargins(), self._name.fontMetrics()
        room = self.width() - margins.left() - margins.right() - self._top.spacing() - self.button.sizeHint().width()
        words = Qt.TextFlag.TextWordWrap
        high = font.boundingRect(0, 0, max(room, 1), 1000, words, self._name.text()).height()
        beside = self._may_be_beside and high <= 2 * font.lineSpacing()
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        self._top.setDirection(way)
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        self._top.setAlignment(self.button, middle if beside else right)

    def _on_clicked(self) -> None:
        if self._job_id:
            self.cancel_asked.emit(self._job_id)
        else:
            self.run_asked.emit(self.package.id)

    def show_unfit(self, reasons: Sequence[str]) -> None:
        """Say why the model is not offered."""
        self.set_state("unfit")
        self.button.hide()
        self.bar.hide()
        self.despite.hide()
        self.control.hide()
        self.caution.hide()
        self._name.setEnabled(False)
        self.line.setText(" ".join(map(sentence_shown, reasons)))

    def show_fit(
        self,
        state: RunState | None,
        cautions: Sequence[str],
        stops: Stops | None = None,
        *,
        ready: bool,
        ran: str | None = None,
    ) -> None:
        """Offer the model, or show how its run stands; ``stops`` where it can be sober and sharp, or in doubt.

        ``ran`` names the device of an earlier session's run whose result is there.
        """
        active = state is not None and state.active
        begun = state is not None or ran is not None
        self._job_id = state.job_id if state is not None and active else ""
        self.set_state("running" if active else "")
        self._name.setEnabled(True)
        self.button.show()
        self.button.setText(tr("Cancel") if active else tr("Run again") if begun else tr("Run"))
        self.button.setEnabled(active or ready)
        self._place_button()
        self.despite.setVisible(state is not None and state.status == "failed" and bool(state.objections))
        self.bar.setVisible(active)
        said = [*cautions, *(state.told if state is not None else ())]
        self.caution.setVisible(bool(said))
        self.caution.setText(" ".join(map(sentence_shown, said)))
        self.control.setVisible(stops is not None)
        if stops is not None:
            self.control.follow(stops.chosen, alive=stops.alive, doubt=stops.doubt_shown)
        self.line.setVisible(True)
        self.line.setText(_standing(state, tr(self.package.manifest.description), ready=ready, ran=ran))
        # How exactly it ran is for who asks.
        self.line.setToolTip((ran or "") if state is None else state.device)
        if state is not None and active:
            self.bar.setRange(0, max(state.total, 1) if state.status == "running" else 0)
            self.bar.setValue(state.done)


def _licence(package: "Package") -> str:
    """Return what must be said of a model's licence before it is used; empty where anybody may use it."""
    manifest = package.manifest
    bound = forbid_commerce([manifest.licence, *(licence for _, licence in manifest.training_data)])
    return tr("Licence: {0}. Not for commercial use.").format(manifest.licence) if bound else ""


def _standing(state: RunState | None, description: str, *, ready: bool, ran: str | None) -> str:
    """Return the line under a model's name."""
    if state is None and ran is not None:
        return tr("Done")
    if state is None:
        return description if ready else tr("Waiting until the series has been read")
    match state.status:
        case "starting":
            return tr("Starting")
        case "running":
            left = _time_left(state.seconds_left)
            return tr("{0} of {1} slices").format(state.done, state.total) + (f" · {left}" if left else "")
        case "done":
            device = state.device.partition(" ")[0].lower()
            return numbers(tr(_DONE_ON.get(device, _DONE)).format(state.seconds))
        case "failed":
            return state.sentence
        case "cancelled":
            return (
                tr("Cancelled · {0} of {1} slices kept").format(state.done, state.total)
                if state.done
                else tr("Cancelled")
            )


class ModelsPanel(QWidget):
    """The models, those that fit first."""

    run_asked = Signal(str, str)
    card_asked = Signal(str)

    def __init__(self, document: Document, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sideContent")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground, True)
        self._document = document
        self._runs = runs
        self._packages: tuple[Package, ...] = ()
        self._problems: tuple[MedganError, ...] = ()
        self._cards: dict[str, _ModelCard] = {}
        self._unfit_listed = False
        # What series look like, and whether their tags say something else.
        self._looks: dict[str, tuple[str, bool]] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 4)
        self._column.setSpacing(7)
        document.subscribe(self._on_change)
        runs.changed.connect(lambda _: self._update())
        self._rebuild()

    def set_models(self, packages: Sequence["Package"], problems: Sequence[MedganError]) -> None:
        """Show the models that were found, and the folders that are no usable model."""
        # A classifier answers the input check; there is nothing to run.
        self._packages = tuple(package for package in packages if package.manifest.task != "classification")
        self._problems = tuple(problems)
        self._rebuild()

    @property
    def has_models(self) -> bool:
        """Whether models were found."""
        return bool(self._packages)

    def card(self, model_id: str) -> _ModelCard | None:
        """Return the card of a model."""
        return self._cards.get(model_id)

    def package(self, model_id: str) -> "Package | None":
        """Return a model by its id."""
        return next((package for package in self._packages if package.id == model_id), None)

    def name_of(self, model_id: str) -> str:
        """Return the name of a model; its id where it is not installed."""
        package = self.package(model_id)
        return model_id if package is None else tr(package.manifest.name)

    def set_look(self, series_uid: str, words: str, disagrees: bool) -> None:
        """Say what a series looks like, in a line above the models while it is selected."""
        self._looks[series_uid] = words, disagrees
        if series_uid == self._document.selected_series:
            self._show_look(series_uid)

    def _show_look(self, series_uid: str) -> None:
        words, disagrees = self._looks.get(series_uid, ("", False))
        self.look.setText(words)
        self.look.setToolTip(tr("What a classifier makes of the pixels; it can be wrong."))
        self.look.setObjectName("caution" if disagrees else "quiet")
        restyle(self.look, "state", "disagrees" if disagrees else "")
        self.look.setVisible(bool(words))

    def _on_change(self, change: Change) -> None:
        match change:
            case SelectionChanged() | CatalogChanged():
                self._rebuild()
            case SeriesClosed(uid):
                self._looks.pop(uid, None)
            case SeriesLoaded() | SeriesOpened():
                self._update()
            case LayerAdded() | LayerRemoved():
                self._update()
            case LayerChanged(_, None):
                self._follow_stops()
            case _:
                pass

    def _rebuild(self) -> None:
        clear(self._column)
        self._cards.clear()
        self._column.addWidget(label(tr("MODELS FOR THIS SERIES"), "heading"))
        uid = self._document.selected_series
        if uid is None:
            self._column.addWidget(label(tr("Choose a series to see which models fit it."), "quiet"))
        else:
            self.look = label("", "quiet")
            self._column.addWidget(self.look)
            self._show_look(uid)
            self._add_cards(uid)
            if not self._packages:
                self._column.addWidget(label(tr("No models are installed."), "quiet"))
        for problem in self._problems:
            self._column.addWidget(label(problem.sentence, "caution"))
        self._update()

    def _add_cards(self, series_uid: str) -> None:
        """Add the models that fit, and below a link that lists the others: results stand under all of them."""
        from medgan_viewer.models import suitability

        series = self._document.catalog.series(series_uid)
        fits = {package.id: suitability.check(package.manifest, series).fits for package in self._packages}
        for package in self._packages:
            if fits[package.id]:
                self._add_card(package)
        others = [package for package in self._packages if not fits[package.id]]
        if others and len(others) < len(self._packages):
            words = tr("Hide the others") if self._unfit_listed else tr("Why not the others ({0})?").format(len(others))
            link = button(words, tr("The models that do not fit this series, and why not"), "link")
            link.clicked.connect(self._on_others_asked)
            self._column.addWidget(link)
            if not self._unfit_listed:
                return
        for package in others:
            self._add_card(package)

    def _on_others_asked(self) -> None:
        self._unfit_listed = not self._unfit_listed
        self._rebuild()

    def _add_card(self, package: "Package") -> None:
        card = _ModelCard(package)
        card.run_asked.connect(self._on_run_asked)
        card.cancel_asked.connect(self._runs.cancel)
        card.card_asked.connect(self.card_asked)
        card.despite_asked.connect(self._on_despite_asked)
        card.control.chosen.connect(lambda degree: self._on_degree(package, degree))
        card.control.doubt_asked.connect(lambda on: self._on_doubt(package, on=on))
        if self.isVisible():
            # As wide as it will be: what is arranged for another width is squashed in the first picture.
            card.resize(self._column.contentsRect().width(), card.height())
        self._column.addWidget(card)
        self._cards[package.id] = card

    def _on_run_asked(self, model_id: str) -> None:
        if self._document.selected_series is not None:
            self.run_asked.emit(model_id, self._document.selected_series)

    def _on_despite_asked(self, model_id: str) -> None:
        """Ask whether a run that the input check spoke against is wanted all the same, and begin it then."""
        uid = self._document.selected_series
        state = None if uid is None else self._runs.latest(model_id, uid)
        package = self.package(model_id)
        if uid is None or state is None or package is None:
            return

        def run() -> None:
            self._runs.confirm(model_id, uid, state.objections)
            self.run_asked.emit(model_id, uid)

        confirm_run.ask(self, tr(package.manifest.name), state.objections, run)

    def _on_degree(self, package: "Package", degree: float) -> None:
        if self._document.selected_series is not None:
            self._runs.choose(package, self._document.selected_series, degree)

    def _on_doubt(self, package: "Package", *, on: bool) -> None:
        if self._document.selected_series is not None:
            self._runs.set_doubt(package, self._document.selected_series, on=on)

    def _follow_stops(self) -> None:
        """Show on the cards what can be chosen of the results there are now."""
        uid = self._document.selected_series
        for card in self._cards.values():
            stops = None if uid is None else self._runs.stops(card.package, uid)
            if stops is not None and not card.control.isHidden():
                card.control.follow(stops.chosen, alive=stops.alive, doubt=stops.doubt_shown)

    def _update(self) -> None:
        uid = self._document.selected_series
        if uid is None:
            return
        from medgan_viewer.models import suitability

        series = self._document.catalog.series(uid)
        opened = self._document.opened(uid)
        for model_id, card in self._cards.items():
            verdict = suitability.check(card.package.manifest, series)
            if verdict.fits:
                cautions = verdict.cautions
                ready = self._document.is_loaded(uid)
                if ready and opened is not None and not opened.complete:
                    missing = int((~opened.ready).sum())
                    cautions += (
                        tr("{0} of its slices could not be read; results there show nothing.").format(missing),
                    )
                stops = self._runs.stops(card.package, uid)
                card.show_fit(
                    self._runs.latest(model_id, uid), cautions, stops, ready=ready, ran=self._ran(model_id, uid)
                )
            else:
                card.show_unfit(verdict.reasons)

    def _ran(self, model_id: str, series_uid: str) -> str | None:
        """Return on what a model ran whose result is there whole, "" where that is not known; None without one."""
        layers = self._document.layers_of(series_uid)
        made = [layer for layer in layers if layer.provenance.model_id == model_id and layer.complete]
        if not made:
            return None
        provenance = made[-1].provenance
        return " ".join(part for part in (provenance.device.upper(), provenance.precision) if part)
