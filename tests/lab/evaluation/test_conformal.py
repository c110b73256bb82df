"""Intervals that hold on patients set aside: against examples worked out by hand, and on people made for it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import conformal, scoring
from medgan_viewer.lab.evaluation.conformal import Held, correction, coverage, margin
from medgan_viewer.lab.evaluation.package import package
from medgan_viewer.lab.evaluation.trained import load_run
from medgan_viewer.lab.recipe import Choice
from medgan_viewer.lab.training import start
from medgan_viewer.models.encoding import compand_ct
from medgan_viewer.models.manifest import Bounds, Control, read_package
from medgan_viewer.models.networks import build
from tests.lab.small_runs import small_heads, small_recipe


def held(low: list[float], high: list[float], truth: list[float]) -> Held:
    return Held(*(np.array(values, np.float32) for values in (low, high, truth)))


def test_that_a_margin_is_the_score_of_the_wanted_share_by_hand() -> None:
    # Scores max(low − y, y − high): −1, 1, 2, 0.5, −0.5, sorted −1, −0.5, 0.5, 1, 2.
    some = held([0, 0, 0, 0, 0], [2, 2, 2, 2, 2], [1, 3, -2, 2.5, 1.5])
    assert margin(some, 0.2) == -1
    assert margin(some, 0.6) == 0.5
    assert margin(some, 0.61) == 1
    assert margin(some, 1.0) == 2
    assert [coverage(some, added) for added in (0.0, 0.5, 1.0, 2.0)] == [0.4, 0.6, 0.8, 1.0]


def test_that_a_correction_is_the_order_statistic_that_its_promise_says() -> None:
    two = correction([0.3, 0.1])
    assert (two.margin, two.patients) == (0.3, 2)
    assert two.promise == pytest.approx(2 / 3)
    nineteen = correction([float(number) for number in range(19)])
    assert nineteen.margin == 18
    assert nineteen.promise == pytest.approx(0.95)
    many = correction([float(number) for number in range(39)])
    assert many.margin == 37
    assert many.promise == pytest.approx(0.95)
    with pytest.raises(UsageError, match="set aside"):
        correction([])


def people(count: int, rng: np.random.Generator) -> list[Held]:
    """Return people whose truth is spread about 0, each by another width, and bounds that are too narrow for most."""
    made = []
    for spread in rng.uniform(0.5, 2.0, count):
        truth = rng.normal(0, spread, 2000).astype(np.float32)
        made.append(Held(np.full(2000, -1.0, np.float32), np.full(2000, 1.0, np.float32), truth))
    return made


@pytest.mark.parametrize(("set_aside", "promise"), [(2, 2 / 3), (9, 0.9), (19, 0.95)])
def test_that_further_people_are_covered_as_often_as_was_promised(set_aside: int, promise: float) -> None:
    rng = np.random.default_rng(3)
    covered = []
    for _ in range(400):
        *calibration, further = people(set_aside + 1, rng)
        found = correction([margin(one, 0.9) for one in calibration])
        assert found.promise == pytest.approx(promise)
        covered.append(coverage(further, found.margin) >= 0.9)
    assert np.mean(covered) == pytest.approx(promise, abs=0.05)


def test_that_bounds_of_a_ct_are_calibrated_in_hounsfield() -> None:
    hounsfield = np.array([-1000.0, -300.0, 35.0, 700.0])
    assert conformal.decoded(compand_ct(hounsfield), "ct_companded") == pytest.approx(hounsfield, abs=0.01)
    assert conformal.decoded(np.array([-0.2, 0.4, 2.0], np.float32), "mr_unit") == pytest.approx([0, 0.4, 1.5])


def test_that_any_contrast_is_calibrated_on_every_one_that_there_is(tmp_path: Path) -> None:
    def sets(**data: object) -> list[tuple[str, ...]]:
        return conformal._input_sets(replace(recipe, data=Choice("live_heads", data)))

    recipe = small_recipe(tmp_path)
    assert sets(inputs=["CT", "MR", "T1", "CT"]) == [("CT",), ("T1",), ("T2",), ("FLAIR",)]
    assert sets(inputs=["T1", "T2"], together=True) == [("T1", "T2")]


def test_that_no_card_names_the_people_who_were_set_aside() -> None:
    assert conformal.set_aside(["head 15", "head 16"], "live_heads") == "head 15, head 16"
    assert conformal.set_aside(["somebody", "else"], "folders") == "2 patients"
    assert conformal.set_aside(["somebody"], "archive") == "1 patient"


SHARP = ('objective = "lsgan"', 'objective = "lsgan"\nsharpness = true\nquantiles = [0.05, 0.95]')


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """Return a run of the small recipe with sharpness and quantiles, and the model made of it."""
    folder = tmp_path_factory.mktemp("sharp")
    with small_heads(folder):
        start.prepare(small_recipe(folder, SHARP), folder / "run").train()
        scoring.score(folder / "run")
        package(folder / "run", "small-sharp", folder / "small-sharp")
        yield folder / "run", folder / "small-sharp"


def test_that_a_package_says_what_can_be_chosen_and_how_sure_it_is(model: tuple[Path, Path]) -> None:
    manifest = read_package(model[1]).manifest
    assert manifest.control == Control((0.0, 0.5, 1.0), 1.0)
    assert manifest.channels_out == 3
    interval = manifest.interval
    assert interval is not None
    assert (interval.level, interval.patients, interval.promise) == (0.9, 2, 0.6667)
    bounds = interval.of(0)
    assert isinstance(bounds, Bounds)
    assert (bounds.low, bounds.high) == (1, 2)
    assert interval.calibrated_on == "calibration: head 15, head 16"
    card = (model[1] / "CARD.md").read_text(encoding="utf-8")
    for words in ("## Doubt", "at 0, 0.5, 1", "probability of at least 67 %", f"Synthetic T1 {bounds.margin:+.3g}"):
        assert words in card


def test_that_the_margin_makes_the_interval_hold_on_each_patient_set_aside(model: tuple[Path, Path]) -> None:
    interval = read_package(model[1]).manifest.interval
    assert interval is not None
    with small_heads(model[0].parent):
        patients = list(conformal._patients(load_run(model[0])))
    assert [name for name, _ in patients] == ["head 15", "head 16"]
    shares = [coverage(one, interval.bounds[0].margin + 1e-5) for _, (one,) in patients]
    assert min(shares) >= 0.9
    # The margin is no larger than one of them needs.
    assert min(coverage(one, interval.bounds[0].margin - 1e-3) for _, (one,) in patients) < 0.9


def test_that_the_packages_weights_are_sober_and_sharp(model: tuple[Path, Path]) -> None:
    manifest = read_package(model[1]).manifest
    network = build(manifest.network, manifest.network_arguments).eval()
    network.load_state_dict(load_file(model[1] / "weights.safetensors"))
    trained = load_run(model[0]).network
    image = torch.rand(1, manifest.channels_in, 32, 32)
    with torch.inference_mode():
        for degree in (0.0, 1.0):
            told = torch.full((1,), degree)
            assert torch.allclose(network(image, told), trained(image, told), atol=0.02)
