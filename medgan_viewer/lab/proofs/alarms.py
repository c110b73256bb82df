"""Each alarm of the training on a run that is broken on purpose, and on the same run healthy."""

from dataclasses import asdict
from typing import Any

from medgan_viewer.lab.diagnostics.broken_runs import PAIRS, demonstrate
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values


class AlarmProof(Proof):
    """What is raised, and at which step first."""

    name = "alarms"
    title = "Alarms"

    @property
    def entries(self) -> tuple[str, ...]:
        """Each kind of alarm, broken and healthy."""
        return tuple(f"{kind}, {state}" for kind in PAIRS for state in ("broken", "healthy"))

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return the run's settings."""
        kind, state = entry.split(", ")
        return asdict(PAIRS[kind].broken if state == "broken" else PAIRS[kind].healthy)

    def run(self, case: Case) -> Values:
        """Train."""
        kind, state = case.entry.split(", ")
        raised = [alarm for alarm in demonstrate(kind, broken=state == "broken").alarms if alarm.raised]
        steps = [alarm.step for alarm in raised if alarm.kind == kind]
        return {
            "raised": len(steps),
            "first at step": min(steps, default=None),
            "other kinds raised": len({alarm.kind for alarm in raised} - {kind}),
        }

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return that the broken run is caught and the healthy one left in peace."""
        if entry.endswith("broken"):
            return [Claim("the alarm is raised on the broken run", bool(values["raised"]))]
        quiet = not values["raised"] and not values["other kinds raised"]
        return [Claim("no alarm is raised on the healthy run", quiet)]
