"""``medgan-viewer archive list|add|remove|verify|find|get|send``: the hospital's archive from the command line."""

import argparse
import getpass
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from medgan_viewer.commands import archived, console
from medgan_viewer.dicom.archive import connect, credentials, entries
from medgan_viewer.dicom.archive.base import FoundSeries, FoundStudy
from medgan_viewer.dicom.archive.credentials import Credentials
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.errors import UsageError

__all__ = ["SUMMARY", "add_arguments", "execute"]

SUMMARY = "keep archives, and query, retrieve from and send to them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)

    def part(name: str, summary: str, execute: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        made = parts.add_parser(name, help=summary, description=summary)
        made.set_defaults(execute_part=execute)
        made.add_argument("--json", action="store_true", help="write JSON")
        if name != "list":
            made.add_argument("name", metavar="NAME", help="the name you gave the archive")
        return made

    part("list", "list the archives that are kept", _list)
    _describe_entry(part("add", "keep an archive, or change one", _add))
    part("remove", "forget an archive and its credentials", _remove)
    part("verify", "ask an archive for a sign of life", _verify)
    find = part("find", "find studies, or the series of one", _find)
    archived.add_filters(find)
    find.add_argument("--series-of", default="", metavar="STUDYUID", help="list the series of this study instead")
    get = part("get", "retrieve a study", _get)
    get.add_argument("study", metavar="STUDYUID", help="which study")
    get.add_argument("--series", action="append", default=[], metavar="UID", help="only this series; may repeat")
    get.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the images go")
    send = part("send", "send DICOM files", _send)
    send.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="files and folders")


def _describe_entry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="", help="name or address of an archive that speaks DIMSE")
    parser.add_argument("--port", type=int, default=104, help="its port (default: 104)")
    parser.add_argument("--ae-title", default="ANY-SCP", metavar="TITLE", help="its AE title")
    parser.add_argument("--own-ae-title", default="MEDGAN", metavar="TITLE", help="this program's (default: MEDGAN)")
    parser.add_argument("--tls", action="store_true", help="connect with TLS")
    parser.add_argument("--move-port", type=int, default=0, metavar="PORT", help="use C-MOVE; listen here meanwhile")
    parser.add_argument("--listen", default="127.0.0.1", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    parser.add_argument("--callers", default="", metavar="A,B", help="AE titles that may connect (default: its own)")
    parser.add_argument("--url", default="", help="address of an archive that speaks DICOMweb, without /studies")
    parser.add_argument("--user", default="", help="user of a DICOMweb archive; the password is asked for")
    parser.add_argument("--token", action="store_true", help="ask for a bearer token")
    parser.add_argument("--authorities", default="", metavar="PEM", help="certificates to trust, not the system's")
    parser.add_argument("--certificate", default="", metavar="PEM", help="this program's certificate and key")


def execute(arguments: argparse.Namespace) -> int:
    """Do what was asked; 1 where something is missing."""
    execute_part: Callable[[argparse.Namespace], int] = arguments.execute_part
    return execute_part(arguments)


# -- the list ----------------------------------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    kept = entries.load()
    if arguments.json:
        console.show_json([asdict(entry) for entry in kept])
    elif kept:
        rows = [(entry.name, _KINDS[entry.kind], entry.address, entry.ae_title) for entry in kept]
        console.show(console.table(rows, ("name", "kind", "address", "AE title")))
    else:
        console.show("No archive is kept yet; `medgan-viewer archive add` adds one.")
    return 0


_KINDS = {"dimse": "DIMSE", "web": "DICOMweb"}


def _add(arguments: argparse.Namespace) -> int:
    if bool(arguments.url) == bool(arguments.host):
        raise UsageError("Name either --host for an archive that speaks DIMSE, or --url for DICOMweb.")
    if arguments.host and (arguments.user or arguments.token):
        raise UsageError("DIMSE knows no credentials; only DICOMweb does.")
    entry = Entry(
        arguments.name,
        kind="web" if arguments.url else "dimse",
        host=arguments.host,
        port=arguments.port,
        ae_title=arguments.ae_title,
        own_ae_title=arguments.own_ae_title,
        tls=arguments.tls,
        retrieve_by="move" if arguments.move_port else "get",
        listen_address=arguments.listen,
        listen_port=arguments.move_port,
        callers=arguments.callers,
        url=arguments.url,
        authorities=_absolute(arguments.authorities),
        certificate=_absolute(arguments.certificate),
    )
    if arguments.user:
        credentials.store(entry.name, Credentials(user=arguments.user, password=_secret("Password: ")))
    elif arguments.token:
        credentials.store(entry.name, Credentials(token=_secret("Bearer token: ")))
    entries.add(entry)
    return _said(arguments, asdict(entry), f"{entry.name}: kept.")


def _absolute(path: str) -> str:
    if path and not Path(path).is_file():
        raise UsageError(f"{path}: there is no such file.")
    return str(Path(path).absolute()) if path else ""


def _secret(prompt: str) -> str:
    """Ask without echo; a script may write it to the standard input."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")


def _remove(arguments: argparse.Namespace) -> int:
    entries.remove(arguments.name)
    credentials.forget(arguments.name)
    return _said(arguments, {"name": arguments.name}, f"{arguments.name}: forgotten.")


def _verify(arguments: argparse.Namespace) -> int:
    connect(entries.named(arguments.name)).verify()
    return _said(arguments, {"name": arguments.name, "answers": True}, f"{arguments.name} answers.")


# -- finding -----------------------------------------------------------------------------------------------------------


def _find(arguments: argparse.Namespace) -> int:
    archive = connect(entries.named(arguments.name))
    if arguments.series_of:
        series = archive.find_series(arguments.series_of)
        if arguments.json:
            console.show_json([asdict(one) for one in series])
        else:
            console.show(console.table([_series_row(one) for one in series], _SERIES_HEADING))
        return 0
    found = archive.find_studies(archived.query(arguments))
    if arguments.json:
        console.show_json([asdict(study) for study in found.studies])
    else:
        console.show(console.table([_study_row(study) for study in found.studies], _STUDY_HEADING))
    if found.more:
        console.complain(f"There are more than these {len(found.studies)}; narrow the query.")
    return 0


_STUDY_HEADING = ("date", "patient", "identifier", "modalities", "description", "images", "study")
_SERIES_HEADING = ("#", "modality", "description", "images", "series")


def _study_row(study: FoundStudy) -> tuple[str, ...]:
    modalities = ", ".join(study.modalities)
    return (
        study.date,
        study.patient_name,
        study.patient_id,
        modalities,
        study.description,
        _count(study.instance_count),
        study.uid,
    )


def _series_row(series: FoundSeries) -> tuple[str, ...]:
    return _count(series.number), series.modality, series.description, _count(series.instance_count), series.uid


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


# -- moving files ------------------------------------------------------------------------------------------------------


def _get(arguments: argparse.Namespace) -> int:
    received = archived.get(arguments.name, arguments.study, arguments.out, arguments.series)
    folder = received.folder / arguments.study
    content = {
        "folder": str(folder),
        "images": received.count,
        "complete": received.complete,
        "notes": list(received.notes),
    }
    _said(arguments, content, str(folder))
    return 0 if received.complete else 1


def _send(arguments: argparse.Namespace) -> int:
    sent = archived.send(arguments.name, arguments.paths)
    content = {"files": sent.count, "complete": sent.complete, "notes": list(sent.notes)}
    _said(arguments, content, f"{arguments.name} took {sent.count} file{'' if sent.count == 1 else 's'}.")
    return 0 if sent.complete else 1


def _said(arguments: argparse.Namespace, content: dict[str, Any], text: str) -> int:
    if arguments.json:
        console.show_json(content)
    else:
        console.show(text)
    return 0
