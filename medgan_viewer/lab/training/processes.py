"""The processes of a training, their device and precision: one here, several here, or several machines' (torchrun).

Networks are not wrapped by DistributedDataParallel, whose reducer and double backward (R1, gradient penalty) do not go
together: each process computes its gradients alone, then their mean is taken in one collective call (as the training
loop of StyleGAN2-ADA does, Karras et al. 2020).
"""

import atexit
import logging
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from torch import Tensor, nn

from medgan_viewer.errors import MedganError, MissingPartError, UsageError

if TYPE_CHECKING:
    from lightning_fabric import Fabric

__all__ = ["average_buffers", "average_gradients", "first_alone", "is_first", "precision_here", "start"]

Made = TypeVar("Made")
_PATIENCE = timedelta(hours=6)
"""How long processes wait for each other: the first one may have to simulate all data."""

_FABRIC = {"fp32": "32-true", "bf16": "bf16-mixed"}


def start(precision: str = "auto", devices: int = 1) -> "Fabric":
    """Return a launched Fabric on `devices` devices of this machine, or on what torchrun's environment says.

    With several devices this very command is started once more for each of the others. Raises UsageError when the
    machine has fewer graphics cards, MissingPartError where the package lightning-fabric is absent.
    """
    try:
        from lightning_fabric import Fabric
        from lightning_fabric.strategies import DDPStrategy
    except ImportError as error:
        raise MissingPartError("Training needs the package lightning-fabric: install it with pip.") from error
    cuda = torch.cuda.is_available()
    nodes = 1
    if "TORCHELASTIC_RUN_ID" in os.environ:
        devices = int(os.environ["LOCAL_WORLD_SIZE"])
        nodes = int(os.environ["WORLD_SIZE"]) // devices
    if cuda and devices > torch.cuda.device_count():
        raise UsageError(f"{devices} devices were asked for, but this machine has {torch.cuda.device_count()}.")
    # What Fabric says of the precision and of its launch is nothing to a reader of the terminal.
    logging.getLogger("lightning_fabric").setLevel(logging.WARNING)
    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)
    fabric = Fabric(
        accelerator="cuda" if cuda else "cpu",
        devices=devices,
        num_nodes=nodes,
        strategy=DDPStrategy(timeout=_PATIENCE) if devices * nodes > 1 else "auto",
        precision=_FABRIC[precision_here() if precision == "auto" else precision],
    )
    fabric.launch()
    if fabric.world_size > 1:
        atexit.register(_leave_the_others)
    return fabric


def _leave_the_others() -> None:
    """End the threads of the collective calls before the interpreter ends.

    One that still lets go of a tensor then asks for an interpreter that is gone, and the process aborts (seen once in
    some hundred runs with gloo; for NCCL Fabric does this itself).
    """
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def is_first() -> bool:
    """Whether this process decides for all, as far as its environment says (before Fabric is launched)."""
    return all(int(os.environ.get(name, "0")) == 0 for name in ("RANK", "LOCAL_RANK", "GROUP_RANK", "NODE_RANK"))


def first_alone(fabric: "Fabric", make: Callable[[], Made]) -> Made:
    """Return what `make` makes in every process, after the first one of each machine has made it alone.

    So files that it leaves behind are made once. Where it fails in one process it raises UsageError in all others.
    """
    if fabric.world_size == 1:
        return make()
    made: list[Made] = []
    error: MedganError | None = None
    if fabric.local_rank == 0:
        try:
            made.append(make())
        except MedganError as caught:
            error = caught
    failed: Any = fabric.all_reduce(torch.tensor(float(error is not None), device=fabric.device), reduce_op="sum")
    if error is not None:
        raise error
    if failed > 0:
        raise UsageError("The data could not be prepared: the first process of this training says why.")
    return made[0] if made else make()


def precision_here() -> str:
    """Return what "auto" means on this machine: bf16 where its arithmetic is built in, else fp32."""
    if torch.cuda.is_available():
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    return "bf16" if _cpu_has_bf16() else "fp32"


def average_gradients(fabric: "Fabric", parameters: Sequence[nn.Parameter]) -> None:
    """Give all processes the mean of their gradients; nothing to do for a single one."""
    if fabric.world_size > 1:
        _average(fabric, [parameter.grad for parameter in parameters if parameter.grad is not None])


def average_buffers(fabric: "Fabric", modules: Iterable[nn.Module]) -> None:
    """Give all processes the mean of their running statistics (batch normalisation sees its own share only)."""
    if fabric.world_size > 1:
        buffers = [buffer for module in modules for buffer in module.buffers()]
        _average(fabric, [buffer for buffer in buffers if buffer.is_floating_point()])


def _average(fabric: "Fabric", tensors: Sequence[Tensor]) -> None:
    if not tensors:
        return
    flat = torch.cat([tensor.flatten() for tensor in tensors])
    mean: Any = fabric.all_reduce(flat, reduce_op="mean")
    for tensor, part in zip(tensors, mean.split([tensor.numel() for tensor in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))


def _cpu_has_bf16() -> bool:
    supported: Any = getattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", None)
    return bool(supported and supported() and torch.cpu._is_avx512_bf16_supported())
