"""Every damaged copy of every file: ``python -m tests.fuzz.run RESULTS.jsonl``; goes on where it was stopped.

Prints a table. Ends with 1 where a file crashed the reader, made it raise, hang, or write.
"""

import argparse
import json
import os
import selectors
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from tests.fuzz.variants import KINDS, Variant, seeds, variants

# Of the processor's time; on the clock a busy machine may take longer.
MOST_SECONDS, PATIENCE_SECONDS = 2.0, 60.0
GOOD = ("opened", "opened in part", "refused")
_ROOT = Path(__file__).resolve().parents[2]

Result = dict[str, str | float]


class Child:
    """A process that opens variants, started again when one ends it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def ask(self, variant: Variant, path: Path) -> Result:
        """Return how a variant ended."""
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        asked = {"seed": variant.seed, "kind": variant.kind, "number": variant.number, "path": str(path)}
        process.stdin.write(json.dumps(asked) + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            line = process.stdout.readline() if selector.select(PATIENCE_SECONDS) else None
        if line:
            result: Result = json.loads(line)
            return result
        self.close()
        return {"key": variant.key, "outcome": "crashed" if line == "" else "hung", "seconds": 0.0}

    def _started(self) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "TMPDIR": str(self._folder / "temporary"),
            "HOME": str(self._folder / "home"),
        }
        for name in ("temporary", "home", "in"):
            (self._folder / name).mkdir(exist_ok=True)
        command = [sys.executable, "-m", "tests.fuzz.child", str(self._folder / "in")]
        return subprocess.Popen(
            command, cwd=_ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def all_variants() -> Iterator[tuple[Variant, Path]]:
    """Give every variant of every file with the file's path."""
    for name, path in seeds().items():
        yield from ((variant, path) for variant in variants(name, path.read_bytes()))


def tried(asked: Iterable[tuple[Variant, Path]]) -> Iterator[Result]:
    """Try variants one after the other; give how each ended, and last whether anything was left in the folders."""
    with tempfile.TemporaryDirectory(prefix="medgan-fuzz-") as name:
        folder = Path(name)
        child = Child(folder)
        try:
            for variant, path in asked:
                yield child.ask(variant, path)
        finally:
            child.close()
        left = [found for found in folder.rglob("*") if found.is_file() and found.name != "variant.dcm"]
        yield {
            "key": "what was left behind",
            "outcome": f"wrote: {len(left)} files" if left else "refused",
            "seconds": 0,
        }


def is_bad(result: Result) -> bool:
    """Whether a variant did what none may do."""
    return result["outcome"] not in GOOD or float(result["seconds"]) > MOST_SECONDS


def table(results: Sequence[Result]) -> str:
    """Return how the variants of each kind ended, as a Markdown table."""
    counts: Counter[tuple[str, str]] = Counter()
    slowest: dict[str, float] = {}
    for result in results:
        parts = str(result["key"]).split("|")
        if len(parts) == 3:
            counts[parts[1], "bad" if is_bad(result) else str(result["outcome"])] += 1
            slowest[parts[1]] = max(slowest.get(parts[1], 0.0), float(result["seconds"]))
    lines = [
        "| damage | variants | opened | opened in part | refused | bad | slowest (s) |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for kind in (*KINDS, "all"):
        of_kind = {k: v for k, v in counts.items() if kind in ("all", k[0])}
        cells = [sum(v for k, v in of_kind.items() if k[1] == outcome) for outcome in (*GOOD, "bad")]
        slow = max((s for k, s in slowest.items() if kind in ("all", k)), default=0.0)
        lines.append(f"| {kind} | {sum(of_kind.values())} | {' | '.join(map(str, cells))} | {slow:.2f} |")
    return "\n".join(lines)


def main() -> int:
    """Try what has not been tried yet, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="one JSON line a variant; a run goes on where it ended")
    parser.add_argument("--most", type=int, help="try so many more at most")
    arguments = parser.parse_args()
    path: Path = arguments.results
    results: list[Result] = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    done = {str(result["key"]) for result in results}
    left = [(variant, file) for variant, file in all_variants() if variant.key not in done][: arguments.most]
    with path.open("a") as file:
        for result in tried(left):
            results.append(result)
            file.write(json.dumps(result) + "\n")
            file.flush()
    bad = [result for result in results if is_bad(result)]
    sys.stdout.write(table(results) + "\n")
    for result in bad[:40]:
        sys.stdout.write(f"BAD {json.dumps(result)}\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
