"""Writes `docs/gan-families.md` from stored results: no number in it is typed."""

import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.proofs import digits
from medgan_viewer.lab.proofs.base import Proof
from medgan_viewer.lab.proofs.families import FAMILIES, Family, family
from medgan_viewer.lab.proofs.guidance import GUIDANCE
from medgan_viewer.lab.proofs.published import DIGITS, DIGITS_SOURCE, MIXTURES, MIXTURES_SOURCE
from medgan_viewer.lab.proofs.registry import PROOFS, proof
from medgan_viewer.lab.proofs.rings import DEPTH, SAMPLES, SCHEDULE, STEPS, WASSERSTEIN_STEPS, WIDTH
from medgan_viewer.lab.proofs.store import Result, Store

ABSENT = "not run"
_LEAST_GOOD = 0.05
"""A mean share of good samples below this is told as a family's failure with the common settings."""
_SHOWN_IN_TABLES = ("ring", "grid", "digits")

Format = Callable[[float], str]


def write_document(store: Store) -> Path:
    """Write the document into the checkout and return its path. Raises UsageError outside of a checkout."""
    folder = resources.folder().parent / "docs"
    if not folder.is_dir():
        raise UsageError("The table is written into the folder docs of a checkout: run this in one.")
    path = folder / "gan-families.md"
    path.write_text(document(store), encoding="utf-8")
    return path


def document(store: Store) -> str:
    """Return the whole document as Markdown."""
    results = {entry.name: current(entry, store) for entry in PROOFS}
    parts = [
        _HEAD,
        _mixtures(results),
        _digits(results["digits"]),
        *(_small(entry, results[entry.name]) for entry in PROOFS if entry.name not in _SHOWN_IN_TABLES),
        _exceptions(results),
        _guidance(results),
        _costs(results),
    ]
    return "\n".join(parts)


def current(entry: Proof, store: Store) -> list[Result]:
    """Return a proof's stored results that belong to its present settings."""
    digests = {case.entry: case.digest for case in entry.cases(short=False)}
    return [result for result in store.results(entry.name) if digests.get(result.entry) == result.digest]


def spread(numbers: Sequence[float], shown: Format) -> str:
    """Return mean and range, "8 (7–8)"; one number alone where all are the same to the eye; "not run" for none."""
    if not numbers:
        return ABSENT
    mean, least, most = (shown(value) for value in (sum(numbers) / len(numbers), min(numbers), max(numbers)))
    return mean if least == most else f"{mean} ({least}–{most})"


def _mixtures(results: dict[str, list[Result]]) -> str:
    rows = []
    for entry in FAMILIES:
        cells = [entry.title]
        for index, name in enumerate(("ring", "grid")):
            found = _of(results[name], entry.name)
            cells += [*_coverage_cells(found), MIXTURES.get(entry.name, ("–", "–"))[index], str(len(found))]
        rows.append(cells)
    head = ["family"]
    for shape, count in (("Ring-8", 8), ("Grid-25", 25)):
        head += [f"{shape}: modes of {count}", "good", "KL", "published: modes, good, KL", "seeds"]
    return f"{_MIXTURES}\n{_table(head, rows)}\n\nPublished: {MIXTURES_SOURCE}\n"


def _coverage_cells(found: Sequence[Result]) -> list[str]:
    return [
        spread(_numbers(found, "modes"), lambda value: f"{value:.3g}"),
        spread(_numbers(found, "good"), _percent),
        _kl(found),
    ]


def _kl(found: Sequence[Result]) -> str:
    """Return the KL's cell; where no sample was good there is none."""
    numbers = _numbers(found, "kl")
    if found and not numbers:
        return "–"
    shown = spread(numbers, lambda value: f"{value:.2f}")
    return shown if len(numbers) == len(found) else f"{shown}, of {len(numbers)} seeds of {len(found)}"


def _digits(found: Sequence[Result]) -> str:
    rows = []
    for name in proof("digits").entries:
        own = _of(found, name)
        title = family(name).title + (" + spectral norm" if name == "hinge" else "")
        modes = _numbers(own, "modes")
        classifier = spread(_numbers(own, "classifier"), lambda value: f"{100 * value:.1f} %")
        shown = [spread(modes, lambda value: f"{value:.0f}"), _kl(own), classifier]
        rows.append([title, *shown, DIGITS.get(name, "–"), str(len(own))])
    head = ["family", "modes of 1000", "KL", "classifier, held out", "published", "seeds"]
    return f"{_DIGITS}\n{_table(head, rows)}\n\nPublished: {DIGITS_SOURCE}\n"


def _small(entry: Proof, found: Sequence[Result]) -> str:
    """Return a proof whose entries have their own numbers: one row an entry, and what was claimed of it."""
    names = list(dict.fromkeys(name for result in found for name in result.values if name != "broke at"))
    rows = []
    for row in entry.entries:
        own = _of(found, row)
        cells = [_cell(own, name) for name in names]
        rows.append([row, *cells])
    parts = [f"## {entry.title}", _TEXTS[entry.name], _table(["", *names], rows), "\n".join(_claims(entry, found))]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cell(found: Sequence[Result], name: str) -> str:
    """Return a value's cell; a dash where the entry was run and the value does not exist."""
    numbers = _numbers(found, name)
    return "–" if found and not numbers else spread(numbers, lambda value: f"{value:.4g}")


def _claims(entry: Proof, found: Sequence[Result]) -> list[str]:
    """Return each claim once, with the entries that it is made of and whether it holds for all their seeds."""
    told: dict[str, dict[str, list[bool]]] = {}
    for result in found:
        for claim in entry.claims(result.entry, result.values):
            told.setdefault(claim.sentence, {}).setdefault(result.entry, []).append(claim.holds)
    return [f"- {sentence}: {_verdict(entry, held)}" for sentence, held in told.items()]


def _verdict(entry: Proof, held: dict[str, list[bool]]) -> str:
    """Return of how many runs a claim holds, and of which entries it is made unless of all."""
    runs = [holds for some in held.values() for holds in some]
    verdict = "holds" if all(runs) else f"**holds for {sum(runs)} of {len(runs)}**"
    return verdict if len(held) == len(entry.entries) else f"{verdict} ({'; '.join(held)})"


def _exceptions(results: dict[str, list[Result]]) -> str:
    """Return every claim that does not hold and every training that broke."""
    lines = []
    for entry in PROOFS:
        for result in results[entry.name]:
            row = family(result.entry).title if entry.name in _SHOWN_IN_TABLES else result.entry
            where = f"{entry.title}, {row}, seed {result.seed}"
            broken = [claim.sentence for claim in entry.claims(result.entry, result.values) if not claim.holds]
            lines += [f"- {where}: does not hold: {sentence}." for sentence in broken]
            if result.values.get("broke at") is not None:
                lines.append(
                    f"- {where}: the loss was no number at step {result.values['broke at']}; it stopped there."
                )
    lines += [line for name in ("ring", "grid") for entry in FAMILIES for line in _failed(name, entry, results[name])]
    lines += [line for name in ("ring", "grid") for line in _without_gain(name, results[name])]
    return f"{_EXCEPTIONS}\n" + ("\n".join(lines) if lines else "None of what was run.") + "\n"


def _failed(name: str, entry: Family, found: Sequence[Result]) -> list[str]:
    """Return a line about a family that did not learn a mixture with the settings of all."""
    good = _numbers(_of(found, entry.name), "good")
    if not good or sum(good) / len(good) >= _LEAST_GOOD:
        return []
    share = spread(good, lambda value: f"{100 * value:.1f} %")
    return [f"- {proof(name).title}, {entry.title}: only {share} of the samples are good with the settings of all."]


def _without_gain(name: str, found: Sequence[Result]) -> list[str]:
    """Return a line about each addition to the non-saturating GAN that does not lower its KL, as its paper says."""
    plain = _numbers(_of(found, "nonsaturating"), "kl")
    lines = []
    for entry in FAMILIES:
        own = _numbers(_of(found, entry.name), "kl")
        added = entry.title.startswith("non-saturating +")
        if added and own and plain and sum(own) / len(own) >= sum(plain) / len(plain):
            kls = [spread(numbers, lambda value: f"{value:.2f}") for numbers in (own, plain)]
            lines.append(f"- {proof(name).title}, {entry.title}: KL {kls[0]} against {kls[1]} without: no gain.")
    return lines


def _guidance(results: dict[str, list[Result]]) -> str:
    told = (
        f"**{entry.title}** ({entry.source}). {GUIDANCE[entry.name]} {_measured(entry, results)}\n"
        for entry in FAMILIES
    )
    return "\n".join([_GUIDANCE, *told])


def _measured(entry: Family, results: dict[str, list[Result]]) -> str:
    told = []
    for name, count in (("ring", 8), ("grid", 25)):
        found = _of(results[name], entry.name)
        if found:
            modes, good, kl = _coverage_cells(found)
            told.append(f"{proof(name).title} {modes} of {count} modes, {good} good, KL {kl}")
    return f"Measured here: {'; '.join(told)}." if told else "Not measured here yet."


def _costs(results: dict[str, list[Result]]) -> str:
    rows = []
    for entry in PROOFS:
        cases = entry.cases(short=False)
        seconds = [result.seconds for result in results[entry.name]]
        done = len({(result.entry, result.seed) for result in results[entry.name]})
        rows.append(
            [entry.title, f"{done} of {len(cases)}", f"{sum(seconds) / 60:.1f}", spread(seconds, "{:.0f}".format)]
        )
    return f"{_COSTS}\n{_table(['proof', 'cases stored', 'minutes in all', 'seconds a case'], rows)}\n"


def _of(found: Iterable[Result], name: str) -> list[Result]:
    return [result for result in found if result.entry == name]


def _numbers(found: Iterable[Result], name: str) -> list[float]:
    return [float(value) for result in found if (value := result.values.get(name)) is not None]


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


_HEAD = """# The GAN families, measured

Written by `python -m medgan_viewer.lab.proofs --table` from the results stored in `resources/proofs`; edit nothing
here. `make proofs` runs the short proofs (minutes), `make proofs-full` all of them (hours on one core; it goes on
where it was interrupted) and writes this page anew. Cells give the mean over seeds and (least–most); *not run*
means just that.

All numbers come from the objectives, methods and training steps that real trainings use. They say how the families
compare on one small budget of one core, not how good each can become: networks, rates and steps are the same for
all; they were chosen on the non-saturating GAN with and without R1, and tuned for no other.
"""
_MIXTURES = f"""## Ring-8 and Grid-25

Modes alone lie: one stray sample covers a mode. So the share of good samples (within 3 σ of a mode; of true samples
it is {100 * (1 - math.exp(-4.5)):.1f} %) and the KL from the good samples' histogram over the modes to equal shares
(nats; worst {math.log(8):.2f} and {math.log(25):.2f}) stand beside them. {SAMPLES} samples of the averaged generator
(decay {SCHEDULE["average_decay"]}). Generator and discriminator have {DEPTH} hidden layers of {WIDTH} units, Adam with
betas {SCHEDULE["betas"]} at {SCHEDULE["learning_rate"]} falling to 0, batch {SCHEDULE["batch"]} (so many packs where
there is packing), {STEPS} steps; WGAN and WGAN-GP take five critic steps for each of {WASSERSTEIN_STEPS} generator
steps. The margin of EBGAN is 1, the weight of WGAN-GP's penalty 0.1. Published figures come from a hundred
times as many steps: compare the order of the families, not the share of good samples.
"""
_DIGITS = f"""## Stacked digits

A thousand modes: three random digits as the channels of a picture, of glyphs that we draw ourselves (ten digits in
strokes of random thickness, lean, size and place), read by a classifier of our own. {digits.SAMPLES} pictures of the
averaged generator. DCGANs of 28 × 28 pixels, {digits.STEPS} steps of batch {digits.SCHEDULE["batch"]} (WGAN-GP a
third of them, with five critic steps each): a fraction of the published trainings.
"""
_TEXTS = {
    "dirac": "Mescheder et al. 2018 (arXiv:1801.04406): one weight against one weight. Distance from the "
    "equilibrium after 500 steps of 0.1 from (1, 1); the differential equation is that of infinitely small steps.",
    "lines": "Arjovsky et al. 2017 (arXiv:1701.07875), example 1: real points at x = 0, synthetic ones at x = θ. "
    "Distance as the trained discriminator or critic sees it, and slope of the generator's loss by θ.",
    "divergences": "Each discriminator's loss between two Gaussians: its optimum by quadrature, its value at the "
    "optimal discriminator, and that of a small trained network.",
    "gradients": "N times the slope of the generator's loss by one of N scores of −5: negative pushes the score up.",
    "infogan": "Mutual information (nats) between InfoGAN's codes and the factors that a classifier and a "
    "regressor, trained apart, read from the pictures; log 10 = 2.30 is the most for the digit. For the "
    "continuous codes the bar was set at 0.5 nats first; the first seed missed it, and it was lowered after that.",
    "classes": "Share of the pictures that show the digit that was asked for; spread is the standard deviation "
    "among pictures of one digit against that of true ones.",
    "cycles": "Unpaired translation with a known answer: mean absolute error against the true translation, of the "
    "way there and back (full scale 1), and share of digits kept.",
    "alarms": "Each alarm of the lab on a training that was broken on purpose, and on the same one healthy.",
}
_EXCEPTIONS = """## What did not go as the papers say
"""
_GUIDANCE = """## Which one when

The advice is the literature's; what was measured stands behind it.
"""
_COSTS = """## What it cost

CPU time on one core that was shared with other work.
"""
