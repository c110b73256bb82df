"""From the headers of many files to series whose slices belong to one stack."""

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from medgan_viewer.core.catalog import Instance, Series, Study, free_uid
from medgan_viewer.dicom import labels
from medgan_viewer.dicom.frames import Acquisition
from medgan_viewer.dicom.geometry import SAME_PLACE_MM, is_sound, location, oddities
from medgan_viewer.dicom.headers import Header
from medgan_viewer.dicom.pixels import is_colour

__all__ = ["studies_of"]

# Direction cosines and pixel sizes that differ by less belong to one stack: half a voxel over a whole image.
_SAME_DIRECTION, _SAME_SPACING = 1e-3, 1e-3


class _Image(NamedTuple):
    header: Header
    instance: Instance
    acquisition: Acquisition


def studies_of(headers: Iterable[Header]) -> tuple[Study, ...]:
    """Return the studies that the files make up, in the order in which they were met."""
    studies: dict[Hashable, dict[Hashable, list[Header]]] = defaultdict(lambda: defaultdict(list))
    for header in headers:
        patient = header.patient
        # A study UID shared by two patients is an error somewhere; they must never be mixed.
        identity = (header.study_uid, patient.identifier, patient.name)
        studies[identity][header.series_uid, header.modality].append(header)
    taken: set[str] = set()
    return tuple(_study(list(series.values()), taken) for series in studies.values())


def _study(groups: list[list[Header]], taken: set[str]) -> Study:
    first = groups[0][0]
    uid = first.study_uid or f"without-uid:{first.path.name}"
    series = [part for group in groups for part in _series(group, uid, taken)]
    return Study(
        uid=uid,
        patient=first.patient,
        date=first.study_date,
        description=first.study_description,
        accession=first.accession,
        institution=first.institution,
        series=tuple(sorted(series, key=lambda one: one.order)),
    )


def _series(headers: list[Header], study_uid: str, taken: set[str]) -> list[Series]:
    """Return one series for each stack among the files of a SeriesInstanceUID, the largest first."""
    images = [
        _Image(header, instance, acquisition)
        for header in headers
        for instance, acquisition in zip(header.instances, header.acquisitions, strict=True)
    ]
    images, warnings = _without_copies(images)
    parts = [part for stack in _stacks(images) for part in _by_acquisition(stack)]
    parts.sort(key=len, reverse=True)
    base = headers[0].series_uid or f"without-uid:{headers[0].path.name}"
    found = []
    for part in parts:
        found.append(_one_series(free_uid(base, taken), study_uid, part, warnings))
        warnings = []
    return found


def _without_copies(images: list[_Image]) -> tuple[list[_Image], list[str]]:
    """Drop images whose SOPInstanceUID was met before; a copy of a file says nothing new."""
    kept: dict[Hashable, _Image] = {}
    copies = []
    for image in images:
        uid = image.instance.sop_instance_uid or str(image.instance.path)
        if kept.setdefault((uid, image.instance.frame), image) is not image:
            copies.append(image.instance.path.name)
    if not copies:
        return images, []
    what = f"{copies[0]} is" if len(copies) == 1 else f"{copies[0]} and {len(copies) - 1} more files are"
    return list(kept.values()), [f"{what} left out: a copy of an image that is here already."]


def _stacks(images: list[_Image]) -> list[list[_Image]]:
    """Split images by size, kind and orientation; localisers stand apart."""
    stacks: list[list[_Image]] = []
    for image in images:
        home = next((stack for stack in stacks if _fits(stack[0], image)), None)
        if home is None:
            stacks.append([image])
        else:
            home.append(image)
    return stacks


def _fits(one: _Image, other: _Image) -> bool:
    a, b = one.instance, other.instance
    if _kind(one) != _kind(other):
        return False
    if any(abs(x - y) > _SAME_SPACING * x for x, y in zip(a.pixel_spacing or (), b.pixel_spacing or (), strict=True)):
        return False
    if a.orientation is None or b.orientation is None:
        return a.orientation is b.orientation
    return max(abs(x - y) for x, y in zip(a.orientation, b.orientation, strict=True)) < _SAME_DIRECTION


def _kind(image: _Image) -> Hashable:
    instance, header = image.instance, image.header
    return (
        instance.rows,
        instance.columns,
        instance.storage.samples,
        instance.position is None,
        instance.pixel_spacing is None,
        header.frame_of_reference_uid,
        "LOCALIZER" in (part.upper() for part in header.image_type),
        image.acquisition.stack,
    )


def _by_acquisition(images: list[_Image]) -> list[list[_Image]]:
    """Split a stack in which places were imaged more than once by what was imaged: echoes, b-values, magnitude, maps.

    What varies from slice to slice tells no acquisitions apart: a property counts where it has no more values than a
    place has images.
    """
    if images[0].instance.position is None or not _is_repeated(images):
        return [images]
    if np.ptp([location(image.instance) for image in images]) < SAME_PLACE_MM:
        # A film of one slice: its images follow one another in time, not in space.
        return [[image._replace(instance=replace(image.instance, position=None, orientation=None)) for image in images]]
    most = max(map(len, _places(images)))
    for key in range(len(images[0].acquisition.kind)):
        parts = _parts(images, lambda image, n=key: image.acquisition.kind[n])  # type: ignore[misc]
        if 1 < len(parts) <= most:
            return [kind for part in parts for kind in _by_acquisition(part)]
    return [images]


def _parts(images: list[_Image], key: Callable[[_Image], Hashable]) -> list[list[_Image]]:
    """Return the images by a property, in the order in which its values are met."""
    parts: dict[Hashable, list[_Image]] = defaultdict(list)
    for image in images:
        parts[key(image)].append(image)
    return list(parts.values())


def _places(images: list[_Image]) -> list[list[_Image]]:
    """Return the images of each place along the normal, place by place."""
    ordered = sorted(images, key=lambda image: location(image.instance))
    places = [[ordered[0]]]
    for image in ordered[1:]:
        if location(image.instance) - location(places[-1][0].instance) < SAME_PLACE_MM:
            places[-1].append(image)
        else:
            places.append([image])
    return places


def _time_points(images: list[_Image]) -> tuple[list[list[_Image]], list[str]]:
    """Return the images of every time point, and sentences on what was left out; one time point where time does not
    tell the images of a place apart.
    """
    if images[0].instance.position is None or not _is_repeated(images):
        return [images], []
    places = _places(images)
    most = max(map(len, places))
    for key in range(len(images[0].acquisition.times)):
        values = {image.acquisition.times[key] for image in images}
        if None in values or not 1 < len(values) <= most:
            continue
        points = [p for _, p in sorted(_by_value(images, key).items())]
        whole = [point for point in points if len(point) == len(places) and not _is_repeated(point)]
        if len(whole) > 1:
            return whole, _incomplete(points, whole, len(places))
    if all(len(place) == most for place in places):
        # Nothing numbers the time points: at each place one image follows the other.
        ranked = [sorted(place, key=_moment) for place in places]
        return [[place[time] for place in ranked] for time in range(most)], []
    return [images], []


def _by_value(images: list[_Image], key: int) -> dict[float, list[_Image]]:
    points: dict[float, list[_Image]] = defaultdict(list)
    for image in images:
        points[image.acquisition.times[key] or 0.0].append(image)
    return points


def _incomplete(points: list[list[_Image]], whole: list[list[_Image]], count: int) -> list[str]:
    left_out = [point for point in points if point not in whole]
    if not left_out:
        return []
    what = "1 time point is" if len(left_out) == 1 else f"{len(left_out)} time points are"
    return [f"{what} left out: not every one of the {count} slices is there."]


def _moment(image: _Image) -> tuple[tuple[float, ...], int, int, str]:
    times = tuple(-math.inf if value is None else value for value in image.acquisition.times)
    instance = image.instance
    return times, instance.number or 0, instance.frame or 0, str(instance.path)


def _time_labels(points: list[list[_Image]]) -> tuple[str, ...]:
    """Return when each time point was acquired, after the first one; empty words where the times do not tell."""
    moments = [[m for image in point if (m := image.acquisition.moment) is not None] for point in points]
    if not all(moments):
        return ("",) * len(points)
    first = [min(some) for some in moments]
    if any(later <= earlier for earlier, later in itertools.pairwise(first)):
        return ("",) * len(points)
    return tuple(_seconds_text(moment - first[0]) for moment in first)


def _seconds_text(seconds: float) -> str:
    return f"+{1000 * seconds:.0f} ms" if seconds < 1 else f"+{seconds:.1f} s"


def _is_repeated(images: list[_Image]) -> bool:
    """Whether at least half of the places occur more than once."""
    places = np.sort([location(image.instance) for image in images])
    repeats = int((np.diff(places) < SAME_PLACE_MM).sum())
    return repeats >= max(1, (len(images) - repeats) / 2) and len(images) > 3


def _one_series(uid: str, study_uid: str, images: list[_Image], warnings: list[str]) -> Series:
    points, incomplete = _time_points(images)
    points = [sorted(point, key=_slice_order) for point in points]
    images, duplicates = _without_duplicates(points[0])
    middle = images[len(images) // 2]
    header = middle.header
    words = f"{header.description} {header.protocol}"
    series = Series(
        uid=uid,
        study_uid=study_uid,
        number=header.series_number,
        modality=header.modality,
        description=header.description or header.protocol,
        body_part=labels.body_part(header.body_part, f"{words} {header.study_description}"),
        # What has no place in space cannot be compared by place.
        frame_of_reference_uid=None if middle.instance.position is None else header.frame_of_reference_uid,
        instances=tuple(image.instance for image in images),
        contrast=labels.mr_contrast(words, header.agent, header.times) if header.modality == "MR" else None,
        windows=header.windows,
        window_function=header.window_function,
        voi_tables=header.voi_tables,
        synthetic=any(image.header.synthetic for image in images),
        simulated=any(image.header.simulated for image in images),
        inverted=middle.instance.storage.photometric == "MONOCHROME1",
        colour=is_colour(middle.instance),
        lossy=next((image.header.lossy for image in images if image.header.lossy), ""),
        graphics=any(image.header.graphics for image in images),
    )
    if len(points) > 1:
        times = tuple(tuple(image.instance for image in point) for point in points)
        series = replace(series, times=times, time_labels=_time_labels(points))
    if not is_sound(series):
        series = _without_places(series)
        warnings = [*warnings, "The positions in the headers cannot be right and are not used."]
    notes = _display_notes(series.instances[0], images)
    return replace(series, warnings=(*warnings, *incomplete, *duplicates, *oddities(series), *notes))


def _without_places(series: Series) -> Series:
    def bare(instances: tuple[Instance, ...]) -> tuple[Instance, ...]:
        return tuple(replace(instance, position=None, orientation=None) for instance in instances)

    times = tuple(map(bare, series.times))
    return replace(series, instances=bare(series.instances), times=times, frame_of_reference_uid=None)


def _slice_order(image: _Image) -> tuple[float, int, str, int]:
    instance = image.instance
    return round(location(instance), 3), instance.number or 0, str(instance.path), instance.frame or 0


def _without_duplicates(images: list[_Image]) -> tuple[list[_Image], list[str]]:
    """Keep the first image of each place, and name the others."""
    if images[0].instance.position is None:
        return images, []
    kept, left_out = [images[0]], []
    for image in images[1:]:
        if location(image.instance) - location(kept[-1].instance) < SAME_PLACE_MM:
            left_out.append((kept[-1].instance, image.instance))
        else:
            kept.append(image)
    if not left_out:
        return images, []
    first, second = left_out[0]
    more = f" (and {len(left_out) - 1} more like it)" if len(left_out) > 1 else ""
    sentence = (
        f"Two images lie at {location(first):.2f} mm: {first.path.name} is shown, {second.path.name} is left out{more}."
    )
    return kept, [sentence]


def _display_notes(first: Instance, images: list[_Image]) -> list[str]:
    """Return sentences on what the shown values are not."""
    notes = []
    if any(image.header.lossy for image in images):
        notes.append("The images were compressed with loss; fine detail may be missing.")
    if is_colour(first):
        notes.append("The images are in colour; models take grey images only.")
    if first.position is None and first.pixel_spacing is None:
        notes.append("The images have neither a place in space nor a pixel size; distances are not in millimetres.")
    elif first.position is None:
        notes.append("The images have no places of their own in space; they are shown one after the other.")
    elif first.pixel_spacing is None:
        notes.append("The images do not say how large a pixel is; distances are not in millimetres.")
    if any(image.header.modality_lut for image in images):
        notes.append("The images carry a modality lookup table that is damaged; values are as stored.")
    if any(image.header.voi_lut for image in images):
        notes.append("The images carry a VOI lookup table that is damaged; choose a window.")
    return notes
