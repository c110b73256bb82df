"""Results that were found beside a series: opened as layers over it, with the verdicts of a report."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from medgan_viewer.core.catalog import StoredResult
from medgan_viewer.core.commands import AddLayers
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import Finding, HeatLayer, Judgement, Layer, Verdict
from medgan_viewer.errors import MedganError, described
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.sentences import error_shown
from medgan_viewer.ui.translation import tr

if TYPE_CHECKING:
    from medgan_viewer.dicom.read_graphics import StoredFinding
    from medgan_viewer.dicom.read_results import Opened

__all__ = ["StoredResults"]

_log = logging.getLogger(__name__)

_VERDICTS: dict[str, Verdict] = {"accepted": "accepted", "rejected": "rejected"}


class StoredResults(QObject):
    """Reads stored results in the background and adds them to the document."""

    # The series on which a result is about to be shown.
    source_wanted = Signal(str)
    layers_added = Signal(object)
    notice = Signal(str)
    failed = Signal(str)

    def __init__(self, document: Document, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._background = document, background
        self._running = 0

    @property
    def busy(self) -> bool:
        """Whether a result is being read."""
        return self._running > 0

    def open(self, uid: str) -> None:
        """Open a stored result by its UID, with the heat map that a report is about."""
        catalog = self._document.catalog
        result = next((one for one in catalog.results if one.uid == uid), None)
        series = None if result is None else catalog.source_of(result)
        if result is None or series is None:
            return
        self.source_wanted.emit(series.uid)
        opened = self._document.opened(series.uid)
        there = self._layers_of(result)
        if opened is None or there:
            self.layers_added.emit(there)
            return
        maps = [r for r in catalog.results if r.kind == "parametric map" and r.sop_instance_uid in result.instance_uids]
        wanted = (*(one for one in maps if not self._layers_of(one)), result)
        self._running += 1
        self._background.run(partial(_read, wanted, opened), partial(self._on_read, opened, tuple(maps)))

    def _layers_of(self, result: StoredResult) -> tuple[Layer, ...]:
        return tuple(layer for layer in self._document.layers if layer.uid.startswith(f"{result.uid}/"))

    def _on_read(
        self, opened: OpenSeries, maps: tuple[StoredResult, ...], result: "tuple[Opened, ...] | Exception"
    ) -> None:
        self._running -= 1
        if isinstance(result, MedganError):
            self.failed.emit(error_shown(result))
        elif isinstance(result, Exception):
            _log.error("a stored result could not be read: %s", described(result))
            self.failed.emit(tr("Something went wrong while reading this result; the log has the details."))
        elif self._document.opened(opened.series.uid) is opened:
            self._add(opened, maps, result)

    def _add(self, opened: OpenSeries, maps: tuple[StoredResult, ...], read: "Sequence[Opened]") -> None:
        # A report's findings stand in the list of its heat map; without that they are drawn.
        layers = tuple(layer for one in read if not (one.result.kind == "report" and maps) for layer in one.layers)
        if layers:
            self._document.execute(AddLayers(layers))
        for one in read:
            if one.window is not None:
                self._document.set_window(opened.series.uid, one.window)
            for found in maps if one.result.kind == "report" else ():
                for layer in self._layers_of(found):
                    if isinstance(layer, HeatLayer):
                        self._judge(layer, one)
        notes = " ".join(dict.fromkeys(note for one in read for note in one.notes))
        if notes:
            self.notice.emit(f"{read[-1].result.title}: {notes}")
        self.layers_added.emit(layers or tuple(layer for found in maps for layer in self._layers_of(found)))

    def _judge(self, layer: HeatLayer, report: "Opened") -> None:
        for stored in report.findings:
            verdict = _VERDICTS.get(stored.verdict)
            finding = _finding(stored, layer)
            if verdict is not None and finding is not None:
                threshold = stored.measures.get("threshold", layer.threshold)
                at = report.written or datetime.now().astimezone()
                judgement = Judgement(finding, verdict, at, threshold, stored.reason)
                self._document.set_judgement(layer.uid, finding, judgement)


def _read(wanted: Sequence[StoredResult], opened: OpenSeries) -> "tuple[Opened, ...]":
    from medgan_viewer.dicom.read_results import open_result

    return tuple(open_result(one, opened.series, opened.stack) for one in wanted)


def _finding(stored: "StoredFinding", layer: HeatLayer) -> Finding | None:
    """Return a finding of a report at its place in the heat map, None where it lies outside."""
    if stored.point is None:
        return None
    place = layer.volume.index(stored.point).round().astype(int)
    if (place < 0).any() or (place >= layer.volume.shape).any():
        return None
    index = (int(place[0]), int(place[1]), int(place[2]))
    return Finding(
        number=0,
        index=index,
        point=stored.point,
        score=stored.measures.get("130404", 0.0),
        millilitres=stored.measures.get("118565006", 0.0),
        bounds=((index[0], index[0] + 1), (index[1], index[1] + 1), (index[2], index[2] + 1)),
        false_alarm_rate=stored.measures.get("false-alarm-rate"),
    )
