"""Which runs a run needs beside it to be scored on patients that it was trained on."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation import check, package
from medgan_viewer.lab.evaluation.exams import left_out
from medgan_viewer.lab.evaluation.exams.left_out import trained_without
from medgan_viewer.lab.evaluation.exams.real_patients import listed
from medgan_viewer.lab.recipe import Recipe, load_recipe

EVERYBODY = ("01", "03", "04", "07", "26")


def recipe(*held_out: str, archive: str = "ms", rate: float = 1e-3) -> Recipe:
    """Return the recipe of T1 to T2 and FLAIR with real patients among the heads."""
    base = load_recipe(resources.path("recipes", "mr-contrast-heads.toml"))
    arguments = {**base.data.arguments, **({"archive": archive, "held_out": list(held_out)} if archive else {})}
    return replace(
        base, data=replace(base.data, arguments=arguments), training=replace(base.training, learning_rate=rate)
    )


def opened(one: Recipe) -> Any:
    """Stand in for the source of a recipe: everybody but who is held out."""
    left = [name for name in EVERYBODY if name not in one.data.arguments["held_out"]]
    return SimpleNamespace(patients={"train": ("head_01", *left)})


def found(runs: dict[str, Recipe], folder: Path, model: Recipe) -> list[str]:
    """Return what is found beside the run "run" of `model`, where `runs` are in `folder`."""
    for name in runs:
        (folder / name).mkdir()
    loaded = lambda place: SimpleNamespace(recipe=runs[place.name])  # noqa: E731
    with patch.object(left_out, "open_source", opened), patch.object(left_out, "load_run", loaded):
        trained: Any = SimpleNamespace(recipe=model)
        return sorted(trained_without(trained, "mr-contrast", folder / "run"))


def test_that_each_patient_of_the_exam_who_was_trained_on_needs_a_run_without_him(tmp_path: Path) -> None:
    runs = {f"run-without-{name}": recipe(name) for name in EVERYBODY}
    assert found(runs, tmp_path, recipe()) == [f"without {name}" for name in EVERYBODY]


def test_that_nobody_is_needed_where_no_patient_of_the_exam_was_trained_on(tmp_path: Path) -> None:
    assert found({}, tmp_path, recipe(archive="")) == []
    assert found({}, tmp_path, recipe(*EVERYBODY)) == []
    assert found({}, tmp_path, recipe(archive="lgg")) == []


def test_that_a_missing_run_is_asked_for_with_its_setting(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'held_out = \["07"\] in \[data\] as the run run-without-07'):
        found({f"run-without-{name}": recipe(name) for name in EVERYBODY[:3]}, tmp_path, recipe())


@pytest.mark.parametrize("wrong", [recipe("01"), recipe("07", rate=1e-4)])
def test_that_a_run_that_saw_the_patient_or_was_trained_otherwise_is_refused(tmp_path: Path, wrong: Recipe) -> None:
    runs = {f"run-without-{name}": recipe(name) for name in EVERYBODY} | {"run-without-07": wrong}
    with pytest.raises(UsageError, match="run-without-07 is not the training of run without one patient"):
        found(runs, tmp_path, recipe())


def test_that_numbers_of_left_out_patients_are_told_and_not_measured_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    row = {"metric": "PSNR in head", "unit": "dB", "n": 5, "spread": "5 patients", "model": 20.0}
    rows = [row | {"setting": "T1 → T2, hard"}, row | {"setting": f"T1 → T2, real patients (ms, {left_out.EACH})"}]
    sat, beside = ({"id": name, "sha256": "same"} for name in ("mr-contrast", "mr-contrast-real"))
    evaluation = {"weights_sha256": "0", "rows": rows, "exam": sat, "beside": [beside | {left_out.LEFT_OUT: {}}]}
    (tmp_path / "CARD.md").write_text("card", encoding="utf-8")
    kept: Any = SimpleNamespace(manifest={"id": "some"}, evaluation=evaluation, folder=tmp_path, card="card")

    def measured(name: str, packages: Any, data: Path, skipped: list[str]) -> Any:
        assert (name, skipped) == ("mr-contrast", ["mr-contrast-real"])
        return {"rows": rows[:1]}, []

    stored: Any = SimpleNamespace(manifest=SimpleNamespace(weights_sha256="0", task="synthesis"))
    with (
        patch.object(check, "measured", measured),
        patch.object(check, "read_package", lambda _: stored),
        patch.object(check, "load", lambda _: SimpleNamespace(digest="same")),
    ):
        assert list(check.problems(kept, tmp_path)) == []
    assert "some: numbers of patients who were left out one by one cannot be measured again" in caplog.text


def test_that_a_card_claims_no_training_on_heads_alone_where_patients_were_among_them() -> None:
    entries = [{"name": "heads", "licence": "free"}, {"name": "patients of a hospital", "licence": "named"}]
    manifest = {"training_data": entries, "network": {"name": "net"}, "licence": "named"}
    info = SimpleNamespace(patients={"train": 17}, objective="lsgan", method="translation", world=1, device="CPU")
    said = {}
    for archive in ("ms", ""):
        trained: Any = SimpleNamespace(step=500, seconds=60.0, info=info, recipe=recipe(archive=archive))
        said[archive] = package._how(manifest, trained)
    assert "heads (free); patients of a hospital (named); the values of the tissues" in said["ms"]
    assert "No real scan was trained on" not in said["ms"]
    assert "No real scan was trained on" in said[""]


def test_that_an_examination_names_who_it_is_of_as_the_training_data_do() -> None:
    assert listed("ms", "patient01_s2") == "01"
    assert listed("ms", "patient26_mni") == "26"
    assert listed("lgg", "TCGA_DU_5849") == "TCGA_DU_5849"
