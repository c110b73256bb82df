"""Run every measurement side by side and write ``docs/benchmarks.md``: ``python -m benchmarks``."""

import argparse
import contextlib
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import ct_study
from benchmarks.table import render

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
SCREEN = ("xvfb-run", "-a", "-s", "-screen 0 1920x1080x24")
LIMIT_SECONDS = 600

Results = dict[str, float]


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def measure(module: str, *arguments: str, python: str = sys.executable, window: bool = False) -> Results:
    """Run one measurement in a process of its own and return what it reports; raises RuntimeError when it fails."""
    hidden = window and sys.platform.startswith("linux") and not os.environ.get("DISPLAY")
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb"} if hidden else dict(os.environ)
    since = [f"{time.monotonic():.6f}"] if window else []
    command = [*(SCREEN if hidden else ()), python, "-m", f"benchmarks.{module}", *since, *arguments]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise RuntimeError(f"{module} took longer than {LIMIT_SECONDS} s") from error
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        raise RuntimeError(f"{module} failed: {done.stderr.strip()[-600:]}")
    values: Results = json.loads(lines[-1])
    return values


def medians(rounds: Sequence[Results]) -> Results:
    """Return the median of each value over the rounds that have it."""
    names = {name for values in rounds for name in values}
    return {name: statistics.median(values[name] for values in rounds if name in values) for name in sorted(names)}


def dcm2niix(folder: Path, out: Path) -> Results:
    """Return the seconds that dcm2niix takes to convert the scan to an uncompressed NIfTI file."""
    start = time.monotonic()
    done = subprocess.run(["dcm2niix", "-z", "n", "-o", str(out), str(folder)], capture_output=True, check=False)
    if done.returncode != 0:
        raise RuntimeError("dcm2niix failed")
    for file in out.iterdir():
        file.unlink()
    return {"complete_s": time.monotonic() - start}


@contextlib.contextmanager
def napari_python(given: str | None) -> Iterator[str | None]:
    """Give a Python that has napari, in an environment that is thrown away; None where it cannot be installed."""
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="napari-") as folder:
        python = str(Path(folder) / "bin" / "python")
        install = [python, "-m", "pip", "install", "-q", "napari[pyqt6]", "pydicom", "SimpleITK"]
        made = subprocess.run([sys.executable, "-m", "venv", folder], check=False).returncode == 0
        ready = made and subprocess.run(install, capture_output=True, check=False).returncode == 0
        yield python if ready else None


@contextlib.contextmanager
def openvino_folder() -> Iterator[str | None]:
    """Give a folder with OpenVINO in it, which is thrown away; None where it cannot be installed."""
    with tempfile.TemporaryDirectory(prefix="openvino-") as folder:
        install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, "openvino"]
        ready = subprocess.run(install, capture_output=True, check=False).returncode == 0
        yield folder if ready else None


def machine() -> str:
    """Describe the machine in words, without its name."""
    processor = platform.processor() or platform.machine()
    memory = ""
    with contextlib.suppress(OSError):
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        processor = found.group(1) if found else processor
        total = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
        memory = f", {int(total.group(1)) / 1048576:.0f} GiB of memory" if total else ""
    load = f"; load average at the start {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{processor}, {cores} cores{memory}; {platform.system()}, Python {platform.python_version()}{load}"


def run_all(folder: Path, napari: str | None, openvino: str | None, count: int) -> tuple[dict[str, Results], list[str]]:
    """Measure every program on the scan in ``folder``, in turns; return the medians and what failed, in sentences."""
    scan = str(folder / "ct")
    (folder / "nifti").mkdir()
    rounds: dict[str, list[Results]] = {}
    failures: dict[str, None] = {}

    def take(program: str, module: str, *arguments: str, window: bool = False, python: str = sys.executable) -> None:
        try:
            rounds.setdefault(program, []).append(measure(module, *arguments, python=python, window=window))
        except RuntimeError as error:
            _say(str(error))
            failures[f"{program}: {str(error).splitlines()[-1]}"] = None

    for number in range(count):
        _say(f"Round {number + 1} of {count}")
        take("unrest", "unrest")
        take("reader", "reading", "viewer", scan)
        take("simpleitk", "reading", "simpleitk", scan)
        if shutil.which("dcm2niix"):
            rounds.setdefault("dcm2niix", []).append(dcm2niix(folder / "ct", folder / "nifti"))
        take("viewer", "viewer_window", scan, window=True)
        take("brush", "brush", scan, window=True)
        take("planes", "planes", scan, window=True)
        take("bare", "bare_window", scan, window=True)
        if napari is not None and number < 2:
            take("napari", "napari_window", scan, window=True, python=napari)
        take("run", "model_run", str(folder / "virtual-patient"), window=True)
        take("training", "training")
        # It takes minutes, and its values are means over many studies.
        if number == 0:
            take("batch", "batch")
    take("inference", "inference", *(("--openvino", openvino) if openvino else ()))
    take("indexing", "indexing")
    take("decoding", "decoding")
    take("archive", "archive")
    return {program: medians(values) for program, values in rounds.items()}, list(failures)


def main() -> int:
    """Measure, write the page, and print it."""
    parser = argparse.ArgumentParser(description="Measure MedGAN Viewer beside other programs.")
    parser.add_argument("--napari-python", help="a Python that has napari; without it a temporary one is made")
    parser.add_argument("--rounds", type=int, default=5, help="how often each program takes its turn (%(default)s)")
    arguments = parser.parse_args()
    described = machine()
    with (
        tempfile.TemporaryDirectory(prefix="medgan-bench-") as name,
        napari_python(arguments.napari_python) as napari,
        openvino_folder() as openvino,
    ):
        folder = Path(name)
        _say("Writing the scan")
        ct_study.write(folder / "ct")
        results, failures = run_all(folder, napari, openvino, arguments.rounds)
    if napari is None:
        failures.append("napari could not be installed here.")
    if openvino is None:
        failures.append("OpenVINO could not be installed here.")
    text = render(results, failures, described, datetime.now(UTC).date().isoformat(), arguments.rounds)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
