"""The words on an image: who, what, where and how it is shown. No Qt here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from medgan_viewer.core.catalog import Patient, Series, Study
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import Document, OpenSeries
from medgan_viewer.core.layers import ImageLayer
from medgan_viewer.core.slabs import NAMES
from medgan_viewer.core.slicing import letters, side_letters
from medgan_viewer.core.volume import Plane, SliceStack, Vector
from medgan_viewer.ui.dicom_words import age_text, date_text, person_name
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.ui.views.camera import centre_of
from medgan_viewer.ui.views.compared import Image, SeriesImage
from medgan_viewer.ui.views.scene import Picture, Scene
from medgan_viewer.wording import marked

__all__ = [
    "Captions",
    "captions",
    "geometry_lines",
    "point_text",
    "signed_text",
    "study_words",
    "value_text",
    "window_text",
]

# Which results a pane shows, where it does not show all.
_RESULTS = {
    "original": marked("original"),
    "synthetic": marked("synthetic"),
    "segmentation": marked("segmentation"),
    "heat map": marked("heat map"),
}


@dataclass(frozen=True, slots=True)
class Captions:
    """Lines of each corner, most important first, and the letters left, right, top and bottom."""

    top_left: tuple[str, ...]
    top_right: tuple[str, ...]
    bottom_left: tuple[str, ...]
    bottom_right: tuple[str, ...]
    sides: tuple[str, str, str, str]


def captions(
    scene: Scene,
    plane: Plane,
    zoom: float,
    pointer: Sequence[str] = (),
    *,
    picture: Picture | None = None,
    notes: Sequence[str] = (),
    hidden: bool = False,
) -> Captions | None:
    """Return the words for a scene; ``pointer`` holds the lines about the pointer, ``hidden`` hides the patient.

    ``picture`` is what is on the screen: the original unless it says otherwise.
    """
    opened = scene.opened
    if opened is None:
        return None
    picture = picture or Picture(None)
    who, what = study_words(scene.document, opened.study, hidden=hidden)
    window = scene.window_of(scene.shown.series_uid if picture.front is None else picture.front.uid)
    return Captions(
        who,
        what,
        (f"{_window_line(opened, picture, window)} · {numbers(f'{zoom:.1f}')}×", *pointer),
        (
            *_series_lines(scene, opened, plane, picture),
            *_rescaled(picture),
            *([tr("key image")] if scene.is_key_image else []),
            *(note for note in notes if note not in {how for _, how in _registered(picture)}),
        ),
        side_letters(plane),
    )


def study_words(document: Document, study: Study, *, hidden: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of the two upper corners: who, and of which study; ``hidden`` hides the patient."""
    number = document.patient_number(study)
    who = (tr("Patient {0} hidden").format(number),) if hidden else _patient_lines(study.patient)
    return who, _study_lines(study, hidden=hidden)


def point_text(point: Vector) -> str:
    """Return an LPS point in words: "R 31.5 · P 12.0 · H 44.2 mm"."""
    names = ("LR", "PA", "HF")
    parts = [f"{pair[0 if value >= 0 else 1]} {abs(value):.1f}" for pair, value in zip(names, point, strict=True)]
    return numbers(" · ".join(parts) + " mm")


def value_text(value: float, unit: str) -> str:
    """Return a voxel's value with its unit."""
    number = f"{value:.0f}" if float(value).is_integer() or abs(value) >= 1000 else f"{value:.3g}"
    return f"{numbers(number)} {unit}".replace("-", "−").strip()


def signed_text(value: float, unit: str) -> str:
    """Return a difference with its sign and unit."""
    text = value_text(value, unit)
    return text if value <= 0 else f"+{text}"


def window_text(window: Window) -> str:
    """Return a window as "W 80 L 40", and how shades lie in it where that is not evenly."""
    digits = 0 if window.width >= 10 else 2
    curve = "" if window.is_straight else tr(" sigmoid") if window.curve == "SIGMOID" else tr(" VOI LUT")
    return numbers(f"W {window.width:.{digits}f} L {window.centre:.{digits}f}{curve}".replace("-", "−"))


def _patient_lines(patient: Patient) -> tuple[str, ...]:
    born = " · ".join(part for part in (date_text(patient.birth_date), patient.sex, age_text(patient.age)) if part)
    return tuple(line for line in (person_name(patient.name), patient.identifier, born) if line)


def _study_lines(study: Study, *, hidden: bool) -> tuple[str, ...]:
    private = () if hidden else (date_text(study.date), study.institution, study.accession)
    return tuple(line for line in (study.description, *private) if line)


def _window_line(opened: OpenSeries, picture: Picture, window: Window) -> str:
    """Return the window, or that there is none: colours are shown as they are; of a difference its range."""
    if picture.difference is not None:
        return f"± {value_text(picture.difference.strongest, picture.difference.scale.unit)}"
    return tr("colour") if opened.series.colour and picture.front is None else window_text(window)


def _series_lines(scene: Scene, opened: OpenSeries, plane: Plane, picture: Picture) -> tuple[str, ...]:
    """Return the lines of the lower right corner, the lowest first."""
    name = _shown(scene, picture, opened.series)
    # The figure begins a line: where room is short its end goes.
    moved = [line for series, how in _registered(picture) for line in (how, tr("{0} resampled").format(series))]
    count = f"{scene.index + 1} / {scene.count}"
    if not scene.document.is_loaded(scene.shown.series_uid):
        count = tr("loading {0} / {1} · {2}").format(int(opened.ready.sum()), len(opened.ready), count)
    normal = plane.normal
    height = float(centre_of(plane) @ normal)
    main = normal if height >= 0 else -normal
    # Of a turned plane all letters tell which way it faces.
    facing = letters(main)[:1] if scene.cut.triad is None else letters(main)
    place = f"{facing} {abs(height):.1f} mm"
    if scene.shown.kind == "stack" and opened.stack.thickness[scene.index] > 0:
        place = tr("{0:.3g} mm thick · {1}").format(opened.stack.thickness[scene.index], place)
    place = numbers(place)
    # Where room is short the upper ones go first: what must be said about pixels and geometry stays.
    return (
        count,
        name,
        *moved,
        *_cut_lines(scene),
        *_pixel_lines(opened.series),
        *reversed(geometry_lines(scene)),
        place,
    )


def _cut_lines(scene: Scene) -> list[str]:
    """Return what must be said of a slab and of planes that were turned."""
    slab, oblique = scene.cut.slab, scene.cut.triad is not None
    moving = [tr("coarse while it moves")] if scene.cut.moving else []
    if slab is None:
        return [*moving, tr("oblique plane · interpolated")] if oblique else []
    planes = scene.slab_planes
    words = tr("{0} {1:g} mm · 1 plane") if planes == 1 else tr("{0} {1:g} mm · {2} planes")
    said = numbers(words.format(tr(NAMES[slab.mode]), slab.thickness, planes))
    return [*moving, tr("oblique · {0}").format(said) if oblique else said]


def _pixel_lines(series: Series) -> tuple[str, ...]:
    """Return what must be said about the pixels: the time point, and compression that lost something."""
    lines = [tr("{0} compression").format(series.lossy)] if series.lossy else []
    if series.times:
        when = series.time_labels[series.time] if series.time_labels else ""
        lines.append(
            " · ".join(part for part in (tr("time {0} / {1}").format(series.time + 1, len(series.times)), when) if part)
        )
    return tuple(lines)


def _shown(scene: Scene, picture: Picture, series: Series) -> str:
    """Return the name of what is on the screen; where two images share the pane, of both."""
    if picture.sides is not None:
        first, second = (_image_name(side) for side in picture.sides)
        return f"{second} − {first}" if picture.difference else f"{first} {'⇄' if picture.flicker else '|'} {second}"
    if picture.front is not None:
        return picture.front.name
    if scene.layer is not None or scene.results == "original":
        return tr("original · {0}").format(_name(series))
    return _name(series) if scene.results == "all" else f"{_name(series)} · {tr(_RESULTS[scene.results])}"


def _registered(picture: Picture) -> list[tuple[str, str]]:
    """Return the images that lie here by a registration, and its figure: both stand on the pane."""
    shown = picture.sides or (picture.front,)
    series = [side for side in shown if isinstance(side, SeriesImage)]
    return [(_name(side.opened.series), side.how) for side in series if side.how]


def _rescaled(picture: Picture) -> tuple[str, ...]:
    """Return what was done to values before they were subtracted."""
    words = "" if picture.difference is None else picture.difference.scale.words
    return (words,) if words else ()


def _image_name(image: Image) -> str:
    return image.name if isinstance(image, ImageLayer) else _name(image.opened.series)


def _name(series: Series) -> str:
    words = series.description or series.modality
    return words if series.number is None else f"{series.number} · {words}"


def geometry_lines(scene: Scene) -> tuple[str, ...]:
    """Return what must be said about where the slices of an uneven or tilted series come from."""
    opened = scene.opened
    if opened is None or opened.stack.is_regular:
        return ()
    if scene.shown.kind != "stack":
        return (tr("resampled grid"),)
    step = float(np.linalg.norm(opened.stack.slice_step))
    kind = ", ".join(_irregularities(opened.stack))
    return (
        tr("acquired slices · {0}").format(kind),
        numbers(tr("MPR and models use a regular {0:.3g} mm grid").format(step)),
    )


def _irregularities(stack: SliceStack) -> list[str]:
    found = []
    gaps = np.diff(np.sort(stack.positions))
    if np.ptp(gaps) > 0.02 * gaps.mean():
        found.append(tr("uneven spacing"))
    along = stack.origins[-1] - stack.origins[0]
    cosine = abs(float(along @ stack.normal)) / float(np.linalg.norm(along) or 1.0)
    tilt = float(np.degrees(np.arccos(min(cosine, 1.0))))
    if tilt > 0.2:
        found.append(numbers(tr("tilt {0:.1f}°").format(tilt)))
    return found or [tr("uneven spacing")]
