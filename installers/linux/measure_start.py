"""Compares how long two builds of the program take to start, alternately, so that a busy machine slows both alike.

    xvfb-run -s -noreset python installers/linux/measure_start.py ROUNDS FROZEN UNFROZEN

Start is from the call to the window on the screen; wall clock, and the processor time that the viewer had used by then,
which other programs hardly change. Both have the same fresh settings. Needs xwininfo (Debian: x11-utils).
"""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PATIENCE_S = 120.0
# How many times the unfrozen program's time the frozen one may take, by the clock.
LIMIT = 1.5


def start(program: str) -> tuple[float, float]:
    """Return the seconds (wall, processor) until the program's window is on the screen; the program is ended then."""
    begun = time.monotonic()
    process = subprocess.Popen([program], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        while not has_window():
            if process.poll() is not None or time.monotonic() - begun > PATIENCE_S:
                raise SystemExit(f"{program} showed no window")
            time.sleep(0.02)
        return time.monotonic() - begun, processor_seconds(process.pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        while has_window():
            time.sleep(0.05)


def has_window() -> bool:
    """Say whether the viewer's window is on the screen."""
    done = subprocess.run(["xwininfo", "-name", "MedGAN Viewer"], capture_output=True, text=True, check=False)
    return "IsViewable" in done.stdout


def processor_seconds(process: int) -> float:
    """Return the processor time of a process, all its threads together."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure what the command line names."""
    with tempfile.TemporaryDirectory() as folder:
        # What a person answers at the first start.
        (Path(folder) / "settings.json").write_text('{"accepted": "1"}\n', encoding="utf-8")
        os.environ["MEDGAN_CONFIG"] = folder
        ratio = compare(int(sys.argv[1]), sys.argv[2:4])
    if ratio > LIMIT:
        raise SystemExit(f"the frozen program takes {ratio:.2f} times as long to start, more than {LIMIT} times")


def compare(rounds: int, programs: Sequence[str]) -> float:
    """Start two programs alternately, write medians and ratios, and return the median ratio by the clock."""
    for program in programs:
        start(program)
    seen: dict[str, list[tuple[float, float]]] = {program: [] for program in programs}
    for _ in range(rounds):
        for program in programs:
            seen[program].append(start(program))
            sys.stdout.write(f"{program}: {seen[program][-1][0]:.2f} s, processor {seen[program][-1][1]:.2f} s\n")
            sys.stdout.flush()
    medians = []
    for number, what in enumerate(("wall", "processor")):
        frozen, unfrozen = (statistics.median(each[number] for each in seen[program]) for program in programs)
        pairs = [a[number] / b[number] for a, b in zip(seen[programs[0]], seen[programs[1]], strict=True)]
        medians.append(statistics.median(pairs))
        sys.stdout.write(
            f"{what}: frozen {frozen:.2f} s, unfrozen {unfrozen:.2f} s; "
            f"ratio of each round, median {medians[-1]:.2f} ({min(pairs):.2f} to {max(pairs):.2f})\n"
        )
    return medians[0]


if __name__ == "__main__":
    main()
