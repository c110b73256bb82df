"""What a recipe says against the data sources, methods and networks that there are, before any data are opened."""

import inspect
import types
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab import sources
from medgan_viewer.lab.methods import METHODS, Method, settings_of
from medgan_viewer.lab.recipe import Description, Network, Recipe, suggestion
from medgan_viewer.models import encoding
from medgan_viewer.models.networks import NETWORKS, architecture

__all__ = ["check", "named"]

_DECODINGS = {
    "synthesis": ("mr_unit", "ct_companded"),
    "anomaly": ("probability",),
}
_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}


def check(recipe: Recipe) -> None:
    """Check names, types and combinations of what a recipe says; opens no data.

    Raises UsageError, one sentence with the recipe's name.
    """
    with named(recipe):
        _check_data(recipe)
        methods = {entry.name: entry for entry in METHODS}
        name = recipe.method.name
        if name not in methods:
            raise UsageError(f"method.name is {name}: {suggestion(name, methods)}")
        _check_method(recipe, methods[name])
        for role, network in (("generator", recipe.generator), ("discriminator", recipe.discriminator)):
            if network is not None:
                _check_network(role, network)
        _check_start(recipe.training.start)
        if recipe.manifest is not None:
            _check_manifest(recipe.task, recipe.manifest)


@contextmanager
def named(recipe: Recipe) -> Iterator[None]:
    """Put the recipe's name before what is wrong with what it says."""
    try:
        yield
    except (UsageError, ValueError, TypeError) as error:
        said = str(error)
        raise UsageError(f"In the recipe {recipe.file}: {said}{'' if said.endswith(('.', '?')) else '.'}") from error


def _check_data(recipe: Recipe) -> None:
    kind, arguments = recipe.data.name, recipe.data.arguments
    if kind not in sources.SOURCES:
        raise UsageError(f"data.kind is {kind}: {suggestion(kind, sources.SOURCES)}")
    made = sources.class_of(kind)
    _known("data", arguments, inspect.signature(made).parameters)
    sources.check_arguments(kind, arguments)
    hints = get_type_hints(made.__init__)
    for key, value in arguments.items():
        problem = _problem(value, hints[key])
        if problem:
            raise UsageError(f"data.{key} must be {problem}, not {value!r}.")
        if isinstance(value, (int, float)) and value < 0:
            raise UsageError(f"data.{key} must not be negative.")


def _check_method(recipe: Recipe, found: type[Method]) -> None:
    _known("method", recipe.method.arguments, [entry.name for entry in fields(found.Settings)])
    settings_of(found.name, **recipe.method.arguments)
    if recipe.task not in found.tasks:
        raise UsageError(f"the method {found.name} trains for the task {' or '.join(found.tasks)}, not {recipe.task}.")
    alone = [phase.name for phase in recipe.training.phases if not phase.adversarial]
    if found.needs_adversary and alone:
        raise UsageError(
            f"the method {found.name} learns from its adversary alone, so the phase {alone[0]} must say "
            "adversarial = true, and there is no twin without one."
        )


def _check_network(role: str, network: Network) -> None:
    names = [name for name, _ in NETWORKS]
    if network.name not in names:
        raise UsageError(f"There is no network {network.name} for the {role}: {suggestion(network.name, names)}")
    made = architecture(network.name)
    known = inspect.signature(made).parameters
    hints = get_type_hints(made.__init__)
    for key, value in network.arguments.items():
        if key not in known and not any(one.kind is one.VAR_KEYWORD for one in known.values()):
            raise UsageError(f"The {role} {network.name} takes no {key}: {suggestion(key, known)}")
        problem = _problem(value, hints[key]) if key in known and key in hints else ""
        if problem:
            raise UsageError(f"{role}.arguments.{key} must be {problem}, not {value!r}.")


def _check_start(named_: str) -> None:
    places = (Path(named_), resources.path("models", named_))
    if named_ and not any(
        (one / file).is_file() for one in places for file in ("weights.safetensors", "checkpoint.pt")
    ):
        raise UsageError(f"training.start is {named_}, but no model and no folder of a model or run has that name.")


def _check_manifest(task: str, about: Description) -> None:
    if not about.modalities:
        raise UsageError("manifest.modalities is empty: name CT, MR or both.")
    for modality in about.modalities:
        if modality not in about.encoding:
            raise UsageError(f"manifest.encoding names no encoding for {modality}: there are {_encodings()}.")
    for name in about.encoding.values():
        try:
            encoding.named(str(name))
        except KeyError as error:
            raise UsageError(f"manifest.encoding is {name}: there are {_encodings()}.") from error
    key = "label" if task == "segmentation" else "channel"
    numbers = [output.get(key) for output in about.outputs]
    first = 1 if task == "segmentation" else 0
    if sorted(numbers, key=str) != sorted(range(first, first + len(numbers)), key=str) or not numbers:
        raise UsageError(f"manifest.outputs must number its entries by {key} from {first} on.")
    for output in about.outputs:
        decoding = output.get("decoding")
        if (
            task in _DECODINGS
            and decoding not in _DECODINGS[task]
            and not (task == "synthesis" and _is_range(decoding))
        ):
            raise UsageError(f"manifest.outputs.decoding is {decoding}: there are {', '.join(_DECODINGS[task])}.")


def _is_range(decoding: Any) -> bool:
    """Return whether a decoding is one of those that name their range of values."""
    return isinstance(decoding, str) and encoding.value_range(decoding) is not None


def _encodings() -> str:
    return ", ".join(encoding.ENCODINGS)


def _problem(value: Any, wanted: Any) -> str:
    """Return what a value should have been, in words; empty where it is that."""
    options = get_args(wanted) if get_origin(wanted) in (Union, types.UnionType) else (wanted,)
    if any(_is(value, option) for option in options):
        return ""
    option = options[0]
    kind = get_origin(option) or option
    if kind in (Sequence, list, tuple):
        return "a list, in brackets"
    if kind is Literal:
        return f"one of {', '.join(str(one) for one in get_args(option))}"
    return "a table" if kind in (Mapping, dict) else _WORDS.get(kind, "another value")


def _is(value: Any, wanted: Any) -> bool:
    kind = get_origin(wanted) or wanted
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind is Literal:
        return value in get_args(wanted)
    if kind in (Sequence, list, tuple):
        inner = (get_args(wanted) or (object,))[0]
        return isinstance(value, (list, tuple)) and all(_is(one, inner) for one in value)
    if kind in (Mapping, dict):
        return isinstance(value, dict)
    if kind in _WORDS:
        return type(value) is kind
    return kind is Any or (isinstance(kind, type) and isinstance(value, kind))


def _known(table: str, given: Mapping[str, Any], known: Collection[str]) -> None:
    for key in given:
        if key not in known:
            raise UsageError(f"{table}.{key} is unknown: {suggestion(key, list(known))}")
