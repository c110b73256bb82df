"""``medgan-viewer batch MODEL SOURCE --out TARGET``: a model on all of a folder or archive, resumed after a break."""

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from medgan_viewer import settings
from medgan_viewer.batch import conduct, sources, steps
from medgan_viewer.batch import secret as secrets_of
from medgan_viewer.batch.conduct import Batch, Tally
from medgan_viewer.batch.plan import Order, Planned
from medgan_viewer.batch.sources import Source
from medgan_viewer.batch.target import Target
from medgan_viewer.commands import archived, console, selection
from medgan_viewer.commands.run import add_options, degree_asked, package_named, without_identity
from medgan_viewer.core.catalog import Series
from medgan_viewer.dicom.archive import entries
from medgan_viewer.errors import UsageError
from medgan_viewer.jobs.events import Progress
from medgan_viewer.jobs.line import Line, LocalLine

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "run a model on a whole folder or archive, and resume where it broke off"

_INTERRUPTED = "Cancelled; the same command does the rest."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help="a model's id, as `medgan-viewer models` lists it")
    parser.add_argument("source", metavar="SOURCE", help="a folder, archive:NAME or archive:NAME/STUDYUID")
    parser.add_argument("--out", type=Path, required=True, metavar="TARGET", help="the folder of the results")
    parser.add_argument("--plan-only", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--confirm", action="store_true", help="also take series with unstated region or contrast")
    parser.add_argument("--send-to", metavar="NAME", help="send the results (DICOM) to this archive as well")
    add_options(parser, identity="so, unless --send-to is given")
    parser.add_argument("--ray", metavar="ADDRESS", help="on a Ray cluster: HOST:PORT, auto, or local (all GPUs here)")
    parser.add_argument("--json", action="store_true", help="write plan and summary in JSON")
    archived.add_filters(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Plan, say so, and do it."""
    if arguments.send_to is not None and arguments.format != "dicom":
        raise UsageError("An archive takes DICOM only; leave --format away.")
    receiver = None if arguments.send_to is None else entries.named(arguments.send_to)
    target = Target(arguments.out.absolute())
    order = _order(arguments, target)
    if arguments.plan_only:
        _say_plan(_source(order, arguments), as_json=arguments.json)
        return 0
    with target.alone():
        source = _source(order, arguments)
        if not arguments.json:
            _say_plan(source)
        bar = console.ProgressBar(order.package.id)
        batch = Batch(
            source,
            target,
            _line(arguments, _count(source)),
            say=lambda sentence: _say(bar, sentence),
            show=lambda tally: _draw(bar, tally),
            send_to=receiver,
        )
        try:
            batch.run()
        except KeyboardInterrupt:
            bar.clear()
            console.complain(_INTERRUPTED)
            return 130
        finally:
            bar.clear()
    _say_end(source, batch, arguments)
    return 1 if batch.tally.failed else 0


def _order(arguments: argparse.Namespace, target: Target) -> Order:
    """Return what is asked for. Raises UsageError for a degree that the model cannot have."""
    package = package_named(arguments.model)
    degree = degree_asked(package, arguments)
    keep = not arguments.plan_only
    secret = secrets_of.secret(target.folder, keep=keep) if without_identity(arguments) else None
    return Order(
        package,
        target.folder,
        arguments.format,
        confirmed=arguments.confirm,
        force=arguments.force,
        degree=degree,
        secret=secret,
    )


def _source(order: Order, arguments: argparse.Namespace) -> Source:
    query = archived.query(arguments)
    if not arguments.source.startswith(archived.PREFIX):
        if query != type(query)():
            raise UsageError(f"Only studies of an archive can be looked for; write {archived.PREFIX}NAME.")
        catalog = selection.scan(Path(arguments.source))
        selection.name_refused(catalog)
        return sources.FolderSource(order, catalog)
    name, _, study = arguments.source.removeprefix(archived.PREFIX).partition("/")
    if study:
        arguments.study = study
        query = archived.query(arguments)
    source = sources.ArchiveSource(order, entries.named(name), query)
    if source.more:
        console.complain(f"There are more than these {len(source.waiting)} studies; narrow the query, then go on.")
    return source


def _count(source: Source) -> int:
    """Return how many jobs there will be, as far as that is known."""
    return sum(one.job is not None for one in source.planned) + sum(not one.reason for one in source.waiting)


def _line(arguments: argparse.Namespace, most: int) -> Line:
    device = arguments.device or settings.load().text("device")
    if arguments.ray is None or most == 0:
        return LocalLine(steps.STEPS, device)
    from medgan_viewer.jobs.cluster import ClusterLine

    return ClusterLine(arguments.ray, steps.STEPS, device, most=most)


def _say(bar: console.ProgressBar, sentence: str) -> None:
    bar.clear()
    console.complain(sentence)


def _draw(bar: console.ProgressBar, tally: Tally) -> None:
    rate = tally.slices_per_second
    bar.update(
        Progress("batch", tally.over, max(tally.jobs, tally.over), tally.seconds_left),
        "" if rate is None else f"{rate:.1f} images/s",
    )


# -- words -------------------------------------------------------------------------------------------------------------


def _say_plan(source: Source, *, as_json: bool = False) -> None:
    """Say what will be done, what is done and what is skipped."""
    lines = _lines(source, {})
    if as_json:
        console.show_json({"plan": lines})
        return
    for line in lines:
        console.show(f"{line['state']:<8} {line['what']}{': ' if line['reason'] else ''}{line['reason']}")
    counts = Counter(line["state"] for line in lines)
    console.show(", ".join(f"{counts[state]} {words}" for state, words in _STATES.items() if counts[state]) + ".")


def _lines(source: Source, skipped: Mapping[str, str]) -> list[dict[str, str]]:
    """Return what becomes of every series and study; ``skipped`` is why some jobs were not done after all."""
    planned = [_planned_line(one, skipped.get(one.key, "")) for one in source.planned]
    return planned + [_waiting_line(one) for one in source.waiting]


_STATES = {"run": "to run", "retrieve": "to retrieve and judge", "done": "done already", "skip": "skipped"}


def _planned_line(planned: Planned, objection: str) -> dict[str, str]:
    state = "run" if planned.job is not None and not objection else "done" if planned.done else "skip"
    return {"state": state, "what": _names(planned.inputs), "reason": objection or planned.reason, "key": planned.key}


def _waiting_line(waiting: sources.Waiting) -> dict[str, str]:
    state = "done" if waiting.done else "skip" if waiting.reason else "retrieve"
    what = f"study {waiting.study.uid} ({waiting.study.description or 'no description'}, {waiting.images} images)"
    return {"state": state, "what": what, "reason": waiting.reason, "key": waiting.key}


def _names(inputs: Sequence[Series]) -> str:
    return " + ".join(selection.one_line(series) for series in inputs)


def _say_end(source: Source, batch: Batch, arguments: argparse.Namespace) -> None:
    tally, share = batch.tally, None if arguments.ray else conduct.busy_share(batch.records)
    if arguments.json:
        summary = {
            "plan": _lines(source, batch.skipped),
            "done": tally.done,
            "failed": tally.failed,
            "skipped": tally.skipped,
            "sent": tally.sent,
            "disk_full": batch.disk_full,
            "busy_share": None if share is None else round(share, 4),
            "results": [str(arguments.out / record["key"]) for record in batch.records],
        }
        console.show_json(summary)
        return
    said = [f"{tally.done} done", f"{tally.failed} failed"]
    if tally.questionable:
        said.append(f"{tally.questionable} skipped by the input check (--force runs them and marks the results)")
    if tally.unsuitable:
        said.append(f"{tally.unsuitable} skipped because the model does not fit")
    said += [] if arguments.send_to is None else [f"{tally.sent} files sent to {arguments.send_to}"]
    said += [] if share is None else [f"the device was at work {share:.0%} of the time"]
    console.show(f"{', '.join(said)}; results are in {arguments.out}.")
