"""Every proof, in the order in which the document shows them, and the order in which their cases are run."""

from collections.abc import Collection

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.proofs.alarms import AlarmProof
from medgan_viewer.lab.proofs.base import Case, Proof
from medgan_viewer.lab.proofs.classes import ClassProof
from medgan_viewer.lab.proofs.cycles import CycleProof
from medgan_viewer.lab.proofs.digits import DigitProof
from medgan_viewer.lab.proofs.dirac import DiracProof
from medgan_viewer.lab.proofs.divergences import DivergenceProof
from medgan_viewer.lab.proofs.gradients import GradientProof
from medgan_viewer.lab.proofs.infogan import InfoProof
from medgan_viewer.lab.proofs.lines import LinesProof
from medgan_viewer.lab.proofs.rings import GridProof, RingProof

PROOFS: tuple[Proof, ...] = (
    DiracProof(),
    LinesProof(),
    DivergenceProof(),
    GradientProof(),
    RingProof(),
    GridProof(),
    DigitProof(),
    InfoProof(),
    ClassProof(),
    CycleProof(),
    AlarmProof(),
)
_LAST = "digits"


def proof(name: str) -> Proof:
    """Return a proof by its name. Raises UsageError for an unknown one."""
    for entry in PROOFS:
        if entry.name == name:
            return entry
    raise UsageError(f"There is no proof {name}: choose among {', '.join(entry.name for entry in PROOFS)}.")


def cases(*, short: bool, only: Collection[str] = ()) -> list[Case]:
    """Return what is to be run: the first seed of everything before the second, the stacked digits last."""
    chosen = [proof(name) for name in only] or list(PROOFS)
    found = [case for entry in chosen for case in entry.cases(short=short)]
    return sorted(found, key=lambda case: (case.proof == _LAST, case.seed))
