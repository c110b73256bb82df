"""Moving pictures as MP4 (ISO/IEC 14496-12) with AV1 inside (AV1 in ISOBMFF 1.2), from what Pillow encodes.

Pillow's AVIF sequences hold the same AV1 samples in the same boxes, under another name: they are taken out and
put under the name that video players open. Nothing is encoded twice, and nothing but Pillow is needed.
"""

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from medgan_viewer.errors import MissingPartError, UsageError

__all__ = ["Samples", "encode", "movie"]

QUALITY = 90
_SPEED = 8
# Frames from one that stands by itself to the next: players jump to those, and no more than so many are in memory.
_GROUP = 30
_TIMESCALE = 1000
_UNITY = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
# A temporal delimiter, which has no place in this file format.
_DELIMITER = b"\x12\x00"
_SAMPLE_ENTRY_BYTES = 86


@dataclass
class Samples:
    """Encoded frames in order, the numbers (from 0) of those that stand by themselves, and how they were encoded.

    ``description`` is the sample entry "av01" with its configuration.
    """

    frames: list[bytes]
    keys: list[int]
    description: bytes
    width: int
    height: int


def encode(pictures: Iterator[Any]) -> Samples:
    """Encode RGB Pillow images of one size, at least two. Raises UsageError for fewer, MissingPartError without AV1."""
    from PIL import features

    if not features.check("avif"):
        raise MissingPartError("Pillow was built without AVIF here, so no MP4 can be made; write a GIF.")
    made: Samples | None = None
    for group in _groups(pictures):
        frames, description = _encoded(group)
        if made is None:
            made = Samples([], [], description, *group[0].size)
        if description != made.description:
            raise ValueError("the groups of a film were encoded in different ways")
        made.keys.append(len(made.frames))
        made.frames += frames
    if made is None:
        raise UsageError("One slice makes no film; write a picture of it.")
    return made


def _groups(pictures: Iterator[Any]) -> Iterator[list[Any]]:
    """Give images in groups of at least two: a sequence of one is another format. None are given for one image."""
    group: list[Any] = []
    for picture in pictures:
        group.append(_even(picture))
        if len(group) == _GROUP + 2:
            yield group[:_GROUP]
            group = group[_GROUP:]
    if len(group) > 1:
        yield group


def _even(picture: Any) -> Any:
    """Return the picture with an even number of rows and columns: colours are stored for two by two pixels."""
    width, height = (size + size % 2 for size in picture.size)
    if (width, height) == picture.size:
        return picture
    from PIL import Image

    larger = Image.new("RGB", (width, height), picture.getpixel((0, picture.size[1] - 1)))
    larger.paste(picture, (0, 0))
    return larger


def _encoded(group: Sequence[Any]) -> tuple[list[bytes], bytes]:
    stream = io.BytesIO()
    group[0].save(
        stream,
        format="AVIF",
        save_all=True,
        append_images=group[1:],
        quality=QUALITY,
        speed=_SPEED,
        subsampling="4:2:0",
        # What all players take: some overlook that a film says it uses the full range.
        range="limited",
        # Fast enough by itself; several threads would wait for one another on a busy computer.
        max_threads=1,
    )
    content = stream.getvalue()
    table = _inside(content, b"moov", b"trak", b"mdia", b"minf", b"stbl")
    (entry,) = _boxes(table[b"stsd"][8:], whole=True).values()
    sizes = struct.unpack_from(f">{len(group)}I", table[b"stsz"], 12)
    (start,) = struct.unpack_from(">I", table[b"stco"], 8)
    frames = []
    for size in sizes:
        frames.append(content[start : start + size].removeprefix(_DELIMITER))
        start += size
    return frames, _entry(entry)


def _entry(entry: bytes) -> bytes:
    """Return a sample entry with what a film has in it: configuration and colours."""
    inside = _boxes(entry[_SAMPLE_ENTRY_BYTES:], whole=True)
    return _box(b"av01", entry[8:_SAMPLE_ENTRY_BYTES], *(inside[kind] for kind in (b"av1C", b"colr") if kind in inside))


def _boxes(content: bytes, *, whole: bool = False) -> dict[bytes, bytes]:
    """Return the boxes side by side in some bytes, by their kind: what is in them, or the ``whole`` boxes."""
    found: dict[bytes, bytes] = {}
    place = 0
    while place + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        found[kind] = content[place if whole else place + 8 : place + size]
        place += size
    return found


def _inside(content: bytes, *path: bytes) -> dict[bytes, bytes]:
    for kind in path:
        content = _boxes(content)[kind]
    return _boxes(content)


# -- the file ----------------------------------------------------------------------------------------------------------


def movie(samples: Samples, rate: float, title: str, comment: str) -> bytes:
    """Return an MP4 file that shows ``rate`` frames a second; title and comment are what programs show of it."""
    kinds = _box(b"ftyp", b"isom", struct.pack(">I", 512), b"isom", b"iso6", b"av01", b"mp41")
    # The table of places is as long whatever stands in it: once to know where the frames begin, once for good.
    begin = len(kinds) + len(_moov(samples, rate, title, comment, 0)) + 8
    return b"".join((kinds, _moov(samples, rate, title, comment, begin), _box(b"mdat", *samples.frames)))


def _moov(samples: Samples, rate: float, title: str, comment: str, begin: int) -> bytes:
    each = round(_TIMESCALE / rate)
    length = each * len(samples.frames)
    header = _full(
        b"mvhd", struct.pack(">4IIH10x", 0, 0, _TIMESCALE, length, 0x10000, 0x100), _UNITY, bytes(24), _be(2)
    )
    track = _box(
        b"trak", _tkhd(samples, length), _box(b"mdia", _mdhd(length), _handler(b"vide"), _minf(samples, each, begin))
    )
    words = {b"\xa9nam": title, b"\xa9cmt": comment, b"desc": comment}
    told = b"".join(_box(kind, _box(b"data", _be(1, 0), text.encode())) for kind, text in words.items())
    return _box(b"moov", header, track, _box(b"udta", _full(b"meta", _handler(b"mdir"), _box(b"ilst", told))))


def _tkhd(samples: Samples, length: int) -> bytes:
    size = _be(samples.width << 16, samples.height << 16)
    # Enabled, in the film.
    return _full(b"tkhd", _be(0, 0, 1, 0, length), bytes(16), _UNITY, size, flags=3)


def _mdhd(length: int) -> bytes:
    undetermined = 0x55C4
    return _full(b"mdhd", _be(0, 0, _TIMESCALE, length), struct.pack(">HH", undetermined, 0))


def _handler(kind: bytes) -> bytes:
    return _full(b"hdlr", bytes(4), kind, bytes(13))


def _minf(samples: Samples, each: int, begin: int) -> bytes:
    count = len(samples.frames)
    here = _full(b"dref", _be(1), _full(b"url ", flags=1))
    table = (
        _full(b"stsd", _be(1), samples.description),
        _full(b"stts", _be(1, count, each)),
        _full(b"stss", _be(len(samples.keys), *(key + 1 for key in samples.keys))),
        _full(b"stsc", _be(1, 1, count, 1)),
        _full(b"stsz", _be(0, count, *map(len, samples.frames))),
        _full(b"stco", _be(1, begin)),
    )
    return _box(b"minf", _full(b"vmhd", bytes(8), flags=1), _box(b"dinf", here), _box(b"stbl", *table))


def _box(kind: bytes, *content: bytes) -> bytes:
    inside = b"".join(content)
    return struct.pack(">I4s", len(inside) + 8, kind) + inside


def _full(kind: bytes, *content: bytes, flags: int = 0) -> bytes:
    """Return a box with version 0 and flags."""
    return _box(kind, _be(flags), *content)


def _be(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)
