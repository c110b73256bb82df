"""Opens damaged files one after the other, under limits, and says of each how it ended: ``python -m tests.fuzz.child``.

Reads one JSON line a variant from standard input and answers with one line. Whatever is opened for writing meanwhile,
removed or started as a program is reported.
"""

import json
import os
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from tests.fuzz.variants import Variant, damaged

MEMORY_BYTES = 2 << 30
_WRITES = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate")
_RUNS = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "socket.connect")


class Watch:
    """Notes what is written while it is on."""

    def __init__(self) -> None:
        self.on = False
        self.met: list[str] = []
        sys.addaudithook(self._on_event)

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            flags = arguments[2] if isinstance(arguments[2], int) else 0
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.met.append("opened for writing")
        elif event in _WRITES or event in _RUNS:
            self.met.append(event)


def limit_memory() -> None:
    """Allow so much address space beyond what the program has now."""
    import resource

    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmSize:"))
    most = int(line.split()[1]) * 1024 + MEMORY_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def opened(path: Path) -> str:
    """Open a file as the viewer does; return "opened", "opened in part" or "refused"."""
    from medgan_viewer.dicom import assemble, describe, index
    from medgan_viewer.errors import MedganError

    catalog = index.scan([path])
    describe.describe(catalog)
    sentences = [refusal.reason for refusal in catalog.refused]
    whole = True
    for study in catalog.studies:
        for series in study.series:
            try:
                pending = assemble.open_stack(series)
                pending.read_all()
                assemble.thumbnail(series)
            except MedganError as error:
                sentences.append(error.sentence)
                whole = False
            else:
                sentences += [problem.reason for problem in pending.problems]
                whole &= not pending.problems
    if any(not sentence.endswith(".") or "\n" in sentence for sentence in sentences):
        return f"no sentence: {sentences}"
    if not catalog.studies and not sentences:
        return "nothing said"
    return ("opened" if whole else "opened in part") if catalog.studies else "refused"


def main() -> None:
    """Answer until the input ends."""
    from medgan_viewer.dicom import assemble, describe, index

    del assemble, describe, index
    warnings.simplefilter("ignore")
    watch, folder = Watch(), Path(sys.argv[1])
    path = folder / "variant.dcm"
    kept: dict[str, bytes] = {}
    opened_once = False
    for line in sys.stdin:
        asked = json.loads(line)
        variant = Variant(asked["seed"], asked["kind"], asked["number"])
        data = kept.setdefault(asked["path"], Path(asked["path"]).read_bytes())
        path.write_bytes(damaged(variant, data))
        if not opened_once:
            # Once without a limit, so that everything is imported.
            opened(Path(asked["path"]))
            limit_memory()
            opened_once = True
        watch.met.clear()
        watch.on, start = True, time.process_time()
        try:
            outcome = opened(path)
        except BaseException as error:
            outcome = f"raised {type(error).__name__}"
        watch.on = False
        if watch.met:
            outcome = f"wrote: {watch.met[0]}"
        answer = {"key": variant.key, "outcome": outcome, "seconds": round(time.process_time() - start, 3)}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
