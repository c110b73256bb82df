"""Findings in exported pictures: a box with number and verdict around each, and the scale of a heat map below."""

import textwrap
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.colour_maps import colour_map
from medgan_viewer.core.findings import Reading, box_on_plane, score_text
from medgan_viewer.core.layers import Finding, HeatLayer
from medgan_viewer.core.volume import Plane, Volume
from medgan_viewer.dicom.mark import plain

__all__ = ["boxed", "scales"]

# As on the panes. What was rejected is grey, so that nobody takes it for a finding of the reader.
_COLOUR, _REJECTED, _GROUND = (242, 193, 78), (170, 170, 170), (0, 0, 0)
_SIZE, _STEP, _AROUND, _MARGIN = 20, 25, 4, 4
_LINE, _BAR, _BAR_HEIGHT, _LONGEST_NAME = 22, 128, 12, 28

Box = tuple[float, float, float, float]


def boxed(pixels: NDArray[np.uint8], plane: Plane, readings: Sequence[Reading]) -> NDArray[np.uint8]:
    """Return an RGB picture [row, column, 3] of a plane with a box around every finding that the plane cuts.

    Beside each stands its number and what the reader said: "1 accepted", "2 rejected", "3 open".
    """
    found = [(box, words) for reading in readings for box, words in _boxes(reading, plane)]
    if not found:
        return pixels
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(pixels)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(_SIZE)
    taken: list[Box] = []
    for box, words in found:
        colour = _REJECTED if words.endswith("rejected") else _COLOUR
        draw.rectangle(box, outline=colour, width=2)
        place = _room(box, font.getlength(words) + 2 * _MARGIN, pixels.shape, taken)
        taken.append(place)
        draw.rectangle(place, fill=_GROUND)
        draw.text((place[0] + _MARGIN, place[1]), words, fill=colour, font=font)
    return np.asarray(image, dtype=np.uint8)


def _boxes(reading: Reading, plane: Plane) -> list[tuple[Box, str]]:
    said = {one.finding.index: one.verdict for one in reading.judgements}
    placed = [(_box(one, reading.layer.volume, plane), one) for one in reading.findings]
    return [(box, f"{one.number}  {said.get(one.index, 'open')}") for box, one in placed if box is not None]


def _box(finding: Finding, volume: Volume, plane: Plane) -> Box | None:
    """Return left, top, right and bottom of a finding on a plane, a little wider; None where the plane misses it."""
    box = box_on_plane(volume, finding.bounds, plane)
    if box is None:
        return None
    top, left, bottom, right = box
    return (
        max(left - _AROUND, 0.0),
        max(top - _AROUND, 0.0),
        min(right + _AROUND, plane.columns - 1.0),
        min(bottom + _AROUND, plane.rows - 1.0),
    )


def _room(box: Box, wide: float, shape: tuple[int, ...], taken: Sequence[Box]) -> Box:
    """Return where words of a box stand: above or below it, within the picture and on no other words."""
    left = max(min(box[0], shape[1] - wide - 2), 2.0)
    tops = [box[1] - _STEP - 2, *(box[3] + 2 + _STEP * number for number in range(4))]
    places = [(left, top, left + wide, top + _STEP) for top in tops if 0 <= top <= shape[0] - _STEP]
    places = places or [(left, 2.0, left + wide, 2.0 + _STEP)]
    free = (one for one in places if not any(_meet(one, other) for other in taken))
    return next(free, places[0])


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def scales(layers: Sequence[HeatLayer], columns: int) -> NDArray[np.uint8]:
    """Return a black strip, RGB [row, column, 3], that says of each heat map its colours and its threshold."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", (columns, _LINE * len(layers)))
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    for number, layer in enumerate(layers):
        top = _LINE * number + 2
        bar = np.repeat(colour_map(layer.colour_map)[None, :: 256 // _BAR], _BAR_HEIGHT, axis=0)
        draw.text((4, top), "0", fill="white", font=font)
        image.paste(Image.fromarray(np.ascontiguousarray(bar)), (18, top + 3))
        name = textwrap.shorten(plain(layer.provenance.model_name), _LONGEST_NAME, placeholder="...")
        words = f"1  score, shown from {score_text(layer.threshold)}"
        draw.text((24 + _BAR, top), f"{words} - {name}" if len(layers) > 1 else words, fill="white", font=font)
    return np.asarray(image, dtype=np.uint8)
