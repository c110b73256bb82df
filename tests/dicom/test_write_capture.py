"""Pictures out: Secondary Captures and PNG files whose marks nobody can miss."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from medgan_viewer.core.display import Window
from medgan_viewer.core.layers import Layer
from medgan_viewer.core.rendering import render_slice, slices_above_threshold
from medgan_viewer.dicom import export
from medgan_viewer.dicom.capture import Capture
from medgan_viewer.dicom.mark import SYNTHETIC_COLOUR
from medgan_viewer.errors import UsageError
from tests.dicom.export_builder import (
    WEIGHTS,
    consistency_errors,
    doubt_layer,
    dump,
    heat_layer,
    image_layer,
    label_layer,
    opened,
    validator_errors,
    write_source,
)

WINDOW = Window(1500, 700)


LETTER_COLOUR = (242, 193, 78)


def placed(whole: NDArray[np.uint8], drawn: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the row and column at which a picture lies, untouched, within what was written."""
    for row in range(whole.shape[0] - drawn.shape[0] + 1):
        for column in range(whole.shape[1] - drawn.shape[1] + 1):
            part = whole[row : row + drawn.shape[0], column : column + drawn.shape[1]]
            if (part[0, :40] == drawn[0, :40]).all() and np.array_equal(part, drawn):
                return row, column
    raise AssertionError("the picture is not in there")


def is_violet(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.asarray((pixels == np.array(SYNTHETIC_COLOUR, dtype=np.uint8)).all(axis=-1))


def test_that_a_doubt_over_its_image_is_named_below_the_mark_of_the_image(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    image, doubt = image_layer(series, stack), doubt_layer(series, stack)
    report = export.write_slices([1], [doubt], series, stack, tmp_path / "out", base=image, formats=("dicom",))
    words = str(pydicom.dcmread(report.paths[0]).DerivationDescription)
    assert "SYNTHETIC - CT to MR (T1, T2) - not for diagnosis" in words
    assert "AI doubt map - CT to MR (T1, T2) - research only, not for diagnosis" in words


def test_that_a_heat_map_s_slice_is_captured_as_it_was_drawn_below_its_mark(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layers: list[Layer] = [label_layer(series, stack), heat_layer(series, stack)]
    report = export.write_slices([1], layers, series, stack, tmp_path / "out", window=WINDOW, formats=["dicom"])
    dataset = pydicom.dcmread(report.paths[0])
    assert dataset.SOPClassUID == "1.2.840.10008.5.1.4.1.1.7"
    drawn = render_slice(stack, 1, WINDOW, layers).pixels
    strip, _ = placed(dataset.pixel_array, drawn)
    words = dataset.pixel_array[:strip]
    assert (words == 255).all(axis=-1).sum() > 200
    assert not is_violet(dataset.pixel_array).any()
    assert dataset.DerivationDescription == (
        "AI segmentation - CT to MR (T1, T2) - research only, not for diagnosis; "
        "AI heat map - CT to MR (T1, T2) - research only, not for diagnosis"
    )
    assert "SyntheticData" not in dataset


def test_that_synthetic_pixels_get_a_violet_border_and_violet_words(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    base = image_layer(series, stack)
    report = export.write_slices([0], [], series, stack, tmp_path / "out", base=base)
    dataset = pydicom.dcmread(report.paths[0])
    violet = is_violet(dataset.pixel_array)
    assert violet[0].all()
    assert violet[-1].all()
    assert violet[:, 0].all()
    assert violet[:, -1].all()
    assert violet[3:20, 3:-3].sum() > 100
    assert dataset.SyntheticData == "YES"
    assert dataset.ImageType[-1] == "SYNTHETIC"
    assert dataset.SeriesDescription == "SYNTHETIC capture (head-ct-to-mr) RESEARCH"
    drawn = render_slice(stack, 0, Window(*base.window), base=base).pixels
    assert placed(dataset.pixel_array, drawn)[0] > 20


@pytest.mark.parametrize("tilt_degrees", [0.0, 18.5])
def test_that_a_capture_lies_where_its_slice_lies(tmp_path: Path, tilt_degrees: float) -> None:
    series, stack = opened(write_source(tmp_path / "source", tilt_degrees=tilt_degrees))
    layer = image_layer(series, stack)
    report = export.write_slices([3], [], series, stack, tmp_path / "out", base=layer)
    dataset = pydicom.dcmread(report.paths[0])
    assert dataset.FrameOfReferenceUID == stack.frame_of_reference_uid
    along, down = np.array(dataset.ImageOrientationPatient, dtype=float).reshape(2, 3)
    row_spacing, column_spacing = (float(value) for value in dataset.PixelSpacing)
    origin = np.array(dataset.ImagePositionPatient, dtype=float)
    drawn = render_slice(stack, 3, Window(*layer.window), base=layer).pixels
    row, column = placed(dataset.pixel_array, drawn)
    for rows, columns, outer in ((0, 0, (-0.5, -0.5)), (*drawn.shape[:2], (39.5, 47.5))):
        steps = (row + rows - 0.5) * row_spacing * down + (column + columns - 0.5) * column_spacing * along
        np.testing.assert_allclose(origin + steps, stack.plane(3).point(*outer), atol=1e-6)
    assert row_spacing == pytest.approx(column_spacing, rel=0.01)
    assert dataset.SourceImageSequence[0].ReferencedSOPInstanceUID == series.instances[3].sop_instance_uid


def letters_of(text: str, size: int) -> NDArray[np.bool_]:
    """Return the shape of letters, as an independent drawing of them."""
    font = ImageFont.load_default(size)
    image = Image.new("L", (80, 80))
    ImageDraw.Draw(image).text((40, 40), text, fill=255, font=font, anchor="mm")
    inside = np.asarray(image) == 255
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    return np.asarray(inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])


def written_in(part: NDArray[np.uint8], colour: tuple[int, int, int]) -> NDArray[np.bool_]:
    inside = np.asarray((part == np.array(colour, dtype=np.uint8)).all(axis=-1))
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    return inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


@pytest.mark.parametrize("layered", [False, True])
def test_that_a_picture_says_on_its_margins_where_right_left_front_and_back_are(tmp_path: Path, layered: bool) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layers = [heat_layer(series, stack)] if layered else []
    report = export.write_slices([1], layers, series, stack, tmp_path / "out", window=WINDOW, formats=["png"])
    with Image.open(report.paths[0]) as image:
        pixels = np.asarray(image)
    drawn = render_slice(stack, 1, WINDOW, layers).pixels
    row, column = placed(pixels, drawn)
    rows, columns = drawn.shape[:2]
    size = min(22, rows // 26)
    middle = slice(row, row + rows), slice(column, column + columns)
    for part, letter in (
        (pixels[middle[0], :column], "R"),
        (pixels[middle[0], column + columns :], "L"),
        (pixels[row - size - 6 : row, middle[1]], "A"),
        (pixels[row + rows :, middle[1]], "P"),
    ):
        np.testing.assert_array_equal(written_in(part, LETTER_COLOUR), letters_of(letter, size))


def test_that_the_letters_follow_a_scan_that_was_acquired_the_other_way_round(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source", tilt_degrees=90.0))
    report = export.write_slices([1], [], series, stack, tmp_path / "out", window=WINDOW, formats=["png"])
    with Image.open(report.paths[0]) as image:
        pixels = np.asarray(image)
    drawn = render_slice(stack, 1, WINDOW).pixels
    row, column = placed(pixels, drawn)
    below = pixels[row + drawn.shape[0] :, column : column + drawn.shape[1]]
    np.testing.assert_array_equal(written_in(below, LETTER_COLOUR), letters_of("F", min(22, drawn.shape[0] // 26)))


def test_that_no_place_is_claimed_for_a_source_without_a_frame_of_reference(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"), frame_of_reference_uid=None)
    report = export.write_slices([1], [], series, stack, tmp_path / "out", window=WINDOW, formats=["dicom"])
    dataset = pydicom.dcmread(report.paths[0])
    assert "ImagePositionPatient" not in dataset
    assert "FrameOfReferenceUID" not in dataset


@pytest.mark.parametrize("shows_identity", [False, True])
def test_that_burned_in_annotation_means_identity(tmp_path: Path, shows_identity: bool) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    pixels = np.zeros((300, 400, 3), dtype=np.uint8)
    capture = Capture(pixels, (heat_layer(series, stack),), False, shows_identity=shows_identity)
    path = export.write_picture(capture, tmp_path / "pane.dcm", series, stack)
    dataset = pydicom.dcmread(path)
    assert dataset.BurnedInAnnotation == ("YES" if shows_identity else "NO")
    assert "ImagePositionPatient" not in dataset
    assert validator_errors([path]) == []


def test_that_a_capture_of_a_made_up_source_is_marked_synthetic(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"), simulated=True)
    report = export.write_slices([1], [heat_layer(series, stack)], series, stack, tmp_path / "out", window=WINDOW)
    dataset = pydicom.dcmread(report.paths[0])
    assert dataset.SyntheticData == "YES"
    assert is_violet(dataset.pixel_array)[0].all()
    assert "SIMULATED PATIENT - no person - not for diagnosis" in dataset.DerivationDescription
    # Violet is for what was made up: the heat map's own line is white here too.
    strip = dataset.pixel_array[2:40]
    first, second = strip[:26], strip[26:]
    assert is_violet(first[:, 2:-2]).sum() > 100
    assert not (first == 255).all(axis=-1).any()
    assert (second == 255).all(axis=-1).sum() > 100
    assert not is_violet(second[:, 2:-2]).any()


@pytest.mark.parametrize("changes", [{}, {"BodyPartExamined": ""}])
def test_that_the_validators_find_no_error(tmp_path: Path, changes: dict[str, str]) -> None:
    folder = write_source(tmp_path / "source", changes=changes)
    series, stack = opened(folder)
    layers = [heat_layer(series, stack)]
    out = tmp_path / "out"
    paths = export.write_slices([1, 2], layers, series, stack, out, window=WINDOW, formats=["dicom"]).paths
    paths += export.write_slices([1], [], series, stack, out, base=image_layer(series, stack), formats=["dicom"]).paths
    paths += export.write_slices([1], [], series, stack, out, window=WINDOW, formats=["dicom"]).paths
    assert validator_errors(paths) == []
    assert consistency_errors([*sorted(folder.iterdir()), *paths]) == []
    assert "RGB" in dump(paths[0])


def test_that_every_slice_above_the_threshold_is_written_as_one_series(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = heat_layer(series, stack)
    heat = layer.volume.array.copy()
    heat[3, 20:30, 20:30] = 0.8
    layer = replace(layer, volume=layer.volume.with_array(heat))
    slices = slices_above_threshold(layer, stack)
    assert slices == [1, 3]
    report = export.write_slices(slices, [layer], series, stack, tmp_path / "out", window=WINDOW)
    assert [path.name for path in report.paths] == [
        "heat-map_head-ct-to-mr_slice-0002.dcm",
        "heat-map_head-ct-to-mr_slice-0002.png",
        "heat-map_head-ct-to-mr_slice-0004.dcm",
        "heat-map_head-ct-to-mr_slice-0004.png",
    ]
    first, second = (pydicom.dcmread(path) for path in report.paths if path.suffix == ".dcm")
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert (first.InstanceNumber, second.InstanceNumber) == (1, 2)


def test_that_a_slice_which_is_not_finished_is_left_out_and_named(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layer = heat_layer(series, stack, ready=np.array([True, True, False, True, True]))
    report = export.write_slices([1, 2], [layer], series, stack, tmp_path / "out", window=WINDOW, formats=["png"])
    assert [path.name for path in report.paths] == ["heat-map_head-ct-to-mr_slice-0002.png"]
    assert report.notes == ("Slice 3 was left out: Anomaly is not finished there.",)


def test_that_a_png_says_in_its_text_what_it_is(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    report = export.write_slices([0], [], series, stack, tmp_path / "out", base=image_layer(series, stack))
    with Image.open(report.paths[1]) as image:
        assert image.mode == "RGB"
        texts: dict[str, str] = image.text  # type: ignore[attr-defined]
        pixels = np.asarray(image)
    assert texts["Synthetic"] == "YES"
    assert texts["Model"] == "head-ct-to-mr 0.1.0"
    assert texts["Weights SHA-256"] == WEIGHTS
    assert texts["Description"] == "SYNTHETIC - CT to MR (T1, T2) - not for diagnosis"
    np.testing.assert_array_equal(pixels, pydicom.dcmread(report.paths[0]).pixel_array)
    assert "Müller" not in "".join(texts.values())


def test_that_a_png_of_a_real_scan_with_a_heat_map_does_not_claim_synthetic_pixels(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    report = export.write_slices([1], [heat_layer(series, stack)], series, stack, tmp_path / "out", formats=["png"])
    with Image.open(report.paths[0]) as image:
        texts: dict[str, str] = image.text  # type: ignore[attr-defined]
    assert texts["Synthetic"] == "NO"
    assert texts["Disclaimer"] == "For research only, not for diagnosis"


def test_that_a_source_which_is_not_dicom_still_gives_png(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"), format="nifti")
    report = export.write_slices([1], [heat_layer(series, stack)], series, stack, tmp_path / "out", window=WINDOW)
    assert [path.suffix for path in report.paths] == [".png"]
    assert report.notes == ("The source is not DICOM, so only PNG files were written.",)


def test_that_a_result_that_is_hidden_is_not_claimed_by_the_picture(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    layers: list[Layer] = [replace(heat_layer(series, stack), visible=False), label_layer(series, stack)]
    report = export.write_slices([1], layers, series, stack, tmp_path / "out", window=WINDOW, formats=["png"])
    assert report.paths[0].name == "segmentation_head-ct-to-mr_slice-0002.png"


def test_that_exporting_no_slice_is_refused(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    with pytest.raises(UsageError, match="No slice was chosen"):
        export.write_slices([], [], series, stack, tmp_path / "out", window=WINDOW)


def test_that_a_picture_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    capture = Capture(np.zeros((10, 10, 3), dtype=np.uint8), (), False)
    for name in ("pane.jpg", "pane.dcm"):
        with pytest.raises(UsageError, match=r"choose a name that ends in \.png or \.dcm"):
            export.write_picture(capture, tmp_path / name)


@pytest.mark.parametrize("shape", [(40, 60), (90, 400), (1000, 1200)])
def test_that_the_mark_fits_pictures_of_every_size(tmp_path: Path, shape: tuple[int, int]) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    capture = Capture(np.zeros((*shape, 3), dtype=np.uint8), (image_layer(series, stack),), False)
    pixels, plane = capture.marked()
    assert plane is None
    border = max(2, min(shape) // 200)
    strip = pixels[border : -border - shape[0], border:-border]
    written = strip.max(axis=-1) > 0
    assert written.any(axis=1).sum() >= 7
    # No letter touches the right edge, so that none is cut off; the last rows below the words are empty.
    assert not written[:, -1].any()
    assert not written[-1].any()
    np.testing.assert_array_equal(pixels[-border - shape[0] : -border, border:-border], 0)


@pytest.mark.parametrize("pixels", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.float32)])
def test_that_a_capture_is_rgb_bytes(pixels: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="uint8"):
        Capture(pixels, (), False)


def test_the_mark_tells_a_simulated_patient_from_a_synthetic_series() -> None:
    pixels = np.zeros((40, 40, 3), dtype=np.uint8)
    assert Capture(pixels, (), True).description == "SYNTHETIC · source images · not for diagnosis"
    simulated = Capture(pixels, (), True, source_simulated=True)
    assert simulated.description == "SIMULATED PATIENT · no person · not for diagnosis"
    assert [line.synthetic for line in simulated.marks] == [True]
