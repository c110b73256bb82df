"""A series as a film: every frame marked, in a file that players open and that says what it is."""

import io
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, features

from medgan_viewer import cli
from medgan_viewer.core.display import Window, initial_window
from medgan_viewer.dicom import assemble, index, mp4, write_cine
from medgan_viewer.dicom.capture import captured
from medgan_viewer.dicom.mark import SYNTHETIC_COLOUR
from medgan_viewer.errors import MissingPartError, UsageError
from tests.dicom.export_builder import image_layer, opened, write_source
from tests.dicom_builder import ramp, write_series

pytestmark = pytest.mark.skipif(not features.check("avif"), reason="Pillow was built without AVIF")


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))


def boxes(content: bytes) -> dict[bytes, bytes]:
    """Return what is in each box of ISO/IEC 14496-12, read by the book and not by the program's own code."""
    found: dict[bytes, bytes] = {}
    while content:
        size, kind = struct.unpack(">I4s", content[:8])
        assert 8 <= size <= len(content), kind
        found[kind], content = content[8:size], content[size:]
    return found


def within(content: bytes, *path: bytes) -> bytes:
    for kind in path:
        content = boxes(content)[kind]
    return content


def decoded(path: Path) -> list[NDArray[np.uint8]]:
    """Return all frames as libavif decodes them, which opens the same boxes below the head of another file."""
    host = io.BytesIO()
    Image.new("RGB", (2, 2)).save(host, format="AVIF", save_all=True, append_images=[Image.new("RGB", (2, 2))])
    whole = host.getvalue()
    ends = struct.unpack_from(">I", whole)[0]
    head = whole[: ends + struct.unpack_from(">I", whole, ends)[0]]
    parts = boxes(path.read_bytes())
    moov = bytearray(parts[b"moov"].replace(b"vide", b"pict"))
    place = moov.index(b"stco") + 12
    moov[place : place + 4] = struct.pack(">I", len(head) + len(moov) + 16)
    film = head
    for kind, inside in ((b"moov", bytes(moov)), (b"mdat", parts[b"mdat"])):
        film += struct.pack(">I4s", len(inside) + 8, kind) + inside
    with Image.open(io.BytesIO(film)) as image:
        shown = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            shown.append(np.asarray(image.convert("RGB")))
        return shown


def scan_folder(tmp_path: Path, slices: int = 4, **attributes: Any) -> Path:
    attributes = {"WindowWidth": "2000", "WindowCenter": "1000", "Modality": "MR"} | attributes
    write_series(tmp_path / "in", ramp((slices, 40, 48)), **attributes)
    return tmp_path / "in"


def violet(frame: NDArray[np.uint8]) -> int:
    """Return how many pixels have the colour of synthetic pixels, as near as a film comes."""
    return int((np.abs(frame.astype(int) - np.array(SYNTHETIC_COLOUR)).max(axis=-1) < 40).sum())


def test_every_slice_is_a_frame_with_its_mark_in_the_window_of_the_series(tmp_path: Path) -> None:
    # More slices than one group of frames holds: groups are joined without a gap.
    folder, out = scan_folder(tmp_path, 33, SyntheticData="YES"), tmp_path / "scan.mp4"
    assert cli.main(["convert", str(folder), "--out", str(out), "--rate", "5"]) == 0
    shown = decoded(out)
    assert len(shown) == 33
    series = index.scan([folder]).studies[0].series[0]
    stack = assemble.load_stack(series)
    for number, frame in enumerate(shown):
        expected = captured(series, stack, number, initial_window(series, stack.array)).marked()[0]
        rows, columns = expected.shape[:2]
        assert frame.shape == (rows + rows % 2, columns + columns % 2, 3)
        assert np.abs(frame[:rows, :columns].astype(int) - expected).mean() < 3
        assert violet(frame) > 2 * (rows + columns)


def test_the_tables_of_the_file_agree_with_what_is_in_it(tmp_path: Path) -> None:
    folder, out = scan_folder(tmp_path, 33), tmp_path / "scan.mp4"
    assert cli.main(["convert", str(folder), "--out", str(out), "--rate", "4"]) == 0
    content = out.read_bytes()
    table = boxes(within(content, b"moov", b"trak", b"mdia", b"minf", b"stbl"))
    count = struct.unpack(">I", table[b"stsz"][8:12])[0]
    sizes = struct.unpack(f">{count}I", table[b"stsz"][12:])
    (begin,) = struct.unpack(">I", table[b"stco"][8:])
    assert count == 33
    assert content[begin : begin + sum(sizes)] == boxes(content)[b"mdat"]
    assert begin + sum(sizes) == len(content)
    # 33 frames of 250 ms, of which the first of each group stands by itself.
    assert struct.unpack(">3I", table[b"stts"][4:]) == (1, 33, 250)
    assert struct.unpack(">3I", table[b"stss"][4:]) == (2, 1, 31)
    assert struct.unpack(">2I", within(content, b"moov", b"mvhd")[12:20]) == (1000, 33 * 250)


def test_the_file_says_that_it_is_synthetic_and_nothing_of_the_patient(tmp_path: Path) -> None:
    folder, out = scan_folder(tmp_path, SyntheticData="YES"), tmp_path / "scan.mp4"
    assert cli.main(["convert", str(folder), "--out", str(out)]) == 0
    content = out.read_bytes()
    told = boxes(boxes(within(content, b"moov", b"udta", b"meta")[4:])[b"ilst"])
    assert told[b"\xa9nam"].endswith(b"SYNTHETIC - NOT FOR DIAGNOSIS")
    assert b"Synthetic: YES" in told[b"\xa9cmt"]
    assert not any(name in content for name in (b"Built", b"Exactly", b"T-1", b"20260102"))


def test_a_film_of_a_synthetic_image_shows_the_finished_slices_of_that_image(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    layer.ready[0] = False
    out = write_cine.write(series, stack, tmp_path / "synthetic.mp4", Window(*layer.window), base=layer)
    shown = decoded(out)
    assert len(shown) == len(stack) - 1
    for number, frame in enumerate(shown, start=1):
        expected = captured(series, stack, number, Window(*layer.window), base=layer).marked()[0]
        assert np.abs(frame[: expected.shape[0], : expected.shape[1]].astype(int) - expected).mean() < 3
        assert violet(frame) > 1000
    gif = write_cine.write(series, stack, tmp_path / "synthetic.gif", Window(*layer.window), base=layer)
    with Image.open(gif) as image:
        assert getattr(image, "n_frames", 1) == len(stack) - 1


def test_nothing_finished_or_one_slice_or_no_encoder_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = image_layer(series, stack)
    window, out = Window(*layer.window), tmp_path / "synthetic.mp4"
    layer.ready[:-1] = False
    with pytest.raises(UsageError, match="One slice makes no film"):
        write_cine.write(series, stack, out, window, base=layer)
    layer.ready[:] = False
    with pytest.raises(UsageError, match="No slice is finished"):
        write_cine.write(series, stack, out, window, base=layer)
    layer.ready[:] = True
    monkeypatch.setattr(features, "check", lambda _: False)
    with pytest.raises(MissingPartError, match="write a GIF"):
        write_cine.write(series, stack, out, window, base=layer)
    assert not out.exists()


@pytest.mark.parametrize("count", [2, 30, 31, 32, 60, 61])
def test_no_frame_is_lost_where_groups_meet(count: int) -> None:
    pictures = (Image.new("RGB", (33, 21), (number * 4, 0, 0)) for number in range(count))
    samples = mp4.encode(pictures)
    assert len(samples.frames) == count
    assert (samples.width, samples.height) == (34, 22)
    # Each of them is a whole group, but the last one may be longer by a frame: none is alone.
    assert samples.keys == list(range(0, count - 1, 30))
