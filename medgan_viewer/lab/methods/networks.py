"""From a recipe's choice of networks to networks that fit the data."""

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import nn

from medgan_viewer.models.networks import NETWORKS, architecture


class NetworkChoice(Protocol):
    """A registered network and its arguments, as a recipe names them."""

    @property
    def name(self) -> str:
        """One of the names in `models.networks.NETWORKS`."""
        ...

    @property
    def arguments(self) -> Mapping[str, Any]:
        """What it is built with; what follows from the data may be left out."""
        ...


@dataclass(frozen=True)
class Network:
    """The plainest `NetworkChoice`."""

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Shapes(Protocol):
    """What a method asks of a data source; 0 where there is none."""

    @property
    def source_channels(self) -> int:
        """Channels of `source`."""
        ...

    @property
    def target_channels(self) -> int:
        """Channels of `target` or `image`."""
        ...

    @property
    def classes(self) -> int:
        """Values of `label`, or of `segmentation` where there is one."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of the pictures; (1, 1) for points."""
        ...


@dataclass(frozen=True)
class DataShapes:
    """The plainest `Shapes`."""

    source_channels: int = 0
    target_channels: int = 0
    classes: int = 0
    size: tuple[int, int] = (1, 1)


def built(choice: NetworkChoice, role: str, **wanted: Any) -> nn.Module:
    """Build a network with fresh weights; `role` names it in sentences.

    Of `wanted`, what the network takes is filled in; what the choice says otherwise is refused. Raises ValueError for
    an unknown name, a contradiction or values that do not fit together, TypeError for wrong arguments.
    """
    try:
        found = architecture(choice.name)
    except KeyError:
        known = ", ".join(name for name, _ in NETWORKS)
        raise ValueError(f"There is no network {choice.name} for the {role}: choose one of {known}.") from None
    parameters = inspect.signature(found).parameters
    arguments = dict(choice.arguments)
    for key, value in wanted.items():
        if key not in parameters:
            continue
        given = arguments.setdefault(key, value)
        if (tuple(given) if isinstance(given, (list, tuple)) else given) != value:
            raise ValueError(f"The {role} {choice.name} has {key} = {given}, but data and method need {value}.")
    if wanted.get("classes") and "classes" not in parameters:
        raise ValueError(f"The {role} {choice.name} cannot be told a class: choose another network.")
    if (
        wanted.get("classes") == 0
        and "classes" in parameters
        and parameters["classes"].default is inspect.Parameter.empty
    ):
        raise ValueError(f"The {role} {choice.name} must be told a class: set conditional = true.")
    try:
        return found(**arguments)
    except TypeError as error:
        raise TypeError(f"The {role} {choice.name} cannot be built with these arguments: {error}.") from error
