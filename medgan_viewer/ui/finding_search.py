"""Lists the findings of heat maps in the background, whenever voxels or a threshold changed."""

import logging
from collections import Counter
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from medgan_viewer.core.document import Change, Document, LayerAdded, LayerChanged, LayerRemoved
from medgan_viewer.core.layers import Finding, HeatLayer
from medgan_viewer.errors import described
from medgan_viewer.ui.loading import Background
from medgan_viewer.ui.translation import tr

__all__ = ["FindingSearch"]

_log = logging.getLogger(__name__)

# A threshold is dragged: findings are computed when it has rested.
_REST_MS = 120


class FindingSearch(QObject):
    """Follows the document and sets the findings of its heat maps."""

    failed = Signal(str)

    def __init__(self, document: Document, background: Background, parent: QObject) -> None:
        super().__init__(parent)
        self._document, self._background = document, background
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REST_MS)
        self._timer.timeout.connect(self._find)
        self._wanted: set[str] = set()
        self._running: Counter[str] = Counter()
        self._thresholds: dict[str, float] = {}
        document.subscribe(self._on_change)

    @property
    def busy(self) -> bool:
        """Whether findings are being listed."""
        return bool(self._wanted) or self._running.total() > 0

    def awaited(self, layer_uid: str) -> bool:
        """Whether the findings of a heat map as it is now are still to come."""
        return layer_uid in self._wanted or self._running[layer_uid] > 0

    def want(self, layer_uid: str) -> None:
        """List the findings of a heat map as soon as it has rested."""
        self._wanted.add(layer_uid)
        self._timer.start()

    def stop(self) -> None:
        """Begin no further search."""
        self._timer.stop()

    def _on_change(self, change: Change) -> None:
        match change:
            case LayerAdded(uid) | LayerChanged(uid, None):
                layer = self._document.layer(uid)
                if isinstance(layer, HeatLayer) and (
                    self._thresholds.get(uid) != layer.threshold or not self._document.findings(uid)
                ):
                    self._thresholds[uid] = layer.threshold
                    self.want(uid)
            case LayerRemoved(uid):
                self._thresholds.pop(uid, None)
            case _:
                pass

    def _find(self) -> None:
        from medgan_viewer.core import findings

        for uid in self._wanted:
            layer = next((made for made in self._document.layers if made.uid == uid), None)
            if isinstance(layer, HeatLayer):
                self._running[uid] += 1
                self._background.run(partial(findings.find, layer), partial(self._on_found, uid))
        self._wanted.clear()

    def _on_found(self, layer_uid: str, found: tuple[Finding, ...] | Exception) -> None:
        self._running[layer_uid] -= 1
        if not self._running[layer_uid]:
            del self._running[layer_uid]
        if isinstance(found, Exception):
            _log.error("findings could not be listed: %s", described(found))
            self.failed.emit(tr("The findings could not be listed; the heat map itself is unharmed."))
        elif any(layer.uid == layer_uid for layer in self._document.layers):
            self._document.set_findings(layer_uid, found)
