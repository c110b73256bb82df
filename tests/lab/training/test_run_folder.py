"""A run's files: what is written is read back, half-written lines wait, a dead process is noticed."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from medgan_viewer.errors import WriteError
from medgan_viewer.lab.training.run_folder import Alarm, Phase, RunFolder, RunInfo, RunState, Sample

INFO = RunInfo(
    id="small",
    title="Small",
    objective="lsgan",
    method="translation",
    seed=3,
    started="2026-11-21T12:00:00+00:00",
    versions={"torch": "2.13.0"},
    git=None,
    device="cpu",
    world=1,
    precision="fp32",
    parameters={"generator": 10, "discriminator": 5},
    phases=(Phase("reconstruction", 4), Phase("adversarial", 2)),
    steps=6,
    patients={"train": 2, "test": 1},
)


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def test_that_an_empty_folder_gives_nothing(folder: RunFolder) -> None:
    assert folder.info() is None
    assert folder.state() is None
    assert folder.evaluation() is None
    assert folder.wish() == "run"
    assert folder.metrics() == ([], 0)
    assert folder.alarms() == ([], 0)
    assert folder.samples() == ([], 0)
    assert not folder.interrupted()


def test_that_what_is_written_is_read_back(folder: RunFolder) -> None:
    folder.write_info(INFO)
    folder.write_state(RunState("running", phase="reconstruction", step=1, steps=6, seconds=2.5))
    folder.write_wish("pause")
    folder.append_alarm(Alarm(5, "mode_collapse", True, "All samples look alike.", "Try packing."))
    folder.append_sample(Sample(5, "step_0000005.png", 2, 4))
    folder.write_evaluation({"rows": []})
    assert folder.info() == INFO
    state = folder.state()
    assert state is not None
    assert (state.status, state.step, state.seconds, state.pid) == ("running", 1, 2.5, os.getpid())
    assert folder.wish() == "pause"
    assert folder.alarms()[0] == [Alarm(5, "mode_collapse", True, "All samples look alike.", "Try packing.")]
    assert folder.samples()[0] == [Sample(5, "step_0000005.png", 2, 4)]
    assert folder.evaluation() == {"rows": []}
    assert not list(folder.path.glob("*.part"))


def test_that_metrics_are_read_on_from_where_the_last_reading_ended(folder: RunFolder) -> None:
    folder.append_metrics({"step": 1, "loss/generator": 0.5})
    first, end = folder.metrics()
    assert first == [{"step": 1, "loss/generator": 0.5}]
    assert folder.metrics(end) == ([], end)
    folder.append_metrics({"step": 2})
    assert folder.metrics(end)[0] == [{"step": 2}]


def test_that_a_line_that_is_being_written_waits(folder: RunFolder) -> None:
    folder.append_metrics({"step": 1})
    with (folder.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"step": 2, "loss')
    lines, end = folder.metrics()
    assert lines == [{"step": 1}]
    with (folder.path / "metrics.jsonl").open("a", encoding="utf-8") as file:
        file.write('/generator": 1}\n')
    assert folder.metrics(end)[0] == [{"step": 2, "loss/generator": 1}]


def test_that_no_number_is_written_as_null(folder: RunFolder) -> None:
    folder.append_metrics({"step": 1, "loss/generator": float("nan"), "gradient/generator": float("inf")})
    text = (folder.path / "metrics.jsonl").read_text(encoding="utf-8")
    assert json.loads(text) == {"step": 1, "loss/generator": None, "gradient/generator": None}


def test_that_a_rewound_run_has_no_lines_behind_its_step(folder: RunFolder) -> None:
    for step in (1, 2, 3):
        folder.append_metrics({"step": step})
        folder.append_sample(Sample(step, f"{step}.png", 1, 1))
    _, end = folder.metrics()
    folder.rewind(2)
    assert [line["step"] for line in folder.metrics()[0]] == [1, 2]
    assert [sample.step for sample in folder.samples()[0]] == [1, 2]
    assert [line["step"] for line in folder.metrics(end)[0]] == [1, 2]  # a reader that was ahead starts anew


def test_that_files_of_another_kind_are_not_believed(folder: RunFolder) -> None:
    folder.path.mkdir()
    for name, text in (("state.json", "[]"), ("run.json", '{"schema": 99}'), ("control.json", '{"wish": "fly"}')):
        (folder.path / name).write_text(text, encoding="utf-8")
    assert folder.state() is None
    assert folder.info() is None
    assert folder.wish() == "run"


def test_that_a_training_whose_process_is_gone_counts_as_interrupted(folder: RunFolder) -> None:
    script = (
        "import sys; from pathlib import Path; from medgan_viewer.lab.training.run_folder import RunFolder, RunState;"
        "RunFolder(Path(sys.argv[1])).write_state(RunState(sys.argv[2]))"
    )
    subprocess.run([sys.executable, "-c", script, str(folder.path), "running"], check=True)
    assert folder.interrupted()
    assert not folder.in_use()
    subprocess.run([sys.executable, "-c", script, str(folder.path), "finished"], check=True)
    assert not folder.interrupted()
    folder.write_state(RunState("running"))
    assert folder.in_use()
    assert not folder.interrupted()


def test_that_a_child_that_nobody_waited_for_counts_as_gone(folder: RunFolder) -> None:
    with subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE) as child:
        folder.write_state(RunState("running"))
        content = json.loads((folder.path / "state.json").read_text(encoding="utf-8"))
        (folder.path / "state.json").write_text(json.dumps(content | {"pid": child.pid}), encoding="utf-8")
        assert not folder.interrupted()
        child.kill()
        while not folder.interrupted():
            pass


def test_that_a_training_on_another_machine_is_judged_by_when_it_was_heard_of(folder: RunFolder) -> None:
    folder.write_state(RunState("running"))
    content = json.loads((folder.path / "state.json").read_text(encoding="utf-8"))
    elsewhere = content | {"host": "elsewhere", "pid": 1}
    (folder.path / "state.json").write_text(json.dumps(elsewhere), encoding="utf-8")
    assert not folder.interrupted()
    old = elsewhere | {"updated": "2020-01-01T00:00:00+00:00"}
    (folder.path / "state.json").write_text(json.dumps(old), encoding="utf-8")
    assert folder.interrupted()


def test_that_a_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    folder = RunFolder(tmp_path / "file")
    with pytest.raises(WriteError, match="nothing could be written"):
        folder.write_wish("stop")
    with pytest.raises(WriteError, match="no line could be added"):
        folder.append_metrics({"step": 1})


def test_that_reading_a_run_needs_neither_torch_nor_qt() -> None:
    script = (
        "import sys, medgan_viewer.lab.training.run_folder;sys.exit('torch' in sys.modules or 'PySide6' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
