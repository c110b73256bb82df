"""Methods of training by name: which networks there are, and what they minimise on a batch."""

from dataclasses import fields
from typing import Any

from medgan_viewer.lab.methods.base import Batch, Losses, Method
from medgan_viewer.lab.methods.classification import Classification
from medgan_viewer.lab.methods.cycle import Cycle
from medgan_viewer.lab.methods.generation import Generation
from medgan_viewer.lab.methods.networks import DataShapes, Network, NetworkChoice, Shapes
from medgan_viewer.lab.methods.residual_maps import EBGANMapMethod, FAnoGANMethod
from medgan_viewer.lab.methods.restoring import Restoring
from medgan_viewer.lab.methods.segmentation import Segmentation
from medgan_viewer.lab.methods.settings import MethodSettings
from medgan_viewer.lab.methods.translation import Translation

__all__ = [
    "METHODS",
    "Batch",
    "DataShapes",
    "Losses",
    "Method",
    "MethodSettings",
    "Network",
    "NetworkChoice",
    "Shapes",
    "method",
    "settings_of",
]

METHODS: tuple[type[Method], ...] = (
    Translation,
    Segmentation,
    Generation,
    Cycle,
    Restoring,
    FAnoGANMethod,
    EBGANMapMethod,
    Classification,
)
"""Every method, in the order in which they are offered."""


def settings_of(name: str, **arguments: Any) -> MethodSettings:
    """Return the checked settings of the method `name`, without building anything.

    Raises ValueError for an unknown method or a value out of range, TypeError for an unknown setting or a wrong type.
    """
    known = {entry.name: entry for entry in METHODS}
    if name not in known:
        raise ValueError(f"There is no method {name}: choose one of {', '.join(known)}.")
    names = [entry.name for entry in fields(known[name].Settings)]
    unknown = sorted(set(arguments) - set(names))
    if unknown:
        raise TypeError(f"The method {name} takes no {', '.join(unknown)}: it takes {', '.join(names)}.")
    settings: MethodSettings = known[name].Settings(**arguments)
    return settings


def method(
    name: str, *, generator: NetworkChoice, discriminator: NetworkChoice | None, data: Shapes, **arguments: Any
) -> Method:
    """Build the method `name` with fresh networks (from torch's global random numbers) that fit the data.

    `generator` and `discriminator` are names and arguments of networks; channels, size and classes follow from `data`
    and may be left out of the arguments. Raises ValueError and TypeError, each with a sentence.
    """
    settings = settings_of(name, **arguments)
    entry: Any = {entry.name: entry for entry in METHODS}[name]
    made: Method = entry(generator, discriminator, data, settings)
    return made
