"""Sentences of what lies below the window, in its language: why a model does not fit, why a file cannot be read.

They are English where they are made: no language is known there, they may come from another process, and they go to
the command line as well. Here each stands word for word once more, with places for its values, to be known again on the
screen. What is not among them is shown as it is.
"""

import re
from collections.abc import Sequence
from functools import cache, reduce

from medgan_viewer.errors import MedganError, PackageError, ReadError, WriteError
from medgan_viewer.ui.translation import numbers, tr
from medgan_viewer.wording import marked

__all__ = ["NOTES", "READING", "UNFIT", "VALUES", "error_shown", "sentence_shown"]

UNFIT = (
    marked("This series was made by a model; models are used on acquired images only."),
    marked("This series is in colour; models are used on grey images only."),
    marked("Needs {0}; this series is {1}."),
    marked("Needs a {0}; this series shows {1}."),
    marked("Needs {0} in the same frame of reference as well; there is none."),
    marked("The region is not stated in the series: confirm that it shows a {0}."),
    marked("The contrast is not stated in the series: confirm that it is {0}."),
    marked("The position of the slices in the patient is not known."),
    marked("Needs axial slices; these are tilted by {0}°."),
    marked("Needs slices at most {0} mm apart; these are {1} mm apart."),
)
"""Why a model cannot be used on a series, and what the reader must confirm (``models.suitability``)."""

READING = (
    # What it is, where it is no scan.
    marked("This is not a DICOM file."),
    marked("This is not an NRRD file."),
    marked("This is not a NIfTI-1 file in one part."),
    marked("This is not a regular file."),
    marked("This is a compressed file; unpack it first."),
    marked("This is a table of contents (DICOMDIR); open its folder instead."),
    marked("This is a {0} object, not a scan; open the series it belongs to."),
    marked("This is a {0} object, which holds no image."),
    marked("No scan was found in this folder."),
    marked("No scan was found in this ZIP archive."),
    marked("There is no such file or folder."),
    # What cannot be read at all.
    marked("The file is empty."),
    marked("The file cannot be read ({0})."),
    marked("The folder cannot be read ({0})."),
    marked("The file has changed since it was listed; open it again."),
    marked("The file has become shorter since it was listed; open it again."),
    marked("The series needs {0} GiB of memory, more than there is; close other studies or programs."),
    marked("Slice {0} is left empty. {1}"),
    marked("Slice {0}: {1} values too large or too small to keep were clipped."),
    # What is cut off or damaged.
    marked("The file is damaged or cut off inside its header."),
    marked("The file is cut off inside its header."),
    marked("The file is too short for a NIfTI header."),
    marked("The header of this file cannot be read; it is damaged or of another format."),
    marked("The file has no pixel data: it was cut off, or only its header was saved."),
    marked("The file is cut off: {0} take {1} bytes, it holds {2}."),
    marked("The file is cut off: {0} bytes of its compressed pixels are missing."),
    marked("The file is cut off: {0} bytes of voxels expected, it holds {1}."),
    marked("The file is cut off: it cannot hold the {0} voxels it claims."),
    marked("The compressed pixels are damaged."),
    marked("The compressed file is damaged or cut off."),
    marked("The compressed voxels are damaged or cut off."),
    marked("The deflated data set is damaged."),
    marked("The deflated data set grows beyond all bounds."),
    marked("The modality lookup table is damaged."),
    marked("The pixels cannot be decoded ({0}): damaged or cut off."),
    marked("The decoder broke down on it; the file is damaged."),
    marked("The decoded image is in colour, unlike its header says."),
    marked("The decoded image has another size than its header says."),
    marked("The compressed image has another size than its header says."),
    marked("This {0} is damaged or breaks DICOM's rules."),
    # What this program does not read.
    marked("This program does not know the compression {0}."),
    marked("The image has {0} bits a pixel, which this program does not read."),
    marked("The file does not say how many rows and columns its image has."),
    marked("{0} × {1} × {2} pixels"),
    marked("The image claims {0}, more than this program opens."),
    marked("The image claims {0}, which its {1} bytes cannot hold."),
    marked("The volume claims {0} voxels, more than is opened."),
    marked("This {0} is larger than this program opens."),
    marked("This object claims more frames or pixels than it describes or than this program opens."),
    marked("The file has {0} axes; two, three, or four with time are read."),
    marked("The file holds a kind of data that is not read (colour, complex or unknown)."),
    marked("The file holds a kind of values that is not read."),
    marked("The file holds colours or vectors, which are not read from this format."),
    marked("The voxels are written in a way that is not read (encoding {0})."),
    marked("The voxels are written in a way that is not read (as words, or behind a header)."),
    marked("Its voxels are said to be elsewhere or in many files, which is not followed."),
    marked("The file with its voxels is missing: put {0} beside it."),
    marked("The file's orientation is unusable: its matrix places no volume in space."),
    # What lies in an archive or a table of contents.
    marked("The ZIP archive is damaged or cut off."),
    marked("The ZIP archive cannot be unpacked ({0})."),
    marked("The ZIP archive holds {0} files, more than this program opens."),
    marked("Its name in the ZIP archive points outside the archive; it is left out."),
    marked("It is a link in the ZIP archive; it is left out."),
    marked("It is encrypted; unpack the ZIP archive with its password first."),
    marked("It grows beyond all bounds when unpacked; it is left out."),
    marked("It does not fit on the disk or is larger than this program unpacks."),
    marked("It is larger than the ZIP archive says; it is left out."),
    marked("It is damaged in the ZIP archive or packed in a way that is not known."),
    marked("It is a ZIP archive inside a ZIP archive; unpack it and open it by itself."),
    marked("The table of contents is larger than any; open its folder instead."),
    marked("The table of contents is damaged; open its folder instead."),
    marked("This is no table of contents of DICOM files; open its folder instead."),
    marked("1 of its entries points outside its folder and is left out."),
    marked("{0} of its entries point outside its folder and are left out."),
    marked("1 file that it lists is not there."),
    marked("{0} files that it lists are not there."),
)
"""Why a file or a part of it was not opened (``dicom``)."""

NOTES = (
    marked("Acquired with a gantry tilt of {0}°; MPR and models use a regular {1} mm grid."),
    marked("The slices lie staggered by {0}°; MPR and models use a regular {1} mm grid."),
    marked("The slices are unevenly spaced: {0} to {1} mm apart."),
    marked("The slices do not lie evenly behind one another."),
    marked("MPR and models use a regular {0} mm grid."),
    marked("1 slice is missing between slices {0} and {1} ({2} to {3} mm)."),
    marked("{0} slices are missing between slices {1} and {2} ({3} to {4} mm)."),
    marked("Two images lie at {0} mm: {1} is shown, {2} is left out."),
    marked("Two images lie at {0} mm: {1} is shown, {2} is left out (and {3} more like it)."),
    marked("{0} is left out: a copy of an image that is here already."),
    marked("{0} and {1} more files are left out: a copy of an image that is here already."),
    marked("1 time point is left out: not every one of the {0} slices is there."),
    marked("{0} time points are left out: not every one of the {1} slices is there."),
    marked("The positions in the headers cannot be right and are not used."),
    marked("The images were compressed with loss; fine detail may be missing."),
    marked("The images are in colour; models take grey images only."),
    marked("The images have neither a place in space nor a pixel size; distances are not in millimetres."),
    marked("The images have no places of their own in space; they are shown one after the other."),
    marked("The images do not say how large a pixel is; distances are not in millimetres."),
    marked("The images carry a modality lookup table that is damaged; values are as stored."),
    marked("The images carry a VOI lookup table that is damaged; choose a window."),
    marked("{0} records neither patient nor modality; the values are taken for {1}."),
)
"""What is odd about a series (``dicom.grouping``, ``dicom.geometry``). What says that a model made it stays English."""

VALUES = (
    marked("head"),
    marked("neck"),
    marked("chest"),
    marked("abdomen"),
    marked("pelvis"),
    marked("of no stated modality"),
    marked("input error"),
)
"""What stands in the places of these sentences and is a word, no name and no number."""

# Contrasts or modalities of which one is needed: "T1 or T1+C".
_CHOICE = re.compile(r"[A-Z0-9+*]+(?: or [A-Z0-9+*]+)+")
_NUMBER = re.compile(r"[−-]?\d+(?:\.\d+)?")
_PLACE = re.compile(r"\{\d\}")


def sentence_shown(sentence: str) -> str:
    """Return a sentence, made in English, in the language of the window; as it is where it is not known."""
    found = _known(sentence)
    if found is None:
        return sentence
    template, values = found
    return tr(template).format(*map(_value, values))


def error_shown(error: MedganError) -> str:
    """Return what :attr:`MedganError.sentence` says, in the language of the window."""
    if isinstance(error, ReadError | WriteError | PackageError):
        return f"{error.path.name}: {sentence_shown(error.reason)}"
    return sentence_shown(error.sentence)


def _value(value: str) -> str:
    if value in VALUES:
        return tr(value)
    if _CHOICE.fullmatch(value):
        return reduce(tr("{0} or {1}").format, value.split(" or "))
    return numbers(value) if _NUMBER.fullmatch(value) else sentence_shown(value)


def _known(sentence: str) -> tuple[str, Sequence[str]] | None:
    """Return the text that a sentence was made of, and its values."""
    if sentence in (*UNFIT, *READING, *NOTES):
        return sentence, ()
    return next(
        ((text, match.groups()) for text, pattern in _patterns() if (match := pattern.fullmatch(sentence))), None
    )


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the texts that have places, and what fits them: those that say most of their own first."""
    texts = sorted((text for text in (*UNFIT, *READING, *NOTES) if "{" in text), key=len, reverse=True)
    return tuple((text, re.compile("(.+?)".join(map(re.escape, _PLACE.split(text))), re.DOTALL)) for text in texts)
