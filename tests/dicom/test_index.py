"""Indexing: what is found, how it is grouped, and what is said about files that do not open."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    MediaStorageDirectoryStorage,
    generate_uid,
)

from medgan_viewer.core.catalog import Catalog, Series
from medgan_viewer.core.regrid import grid_of
from medgan_viewer.dicom import index
from medgan_viewer.dicom.geometry import outline
from tests.dicom_builder import CORONAL, enhanced_dataset, image_dataset, ramp, save, write_series


def only_series(catalog: Catalog) -> Series:
    (study,) = catalog.studies
    (series,) = study.series
    return series


def reasons(catalog: Catalog) -> dict[str, str]:
    return {refusal.path.name: refusal.reason for refusal in catalog.refused}


def test_a_folder_is_read_recursively_and_grouped_by_study_and_series(tmp_path: Path) -> None:
    write_series(tmp_path / "a" / "deep", ramp((3, 4, 5)), SeriesNumber=7)
    write_series(tmp_path / "b", ramp((2, 4, 5)), SeriesInstanceUID="1.2.3.1.2", SeriesNumber=3)
    write_series(tmp_path / "c", ramp((2, 4, 5)), StudyInstanceUID="1.2.3.2", SeriesInstanceUID="1.2.3.2.1")
    catalog = index.scan([tmp_path])
    assert [(study.uid, [series.number for series in study.series]) for study in catalog.studies] == [
        ("1.2.3.1", [3, 7]),
        ("1.2.3.2", [1]),
    ]
    assert catalog.refused == ()
    series = catalog.series("1.2.3.1.1")
    assert len(series.instances) == 3
    assert series.frame_of_reference_uid == "1.2.3.9"
    assert catalog.studies[0].patient.name == "Built^Exactly"
    assert catalog.studies[0].date == "20260102"


def test_a_file_given_twice_or_beside_its_folder_counts_once(tmp_path: Path) -> None:
    paths = write_series(tmp_path, ramp((3, 4, 5)))
    series = only_series(index.scan([paths[1], tmp_path, paths[1]]))
    assert len(series.instances) == 3
    assert series.warnings == ()


def test_slices_are_ordered_along_the_normal_whatever_their_names_and_numbers(tmp_path: Path) -> None:
    heights = [5.0, 1.0, 3.0, 2.0, 4.0]
    write_series(tmp_path, ramp((5, 4, 5)), positions=[(0, 0, z) for z in heights])
    series = only_series(index.scan([tmp_path]))
    assert [instance.position for instance in series.instances] == [(0.0, 0.0, float(z)) for z in range(1, 6)]


def test_coronal_slices_run_from_front_to_back(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((3, 4, 5)), step=(0, -2, 0), orientation=CORONAL)
    series = only_series(index.scan([tmp_path]))
    assert [instance.position for instance in series.instances] == [(0.0, float(y), 0.0) for y in (-4, -2, 0)]


@pytest.mark.parametrize(
    ("syntax", "preamble"),
    [
        (ImplicitVRLittleEndian, True),
        (ExplicitVRBigEndian, True),
        (DeflatedExplicitVRLittleEndian, True),
        (ImplicitVRLittleEndian, False),
        ("1.2.840.10008.1.2.1", False),
        (ExplicitVRBigEndian, False),
    ],
)
def test_every_encoding_opens_with_and_without_preamble(tmp_path: Path, syntax: str, preamble: bool) -> None:
    dataset = image_dataset(ramp((4, 5)), (1, 2, 3), PixelPaddingValue=-2000)
    save(dataset, tmp_path / "one", syntax, preamble=preamble)
    instance = only_series(index.scan([tmp_path])).instances[0]
    assert (instance.rows, instance.columns, instance.position) == (4, 5, (1.0, 2.0, 3.0))
    assert instance.storage.padding == (-2000, -2000)
    raw = syntax not in (ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
    assert (instance.storage.offset is not None) == raw


def test_names_in_other_scripts_are_decoded(tmp_path: Path) -> None:
    dataset = image_dataset(ramp((4, 5)), SpecificCharacterSet="ISO_IR 144", PatientName="Иванов^Пётр")
    save(dataset, tmp_path / "one.dcm")
    assert index.scan([tmp_path]).studies[0].patient.name == "Иванов^Пётр"


def test_localisers_and_other_orientations_become_series_of_their_own(tmp_path: Path) -> None:
    write_series(tmp_path / "a", ramp((5, 4, 5)))
    write_series(tmp_path / "b", ramp((3, 4, 5)), step=(0, 1, 0), orientation=CORONAL)
    write_series(tmp_path / "c", ramp((1, 4, 5)), ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    write_series(tmp_path / "d", ramp((2, 6, 5)))
    (study,) = index.scan([tmp_path]).studies
    assert [(series.uid, len(series.instances)) for series in study.series] == [
        ("1.2.3.1.1", 5),
        ("1.2.3.1.1#2", 3),
        ("1.2.3.1.1#3", 2),
        ("1.2.3.1.1#4", 1),
    ]
    assert {series.series_instance_uid for series in study.series} == {"1.2.3.1.1"}


def test_echoes_at_the_same_places_are_split(tmp_path: Path) -> None:
    write_series(tmp_path / "a", ramp((4, 4, 5)), Modality="MR", EchoTime="10")
    write_series(tmp_path / "b", ramp((4, 4, 5)), Modality="MR", EchoTime="80")
    (study,) = index.scan([tmp_path]).studies
    assert [len(series.instances) for series in study.series] == [4, 4]
    assert not any(series.warnings for series in study.series)


def test_a_film_of_one_slice_stays_one_series_in_its_order(tmp_path: Path) -> None:
    for n in range(6):
        dataset = image_dataset(ramp((4, 5)), (0, 0, 7), Modality="MR", TriggerTime=str(50 * n), InstanceNumber=n)
        save(dataset, tmp_path / f"{9 - n}.dcm")
    series = only_series(index.scan([tmp_path]))
    assert [instance.number for instance in series.instances] == [0, 1, 2, 3, 4, 5]
    assert series.frame_of_reference_uid is None
    assert series.warnings == ("The images have no places of their own in space; they are shown one after the other.",)


def test_patients_that_share_a_study_uid_are_never_mixed(tmp_path: Path) -> None:
    write_series(tmp_path / "a", ramp((2, 4, 5)))
    write_series(tmp_path / "b", ramp((2, 4, 5)), PatientID="T-2", PatientName="Other^Person")
    catalog = index.scan([tmp_path])
    assert [study.patient.identifier for study in catalog.studies] == ["T-1", "T-2"]
    assert [study.series[0].uid for study in catalog.studies] == ["1.2.3.1.1", "1.2.3.1.1#2"]


def test_a_copy_under_another_patient_opened_later_shows_its_own_files(tmp_path: Path) -> None:
    write_series(tmp_path / "a", ramp((2, 4, 5)))
    write_series(tmp_path / "b", ramp((2, 4, 5)), PatientID="T-2", PatientName="Other^Person")
    copy = index.scan([tmp_path / "b"])
    catalog = index.scan([tmp_path / "a"]).merged(copy).merged(copy)
    shown = {study.patient.identifier: catalog.study_of(study.series[0].uid) for study in catalog.studies}
    assert {who: series.instances[0].path.parent.name for who, (_, series) in shown.items()} == {"T-1": "a", "T-2": "b"}


def test_a_missing_slice_is_named_with_its_place(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((5, 4, 5)), positions=[(0, 0, z) for z in (0, 2.5, 5, 12.5, 15)])
    (gap, grid) = only_series(index.scan([tmp_path])).warnings
    assert gap == "2 slices are missing between slices 3 and 4 (5.00 to 12.50 mm)."
    assert grid == "MPR and models use a regular 1 mm grid."


def test_many_gaps_are_counted_and_the_first_three_named(tmp_path: Path) -> None:
    heights = [0, 1, 2, 4, 5, 7, 8, 10, 11, 12, 14]
    write_series(tmp_path, ramp((len(heights), 4, 5)), positions=[(0, 0, z) for z in heights])
    warning = only_series(index.scan([tmp_path])).warnings[0]
    assert warning.startswith("4 slices are missing: 1 between slices 3 and 4 (2.00 to 4.00 mm), ")
    assert warning.endswith(", 1 between slices 7 and 8 (8.00 to 10.00 mm) and others in 1 more places.")


def test_a_second_image_at_one_place_is_left_out_and_named(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((5, 4, 5)), positions=[(0, 0, z) for z in (0, 1, 2, 2, 3)])
    series = only_series(index.scan([tmp_path]))
    assert [instance.path.name for instance in series.instances] == ["000.dcm", "001.dcm", "002.dcm", "004.dcm"]
    assert series.warnings == ("Two images lie at 2.00 mm: 002.dcm is shown, 003.dcm is left out.",)


def test_a_copy_of_a_file_is_left_out_and_named(tmp_path: Path) -> None:
    paths = write_series(tmp_path, ramp((3, 4, 5)))
    (tmp_path / "copy of 001.dcm").write_bytes(paths[1].read_bytes())
    series = only_series(index.scan([tmp_path]))
    assert len(series.instances) == 3
    assert series.warnings == ("copy of 001.dcm is left out: a copy of an image that is here already.",)


def test_uneven_spacing_is_said_with_its_range(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((5, 4, 5)), positions=[(0, 0, z) for z in (0, 4, 8, 9.5, 16.5)], SliceThickness="4")
    assert only_series(index.scan([tmp_path])).warnings == (
        "The slices are unevenly spaced: 1.50 to 7.00 mm apart.",
        "MPR and models use a regular 4 mm grid.",
    )


def test_a_slice_that_lies_aside_is_said(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((4, 4, 5)), positions=[(0, 0, 0), (0, 0.5, 2), (0, 0, 4), (0, 0, 6)])
    assert only_series(index.scan([tmp_path])).warnings == (
        "The slices do not lie evenly behind one another.",
        "MPR and models use a regular 1 mm grid.",
    )


@pytest.mark.parametrize(
    "places",
    [
        [(0, 0, 0), (0, 0, 1), (0, 0, 1e30)],
        [(0, 0, 0), (90_000, 0, 1), (0, 0, 1.5)],
        [(0, 0, 0), (0, 0, 1), (-80_000, 70_000, 90_000)],
    ],
)
def test_positions_that_cannot_be_right_are_not_used(tmp_path: Path, places: list[tuple[float, ...]]) -> None:
    write_series(tmp_path, ramp((3, 40, 50)), positions=places)
    for study in index.scan([tmp_path]).studies:
        for series in study.series:
            shape, _ = grid_of(outline(series))
            assert np.prod(shape) < 100_000
            assert all(instance.position is None or max(instance.position) < 2 for instance in series.instances)


@pytest.mark.parametrize(
    ("attributes", "missing"),
    [
        ({"PixelSpacing": [0, 0.5]}, "pixel_spacing"),
        ({"PixelSpacing": [1e-12, 0.5]}, "pixel_spacing"),
        ({"SliceThickness": "-1"}, "thickness"),
        ({"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]}, "position"),
        ({"ImageOrientationPatient": [0, 0, 0, 0, 0, 0]}, "position"),
        ({"ImageOrientationPatient": None}, "position"),
    ],
)
def test_what_cannot_be_is_taken_as_missing(tmp_path: Path, attributes: dict[str, Any], missing: str) -> None:
    dataset = image_dataset(ramp((4, 5)))
    for keyword, value in attributes.items():
        if value is None:
            delattr(dataset, keyword)
        else:
            setattr(dataset, keyword, value)
    save(dataset, tmp_path / "one.dcm")
    assert getattr(only_series(index.scan([tmp_path])).instances[0], missing) is None


def test_a_gantry_tilt_is_measured_from_the_positions(tmp_path: Path) -> None:
    shear = np.tan(np.radians(12.0))
    write_series(tmp_path, ramp((5, 4, 5)), step=(0, shear * 3, 3), SliceThickness="3")
    assert only_series(index.scan([tmp_path])).warnings == (
        "Acquired with a gantry tilt of 12.0°; MPR and models use a regular 3 mm grid.",
    )


@pytest.mark.parametrize("attributes", [{"LossyImageCompression": "01"}, {}])
def test_lossy_compression_is_said(tmp_path: Path, attributes: dict[str, Any]) -> None:
    dataset = image_dataset(ramp((4, 5), np.uint8), **attributes)
    if not attributes:
        # A lossy transfer syntax says it without the attribute.
        from pydicom.encaps import encapsulate

        dataset.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    save(dataset, tmp_path / "one.dcm", "1.2.840.10008.1.2.1" if attributes else JPEGBaseline8Bit)
    assert "compressed with loss" in only_series(index.scan([tmp_path])).warnings[0]


@pytest.mark.parametrize(
    "mark",
    [
        {"SyntheticData": "YES"},
        {"ImageType": ["DERIVED", "SECONDARY", "OTHER", "SYNTHETIC"]},
        {"ContributingEquipmentSequence": "ours"},
    ],
)
def test_each_synthetic_mark_alone_is_recognised(tmp_path: Path, mark: dict[str, Any]) -> None:
    if mark.get("ContributingEquipmentSequence") == "ours":
        code, item = Dataset(), Dataset()
        code.CodeValue, code.CodingSchemeDesignator = "109100", "DCM"
        item.PurposeOfReferenceCodeSequence, item.Manufacturer = [code], "MedGAN Viewer"
        mark = {"ContributingEquipmentSequence": [item]}
    save(image_dataset(ramp((4, 5)), **mark), tmp_path / "one.dcm")
    assert only_series(index.scan([tmp_path])).synthetic


def test_a_plain_scan_is_neither_synthetic_nor_simulated(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((2, 4, 5)))
    series = only_series(index.scan([tmp_path]))
    assert not series.synthetic
    assert not series.simulated


def test_an_image_simulated_from_an_anatomical_model_is_recognised(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((2, 4, 5)), DerivationDescription="Simulated from an anatomical model.")
    assert only_series(index.scan([tmp_path])).simulated


def test_low_values_shown_bright_are_noted(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((2, 4, 5), np.uint16), PhotometricInterpretation="MONOCHROME1")
    assert only_series(index.scan([tmp_path])).inverted


def _text(path: Path) -> None:
    path.write_text("patient list, to be called back on Monday, please do not delete this file\n" * 9)


def _truncated(path: Path) -> None:
    path.write_bytes(save(image_dataset(ramp((40, 50))), path).read_bytes()[:-1000])


def _cut_in_the_header(path: Path) -> None:
    path.write_bytes(save(image_dataset(ramp((40, 50))), path).read_bytes()[:500])


def _without_pixels(path: Path) -> None:
    dataset = image_dataset(ramp((4, 5)))
    del dataset.PixelData
    save(dataset, path)


def _huge(path: Path) -> None:
    save(image_dataset(ramp((4, 5)), Rows=65535, Columns=65535, NumberOfFrames=1000), path)


def _huge_compressed(path: Path, size: int = 65535) -> None:
    from pydicom.encaps import encapsulate

    dataset = image_dataset(ramp((4, 5)), Rows=size, Columns=size)
    dataset.PixelData = encapsulate([b"\xff\xd8\xff\xd9"])
    save(dataset, path, "1.2.840.10008.1.2.4.70")


def _doubtful_compressed(path: Path) -> None:
    _huge_compressed(path, 20000)


def _cut_compressed(path: Path) -> None:
    from pydicom.encaps import encapsulate

    dataset = image_dataset(ramp((4, 5)))
    dataset.PixelData = encapsulate([bytes(300)])
    path.write_bytes(save(dataset, path, "1.2.840.10008.1.2.4.70").read_bytes()[:-100])


def _damaged_compressed(path: Path) -> None:
    from pydicom.encaps import encapsulate

    dataset = image_dataset(ramp((4, 5)))
    dataset.PixelData = encapsulate([bytes(300)])
    whole = save(dataset, path, "1.2.840.10008.1.2.4.70").read_bytes()
    path.write_bytes(whole.replace(b"\xfe\xff\x00\xe0", b"\xfe\xff\x00\x00"))


def _cut_deflated(path: Path) -> None:
    whole = save(
        image_dataset(np.random.default_rng(0).integers(0, 9, (60, 60)).astype(np.int16)),
        path,
        DeflatedExplicitVRLittleEndian,
    )
    path.write_bytes(whole.read_bytes()[:-300])


def _directory(path: Path) -> None:
    dataset = Dataset()
    dataset.FileSetID = "DISC"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.save_as(path, enforce_file_format=True)


def _segmentation(path: Path) -> None:
    save(
        image_dataset(
            ramp((4, 5)), SOPClassUID="1.2.840.10008.5.1.4.1.1.66.4", BitsAllocated=1, StudyInstanceUID="1.2.9"
        ),
        path,
    )


def _report(path: Path) -> None:
    dataset = image_dataset(ramp((4, 5)), SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Rows=None, Columns=None)
    del dataset.PixelData
    save(dataset, path)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_text, "not a DICOM file"),
        (_truncated, "cut off: 40 × 50 × 1 pixels take 4000 bytes, it holds 3000"),
        (_cut_in_the_header, "cut off"),
        (_without_pixels, "no pixel data"),
        (_huge, "65535 × 65535 × 1000 pixels, more than this program opens"),
        (_doubtful_compressed, "20000 × 20000 × 1 pixels, which its 32 bytes cannot hold"),
        (_cut_compressed, "cut off: 92 bytes of its compressed pixels are missing"),
        (_damaged_compressed, "compressed pixels are damaged"),
        (_cut_deflated, "cut off"),
        (_directory, "table of contents"),
        (_huge_compressed, "65535 × 65535 × 1 pixels, more than"),
        (lambda path: save(image_dataset(ramp((4, 5)), BitsAllocated=64), path), "64 bits a pixel"),
        (_segmentation, "This is a Segmentation object, not a scan"),
        (_report, "This is a Basic Text SR object, which holds no image"),
        (lambda path: path.write_bytes(b""), "empty"),
        (lambda path: path.write_bytes(os.urandom(5000)), "not a DICOM file"),
    ],
)
def test_a_bad_file_among_good_ones_is_named_in_one_sentence_and_the_rest_opens(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    write_series(tmp_path, ramp((3, 4, 5)))
    spoil(tmp_path / "bad.dcm")
    catalog = index.scan([tmp_path])
    assert len(only_series(catalog).instances) == 3
    (reason,) = reasons(catalog).values()
    assert words in reason
    assert reason.endswith(".")
    assert "Built" not in reason


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")  # an altered character set is guessed, not refused
def test_every_shortened_or_altered_copy_of_a_file_is_refused_or_opens_but_never_raises(tmp_path: Path) -> None:
    whole = save(image_dataset(ramp((4, 5))), tmp_path / "whole.dcm").read_bytes()
    random = np.random.default_rng(5)
    for n, length in enumerate(range(0, len(whole), 7)):
        (tmp_path / f"short{n}").write_bytes(whole[:length])
    for n in range(150):
        altered = np.frombuffer(whole, np.uint8).copy()
        altered[random.integers(132, len(whole) - 40, 3)] = random.integers(0, 256, 3)
        (tmp_path / f"altered{n}").write_bytes(altered.tobytes())
    catalog = index.scan([tmp_path])
    assert catalog.studies
    assert all(refusal.reason.endswith(".") for refusal in catalog.refused)


def test_litter_is_ignored_and_a_text_among_images_is_named(tmp_path: Path) -> None:
    write_series(tmp_path / "images", ramp((2, 4, 5)))
    for name in ("images/DICOMDIR", "images/.DS_Store", "images/notes.txt", "LICENSE", "readme.md"):
        (tmp_path / name).write_text("text")
    assert reasons(index.scan([tmp_path])) == {"notes.txt": "This is not a DICOM file."}


def test_a_file_asked_for_by_name_is_always_answered(tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("Permission is hereby granted")
    (tmp_path / "scans.zip").write_bytes(b"PK\x03\x04" + bytes(200))
    found = reasons(index.scan([tmp_path / "LICENSE", tmp_path / "scans.zip", tmp_path / "absent.dcm"]))
    assert found == {
        "LICENSE": "This is not a DICOM file.",
        "scans.zip": "The ZIP archive is damaged or cut off.",
        "absent.dcm": "There is no such file or folder.",
    }


def test_a_folder_without_scans_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert reasons(index.scan([tmp_path])) == {tmp_path.name: "No scan was found in this folder."}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_or_a_broken_link_in_the_folder_does_not_hang_the_scan(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((2, 4, 5)))
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    assert set(reasons(index.scan([tmp_path]))) == {"pipe", "link"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="links need no rights only where there are pipes")
def test_linked_folders_are_read_once_and_circles_end(tmp_path: Path) -> None:
    write_series(tmp_path / "elsewhere", ramp((2, 4, 5)))
    (tmp_path / "patient").mkdir()
    (tmp_path / "patient" / "scans").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "back").symlink_to(tmp_path / "patient")
    series = only_series(index.scan([tmp_path / "patient"]))
    assert len(series.instances) == 2
    assert series.warnings == ()


def test_a_cancelled_scan_returns_what_it_has(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((6, 4, 5)))
    asked = iter([False, False, True])
    assert len(only_series(index.scan([tmp_path], cancelled=lambda: next(asked))).instances) == 2


def test_the_first_image_is_reported_before_the_scan_ends(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((6, 4, 5)))
    found: list[Catalog] = []
    whole = index.scan([tmp_path], on_found=found.append)
    assert len(only_series(found[0]).instances) == 1
    assert len(only_series(whole).instances) == 6


def test_files_without_identifiers_still_open_apart(tmp_path: Path) -> None:
    absent: dict[str, Any] = {
        "StudyInstanceUID": None,
        "SeriesInstanceUID": None,
        "PatientID": None,
        "PatientName": None,
    }
    write_series(tmp_path, ramp((3, 4, 5)), **absent)
    series = only_series(index.scan([tmp_path]))
    assert series.uid
    assert series.study_uid == index.scan([tmp_path]).studies[0].uid


def test_captures_without_a_place_in_space_keep_their_order(tmp_path: Path) -> None:
    for n in range(3):
        dataset = image_dataset(ramp((4, 5), np.uint8), None, InstanceNumber=n, Modality="OT", PixelSpacing=None)
        save(dataset, tmp_path / f"{9 - n}.dcm")
    series = only_series(index.scan([tmp_path]))
    assert [instance.number for instance in series.instances] == [0, 1, 2]
    assert "neither a place in space nor a pixel size" in series.warnings[0]


def test_frames_of_an_enhanced_file_have_places_of_their_own(tmp_path: Path) -> None:
    dataset = enhanced_dataset(ramp((3, 4, 5)), [(0, 0, 4), (0, 0, 2), (0, 0, 0)], [0, -1, -2])
    save(dataset, tmp_path / "enhanced.dcm")
    series = only_series(index.scan([tmp_path]))
    assert [(instance.frame, instance.position, instance.rescale[1]) for instance in series.instances] == [
        (2, (0.0, 0.0, 0.0), -2.0),
        (1, (0.0, 0.0, 2.0), -1.0),
        (0, (0.0, 0.0, 4.0), 0.0),
    ]
    assert series.instances[0].pixel_spacing == (0.5, 0.75)
    assert series.warnings == ()


def test_a_split_series_is_found_again_under_the_same_identifiers(tmp_path: Path) -> None:
    write_series(tmp_path / "a", ramp((3, 4, 5)))
    write_series(tmp_path / "b", ramp((2, 6, 5)))
    first, second = (index.scan([tmp_path]) for _ in range(2))
    assert [series.uid for series in first.studies[0].series] == [series.uid for series in second.studies[0].series]


def test_indexing_imports_nothing_heavy() -> None:
    heavy = ("SimpleITK", "scipy", "highdicom", "torch", "PySide6")
    code = f"import sys, medgan_viewer.dicom.index; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
