"""Cards say how far each goal is and what was tried, of files that name where each number is from."""

import json
from pathlib import PurePosixPath
from typing import Any

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import cards
from medgan_viewer.lab.evaluation.attempts import attempts_of, read_attempts
from medgan_viewer.lab.evaluation.catalogue import Kept, packages
from medgan_viewer.lab.evaluation.goals import GoalReached, comparisons_of, goals_reached
from medgan_viewer.lab.evaluation.rows import WHO

SHIPPED = sorted(path.stem for path in resources.path("attempts").glob("*.toml"))
GOALS = [
    {
        "metric": "PSNR in head",
        "setting": "hard",
        "at_least": 22.5,
        "reached": [
            {"setting": "CT → T1, hard", "model": 20.999, "met": False},
            {"setting": "CT → T2, hard", "model": 23.0, "met": True},
        ],
    },
    {"metric": "MAE in head", "setting": "hard", "at_most": 55.0, "reached": []},
]
REACHED = GoalReached("PSNR in head", "higher than baseline", "CT → T1, hard", 20.999, met=True)
ROWS: list[dict[str, Any]] = [
    {"setting": "CT → T1, hard", "metric": "PSNR in head", "unit": "dB", "model": 20.999, "twin": 21.3, "n": 12}
]


def test_that_a_missed_goal_says_by_how_much_and_what_stands_beside_it() -> None:
    lines = cards._goals(goals_reached({"goals": GOALS}, ROWS, ()), ROWS, compared=False)
    assert "set before the training" in lines[0]
    assert lines[2] == "| goal | setting | reached | missing | met | twin without adversary |"
    assert lines[4] == "| PSNR in head: at least 22.5 | CT → T1, hard | 20.999 | 1.5 | **no** | 21.3 |"
    assert lines[5] == "| PSNR in head: at least 22.5 | CT → T2, hard | 23 | – | yes | – |"
    assert lines[6] == "| MAE in head: at most 55 | hard | not measured | – | no | – |"
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1


def test_that_a_card_without_goals_says_so_and_one_that_compares_does_not_call_that_set_before() -> None:
    assert "No number that it should reach" in "\n".join(cards._goals([], ROWS, compared=False))
    lines = cards._goals([REACHED], ROWS, compared=True)
    assert lines[0] == "## Goals, and how far they are"
    assert "was written down when the numbers were known" in lines[-2]


@pytest.mark.parametrize("name", SHIPPED)
def test_that_each_attempt_tells_what_was_changed_what_it_reached_and_where_that_is_stored(name: str) -> None:
    tried = attempts_of(name)
    assert len({one.changed for one in tried}) == len(tried) >= 1
    for one in tried:
        assert one.numbers
        assert all((one.changed, one.training, one.measured, one.stored))
    assert resources.path("recipes", f"{name}.toml").is_file()


@pytest.mark.parametrize("name", SHIPPED)
def test_that_numbers_of_a_stored_measurement_are_those_that_it_holds(name: str) -> None:
    for one in attempts_of(name):
        _, *parts = PurePosixPath(one.stored).parts
        if not one.stored.endswith(".json"):
            continue
        path = resources.path(*parts)
        if "models" in parts and not path.is_file():
            pytest.skip("models of non-commercial data are not in every build")
        rows = json.loads(path.read_text(encoding="utf-8"))["rows"]
        held = {row[who] for row in rows for who in WHO if who in row}
        assert set(one.numbers.values()) <= held


def test_that_every_card_of_a_model_with_goals_says_what_was_tried_for_them() -> None:
    for one in packages(resources.path("models")):
        goals = one.evaluation is not None and bool(one.evaluation.get("goals") or comparisons_of(one.manifest["id"]))
        assert ("### What was tried" in one.card) == goals
        for attempt in attempts_of(one.manifest["id"]) if goals else ():
            assert f"| {attempt.changed} | {attempt.training} | {attempt.measured} | " in one.card


def test_that_a_model_of_which_nothing_else_was_tried_says_so() -> None:
    assert attempts_of("nobody") == ()
    assert "Nothing but the training of this package" in "\n".join(cards._tried(()))
    assert cards._tried(None) == []
    kept = Kept(resources.path("models", "sequence-guess"))
    assert "What was tried" not in kept.card


def test_that_a_wrong_file_is_one_sentence() -> None:
    good = 'changed = "a"\ntraining = "b"\nmeasured = "c"\nstored = "d"\nnumbers = { x = 1 }\n'
    (one,) = read_attempts("[[attempts]]\n" + good, "f.toml")
    assert one.numbers == {"x": 1.0}
    for text, sentence in (
        ("[[attempts]]\n" + good.replace("stored", "source"), "attempts.source is unknown"),
        ("[[attempts]]\n" + good.replace('"b"', "2"), "attempts.training must be text"),
        ("[[attempts]]\n" + good.replace("1 }", '"1" }'), "attempts.numbers.x must be a number"),
        ("[[attempts]", "is no TOML"),
    ):
        with pytest.raises(UsageError, match=sentence):
            read_attempts(text, "f.toml")
