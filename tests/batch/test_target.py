"""The folder of results: whole or not there, each once, and one batch at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from medgan_viewer.batch.target import Target
from medgan_viewer.errors import UsageError, WriteError

KEY = "0123456789abcdef" * 2
# Holds the target's lock until its input ends.
_HOLDER = """
import sys
from pathlib import Path
from medgan_viewer.batch.target import Target
with Target(Path(sys.argv[1])).alone():
    print("alone", flush=True)
    sys.stdin.read()
"""


def test_that_a_result_appears_whole(tmp_path: Path) -> None:
    target = Target(tmp_path)
    with target.result(KEY) as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "image.dcm").write_bytes(b"image")
        assert target.record(KEY) is None
        assert not (tmp_path / KEY).exists()
        target.write_record(folder, {"key": KEY, "device": "cpu"})
    assert target.record(KEY) == {"key": KEY, "device": "cpu"}
    assert [path.name for path in tmp_path.iterdir()] == [KEY]
    assert (tmp_path / KEY / "deep" / "image.dcm").read_bytes() == b"image"


def test_that_nothing_is_left_of_a_result_that_broke_off(tmp_path: Path) -> None:
    target = Target(tmp_path)
    with pytest.raises(ValueError, match="broke"), target.result(KEY) as folder:  # noqa: PT012  # what is left counts
        (folder / "image.dcm").write_bytes(b"half")
        raise ValueError("broke off")
    assert list(tmp_path.iterdir()) == []


def test_that_the_first_of_two_results_of_one_job_stays(tmp_path: Path) -> None:
    target = Target(tmp_path)
    with target.result(KEY) as slow:
        target.write_record(slow, {"key": KEY, "host": "slow"})
        with target.result(KEY) as quick:
            target.write_record(quick, {"key": KEY, "host": "quick"})
    assert target.record(KEY) == {"key": KEY, "host": "quick"}
    assert [path.name for path in tmp_path.iterdir()] == [KEY]


def test_that_something_else_in_the_way_is_no_result(tmp_path: Path) -> None:
    target = Target(tmp_path)
    (tmp_path / KEY).mkdir()
    (tmp_path / KEY / "notes.txt").write_text("mine")
    with pytest.raises(WriteError), target.result(KEY) as folder:
        target.write_record(folder, {"key": KEY})
    assert (tmp_path / KEY / "notes.txt").read_text() == "mine"


def test_that_a_study_counts_as_done_while_all_its_results_are_there(tmp_path: Path) -> None:
    target = Target(tmp_path)
    target.write_record(tmp_path / KEY, {"key": KEY})
    target.write_study("5" * 32, {"jobs": [KEY]})
    assert target.study("5" * 32) is not None
    (tmp_path / KEY / "record.json").unlink()
    assert target.study("5" * 32) is None
    assert target.study("6" * 32) is None


def test_that_it_is_remembered_where_a_result_was_sent(tmp_path: Path) -> None:
    target = Target(tmp_path)
    target.write_record(tmp_path / KEY, {"key": KEY})
    target.note_sent(KEY, "pacs")
    target.note_sent(KEY, "attic")
    target.note_sent(KEY, "pacs")
    assert target.record(KEY) == {"key": KEY, "sent": ["attic", "pacs"]}


def test_that_a_second_batch_is_kept_out_and_a_killed_one_keeps_nobody_out(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "alone\n"
        left = Target(tmp_path).temporary(KEY)
        with pytest.raises(UsageError, match="Another batch writes into"), Target(tmp_path).alone():
            pass
        assert left.is_dir()
        holder.kill()
    with Target(tmp_path).alone():
        assert not left.exists()


def test_that_a_target_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="a file stands where a folder is needed"), Target(tmp_path / "file").alone():
        pass
