"""What a pane was asked to show, the switches it heeds, and the pictures that come of them."""

from dataclasses import dataclass

from PySide6.QtGui import QImage

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window
from medgan_viewer.core.layers import ImageLayer, Layer
from medgan_viewer.ui.views.compared import Difference, Image, Pair, SeriesImage, Sides
from medgan_viewer.ui.views.pixels import Overlay
from medgan_viewer.ui.views.slices import ViewKind

__all__ = ["DisplayState", "Picture", "Shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a pane was asked to show: a series, or a synthetic image made from it."""

    series_uid: str
    layer_uid: str | None = None
    kind: ViewKind = "stack"


@dataclass(frozen=True, slots=True)
class DisplayState:
    """The switches that a pane heeds.

    All panes share ``overlay``, ``revealed`` and ``difference_colours``; how it compares which images is its own.
    """

    overlay: bool = False
    revealed: bool = False
    swipe: bool = False
    checkered: bool = False
    flicker: bool = False
    # Which of the two a flickering pane shows now.
    flipped: bool = False
    difference: bool = False
    # The difference that gets the strongest colour; None for what suits the images.
    strongest: float | None = None
    difference_colours: str = "blue-orange"
    # The images to compare; None for each pane's original and the synthetic image of it.
    pair: Pair | None = None

    @property
    def compares(self) -> bool:
        """Whether two images share the pane, take turns in it, or are subtracted."""
        return self.swipe or self.checkered or self.flicker or self.difference


@dataclass(frozen=True, eq=False)
class Picture:
    """All that is drawn of a slice. ``half`` is drawn in place of ``base`` right of the swipe line, or in the fields of
    a checkerboard; of a flickering pane ``base`` is now the one and now the other.

    ``front`` is the image that stands in the series' place, synthetic or not; ``sides`` are the two that are compared.
    ``synthetic`` and ``results`` are those that something is shown of, so that marks and captions speak of them alone.
    """

    base: QImage | None
    front: Image | None = None
    half: QImage | None = None
    checkered: bool = False
    flicker: bool = False
    overlays: tuple[Overlay, ...] = ()
    synthetic: tuple[ImageLayer, ...] = ()
    results: tuple[Layer, ...] = ()
    message: str = ""
    sides: Sides | None = None
    difference: Difference | None = None
    # The synthetic image that lies over the original in colours, and its window.
    tinted: tuple[ImageLayer, Window] | None = None

    @property
    def stored_synthetic(self) -> tuple[Series, ...]:
        """The series among those compared, but for the pane's own, whose pixels are synthetic or simulated."""
        series = [side.opened.series for side in self.sides or () if isinstance(side, SeriesImage) and not side.own]
        return tuple(one for one in series if one.synthetic or one.simulated)

    @property
    def opaque(self) -> bool:
        """Whether the base covers all that lies below it."""
        return self.base is not None and not self.base.hasAlphaChannel()
