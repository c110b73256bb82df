"""What a run made, written into a folder in one of the formats: the same for every command that runs models."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.layers import HeatLayer, ImageLayer, Layer
from medgan_viewer.core.volume import SliceStack

if TYPE_CHECKING:
    from medgan_viewer.dicom.deidentify import Deidentifier
    from medgan_viewer.dicom.export import Report

__all__ = ["FORMATS", "write"]

FORMATS = ("dicom", "nifti", "nrrd", "png")


def write(
    layers: tuple[Layer, ...],
    inputs: Sequence[Series],
    stack: SliceStack,
    folder: Path,
    form: str = "dicom",
    *,
    deidentifier: "Deidentifier | None" = None,
    numbers_taken: int = 0,
) -> "tuple[Report, int]":
    """Write layers over ``inputs[0]``, whose acquired slices are ``stack``; return what, and how many series it is.

    ``deidentifier`` and ``numbers_taken``, the series numbers that other results of the study have, are DICOM's. Raises
    as ``export.write_dicom`` does.
    """
    from medgan_viewer.dicom import export, export_volumes

    match form:
        case "dicom":
            return _dicom(layers, inputs, stack, folder, deidentifier, numbers_taken)
        case "nifti":
            report = export_volumes.write_nifti(layers, inputs[0], folder)
        case "nrrd":
            report = export_volumes.write_nrrd(layers, inputs[0], folder)
        case _:
            report = export.Report()
            for layer in layers:
                report += _pictures(layer, inputs[0], stack, folder)
    return report, 0


def _dicom(
    layers: tuple[Layer, ...],
    inputs: Sequence[Series],
    stack: SliceStack,
    folder: Path,
    deidentifier: "Deidentifier | None",
    numbers_taken: int,
) -> "tuple[Report, int]":
    """Write the results and the findings of heat maps as one set."""
    from medgan_viewer.core import findings
    from medgan_viewer.dicom import export

    first = export.FIRST_SERIES_NUMBER + numbers_taken
    results = export.ResultSet(inputs[0], stack, folder, deidentifier=deidentifier, first_series_number=first)
    readings = [findings.Reading(layer, findings.find(layer)) for layer in layers if isinstance(layer, HeatLayer)]
    report = results.write_layers(layers, inputs[1:]) + results.write_readings(readings)
    return report, results.next_series_number - first


def _pictures(layer: Layer, series: Series, stack: SliceStack, folder: Path) -> "Report":
    """Write every slice of one result: a synthetic image by itself, anything else over the original."""
    from medgan_viewer.dicom import export

    base = layer if isinstance(layer, ImageLayer) else None
    drawn = () if base is not None else (layer,)
    return export.write_slices(range(len(stack)), drawn, series, stack, folder, base=base, formats=("png",))
