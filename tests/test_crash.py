"""Reports of crashes: written for whatever ends the program, and without a word of any patient."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from medgan_viewer import crash, settings
from medgan_viewer.errors import ReadError

PATIENT = "DOE^JANE"
# Ends the interpreter below Python, in a folder whose name is a patient's.
_DIES = """
import ctypes, sys
from medgan_viewer import crash
def reading():
    with crash.watching():
        ctypes.string_at(0)
reading()
"""


@pytest.fixture(autouse=True)
def own_logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDGAN_LOGS", str(tmp_path / "logs"))


def read_patient() -> None:
    """Fail as reading a patient's file would."""
    try:
        (Path("/no/such") / PATIENT).read_text()
    except OSError as error:
        raise ReadError(Path("/no/such") / PATIENT, f"{PATIENT} cannot be read") from error


def raised() -> ReadError:
    """Return such an error with where it came from."""
    with pytest.raises(ReadError) as caught:
        read_patient()
    return caught.value


def test_that_a_report_says_where_and_in_which_program_but_names_no_patient() -> None:
    report = crash.record(raised(), "MainThread")
    assert report is not None
    text = report.read_text()
    assert "ReadError" in text
    assert "FileNotFoundError 2" in text
    assert f"{__name__}:" in text
    assert "in read_patient" in text
    assert text.startswith("MedGAN Viewer 0.")
    for personal in (PATIENT, "no/such", str(Path.home())):
        assert personal not in text


def test_that_what_leaves_the_window_is_reported_and_goes_on() -> None:
    with pytest.raises(ZeroDivisionError), crash.watching():
        _ = 1 / 0
    (report,) = crash.unseen()
    assert "ZeroDivisionError" in report.read_text()


def test_that_an_error_that_comes_again_and_again_is_one_report(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, *_: called.append(kind.__name__))
    error = raised()
    with crash.watching():
        for _ in range(3):
            sys.excepthook(type(error), error, error.__traceback__)
    assert called == ["ReadError"] * 3
    assert len(crash.unseen()) == 1


def test_that_an_error_on_another_thread_is_reported_with_the_threads_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "excepthook", lambda arguments: None)

    def fail() -> None:
        raise KeyError(PATIENT)

    with crash.watching():
        thread = threading.Thread(target=fail, name="findings")
        thread.start()
        thread.join()
    (report,) = crash.unseen()
    assert "on the thread findings" in report.read_text()
    assert PATIENT not in report.read_text()


def test_that_a_good_end_leaves_no_report_and_the_hooks_as_they_were() -> None:
    before = sys.excepthook, threading.excepthook
    with crash.watching():
        assert sys.excepthook is not before[0]
    assert (sys.excepthook, threading.excepthook) == before
    assert crash.unseen() == []
    assert list(crash.folder().iterdir()) == []


def test_that_a_crash_below_python_is_offered_by_the_next_start_without_the_users_folders(tmp_path: Path) -> None:
    home = tmp_path / PATIENT
    home.mkdir()
    (home / "viewing.py").write_text(_DIES)
    root = Path(crash.__file__).parents[1]
    command = [sys.executable, "-X", f"pycache_prefix={tmp_path / 'cache'}", str(home / "viewing.py")]
    done = subprocess.run(command, cwd=root, env={"PYTHONPATH": str(root), "MEDGAN_LOGS": str(tmp_path / "logs")})
    assert done.returncode != 0
    (report,) = crash.unseen()
    text = report.read_text()
    assert "viewing.py:6 in reading" in text
    assert "medgan_viewer/crash.py" not in text
    assert str(root) not in text
    assert PATIENT not in text
    assert [path.name for path in crash.folder().iterdir()] == [report.name]


def test_that_a_report_is_offered_until_it_was_seen() -> None:
    first, second = crash.record(raised()), crash.record(ValueError())
    assert first is not None
    assert second is not None
    assert set(crash.unseen()) == {first, second}
    crash.mark_seen(first)
    assert crash.unseen() == [second]
    assert len(list(crash.folder().iterdir())) == 2


def test_that_only_the_latest_reports_are_kept() -> None:
    for _ in range(25):
        crash.record(ValueError())
    assert len(crash.unseen()) == 20


def test_that_a_folder_that_cannot_be_written_keeps_nothing_from_running(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file where the folder would be")
    with crash.watching():
        assert crash.record(ValueError()) is None
    assert crash.unseen() == []
    assert settings.log_folder().is_file()
