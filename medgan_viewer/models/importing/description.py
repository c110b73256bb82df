"""What a network's file does not say: the manifest's keys in TOML, filled up with what the file does say."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medgan_viewer.errors import ReadError, UsageError, WriteError

__all__ = [
    "METADATA_KEY",
    "NOT_STATED",
    "TEMPLATE",
    "manifest_content",
    "merged",
    "missing",
    "parse",
    "read",
    "write_template",
]

METADATA_KEY = "medgan-viewer"
"""The key of ONNX metadata, and of a MONAI bundle's metadata.json, that holds a description."""
NOT_STATED = "not stated"
_LARGEST = 1 << 18
_LONGEST_NAME = 64
_TASKS = ("synthesis", "segmentation", "anomaly")
# Every key there is, as paths; a misspelt one must not be lost silently.
_KEYS: dict[str, tuple[str, ...]] = {
    "": (
        "id", "name", "version", "task", "description", "intended_use", "limits", "licence", "training_data",
        "output_values", "output_name", "requires", "preprocessing", "outputs",
    ),
    "requires": ("body_part", "modalities", "contrasts", "orientation", "max_slice_spacing_mm", "inputs"),
    "preprocessing": ("grid_spacing_mm", "size_multiple", "neighbours", "mask_couch", "encoding"),
}  # fmt: skip
_NEEDED = (
    "name",
    "task",
    "requires.body_part",
    "requires.modalities",
    "requires.max_slice_spacing_mm",
    "preprocessing.grid_spacing_mm",
    "preprocessing.encoding",
    "outputs",
)
_COLOURS = ("#e6553c", "#3c8ce6", "#46b450", "#f0b428", "#a05ad2", "#28b4b4", "#e67db4", "#96785a")
_ANATOMY = {"value": "123037004", "scheme": "SCT", "meaning": "Anatomical Structure"}

TEMPLATE = """\
# What the network's file does not say. Fill in, then give this file to import-model with --describe.
name = ""                       # as the panel shows it
task = "synthesis"              # synthesis, segmentation or anomaly
version = "1"
description = ""                # one sentence: what it shows
licence = ""                    # of the weights; leave out where you do not know it
limits = []                     # sentences: what it cannot do
# What the network's numbers are: "logits" (before softmax or sigmoid) or "probabilities".
# For segmentation and anomaly only.
# output_values = "logits"
# output_name = "pred"          # ONNX with several outputs only

[requires]
body_part = "HEAD"
modalities = ["CT"]             # CT or MR
contrasts = []                  # MR only: T1, T1+C, T2, FLAIR; empty for any
max_slice_spacing_mm = 8.0

[preprocessing]
grid_spacing_mm = 1.0           # pixel size that the network was trained with
size_multiple = 32              # rows and columns are padded to a multiple of it
neighbours = 0                  # slices on either side that the network sees too
mask_couch = false              # take the couch out of a CT
# CT: "ct_range(a_min, a_max, b_min, b_max)": HU a_min to a_max become b_min to b_max, the rest is clipped;
#     or "ct_two_window" (two channels). MR: "mr_range(b_min, b_max)": 0 to the 99.5th percentile inside the head;
#     "mr_zscore" (mean 0, deviation 1 inside the head, 0 outside); or "mr_head" (0 to 1.5).
encoding = {CT = "ct_range(-1000, 1000, -1, 1)"}

# One block for each picture that is made (synthesis). decoding undoes the scaling of the training target:
# "ct_range(a_min, a_max, b_min, b_max)" to HU, "mr_range(b_min, b_max)" to 0 to 1.
[[outputs]]
channel = 0
name = "Synthetic T1"
modality = "MR"
contrast = "T1"
decoding = "mr_range(-1, 1)"
unit = "a.u."
window = [1.0, 0.5]             # width and centre; HU for CT

# Segmentation instead: one block for each structure. label is the channel (1 for a network with one channel).
# [[outputs]]
# label = 1
# name = "Ventricles"

# Anomaly instead: one block.
# [[outputs]]
# channel = 0
# name = "Anomaly heat map"
"""


def write_template(path: Path) -> None:
    """Write a description to fill in. Raises UsageError where there is such a file already, WriteError."""
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError as error:
        raise UsageError(f"{path.name} is there already; give another name for the template.") from error
    except OSError as error:
        raise WriteError(path, f"the template cannot be written ({error.strerror})") from error


def read(path: Path) -> dict[str, Any]:
    """Read a description file. Raises ReadError where it cannot be read, UsageError for keys that are unknown."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ReadError(path, "the file is too large to be a description of a model")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ReadError(path, "there is no such file") from None
    except (OSError, ValueError) as error:
        raise ReadError(path, "the file cannot be read as text") from error
    return parse(text, path.name)


def parse(text: str, where: str) -> dict[str, Any]:
    """Read a description in TOML; ``where`` names it in a UsageError."""
    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        words = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "nested too deeply"
        raise UsageError(f"{where} is no valid TOML: {words}.") from error
    return checked(content, where)


def checked(content: Any, where: str) -> dict[str, Any]:
    """Return a description whose keys are all known. Raises UsageError that names the first one that is not."""
    if not isinstance(content, dict):
        raise UsageError(f"The description in {where} is no table of keys.")
    for table, known in _KEYS.items():
        part = content.get(table, {}) if table else content
        if not isinstance(part, dict):
            raise UsageError(f'"{table}" in {where} is no table of keys.')
        for key in part:
            if key not in known:
                path = f"{table}.{key}" if table else key
                raise UsageError(f'"{path}" in {where} is not known; known are {", ".join(known)}.')
    return content


def merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return descriptions laid over one another, the last on top; tables are merged key by key."""
    result: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            below = result.get(key)
            result[key] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return result


def missing(description: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys that a description lacks, as paths."""
    absent = []
    for path in _NEEDED:
        place: Any = description
        for key in path.split("."):
            place = place.get(key) if isinstance(place, Mapping) else None
        if place is None or place in ("", [], {}):
            absent.append(path)
    return tuple(absent)


def manifest_content(description: Mapping[str, Any], identifier: str, source: str) -> dict[str, Any]:
    """Return the manifest's keys that a complete description gives; ``source`` says where the model came from.

    The result still lacks weights, network, data format and date, and has not been checked: ``read_package`` does.
    """
    task = description["task"]
    if task not in _TASKS:
        raise UsageError(f'"task" in the description is {task!r}; possible are {", ".join(_TASKS)}.')
    outputs = _listed(description, "outputs", dict)
    for named in (description, *outputs):
        _check_name(named.get("name", ""))
    if task == "segmentation":
        outputs = [_segment(each, place, identifier) for place, each in enumerate(outputs)]
    elif task == "anomaly":
        outputs = [{"decoding": "probability", **each} for each in outputs]
    said = str(description.get("description") or "Nothing is said about what it shows.")
    return {
        "schema": 1,
        "id": identifier,
        "name": description["name"],
        "version": description.get("version") or "1",
        "task": task,
        "description": f"Not evaluated. {said}",
        "intended_use": description.get("intended_use")
        or "Research only. Nobody evaluated this model here: never for diagnosis.",
        "limits": [f"{source}; nobody evaluated it here.", *_listed(description, "limits", str)],
        "licence": description.get("licence") or NOT_STATED,
        "training_data": [
            {"name": str(each.get("name", NOT_STATED)), "licence": str(each.get("licence", NOT_STATED))}
            for each in _listed(description, "training_data", dict)
        ],
        "requires": {"contrasts": [], "orientation": "axial", **description["requires"]},
        "preprocessing": {"size_multiple": 32, "neighbours": 0, "mask_couch": False, **description["preprocessing"]},
        "outputs": outputs,
        "evaluation": {"protocol": "None: imported and not evaluated here.", "rows": []},
    }


def _check_name(name: Any) -> None:
    """Refuse a name that neither a panel nor a DICOM attribute (LO) can hold."""
    if len(str(name)) > _LONGEST_NAME or not str(name).isprintable() or "\\" in str(name):
        raise UsageError(
            f"A name in the description has more than {_LONGEST_NAME} letters, line breaks or backslashes."
        )


def _listed(description: Mapping[str, Any], key: str, kind: type) -> list[Any]:
    values = description.get(key, [])
    if not isinstance(values, list) or not all(isinstance(each, kind) for each in values):
        words = f"tables; write [[{key}]]" if kind is dict else "texts"
        raise UsageError(f'"{key}" in the description is no list of {words}.')
    return values


def _segment(given: Mapping[str, Any], place: int, identifier: str) -> dict[str, Any]:
    """Return a structure with what need not be said: a colour, and a code of this program's own."""
    name = str(given.get("name", ""))
    label = given.get("label", place + 1)
    short = re.sub(r"[^A-Za-z0-9]", "", name)[:12] or identifier[:12]
    return {
        "label": label,
        "colour": _COLOURS[place % len(_COLOURS)],
        # DICOM: designators that begin with 99 are private; codes have at most 16 characters, meanings 64.
        "code": {"value": f"{short}{label}"[:16], "scheme": "99MEDGAN", "meaning": name[:64] or "?"},
        "category": _ANATOMY,
        **given,
    }
