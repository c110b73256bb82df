"""Closing a study or the program without losing results unasked."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QMessageBox, QWidget

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.document import Document
from medgan_viewer.core.layers import Layer
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.lettering import forget_words

__all__ = ["Closing"]


class Closing:
    """Asks where work would be lost, naming it, and ends what works on a study before it goes."""

    def __init__(self, document: Document, loader: Loader, runs: Runs, parent: QWidget) -> None:
        self._document, self._loader, self._runs, self._parent = document, loader, runs, parent

    def close_study(self, study: Study, *, kept: bool, leaving: Callable[[Study], object]) -> bool:
        """Close a study; return False where the reader would rather keep it.

        ``kept`` is whether all of it comes back with the study, so that nothing is lost; ``leaving`` is called before
        it goes.
        """
        uids = study.series_uids
        going = [layer for layer in self._document.layers if layer.source_series_uid in uids]
        if not (kept or self._may_lose(tr("Close the study"), going)):
            return False
        # More of it may have been found while the question stood.
        listed = (one for one in self._document.catalog.studies if study_key(one) == study_key(study))
        uids = uids.union(*(one.series_uids for one in listed))
        for state in self._runs.states:
            if state.active and state.series_uid in uids:
                self._runs.cancel(state.job_id)
        for uid in uids:
            self._loader.abandon(uid)
        leaving(study)
        self._document.close_study(study)
        forget_words()
        return True

    def may_end(self) -> bool:
        """Whether the program may end."""
        return self._may_lose(tr("Close the program"), self._document.layers)

    def _may_lose(self, doing: str, going: Sequence[Layer]) -> bool:
        """Ask whether what would be lost with some results may go; no answer is no."""
        lost = _lost(self._document, going)
        if not lost:
            return True
        question = tr("{0}? This is lost then: {1}. Results, verdicts and key images can be exported first.")
        answer = QMessageBox.question(
            self._parent,
            doing,
            question.format(doing, ", ".join(lost)),
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            QMessageBox.StandardButton.No,
        )
        return answer == QMessageBox.StandardButton.Yes


def _lost(document: Document, going: Sequence[Layer]) -> list[str]:
    """Return in words what goes with results and was not exported.

    What a file brought lies there still, but for the verdicts on it. Measurements and key images of originals are kept
    with their study (``ui/kept_annotations.py``).
    """
    exported, uids = document.exported, {layer.uid for layer in going}
    own = [layer for layer in going if layer.provenance.own and not exported.has_layer(layer)]
    drawn = sum(layer.provenance.hand == "drawn" for layer in own)
    said = [(uid, judgement) for uid in uids for judgement in document.judgements(uid)]
    verdicts = sum(not exported.has_judgement(*one) for one in said)
    marked = sum(key.layer_uid in uids and not exported.has_key_image(key) for key in document.key_images)
    counted = (
        (len(own) - drawn, tr("1 result"), tr("{0} results")),
        (verdicts, tr("1 verdict on a finding"), tr("{0} verdicts on findings")),
        (drawn, tr("1 segmentation drawn by hand"), tr("{0} segmentations drawn by hand")),
        (marked, tr("1 key image of a synthetic image"), tr("{0} key images of synthetic images")),
    )
    return [one if count == 1 else many.format(count) for count, one, many in counted if count]
