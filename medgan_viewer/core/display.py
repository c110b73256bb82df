"""From values to grey: windows and presets."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.catalog import Series, VoiTable, WindowFunction
from medgan_viewer.core.volume import Voxels

__all__ = ["CT_PRESETS", "Window", "automatic_window", "grey", "initial_window", "presets", "shades", "windows_of"]

# The smallest width: a window is never closed, and a mouse drag can always open it again.
_SMALLEST_WIDTH = 1e-3
_SAMPLES = 200_000


@dataclass(frozen=True, slots=True)
class Window:
    """A VOI window: values from centre − width/2 (black) to centre + width/2 (white).

    ``curve`` says how shades lie between: evenly; evenly as DICOM's LINEAR counts whole numbers, one value narrower; as
    a sigmoid, which has no ends; or as a file's table says, stretched over the window.
    """

    width: float
    centre: float
    curve: WindowFunction | VoiTable = "LINEAR_EXACT"

    @property
    def levels(self) -> tuple[float, float]:
        """The values shown as black and as white."""
        if self.curve == "LINEAR" and self.width >= 1:
            middle, half = self.centre - 0.5, max(self.width - 1, _SMALLEST_WIDTH) / 2
            return middle - half, middle + half
        return self.centre - self.width / 2, self.centre + self.width / 2

    def dragged(self, right: float, up: float) -> "Window":
        """Return the window after a drag: right widens, up raises the level, both as a share of the present width."""
        width = max(self.width * (1 + right), _SMALLEST_WIDTH)
        return replace(self, width=width, centre=self.centre + up * self.width)

    @property
    def is_straight(self) -> bool:
        """Whether shades lie evenly between black and white."""
        return self.curve in ("LINEAR", "LINEAR_EXACT")

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
    """Return the series' own VOI windows, those that are open, and then its VOI LUTs."""
    return presets(series.windows, series.window_function, series.voi_tables)


def presets(
    pairs: Sequence[tuple[float, float]], function: WindowFunction, tables: Sequence[VoiTable]
) -> tuple[Window, ...]:
    """Return windows for (width, centre) pairs, those that are open, and then for tables."""
    windows = [Window(float(width), float(centre), function) for width, centre in pairs if width > 0]
    return (*windows, *map(_over_table, tables))


def _over_table(table: VoiTable) -> Window:
    """Return the window over which a table lies by itself."""
    last = table.first + len(table.shades) // 2 - 1
    return replace(Window.between(table.first, last), curve=table)


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
    return np.asarray(np.clip(np.rint(shades(values, window)), 0, 255), dtype=np.uint8)


def shades(values: Voxels, window: Window) -> NDArray[np.float32]:
    """Return values as float32 shades: 0 is black, 255 white; an even window goes on below and beyond."""
    low, high = window.levels
    scaled = np.asarray(values, dtype=np.float32)
    if window.curve == "SIGMOID":
        # PS3.3 C.11.2.1.3.1; beyond ±80 nothing changes but the exponential overflows.
        power = np.clip((scaled - window.centre) * (-4.0 / window.width), -80, 80)
        return np.asarray(255.0 / (1.0 + np.exp(power)), dtype=np.float32)
    scaled = (scaled - low) * (1.0 / max(high - low, 1e-6))
    if isinstance(window.curve, VoiTable):
        table = np.frombuffer(window.curve.shades, "<u2") * np.float32(255.0 / 65535.0)
        at = np.clip(np.rint(np.nan_to_num(scaled) * (len(table) - 1)), 0, len(table) - 1)
        return np.asarray(table[at.astype(np.int32)], dtype=np.float32)
    return np.asarray(scaled * 255.0, dtype=np.float32)
