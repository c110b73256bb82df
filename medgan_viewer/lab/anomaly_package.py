"""Judge a trained anomaly model as it will be used, and make its package: weights, manifest, card, licence.

Everything is measured with the half-precision weights that ship. The healthy patients run through the viewer's own
preparation (`models.inference.prepare`), so that the thresholds are about the very heat map a reader sees.

    python -m medgan_viewer.lab.anomaly_package RUN    # a run of head-anomaly; writes resources/models/head-anomaly
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab import anomaly_evaluation as evaluation
from medgan_viewer.lab.anomaly_calibration import conformal_threshold, patient_level, patient_peak
from medgan_viewer.lab.anomaly_card import CARD, DESCRIPTION, INTENDED_USE, LICENCE, LIMITS, PROTOCOL, TRAINING_DATA
from medgan_viewer.lab.anomaly_data import GRID_MM, Float, ixi_files
from medgan_viewer.lab.trained import Trained, load_run
from medgan_viewer.models.device import LoadedNetwork
from medgan_viewer.models.encoding import mr_foreground
from medgan_viewer.models.inference import prepare
from medgan_viewer.models.manifest import Manifest, Package, read_package
from medgan_viewer.models.networks.restoring_discriminator import RestoringDiscriminator

RATES = (0.05, 0.1, 0.2, 0.3, 0.5)
REFERENCE_RATES = (0.2, 0.3, 0.5)
"""For people who are not healthy: the highest scores of their tumour-free slices may well be disease."""
FALSE_POSITIVE_PIXELS = (0.01, 0.005)
log = logging.getLogger(__name__)


def shipped_network(trained: Trained) -> tuple[RestoringDiscriminator, dict[str, torch.Tensor]]:
    """The run's averaged network with its weights rounded to half precision, and these weights."""
    stored = trained.network.state_dict()
    half = {name: (value.half() if value.is_floating_point() else value).contiguous() for name, value in stored.items()}
    network = RestoringDiscriminator(**trained.network_arguments)
    network.load_state_dict(half)
    return network.eval(), half


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
        "guarantee": {"T1": "24 healthy adults, IXI, never trained on; void on other scanners", "FLAIR": False},
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
    }


def evaluate(network: RestoringDiscriminator, data: Path) -> list[dict[str, Any]]:
    """Rows of the manifest: tumours of the `lgg` test patients in FLAIR and T1, lesions of `ms` in FLAIR."""
    rows: list[dict[str, Any]] = []
    settings: list[tuple[str, Iterator[evaluation.Case]]] = [
        (f"glioma (TCGA-LGG test), {contrast}", evaluation.lgg_cases(data / "lgg", "test", contrast))
        for contrast in ("FLAIR", "T1")
    ]
    settings.append(("multiple sclerosis (patients 07 and 26), FLAIR", evaluation.ms_cases(data / "ms")))
    for name, cases in settings:
        scores = [evaluation.score_case(case, network) for case in cases]
        rows += _rows(name, len(scores), evaluation.summarise(scores))
    return rows


def _rows(setting: str, count: int, summary: dict[str, dict[str, float]]) -> list[dict[str, Any]]:
    def row(metric: str, key: str, spread: str = "") -> dict[str, Any]:
        model, residual, baseline = (round(summary[method][key], 3) for method in evaluation.METHODS)
        entry = {"setting": setting, "metric": metric, "unit": "", "model": model, "residual": residual}
        return {**entry, "baseline": baseline, "n": count, "spread": spread}

    heat = summary["heat"]
    spread = f"quartiles {heat['low_quartile']:.2f}-{heat['high_quartile']:.2f}, worst {heat['worst']:.2f}"
    rows = [row("AUPRC, all pixels", "pooled"), row("AUPRC, median patient", "median", spread)]
    return rows + [
        row(f"Dice at {100 * rate:g} % false-positive pixels", f"dice_at_{rate:g}") for rate in FALSE_POSITIVE_PIXELS
    ]


def manifest_of(
    trained: Trained, digest: str, calibration: dict[str, Any], rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """The content of manifest.json."""
    image = {"type": "image", "format": "magnitude", "modality": "MR", "num_channels": 1, "spatial_shape": [160, 160]}
    image |= {"dtype": "float32", "is_patch_data": False}
    return {
        "schema": 1,
        "id": trained.recipe.id,
        "name": "Anomaly heat map (T1, FLAIR)",
        "version": "0.1.0",
        "task": "anomaly",
        "description": DESCRIPTION,
        "intended_use": INTENDED_USE,
        "limits": list(LIMITS),
        "licence": LICENCE,
        "training_data": list(TRAINING_DATA),
        "created": datetime.now(UTC).date().isoformat(),
        "weights": {"file": "weights.safetensors", "sha256": digest},
        "network": {"name": trained.recipe.generator.name, "arguments": trained.network_arguments},
        "requires": {
            "body_part": "HEAD",
            "modalities": ["MR"],
            "contrasts": ["T1", "FLAIR"],
            "orientation": "axial",
            "max_slice_spacing_mm": 8.0,
        },
        "preprocessing": {
            "grid_spacing_mm": GRID_MM,
            "size_multiple": 32,
            "neighbours": 0,
            "mask_couch": False,
            "encoding": {"MR": "mr_head"},
        },
        "network_data_format": {
            "inputs": {"image": {**image, "value_range": [0, 1.5], "channel_def": {"0": "slice"}}},
            "outputs": {
                "pred": {**image, "format": "logit", "value_range": [-20, 20], "channel_def": {"0": "anomaly"}}
            },
        },
        "outputs": [{"channel": 0, "name": "Anomaly heat map", "decoding": "probability"}],
        "calibration": calibration,
        "evaluation": {"protocol": PROTOCOL, "rows": rows},
    }


def card_of(manifest: dict[str, Any], batch: int, steps: int, minutes: float) -> str:
    """The model card with the manifest's numbers."""
    rows = "\n".join(
        f"| {row['setting']} | {row['metric']} | **{row['model']:.3f}** | {row['residual']:.3f} "
        f"| {row['baseline']:.3f} | {row['n']} | {row['spread']} |"
        for row in manifest["evaluation"]["rows"]
    )
    calibration = manifest["calibration"]
    rates = "\n".join(
        f"| {contrast} | {100 * entry['false_alarm_rate']:g} % | {entry['threshold']:.3f} | "
        f"{'yes, on this scanner' if entry['guarantee'] else 'no: reference only'} |"
        for contrast, entries in calibration["thresholds"].items()
        for entry in entries
    )
    data = "\n".join(f"- {entry['name']}: {entry['licence']}" for entry in manifest["training_data"])
    return CARD.format(
        name=manifest["name"],
        description=manifest["description"],
        intended_use=manifest["intended_use"],
        limits="\n".join(f"- {limit}" for limit in manifest["limits"]),
        licence=manifest["licence"],
        data=data,
        protocol=PROTOCOL,
        rows=rows,
        rates=rates,
        batch=batch,
        steps=steps,
        minutes=round(minutes),
        levels=", ".join(f"{level:.2f}" for level in sorted(calibration["healthy_levels"]["T1"])),
    )


def make_package(trained: Trained, data: Path, folder: Path) -> Package:
    """Measure the run's weights and write the package folder; returns it as the viewer reads it."""
    network, half = shipped_network(trained)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(half, folder / "weights.safetensors")
    # safetensors makes files that only their owner may read.
    (folder / "weights.safetensors").chmod(0o644)
    digest = hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()
    _write(folder / "CARD.md", f"# {trained.recipe.id}\n")
    # The viewer's preparation needs a manifest before there are numbers to put into it.
    draft = manifest_of(trained, digest, {}, [])
    _write(folder / "manifest.json", json.dumps(draft))
    calibration = calibrate(network, read_package(folder).manifest, data)
    manifest = manifest_of(trained, digest, calibration, evaluate(network, data))
    _write(folder / "manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
    _write(folder / "CARD.md", card_of(manifest, trained.recipe.training.batch, trained.step, trained.seconds / 60))
    return read_package(folder)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def main() -> None:
    """Evaluate, calibrate and package a finished run of the anomaly model."""
    parser = argparse.ArgumentParser(prog="python -m medgan_viewer.lab.anomaly_package", description=main.__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--out", type=Path, default=resources.path("models", "head-anomaly"))
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    data = resources.shared_data()
    if data is None:
        raise UsageError("The evaluation data are absent: set MEDGAN_DATA to their folder.")
    make_package(load_run(arguments.run), data, arguments.out)


if __name__ == "__main__":
    main()
