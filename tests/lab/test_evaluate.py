"""Measures against closed forms, and the evaluation that fills manifest and card."""

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

from medgan_viewer.errors import UsageError
from medgan_viewer.lab import baseline, metrics
from medgan_viewer.lab.batches import BatchSource, target_values
from medgan_viewer.lab.evaluate import Predict, evaluate, lesion_survival, load_network, load_series, look_up, predictor
from medgan_viewer.lab.package import package
from medgan_viewer.lab.trainer import Budget, Trainer
from medgan_viewer.models.manifest import read_package
from medgan_viewer.models.networks import build
from tests.lab.small_runs import fill_cache, small_recipe


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cache")
    fill_cache(folder, (17, 18))
    return folder


def oracle(cache: Path, factor: float = 1.0) -> Predict:
    """Return a predictor that knows the truth: the target whose CT it is given."""
    known = {one.picture("input CT").tobytes(): one.picture("T1") for one in load_series(cache)}

    def predict(picture: NDArray[np.int16], name: str) -> NDArray[np.float32]:
        del name
        return factor * target_values(known[picture.tobytes()], "T1")[:, None]

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


def test_that_a_perfect_model_scores_perfectly_and_its_lesions_survive(cache: Path) -> None:
    rows = evaluate(small_recipe(), cache, {"model": oracle(cache)})["rows"]
    values = {row["metric"]: row for row in rows}
    assert values["PSNR in head"]["model"] > 100
    assert values["SSIM in head"]["model"] == pytest.approx(1.0)
    assert values["PSNR in head"]["n"] == 2
    survived = [row["model"] for row in rows if "keep half their contrast" in row["metric"]]
    assert all(value == 100 for value in survived)


def test_that_a_model_that_deletes_lesions_is_found_out(cache: Path) -> None:
    for series in load_series(cache):
        series.lesions[:] = 0
        series.lesions[2:5, 20:28, 20:28] = 1
        truth = (series.picture("T1") / 1000).astype(np.float32)
        truth[series.lesions == 1] = 0.9
        series.picture("T1")[:] = np.round(truth * 1000)
        flat = np.full((len(truth), 1, *truth.shape[1:]), 0.5, np.float32)
        assert lesion_survival(small_recipe(), series, {"CT": flat}) == {("CT → T1", "oedema"): (0, 1)}
        assert lesion_survival(small_recipe(), series, {"CT": truth[:, None]}) == {("CT → T1", "oedema"): (1, 1)}


def test_that_the_look_up_table_holds_the_mean_target_of_each_intensity(cache: Path) -> None:
    table = baseline.fit_pictures(cache, "CT", ("T1",))
    source = np.concatenate([one.picture("input CT") for one in load_series(cache)])
    truth = np.concatenate([one.picture("T1") for one in load_series(cache)]).astype(float)
    index = baseline.bins(source, "CT")
    fat = int(baseline.bins(np.array([-92], np.int16), "CT")[0])
    assert table[0, fat] == pytest.approx(truth[index == fat].mean(), rel=0.1)
    predicted = look_up(small_recipe(), cache)(source, "CT")[:, 0]
    assert predicted.shape == source.shape


def test_that_segments_are_looked_up_by_majority(cache: Path) -> None:
    table = baseline.fit_segments(cache, "CT", 14)
    assert table[int(baseline.bins(np.array([-1000], np.int16), "CT")[0])] == 0
    assert table[int(baseline.bins(np.array([1200], np.int16), "CT")[0])] == 10


def test_that_a_run_becomes_a_package_that_reads_back(cache: Path, tmp_path: Path) -> None:
    recipe = small_recipe()
    run, folder = tmp_path / "run", tmp_path / recipe.id
    Trainer(recipe, BatchSource(cache, recipe, np.random.default_rng(0)), run).train(
        Budget(math.inf, 1), Budget(math.inf, 1)
    )
    with pytest.raises(UsageError, match="was not evaluated"):
        package(recipe, run, folder, "licence")
    network = load_network(recipe, run / "checkpoint.pt")
    evaluation = evaluate(recipe, cache, {"model": predictor(recipe, network), "baseline": look_up(recipe, cache)})
    (run / "evaluation.json").write_text(json.dumps(evaluation), encoding="utf-8")
    package(recipe, run, folder, "licence")

    manifest = read_package(folder).manifest
    assert manifest.weights_sha256 == hashlib.sha256((folder / "weights.safetensors").read_bytes()).hexdigest()
    rebuilt = build(manifest.network, manifest.network_arguments).eval()
    rebuilt.load_state_dict(load_file(folder / "weights.safetensors"))
    image = torch.rand(1, manifest.channels_in, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(rebuilt(image), network(image), atol=0.02)
    card = (folder / "CARD.md").read_text(encoding="utf-8")
    assert "Research only" in card
    assert "PSNR in head (dB)" in card


def test_that_an_empty_cache_cannot_be_evaluated(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run the command simulate first"):
        evaluate(small_recipe(), tmp_path, {})
