"""Where the slices of a pane lie: the planes to go through, how they are cut, and which one is displayed."""

from dataclasses import dataclass, field

import numpy as np

from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import ImageLayer, Layer
from medgan_viewer.core.slabs import plane_count
from medgan_viewer.core.slicing import mpr_axis, nearest_slice
from medgan_viewer.core.volume import Plane, Vector, Volume
from medgan_viewer.ui.views.camera import centre_of, height_over, rotated_plane
from medgan_viewer.ui.views.shown import Shown
from medgan_viewer.ui.views.slices import Cut, ObliqueSlices, Slices, StackSlices, grid_slices

__all__ = ["SceneSlices"]


@dataclass(eq=False)
class SceneSlices:
    """The slices of what a pane shows."""

    document: Document
    shown: Shown
    index: int = 0
    turns: int = 0
    cut: Cut = field(default_factory=Cut)
    # Whether acquired slices are shown again when the slab ends.
    from_stack: bool = False
    _slices: Slices | None = field(default=None, repr=False)
    _plane: tuple[tuple[int, int], Plane] | None = field(default=None, repr=False)

    @property
    def opened(self) -> OpenSeries | None:
        """The series, None while it is not open."""
        return self.document.opened(self.shown.series_uid)

    @property
    def layer(self) -> ImageLayer | None:
        """The synthetic image that the pane shows in place of the series."""
        layer = self._layer(self.shown.layer_uid)
        return layer if isinstance(layer, ImageLayer) else None

    def _layer(self, uid: str | None) -> Layer | None:
        return next((layer for layer in self.document.layers if layer.uid == uid), None)

    @property
    def slices(self) -> Slices | None:
        """The planes to go through; None while the regular grid is not there."""
        if self._slices is None:
            self._slices = self._find_slices()
        return self._slices

    def _find_slices(self) -> Slices | None:
        opened = self.opened
        if opened is None:
            return None
        if self.shown.kind == "stack":
            return StackSlices(opened.stack)
        volume = self.layer.volume if self.layer is not None else self.grid
        return None if volume is None else grid_slices(volume, self.shown.kind, self.cut)

    def set_cut(self, cut: Cut) -> None:
        """Cut the planes otherwise; the index counts those of the new cut afterwards."""
        self.cut, self._slices, self._plane = cut, None, None

    @property
    def slab_planes(self) -> int:
        """In how many planes of the grid the slab is cut; 0 where there is none."""
        volume, plane = self.grid if self.layer is None else self.layer.volume, self.plane
        if self.cut.slab is None or volume is None or plane is None:
            return 0
        return plane_count(volume, plane.normal, self.cut.slab)

    @property
    def grid(self) -> Volume | None:
        """The regular grid of the series, None while it is being computed elsewhere."""
        opened = self.opened
        if opened is None or not (opened.gridded or self.document.is_loaded(self.shown.series_uid)):
            return None
        return opened.volume()

    @property
    def coarse(self) -> int:
        """How many pixels of the exact plane each way a displayed one stands for while something moves."""
        return self.slices.coarse if isinstance(self.slices, ObliqueSlices) else 1

    @property
    def count(self) -> int:
        """How many slices there are; 0 while that is not known."""
        return 0 if self.slices is None else self.slices.count

    @property
    def plane(self) -> Plane | None:
        """The plane that is displayed, quarter turns included."""
        if self.slices is None:
            return None
        key = (self.index, self.turns)
        if self._plane is None or self._plane[0] != key:
            self._plane = (key, rotated_plane(self.slices.plane(self.index), self.turns))
        return self._plane[1]

    @property
    def grid_slice(self) -> int | None:
        """The slice of the series' regular grid that lies nearest to what is displayed."""
        grid, plane = self.grid, self.plane
        if grid is None or plane is None:
            return None
        return int(np.clip(np.rint(grid.index(centre_of(plane))[0]), 0, grid.shape[0] - 1))

    @property
    def acquired_index(self) -> int | None:
        """The acquired slice that is displayed, from 0; None where it is another plane, a slab or a resampled one."""
        opened, kind, plane = self.opened, self.shown.kind, self.plane
        if opened is None or plane is None or self.cut.slab is not None or self.cut.triad is not None:
            return None
        if kind == "stack":
            return self.index
        if not opened.stack.is_regular or mpr_axis(opened.volume(), kind) != 0:
            return None
        return nearest_slice(opened.stack, centre_of(plane))

    @property
    def slice_distance(self) -> float:
        """Distance in mm from the displayed slice to the farther of its neighbours; 0 where it has none."""
        slices = self.slices
        if slices is None:
            return 0.0
        here = slices.plane(self.index)
        beside = [i for i in (self.index - 1, self.index + 1) if 0 <= i < slices.count]
        return max((abs(height_over(here, slices.plane(i).origin)) for i in beside), default=0.0)

    @property
    def frame_of_reference_uid(self) -> str | None:
        """The frame of reference of the series."""
        return None if self.opened is None else self.opened.stack.frame_of_reference_uid or None

    def go_to(self, point: Vector) -> bool:
        """Show the slice nearest to an LPS point; return whether that is another one."""
        slices = self.slices
        if slices is None:
            return False
        before, self.index = self.index, slices.nearest(point)
        return before != self.index
