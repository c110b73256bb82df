"""The watch over threads and processes itself: it fails a test that leaves one behind, and no other."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent

LEAVES_A_THREAD = """
import threading
def test_one():
    threading.Thread(target=threading.Event().wait, daemon=True).start()
"""
LEAVES_A_PROCESS = """
import subprocess, sys
children = []
def test_one():
    children.append(subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE))
"""
TIDIES_UP = """
import threading
def test_one():
    thread = threading.Thread(target=lambda: None)
    thread.start()
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="child processes are listed in /proc")
@pytest.mark.parametrize(
    ("test", "word", "code"),
    [(LEAVES_A_THREAD, "threads ['Thread-", 1), (LEAVES_A_PROCESS, "child processes [", 1), (TIDIES_UP, "1 passed", 0)],
)
def test_that_a_test_that_leaves_something_running_fails(test: str, word: str, code: int, tmp_path: Path) -> None:
    watch = (HERE / "conftest.py").read_text(encoding="utf-8").replace("GRACE_SECONDS = 5.0", "GRACE_SECONDS = 0.2")
    (tmp_path / "conftest.py").write_text(watch, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(test, encoding="utf-8")
    options = ["-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", str(tmp_path), "-c", "/dev/null"]
    command = [sys.executable, "-m", "pytest", "-q", *options, str(tmp_path)]
    done = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout
    assert word in done.stdout
