"""Make a model package out of a finished run: half-precision weights, manifest and card."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.data import TRAIN_HEADS
from medgan_viewer.lab.recipe import Description, Recipe

GRID_SPACING_MM = 1.25
SIZE_MULTIPLE = 32
_INTENDED_USE = {
    "synthesis": "Research only. A synthetic picture shows what is likely, not what is there: never for diagnosis.",
    "segmentation": "Research only. Outlines and volumes are estimates for orientation: never for diagnosis.",
}
_LICENCE = "Apache-2.0"
_DATA = {"name": "head_labels (SynthSeg training label maps, Billot 2023)", "licence": "Apache-2.0"}
_FORMATS = {"CT": "hounsfield", "MR": "magnitude"}
_RANGES: dict[str, list[float]] = {
    "ct_two_window": [-1, 3],
    "mr_head": [0, 1.5],
    "mr_unit": [0, 1.5],
    "ct_companded": [-1, 1],
}


def package(recipe: Recipe, run: Path, folder: Path, licence_text: str) -> None:
    """Write the package of `run` (its checkpoint and evaluation.json) into `folder`, over an older one.

    Raises UsageError when the recipe describes no package or the run was not evaluated.
    """
    if recipe.manifest is None:
        raise UsageError(f"The recipe {recipe.id} has no section [manifest], so no package can be made of it.")
    try:
        evaluation = json.loads((run / "evaluation.json").read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"The run {run.name} was not evaluated yet: run the command evaluate first.") from error
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    folder.mkdir(parents=True, exist_ok=True)
    weights = {
        name: value.half().contiguous() if value.is_floating_point() else value.contiguous()
        for name, value in state["average"].items()
    }
    save_file(weights, folder / "weights.safetensors")
    (folder / "weights.safetensors").chmod(0o644)  # safetensors writes files that only their owner may read
    digest = hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()
    manifest = build_manifest(recipe, recipe.manifest, digest, evaluation)
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    (folder / "CARD.md").write_text(card(manifest, recipe.manifest, state["progress"]), encoding="utf-8")
    (folder / "LICENSE").write_text(licence_text, encoding="utf-8")


def build_manifest(recipe: Recipe, about: Description, digest: str, evaluation: dict[str, Any]) -> dict[str, Any]:
    """Return the content of manifest.json."""
    return {
        "schema": 1,
        "id": recipe.id,
        "name": about.name,
        "version": about.version,
        "task": recipe.task,
        "description": about.description,
        "intended_use": _INTENDED_USE[recipe.task],
        "limits": about.limits,
        "licence": _LICENCE,
        "training_data": [_DATA],
        "created": datetime.now(UTC).date().isoformat(),
        "weights": {"file": "weights.safetensors", "sha256": digest},
        "network": {"name": recipe.network.name, "arguments": recipe.network.arguments},
        "requires": {
            "body_part": "HEAD",
            "modalities": about.modalities,
            "contrasts": about.contrasts,
            "orientation": "axial",
            "max_slice_spacing_mm": 8.0,
        },
        "preprocessing": {
            "grid_spacing_mm": GRID_SPACING_MM,
            "size_multiple": SIZE_MULTIPLE,
            "neighbours": recipe.neighbours,
            "mask_couch": about.mask_couch,
            "encoding": about.encoding,
        },
        "network_data_format": _data_format(recipe, about),
        "outputs": about.outputs,
        "evaluation": evaluation,
    }


def _data_format(recipe: Recipe, about: Description) -> dict[str, Any]:
    """Return what goes in and out, in the words of MONAI's bundle metadata."""
    first = about.modalities[0]
    given, made = _channel_names(recipe, about), _output_names(recipe, about)
    target = "segmentation" if recipe.task == "segmentation" else about.outputs[0]["modality"]
    decoding = about.outputs[0].get("decoding", "labels")
    return {
        "inputs": {"image": _image(first, given, _RANGES[about.encoding[first]])},
        "outputs": {"pred": _image(target, made, _RANGES.get(decoding, [0, 1]))},
    }


def _image(modality: str, names: list[str], value_range: list[float]) -> dict[str, Any]:
    return {
        "type": "image",
        "format": _FORMATS.get(modality, modality),
        "modality": modality if modality in _FORMATS else "n/a",
        "num_channels": len(names),
        "spatial_shape": [192, 192],
        "dtype": "float32",
        "value_range": value_range,
        "is_patch_data": False,
        "channel_def": {str(index): name for index, name in enumerate(names)},
    }


def _channel_names(recipe: Recipe, about: Description) -> list[str]:
    places = range(-recipe.neighbours, recipe.neighbours + 1)
    return [
        f"slice {place:+d}: {name}" if place else f"slice: {name}" for place in places for name in about.channel_names
    ]


def _output_names(recipe: Recipe, about: Description) -> list[str]:
    names = [str(output.get("contrast") or output["name"]) for output in about.outputs]
    return ["Background", *names] if recipe.task == "segmentation" else names


def card(manifest: dict[str, Any], about: Description, progress: dict[str, Any]) -> str:
    """Return the model card: what it is for, how it was made, its numbers beside twin and baseline, its limits."""
    steps = int(progress["reconstruction_steps"]), int(progress["adversarial_steps"])
    minutes = (progress["reconstruction_seconds"] + progress["adversarial_seconds"]) / 60
    trained = f"{steps[0]} steps" + (f" of reconstruction, then {steps[1]} against the adversary" if steps[1] else "")
    lines = [
        f"# {manifest['name']}",
        "",
        f"{manifest['description']} **{manifest['intended_use']}**",
        "",
        "## How it was made",
        "",
        f"Network `{manifest['network']['name']}`, trained by this project (`resources/recipes/{manifest['id']}.toml`) "
        f"on two shared CPU cores: {trained}, {minutes:.0f} minutes in all. Training data: series simulated from heads "
        f"{TRAIN_HEADS[0]:02d}–{TRAIN_HEADS[-1]:02d} of {_DATA['name']} ({_DATA['licence']}), with lesions in four of "
        "five; the values of the tissues are in `medgan_viewer/lab/tissues.py`. No real scan was trained on. Licence "
        f"of the weights: {manifest['licence']}.",
        "",
        "## Numbers",
        "",
        manifest["evaluation"]["protocol"],
        "",
        *table(manifest["evaluation"]["rows"]),
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in manifest["limits"]),
    ]
    if about.remarks:
        lines += ["", "## Seen on real scans", "", *(f"- {remark}" for remark in about.remarks)]
    return "\n".join(lines) + "\n"


def table(rows: list[dict[str, Any]]) -> list[str]:
    """Return the evaluation as lines of a Markdown table; without a column for a twin where there is none."""
    columns = {"model": "model", "twin": "twin without adversary", "baseline": "look-up table"}
    if not any("twin" in row for row in rows):
        del columns["twin"]
    lines = [
        f"| setting | metric | {' | '.join(columns.values())} | n | spread |",
        "|---" * (len(columns) + 4) + "|",
    ]
    for row in rows:
        metric = f"{row['metric']} ({row['unit']})" if row["unit"] else row["metric"]
        numbers = " | ".join(str(row.get(who, "–")) for who in columns)
        lines.append(f"| {row['setting']} | {metric} | {numbers} | {row['n']} | {row['spread']} |")
    return lines
