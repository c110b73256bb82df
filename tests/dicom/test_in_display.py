"""What is for display alone: colours, palettes, overlay planes, and the words about loss."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pack_bits
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import assemble, index
from tests.dicom_builder import image_dataset, ramp, save


def opened(folder: Path) -> tuple[Series, SliceStack]:
    (study,) = index.scan([folder]).studies
    (series,) = study.series
    return series, assemble.load_stack(series)


def rgb(shape: tuple[int, int] = (6, 8)) -> np.ndarray[Any, Any]:
    return np.stack([ramp(shape, np.uint8, start=40 * n) for n in range(3)], axis=-1)


def with_overlay(dataset: Dataset, drawn: np.ndarray[Any, Any], origin: tuple[int, int] = (1, 1)) -> Dataset:
    for element, vr, value in (
        (0x0010, "US", drawn.shape[0]),
        (0x0011, "US", drawn.shape[1]),
        (0x0040, "CS", "G"),
        (0x0050, "SS", list(origin)),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x3000, "OW", pack_bits(drawn.ravel().astype(np.uint8), pad=True)),
    ):
        dataset.add_new(0x6000 << 16 | element, vr, value)
    return dataset


@pytest.mark.parametrize("planar", [0, 1])
def test_colours_are_kept_for_display_and_values_are_their_luminance(tmp_path: Path, planar: int) -> None:
    pixels = rgb()
    dataset = image_dataset(
        pixels[..., 0], SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=planar, Modality="US"
    )
    dataset.PixelData = (pixels if planar == 0 else pixels.transpose(2, 0, 1)).tobytes()
    save(dataset, tmp_path / "one.dcm")
    series, stack = opened(tmp_path)
    assert series.colour
    assert stack.colour is not None
    np.testing.assert_array_equal(stack.colour[0], pixels)
    np.testing.assert_array_equal(stack.array[0], np.rint(pixels @ [0.299, 0.587, 0.114]))
    assert series.warnings == ("The images are in colour; models take grey images only.",)


def test_a_palette_gives_its_colours(tmp_path: Path) -> None:
    stored = np.arange(48, dtype=np.uint8).reshape(6, 8)
    dataset = image_dataset(stored, PhotometricInterpretation="PALETTE COLOR", Modality="US")
    tables = [np.arange(256, dtype=np.uint16) * step << 8 for step in (1, 2, 3)]
    for name, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        setattr(dataset, f"{name}PaletteColorLookupTableDescriptor", [256, 0, 16])
        setattr(dataset, f"{name}PaletteColorLookupTableData", table.tobytes())
    save(dataset, tmp_path / "one.dcm")
    series, stack = opened(tmp_path)
    assert series.colour
    assert stack.colour is not None
    expected = np.stack([stored * step for step in (1, 2, 3)], axis=-1)
    np.testing.assert_array_equal(stack.colour[0], expected)


def test_overlay_planes_are_drawn_where_they_lie_and_values_stay(tmp_path: Path) -> None:
    stored, drawn = ramp((6, 8)), np.zeros((3, 4), bool)
    drawn[1, 1:] = True
    save(with_overlay(image_dataset(stored), drawn, origin=(2, 3)), tmp_path / "one.dcm")
    series, stack = opened(tmp_path)
    assert series.graphics
    assert stack.graphics is not None
    expected = np.zeros((6, 8), bool)
    expected[2, 3:6] = True
    np.testing.assert_array_equal(stack.graphics[0], expected)
    np.testing.assert_array_equal(stack.array[0], stored)


def test_an_overlay_beyond_the_image_is_cut_off_and_a_damaged_one_left_out(tmp_path: Path) -> None:
    whole = np.ones((6, 8), bool)
    save(with_overlay(image_dataset(ramp((6, 8)), InstanceNumber=1), whole, origin=(-2, 5)), tmp_path / "one.dcm")
    damaged = with_overlay(image_dataset(ramp((6, 8)), (0, 0, 1), InstanceNumber=2), whole)
    damaged[0x60003000].value = b"\0\0"
    save(damaged, tmp_path / "two.dcm")
    _, stack = opened(tmp_path)
    assert stack.graphics is not None
    expected = np.zeros((6, 8), bool)
    expected[:3, 4:] = True
    np.testing.assert_array_equal(stack.graphics[0], expected)
    assert not stack.graphics[1].any()


# JPEG 2000 counts bits from the lowest one; what keeps words as they are may have them anywhere.
PLACES = [(11, (12, 15)), (13, (0, 15)), (15, (1, 3))]
WORDS = [ExplicitVRLittleEndian, ExplicitVRBigEndian, RLELossless]


@pytest.mark.parametrize(
    ("syntax", "high_bit", "bits"),
    [(JPEG2000Lossless, *PLACES[0]), *((syntax, *place) for syntax in WORDS for place in PLACES)],
)
def test_overlays_in_unused_bits_of_the_pixels_are_drawn_and_values_stay(
    tmp_path: Path, syntax: str, high_bit: int, bits: tuple[int, int]
) -> None:
    values = ramp((64, 72), np.uint16)
    drawn = [np.random.default_rng(bit).random(values.shape) < 0.3 for bit in bits]
    stored = values << (high_bit - 11)
    for bit, plane in zip(bits, drawn, strict=True):
        stored |= plane.astype(np.uint16) << bit
    dataset = image_dataset(stored, Modality="MR", BitsStored=12, HighBit=high_bit)
    for group, bit in zip((0x6000, 0x6002), bits, strict=True):
        for element, vr, value in (
            (0x0010, "US", 64),
            (0x0011, "US", 72),
            (0x0040, "CS", "G"),
            (0x0050, "SS", [1, 1]),
            (0x0100, "US", 16),
            (0x0102, "US", bit),
        ):
            dataset.add_new(group << 16 | element, vr, value)
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = stored.byteswap().tobytes()
    path = save(dataset, tmp_path / "one.dcm", ExplicitVRLittleEndian if UID(syntax).is_encapsulated else syntax)
    if UID(syntax).is_encapsulated:
        # As old scanners wrote it: the words as they are.
        dataset.BitsStored, dataset.HighBit = 16, 15
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.BitsStored, dataset.HighBit = 12, high_bit
        dataset.save_as(path)
    series, stack = opened(tmp_path)
    assert series.graphics
    assert stack.graphics is not None
    np.testing.assert_array_equal(stack.graphics[0], drawn[0] | drawn[1])
    np.testing.assert_array_equal(stack.array[0], values)


def test_an_overlay_that_claims_a_bit_of_the_image_draws_nothing(tmp_path: Path) -> None:
    dataset = image_dataset(ramp((6, 8), np.uint16), Modality="MR", BitsStored=12, HighBit=11)
    dataset.add_new(0x60000010, "US", 6)
    dataset.add_new(0x60000011, "US", 8)
    dataset.add_new(0x60000102, "US", 3)
    save(dataset, tmp_path / "one.dcm")
    _, stack = opened(tmp_path)
    assert stack.graphics is not None
    assert not stack.graphics.any()


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": "12"}, "lossy 12:1"),
        ({"LossyImageCompression": "01", "LossyImageCompressionRatio": ["2", "5"]}, "lossy 10:1"),
        ({"LossyImageCompression": "01"}, "lossy"),
        ({"LossyImageCompression": "00", "LossyImageCompressionRatio": "3"}, ""),
        ({}, ""),
    ],
)
def test_loss_is_known_with_its_ratio(tmp_path: Path, attributes: dict[str, Any], words: str) -> None:
    save(image_dataset(ramp((6, 8)), **attributes), tmp_path / "one.dcm")
    assert opened(tmp_path)[0].lossy == words


@pytest.mark.parametrize(
    ("character_set", "name"),
    [
        ("ISO_IR 144", "Люкceмбypг"),
        ("ISO_IR 192", "שרון^דבורה"),
        ("ISO_IR 192", "قباني^لنزار"),
        ("GB18030", "王^小东"),
        (["", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎=やまだ^たろう"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"),
        (["", "ISO 2022 IR 149"], "Hong^Gildong=洪^吉洞=홍^길동"),
        ("ISO_IR 126", "Διονυσιος"),
        ("ISO_IR 100", "Buc^Jérôme"),
    ],
    ids=["Cyrillic", "Hebrew", "Arabic", "Chinese", "Japanese", "Japanese with katakana", "Korean", "Greek", "French"],
)
def test_names_in_every_script_are_shown_right(tmp_path: Path, character_set: Any, name: str) -> None:
    save(image_dataset(ramp((4, 5)), SpecificCharacterSet=character_set, PatientName=name), tmp_path / "one.dcm")
    assert index.scan([tmp_path]).studies[0].patient.name == name
