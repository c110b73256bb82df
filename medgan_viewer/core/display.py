"""From values to grey: windows and presets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.volume import Voxels

__all__ = ["CT_PRESETS", "Window", "automatic_window", "grey", "initial_window", "windows_of"]

# The smallest width: a window is never closed, and a mouse drag can always open it again.
_SMALLEST_WIDTH = 1e-3
_SAMPLES = 200_000


@dataclass(frozen=True, slots=True)
class Window:
    """A VOI window: values from centre − width/2 (black) to centre + width/2 (white)."""

    width: float
    centre: float

    @property
    def levels(self) -> tuple[float, float]:
        """The values shown as black and as white."""
        return self.centre - self.width / 2, self.centre + self.width / 2

    def dragged(self, right: float, up: float) -> "Window":
        """Return the window after a drag: right widens, up raises the level, both as a share of the present width."""
        width = max(self.width * (1 + right), _SMALLEST_WIDTH)
        return Window(width, self.centre + up * self.width)

    @classmethod
    def between(cls, low: float, high: float) -> "Window":
        """Return the window from black to white."""
        return cls(max(high - low, _SMALLEST_WIDTH), (high + low) / 2)


# Width and centre in HU, in the order of the keys 2 to 9.
CT_PRESETS: tuple[tuple[str, Window], ...] = (
    ("Brain", Window(80, 40)),
    ("Subdural", Window(200, 75)),
    ("Stroke", Window(40, 40)),
    ("Soft tissue", Window(400, 40)),
    ("Liver", Window(150, 90)),
    ("Mediastinum", Window(400, 50)),
    ("Lung", Window(1500, -600)),
    ("Bone", Window(2500, 480)),
)


def automatic_window(values: Voxels) -> Window:
    """Return the window from the 0.5th to the 99.5th percentile of the values (of a sample where there are many).

    Values that are no numbers do not count; without any value it goes from 0 to 1.
    """
    flat = values.ravel()
    sample = flat[:: max(1, flat.size // _SAMPLES)]
    if sample.dtype.kind == "f":
        sample = sample[np.isfinite(sample)]
    if not sample.size:
        return Window.between(0.0, 1.0)
    low, high = np.percentile(sample, (0.5, 99.5))
    return Window.between(float(low), float(high))


def windows_of(series: Series) -> tuple[Window, ...]:
    """Return the series' own VOI windows, those that are open."""
    return tuple(Window(float(width), float(centre)) for width, centre in series.windows if width > 0)


def initial_window(series: Series, values: Voxels) -> Window:
    """Return the window a series opens with: its own, else a CT preset by region, else percentiles."""
    own = windows_of(series)
    if own:
        return own[0]
    if series.modality == "CT":
        return CT_PRESETS[0][1] if series.body_part == "HEAD" else CT_PRESETS[3][1]
    return automatic_window(values)


def grey(values: Voxels, window: Window) -> NDArray[np.uint8]:
    """Return the values as shades from 0 (black) to 255 (white), in the shape of the values."""
    low, high = window.levels
    scaled = (np.asarray(values, dtype=np.float32) - low) * (255.0 / max(high - low, 1e-6))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), dtype=np.uint8)
