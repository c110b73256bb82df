"""The words of a PDF file as Qt writes them (ISO 32000-1): fonts by glyph numbers, each with its table to Unicode."""

import re
import unicodedata
import zlib
from pathlib import Path

__all__ = ["contents", "words"]

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)


def contents(path: Path) -> bytes:
    """Return all of a file that a search can find: the bytes as they are, and those of every compressed stream."""
    whole = path.read_bytes()
    return whole + b"\n".join(_inflated(match[1]) for match in _STREAM.finditer(whole))


def words(path: Path) -> list[str]:
    """Return the text of each page, its pieces of text one after another, without spaces between words."""
    whole = path.read_bytes()
    objects = {int(match[1]): match[2] for match in _OBJECT.finditer(whole)}
    fonts = {number: _unicode(objects, body) for number, body in objects.items() if b"/ToUnicode" in body}
    pages = sorted(number for number, body in objects.items() if re.search(rb"/Type /Page\b(?!s)", body))
    return [_page(objects, objects[number], fonts) for number in pages]


def _page(objects: dict[int, bytes], page: bytes, fonts: dict[int, dict[int, str]]) -> str:
    content = _of(objects, page, rb"/Contents (\d+) 0 R")
    resources = page
    if (found := re.search(rb"/Resources (\d+) 0 R", page)) is not None:
        resources = objects[int(found[1])]
    named = {name: int(number) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", resources)}
    text, table = "", dict[int, str]()
    for font, glyphs in re.findall(rb"/(F\d+) [\d.]+ Tf|<([0-9A-Fa-f]+)> Tj", content):
        if font:
            table = fonts[named[font]]
        text += "".join(table.get(int(glyphs[i : i + 4], 16), "?") for i in range(0, len(glyphs), 4))
    # Letters that are drawn joined ("fi") come back as one.
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _of(objects: dict[int, bytes], body: bytes, reference: bytes) -> bytes:
    found = re.search(reference, body)
    assert found is not None
    stream = _STREAM.search(objects[int(found[1])])
    assert stream is not None
    return _inflated(stream[1])


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content)
    except zlib.error:
        return content


def _unicode(objects: dict[int, bytes], font: bytes) -> dict[int, str]:
    """Return which text each glyph of a font stands for (9.10.3)."""
    table: dict[int, str] = {}
    content = _of(objects, font, rb"/ToUnicode (\d+) 0 R")
    for first, last, run, single in re.findall(rb"<(\w{4})> <(\w{4})> (?:\[([^\]]*)\]|<(\w{4})>)", content):
        codes = re.findall(rb"<(\w+)>", run) if run else [single]
        for number, code in enumerate(codes):
            table[int(first, 16) + number] = bytes.fromhex(code.decode()).decode("utf-16-be")
        del last
    return table
