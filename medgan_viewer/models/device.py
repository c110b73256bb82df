"""Where a network runs, in which precision, and the network loaded there. Only ever imported in the worker's process
for its functions; torch is imported inside them.
"""

import hashlib
import os
import platform
import sys
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.errors import MissingPartError, PackageError
from medgan_viewer.models.manifest import Package

if TYPE_CHECKING:
    import torch

__all__ = [
    "DeviceReport",
    "LoadedNetwork",
    "built",
    "candidates",
    "choose",
    "forget",
    "is_out_of_memory",
    "load",
    "report",
]

# Weights of a few models stay loaded, so that changing between them costs nothing.
_LARGEST_CACHE = 4
_cache: "OrderedDict[tuple[str, str, str, float | None, bool], LoadedNetwork]" = OrderedDict()

# bf16 is used where it takes at most this share of the time. A network's answer may deviate on average by at most these
# shares of its spread.
_WORTH_IT = 0.85
_SAME_ANSWER = {"bf16": 0.02, "fp32": 1e-5}
_QUICK_SECONDS = 0.005
_TIMED_SIZE = 192


@dataclass(frozen=True, slots=True)
class DeviceReport:
    """What the worker found: plain data, readable without torch. ``chosen`` is what "auto" means here."""

    torch_version: str
    chosen: str
    cuda: tuple[str, ...]
    mps: bool
    cpu: str
    threads: int


class LoadedNetwork:
    """A network on a device, ready to run on [batch, channel, row, column]."""

    # How far a network with a control was told to go; None for any other network.
    degree: float | None = None
    # What executes it, where that is not PyTorch with the network as it is written.
    path: str = ""

    def __init__(
        self, module: "torch.nn.Module", device: str, precision: str, channels_last: bool, path: str = ""
    ) -> None:
        self._module = module
        self.device = device
        self.precision = precision
        self._channels_last = channels_last
        self.path = path

    @property
    def execution(self) -> str:
        """The precision and the path, as a result's provenance names them: "fp32", "bf16 fused"."""
        return f"{self.precision} {self.path}".strip()

    def __call__(self, inputs: NDArray[np.float32]) -> "torch.Tensor":
        """Return the raw output, float32, on the device."""
        import torch

        with torch.inference_mode():
            tensor = torch.from_numpy(np.ascontiguousarray(inputs)).to(
                device=self.device,
                dtype=torch.bfloat16 if self.precision == "bf16" else torch.float32,
                memory_format=torch.channels_last if self._channels_last else torch.contiguous_format,
            )
            output: torch.Tensor = self._module(tensor)
            return output.float()


def report(context: object) -> DeviceReport:
    """Return what there is to run on. An entry point for a quiet job."""
    del context
    _let_threads_sleep()
    import torch

    cuda = torch.cuda.is_available()
    names = tuple(
        f"{torch.cuda.get_device_name(i)} ({torch.cuda.get_device_properties(i).total_memory / 2**30:.0f} GiB)"
        for i in range(torch.cuda.device_count() if cuda else 0)
    )
    return DeviceReport(
        torch_version=str(torch.__version__),
        chosen=choose("auto"),
        cuda=names,
        mps=torch.backends.mps.is_available(),
        cpu=platform.processor() or platform.machine(),
        threads=torch.get_num_threads(),
    )


def choose(requested: str) -> str:
    """Return "cuda", "mps" or "cpu" for a request or "auto"; MissingPartError where the requested one is not there."""
    _let_threads_sleep()
    import torch

    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if requested == "auto":
        return next(name for name, available in there.items() if available)
    if not there.get(requested, False):
        words = {"cuda": "an NVIDIA GPU that PyTorch can use", "mps": "an Apple GPU"}.get(requested, requested)
        raise MissingPartError(f"This machine has no {words.removeprefix('an ')}; choose auto or cpu.")
    return requested


def load(package: Package, device: str, degree: float | None = None, *, half: bool = True) -> LoadedNetwork:
    """Return the model's network on a device, from the cache where it is. Raises PackageError for altered weights.

    A model with that control is told a ``degree`` of 0…1, or its default, once and for all: the network that comes
    is as quick as one that is told nothing. Without ``half`` precision it gives the same numbers on any machine, but
    for the order of sums.
    """
    degree = package.manifest.degree(degree)
    # Half precision moves the few pixels above a heat map's calibrated thresholds far more than the mean of all.
    half = half and package.manifest.task != "anomaly"
    key = (str(package.folder), package.manifest.weights_sha256, device, degree, half)
    if key in _cache:
        _cache.move_to_end(key)
        return _cache[key]
    _let_threads_sleep()
    _use_all_cores()
    network = (
        _onnx(package, device)
        if package.manifest.network == "onnx"
        else _fastest(built(package, degree), package, device, half=half)
    )
    network.degree = degree
    _cache[key] = network
    while len(_cache) > _LARGEST_CACHE:
        _cache.popitem(last=False)
    return network


def forget(device: str) -> None:
    """Drop the networks of a device, to make room there."""
    import torch

    for key in [key for key in _cache if key[2] == device]:
        del _cache[key]
    if device == "cuda":
        torch.cuda.empty_cache()


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error means that the device's memory ran out."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    words = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)


def _let_threads_sleep() -> None:
    """Let torch's threads sleep while they wait for one another, unless the environment says otherwise.

    Those that spin take the core from the very thread that they wait for, and from the window. It counts only before
    torch is loaded.
    """
    if "torch" not in sys.modules:
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _use_all_cores() -> None:
    """Let torch use the cores this process may use, unless the user has said otherwise in the environment."""
    import torch

    if "OMP_NUM_THREADS" not in os.environ:
        available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        torch.set_num_threads(available)


def _weights(package: Package) -> bytes:
    """Return the weights file's content; what is hashed is what is loaded."""
    manifest = package.manifest
    try:
        content = package.weights.read_bytes()
    except OSError as error:
        raise PackageError(
            package.folder, f"{manifest.weights_file} cannot be read; install the package again"
        ) from error
    if hashlib.sha256(content).hexdigest() != manifest.weights_sha256:
        raise PackageError(
            package.folder, "the weights are not those the manifest names, so the model is not run; install it again"
        )
    return content


def _onnx(package: Package, device: str) -> LoadedNetwork:
    from medgan_viewer.models.importing.onnx_file import OnnxError
    from medgan_viewer.models.onnx_network import open_onnx

    manifest = package.manifest
    try:
        return open_onnx(_weights(package), manifest.network_arguments, manifest.channels_in, device)
    except (OnnxError, ValueError, AttributeError) as error:
        reason = str(error) if isinstance(error, OnnxError) else "its network is described wrongly; import it again"
        raise PackageError(package.folder, f"{manifest.weights_file}: {reason}") from error


def built(package: Package, degree: float | None) -> "torch.nn.Module":
    """Return the network as it is written, with its weights; one with a control is told how far to go.

    Raises PackageError for altered weights, and for those that do not fit.
    """
    from safetensors.torch import load as read_tensors

    from medgan_viewer.models import networks

    manifest = package.manifest
    content = _weights(package)
    try:
        module = networks.build(manifest.network, manifest.network_arguments)
        module.load_state_dict(read_tensors(content))
    except KeyError as error:
        raise PackageError(
            package.folder, f'the network "{manifest.network}" is unknown; update the program'
        ) from error
    except Exception as error:
        raise PackageError(package.folder, "the weights do not fit the network; install the package again") from error
    module = module.eval().requires_grad_(False)
    if degree is not None:
        told: Callable[[float], torch.nn.Module] | None = getattr(module, "at", None)
        if told is None:
            raise PackageError(package.folder, "its network cannot be told how far to go; install the package again")
        module = told(degree).requires_grad_(False)
    return _folded(module)


def _folded(module: "torch.nn.Module") -> "torch.nn.Module":
    """Fold each batch normalisation into the convolution before it: the same function with one pass less."""
    import torch
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    for child in module.modules():
        if not isinstance(child, torch.nn.Sequential):
            continue
        for place in range(len(child) - 1):
            convolution, normalisation = child[place], child[place + 1]
            if isinstance(convolution, torch.nn.Conv2d) and isinstance(normalisation, torch.nn.BatchNorm2d):
                child[place] = fuse_conv_bn_eval(convolution, normalisation)
                child[place + 1] = torch.nn.Identity()
    return module


def _fastest(module: "torch.nn.Module", package: Package, device: str, *, half: bool = True) -> LoadedNetwork:
    """Return the network in the precision and on the path that is measured fastest, if the answer is the same.

    ``$MEDGAN_PRECISION`` = "fp32" keeps full precision without a measurement, so that two runs give equal voxels. So
    does a network that says it is ``exact``, through which the picture itself goes. ``half``: whether half precision
    may be taken.
    """
    plain = LoadedNetwork(module.to(device), device, "fp32", channels_last=False)
    if os.environ.get("MEDGAN_PRECISION") == "fp32" or getattr(module, "exact", False):
        return plain
    multiple = package.manifest.preprocessing.size_multiple
    size = -(-_TIMED_SIZE // multiple) * multiple
    inputs = np.random.default_rng(0).random((1, package.manifest.channels_in, size, size), dtype=np.float32)
    ((seconds, _),) = _timed((plain,), inputs, turns=1)
    # Apple's GPU gains little from bf16 and lacks some of its kernels; a quick network is left alone.
    if seconds < _QUICK_SECONDS or device == "mps":
        return plain
    others = candidates(module, inputs[..., :multiple, :multiple], device, half=half)
    (seconds, answer), *timed = _timed((plain, *others), inputs, turns=2)
    scores = {plain: seconds}
    for other, (seconds, own) in zip(others, timed, strict=True):
        if float((own - answer).abs().mean()) <= _SAME_ANSWER[other.precision] * float(answer.std()):
            scores[other] = seconds / (_WORTH_IT if other.precision == "bf16" else 1)
    return min(scores, key=lambda network: scores[network])


def candidates(
    module: "torch.nn.Module", example: NDArray[np.float32], device: str, *, half: bool = True
) -> list[LoadedNetwork]:
    """Return other ways to execute a network on a device, in ``half`` precision too or in full one alone.

    ``example`` is an input of any size that it takes.
    """
    import torch

    found = []
    if device == "cpu":
        from medgan_viewer.models import fused_layers

        fused = fused_layers.fused(module, torch.from_numpy(example.copy()))
        if fused is not None:
            found.append(_channels_last(fused, device, "fp32", "fused"))
            if half and torch.ops.mkldnn._is_mkldnn_bf16_supported():
                found.append(_channels_last(fused, device, "bf16", "fused"))
                return found
    if half and (device != "cuda" or torch.cuda.is_bf16_supported()):
        found.append(_channels_last(module, device, "bf16", ""))
    return found


def _channels_last(module: "torch.nn.Module", device: str, precision: str, path: str) -> LoadedNetwork:
    """Return a copy of a network in a precision, with the layout of weights that the quickest convolutions take."""
    import copy

    import torch

    changed = copy.deepcopy(module).to(device=device, dtype=torch.bfloat16 if precision == "bf16" else torch.float32)
    for parameter in changed.parameters():
        if parameter.ndim == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return LoadedNetwork(changed, device, precision, channels_last=True, path=path)


def _timed(
    networks: Sequence[LoadedNetwork], inputs: NDArray[np.float32], turns: int
) -> "list[tuple[float, torch.Tensor]]":
    """Return the shortest of some runs of each network and its answer on the CPU.

    The networks take turns, so that whatever else the machine does meets them alike; the first turn does not count.
    """
    seconds: list[list[float]] = [[] for _ in networks]
    answers: list[torch.Tensor] = []
    for turn in range(turns + 1):
        for place, network in enumerate(networks):
            start = time.perf_counter()
            # Bringing the answer back waits for the device.
            answer = network(inputs).cpu()
            if turn == 0:
                answers.append(answer)
            else:
                seconds[place].append(time.perf_counter() - start)
    return [(min(times), answer) for times, answer in zip(seconds, answers, strict=True)]
