"""Frozen dataclasses as what JSON can hold, and back with every type checked."""

import types
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

__all__ = ["decoded", "encoded"]

_T = TypeVar("_T")


def encoded(value: Any) -> Any:
    """Return dataclasses as mappings, tuples as lists and times as text; words, numbers and None as they are.

    Raises ``TypeError`` for anything else.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: encoded(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [encoded(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be written")


def decoded(kind: type[_T], content: Any) -> _T:
    """Return what :func:`encoded` wrote of a value of a type. Raises ``ValueError`` where the content does not fit.

    Fields that are missing take their defaults; those that are not known are refused.
    """
    made: _T = _decoded(kind, content)
    return made


def _decoded(kind: Any, content: Any) -> Any:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return _one_of(arguments, content)
    if origin in (Union, types.UnionType):
        return _first_that_fits(arguments, content)
    if origin is tuple:
        return _tuple(arguments, content)
    if kind is type(None):
        return _one_of((None,), content)
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, content)
    if kind is datetime and isinstance(content, str):
        return datetime.fromisoformat(content)
    if kind is float and isinstance(content, int) and not isinstance(content, bool):
        return float(content)
    if kind in (bool, int, float, str) and type(content) is kind:
        return content
    raise ValueError(f"{content!r:.40} is no {getattr(kind, '__name__', kind)}")


def _one_of(allowed: tuple[Any, ...], content: Any) -> Any:
    if not any(type(content) is type(one) and content == one for one in allowed):
        raise ValueError(f"{content!r:.40} is none of {allowed}")
    return content


def _first_that_fits(kinds: tuple[Any, ...], content: Any) -> Any:
    for kind in kinds:
        try:
            return _decoded(kind, content)
        except ValueError:
            continue
    raise ValueError(f"{content!r:.40} fits nothing that is wanted there")


def _tuple(arguments: tuple[Any, ...], content: Any) -> tuple[Any, ...]:
    if not isinstance(content, list):
        raise ValueError("a list is wanted")
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_decoded(arguments[0], one) for one in content)
    if len(arguments) != len(content):
        raise ValueError(f"{len(arguments)} values are wanted, and there are {len(content)}")
    return tuple(_decoded(kind, one) for kind, one in zip(arguments, content, strict=True))


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _dataclass(kind: type, content: Any) -> Any:
    if not isinstance(content, dict):
        raise ValueError(f"a {kind.__name__} is wanted")
    known: dict[str, Field[Any]] = {each.name: each for each in fields(kind)}
    unknown = content.keys() - known.keys()
    if unknown:
        raise ValueError(f"a {kind.__name__} has no {min(map(str, unknown))}")
    missing = [
        name
        for name, each in known.items()
        if name not in content and each.default is MISSING and each.default_factory is MISSING
    ]
    if missing:
        raise ValueError(f"a {kind.__name__} needs {missing[0]}")
    hints = _hints(kind)
    return kind(**{name: _decoded(hints[name], one) for name, one in content.items()})
