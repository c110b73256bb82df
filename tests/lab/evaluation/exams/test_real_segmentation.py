"""The exam of models that outline disease: every patient's Dice, on patients built so that it is known."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medgan_viewer import resources
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams import real_segmentation
from medgan_viewer.lab.evaluation.exams.definition import Goal
from medgan_viewer.lab.evaluation.exams.real import PatientExam, PatientSet
from medgan_viewer.lab.evaluation.exams.real_segmentation import brightest, examine, protocol
from medgan_viewer.models.manifest import Input, Package, read_package

EXAM = PatientExam(
    id="lgg-tumour",
    task="segmentation",
    metrics=("Dice",),
    sets=(PatientSet("test", "lgg", ("A", "B"), (("FLAIR",), ("FLAIR", "T1")), "mask"),),
    goals=(Goal("Dice", "test", at_least=0.82),),
)


class Half:
    """Outlines the lower half of everything that is bright, whatever the model."""

    precision = "fp32"

    def __init__(self, package: Package) -> None:
        del package

    def __call__(self, pictures: Any, names: Any, spacing: Any, asked: Any) -> dict[str, Any]:
        bright = pictures[names[0]] > 150
        bright[:, :96] = False
        return {"segmentation": bright.astype(np.uint8)}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three patients: a head of intensity 100 with a tumour of 200; A's whole tumour lies low, B's half of it."""
    folder = tmp_path / "lgg"
    folder.mkdir()
    index = {"A": "test", "B": "test", "C": "train"}
    (folder / "index.json").write_text(json.dumps({n: {"split": s, "has_t1": True} for n, s in index.items()}))
    rows, columns = np.mgrid[:192, :192] - 96
    head = np.hypot(rows, columns) < 70
    for name, first in (("A", 100), ("B", 86), ("C", 100)):
        mask = np.zeros((3, 192, 192), dtype=np.uint8)
        mask[1, first : first + 20, 80:100] = 1
        flair = (head * np.uint8(100) + mask * np.uint8(100)).astype(np.uint8)
        np.savez(folder / f"{name}.npz", flair=flair, t1=flair, mask=mask)
    return tmp_path


class Fuller(Half):
    """Outlines all that is bright once it is given a second series."""

    def __call__(self, pictures: Any, names: Any, spacing: Any, asked: Any) -> dict[str, Any]:
        if len(names) == 1:
            return super().__call__(pictures, names, spacing, asked)
        return {"segmentation": (pictures[names[0]] > 150).astype(np.uint8)}


@pytest.fixture
def package() -> Package:
    return read_package(resources.path("models", "head-anatomy"))


def test_that_every_patient_has_his_dice_and_the_worst_is_named(
    data: Path, package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(real_segmentation, "Packaged", Half)
    found = examine(EXAM, {"model": package}, data)
    (row,) = found["rows"]
    assert row["setting"] == "FLAIR → tumour (lgg), test"
    assert row["patients"]["model"] == {"A": 1.0, "B": pytest.approx(2 / 3, abs=1e-4)}
    assert row["model"] == pytest.approx(5 / 6, abs=1e-3)
    assert row["baseline"] == 1.0  # nothing else is as bright
    assert row["spread"].endswith("; worst patient 0.667")
    assert found["goals"][0]["reached"] == [{"setting": row["setting"], "model": row["model"], "met": True}]
    assert found["tables"][0]["lines"] == [["A", "1.000", "1.000"], ["B", "0.667", "1.000"]]
    assert "The exam also gives FLAIR + T1, which this model does not take." in protocol(EXAM, {"sat": [["FLAIR"]]})


def test_that_a_model_that_outlines_something_else_is_refused(package: Package) -> None:
    heat = read_package(resources.path("models", "head-anomaly"))
    with pytest.raises(UsageError, match="outlines nothing that the exam lgg-tumour asks for"):
        examine(EXAM, {"model": heat}, Path())


def test_that_the_baseline_is_the_intensity_that_is_best_for_the_mean_patient() -> None:
    rng = np.random.default_rng(0)

    def patients() -> Iterator[tuple[Any, Any]]:
        for level in (0.6, 0.8, 1.0):
            outlined = rng.random(2000) < 0.2
            yield np.where(outlined, level, 0.3) + 0.01 * rng.random(2000), outlined
        yield np.full(10, 3.0), np.zeros(10, dtype=bool)

    assert 0.3 < brightest(patients()) <= 0.6
    with pytest.raises(UsageError, match="No training patient has an outline"):
        brightest(iter([]))


@pytest.mark.parametrize(("optional", "settings"), [(True, ["FLAIR", "FLAIR + T1"]), (False, ["FLAIR + T1"])])
def test_that_a_model_is_examined_with_and_without_what_it_can_do_without(
    data: Path, package: Package, monkeypatch: pytest.MonkeyPatch, optional: bool, settings: list[str]
) -> None:
    monkeypatch.setattr(real_segmentation, "Packaged", Fuller)
    inputs = (Input("MR", ("FLAIR",)), Input("MR", ("T1",), optional))
    requires = replace(package.manifest.requires, modalities=("MR",), contrasts=("FLAIR",), inputs=inputs)
    found = examine(EXAM, {"model": replace(package, manifest=replace(package.manifest, requires=requires))}, data)
    assert [row["setting"] for row in found["rows"]] == [f"{names} → tumour (lgg), test" for names in settings]
    assert found["rows"][-1]["patients"]["model"] == {"A": 1.0, "B": 1.0}
    assert found["rows"][0]["patients"]["model"]["B"] == pytest.approx(2 / 3 if optional else 1, abs=1e-4)
    said = protocol(EXAM, found["exam"])
    assert ("The exam also gives FLAIR, which this model does not take." in said) is not optional
