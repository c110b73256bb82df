"""Small scans with known values at known places, for tests of what shows pixels."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Catalog, Instance, Patient, Series, Study
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import Code, Finding, HeatLayer, ImageLayer, LabelLayer, Provenance, Segment
from medgan_viewer.core.volume import SliceStack, Volume
from medgan_viewer.ui.theme import DARK
from medgan_viewer.ui.views.captions import Captions, captions
from medgan_viewer.ui.views.grid import ViewGrid
from medgan_viewer.ui.views.pane import Pane
from medgan_viewer.ui.views.scene import Shown

FRAME = "1.2.826.0.1.3680043.8.498.1"
PATIENT = Patient("Phantom^Ada", "P-0001", "19640302", "F", "061Y")
_CODE = Code("1", "99TEST", "Test")


def ball(
    shape: tuple[int, int, int] = (20, 64, 48), spacing: tuple[float, float, float] = (3.0, 1.5, 2.0)
) -> NDArray[np.int16]:
    """Return a head-like ellipsoid: 1000 in a shell, 40 inside, a darker core, −1000 outside."""
    axes = [(np.arange(n) - (n - 1) / 2) * mm for n, mm in zip(shape, spacing, strict=True)]
    z, y, x = np.meshgrid(*axes, indexing="ij")
    reach = [n * mm / 2 * 0.85 for n, mm in zip(shape, spacing, strict=True)]
    radius = np.sqrt((z / reach[0]) ** 2 + (y / reach[1]) ** 2 + (x / reach[2]) ** 2)
    return np.select([radius < 0.35, radius < 0.88, radius < 1.0], [5, 40, 1000], -1000).astype(np.int16)


def stack_of(
    array: NDArray[Any],
    *,
    affine: NDArray[np.float64] | None = None,
    spacing: tuple[float, float, float] = (3.0, 1.5, 2.0),
    origins: NDArray[np.float64] | None = None,
    frame: str | None = FRAME,
    modality: str = "CT",
    unit: str = "HU",
) -> SliceStack:
    """Return acquired slices: axial in radiological convention unless an affine says otherwise."""
    if affine is None:
        affine = axial_affine(array.shape, spacing)
    if origins is None:
        origins = np.array([affine[:3, 3] + i * affine[:3, 0] for i in range(array.shape[0])])
    step = float(np.linalg.norm(affine[:3, 0]))
    thickness = np.full(array.shape[0], step)
    return SliceStack(array, origins, affine[:3, 1], affine[:3, 2], thickness, frame, modality, unit)


def axial_affine(shape: Sequence[int], spacing: tuple[float, float, float]) -> NDArray[np.float64]:
    """Return the affine of axial slices centred on the origin: slices to the head, rows to +P, columns to +L."""
    affine = np.eye(4)
    affine[:3, 0], affine[:3, 1], affine[:3, 2] = (0, 0, spacing[0]), (0, spacing[1], 0), (spacing[2], 0, 0)
    affine[:3, 3] = -(affine[:3, :3] @ ((np.array(shape) - 1) / 2))
    return affine


def opened_series(
    uid: str,
    stack: SliceStack,
    *,
    patient: Patient = PATIENT,
    ready: NDArray[np.bool_] | None = None,
    **changes: Any,
) -> OpenSeries:
    """Return an open series; further arguments change its catalogue entry."""
    instances = tuple(
        Instance(Path("none.dcm"), f"{uid}.{i}", "1.2", i, 1, 1, None, None, None, None) for i in range(len(stack))
    )
    entry: dict[str, Any] = {
        "uid": uid,
        "study_uid": f"study of {patient.identifier}",
        "number": 2,
        "modality": stack.modality,
        "description": "Axial head",
        "body_part": "HEAD",
        "frame_of_reference_uid": stack.frame_of_reference_uid,
        "instances": instances,
        "windows": ((80.0, 40.0), (2500.0, 480.0)),
    } | changes
    series = Series(**entry)
    study = Study(series.study_uid, patient, "20261112", "Head CT", "A-17", "Hospital of the Test Suite", (series,))
    return OpenSeries(study, series, stack, np.ones(len(stack), bool) if ready is None else ready)


def document_with(*series: OpenSeries) -> Document:
    """Return a document in which series are open."""
    document = Document()
    for opened in series:
        document.add_catalog(Catalog((opened.study,)))
        document.open_series(opened)
    return document


def provenance(model: str = "CT → MR") -> Provenance:
    """Return where a test result comes from."""
    return Provenance(
        "test-model",
        model,
        "1.0",
        "ab" * 32,
        ("ct",),
        "cpu",
        "fp32",
        datetime(2026, 11, 21, tzinfo=UTC),
        "CC0",
        "Test.",
    )


def _grid(opened: OpenSeries, array: NDArray[Any], unit: str = "") -> Volume:
    return opened.volume().with_array(array, unit=unit)


def image_layer(opened: OpenSeries, uid: str = "t1", value: int | None = None, **changes: Any) -> ImageLayer:
    """Return a synthetic image: one value everywhere, or a darkened copy of the ball."""
    source = opened.volume().array
    array = np.where(source > -500, 700 - source // 4, 0) if value is None else np.full(source.shape, value)
    options: dict[str, Any] = {"name": "Synthetic T1", "opacity": 0.6} | changes
    return ImageLayer(
        uid=uid,
        source_series_uid=opened.series.uid,
        volume=_grid(opened, array.astype(np.int16), "a.u."),
        ready=options.pop("ready", np.ones(len(source), bool)),
        provenance=options.pop("provenance", provenance()),
        contrast="T1",
        window=(1000.0, 500.0),
        **options,
    )


def label_layer(opened: OpenSeries, uid: str = "anatomy", **changes: Any) -> LabelLayer:
    """Return a segmentation: the core is 1 (red), what is around it 2 (green)."""
    source = opened.volume().array
    array = np.select([source == 5, source == 40], [1, 2], 0).astype(np.uint8)
    options: dict[str, Any] = {"name": "Anatomy", "opacity": 1.0} | changes
    segments = (
        Segment(1, "Core", "#ff0000", _CODE, _CODE),
        Segment(2, "Mantle", "#00ff00", _CODE, _CODE),
    )
    return LabelLayer(
        uid=uid,
        source_series_uid=opened.series.uid,
        volume=_grid(opened, array),
        ready=np.ones(len(source), bool),
        provenance=provenance("Head anatomy"),
        segments=segments,
        **options,
    )


def heat_layer(opened: OpenSeries, uid: str = "heat", **changes: Any) -> tuple[HeatLayer, Finding]:
    """Return a heat map with one hot box left of the middle of the head, and the finding it makes."""
    volume = opened.volume()
    slices, rows, columns = (n // 2 for n in volume.shape)
    array = np.zeros(volume.shape, np.float32)
    bounds = ((slices - 2, slices + 3), (rows - 6, rows + 6), (columns + 4, columns + 12))
    array[tuple(slice(*bound) for bound in bounds)] = 0.9
    index = (slices, rows, columns + 8)
    point = volume.point(index)
    finding = Finding(1, index, (float(point[0]), float(point[1]), float(point[2])), 0.9, 3.0, bounds)
    options: dict[str, Any] = {"name": "Anomaly", "opacity": 0.8, "threshold": 0.5} | changes
    layer = HeatLayer(
        uid=uid,
        source_series_uid=opened.series.uid,
        volume=_grid(opened, array),
        ready=np.ones(volume.shape[0], bool),
        provenance=provenance("Head anomaly"),
        **options,
    )
    return layer, finding


# -- what a user does ------------------------------------------------------------------------------------------------


def shown_grid(qtbot: QtBot, document: Document, layout: str = "1x1", size: tuple[int, int] = (800, 600)) -> ViewGrid:
    """Return a grid on the screen."""
    grid = ViewGrid(document, DARK)
    qtbot.addWidget(grid)
    grid.resize(*size)
    grid.set_layout_name(layout)
    with qtbot.waitExposed(grid):
        grid.show()
    return grid


def wait_for_rest(grid: ViewGrid) -> None:
    """Wait until all that came to rest in a grid is exact; the limit of a test ends a wait for ever."""
    while any(pane.scene is not None and pane.scene.cut.moving for pane in grid.panes):
        QApplication.processEvents()


def pane_showing(qtbot: QtBot, document: Document, shown: Shown, size: tuple[int, int]) -> Pane:
    """Return a pane of its own that shows a series or what lies over it."""
    pane = Pane(document, DARK, 1)
    qtbot.addWidget(pane)
    pane.resize(*size)
    pane.show_content(shown)
    return pane


def side_by_side(qtbot: QtBot, document: Document, left: str, right: str) -> ViewGrid:
    """Return a grid on the screen that shows two series."""
    grid = shown_grid(qtbot, document, "1x2")
    for pane, uid in zip(grid.panes, (left, right), strict=False):
        grid.show_series(uid, pane)
    return grid


def wheel(pane: QWidget, delta: int, at: QPointF | None = None, keys: Qt.KeyboardModifier | None = None) -> None:
    """Turn the wheel over a pane; 120 is one notch away from the user."""
    place = at or QPointF(pane.rect().center())
    event = QWheelEvent(
        place,
        pane.mapToGlobal(place),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        keys or Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(pane, event)


def mouse(
    pane: QWidget,
    kind: QEvent.Type,
    at: QPointF,
    button: Qt.MouseButton = Qt.MouseButton.NoButton,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    """Send one mouse event to a pane."""
    pressed = button if kind == QEvent.Type.MouseMove else Qt.MouseButton.NoButton
    own = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    QApplication.sendEvent(pane, QMouseEvent(kind, at, pane.mapToGlobal(at), own, pressed, keys))


def drag(
    pane: QWidget,
    right: float,
    down: float,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    start: QPointF | None = None,
) -> None:
    """Drag the mouse in a pane, in two steps."""
    begin = start or QPointF(pane.rect().center())
    mouse(pane, QEvent.Type.MouseButtonPress, begin, button)
    for share in (0.5, 1.0):
        mouse(pane, QEvent.Type.MouseMove, begin + QPointF(right * share, down * share), button)
    mouse(pane, QEvent.Type.MouseButtonRelease, begin + QPointF(right, down), button)


def said_in(pane: Pane) -> Captions:
    """Return the words in the corners of a pane over the original."""
    assert pane.scene is not None
    assert pane.scene.plane is not None
    said = captions(pane.scene, pane.scene.plane, 1.0)
    assert said is not None
    return said


def pixels(image: QImage) -> NDArray[np.uint8]:
    """Return a picture as [row, column, (red, green, blue)]."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


def add_results(document: Document) -> None:
    """Add to the series "ct" one result of each kind, with a finding in its heat map."""
    opened = document.opened("ct")
    assert opened is not None
    heat, finding = heat_layer(opened)
    for layer in (image_layer(opened), label_layer(opened), heat):
        document.add_layer(layer)
    document.set_findings("heat", (finding,))
