"""Findings of a heat map and the reader's verdicts as a DICOM Structured Report (TID 1500, Comprehensive 3D SR)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import Finding, HeatLayer, Judgement, Layer, Provenance
from medgan_viewer.core.slicing import nearest_slice
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import atomic, multiframe, provenance
from medgan_viewer.dicom.equipment import equipment
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import PROGRAM, NewSeries, Reference, Source
from medgan_viewer.dicom.write_findings import rounded

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = [
    "CENTRE",
    "COMMENT",
    "FALSE_ALARM_RATE",
    "OF_IMAGES",
    "REGION",
    "SCHEME",
    "SCORE",
    "THRESHOLD",
    "VERDICT",
    "coded",
    "encodable",
    "evidence",
    "report_of",
    "write",
]

# Concepts as (value, scheme, meaning). What no standard code says without claiming more has one of this program.
SCHEME = "99MEDGAN"
REGION = ("region", SCHEME, "Region in which a model's score is above a threshold")
VERDICT = ("verdict", SCHEME, "Reader's verdict")
THRESHOLD = ("threshold", SCHEME, "Threshold of the score")
FALSE_ALARM_RATE = ("false-alarm-rate", SCHEME, "Share of healthy people with such a score")
SCORE = ("130404", "DCM", "Saliency")
VOLUME = ("118565006", "SCT", "Volume")
CENTRE = ("111010", "DCM", "Center")
COMMENT = ("121106", "DCM", "Comment")
_NO_UNIT, _MILLILITRES = ("1", "UCUM", "no units"), ("mL", "UCUM", "mL")
# What the general series attributes have for images, and no report.
OF_IMAGES = ("BodyPartExamined", "LossyImageCompression", "LossyImageCompressionMethod", "LossyImageCompressionRatio")
_MEANINGS = {"open": "Not judged", "accepted": "Accepted by the reader", "rejected": "Rejected by the reader"}


def write(reading: Reading, source: Source, folder: Path, *, series_number: int) -> tuple[Path, ...]:
    """Write the report: each finding listed, then what was judged and is not listed above the present threshold.

    A finding is a rectangle around the region on the acquired slice nearest to the peak, the peak in space, volume,
    score, threshold, false-alarm rate, verdict and reason. Without any finding nothing is written: an empty report
    would be taken for a healthy patient. Raises ``WriteError``.
    """
    groups = _groups(reading, source)
    if not groups:
        return ()
    dataset = _dataset(reading.layer, groups, source, series_number)
    path = atomic.free_path(folder, f"{provenance.file_name(reading.layer)}_findings.dcm")
    with atomic.new_file(path) as temporary:
        provenance.save(dataset, source, temporary)
    return (path,)


def _groups(reading: Reading, source: Source) -> list[Any]:
    said = {judgement.finding.index: judgement for judgement in reading.judgements}
    listed = {finding.index for finding in reading.findings}
    shown = [(finding, said.get(finding.index)) for finding in reading.findings]
    groups = [_group(finding, one, reading.layer, source, f"Finding {finding.number}") for finding, one in shown]
    left = [one for one in reading.judgements if one.finding.index not in listed]
    names = [f"Finding {number} (not listed)" for number in range(1, len(left) + 1)]
    return groups + [
        _group(one.finding, one, reading.layer, source, name) for one, name in zip(left, names, strict=True)
    ]


def _group(finding: Finding, judgement: Judgement | None, layer: HeatLayer, source: Source, name: str) -> Any:
    """Return the measurement group (TID 1410) of one finding."""
    from highdicom import sr

    verdict = "open" if judgement is None else judgement.verdict
    group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(provenance.new_uid(), name),
        referenced_region=_rectangle(finding, layer, source),
        finding_type=coded(REGION),
        algorithm_id=_algorithm(layer),
        measurements=_measurements(finding, judgement, layer, source),
        qualitative_evaluations=[
            sr.QualitativeEvaluation(coded(VERDICT), coded((verdict, SCHEME, _MEANINGS[verdict])))
        ],
    )
    contains = sr.RelationshipTypeValues.CONTAINS
    children = group[0].ContentSequence
    children.append(
        sr.Scoord3DContentItem(
            coded(CENTRE), "POINT", np.array([finding.point]), source.frame_of_reference_uid, relationship_type=contains
        )
    )
    if judgement is not None and judgement.reason:
        words = encodable(judgement.reason, source)
        children.append(sr.TextContentItem(coded(COMMENT), words, relationship_type=contains))
    return group


def _measurements(finding: Finding, judgement: Judgement | None, layer: HeatLayer, source: Source) -> list[Any]:
    from highdicom import sr

    # The heat map that is written with it is what the score was read from.
    maps = [sr.SourceImageForMeasurement(one.sop_class, one.sop_instance) for one in source.written.get(layer.uid, ())]
    threshold = layer.threshold if judgement is None else judgement.threshold
    found = [
        sr.Measurement(coded(VOLUME), round(finding.millilitres, 3), coded(_MILLILITRES)),
        sr.Measurement(coded(SCORE), rounded(finding.score), coded(_NO_UNIT), referenced_images=maps or None),
        sr.Measurement(coded(THRESHOLD), rounded(threshold), coded(_NO_UNIT)),
    ]
    if finding.false_alarm_rate is not None:
        found.append(sr.Measurement(coded(FALSE_ALARM_RATE), rounded(finding.false_alarm_rate), coded(_NO_UNIT)))
    return found


def _rectangle(finding: Finding, layer: HeatLayer, source: Source) -> Any:
    """Return the bounds of the region on the acquired slice nearest to the peak."""
    from highdicom import sr

    stack: SliceStack = source.stack
    index = nearest_slice(stack, np.array(finding.point))
    plane, instance = stack.plane(index), source.instances[index]
    _, (top, bottom), (left, right) = finding.bounds
    corners = [(top, left), (top, right), (bottom, right), (bottom, left), (top, left)]
    # Half-open bounds in the grid's voxels become edges; in DICOM the first pixel's centre is at (0.5, 0.5).
    points = [layer.volume.point((finding.index[0], row - 0.5, column - 0.5)) for row, column in corners]
    pixels = np.array([plane.pixel(point)[::-1] for point in points]) + 0.5
    pixels = np.clip(pixels, 0, [plane.columns, plane.rows])
    frames = None if instance.frame is None else [instance.frame + 1]
    image = sr.SourceImageForRegion(instance.sop_class_uid, instance.sop_instance_uid, frames)
    return sr.ImageRegion("POLYLINE", pixels, image)


def _algorithm(layer: HeatLayer) -> Any:
    from highdicom import sr

    made = layer.provenance
    parameters = [
        f"Weights SHA-256: {made.weights_sha256}",
        *(plain(f"{name}: {value}") for name, value in made.settings),
    ]
    return sr.AlgorithmIdentification(plain(made.model_id)[:64], made.model_version, parameters, manufacturer=PROGRAM)


def _dataset(layer: HeatLayer, groups: Sequence[Any], source: Source, series_number: int) -> "Dataset":
    made = layer.provenance
    series = NewSeries(series_number, made.created)
    words = provenance.description(layer, source, "AI findings")
    return report_of(groups, source, series, words, made=made, layers=[layer])


def report_of(
    groups: Sequence[Any],
    source: Source,
    series: NewSeries,
    description: str,
    *,
    made: Provenance | None = None,
    layers: Sequence[Layer] = (),
) -> "Dataset":
    """Return a report (TID 1500, Comprehensive 3D SR) of measurement groups on a source.

    ``made`` names the model whose findings they are, ``layers`` the results that contributed to it.
    """
    from highdicom import sr

    model = PROGRAM if made is None else plain(made.model_id)[:64]
    device = sr.DeviceObserverIdentifyingAttributes(
        uid=provenance.new_uid(), name=PROGRAM, manufacturer_name=PROGRAM, model_name=model
    )
    observer = sr.ObserverContext(coded(("121007", "DCM", "Device")), device)
    report = sr.MeasurementReport(
        observation_context=sr.ObservationContext(observer_device_context=observer),
        procedure_reported=coded(("363679005", "SCT", "Imaging procedure")),
        imaging_measurements=groups,
        title=coded(("126000", "DCM", "Imaging Measurement Report")),
    )
    dataset = sr.Comprehensive3DSR(
        evidence=evidence(_images(layers, source), source),
        content=report[0],
        series_instance_uid=series.uid,
        series_number=series.number,
        sop_instance_uid=provenance.new_uid(),
        instance_number=1,
        manufacturer=PROGRAM,
        is_complete=True,
        is_verified=False,
        specific_character_set=None,
    )
    provenance.copy_examination(dataset, source)
    provenance.series_attributes(dataset, source, made, series, description)
    for keyword in OF_IMAGES:
        if keyword in dataset:
            del dataset[keyword]
    dataset.CodingSchemeIdentificationSequence = [_scheme()]
    dataset.ContributingEquipmentSequence = equipment(source, layers)
    return dataset  # type: ignore[no-any-return]


def _scheme() -> "Dataset":
    from pydicom import Dataset

    item = Dataset()
    item.CodingSchemeDesignator, item.CodingSchemeName = SCHEME, f"Concepts of {PROGRAM}"
    item.CodingSchemeResponsibleOrganization = PROGRAM
    return item


def _images(layers: Sequence[Layer], source: Source) -> list[Reference]:
    """Return the source's images and the results that were written, each once."""
    series = source.series.series_instance_uid
    images = [Reference(one.sop_class_uid, one.sop_instance_uid, series) for one in source.instances]
    written = [one for layer in layers for one in source.written.get(layer.uid, ())]
    return list(dict.fromkeys((*images, *written)))


def evidence(images: Iterable[Reference], source: Source) -> "list[Dataset]":
    """Return what highdicom needs to know of images of a source's study."""
    from pydicom import Dataset

    items = []
    for one in images:
        item = multiframe.nameless(source, Dataset())
        item.SOPClassUID, item.SOPInstanceUID = one.sop_class, one.sop_instance
        item.SeriesInstanceUID = one.series
        items.append(item)
    return items


def coded(concept: tuple[str, str, str]) -> Any:
    from highdicom import sr

    return sr.CodedConcept(*concept)


def encodable(text: str, source: Source) -> str:
    """Return the text where the study's character set has its letters, else in ASCII."""
    from pydicom.charset import convert_encodings, default_encoding

    names = source.header.get("SpecificCharacterSet")
    encodings = convert_encodings(names) if names else [default_encoding]
    try:
        text.encode("ascii" if encodings[0] == default_encoding else encodings[0])
    except (LookupError, UnicodeEncodeError):
        return plain(text) or "(in letters that the study's character set lacks)"
    return text
