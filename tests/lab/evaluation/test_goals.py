"""Whether a goal is met follows from the stored numbers, the model's and those of whoever it is compared with."""

from typing import Any

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.catalogue import Kept
from medgan_viewer.lab.evaluation.goals import Comparison, comparisons_of, goals_reached, read_comparisons

SHIPPED = sorted(path.stem for path in resources.path("goals").glob("*.toml"))
BETTER = Comparison(("AUC",), ("body",), above=("baseline", "rival"))
NO_WORSE = Comparison(("AUC",), ("body",), not_below=("input",))


def row(**numbers: float) -> list[dict[str, Any]]:
    return [{"setting": "body", "metric": "AUC", "unit": "", "n": 10, "spread": "", **numbers}]


@pytest.mark.parametrize("name", SHIPPED)
def test_that_every_shipped_comparison_is_of_numbers_that_the_package_stores(name: str) -> None:
    folder = resources.path("models", name)
    if not folder.is_dir():
        pytest.skip("models of non-commercial data are not in every build")
    evaluation = Kept(folder).evaluation
    assert evaluation is not None
    found = goals_reached({}, evaluation["rows"], comparisons_of(name))
    assert found
    assert all(goal.reached is not None for goal in found)


def test_that_higher_than_others_means_higher_than_the_best_of_them() -> None:
    (met,) = goals_reached({}, row(model=0.9, baseline=0.7, rival=0.8), [BETTER])
    (level,) = goals_reached({}, row(model=0.8, baseline=0.7, rival=0.8), [BETTER])
    (lower,) = goals_reached({}, row(model=0.75, baseline=0.7, rival=0.8), [BETTER])
    assert (met.met, level.met, lower.met) == (True, False, False)
    assert met.words == "higher than baseline, RED-CNN of the same size"
    assert met.missing == 0
    assert lower.missing == pytest.approx(0.05)


def test_that_no_lower_than_others_is_met_by_the_same_number() -> None:
    (level,) = goals_reached({}, row(model=0.8, input=0.8), [NO_WORSE])
    (lower,) = goals_reached({}, row(model=0.79, input=0.8), [NO_WORSE])
    assert (level.met, lower.met) == (True, False)
    assert lower.missing == pytest.approx(0.01)
    assert lower.words == "no lower than as acquired"


@pytest.mark.parametrize("rows", [[], row(model=0.9, baseline=0.7)])
def test_that_a_comparison_with_a_number_that_is_not_stored_is_not_met(rows: list[dict[str, Any]]) -> None:
    (goal,) = goals_reached({}, rows, [BETTER])
    assert (goal.reached, goal.met) == (None, False)


def test_that_limits_come_first_as_the_evaluation_stores_them() -> None:
    limit = {"metric": "Dice", "setting": "test", "at_least": 0.82}
    reached = [{"setting": "lgg, test", "model": 0.768, "met": False}]
    first, second = goals_reached({"goals": [{**limit, "reached": reached}]}, row(model=1, input=0), [NO_WORSE])
    assert (first.words, first.reached) == ("at least 0.82", 0.768)
    assert first.missing == pytest.approx(0.052)
    assert second.met


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"input"', '"inputs"', "names inputs: it is none of model"),
        ('"AUC"', '"MAE in head"', "MAE in head, of which more may not be better"),
        ("not_below", "below", "comparisons.below is unknown"),
        ("settings", "setting", "comparisons.setting is unknown"),
    ],
)
def test_that_a_wrong_file_is_one_sentence(old: str, new: str, sentence: str) -> None:
    good = '[[comparisons]]\nmetrics = ["AUC"]\nsettings = ["body"]\nnot_below = ["input"]\n'
    assert read_comparisons(good, "a.toml") == (NO_WORSE,)
    with pytest.raises(UsageError, match=sentence):
        read_comparisons(good.replace(old, new), "a.toml")
