"""Colour maps that are perceptually even, and keep their order for colour-blind readers. No Qt here."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.volume import read_only
from medgan_viewer.wording import marked

__all__ = ["COLOUR_MAPS", "DIFFERENCES", "FROM_BLACK", "NAMES", "SEQUENTIAL", "colour_map"]

RGB = NDArray[np.uint8]

# 17 evenly spaced colours of each map (of grey its ends), between which is interpolated. Inferno, viridis, cividis and
# magma are maps of matplotlib (CC0).
COLOUR_MAPS = {
    "inferno": "000004 0b0724 210c4a 3d0965 57106e 71196e 8a226a a32c61 bc3754 "
    "d04545 e35933 f1711f f98c0a fcaa0f f9c932 f2e865 fcffa4",
    "magma": "000004 0a0822 1d1147 36106b 51127c 6a1c81 832681 9c2e7f b73779 "
    "cf4070 e55064 f4695c fb8761 fea571 fec287 fde0a1 fcfdbf",
    "viridis": "440154 48186a 472d7b 424086 3b528b 33638d 2c728e 26828e 21918c "
    "1f9f88 27ad81 3dbc74 5cc863 81d34d aadc32 d5e21a fde725",
    "cividis": "00204d 002c69 06366e 2d426c 414d6b 52596c 61646f 6f7073 7d7c78 "
    "8b8779 9b9477 aca174 bcaf6f cebc68 e0cb5e f2da50 ffea46",
    # The upper half of viridis: its lower half is violet, which here stands for synthetic alone.
    "teal-yellow": "26828e 21918c 1f9f88 27ad81 3dbc74 5cc863 81d34d aadc32 d5e21a fde725",
    "grey": "000000 ffffff",
    # Less and more: as much lighter per step on either side, in blue and orange, which no colour-blind eye mixes up.
    # Drawn by the project in CIELAB; dark in the middle, but no black, which stands for nothing being there.
    "blue-orange": "afddff 75caff 03b7fb 03a0dd 008abf 0175a2 056086 274a60 353535 "
    "5b4129 7c5020 9b5f1a b8711c d2842a e99a43 fcb165 ffcea1",
    # The same the other way round, as on paper: as much darker per step.
    "blue-orange-light": "2266a5 4675ad 6184b6 7994be 90a4c7 a7b5cf bcc5d7 d2d7e0 e8e8e8 "
    "e0d4cc d7c1b0 cdae95 c39c7a b88960 ab7747 9e662d 915511",
}
NAMES = {
    "inferno": marked("Inferno"),
    "magma": marked("Magma"),
    "viridis": marked("Viridis"),
    "cividis": marked("Cividis"),
    "teal-yellow": marked("Teal to yellow"),
    "grey": marked("Grey"),
    "blue-orange": marked("Blue and orange, dark at zero"),
    "blue-orange-light": marked("Blue and orange, light at zero"),
}
"""What each map is called."""
SEQUENTIAL = ("inferno", "magma", "viridis", "cividis", "teal-yellow", "grey")
"""From little to much, for heat maps and doubt."""
FROM_BLACK = ("grey", "inferno", "magma", "cividis")
"""Those of them that begin dark without violet, for whole images: what is air stays dark."""
DIFFERENCES = ("blue-orange", "blue-orange-light", "grey")
"""From less over none to more, for differences."""


@lru_cache(maxsize=len(COLOUR_MAPS))
def _made(name: str) -> RGB:
    nodes = COLOUR_MAPS[name].split()
    colours = np.array([list(bytes.fromhex(node)) for node in nodes], dtype=np.float64)
    at = np.linspace(0, 255, len(nodes))
    channels = [np.interp(np.arange(256), at, colours[:, channel]) for channel in range(3)]
    return read_only(np.rint(np.stack(channels, axis=1)).astype(np.uint8))


def colour_map(name: str) -> RGB:
    """Return the 256 colours of a map, [256, 3]; inferno where the name is not known."""
    return _made(name if name in COLOUR_MAPS else "inferno")
