"""What synthetic cases are worth: no arm sees more than it says, runs go on, and the table is counted from them."""

import copy
import csv
import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from medgan_viewer import resources
from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import nifti
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.cohort import slices
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.proofs.base import Case, Proof, Values
from medgan_viewer.lab.proofs.store import Result, Store
from medgan_viewer.lab.sources.tumour_slices import stored_slices
from medgan_viewer.lab.worth import __main__ as command
from medgan_viewer.lab.worth import kinds, tumours
from medgan_viewer.lab.worth.kinds import KindWorth, right_shares
from medgan_viewer.lab.worth.running import run
from medgan_viewer.lab.worth.table import document, stored_folder
from medgan_viewer.lab.worth.training import train
from medgan_viewer.lab.worth.tumours import Patient, TumourPool, TumourWorth, dice, keep_cohort, read_cohort
from tests.lab.sources.small_sources import write_tumour_slices

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "worth.md"


def short(training: dict[str, Any], **network: Any) -> dict[str, Any]:
    made = copy.deepcopy(training) | {"steps": 2, "look_every": 1}
    made["network"]["arguments"] |= network
    made["schedule"] |= {"batch": 4, "precision": "fp32"}
    return made


# The trainings


def patient(name: str, grey: float, columns: int = 0) -> Patient:
    """Return four slices as grey as asked for, the first `columns` of them outlined."""
    truth = torch.zeros(4, 8, 8, dtype=torch.bool)
    truth[..., :columns] = True
    return Patient(name, torch.full((4, 1, 4, 4), grey), torch.zeros(4, 4, 4, dtype=torch.long), truth)


def test_that_the_weights_kept_are_those_of_the_first_best_look_at_the_validation_patients() -> None:
    pool = TumourPool([tumours.patient("a", np.ones((2, 1, 32, 32)), np.ones((2, 32, 32)))], (), 0.0)
    scores, seen = iter([0.1, 0.7, 0.3, 0.7]), list[torch.Tensor]()

    def judge(network: nn.Module) -> float:
        seen.append(torch.cat([weight.flatten() for weight in network.parameters()]).clone())
        return next(scores)

    settings = short(tumours.TRAINING, features=[8, 8]) | {"steps": 4}
    best = train(pool, pool, settings, 3, judge)
    assert (best.score, best.step) == (0.7, 2)
    kept = torch.cat([weight.flatten() for weight in best.network.parameters()])
    assert torch.equal(kept, seen[1])
    assert not torch.equal(kept, seen[3])


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0, 0), (0.5, 60, 140), (1.0, 200, 200)])
def test_that_the_asked_share_of_the_training_slices_is_synthetic(share: float, low: int, high: int) -> None:
    real, made = [patient("r", 0.2)], [patient("s", 0.9)]
    pool = TumourPool(real, made, share)
    rngs = [np.random.default_rng(seed) for seed in range(200)]
    synthetic = sum(float(pool._one(rng)[0].mean()) > 0.5 for rng in rngs)
    assert low <= synthetic <= high


def test_that_a_training_without_the_patients_it_needs_is_refused() -> None:
    for real, made, share in (([], [patient("s", 1)], 0.5), ([patient("r", 1)], [], 0.5)):
        with pytest.raises(UsageError, match="no patients of a kind"):
            TumourPool(real, made, share)


def test_that_dice_counts_all_slices_of_a_patient_at_full_size() -> None:
    class Left(nn.Module):
        def forward(self, seen: torch.Tensor) -> torch.Tensor:
            columns = torch.arange(seen.shape[3]) < 2
            return torch.stack([torch.zeros_like(seen[:, 0]), (2.0 * columns - 1).expand_as(seen[:, 0])], dim=1)

    # The left half of eight columns is marked; six columns, or none, are true: 2 · 4 / (4 + 6), 0.
    assert dice(Left(), patient("a", 1, columns=6)) == pytest.approx(0.8)
    assert dice(Left(), patient("a", 1)) == 0


# Segmentation


def write_lgg(folder: Path) -> None:
    place = folder / "lgg"
    place.mkdir(parents=True)
    splits = ["train"] * 20 + ["val"] * 2 + ["test"] * 3
    rows, columns = np.mgrid[:192, :192] - 95.5
    head = np.hypot(rows, columns) < 70
    index = {}
    for number, split in enumerate(splits):
        ill = np.hypot(rows - 20, columns - number) < 15
        flair = np.stack([np.round(80 * head + 100 * ill).astype(np.uint8)] * 2)
        np.savez(place / f"p{number:02d}.npz", t1=flair, flair=flair, mask=np.stack([ill] * 2).astype(np.uint8))
        index[f"p{number:02d}"] = {"split": split, "has_t1": True, "slices": 2}
    (place / "index.json").write_text(json.dumps(index), encoding="utf-8")


def write_cohort(folder: Path, passed: bool = True) -> Path:
    """Write two cases of two contrasts, of 60 × 50 pixels of 4 mm, a ball of 15 mm outlined."""
    tests = [{"test": "copies", "passed": passed, "sentence": ""}]
    affine = np.array([[0, 0, 4.0, 0], [0, 4.0, 0, 0], [5.0, 0, 0, 0], [0, 0, 0, 1.0]])
    rows, columns = np.mgrid[:60, :50]
    head = np.hypot(rows - 29.5, columns - 24.5) < 20
    ill = np.hypot(rows - 29.5, columns - 30) < 15 / 4
    for case in ("case_0001", "case_0002"):
        (folder / case).mkdir(parents=True)
        for name in ("FLAIR", "MR-8000-120-2200"):
            picture = np.stack([(500 * head + 400 * ill).astype(np.int16)] * 3)
            nifti.write(
                Volume(picture, affine, modality="MR", synthetic=True), folder / case / f"synthetic_{name}.nii.gz"
            )
        for name in ("anatomy", "lesions"):
            labels = np.stack([3 * ill.astype(np.uint8)] * 3)
            volume = Volume(labels, affine, modality="SEG", synthetic=True)
            nifti.write(volume, folder / case / f"synthetic_{name}.nii.gz", result="segmentation")
    (folder / "cohort.json").write_text(json.dumps({"leak_tests": {"tests": tests}}), encoding="utf-8")
    with (folder / "cohort.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerow(["synthetic"])
    return folder


def test_that_a_cohort_becomes_patients_with_all_contrasts_as_slices_and_their_outlines(tmp_path: Path) -> None:
    made = read_cohort(write_cohort(tmp_path / "heads"))
    assert [one.name for one in made] == ["case_0001", "case_0002"]
    one = made[0]
    assert one.source.shape == (6, 1, 96, 96)
    assert one.truth.shape == (6, 192, 192)
    # Of a disc of 15 mm; pixels are 1.25 mm, those that the network sees 2.5 mm.
    area = np.pi * 15**2
    assert [float(mask[0].sum()) for mask in (one.truth, one.labels)] == pytest.approx(
        [area / 1.25**2, area / 2.5**2], rel=0.15
    )
    inside = one.source[0, 0][one.labels[0] > 0]
    assert float(inside.mean()) > 1.5 * float(one.source[0, 0, 44:52, 30:36].mean()) > 0.3


def test_that_nothing_is_trained_on_a_cohort_that_failed_its_leak_tests_or_on_none(tmp_path: Path) -> None:
    for folder, words in ((write_cohort(tmp_path / "leaks", passed=False), "leak tests"), (tmp_path, "no cohort")):
        with pytest.raises(UsageError, match=words):
            TumourWorth(folder).settings("synthetic", short=False)


def test_that_arms_with_synthetic_heads_wait_for_them_and_another_cohort_is_another_case(tmp_path: Path) -> None:
    assert TumourWorth().entries == ("real, 10 %", "real, 25 %", "real, 100 %")
    heads = write_cohort(tmp_path / "heads")
    before = {case.entry: case.digest for case in TumourWorth(heads).cases(short=False)}
    assert len(before) == 7
    (heads / "cohort.csv").write_text("synthetic\nYES\n", encoding="utf-8")
    after = {case.entry: case.digest for case in TumourWorth(heads).cases(short=False)}
    assert {name for name in before if before[name] == after[name]} == set(TumourWorth().entries)


def test_that_an_arm_of_outlines_runs_sees_its_part_and_scores_every_test_patient(tmp_path: Path) -> None:
    write_lgg(tmp_path)
    training = short(tumours.TRAINING, features=[8, 8])
    heads = write_cohort(tmp_path / "heads")
    experiment = TumourWorth(heads, tmp_path, training)
    found = {case.entry: case for case in experiment.cases(short=True)}
    mixed = experiment.run(found["real + synthetic, 25 %"])
    assert (mixed["real patients"], mixed["synthetic patients"]) == (5, 2)
    assert [name for name in mixed if name.startswith("patient ")] == [f"patient p{n}" for n in (22, 23, 24)]
    alone = experiment.run(found["synthetic"])
    assert (alone["real patients"], alone["synthetic patients"]) == (0, 2)
    real = experiment.run(found["real, 10 %"])
    assert (real["real patients"], real["synthetic patients"]) == (2, 0)
    assert experiment.run(found["real, 10 %"]) == real


# Classification


class Noise:
    """Stands in for a generator that was trained on a share of the slices."""

    def __init__(self, share: float) -> None:
        data = SimpleNamespace(name="tumour_slices", arguments={"share": share})
        recipe = SimpleNamespace(id="tumour-slices", digest="0" * 64, data=data)
        self.trained = SimpleNamespace(recipe=recipe, step=9, shapes=SimpleNamespace(size=(32, 32)))

    def pictures(self, label: torch.Tensor, seed: int) -> torch.Tensor:
        return torch.rand(len(label), 1, 32, 32, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def generators(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what decides on how much every run was trained."""

    def trained_on(share: float) -> None:
        for module in (kinds, slices):
            monkeypatch.setattr(module, "load_generator", lambda run, classes: Noise(share))

    kinds.leak_free.cache_clear()
    return trained_on


def test_that_a_generator_that_saw_more_real_slices_than_its_arm_is_refused(
    tmp_path: Path, generators: Callable[[float], None]
) -> None:
    generators(0.25)
    experiment = KindWorth({0.1: tmp_path, 0.25: tmp_path})
    assert experiment.settings("synthetic, 25 %", short=False)["synthetic"] == "000000000000, step 9"
    with pytest.raises(UsageError, match="trained on 25 % of the real slices: it cannot stand for 10 %"):
        experiment.settings("synthetic, 10 %", short=False)


def test_that_every_arm_of_kinds_runs_and_scores_patients_of_five_slices(
    tmp_path: Path, generators: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tumour_slices(tmp_path, count=100)
    generators(0.1)
    # Leaks are looked for among the slices that the generator saw.
    judged = lambda made, train, *others: SimpleNamespace(passed=len(train) == 21)  # noqa: E731
    monkeypatch.setattr(kinds, "judge_slices", judged)
    experiment = KindWorth({0.1: tmp_path}, tmp_path, short(kinds.TRAINING, features=[4, 4, 4]))
    assert len(experiment.entries) == 5
    of_each = len(stored_slices(tmp_path, "test")[1]) // 3
    told = {}
    for case in experiment.cases(short=True):
        values = experiment.run(case)
        assert sum(name.startswith("patient ") for name in values) == 3 * math.ceil(of_each / 5)
        told[case.entry] = (values["real slices"], values.get("leak tests passed"))
    assert told == {
        "real, 10 %": (21, None),
        "real + synthetic, 10 %": (21, 1),
        "synthetic, 10 %": (0, 1),
        "real, 25 %": (54, None),
        "real, 100 %": (210, None),
    }


def test_that_the_share_of_right_answers_is_that_of_five_slices_in_a_row() -> None:
    class Brightness(nn.Module):
        def forward(self, seen: torch.Tensor) -> torch.Tensor:
            return nn.functional.one_hot(seen.flatten(1).max(dim=1).values.long(), 3).float()

    labels = torch.tensor([0] * 7 + [2] * 5)
    answers = torch.tensor([0, 0, 1, 1, 1, 0, 2, 2, 2, 2, 2, 0])
    pictures = answers.float()[:, None, None, None].expand(-1, 1, 4, 4)
    assert right_shares(Brightness(), pictures, labels) == pytest.approx(
        {"pituitary tumour 0": 0.4, "pituitary tumour 1": 0.5, "glioma 0": 0.8}
    )


# Runs and the document


class Counted(Proof):
    """Three arms that cost nothing."""

    name, title, seeds = "tumours", "", 2

    def __init__(self) -> None:
        self.ran: list[tuple[int, str]] = []

    @property
    def entries(self) -> tuple[str, ...]:
        return ("real, 10 %", "real + synthetic, 10 %", "synthetic")

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        return {"training": {"steps": 1}}

    def run(self, case: Case) -> Values:
        self.ran.append((case.seed, case.entry))
        return {"patient a": 0.5}


def test_that_a_run_takes_the_first_seed_of_all_arms_first_and_goes_on_where_it_stopped(tmp_path: Path) -> None:
    said = list[str]()
    first = Counted()
    run([first], Store(tmp_path), 2, said.append)
    assert first.ran == [(0, "real, 10 %"), (0, "real + synthetic, 10 %")]
    assert said[0] == "6 trainings, 0 of them stored already."
    second = Counted()
    run([second], Store(tmp_path), 0, said.append)
    assert second.ran == [(0, "synthetic"), *((1, name) for name in second.entries)]
    third = Counted()
    run([third], Store(tmp_path), 0, said.append)
    assert third.ran == []
    assert said[-1] == "6 trainings, 6 of them stored already."


def result(entry: str, seed: int, dices: list[float], **other: Any) -> Result:
    values: Values = {f"patient {number:02d}": value for number, value in enumerate(dices)}
    settings = {"training": {"steps": 1}, "synthetic": ""} | other.pop("settings", {})
    digest = other.pop("digest", entry)
    return Result("tumours", entry, seed, digest, settings, {"validation": 0.9, **values, **other}, 1.0, {})


def test_that_the_table_holds_means_over_patients_of_means_over_seeds_and_the_gain_patient_by_patient(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    base = [0.1 * number for number in range(8)]
    for seed, shift in ((0, 0.0), (1, 0.02)):
        store.add(result("real, 10 %", seed, [value + shift for value in base]))
        store.add(result("real + synthetic, 10 %", seed, [value + shift + 0.1 for value in base]))
    store.add(result("synthetic", 0, [0.2, 0.4]))
    lines = document(store).splitlines()
    real = next(line for line in lines if line.startswith("| real | 10 %"))
    assert real.split(" | ")[2] == "0.360"
    assert real.endswith("| 0.350 to 0.370 | 2 | 8 |")
    # The interval of a percentile bootstrap lies near ± 1.96 standard errors.
    low, high = (float(word) for word in real.split(" | ")[3].split(" to "))
    assert (low, high) == pytest.approx((0.36 - 0.16, 0.36 + 0.16), abs=0.03)
    assert "| synthetic | none | 0.300 | – | – | 1 | 2 |" in lines
    assert "| real | 25 % | not run | – | – | 0 | – |" in lines
    gain = next(line for line in lines if line.startswith("- 10 %"))
    assert "+0.100 (95 % interval +0.100 to +0.100; 8 of 8 patients gain, 2 seeds): better with" in gain


@pytest.mark.parametrize(
    ("changes", "words"),
    [([-0.1] * 8, "worse with synthetic cases."), ([-0.1, 0.1] * 4, "no difference that these patients show.")],
)
def test_that_the_sentence_says_what_the_interval_says(changes: list[float], words: str, tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(result("real, 25 %", 0, [0.5] * 8))
    store.add(result("real + synthetic, 25 %", 0, [0.5 + change for change in changes]))
    store.add(result("real + synthetic, 25 %", 1, [0.9] * 8))
    gain = next(line for line in document(store).splitlines() if line.startswith("- 25 %"))
    assert gain.endswith(words)
    assert "one seed" in gain


def test_that_results_of_other_settings_do_not_stand_beside_the_latest(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.add(result("real, 10 %", 0, [0.9] * 8, settings={"training": {"steps": 7}}))
    store.add(result("synthetic", 0, [0.9] * 8, digest="old cohort"))
    store.add(result("synthetic", 1, [0.3] * 8, digest="new cohort"))
    made = document(store)
    assert "| real | 10 % | not run |" in made
    assert "| synthetic | none | 0.300 | 0.300 to 0.300 | – | 1 | 8 |" in made
    assert "Not enough was run" in made


def test_that_a_generator_that_leaks_is_named(tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = result("synthetic, 10 %", 0, [0.9] * 8, **{"leak tests passed": 0})
    store.add(replace(one, proof="kinds"))
    assert "told all the same: synthetic, 10 %." in document(store)


def test_that_the_table_names_the_cohort_and_its_leak_tests_where_every_arm_had_that_cohort(tmp_path: Path) -> None:
    heads = write_cohort(tmp_path / "heads")
    record = json.loads((heads / "cohort.json").read_text(encoding="utf-8"))
    record |= {"model": "head-cohort", "count": 2, "seed": 7, "contrasts": ["FLAIR"]}
    record["factors"] = {"kinds": ["tumour"], "lesion_ml": [4.0, 40.0]}
    record["leak_tests"]["tests"][0]["sentence"] = "0 of 2 cases are copies."
    (heads / "cohort.json").write_text(json.dumps(record), encoding="utf-8")
    store = Store(tmp_path / "results")
    keep_cohort(heads, store.folder)
    digest = TumourWorth(heads).settings("synthetic", short=False)["synthetic"]
    store.add(result("synthetic", 0, [0.2], settings={"synthetic": digest}))
    words = document(store)
    assert "2 cases of `head-cohort`, kinds tumour, seed 7, contrasts FLAIR, 4 to 40 ml" in words
    assert "- copies: 0 of 2 cases are copies." in words
    store.add(result("real + synthetic, 10 %", 0, [0.2], settings={"synthetic": "another"}))
    assert "0 of 2 cases" not in document(store)


def test_that_the_document_is_written_from_the_stored_results() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(Store(stored_folder()))


def test_that_the_command_writes_the_table_and_refuses_generators_of_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resources, "folder", lambda: tmp_path / "resources")
    with pytest.raises(SystemExit, match="folder docs of a checkout"):
        command.main(["--table", "--results", str(tmp_path)])
    (tmp_path / "docs").mkdir()
    assert command.main(["--table", "--results", str(tmp_path)]) == 0
    assert (tmp_path / "docs" / "worth.md").read_text(encoding="utf-8") == document(Store(tmp_path))
    for words in (f"20={tmp_path}", "10=nowhere", "runs"):
        with pytest.raises(SystemExit, match="name a generator as PERCENT=RUN, PERCENT one of 10, 25, 100"):
            command.main(["--results", str(tmp_path), "--slices", words])


def test_that_batches_of_outlines_are_varied_and_the_same_for_the_same_draw() -> None:
    rows, columns = np.mgrid[:192, :192] - 95.5
    ill = np.hypot(rows, columns) < 30
    one = tumours.patient("a", 0.5 * ill[None, None] + 0.2, ill[None])
    pool = TumourPool([one], (), 0.0)
    first, again = (pool.batch(3, Draw(5)) for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert not torch.equal(first["source"][0], first["source"][1])
    assert first["segmentation"].sum(dim=(1, 2)).float().tolist() == pytest.approx([np.pi * 15**2] * 3, rel=0.5)
