"""Peers that misbehave: they hang, refuse, close in the middle or send too much; and lines to real servers."""

import select
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["broken_line", "listening", "silent", "tls_line"]

Behaviour = Callable[[socket.socket, threading.Event], None]


@contextmanager
def listening(behave: Behaviour) -> Iterator[int]:
    """Give the port of a server on loopback that does ``behave(connection, ended)`` with each connection."""
    ended = threading.Event()
    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)

        def serve() -> None:
            while not ended.is_set():
                with suppress(TimeoutError, OSError):
                    connection, _ = server.accept()
                    threads.append(threading.Thread(target=handle, args=(connection,)))
                    threads[-1].start()

        def handle(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.settimeout(10)
                behave(connection, ended)

        threads.append(threading.Thread(target=serve))
        threads[0].start()
        try:
            yield int(server.getsockname()[1])
        finally:
            ended.set()
            for thread in threads:
                thread.join()


def silent(connection: socket.socket, ended: threading.Event) -> None:
    """Take what comes and never answer."""
    del connection
    ended.wait(60)


@contextmanager
def broken_line(to_port: int, after_bytes: int, *, hang: bool = False) -> Iterator[int]:
    """Give the port of a line to a real server that breaks, or falls silent, after so many bytes of its answers."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        with socket.create_connection(("127.0.0.1", to_port)) as server:
            asking = threading.Thread(target=_pump, args=(connection, server, ended))
            asking.start()
            left = after_bytes
            server.settimeout(0.05)
            while left > 0 and not ended.is_set() and asking.is_alive():
                with suppress(TimeoutError):
                    content = server.recv(min(left, 4096))
                    if not content:
                        break
                    connection.sendall(content)
                    left -= len(content)
            if hang and left <= 0:
                ended.wait(60)
            for one in (connection, server):
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)
            asking.join()

    with listening(behave) as port:
        yield port


@contextmanager
def tls_line(to_port: int, certificate: Path) -> Iterator[int]:
    """Give the port of a line with TLS in front of a server that has none, as a reverse proxy is in a hospital."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        with (
            context.wrap_socket(connection, server_side=True) as outside,
            socket.create_connection(("127.0.0.1", to_port)) as inside,
        ):
            while not ended.is_set():
                ready, _, _ = select.select([outside, inside], [], [], 0.05)
                for source in ready or ([outside] if outside.pending() else []):
                    content = source.recv(16384)
                    if not content:
                        return
                    (inside if source is outside else outside).sendall(content)

    with listening(behave) as port:
        yield port


def _pump(source: socket.socket, target: socket.socket, ended: threading.Event) -> None:
    source.settimeout(0.05)
    while not ended.is_set():
        try:
            content = source.recv(4096)
            if not content:
                return
            target.sendall(content)
        except TimeoutError:
            continue
        except OSError:
            return
