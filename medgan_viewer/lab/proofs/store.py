"""Stored results: one JSON file per proof, replaced whole after every case, so that a run goes on where it stopped."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from medgan_viewer import resources
from medgan_viewer.lab import records
from medgan_viewer.lab.proofs.base import Case, Values


@dataclass(frozen=True)
class Result:
    """What one case gave; `seconds` is the CPU time, `versions` what it ran with."""

    proof: str
    entry: str
    seed: int
    digest: str
    settings: dict[str, Any]
    values: Values
    seconds: float
    versions: dict[str, str]


def stored_folder() -> Path:
    """Return the folder of the results that come with the program."""
    return resources.path("proofs")


class Store:
    """The results in a folder. One process writes; others may read at any time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def results(self, proof: str) -> list[Result]:
        """Return a proof's results in the order in which they were added."""
        path = self._path(proof)
        if not path.is_file():
            return []
        return [Result(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))["results"]]

    def find(self, case: Case) -> Result | None:
        """Return the result of a case, None where there is none with these settings."""
        for result in self.results(case.proof):
            if (result.entry, result.seed, result.digest) == (case.entry, case.seed, case.digest):
                return result
        return None

    def missing(self, cases: Iterable[Case]) -> list[Case]:
        """Return the cases that have no result with their settings."""
        return [case for case in cases if self.find(case) is None]

    def add(self, result: Result) -> None:
        """Store a result in the place of any that the same entry and seed gave with other settings."""
        others = [kept for kept in self.results(result.proof) if (kept.entry, kept.seed) != (result.entry, result.seed)]
        content = {"schema": 1, "proof": result.proof, "results": [asdict(kept) for kept in [*others, result]]}
        self.folder.mkdir(parents=True, exist_ok=True)
        records.write(self._path(result.proof), content)

    def _path(self, proof: str) -> Path:
        return self.folder / f"{proof}.json"
