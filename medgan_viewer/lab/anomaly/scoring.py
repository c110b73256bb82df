"""Judge a trained anomaly model as it will be used: on real disease, and on healthy people who set its thresholds.

Everything is measured with the half-precision weights that ship. The healthy patients run through the viewer's own
preparation (`models.inference.prepare`), so that the thresholds are about the very heat map a reader sees.
"""

from __future__ import annotations

import logging
import math
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.anomaly import evaluation
from medgan_viewer.lab.anomaly.calibration import conformal_threshold, patient_level, patient_peak
from medgan_viewer.lab.anomaly.data import Float, ixi_files
from medgan_viewer.lab.evaluation import package, rows
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.sources.simulated_heads import data_folder
from medgan_viewer.models.device import LoadedNetwork
from medgan_viewer.models.encoding import mr_foreground
from medgan_viewer.models.inference import prepare
from medgan_viewer.models.manifest import Manifest, read_package
from medgan_viewer.models.networks.restoring_discriminator import RestoringDiscriminator

__all__ = ["calibrate", "evaluate", "score", "shipped_network", "thresholds", "tumour_free_heat", "viewer_heat"]

RATES = (0.05, 0.1, 0.2, 0.3, 0.5)
REFERENCE_RATES = (0.2, 0.3, 0.5)
"""For people who are not healthy: the highest scores of their tumour-free slices may well be disease."""
FALSE_POSITIVE_PIXELS = (0.01, 0.005)
PROTOCOL = (
    "Patients never trained on. Glioma: 14 test patients of TCGA-LGG, none of that data base trained on,"
    " every slice, pixels inside a crude skull mask (10 mm inside the head). MS: patients 07 and 26 of the"
    " Ljubljana data base (skull-stripped, whole brain; other patients of that data base were trained on)."
    " Each score as the viewer smooths it (mean of 3 x 3). Baseline: intensity in units of the brain's median,"
    " median of 5 x 5 (bright for FLAIR, dark for T1). Residual: what the generator changed, median of 5 x 5."
    " Dice is taken at the threshold which that share of healthy pixels exceeds, not at the best one. Weights"
    " in half precision, as shipped."
)
_COLUMNS = {"model": "heat", "residual": "residual", "baseline": "intensity"}
log = logging.getLogger(__name__)


def score(runs: Mapping[str, Trained]) -> dict[str, Any]:
    """Return protocol, rows and calibration of a run, measured on the data sets `ixi_t1_2mm`, `lgg` and `ms`.

    Raises MissingPartError without them, UsageError where the recipe describes no model.
    """
    trained = runs["model"]
    data = data_folder(trained.recipe.data.arguments.get("data"))
    network = shipped_network(trained)
    calibration = calibrate(network, draft(trained), data)
    return {"protocol": PROTOCOL, "rows": evaluate(network, data), "calibration": calibration}


def shipped_network(trained: Trained) -> RestoringDiscriminator:
    """The run's averaged network with its weights rounded to half precision."""
    stored = trained.network.state_dict()
    network = RestoringDiscriminator(**trained.network_arguments)
    network.load_state_dict({name: v.half() if v.is_floating_point() else v for name, v in stored.items()})
    return network.eval()


def draft(trained: Trained) -> Manifest:
    """The manifest that the run's package will have, without numbers: the viewer's preparation needs one."""
    about = trained.recipe.manifest
    if about is None:
        raise UsageError(f"The recipe {trained.recipe.id} has no section [manifest], so its heat map cannot be scored.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / trained.recipe.id
        package.write(trained, about, {"protocol": "none", "rows": []}, folder)
        return read_package(folder).manifest


def viewer_heat(network: RestoringDiscriminator, manifest: Manifest, path: Path) -> tuple[Float, float]:
    """Heat map of one MR volume as the viewer computes it, on the volume's own grid; and ml per voxel."""
    import SimpleITK

    oriented = SimpleITK.DICOMOrient(SimpleITK.ReadImage(str(path)), "LPS")
    affine = np.eye(4)
    direction = np.array(oriented.GetDirection()).reshape(3, 3) * np.array(oriented.GetSpacing())
    affine[:3, :3], affine[:3, 3] = direction[:, ::-1], oriented.GetOrigin()
    prepared = prepare(SimpleITK.GetArrayFromImage(oriented), affine, "MR", manifest)
    loaded = LoadedNetwork(network, "cpu", "fp32", channels_last=False)
    heat = np.zeros(prepared.view.shape, dtype=np.float32)
    for start in range(0, len(heat), 8):
        indices = list(range(start, min(start + 8, len(heat))))
        maps = prepared.to_source(loaded(prepared.inputs(indices))[:, 0].sigmoid()).numpy()
        for index, plane in zip(indices, maps, strict=True):
            heat[index] = np.where(prepared.head_on_source(index), np.clip(plane, 0, 1), 0)
    return heat, float(np.prod(oriented.GetSpacing())) / 1000


def tumour_free_heat(network: RestoringDiscriminator, folder: Path) -> Iterator[Float]:
    """Heat of the slices without tumour of each `lgg` patient in `train` (not trained on here), 0 outside the head."""
    for case in evaluation.lgg_cases(folder, "train", "FLAIR"):
        tumour = np.asarray(case.truth.any(axis=(1, 2)))
        far = ~(tumour | np.append(tumour[1:], False) | np.append(False, tumour[:-1]))
        if far.any():
            image = case.image[far]
            heat, _ = evaluation.heat_maps(network, image)
            yield np.where(mr_foreground(image, evaluation.GRID), heat, 0).astype(np.float32)


def thresholds(levels: Iterable[float], rates: Sequence[float]) -> list[dict[str, float]]:
    """Entries of the manifest for every rate that so many patients allow.

    Rounded upwards: the viewer lists what reaches the threshold, and the healthy person who sets it must not be listed.
    """
    levels = list(levels)
    found = [(rate, conformal_threshold(levels, rate)) for rate in rates]
    return [
        {"false_alarm_rate": rate, "threshold": (math.floor(value * 1e4) + 1) / 1e4}
        for rate, value in found
        if value is not None
    ]


def calibrate(network: RestoringDiscriminator, manifest: Manifest, data: Path) -> dict[str, Any]:
    """Healthy T1 of `ixi_t1_2mm` (`calibrate`), and for FLAIR a reference that guarantees nothing."""
    healthy = [viewer_heat(network, manifest, path) for path in ixi_files(data / "ixi_t1_2mm", "calibrate")]
    levels = [patient_level(heat, voxel) for heat, voxel in healthy]
    voxel_ml = float(np.prod(evaluation.GRID)) / 1000
    reference = [patient_level(heat, voxel_ml) for heat in tumour_free_heat(network, data / "lgg")]
    log.info("T1 levels %s", np.round(np.sort(levels), 3))
    log.info("FLAIR levels %s", np.round(np.sort(reference), 3))
    return {
        "unit": "patient",
        "score": (
            "highest threshold at which the heat map, averaged over 3 x 3 pixels, still has a region of 0.1 ml"
            " (healthy_levels); healthy_maxima: the hottest pixel of any such region above 0.1"
        ),
        "guarantee": {
            "T1": f"{len(levels)} healthy adults, IXI, never trained on; void on other scanners",
            "FLAIR": False,
        },
        "healthy_maxima": {"T1": [round(patient_peak(heat, voxel), 4) for heat, voxel in healthy]},
        "healthy_levels": {"T1": [round(level, 4) for level in levels]},
        "thresholds": {
            "T1": [{**entry, "guarantee": True} for entry in thresholds(levels, RATES)],
            "FLAIR": [{**entry, "guarantee": False} for entry in thresholds(reference, REFERENCE_RATES)],
        },
        "reference": {
            "FLAIR": f"slices without tumour of {len(reference)} patients with glioma (TCGA-LGG, never trained on): no"
            " healthy people, so these rates are a reference and no guarantee"
        },
        "words": [
            f"The unit is the patient. For T1, {len(levels)} healthy adults of IXI who were never trained on ran"
            " through the viewer's own preparation; a person's level is the highest threshold at which a region of 0.1"
            f" ml is left. Their levels: {', '.join(f'{level:.2f}' for level in sorted(levels))}. A threshold for the"
            f" false-alarm rate a is the ceil({len(levels) + 1} (1 - a))-th smallest of them. For FLAIR there are no"
            f" healthy people in the data: the thresholds come from the tumour-free slices of {len(reference)} glioma"
            " patients (never trained on), where undetected disease sets the highest scores; rates under 20 % are not"
            " given, and none is guaranteed."
        ],
    }


def evaluate(network: RestoringDiscriminator, data: Path) -> list[dict[str, Any]]:
    """Rows of the manifest: tumours of the `lgg` test patients in FLAIR and T1, lesions of `ms` in FLAIR."""
    made: list[dict[str, Any]] = []
    settings: list[tuple[str, Iterator[evaluation.Case]]] = [
        (f"glioma (TCGA-LGG test), {contrast}", evaluation.lgg_cases(data / "lgg", "test", contrast))
        for contrast in ("FLAIR", "T1")
    ]
    settings.append(("multiple sclerosis (patients 07 and 26), FLAIR", evaluation.ms_cases(data / "ms")))
    for name, cases in settings:
        made += disease_rows(name, [evaluation.score_case(case, network) for case in cases])
    return made


def disease_rows(setting: str, cases: Sequence[evaluation.CaseScores]) -> list[dict[str, Any]]:
    """Rows of one disease: heat map, residual and plain intensity beside each other; spread is that of the heat map."""
    summary = evaluation.summarise(cases)
    ill = [case for case in cases if case.truth.any()]
    heat = summary["heat"]
    quartiles = f"quartiles {heat['low_quartile']:.2f}-{heat['high_quartile']:.2f}, worst {heat['worst']:.2f}"

    def row(metric: str, key: str, spread: str) -> dict[str, Any]:
        numbers = {who: round(summary[method][key], 3) for who, method in _COLUMNS.items()}
        return {"setting": setting, "metric": metric, "unit": "", **numbers, "n": len(cases), "spread": spread}

    found = [row("AUPRC, all pixels", "pooled", "one number for all patients")]
    found += [row("AUPRC, median patient", "median", quartiles)]
    means = {
        who: [evaluation.average_precision(case.scores[method], case.truth) for case in ill]
        for who, method in _COLUMNS.items()
    }
    found += [rows.row(setting, "AUPRC, mean of patients", "", means)]
    return found + [
        row(f"Dice at {100 * rate:g} % false-positive pixels", f"dice_at_{rate:g}", "one number for all patients")
        for rate in FALSE_POSITIVE_PIXELS
    ]
