"""What contributed to an object: the scanner, and this program with each model and its calibration."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import medgan_viewer
from medgan_viewer.core.layers import HeatLayer, ImageLayer, Layer
from medgan_viewer.dicom import provenance
from medgan_viewer.dicom.mark import plain
from medgan_viewer.dicom.provenance import Source

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["equipment"]

_SCANNER = (
    "ManufacturerModelName",
    "StationName",
    "SoftwareVersions",
    "DeviceSerialNumber",
    "InstitutionName",
    "InstitutionAddress",
    "InstitutionalDepartmentName",
)
_LONG_STRING, _SHORT_TEXT = 64, 1024


def equipment(source: Source, layers: Sequence[Layer]) -> "list[Dataset]":
    """Return the items of ContributingEquipmentSequence: the scanner, then this program with each model and weights."""
    from pydicom import Dataset

    scanner = Dataset()
    scanner.Manufacturer = source.header.get("Manufacturer") or "unknown"
    for keyword in _SCANNER:
        if source.header.get(keyword):
            scanner.add(source.header[keyword])
    scanner.PurposeOfReferenceCodeSequence = [provenance.code("109101", "DCM", "Acquisition Equipment")]
    made = {layer.provenance.weights_sha256: layer for layer in layers}
    # A result that another program made, which is only drawn, names itself in the picture.
    return [scanner, *(_program(layer) for layer in made.values() if layer.provenance.weights_sha256)]


def _program(layer: Layer) -> "Dataset":
    from pydicom import Dataset

    made, synthesizing = layer.provenance, isinstance(layer, ImageLayer)
    program = Dataset()
    program.Manufacturer = provenance.PROGRAM
    program.ManufacturerModelName = plain(f"{made.model_id} {made.model_version}")[:_LONG_STRING]
    program.SoftwareVersions = medgan_viewer.__version__
    program.DeviceSerialNumber = made.weights_sha256[:_LONG_STRING]
    program.ContributionDateTime = "".join(provenance.date_time(made.created))
    settings = "; ".join(f"{name}: {value}" for name, value in made.settings)
    program.ContributionDescription = plain(
        f"Model {made.model_id} {made.model_version}, weights SHA-256 {made.weights_sha256}, "
        f"on {made.device} ({made.precision}). {settings}"
    ).strip()
    if isinstance(layer, HeatLayer):
        program.ContributionDescription = _with_calibration(str(program.ContributionDescription), layer)
    program.ContributionDescription = program.ContributionDescription[:_SHORT_TEXT]
    purpose = ("109100", "Synthesizing Equipment") if synthesizing else ("109102", "Processing Equipment")
    program.PurposeOfReferenceCodeSequence = [provenance.code(purpose[0], "DCM", purpose[1])]
    return program


def _with_calibration(text: str, layer: HeatLayer) -> str:
    """Return the text with threshold and calibration in words that are found again when the heat map is read back.

    The text is cut where both do not fit: half a calibration would be another one.
    """
    words = [f"threshold={layer.threshold:.6f}"]
    if layer.thresholds:
        words.append("rates=" + ",".join(f"{rate:.5g}:{threshold:.6g}" for rate, threshold in layer.thresholds))
    if layer.calibrated_on:
        words.append(f"calibrated on=[{plain(layer.calibrated_on).replace(']', ')')[:200]}]")
    if layer.healthy_maxima:
        # In ten thousandths: there may be many of them.
        words.append("maxima/10000=" + ",".join(str(round(value * 10_000)) for value in layer.healthy_maxima))
    # All maxima or none: with some of them another false-alarm rate would be said.
    if layer.healthy_maxima and len(" ".join((text, *words))) > _SHORT_TEXT:
        words.pop()
    calibration = " ".join(words)
    return f"{text[: max(_SHORT_TEXT - len(calibration) - 1, 0)]} {calibration}"
