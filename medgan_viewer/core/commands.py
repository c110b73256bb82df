"""Edits of the document that can be undone."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from medgan_viewer.core.layers import Finding, HeatLayer, Judgement, Layer, Verdict
from medgan_viewer.wording import marked

if TYPE_CHECKING:
    from medgan_viewer.core.document import Document

__all__ = ["VERDICTS_GIVEN", "AddLayers", "Command", "RemoveLayers", "SetDisplay", "SetVerdict", "Setting"]

VERDICTS_GIVEN: dict[Verdict, str] = {
    "accepted": marked("Accept finding {0}"),
    "rejected": marked("Reject finding {0}"),
    "open": marked("Reopen finding {0}"),
}
"""What a verdict on a finding does, with a place for its number."""


class Command(ABC):
    """An edit that can be undone."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What the edit did, as a menu names it: "Add synthetic T1"."""

    @abstractmethod
    def apply(self, document: "Document") -> None:
        """Do the edit, or do it again."""

    @abstractmethod
    def revert(self, document: "Document") -> None:
        """Take the edit back."""

    @property
    def nbytes(self) -> int:
        """How much memory the edit holds of its own, for what it would take back."""
        return 0

    def joined_with(self, later: "Command") -> "Command | None":
        """Return one command in place of this and of one that was done right after it; None where they stay two."""
        del later
        return None


@dataclass(eq=False)
class AddLayers(Command):
    """Add the results of one run, in the place of those of an earlier run that they supersede.

    One that is called as another model's result on the same series gets its model's name too.
    """

    layers: tuple[Layer, ...]
    superseded: tuple[Layer, ...] = ()

    @property
    def label(self) -> str:
        """Menu text."""
        return "Add " + ", ".join(layer.name for layer in self.layers)

    def apply(self, document: "Document") -> None:
        """Add them."""
        for layer in self.superseded:
            document.remove_layer(layer.uid)
        self.layers = tuple(_named_apart(layer, document) for layer in self.layers)
        for layer in self.layers:
            document.add_layer(layer)

    def revert(self, document: "Document") -> None:
        """Remove them, and bring back what they superseded; their present display settings come back with a redo."""
        present = {layer.uid: layer for layer in document.layers}
        self.layers = tuple(present.get(layer.uid, layer) for layer in self.layers)
        for layer in self.layers:
            document.remove_layer(layer.uid)
        for layer in self.superseded:
            document.add_layer(layer)


def _named_apart(layer: Layer, document: "Document") -> Layer:
    """Return a result under a name that no other model's on its series has."""
    made, name = layer.provenance, layer.name
    others = (one for one in document.layers_of(layer.source_series_uid) if one.provenance.model_id != made.model_id)
    if name not in {one.name for one in others}:
        return layer
    # A model of one output is often called as that, and more: "Anomaly heat map (T1, FLAIR)".
    named = made.model_name if made.model_name.startswith(name) else f"{name} ({made.model_name})"
    return layer if named == name else layer.changed(name=named)


@dataclass(frozen=True)
class RemoveLayers(Command):
    """Remove results."""

    layers: tuple[Layer, ...]

    @property
    def label(self) -> str:
        """Menu text."""
        return "Remove " + ", ".join(layer.name for layer in self.layers)

    def apply(self, document: "Document") -> None:
        """Remove them."""
        for layer in self.layers:
            document.remove_layer(layer.uid)

    def revert(self, document: "Document") -> None:
        """Bring them back as they were."""
        for layer in self.layers:
            document.add_layer(layer)


class Setting(NamedTuple):
    """One display setting of a layer (a field of its class), before and after an edit."""

    layer_uid: str
    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class SetDisplay(Command):
    """Draw results otherwise: opacity, threshold, outline, which segments. Everything else about them stays.

    ``sliding`` where a slider was moved: moves that follow one another are one step.
    """

    words: str
    settings: tuple[Setting, ...]
    sliding: bool = False

    @property
    def label(self) -> str:
        """Menu text."""
        return self.words

    def apply(self, document: "Document") -> None:
        """Set them."""
        for setting in self.settings:
            document.change_layer(document.layer(setting.layer_uid).changed(**{setting.name: setting.after}))

    def revert(self, document: "Document") -> None:
        """Set what they were."""
        for setting in reversed(self.settings):
            document.change_layer(document.layer(setting.layer_uid).changed(**{setting.name: setting.before}))

    def joined_with(self, later: Command) -> Command | None:
        """Return the whole way of the slider where both moved the same one."""
        if not (isinstance(later, SetDisplay) and self.sliding and later.sliding):
            return None
        if [setting[:2] for setting in self.settings] != [setting[:2] for setting in later.settings]:
            return None
        both = zip(self.settings, later.settings, strict=True)
        return SetDisplay(later.words, tuple(first._replace(after=last.after) for first, last in both), sliding=True)


@dataclass(eq=False)
class SetVerdict(Command):
    """Accept or reject a finding, or open it again; ``words`` say so in the reader's language, else it is English."""

    layer_uid: str
    finding: Finding
    verdict: Verdict
    at: datetime = field(default_factory=lambda: datetime.now().astimezone())
    reason: str = ""
    words: str = ""
    _before: Judgement | None = field(default=None, init=False, repr=False)
    _threshold: float | None = field(default=None, init=False, repr=False)

    @property
    def label(self) -> str:
        """Menu text."""
        return self.words or VERDICTS_GIVEN[self.verdict].format(self.finding.number)

    def apply(self, document: "Document") -> None:
        """Set it."""
        self._before = document.judgement(self.layer_uid, self.finding)
        layer = document.layer(self.layer_uid)
        if self._threshold is None and isinstance(layer, HeatLayer):
            # Of the moment when it was judged, also when it is done again.
            self._threshold = layer.threshold
        said = None
        if self.verdict != "open" and self._threshold is not None:
            said = Judgement(self.finding, self.verdict, self.at, self._threshold, self.reason)
        document.set_judgement(self.layer_uid, self.finding, said)

    def revert(self, document: "Document") -> None:
        """Set what it was."""
        document.set_judgement(self.layer_uid, self.finding, self._before)
