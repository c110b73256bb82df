"""Exams as files (`resources/evaluation/*.toml`): on which scans, with which settings, beside which goals.

Every key and value is checked when a file is read. An exam names the scans that it is taken on; both files together
decide every picture and every number, so both are part of its digest.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.recipe import suggestion

__all__ = [
    "EXAMS",
    "Exam",
    "Goal",
    "LesionTest",
    "NamedLesion",
    "Protocol",
    "Scans",
    "Setting",
    "build",
    "exam_file",
    "load_exam",
    "load_scans",
    "read_table",
]

EXAMS = (
    "head-ct-to-mr",
    "head-ct-to-mr-metal",
    "head-mr-to-ct",
    "mr-contrast",
    "mr-contrast-two",
    "mr-contrast-lgg-heads",
    "head-anatomy",
    "mr-field",
)
"""Exams on simulated scans of the head."""
Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Setting:
    """How a head is scanned. MR noise is a share of the brightest signal; a pitch is drawn between two angles."""

    slice_mm: float
    scored_slices: int
    pitch_degrees: tuple[float, float]
    bend_mm: float
    lesions: bool
    ct_noise_hu: float
    ct_hardening_hu: float
    ct_blur_pixels: float
    ct_head_rest: bool
    mr_noise: float
    mr_bias: float
    mr_blur_pixels: float


@dataclass(frozen=True)
class Protocol:
    """A target's pulse sequence, and the signal that is shown as 1."""

    repetition_ms: float
    echo_ms: float
    inversion_ms: float
    unit: float


@dataclass(frozen=True)
class NamedLesion:
    """Lesions of one size and kind that are counted apart; `hounsfield` is what they measure in a CT."""

    name: str
    kind: str
    count: int
    diameter_mm: float
    hounsfield: float | None = None


@dataclass(frozen=True)
class LesionTest:
    """Which lesions are put into the hard scans, and when one counts as visible and as reproduced."""

    count: int
    kinds: tuple[str, ...]
    diameter_mm: tuple[float, float]
    apart_mm: float
    contrast_to_noise: float
    ring_mm: float
    least_share: float
    least_contrast_mr: float
    least_contrast_ct: float
    named: tuple[NamedLesion, ...] = ()


@dataclass(frozen=True)
class Fields:
    """Field strengths in T: between which two the inputs' scanners are, and that of the targets."""

    low: tuple[float, float]
    high: float


@dataclass(frozen=True)
class Scans:
    """The simulated scans of an exam; `text` is the file's, word for word.

    With `fields` the inputs are of scanners of low field and the targets of a high one. With `metal_pieces` there are
    one to so many pieces of metal in and near every head and no lesions, and the slices with metal are scored.
    """

    id: str
    simulation: int
    seed: int
    heads: tuple[int, ...]
    patients: int
    baseline_heads: tuple[int, ...]
    size: int
    pixel_mm: float
    easy: Setting
    hard: Setting
    protocols: Mapping[str, Protocol]
    lesions: LesionTest
    fields: Fields | None = None
    metal_pieces: int = 0
    text: str = ""

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Goal:
    """What is to be reached: a metric's mean over patients, for every input and target that has it."""

    metric: str
    setting: str
    at_least: float | None = None
    at_most: float | None = None

    def met(self, value: float) -> bool:
        """Return whether a value reaches the goal."""
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


@dataclass(frozen=True)
class Exam:
    """What goes in (each entry the series of one run), what is to come out, and what is to be reached.

    With `own_contrast` each input is to come out as the target of its own name, better; the table that stands beside
    the model then sees it without its noise. Whoever sits the exam `beside` sits this one after it.
    """

    id: str
    task: str
    scans: Scans
    inputs: tuple[tuple[str, ...], ...]
    targets: tuple[str, ...]
    main_segments: tuple[str, ...] = ()
    own_contrast: bool = False
    beside: str = ""
    goals: tuple[Goal, ...] = ()
    text: str = ""

    def targets_of(self, names: tuple[str, ...], among: tuple[str, ...]) -> tuple[str, ...]:
        """Return which targets `among` those of a model are to come out of the series `names`."""
        return names if self.own_contrast else among

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the exam's text and its scans'."""
        return hashlib.sha256((self.text + self.scans.text).encode()).hexdigest()


def exam_file(name: str) -> Path:
    """Return the file of an exam or of scans. Raises UsageError where there is none."""
    path = resources.path("evaluation", f"{name}.toml")
    if not path.is_file():
        known = sorted(one.stem for one in resources.path("evaluation").glob("*.toml"))
        raise UsageError(f"There is no exam {name}: {suggestion(name, known)}")
    return path


def load_exam(name: str) -> Exam:
    """Return the exam of a name. Raises UsageError with a sentence that names file and key."""
    text = exam_file(name).read_text(encoding="utf-8")
    return read_exam(text, f"{name}.toml")


def read_exam(text: str, file: str) -> Exam:
    """Return the exam that `text`, the content of `file`, says. Raises UsageError."""
    table = read_table(text, file)
    named = table.get("scans")
    if not isinstance(named, str):
        raise UsageError(f"In {file}, scans is missing or no text.")
    exam = build(Exam, table, file, {"scans": load_scans(named), "text": text})
    if exam.task not in ("synthesis", "segmentation"):
        raise UsageError(f"In {file}, task is {exam.task}: {suggestion(exam.task, ('synthesis', 'segmentation'))}")
    return exam


def load_scans(name: str) -> Scans:
    """Return the scans of a name. Raises UsageError."""
    text = exam_file(name).read_text(encoding="utf-8")
    return read_scans(text, f"{name}.toml")


def read_scans(text: str, file: str) -> Scans:
    """Return the scans that `text`, the content of `file`, says. Raises UsageError."""
    return build(Scans, read_table(text, file), file, {"text": text})


def read_table(text: str, file: str) -> dict[str, Any]:
    """Return a TOML file's tables. Raises UsageError."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is no TOML: {error}.") from error


def build(kind: type[Kind], table: Any, file: str, given: Mapping[str, Any] = {}, where: str = "") -> Kind:
    """Return a dataclass out of a table, every key known and of its type; what is `given` is taken as it is.

    Raises UsageError that names the `file` and the key, which stands under `where`.
    """
    if not isinstance(table, dict):
        raise _error(file, where, "must be a table.")
    entries = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]  # only dataclasses come here
    hints = get_type_hints(kind)
    for key in table:
        if key not in entries or key == "text":
            raise _error(
                file, _joined(where, key), f"is unknown: {suggestion(key, [one for one in entries if one != 'text'])}"
            )
    values = dict(given)
    for name, entry in entries.items():
        if name in given:
            continue
        if name in table:
            values[name] = _value(table[name], hints[name], _joined(where, name), file)
        elif entry.default is MISSING and entry.default_factory is MISSING:
            raise _error(file, _joined(where, name), "is missing.")
    return kind(**values)


def _value(value: Any, wanted: Any, key: str, file: str) -> Any:
    """Return a value as the type `wanted` has it."""
    origin, inner = get_origin(wanted), get_args(wanted)
    if origin is UnionType:
        return _value(value, inner[0], key, file)
    if is_dataclass(wanted) and isinstance(wanted, type):
        return build(wanted, value, file, where=key)
    if origin is Mapping and isinstance(value, dict):
        return {name: _value(one, inner[1], _joined(key, name), file) for name, one in value.items()}
    if origin is tuple and isinstance(value, list):
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else list(inner)
        if len(kinds) == len(value):
            return tuple(_value(one, of, key, file) for one, of in zip(value, kinds, strict=True))
    if wanted is float and type(value) is int:
        return float(value)
    if type(value) is wanted:
        return value
    names = {float: "a number", int: "a whole number", str: "text", bool: "true or false"}
    raise _error(
        file, key, f"must be {names.get(wanted, 'a table' if origin is Mapping else 'a list')}, not {value!r}."
    )


def _error(file: str, key: str, problem: str) -> UsageError:
    return UsageError(f"In {file}, {key} {problem}")


def _joined(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
