"""Damaged copies of real files, the same ones every time: cut, flipped, with swapped or absurd lengths and sizes."""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["KINDS", "Variant", "damaged", "elements", "seeds", "variants"]

KINDS = ("cut", "flip", "swap lengths", "absurd length", "impossible size")
_EVERY = 64
_LARGEST_SEED = 1 << 18
_FLIPS, _SWAPS, _LENGTHS = 150, 50, 70
# Unsigned shorts of the image pixel module: samples, planar configuration, rows, columns, bits, representation.
_SIZES = (0x0002, 0x0006, 0x0010, 0x0011, 0x0100, 0x0101, 0x0102, 0x0103)
_SIZE_VALUES = (0, 1, 2, 7, 8, 16, 17, 255, 32767, 32768, 65535)
_FRAMES = (b"0", b"-1", b"2", b"999999999", b"4294967296", b"x")
_LONG_VRS = {b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UT", b"UN", b"UC", b"UR", b"SV", b"UV"}


@dataclass(frozen=True, slots=True)
class Variant:
    """A damaged copy: of which file, how, and the number of the damage."""

    seed: str
    kind: str
    number: int

    @property
    def key(self) -> str:
        """What names it in the results."""
        return f"{self.seed}|{self.kind}|{self.number}"


def seeds() -> dict[str, Path]:
    """Return the files to damage: pydicom's own, whole and of moderate size, each transfer syntax among them."""
    import pydicom

    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and 0 < path.stat().st_size <= _LARGEST_SEED]
    return {path.name: path for path in found if path.suffix.lower() in (".dcm", "") and path.name != "README"}


def variants(name: str, data: bytes) -> Iterator[Variant]:
    """Give every variant of a file."""
    fields = elements(data)
    counts = {
        "cut": len(range(1, len(data), _EVERY)),
        "flip": _FLIPS,
        "swap lengths": _SWAPS if len(fields) > 1 else 0,
        "absurd length": _LENGTHS if fields else 0,
        "impossible size": len(_impossible(data)),
    }
    for kind in KINDS:
        yield from (Variant(name, kind, number) for number in range(counts[kind]))


def damaged(variant: Variant, data: bytes) -> bytes:
    """Return the bytes of a variant."""
    chance = random.Random(variant.key)
    if variant.kind == "cut":
        return data[: 1 + variant.number * _EVERY]
    if variant.kind == "flip":
        return _flipped(data, chance)
    if variant.kind == "impossible size":
        at, old, new = _impossible(data)[variant.number]
        return data[:at] + new + data[at + old :]
    fields = elements(data)
    if variant.kind == "swap lengths":
        (one, first), (other, second) = chance.sample(fields, 2)
        return _with(_with(data, one, first, _length(data, other, second)), other, second, _length(data, one, first))
    at, size = chance.choice(fields)
    most = (1 << 8 * size) - 1
    return _with(data, at, size, chance.choice((0, 1, 3, most, most - 1, most // 2, chance.randint(0, most))))


def _flipped(data: bytes, chance: random.Random) -> bytes:
    """Return the data with some bytes changed, most of them in the header."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        end = len(data) if chance.random() < 0.3 else min(len(data), 2048)
        changed[chance.randrange(min(128, end - 1), end)] = chance.randrange(256)
    return bytes(changed)


def _length(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _with(data: bytes, at: int, size: int, value: int) -> bytes:
    return data[:at] + (value & ((1 << 8 * size) - 1)).to_bytes(size, "little") + data[at + size :]


def elements(data: bytes) -> list[tuple[int, int]]:
    """Return place and size (2 or 4 bytes) of the length of each element that an explicit VR little-endian file has."""
    found, at = [], 132 if data[128:132] == b"DICM" else 0
    while at + 12 <= len(data):
        vr = data[at + 4 : at + 6]
        if not (vr.isalpha() and vr.isupper()):
            # Implicit VR: a length of four bytes follows the tag.
            place, size = at + 4, 4
        elif vr in _LONG_VRS:
            place, size = at + 8, 4
        else:
            place, size = at + 6, 2
        length = _length(data, place, size)
        found.append((place, size))
        # Into sequences, over everything else.
        nested = length == 0xFFFFFFFF or vr == b"SQ" or data[at : at + 4] == b"\xfe\xff\x00\xe0"
        at = place + size + (0 if nested else length)
    return found


def _impossible(data: bytes) -> list[tuple[int, int, bytes]]:
    """Return the changes that claim impossible sizes: at which byte, how many bytes go, what comes instead."""
    found: list[tuple[int, int, bytes]] = []
    for element in _SIZES:
        tag = struct.pack("<HH", 0x0028, element)
        for start in (tag + b"US\x02\0", tag + b"\x02\0\0\0"):
            at = data.find(start)
            if at >= 0:
                found += [(at + 8, 2, struct.pack("<H", value)) for value in _SIZE_VALUES]
    tag = struct.pack("<HH", 0x0028, 0x0008)
    place = data.find(struct.pack("<HH", 0x0028, 0x0010))
    for value in _FRAMES:
        text = value + b" " * (len(value) % 2)
        at = data.find(tag + b"IS")
        if at >= 0:
            length = _length(data, at + 6, 2)
            found.append((at, 8 + length, tag + b"IS" + struct.pack("<H", len(text)) + text))
        elif place >= 0 and data[place + 4 : place + 6] == b"US":
            found.append((place, 0, tag + b"IS" + struct.pack("<H", len(text)) + text))
    return found
