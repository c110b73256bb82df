"""Pictures and lines of a pane, drawn where its mapping says."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QRegion

from medgan_viewer.core.layers import ImageLayer, LabelLayer
from medgan_viewer.core.volume import Plane, Vector
from medgan_viewer.ui.theme import Theme
from medgan_viewer.ui.views.camera import Mapping, height_over
from medgan_viewer.ui.views.checks import checks
from medgan_viewer.ui.views.lettering import draw_text, elided, metrics_of
from medgan_viewer.ui.views.lines import crossing
from medgan_viewer.ui.views.overlay_text import Room, draw_line
from medgan_viewer.ui.views.pixels import Overlay
from medgan_viewer.ui.views.scene import Picture

__all__ = [
    "Reduced",
    "draw_crosshair",
    "draw_finding",
    "draw_outline",
    "draw_picture",
    "draw_reference",
    "draw_remarks",
    "draw_slab_end",
    "spare",
]

# Below half size Qt's bilinear filter skips pixels; the picture is averaged first.
_AVERAGED_BELOW = 0.5
_SMOOTH = QPainter.RenderHint.SmoothPixmapTransform
_EVEN = QPainter.RenderHint.Antialiasing
# Pixels that a line stays away from words.
_AWAY = 3.0
# Words on an image stay within the pane, and a column of them within a reader's patience.
_WORDS_WIDTH, _MOST_LINES = 320, 12
# Qt shares the rows of a smoothly scaled picture out to threads as soon as there are more than about 95 runs of pixels,
# one in each row. For a picture of this many device pixels at most their waking costs more than they save, and a
# busy machine lets the window wait for them; in strips of few rows Qt draws the very same pixels by itself.
_DRAWN_ALONE = 600_000
_STRIP = 90


@dataclass(eq=False)
class Reduced:
    """The latest picture that was averaged down, kept until another one or another size is asked for."""

    _kept: tuple[QImage, int, int, QImage] | None = field(default=None, repr=False)

    def fitting(self, image: QImage, place: QRectF, ratio: float) -> QImage:
        """Return the image averaged down where it is drawn much smaller than it is, ``ratio`` device pixels each."""
        width, height = round(place.width() * ratio), round(place.height() * ratio)
        if width >= image.width() * _AVERAGED_BELOW and height >= image.height() * _AVERAGED_BELOW:
            return image
        if self._kept is None or self._kept[:3] != (image, width, height):
            smaller = image.scaled(max(width, 1), max(height, 1), mode=Qt.TransformationMode.SmoothTransformation)
            self._kept = (image, width, height, smaller)
        return self._kept[3]


def draw_outline(painter: QPainter, area: QRectF, colour: str, width: float) -> QRectF:
    """Draw a frame just inside an area; return what it leaves."""
    pen = QPen(QColor(colour), width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(width / 2, width / 2, -width / 2, -width / 2))
    return area.adjusted(width, width, -width, -width)


def draw_picture(
    painter: QPainter, picture: Picture, mapping: Mapping, swipe_x: float, theme: Theme, reduced: Reduced
) -> None:
    """Draw the slice, the other half beyond the swipe line, and what lies over both."""
    place = QRectF(*mapping.rectangle())
    if picture.base is not None:
        _draw_smooth(painter, place, reduced.fitting(picture.base, place, painter.device().devicePixelRatioF()))
    if picture.half is not None and picture.checkered:
        second = None if picture.sides is None else picture.sides[1]
        colour = theme.synthetic if isinstance(second, ImageLayer) else theme.image_text
        _draw_checks(painter, picture.half, place, mapping, (colour, theme.image_background))
    elif picture.half is not None:
        _draw_half(painter, picture.half, place, QRectF(swipe_x, 0, mapping.width - swipe_x, mapping.height), theme)
    for overlay in picture.overlays:
        _draw_overlay(painter, overlay, mapping)


def _draw_half(painter: QPainter, half: QImage, place: QRectF, right: QRectF, theme: Theme) -> None:
    painter.save()
    painter.setClipRect(right, Qt.ClipOperation.IntersectClip)
    painter.fillRect(right, QColor(theme.image_background))
    _draw_smooth(painter, place, half)
    painter.restore()
    x = right.left()
    draw_line(painter, QLineF(x, 0, x, right.height()), theme.image_text)
    painter.setPen(QPen(QColor(0, 0, 0, 160), 1.5))
    painter.setBrush(QColor(theme.image_text))
    painter.drawEllipse(QPointF(x + 0.5, right.height() / 2), 5, 5)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _draw_checks(painter: QPainter, image: QImage, place: QRectF, mapping: Mapping, colours: tuple[str, str]) -> None:
    """Draw an image in its fields of a checkerboard, each framed, over a ground, in these colours.

    Fields of a synthetic image have a frame in the colour of its mark.
    """
    frame, ground = colours
    # Beyond the picture there is nothing to tell apart.
    fields = [field_.intersected(place) for field_ in checks(mapping.width, mapping.height)]
    region = QRegion()
    for field_ in fields:
        region += field_.toRect()
    painter.save()
    painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
    painter.fillRect(QRectF(0, 0, mapping.width, mapping.height), QColor(ground))
    _draw_smooth(painter, place, image)
    painter.setPen(QPen(QColor(frame), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for field_ in fields:
        painter.drawRect(field_.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


def _draw_overlay(painter: QPainter, overlay: Overlay, mapping: Mapping) -> None:
    rows, columns = overlay.box
    left, top = mapping.to_screen(rows.start - 0.5, columns.start - 0.5)
    right, bottom = mapping.to_screen(rows.stop - 0.5, columns.stop - 0.5)
    place = QRectF(left, top, right - left, bottom - top)
    painter.setOpacity(overlay.opacity)
    if overlay.smooth:
        _draw_smooth(painter, place, overlay.image)
    else:
        painter.setRenderHint(_SMOOTH, False)
        painter.drawImage(place, overlay.image)
    painter.setOpacity(1.0)


def _draw_smooth(painter: QPainter, place: QRectF, image: QImage) -> None:
    """Draw an image with bilinear interpolation, in strips where it is small; its edge keeps to whole device pixels."""
    painter.setRenderHint(_SMOOTH)
    # An edge that is blended takes three runs of pixels for each row in place of one.
    even = painter.testRenderHint(_EVEN)
    painter.setRenderHint(_EVEN, False)
    ratio = painter.device().devicePixelRatioF()
    whole = painter.clipBoundingRect()
    seen = place.intersected(whole)
    if seen.width() * seen.height() * ratio * ratio > _DRAWN_ALONE:
        painter.drawImage(place, image)
    else:
        step = _STRIP / ratio
        # From the edge of a device pixel on, so that no strip shares one with the next; a row more where it is rounded.
        first = math.floor((seen.top() * ratio - 1) / _STRIP)
        last = math.ceil((seen.bottom() * ratio + 1) / _STRIP)
        strips = [QRectF(seen.left() - 2, number * step, seen.width() + 4, step) for number in range(first, last)]
        _draw_in_strips(painter, place, image, strips)
    painter.setRenderHint(_EVEN, even)


def _draw_in_strips(painter: QPainter, place: QRectF, image: QImage, strips: Sequence[QRectF]) -> None:
    whole = painter.clipBoundingRect()
    if painter.clipRegion().rectCount() > 1:
        for strip in strips:
            painter.save()
            painter.setClipRect(strip, Qt.ClipOperation.IntersectClip)
            painter.drawImage(place, image)
            painter.restore()
        return
    # Without saving and restoring it is quicker.
    for strip in strips:
        painter.setClipRect(strip.intersected(whole))
        painter.drawImage(place, image)
    painter.setClipRect(whole)


def spare(painter: QPainter, words: Sequence[QRectF]) -> None:
    """Let what is drawn from now on stop short of words."""
    free = painter.clipRegion()
    for area in words:
        free = free.subtracted(QRegion(area.adjusted(-_AWAY, -_AWAY / 2, _AWAY, _AWAY / 2).toAlignedRect()))
    painter.setClipRegion(free)


def draw_reference(painter: QPainter, plane: Plane, mapping: Mapping, theme: Theme) -> None:
    """Draw where another plane crosses the displayed one."""
    ends = crossing(plane, mapping.plane)
    if ends is not None:
        (x0, y0), (x1, y1) = (mapping.point_to_screen(end) for end in ends)
        draw_line(painter, QLineF(x0, y0, x1, y1), theme.crosshair)


def draw_slab_end(painter: QPainter, plane: Plane, mapping: Mapping, theme: Theme) -> None:
    """Draw, broken and quietly, where a slab of another pane begins or ends."""
    ends = crossing(plane, mapping.plane)
    if ends is not None:
        (x0, y0), (x1, y1) = (mapping.point_to_screen(end) for end in ends)
        pen = QPen(QColor(theme.crosshair), 1.0, Qt.PenStyle.DashLine)
        pen.setDashPattern([3.0, 5.0])
        painter.setPen(pen)
        painter.drawLine(QLineF(x0, y0, x1, y1))


def draw_crosshair(painter: QPainter, point: Vector, mapping: Mapping, theme: Theme) -> None:
    """Draw a crosshair through an LPS point that leaves the place itself free."""
    x, y = mapping.point_to_screen(point)
    gap, width, height = 12.0, mapping.width, mapping.height
    for line in (
        QLineF(0, y, x - gap, y),
        QLineF(x + gap, y, width, y),
        QLineF(x, 0, x, y - gap),
        QLineF(x, y + gap, x, height),
    ):
        draw_line(painter, line, theme.crosshair)


def draw_remarks(painter: QPainter, layers: Sequence[LabelLayer], reach: float, mapping: Mapping, room: Room) -> None:
    """Draw the words of results whose place lies within ``reach`` mm of the displayed plane, each line below the last.

    Those of segments that are hidden are hidden too.
    """
    step = metrics_of(room.size).height()
    for layer in layers:
        colours = {segment.label: segment.colour for segment in layer.segments if segment.visible}
        for remark in layer.remarks:
            point = np.array(remark.point)
            if remark.label not in colours or abs(height_over(mapping.plane, point)) > reach:
                continue
            x, y = mapping.point_to_screen(point)
            for number, line in enumerate(remark.text.splitlines()[:_MOST_LINES]):
                at = QPointF(x, y + number * step)
                draw_text(painter, at, elided(line, room.size, _WORDS_WIDTH), colours[remark.label], room.size)


def draw_finding(painter: QPainter, box: QRectF, number: int, room: Room, theme: Theme) -> None:
    """Draw a thin box around a finding, with its number."""
    box = box.adjusted(-5, -5, 5, 5)
    painter.setPen(QPen(QColor(theme.finding), 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box)
    draw_text(painter, QPointF(max(box.left(), 4.0), max(box.top() - 4, 14.0)), str(number), theme.finding, room.size)
