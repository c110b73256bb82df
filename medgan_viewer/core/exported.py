"""What exports contained: nobody need be asked before that is closed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import Judgement, Layer

__all__ = ["Contents", "ExportBook"]


@dataclass(eq=False)
class Contents:
    """What an export contains: results, by UID, what was said of heat maps, key images.

    ``offered`` are the results of its study that were whole then: what a model made and the reader left out, he did
    not want.
    """

    layers: set[str] = field(default_factory=set)
    offered: set[str] = field(default_factory=set)
    said: dict[str, tuple[Judgement, ...]] = field(default_factory=dict)
    key_images: set[KeyImage] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        written: Iterable[Layer],
        offered: Iterable[Layer],
        said: dict[str, tuple[Judgement, ...]],
        key_images: Iterable[KeyImage],
    ) -> "Contents":
        """Return what is exported with results as they are now; one that is not whole counts as left out."""
        whole = [{layer.uid for layer in layers if layer.complete} for layers in (written, offered)]
        return cls(whole[0], whole[1], dict(said), set(key_images))


class ExportBook:
    """Remembers what was exported, as long as it stays as it was."""

    def __init__(self) -> None:
        self._written = Contents()
        self._under_way: list[Contents] = []

    def begin(self, contents: Contents) -> None:
        """Say that this is being written: what is changed from now on will not be in it."""
        self._under_way.append(contents)

    def end(self, contents: Contents, *, written: bool) -> None:
        """Say whether it could be written."""
        self._under_way.remove(contents)
        if written:
            self._written.layers |= contents.layers
            self._written.offered |= contents.offered
            self._written.said |= contents.said
            self._written.key_images |= contents.key_images

    def voxels_changed(self, layer_uid: str) -> None:
        """Say that a result has other voxels than were, or are being, written."""
        for contents in (self._written, *self._under_way):
            contents.layers.discard(layer_uid)

    def keep_only(self, layer_uids: Collection[str]) -> None:
        """Forget results that are gone for good."""
        for contents in (self._written, *self._under_way):
            contents.layers.intersection_update(layer_uids)
            contents.offered.intersection_update(layer_uids)
            contents.said = {uid: said for uid, said in contents.said.items() if uid in layer_uids}
            contents.key_images = {key for key in contents.key_images if key.layer_uid in ("", *layer_uids)}

    def has_layer(self, layer: Layer) -> bool:
        """Whether a result was exported as it is; of what no hand touched also whether the reader left it out."""
        return layer.uid in self._written.layers or (not layer.provenance.hand and layer.uid in self._written.offered)

    def has_judgement(self, layer_uid: str, judgement: Judgement) -> bool:
        """Whether what was said of a finding was exported."""
        return judgement in self._written.said.get(layer_uid, ())

    def has_key_image(self, key: KeyImage) -> bool:
        """Whether a key image was exported."""
        return key in self._written.key_images
