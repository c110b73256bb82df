"""The benchmarks' own arithmetic, and that the scan they measure on is the one they claim."""

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
