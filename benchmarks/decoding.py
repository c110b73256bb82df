"""How much faster a compressed CT loads with processes than with one thread: ``python -m benchmarks.decoding``.

200 slices of 512 × 512, JPEG 2000 (lossless) and, where dcmtk's ``dcmcjpeg`` is there, JPEG Lossless. Seconds on the
clock until every slice is there: run it on an idle machine. ``cold`` counts the start of the processes,
``warm`` does not: the viewer keeps them while it is open.
"""

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks import ct_study
from benchmarks.measure import report
from medgan_viewer.core.catalog import Series
from medgan_viewer.dicom import assemble, index
from medgan_viewer.dicom.decoding import Decoders

SLICES = 200


def write_jpeg_2000(source: Path, target: Path) -> None:
    """Compress every file to JPEG 2000, without loss."""
    from pydicom import dcmread
    from pydicom.uid import JPEG2000Lossless

    target.mkdir()
    for path in sorted(source.iterdir()):
        dataset = dcmread(path)
        dataset.compress(JPEG2000Lossless, generate_instance_uid=False)
        dataset.save_as(target / path.name)


def write_jpeg_lossless(source: Path, target: Path) -> None:
    """Compress every file to JPEG Lossless (process 14, selection value 1)."""
    target.mkdir()
    for path in sorted(source.iterdir()):
        subprocess.run(["dcmcjpeg", "+e1", str(path), str(target / path.name)], check=True, capture_output=True)


def seconds(series: Series, decoders: Decoders | None) -> float:
    """Return the seconds until the whole series is there."""
    start = time.monotonic()
    pending = assemble.open_stack(series)
    pending.read_all(len(pending) // 2, decoders=decoders)
    if not pending.ready.all():
        raise RuntimeError("not every slice could be decoded")
    return time.monotonic() - start


def measured(name: str, folder: Path, rounds: int) -> dict[str, float]:
    """Return seconds of one thread, of processes that must start and of running ones, and how many times as fast."""
    series = index.scan([folder]).studies[0].series[0]
    thread, cold, warm = [], [], []
    for _ in range(rounds):
        thread.append(seconds(series, None))
        with Decoders() as decoders:
            cold.append(seconds(series, decoders))
            warm.append(seconds(series, decoders))
    one, started, running = (statistics.median(times) for times in (thread, cold, warm))
    return {
        f"{name}_thread_s": one,
        f"{name}_cold_s": started,
        f"{name}_warm_s": running,
        f"{name}_cold_times": one / started,
        f"{name}_warm_times": one / running,
    }


def main() -> None:
    """Write the scans, measure, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slices", type=int, default=SLICES)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="medgan-bench-") as name:
        folder = Path(name)
        for path in ct_study.write(folder / "raw")[arguments.slices :]:
            path.unlink()
        write_jpeg_2000(folder / "raw", folder / "jpeg2000")
        results = measured("jpeg2000", folder / "jpeg2000", arguments.rounds)
        if shutil.which("dcmcjpeg"):
            write_jpeg_lossless(folder / "raw", folder / "lossless")
            results |= measured("jpeg_lossless", folder / "lossless", arguments.rounds)
    with Decoders() as decoders:
        report(processes=decoders.count, **results)


if __name__ == "__main__":
    main()
