"""How long a study takes from an Orthanc on this machine, ours and dcmtk's getscu: ``python -m benchmarks.archive``.

They take turns. Both write one file an image to the same disk, by C-GET of one series from the page cache.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import ct_study
from benchmarks.measure import report
from medgan_viewer.dicom.archive import connect
from medgan_viewer.dicom.archive.entries import Entry
from tests.archive import orthanc


def ours(entry: Entry, study_uid: str, folder: Path) -> float:
    """Return the seconds that our retrieval takes."""
    start = time.monotonic()
    received = connect(entry).retrieve(study_uid, folder)
    seconds = time.monotonic() - start
    if received.count != ct_study.SHAPE[0] or not received.complete:
        raise RuntimeError(f"only {received.count} images came: {received.notes}")
    return seconds


def getscu(port: int, study_uid: str, folder: Path, *, at_once: bool) -> float:
    """Return the seconds that dcmtk's getscu takes for the same.

    As Debian ships it, it holds short answers back (Nagle's algorithm), 40 ms an image; ``at_once`` tells it not to.
    """
    folder.mkdir()
    start = time.monotonic()
    orthanc.getscu(port, study_uid, folder, TCP_NODELAY="1" if at_once else "0")
    seconds = time.monotonic() - start
    count = sum(1 for _ in folder.iterdir())
    if count != ct_study.SHAPE[0]:
        raise RuntimeError(f"getscu brought {count} images")
    return seconds


def main() -> int:
    """Measure in turns and report the medians, in seconds, and how much of getscu's speed ours has."""
    parser = argparse.ArgumentParser(description="Measure retrieving beside dcmtk's getscu.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each takes its turn (%(default)s)")
    rounds: int = parser.parse_args().rounds
    times: dict[str, list[float]] = {"ours": [], "web": [], "getscu": [], "getscu_at_once": []}
    with tempfile.TemporaryDirectory(prefix="medgan-bench-") as made:
        folder = Path(made)
        files = ct_study.write(folder / "ct")
        study_uid = _study_uid(files[0])
        with orthanc.start(folder / "orthanc") as server:
            server.put(files)
            entry = Entry("orthanc", host="127.0.0.1", port=server.dicom_port, ae_title=orthanc.AE_TITLE)
            web = Entry("orthanc-web", kind="web", url=f"{server.url}/dicom-web")
            for _ in range(rounds):
                times["ours"].append(ours(entry, study_uid, folder / "ours"))
                times["web"].append(ours(web, study_uid, folder / "web"))
                for name, at_once in (("getscu", False), ("getscu_at_once", True)):
                    times[name].append(getscu(server.dicom_port, study_uid, folder / name, at_once=at_once))
                for used in times:
                    shutil.rmtree(folder / used)
    medians = {program: statistics.median(seconds) for program, seconds in times.items()}
    report(
        get_s=medians["ours"],
        web_s=medians["web"],
        getscu_s=medians["getscu"],
        getscu_at_once_s=medians["getscu_at_once"],
        speed_of_getscu=medians["getscu"] / medians["ours"],
        speed_of_getscu_at_once=medians["getscu_at_once"] / medians["ours"],
    )
    return 0


def _study_uid(file: Path) -> str:
    from pydicom import dcmread

    return str(dcmread(file, specific_tags=["StudyInstanceUID"]).StudyInstanceUID)


if __name__ == "__main__":
    sys.exit(main())
