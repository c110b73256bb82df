"""An archive made by pynetdicom that answers without end, until it is cancelled or refuses to go on."""

import contextlib
import select
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from pydicom.dataset import Dataset
from pynetdicom import AE, build_context, evt
from pynetdicom.events import Event

from medgan_viewer.dicom.archive import link
from medgan_viewer.dicom.archive.dimse import DimseArchive
from medgan_viewer.dicom.archive.entries import Entry
from tests.archive.orthanc import free_port
from tests.dicom_builder import image_dataset, ramp, save

__all__ = ["SERIES", "STUDY", "Peer"]

STUDY, SERIES = "1.2.826.11.1", "1.2.826.11.1.1"
CT = "1.2.840.10008.5.1.4.1.1.2"
FIND, MOVE, GET = (f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
# More than any test waits for.
ENDLESS = 60_000


@dataclass
class Peer:
    """An archive whose answers never end by themselves: it stops when it is told to, or never (``deaf``).

    After ``fails_after`` images it says ``status`` and sends no more.
    """

    folder: Path
    deaf: bool = False
    listen_port: int = 0
    fails_after: int = ENDLESS
    status: int = 0xA702
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
        _keep_pace(event)
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
            if number == self.fails_after:
                yield self.status, Dataset()
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
            (evt.EVT_CONN_OPEN, lambda event: link.shut_well(event.assoc.dul.socket)),
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

    def archive(self, port: int, *, by: Literal["get", "move"] = "get") -> DimseArchive:
        """Return this program's side: the peer at a port, images by C-GET or C-MOVE."""
        self.listen_port = free_port()
        titles = "ARCHIVE, PYNETDICOM"
        entry = Entry("pacs", host="127.0.0.1", port=port, ae_title="ARCHIVE", callers=titles)
        return DimseArchive(replace(entry, retrieve_by=by, listen_port=self.listen_port) if by == "move" else entry)


def _keep_pace(event: Event) -> None:
    """Wait until few answers are unsent and what came in has been read.

    pynetdicom takes any number of answers at once, and reads nothing for as long as there is one to send: a
    cancellation would be heard after the last.
    """
    service = event.assoc.dul
    raw: Any = service.socket and service.socket.socket
    with contextlib.suppress(OSError, ValueError):  # closed meanwhile
        while (
            raw and service.is_alive() and (service.to_provider_queue.qsize() > 5 or select.select([raw], [], [], 0)[0])
        ):
            time.sleep(0.001)
