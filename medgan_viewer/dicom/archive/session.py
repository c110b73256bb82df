"""Associations with one archive, and in words why there is none or why it ended."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from medgan_viewer.dicom.archive.base import Cancelled
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.dicom.archive.link import (
    ANNOUNCED_PDU_BYTES,
    CANCEL_SECONDS,
    CONNECT_SECONDS,
    Link,
    quiet_library,
    tls_context,
)
from medgan_viewer.errors import ArchiveError

if TYPE_CHECKING:
    from pynetdicom.association import Association
    from pynetdicom.events import Event
    from pynetdicom.presentation import PresentationContext

__all__ = ["Session", "words"]

_SUCCESS = 0x0000
# What archives mean by the commonest refusals.
_REFUSALS = {
    0x0122: "it does not offer this service",
    0x0124: "it does not allow this to this program's AE title",
    0xA700: "it is out of resources",
    0xA701: "it is out of resources",
    0xA702: "it could not send the images",
    0xA801: "it does not know this program's AE title as a place to send to; have it entered there",
    0xA900: "it does not understand the request",
}


class Session:
    """Opens associations with the archive of an entry."""

    def __init__(self, entry: Entry, quiet_seconds: float) -> None:
        self.entry = entry
        self._quiet_seconds = quiet_seconds

    @contextlib.contextmanager
    def associate(
        self,
        offered: "Sequence[PresentationContext]",
        cancelled: Cancelled,
        *,
        link: Link | None = None,
        roles: Sequence[Any] = (),
        on_store: "Callable[[Event], int] | None" = None,
    ) -> "Iterator[tuple[Association, Link]]":
        """Give an established association; it is released, or aborted where something went wrong, with the block."""
        from pynetdicom import AE, evt

        quiet_library()
        link = Link(cancelled, self._quiet_seconds) if link is None else link
        entity: Any = AE(self.entry.own_ae_title)
        link.close_well(entity)
        entity.connection_timeout = min(CONNECT_SECONDS, self._quiet_seconds)
        entity.acse_timeout = min(CONNECT_SECONDS, self._quiet_seconds)
        # Silence is watched by the link, which knows when bytes still arrive.
        entity.dimse_timeout = entity.network_timeout = None
        handlers: list[Any] = [(evt.EVT_CONN_OPEN, link.on_open)]
        if on_store is not None:
            handlers.append((evt.EVT_C_STORE, on_store))
        try:
            association = entity.associate(
                self.entry.host,
                self.entry.port,
                contexts=list(offered),
                ae_title=self.entry.ae_title,
                max_pdu=ANNOUNCED_PDU_BYTES,
                ext_neg=list(roles),
                tls_args=self._tls(),
                evt_handlers=handlers,
            )
        except OSError as error:
            raise self._unreachable() from error
        if not association.is_established:
            raise self._refusal(association, link)
        link.follow(association)
        try:
            yield association, link
        except BaseException:
            association.abort()
            raise
        if association.is_established and not link.ended:
            if cancelled():
                association.acse_timeout = min(CANCEL_SECONDS, self._quiet_seconds)
            association.release()
        association.abort()

    def _tls(self) -> Any:
        if not self.entry.tls:
            return None
        try:
            return tls_context(self.entry.authorities, self.entry.certificate), self.entry.host
        except OSError as error:
            raise ArchiveError(
                f'The certificates entered for the archive "{self.entry.name}" cannot be read; choose PEM files.'
            ) from error

    def _unreachable(self) -> ArchiveError:
        how = " with TLS, or its certificate is not trusted" if self.entry.tls else ""
        return ArchiveError(
            f'The archive "{self.entry.name}" cannot be reached at {self.entry.address}{how}; check address, port and '
            "network."
        )

    def _refusal(self, association: "Association", link: Link) -> ArchiveError:
        """Return why there is no association."""
        name = f'The archive "{self.entry.name}"'
        if not link.connected:
            return self._unreachable()
        if association.is_rejected:
            reason = _rejection(association)
            return ArchiveError(
                f'{name} refuses this program: {reason}; check the AE titles ("{self.entry.ae_title}" there, '
                f'"{self.entry.own_ae_title}" here) and that the archive knows the latter.'
            )
        if association.acceptor.primitive is not None and not association.accepted_contexts:
            return ArchiveError(f"{name} offers none of the services that are needed for this.")
        if link.ended:
            return ArchiveError(f"{name} was given up: {link.ended}.")
        return ArchiveError(f"{name} accepts a connection and then hangs up or is silent; check its port.")

    def broken(self, link: Link, what: str) -> ArchiveError:
        name = f'The archive "{self.entry.name}"'
        if link.ended:
            return ArchiveError(f"{name} was given up: {link.ended}.")
        return ArchiveError(f"{name} broke off the connection when it was asked {what}.")

    def check(self, status: Any, link: Link, what: str) -> None:
        """Raise ArchiveError where a last status is no success."""
        if status is None or "Status" not in status:
            if not link.cancelled():
                raise self.broken(link, what if what.startswith("to ") else f"for {what}")
        elif status.Status != _SUCCESS:
            raise ArchiveError(f'The archive "{self.entry.name}" refused {what}: {words(status.Status)}.')


def words(status: int) -> str:
    """Return what a status means, or its number."""
    return _REFUSALS.get(status, f"status {status:04X}")


def _rejection(association: "Association") -> str:
    try:
        primitive: Any = association.acceptor.primitive
        return str(primitive.reason_str).rstrip(".").lower().replace("_", " ")
    except (AttributeError, KeyError, ValueError):
        return "it gives no reason"
