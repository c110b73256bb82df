"""How fast a packaged model is and how much memory it takes, in a fresh process on one core.

``python -m medgan_viewer.lab.evaluation.exams.speed FOLDER`` prints it as JSON. CPU time is taken, which others who
use the machine at the same time change little.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from medgan_viewer.errors import JobError

__all__ = ["main", "measure"]

_SLICES = 12
_SIZE = 192


def measure(folder: Path) -> dict[str, Any]:
    """Return `seconds_a_slice` of CPU time, `megabytes` of the whole process where it can be told, and on what.

    Raises JobError where the process fails.
    """
    command = [sys.executable, "-m", __name__, str(folder)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise JobError(f"The speed of the model {folder.name} could not be measured.")
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the network over some slices of noise and print what that took."""
    import numpy as np
    import torch

    from medgan_viewer.models.device import load
    from medgan_viewer.models.manifest import read_package
    from medgan_viewer.models.recognition import PICTURE

    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    torch.set_num_threads(1)
    package = read_package(parser.parse_args(arguments).folder)
    network = load(package, "cpu")
    # A classifier sees every slice at its own size.
    size = PICTURE if package.manifest.task == "classification" else _SIZE
    noise = np.random.default_rng(0).random((1, package.manifest.channels_in, size, size), dtype=np.float32)
    network(noise)
    start = time.process_time()
    for _ in range(_SLICES):
        network(noise)
    seconds = (time.process_time() - start) / _SLICES
    measured = {
        "seconds_a_slice": round(seconds, 4),
        "size": size,
        "threads": 1,
        "precision": network.precision,
        "megabytes": _peak(),
        "machine": _processor(),
    }
    sys.stdout.write(json.dumps(measured) + "\n")
    return 0


def _processor() -> str:
    """Return what the processor calls itself, where the system tells, and its architecture."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8", errors="replace").splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0]}, {platform.machine()}" if names else platform.machine()


def _peak() -> int | None:
    """Return the most memory that this process had, in MB; None where the system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1 << 20 if sys.platform == "darwin" else 1 << 10))


if __name__ == "__main__":
    sys.exit(main())
