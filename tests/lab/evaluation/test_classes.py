"""A classifier from its recipe to a package that the viewer asks, on small data; and its numbers by hand."""

from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest

from medgan_viewer import settings
from medgan_viewer.lab.evaluation import classes, scoring
from medgan_viewer.lab.evaluation.check import compared
from medgan_viewer.lab.evaluation.classes import Asked, Means, again, calibrated, evaluate
from medgan_viewer.lab.evaluation.package import package
from medgan_viewer.lab.evaluation.trained import load_run
from medgan_viewer.lab.recipe import load_recipe
from medgan_viewer.lab.recognition import series
from medgan_viewer.lab.sources import series_pictures
from medgan_viewer.lab.training.start import prepare
from medgan_viewer.models.inspection import look_at, words_of
from medgan_viewer.models.manifest import read_package
from medgan_viewer.models.recognition import Question
from tests.lab.phantoms import SPACING, head_phantom

RECIPE = """
id = "guess"
task = "classification"
[data]
kind = "series_pictures"
[method]
name = "classification"
questions = [6, 3, 4, 2]
[generator]
name = "slice_classifier"
arguments = { in_channels = 1, out_channels = 15, features = [4, 6, 8] }
[training]
batch = 4
precision = "fp32"
sample_every = 0
[[training.phases]]
name = "classification"
steps = 3
adversarial = false
[manifest]
name = "Guess"
version = "0.0.1"
description = "A test."
modalities = ["CT", "MR"]
contrasts = []
body_part = "ANY"
mask_couch = false
encoding = { CT = "slice_percentiles", MR = "slice_percentiles" }
channel_names = ["slice"]
limits = ["Knows nothing."]
outputs = [
"""
CLASSES = {"kind": series.KINDS, "region": series.REGIONS, "plane": series.PLACES, "way": series.WAYS}


def few(data: Path, group: str, split: str, seed: int = 0) -> Iterator[series.Labelled]:
    """Stand in for `series_of`: one simulated patient of the phantom, and invented bodies."""
    if group == "simulated heads":
        yield from series.patient(f"head for {split}", head_phantom(), SPACING, np.random.default_rng(len(split)))
    elif group == "invented bodies":
        yield from (one for one, _ in zip(series.GROUPS[group](data, "validation", seed), range(3), strict=False))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("guess")
    outputs = [(question, name) for question, names in CLASSES.items() for name in names]
    text = [f'{{ channel = {n}, question = "{q}", name = "{name}" }},' for n, (q, name) in enumerate(outputs)]
    (folder / "guess.toml").write_text(RECIPE + "\n".join(text) + "\n]\n", encoding="utf-8")
    with (
        patch.object(series_pictures, "patients_of", lambda data, split: (f"head for {split}",)),
        patch.object(series_pictures, "series_of", few),
        patch.object(classes, "series_of", few),
        patch.object(settings, "cache_folder", lambda: folder / "cache"),
        patch.dict("os.environ", {"MEDGAN_DATA": str(folder)}),
    ):
        prepare(load_recipe(folder / "guess.toml"), folder / "run").train()
        yield folder / "run"


def test_that_a_run_becomes_a_package_that_answers_about_a_series(run: Path, tmp_path: Path) -> None:
    evaluation = scoring.score(run)
    package(run, "guess", tmp_path / "guess")
    made = read_package(tmp_path / "guess")
    assert [(one.name, one.classes, one.first) for one in made.manifest.questions] == [
        (name, names, sum(len(other) for other in list(CLASSES.values())[:place]))
        for place, (name, names) in enumerate(CLASSES.items())
    ]
    assert all(0.4 <= one.temperature <= 5 and 0.6 <= one.threshold < 1 for one in made.manifest.questions)
    look = look_at(next(few(run, "simulated heads", "test")).volume, made)
    assert look.guess is not None
    assert set(look.guess.answers) == set(CLASSES)
    assert "%" in words_of(look.guess)
    assert {row["setting"] for row in evaluation["rows"]} == {"simulated heads", "invented bodies", "all series"}
    # Measured on pictures of the size that it is shown.
    assert evaluation["speed"]["size"] == 96
    assert "One slice of 96² takes" in made.card.read_text(encoding="utf-8")


def test_that_the_packaged_weights_give_the_same_numbers_again(run: Path, tmp_path: Path) -> None:
    with patch.object(classes, "packaged_speed", lambda *_: {}):
        evaluation = scoring.score(run)
    package(run, "guess", tmp_path / "guess")
    made = read_package(tmp_path / "guess")
    found = again(load_run(run).network, made.manifest.questions, run)
    assert list(compared(evaluation["rows"], found)) == []
    text = made.card.read_text(encoding="utf-8")
    assert "| kind | CT, T1, T1+C, T2, FLAIR, other |" in text
    assert f"Weights SHA-256 `{made.manifest.weights_sha256}`." in text


QUESTION = Question("kind", ("a", "b"), 0)


def asked(patient: str, logits: tuple[float, float], label: int, group: str = "g") -> Asked:
    """Return a series of whose answer the difference of two logits tells."""
    values = np.array([logits], np.float32)
    return Asked(group, patient, values, (label, -1, -1, 0), np.zeros((1, 12, 12), np.float32))


def test_that_sure_answers_of_the_validation_patients_are_right_at_the_threshold() -> None:
    sure = [asked(f"p{n}", (4.0, 0.0), 0) for n in range(60)]
    torn = [asked(f"q{n}", (0.6, 0.0), n % 2) for n in range(20)]
    (found,) = calibrated([QUESTION], sure + torn)
    share = 1 / (1 + np.exp(-0.6 / found.temperature))
    assert found.threshold > share
    assert 1 / (1 + np.exp(-4.0 / found.temperature)) > found.threshold


def test_that_the_temperature_makes_stated_and_true_shares_agree() -> None:
    """Of logits that say 98 % and are right in three of four cases the temperature makes 75 %."""
    some = [asked(f"p{n}", (4.0, 0.0), int(n % 4 == 0)) for n in range(40)]
    (found,) = calibrated([QUESTION], some)
    assert 1 / (1 + np.exp(-4.0 / found.temperature)) == pytest.approx(0.75, abs=0.02)


def test_that_rows_are_means_over_patients_and_count_the_unsure() -> None:
    some = [asked("one", (4.0, 0.0), 0), asked("one", (4.0, 0.0), 1), asked("two", (0.1, 0.0), 0)]
    rows = {row["metric"]: row for row in evaluate([QUESTION], some) if row["setting"] == "g"}
    assert rows["kind right"]["model"] == pytest.approx(75.0)
    assert rows["kind right"]["n"] == 2
    assert rows["kind unsure"]["model"] == pytest.approx(50.0)
    assert rows["kind right where sure"]["model"] == pytest.approx(50.0)


def test_that_the_nearest_mean_finds_what_a_picture_is_most_like() -> None:
    stored = np.zeros((4, 128, 128), np.uint8)
    stored[:2, :64] = 200
    stored[2:, :, :64] = 200
    labels = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0]], np.int8)
    means = Means(stored, labels)
    above = np.zeros((1, 12, 12), np.float32)
    above[:, :6] = 0.7
    assert means.answers(above) == (0, 0, 0, 0)
    assert means.answers(above[:, ::-1]) == (0, 0, 0, 1)
    assert means.answers(above.transpose(0, 2, 1))[:3] == (1, 1, 1)
