"""Where a card has no picture or no number, it says so of what the package stores, and names nobody of own scans."""

from typing import Any

from medgan_viewer import resources
from medgan_viewer.lab.evaluation import gaps
from medgan_viewer.lab.evaluation.catalogue import packages

PATIENTS = {"model": {"A": 0.9, "B": 0.4, "C": 0.8}}


def row(**changes: Any) -> dict[str, Any]:
    return {"setting": "test", "metric": "Dice", "unit": "", "model": 0.7, "n": 9, "spread": "95 % interval"} | changes


def evaluation(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"rows": list(rows), "exam": {"id": "lgg-tumour"}, "made": {"how": "Trained."}} | changes


def reasons(task: str, given: dict[str, Any], **manifest: Any) -> str:
    return "\n".join(gaps.unmeasured({"task": task, **manifest}, given))


def test_that_the_worst_patient_of_each_setting_is_named_where_no_picture_is() -> None:
    given = evaluation(row(patients=PATIENTS), row(setting="outside", patients={"model": {"Zed": 0.1}}))
    lines = gaps.worst(given)
    assert lines[0] == "## Failures"
    assert lines[-2] == "- test: B with 0.4, where the mean is 0.7"
    assert "Zed" not in "".join(lines)  # the only one is no worst one
    assert gaps.worst({**given, "failures": [{"file": "failure_1.png", "sentence": "…"}]}) == []


def test_that_the_first_measure_that_tells_decides_who_came_off_worst() -> None:
    given = evaluation(row(patients=PATIENTS), row(metric="PSNR in the window", unit="dB", patients=PATIENTS))
    assert gaps.worst(given)[-2:] == ["- test: B with 0.4 dB, where the mean is 0.7 dB", ""]
    assert gaps.worst(evaluation(row(metric="MAE in head", patients=PATIENTS))) == []


def test_that_a_table_of_patients_tells_where_rows_do_not_and_repeats_of_a_phantom_are_nobody() -> None:
    lines = [["A", "0.401", "no"], ["B", "0.117", "yes"]]
    table = {"title": "Every patient: glioma, T1", "head": ["patient", "AUPRC", "false alarm"], "lines": lines}
    said = gaps.worst(evaluation(row(metric="AUPRC, mean of patients"), tables=[table, {**table, "lines": lines[:1]}]))
    assert said[2].endswith("by AUPRC:")
    assert said[4:] == ["- glioma, T1: B with 0.117", ""]
    assert gaps.worst(evaluation(row(setting="phantom, true 10 % dose", patients=PATIENTS))) == []


def test_that_nobody_is_named_of_scans_of_ones_own() -> None:
    assert gaps.worst(evaluation(row(patients=PATIENTS), exam=None)) == []


def test_that_a_classifier_tells_the_series_that_it_knows_least() -> None:
    shares = {"IXI": 100.0, "lgg": 60.7, "ms": 70.8, "tumours": 31.1}
    rows = [row(setting=name, metric="kind right", unit="%", model=share) for name, share in shares.items()]
    said = [line for line in gaps.worst(evaluation(*rows, exam=None)) if line.startswith("- ")]
    assert [line.split(":")[0] for line in said] == ["- tumours", "- lgg", "- ms"]


def test_that_a_missing_twin_has_its_reason() -> None:
    assert "Nothing was trained against an adversary" in reasons("segmentation", evaluation(row()))
    against = {"how": "900 steps of adversarial against the adversary."}
    assert "not measured beside a twin" in reasons("segmentation", evaluation(row(), made=against))
    assert "what draws the map" in reasons("anomaly", evaluation(row(residual=0.5)))
    assert "twin" not in reasons("segmentation", evaluation(row(twin=0.7)))


def test_that_a_synthesis_tells_of_lesions_and_intervals_that_were_not_counted() -> None:
    bare = reasons("synthesis", evaluation(row()))
    assert "invents was not counted." in bare
    assert "no interval of how far off" in bare
    discs = row(metric="AUC of a model observer, disc of 3 HU")
    assert "discs stand for them" in reasons("synthesis", evaluation(discs))
    whole = evaluation(row(metric="reproduced: lesions of all sizes"))
    assert "invents" not in reasons("synthesis", whole)
    assert "no interval of" not in reasons("synthesis", evaluation(row()), interval={})


def test_that_few_patients_and_an_unknown_speed_are_told() -> None:
    few = row(spread="patients 1 to 2", interval=[1.0, 2.0])
    assert "fewer than eight patients" in reasons("segmentation", evaluation(few))
    assert "Speed and memory were not measured" in reasons("segmentation", evaluation(row()))
    assert "not on a GPU" in reasons("segmentation", evaluation(row(), speed={"size": 192}))


def test_that_every_shipped_card_has_failures_and_says_what_was_not_measured() -> None:
    for one in packages(resources.path("models")):
        assert one.card.count("\n## Failures\n") == 1, one.manifest["id"]
        assert one.card.count("\n## What was not measured\n") == 1
