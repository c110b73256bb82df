"""From a recipe's choice of networks to networks that fit the data."""

import copy
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor, nn

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
        not wanted.get("classes")
        and "classes" in parameters
        and parameters["classes"].default is inspect.Parameter.empty
    ):
        raise ValueError(f"The {role} {choice.name} must be told a class: choose another, or set conditional = true.")
    try:
        return found(**arguments)
    except TypeError as error:
        raise TypeError(f"The {role} {choice.name} cannot be built with these arguments: {error}.") from error


def result_on(network: nn.Module, role: str, *shapes: Sequence[int], label: bool = False) -> Any:
    """Return what `network` gives for inputs of these shapes, without values: nothing is computed.

    With `label` a class label for each sample comes last. Raises ValueError when the network cannot take them.
    """
    # On the device meta tensors have shapes and no content.
    trial = copy.deepcopy(network).to("meta").eval()
    inputs: list[Tensor] = [torch.zeros(tuple(shape), device="meta") for shape in shapes]
    if label:
        inputs.append(torch.zeros(shapes[0][0], dtype=torch.int64, device="meta"))
    try:
        with torch.no_grad():
            return trial(*inputs)
    except (RuntimeError, IndexError, ValueError) as error:
        text = " and ".join(" × ".join(str(number) for number in shape[1:]) for shape in shapes)
        reason = str(error).splitlines()[0].rstrip(".")
        raise ValueError(f"The {role} cannot take inputs of {text} (channels × size): {reason}.") from error


def check_result(
    network: nn.Module, role: str, given: Sequence[int], wanted: Sequence[int], *, label: bool = False
) -> None:
    """Raise ValueError when `network` does not make a tensor of shape `wanted` out of one of shape `given`."""
    result = result_on(network, role, given, label=label)
    found = tuple(result.shape) if isinstance(result, Tensor) else ()
    if found != tuple(wanted):
        shown = " × ".join(str(number) for number in found[1:]) or "no picture"
        text = " × ".join(str(number) for number in wanted[1:])
        raise ValueError(f"The {role} gives {shown} where the data need {text} (channels × size).")
