"""Arrays that two processes see."""

import errno
import gc
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

from medgan_viewer.errors import JobError
from medgan_viewer.jobs import shared_array
from medgan_viewer.jobs.runner import Runner
from medgan_viewer.jobs.shared_array import SharedArray, attach, remove_leftovers
from medgan_viewer.jobs.worker import Job

ENTRY = "tests.jobs.entry_points"


@pytest.fixture
def no_shared_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let every segment be too large, as in a container with 64 MB of /dev/shm; return the temporary folder."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    reserve = shared_array._reserve

    def refuse_segments(descriptor: int, size: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().is_relative_to("/dev/shm"):
            raise OSError(errno.ENOSPC, "No space left on device")
        reserve(descriptor, size)

    monkeypatch.setattr(shared_array, "_reserve", refuse_segments)
    return tmp_path


def test_that_the_other_process_sees_and_changes_the_same_voxels(shared_runner: Runner) -> None:
    array = SharedArray((3, 4), np.int16)
    array.array[...] = np.arange(12).reshape(3, 4)
    assert shared_runner.ask(Job(f"{ENTRY}:add_one", {"handle": array.handle})).result(30) == 66
    np.testing.assert_array_equal(array.view, np.arange(1, 13).reshape(3, 4))
    array.unlink()


def test_that_a_view_cannot_be_written() -> None:
    array = SharedArray((2,), np.float32)
    with pytest.raises(ValueError, match="read-only"):
        array.view[0] = 1
    array.unlink()


def test_that_voxels_outlive_the_name_and_the_object() -> None:
    array = SharedArray((5,), np.uint8)
    array.array[...] = 7
    view, handle = array.view[1:], array.handle
    array.unlink()
    array.unlink()
    del array
    gc.collect()
    np.testing.assert_array_equal(view, [7, 7, 7, 7])
    with pytest.raises(JobError):
        attach(handle)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to look at the memory of a process")
def test_that_memory_goes_with_the_last_view() -> None:
    array = SharedArray((1000,), np.uint8)
    name = array.handle.place
    view = array.view
    array.unlink()
    del array
    assert name in Path("/proc/self/maps").read_text()
    del view
    gc.collect()
    assert name not in Path("/proc/self/maps").read_text()


def test_that_a_segment_that_was_not_released_by_the_worker_is_still_there_for_the_viewer(
    shared_runner: Runner,
) -> None:
    array = SharedArray((4,), np.uint8)
    array.array[...] = 1
    for _ in range(3):
        assert shared_runner.ask(Job(f"{ENTRY}:read_sum", {"handle": array.handle})).result(30) == 4
    array.unlink()


def test_that_voxels_lie_in_a_file_where_shared_memory_is_too_small(
    no_shared_memory: Path, shared_runner: Runner
) -> None:
    array = SharedArray((2, 3), np.float32)
    assert array.in_file
    array.array[...] = 2
    assert shared_runner.ask(Job(f"{ENTRY}:add_one", {"handle": array.handle})).result(30) == 12
    array.unlink()
    np.testing.assert_array_equal(array.view, np.full((2, 3), 3))
    assert list(no_shared_memory.iterdir()) == []


def test_that_too_little_room_anywhere_is_one_sentence_and_leaves_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(descriptor: int, size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(shared_array, "_reserve", refuse)
    with pytest.raises(JobError, match="free disk space"):
        SharedArray((10,), np.uint8)
    assert list(tmp_path.iterdir()) == []


def test_that_files_of_a_viewer_that_was_killed_are_removed_and_those_of_a_living_one_are_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    largest_pid = int(Path("/proc/sys/kernel/pid_max").read_text())
    dead = tmp_path / f"medgan-viewer-{largest_pid + 1}-aa.voxels"
    living = tmp_path / f"medgan-viewer-{os.getpid()}-aa.voxels"
    other = tmp_path / "somebody-elses.voxels"
    for path in (dead, living, other):
        path.touch()
    remove_leftovers()
    assert sorted(tmp_path.iterdir()) == sorted([living, other])
