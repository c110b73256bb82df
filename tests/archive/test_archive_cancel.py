"""Whoever cancels tells the archive so (C-CANCEL), and an archive that does not listen is left."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pynetdicom import AE, build_context, evt
from pynetdicom.events import Event

from medgan_viewer.dicom.archive import link
from medgan_viewer.dicom.archive.base import Query
from medgan_viewer.dicom.archive.dimse import DimseArchive
from medgan_viewer.dicom.archive.entries import Entry
from tests.archive.orthanc import free_port
from tests.archive.studies import stored_under
from tests.dicom_builder import image_dataset, ramp, save

STUDY, SERIES = "1.2.826.11.1", "1.2.826.11.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
# More than any test waits for.
ENDLESS = 60_000


@dataclass
class Peer:
    """An archive whose answers never end by themselves: it stops when it is told to, or never (``deaf``)."""

    folder: Path
    deaf: bool = False
    listen_port: int = 0
    # The operations that a C-CANCEL ended, and how their associations ended.
    stopped: list[str] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    told: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)

    def _image(self, number: int) -> Dataset:
        dataset = image_dataset(
            ramp((4, 4)), StudyInstanceUID=STUDY, SeriesInstanceUID=SERIES, SOPInstanceUID=f"{SERIES}.{number}"
        )
        save(dataset, self.folder / "sent.dcm")
        return dataset

    def _hears(self, event: Event, what: str) -> bool:
        if not event.is_cancelled or self.deaf:
            return False
        self.stopped.append(what)
        self.told.set()
        return True

    def on_find(self, event: Event) -> Iterator[tuple[int, Dataset | None]]:
        if event.identifier.QueryRetrieveLevel == "SERIES":
            answer = Dataset()
            answer.QueryRetrieveLevel, answer.StudyInstanceUID, answer.SeriesInstanceUID = "SERIES", STUDY, SERIES
            answer.Modality, answer.NumberOfSeriesRelatedInstances = "CT", ENDLESS
            yield 0xFF00, answer
            return
        for number in range(ENDLESS):
            if self._hears(event, "find"):
                yield 0xFE00, None
                return
            answer = Dataset()
            answer.QueryRetrieveLevel, answer.StudyInstanceUID = "STUDY", f"1.2.{number}"
            yield 0xFF00, answer

    def on_get(self, event: Event) -> Iterator[Any]:
        yield ENDLESS
        yield from self._images(event, "get")

    def on_move(self, event: Event) -> Iterator[Any]:
        yield "127.0.0.1", self.listen_port, {"contexts": [build_context(CT)]}
        yield ENDLESS
        yield from self._images(event, "move")

    def _images(self, event: Event, what: str) -> Iterator[tuple[int, Dataset | None]]:
        for number in range(ENDLESS):
            if self._hears(event, what):
                yield 0xFE00, None
                return
            yield 0xFF00, self._image(number)

    @contextlib.contextmanager
    def running(self) -> Iterator[int]:
        entity = AE("ARCHIVE")
        for one in (FIND, MOVE, GET):
            entity.add_supported_context(one)
        entity.add_supported_context(CT, scu_role=True, scp_role=True)

        def ended(how: str) -> None:
            self.ends.append(how)
            self.closed.set()

        handlers: Any = [
            (evt.EVT_C_FIND, self.on_find),
            (evt.EVT_C_GET, self.on_get),
            (evt.EVT_C_MOVE, self.on_move),
            (evt.EVT_RELEASED, lambda _: ended("released")),
            (evt.EVT_ABORTED, lambda _: ended("aborted")),
        ]
        server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
        assert server is not None
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            entity.shutdown()


@pytest.fixture
def asked(tmp_path: Path) -> Callable[[Peer, int, str], DimseArchive]:
    def make(peer: Peer, port: int, by: str) -> DimseArchive:
        peer.listen_port = free_port()
        entry = Entry("pacs", host="127.0.0.1", port=port, ae_title="ARCHIVE")
        if by == "move":
            titles = "ARCHIVE, PYNETDICOM"
            entry = Entry(
                "pacs",
                host="127.0.0.1",
                port=port,
                ae_title="ARCHIVE",
                retrieve_by="move",
                listen_port=peer.listen_port,
                callers=titles,
            )
        return DimseArchive(entry)

    return make


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    (tmp_path / "archive").mkdir()
    return Peer(tmp_path / "archive")


@pytest.mark.parametrize("by", ["get", "move"])
def test_that_a_cancelled_retrieval_is_cancelled_at_the_archive_and_keeps_what_came(
    peer: Peer, asked: Callable[[Peer, int, str], DimseArchive], by: str, tmp_path: Path
) -> None:
    arrived: list[Any] = []
    with peer.running() as port:
        archive = asked(peer, port, by)
        received = archive.retrieve(
            STUDY, tmp_path / "in", on_progress=arrived.append, cancelled=lambda: len(arrived) >= 2
        )
        assert peer.told.wait(10)
    assert peer.stopped == [by]
    # The association ended in order: nothing was cut off.
    assert "aborted" not in peer.ends
    assert received.cancelled
    assert 2 <= received.count == len(stored_under(tmp_path / "in"))


def test_that_a_cancelled_query_is_cancelled_at_the_archive(
    peer: Peer, asked: Callable[[Peer, int, str], DimseArchive]
) -> None:
    began = time.monotonic()
    with peer.running() as port:
        found = asked(peer, port, "get").find_studies(Query(), cancelled=lambda: time.monotonic() > began + 0.5)
        assert peer.told.wait(10)
    assert peer.stopped == ["find"]
    assert not found.more or len(found.studies) == 1000


def test_that_a_query_with_too_many_answers_is_cancelled_at_the_archive(
    peer: Peer, asked: Callable[[Peer, int, str], DimseArchive]
) -> None:
    with peer.running() as port:
        found = asked(peer, port, "get").find_studies(Query())
        assert peer.told.wait(10)
    assert (len(found.studies), found.more) == (1000, True)
    assert peer.stopped == ["find"]


def test_that_an_archive_that_does_not_listen_is_cut_off_soon(
    peer: Peer,
    asked: Callable[[Peer, int, str], DimseArchive],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(link, "CANCEL_SECONDS", 0.3)
    peer.deaf = True
    arrived: list[Any] = []
    with peer.running() as port:
        received = asked(peer, port, "get").retrieve(
            STUDY, tmp_path / "in", on_progress=arrived.append, cancelled=lambda: len(arrived) >= 2
        )
        assert peer.closed.wait(10)
        assert received.cancelled
        assert 2 <= received.count == len(stored_under(tmp_path / "in"))
    assert peer.stopped == []
