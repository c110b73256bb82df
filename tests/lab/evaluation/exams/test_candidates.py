"""A packaged model in an exam gives what the viewer shows; the look-up table what it learned from training heads."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import baseline
from medgan_viewer.lab.evaluation.exams import candidates
from medgan_viewer.lab.evaluation.exams.candidates import (
    Packaged,
    bounds_of,
    cached,
    check_fit,
    look_up_table,
    targets_of,
)
from medgan_viewer.lab.evaluation.exams.definition import load_exam
from medgan_viewer.models import tasks
from medgan_viewer.models.manifest import Package, read_package
from tests.lab.small_runs import fill_cache


class Here:
    """A job's context in this process: arrays are their own handles."""

    visible: int | None = None
    device = "cpu"
    cancelled = False

    def array(self, handle: NDArray[Any]) -> NDArray[Any]:
        return handle

    def started(self, device: str, precision: str, slices: int, inputs: int | None = None) -> None:
        del device, precision, slices

    def slice_ready(self, index: int) -> None:
        del index

    def notice(self, sentence: str) -> None:
        raise AssertionError(sentence)


def head(seed: int) -> NDArray[np.int16]:
    """Return six slices of a bright noisy disc on dark ground."""
    rows, columns = np.mgrid[:96, :96]
    disc = np.hypot(rows - 50, columns - 44) < 36
    noise = np.random.default_rng(seed).normal(0, 20, (6, 96, 96))
    return np.where(disc, 400 + noise, 5).astype(np.int16)


def test_that_an_exam_sees_what_the_viewer_shows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDGAN_PRECISION", "fp32")
    folder = resources.path("models", "head-mr-to-ct")
    package = read_package(folder)
    assert targets_of(package) == ("CT",)
    source, spacing = head(0), (5.0, 1.1, 1.1)
    shown = np.zeros(source.shape, np.int16)
    affine = np.array([[0, 0, 1.1, 0], [0, 1.1, 0, 0], [5.0, 0, 0, 0], [0, 0, 0, 1]])
    tasks.run(
        Here(),
        folder=str(folder),
        weights_sha256=package.manifest.weights_sha256,
        source=source,
        outputs=[shown],
        affine=affine,
        modality="MR",
        device="cpu",
    )
    made = Packaged(package)({"T1": source}, ["T1"], spacing, [1, 4])
    assert set(made) == {"CT", *bounds_of("CT")}
    assert np.abs(made["CT"].astype(int) - shown[[1, 4]]).max() <= 1
    assert shown[1].std() > 100


def test_that_a_model_is_never_measured_in_half_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load(package: Package, device: str, degree: float | None, *, half: bool) -> Any:
        asked.append((package.id, device, degree, half))
        return SimpleNamespace(precision="fp32")

    monkeypatch.setattr(candidates, "load", load)
    made = Packaged(read_package(resources.path("models", "head-ct-to-mr")))
    assert made.precision == "fp32"
    assert made.sober is not None
    assert asked == [("head-ct-to-mr", "cpu", None, False), ("head-ct-to-mr", "cpu", 0.0, False)]


def test_that_the_look_up_table_answers_with_the_training_mean_of_the_intensity(tmp_path: Path) -> None:
    fill_cache(tmp_path)
    exam = load_exam("head-ct-to-mr")
    answer = look_up_table(exam, ("T1", "T2"), tmp_path)
    fat = np.full((2, 40, 40), -95, np.int16)
    made = answer({"CT": fat}, ["CT"], (5.0, 6.0, 6.0), [1])
    table = baseline.fit_pictures(tmp_path, ("CT",), ("T1", "T2"))
    expected = table[:, int(baseline.bins(np.array([-95], np.int16), "CT")[0])]
    assert made["T1"].shape == (1, 40, 40)
    assert (made["T1"].mean(), made["T2"].mean()) == pytest.approx(tuple(expected), rel=1e-3)


def test_that_the_look_up_table_of_two_inputs_looks_at_both(tmp_path: Path) -> None:
    fill_cache(tmp_path)
    answer = look_up_table(load_exam("mr-contrast-two"), ("FLAIR",), tmp_path)
    series = {"T1": head(1), "T2": head(2)}
    made = answer(series, ["T1", "T2"], (5.0, 6.0, 6.0), [1, 3])["FLAIR"]
    assert made.shape == (2, 96, 96)
    dark = {**series, "T2": series["T2"] // 8}
    dark["T2"][0] = series["T2"][0]
    assert not np.allclose(answer(dark, ["T1", "T2"], (5.0, 6.0, 6.0), [1, 3])["FLAIR"], made)


def test_that_the_table_of_own_contrasts_sees_each_input_without_its_noise(tmp_path: Path) -> None:
    exam, spacing = load_exam("mr-field"), (5.0, 6.0, 6.0)
    # A table that answers with the intensity itself tells what was looked up in it.
    with patch.object(baseline, "fit_pictures", return_value=np.arange(512, dtype=np.float32)[None]) as fitted:
        answer = look_up_table(exam, exam.targets, tmp_path)
    assert [call.args[1:3] for call in fitted.call_args_list] == [((name,), (name,)) for name in exam.targets]
    for name in exam.targets:
        made = answer({name: head(3)}, [name], spacing, [2])
        assert set(made) == {name}
        plain = baseline.places([cached(head(3), name, spacing, [2])], [name])
        inside = (0, slice(30, 70), slice(30, 60))
        assert made[name][inside].std() < 0.5 * plain[inside].std()
        assert made[name][inside].mean() == pytest.approx(plain[inside].mean(), rel=0.02)


def test_that_the_table_of_own_contrasts_is_fitted_on_inputs_without_their_noise(tmp_path: Path) -> None:
    fill_cache(tmp_path)
    seen: list[int] = []

    def cleaned(pictures: NDArray[np.int16]) -> NDArray[np.int16]:
        seen.append(len(pictures))
        return np.zeros_like(pictures)

    table = baseline.fit_pictures(tmp_path, ("T1",), ("T1",), cleaned)
    assert len(seen) == 2
    # All that it knows is the mean of everything.
    assert np.ptp(table) == 0


def test_that_what_names_no_contrast_is_called_as_its_input() -> None:
    package = read_package(resources.path("models", "head-mr-to-ct"))
    (output,) = package.manifest.images
    manifest = replace(package.manifest, images=(replace(output, modality="MR", contrast=""),))
    same = replace(package, manifest=manifest)
    assert targets_of(same) == ("",)
    made = Packaged(same)({"FLAIR": head(0)}, ["FLAIR"], (5.0, 1.1, 1.1), [1])
    assert set(made) == {"FLAIR", *bounds_of("FLAIR")}
    assert check_fit(load_exam("mr-field"), same) == ("T1", "T2", "FLAIR")
    for exam, other in (("mr-contrast", same), ("mr-field", package)):
        with pytest.raises(UsageError, match=f"makes nothing that the exam {exam} asks for"):
            check_fit(load_exam(exam), other)


def test_that_the_look_up_table_of_segments_gives_labels(tmp_path: Path) -> None:
    fill_cache(tmp_path)
    answer = look_up_table(load_exam("head-anatomy"), ("segmentation",), tmp_path)
    bone = np.full((2, 40, 40), 1200, np.int16)
    assert set(np.unique(answer({"CT": bone}, ["CT"], (5.0, 6.0, 6.0), [0])["segmentation"])) == {10}
