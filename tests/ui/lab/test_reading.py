"""What the lab's window knows of runs is what their folders say, at every moment."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from medgan_viewer.errors import ReadError
from medgan_viewer.lab.training.run_folder import RunState
from medgan_viewer.ui.lab.reading import LOG, RunReader, find_runs
from tests.ui.lab.runs import (
    MEMORISING,
    MODE_COLLAPSE,
    OVER,
    RECIPE,
    RUNNING,
    add_sample,
    line,
    write_dead_run,
    write_run,
)


def test_a_growing_run_is_read_on_from_where_it_was_left(tmp_path: Path) -> None:
    folder = write_run(tmp_path, steps=range(0, 30, 10))
    reader = RunReader(tmp_path)
    assert list(reader.read().curves["loss/generator"].steps) == [0, 10, 20]
    folder.append_metrics(line(30, loss__generator=9.0))
    view = reader.read()
    assert list(view.curves["loss/generator"].values) == [1.0, 11.0, 21.0, 9.0]
    assert list(view.curves["accuracy/train"].steps) == [0, 10, 20]
    assert view.recipe == RECIPE
    assert view.title == "Ring of eight"


def test_what_was_no_number_leaves_a_gap(tmp_path: Path) -> None:
    folder = write_run(tmp_path, steps=())
    folder.append_metrics(line(10, loss__generator=float("nan")))
    folder.append_metrics(line(20, loss__generator=2.0))
    np.testing.assert_array_equal(RunReader(tmp_path).read().curves["loss/generator"].values, [np.nan, 2.0])


def test_a_half_written_last_line_is_read_when_it_is_whole_and_a_broken_one_is_left_out(tmp_path: Path) -> None:
    write_run(tmp_path, steps=(0,))
    reader = RunReader(tmp_path)
    metrics = tmp_path / "metrics.jsonl"
    with metrics.open("a") as file:
        file.write('{"step": 10, "loss/gen')
    assert list(reader.read().curves["loss/generator"].steps) == [0]
    with metrics.open("a") as file:
        file.write('erator": 5.0}\n{"step": 20, "loss/generator\n[1, 2]\n{"loss/generator": 3}\n')
        file.write('{"step": 30, "loss/generator": 7.0}\n')
    assert list(reader.read().curves["loss/generator"].steps) == [0, 10, 30]


def test_a_run_that_went_on_from_an_older_checkpoint_has_each_step_once(tmp_path: Path) -> None:
    folder = write_run(tmp_path, steps=range(0, 60, 10), alarms=[MODE_COLLAPSE])
    reader = RunReader(tmp_path)
    assert reader.read().standing == (MODE_COLLAPSE,)
    folder.rewind(20)
    for step in (30, 40, 50, 60, 70):
        folder.append_metrics(line(step, loss__generator=-1.0))
    view = reader.read()
    assert list(view.curves["loss/generator"].steps) == [0, 10, 20, 30, 40, 50, 60, 70]
    assert view.curves["loss/generator"].values[3] == -1.0


def test_only_alarms_that_are_not_over_stand(tmp_path: Path) -> None:
    write_run(tmp_path, alarms=[MODE_COLLAPSE, OVER, MEMORISING])
    assert RunReader(tmp_path).read().standing == (MEMORISING,)


def test_phases_begin_where_those_before_them_end(tmp_path: Path) -> None:
    write_run(tmp_path)
    assert RunReader(tmp_path).read().phase_starts == (("reconstruction", 0), ("adversarial", 30))


def test_samples_are_listed_in_time(tmp_path: Path) -> None:
    folder = write_run(tmp_path)
    reader = RunReader(tmp_path)
    assert not reader.read().samples
    add_sample(folder, 10, 0.2)
    add_sample(folder, 20, 0.4)
    assert [sample.step for sample in reader.read().samples] == [10, 20]


def test_a_folder_where_nothing_was_written_yet_is_a_run_that_starts(tmp_path: Path) -> None:
    view = RunReader(tmp_path).read()
    assert (view.status, view.title, view.curves, view.recipe) == ("starting", tmp_path.name, {}, "")


def test_a_run_whose_process_is_gone_is_interrupted(tmp_path: Path) -> None:
    write_dead_run(tmp_path)
    assert RunReader(tmp_path).read().status == "interrupted"


def test_runs_under_way_come_first_then_the_newest(tmp_path: Path) -> None:
    stopped = RunState("stopped", "", "adversarial", 20, 100)
    write_run(tmp_path / "old", stopped, started="2026-11-01T10:00:00+00:00")
    write_run(tmp_path / "new", stopped, started="2026-11-20T10:00:00+00:00")
    write_run(tmp_path / "alive", RUNNING, started="2026-10-01T10:00:00+00:00")
    (tmp_path / "no run").mkdir()
    entries = find_runs(tmp_path)
    assert [entry.path.name for entry in entries] == ["alive", "new", "old"]
    assert [(entry.status, entry.detail) for entry in entries[:2]] == [
        ("running", "13 min left"),
        ("stopped", "step 20 of 100"),
    ]
    assert entries[0].share == 0.5


def test_a_run_that_is_being_started_is_listed_and_one_that_never_began_is_not(tmp_path: Path) -> None:
    for name, age in (("now", 0.0), ("never", 3600.0)):
        (tmp_path / name).mkdir()
        (tmp_path / name / LOG).touch()
        os.utime(tmp_path / name / LOG, (time.time() - age,) * 2)
    assert [(entry.path.name, entry.status) for entry in find_runs(tmp_path)] == [("now", "starting")]


def test_a_folder_that_may_not_be_looked_into_hides_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_run(tmp_path / "open")
    (tmp_path / "locked").mkdir()
    exists = Path.exists

    def refused(path: Path) -> bool:
        if path.parent.name == "locked":
            raise PermissionError(13, "Permission denied")
        return exists(path)

    monkeypatch.setattr(Path, "exists", refused)
    assert [entry.path.name for entry in find_runs(tmp_path)] == ["open"]


def test_a_run_chosen_as_the_folder_is_found_itself(tmp_path: Path) -> None:
    write_run(tmp_path)
    assert [entry.path for entry in find_runs(tmp_path)] == [tmp_path]


def test_a_folder_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="gone: the folder cannot be read"):
        find_runs(tmp_path / "gone")
