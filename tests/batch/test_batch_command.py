"""``medgan-viewer batch`` on a folder, as a script would use it: planned, done once, resumed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless

from medgan_viewer import cli
from tests.batch.studies import MODEL, series_uid, write_head

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are POSIX's")
PATIENCE_SECONDS = 250.0


def batch(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any, str]:
    """Run a batch, with identity unless asked for; return its exit code, what it says in JSON and its complaints."""
    given = [str(argument) for argument in arguments]
    given += [] if "--deidentify" in given else ["--no-deidentify"]
    code = cli.main(["batch", MODEL, *given, "--device", "cpu", "--json"])
    written = capsys.readouterr()
    return code, json.loads(written.out) if written.out else None, written.err


MANY = 24
"""Studies of a batch that is still at work when a signal reaches it."""


def records(out: Path) -> dict[str, dict[str, Any]]:
    """Return the records of all results by their folder."""
    # What is about to be renamed is no result yet.
    return {path.parent.name: json.loads(path.read_text()) for path in sorted(out.glob("[!.]*/record.json"))}


def images(folder: Path) -> list[pydicom.Dataset]:
    """Return the DICOM images below a folder in order."""
    return sorted((pydicom.dcmread(path) for path in folder.rglob("*.dcm")), key=lambda one: int(one.InstanceNumber))


def test_that_a_batch_makes_what_run_makes(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    code, said, complaints = batch(capsys, heads, "--out", out)
    assert (code, said["done"], said["failed"]) == (0, 3, 0), complaints
    assert [line["state"] for line in said["plan"]] == ["run", "run", "run", "skip"]
    made = records(out)
    assert sorted(record["series"][0] for record in made.values()) == [series_uid(n) for n in range(3)]
    assert sorted(path.name for path in out.iterdir() if path.name != ".lock") == sorted(made)
    arguments = ["run", MODEL, str(heads), "--out", str(tmp_path / "run"), "--series", series_uid(1)]
    assert cli.main([*arguments, "--no-deidentify"]) == 0
    (key,) = [key for key, record in made.items() if record["series"] == [series_uid(1)]]
    ours, theirs = images(out / key), images(tmp_path / "run")
    assert len(ours) == 4
    for one, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(one.pixel_array, other.pixel_array)
        assert (one.SyntheticData, one.PatientID) == ("YES", "QX-1")
    assert made[key]["outputs"] == [path.relative_to(out / key).as_posix() for path in sorted(out.glob(f"{key}/*/*"))]


def test_that_the_patient_stands_in_no_name_and_no_record(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batch(capsys, heads, "--out", tmp_path / "out")[0] == 0
    for path in (tmp_path / "out").rglob("*"):
        assert "quixote" not in path.name.lower()
        assert "qx-" not in path.name.lower()
        if path.suffix == ".json":
            assert "quixote" not in path.read_text().lower()
            assert "qx-" not in path.read_text().lower()
    for log in (tmp_path / "logs").rglob("*"):
        assert "quixote" not in log.read_text().lower()


def test_that_what_is_done_is_not_done_again_and_what_is_new_is(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert batch(capsys, heads, "--out", out)[0] == 0
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.dcm")}
    write_head(heads, 9)
    (out / ".part-0123-half").mkdir()
    code, said, _ = batch(capsys, heads, "--out", out)
    assert (code, said["done"]) == (0, 1)
    assert [line["state"] for line in said["plan"]] == ["done", "done", "done", "skip", "run"]
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert len(records(out)) == 4
    assert not list(out.glob(".part-*"))


def test_that_a_plan_alone_writes_nothing(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = cli.main(["batch", MODEL, str(heads), "--out", str(tmp_path / "out"), "--plan-only"])
    said = capsys.readouterr().out
    assert code == 0
    assert said.count("\nrun ") + said.startswith("run ") == 3
    assert f"skip     {series_uid(3)} (CT, Chest, 4 images): Needs a head; this series shows chest." in said
    assert said.endswith("3 to run, 1 skipped.\n")
    assert not (tmp_path / "out").exists()


def test_that_a_study_that_fails_is_one_sentence_and_the_rest_is_done(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = max((heads / "patient-1").rglob("*.dcm"))
    dataset = pydicom.dcmread(file)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.PixelData = encapsulate([b"no pixels at all"])
    dataset.save_as(file)
    code, said, complaints = batch(capsys, heads, "--out", tmp_path / "out")
    assert (code, said["done"], said["failed"]) == (1, 2, 1)
    assert complaints.count("\n") == 1
    assert complaints.startswith(f"Series {series_uid(1)}: {file.name}: 1 of 4 images of its series cannot be read")
    # Mended, it is done by the next start.
    write_head(heads, 1)
    code, said, _ = batch(capsys, heads, "--out", tmp_path / "out")
    assert (code, said["done"], len(records(tmp_path / "out"))) == (0, 1, 3)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--send-to", "pacs"], 'no archive "pacs"'),
        (["--send-to", "pacs", "--format", "png"], "DICOM only"),
        (["--modality", "CT"], "archive:NAME"),
    ],
)
def test_that_a_senseless_request_is_one_sentence_and_code_two(
    arguments: list[str],
    words: str,
    model: Path,
    heads: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, _, complaints = batch(capsys, heads, "--out", tmp_path / "out", *arguments)
    assert code == 2
    assert words in complaints
    assert complaints.count("\n") == 1


def test_that_the_progress_bar_says_rate_and_time_left(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    code = cli.main(["batch", MODEL, str(heads), "--out", str(tmp_path / "out"), "--device", "cpu"])
    drawn = capsys.readouterr().err
    assert code == 0
    assert "3/3" in drawn
    assert " images/s, 0 s left" in drawn


# -- broken off --------------------------------------------------------------------------------------------------------


def start(heads: Path, out: Path) -> "subprocess.Popen[str]":
    """Start a batch as a process of its own, which Ctrl+C reaches even where these tests run in the background."""
    command = [sys.executable, "-m", "medgan_viewer", "batch", MODEL, str(heads), "--out", str(out)]
    command += ["--device", "cpu", "--no-deidentify"]
    # A shell's background jobs ignore the signal, and what they start does too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    finally:
        signal.signal(signal.SIGINT, before)


def wait_until(condition: Callable[[], bool], patience: float = PATIENCE_SECONDS) -> None:
    """Wait for a condition."""
    end = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    return [int(one) for task in Path(f"/proc/{pid}/task").glob("*/children") for one in task.read_text().split()]


def is_gone(pid: int) -> bool:
    """Whether a process has ended; one that nobody has collected yet counts."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """Return a folder with enough heads that a batch lasts."""
    for number in range(MANY):
        write_head(tmp_path / "many", number, (12, 160, 160))
    return tmp_path / "many"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_that_a_batch_that_was_killed_goes_on_and_makes_every_study_once(
    model: Path, many: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    with start(many, out) as process:
        wait_until(lambda: len(records(out)) >= 2)
        started = children(process.pid)
        process.kill()
        process.wait()
    wait_until(lambda: all(is_gone(pid) for pid in started))
    made = {key: (out / key / "record.json").stat().st_mtime_ns for key in records(out)}
    assert 2 <= len(made) < MANY, "it was not killed in mid-run"
    code, said, complaints = batch(capsys, many, "--out", out)
    assert (code, said["done"]) == (0, MANY - len(made)), complaints
    assert [line["state"] for line in said["plan"]].count("done") == len(made)
    assert {key: (out / key / "record.json").stat().st_mtime_ns for key in made} == made
    assert sorted(record["series"][0] for record in records(out).values()) == sorted(series_uid(n) for n in range(MANY))
    assert all(len(images(out / key)) == 12 for key in records(out))
    assert not list(out.glob(".part-*"))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for processes in /proc")
def test_that_ctrl_c_ends_a_batch_cleanly(model: Path, many: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with start(many, out) as process:
        wait_until(lambda: len(records(out)) >= 1)
        started = children(process.pid)
        os.kill(process.pid, signal.SIGINT)
        _, complaints = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert complaints == "Cancelled; the same command does the rest.\n"
    wait_until(lambda: all(is_gone(pid) for pid in started))
    assert 1 <= len(records(out)) < MANY
    assert not list(out.glob(".part-*"))
