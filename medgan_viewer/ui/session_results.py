"""Results that were kept come back on the very images that they were made from, and on no others."""

from collections.abc import Iterable

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import Layer
from medgan_viewer.ui.session_file import Kept, fingerprint
from medgan_viewer.ui.translation import tr

__all__ = ["add_results", "listed_series", "words_of_missing"]


def listed_series(document: Document, series_uid: str) -> Series | None:
    """Return a series that was found, None where it is not there."""
    try:
        return document.catalog.study_of(series_uid)[1]
    except KeyError:
        return None


def add_results(document: Document, kept: Kept, layers: Iterable[Layer]) -> set[str]:
    """Add results to series that are open, with what was said of them and their key images; return their UIDs."""
    session = kept.session
    prints, before = dict(session.sources), {layer.uid for layer in document.layers}

    def same(series_uid: str) -> bool:
        """Whether a series has the images that it had."""
        series = listed_series(document, series_uid)
        return series is not None and fingerprint(series) == prints.get(series_uid)

    for layer in layers:
        source = layer.source_series_uid
        if layer.uid not in before and document.opened(source) is not None and same(source):
            document.add_layer(layer)
    added = {layer.uid for layer in document.layers} - before
    for uid, judgement in session.judgements:
        if uid in added:
            document.set_judgement(uid, judgement.finding, judgement)
    marked = (key for key in session.key_images if not key.layer_uid or key.layer_uid in added)
    there = (key for key in marked if same(key.series_uid))
    document.set_key_images(tuple(sorted({*document.key_images, *there})))
    return added


def words_of_missing(document: Document, kept: Kept) -> str:
    """Return in words how many results did not come back; "" where all did."""
    there = {layer.uid for layer in document.layers}
    missing = len([1 for one in kept.layers if one.words.get("uid") not in there])
    if missing == 1:
        return tr("One result was not brought back: the images are not those any more, or the file is damaged.")
    words = tr("{0} results were not brought back: the images are not those any more, or the file is damaged.")
    return words.format(missing) if missing else ""
