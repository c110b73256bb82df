"""MONAI's own networks for imported bundles: an allow-list of classes, built with literal arguments only.

The classes are those whose forward pass takes [batch, channel, row, column] and gives one tensor of the same rows and
columns, and whose constructors read no file and fetch nothing.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from medgan_viewer.models.networks.output_values import adapted, needed_by

__all__ = ["CLASSES", "MonaiNetwork", "RefusedError", "build_empty"]

CLASSES: tuple[str, ...] = ("AttentionUnet", "AutoEncoder", "BasicUNet", "DynUNet", "SegResNet", "UNet")
"""The classes of ``monai.networks.nets`` that may be built."""
_OTHER_NAMES = {"Unet": "UNet", "BasicUnet": "BasicUNet", "Basicunet": "BasicUNet", "DynUnet": "DynUNet"}
_LARGEST_NUMBER = 4096
_LONGEST_LIST = 64
_LONGEST_TEXT = 100
_DEEPEST = 6
_MOST_PARAMETERS = 500_000_000


class RefusedError(ValueError):
    """Why a network is not built, as a sentence without its full stop."""


class MonaiNetwork(nn.Module):
    """A network of MONAI, whose output is turned into what the tasks take.

    ``arguments`` are the class's name as "class", its literal "arguments", and as "adapt" what its output needs.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__()
        name, literal = str(arguments.get("class")), arguments.get("arguments")
        empty = build_empty(name, literal)
        count = sum(parameter.numel() for parameter in empty.parameters())
        if count > _MOST_PARAMETERS:
            raise RefusedError(f"the network has {count:,} parameters, more than the {_MOST_PARAMETERS:,} allowed")
        assert isinstance(literal, Mapping)  # build_empty has looked
        self.network = _made(name, literal)
        self._needed = needed_by(arguments)

    def forward(self, image: Tensor) -> Tensor:
        """Return [batch, channel, row, column]."""
        return adapted(self.network(image), self._needed)


def build_empty(name: str, arguments: Any) -> nn.Module:
    """Build a network without memory for its weights, to see their names and shapes. Raises RefusedError."""
    name = _OTHER_NAMES.get(name, name)
    if name not in CLASSES:
        raise RefusedError(f'the network class "{name}" is none of those that are run: {", ".join(CLASSES)}')
    if not isinstance(arguments, Mapping):
        raise RefusedError("the network has no arguments")
    _check_literal(arguments, "arguments", 0)
    dimensions = arguments.get("spatial_dims")
    if dimensions != 2:
        raise RefusedError(
            f"the network has spatial_dims {dimensions!r}; only networks that work slice by slice (spatial_dims 2) run"
        )
    with torch.device("meta"):
        return _made(name, arguments)


def _made(name: str, arguments: Mapping[str, Any]) -> nn.Module:
    import monai.networks.nets

    with warnings.catch_warnings():
        # Deprecations of MONAI's are for those who wrote the bundle.
        warnings.simplefilter("ignore")
        try:
            network: nn.Module = getattr(monai.networks.nets, _OTHER_NAMES.get(name, name))(**arguments)
        except Exception as error:
            raise RefusedError(f"MONAI's {name} does not take the arguments given ({type(error).__name__})") from error
    return network


def _check_literal(value: Any, where: str, depth: int) -> None:
    """Refuse whatever is no plain value of a sensible size."""
    if depth > _DEEPEST:
        raise RefusedError(f'"{where}" is nested too deeply')
    match value:
        case None | bool():
            return
        case int() | float():
            if not abs(value) <= _LARGEST_NUMBER:
                raise RefusedError(f'"{where}" is {value}, more than the {_LARGEST_NUMBER} that are allowed')
        case str():
            if len(value) > _LONGEST_TEXT:
                raise RefusedError(f'"{where}" is too long')
        case list() | tuple():
            _check_length(value, where)
            for place, item in enumerate(value):
                _check_literal(item, f"{where}[{place}]", depth + 1)
        case Mapping():
            _check_length(value, where)
            for key, item in value.items():
                _check_literal(item, f"{where}.{key}", depth + 1)
        case _:
            raise RefusedError(f'"{where}" is no plain value')


def _check_length(value: Any, where: str) -> None:
    if len(value) > _LONGEST_LIST:
        raise RefusedError(f'"{where}" has {len(value)} entries, more than the {_LONGEST_LIST} that are allowed')
