"""``medgan-viewer run MODEL PATH --out DIR``: a model on every series that it fits, written to files."""

import argparse
import queue
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from medgan_viewer import results, settings
from medgan_viewer.commands import console, selection
from medgan_viewer.core.catalog import Catalog, Series
from medgan_viewer.core.layers import Layer
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.errors import MedganError, ReadError, UnsuitableError, UsageError
from medgan_viewer.jobs.events import Cancelled, Event, Failed, Finished, Notice, Progress
from medgan_viewer.models import registry, suitability
from medgan_viewer.models.doubt import CONTROLS
from medgan_viewer.models.manifest import Package
from medgan_viewer.services import InferenceService

if TYPE_CHECKING:
    from medgan_viewer.dicom.deidentify import Deidentifier

__all__ = [
    "SUMMARY",
    "add_arguments",
    "add_options",
    "degree_asked",
    "execute",
    "package_named",
    "without_identity",
]

SUMMARY = "run a model on the series that it fits and write the results"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a model's id, as `medgan-viewer models` lists it")
    parser.add_argument("path", type=Path, metavar="PATH", help="a folder, a file, or archive:NAME/STUDYUID")
    parser.add_argument("--out", type=Path, metavar="DIR", help="where the results go")
    parser.add_argument("--send-to", metavar="NAME", help="send the results (DICOM) to this archive")
    parser.add_argument("--series", action="append", default=[], metavar="UID", help="only this series; may repeat")
    add_options(parser, identity="with it")
    # A result is made to be opened beside its source, in the same study and the same place.
    parser.set_defaults(deidentify=False)
    parser.add_argument("--json", action="store_true", help="end with a summary in JSON")


def add_options(parser: argparse.ArgumentParser, identity: str) -> None:
    """Declare what every command that runs models takes; ``identity`` says what becomes of it by default."""
    parser.add_argument("--format", choices=results.FORMATS, default="dicom", help="default: dicom")
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), help="default: as in the settings")
    parser.add_argument(
        "--deidentify",
        action=argparse.BooleanOptionalAction,
        help=f"write DICOM without the patient's identity; default: {identity}",
    )
    for name, wording in CONTROLS.items():
        help_text = f"0 ({wording.low}) to 1 ({wording.high}), for models with that control"
        parser.add_argument(f"--{name}", type=float, metavar="S", help=help_text)
    parser.add_argument(
        "--force",
        action="store_true",
        help="run although the input check speaks against it; the results say so",
    )


def without_identity(arguments: argparse.Namespace) -> bool:
    """Return whether results leave out who the patient is.

    An archive has the patient's own study, which results join; files go who knows where.
    """
    return bool(arguments.send_to is None if arguments.deidentify is None else arguments.deidentify)


def degree_asked(package: Package, arguments: argparse.Namespace) -> float | None:
    """Return how far the network is to go, None where that is not said. Raises UsageError for what the model lacks."""
    control = package.manifest.control
    asked = None
    for name in CONTROLS:
        value = getattr(arguments, name)
        if value is not None and (control is None or control.name != name):
            raise UsageError(f"{package.manifest.name} has no {name} to choose; leave --{name} away.")
        asked = value if value is not None else asked
    package.manifest.degree(asked)
    return asked


@dataclass
class _Result:
    """What a command did so far."""

    device: str = ""
    slices: int = 0
    seconds: float = 0.0
    first_slice_seconds: float | None = None
    outputs: list[Path] = field(default_factory=list)
    complete: bool = True
    # One for all series of the command, so that the UIDs of a study still agree.
    deidentifier: "Deidentifier | None" = None
    # Files that an archive took, None where none was to; and whether it took every one.
    sent: int | None = None
    sent_all: bool = False
    # Series written so far: no two of them have the same number.
    written_series: int = 0


def execute(arguments: argparse.Namespace) -> int:
    """Run the model on what is there, or was retrieved from an archive, and send the results where that was asked."""
    from medgan_viewer.commands import archived

    if arguments.send_to is not None and arguments.format != "dicom":
        raise UsageError("An archive takes DICOM only; leave --format away.")
    package = package_named(arguments.model)
    # What cannot be asked of the model is said before anything is read.
    degree_asked(package, arguments)
    with archived.place(arguments.out, arguments.send_to) as place:
        arguments.out, asked = place.folder, arguments.out
        with archived.source(arguments.path, arguments.series) as (arguments.path, whole):
            result = _run(package, arguments)
        result.complete &= whole
        if arguments.send_to is not None and result.outputs:
            place.keep = asked is None
            _send(arguments.send_to, result)
            place.keep &= not result.sent_all
        if asked is None and not place.keep:
            result.outputs.clear()
        _say(package, result, arguments)
    return 0 if result.complete else 1


def _send(name: str, result: _Result) -> None:
    """Send what was written to an archive."""
    from medgan_viewer.commands import archived

    try:
        sent = archived.send(name, result.outputs)
    except MedganError as error:
        console.complain(error.sentence)
        result.complete = False
        return
    result.sent, result.sent_all = sent.count, sent.complete
    result.complete &= sent.complete


def _run(package: Package, arguments: argparse.Namespace) -> _Result:
    """Run the model on one series after the other; a failure of one does not keep the others from running."""
    catalog = selection.scan(arguments.path)
    selection.name_refused(catalog)
    choose = _chosen_together if package.manifest.requires.inputs else _chosen
    chosen = choose(package, catalog, arguments.series)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    service = InferenceService(events.put, arguments.device or settings.load().text("device"))
    result = _Result()
    try:
        # The weights are read while the first series is.
        service.warm(package)
        for inputs in chosen:
            try:
                _run_series(service, events, package, inputs, arguments, result)
            except MedganError as error:
                console.complain(error.sentence)
                result.complete = False
    finally:
        service.close()
    return result


def _say(package: Package, result: _Result, arguments: argparse.Namespace) -> None:
    """Name what was written."""
    if arguments.json:
        console.show_json(
            {
                "model": package.id,
                "device": result.device,
                "slices": result.slices,
                "seconds": round(result.seconds, 3),
                "first_slice_seconds": round(result.first_slice_seconds or 0.0, 3),
                "outputs": [str(path) for path in result.outputs],
                **({} if result.sent is None else {"sent": result.sent}),
            }
        )
    else:
        if result.sent is not None:
            console.show(f"{arguments.send_to} took {result.sent} file{'' if result.sent == 1 else 's'}.")
        for path in result.outputs:
            console.show(str(path))


def package_named(identifier: str) -> Package:
    """Return an installed model; UsageError with the list where there is none of this id."""
    packages, problems = registry.scan()
    for package in packages:
        if package.id == identifier:
            return package
    for problem in problems:
        if getattr(problem, "path", Path()).name == identifier:
            raise problem
    known = ", ".join(package.id for package in packages) or "none"
    raise UsageError(f'There is no model "{identifier}"; there are: {known}.')


def _chosen(package: Package, catalog: Catalog, uids: list[str]) -> tuple[tuple[Series, ...], ...]:
    """Return the series to run on, each by itself: those named, which must fit, or all that fit."""
    candidates = selection.named_series(catalog, uids) if uids else selection.all_series(catalog)
    verdicts = [(series, suitability.check(package.manifest, series)) for series in candidates]
    misfits = [
        f"{series.description or series.uid}: {' '.join(verdict.reasons)}"
        for series, verdict in verdicts
        if not verdict.fits
    ]
    if misfits and (uids or len(misfits) == len(verdicts)):
        raise UnsuitableError(f"{package.manifest.name} does not fit. {' '.join(misfits)}")
    for series, verdict in verdicts:
        if verdict.fits:
            _name_cautions(series, verdict)
    return tuple((series,) for series, verdict in verdicts if verdict.fits)


def _chosen_together(package: Package, catalog: Catalog, uids: list[str]) -> tuple[tuple[Series, ...], ...]:
    """Return the inputs of each run of a model of several series, which share a frame of reference.

    Only named series are taken where some are named, and each of them must be; an optional one is taken where it is
    among them. Raises UsageError with the list where several series would do for one input, UnsuitableError where no
    run is possible.
    """
    candidates = selection.named_series(catalog, uids) if uids else selection.all_series(catalog)
    verdicts = [(series, suitability.check(package.manifest, series)) for series in candidates]
    firsts = [series for series, verdict in verdicts if verdict.fits]
    # Beside a T1 any series without a stated contrast could be one too: only where none says so is it taken for one.
    requires = package.manifest.requires
    if requires.several:
        firsts = [series for series in firsts if series.contrast in requires.contrasts] or firsts
    elif not firsts:
        return _chosen(package, catalog, uids)
    choices = [_choice(package, catalog, series, candidates) for series in firsts]
    possible = [choice for choice in choices if not choice.reasons]
    if not possible:
        wanted = " and ".join(each.words for each in requires.inputs if not each.optional)
        reasons = " ".join(dict.fromkeys(reason for choice in choices for reason in choice.reasons))
        raise UnsuitableError(
            f"{package.manifest.name} needs {wanted} of one frame of reference. {reasons or 'No series fits.'}"
        )
    if requires.several:
        _refuse_ambiguity(package, catalog, possible)
    used = {series.uid for choice in possible for series in choice.inputs}
    unused = [series for series in candidates if series.uid not in used]
    if uids and unused:
        raise UnsuitableError(f"{package.manifest.name} has no use for {selection.listing(unused)}.")
    for series, verdict in verdicts:
        if series.uid in used and verdict.fits:
            _name_cautions(series, verdict)
    return tuple(choice.inputs for choice in possible)


def _choice(package: Package, catalog: Catalog, first: Series, candidates: Sequence[Series]) -> suitability.Choice:
    # Two patients' studies may have the same UID: the series must be of the very same study.
    within = catalog.study_of(first.uid)[0].series
    return suitability.choose_inputs(package.manifest, first, [other for other in candidates if other in within])


def _refuse_ambiguity(package: Package, catalog: Catalog, choices: Sequence[suitability.Choice]) -> None:
    """Raise UsageError with the list where one input, the first included, could be one of several series."""
    by_frame: dict[tuple[int, str | None], list[suitability.Choice]] = {}
    for choice in choices:
        first = choice.candidates[0][0]
        study = catalog.studies.index(catalog.study_of(first.uid)[0])
        by_frame.setdefault((study, first.frame_of_reference_uid), []).append(choice)
    for alike in by_frame.values():
        firsts = tuple(choice.candidates[0][0] for choice in alike)
        candidates = (firsts, *alike[0].candidates[1:])
        for wanted, several in zip(package.manifest.requires.inputs[: len(candidates)], candidates, strict=True):
            if len(several) > 1:
                raise UsageError(
                    f"{package.manifest.name} takes one {wanted.words} and there are several: "
                    f"{selection.listing(several)}; name each series that it is to take with --series."
                )


def _name_cautions(series: Series, verdict: suitability.Verdict) -> None:
    for caution in verdict.cautions:
        console.complain(f"Note on {series.description or series.uid}: {caution}")


def _run_series(
    service: InferenceService,
    events: "queue.SimpleQueue[Event]",
    package: Package,
    inputs: tuple[Series, ...],
    arguments: argparse.Namespace,
    result: _Result,
) -> None:
    loaded = _loaded(package, inputs)
    inputs = inputs[: len(loaded)]
    result.complete &= all(complete for _, complete in loaded)
    stack = loaded[0][0]
    further = [(series, other.volume()) for series, (other, _) in zip(inputs[1:], loaded[1:], strict=True)]
    begin = partial(
        service.start, package, inputs[0], stack.volume(), further=further, degree=degree_asked(package, arguments)
    )
    run = begin(confirmed=())
    end = _wait(events, package.manifest.name)
    if isinstance(end, Failed) and end.objections and arguments.force:
        for objection in end.objections:
            console.complain(f"Overridden: {objection}")
        run = begin(confirmed=end.objections)
        end = _wait(events, package.manifest.name)
    result.device = run.provenance.device
    result.slices += int(run.ready.sum())
    if isinstance(end, Finished):
        result.seconds += end.seconds
        if result.first_slice_seconds is None:
            result.first_slice_seconds = end.first_slice_seconds
    else:
        console.complain(_why(end))
        result.complete = False
    # What was finished before a failure is worth having; the export names what is missing.
    if run.ready.any():
        _write(run.layers, inputs, stack, arguments, result)


def _loaded(package: Package, inputs: tuple[Series, ...]) -> list[tuple[SliceStack, bool]]:
    """Return what `selection.load` does of each input, without an optional one that cannot be read to its end."""
    needed = package.manifest.requires.least
    loaded = [selection.load(series) for series in inputs[:needed]]
    for series in inputs[needed:]:
        try:
            stack, complete = selection.load(series)
        except ReadError as error:
            console.complain(str(error))
            complete = False
        if complete:
            loaded.append((stack, complete))
        else:
            console.complain("Made without the optional series, as images of it cannot be read.")
    return loaded


def _why(end: Failed | Cancelled) -> str:
    if isinstance(end, Cancelled):
        return "The run was cancelled."
    return f"{end.sentence} --force runs it all the same and marks the results." if end.objections else end.sentence


def _wait(events: "queue.SimpleQueue[Event]", title: str) -> Finished | Failed | Cancelled:
    """Follow a run to its end."""
    bar = console.ProgressBar(title)
    try:
        while True:
            match event := events.get():
                case Progress():
                    bar.update(event)
                case Notice():
                    bar.clear()
                    console.complain(event.sentence)
                case Finished() | Failed() | Cancelled():
                    return event
    finally:
        bar.clear()


def _write(
    layers: tuple[Layer, ...],
    inputs: tuple[Series, ...],
    stack: SliceStack,
    arguments: argparse.Namespace,
    result: _Result,
) -> None:
    from medgan_viewer.dicom.deidentify import Deidentifier

    if without_identity(arguments) and result.deidentifier is None:
        result.deidentifier = Deidentifier()
    report, count = results.write(
        layers,
        inputs,
        stack,
        arguments.out,
        arguments.format,
        deidentifier=result.deidentifier,
        numbers_taken=result.written_series,
    )
    result.written_series += count
    result.outputs += report.paths
    for note in report.notes:
        console.complain(note)
