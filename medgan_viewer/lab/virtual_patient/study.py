"""The virtual patient as a DICOM study: CT and MR images, the same for the same seed."""

import shutil
import tempfile
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, MRImageStorage, generate_uid

from medgan_viewer.errors import WriteError
from medgan_viewer.lab.virtual_patient.head import generate_head
from medgan_viewer.lab.virtual_patient.scanner import PROTOCOLS, Protocol, Scan, scan_head

__all__ = ["DEMO_SEED", "VERSION", "Identity", "ensure_study", "write_scan", "write_study"]

VERSION = 2
"""Goes into the cache folder's name and into all UIDs: raise it when the same seed gives other voxels than before."""
DEMO_SEED = 42
_DERIVATION = "Simulated from an anatomical model; no person"
_CT_WINDOW, _MR_WINDOW = (40, 80), (500, 1000)


@dataclass(frozen=True)
class Identity:
    """What a study of nobody is called, and the words that its UIDs come from: the same words, the same UIDs."""

    name: str
    number: str
    description: str
    words: tuple[str, ...]
    seed: int = 0
    comments: str = _DERIVATION

    @classmethod
    def of_virtual_patient(cls, seed: int) -> "Identity":
        """Return the virtual patient of a seed."""
        words = ("medgan-viewer virtual patient", str(VERSION), str(seed))
        return cls(f"Virtual^Patient {seed:04d}", f"VP-{seed:04d}", "Virtual patient: head CT and MR", words, seed)

    def uid(self, *names: str) -> UID:
        """Return a UID that is always the same for the same patient and names."""
        return generate_uid(entropy_srcs=[*self.words, *names])


def ensure_study(cache_folder: Path, seed: int = DEMO_SEED, *, apart: bool = True) -> Path:
    """Return the folder of the patient's study under ``cache_folder``, writing it if it is not there yet (seconds).

    It appears complete or not at all: it is written beside its place and renamed; those that an older version of this
    program left go. ``apart`` writes it in a process of
    its own: numpy holds the interpreter's lock for up to 0.2 s at a time, which a window would show. Raises WriteError.
    """
    study = cache_folder / f"virtual-patient-{VERSION}-{seed:04d}"
    _remove_older(cache_folder)
    if study.is_dir():
        return study
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".virtual-patient-", dir=cache_folder))
    except OSError as error:
        raise WriteError(cache_folder, f"the virtual patient cannot be stored here ({error.strerror}).") from error
    try:
        (_write_apart if apart else write_study)(unfinished, seed)
        unfinished.rename(study)
    except OSError as error:
        if not study.is_dir():  # else another process was faster, and its study is the same
            raise WriteError(study, f"the virtual patient cannot be stored here ({error.strerror}).") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return study


def _remove_older(cache_folder: Path) -> None:
    for path in cache_folder.glob("virtual-patient-*-*"):
        version = path.name.split("-")[2]
        if version.isdecimal() and int(version) < VERSION:
            shutil.rmtree(path, ignore_errors=True)


def _write_apart(folder: Path, seed: int) -> None:
    """Run ``write_study`` in another process and pass its error on."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            pool.submit(write_study, folder, seed).result()
        except BrokenExecutor as error:
            raise WriteError(folder, "making the virtual patient was cut short; free memory and try again.") from error


def write_study(folder: Path, seed: int = DEMO_SEED) -> list[Path]:
    """Generate the patient of ``seed`` and write CT, T1, T2 and FLAIR, one folder per series; return the files.

    Raises WriteError when the folder cannot be written.
    """
    return write_scan(folder, scan_head(generate_head(seed)), Identity.of_virtual_patient(seed))


def write_scan(folder: Path, scan: Scan, identity: Identity, protocols: Sequence[Protocol] = PROTOCOLS) -> list[Path]:
    """Write the series of a scan, one folder per series; return the files. Raises WriteError."""
    files: list[Path] = []
    try:
        for number, protocol in enumerate(protocols, start=1):
            target = folder / f"{number}_{protocol.name.replace(' ', '_')}"
            target.mkdir(parents=True, exist_ok=True)
            files += _write_series(target, number, protocol, scan, identity)
    except OSError as error:
        raise WriteError(folder, f"the virtual patient cannot be written ({error.strerror}).") from error
    return files


def _write_series(folder: Path, number: int, protocol: Protocol, scan: Scan, identity: Identity) -> list[Path]:
    """Write one series, one file per slice."""
    instance = _common(number, protocol, scan, identity)
    (_add_ct if protocol.modality == "CT" else _add_mr)(instance, protocol)
    files = []
    for index, pixels in enumerate(scan.series[protocol.name]):
        _place(instance, index, pixels, scan, identity.uid(protocol.name, str(index)))
        files.append(folder / f"{index + 1:03d}.dcm")
        instance.save_as(files[-1], enforce_file_format=True)
    return files


def _common(number: int, protocol: Protocol, scan: Scan, identity: Identity) -> Dataset:
    """Return what all instances of a series share: patient, study, series, equipment, frame of reference, pixels."""
    rng = np.random.default_rng([identity.seed, 3])
    data = Dataset()
    data.PatientName, data.PatientID = identity.name, identity.number
    data.PatientBirthDate, data.PatientSex = "", str(rng.choice(["F", "M"]))
    data.PatientAge = f"{rng.integers(35, 76):03d}Y"
    data.PatientComments = identity.comments
    data.StudyInstanceUID, data.StudyID = identity.uid("study"), identity.number.replace("-", "")
    data.StudyDescription = identity.description
    data.StudyDate = data.SeriesDate = data.ContentDate = "20260105"
    data.StudyTime = data.SeriesTime = data.ContentTime = "120000"
    data.AccessionNumber = data.ReferringPhysicianName = ""
    data.Modality, data.SeriesNumber, data.SeriesDescription = protocol.modality, number, protocol.name
    data.SeriesInstanceUID, data.FrameOfReferenceUID = identity.uid(protocol.name), identity.uid("frame of reference")
    data.PositionReferenceIndicator, data.PatientPosition, data.BodyPartExamined = "", "HFS", "HEAD"
    data.Manufacturer, data.ManufacturerModelName = "MedGAN Viewer", "Virtual patient"
    data.SoftwareVersions, data.DeviceSerialNumber = str(VERSION), "0"
    data.SyntheticData, data.DerivationDescription = "YES", identity.comments
    data.BurnedInAnnotation, data.LossyImageCompression = "NO", "00"
    data.SliceThickness, data.SpacingBetweenSlices = scan.spacing[0], scan.spacing[0]
    data.PixelSpacing, data.ImageOrientationPatient = list(scan.spacing[1:]), [1, 0, 0, 0, 1, 0]
    data.SamplesPerPixel, data.PhotometricInterpretation = 1, "MONOCHROME2"
    data.Rows, data.Columns = scan.series[protocol.name].shape[1:]
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 16, 15
    data.PixelRepresentation, data.AcquisitionNumber = 1, 1
    data.WindowCenter, data.WindowWidth = _CT_WINDOW if protocol.modality == "CT" else _MR_WINDOW
    return data


def _add_ct(data: Dataset, protocol: Protocol) -> None:
    """Add what only a CT image has."""
    data.SOPClassUID, data.ImageType = CTImageStorage, ["DERIVED", "PRIMARY", "AXIAL"]
    data.RescaleIntercept, data.RescaleSlope, data.RescaleType = 0, 1, "HU"
    data.KVP = None


def _add_mr(data: Dataset, protocol: Protocol) -> None:
    """Add what only an MR image has: the sequence that was simulated."""
    data.SOPClassUID, data.ImageType = MRImageStorage, ["DERIVED", "PRIMARY", "OTHER"]
    data.ScanningSequence = ["SE", "IR"] if protocol.inversion else "SE"
    data.SequenceVariant, data.ScanOptions, data.MRAcquisitionType = "NONE", "", "2D"
    data.RepetitionTime, data.EchoTime, data.EchoTrainLength = protocol.repetition, protocol.echo, 1
    if protocol.inversion:
        data.InversionTime = protocol.inversion


def _place(data: Dataset, index: int, pixels: NDArray[np.int16], scan: Scan, uid: UID) -> None:
    """Make ``data`` the instance of slice ``index``."""
    height = round(scan.origin[2] + index * scan.spacing[0], 4)
    data.SOPInstanceUID, data.InstanceNumber = uid, index + 1
    data.ImagePositionPatient, data.SliceLocation = [scan.origin[0], scan.origin[1], height], height
    data.PixelData = pixels.astype("<i2").tobytes()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID, data.file_meta.MediaStorageSOPInstanceUID = data.SOPClassUID, uid
