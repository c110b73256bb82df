"""Who trains, validates and tests where an archive does not say so: nobody does two of them, for any source."""

from itertools import pairwise
from pathlib import Path

import pytest

from medgan_viewer.lab.evaluation.exams.real import load_patient_exam
from medgan_viewer.lab.recognition import series
from medgan_viewer.lab.sources import source
from medgan_viewer.lab.sources.archive import Archive
from medgan_viewer.lab.sources.splits import BLOCKS, GAP, NEIGHBOURS, block, body_patients
from medgan_viewer.lab.sources.tumour_slices import stored_slices
from tests.lab.sources.small_sources import write_slices, write_tumour_slices

EXAM = ("A062055", "A067967", "A072894", "A098752")


def test_that_blocks_lie_apart_by_more_than_one_patients_slices() -> None:
    parts = {split: list(range(250))[block(split, 250)] for split in BLOCKS}
    assert parts["train"] == list(range(175))
    assert parts["validation"][0] - parts["train"][-1] == parts["test"][0] - parts["validation"][-1] == GAP + 1
    assert parts["test"][-1] == 249
    # Of a block that the gap would swallow half is left.
    assert list(range(60))[block("test", 60)] == [55, 56, 57, 58, 59]


def test_that_everybody_who_reads_tumour_types_takes_the_same_blocks(tmp_path: Path) -> None:
    write_tumour_slices(tmp_path, count=120)
    archive = source("archive", name="tumour_types", targets=["T1+C"], crop=128, data=tmp_path, cache=tmp_path)
    assert isinstance(archive, Archive)
    for split in BLOCKS:
        expected = 3 * len(range(120)[block(split, 120)])
        assert len(stored_slices(tmp_path, split)[1]) == expected
        assert len(list(series.series_of(tmp_path, "tumour_types", split))) == expected
        slices = [case.target for case in archive.cases(split) if case.target is not None]
        assert sum(map(len, slices)) == expected
    names = {split: [one.patient for one in series.series_of(tmp_path, "tumour_types", split)] for split in BLOCKS}
    for first, second in pairwise(names.values()):
        assert not set(first) & set(second)
    # Neighbours count as one patient.
    assert max(map(names["train"].count, names["train"])) == NEIGHBOURS


def test_that_the_exams_patients_of_ct_slices_test_everywhere_and_train_nowhere() -> None:
    assert load_patient_exam("ct-low-dose").kept_out("ct_slices_hu") == set(EXAM)
    paths = [Path(f"{name}_{date}.npz") for name in (*EXAM, *(f"P{n}" for n in range(6))) for date in (1900, 1901)]
    for validate in (1, 2):
        splits = body_patients(paths, validate)
        assert splits["test"] == EXAM
        assert splits["train"] + splits["validation"] == tuple(f"P{n}" for n in range(6))
        assert len(splits["validation"]) == validate


@pytest.mark.parametrize(("kind", "arguments"), [("low_dose_slices", {"crop": 16, "scans": 1}), ("archive", {})])
def test_that_no_source_of_body_ct_trains_or_validates_on_the_exam(
    kind: str, arguments: dict[str, object], tmp_path: Path
) -> None:
    write_slices(tmp_path)
    given = {"name": "ct_slices_hu", "targets": ["CT"], "crop": 32, "grid_mm": 2.0} if kind == "archive" else arguments
    made = source(kind, **given, data=tmp_path, cache=tmp_path / "cache")
    assert not {*made.patients["train"], *made.patients["validation"]} & set(EXAM)
    assert not {*series._body_patients(tmp_path, "train"), *series._body_patients(tmp_path, "validation")} & set(EXAM)
