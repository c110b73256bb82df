"""Runs the trainings that have no stored result yet, the first seed of all arms before the second."""

from collections.abc import Callable, Sequence

from medgan_viewer.lab.proofs.base import Case, Proof, Values
from medgan_viewer.lab.proofs.runner import measured
from medgan_viewer.lab.proofs.store import Store

__all__ = ["PATIENT", "of_patients", "run"]

PATIENT = "patient "
"""How the names of the values of test patients begin."""


def run(experiments: Sequence[Proof], store: Store, most: int, say: Callable[[str], None]) -> None:
    """Run at most `most` of the missing trainings (0: all); each is stored as soon as it ends."""
    planned = [(one, case) for one in experiments for case in one.cases(short=False)]
    planned.sort(key=lambda pair: pair[1].seed)
    waiting = [(one, case) for one, case in planned if store.find(case) is None]
    say(f"{len(planned)} trainings, {len(planned) - len(waiting)} of them stored already.")
    for number, (one, case) in enumerate(waiting[: most or None], 1):
        result = measured(case, one)
        store.add(result)
        say(f"[{number}/{len(waiting)}] {_described(case, result.values)} ({result.seconds:.0f} s)")


def of_patients(values: Values) -> dict[str, float]:
    """Return the values of the test patients by their names."""
    return {name: float(value) for name, value in values.items() if name.startswith(PATIENT) and value is not None}


def _described(case: Case, values: Values) -> str:
    mine = of_patients(values)
    mean = sum(mine.values()) / len(mine)
    return f"{case.proof}: {case.entry}, seed {case.seed}: mean {mean:.3f} of {len(mine)} patients"
