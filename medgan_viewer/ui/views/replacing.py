"""What a pane showed before something else took its place, to be brought back by undo."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from medgan_viewer.core.commands import Command
from medgan_viewer.core.document import Document
from medgan_viewer.ui.views.camera import Camera
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import DisplayState, Scene

__all__ = ["Aside", "ReplaceShown", "put_aside"]


@dataclass(frozen=True, eq=False, slots=True)
class Aside:
    """What a pane showed, which part of it, and how it compared it. ``swipe`` is where its swipe line stood, 0…1."""

    scene: Scene | None
    camera: Camera | None
    state: DisplayState
    swipe: float


def put_aside(panes: Iterable[Pane]) -> dict[Pane, Aside]:
    """Return what panes show, to be shown again later."""
    return {pane: Aside(pane.scene, pane.camera, pane.state, pane.swipe_share) for pane in panes}


@dataclass(eq=False)
class ReplaceShown(Command):
    """Something else was shown in the place of what panes showed, which is ``aside``.

    ``exchange`` shows what is aside in their place, and returns what they showed until then.
    """

    words: str
    aside: Mapping[Pane, Aside]
    exchange: Callable[[Mapping[Pane, Aside]], Mapping[Pane, Aside]]
    _done: bool = False

    def __post_init__(self) -> None:
        self._drop_pictures()

    @property
    def label(self) -> str:
        """Menu text."""
        return self.words

    def apply(self, document: Document) -> None:
        """Show it again; the first time it is there already."""
        if self._done:
            self._exchange()
        self._done = True

    def revert(self, document: Document) -> None:
        """Bring back what the panes showed, and keep what they show now."""
        self._exchange()

    def _exchange(self) -> None:
        self.aside = self.exchange(self.aside)
        self._drop_pictures()

    def _drop_pictures(self) -> None:
        """Keep no picture of what nobody looks at: they are made again in no time."""
        for one in self.aside.values():
            if one.scene is not None:
                one.scene.drop_pictures()
