"""Lookup tables and window functions, against pydicom and dcmtk."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window, grey, initial_window, windows_of
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import assemble, index
from tests.dicom_builder import enhanced_dataset, image_dataset, ramp, save

SYNTAXES = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]


def opened(path: Path) -> tuple[Series, SliceStack]:
    (study,) = index.scan([path]).studies
    (series,) = study.series
    return series, assemble.load_stack(series)


def table(first: int, entries: NDArray[Any], bits: int = 16, *, vr: str = "US", packed: bool = False) -> Dataset:
    item = Dataset()
    count = len(entries) if len(entries) < 65536 else 0
    item.add_new("LUTDescriptor", "SS" if first < 0 else "US", [count, first, bits])
    item.LUTExplanation, item.ModalityLUTType = "Made for a test", "US"
    if packed:
        item.add_new("LUTData", "OW", entries.astype(np.uint8).tobytes())
    else:
        words = entries.astype("<u2")
        item.add_new("LUTData", vr, words.tobytes() if vr == "OW" else [int(word) for word in words])
    return item


def bent(count: int, largest: int = 65535) -> NDArray[np.uint16]:
    """Return a table that is no straight line."""
    return np.asarray(np.rint(largest * np.linspace(0, 1, count) ** 2)).astype(np.uint16)


def big_endian(dataset: Dataset, sequence: str, stored: NDArray[Any]) -> None:
    """Turn the bytes that pydicom writes as they are."""
    dataset.PixelData = stored.byteswap().tobytes()
    item = dataset[sequence].value[0]
    if item["LUTData"].VR == "OW":
        item.LUTData = np.frombuffer(item.LUTData, "<u2").byteswap().tobytes()


# -- Modality LUT ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("vr", ["US", "OW"])
@pytest.mark.parametrize(("dtype", "first"), [(np.uint16, 100), (np.int16, -700)])
def test_a_modality_table_gives_the_values(tmp_path: Path, syntax: str, vr: str, dtype: Any, first: int) -> None:
    stored = (ramp((6, 8)) * 3 - (900 if dtype is np.int16 else 0)).astype(dtype)
    entries = bent(256, 4000)
    dataset = image_dataset(stored, Modality="CR", RescaleSlope=None, RescaleIntercept=None)
    dataset.ModalityLUTSequence = [table(first, entries, vr=vr)]
    if syntax == ExplicitVRBigEndian:
        big_endian(dataset, "ModalityLUTSequence", stored)
    path = save(dataset, tmp_path / "one.dcm", syntax)
    series, stack = opened(path)
    expected = entries[np.clip(stored.astype(int) - first, 0, 255)]
    np.testing.assert_array_equal(stack.array[0], expected)
    assert series.warnings == ()
    if syntax == ExplicitVRLittleEndian:
        np.testing.assert_array_equal(stack.array[0], apply_modality_lut(stored, pydicom.dcmread(path)))


def test_a_modality_table_is_taken_for_compressed_pixels_and_in_place_of_a_rescale(tmp_path: Path) -> None:
    stored, entries = ramp((64, 64), np.uint16), bent(2000)
    dataset = image_dataset(stored, Modality="DX", RescaleSlope="3", RescaleIntercept="-5")
    dataset.ModalityLUTSequence = [table(0, entries)]
    path = save(dataset, tmp_path / "one.dcm")
    dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
    dataset.save_as(path)
    series, stack = opened(path)
    np.testing.assert_array_equal(stack.array[0], entries[stored])
    assert stack.array.dtype == np.uint16
    assert series.instances[0].rescale == (1.0, 0.0)


def test_hounsfield_units_out_of_a_table_keep_values_that_16_bits_with_a_sign_do_not_hold(tmp_path: Path) -> None:
    stored = np.arange(48, dtype=np.uint16).reshape(6, 8)
    dataset = image_dataset(stored)
    dataset.ModalityLUTSequence = [table(0, np.linspace(0, 60000, 48))]
    _, stack = opened(save(dataset, tmp_path / "one.dcm"))
    assert stack.array.max() == 60000


def test_entries_of_8_bits_two_in_a_word_are_read(tmp_path: Path) -> None:
    stored = np.arange(48, dtype=np.uint8).reshape(6, 8)
    entries = 255 - np.arange(48)
    dataset = image_dataset(stored, Modality="CR")
    dataset.ModalityLUTSequence = [table(0, entries, bits=8, packed=True)]
    _, stack = opened(save(dataset, tmp_path / "one.dcm"))
    np.testing.assert_array_equal(stack.array[0], 255 - stored)


@pytest.mark.parametrize("wrong", ["no data", "too short", "no descriptor", "odd bits"])
def test_a_modality_table_that_makes_no_sense_is_named_and_values_stay_as_stored(tmp_path: Path, wrong: str) -> None:
    item = table(0, bent(64))
    match wrong:
        case "no data":
            del item.LUTData
        case "too short":
            item.LUTDescriptor = [4096, 0, 16]
        case "no descriptor":
            del item.LUTDescriptor
        case _:
            item.LUTDescriptor = [64, 0, 99]
    dataset = image_dataset(ramp((6, 8)), Modality="CR")
    dataset.ModalityLUTSequence = [item]
    series, stack = opened(save(dataset, tmp_path / "one.dcm"))
    np.testing.assert_array_equal(stack.array[0], ramp((6, 8)))
    assert series.warnings == ("The images carry a modality lookup table that is damaged; values are as stored.",)


# -- VOI LUT -----------------------------------------------------------------------------------------------------------


def with_voi_table(tmp_path: Path, item: Dataset, **attributes: Any) -> Path:
    dataset = image_dataset(np.arange(48 * 40, dtype=np.int16).reshape(48, 40), Modality="MR", **attributes)
    dataset.VOILUTSequence = [item]
    return save(dataset, tmp_path / "one.dcm")


def shown(path: Path) -> NDArray[np.uint8]:
    series, stack = opened(path)
    return grey(stack.array[0], initial_window(series, stack.array))


def dcmtk_picture(path: Path, *options: str) -> NDArray[np.uint8]:
    """Return how dcmtk shows the file, 8 bits."""
    if shutil.which("dcmj2pnm") is None:
        pytest.skip("dcmj2pnm is not installed (Debian package dcmtk)")
    out = path.with_suffix(".pgm")
    subprocess.run(["dcmj2pnm", *options, "+op", str(path), str(out)], check=True, capture_output=True)
    with Image.open(out) as image:
        return np.asarray(image)


@pytest.mark.parametrize(("first", "count", "bits"), [(0, 1920, 16), (300, 700, 12), (-5, 256, 8)])
def test_a_voi_table_is_what_the_series_opens_with(tmp_path: Path, first: int, count: int, bits: int) -> None:
    path = with_voi_table(tmp_path, table(first, bent(count, (1 << bits) - 1), bits))
    series, stack = opened(path)
    (window,) = windows_of(series)
    assert window.levels == (first, first + count - 1)
    entries = bent(count, (1 << bits) - 1)[np.clip(stack.array[0].astype(int) - first, 0, count - 1)]
    np.testing.assert_array_equal(shown(path), np.rint(entries * (255 / ((1 << bits) - 1))))
    assert np.abs(shown(path).astype(int) - dcmtk_picture(path, "+Wl", "1")).max() <= 1
    assert series.warnings == ()


def test_a_voi_table_takes_modality_values_below_zero(tmp_path: Path) -> None:
    entries = bent(1000)
    path = with_voi_table(tmp_path, table(-600, entries), RescaleIntercept="-1024")
    dataset = pydicom.dcmread(path)
    expected = apply_voi_lut(apply_modality_lut(dataset.pixel_array, dataset).astype(np.int16), dataset)
    np.testing.assert_allclose(shown(path), np.rint(expected / 65535 * 255), atol=1)


def test_windows_come_first_and_tables_are_offered_after_them(tmp_path: Path) -> None:
    path = with_voi_table(tmp_path, table(0, bent(100)), WindowCenter=["40", "600"], WindowWidth=["80", "2800"])
    series, stack = opened(path)
    soft, bone, last = windows_of(series)
    assert (soft, bone) == (Window(80, 40, "LINEAR"), Window(2800, 600, "LINEAR"))
    assert last.curve == series.voi_tables[0]
    assert series.voi_tables[0].name == "Made for a test"
    assert initial_window(series, stack.array) == soft


def test_a_table_is_stretched_by_a_drag_and_stays_a_table(tmp_path: Path) -> None:
    series, _ = opened(with_voi_table(tmp_path, table(0, bent(101))))
    (window,) = windows_of(series)
    wider = window.dragged(1.0, 0.5)
    assert (wider.width, wider.centre, wider.curve) == (200, 100, window.curve)
    np.testing.assert_array_equal(grey(np.array([0, 50, 100, 150, 200]), wider), grey(np.arange(0, 101, 25), window))


def test_a_voi_table_that_makes_no_sense_is_named_where_there_is_no_window(tmp_path: Path) -> None:
    broken = table(0, bent(16))
    broken.LUTDescriptor = [4096, 0, 16]
    series, _ = opened(with_voi_table(tmp_path, broken))
    assert series.warnings == ("The images carry a VOI lookup table that is damaged; choose a window.",)
    assert windows_of(series) == ()


# -- window functions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID", None])
@pytest.mark.parametrize(("width", "centre"), [(80, 40), (256, 128), (2, 100), (1, 100), (2000, -3)])
def test_window_functions_are_the_standards(tmp_path: Path, function: str | None, width: int, centre: int) -> None:
    stored = np.arange(-960, 960, dtype=np.int16).reshape(48, 40)
    dataset = image_dataset(
        stored, Modality="MR", WindowCenter=str(centre), WindowWidth=str(width), VOILUTFunction=function
    )
    path = save(dataset, tmp_path / "one.dcm")
    # Whole numbers of 16 bits in, the same out: pydicom scales to their range.
    plain = pydicom.dcmread(path)
    plain.PixelRepresentation, plain.BitsStored = 1, 16
    with np.errstate(over="ignore"):
        expected = (apply_voi_lut(stored, plain) + 32768.0) * (255 / 65535)
    found = shown(path)
    np.testing.assert_allclose(found, expected, atol=0.51)
    if function == "SIGMOID":
        assert np.abs(found.astype(int) - dcmtk_picture(path, "+Wi", "1", "+Wfs")).max() <= 1
    elif function in (None, "LINEAR"):
        assert np.abs(found.astype(int) - dcmtk_picture(path, "+Wi", "1")).max() <= 1


def test_a_frame_of_an_enhanced_file_has_its_own_function(tmp_path: Path) -> None:
    stored = ramp((3, 4, 5))
    dataset = enhanced_dataset(stored, [(0, 0, z) for z in range(3)], [0, 0, 0])
    for number, frame in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        voi = Dataset()
        voi.WindowCenter, voi.WindowWidth, voi.VOILUTFunction = str(number), "50", "SIGMOID"
        frame.FrameVOILUTSequence = [voi]
    series, _ = opened(save(dataset, tmp_path / "one.dcm"))
    assert windows_of(series) == (Window(50, 1, "SIGMOID"),)


def test_damaged_tables_and_overlays_open_or_are_named_but_nothing_else_is_raised(tmp_path: Path) -> None:
    dataset = image_dataset(ramp((16, 16), np.uint16), Modality="CR", BitsStored=12, HighBit=11)
    dataset.ModalityLUTSequence = [table(0, bent(64, 900))]
    dataset.VOILUTSequence = [table(5, bent(32, 255), 8, vr="OW"), table(0, bent(40, 4095), 12)]
    dataset.WindowCenter, dataset.WindowWidth, dataset.VOILUTFunction = ["40", "9"], ["80", "3"], "SIGMOID"
    for element, vr, value in ((0x0010, "US", 16), (0x0011, "US", 16), (0x0100, "US", 16), (0x0102, "US", 13)):
        dataset.add_new(0x60000000 | element, vr, value)
    whole = save(dataset, tmp_path / "whole.dcm").read_bytes()
    begin, end = whole.index(b"\x28\x00\x50\x10"), whole.index(b"\xe0\x7f\x10\x00")
    chance = np.random.default_rng(7)
    for _ in range(150):
        changed = bytearray(whole)
        for at in chance.integers(begin, end, chance.integers(1, 6)):
            changed[at] = chance.integers(256)
        (tmp_path / "one.dcm").write_bytes(changed)
        catalog = index.scan([tmp_path / "one.dcm"])
        for study in catalog.studies:
            for series in study.series:
                pending = assemble.open_stack(series)
                pending.read_all()
                assert all(problem.reason.endswith(".") for problem in pending.problems)
                grey(pending.stack.array[0], initial_window(series, pending.stack.array))
        assert catalog.studies or all(refusal.reason.endswith(".") for refusal in catalog.refused)
