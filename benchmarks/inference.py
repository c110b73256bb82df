"""The trunk's ways of being run, side by side, and a whole synthesis: ``python -m benchmarks.inference``.

The trunk is the packaged network of CT → MR. One slice of 256² and of 192² goes through what the program chooses, what
PyTorch does with the network as it is written (fp32, and bf16 with channels last), what its compiler makes of it
(bf16), ONNX Runtime and OpenVINO (both as they choose), in turns and on as many threads; the shortest of the rounds
counts, in milliseconds. Named as missing is what is not installed: a C++ compiler, the exporter to ONNX, OpenVINO.

Then 150 slices of 512² of a simulated head CT are made to MR in the program's own worker, once it is warm: seconds to
the slice that the reader looks at, seconds to the end, and the most memory that the worker had.

Where there is a graphics card, batches of slices of 192² go through the trunk on it, the way there included.
"""

import argparse
import importlib
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import report
from medgan_viewer import resources
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, SliceReady
from medgan_viewer.models import device
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.services import InferenceService
from tests.models.scans import HEAD_MM, affine, ct_volume, series, simulated_head

if TYPE_CHECKING:
    import torch

MODEL = "head-ct-to-mr"
SIZES = (256, 192)
SLICES, SIDE, SLICE_MM = 150, 512, 1.0
PATIENCE_SECONDS = 300.0
CARD_BATCH, CARD_SIDE, CARD_ROUNDS = 32, 192, 50

Pass = Callable[[], object]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2, help="of each path (%(default)s)")
    parser.add_argument("--rounds", type=int, default=15, help="how often each path takes its turn (%(default)s)")
    parser.add_argument("--openvino", help="a folder that OpenVINO is installed in, if not in this environment")
    arguments = parser.parse_args()
    if arguments.openvino:
        sys.path.append(arguments.openvino)
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    package = read_package(resources.path("models") / MODEL)
    # Chosen first: it says how threads wait, which counts only before PyTorch is loaded.
    device.choose("cpu")
    values: dict[str, float] = {}
    for size in SIZES:
        values |= {f"{name}_{size}": ms for name, ms in _side_by_side(package, size, arguments).items()}
    report(**values, **_synthesis(package), **on_card(package))


def _side_by_side(package: Package, size: int, arguments: argparse.Namespace) -> dict[str, float]:
    """Return the milliseconds that each path takes for a slice."""
    import torch

    torch.set_num_threads(arguments.threads)
    image = np.random.default_rng(0).random((1, package.manifest.channels_in, size, size), dtype=np.float32)
    chosen = device.load(package, "cpu")
    _say(f"{size}²: the program chooses {chosen.execution}")
    passes: dict[str, Pass] = {"chosen": lambda: chosen(image)}
    for name, made in PATHS.items():
        try:
            passes[name] = made(package, image, arguments.threads)
        except (ImportError, FileNotFoundError) as error:
            _say(f"{name} is not measured: {error}")
    shortest = dict.fromkeys(passes, float("inf"))
    for number in range(arguments.rounds + 2):
        for name, run in passes.items():
            start = time.perf_counter()
            run()
            if number >= 2:  # the first ones make buffers
                shortest[name] = min(shortest[name], time.perf_counter() - start)
    return {name: 1000 * seconds for name, seconds in shortest.items()}


def _eager(package: Package, image: NDArray[np.float32], threads: int) -> Pass:
    del threads
    module = device.built(package, package.manifest.degree(None))
    network = device.LoadedNetwork(module, "cpu", "fp32", channels_last=False)
    return lambda: network(image)


def _half(package: Package, image: NDArray[np.float32], threads: int) -> Pass:
    del threads
    network = device.LoadedNetwork(_lean(package), "cpu", "bf16", channels_last=True)
    return lambda: network(image)


def _compiled(package: Package, image: NDArray[np.float32], threads: int) -> Pass:
    del threads
    if shutil.which("c++") is None and shutil.which("g++") is None:
        raise FileNotFoundError("there is no C++ compiler")
    import torch
    from torch._inductor import config

    config.freezing = True
    module = torch.compile(_lean(package))
    given = torch.from_numpy(image)

    def run() -> object:
        # Frozen weights and the inference mode exclude each other.
        with torch.no_grad():
            return module(given.to(dtype=torch.bfloat16, memory_format=torch.channels_last)).float()

    run()
    return run


def _lean(package: Package) -> "torch.nn.Module":
    import torch

    module = device.built(package, package.manifest.degree(None))
    return module.to(dtype=torch.bfloat16, memory_format=torch.channels_last)  # type: ignore[call-overload,no-any-return]


def _onnx_runtime(package: Package, image: NDArray[np.float32], threads: int) -> Pass:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(_exported(package, image), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: image})


def _openvino(package: Package, image: NDArray[np.float32], threads: int) -> Pass:
    # Not among the development's packages: 60 MB for one column.
    core = importlib.import_module("openvino").Core()
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY"}
    compiled = core.compile_model(core.read_model(_exported(package, image)), "CPU", settings)
    request = compiled.create_infer_request()
    return lambda: np.array(request.infer({0: image})[0])


def _exported(package: Package, image: NDArray[np.float32]) -> bytes:
    """Return the network as an ONNX file for this size, exported once."""
    key = image.shape
    if key not in _files:
        import onnxscript  # noqa: F401  # the exporter needs it, and says so in a way of its own
        import torch

        with tempfile.TemporaryDirectory(prefix="medgan-bench-") as folder:
            file = Path(folder) / "trunk.onnx"
            module = device.built(package, package.manifest.degree(None))
            torch.onnx.export(module, (torch.from_numpy(image),), file, external_data=False, verbose=False)
            _files[key] = file.read_bytes()
    return _files[key]


_files: dict[tuple[int, ...], bytes] = {}

PATHS: dict[str, Callable[[Package, NDArray[np.float32], int], Pass]] = {
    "eager": _eager,
    "eager_bf16": _half,
    "compiled": _compiled,
    "onnxruntime": _onnx_runtime,
    "openvino": _openvino,
}


class _Clock:
    """Notes when a run's events come."""

    def __init__(self) -> None:
        self.first: dict[str, float] = {}
        self.failure = ""
        self._ended = threading.Event()

    def __call__(self, event: Event) -> None:
        match event:
            case SliceReady():
                self.first.setdefault("slice", time.monotonic())
            case Failed():
                self.failure = event.sentence
        if isinstance(event, Finished | Failed | Cancelled):
            self.first["end"] = time.monotonic()
            self._ended.set()

    def wait(self) -> None:
        """Wait for the end of a run. Raises RuntimeError where it failed."""
        if not self._ended.wait(PATIENCE_SECONDS) or self.failure:
            raise RuntimeError(f"the synthesis did not end: {self.failure}")
        self._ended.clear()


def _synthesis(package: Package) -> dict[str, float]:
    """Return what a synthesis of 150 slices takes in the program's worker."""
    head = simulated_head((30, SIDE, SIDE))
    pixel = HEAD_MM / SIDE
    grid = affine((SLICE_MM, pixel, pixel))
    clock = _Clock()
    service = InferenceService(clock, device="cpu")
    try:
        # The first run loads the weights and makes the choice.
        service.start(package, series("CT"), ct_volume(head[12:17], grid), visible_slice=2)
        clock.wait()
        clock.first.clear()
        volume = ct_volume(np.repeat(head, SLICES // len(head), axis=0), grid)
        start = time.monotonic()
        run = service.start(package, series("CT"), volume, visible_slice=SLICES // 2)
        clock.wait()
        _say(f"The synthesis ran in {run.provenance.precision}")
        pid = service.worker_pid
        return {
            "visible_s": clock.first["slice"] - start,
            "synthesis_s": clock.first["end"] - start,
            **_peak(pid),
        }
    finally:
        service.close()


def on_card(package: Package, card: str = "cuda") -> dict[str, float]:
    """Return the microseconds for a slice of a batch on a graphics card; nothing where there is none."""
    import torch

    if card == "cuda" and not torch.cuda.is_available():
        return {}
    network = device.load(package, card)
    shape = (CARD_BATCH, package.manifest.channels_in, CARD_SIDE, CARD_SIDE)
    images = np.random.default_rng(0).random(shape, dtype=np.float32)
    shortest = float("inf")
    for _ in range(CARD_ROUNDS):
        start = time.perf_counter()
        # Reading a number waits until the card has finished.
        float(network(images)[-1, 0, 0, 0])
        shortest = min(shortest, time.perf_counter() - start)
    _say(f"On the graphics card: {network.execution}")
    return {"card_us": 1e6 * shortest / CARD_BATCH}


def _peak(pid: int | None) -> dict[str, float]:
    """Return the most memory that a process had; nothing where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s*(\d+)", status.read_text()) if status.exists() else None
    return {} if found is None else {"worker_mb": int(found.group(1)) * 1024 / 1e6}


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
