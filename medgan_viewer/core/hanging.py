"""Hanging protocols: which layout, which series in which pane, in which window. TOML files, bundled and the user's own.

::

    schema = 1
    name = "Head CT: brain and bone"
    layout = "1x2"                     # rows × columns up to 3x3, or "mpr"
    overlay = true                     # whether results are drawn; left as it is where it is not said

    [for]                              # which studies it is for; every line that is there must hold
    modality = ["CT"]                  # of one of its series
    description = ["head", "brain"]    # one of these words in the study's or that series' description or body part

    [[pane]]                           # in reading order
    window = "Brain"                   # a CT preset, or [width, centre]

    [[pane]]
    modality = ["CT"]                  # which series; without any line the one that was opened
    contrast = ["T1", "T1+C"]
    description = ["axial"]
    results = "original"               # "all", "original", "synthetic" (in its place), "segmentation" or "heat map"
    plane = "coronal"                  # "acquired" by default
    slab = { mode = "MIP", mm = 10 }   # or "MinIP", "Average"
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from medgan_viewer.core.catalog import Series, Study
from medgan_viewer.core.display import CT_PRESETS, Window
from medgan_viewer.core.slabs import NAMES, Slab
from medgan_viewer.errors import ReadError

__all__ = ["Choice", "PanePlan", "Protocol", "Results", "Where", "chosen_series", "load", "read", "text_of"]

Results = Literal["all", "original", "synthetic", "segmentation", "heat map"]
Where = Literal["acquired", "axial", "coronal", "sagittal"]

_SCHEMA = 1
_LARGEST = 64 * 1024
_LAYOUTS = ("mpr", *(f"{rows}x{columns}" for rows in (1, 2, 3) for columns in (1, 2, 3)))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a series must be; an empty condition holds for all. Words are compared without regard to case."""

    modality: tuple[str, ...] = ()
    contrast: tuple[str, ...] = ()
    description: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether every series will do."""
        return not (self.modality or self.contrast or self.description)

    def fits(self, series: Series, study: Study) -> bool:
        """Whether a series of a study is one."""
        if not _is_one_of(self.modality, series.modality) or not _is_one_of(self.contrast, series.contrast):
            return False
        said = " ".join((series.description, series.body_part, study.description)).casefold()
        return not self.description or any(word.casefold() in said for word in self.description)


def _is_one_of(words: tuple[str, ...], word: str | None) -> bool:
    return not words or (word or "").casefold() in (one.casefold() for one in words)


@dataclass(frozen=True, slots=True)
class PanePlan:
    """What stands in one pane."""

    series: Choice = Choice()
    results: Results = "all"
    plane: Where = "acquired"
    window: Window | None = None
    slab: Slab | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """One hanging protocol."""

    name: str
    layout: str
    panes: tuple[PanePlan, ...]
    # Which studies it is for; one that says nothing of them is never applied unasked.
    studies: Choice = Choice()
    overlay: bool | None = None
    path: Path | None = field(default=None, compare=False)

    def fits(self, study: Study) -> bool:
        """Whether it is for a study."""
        return not self.studies.empty and any(self.studies.fits(series, study) for series in study.series)


def chosen_series(protocol: Protocol, study: Study, opened: str) -> list[str | None]:
    """Return the UID of the series for every pane: the first that fits and hangs nowhere yet, else one that does.

    ``opened`` is the UID of the one that panes without a condition show. None where no series fits.
    """
    taken: list[str] = []
    found: list[str | None] = []
    for plan in protocol.panes:
        fitting = [series.uid for series in study.series if plan.series.fits(series, study)]
        free = [uid for uid in fitting if uid not in taken]
        uid = opened if plan.series.empty else next(iter(free or fitting), None)
        found.append(uid)
        if uid is not None:
            taken.append(uid)
    return found


def load(folders: Sequence[Path]) -> tuple[list[Protocol], list[str]]:
    """Return the protocols of some folders, in the order of their file names, and a sentence for each bad file."""
    protocols: list[Protocol] = []
    problems: list[str] = []
    for folder in folders:
        try:
            paths = sorted(folder.glob("*.toml")) if folder.is_dir() else []
        except OSError:
            paths = []
        for path in paths:
            try:
                protocols.append(read(path))
            except ReadError as error:
                problems.append(error.sentence)
    return protocols, problems


def read(path: Path) -> Protocol:
    """Return the protocol of a file. Raises ReadError, which says what is wrong with it."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ReadError(path, "this is no hanging protocol: it is too large; the file was skipped")
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        return _protocol(content, path)
    except OSError as error:
        raise ReadError(path, "this hanging protocol cannot be read; it was skipped") from error
    except (ValueError, RecursionError) as error:
        # One line: a parser's message may have several.
        reason = " ".join(str(error).split())[:160]
        raise ReadError(path, f"this hanging protocol was skipped: {reason}") from error


def _protocol(content: Mapping[str, Any], path: Path) -> Protocol:
    _only(content, ("schema", "name", "layout", "overlay", "for", "pane"), "the file")
    if content.get("schema") != _SCHEMA:
        raise ValueError(f"schema is to be {_SCHEMA}")
    name, layout, overlay = content.get("name"), content.get("layout"), content.get("overlay")
    if not isinstance(name, str) or not name.strip():
        raise ValueError("name is missing")
    if layout not in _LAYOUTS:
        raise ValueError(f"layout is to be one of {', '.join(_LAYOUTS)}")
    if overlay is not None and not isinstance(overlay, bool):
        raise ValueError("overlay is to be true or false")
    panes = content.get("pane", [])
    if not isinstance(panes, list) or not panes:
        raise ValueError("there is no [[pane]]")
    most = 4 if layout == "mpr" else int(layout[0]) * int(layout[2])
    if len(panes) > most:
        raise ValueError(f"the layout {layout} has {most} panes, and {len(panes)} are described")
    return Protocol(
        name.strip(), layout, tuple(map(_pane, panes)), _choice(_table(content.get("for", {}), "for")), overlay, path
    )


def _pane(content: object) -> PanePlan:
    table = _table(content, "pane")
    _only(table, ("modality", "contrast", "description", "results", "plane", "window", "slab"), "a pane")
    results, plane = table.get("results", "all"), table.get("plane", "acquired")
    if results not in get_args(Results):
        raise ValueError(f"results is to be one of {', '.join(get_args(Results))}")
    if plane not in get_args(Where):
        raise ValueError(f"plane is to be one of {', '.join(get_args(Where))}")
    of_series = {key: table[key] for key in ("modality", "contrast", "description") if key in table}
    return PanePlan(_choice(of_series), results, plane, _window(table.get("window")), _slab(table.get("slab")))


def _choice(table: Mapping[str, Any]) -> Choice:
    _only(table, ("modality", "contrast", "description"), "the conditions")
    found: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise ValueError(f"{key} is to be a list of words")
        found[key] = tuple(words)
    return Choice(**found)


def _window(value: object) -> Window | None:
    if value is None:
        return None
    if isinstance(value, str):
        preset = {name.casefold(): window for name, window in CT_PRESETS}.get(value.casefold())
        if preset is None:
            raise ValueError(f"no window is called {value!r}; there are {', '.join(name for name, _ in CT_PRESETS)}")
        return preset
    if isinstance(value, list) and len(value) == 2 and all(_is_number(one) for one in value) and value[0] > 0:
        return Window(float(value[0]), float(value[1]))
    raise ValueError("window is to be the name of a preset or [width, centre]")


def _slab(value: object) -> Slab | None:
    if value is None:
        return None
    table = _table(value, "slab")
    _only(table, ("mode", "mm"), "the slab")
    mode = next((mode for mode, name in NAMES.items() if name == table.get("mode")), None)
    thickness = table.get("mm")
    if mode is None or not _is_number(thickness) or not 0 < float(thickness or 0) <= 500:
        raise ValueError('slab is to be like { mode = "MIP", mm = 10 }')
    return Slab(mode, float(thickness or 0))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _table(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{name} is to be a table")
    return value


def _only(table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Refuse what is misspelt: it would be left out without a word."""
    unknown = [key for key in table if key not in known]
    if unknown:
        raise ValueError(f"{where} has {unknown[0]!r}, which is not known")


def text_of(protocol: Protocol) -> str:
    """Return a protocol as TOML; :func:`read` gives the same back."""
    lines = [f"schema = {_SCHEMA}", f"name = {_words(protocol.name)}", f"layout = {_words(protocol.layout)}"]
    if protocol.overlay is not None:
        lines.append(f"overlay = {'true' if protocol.overlay else 'false'}")
    if not protocol.studies.empty:
        lines += ["", "[for]", *_conditions(protocol.studies)]
    for plan in protocol.panes:
        lines += ["", "[[pane]]", *_conditions(plan.series)]
        if plan.results != "all":
            lines.append(f"results = {_words(plan.results)}")
        if plan.plane != "acquired":
            lines.append(f"plane = {_words(plan.plane)}")
        if plan.window is not None:
            lines.append(f"window = [{float(plan.window.width)!r}, {float(plan.window.centre)!r}]")
        if plan.slab is not None:
            lines.append(f"slab = {{ mode = {_words(NAMES[plan.slab.mode])}, mm = {float(plan.slab.thickness)!r} }}")
    return "\n".join(lines) + "\n"


def _conditions(choice: Choice) -> list[str]:
    pairs = (("modality", choice.modality), ("contrast", choice.contrast), ("description", choice.description))
    return [f"{key} = [{', '.join(map(_words, words))}]" for key, words in pairs if words]


def _words(text: str) -> str:
    """Return a TOML string: JSON's are such, but for the one control character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
