"""An archive that speaks DIMSE: C-ECHO, C-FIND, C-GET or C-MOVE, C-STORE, by pynetdicom, with TLS where it has it."""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medgan_viewer.dicom.archive import answers as answers_of
from medgan_viewer.dicom.archive import contexts, outbox
from medgan_viewer.dicom.archive.base import (
    MAX_RESULTS,
    Cancelled,
    Found,
    FoundSeries,
    Progress,
    Query,
    Sent,
    checked_uid,
    found,
    in_order,
    never,
)
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.dicom.archive.inbox import Inbox
from medgan_viewer.dicom.archive.link import QUIET_SECONDS, Link
from medgan_viewer.dicom.archive.outbox import Outgoing
from medgan_viewer.dicom.archive.receiver import Receiver
from medgan_viewer.dicom.archive.retrieving import SeriesRetriever
from medgan_viewer.dicom.archive.session import Session, words
from medgan_viewer.errors import ArchiveError, WriteError

if TYPE_CHECKING:
    from pydicom.dataset import Dataset
    from pynetdicom.association import Association
    from pynetdicom.events import Event

__all__ = ["DimseArchive"]

_VERIFICATION = "1.2.840.10008.1.1"
_FIND, _MOVE, _GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
# One operation runs at a time on an association.
_MESSAGE = 1
_PENDING = (0xFF00, 0xFF01)
_SUCCESS, _SOME_FAILED, _CANCELLED = 0x0000, 0xB000, 0xFE00
_TAKEN, _NO_ROOM, _REFUSED = 0x0000, 0xA700, 0xA900
# After the archive has said that it sent everything, the last image may still be on its way to the listener.
_LAST_IMAGE_SECONDS = 5.0


class DimseArchive(SeriesRetriever):
    """See :class:`~medgan_viewer.dicom.archive.base.Archive`. Every call is an association of its own."""

    def __init__(self, entry: Entry, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        super().__init__(entry)
        self._quiet_seconds = quiet_seconds
        self._session = Session(entry, quiet_seconds)

    def verify(self, cancelled: Cancelled = never) -> None:
        """C-ECHO."""
        from pynetdicom import build_context

        with self._session.associate([build_context(_VERIFICATION)], cancelled) as (association, link):
            status = association.send_c_echo()
            self._session.check(status, link, "the sign of life")

    # -- finding -------------------------------------------------------------------------------------------------

    def find_studies(self, query: Query, cancelled: Cancelled = never) -> Found:
        """C-FIND at the level of studies."""
        wanted = {
            "PatientName": query.name_pattern,
            "PatientID": query.patient_id,
            "PatientBirthDate": "",
            "StudyInstanceUID": query.study_uid,
            "StudyDate": query.date_range,
            "StudyDescription": "",
            "AccessionNumber": "",
            "ModalitiesInStudy": query.modality.upper(),
            "NumberOfStudyRelatedSeries": None,
            "NumberOfStudyRelatedInstances": None,
        }
        answers, more = self._find("STUDY", wanted, "StudyDescription", query.description_patterns, cancelled)
        return found(query, map(answers_of.study, answers), more=more)

    def find_series(self, study_uid: str, cancelled: Cancelled = never) -> tuple[FoundSeries, ...]:
        """C-FIND at the level of series."""
        wanted = {
            "StudyInstanceUID": checked_uid(study_uid),
            "SeriesInstanceUID": "",
            "SeriesNumber": None,
            "Modality": "",
            "SeriesDescription": "",
            "NumberOfSeriesRelatedInstances": None,
        }
        answers, _ = self._find("SERIES", wanted, "SeriesInstanceUID", ("",), cancelled)
        return in_order(answers_of.series(answer, study_uid) for answer in answers)

    def _find(
        self, level: str, keys: dict[str, Any], varied: str, values: Sequence[str], cancelled: Cancelled
    ) -> "tuple[list[Dataset], bool]":
        """Return the answers for each value of one key, each study or series once, and whether there were too many."""
        from pydicom.dataset import Dataset
        from pynetdicom import build_context

        answers: dict[str, Dataset] = {}
        more, name = False, answers_of.study_uid if level == "STUDY" else answers_of.series_uid
        with self._session.associate([build_context(_FIND)], cancelled) as (association, link):
            link.send_cancel = partial(association.send_c_cancel, _MESSAGE, query_model=_FIND)
            for value in values:
                identifier = Dataset()
                identifier.SpecificCharacterSet = "ISO_IR 192"
                identifier.QueryRetrieveLevel = level
                for keyword, wanted in (keys | {varied: value}).items():
                    setattr(identifier, keyword, wanted)
                status: Any = None
                count = 0
                for status, answer in association.send_c_find(identifier, _FIND, msg_id=_MESSAGE):
                    if "Status" not in status or status.Status not in _PENDING:
                        break
                    uid = "" if answer is None else name(answer)
                    if count == MAX_RESULTS or (len(answers) == MAX_RESULTS and uid not in answers):
                        # The rest is not worth waiting for.
                        more = True
                        link.stop()
                    elif answer is not None:
                        # An archive to which capitals are small letters gives the same for each way to write a word.
                        answers.setdefault(uid, answer)
                        count += 1
                if more or cancelled():
                    break
                self._session.check(status, link, "the query")
        return list(answers.values()), more

    # -- retrieving ----------------------------------------------------------------------------------------------

    def _retrieve_series(self, series: FoundSeries, inbox: Inbox, cancelled: Cancelled) -> None:
        """C-GET or C-MOVE."""
        before = inbox.count
        moves = self.entry.retrieve_by == "move"
        status = (self._move if moves else self._get)(series, inbox, cancelled)
        if inbox.failure is not None:
            raise inbox.failure
        failed = int(status.get("NumberOfFailedSuboperations", 0) or 0)
        arrived = inbox.count - before
        missing = max(failed, (series.instance_count or 0) - arrived)
        if missing > 0 and not cancelled():
            inbox.leave_out("did not come: the archive could not send what it lists", missing)

    def _get(self, series: FoundSeries, inbox: Inbox, cancelled: Cancelled) -> "Dataset":
        from pynetdicom import build_context, build_role

        offered = contexts.to_receive(series.modality)
        roles = [build_role(name, scp_role=True) for name in contexts.storage_classes()]
        link = Link(lambda: cancelled() or inbox.failure is not None, self._quiet_seconds)

        def on_store(event: "Event") -> int:
            link.image_arrived()
            try:
                return _TAKEN if inbox.take(event.encoded_dataset()) else _REFUSED
            except WriteError:
                return _NO_ROOM

        get = build_context(_GET)
        with self._session.associate([get, *offered], cancelled, link=link, roles=roles, on_store=on_store) as (
            association,
            _,
        ):
            link.send_cancel = partial(association.send_c_cancel, _MESSAGE, query_model=_GET)
            answers = association.send_c_get(_identifier(series), _GET, msg_id=_MESSAGE)
            return self._last(answers, link, "to send images")

    def _move(self, series: FoundSeries, inbox: Inbox, cancelled: Cancelled) -> "Dataset":
        from pynetdicom import build_context

        before = inbox.count
        link = Link(lambda: cancelled() or inbox.failure is not None, self._quiet_seconds)
        with self._session.associate([build_context(_MOVE)], cancelled, link=link) as (association, _):
            link.send_cancel = partial(association.send_c_cancel, _MESSAGE, query_model=_MOVE)
            answers = association.send_c_move(_identifier(series), self.entry.own_ae_title, _MOVE, msg_id=_MESSAGE)
            status = self._last(answers, link, "to send images")
        end = time.monotonic() + _LAST_IMAGE_SECONDS
        said = int(status.get("NumberOfCompletedSuboperations", 0) or 0)
        while inbox.count - before < said and time.monotonic() < end and not link.cancelled():
            time.sleep(0.05)
        return status

    def _last(self, answers: "Iterator[tuple[Dataset, Dataset | None]]", link: Link, what: str) -> "Dataset":
        """Return the last status of a C-GET or C-MOVE, an empty one where it was cancelled here."""
        status: Any = None
        for status, _ in answers:
            if "Status" not in status or status.Status not in _PENDING:
                break
        if not link.cancelled() and ("Status" not in status or status.Status not in (_SOME_FAILED, _CANCELLED)):
            self._session.check(status, link, what)
        return status  # type: ignore[no-any-return]

    @contextlib.contextmanager
    def _receiver(self, inbox: Inbox) -> Iterator[None]:
        """Listen while a C-MOVE lasts; do nothing for C-GET."""
        if self.entry.retrieve_by != "move":
            yield
            return
        entry = self.entry
        with Receiver(
            entry.listen_address,
            entry.listen_port,
            entry.own_ae_title,
            entry.caller_titles,
            inbox.take,
            quiet_seconds=self._quiet_seconds,
        ):
            yield

    # -- sending -------------------------------------------------------------------------------------------------

    def send(
        self,
        files: Sequence[Path],
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Cancelled = never,
    ) -> Sent:
        """C-STORE, each file as it is."""
        notes: list[str] = []
        outgoing: list[Outgoing] = []
        for path in files:
            known = outbox.read(path)
            if known is None:
                notes.append(f"{path.name}: this is no DICOM file that could be sent.")
            else:
                outgoing.append(known)
        taken, megabytes = 0, 0.0
        for part in contexts.batches(outgoing):
            if cancelled():
                break
            try:
                with self._session.associate(contexts.for_sending(part), cancelled) as (association, link):
                    for file in part:
                        if cancelled():
                            break
                        reason = self._store(association, link, file)
                        if reason:
                            notes.append(f"{file.path.name}: {reason}.")
                            continue
                        taken += 1
                        megabytes += file.path.stat().st_size / 1e6
                        if on_progress is not None:
                            on_progress(Progress(taken, len(files), megabytes))
            except ArchiveError as error:
                raise ArchiveError(f"{error.sentence.rstrip('.')}; {_taken(taken)}") from error
        return Sent(taken, tuple(notes), cancelled())

    def _store(self, association: "Association", link: Link, file: Outgoing) -> str:
        """Send one file; return why the archive did not take it, "" where it did. Raises ArchiveError at the end."""
        from pydicom import dcmread

        accepted = [one for one in association.accepted_contexts if one.abstract_syntax == file.sop_class]
        if not accepted:
            return "the archive does not take this kind of object"
        exact = any(file.syntax in one.transfer_syntax for one in accepted)
        if not exact and file.syntax not in contexts.UNCOMPRESSED:
            return "the archive does not take this compression"
        try:
            status = association.send_c_store(str(file.path) if exact else dcmread(file.path))
        except (AttributeError, ValueError, OSError, TypeError) as error:
            return f"the file cannot be read or sent as it is ({type(error).__name__})"
        if "Status" not in status:
            raise self._session.broken(link, "to take images")
        # Warnings (Bxxx) mean that it was stored.
        if status.Status != _SUCCESS and status.Status >> 12 != 0xB:
            return f"the archive did not take it ({words(status.Status)})"
        return ""


def _taken(count: int) -> str:
    return "it had taken nothing." if count == 0 else f"it had taken {count} files."


def _identifier(series: FoundSeries) -> "Dataset":
    from pydicom.dataset import Dataset

    identifier = Dataset()
    identifier.QueryRetrieveLevel = "SERIES"
    identifier.StudyInstanceUID = series.study_uid
    identifier.SeriesInstanceUID = series.uid
    return identifier
