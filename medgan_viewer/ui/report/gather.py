"""From results to what a report says of them. Slow for many pictures: done in the background. No Qt here."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

import medgan_viewer
from medgan_viewer.core.acquired import ready_slices
from medgan_viewer.core.catalog import Series, Study
from medgan_viewer.core.display import Window
from medgan_viewer.core.findings import Reading, score_text
from medgan_viewer.core.layers import Finding, HeatLayer, ImageLayer, Judgement, LabelLayer, Layer
from medgan_viewer.core.measure.listing import Listed
from medgan_viewer.core.measure.measuring import drawn_on
from medgan_viewer.core.measure.picture import labelled_on, slice_of
from medgan_viewer.core.slicing import nearest_slice
from medgan_viewer.errors import MedganError
from medgan_viewer.ui.dicom_words import age_text, date_text, in_english, person_name
from medgan_viewer.ui.report.content import ModelFacts, Part, Picture, ReportContent, ReportOrder, Table
from medgan_viewer.ui.report.models import facts_of

if TYPE_CHECKING:
    from medgan_viewer.dicom.deidentify import Deidentifier

__all__ = ["MOST_PICTURES", "gather"]

MOST_PICTURES = 12
"""A report is read, not leafed through: further pictures are counted in a note."""
_KEY_IMAGES_OF_A_HEAT_MAP = 4
_SEGMENTS_BESIDE_EACH_OTHER = 2
_FINDING_COLUMNS = ("#", "Slice", "Size", "Score", "False alarms", "Verdict", "Note")
_FINDING_SHARES = (-4.0, -7.0, -10.0, -8.0, 20.0, 10.0, 30.0)


def gather(order: ReportOrder, deidentifier: "Deidentifier | None" = None) -> ReportContent:
    """Return what a report of these results holds; with a ``deidentifier``, without the patient's identity.

    Results that another program made are left out then: nobody knows what their names say. Raises MedganError.
    """
    hidden = deidentifier is not None
    parts = [_without_others(part) if hidden else part for part in order.parts]
    study = parts[0].opened.study
    who = _who(study, parts[0].opened.series) if deidentifier is None else _nobody(parts[0], deidentifier)
    named = [(part, _series_name(part.opened.series, hidden=hidden)) for part in parts]
    images = [f"{name} · {len(part.opened.stack)} slices" for part, name in named]
    pictures, left = _pictures(parts, hidden=hidden)
    tables = [table for part, name in named for table in _tables(part, name, hidden=hidden)]
    measured = _measurements(order.measurements, hidden=hidden)
    others = sum(len(one.layers) for one in order.parts) - sum(len(one.layers) for one in parts)
    return ReportContent(
        who=(*who, *(("Series", text) for text in images)),
        made="" if hidden else datetime.now().astimezone().strftime("%d %b %Y, %H:%M"),
        pictures=tuple(pictures),
        tables=(*tables, *([measured] if measured is not None else [])),
        models=_models(parts),
        notes=tuple(_notes(parts, left, others)),
        deidentified=hidden,
    )


def _without_others(part: Part) -> Part:
    """Return a part without what another program made alone; the original of a picture stays."""
    own = tuple(layer for layer in part.layers if layer.provenance.own)
    drawn = tuple(layer for layer in part.chosen.drawn if layer.provenance.own)
    readings = tuple(one for one in part.readings if one.layer.provenance.weights_sha256)
    return replace(part, layers=own, readings=readings, chosen=replace(part.chosen, drawn=drawn))


# -- who and what ----------------------------------------------------------------------------------------------------


def _who(study: Study, series: Series) -> tuple[tuple[str, str], ...]:
    patient = study.patient
    name = person_name(patient.name)
    born = " · ".join(
        part
        for part in (date_text(patient.birth_date, in_english), patient.sex, age_text(patient.age, in_english))
        if part
    )
    said = (
        ("Patient", f"{name} (SIMULATED PATIENT · no person)" if series.simulated else name),
        ("Identifier", patient.identifier),
        ("Born · sex · age", born),
        ("Study date", date_text(study.date, in_english)),
        ("Study", study.description),
        ("Accession", study.accession),
        ("Institution", study.institution),
    )
    return tuple((label, text) for label, text in said if text)


def _nobody(part: Part, deidentifier: "Deidentifier") -> tuple[tuple[str, str], ...]:
    """Return the pseudonym, the same as in DICOM objects of the same export, and that all else was taken away."""
    from medgan_viewer.dicom import provenance

    try:
        header = provenance.source_of(part.opened.series, part.opened.stack).header
        patient = f"De-identified · {deidentifier.pseudonym(header)}"
    except MedganError:
        # What is no DICOM has no header that a pseudonym could be made from.
        patient = "De-identified"
    simulated = " (SIMULATED PATIENT · no person)" if part.opened.series.simulated else ""
    return (("Patient", f"{patient}{simulated}"), ("Study date", "removed"))


def _series_name(series: Series, *, hidden: bool) -> str:
    if hidden:
        return series.contrast or series.modality
    number = [] if series.number is None else [f"series {series.number}"]
    return " · ".join(dict.fromkeys([*number, series.description or series.modality, series.modality]))


# -- pictures --------------------------------------------------------------------------------------------------------


def _pictures(parts: Sequence[Part], *, hidden: bool) -> tuple[list[Picture], int]:
    """Return pictures, and how many more there would have been."""
    made: list[Picture] = []
    count = 0
    for part in parts:
        for index, window, layers, base, words in _wanted(part):
            count += 1
            if len(made) < MOST_PICTURES:
                made.append(_picture(part, index, window, layers, base, words, hidden=hidden))
    return made, count - len(made)


_Wanted = tuple[int, Window, tuple[Layer, ...], ImageLayer | None, str]


def _wanted(part: Part) -> Iterator[_Wanted]:
    """Give what somebody chose, key images of the foremost findings, one of every other result, what was drawn."""
    stack, chosen = part.opened.stack, part.chosen
    middle = chosen.indices[0] if chosen.indices else len(stack) // 2
    for index in chosen.indices:
        yield index, chosen.window or part.window, chosen.drawn, chosen.base, ""
    for marked in part.marked:
        for index in marked.indices:
            yield index, marked.window or part.window, marked.drawn, marked.base, "key image"
    for reading in part.readings:
        heat: HeatLayer = reading.layer.changed(visible=True)
        for index, words in _key_images(reading, part):
            yield index, part.window, (heat,), None, words
    bare = [one.layer for one in part.readings if not one.findings]
    for layer in part.layers:
        ready = ready_slices(layer, stack)
        if not ready or (chosen.indices and (layer is chosen.base or layer in chosen.drawn)):
            continue
        index = min(ready, key=lambda one: abs(one - middle))
        if isinstance(layer, ImageLayer):
            yield index, Window(*layer.window), (), layer, ""
        elif isinstance(layer, LabelLayer) or layer in bare:
            yield index, part.window, (layer.changed(visible=True),), None, ""
    yield from _measured(part)


def _measured(part: Part) -> Iterator[_Wanted]:
    """Give the slices that something was drawn on and that were not chosen anyway, on what it was drawn."""
    shown = (part.chosen, *part.marked)
    seen = {(index, None if one.base is None else one.base.uid) for one in shown for index in one.indices}
    for annotation in part.annotations:
        index, base = slice_of(annotation, part.opened), drawn_on(annotation, part.layers)
        if index is None or (index, None if base is None else base.uid) in seen:
            continue
        seen.add((index, None if base is None else base.uid))
        if part.opened.ready[index] if base is None else index in ready_slices(base, part.opened.stack):
            yield index, part.window if base is None else Window(*base.window), (), base, "measured"


def _key_images(reading: Reading, part: Part) -> list[tuple[int, str]]:
    """Return the slices of the foremost findings, accepted ones first, rejected ones never, and whose they are."""
    said = {one.finding.index: one.verdict for one in reading.judgements}
    wanted = [one for one in reading.findings if said.get(one.index) != "rejected"]
    wanted.sort(key=lambda one: (said.get(one.index) != "accepted", one.number))
    ready = set(ready_slices(reading.layer, part.opened.stack))
    found: dict[int, list[int]] = {}
    for finding in wanted:
        index = nearest_slice(part.opened.stack, np.array(finding.point))
        if index in ready and (index in found or len(found) < _KEY_IMAGES_OF_A_HEAT_MAP):
            found.setdefault(index, []).append(finding.number)
    return [(index, f"finding{'s' if len(of) > 1 else ''} {', '.join(map(str, of))}") for index, of in found.items()]


def _picture(
    part: Part,
    index: int,
    window: Window,
    layers: tuple[Layer, ...],
    base: ImageLayer | None,
    words: str,
    *,
    hidden: bool,
) -> Picture:
    from medgan_viewer.dicom.capture import captured, place_of

    opened = part.opened
    figures = list(labelled_on(part.annotations, opened, index, base))
    if hidden:
        figures = [bare for one in figures if (bare := one.without_typed()) is not None]
    place = place_of(opened.series, opened.stack, index, "" if hidden else _series_name(opened.series, hidden=False))
    capture = captured(
        opened.series,
        opened.stack,
        index,
        window,
        layers,
        base=base,
        figures=figures,
        readings=part.readings,
        place=place,
    )
    shown = ", ".join(layer.name for layer in capture.layers) or "original"
    said = [shown, f"slice {index + 1} of {len(opened.stack)}", *([words] if words else [])]
    return Picture(capture.marked()[0], " · ".join(said), tuple(line.text for line in capture.marks))


# -- tables ----------------------------------------------------------------------------------------------------------


def _tables(part: Part, name: str, *, hidden: bool) -> Iterator[Table]:
    for reading in part.readings:
        if reading.findings or reading.judgements:
            yield _findings(reading, part, name, hidden=hidden)
    for layer in part.layers:
        if isinstance(layer, LabelLayer) and layer.ready.any():
            yield _volumes(layer, name)


def _findings(reading: Reading, part: Part, name: str, *, hidden: bool) -> Table:
    """Return what is listed in its order, then what was judged and is not listed above the present threshold."""
    layer = reading.layer
    said = {one.finding.index: one for one in reading.judgements}
    listed = {one.index for one in reading.findings}
    rows = [_finding(one, str(one.number), said.get(one.index), part, hidden=hidden) for one in reading.findings]
    rows += [
        _finding(one.finding, "–", one, part, hidden=hidden)
        for one in reading.judgements
        if one.finding.index not in listed
    ]
    shown = len(_FINDING_COLUMNS) - (1 if hidden else 0)
    known = f"Rates were measured on {layer.calibrated_on}" if layer.calibrated_on else "It is not calibrated"
    known += "" if layer.guaranteed or not layer.calibrated_on else ", as a reference without any guarantee"
    note = (
        f"Listed from a score of {score_text(layer.threshold)}. The score runs from 0 to 1 and is no "
        f"probability. {known}. A heat map without a finding does not mean healthy."
    )
    columns, shares = _FINDING_COLUMNS[:shown], _FINDING_SHARES[:shown]
    return Table(f"Findings of {layer.name} on {name}", columns, shares, tuple(row[:shown] for row in rows), note)


def _finding(finding: Finding, rank: str, said: Judgement | None, part: Part, *, hidden: bool) -> tuple[str, ...]:
    slice_number = nearest_slice(part.opened.stack, np.array(finding.point)) + 1
    rate = finding.false_alarm_rate
    among = "not calibrated" if rate is None else f"{100 * rate:.2g} % of the healthy"
    return (
        rank,
        str(slice_number),
        f"{finding.millilitres:.1f} ml",
        score_text(finding.score),
        among,
        "open" if said is None else said.verdict,
        "" if said is None or hidden else said.reason,
    )


def _volumes(layer: LabelLayer, name: str) -> Table:
    """Return the volumes of the segments, so many beside each other."""
    volumes = layer.millilitres()
    said = [(segment.name, f"{volumes[segment.label]:.1f} ml") for segment in layer.segments]
    beside = _SEGMENTS_BESIDE_EACH_OTHER if len(said) > _SEGMENTS_BESIDE_EACH_OTHER else 1
    tall = -(-len(said) // beside)
    padded = [*said, *([("", "")] * (tall * beside - len(said)))]
    rows = tuple(tuple(cell for column in range(beside) for cell in padded[column * tall + row]) for row in range(tall))
    note = "Volumes are estimates."
    if not layer.complete:
        note += f" {int(layer.ready.sum())} of {len(layer.ready)} slices were computed; the rest is missing in them."
    heading = f"Volumes of {layer.name} on {name}"
    return Table(heading, ("Structure", "Volume") * beside, (3.0, -1.0) * beside, rows, note)


def _measurements(entries: Sequence[Listed], *, hidden: bool) -> Table | None:
    if not entries:
        return None
    from medgan_viewer.dicom.write_measurements import names_without_words

    rows = []
    titles = names_without_words(entries) if hidden else [entry.annotation.title for entry in entries]
    for title, entry in zip(titles, entries, strict=True):
        annotation, series = entry.annotation, entry.series
        typed = annotation.kind in ("arrow", "text")
        said = "" if hidden and typed else "; ".join(line.text for line in entry.lines)
        where = [] if series is None else [_series_name(series, hidden=hidden)]
        rows.append((title, said, ", ".join([*where, *([entry.place] if entry.place else [])])))
    note = "Drawn by a reader. What is called SYNTHETIC was measured on pixels that a model made."
    return Table("Measurements", ("Name", "Measured", "Where"), (3.0, 5.0, 4.0), tuple(rows), note)


# -- the rest --------------------------------------------------------------------------------------------------------


def _models(parts: Sequence[Part]) -> tuple[ModelFacts, ...]:
    layers = [layer for part in parts for layer in part.layers if layer.provenance.weights_sha256]
    made = [layer.provenance for layer in layers]
    used = {(one.model_id, one.weights_sha256, one.overridden): one for one in made}
    return facts_of(list(used.values()))


def _notes(parts: Sequence[Part], left: int, others: int) -> Iterator[str]:
    if left:
        yield f"{left} further picture{'' if left == 1 else 's'} would not fit; they can be exported by themselves."
    if others:
        yield "Results that another program made were left out, as their names may say who the patient is."
    for reading in (reading for part in parts for reading in part.readings):
        if not reading.findings:
            yield (
                f"No finding of {reading.layer.name} is listed: nothing reaches the threshold, or the list was not "
                "made yet. It does not mean healthy."
            )
    for part in parts:
        for layer in part.layers:
            if not layer.complete and not isinstance(layer, LabelLayer):
                yield f"{layer.name} is not finished: {int(layer.ready.sum())} of {len(layer.ready)} slices."
    yield f"Made by MedGAN Viewer {medgan_viewer.__version__}; nobody has signed this report."
