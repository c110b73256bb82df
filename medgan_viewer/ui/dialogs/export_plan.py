"""What an export will hold: settled on the UI thread from what is shown, then written in the background."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer.core.acquired import ready_slices
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.exported import Contents
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, Layer
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.listing import Listed
from medgan_viewer.ui.report.content import Part, ReportOrder, Slices
from medgan_viewer.ui.translation import tr
from medgan_viewer.ui.views.scene import Scene, Shown

if TYPE_CHECKING:
    from medgan_viewer.ui.views.grid import ViewGrid

__all__ = [
    "ExportPlan",
    "SlicePicture",
    "all_slices",
    "contents_of",
    "key_images_of",
    "reading_of",
    "report_order",
    "slice_on_screen",
    "what_goes",
]


@dataclass(frozen=True)
class ExportPlan:
    """What is to be written: results as DICOM objects, and slices as pictures (Secondary Capture and PNG).

    ``drawn`` lies over the original, or over ``base`` where a synthetic image takes its place; ``window`` is for
    whichever it is. ``above`` adds the slices on which a heat map reaches its threshold. ``readings`` become a table
    and a JSON file each.
    """

    opened: OpenSeries
    objects: tuple[Layer, ...]
    drawn: tuple[Layer, ...]
    base: ImageLayer | None
    slices: tuple[int, ...]
    window: Window
    # None where nothing is written to files, but sent to an archive.
    folder: Path | None
    above: HeatLayer | None = None
    # The series of the study: a model may have taken more than one of them.
    study: tuple[Series, ...] = ()
    # Findings and verdicts, as they are when the export begins.
    readings: tuple[Reading, ...] = ()
    # Those of the heat maps that pictures show, whether they are written or not.
    pictured: tuple[Reading, ...] = ()
    # Slices that were marked in the study, on whichever of its series.
    key_images: tuple[KeyImage, ...] = ()
    # What was measured in the study, on whichever of its series.
    measurements: tuple[Listed, ...] = ()
    # What was drawn in the study: pictures show what lies on their slice.
    annotations: tuple[Annotation, ...] = ()
    # Takes the patient's identity out of what is written, see ``dicom.deidentify``; None leaves it in.
    secret: bytes | None = None
    # What a report in PDF is about, None for no report.
    report: ReportOrder | None = None
    # Synthetic images that become films, and the suffix of each.
    films: tuple[tuple[ImageLayer, str], ...] = ()
    # The archive that gets the DICOM objects too, "" for none.
    archive: str = ""


@dataclass(frozen=True)
class SlicePicture:
    """What is drawn in a picture. ``index`` is None where no acquired slice is shown; ``reason`` then says why.

    ``elsewhere`` are results that the pane draws, but that were made from other series: a picture of this series
    cannot say where they come from.
    """

    index: int | None = None
    base: ImageLayer | None = None
    drawn: tuple[Layer, ...] = ()
    elsewhere: tuple[Layer, ...] = ()
    reason: str = ""
    # The window of the pane, which may have one of its own; None where no pane shows the image.
    window: Window | None = None


def slice_on_screen(document: Document, grid: "ViewGrid", opened: OpenSeries) -> SlicePicture:
    """Return the acquired slice of a series in the active pane, with what the pane draws on it."""
    scene = grid.active_pane.scene
    if scene is None or scene.shown.series_uid != opened.series.uid or scene.opened is None:
        return SlicePicture(reason=tr("The active pane does not show this series."))
    index = scene.acquired_index
    if index is None:
        return SlicePicture(
            reason=tr("The active pane shows {0}; a picture can be made only of a slice as it was acquired.").format(
                _cut_words(scene)
            )
        )
    base = scene.layer
    if base is None and not opened.ready[index]:
        return SlicePicture(reason=tr("The slice on screen has not been read."))
    if base is not None and index not in ready_slices(base, opened.stack):
        return SlicePicture(reason=tr("{0} is not computed on the slice on screen.").format(base.name))
    drawn, elsewhere = _drawn(document, scene, grid)
    finished = tuple(layer for layer in drawn if index in ready_slices(layer, opened.stack))
    return SlicePicture(index, base, finished, elsewhere, window=scene.window)


def _cut_words(scene: Scene) -> str:
    """Return what a pane shows that is no acquired slice."""
    turned = scene.cut.triad is not None
    if scene.cut.slab is None:
        words = tr("a turned {0} plane cut through the volume") if turned else tr("a {0} plane cut through the volume")
    else:
        words = tr("a turned {0} slab cut through the volume") if turned else tr("a {0} slab cut through the volume")
    return words.format(tr(scene.shown.kind))


def all_slices(document: Document, grid: "ViewGrid", opened: OpenSeries) -> SlicePicture:
    """Return what is drawn on the original where not one slice but many become pictures."""
    drawn, elsewhere = _drawn(document, Scene(document, Shown(opened.series.uid)), grid)
    scene = grid.active_pane.scene
    here = scene is not None and scene.layer is None and scene.shown.series_uid == opened.series.uid
    return SlicePicture(drawn=drawn, elsewhere=elsewhere, window=scene.window if scene is not None and here else None)


def reading_of(document: Document, layer: HeatLayer) -> Reading:
    """Return what is listed of a heat map and what was said of it."""
    return Reading(layer, document.findings(layer.uid), document.judgements(layer.uid))


def key_images_of(document: Document, opened: OpenSeries) -> tuple[KeyImage, ...]:
    """Return the slices that were marked in the study of a series, on all of its series that are open."""
    there = [(key, document.opened(key.series_uid)) for key in document.key_images]
    return tuple(key for key, one in there if one is not None and one.study.uid == opened.study.uid)


def report_order(
    document: Document, opened: OpenSeries, picture: SlicePicture, measured: tuple[Listed, ...]
) -> ReportOrder:
    """Return what a report on a study is about: the results on all of its series that are open, this one's first.

    ``picture`` is the slice of this series that is shown, so that pictures of its results are made there.
    """
    uids = [opened.series.uid, *(uid for uid in document.open_uids if uid != opened.series.uid)]
    series = [one for uid in uids if (one := document.opened(uid)) is not None and one.study.uid == opened.study.uid]
    parts = []
    for one in series:
        layers = document.layers_of(one.series.uid)
        readings = tuple(reading_of(document, layer) for layer in layers if isinstance(layer, HeatLayer))
        chosen = Slices()
        if one is opened and picture.index is not None:
            shown = picture.window or document.window(one.series.uid if picture.base is None else picture.base.uid)
            chosen = Slices((picture.index,), shown, picture.drawn, picture.base)
        drawn = tuple(entry.annotation for entry in measured if entry.annotation.series_uid == one.series.uid)
        marked = _marked(document, one, chosen)
        if layers or drawn or marked or one is opened:
            parts.append(Part(one, layers, readings, document.window(one.series.uid), chosen, drawn, marked))
    return ReportOrder(tuple(parts), measured)


def _marked(document: Document, opened: OpenSeries, chosen: Slices) -> tuple[Slices, ...]:
    """Return the key images of a series as pictures; not the one that is chosen anyway."""
    made = []
    shown = chosen.base.uid if chosen.base is not None else ""
    for key in document.key_images:
        base = document.layer(key.layer_uid) if key.layer_uid else None
        if key.series_uid != opened.series.uid or (key.index in chosen.indices and key.layer_uid == shown):
            continue
        ready = opened.has_read(key.index) if base is None else key.index in ready_slices(base, opened.stack)
        if ready and (base is None or isinstance(base, ImageLayer)):
            window = document.window(key.layer_uid or key.series_uid)
            made.append(Slices((key.index,), window, (), base))
    return tuple(made)


def _drawn(document: Document, scene: Scene, grid: "ViewGrid") -> tuple[tuple[Layer, ...], tuple[Layer, ...]]:
    """Return the results over the picture of a pane: those made from its series, and those made from others."""
    if not grid.overlay_visible:
        return (), ()
    results: list[Layer] = list(scene.results_over())
    if grid.swipe:
        # A pane that is swiped draws no doubt either.
        results = [layer for layer in results if not isinstance(layer, DoubtLayer)]
    over = scene.image_over()
    if over is not None and scene.layer is None and not grid.swipe:
        window = document.window(over.uid)
        results.insert(0, over.changed(window=(window.width, window.centre)))
        doubt = scene.doubt_of(over)
        if doubt is not None and doubt.fades and doubt not in results:
            # Not drawn itself, but the image fades by it.
            results.append(doubt)
    own = tuple(layer for layer in results if layer.source_series_uid == scene.shown.series_uid)
    return own, tuple(layer for layer in results if layer not in own)


def contents_of(document: Document, plan: ExportPlan) -> Contents:
    """Return what of the work on a study will lie in files that programs can read.

    An export of pictures and paper alone says nothing of what the reader wanted to keep.
    """
    uids = {uid for series in plan.study for uid in series.uids}
    offered = [layer for layer in document.layers if layer.source_series_uid in uids]
    return Contents.of(
        plan.objects,
        offered if plan.objects or plan.readings else (),
        {reading.layer.uid: reading.judgements for reading in plan.readings},
        # The list that is written is of one series.
        (key for key in plan.key_images if key.series_uid == plan.opened.series.uid),
    )


def what_goes(plan: ExportPlan) -> list[str]:
    """Return which attributes go with the patient's identity, without a value. Raises MedganError."""
    from medgan_viewer.dicom import export
    from medgan_viewer.dicom.deidentify import Deidentifier

    return export.identity_that_goes(plan.opened.series, plan.opened.stack, Deidentifier(secret=plan.secret))
