"""Each alarm is raised by a training broken on purpose and by no healthy one, and says what to try."""

import json
from functools import cache

import pytest

from medgan_viewer.lab.diagnostics.alarms import DETECTORS, Alarms
from medgan_viewer.lab.diagnostics.broken_runs import PAIRS, Demonstration, Run, demonstrate, train
from tests.test_imports import loaded

KINDS = tuple(detector.kind for detector in DETECTORS)


@cache
def shown(kind: str) -> Demonstration:
    """Return the broken run of a kind, trained once for all tests."""
    return demonstrate(kind, broken=True)


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_run_broken_on_purpose_raises_its_alarm(kind: str) -> None:
    assert kind in shown(kind).raised


@pytest.mark.parametrize("run", sorted({pair.healthy for pair in PAIRS.values()}, key=repr), ids=lambda run: run.points)
def test_that_a_healthy_run_raises_nothing(run: Run) -> None:
    assert not train(run).alarms


def test_that_every_alarm_says_in_a_sentence_what_is_wrong_and_what_to_try() -> None:
    for kind in KINDS:
        first = next(alarm for alarm in shown(kind).alarms if alarm.kind == kind)
        assert first.raised
        assert first.sentence.endswith(".")
        assert first.advice.endswith(".")


def test_that_alarms_stopped_anywhere_go_on_as_if_never_stopped() -> None:
    lines = shown("memorising").lines
    stopped = len(lines) // 3
    first, second = Alarms(), Alarms()
    said = [alarm for line in lines[:stopped] for alarm in first.observe(line)]
    second.restore(json.loads(json.dumps(first.state())))
    assert second.standing == first.standing
    said += [alarm for line in lines[stopped:] for alarm in second.observe(line)]
    assert said == shown("memorising").alarms


def test_that_only_a_discriminator_that_tells_anything_can_have_memorised() -> None:
    def raised(right: float, right_held_out: float) -> bool:
        alarms = Alarms()
        realness = {"realness/train": 0.1, "realness/held_out": -0.1, "realness/generated": -0.1}
        accuracy = {"accuracy/train": right, "accuracy/held_out": right_held_out}
        for step in range(40):
            alarms.observe({"step": step, **realness, **accuracy})
        return "memorising" in alarms.standing

    assert raised(0.9, 0.5)
    assert not raised(0.9, 0.85)
    assert not raised(0.6, 0.3)


def _collapsed(step: int, extra: float, recall: float = 0.1) -> dict[str, float]:
    return {
        "step": step,
        "gradient/adversarial": 1.0,
        "similarity/generated": 0.3 + extra,
        "similarity/real": 0.3,
        "diversity/coverage": recall,
        "diversity/recall": recall,
    }


def test_that_one_odd_measure_raises_nothing() -> None:
    alarms = Alarms()
    said = [alarm for step in range(40) for alarm in alarms.observe(_collapsed(step, 0.6 if step % 8 == 5 else 0.0))]
    assert not said


def test_that_an_alarm_stands_until_the_trouble_is_clearly_over() -> None:
    alarms = Alarms()
    said = [alarm for step in range(20) for alarm in alarms.observe(_collapsed(step, 0.06))]
    assert [alarm.raised for alarm in said] == [True]
    assert not [alarm for step in range(20, 40) for alarm in alarms.observe(_collapsed(step, 0.04))]
    assert alarms.standing == ("mode_collapse",)
    over = [alarm for step in range(40, 60) for alarm in alarms.observe(_collapsed(step, 0.0))]
    assert [alarm.raised for alarm in over] == [False]
    assert not alarms.standing


def test_that_smooth_pictures_found_near_all_real_ones_are_no_mode_collapse() -> None:
    alarms = Alarms()
    assert not [alarm for step in range(40) for alarm in alarms.observe(_collapsed(step, 0.2, recall=0.9))]


def test_that_a_generator_whose_samples_become_more_different_is_left_in_peace() -> None:
    alarms = Alarms()
    learning = [alarm for step in range(25) for alarm in alarms.observe(_collapsed(step, 0.7 * 0.9**step))]
    assert not learning
    # What was learned is lost again.
    lost = [alarm for step in range(25, 40) for alarm in alarms.observe(_collapsed(step, 0.4))]
    assert [alarm.kind for alarm in lost] == ["mode_collapse"]


def test_that_lines_without_measures_change_nothing() -> None:
    alarms = Alarms()
    for step in range(30):
        assert not alarms.observe({"step": step, "loss/generator": 1.0, "accuracy/train": None})
    assert alarms.state() == Alarms().state()


def test_that_a_vanishing_gradient_needs_a_discriminator_that_is_right() -> None:
    def raised(right: float) -> bool:
        alarms = Alarms()
        for step in range(30):
            gradient = 1.0 if step < 5 else 1e-5
            line = {"gradient/adversarial": gradient, "accuracy/train": right, "accuracy/generated": right}
            alarms.observe({"step": step, **line})
        return "vanishing_gradient" in alarms.standing

    assert raised(0.99)
    assert not raised(0.8)


def test_that_alarms_need_neither_torch_nor_qt() -> None:
    assert loaded("torch,PySide6,numpy", "medgan_viewer.lab.diagnostics.alarms") == ""
