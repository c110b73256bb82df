"""How long reading takes without a window: ``reading viewer FOLDER`` or ``reading simpleitk FOLDER``."""

import sys
import time
from pathlib import Path

from benchmarks.measure import report


def viewer(folder: Path) -> None:
    """Find the series from its headers, then read it, the middle slice first."""
    from medgan_viewer.dicom import assemble, index

    start = time.monotonic()
    series = index.scan([folder]).studies[0].series[0]
    listed = time.monotonic()
    arrived: list[float] = []
    pending = assemble.open_stack(series)
    pending.read_all(first=len(pending) // 2, on_slice=lambda _: arrived.append(time.monotonic()))
    pending.stack.volume()
    complete = time.monotonic()
    report(list_s=listed - start, first_s=arrived[0] - listed, complete_s=complete - listed)


def simpleitk(folder: Path) -> None:
    """Find the series' files, then read them all."""
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    start = time.monotonic()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    listed = time.monotonic()
    reader.Execute()
    complete = time.monotonic()
    report(list_s=listed - start, first_s=complete - listed, complete_s=complete - listed)


if __name__ == "__main__":
    {"viewer": viewer, "simpleitk": simpleitk}[sys.argv[1]](Path(sys.argv[2]))
