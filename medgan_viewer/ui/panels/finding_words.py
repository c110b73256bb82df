"""What is said of findings: what a score means among healthy people, how many are listed, why none is."""

from collections import Counter
from collections.abc import Mapping, Sequence

from medgan_viewer.core.document import Document
from medgan_viewer.core.findings import score_text
from medgan_viewer.core.layers import Finding, HeatLayer
from medgan_viewer.ui.translation import numbers, tr

__all__ = [
    "alarm_sentence",
    "count_sentence",
    "maps_listed",
    "nothing_sentence",
    "owners",
    "scale_sentence",
    "threshold_words",
]

# What a rate that was rounded to four digits, as files have it, may differ by in "1 in …".
_ROUNDED = 0.05


def alarm_sentence(layer: HeatLayer, finding: Finding) -> str:
    """Return what the score means among healthy people, or that nobody knows; it never promises more than it is."""
    rate = finding.false_alarm_rate
    if rate is None:
        return tr("score {0}, not calibrated on healthy people").format(numbers(score_text(finding.score)))
    # Rounded towards the more frequent alarm.
    one_in = int(1 / rate + _ROUNDED)
    if one_in <= 1:
        sentence = tr("healthy people often show as much")
    elif finding.score > max(layer.healthy_maxima, default=1.0):
        # None of them did: with so few, rarer cannot be claimed.
        sentence = tr("at most 1 in {0} healthy people shows as much").format(one_in)
    else:
        sentence = tr("1 in {0} healthy people shows as much").format(one_in)
    return sentence if layer.guaranteed else tr("{0} (reference)").format(sentence)


def scale_sentence(layer: HeatLayer, finding: Finding) -> str:
    """Return the score and what it is measured by."""
    scale = tr("Score {0}: it runs from 0 to 1 and is no probability.").format(numbers(score_text(finding.score)))
    return (
        tr("{0} Measured on {1}.").format(scale, layer.calibrated_on)
        if layer.calibrated_on
        else tr("{0} It is not calibrated.").format(scale)
    )


def maps_listed(document: Document) -> list[HeatLayer]:
    """Return the heat maps whose findings are listed: those of the patient whom the panels speak of."""
    maps = (layer for layer in document.layers if isinstance(layer, HeatLayer))
    return [layer for layer in maps if document.of_patient_shown(layer.source_series_uid)]


def owners(document: Document, maps: Sequence[HeatLayer]) -> dict[str, str]:
    """Return what tells the findings of several heat maps apart, by layer UID; "" for a heat map that is alone.

    It is the model, and where one model made several the series too, and if need be the time.
    """
    if len(maps) < 2:
        return {layer.uid: "" for layer in maps}
    said = {layer.uid: layer.provenance.model_name for layer in maps}
    for more in (
        {layer.uid: document.catalog.series(layer.source_series_uid).description for layer in maps},
        {layer.uid: f"{layer.provenance.created:%d %b %Y %H:%M}" for layer in maps},
    ):
        often = Counter(said.values())
        said = {uid: f"{words} · {more[uid]}" if often[words] > 1 else words for uid, words in said.items()}
    return said


def threshold_words(layer: HeatLayer, first: float) -> str:
    """Return the threshold of a heat map as a score, and what it was at ``first`` where it was changed since."""
    now, before = numbers(score_text(layer.threshold)), numbers(score_text(first))
    if layer.threshold < first:
        return tr("{0} (lowered from {1})").format(now, before)
    return now if layer.threshold == first else tr("{0} (raised from {1})").format(now, before)


def count_sentence(count: int, maps: Sequence[HeatLayer], first: Mapping[str, float]) -> str:
    """Return how many findings the thresholds list, and which these are; ``first`` has them as they were, by layer."""
    if count == 0:
        said = tr("No finding above the threshold. This does not mean healthy.")
    elif count == 1:
        said = tr("1 finding above the threshold.")
    elif len(maps) > 1:
        said = tr("{0} findings, each above the threshold of its model.").format(count)
    else:
        said = tr("{0} findings above the threshold.").format(count)
    thresholds = dict.fromkeys(threshold_words(layer, first[layer.uid]) for layer in maps)
    return tr("{0} Listed from {1}.").format(said, ", ".join(thresholds)) if thresholds else said


def nothing_sentence(maps: Sequence[HeatLayer], count: int, *, awaited: bool = False) -> str:
    """Return why there is no finding to go to, of ``count`` above the threshold, and what to do.

    ``awaited`` where not all of them are listed yet.
    """
    if not maps:
        return tr("No findings in this study: run an anomaly model first.")
    if count:
        return tr("No finding is listed under this choice; “All”, left of the findings, lists them.")
    if not any(layer.complete for layer in maps):
        return tr("No finding so far; the model is still at work.")
    if awaited:
        return tr("No finding so far; they are still being listed.")
    return tr("No finding above the threshold; “List less certain ones”, below the images, lowers it.")
