"""An archive that speaks DICOMweb: QIDO-RS, WADO-RS and STOW-RS, by dicomweb-client."""

import contextlib
import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from medgan_viewer.dicom.archive import credentials, outbox, web_answers
from medgan_viewer.dicom.archive.base import (
    MAX_INSTANCE_BYTES,
    MAX_RESULTS,
    Cancelled,
    Found,
    FoundSeries,
    FoundStudy,
    Progress,
    Query,
    Sent,
    checked_uid,
    found,
    in_order,
    never,
)
from medgan_viewer.dicom.archive.credentials import Credentials
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.dicom.archive.inbox import Inbox
from medgan_viewer.dicom.archive.link import CONNECT_SECONDS, QUIET_SECONDS
from medgan_viewer.dicom.archive.retrieving import SeriesRetriever
from medgan_viewer.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    import requests
    from dicomweb_client.web import DICOMwebClient

__all__ = ["WebArchive"]

# A list of results is never larger than this.
_MAX_LIST_BYTES = 64 << 20
# Files are sent in requests of about this size.
_REQUEST_BYTES = 16 << 20
# As the archive stores it where the server can be asked for that, else as it likes.
_ACCEPTED = (
    'multipart/related; type="application/dicom"; transfer-syntax=*',
    'multipart/related; type="application/dicom"',
)
# There are servers (Orthanc's plug-in 1.7) that decode no address: what would have to be encoded is asked for as "any
# letters".
_UNSAFE = re.compile(r"[^A-Za-z0-9*?._-]+")
_STUDY_FIELDS = ("StudyDescription", "ModalitiesInStudy")
_NOT_ACCEPTABLE = (400, 406, 415)


class _StoppedError(Exception):
    """The reader cancelled while an answer arrived."""


class WebArchive(SeriesRetriever):
    """See :class:`~medgan_viewer.dicom.archive.base.Archive`. Certificates are always verified.

    Raises UsageError where credentials would cross a network unencrypted.
    """

    def __init__(self, entry: Entry, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        super().__init__(entry)
        self._quiet_seconds = quiet_seconds
        self._credentials = credentials.read(entry.name)
        parts = urlsplit(entry.url)
        if self._credentials is not None and parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
            raise UsageError(
                f'{entry.name}: credentials are only sent encrypted; give the archive an address with "https://", or '
                "forget its credentials."
            )

    def verify(self, cancelled: Cancelled = never) -> None:
        """Ask for one study."""
        self._search("/studies", {}, (), cancelled, limit=1)

    # -- finding -------------------------------------------------------------------------------------------------

    def find_studies(self, query: Query, cancelled: Cancelled = never) -> Found:
        """QIDO-RS for studies."""
        asked = {
            "PatientName": query.name_pattern,
            "PatientID": query.patient_id,
            "StudyDate": query.date_range,
            "ModalitiesInStudy": query.modality.upper(),
            "StudyInstanceUID": query.study_uid,
        }
        # An archive to which capitals are small letters gives the same studies for each way to write a word.
        studies: dict[str, FoundStudy] = {}
        more = False
        for pattern in query.description_patterns:
            answers = self._search("/studies", asked | {"StudyDescription": pattern}, _STUDY_FIELDS, cancelled)
            more = more or len(answers) > MAX_RESULTS
            studies |= {study.uid: study for study in map(web_answers.study, answers)}
        return found(query, studies.values(), more=more or len(studies) > MAX_RESULTS)

    def find_series(self, study_uid: str, cancelled: Cancelled = never) -> tuple[FoundSeries, ...]:
        """QIDO-RS for the series of a study."""
        answers = self._search(f"/studies/{checked_uid(study_uid)}/series", {}, ("SeriesDescription",), cancelled)
        return in_order(web_answers.series(answer, study_uid) for answer in answers)

    def _search(
        self,
        path: str,
        asked: dict[str, str],
        fields: Sequence[str],
        cancelled: Cancelled,
        limit: int = MAX_RESULTS + 1,
    ) -> list[dict[str, Any]]:
        """Return the data sets that fit; none where the reader cancelled."""
        words = [f"{key}={_UNSAFE.sub('*', value)}" for key, value in asked.items() if value]
        words += [f"includefield={field}" for field in fields] + [f"limit={limit}"]
        with self._client(cancelled, _MAX_LIST_BYTES) as (client, _):
            return web_answers.data_sets(
                client._http_get_application_json(f"{client.base_url}{path}?{'&'.join(words)}")
            )
        return []

    # -- retrieving ----------------------------------------------------------------------------------------------

    def _retrieve_series(self, series: FoundSeries, inbox: Inbox, cancelled: Cancelled) -> None:
        """WADO-RS."""
        before = inbox.count
        path = f"/studies/{series.study_uid}/series/{series.uid}"
        with self._client(cancelled, MAX_INSTANCE_BYTES) as (client, bounds), _asked(client, path) as response:
            for part in web_answers.parts(response):
                inbox.take(part)
                bounds.begin()
        missing = (series.instance_count or 0) - (inbox.count - before)
        if missing > 0 and not cancelled():
            inbox.leave_out("did not come: the archive did not send all that it lists", missing)

    # -- sending -------------------------------------------------------------------------------------------------

    def send(
        self,
        files: Sequence[Path],
        *,
        on_progress: Callable[[Progress], None] | None = None,
        cancelled: Cancelled = never,
    ) -> Sent:
        """STOW-RS, each file as it is."""
        notes: list[str] = []
        taken, megabytes = 0, 0.0
        try:
            for part in _requests(files, notes):
                if cancelled():
                    break
                refused = self._store(part, cancelled)
                notes += [f"{path.name}: the archive did not take it." for path, uid in part.items() if uid in refused]
                taken += len(part) - len(refused)
                megabytes += sum(path.stat().st_size for path in part) / 1e6
                if on_progress is not None:
                    on_progress(Progress(taken, len(files), megabytes))
        except ArchiveError as error:
            had = f"it had taken {taken} files" if taken else "it had taken nothing"
            raise ArchiveError(f"{error.sentence.rstrip('.')}; {had}.") from error
        return Sent(taken, tuple(notes), cancelled())

    def _store(self, files: dict[Path, str], cancelled: Cancelled) -> set[str]:
        """Send files with their instance UIDs in one request; return the UIDs that the archive did not take."""
        with self._client(cancelled, _MAX_LIST_BYTES) as (client, _):
            contents = [path.read_bytes() for path in files]
            answer = client._http_post_multipart_application_dicom(f"{client.base_url}/studies", contents)
            failed = answer.get("FailedSOPSequence") or []
            return {str(item.get("ReferencedSOPInstanceUID", "")) for item in failed} & set(files.values())
        return set(files.values())

    # -- HTTP ----------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _client(self, cancelled: Cancelled, limit_bytes: int) -> "Iterator[tuple[DICOMwebClient, _Bounds]]":
        """Give a client, and the bounds of its answers; whatever goes wrong in the block becomes an ArchiveError.

        Where the reader cancelled, the block just ends.
        """
        import requests
        from dicomweb_client.web import DICOMwebClient

        session = _session(self.entry, self._credentials)
        bounds = _Bounds(cancelled, limit_bytes)
        timeouts = (min(CONNECT_SECONDS, self._quiet_seconds), self._quiet_seconds)
        try:
            with session, contextlib.closing(bounds):
                client = DICOMwebClient(
                    self.entry.url.rstrip("/"), session=session, callback=bounds.watch, timeout=timeouts
                )
                client.set_http_retry_params(retry=False)
                yield client, bounds
        except _StoppedError:
            return
        except requests.HTTPError as error:
            # No cause: the text of such an error holds the address with the query, and that a patient's name.
            raise ArchiveError(self._refusal(_status(error))) from None
        except (requests.RequestException, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ArchiveError(self._failure(error)) from None

    def _refusal(self, status: int) -> str:
        name = f'The archive "{self.entry.name}"'
        if status in (401, 403):
            which = "the credentials that are kept for it" if self._credentials else "to answer without credentials"
            return f"{name} refuses {which}."
        if status == 404:
            return f"{name} does not have this, or its address is not the root of a DICOMweb service."
        if status == 409:
            return f"{name} took none of the files."
        return f"{name} refused with HTTP status {status}."

    def _failure(self, error: Exception) -> str:
        import requests

        name = f'The archive "{self.entry.name}"'
        if isinstance(error, _TooMuchError):
            return f"{name} was given up: it sent more than is allowed in one piece."
        if isinstance(error, requests.exceptions.SSLError):
            return f"{name} is not trusted: its certificate could not be verified."
        if isinstance(error, requests.exceptions.ConnectTimeout):
            return f"{name} cannot be reached; check its address and the network."
        if isinstance(error, requests.exceptions.Timeout) or "timed out" in str(error):
            return f"{name} was given up: it was silent for {self._quiet_seconds:.0f} s."
        if isinstance(error, requests.exceptions.ChunkedEncodingError | web_answers.BrokenOffError):
            return f"{name} broke off the connection in mid-transfer."
        if isinstance(error, requests.exceptions.JSONDecodeError):
            return f"{name} does not answer as a DICOMweb service; check its address."
        if isinstance(error, requests.ConnectionError):
            return f"{name} cannot be reached or hung up; check its address and the network."
        if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
            return (
                f'A file for or from the archive "{self.entry.name}" cannot be read: {error.strerror or "input error"}.'
            )
        return f"{name} does not answer as a DICOMweb service; check its address."


class _TooMuchError(ValueError):
    """An answer is larger than it may be."""


class _Bounds:
    """Counts what an answer brings, and asks whether it is still wanted."""

    def __init__(self, cancelled: Cancelled, limit_bytes: int) -> None:
        self._cancelled, self._limit_bytes = cancelled, limit_bytes
        self._count = 0
        self._responses: list[requests.Response] = []

    def close(self) -> None:
        """Close the connections of answers that were not read to their end."""
        for response in self._responses:
            response.close()

    def begin(self) -> None:
        """Count the next image from nought."""
        self._count = 0

    def watch(self, response: "requests.Response", *_args: Any, **_more: Any) -> "requests.Response":
        """Let an answer be read with bounds; hook of requests."""
        self._responses.append(response)
        reading: Callable[[int | None], Iterator[Any]] = response.iter_content

        def bounded(chunk_size: int | None = 1) -> Iterator[Any]:
            for chunk in reading(chunk_size):
                self._count += len(chunk)
                if self._cancelled():
                    raise _StoppedError
                if self._count > self._limit_bytes:
                    raise _TooMuchError
                yield chunk

        changed: Any = response
        changed.iter_content = bounded
        return response


def _asked(client: "DICOMwebClient", path: str) -> "requests.Response":
    """Return the answer to a request for images, as they are stored where the server can give them so."""
    import requests

    url = client.base_url + path
    for accepted in _ACCEPTED[:-1]:
        try:
            return client._http_get(url, headers={"Accept": accepted}, stream=True)
        except requests.HTTPError as error:
            if _status(error) not in _NOT_ACCEPTABLE:
                raise
    return client._http_get(url, headers={"Accept": _ACCEPTED[-1]}, stream=True)


def _requests(files: Sequence[Path], notes: list[str]) -> Iterator[dict[Path, str]]:
    """Give files, with their instance UIDs, in requests of bounded size; what is no DICOM file is noted."""
    part: dict[Path, str] = {}
    size = 0
    for path in files:
        known = outbox.read(path)
        if known is None:
            notes.append(f"{path.name}: this is no DICOM file that could be sent.")
            continue
        length = path.stat().st_size
        if part and size + length > _REQUEST_BYTES:
            yield part
            part, size = {}, 0
        part[path] = known.sop_instance
        size += length
    if part:
        yield part


def _status(error: "requests.HTTPError") -> int:
    return 0 if error.response is None else error.response.status_code


def _session(entry: Entry, known: Credentials | None) -> "requests.Session":
    """Return a session that trusts whom the entry says and signs with its credentials, none from anywhere else."""
    import requests

    class Session(requests.Session):
        def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
            # By itself requests prefers REQUESTS_CA_BUNDLE to the authorities that the user entered.
            return super().merge_environment_settings(url, proxies, stream, entry.authorities or verify, cert)

    class Bearer(requests.auth.AuthBase):
        def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
            if known is not None and known.token:
                request.headers["Authorization"] = f"Bearer {known.token}"
            return request

    session = Session()
    if entry.certificate:
        session.cert = entry.certificate
    # Also without credentials: otherwise requests takes those of a .netrc file.
    session.auth = (known.user, known.password) if known is not None and known.user else Bearer()
    return session


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
