"""Measurements in words, as labels, lists and copied text have them."""

from dataclasses import dataclass

from medgan_viewer.core.measure.annotation import REGIONS
from medgan_viewer.core.measure.measuring import ImageValues, Measurement

__all__ = ["Line", "area_text", "length_text", "lines", "number_text", "plain_text", "size_text"]

# From here on an area is given in cm².
_LARGE_MM2 = 1000.0


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a label; ``synthetic`` where it tells a number of pixels that a model made."""

    text: str
    synthetic: bool = False


def number_text(value: float) -> str:
    """Return a value as it is read: whole numbers whole, others with three or four digits that count."""
    if float(value).is_integer() or abs(value) >= 1000:
        text = f"{value:.0f}"
    else:
        text = f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
    return text.replace("-", "−")


def length_text(millimetres: float) -> str:
    """Return a length."""
    return f"{millimetres:.1f} mm"


def area_text(square_mm: float) -> str:
    """Return an area in mm², a large one in cm²."""
    return f"{square_mm / 100:.1f} cm²" if square_mm >= _LARGE_MM2 else f"{square_mm:.1f} mm²"


def size_text(measurement: Measurement) -> str:
    """Return the length, angle or area; nothing for what has none."""
    if measurement.size is None:
        return ""
    match measurement.annotation.kind:
        case "distance":
            return length_text(measurement.size)
        case "angle" | "cobb":
            return f"{measurement.size:.1f}°"
        case _:
            return area_text(measurement.size)


def lines(measurement: Measurement) -> tuple[Line, ...]:
    """Return the label of a measurement.

    On a synthetic image each value is followed by the source's at the same place, and says which is which; of two
    images that are compared each value says whose it is. A length or an angle is the same on both: it is told once.
    """
    annotation = measurement.annotation
    if annotation.kind in ("arrow", "text"):
        return (Line(annotation.text),) if annotation.text else ()
    if annotation.kind in REGIONS:
        found = [Line(f"{_before(measurement, i)}{_values(i)}", i.mark == "SYNTHETIC") for i in measurement.images]
        count = max((i.count for i in measurement.images), default=0)
        size = size_text(measurement)
        return (*found, Line(f"{size} · {count} px" if measurement.images else size))
    if annotation.kind == "probe":
        return tuple(Line(f"{_before(measurement, i)}{_value(i)}", i.mark == "SYNTHETIC") for i in measurement.images)
    text = size_text(measurement)
    mark = _mark_of_size(measurement)
    return (Line(f"{mark} {text}" if mark else text, mark == "SYNTHETIC"),)


def _before(measurement: Measurement, image: ImageValues) -> str:
    """Return what a number is said to be of: nothing for a scan alone."""
    if measurement.compared:
        # One synthetic image of two needs no name.
        alone = image.mark == "SYNTHETIC" and any(one.mark != "SYNTHETIC" for one in measurement.images)
        return f"{image.mark} " if alone else f"{image.mark} {image.image} ".lstrip()
    if image is measurement.images[0]:
        return f"{image.mark} " if image.mark else ""
    return f"{image.mark} source " if image.mark else "source "


def _mark_of_size(measurement: Measurement) -> str:
    """Return the mark of the image that was measured: of two that are compared the one that it was drawn on."""
    marks = [image.mark for image in measurement.images]
    drawn_on_synthetic = measurement.annotation.layer_uid is not None
    if measurement.compared:
        marks.sort(key=lambda mark: (mark == "SYNTHETIC") != drawn_on_synthetic)
    return next(iter(marks), "")


def _values(image: ImageValues) -> str:
    if not image.count:
        return image.problem
    low, high = image.extent
    spread = "" if image.deviation is None else f" ± {number_text(image.deviation)}"
    whole = f"{number_text(image.mean)}{spread} {image.unit}".rstrip()
    return f"{whole} ({number_text(low)} … {number_text(high)})"


def _value(image: ImageValues) -> str:
    return f"{number_text(image.values[0])} {image.unit}".rstrip() if image.count else image.problem


def plain_text(measurement: Measurement) -> str:
    """Return a measurement as one line of text: its name and all that its label says."""
    said = "; ".join(line.text for line in lines(measurement))
    return f"{measurement.annotation.title}: {said}" if said else measurement.annotation.title
