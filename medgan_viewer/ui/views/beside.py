"""In which panes a synthetic image may come up: those whose picture is missed least, first."""

from collections.abc import Sequence

from medgan_viewer.ui.views.links import one_patient
from medgan_viewer.ui.views.pane import Pane

__all__ = ["room_beside", "shows_original"]


def room_beside(panes: Sequence[Pane], series_uid: str, contrast: str) -> list[Pane]:
    """Return the panes for a synthetic image of a series, the best first; none where all have to stay.

    An empty pane; one with another result; one with a picture that stands in a second pane too; then what has least to
    do with the series. The series itself stays, and so does an acquired one of the image's contrast: the two are to be
    compared.
    """
    ranked = [(rank, pane) for pane in panes if (rank := _rank(pane, panes, series_uid, contrast)) is not None]
    return [pane for _, pane in sorted(ranked, key=lambda one: one[0])]


def shows_original(pane: Pane, series_uid: str) -> bool:
    """Whether a pane shows a series, and no synthetic image of it."""
    return pane.shown is not None and (pane.shown.series_uid, pane.shown.layer_uid) == (series_uid, None)


def _rank(pane: Pane, panes: Sequence[Pane], series_uid: str, contrast: str) -> int | None:
    """Return how much a pane's picture would be missed, None where it has to stay; the last pane has the source."""
    scene = pane.scene
    if scene is None or scene.opened is None:
        return 0
    series = scene.opened.series
    if scene.layer is not None or (series.synthetic and not series.simulated and series.uid != series_uid):
        return 1
    twice = any(shows_original(other, series.uid) for other in panes if other is not pane)
    if series.uid == series_uid:
        return 2 if twice and pane is not panes[-1] else None
    source = next((other.scene for other in panes if shows_original(other, series_uid)), None)
    if source is not None and not one_patient(source, scene):
        return 3
    if twice:
        return 2
    return None if contrast and contrast in (series.contrast, series.modality) else 4
