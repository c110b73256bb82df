"""An archive that hangs, refuses or breaks off is one sentence, and what arrived is kept."""

import queue
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pydicom
import pytest
from pydicom.uid import generate_uid

from medgan_viewer.dicom.archive import answers, connect
from medgan_viewer.dicom.archive.base import Query
from medgan_viewer.dicom.archive.dimse import DimseArchive
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.dicom.archive.inbox import Inbox
from medgan_viewer.dicom.archive.link import Link
from medgan_viewer.dicom.archive.receiver import Receiver
from medgan_viewer.dicom.archive.web import WebArchive
from medgan_viewer.errors import ArchiveError, WriteError
from tests.archive import evil, orthanc
from tests.archive.orthanc import Orthanc, free_port
from tests.archive.studies import PLAIN_SERIES, STUDY, new_series, stored_under
from tests.dicom_builder import image_dataset, ramp, save, write_series

# Short, so that silence is noticed at once.
QUIET = 0.6
BIG = "1.2.826.7.9"
# No query of another test finds it.
LATER: dict[str, Any] = {"StudyDate": "20260420"}


def dimse_at(port: int, **more: Any) -> Entry:
    return replace(Entry("pacs", host="127.0.0.1", port=port, ae_title="ORTHANC"), **more)


def one_sentence(error: pytest.ExceptionInfo[ArchiveError]) -> str:
    sentence = error.value.sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert 'The archive "' in sentence
    return sentence


# -- the connection ----------------------------------------------------------------------------------------------------


def test_that_a_port_that_nothing_listens_at_is_one_sentence() -> None:
    with pytest.raises(ArchiveError) as caught:
        connect(dimse_at(free_port())).verify()
    assert "cannot be reached at 127.0.0.1" in one_sentence(caught)


def test_that_a_host_that_does_not_exist_is_one_sentence() -> None:
    with pytest.raises(ArchiveError) as caught:
        connect(dimse_at(104, host="no-such-host.invalid")).verify()
    assert "cannot be reached" in one_sentence(caught)


def _hang_up(connection: socket.socket, ended: threading.Event) -> None:
    connection.recv(10)


def _babble(connection: socket.socket, ended: threading.Event) -> None:
    connection.recv(10)
    connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n" * 20)


def _oversize(connection: socket.socket, ended: threading.Event) -> None:
    """Announce a PDU of 4 GB and begin to send it."""
    connection.recv(10)
    connection.sendall(struct.pack(">BBL", 2, 0, 0xFFFFFFFF) + bytes(1 << 16))
    ended.wait(60)


def _half(connection: socket.socket, ended: threading.Event) -> None:
    """Announce a PDU of 1000 bytes, send ten and say no more."""
    connection.recv(10)
    connection.sendall(struct.pack(">BBL", 2, 0, 1000) + bytes(10))
    ended.wait(60)


@pytest.mark.parametrize("behave", [evil.silent, _hang_up, _babble, _oversize, _half])
def test_that_a_peer_that_is_no_archive_is_given_up_soon(behave: evil.Behaviour) -> None:
    with evil.listening(behave) as port:
        start = time.monotonic()
        with pytest.raises(ArchiveError) as caught:
            DimseArchive(dimse_at(port), quiet_seconds=QUIET).verify()
        assert time.monotonic() - start < 10
    one_sentence(caught)


def test_that_a_pdu_of_four_gigabytes_is_not_read() -> None:
    with evil.listening(_oversize) as port, pytest.raises(ArchiveError, match="more than is allowed in one piece"):
        DimseArchive(dimse_at(port), quiet_seconds=QUIET).verify()


def test_that_a_wrong_ae_title_is_said_to_be_the_reason(dimse: Entry) -> None:
    with pytest.raises(ArchiveError) as caught:
        connect(replace(dimse, ae_title="NOBODY")).verify()
    assert "called ae title not recognised" in one_sentence(caught)
    assert '"NOBODY" there, "MEDGAN" here' in caught.value.sentence


def test_that_an_archive_that_does_not_know_this_program_refuses_in_words(dimse: Entry) -> None:
    with pytest.raises(ArchiveError) as caught:
        connect(replace(dimse, own_ae_title="STRANGER")).find_studies(Query())
    assert "refuse" in one_sentence(caught)


def test_that_an_archive_that_does_not_say_the_modalities_of_a_study_is_believed_about_the_rest() -> None:
    answer = pydicom.Dataset()
    answer.StudyInstanceUID, answer.ModalitiesInStudy = STUDY, ""
    blank = answers.study(answer)
    assert blank.modalities == ()
    assert Query(modality="ct").admits(blank)
    answer.ModalitiesInStudy = ["MR", "SEG"]
    assert not Query(modality="ct").admits(answers.study(answer))


def test_that_a_study_counts_once_however_often_an_archive_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medgan_viewer.dicom.archive.dimse.MAX_RESULTS", 3)
    archive = DimseArchive(dimse_at(104))
    there = ["1.2.1", "1.2.2"]

    def send_c_find(*_: Any, **__: Any) -> Iterator[tuple[pydicom.Dataset, pydicom.Dataset | None]]:
        for uid in there:
            yield status(0xFF00), study(uid)
        yield status(0), None

    @contextmanager
    def associate(*_: Any) -> Iterator[tuple[Any, Any]]:
        yield SimpleNamespace(send_c_find=send_c_find, send_c_cancel=lambda *_, **__: None), Link(quiet_seconds=QUIET)

    def status(code: int) -> pydicom.Dataset:
        answer = pydicom.Dataset()
        answer.Status = code
        return answer

    def study(uid: str) -> pydicom.Dataset:
        answer = pydicom.Dataset()
        answer.StudyInstanceUID, answer.StudyDescription = uid, "Head"
        return answer

    monkeypatch.setattr(archive._session, "associate", associate)
    # Asked for as "Head", "HEAD" and "head".
    found = archive.find_studies(Query(description="Head"))
    assert ([one.uid for one in found.studies], found.more) == (there, False)
    there += ["1.2.3", "1.2.4"]
    found = archive.find_studies(Query(description="Head"))
    assert ([one.uid for one in found.studies], found.more) == (there[:3], True)


def test_that_a_web_archive_s_study_counts_once_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("medgan_viewer.dicom.archive.web.MAX_RESULTS", 3)
    archive = WebArchive(Entry("web", kind="web", url="http://127.0.0.1/dicom-web"))
    there = ["1.2.1", "1.2.2"]

    def search(*_: Any) -> list[dict[str, Any]]:
        return [{"0020000D": {"Value": [uid]}, "00081030": {"Value": ["Head"]}} for uid in there]

    monkeypatch.setattr(archive, "_search", search)
    query = Query(description="Head")
    assert not archive.find_studies(query).more
    there += ["1.2.3", "1.2.4"]
    assert archive.find_studies(query).more


def test_that_the_library_s_own_thread_takes_no_answer_away() -> None:
    watched: Any = SimpleNamespace(dimse=SimpleNamespace(msg_queue=queue.Queue()))
    answer = (1, "answer")
    watched.dimse.msg_queue.put(answer)
    Link(quiet_seconds=QUIET).follow(watched)
    assert watched.dimse.get_msg(block=False) == (None, None)
    assert watched.dimse.get_msg(block=True) == answer


# -- in mid-transfer ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def big(server: Orthanc, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Store a study whose images are large enough to be cut; return its UID."""
    folder = tmp_path_factory.mktemp("big")
    server.put(write_series(folder, ramp((6, 320, 320)), StudyInstanceUID=BIG, SeriesInstanceUID=f"{BIG}.1", **LATER))
    return BIG


@pytest.mark.parametrize("hang", [False, True], ids=["closes", "hangs"])
@pytest.mark.parametrize("web", [False, True], ids=["dimse", "web"])
def test_that_what_arrived_before_the_line_broke_is_kept_whole(
    server: Orthanc, big: str, tmp_path: Path, web: bool, hang: bool
) -> None:
    to_port = server.http_port if web else server.dicom_port
    with evil.broken_line(to_port, 700_000, hang=hang) as port:
        archive = (
            WebArchive(Entry("pacs", kind="web", url=f"http://127.0.0.1:{port}/dicom-web"), quiet_seconds=QUIET)
            if web
            else DimseArchive(dimse_at(port), quiet_seconds=QUIET)
        )
        with pytest.raises(ArchiveError) as caught:
            archive.retrieve(big, tmp_path)
    kept = stored_under(tmp_path)
    assert 1 <= len(kept) < 6
    assert f"what had arrived is kept ({len(kept)} images)" in one_sentence(caught)
    assert all(len(pydicom.dcmread(path).PixelData) == 320 * 320 * 2 for path in kept.values())
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path not in kept.values()] == []


@pytest.mark.parametrize("hang", [False, True], ids=["closes", "hangs"])
def test_that_an_archive_that_stops_taking_files_is_one_sentence(server: Orthanc, tmp_path: Path, hang: bool) -> None:
    files = new_series(tmp_path, generate_uid(), count=3, StudyInstanceUID=generate_uid())
    with evil.broken_line(server.dicom_port, 500, hang=hang) as port, pytest.raises(ArchiveError) as caught:
        DimseArchive(dimse_at(port), quiet_seconds=QUIET).send(files)
    assert "it had taken" in one_sentence(caught)


def test_that_a_full_disk_ends_the_transfer_and_keeps_what_arrived(
    entry: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = iter([1 << 40] + [0] * 100)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=next(rooms)))
    with pytest.raises(WriteError, match="nearly full"):
        connect(entry).retrieve(STUDY, tmp_path, series_uids=[PLAIN_SERIES])
    assert len(stored_under(tmp_path)) == 1


# -- what arrives ------------------------------------------------------------------------------------------------------


def content(tmp_path: Path, **uids: Any) -> bytes:
    with pydicom.config.disable_value_validation():
        dataset = image_dataset(ramp((4, 4)), **({"StudyInstanceUID": STUDY, "SeriesInstanceUID": "1.2"} | uids))
        return save(dataset, tmp_path / "made.dcm").read_bytes()


@pytest.mark.parametrize(
    "uids",
    [
        {"SOPInstanceUID": "../../../evil"},
        {"SeriesInstanceUID": "/etc"},
        {"SeriesInstanceUID": ".."},
        {"SeriesInstanceUID": "C:\\windows"},
        {"StudyInstanceUID": "1.2.3\n4"},
        {"SOPInstanceUID": "1." * 40 + "1"},
        {"StudyInstanceUID": None},
    ],
)
def test_that_a_uid_that_is_none_names_no_file(tmp_path: Path, uids: dict[str, Any]) -> None:
    box = Inbox(tmp_path / "in", STUDY)
    assert not box.take(content(tmp_path, **uids))
    assert not (tmp_path / "in").exists()
    assert "left out" in box.received().notes[0]


def test_that_an_image_nobody_asked_for_is_left_out(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "in", STUDY, frozenset({"1.2"}))
    assert not box.take(content(tmp_path, StudyInstanceUID="1.9"))
    assert not box.take(content(tmp_path, SeriesInstanceUID="1.3"))
    assert box.take(content(tmp_path))
    assert box.received().notes == ("2 images came that nobody had asked for, left out.",)


@pytest.mark.filterwarnings("ignore:Unknown encoding")
def test_that_damaged_and_deflated_images_are_left_out_without_being_inflated(tmp_path: Path) -> None:
    box = Inbox(tmp_path / "in", STUDY)
    whole = content(tmp_path)
    for cut in range(0, 600, 7):
        box.take(whole[:cut])
    deflated = bytearray(whole)
    assert not box.take(b"\0" * 128 + b"DICM" + b"1.2.840.10008.1.2.1.99" + bytes(deflated))
    assert any("deflated" in note for note in box.received().notes)


# -- the listener ------------------------------------------------------------------------------------------------------


@pytest.fixture
def taken() -> list[bytes]:
    return []


@pytest.fixture
def receiver(taken: list[bytes]) -> Iterator[Receiver]:
    """Listen for callers named FRIEND."""

    def take(image: bytes) -> bool:
        taken.append(image)
        return True

    with Receiver("127.0.0.1", 0, "MEDGAN", ("FRIEND",), take, quiet_seconds=2.0) as running:
        yield running


def storescu(port: int, file: Path, calling: str, called: str = "MEDGAN") -> int:
    command = [str(orthanc.dcmtk("storescu")), "-aet", calling, "-aec", called, "127.0.0.1", str(port), str(file)]
    return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode


@pytest.mark.skipif(orthanc.dcmtk("storescu") is None, reason="needs dcmtk")
def test_that_the_listener_takes_images_from_listed_callers_only(
    receiver: Receiver, taken: list[bytes], tmp_path: Path
) -> None:
    (file,) = new_series(tmp_path, "1.2.3", count=1)
    assert storescu(receiver.port, file, "STRANGER") != 0
    assert storescu(receiver.port, file, "FRIEND", called="SOMEBODY") != 0
    assert taken == []
    assert storescu(receiver.port, file, "FRIEND") == 0
    (image,) = taken
    (tmp_path / "taken.dcm").write_bytes(image)
    assert pydicom.dcmread(tmp_path / "taken.dcm") == pydicom.dcmread(file)


def test_that_the_listener_hangs_up_on_a_pdu_of_four_gigabytes(receiver: Receiver) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as caller:
        caller.sendall(struct.pack(">BBL", 1, 0, 0xFFFFFFFF))
        received = caller.recv(100)
        while received:
            received = caller.recv(100)


def test_that_the_listener_hangs_up_on_a_silent_caller(receiver: Receiver) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=20) as caller:
        assert caller.recv(100)[:1] in (b"", b"\x07")


def test_that_a_caller_who_resets_the_connection_leaves_no_open_socket(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[Any] = []
    seen, take_hold = threading.Event(), Link.on_open

    def on_open(link: Link, event: Any) -> None:
        take_hold(link, event)
        connections.append(event.assoc.dul.socket)
        seen.set()

    monkeypatch.setattr(Link, "on_open", on_open)
    with socket.create_connection(("127.0.0.1", receiver.port)) as caller:
        assert seen.wait(10)
        # Closed with unsent data thrown away: the other side is reset, and can be shut down no more.
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    (connection,) = connections
    accepted = connection.socket
    connection.close()  # as the library's state machine does
    assert accepted.fileno() == -1


def test_that_a_port_that_is_taken_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = int(holder.getsockname()[1])
        with pytest.raises(ArchiveError, match=f"Nothing can listen at 127.0.0.1:{port}"):
            Receiver("127.0.0.1", port, "MEDGAN", ("FRIEND",), lambda image: True).__enter__()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="open ports are listed in /proc")
def test_that_the_listener_is_reached_at_the_address_it_was_given_and_no_other(receiver: Receiver) -> None:
    listening = [line.split()[1] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert [address for address in listening if address.endswith(f":{receiver.port:04X}")] == [
        f"0100007F:{receiver.port:04X}"
    ]


def test_that_an_archive_by_c_get_never_listens(dimse: Entry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Receiver) -> Receiver:
        raise AssertionError("it listens")

    monkeypatch.setattr(Receiver, "__enter__", refuse)
    assert connect(dimse).retrieve(STUDY, tmp_path, series_uids=[PLAIN_SERIES]).count == 3
