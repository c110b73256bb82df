"""What the multi-frame objects that highdicom builds (segmentation, parametric map) have in common."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import medgan_viewer
from medgan_viewer.core.layers import Layer, Provenance
from medgan_viewer.dicom import provenance
from medgan_viewer.dicom.equipment import equipment
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import PROGRAM, NewSeries, Source

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["algorithm", "common_arguments", "complete", "nameless"]


def algorithm(made: Provenance) -> Any:
    """Return the algorithm identification of a model: family "Artificial Intelligence", version, weights."""
    import highdicom
    from pydicom.sr.coding import Code

    weights = {"Weights SHA-256": made.weights_sha256} if made.weights_sha256 else {}
    return highdicom.AlgorithmIdentificationSequence(
        name=plain(made.model_id)[:64],
        family=Code("123110", "DCM", "Artificial Intelligence"),
        version=made.model_version or "unknown",
        source=PROGRAM,
        parameters=weights | {plain(k): plain(v) for k, v in made.settings},
    )


def common_arguments(source: Source, slices: Sequence[int], made: Provenance, series_number: int) -> dict[str, Any]:
    """Return the constructor arguments that tell source, series, equipment and where the frames lie."""
    import highdicom

    planes = [source.stack.plane(index) for index in slices]
    arguments: dict[str, Any] = {
        "series_instance_uid": provenance.new_uid(),
        "series_number": series_number,
        "sop_instance_uid": provenance.new_uid(),
        "instance_number": 1,
        "manufacturer": PROGRAM,
        "manufacturer_model_name": provenance.model_and_version(made),
        "software_versions": medgan_viewer.__version__,
        "device_serial_number": made.weights_sha256[:64] or provenance.IMPLEMENTATION_UID,
        # Ours is set together with the names that it encodes.
        "specific_character_set": None,
    }
    if source.instances[slices[0]].frame is None:
        return arguments | {"source_images": [_single_frame(source, index) for index in slices]}
    measures = highdicom.PixelMeasuresSequence(
        pixel_spacing=planes[0].spacing, slice_thickness=float(source.stack.thickness[slices[0]])
    )
    return arguments | {
        "source_images": [_multi_frame(source)],
        "pixel_measures": measures,
        "plane_orientation": highdicom.PlaneOrientationSequence("PATIENT", provenance.orientation(planes[0])),
        "plane_positions": [highdicom.PlanePositionSequence("PATIENT", plane.origin.tolist()) for plane in planes],
    }


def _single_frame(source: Source, index: int) -> "Dataset":
    """Return what highdicom needs to know of a source slice; patient and study are filled in by us afterwards."""
    from pydicom import Dataset

    instance, dataset = source.instances[index], nameless(source, Dataset())
    dataset.SOPClassUID, dataset.SOPInstanceUID = instance.sop_class_uid, instance.sop_instance_uid
    dataset.Rows, dataset.Columns = source.stack.array.shape[1:]
    provenance.acquired_plane_attributes(dataset, source, index)
    dataset.SliceThickness = provenance.decimal(float(source.stack.thickness[index]))
    return dataset


def _multi_frame(source: Source) -> "Dataset":
    """Return the header of an enhanced image, with its functional groups."""
    from copy import copy

    return nameless(source, copy(source.header))


def nameless(source: Source, dataset: "Dataset") -> "Dataset":
    """Set what names study and series, and empty what names the patient: highdicom refuses odd values there."""
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = source.study_uid, source.series.series_instance_uid
    for keyword in ("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "AccessionNumber", "StudyID"):
        setattr(dataset, keyword, "")
    dataset.StudyDate, dataset.StudyTime = None, None
    dataset.Modality = source.series.modality
    dataset.FrameOfReferenceUID = source.frame_of_reference_uid
    return dataset


def complete(dataset: Any, layer: Layer, source: Source, slices: Sequence[int]) -> None:
    """Set examination, series and equipment as all our objects have them, and each frame's own slice thickness."""
    provenance.copy_examination(dataset, source)
    provenance.frame_of_reference(dataset, source)
    series = NewSeries(int(dataset.SeriesNumber), layer.provenance.created, str(dataset.SeriesInstanceUID))
    provenance.series_attributes(dataset, source, layer.provenance, series, provenance.description(layer, source))
    dataset.ContributingEquipmentSequence = equipment(source, [layer])
    thickness = source.stack.thickness[list(slices)]
    if np.ptp(thickness) > 0:
        _measure_each_frame(dataset, source)


def _measure_each_frame(dataset: Any, source: Source) -> None:
    """Move the pixel measures from the shared group to every frame, with the thickness of its own slice."""
    from copy import deepcopy

    shared = dataset.SharedFunctionalGroupsSequence[0]
    measures = shared.PixelMeasuresSequence
    del shared.PixelMeasuresSequence
    for frame in dataset.PerFrameFunctionalGroupsSequence:
        position = np.array(frame.PlanePositionSequence[0].ImagePositionPatient, dtype=float)
        index = int(np.abs(source.stack.origins - position).max(axis=1).argmin())
        own = deepcopy(measures)
        own[0].SliceThickness = provenance.decimal(float(source.stack.thickness[index]))
        frame.PixelMeasuresSequence = own
