"""Bounds around one association of pynetdicom: what may arrive, how long silence may last, and how it ended.

By itself pynetdicom reads a PDU of any announced length, waits without end for the rest of one, and gives up on a long
image that arrives slowly; here a PDU is bounded in size and time, and only silence ends a transfer.
"""

import contextlib
import queue
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from medgan_viewer.dicom.archive.base import MAX_INSTANCE_BYTES, Cancelled, never, read_leniently

if TYPE_CHECKING:
    import ssl

    from pynetdicom.association import Association
    from pynetdicom.events import Event

__all__ = [
    "ANNOUNCED_PDU_BYTES",
    "CANCEL_SECONDS",
    "CONNECT_SECONDS",
    "MAX_PDU_BYTES",
    "QUIET_SECONDS",
    "Link",
    "quiet_library",
    "shut_well",
    "tls_context",
]

# What the peer is told, and what is read at most.
ANNOUNCED_PDU_BYTES = 256 << 10
MAX_PDU_BYTES = 1 << 20
CONNECT_SECONDS = 10.0
QUIET_SECONDS = 30.0
# So long an archive may take to stop what it was asked to cancel, before it is cut off.
CANCEL_SECONDS = 2.0
_POLL_SECONDS = 0.1


def quiet_library() -> None:
    """Keep pynetdicom from writing what it sends and receives (patients' names among it) to any log."""
    from pynetdicom import _config

    read_leniently()
    _config.LOG_HANDLER_LEVEL = "none"
    _config.LOG_REQUEST_IDENTIFIERS = _config.LOG_RESPONSE_IDENTIFIERS = False
    # Files are sent byte by byte as they are.
    _config.STORE_SEND_CHUNKED_DATASET = True


def shut_well(wrapped: Any) -> None:
    """Let pynetdicom's socket be closed also where it cannot be shut down, since the peer has reset the connection.

    pynetdicom leaves such a socket open, on both sides, until the garbage collector comes by.
    """

    def close() -> None:
        raw = wrapped.socket
        if raw is None:  # closed before
            return
        with contextlib.suppress(OSError):
            raw.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            raw.close()

    wrapped._shutdown_socket = close


class Link:
    """Watches one association from the moment it is connected."""

    def __init__(self, cancelled: Cancelled = never, quiet_seconds: float = QUIET_SECONDS) -> None:
        self.cancelled = cancelled
        self.quiet_seconds = quiet_seconds
        self.connected = False
        # Why this side ended it, "" where it did not.
        self.ended = ""
        # Sends a C-CANCEL for the operation that is running; None where it is of a kind that cannot be cancelled.
        self.send_cancel: Callable[[], None] | None = None
        self._stop_by: float | None = None
        self._active = time.monotonic()
        self._message_bytes = 0

    def close_well(self, entity: Any) -> None:
        """Close also sockets whose connection failed, which pynetdicom leaves open."""
        create = entity._create_socket

        def created(*arguments: Any) -> Any:
            wrapped = create(*arguments)
            shut_well(wrapped)
            return wrapped

        entity._create_socket = created

    def on_open(self, event: "Event") -> None:
        """Take hold of the socket; handler of EVT_CONN_OPEN."""
        self.connected = True
        self._active = time.monotonic()
        wrapped: Any = event.assoc.dul.socket
        shut_well(wrapped)
        raw = wrapped.socket
        # Each answer to an image is small, and the next image waits for it.
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.settimeout(self.quiet_seconds)
        wrapped.recv = lambda count: self._receive(raw, count)

    def follow(self, association: "Association") -> None:
        """Let the association wait for messages as :meth:`_message` does."""
        dimse: Any = association.dimse
        dimse.get_msg = lambda block=False: self._message(association, block)

    def stop(self) -> None:
        """Ask the peer to stop the running operation; its last answers are waited for, but not for long."""
        if self._stop_by is None:
            self._stop_by = time.monotonic()
            if self.send_cancel is not None:
                # Established no more: there is nobody to wait for.
                with contextlib.suppress(RuntimeError):
                    self.send_cancel()
                    self._stop_by += CANCEL_SECONDS

    def image_arrived(self) -> None:
        """Count the bytes of the next image from nought."""
        self._message_bytes = 0

    def _receive(self, raw: Any, count: int) -> bytearray:
        """Return ``count`` bytes from the socket, fewer where the peer closed it; OSError where it goes too far."""
        self._message_bytes += count
        if count > MAX_PDU_BYTES or self._message_bytes > MAX_INSTANCE_BYTES:
            self.ended = "it sent more than is allowed in one piece"
            raise OSError(self.ended)
        content = bytearray(count)
        view, got = memoryview(content), 0
        end = time.monotonic() + self.quiet_seconds
        while got < count:
            raw.settimeout(max(end - time.monotonic(), 0.001))
            try:
                read = raw.recv_into(view[got:])
            except TimeoutError:
                self.ended = self._silence()
                raise
            if not read:
                view.release()
                return content[:got]
            got += read
        self._active = time.monotonic()
        return content

    def _message(self, association: "Association", block: bool) -> Any:
        """Return the next message; (None, None) after silence, the end of the connection, or a cancellation that the
        peer has not answered in time.
        """
        messages = association.dimse.msg_queue
        if not block:
            # The library's own thread looks for requests in this way. To a caller none come unasked, and on a busy
            # machine that thread, told to rest, looks once more and takes away the answer that is waited for.
            return None, None
        # A question has just been sent: silence counts from here.
        self._active = time.monotonic()
        while not self._is_over():
            try:
                return messages.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                if not association.dul.is_alive():
                    return None, None
                if time.monotonic() - self._active > self.quiet_seconds:
                    self.ended = self._silence()
                    return None, None
        self.ended = "cancelled"
        return None, None

    def _is_over(self) -> bool:
        """Whether a cancellation ends the wait."""
        if self.cancelled():
            self.stop()
        return self._stop_by is not None and time.monotonic() >= self._stop_by

    def _silence(self) -> str:
        return f"it was silent for {self.quiet_seconds:.0f} s"


def tls_context(authorities: str, certificate: str) -> "ssl.SSLContext":
    """Return how to connect with TLS: the peer's certificate and host name are always checked.

    Raises OSError where a file is missing or is no certificate.
    """
    import ssl

    context = ssl.create_default_context(cafile=authorities or None)
    # Some systems' OpenSSL would go lower.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        context.load_cert_chain(certificate)
    return context
