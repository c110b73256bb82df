"""The benchmarks' own arithmetic, and that the scan they measure on is the one they claim."""

import argparse
from pathlib import Path

import pytest

from benchmarks import ct_study, measure
from benchmarks.table import MEMORY_LIMIT_MB, render


def test_that_the_percentile_is_a_value_that_was_measured() -> None:
    values = [float(n) for n in range(1, 101)]
    assert measure.percentile(values, 99) == 99.0
    assert measure.percentile(values, 50) == 50.0
    assert measure.percentile([3.0], 99) == 3.0


def test_that_memory_is_allowed_one_and_a_half_times_the_voxels() -> None:
    assert pytest.approx(250 + 1.5 * 400 * 512 * 512 * 2 / 1e6) == MEMORY_LIMIT_MB


def test_that_the_table_gives_ratios_and_says_what_was_not_reached() -> None:
    results = {
        "viewer": {"complete_s": 2.0, "startup_s": 1.0, "first_s": 0.3},
        "simpleitk": {"complete_s": 1.0},
        "bare": {"startup_s": 0.5},
    }
    page = render(results, ["napari could not be installed here."], "a machine", "2026-01-01", 5)
    lines = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("|")}
    assert "1.00 (2.00 ×)" in lines["Complete after the click, in the window (s)"]
    assert lines["Complete after the click, in the window (s)"].endswith("| **no** |")
    assert lines["Start to an interactive window (s)"].endswith("| yes |")
    assert lines["First image on the screen after the click (s)"].endswith("| ≤ 0.5 | yes |")
    assert "- Not measured: napari could not be installed here." in page


def test_that_training_may_take_a_ninth_longer_than_the_bare_loop_and_simulation_no_longer_than_training() -> None:
    values = {"lab_ms_128": 11.0, "bare_ms_128": 10.0, "lab_ms_192": 11.2, "bare_ms_192": 10.0}
    values |= {"simulation_ms_128": 11.5, "simulation_ms_192": 11.0}
    page = render({"training": values}, [], "a machine", "2026-01-01", 5)
    lines = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("|")}
    assert "10.0 (1.10 ×)" in lines["Training at 128², watched, for an image (ms)"]
    reached = {name: line.split("|")[-2].strip() for name, line in lines.items() if "²" in name}
    assert list(reached.values()) == ["yes", "**no**", "**no**", "yes"]


def test_that_what_has_no_value_gets_no_verdict() -> None:
    page = render({}, [], "a machine", "2026-01-01", 5)
    assert "yes" not in page
    assert "**no**" not in page


def test_that_the_generated_scan_reads_back_as_one_even_ct(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from medgan_viewer.dicom import assemble, index

    monkeypatch.setattr(ct_study, "SHAPE", (5, 32, 32))
    files = ct_study.write(tmp_path)
    series = index.scan([tmp_path]).studies[0].series[0]
    stack = assemble.load_stack(series)
    assert len(files) == len(stack) == 5
    assert stack.is_regular
    assert stack.modality == "CT"
    assert stack.volume().spacing == pytest.approx(ct_study.SPACING_MM)
    assert stack.array.min() < -900
    assert stack.array.max() > 500


def test_that_the_files_to_index_are_even_series_of_one_study(tmp_path: Path) -> None:
    from benchmarks import indexing
    from medgan_viewer.dicom import index

    files = indexing.write(tmp_path, indexing.SERIES_FILES + 10)
    (study,) = index.scan([tmp_path]).studies
    assert [len(series.instances) for series in study.series] == [indexing.SERIES_FILES, 10]
    assert [series.warnings for series in study.series] == [(), ()]
    assert len(files) == indexing.SERIES_FILES + 10


def test_that_a_path_through_the_trunk_is_held_against_the_quickest_of_all_the_others() -> None:
    others = {"eager": 90.0, "eager_bf16": 40.0, "compiled": 34.0, "onnxruntime": 60.0, "openvino": 30.0}
    values = {f"{name}_{size}": value for name, value in others.items() for size in (256, 192)}
    name = "A slice of {0} × {0} through the trunk, 2 threads (ms)".format
    page = render({"inference": {**values, "chosen_256": 34.5, "chosen_192": 34.6}}, [], "a machine", "2026-01-01", 5)
    lines = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("|")}
    assert lines[name(256)].endswith("| ≤ 1.15 × the quickest | yes |")
    assert lines[name(192)].endswith("| **no** |")
    assert "30.0 (1.15 ×)" in lines[name(256)]
    # One of them might have been the quickest.
    del values["openvino_256"]
    page = render({"inference": {**values, "chosen_256": 20.0}}, [], "a machine", "2026-01-01", 5)
    assert next(line for line in page.splitlines() if name(256) in line).endswith("| – |")


def test_that_paths_take_turns_and_one_that_is_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    from benchmarks import inference
    from medgan_viewer import resources
    from medgan_viewer.models.manifest import read_package

    turns: list[int] = []

    def absent(*of: object) -> inference.Pass:
        raise ImportError("no such thing here")

    paths: dict[str, object] = {"eager": inference.PATHS["eager"], "absent": absent}
    paths["other"] = lambda *of: lambda: turns.append(1)
    monkeypatch.setattr(inference, "PATHS", paths)
    package = read_package(resources.path("models") / inference.MODEL)
    asked = argparse.Namespace(threads=torch.get_num_threads(), rounds=2)
    values = inference._side_by_side(package, 32, asked)
    assert sorted(values) == ["chosen", "eager", "other"]
    assert all(0 <= value < 60_000 for value in values.values())
    assert len(turns) == 2 + 2
    assert "absent is not measured: no such thing here" in capsys.readouterr().err


def test_that_batches_are_measured_where_they_run_and_nowhere_without_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks import inference
    from medgan_viewer import resources
    from medgan_viewer.models.manifest import read_package

    package = read_package(resources.path("models", "mr-field"))
    for name, value in (("CARD_BATCH", 2), ("CARD_SIDE", 32), ("CARD_ROUNDS", 2)):
        monkeypatch.setattr(inference, name, value)
    assert 0 < inference.on_card(package, "cpu")["card_us"] < 1e7
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert inference.on_card(package) == {}


def test_that_a_synthesis_that_fails_is_no_measurement() -> None:
    from benchmarks import inference
    from medgan_viewer.jobs.events import Failed, SliceReady

    clock = inference._Clock()
    clock(SliceReady("job", 3))
    clock(SliceReady("job", 4))
    clock(Failed("job", "It did not work."))
    assert clock.first["slice"] <= clock.first["end"]
    with pytest.raises(RuntimeError, match=r"It did not work\."):
        clock.wait()
