"""What foreign networks give, turned into what the tasks take: logits, and one channel a class."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    import torch

__all__ = ["ADAPTATIONS", "Adaptation", "adaptation", "adapted", "needed_by"]

Adaptation = Literal["none", "logit", "two_classes_logit", "two_classes_probability"]
ADAPTATIONS: tuple[str, ...] = get_args(Adaptation)
# Probabilities of 0 and 1 have no finite logit.
_EPSILON = 1e-6


def adaptation(task: str, channels: int, values: str) -> Adaptation:
    """Return what a network's output needs: it has so many channels of "logits" or "probabilities"."""
    if task == "segmentation" and channels == 1:
        return "two_classes_probability" if values == "probabilities" else "two_classes_logit"
    return "logit" if task == "anomaly" and values == "probabilities" else "none"


def adapted(output: "torch.Tensor", needed: str) -> "torch.Tensor":
    """Return an output [batch, channel, row, column] as a task takes it.

    Two classes: channel 0 is the background, whose logit is 0 and whose probability is one half, so that the structure
    wins where it is the likelier one.
    """
    import torch

    match needed:
        case "logit":
            return torch.logit(output, eps=_EPSILON)
        case "two_classes_logit":
            return torch.cat([torch.zeros_like(output), output], dim=1)
        case "two_classes_probability":
            return torch.cat([torch.full_like(output, 0.5), output], dim=1)
        case _:
            return output


def needed_by(arguments: Mapping[str, object]) -> str:
    """Return the adaptation that a manifest's network arguments name; ValueError for an unknown one."""
    needed = arguments.get("adapt", "none")
    if needed not in ADAPTATIONS:
        raise ValueError(f"the adaptation {needed!r} is unknown")
    return str(needed)
