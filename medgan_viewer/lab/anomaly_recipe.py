"""The recipe of the anomaly model, whose training still has a loop of its own (`anomaly_training`)."""

import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from medgan_viewer.errors import UsageError

__all__ = ["Description", "Network", "Recipe", "Training", "load_recipe"]


@dataclass(frozen=True)
class Network:
    """A registered network and its arguments."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Training:
    """How long, how fast and with which weights a network is trained.

    `minutes` of reconstruction alone, then `adversarial_minutes` with the adversary too. Weights multiply the losses:
    L1 (or Dice and cross-entropy), the generator's adversarial loss, feature matching; `lesion_weight` is added to the
    reconstruction loss inside lesions, so that they are not smoothed away.
    """

    minutes: float
    adversarial_minutes: float = 0.0
    batch: int = 8
    crop: int = 160
    learning_rate: float = 2e-3
    adversarial_learning_rate: float = 2e-4
    discriminator_learning_rate: float = 4e-4
    reconstruction_weight: float = 20.0
    adversarial_weight: float = 1.0
    feature_weight: float = 2.0
    lesion_weight: float = 3.0
    objective: str = "lsgan"
    average_decay: float = 0.995
    seed: int = 0


@dataclass(frozen=True)
class Description:
    """What the model package says about itself; `outputs` are the manifest's own entries."""

    name: str
    version: str
    description: str
    modalities: list[str]
    contrasts: list[str]
    mask_couch: bool
    encoding: dict[str, str]
    channel_names: list[str]
    limits: list[str]
    outputs: list[dict[str, Any]]
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Recipe:
    """One model: its task, the inputs it takes (one of them at a time) and the pictures it makes."""

    id: str
    task: str
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    network: Network
    training: Training
    neighbours: int = 1
    channels_per_slice: int = 2
    discriminator: Network | None = None
    manifest: Description | None = None


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises UsageError for a missing file, an unknown or missing key, or a wrong type."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"The recipe {path.name} cannot be read: {error}.") from error
    sections: dict[str, type[Any]] = {
        "network": Network,
        "discriminator": Network,
        "training": Training,
        "manifest": Description,
    }
    for key, section in sections.items():
        if key in table:
            table[key] = _build(section, table[key], f"{path.name} [{key}]")
    for key in ("inputs", "targets"):
        if key in table:
            table[key] = tuple(table[key])
    recipe: Recipe = _build(Recipe, table, path.name)
    return recipe


def _build(kind: type[Any], table: Any, where: str) -> Any:
    if not isinstance(table, dict):
        raise UsageError(f"In the recipe, {where} must be a table.")
    known = {entry.name: entry for entry in fields(kind)}
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise UsageError(f"The recipe {where} has unknown keys: {', '.join(unknown)}.")
    for key, value in table.items():
        wanted = known[key].type
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            table[key] = float(value)
        elif wanted in (int, float, str) and type(value) is not wanted:
            raise UsageError(f"In the recipe {where}, {key} must be a number or text like its default.")
    try:
        return kind(**table)
    except TypeError as error:
        raise UsageError(f"The recipe {where} lacks a key: {error}.") from error
