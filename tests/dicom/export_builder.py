"""Small DICOM series built exactly, and results on them, for the tests of what is written."""

import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.core.layers import Code, DoubtLayer, HeatLayer, ImageLayer, LabelLayer, Provenance, Segment
from medgan_viewer.core.volume import SliceStack, Volume

SOP_CLASS = {"CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4"}
WEIGHTS = "0123456789abcdef" * 4
ANATOMY = Code("123037004", "SCT", "Anatomical Structure")

MADE = Provenance(
    model_id="head-ct-to-mr",
    model_name="CT → MR (T1, T2)",
    model_version="0.1.0",
    weights_sha256=WEIGHTS,
    source_series_uids=("1.2.3",),
    device="cpu",
    precision="float32",
    created=datetime(2026, 11, 21, 9, 30, 15),
    licence="Apache-2.0",
    intended_use="Research only.",
    settings=(("batch", "4"),),
)


def write_source(
    folder: Path,
    *,
    modality: str = "CT",
    shape: tuple[int, int, int] = (5, 40, 48),
    spacing: tuple[float, float, float] = (3.0, 0.9, 0.7),
    tilt_degrees: float = 0.0,
    gaps: tuple[float, ...] = (),
    changes: dict[str, Any] | None = None,
) -> Path:
    """Write a series: slices along +z, tilted about x if asked for, with ``gaps`` (mm) in place of even steps."""
    folder.mkdir(parents=True, exist_ok=True)
    angle = np.deg2rad(tilt_degrees)
    down = np.array([0.0, np.cos(angle), -np.sin(angle)])
    steps = np.cumsum([0.0, *(gaps or (spacing[0],) * (shape[0] - 1))])
    study, series, frame = (str(generate_uid(prefix=None)) for _ in range(3))
    rng = np.random.default_rng(1)
    for index in range(shape[0]):
        dataset = _source_instance(modality, shape[1:], spacing)
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.FrameOfReferenceUID = study, series, frame
        dataset.InstanceNumber = index + 1
        dataset.ImagePositionPatient = [-12.5, -20.25, round(float(steps[index]) + 7.125, 6)]
        dataset.ImageOrientationPatient = [1, 0, 0, *(round(float(v), 7) for v in down)]
        dataset.PixelData = rng.integers(0, 1500, shape[1:], dtype=np.int16).tobytes()
        for keyword, value in (changes or {}).items():
            setattr(dataset, keyword, value)
        dataset.save_as(folder / f"{index:03d}.dcm", enforce_file_format=True)
    return folder


def _source_instance(modality: str, shape: tuple[int, int], spacing: tuple[float, float, float]) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    uid = generate_uid(prefix=None)
    dataset.SOPClassUID, dataset.SOPInstanceUID = UID(SOP_CLASS[modality]), uid
    dataset.file_meta.MediaStorageSOPClassUID, dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPClassUID, uid
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName, dataset.PatientID, dataset.PatientBirthDate = "Müller^Zoë", "P-17", "19500101"
    dataset.PatientSex, dataset.StudyDate, dataset.StudyTime, dataset.StudyID = "F", "20260102", "101112", "7"
    dataset.AccessionNumber, dataset.ReferringPhysicianName = "A1", ""
    dataset.StudyDescription = "Schädel"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.Modality, dataset.Manufacturer, dataset.ManufacturerModelName = modality, "Scanner Works", "One"
    dataset.SeriesNumber, dataset.PatientPosition, dataset.PositionReferenceIndicator = 3, "HFS", ""
    dataset.BodyPartExamined, dataset.AcquisitionNumber = "HEAD", 1
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 1
    dataset.Rows, dataset.Columns = shape
    dataset.PixelSpacing, dataset.SliceThickness = [spacing[1], spacing[2]], spacing[0]
    if modality == "CT":
        dataset.RescaleIntercept, dataset.RescaleSlope, dataset.RescaleType, dataset.KVP = "0", "1", "HU", "120"
    else:
        dataset.ScanningSequence, dataset.SequenceVariant, dataset.ScanOptions = "SE", "NONE", ""
        dataset.MRAcquisitionType, dataset.EchoTime, dataset.RepetitionTime = "2D", "9.5", "500"
        dataset.EchoTrainLength = "1"
    private = dataset.private_block(0x0019, "SCANNER WORKS", create=True)
    private.add_new(0x01, "LO", "secret")
    return dataset


def opened(folder: Path, **changes: Any) -> tuple[Series, SliceStack]:
    """Return the series and its acquired stack of a folder of single-frame files, in order along the normal."""
    datasets = [(path, pydicom.dcmread(path)) for path in sorted(folder.glob("*.dcm"))]
    first = datasets[0][1]
    along, down = (np.array(first.ImageOrientationPatient[i : i + 3], dtype=float) for i in (0, 3))
    normal = np.cross(along, down)
    datasets.sort(key=lambda item: float(np.dot(normal, np.array(item[1].ImagePositionPatient, dtype=float))))
    spacing = np.array(first.PixelSpacing, dtype=float)
    voxels = [
        d.pixel_array * float(d.get("RescaleSlope", 1)) + float(d.get("RescaleIntercept", 0)) for _, d in datasets
    ]
    stack = SliceStack(
        np.rint(np.stack(voxels)).astype(np.int16),
        np.array([d.ImagePositionPatient for _, d in datasets], dtype=float),
        down * spacing[0],
        along * spacing[1],
        np.array([d.SliceThickness for _, d in datasets], dtype=float),
        str(first.FrameOfReferenceUID),
        str(first.Modality),
        "HU" if first.Modality == "CT" else "",
        sop_instance_uids=tuple(str(d.SOPInstanceUID) for _, d in datasets),
    )
    values: dict[str, Any] = {
        "uid": str(first.SeriesInstanceUID),
        "study_uid": str(first.StudyInstanceUID),
        "number": int(first.SeriesNumber),
        "modality": str(first.Modality),
        "description": str(first.get("SeriesDescription", "")),
        "body_part": str(first.get("BodyPartExamined", "")),
        "frame_of_reference_uid": str(first.FrameOfReferenceUID),
        "instances": tuple(_instance(path, d) for path, d in datasets),
    }
    return Series(**(values | changes)), stack


def _instance(path: Path, dataset: Dataset) -> Instance:
    position = tuple(float(v) for v in dataset.ImagePositionPatient)
    cosines = tuple(float(v) for v in dataset.ImageOrientationPatient)
    spacing = tuple(float(v) for v in dataset.PixelSpacing)
    return Instance(
        path=path,
        sop_instance_uid=str(dataset.SOPInstanceUID),
        sop_class_uid=str(dataset.SOPClassUID),
        number=int(dataset.InstanceNumber),
        rows=int(dataset.Rows),
        columns=int(dataset.Columns),
        position=position,  # type: ignore[arg-type]
        orientation=cosines,  # type: ignore[arg-type]
        pixel_spacing=spacing,  # type: ignore[arg-type]
        thickness=float(dataset.SliceThickness),
    )


def _common(series: Series, volume: Volume, ready: NDArray[np.bool_] | None) -> dict[str, Any]:
    return {
        "uid": "layer",
        "source_series_uid": series.uid,
        "volume": volume,
        "ready": np.ones(volume.shape[0], dtype=bool) if ready is None else ready,
        "provenance": MADE,
    }


def image_layer(
    series: Series, stack: SliceStack, *, modality: str = "MR", ready: NDArray[np.bool_] | None = None
) -> ImageLayer:
    """Return a synthetic image whose value tells slice, row and column, so that any mix-up shows."""
    grid = stack.volume()
    slices, rows, columns = np.indices(grid.shape, sparse=True)
    values = ((slices * 97 + rows * 11 + columns * 3) % 1500 - (500 if modality == "CT" else 0)).astype(np.int16)
    volume = grid.with_array(values, modality=modality, unit="HU" if modality == "CT" else "a.u.", synthetic=True)
    return ImageLayer(**_common(series, volume, ready), name="Synthetic T1", contrast="T1", window=(950.0, 480.0))


def label_layer(series: Series, stack: SliceStack, *, ready: NDArray[np.bool_] | None = None) -> LabelLayer:
    """Return a segmentation of two boxes, labels 1 and 5, off the first slice."""
    grid = stack.volume()
    labels = np.zeros(grid.shape, dtype=np.uint8)
    labels[1:, 5:20, 10:30] = 1
    labels[2:3, 25:33, 5:9] = 5
    segments = (
        Segment(1, "White matter", "#f0e8d0", Code("68523003", "SCT", "Cerebral White Matter"), ANATOMY),
        Segment(5, "Ventricles", "#4060ff", Code("35764002", "SCT", "Brain ventricle"), ANATOMY),
    )
    return LabelLayer(
        **_common(series, grid.with_array(labels, unit=""), ready), name="Head anatomy", segments=segments
    )


def heat_layer(series: Series, stack: SliceStack, *, ready: NDArray[np.bool_] | None = None) -> HeatLayer:
    """Return a heat map of 0.1 with a hot box of 0.9 on the second grid slice."""
    grid = stack.volume()
    heat = np.full(grid.shape, 0.1, dtype=np.float32)
    heat[1, 10:20, 12:24] = 0.9
    return HeatLayer(**_common(series, grid.with_array(heat, unit=""), ready), name="Anomaly", threshold=0.5)


def doubt_layer(series: Series, stack: SliceStack) -> DoubtLayer:
    """Return the doubt of an image: 40 a.u., and 600 in a box on the second grid slice."""
    grid = stack.volume()
    widths = np.full(grid.shape, 40, dtype=np.int16)
    widths[1, 10:20, 12:24] = 600
    return DoubtLayer(
        **_common(series, grid.with_array(widths, unit="a.u."), None),
        name="Doubt of Synthetic T1",
        image_uid="",
        strongest=500.0,
        words="width of the 5–95 % interval",
    )


def linear_image_layer(series: Series, stack: SliceStack) -> ImageLayer:
    """Return a synthetic image whose value is :func:`linear_value` of the place, so that resampling keeps it."""
    layer = image_layer(series, stack)
    grid = layer.volume
    slices, rows, columns = np.indices(grid.shape, sparse=True)
    steps = linear_value(grid.affine[:3, :3]) - linear_value(np.zeros(3))
    values = linear_value(grid.affine[:3, 3]) + slices * steps[0] + rows * steps[1] + columns * steps[2]
    return replace(layer, volume=grid.with_array(np.rint(values).astype(np.int16)))


def linear_value(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1000 + 3 L + 5 P + 7 S of LPS points [3, …] in mm."""
    return np.asarray(1000 + np.tensordot(np.array([3.0, 5.0, 7.0]), points, axes=1))


def validator_errors(paths: Iterable[Path]) -> list[str]:
    """Return the lines of dciodvfy that say Error, but for (0008,001C), which its dictionary does not know."""
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy is not installed (Debian package dicom3tools)")
    errors = []
    for path in paths:
        run = subprocess.run([program, str(path)], capture_output=True, check=False)
        lines = (run.stdout + run.stderr).decode("utf-8", "replace").splitlines()
        errors += [f"{path.name}: {line}" for line in lines if "Error" in line and "(0x0008,0x001c)" not in line]
    return errors


def consistency_errors(paths: Iterable[Path]) -> list[str]:
    """Return the lines of dcentvfy that say Error: what differs between objects of one patient, study, series."""
    program = shutil.which("dcentvfy")
    if program is None:
        pytest.skip("dcentvfy is not installed (Debian package dicom3tools)")
    run = subprocess.run([program, *(str(path) for path in paths)], capture_output=True, check=False)
    lines = (run.stdout + run.stderr).decode("utf-8", "replace").splitlines()
    return [line for line in lines if "Error" in line]


def dump(path: Path) -> str:
    """Return dcmdump's text of a file; fails where it cannot parse it."""
    program = shutil.which("dcmdump")
    if program is None:
        pytest.skip("dcmdump is not installed (Debian package dcmtk)")
    return subprocess.run([program, str(path)], capture_output=True, check=True).stdout.decode("utf-8", "replace")


def enhanced(series: Series, stack: SliceStack, path: Path) -> tuple[Series, SliceStack]:
    """Return the same CT series as one multi-frame file, converted by highdicom, frames in slice order."""
    import highdicom

    converted = highdicom.legacy.LegacyConvertedEnhancedCTImage(
        [pydicom.dcmread(instance.path) for instance in series.instances],
        series_instance_uid=str(generate_uid(prefix=None)),
        series_number=4,
        sop_instance_uid=str(generate_uid(prefix=None)),
        instance_number=1,
    )
    converted.save_as(path)
    uid = str(converted.SOPInstanceUID)
    frames = [frame.PlanePositionSequence[0] for frame in converted.PerFrameFunctionalGroupsSequence]
    places = [tuple(float(v) for v in frame.ImagePositionPatient) for frame in frames]
    instances = tuple(
        replace(
            instance,
            path=path,
            sop_instance_uid=uid,
            sop_class_uid=str(converted.SOPClassUID),
            frame=places.index(instance.position or (0.0, 0.0, 0.0)),
        )
        for instance in series.instances
    )
    return (
        replace(series, uid=str(converted.SeriesInstanceUID), instances=instances),
        replace(stack, sop_instance_uids=(uid,) * len(stack)),
    )
