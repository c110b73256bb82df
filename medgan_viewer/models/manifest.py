"""What a model package says about itself, read strictly: a package that is altered or incomplete does not run."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from medgan_viewer.core.layers import Code
from medgan_viewer.errors import PackageError, UsageError
from medgan_viewer.models import encoding
from medgan_viewer.models.doubt import Bounds, Control, Interval, read_control, read_interval
from medgan_viewer.models.recognition import Question
from medgan_viewer.models.strict_json import InvalidError, Reader

__all__ = [
    "AS_ACQUIRED",
    "SCHEMA",
    "Bounds",
    "Calibration",
    "Control",
    "Evaluation",
    "Input",
    "Interval",
    "Manifest",
    "Output",
    "Package",
    "Preprocessing",
    "Requirements",
    "SegmentOutput",
    "Task",
    "read_package",
]

SCHEMA = 1
AS_ACQUIRED = "as acquired"
"""The manifest's word for a network that works on the grid of the series itself."""
Task = Literal["synthesis", "segmentation", "anomaly", "classification"]
_TASKS: dict[str, tuple[str, ...]] = {
    "synthesis": ("mr_unit", "ct_companded"),
    "segmentation": ("labels",),
    "anomaly": ("probability",),
    "classification": (),
}
_WITHOUT_IMAGES = ("segmentation", "classification")
_IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_LARGEST_MANIFEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Input:
    """One of several series that a model takes together. Empty ``contrasts`` means any.

    What is ``optional`` (the last one, if any) is taken where it is there; else the network sees zeros in its place.
    """

    modality: str
    contrasts: tuple[str, ...]
    optional: bool = False

    @property
    def words(self) -> str:
        """What it is to a reader: "T1 or T1+C", or the modality where any contrast will do."""
        return " or ".join(self.contrasts) or self.modality


@dataclass(frozen=True, slots=True)
class Requirements:
    """Which series a model may be used on. Empty ``contrasts`` means any; spacing in mm between slices.

    ``inputs`` is empty for a model of one series. Else it names all of them in the network's order; modality and
    contrasts of the first one are those of ``modalities`` and ``contrasts``, and its grid is the result's.
    """

    body_part: str
    modalities: tuple[str, ...]
    contrasts: tuple[str, ...]
    orientation: str
    max_slice_spacing_mm: float
    inputs: tuple[Input, ...] = ()

    @property
    def least(self) -> int:
        """How many series the model takes at least."""
        return max(1, sum(not each.optional for each in self.inputs))

    @property
    def several(self) -> bool:
        """Whether the model cannot be used on one series alone."""
        return self.least > 1

    def takes(self, count: int) -> bool:
        """Return whether the model can be used on so many series together."""
        return self.least <= count <= max(1, len(self.inputs))


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How voxels become the network's input. ``encoding`` maps a modality to the name of its encoding.

    A ``grid_spacing_mm`` of 0, "as acquired" in the file, stands for the grid of the series itself. Where there is a
    ``slice_spacing_mm``, slices further apart are divided first until they are about so far apart.
    """

    grid_spacing_mm: float
    size_multiple: int
    neighbours: int
    mask_couch: bool
    encoding: Mapping[str, str]
    slice_spacing_mm: float = 0.0

    @property
    def acquired_grid(self) -> bool:
        """Whether the network works on the grid on which the series was acquired, not on one of its own."""
        return self.grid_spacing_mm == 0


@dataclass(frozen=True, slots=True)
class Output:
    """One output channel: a synthetic series, or the heat map. ``window`` is (width, centre) in decoded values."""

    channel: int
    name: str
    modality: str
    contrast: str
    decoding: str
    unit: str
    window: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SegmentOutput:
    """One structure: the label value (= channel), its name, colour and codes."""

    label: int
    name: str
    colour: str
    code: Code
    category: Code


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a heat map behaves on healthy patients never trained on, by contrast.

    ``thresholds`` are (false-alarm rate, threshold) pairs, rate ascending; ``healthy_maxima`` one value a patient;
    ``measured_on`` says in words who these were, or who stood in for healthy people.
    """

    healthy_maxima: Mapping[str, tuple[float, ...]]
    thresholds: Mapping[str, tuple[tuple[float, float], ...]]
    measured_on: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How the numbers on the card were made, and the numbers as written."""

    protocol: str
    rows: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Manifest:
    """The content of ``manifest.json``, checked. ``channels_in`` and ``channels_out`` are the network's."""

    id: str
    name: str
    version: str
    task: Task
    description: str
    intended_use: str
    limits: tuple[str, ...]
    licence: str
    training_data: tuple[tuple[str, str], ...]
    created: str
    weights_file: str
    weights_sha256: str
    network: str
    network_arguments: Mapping[str, Any]
    requires: Requirements
    preprocessing: Preprocessing
    channels_in: int
    channels_out: int
    images: tuple[Output, ...]
    segments: tuple[SegmentOutput, ...]
    calibration: Calibration
    evaluation: Evaluation
    control: Control | None = None
    interval: Interval | None = None
    # What a classifier is asked; empty for every other task.
    questions: tuple[Question, ...] = ()

    @property
    def has_doubt(self) -> bool:
        """Whether runs of the model can say how far off a picture may be."""
        return self.control is not None or self.interval is not None

    def degree(self, asked: float | None) -> float | None:
        """Return how far the network is to go in a run: as asked, else the control's default; None without a control.

        Raises UsageError for what cannot be asked of the model.
        """
        if self.control is None:
            if asked is not None:
                raise UsageError(f"{self.name} has no control over how far it goes; leave the choice away.")
            return None
        return self.control.default if asked is None else self.control.checked(asked)


@dataclass(frozen=True)
class Package:
    """A model folder whose manifest is right and whose files are there. The weights' hash is checked when they load."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """The model's identifier."""
        return self.manifest.id

    @property
    def weights(self) -> Path:
        """The weights file (safetensors; for the network "onnx" the whole network in ONNX)."""
        return self.folder / self.manifest.weights_file

    @property
    def card(self) -> Path:
        """The model card."""
        return self.folder / "CARD.md"


def read_package(folder: Path) -> Package:
    """Read and check a model folder. Raises PackageError with one sentence that says what is wrong."""
    try:
        manifest = _manifest(_content(folder / "manifest.json"))
        if manifest.id != folder.name:
            raise InvalidError(f'the manifest is for the model "{manifest.id}"; name the folder so')
        for name in (manifest.weights_file, "CARD.md"):
            if not (folder / name).is_file():
                raise InvalidError(f"{name} is missing; install the package again")
    except InvalidError as error:
        raise PackageError(folder, str(error)) from error
    return Package(folder, manifest)


def _content(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise InvalidError("manifest.json is too large to be one")
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidError("manifest.json is missing; install the package again") from None
    except (OSError, ValueError) as error:
        raise InvalidError("manifest.json cannot be read; install the package again") from error
    if not isinstance(content, dict):
        raise InvalidError("manifest.json holds no object")
    schema = content.get("schema")
    if schema != SCHEMA:
        raise InvalidError(
            f"the package has schema {schema!r} and this program reads schema {SCHEMA}; update the program"
        )
    return content


def _manifest(content: dict[str, Any]) -> Manifest:
    top = Reader(content, "")
    weights, network, data = (top.child(key) for key in ("weights", "network", "network_data_format"))
    task = top.choice("task", tuple(_TASKS))
    images = () if task in _WITHOUT_IMAGES else tuple(_image(r, task) for r in top.children("outputs"))
    segments = tuple(_segment(r) for r in top.children("outputs")) if task == "segmentation" else ()
    manifest = Manifest(
        id=top.matching("id", _IDENTIFIER),
        name=top.text("name"),
        version=top.text("version"),
        task=task,  # type: ignore[arg-type]  # choice() returns one of the task's own words
        description=top.text("description"),
        intended_use=top.text("intended_use"),
        limits=top.texts("limits"),
        licence=top.text("licence"),
        training_data=tuple((r.text("name"), r.text("licence")) for r in top.children("training_data")),
        created=top.text("created"),
        weights_file=_plain_file_name(
            weights.text("file"), ".onnx" if network.text("name") == "onnx" else ".safetensors"
        ),
        weights_sha256=weights.matching("sha256", _SHA256),
        network=network.text("name"),
        network_arguments=network.mapping("arguments"),
        requires=_requirements(top.child("requires")),
        preprocessing=_preprocessing(top.child("preprocessing")),
        channels_in=data.child("inputs").child("image").integer("num_channels", 1),
        channels_out=data.child("outputs").child("pred").integer("num_channels", 1),
        images=images,
        segments=segments,
        calibration=_calibration(content.get("calibration")),
        evaluation=_evaluation(top.child("evaluation")),
        control=read_control(top.child("controls")) if "controls" in top.keys else None,
        interval=read_interval(top.child("interval")) if "interval" in top.keys else None,
        questions=_questions(top) if task == "classification" else (),
    )
    _check_consistency(manifest)
    return manifest


def _requirements(reader: Reader) -> Requirements:
    return Requirements(
        body_part=reader.text("body_part"),
        modalities=reader.texts("modalities", at_least=1),
        contrasts=reader.texts("contrasts"),
        orientation=reader.choice("orientation", ("axial", "any")),
        max_slice_spacing_mm=reader.length("max_slice_spacing_mm"),
        inputs=_inputs(reader) if "inputs" in reader.keys else (),
    )


def _inputs(reader: Reader) -> tuple[Input, ...]:
    inputs = tuple(_input(each) for each in reader.children("inputs"))
    if len(inputs) < 2:
        raise InvalidError('"requires.inputs" names fewer than two series; leave it out for a model of one')
    if any(each.optional for each in inputs[:-1]):
        raise InvalidError('of "requires.inputs" only the last can be optional')
    return inputs


def _input(reader: Reader) -> Input:
    unknown = set(reader.keys) - {"modality", "contrasts", "optional"}
    if unknown:
        raise InvalidError(f'"{reader.where}.{min(unknown)}" is not known to this program; update the program')
    optional = "optional" in reader.keys and reader.boolean("optional")
    return Input(reader.text("modality"), reader.texts("contrasts"), optional)


def _preprocessing(reader: Reader) -> Preprocessing:
    encodings = reader.mapping("encoding")
    for modality, name in encodings.items():
        try:
            encoding.named(str(name))
        except KeyError:
            raise InvalidError(f'the encoding "{name}" of {modality} is unknown; update the program') from None
    return Preprocessing(
        grid_spacing_mm=_grid_spacing(reader),
        size_multiple=reader.integer("size_multiple", 1),
        neighbours=reader.integer("neighbours", 0),
        mask_couch=reader.boolean("mask_couch"),
        encoding=encodings,
        slice_spacing_mm=reader.length("slice_spacing_mm") if "slice_spacing_mm" in reader.keys else 0.0,
    )


def _grid_spacing(reader: Reader) -> float:
    return 0.0 if reader.content.get("grid_spacing_mm") == AS_ACQUIRED else reader.length("grid_spacing_mm")


def _image(reader: Reader, task: str) -> Output:
    width, centre = reader.numbers("window", 2) if task == "synthesis" else (1.0, 0.5)
    return Output(
        channel=reader.integer("channel", 0),
        name=reader.text("name"),
        modality=reader.text("modality") if task == "synthesis" else "OT",
        contrast=reader.optional_text("contrast"),
        decoding=_decoding(reader, task),
        unit=reader.optional_text("unit"),
        window=(width, centre),
    )


def _decoding(reader: Reader, task: str) -> str:
    name = reader.text("decoding")
    try:
        if task == "synthesis":
            encoding.stored(name)
            return name
    except KeyError:
        pass
    return reader.choice("decoding", _TASKS[task])


def _questions(top: Reader) -> tuple[Question, ...]:
    """Return what a classifier is asked: its outputs name question and class of each channel, in order."""
    names: dict[str, list[str]] = {}
    for place, output in enumerate(top.children("outputs")):
        question = output.text("question")
        if output.integer("channel", 0) != place or question in list(names)[:-1]:
            raise InvalidError("the classes are not in the order of the network's channels, question by question")
        names.setdefault(question, []).append(output.text("name"))
    found: list[Question] = []
    answers = top.child("questions")
    for name, classes in names.items():
        calibrated = answers.child(name)
        first = sum(len(question.classes) for question in found)
        threshold = calibrated.number("threshold")
        found.append(Question(name, tuple(classes), first, calibrated.length("temperature"), threshold))
    return tuple(found)


def _segment(reader: Reader) -> SegmentOutput:
    return SegmentOutput(
        label=reader.integer("label", 1),
        name=reader.text("name"),
        colour=reader.matching("colour", _COLOUR),
        code=_code(reader.child("code")),
        category=_code(reader.child("category")),
    )


def _code(reader: Reader) -> Code:
    return Code(reader.text("value"), reader.text("scheme"), reader.text("meaning"))


def _calibration(content: Any) -> Calibration:
    if content is None:
        return Calibration({}, {}, {})
    reader = Reader({"calibration": content}, "").child("calibration")
    if "healthy_maxima" not in content and "thresholds" not in content:
        return Calibration({}, {}, {})
    maxima = reader.child("healthy_maxima")
    thresholds = reader.child("thresholds")
    pairs = {
        contrast: tuple(
            sorted((r.number("false_alarm_rate"), r.number("threshold")) for r in thresholds.children(contrast))
        )
        for contrast in thresholds.keys
    }
    healthy = {contrast: maxima.numbers(contrast) for contrast in maxima.keys}
    return Calibration(healthy, pairs, _measured_on(reader))


def _measured_on(reader: Reader) -> dict[str, str]:
    """Return on whom each contrast was calibrated: named with its guarantee, or as a reference without one."""
    said: dict[str, str] = {}
    for key in ("guarantee", "reference"):
        named = reader.mapping(key) if key in reader.keys else {}
        said |= {contrast: words for contrast, words in named.items() if isinstance(words, str)}
    return said


def _evaluation(reader: Reader) -> Evaluation:
    return Evaluation(reader.text("protocol"), tuple(row.content for row in reader.children("rows")))


def _check_consistency(manifest: Manifest) -> None:
    """Check what no single key shows: that encodings, channels and outputs agree."""
    per_slice, rest = divmod(manifest.channels_in, 2 * manifest.preprocessing.neighbours + 1)
    if rest:
        raise InvalidError("the network's input channels are no multiple of its slices")
    for modality in manifest.requires.modalities:
        if _channels(manifest, modality) > per_slice:
            name = manifest.preprocessing.encoding[modality]
            raise InvalidError(f'the encoding "{name}" gives more channels than the network takes')
    if manifest.requires.inputs:
        _check_inputs(manifest, per_slice)
    classes = range(sum(len(question.classes) for question in manifest.questions))
    used = [o.channel for o in manifest.images] + [s.label for s in manifest.segments] + list(classes)
    if not used:
        raise InvalidError("no output is described")
    if len(set(used)) != len(used) or max(used) >= manifest.channels_out or max(used) > 255:
        raise InvalidError("the outputs do not agree with the network's output channels")
    if manifest.has_doubt:
        _check_doubt(manifest)


def _check_doubt(manifest: Manifest) -> None:
    """Check that control and interval are of a synthesis, and agree with the network and its outputs."""
    if manifest.task != "synthesis":
        raise InvalidError(f'a model for {manifest.task} has neither "controls" nor "interval"')
    control = manifest.control
    if (
        control is not None
        and control.name == "sharpness"
        and manifest.network_arguments.get("conditioned") is not True
    ):
        raise InvalidError("the network cannot be told a sharpness, as its arguments do not say conditioned")
    if manifest.interval is not None:
        used = [output.channel for output in manifest.images]
        bounds = manifest.interval.bounds
        channels = [*used, *(bound.low for bound in bounds), *(bound.high for bound in bounds)]
        if sorted(bound.channel for bound in bounds) != sorted(used) or len(set(channels)) != len(channels):
            raise InvalidError('"interval.bounds" does not name two channels of its own for each output')
        if max(channels) >= manifest.channels_out:
            raise InvalidError('"interval.bounds" names a channel that the network does not have')


def _check_inputs(manifest: Manifest, per_slice: int) -> None:
    """Check that several inputs agree with the network and with the requirements on the first of them."""
    inputs = manifest.requires.inputs
    first = inputs[0]
    if manifest.requires.modalities != (first.modality,) or manifest.requires.contrasts != first.contrasts:
        raise InvalidError('"requires.modalities" and "requires.contrasts" are not those of the first input')
    if sum(_channels(manifest, each.modality) for each in inputs) != per_slice:
        raise InvalidError("the inputs' encodings do not give as many channels as the network takes")
    last = inputs[-1]
    if last.optional and any(encoding.named(manifest.preprocessing.encoding[last.modality]).outside):
        raise InvalidError("an optional input needs an encoding in which air is zero, as what is not there is")


def _channels(manifest: Manifest, modality: str) -> int:
    """Return how many channels a slice of a modality becomes."""
    name = manifest.preprocessing.encoding.get(modality)
    if name is None:
        raise InvalidError(f"no encoding is given for {modality}")
    return encoding.named(name).channels


def _plain_file_name(name: str, suffix: str) -> str:
    """Return a file name of the package's own folder; anything that leads elsewhere is refused."""
    path = PurePosixPath(name)
    if path.name != name or "\\" in name or ":" in name or name in {".", ".."}:
        raise InvalidError("the weights must be a file in the package's own folder")
    if path.suffix != suffix:
        raise InvalidError(f"the weights must be a {suffix} file; other formats can run code")
    return name
