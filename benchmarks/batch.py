"""A batch of small head CT studies: ``python -m benchmarks.batch``. How busy the device is, and what Ray workers add.

``idle_percent`` is the share of the time in which the worker process had nothing to do, from the end of the first run
to that of the last one, on this machine's device. ``one_s`` and ``two_s`` are seconds for a study on a Ray cluster of
one and of two machines, each bound to one core with its actor, its loaders and its writers; the machines' first runs,
in which they load program and weights, do not count. They take turns, and medians are reported.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import report
from medgan_viewer.batch.conduct import busy_share
from tests.dicom_builder import write_series
from tests.models.scans import HEAD_MM, simulated_head

MODEL = "head-ct-to-mr"
SIDE, SLICE_MM = 256, 5.0
PIXEL_MM = HEAD_MM / SIDE


def write(folder: Path, studies: int, slices: int) -> None:
    """Write studies of one simulated head CT each."""
    for number in range(studies):
        study = f"1.2.826.0.1.{number + 1}"
        write_series(
            folder / str(number),
            simulated_head((slices, SIDE, SIDE), number),
            step=(0.0, 0.0, SLICE_MM),
            spacing=(PIXEL_MM, PIXEL_MM),
            StudyInstanceUID=study,
            SeriesInstanceUID=f"{study}.1",
            PatientID=f"BENCHMARK-{number}",
            SliceThickness=str(SLICE_MM),
            BodyPartExamined="HEAD",
        )


def batch(scans: Path, out: Path, *options: str) -> list[dict[str, Any]]:
    """Run a batch in a process of its own and return its records."""
    command = [sys.executable, "-m", "medgan_viewer", "batch", MODEL, str(scans), "--out", str(out), "--json", *options]
    environment = {**os.environ, "MEDGAN_CONFIG": str(out.parent / "config"), "MEDGAN_LOGS": str(out.parent / "logs")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"the batch failed: {done.stderr.strip()[-600:]}")
    return [json.loads(path.read_text(encoding="utf-8")) for path in out.glob("[!.]*/record.json")]


@contextlib.contextmanager
def cluster(machines: int) -> Iterator[str]:
    """Give the address of a Ray cluster of so many machines, each bound to a core of its own."""
    # The path must be short: sockets lie in it.
    with tempfile.TemporaryDirectory(prefix="r-", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "-m", "tests.batch.nodes", folder, *["1"] * machines, "--bind"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError("the Ray cluster did not start")
            yield address
            process.stdin.close()


def seconds_for_a_study(records: list[dict[str, Any]]) -> float:
    """Return the time for a study from the moment when every device has done its first one."""
    ends: dict[tuple[str, int], list[float]] = {}
    for record in records:
        end = record["run"]["started"] + record["run"]["seconds"]
        ends.setdefault((record["host"], record["process"]), []).append(end)
    start = max(min(of_device) for of_device in ends.values())
    later = [end for of_device in ends.values() for end in of_device if end > start]
    return (max(later) - start) / len(later)


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description="Measure batches.")
    parser.add_argument("--studies", type=int, default=40, help="studies of the local batch (%(default)s)")
    parser.add_argument("--ray-studies", type=int, default=24, help="studies on the cluster, 0 for none (%(default)s)")
    parser.add_argument("--slices", type=int, default=20, help="slices of a study (%(default)s)")
    parser.add_argument("--rounds", type=int, default=1, help="how often each takes its turn (%(default)s)")
    asked = parser.parse_args()
    values: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="medgan-bench-") as made:
        folder = Path(made)
        write(folder / "scans", asked.studies, asked.slices)
        write(folder / "some", asked.ray_studies, asked.slices)
        for number in range(asked.rounds):
            share = busy_share(batch(folder / "scans", folder / f"here-{number}"))
            if share is None:
                raise RuntimeError("two studies at least are needed")
            values.setdefault("idle_percent", []).append(100 * (1 - share))
            for name, machines in (("one_s", 1), ("two_s", 2)) if asked.ray_studies else ():
                with cluster(machines) as address:
                    records = batch(folder / "some", folder / f"{name}-{number}", "--ray", address, "--device", "cpu")
                values.setdefault(name, []).append(seconds_for_a_study(records))
    report(**{name: statistics.median(seconds) for name, seconds in values.items()})
    return 0


if __name__ == "__main__":
    sys.exit(main())
