"""Windows starts a program that has windows without any stream to write to."""

import os
import sys

import pytest

from medgan_viewer import __main__


def test_that_a_program_without_a_terminal_has_somewhere_to_write_to(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    monkeypatch.setattr(sys, "argv", ["medgan-viewer", "info", "no-such-folder"])
    assert __main__.main() != 0
    for stream in (sys.stdout, sys.stderr):
        assert stream is not None
        assert stream.name == os.devnull
        stream.close()
