"""Slices that a reader marked as key images, as a DICOM Key Object Selection (TID 2010)."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medgan_viewer.core.key_images import KeyImage
from medgan_viewer.dicom import atomic, provenance
from medgan_viewer.dicom.equipment import equipment
from medgan_viewer.dicom.provenance import PROGRAM, NewSeries, Reference, Source
from medgan_viewer.dicom.write_report import OF_IMAGES, coded, evidence

if TYPE_CHECKING:
    from pydicom import Dataset

__all__ = ["write"]

_TITLE = ("113000", "DCM", "Of Interest")


def write(keys: Sequence[KeyImage], source: Source, folder: Path, *, series_number: int) -> tuple[Path, ...]:
    """Write a list that refers to the marked slices of a source; nothing where none is marked. Raises ``WriteError``.

    A slice that was marked on a synthetic image is that image's, where it was written with the same set and whole; else
    the list refers to the acquired slice and says in words that a SYNTHETIC image was shown.
    """
    if not keys:
        return ()
    chosen = {key: _reference(key, source) for key in sorted(keys)}
    unwritten = [key.index + 1 for key, (_, written) in chosen.items() if key.layer_uid and not written]
    dataset = _dataset([reference for reference, _ in chosen.values()], unwritten, source, series_number)
    _name_frames(dataset, _frames(chosen, source))
    path = atomic.free_path(folder, "key-images.dcm")
    with atomic.new_file(path) as temporary:
        provenance.save(dataset, source, temporary)
    return (path,)


def _reference(key: KeyImage, source: Source) -> tuple[Reference, bool]:
    """Return the image that was marked, and whether it is the synthetic one."""
    written = source.written.get(key.layer_uid, []) if key.layer_uid else []
    if len(written) == len(source.instances):
        return written[key.index], True
    instance = source.instances[key.index]
    return Reference(instance.sop_class_uid, instance.sop_instance_uid, source.series.series_instance_uid), False


def _dataset(images: Sequence[Reference], unwritten: Sequence[int], source: Source, series_number: int) -> "Dataset":
    from highdicom import ko

    series = NewSeries(series_number)
    items = evidence(dict.fromkeys(images), source)
    for item in items:
        # Without them highdicom takes it for something else than an image.
        item.Rows, item.Columns = source.stack.array.shape[1:]
    said = "Key images marked by a reader. Research use only, not for diagnosis."
    if unwritten:
        slices = ", ".join(map(str, dict.fromkeys(unwritten)))
        said += f" Marked while a SYNTHETIC image was shown, which is not part of this list: slice {slices}."
    dataset = ko.KeyObjectSelectionDocument(
        evidence=items,
        content=ko.KeyObjectSelection(coded(_TITLE), items, description=said),
        series_instance_uid=series.uid,
        series_number=series.number,
        sop_instance_uid=provenance.new_uid(),
        instance_number=1,
        manufacturer=PROGRAM,
        specific_character_set=None,
    )
    provenance.copy_examination(dataset, source)
    kind = "SYNTHETIC source, key images" if source.synthetic else "Key images"
    provenance.series_attributes(dataset, source, None, series, f"{kind} ({PROGRAM}) RESEARCH")
    for keyword in OF_IMAGES:
        if keyword in dataset:
            del dataset[keyword]
    dataset.ContributingEquipmentSequence = equipment(source, ())
    return dataset  # type: ignore[no-any-return]


def _frames(chosen: Mapping[KeyImage, tuple[Reference, bool]], source: Source) -> dict[str, list[int]]:
    """Return the frames (from 1) of each multi-frame object that was marked."""
    frames: dict[str, list[int]] = {}
    for key, (reference, synthetic) in chosen.items():
        frame = None if synthetic else source.instances[key.index].frame
        if frame is not None:
            frames.setdefault(reference.sop_instance, []).append(frame + 1)
    return frames


def _name_frames(dataset: Any, frames: Mapping[str, Sequence[int]]) -> None:
    for item in dataset.ContentSequence:
        for image in item.get("ReferencedSOPSequence", ()):
            numbers = frames.get(str(image.ReferencedSOPInstanceUID))
            if numbers:
                image.ReferencedFrameNumber = sorted(set(numbers))
