"""Recipes: what is trained on what and how, as TOML files, every key and value checked before anything starts.

    id = "head-ct-to-mr"             # of the model that comes out
    task = "synthesis"               # of the model; "lab" where none is to come out
    [data]           kind, and what that source of data takes (medgan_viewer.lab.sources)
    [method]         name, and what that method takes (medgan_viewer.lab.methods)
    [generator]      name and arguments of a network (medgan_viewer.models.networks)
    [discriminator]  likewise; absent where there is no adversary
    [training]       how long and how fast (medgan_viewer.lab.training.schedule)
    [evaluation]     on what the result is scored
    [manifest]       what the model package says of itself

This module reads and checks what a recipe says by itself, without torch; `medgan_viewer.lab.training.checking`
checks it against the data, methods and networks that there are.
"""

import difflib
import hashlib
import json
import re
import tomllib
import types
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.training.schedule import OPTIMISERS, PRECISIONS, SCHEDULES, Training, TrainingPhase

__all__ = [
    "TASKS",
    "Choice",
    "Description",
    "Network",
    "Recipe",
    "Scoring",
    "load_recipe",
    "read_recipe",
    "suggestion",
    "without_adversary",
]

_IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TASKS = ("synthesis", "segmentation", "anomaly", "classification", "lab")


@dataclass(frozen=True)
class Network:
    """A registered network and its arguments."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A data source or method by name, and the other keys of its table."""

    name: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scoring:
    """On what a run is scored: `series` of usual slice thickness of `patients` simulated from each test head.

    For other data than simulated heads: the first `patients` of the split "test" (0: all). `exam` names a file of
    resources/evaluation, which then decides all of this.
    """

    patients: int = 0
    series: int = 1
    seed: int = 600
    exam: str = ""


@dataclass(frozen=True)
class Description:
    """What the model package says about itself; `outputs` are the manifest's own entries.

    `training_data` names the data and their licences; what is simulated from the heads need not be named. `how` adds a
    paragraph to how the model was made, `licence_text` is the licence's where it is none of Apache's. `body_part` is
    the region that a series must show, ANY for whatever it shows, in slices at most `max_slice_spacing_mm` apart. With
    a `slice_spacing_mm` thicker slices are divided until they are about so far apart, before the network sees them.
    """

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
    licence: str = "Apache-2.0"
    training_data: list[dict[str, str]] = field(default_factory=list)
    how: str = ""
    licence_text: str = ""
    body_part: str = "HEAD"
    max_slice_spacing_mm: float = 8.0
    slice_spacing_mm: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """A checked recipe; `text` is the file's, word for word."""

    id: str
    task: str
    data: Choice
    method: Choice
    generator: Network
    training: Training
    text: str = ""
    file: str = ""
    discriminator: Network | None = None
    evaluation: Scoring = Scoring()
    manifest: Description | None = None

    @property
    def digest(self) -> str:
        """The SHA-256 of what decides a training: all but how it is measured and what the model is called."""
        table = tomllib.loads(self.text)
        decides = {name: part for name, part in table.items() if name not in ("evaluation", "manifest")}
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    def trains_like(self, other: "Recipe", but: str) -> bool:
        """Return whether two recipes train the same way `but` for one argument of their data."""

        def compared(recipe: Recipe) -> tuple[object, ...]:
            arguments = {name: value for name, value in recipe.data.arguments.items() if name != but}
            data = replace(recipe.data, arguments=arguments)
            return data, recipe.method, recipe.generator, recipe.discriminator, recipe.training

        return compared(self) == compared(other)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The modalities or contrasts that go in."""
        return tuple(self.data.arguments.get("inputs", ()))

    @property
    def input_sets(self) -> tuple[tuple[str, ...], ...]:
        """The inputs of one run each: every input alone, or all of them where they are taken together.

        Where some are optional, those that are not come first, alone.
        """
        named = tuple(dict.fromkeys(self.inputs))
        if len(named) > 1 and self.data.arguments.get("together"):
            optional = len(self.data.arguments.get("optional", ()))
            return (named[:-optional], named) if optional else (named,)
        return tuple((name,) for name in named)

    @property
    def targets(self) -> tuple[str, ...]:
        """The pictures that come out, in the order of the network's channels."""
        return tuple(self.data.arguments.get("targets", ()))


def load_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises UsageError with a sentence that names file and key."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"The recipe {path.name} cannot be read: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"The recipe {path.name} is no TOML: {error}.") from error
    return read_recipe(text, path.name)


def read_recipe(text: str, file: str) -> Recipe:
    """Return the recipe that `text`, the content of `file`, says. Raises UsageError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"The recipe {file} is no TOML: {error}.") from error
    return _Reading(file).recipe(table, text)


def without_adversary(recipe: Recipe) -> Recipe:
    """Return the recipe of the twin, whose text says so: the same steps, none of them with an adversary."""
    text, found = re.subn(r"(?m)^\[training\].*$", "[training]\nadversary = false", recipe.text, count=1)
    if not found:
        raise UsageError(f"In the recipe {recipe.file}, training must begin with a line [training] to make a twin.")
    return read_recipe(text, recipe.file)


def suggestion(word: str, known: Collection[str]) -> str:
    """Return the end of a sentence about an unknown word: what was probably meant, or what there is."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."


class _Reading:
    """Reads the tables of one file."""

    def __init__(self, file: str) -> None:
        self.file = file

    def recipe(self, table: dict[str, Any], text: str) -> Recipe:
        top = [entry.name for entry in fields(Recipe) if entry.name not in ("text", "file")]
        self._known(table, top, "")
        values: dict[str, Any] = {"text": text, "file": self.file}
        for key in ("id", "task"):
            values[key] = self._text(table, key, "")
        if not _IDENTIFIER.fullmatch(values["id"]):
            raise self._error("id", "may have lower-case letters, digits and hyphens only.")
        if values["task"] not in TASKS:
            raise self._error("task", f"is {values['task']}: {suggestion(values['task'], TASKS)}")
        values["data"] = self._choice(table, "data", "kind")
        values["method"] = self._choice(table, "method", "name")
        for key in ("generator", "discriminator"):
            if key in table or key == "generator":
                values[key] = self._build(Network, self._table(table, key), key)
        for key, kind in (("evaluation", Scoring), ("manifest", Description)):
            if key in table:
                values[key] = self._build(kind, self._table(table, key), key)
        values["training"] = self._training(self._table(table, "training"))
        if not values["training"].adversary:
            values.pop("discriminator", None)
        recipe = Recipe(**values)
        self._check(recipe)
        return recipe

    def _training(self, table: dict[str, Any]) -> Training:
        phases = table.get("phases")
        if not isinstance(phases, list) or not phases or not all(isinstance(phase, dict) for phase in phases):
            raise self._error("training.phases", "must be one or more tables [[training.phases]] with name and steps.")
        made = [self._build(TrainingPhase, phase, "training.phases") for phase in phases]
        training: Training = self._build(Training, {**table, "phases": made}, "training", given=("phases",))
        for key, known in (("precision", PRECISIONS), ("optimiser", OPTIMISERS)):
            if getattr(training, key) not in known:
                raise self._error(f"training.{key}", f"is {getattr(training, key)}: {suggestion('', known)}")
        for key in ("batch", "learning_rate"):
            if not getattr(training, key) > 0:
                raise self._error(f"training.{key}", "must be above 0.")
        for key in ("betas", "discriminator_betas"):
            if not all(0 <= beta < 1 for beta in getattr(training, key) or ()):
                raise self._error(f"training.{key}", "must be at least 0 and below 1.")
        if training.samples < 2 and training.sample_every:
            raise self._error("training.samples", "must be at least 2, or sample_every 0 for no samples.")
        if not 0 <= training.average_decay < 1:
            raise self._error("training.average_decay", "must be at least 0 and below 1.")
        self._not_negative(training, "training")
        names = [phase.name for phase in training.phases]
        if len(set(names)) < len(names):
            raise self._error("training.phases.name", "must differ from phase to phase.")
        for phase in training.phases:
            if phase.final_rate > 1:
                raise self._error("training.phases.final_rate", "must be at most 1: a share of the rate.")
            if phase.steps < 1:
                raise self._error("training.phases.steps", f"must be at least 1 (phase {phase.name}).")
            if phase.schedule not in SCHEDULES:
                raise self._error("training.phases.schedule", f"is {phase.schedule}: {suggestion('', SCHEDULES)}")
            self._not_negative(phase, "training.phases")
        if not training.adversary:
            phases = [replace(phase, adversarial=False) for phase in training.phases]
            return replace(training, phases=tuple(phases))
        return training

    def _check(self, recipe: Recipe) -> None:
        """Check what keys say together."""
        adversarial = [phase.name for phase in recipe.training.phases if phase.adversarial]
        weightless = recipe.method.arguments.get("adversarial_weight") == 0
        if adversarial and recipe.discriminator is None and not weightless:
            raise self._error(
                "training.phases", f"has the adversarial phase {adversarial[0]}, but there is no [discriminator]."
            )
        if recipe.discriminator is not None and not adversarial:
            raise self._error("discriminator", "is never trained, as no phase of the training says adversarial = true.")
        if recipe.manifest is not None and recipe.task == "lab":
            raise self._error(
                "manifest", "needs a task of the viewer: synthesis, segmentation, anomaly or classification."
            )
        self._not_negative(recipe.evaluation, "evaluation")

    def _choice(self, table: dict[str, Any], key: str, name: str) -> Choice:
        content = dict(self._table(table, key))
        return Choice(self._text(content, name, key), {k: v for k, v in content.items() if k != name})

    def _table(self, table: dict[str, Any], key: str) -> dict[str, Any]:
        if not isinstance(table.get(key), dict):
            raise self._error(key, f"is missing: add a table [{key}].")
        content: dict[str, Any] = table[key]
        return content

    def _text(self, table: Mapping[str, Any], key: str, where: str) -> str:
        value = table.get(key)
        if not isinstance(value, str) or not value:
            raise self._error(_joined(where, key), "is missing or no text.")
        return value

    def _build(self, kind: type[Any], table: dict[str, Any], where: str, given: Collection[str] = ()) -> Any:
        """Build a dataclass out of a table; what is `given` was checked already."""
        entries = {entry.name: entry for entry in fields(kind)}
        hints = get_type_hints(kind)
        self._known(table, entries, where)
        missing = [
            name
            for name, entry in entries.items()
            if name not in table and entry.default is MISSING and entry.default_factory is MISSING
        ]
        if missing:
            raise self._error(_joined(where, missing[0]), "is missing.")
        values = {}
        for name, value in table.items():
            values[name] = tuple(value) if name in given else self._value(value, hints[name], _joined(where, name))
        return kind(**values)

    def _value(self, value: Any, wanted: Any, key: str) -> Any:
        """Return a value of the type `wanted`; whole numbers become floats and lists become tuples where asked for."""
        options = get_args(wanted) if get_origin(wanted) in (Union, types.UnionType) else (wanted,)
        for option in options:
            kind = get_origin(option) or option
            if kind is float and isinstance(value, int) and not isinstance(value, bool):
                return float(value)
            if kind is tuple and isinstance(value, list) and len(value) == len(get_args(option)):
                return tuple(self._value(one, of, key) for one, of in zip(value, get_args(option), strict=True))
            if type(value) is kind:
                return value
        names = {float: "a number", int: "a whole number", str: "text", bool: "true or false", dict: "a table"}
        said = names.get(get_origin(options[0]) or options[0], "a list")
        raise self._error(key, f"must be {said}, not {value!r}.")

    def _known(self, table: Mapping[str, Any], known: Collection[str], where: str) -> None:
        for key in table:
            if key not in known:
                raise self._error(_joined(where, key), f"is unknown: {suggestion(key, known)}")

    def _not_negative(self, record: Any, where: str) -> None:
        for entry in fields(record):
            value = getattr(record, entry.name)
            if isinstance(value, (int, float)) and not isinstance(value, bool) and not value >= 0:
                raise self._error(f"{where}.{entry.name}", "must not be negative.")

    def _error(self, key: str, problem: str) -> UsageError:
        return UsageError(f"In the recipe {self.file}, {key} {problem}")


def _joined(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
