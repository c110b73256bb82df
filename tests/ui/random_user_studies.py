"""What the random user opens: small studies of every kind that the viewer shows, odd ones and rubbish; its models."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom.uid import SecondaryCaptureImageStorage

from medgan_viewer.models.manifest import Package
from medgan_viewer.models.registry import scan
from tests.dicom_builder import image_dataset, save, write_series
from tests.models import tiny
from tests.ui.view_fixtures import ball

_SHAPE, _SPACING = (10, 64, 56), (4.0, 2.5, 2.5)
_LONG = "Maximiliane-Alexandrina^Kunigunde-Wilhelmina-Theodora-Friederike"
_RIGHT_TO_LEFT = "شهلا^فاطمة"
# Enough for the slices to be seen coming, and for a run to be cancelled.
_SECONDS_A_BATCH = 0.05
# What "missing tags everywhere" leaves out: all that the viewer can do without.
_LEFT_OUT = (
    "PatientName", "PatientID", "StudyDate", "SeriesNumber", "InstanceNumber", "SliceThickness",
    "FrameOfReferenceUID", "PixelSpacing", "RescaleIntercept", "RescaleSlope", "SpecificCharacterSet", "ImageType",
)  # fmt: skip


def write_studies(folder: Path) -> list[Path]:
    """Write studies below a folder; return what can be opened: folders and single files."""
    head: dict[str, Any] = {"BodyPartExamined": "HEAD", "spacing": _SPACING[1:], "step": (0.0, 0.0, _SPACING[0])}
    ct, mr = ball(_SHAPE, _SPACING), np.maximum(ball(_SHAPE, _SPACING), 0)
    same = {**head, "StudyInstanceUID": "1.2.3.1", "StudyDescription": "Head", "PatientName": "Doe^Jane"}
    write_series(folder / "head" / "ct", ct, **same)
    write_series(folder / "head" / "mr", mr, **same, Modality="MR", SeriesInstanceUID="1.2.3.1.2", SeriesNumber=2)
    write_series(folder / "prior", ct[::-1].copy(), **_apart(head, 2), PatientName="Doe^Jane", StudyDate="20200102")
    times = {**_apart(head, 3), "PatientName": _LONG, "PatientID": "X" * 64, "StudyDescription": "Y" * 64}
    for time in range(3):
        more = {**times, "Modality": "MR", "TemporalPositionIdentifier": time + 1, "SeriesDescription": "Z" * 64}
        write_series(folder / "times" / str(time), (mr[:4] + 50 * time).astype(np.int16), **more)
    uneven = [(0.0, 0.0, place) for place in (0.0, 4.0, 8.0, 14.0, 18.0)]
    right = {**_apart(head, 4), "PatientName": _RIGHT_TO_LEFT, "StudyDescription": "דחוף", "InstitutionName": "בית"}
    write_series(folder / "uneven", ct[2:7], positions=uneven, **right)
    capture: dict[str, Any] = {
        "SOPClassUID": SecondaryCaptureImageStorage, "Modality": "US", "SamplesPerPixel": 3, "PlanarConfiguration": 0,
        "PhotometricInterpretation": "RGB", "RescaleIntercept": None, "RescaleSlope": None, "FrameOfReferenceUID": None,
        "StudyInstanceUID": "1.2.3.5", "SeriesInstanceUID": "1.2.3.5.1", "PatientID": "T-5",
    }  # fmt: skip
    colours = np.stack([np.full((48, 64), value, np.uint8) for value in (200, 90, 20)], axis=-1)
    save(image_dataset(colours, None, **capture), folder / "colour" / "one.dcm")
    bare: dict[str, Any] = dict.fromkeys(_LEFT_OUT)
    bare |= {"StudyInstanceUID": "1.2.3.6", "SeriesInstanceUID": "1.2.3.6.1"}
    for number, image in enumerate(ct[3:6]):
        dataset = image_dataset(image, None, **{key: value for key, value in bare.items() if key != "PixelSpacing"})
        del dataset.PixelSpacing
        save(dataset, folder / "bare" / f"{number}.dcm")
    rubbish = folder / "rubbish"
    rubbish.mkdir()
    (rubbish / "notes.txt").write_text("no image")
    (rubbish / "cut.dcm").write_bytes((folder / "head" / "ct" / "000.dcm").read_bytes()[:700])
    folders = [folder / name for name in ("head", "prior", "times", "uneven", "colour", "bare", "rubbish")]
    return [*folders, folder / "head" / "mr", folder / "head" / "ct" / "003.dcm", folder / "gone"]


def _apart(head: dict[str, Any], number: int) -> dict[str, Any]:
    """Return the attributes of a study of another frame of reference; two of the same patient are 1 and 2."""
    uid = f"1.2.3.{number}"
    patient = "T-1" if number == 2 else f"T-{number}"
    own = {"StudyInstanceUID": uid, "SeriesInstanceUID": f"{uid}.1", "FrameOfReferenceUID": f"{uid}.9"}
    return {**head, **own, "PatientID": patient}


def write_models(folder: Path) -> Sequence[Package]:
    """Write a small model of each task, one of them with sharpness and doubt; return them all."""
    synthesis = tiny.with_doubt(tiny.content(channels_out=3))
    tasks = {
        "image": (synthesis, 3),
        "anatomy": (tiny.content(task="segmentation", channels_out=3), 3),
        "heat": (tiny.content(task="anomaly"), 1),
        "other": (tiny.content(), 1),
    }
    for name, (manifest, channels) in tasks.items():
        manifest.update(id=name, name=f"Tiny {name}")
        if manifest["network"]["name"] == "weighted_sum":
            manifest["network"]["arguments"]["seconds"] = _SECONDS_A_BATCH
        weights = np.zeros((channels, 2), np.float32)
        weights[:, 0] = np.linspace(0.5, 0.8, channels)
        tiny.write_package(folder, manifest, weights)
    packages, problems = scan([folder])
    if problems:
        raise ValueError(f"The models of the random user are wrong: {problems[0]}")
    return packages
