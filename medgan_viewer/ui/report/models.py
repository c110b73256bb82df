"""What the cards of models say, as a report has it. No Qt here."""

from collections.abc import Mapping, Sequence
from typing import Any

from medgan_viewer.core.layers import BY_HAND, NOTE, Provenance
from medgan_viewer.models import registry
from medgan_viewer.models.manifest import Manifest
from medgan_viewer.ui.report.content import ModelFacts, Table

__all__ = ["facts_of"]

# The first row of so many settings: what the card puts first of each.
_MOST_ROWS = 6
_LONGEST_PROTOCOL = 420


def facts_of(used: Sequence[Provenance]) -> tuple[ModelFacts, ...]:
    """Return the facts about models that made results; numbers only where the installed one has the same weights."""
    installed = {package.id: package.manifest for package in registry.scan()[0]}
    return tuple(_facts(made, installed.get(made.model_id)) for made in used)


def _facts(made: Provenance, manifest: Manifest | None) -> ModelFacts:
    lines = [
        ("Version", made.model_version),
        ("Weights, SHA-256", made.weights_sha256),
        ("Licence", made.licence),
        ("Intended use", made.intended_use),
    ]
    lines += [("Limits", " ".join(made.limits))] if made.limits else []
    lines += [("Input check", f"Overridden by the reader. {made.overridden}")] if made.overridden else []
    told = dict(made.settings).get(NOTE)
    lines += [("Note", told)] if told else []
    edited = dict(made.settings).get(BY_HAND)
    lines += [("Edited by hand", edited)] if edited else []
    computed = ", ".join(part for part in (made.device, made.precision) if part)
    lines += [("Computed on", computed)] if computed else []
    if manifest is None or manifest.weights_sha256 != made.weights_sha256:
        lines.append(("Evaluation", "This model is not installed here any more; its numbers are on its card."))
        return ModelFacts(made.model_name, tuple(lines))
    if manifest.evaluation.protocol:
        lines.append(("Evaluation", _shortened(manifest.evaluation.protocol)))
    return ModelFacts(made.model_name, tuple(lines), _numbers(manifest.evaluation.rows))


def _shortened(text: str) -> str:
    """Return the first sentences of a protocol."""
    if len(text) <= _LONGEST_PROTOCOL:
        return text
    end = text.rfind(". ", 0, _LONGEST_PROTOCOL)
    return f"{text[: end + 1] if end > 0 else text[:_LONGEST_PROTOCOL]} … (all of it is on the model's card)"


def _numbers(rows: Sequence[Mapping[str, Any]]) -> Table | None:
    foremost: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        foremost.setdefault(str(row.get("setting", "")), row)
    shown = tuple(
        (
            setting,
            " ".join(
                part for part in (str(row.get("metric", "")), f"({row['unit']})" if row.get("unit") else "") if part
            ),
            _number(row.get("model")),
            _number(row.get("baseline")),
            str(row.get("n", "")),
            str(row.get("spread", "")),
        )
        for setting, row in list(foremost.items())[:_MOST_ROWS]
    )
    columns = ("Setting", "Measure", "Model", "Baseline", "n", "Spread")
    return Table("", columns, (8.0, 9.5, -3.0, -3.5, -2.0, 9.5), shown) if shown else None


def _number(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, int | float) else ""
