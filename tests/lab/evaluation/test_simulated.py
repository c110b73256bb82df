"""Measures against closed forms, and the evaluation that fills manifest and card."""

import math
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import baseline, metrics, pairs
from medgan_viewer.lab.evaluation.simulated import Predict, evaluate, lesion_survival, load_series, look_up
from medgan_viewer.lab.recipe import Recipe
from medgan_viewer.lab.simulation.batches import target_values
from medgan_viewer.lab.sources.cases import Case
from tests.lab.small_runs import fill_cache, small_recipe


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    fill_cache(folder, (17, 18))
    return folder


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    return small_recipe(tmp_path)


def oracle(cache: Path, factor: float = 1.0) -> Predict:
    """Return a predictor that knows the truth: the target whose CT it is given."""
    known = {one.picture("input CT").tobytes(): one.picture("T1") for one in load_series(cache)}

    def predict(pictures: Sequence[NDArray[np.int16]], names: Sequence[str]) -> NDArray[np.float32]:
        del names
        return factor * target_values(known[pictures[0].tobytes()], "T1")[:, None]

    return predict


def test_that_psnr_follows_its_definition() -> None:
    truth = np.zeros((2, 4, 4), np.float32)
    mask = np.ones(truth.shape, bool)
    assert metrics.psnr(truth + 0.1, truth, mask, 1.0) == pytest.approx(20.0, abs=1e-4)
    mask[0] = False
    half = truth.copy()
    half[0] = 9
    assert metrics.psnr(half + 0.01, truth, mask, 1.0) == pytest.approx(40.0, abs=1e-3)


def test_that_ssim_is_one_for_equal_pictures_and_falls_with_noise() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((2, 32, 32)).astype(np.float32)
    mask = np.ones(truth.shape, bool)
    noise = rng.normal(0, 1, truth.shape).astype(np.float32)
    values = [metrics.ssim(truth + s * noise, truth, mask, 1.0) for s in (0.0, 0.1, 0.5)]
    assert values[0] == pytest.approx(1.0)
    assert values[0] > values[1] > values[2]


def test_that_ssim_of_flat_pictures_is_its_luminance_term() -> None:
    x, y = np.full((1, 16, 16), 0.4, np.float32), np.full((1, 16, 16), 0.6, np.float32)
    expected = (2 * 0.4 * 0.6 + 1e-4) / (0.4**2 + 0.6**2 + 1e-4)
    assert metrics.ssim(x, y, np.ones(x.shape, bool), 1.0) == pytest.approx(expected, rel=1e-4)


def test_that_dice_follows_its_definition() -> None:
    first, second = np.array([True, True, False, False]), np.array([True, False, True, False])
    assert metrics.dice(first, second) == 0.5
    assert math.isnan(metrics.dice(first & False, second & False))


def test_that_a_lesions_contrast_is_measured_against_the_brain_around_it() -> None:
    lesions = np.zeros((3, 20, 20), np.uint8)
    lesions[:, 8:12, 8:12] = 1
    picture = np.full(lesions.shape, 30, np.float32)
    picture[lesions == 1] = 20
    brain = np.ones(lesions.shape, bool)
    assert metrics.lesion_contrasts(picture, lesions, brain, 1) == [-10.0]
    assert metrics.lesion_contrasts(picture, lesions, brain, 2) == []


def test_that_a_perfect_model_scores_perfectly_and_its_lesions_survive(cache: Path, recipe: Recipe) -> None:
    rows = evaluate(recipe, cache, {"model": oracle(cache)})["rows"]
    values = {row["metric"]: row for row in rows}
    assert values["PSNR in head"]["model"] > 100
    assert values["SSIM in head"]["model"] == pytest.approx(1.0)
    assert values["PSNR in head"]["n"] == 2
    survived = [row["model"] for row in rows if "keep half their contrast" in row["metric"]]
    assert all(value == 100 for value in survived)


def test_that_a_model_that_deletes_lesions_is_found_out(cache: Path, recipe: Recipe) -> None:
    for series in load_series(cache):
        series.lesions[:] = 0
        series.lesions[2:5, 20:28, 20:28] = 1
        truth = (series.picture("T1") / 1000).astype(np.float32)
        truth[series.lesions == 1] = 0.9
        series.picture("T1")[:] = np.round(truth * 1000)
        flat = np.full((len(truth), 1, *truth.shape[1:]), 0.5, np.float32)
        assert lesion_survival(recipe, series, {"CT": flat}) == {("CT → T1", "oedema"): (0, 1)}
        assert lesion_survival(recipe, series, {"CT": truth[:, None]}) == {("CT → T1", "oedema"): (1, 1)}


def test_that_the_look_up_table_holds_the_mean_target_of_each_intensity(cache: Path, recipe: Recipe) -> None:
    table = baseline.fit_pictures(cache, ("CT",), ("T1",))
    source = np.concatenate([one.picture("input CT") for one in load_series(cache)])
    truth = np.concatenate([one.picture("T1") for one in load_series(cache)]).astype(float)
    index = baseline.bins(source, "CT")
    fat = int(baseline.bins(np.array([-92], np.int16), "CT")[0])
    assert table[0, fat] == pytest.approx(truth[index == fat].mean(), rel=0.1)
    predicted = look_up(recipe, cache)([source], ["CT"])[:, 0]
    assert predicted.shape == source.shape


def test_that_a_table_of_two_inputs_knows_what_neither_knows_alone(cache: Path) -> None:
    both, alone = (baseline.fit_pictures(cache, names, ("FLAIR",)) for names in (("T1", "T2"), ("T1",)))
    inputs, truths = [], []
    for series in load_series(cache):
        inputs.append([series.picture("input T1"), series.picture("input T2")])
        truths.append(series.picture("FLAIR").astype(float))
    errors = []
    for names, table in ((("T1", "T2"), both), (("T1",), alone)):
        looked_up = [table[0][baseline.places(pictures[: len(names)], names)] for pictures in inputs]
        errors.append(np.mean([np.mean((a - b) ** 2) for a, b in zip(looked_up, truths, strict=True)]))
    assert errors[0] < 0.9 * errors[1]


def test_that_a_pair_of_intensities_that_was_never_seen_gets_its_nearest_neighbours_value() -> None:
    table, known = np.zeros((1, 16)), np.zeros(16, bool)
    for place, value in ((0, 7.0), (15, 9.0)):
        table[0, place], known[place] = value, True
    grid = baseline.filled(table, known, inputs=2).reshape(4, 4)
    assert (grid[0, 1], grid[1, 0], grid[3, 2], grid[0, 0]) == (7, 7, 9, 7)


def test_that_segments_are_looked_up_by_majority(cache: Path) -> None:
    table = baseline.fit_segments(cache, "CT", 14)
    assert table[int(baseline.bins(np.array([-1000], np.int16), "CT")[0])] == 0
    assert table[int(baseline.bins(np.array([1200], np.int16), "CT")[0])] == 10


def test_that_an_empty_cache_cannot_be_evaluated(tmp_path: Path, recipe: Recipe) -> None:
    with pytest.raises(UsageError, match="nothing can be scored"):
        evaluate(recipe, tmp_path, {})


def case(patient: str, slope: float, seed: int) -> Case:
    """Return a case whose target is a straight line of its source, with a rim of air."""
    source = np.zeros((4, 1, 20, 20), np.float32)
    source[:, :, 4:16, 4:16] = np.random.default_rng(seed).uniform(0.2, 1, (4, 1, 12, 12))
    return Case(patient, {"T1": source}, slope * source, {"T1": (0.0,), "target": (0.0,)})


class Cases:
    """Two patients for training, two for testing; the second test patient's truth is brighter."""

    def __init__(self) -> None:
        self.splits = {
            "train": [case("a", 0.5, 0), case("b", 0.5, 1)],
            "test": [case("c", 0.5, 2), case("d", 0.6, 3)],
        }

    def cases(self, split: str) -> list[Case]:
        return self.splits[split]


def linear_run(recipe: Recipe, slope: float) -> Any:
    """Return what stands for a run whose network multiplies by `slope`."""
    shapes = SimpleNamespace(target_channels=1)
    return SimpleNamespace(
        recipe=recipe, network=lambda image: slope * image, neighbours=0, channels_per_slice=1, shapes=shapes
    )


def test_that_pairs_are_scored_patient_by_patient_beside_a_straight_line(recipe: Recipe) -> None:
    runs = {"model": linear_run(recipe, 0.6), "twin": linear_run(recipe, 0.5)}
    found = pairs.evaluate(runs, Cases())
    rows = {row["metric"]: row for row in found["rows"]}
    errors = []
    for truth in (case("c", 0.5, 2), case("d", 0.6, 3)):
        assert truth.target is not None
        inside = truth.target > 0.05
        errors.append(float(np.abs(0.6 * truth.sources["T1"] - truth.target)[inside].mean()))
    assert rows["MAE"]["model"] == pytest.approx(np.mean(errors), abs=1e-3)
    assert rows["MAE"]["baseline"] == pytest.approx(rows["MAE"]["twin"], abs=2e-3)
    assert (rows["MAE"]["n"], rows["MAE"]["setting"]) == (2, "T1 → T1")
    assert pairs.evaluate(runs, Cases(), patients=1)["rows"][0]["n"] == 1


def test_that_data_without_test_patients_cannot_be_scored(recipe: Recipe) -> None:
    source = Cases()
    source.splits["test"] = []
    with pytest.raises(UsageError, match="no patient with input and target"):
        pairs.evaluate({"model": linear_run(recipe, 1.0)}, source)
    with pytest.raises(UsageError, match="no whole patients"):
        pairs.evaluate({"model": linear_run(recipe, 1.0)}, object())
