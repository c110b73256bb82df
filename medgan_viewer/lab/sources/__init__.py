"""Sources of training data, by the `kind` in a recipe's `[data]`. A new one is a module and a line in `SOURCES`."""

import inspect
from collections.abc import Callable
from importlib import import_module
from typing import Any

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.sources.base import DataSource, Refusal

__all__ = ["SOURCES", "DataSource", "Refusal", "check_arguments", "class_of", "source"]

SOURCES: dict[str, str] = {
    "toy": "toy:ToySource",
    "simulated_heads": "simulated_heads:SimulatedHeads",
    "live_heads": "live_heads:LiveHeads",
    "folders": "folders:Folders",
    "archive": "archive:Archive",
    "healthy_slices": "healthy_slices:HealthySource",
    "low_dose_slices": "low_dose_slices:LowDoseSlices",
    "thick_slices": "thick_slices:ThickSlices",
    "series_pictures": "series_pictures:SeriesPictures",
    "tumour_slices": "tumour_slices:TumourSlices",
}
"""Kind → module:class in this package; a module is imported when its kind is asked for."""


def source(kind: str, **arguments: Any) -> DataSource:
    """Return the source `kind` with the arguments of a recipe's `[data]`.

    Raises UsageError for an unknown kind or argument, for data that are not there, for a patient in two splits and
    when more than a twentieth of the files do not open.
    """
    check_arguments(kind, arguments)
    made: DataSource = class_of(kind)(**arguments)
    return made


def check_arguments(kind: str, arguments: dict[str, Any]) -> None:
    """Raise UsageError when there is no source `kind` or it takes no such arguments; opens no file."""
    known = inspect.signature(class_of(kind)).parameters
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        raise UsageError(f"The data source {kind} takes no {', '.join(unknown)}: it takes {', '.join(known)}.")
    missing = [name for name, p in known.items() if p.default is p.empty and name not in arguments]
    if missing:
        raise UsageError(f"The data source {kind} needs {', '.join(missing)} in the recipe's [data].")


def class_of(kind: str) -> Callable[..., Any]:
    """Return the class of the source `kind`. Raises UsageError where there is none."""
    if kind not in SOURCES:
        raise UsageError(f"There is no data source {kind}: choose one of {', '.join(SOURCES)}.")
    module, name = SOURCES[kind].split(":")
    made: Callable[..., Any] = getattr(import_module(f"{__name__}.{module}"), name)
    return made
