"""The listener that a C-MOVE needs. It runs while one lasts, at the address the user named, for listed callers only."""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from medgan_viewer.dicom.archive.contexts import COMPRESSED, UNCOMPRESSED, storage_classes
from medgan_viewer.dicom.archive.link import ANNOUNCED_PDU_BYTES, QUIET_SECONDS, Link, quiet_library
from medgan_viewer.errors import ArchiveError, WriteError

if TYPE_CHECKING:
    from pynetdicom.ae import ApplicationEntity
    from pynetdicom.events import Event
    from pynetdicom.transport import ThreadedAssociationServer

__all__ = ["Receiver"]

_MOST_CONNECTIONS = 4
_TAKEN, _NO_ROOM, _REFUSED = 0x0000, 0xA700, 0xA900


class Receiver:
    """A storage SCP: ``with Receiver(...)`` listens, and nothing does after the block.

    ``take`` gets each image as a DICOM file and says whether it was wanted. Callers are checked by their AE title, and
    must call this program's own. Raises ArchiveError where the address cannot be listened at.
    """

    def __init__(
        self,
        address: str,
        port: int,
        own_ae_title: str,
        callers: tuple[str, ...],
        take: Callable[[bytes], bool],
        *,
        quiet_seconds: float = QUIET_SECONDS,
    ) -> None:
        self._address, self._port = address, port
        self._own_ae_title, self._callers = own_ae_title, callers
        self._take = take
        self._quiet_seconds = quiet_seconds
        self._links: dict[int, Link] = {}
        self._entity: ApplicationEntity | None = None
        self._server: ThreadedAssociationServer | None = None

    def __enter__(self) -> "Receiver":
        from pynetdicom import AE, evt

        quiet_library()
        entity = AE(self._own_ae_title)
        entity.require_called_aet = True
        entity.require_calling_aet = list(self._callers)
        entity.maximum_associations = _MOST_CONNECTIONS
        entity.maximum_pdu_size = ANNOUNCED_PDU_BYTES
        entity.acse_timeout = entity.dimse_timeout = entity.network_timeout = self._quiet_seconds
        entity.add_supported_context("1.2.840.10008.1.1")
        for name in storage_classes():
            entity.add_supported_context(name, [*UNCOMPRESSED, *COMPRESSED])
        handlers = [
            (evt.EVT_CONN_OPEN, self._on_open),
            (evt.EVT_CONN_CLOSE, self._on_close),
            (evt.EVT_C_STORE, self._on_store),
        ]
        try:
            self._server = entity.start_server((self._address, self._port), block=False, evt_handlers=handlers)  # type: ignore[arg-type]
        except OSError as error:
            raise ArchiveError(
                f"Nothing can listen at {self._address}:{self._port} ({error.strerror or 'no such address'}); another "
                "program may hold the port: choose another one, here and in the archive."
            ) from error
        self._entity = entity
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.shutdown()
        if self._entity is not None:
            self._entity.shutdown()

    @property
    def port(self) -> int:
        """Where it listens; a free port where 0 was asked for."""
        assert self._server is not None
        return int(self._server.server_address[1])

    def _on_open(self, event: "Event") -> None:
        link = Link(quiet_seconds=self._quiet_seconds)
        self._links[id(event.assoc)] = link
        link.on_open(event)

    def _on_close(self, event: "Event") -> None:
        self._links.pop(id(event.assoc), None)

    def _on_store(self, event: "Event") -> int:
        link = self._links.get(id(event.assoc))
        if link is not None:
            link.image_arrived()
        try:
            return _TAKEN if self._take(event.encoded_dataset()) else _REFUSED
        except WriteError:
            return _NO_ROOM
