"""Make a model package out of an evaluated run: half-precision weights, manifest, card and licence."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

from medgan_viewer import resources
from medgan_viewer.dicom import atomic
from medgan_viewer.errors import UsageError
from medgan_viewer.lab import records
from medgan_viewer.lab.evaluation import cards, conformal
from medgan_viewer.lab.evaluation.exams.real_runs import load, words
from medgan_viewer.lab.evaluation.trained import Trained, data_argument, load_run
from medgan_viewer.lab.recipe import Description, Recipe, load_recipe
from medgan_viewer.lab.simulation.data import TRAIN_HEADS
from medgan_viewer.lab.training.run_folder import RunFolder, RunInfo
from medgan_viewer.models import encoding
from medgan_viewer.models.manifest import AS_ACQUIRED

SIZE_MULTIPLE = 32
WEIGHTS = "weights.safetensors"
FAILURES = "failures"
"""Folder of a run with the pictures of its worst cases."""
TWIN = "twin.safetensors"
"""The twin's weights, in a run that was evaluated beside one and, where wanted, in its package."""
_INTENDED_USE = {
    "synthesis": "Research only. A synthetic picture shows what is likely, not what is there: never for diagnosis.",
    "classification": "Research only. What a series shows is guessed from its pixels, to check what its headers say: "
    "never for diagnosis.",
    "segmentation": "Research only. Outlines and volumes are estimates for orientation: never for diagnosis.",
    "anomaly": "Research only. The map draws the eye to places that look unusual; it names no disease, and a cold map "
    "does not mean healthy: never for diagnosis.",
}
_HEADS = {"name": "head_labels (SynthSeg training label maps, Billot 2023)", "licence": "Apache-2.0"}
_SPLITS = {
    "train": "to train",
    "validation": "to validate",
    "calibration": "to calibrate",
    "test": "to test",
}
_SIMULATED = ("simulated_heads", "live_heads")
_FORMATS = {"CT": "hounsfield", "MR": "magnitude"}
_RANGES: dict[str, list[float]] = {
    "ct_two_window": [-1, 3],
    "mr_head": [0, 1.5],
    "mr_unit": [0, 1.5],
    "ct_companded": [-1, 1],
    "probability": [-20, 20],
}


def package(
    run: Path, identifier: str, folder: Path, with_twin: bool = False, described_in: Path | None = None
) -> None:
    """Write the package `identifier` of `run` into `folder`, over an older one; on request with the twin's weights.

    What the model is called and what was seen of it comes from the recipe `described_in`, if given, which must train
    the same. Raises UsageError when no package can be made of what the method trains, the recipe describes none, or the
    run was not evaluated as it is now; WriteError.
    """
    trained = load_run(run)
    if trained.method.no_package:
        raise UsageError(trained.method.no_package)
    if described_in is not None:
        trained = replace(trained, recipe=_same_training(trained.recipe, load_recipe(described_in)))
    about = trained.recipe.manifest
    if about is None or trained.recipe.task not in _INTENDED_USE:
        raise UsageError(
            f"The recipe {trained.recipe.id} has no section [manifest] that describes a model for synthesis, "
            "segmentation or anomaly, so no package can be made of it."
        )
    evaluation = RunFolder(run).evaluation()
    if evaluation is None:
        raise UsageError(f"The run {run.name} was not evaluated yet: run the command evaluate first.")
    if evaluation.get("step") != trained.step:
        raise UsageError(f"The run {run.name} was evaluated at another step than {trained.step}: evaluate it again.")
    if with_twin and not (run / TWIN).is_file():
        raise UsageError(f"The run {run.name} was evaluated without a twin: evaluate it with --twin first.")
    trained = replace(trained, recipe=replace(trained.recipe, id=identifier))
    interval = evaluation.get("interval") or conformal.interval(trained)
    evaluation = {**evaluation, **({"interval": interval} if interval is not None else {})}
    sat = evaluation.get("exam")
    for one in (sat, *evaluation.get("beside", ())) if sat is not None else ():
        if load(one["id"]).digest != one["sha256"]:
            raise UsageError(f"The exam {one['id']} was changed since the run {run.name} sat it: evaluate it again.")
    if sat is not None:  # the numbers are the run's, the words about them the program's
        evaluation["protocol"] = words(sat, evaluation.get("beside", ()))
    pictures = [run / FAILURES / failure["file"] for failure in evaluation.get("failures", ())]
    write(trained, about, evaluation, folder, [*pictures, *([run / TWIN] if with_twin else [])])


def _same_training(recipe: Recipe, other: Recipe) -> Recipe:
    if other.digest != recipe.digest:
        raise UsageError(
            f"The recipe {other.file} trains something else than this run: "
            "they may differ in [manifest] and [evaluation] only."
        )
    return other


def write(
    trained: Trained, about: Description, evaluation: Mapping[str, Any], folder: Path, beside: Sequence[Path] = ()
) -> None:
    """Write a package with these numbers, whose id is the recipe's, and the files `beside` them. Raises WriteError."""
    digest = _write_weights(trained, folder / WEIGHTS)
    for file in beside:
        with atomic.new_file(folder / file.name) as unfinished:
            unfinished.write_bytes(file.read_bytes())
    kept = {file.name for file in beside}
    for older in (*folder.glob("failure_*.png"), folder / TWIN):
        if older.name not in kept:
            older.unlink(missing_ok=True)
    manifest = build_manifest(trained, about, digest, evaluation)
    made = {
        "how": _how(manifest, trained),
        "about": about.how,
        "record": _record(trained),
        "remarks": about.remarks,
    }
    if evaluation.get("exam") is None:
        # Exams name people of published archives; of one's own nobody is told apart, not even by a number.
        evaluation = {**evaluation, "rows": [_without_patients(row) for row in evaluation["rows"]]}
    stored = {**evaluation, "recipe_sha256": trained.recipe.digest, "weights_sha256": digest, "made": made}
    apache = about.licence == "Apache-2.0"
    files = {
        "manifest.json": records.text(manifest),
        "evaluation.json": records.text(stored),
        "CARD.md": cards.card(manifest, stored),
        "LICENSE": _licence_text() if apache else (about.licence_text or about.licence).rstrip("\n") + "\n",
    }
    for name, text in files.items():
        records.write_text(folder / name, text)


def _without_patients(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != "patients"}


def _write_weights(trained: Trained, path: Path) -> str:
    """Write the network's weights in half precision and return the file's SHA-256."""
    weights = {
        name: value.half().contiguous() if value.is_floating_point() else value.contiguous()
        for name, value in trained.network.state_dict().items()
    }
    with atomic.new_file(path) as unfinished:
        save_file(weights, unfinished)
        unfinished.chmod(0o644)  # safetensors writes files that only their owner may read
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _licence_text() -> str:
    """Return the text of the Apache licence, which every bundled model carries."""
    return resources.path("models", "head-ct-to-mr", "LICENSE").read_text(encoding="utf-8")


def build_manifest(trained: Trained, about: Description, digest: str, evaluation: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of manifest.json."""
    recipe = trained.recipe
    found = {name: evaluation[name] for name in ("calibration", "interval", "questions") if name in evaluation}
    if trained.method.controls:
        found["controls"] = dict(trained.method.controls)
    return {
        "schema": 1,
        "id": recipe.id,
        "name": about.name,
        "version": about.version,
        "task": recipe.task,
        "description": about.description,
        "intended_use": _INTENDED_USE[recipe.task],
        "limits": [*about.limits, *trained.method.limits],
        "licence": about.licence,
        "training_data": training_data(trained, about),
        "created": datetime.now(UTC).date().isoformat(),
        "weights": {"file": WEIGHTS, "sha256": digest},
        "network": {"name": trained.network_name, "arguments": trained.network_arguments},
        "requires": {
            "body_part": about.body_part,
            "modalities": about.modalities,
            "contrasts": about.contrasts,
            "orientation": "any" if recipe.task == "classification" else "axial",
            "max_slice_spacing_mm": about.max_slice_spacing_mm,
            **_several_inputs(recipe, about),
        },
        "preprocessing": {
            "grid_spacing_mm": float(data_argument(recipe, "grid_mm", 1.25)) or AS_ACQUIRED,
            **({"slice_spacing_mm": about.slice_spacing_mm} if about.slice_spacing_mm else {}),
            "size_multiple": SIZE_MULTIPLE,
            "neighbours": trained.neighbours,
            "mask_couch": about.mask_couch,
            "encoding": about.encoding,
        },
        "network_data_format": _data_format(trained, about),
        "outputs": about.outputs,
        **found,
        "evaluation": {
            "protocol": evaluation["protocol"],
            # Each patient's numbers are in evaluation.json.
            "rows": [_without_patients(row) for row in evaluation["rows"]],
        },
    }


def _several_inputs(recipe: Recipe, about: Description) -> dict[str, Any]:
    """Return the manifest's `inputs` of a model that takes several series together; nothing for one of one series."""
    *fewer, names = recipe.input_sets or ((),)
    if len(names) < 2:
        return {}
    # What may stand in for the first one is the description's to say.
    first: dict[str, Any] = {"modality": about.modalities[0], "contrasts": about.contrasts}
    further = (("CT", []) if name == "CT" else ("MR", [name]) for name in names[1:])
    inputs = [first, *({"modality": modality, "contrasts": contrasts} for modality, contrasts in further)]
    if fewer:
        inputs[-1]["optional"] = True
    return {"inputs": inputs}


def _data_format(trained: Trained, about: Description) -> dict[str, Any]:
    """Return what goes in and out, in the words of MONAI's bundle metadata."""
    first = about.modalities[0]
    given, made = _channel_names(trained, about), _output_names(trained, about)
    formats = {"segmentation": "segmentation", "anomaly": "logit", "classification": "logit"}
    target = formats.get(trained.recipe.task) or about.outputs[0]["modality"]
    decoding = about.outputs[0].get("decoding", "labels")
    return {
        "inputs": {"image": _image(first, given, _range_of(about.encoding[first]))},
        "outputs": {"pred": _image(target, made, _range_of(decoding))},
    }


def _range_of(name: str) -> list[float]:
    """Return the range of network values of an encoding or a decoding."""
    if name in _RANGES:
        return _RANGES[name]
    ends = encoding.value_range(name)
    return [0, 1] if ends is None else list(ends)


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


def _channel_names(trained: Trained, about: Description) -> list[str]:
    places = range(-trained.neighbours, trained.neighbours + 1)
    return [
        f"slice {place:+d}: {name}" if place else f"slice: {name}" for place in places for name in about.channel_names
    ]


def _output_names(trained: Trained, about: Description) -> list[str]:
    names = [str(output.get("contrast") or output["name"]) for output in about.outputs]
    quantiles: Sequence[float] = getattr(getattr(trained.method, "settings", None), "quantiles", ())
    bounds = [f"{100 * level:g} % quantile of {name}" for level in quantiles for name in names]
    return ["Background", *names] if trained.recipe.task == "segmentation" else [*names, *bounds]


def training_data(trained: Trained, about: Description) -> list[dict[str, str]]:
    """Return name and licence of each set of training data: the recipe's, or the heads that were simulated from."""
    if about.training_data:
        return about.training_data
    if trained.recipe.data.name in _SIMULATED:
        return [_HEADS]
    return [{"name": f"own data ({trained.recipe.data.name})", "licence": "not stated"}]


def _how(manifest: dict[str, Any], trained: Trained) -> str:
    done, words, against = trained.step, [], False
    for phase in trained.recipe.training.phases:
        steps = min(phase.steps, max(0, done))
        done -= steps
        if not steps:
            continue
        against = against or phase.adversarial
        words.append(f"{steps} steps of {phase.name}{' against the adversary' if phase.adversarial else ''}")
    data = "; ".join(f"{entry['name']} ({entry['licence']})" for entry in manifest["training_data"])
    if trained.recipe.data.name in _SIMULATED:
        archive = trained.recipe.data.arguments.get("archive")
        where = "the values of the tissues are in `medgan_viewer/lab/simulation/tissues.py`"
        heads = f"series simulated from heads {TRAIN_HEADS[0]:02d}–{TRAIN_HEADS[-1]:02d} of "
        data = f"{data}; {where}" if archive else f"{heads}{data}, with lesions; {where}. No real scan was trained on"
    counts = trained.info.patients
    shares = [f"{counts[split]} {purpose}" for split, purpose in _SPLITS.items() if counts.get(split)]
    patients = f"; patients: {', '.join(shares)}" if shares else ""
    objective = f" with the objective {trained.info.objective}" if against and trained.info.objective else ""
    return (
        f"Network `{manifest['network']['name']}`, method {trained.info.method}{objective}: {', then '.join(words)}, "
        f"batches of {trained.recipe.training.batch} × {trained.info.world}, {trained.seconds / 60:.0f} minutes on "
        f"{trained.info.device}. Training data: {data}{patients}. Licence of the weights: {manifest['licence']}."
    )


def _record(trained: Trained) -> str:
    info: RunInfo = trained.info
    versions = ", ".join(f"{name} {version}" for name, version in info.versions.items())
    return (
        f"Recipe SHA-256 `{trained.recipe.digest}`, seed {info.seed}, precision {info.precision}, {versions}"
        f"{f', commit {info.git}' if info.git else ''}; trained from {info.started[:10]}."
    )
