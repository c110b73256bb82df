"""What a process that tries OpenGL may come to, apart so that a new process can import it."""

import os
import time

__all__ = ["crash", "hang", "refuse", "succeed"]


def succeed(platform: str) -> None:
    assert platform == "test"


def refuse(platform: str) -> None:
    del platform
    raise SystemExit(3)


def crash(platform: str) -> None:
    """Die as a process dies whose driver crashes: no exception, no cleaning up."""
    del platform
    os._exit(139)


def hang(platform: str) -> None:
    del platform
    while True:
        time.sleep(1)
