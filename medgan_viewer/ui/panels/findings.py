"""The findings of the heat maps: ranked, with a picture each, to accept or reject."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QScrollArea, QVBoxLayout, QWidget

from medgan_viewer.core.changes import KeyImagesChanged
from medgan_viewer.core.commands import VERDICTS_GIVEN, SetVerdict
from medgan_viewer.core.display import grey
from medgan_viewer.core.document import (
    Change,
    Document,
    FindingsChanged,
    FindingSelected,
    LayerAdded,
    LayerRemoved,
    SelectionChanged,
    SeriesLoaded,
)
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Finding, HeatLayer, Judgement, Verdict
from medgan_viewer.core.slicing import turn_for
from medgan_viewer.core.volume import Voxels
from medgan_viewer.ui.panels.finding_count import FindingCount
from medgan_viewer.ui.panels.finding_filter import FindingFilter
from medgan_viewer.ui.panels.finding_words import alarm_sentence, maps_listed, nothing_sentence, owners, scale_sentence
from medgan_viewer.ui.panels.key_image_card import KeyImageCard
from medgan_viewer.ui.panels.thumbnails import framed
from medgan_viewer.ui.panels.widgets import Card, ElidedLabel, button, clear, label, restyle
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.type_size import scaled
from medgan_viewer.wording import marked

__all__ = ["FindingsPanel"]

# Millimetres around a finding's peak that its picture shows.
_AROUND_MM = 45.0
_HIGH, _WIDE, _SHARE = 132, 384, 0.28
# How wide the first words of a reason stand on a card.
_SAID_WIDE = 104
# What the button that asks for a reason says, what it does, and what it asks.
_ASKED = {
    "accepted": (
        marked("Note…"),
        marked("Write a note on finding {0}"),
        marked(
            "Note on finding {0}. It is exported with the verdict, except where identity is taken out; name nobody."
        ),
    ),
    "rejected": (
        marked("Why…"),
        marked("Say why finding {0} was rejected"),
        marked(
            "Why was finding {0} rejected? "
            "It is exported with the verdict, except where identity is taken out; name nobody."
        ),
    ),
}


def finding_picture(document: Document, layer: HeatLayer, finding: Finding) -> Voxels | None:
    """Return uint8 pixels of the source around a finding's peak, the right way round; None while it is not loaded."""
    opened = document.opened(layer.source_series_uid)
    if opened is None or not document.is_loaded(opened.series.uid):
        return None
    volume = opened.volume()
    index, row, column = finding.index
    _, row_mm, column_mm = volume.spacing
    half_rows, half_columns = round(_AROUND_MM / row_mm), round(_AROUND_MM / column_mm)
    rows = slice(max(row - half_rows, 0), row + half_rows + 1)
    columns = slice(max(column - half_columns, 0), column + half_columns + 1)
    turned = turn_for(volume.plane(index)).image(volume.array[index, rows, columns])
    return grey(turned, document.window(layer.source_series_uid))


class _FindingCard(Card):
    """One finding."""

    chosen = Signal(str, int)
    verdict_given = Signal(str, int, str)
    reason_asked = Signal(str, int)

    def __init__(
        self, layer: HeatLayer, finding: Finding, pixels: Voxels | None, *, owner: str, synthetic: bool
    ) -> None:
        super().__init__()
        self.owner = owner
        self.layer_uid, self.number, self.finding = layer.uid, finding.number, finding
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout()
        row.setSpacing(10)
        row.addWidget(framed(pixels, synthetic=synthetic, ratio=self.devicePixelRatioF()))
        lines = QVBoxLayout()
        lines.setSpacing(2)
        title = tr("{0} · slice {1} · {2:.1f} ml").format(finding.number, finding.index[0] + 1, finding.millilitres)
        lines.addWidget(label(numbers(title), "title", wrap=False))
        if owner:
            lines.addWidget(ElidedLabel(owner, "quiet"))
        alarm = label(alarm_sentence(layer, finding), "quiet")
        alarm.setToolTip(scale_sentence(layer, finding))
        lines.addWidget(alarm)
        lines.addStretch()
        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        self.accept = button(tr("Accept"), tr("Accept finding {0} (Enter)").format(finding.number))
        self.reject = button(tr("Reject"), tr("Reject finding {0} (Del)").format(finding.number))
        self.accept.clicked.connect(lambda: self.verdict_given.emit(self.layer_uid, self.number, "accepted"))
        self.reject.clicked.connect(lambda: self.verdict_given.emit(self.layer_uid, self.number, "rejected"))
        buttons.addWidget(self.accept)
        buttons.addWidget(self.reject)
        self.reason = button(tr("Why…"), tr("Say why finding {0} was judged so").format(finding.number), "link")
        self.reason.clicked.connect(lambda: self.reason_asked.emit(self.layer_uid, self.number))
        buttons.addWidget(self.reason)
        buttons.addStretch()
        lines.addLayout(buttons)
        self._keep_room()
        row.addLayout(lines, 1)
        self.column.addLayout(row)
        named = tr("Finding {0}, slice {1}").format(finding.number, finding.index[0] + 1)
        self.setAccessibleName(f"{named}, {owner}" if owner else named)
        self.setFixedWidth(max(scaled(_WIDE), self.minimumSizeHint().width()))

    def _keep_room(self) -> None:
        """Keep the buttons as wide as what they say after a verdict, in any language: nothing is cut or moves then."""
        for widget, before, after in (
            (self.accept, tr("Accept"), tr("Accepted")),
            (self.reject, tr("Reject"), tr("Rejected")),
        ):
            widths = []
            for words in (after, before):
                widget.setText(words)
                widths.append(widget.sizeHint().width())
            widget.setMinimumWidth(max(widths))
        policy = self.reason.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reason.setSizePolicy(policy)
        self.reason.setMinimumWidth(scaled(_SAID_WIDE))

    def show_verdict(self, said: Judgement | None, *, current: bool) -> None:
        """Show what the reader said and whether it is the one being looked at."""
        verdict = "open" if said is None else said.verdict
        self.reason.setVisible(said is not None)
        if said is not None:
            says, does, _ = _ASKED[said.verdict]
            self.reason.setToolTip(said.reason or tr(does).format(self.number))
            self.reason.setText(self._first_words(said.reason) if said.reason else tr(says))
        self.set_state("current" if current else "")
        self.accept.setText(tr("Accepted") if verdict == "accepted" else tr("Accept"))
        self.reject.setText(tr("Rejected") if verdict == "rejected" else tr("Reject"))
        for widget, value in ((self.accept, "accepted"), (self.reject, "rejected")):
            restyle(widget, "chosen", "true" if verdict == value else "false")

    def _first_words(self, reason: str) -> str:
        """Return as much of a reason as the card has room for."""
        words = f"“{' '.join(reason.split())}”"
        shown = self.reason.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, scaled(_SAID_WIDE))
        # A button takes a single & for the mark of a key.
        return shown.replace("&", "&&")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Look at the finding."""
        self.chosen.emit(self.layer_uid, self.number)
        super().mousePressEvent(event)


class FindingsPanel(QScrollArea):
    """A row of findings and key images, hidden until there are some.

    ``awaited`` tells of a heat map's UID whether its findings are still to come.
    """

    key_image_chosen = Signal(object)
    key_image_removed = Signal(object)
    notice = Signal(str)

    def __init__(
        self,
        document: Document,
        parent: QWidget | None = None,
        *,
        awaited: Callable[[str], bool] = lambda _layer_uid: False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("bottom")
        self._document, self._awaited = document, awaited
        self._cards: list[_FindingCard] = []
        self._listed: tuple[object, ...] = ()
        self._nothing_said = False
        self.key_cards: list[KeyImageCard] = []
        self.filter, self.count = FindingFilter(), FindingCount(document)
        self.filter.chosen.connect(self._update)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inner = QWidget()
        self._inner.setObjectName("sideContent")
        self._row = QHBoxLayout(self._inner)
        self._row.setContentsMargins(12, 8, 12, 8)
        self._row.setSpacing(8)
        self._row.addWidget(self.filter)
        self._row.addWidget(self.count)
        self._row.addStretch(1)
        self.setWidget(self._inner)
        self.hide()
        document.subscribe(self._on_change)

    def card(self, layer_uid: str, number: int) -> _FindingCard | None:
        """Return the card of a finding."""
        return next((card for card in self._cards if (card.layer_uid, card.number) == (layer_uid, number)), None)

    def step(self, direction: int) -> None:
        """Look at the next (1) or the previous (−1) finding that is listed, round and round."""
        cards = self._cards
        current = self._document.selected_finding
        here = next((n for n, card in enumerate(cards) if (card.layer_uid, card.number) == current), None)
        start = (-1 if direction > 0 else 0) if here is None else here
        # The one being looked at may have left the list with its verdict: it goes on from where that was.
        for away in range(1, len(cards) + 1):
            card = cards[(start + direction * away) % len(cards)]
            if self.filter.lists(self._document.verdict(card.layer_uid, card.finding)):
                self._document.select_finding(card.layer_uid, card.number)
                return
        awaited = any(self._awaited(layer.uid) for layer in self._maps())
        self.notice.emit(nothing_sentence(self._maps(), len(cards), awaited=awaited))

    def give_verdict(self, verdict: Verdict) -> None:
        """Accept or reject the finding being looked at; the same again reopens it."""
        chosen = self._document.selected_finding
        # One that is not listed may be another patient's.
        if chosen is not None and self.card(*chosen) is not None:
            self._on_verdict(*chosen, verdict)
        elif self._cards:
            self.notice.emit(tr("Choose a finding first; N goes to the next one."))

    def _on_verdict(self, layer_uid: str, number: int, verdict: str) -> None:
        """Give a verdict, on what the images show: they go to the finding first."""
        self._document.select_finding(layer_uid, number)
        finding = next(f for f in self._document.findings(layer_uid) if f.number == number)
        before = self._document.verdict(layer_uid, finding)
        wanted: Verdict = "open" if verdict == before else ("accepted" if verdict == "accepted" else "rejected")
        self._judge(layer_uid, finding, wanted)

    def _on_reason(self, layer_uid: str, number: int) -> None:
        """Ask why a finding was judged as it was; an answer is an edit like the verdict itself."""
        finding = next(f for f in self._document.findings(layer_uid) if f.number == number)
        said = self._document.judgement(layer_uid, finding)
        if said is None:
            return
        self._document.select_finding(layer_uid, number)
        question = tr(_ASKED[said.verdict][2]).format(number)
        card = self.card(layer_uid, number)
        if card is not None and card.owner:
            question = f"{card.owner}\n{question}"
        reason, given = QInputDialog.getText(self, tr("Finding {0}").format(number), question, text=said.reason)
        if given and reason.strip() != said.reason:
            self._judge(layer_uid, finding, said.verdict, reason.strip())

    def _judge(self, layer_uid: str, finding: Finding, verdict: Verdict, reason: str = "") -> None:
        words = tr(VERDICTS_GIVEN[verdict]).format(finding.number)
        self._document.execute(SetVerdict(layer_uid, finding, verdict, reason=reason, words=words))

    def _on_change(self, change: Change) -> None:
        match change:
            case FindingsChanged(uid):
                if not self._matches(uid):
                    self._rebuild()
                self._update()
                self.count.follow(uid)
            case LayerRemoved() | LayerAdded() | KeyImagesChanged():
                self._rebuild()
            case SeriesLoaded() if self.key_cards:
                # Marks that came with their study stand there before the pictures can be made.
                self._rebuild()
            case FindingSelected():
                self._update()
            case SelectionChanged() if self._listed != self._to_list():
                self._rebuild()
            case _:
                pass

    def _matches(self, layer_uid: str) -> bool:
        """Return whether the cards still show the findings of a layer, so that only verdicts changed."""
        shown = [card.finding for card in self._cards if card.layer_uid == layer_uid]
        # That nothing was found is said when the last slice is there, not before.
        said = bool(self._cards) or self._nothing_said or not self._looked()
        return said and shown == list(self._document.findings(layer_uid))

    def _maps(self) -> list[HeatLayer]:
        return maps_listed(self._document)

    def _key_images(self) -> list[KeyImage]:
        return [key for key in self._document.key_images if self._document.of_patient_shown(key.series_uid)]

    def _to_list(self) -> tuple[object, ...]:
        """Return what tells whether another patient's findings and key images are to be listed."""
        return *(layer.uid for layer in self._maps()), *self._key_images()

    def _looked(self) -> bool:
        """Return whether a heat map is there to the last slice, and all its findings are known."""
        return any(layer.complete and not self._awaited(layer.uid) for layer in self._maps())

    def _rebuild(self) -> None:
        # The filter and the count stand first, and stay.
        clear(self._row, first=2)
        self._cards, self._listed = [], self._to_list()
        named = owners(self._document, [layer for layer in self._maps() if self._document.findings(layer.uid)])
        for layer in self._maps():
            for finding in self._document.findings(layer.uid):
                self._add(layer, finding, named[layer.uid])
        looked = self._looked()
        self._nothing_said = looked and not self._cards
        self.count.setVisible(looked)
        self._add_key_images()
        self._row.addStretch(1)
        self.setVisible(bool(self._cards or looked or self.key_cards))
        self._update()

    def _add(self, layer: HeatLayer, finding: Finding, owner: str) -> None:
        opened = self._document.opened(layer.source_series_uid)
        synthetic = opened is not None and (opened.series.synthetic or opened.series.simulated)
        pixels = finding_picture(self._document, layer, finding)
        card = _FindingCard(layer, finding, pixels, owner=owner, synthetic=synthetic)
        # As in the layers' rows: PySide keeps something for each method of the document that a card was joined to.
        card.chosen.connect(lambda uid, number: self._document.select_finding(uid, number))
        card.verdict_given.connect(self._on_verdict)
        card.reason_asked.connect(self._on_reason)
        self._row.addWidget(card)
        self._cards.append(card)

    def _add_key_images(self) -> None:
        self.key_cards = [KeyImageCard(self._document, key) for key in self._key_images()]
        for card in self.key_cards:
            card.chosen.connect(self.key_image_chosen)
            card.removed.connect(self.key_image_removed)
            self._row.addWidget(card)

    def _take_room(self) -> None:
        """Be as high as the cards are, one line where there are none."""
        cards = bool(self._cards or self.key_cards)
        self.count.set_on_one_line(not cards)
        # Large type scrolls here before it takes the images' room.
        highest = min(scaled(_HIGH), round(_SHARE * self.screen().availableSize().height()))
        self.setFixedHeight(highest if cards else self._row.sizeHint().height() + 2 * self.frameWidth())

    def _update(self) -> None:
        verdicts = [self._document.verdict(card.layer_uid, card.finding) for card in self._cards]
        self.filter.count(verdicts)
        self.filter.setVisible(bool(verdicts))
        self.count.show_count(len(verdicts))
        self._take_room()
        for card, verdict in zip(self._cards, verdicts, strict=True):
            card.setVisible(self.filter.lists(verdict))
            current = self._document.selected_finding == (card.layer_uid, card.number)
            card.show_verdict(self._document.judgement(card.layer_uid, card.finding), current=current)
            if current:
                self.ensureWidgetVisible(card, 40, 0)
