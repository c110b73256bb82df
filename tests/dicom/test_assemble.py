"""Assembling: every stored pixel arrives with its right value at its right place, and the visible slice comes first."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from medgan_viewer.core.catalog import Series
from medgan_viewer.dicom import assemble, index
from medgan_viewer.errors import DecodeError, ReadError
from tests.dicom_builder import enhanced_dataset, image_dataset, ramp, save, write_series


def series_of(folder: Path) -> Series:
    catalog = index.scan([folder])
    assert catalog.refused == ()
    (study,) = catalog.studies
    (series,) = study.series
    return series


def voxels(folder: Path) -> NDArray[Any]:
    return assemble.load_stack(series_of(folder)).array


def test_hounsfield_units_are_int16_and_every_slice_has_its_own_rescale(tmp_path: Path) -> None:
    stored = ramp((3, 4, 5), np.uint16)
    for n, image in enumerate(stored):
        save(
            image_dataset(image, (0, 0, n), RescaleSlope=str(n + 1), RescaleIntercept=str(-1000 * n)),
            tmp_path / f"{n}.dcm",
        )
    array = voxels(tmp_path)
    assert array.dtype == np.int16
    for n in range(3):
        np.testing.assert_array_equal(array[n], stored[n].astype(int) * (n + 1) - 1000 * n)


@pytest.mark.parametrize(
    ("dtype", "bits", "rescale", "expected"),
    [
        (np.uint8, 8, (1, 0), np.uint8),
        (np.uint16, 12, (1, 0), np.int16),
        (np.uint16, 16, (1, 0), np.uint16),
        (np.int16, 16, (1, 0), np.int16),
        (np.int16, 16, (2, 0), np.int32),
        (np.uint16, 16, (1, -1), np.int32),
        (np.int16, 16, (0.5, 0), np.float32),
        (np.int32, 32, (1, 0), np.int32),
    ],
)
def test_values_are_kept_in_the_smallest_type_that_holds_them_exactly(
    tmp_path: Path, dtype: Any, bits: int, rescale: tuple[float, float], expected: Any
) -> None:
    stored = ramp((2, 4, 5), dtype)
    write_series(
        tmp_path,
        stored,
        Modality="MR",
        BitsStored=bits,
        HighBit=bits - 1,
        RescaleSlope=str(rescale[0]),
        RescaleIntercept=str(rescale[1]),
    )
    array = voxels(tmp_path)
    assert array.dtype == expected
    np.testing.assert_array_equal(array, stored.astype(np.float64) * rescale[0] + rescale[1])


@given(
    signed=st.booleans(),
    bits=st.integers(8, 16),
    shift=st.integers(0, 2),
    slope=st.sampled_from([1, 2, -1]),
    intercept=st.integers(-2000, 2000),
    seed=st.integers(0, 1000),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_only_the_stored_bits_count_whatever_lies_around_them(
    tmp_path: Path, signed: bool, bits: int, shift: int, slope: int, intercept: int, seed: int
) -> None:
    high_bit = min(bits - 1 + shift, 15)
    shift = high_bit + 1 - bits
    random = np.random.default_rng(seed)
    low = -(1 << (bits - 1)) if signed else 0
    true = random.integers(low, low + (1 << bits), (4, 5))
    dirt = random.integers(0, 1 << 16, (4, 5)) & ~(((1 << bits) - 1) << shift)
    stored = (((true & ((1 << bits) - 1)) << shift) | dirt).astype(np.uint16)
    dataset = image_dataset(
        stored,
        Modality="PT",
        BitsStored=bits,
        HighBit=high_bit,
        PixelRepresentation=int(signed),
        RescaleSlope=str(slope),
        RescaleIntercept=str(intercept),
    )
    save(dataset, tmp_path / "one.dcm")
    np.testing.assert_array_equal(voxels(tmp_path)[0], true * slope + intercept)


def test_hounsfield_units_beyond_int16_are_clipped_and_named(tmp_path: Path) -> None:
    stored = np.array([[0, 60000], [100, 40000]], np.uint16)
    write_series(tmp_path, stored[None], RescaleIntercept="-1024")
    pending = assemble.open_stack(series_of(tmp_path))
    assert pending.read(0)
    np.testing.assert_array_equal(pending.stack.array[0], [[-1024, 32767], [-924, 32767]])
    (problem,) = pending.problems
    assert problem.reason == "Slice 1: 2 values too large or too small to keep were clipped."


def test_padding_brighter_than_air_becomes_air(tmp_path: Path) -> None:
    stored = np.array([[63536, 1000], [1024, 63536]], np.uint16)
    write_series(tmp_path, stored[None], RescaleIntercept="-1024", PixelPaddingValue=63536)
    np.testing.assert_array_equal(voxels(tmp_path)[0], [[-1000, -24], [0, -1000]])


def test_padding_that_is_air_already_keeps_its_stored_value(tmp_path: Path) -> None:
    stored = np.array([[-2000, 1000], [24, -2000]], np.int16)
    write_series(tmp_path, stored[None], RescaleIntercept="-1024", PixelPaddingValue=-2000)
    np.testing.assert_array_equal(voxels(tmp_path)[0], [[-3024, -24], [-1000, -3024]])


def test_a_range_of_padding_values_in_mr_becomes_zero(tmp_path: Path) -> None:
    stored = np.array([[4000, 4094], [4095, 17]], np.uint16)
    write_series(tmp_path, stored[None], Modality="MR", PixelPaddingValue=4095, PixelPaddingRangeLimit=4094)
    np.testing.assert_array_equal(voxels(tmp_path)[0], [[4000, 0], [0, 17]])


def test_low_values_shown_bright_keep_their_values(tmp_path: Path) -> None:
    stored = ramp((1, 4, 5), np.uint16)
    write_series(tmp_path, stored, Modality="DX", PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(voxels(tmp_path), stored)


@pytest.mark.parametrize(
    "syntax",
    [
        ExplicitVRLittleEndian,
        ImplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGLSLossless,
        JPEG2000Lossless,
    ],
)
def test_every_lossless_encoding_gives_the_same_values(tmp_path: Path, syntax: str) -> None:
    stored = ramp((2, 40, 64))
    for n, image in enumerate(stored):
        dataset = image_dataset(image, (0, 0, n), RescaleIntercept="-100")
        if syntax == ExplicitVRBigEndian:
            dataset.PixelData = image.astype(">i2").tobytes()
        if syntax in (RLELossless, JPEGLSLossless, JPEG2000Lossless):
            dataset.ensure_file_meta()
            dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
            dataset.compress(syntax, generate_instance_uid=False)
        save(dataset, tmp_path / f"{n}.dcm", syntax)
    np.testing.assert_array_equal(voxels(tmp_path), stored - 100)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless])
def test_frames_of_an_enhanced_file_are_read_in_slice_order(tmp_path: Path, syntax: str) -> None:
    stored = ramp((3, 4, 5))
    dataset = enhanced_dataset(stored, [(0, 0, 4), (0, 0, 2), (0, 0, 0)], [0, -10, -20])
    if syntax == RLELossless:
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(RLELossless, generate_instance_uid=False)
    save(dataset, tmp_path / "enhanced.dcm", syntax)
    stack = assemble.load_stack(series_of(tmp_path))
    np.testing.assert_array_equal(stack.array, [stored[2] - 20, stored[1] - 10, stored[0]])
    np.testing.assert_array_equal(stack.origins[:, 2], [0, 2, 4])
    np.testing.assert_array_equal(stack.volume().spacing, (2, 0.5, 0.75))


def test_colour_is_shown_as_luminance(tmp_path: Path) -> None:
    colour = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 255]]], np.uint8)
    dataset = image_dataset(
        colour[..., 0], None, Modality="OT", SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0
    )
    dataset.PixelData = colour.tobytes()
    save(dataset, tmp_path / "capture.dcm")
    array = voxels(tmp_path)
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array[0], [[76, 150], [29, 255]])


@pytest.mark.parametrize("depth", [8, 16])
def test_a_palette_is_looked_up(tmp_path: Path, depth: int) -> None:
    dataset = image_dataset(
        np.array([[0, 1], [2, 1]], np.uint8), None, Modality="US", PhotometricInterpretation="PALETTE COLOR"
    )
    table = (np.array([0, 128, 255, 7], np.uint16) << (depth - 8)).astype(f"<u{depth // 8}").tobytes()
    for colour in ("Red", "Green", "Blue"):
        setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [4, 0, depth])
        setattr(dataset, f"{colour}PaletteColorLookupTableData", table)
    save(dataset, tmp_path / "one.dcm")
    np.testing.assert_array_equal(voxels(tmp_path)[0], [[0, 128], [255, 128]])


def test_the_wanted_slice_comes_first_and_then_its_neighbours(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((6, 4, 5)))
    pending = assemble.open_stack(series_of(tmp_path))
    order: list[int] = []
    assert pending.read_all(2, on_slice=order.append)
    assert order == [2, 3, 1, 4, 0, 5]
    assert pending.ready.all()
    assert pending.is_complete


def test_what_is_not_read_yet_is_air_once_the_first_slice_is_there(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((4, 4, 5)))
    pending = assemble.open_stack(series_of(tmp_path))
    asked = iter([False, True])
    assert not pending.read_all(1, cancelled=lambda: next(asked))
    assert pending.ready.tolist() == [False, True, False, False]
    assert not pending.is_complete
    assert (pending.stack.array[[0, 2, 3]] == -1000).all()


def test_the_stack_fills_in_place_and_is_read_only_for_those_who_look(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((3, 4, 5), start=5))
    pending = assemble.open_stack(series_of(tmp_path))
    seen = pending.stack.volume().array
    assert not seen.any()
    pending.read_all()
    np.testing.assert_array_equal(seen, ramp((3, 4, 5), start=5))
    with pytest.raises(ValueError):
        pending.stack.array[0, 0, 0] = 1


def test_two_threads_may_read_one_stack(tmp_path: Path) -> None:
    stored = ramp((40, 16, 16))
    write_series(tmp_path, stored)
    pending = assemble.open_stack(series_of(tmp_path))
    threads = [threading.Thread(target=pending.read_all, args=(first,)) for first in (0, 39)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(pending.stack.array, stored)
    assert pending.problems == []


def test_a_slice_that_cannot_be_decoded_stays_air_and_is_named(tmp_path: Path) -> None:
    for n in range(3):
        dataset = image_dataset(ramp((16, 16)), (0, 0, n))
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(JPEGLSLossless, generate_instance_uid=False)
        if n == 1:
            dataset.PixelData = encapsulate([b"\xff\xd8 this is no image \xff\xd9"])
        save(dataset, tmp_path / f"{n}.dcm", JPEGLSLossless)
    series = series_of(tmp_path)
    pending = assemble.open_stack(series)
    assert pending.read_all()
    assert pending.ready.tolist() == [True, False, True]
    assert pending.is_complete
    assert (pending.stack.array[1] == -1000).all()
    (problem,) = pending.problems
    assert problem.path.name == "1.dcm"
    assert problem.reason.startswith("Slice 2 is left empty. The pixels cannot be decoded (JPEG-LS Lossless")
    with pytest.raises(DecodeError, match=r"1\.dcm"):
        assemble.load_stack(series)


def test_a_compression_nobody_knows_is_named(tmp_path: Path) -> None:
    dataset = image_dataset(ramp((16, 16)))
    dataset.PixelData = encapsulate([bytes(64)])
    save(dataset, tmp_path / "one.dcm", "1.2.840.10008.1.2.4.100")
    with pytest.raises(DecodeError, match="does not know the compression MPEG2"):
        assemble.load_stack(series_of(tmp_path))


@pytest.mark.parametrize("change", ["shorter", "gone"])
def test_a_file_that_changed_since_it_was_listed_is_one_sentence(tmp_path: Path, change: str) -> None:
    paths = write_series(tmp_path, ramp((3, 4, 5)))
    series = series_of(tmp_path)
    if change == "shorter":
        paths[1].write_bytes(paths[1].read_bytes()[:-10])
    else:
        paths[1].unlink()
    pending = assemble.open_stack(series)
    pending.read_all()
    assert pending.ready.tolist() == [True, False, True]
    (problem,) = pending.problems
    assert problem.path == paths[1]
    assert problem.reason.startswith("Slice 2 is left empty. The file ")


def test_a_series_larger_than_any_memory_is_refused_before_memory_is_asked_for(tmp_path: Path) -> None:
    from dataclasses import replace

    write_series(tmp_path, ramp((2, 4, 5)))
    series = series_of(tmp_path)
    giant = tuple(replace(instance, rows=65000, columns=65000) for instance in series.instances) * 2
    with pytest.raises(ReadError, match="GiB of memory"):
        assemble.open_stack(replace(series, instances=giant))


def test_a_regular_series_is_what_simpleitk_reads(tmp_path: Path) -> None:
    cosines = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    row, column = cosines[0], cosines[1]
    normal = np.cross(row, column)
    origin = np.array([-30.0, 12.5, 100.0])
    stored = ramp((6, 7, 9))
    write_series(
        tmp_path,
        stored,
        positions=[(origin + 2.5 * n * normal).tolist() for n in range(6)],
        orientation=[*row, *column],
        spacing=(0.7, 0.9),
        RescaleIntercept="-50",
    )
    volume = assemble.load_stack(series_of(tmp_path)).volume()
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(tmp_path)))
    image = reader.Execute()
    theirs = SimpleITK.GetArrayFromImage(image)
    for slice_, row_, column_ in ((0, 0, 0), (5, 0, 8), (2, 6, 1)):
        point = volume.point((slice_, row_, column_))
        x, y, z = image.TransformPhysicalPointToContinuousIndex(point.tolist())
        np.testing.assert_allclose((z, y, x), np.rint((z, y, x)), atol=1e-3)
        assert volume.array[slice_, row_, column_] == theirs[round(z), round(y), round(x)]
    assert not volume.resampled


def test_the_thumbnail_shows_the_middle_slice_in_the_series_window_at_its_true_proportions(tmp_path: Path) -> None:
    stored = np.zeros((3, 20, 40), np.int16)
    stored[1, :, 20:] = 100
    write_series(tmp_path, stored, spacing=(1.0, 1.0), WindowCenter="50", WindowWidth="100")
    picture = assemble.thumbnail(series_of(tmp_path), 80)
    assert picture.shape == (80, 80)
    assert picture.dtype == np.uint8
    assert not picture[:20].any()
    assert not picture[60:].any()
    assert not picture[21:59, :39].any()
    assert (picture[21:59, 41:] == 255).all()


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        # Row and column directions as stored, and where the first stored pixel belongs on the screen.
        ((1, 0, 0, 0, 1, 0), (0, 0)),
        ((-1, 0, 0, 0, -1, 0), (-1, -1)),
        ((0, 1, 0, 1, 0, 0), (0, 0)),
        ((1, 0, 0, 0, 0, 1), (-1, 0)),
        ((0, -1, 0, 0, 0, -1), (0, -1)),
    ],
)
def test_the_thumbnail_lies_the_right_way_round(
    tmp_path: Path, orientation: tuple[float, ...], corner: tuple[int, int]
) -> None:
    stored = np.zeros((1, 20, 20), np.int16)
    stored[0, :10, :10] = 100
    write_series(tmp_path, stored, orientation=orientation, WindowCenter="50", WindowWidth="100")
    picture = assemble.thumbnail(series_of(tmp_path), 40)
    assert np.count_nonzero(picture) == 20 * 20
    assert picture[corner] == 255


def test_a_thumbnail_of_transposed_pixels_keeps_its_proportions(tmp_path: Path) -> None:
    stored = np.full((1, 20, 40), 100, np.int16)
    write_series(
        tmp_path, stored, orientation=(0, 1, 0, 1, 0, 0), spacing=(1.0, 1.0), WindowCenter="50", WindowWidth="100"
    )
    picture = assemble.thumbnail(series_of(tmp_path), 40)
    assert (picture[:, 10:30] == 255).all()
    assert np.count_nonzero(picture) == 40 * 20


def test_the_thumbnail_of_a_ct_without_window_opens_like_its_pane(tmp_path: Path) -> None:
    write_series(tmp_path, np.full((1, 20, 20), 40, np.int16), BodyPartExamined="HEAD")
    assert (assemble.thumbnail(series_of(tmp_path), 20) == 128).all()


def test_the_thumbnail_of_a_series_without_window_uses_its_own_range(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((1, 30, 30), np.uint16), Modality="MR")
    picture = assemble.thumbnail(series_of(tmp_path), 30)
    assert picture.min() < 10
    assert picture.max() > 245


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom guesses a damaged character set
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # a damaged rescale may go beyond any number
@pytest.mark.parametrize("kind", ["explicit", "implicit", "enhanced", "RLE", "deflated", "bare"])
def test_a_damaged_file_is_refused_or_named_or_opens_but_nothing_else_is_raised(tmp_path: Path, kind: str) -> None:
    dataset = image_dataset(ramp((8, 9)), PixelPaddingValue=-2000, WindowCenter="40", WindowWidth="400")
    syntax = {"implicit": ImplicitVRLittleEndian, "deflated": DeflatedExplicitVRLittleEndian, "RLE": RLELossless}
    if kind == "enhanced":
        dataset = enhanced_dataset(ramp((3, 4, 5)), [(0, 0, n) for n in range(3)], [0, 0, 0])
    if kind == "RLE":
        dataset.ensure_file_meta()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.compress(RLELossless, generate_instance_uid=False)
    path = save(dataset, tmp_path / "x.dcm", syntax.get(kind, ExplicitVRLittleEndian), preamble=kind != "bare")
    whole = np.frombuffer(path.read_bytes(), np.uint8)
    random = np.random.default_rng(len(kind))
    for _ in range(80):
        altered = whole.copy()
        places = random.integers(0 if kind == "bare" else 132, len(whole), random.integers(1, 6))
        altered[places] = random.choice(np.array([0, 1, 32, 127, 128, 254, 255], np.uint8), len(places))
        path.write_bytes(altered.tobytes())
        for study in index.scan([path]).studies:
            for series in study.series:
                pending = assemble.open_stack(series)
                pending.read_all()
                assert pending.is_complete
                pending.stack.volume()
                if pending.ready.all():
                    assert assemble.thumbnail(series, 16).shape == (16, 16)


def test_the_geometry_names_each_source_image(tmp_path: Path) -> None:
    paths = write_series(tmp_path, ramp((3, 4, 5)), SliceThickness="1.5")
    stack = assemble.load_stack(series_of(tmp_path))
    assert stack.sop_instance_uids == tuple(dcmread(path).SOPInstanceUID for path in paths)
    assert stack.frame_of_reference_uid == "1.2.3.9"
    assert stack.unit == "HU"
    np.testing.assert_array_equal(stack.thickness, [1.5, 1.5, 1.5])
