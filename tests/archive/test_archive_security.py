"""TLS is verified, credentials live in the keyring, and no log or file holds what it must not."""

import base64
import logging
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from medgan_viewer.dicom.archive import connect, credentials, entries
from medgan_viewer.dicom.archive.base import Query
from medgan_viewer.dicom.archive.credentials import Credentials
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.dicom.archive.web import WebArchive
from medgan_viewer.errors import ArchiveError, MissingPartError, ReadError, UsageError
from tests.archive import evil, orthanc
from tests.archive.conftest import KeyringMemory
from tests.archive.orthanc import PASSWORD, USER, Orthanc
from tests.archive.studies import STUDY, fill, new_series, stored_under

# -- a server with certificates ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the certificate of 127.0.0.1, its key, and another authority that signed nothing."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("server", "other"):
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
                *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.pem"),
            ],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        (folder / f"{name}-both.pem").write_text(
            (folder / f"{name}.key").read_text() + (folder / f"{name}.pem").read_text()
        )
    return folder


@pytest.fixture(scope="module")
def safe_server(certificates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """Give an Orthanc that speaks DIMSE with TLS only, both ways, and wants a password over HTTP."""
    folder = tmp_path_factory.mktemp("safe")
    with orthanc.start(
        folder / "server",
        AuthenticationEnabled=True,
        RegisteredUsers={USER: PASSWORD},
        DicomTlsEnabled=True,
        DicomTlsCertificate=str(certificates / "server.pem"),
        DicomTlsPrivateKey=str(certificates / "server.key"),
        DicomTlsTrustedCertificates=str(certificates / "server.pem"),
        DicomTlsRemoteCertificateRequired=True,
    ) as running:
        fill(running, folder / "files")
        yield running


def _entry(server: Orthanc, certificates: Path) -> Entry:
    """Return how the server is reached over TLS."""
    return Entry(
        "pacs",
        host="127.0.0.1",
        port=server.dicom_port,
        ae_title=orthanc.AE_TITLE,
        tls=True,
        authorities=str(certificates / "server.pem"),
        certificate=str(certificates / "server-both.pem"),
    )


def test_that_dimse_goes_over_tls_in_both_directions(safe_server: Orthanc, certificates: Path, tmp_path: Path) -> None:
    archive = connect(_entry(safe_server, certificates))
    archive.verify()
    assert archive.retrieve(STUDY, tmp_path / "in").count == 7
    assert len(stored_under(tmp_path / "in")) == 7
    files = new_series(tmp_path / "out", "1.2.826.7.8.1", StudyInstanceUID="1.2.826.7.8")
    assert archive.send(files).count == 3
    assert safe_server.instances("1.2.826.7.8.1") == 3


@pytest.mark.parametrize(
    ("authority", "certificate", "tls"),
    [("other.pem", "server-both.pem", True), ("", "server-both.pem", True), ("server.pem", "", True), ("", "", False)],
    ids=["another authority", "the system's authorities", "no certificate of our own", "no TLS"],
)
def test_that_dimse_is_refused_where_a_certificate_is_missing_or_not_trusted(
    safe_server: Orthanc, certificates: Path, authority: str, certificate: str, tls: bool
) -> None:
    entry = replace(
        _entry(safe_server, certificates),
        tls=tls,
        authorities=str(certificates / authority) if authority else "",
        certificate=str(certificates / certificate) if certificate else "",
    )
    with pytest.raises(ArchiveError, match='The archive "pacs"'):
        connect(entry).verify()


def test_that_a_certificate_for_another_host_is_not_accepted(safe_server: Orthanc, certificates: Path) -> None:
    entry = replace(_entry(safe_server, certificates), host="localhost")
    with pytest.raises(ArchiveError, match="certificate is not trusted"):
        connect(entry).verify()


@pytest.fixture
def https(safe_server: Orthanc, certificates: Path, keyring_memory: KeyringMemory) -> Iterator[str]:
    """Give the address of the server's DICOMweb service over HTTPS."""
    with evil.tls_line(safe_server.http_port, certificates / "server-both.pem") as port:
        yield f"https://127.0.0.1:{port}/dicom-web"


def test_that_dicomweb_goes_over_https_with_a_password_of_the_keyring(
    https: str, certificates: Path, tmp_path: Path
) -> None:
    entry = Entry("web", kind="web", url=https, authorities=str(certificates / "server.pem"))
    with pytest.raises(ArchiveError, match="refuses to answer without credentials"):
        connect(entry).verify()
    credentials.store("web", Credentials(USER, "wrong"))
    with pytest.raises(ArchiveError, match="refuses the credentials"):
        connect(entry).verify()
    credentials.store("web", Credentials(USER, PASSWORD))
    assert connect(entry).retrieve(STUDY, tmp_path).count == 7


@pytest.mark.parametrize("authority", ["other.pem", ""])
def test_that_https_with_a_certificate_that_is_not_trusted_is_refused(
    https: str, certificates: Path, authority: str
) -> None:
    authorities = str(certificates / authority) if authority else ""
    entry = Entry("web", kind="web", url=https, authorities=authorities)
    with pytest.raises(ArchiveError, match="its certificate could not be verified"):
        connect(entry).verify()


# -- a server that answers as a test says ------------------------------------------------------------------------------


class Answers:
    """What a small HTTP server answers, and the headers it was asked with."""

    def __init__(self) -> None:
        self.status, self.kind, self.body = 200, "application/dicom+json", b"[]"
        self.length: int | None = None
        self.authorizations: list[str | None] = []
        self.paths: list[str] = []


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def url(answers: Answers, keyring_memory: KeyringMemory) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.authorizations.append(self.headers.get("Authorization"))
            answers.paths.append(self.path)
            self.send_response(answers.status)
            self.send_header("Content-Type", answers.kind)
            self.send_header("Content-Length", str(len(answers.body) if answers.length is None else answers.length))
            self.end_headers()
            self.wfile.write(answers.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_that_a_bearer_token_is_sent_and_nothing_without_one(url: str, answers: Answers) -> None:
    connect(Entry("web", kind="web", url=url)).verify()
    credentials.store("web", Credentials(token="t0ken"))
    connect(Entry("web", kind="web", url=url)).verify()
    credentials.store("web", Credentials("me", "word"))
    connect(Entry("web", kind="web", url=url)).verify()
    basic = base64.b64encode(b"me:word").decode()
    assert answers.authorizations == [None, "Bearer t0ken", f"Basic {basic}"]


def test_that_credentials_never_cross_a_network_unencrypted(keyring_memory: KeyringMemory) -> None:
    credentials.store("web", Credentials("me", "word"))
    with pytest.raises(UsageError, match="only sent encrypted"):
        connect(Entry("web", kind="web", url="http://pacs.example/dicom-web"))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "without credentials"),
        (403, "without credentials"),
        (404, "not the root of a DICOMweb service"),
        (500, "HTTP status 500"),
        (503, "HTTP status 503"),
    ],
)
def test_that_a_refusal_over_http_is_one_sentence(url: str, answers: Answers, status: int, words: str) -> None:
    answers.status = status
    with pytest.raises(ArchiveError, match=words) as caught:
        connect(Entry("web", kind="web", url=url)).find_studies(Query(patient_name="Okafor"))
    assert "Okafor" not in caught.value.sentence
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("body", [b"<html>Welcome</html>", b"[1, 2]", b'"text"', b"[{"])
def test_that_what_is_no_dicomweb_answer_is_one_sentence(url: str, answers: Answers, body: bytes) -> None:
    answers.body = body
    with pytest.raises(ArchiveError, match="does not answer as a DICOMweb service"):
        connect(Entry("web", kind="web", url=url)).find_studies(Query())


@pytest.mark.parametrize("body", [b"", b"[]", b'[{"0020000D": 7}, {"x": null}]', b'[{"0020000D": {"Value": [null]}}]'])
def test_that_an_answer_that_names_no_study_is_none(url: str, answers: Answers, body: bytes) -> None:
    answers.body = body
    assert connect(Entry("web", kind="web", url=url)).find_studies(Query()).studies == ()


def test_that_an_answer_without_end_is_not_read_to_its_end(
    url: str, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("medgan_viewer.dicom.archive.web._MAX_LIST_BYTES", 10_000)
    answers.body = b"[" + b" " * 100_000
    with pytest.raises(ArchiveError, match="more than is allowed in one piece"):
        connect(Entry("web", kind="web", url=url)).verify()


def test_that_a_list_that_breaks_off_is_one_sentence(url: str, answers: Answers) -> None:
    answers.body, answers.length = b"[{", 1000
    with pytest.raises(ArchiveError, match=r"broke off|was silent"):
        WebArchive(Entry("web", kind="web", url=url), quiet_seconds=0.5).verify()


def test_that_identifiers_from_an_archive_lead_nowhere(url: str, answers: Answers) -> None:
    answers.body = b'[{"0020000D": {"Value": ["../../etc"]}}, {"0020000D": {"Value": ["1.2.3"]}}]'
    found = connect(Entry("web", kind="web", url=url)).find_studies(Query())
    assert [study.uid for study in found.studies] == ["1.2.3"]


def test_that_what_is_typed_cannot_change_the_question(url: str, answers: Answers) -> None:
    connect(Entry("web", kind="web", url=url)).find_studies(Query(patient_name="a&limit=1#/../b"))
    assert answers.paths[0].startswith("/studies?PatientName=*a*limit*1*..*b*&")


# -- what is kept where ------------------------------------------------------------------------------------------------


def test_that_credentials_are_not_shown() -> None:
    assert "word" not in repr(Credentials("me", "word", "t0ken"))
    assert "t0ken" not in repr(Credentials("me", "word", "t0ken"))


def test_that_a_machine_without_a_keyring_says_so_and_still_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # type: ignore[no-untyped-call]
    try:
        with pytest.raises(MissingPartError, match="offers no keyring") as caught:
            credentials.store("web", Credentials("me", "word"))
        assert "word" not in str(caught.value)
        assert credentials.read("web") is None
        credentials.forget("web")
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize("content", ["{", "[1]", '[{"name": "x"}]', '[{"name": "x", "host": 3}]', '{"a": 1}'])
def test_that_a_damaged_list_of_archives_is_one_sentence(configured: Callable[..., None], content: str) -> None:
    entries.default_path().parent.mkdir(parents=True)
    entries.default_path().write_text(content)
    with pytest.raises(ReadError, match="list of archives cannot be read"):
        entries.load()


def test_that_what_a_newer_version_wrote_beside_is_passed_over(configured: Callable[..., None]) -> None:
    entries.default_path().parent.mkdir(parents=True)
    entries.default_path().write_text('[{"name": "x", "host": "h", "colour": "blue"}]')
    assert entries.load() == (Entry("x", host="h"),)


def test_that_an_archive_listens_to_nobody_unless_it_is_told_to() -> None:
    assert Entry("x", host="h").retrieve_by == "get"
    assert Entry("x", host="h").listen_port == 0
    assert Entry("x", host="h").listen_address == "127.0.0.1"
    with pytest.raises(UsageError, match="needs a port to listen at"):
        Entry("x", host="h", retrieve_by="move")


def test_that_no_log_holds_what_goes_over_the_line(
    entry: Entry, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        archive = connect(entry)
        archive.find_studies(Query(patient_name="Müller"))
        archive.retrieve(STUDY, tmp_path)
        archive.send(list(stored_under(tmp_path).values()))
    assert not [record for record in caplog.records if "ller" in record.getMessage() or "K-77" in record.getMessage()]
