"""Closing a study or the program without losing results unasked."""

from PySide6.QtWidgets import QMessageBox, QWidget

from medgan_viewer.core.catalog import Study
from medgan_viewer.core.document import Document
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.ui.loading import Loader
from medgan_viewer.ui.runs import Runs
from medgan_viewer.ui.translation import tr

__all__ = ["Closing"]


class Closing:
    """Asks where results or verdicts would be lost, and ends what works on a study before it goes."""

    def __init__(self, document: Document, loader: Loader, runs: Runs, parent: QWidget) -> None:
        self._document, self._loader, self._runs, self._parent = document, loader, runs, parent

    def close_study(self, study: Study) -> bool:
        """Close a study; return False where the reader would rather keep it."""
        uids = study.series_uids
        has_results = any(layer.source_series_uid in uids for layer in self._document.layers)
        if has_results and not self._may_lose(tr("Close the study")):
            return False
        # More of it may have been found while the question stood.
        listed = (one for one in self._document.catalog.studies if study_key(one) == study_key(study))
        uids = uids.union(*(one.series_uids for one in listed))
        for state in self._runs.states:
            if state.active and state.series_uid in uids:
                self._runs.cancel(state.job_id)
        for uid in uids:
            self._loader.abandon(uid)
        self._document.close_study(study)
        return True

    def may_end(self) -> bool:
        """Whether the program may end."""
        return not self._document.layers or self._may_lose(tr("Close the program"))

    def _may_lose(self, doing: str) -> bool:
        """Ask whether results may go; no answer is no."""
        question = tr("{0}? Results and verdicts on findings are not kept. Results can be exported first.").format(
            doing
        )
        return QMessageBox.question(self._parent, doing, question) == QMessageBox.StandardButton.Yes
