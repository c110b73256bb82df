"""A series as a moving picture: a frame for each slice, and the mark in every one of them."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from medgan_viewer import cli
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window, initial_window
from medgan_viewer.core.rendering import render_slice
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import assemble, index, write_cine
from medgan_viewer.dicom.capture import Capture, captured
from medgan_viewer.dicom.mark import SYNTHETIC_COLOUR
from tests.dicom_builder import ramp, write_series


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))


def scan_folder(tmp_path: Path, **attributes: Any) -> Path:
    attributes = {"WindowWidth": "2000", "WindowCenter": "1000", "Modality": "MR"} | attributes
    write_series(tmp_path / "in", ramp((4, 40, 48)), **attributes)
    return tmp_path / "in"


def frames(path: Path) -> tuple[list[NDArray[np.uint8]], dict[str, Any]]:
    with Image.open(path) as image:
        shown = [np.asarray(one.convert("RGB")) for one in ImageSequence.Iterator(image)]
        return shown, {str(key): value for key, value in image.info.items()}


def violet(frame: NDArray[np.uint8]) -> int:
    """Return how many pixels have the colour of synthetic pixels, as near as 256 colours come."""
    return int((np.abs(frame.astype(int) - np.array(SYNTHETIC_COLOUR)).max(axis=-1) < 12).sum())


def test_every_slice_is_a_frame_in_the_window_of_the_series(tmp_path: Path) -> None:
    folder, out = scan_folder(tmp_path), tmp_path / "scan.gif"
    assert cli.main(["convert", str(folder), "--out", str(out), "--rate", "5"]) == 0
    shown, said = frames(out)
    assert len(shown) == 4
    assert (said["duration"], said["loop"]) == (200, 0)
    series = index.scan([folder]).studies[0].series[0]
    stack = assemble.load_stack(series)
    for number, frame in enumerate(shown):
        picture = render_slice(stack, number, initial_window(series, stack.array))
        expected, _ = Capture(picture.pixels, (), False, picture.plane).marked()
        assert frame.shape == expected.shape
        # 256 colours for 256 shades, black margins and yellow letters.
        assert np.abs(frame.astype(int) - expected).mean() < 2
        assert violet(frame) == 0
    comment = said["comment"].decode()
    assert "Synthetic: NO" in comment
    assert "not for diagnosis" in comment


def test_every_frame_of_a_synthetic_series_is_marked_in_violet(tmp_path: Path) -> None:
    folder, out = scan_folder(tmp_path, SyntheticData="YES"), tmp_path / "scan.gif"
    assert cli.main(["convert", str(folder), "--out", str(out)]) == 0
    shown, said = frames(out)
    assert all(violet(frame) > 2 * (frame.shape[0] + frame.shape[1]) for frame in shown)
    assert "Synthetic: YES" in said["comment"].decode()
    assert said["duration"] == 100


def test_each_slice_is_drawn_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []

    def count(series: Series, stack: SliceStack, number: int, *more: Any, **options: Any) -> Capture:
        drawn.append(number)
        return captured(series, stack, number, *more, **options)

    monkeypatch.setattr(write_cine, "captured", count)
    assert cli.main(["convert", str(scan_folder(tmp_path)), "--out", str(tmp_path / "scan.gif")]) == 0
    assert drawn == [0, 1, 2, 3]


def test_another_window_gives_other_shades_and_no_name_is_in_the_file(tmp_path: Path) -> None:
    folder = scan_folder(tmp_path)
    for number, more in enumerate(([], ["--window", "100", "3000"])):
        assert cli.main(["convert", str(folder), "--out", str(tmp_path / f"{number}.gif"), *more]) == 0
    bright, dark = (frames(tmp_path / f"{number}.gif")[0][0] for number in range(2))
    assert dark.mean() < bright.mean() / 2
    for number in range(2):
        content = (tmp_path / f"{number}.gif").read_bytes()
        assert not any(name in content for name in (b"Built", b"Exactly", b"T-1", b"20260102"))


@pytest.mark.parametrize("wrong", [["--rate", "0"], ["--rate", "60"], ["--window", "0", "40"]])
def test_what_makes_no_picture_is_one_sentence(
    tmp_path: Path, wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = scan_folder(tmp_path)
    assert cli.main(["convert", str(folder), "--out", str(tmp_path / "scan.gif"), *wrong]) == 2
    assert "A moving picture has a window wider than 0" in capsys.readouterr().err
    assert not (tmp_path / "scan.gif").exists()


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = scan_folder(tmp_path)

    def full(self: Any, *arguments: Any, **more: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    assert cli.main(["convert", str(folder), "--out", str(tmp_path / "scan.gif")]) == 1
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_low_values_shown_bright_are_bright_in_the_picture_too(tmp_path: Path) -> None:
    folder = scan_folder(tmp_path, PhotometricInterpretation="MONOCHROME1")
    assert cli.main(["convert", str(folder), "--out", str(tmp_path / "scan.gif"), "--window", "100", "3000"]) == 0
    shown, _ = frames(tmp_path / "scan.gif")
    assert shown[0].mean() > 150
    assert Window(100, 3000).levels[0] > ramp((4, 40, 48)).max()
