"""What every exported DICOM object carries: whose examination it belongs to, what it was made from, and by what.

Only listed public attributes are copied from the source; no private element ever is. They keep the source's character
set, byte for byte, so that no archive takes the results for another patient's; words of our own are ASCII.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import medgan_viewer
from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.core.layers import DoubtLayer, Hand, HeatLayer, ImageLayer, LabelLayer, Layer, Provenance
from medgan_viewer.core.volume import Plane, SliceStack, Vector
from medgan_viewer.dicom.mark import plain
from medgan_viewer.errors import ReadError, UsageError

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = [
    "NewSeries",
    "Reference",
    "Source",
    "acquired_plane_attributes",
    "code",
    "copy_examination",
    "date_time",
    "decimal",
    "description",
    "file_name",
    "frame_of_reference",
    "laterality",
    "model_and_version",
    "new_dataset",
    "new_uid",
    "orientation",
    "plane_attributes",
    "referenced_series",
    "save",
    "series_attributes",
    "source_image",
    "source_object",
    "source_of",
]

PROGRAM = "MedGAN Viewer"
IMPLEMENTATION_UID = "2.25.106523473541286037118530642196340151683"

# Attributes of the Patient, Clinical Trial Subject, General Study and Patient Study modules that go with every object
# of an examination. Type 2 ones are written empty where the source lacks them, the others only where they have a value.
_TYPE_2 = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "StudyDate",
    "StudyTime",
    "AccessionNumber",
    "ReferringPhysicianName",
    "StudyID",
)
_WHERE_PRESENT = (
    "IssuerOfPatientID",
    "TypeOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "PatientBirthTime",
    "OtherPatientIDsSequence",
    "OtherPatientNames",
    "EthnicGroup",
    "EthnicGroupCodeSequence",
    "PatientComments",
    "PatientSpeciesDescription",
    "PatientSpeciesCodeSequence",
    "PatientBreedDescription",
    "PatientBreedCodeSequence",
    "BreedRegistrationSequence",
    "ResponsiblePerson",
    "ResponsiblePersonRole",
    "ResponsibleOrganization",
    "PatientIdentityRemoved",
    "DeidentificationMethod",
    "DeidentificationMethodCodeSequence",
    "QualityControlSubject",
    "ClinicalTrialSponsorName",
    "ClinicalTrialProtocolID",
    "ClinicalTrialProtocolName",
    "ClinicalTrialSiteID",
    "ClinicalTrialSiteName",
    "ClinicalTrialSubjectID",
    "ClinicalTrialSubjectReadingID",
    "StudyDescription",
    "IssuerOfAccessionNumberSequence",
    "ProcedureCodeSequence",
    "PatientAge",
    "PatientSize",
    "PatientWeight",
    "PatientSexNeutered",
    "PregnancyStatus",
    "SmokingStatus",
    "MedicalAlerts",
    "Allergies",
    "AdmissionID",
    "LongitudinalTemporalInformationModified",
)
_LONG_STRING = 64
_UID = re.compile(r"[0-9.]{1,64}")
_SEGMENTATIONS: dict[Hand, str] = {
    "": "AI segmentation",
    "edited": "AI segmentation edited by hand",
    "drawn": "Segmentation drawn by hand",
}
_KINDS = {ImageLayer: "synthetic", LabelLayer: "segmentation", HeatLayer: "heat-map", DoubtLayer: "doubt"}


@dataclass(frozen=True, slots=True)
class Reference:
    """An object that was written, for others to refer to: UIDs of its class, of itself and of its series."""

    sop_class: str
    sop_instance: str
    series: str


@dataclass(frozen=True, eq=False)
class Source:
    """A series that results were made from, ready to be referred to.

    ``header`` is the header of one instance, without pixels; ``instances`` are those of the stack's slices, in
    the stack's order; ``further`` are other series the model took. ``clean`` takes the patient's identity out of
    what is written. ``written`` are the objects of the same set that were written so far, by the UID of their layer.
    """

    series: Series
    stack: SliceStack
    header: "Dataset"
    instances: tuple[Instance, ...]
    study_uid: str
    frame_of_reference_uid: str
    further: tuple[Series, ...] = ()
    clean: "Callable[[Dataset], Dataset] | None" = None
    written: dict[str, list[Reference]] = field(default_factory=dict)

    @property
    def synthetic(self) -> bool:
        """Whether the source's own pixels were generated, so that all derived from them is synthetic too."""
        return any(s.synthetic or s.simulated for s in (self.series, *self.further)) or self.stack.synthetic


@dataclass(frozen=True, slots=True)
class NewSeries:
    """A series that is being written: what all its objects agree on."""

    number: int
    created: datetime = field(default_factory=datetime.now)
    uid: str = field(default_factory=lambda: new_uid())


def source_of(series: Series, stack: SliceStack, further: Sequence[Series] = ()) -> Source:
    """Return the source with one header read.

    Raises ``UsageError`` for a series that is not DICOM or whose images have no UIDs to refer to, ``ReadError`` where
    its file is gone or a slice has no file.
    """
    if series.format != "dicom":
        raise UsageError("This image was not opened from DICOM, so its results cannot be filed as DICOM: choose NIfTI.")
    import pydicom
    from pydicom.errors import InvalidDicomError

    path = series.instances[0].path
    try:
        header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
    except (OSError, InvalidDicomError) as error:
        raise ReadError(path, "the source image is no longer there; open the study again") from error
    instances = _instances_of(series, stack)
    if not all(_UID.fullmatch(instance.sop_instance_uid) for instance in instances):
        raise UsageError("These images have no identifiers of their own to refer to: choose NIfTI.")
    study_uid = str(header.get("StudyInstanceUID") or new_uid())
    frame_of_reference_uid = series.frame_of_reference_uid or new_uid()
    return Source(series, stack, header, instances, study_uid, frame_of_reference_uid, tuple(further))


def _instances_of(series: Series, stack: SliceStack) -> tuple[Instance, ...]:
    """Return the instance behind each slice, by its UID and position."""
    uids = stack.sop_instance_uids or ("",) * len(stack)
    matched = []
    for uid, origin in zip(uids, stack.origins, strict=True):
        candidates = [i for i in series.instances if i.sop_instance_uid == uid] or list(series.instances)
        instance = min(candidates, key=lambda i: _distance(i, origin))
        if len(candidates) > 1 and _distance(instance, origin) > 0.01:
            raise ReadError(series.instances[0].path, "the source of a slice is not known; open the study again")
        matched.append(instance)
    return tuple(matched)


def _distance(instance: Instance, origin: Vector) -> float:
    return float("inf") if instance.position is None else float(np.abs(origin - instance.position).max())


def new_uid() -> str:
    """Return a new UID, derived from a random UUID."""
    from pydicom.uid import generate_uid

    return str(generate_uid(prefix=None))


def new_dataset(source: Source, sop_class_uid: str, created: datetime) -> "Dataset":
    """Return a new object with file meta information and the patient, study and SOP common modules filled."""
    from pydicom import Dataset
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import UID, ExplicitVRLittleEndian

    dataset, sop_instance_uid = Dataset(), new_uid()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = UID(sop_class_uid)
    dataset.file_meta.MediaStorageSOPInstanceUID = UID(sop_instance_uid)
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    dataset.file_meta.ImplementationVersionName = f"MEDGAN_{medgan_viewer.__version__}"[:16]
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class_uid, sop_instance_uid
    dataset.InstanceCreationDate, dataset.InstanceCreationTime = date_time(created)
    dataset.ContentDate, dataset.ContentTime = date_time(created)
    copy_examination(dataset, source)
    return dataset


def save(dataset: "Dataset", source: Source, path: Path, layer_uid: str = "") -> None:
    """Write an object to ``path``, without identity where that was asked for, and note it for others to refer to."""
    reference = Reference(str(dataset.SOPClassUID), str(dataset.SOPInstanceUID), str(dataset.SeriesInstanceUID))
    cleaned = dataset if source.clean is None else source.clean(dataset)
    cleaned.save_as(path, enforce_file_format=True)
    source.written.setdefault(layer_uid, []).append(reference)


def copy_examination(dataset: "Dataset", source: Source) -> None:
    """Copy what names the patient and the examination, with absent type 2 attributes empty and nothing private."""
    header = source.header
    if header.get("SpecificCharacterSet"):
        dataset.SpecificCharacterSet = header.SpecificCharacterSet
    elif "SpecificCharacterSet" in dataset:
        del dataset.SpecificCharacterSet
    for keyword in _WHERE_PRESENT:
        if keyword in header and header[keyword].value not in (None, "", []):
            dataset.add(header[keyword])
    for keyword in _TYPE_2:
        # Whole elements, so that a value which breaks the standard's rules is passed on and not refused.
        if header.get(keyword):
            dataset.add(header[keyword])
        else:
            setattr(dataset, keyword, "")
    dataset.StudyInstanceUID = source.study_uid
    if dataset.get("PatientIdentityRemoved") == "YES" and not any(
        keyword in dataset for keyword in ("DeidentificationMethod", "DeidentificationMethodCodeSequence")
    ):
        # Required once identity was removed; the source does not say how.
        dataset.DeidentificationMethod = "Not stated by the source"
    dataset.remove_private_tags()


def series_attributes(
    dataset: "Dataset", source: Source, made: Provenance | None, series: NewSeries, description: str
) -> None:
    """Set the general series and equipment modules: a new series of this program, of the model if there is one."""
    dataset.SeriesInstanceUID, dataset.SeriesNumber = series.uid, series.number
    dataset.SeriesDescription = description
    dataset.SeriesDate, dataset.SeriesTime = date_time(series.created)
    if source.header.get("BodyPartExamined"):
        dataset.BodyPartExamined = source.header.BodyPartExamined
    dataset.Manufacturer, dataset.SoftwareVersions = PROGRAM, medgan_viewer.__version__
    if made is not None:
        dataset.ManufacturerModelName = model_and_version(made)
        # A result without weights was drawn by hand, or another program made it.
        dataset.DeviceSerialNumber = made.weights_sha256[:_LONG_STRING] or IMPLEMENTATION_UID
    if source.synthetic:
        dataset.SyntheticData = "YES"
    dataset.LossyImageCompression = source.header.get("LossyImageCompression") or "00"
    if dataset.LossyImageCompression == "01":
        for keyword in ("LossyImageCompressionRatio", "LossyImageCompressionMethod"):
            if source.header.get(keyword):
                dataset.add(source.header[keyword])


def model_and_version(made: Provenance) -> str:
    """Return what goes into ManufacturerModelName: the model, or this program where a reader drew all of it."""
    if made.hand == "drawn":
        return PROGRAM
    return plain(f"{made.model_id} {made.model_version}".strip())[:_LONG_STRING]


def frame_of_reference(dataset: "Dataset", source: Source) -> None:
    """Copy the frame of reference: it names a coordinate system, which every result shares with its source."""
    dataset.FrameOfReferenceUID = source.frame_of_reference_uid
    dataset.PositionReferenceIndicator = source.header.get("PositionReferenceIndicator") or ""


def laterality(dataset: "Dataset", source: Source) -> None:
    """Copy Laterality, for classes that have it at the series: empty where not even the body part is known."""
    if source.header.get("Laterality") or not source.header.get("BodyPartExamined"):
        dataset.Laterality = source.header.get("Laterality") or ""


def code(value: str, scheme: str, meaning: str) -> "Dataset":
    """Return an item of a code sequence."""
    from pydicom import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning[:_LONG_STRING]
    return item


def source_image(instance: Instance, *, same_place: bool = True) -> "Dataset":
    """Return an item of SourceImageSequence; ``same_place`` where pixel by pixel the result shows the same location."""
    item = _reference(instance)
    if instance.frame is not None:
        item.ReferencedFrameNumber = instance.frame + 1
    item.PurposeOfReferenceCodeSequence = [code("121322", "DCM", "Source image for image processing operation")]
    item.SpatialLocationsPreserved = "YES" if same_place else "NO"
    return item


def source_object(reference: Reference) -> "Dataset":
    """Return an item of SourceImageSequence for an object of the same set that a picture was drawn from."""
    from pydicom import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = reference.sop_class, reference.sop_instance
    item.PurposeOfReferenceCodeSequence = [code("121322", "DCM", "Source image for image processing operation")]
    item.SpatialLocationsPreserved = "NO"
    return item


def referenced_series(source: Source, instances: Iterable[Instance]) -> "list[Dataset]":
    """Return the items of ReferencedSeriesSequence: the source's instances used, and other series of the same study."""
    from pydicom import Dataset

    used = [(source.series, instances)]
    used += [(series, series.instances) for series in source.further if series.study_uid == source.series.study_uid]
    items = []
    for series, members in used:
        item = Dataset()
        item.SeriesInstanceUID = series.series_instance_uid
        item.ReferencedInstanceSequence = list({i.sop_instance_uid: _reference(i) for i in members}.values())
        items.append(item)
    return items


def _reference(instance: Instance) -> "Dataset":
    from pydicom import Dataset

    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = instance.sop_class_uid, instance.sop_instance_uid
    return item


def plane_attributes(dataset: "Dataset", plane: Plane) -> None:
    """Set pixel spacing, position and orientation of a plane (LPS mm)."""
    dataset.PixelSpacing = [decimal(distance) for distance in plane.spacing]
    dataset.ImagePositionPatient = [decimal(value) for value in plane.origin]
    dataset.ImageOrientationPatient = [decimal(value) for value in orientation(plane)]


def acquired_plane_attributes(dataset: "Dataset", source: Source, index: int) -> None:
    """Set the same for a slice of the source, with the source's own numbers to the last digit."""
    plane, instance = source.stack.plane(index), source.instances[index]
    plane_attributes(dataset, plane)
    for keyword, own, used in (
        ("PixelSpacing", instance.pixel_spacing, plane.spacing),
        ("ImagePositionPatient", instance.position, plane.origin),
        ("ImageOrientationPatient", instance.orientation, orientation(plane)),
    ):
        if own is not None and np.allclose(own, used, atol=1e-4):
            setattr(dataset, keyword, [_digits(value) for value in own])


def orientation(plane: Plane) -> list[float]:
    """Return the six direction cosines as DICOM orders them: along a row of pixels, then down a column."""
    along_row = plane.column_step / np.linalg.norm(plane.column_step)
    down_column = plane.row_step / np.linalg.norm(plane.row_step)
    return [float(value) for value in (*along_row, *down_column)]


def decimal(value: float) -> str:
    """Return a decimal string of at most 16 characters; noise beyond 1e-12 (of normalising a vector) is dropped."""
    return _digits(round(float(value), 12) + 0.0)


def _digits(value: float) -> str:
    from pydicom.valuerep import format_number_as_ds

    return format_number_as_ds(float(value))


def description(layer: Layer, source: Source, kind: str = "") -> str:
    """Return the SeriesDescription: in most worklists the only mark that is shown (at most 64 characters)."""
    if isinstance(layer, ImageLayer):
        kind = f"SYNTHETIC {layer.contrast or layer.volume.modality}"
        if layer.degree is not None:
            kind = f"{kind} {layer.control} {layer.degree:g}"
    else:
        if isinstance(layer, DoubtLayer):
            kind = "AI doubt map"
        if isinstance(layer, LabelLayer):
            kind = _SEGMENTATIONS[layer.provenance.hand]
        kind = kind or "AI heat map"
        kind = f"SYNTHETIC source, {kind}" if source.synthetic else kind
    model = "" if layer.provenance.hand == "drawn" else f" ({layer.provenance.model_id})"
    words = plain(f"{kind}{model}")
    return f"{words[: _LONG_STRING - len(' RESEARCH')].rstrip()} RESEARCH"


def file_name(layer: Layer) -> str:
    """Return the stem of a result's file name: what it is and which model made it, nothing about the patient."""
    kind = _KINDS[type(layer)]
    if isinstance(layer, ImageLayer):
        kind = f"{kind}-{layer.contrast or layer.volume.modality}"
    if isinstance(layer, DoubtLayer):
        kind = layer.name.lower().replace(" ", "-")
    if layer.provenance.hand == "edited":
        kind = f"{kind}-edited"
    words = plain(f"{kind}_{layer.provenance.model_id}").lower().replace("+", "-plus-")
    return "".join(c if c.isalnum() or c in "-_" else "-" for c in words)


def date_time(moment: datetime) -> tuple[str, str]:
    local = moment.astimezone() if moment.tzinfo else moment
    return local.strftime("%Y%m%d"), local.strftime("%H%M%S.%f")
