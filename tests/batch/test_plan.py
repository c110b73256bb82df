"""What a batch is going to do, and by what it knows what is done."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from medgan_viewer.batch.plan import Order, Planned, plan
from medgan_viewer.batch.target import Target
from medgan_viewer.dicom import index
from medgan_viewer.models.manifest import read_package
from tests.batch.studies import series_uid, write_head
from tests.models.tiny import content, with_inputs, write_package
from tests.test_cli import several_contrasts


def planned(model: Path, scans: Path, tmp_path: Path, **order: Any) -> list[Planned]:
    """Return the plan for a folder of scans."""
    return plan(Order(read_package(model), tmp_path / "out", **order), index.scan([scans]))


def keys(made: list[Planned]) -> list[str]:
    """Return the keys of the jobs of a plan."""
    return [one.job.key for one in made if one.job is not None]


def test_that_what_fits_is_run_and_the_rest_is_skipped_with_the_reason(
    model: Path, heads: Path, tmp_path: Path
) -> None:
    made = planned(model, heads, tmp_path)
    assert [one.inputs[0].uid for one in made if one.job is not None] == [series_uid(n) for n in range(3)]
    (skipped,) = [one for one in made if one.job is None]
    assert skipped.inputs[0].uid == series_uid(3)
    assert skipped.reason == "Needs a head; this series shows chest."
    assert not skipped.done


def test_that_a_series_without_a_stated_region_needs_somebody_who_answers_for_it(model: Path, tmp_path: Path) -> None:
    write_head(tmp_path / "in", 1, BodyPartExamined=None, SeriesDescription="Routine")
    (skipped,) = planned(model, tmp_path / "in", tmp_path)
    assert skipped.job is None
    assert "confirm that it shows a head" in skipped.reason
    assert "--confirm" in skipped.reason
    (confirmed,) = planned(model, tmp_path / "in", tmp_path, confirmed=True)
    assert confirmed.job is not None


def test_that_a_key_is_the_images_and_not_where_they_lie(model: Path, heads: Path, tmp_path: Path) -> None:
    before = keys(planned(model, heads, tmp_path))
    moved = tmp_path / "elsewhere"
    for number, file in enumerate(sorted(heads.rglob("*.dcm"), reverse=True)):
        (moved / str(number % 2)).mkdir(parents=True, exist_ok=True)
        shutil.move(file, moved / str(number % 2) / f"{number}.dcm")
    assert sorted(keys(planned(model, moved, tmp_path))) == sorted(before)
    assert len(set(before)) == 3


def test_that_an_image_more_or_another_one_changes_the_key_of_its_series_alone(
    model: Path, heads: Path, tmp_path: Path
) -> None:
    before = keys(planned(model, heads, tmp_path))
    file = min((heads / "patient-1").rglob("*.dcm"))
    dataset = pydicom.dcmread(file)
    dataset.SOPInstanceUID += ".9"
    dataset.save_as(file)
    after = keys(planned(model, heads, tmp_path))
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, False, True]
    file.unlink()
    assert keys(planned(model, heads, tmp_path))[1] not in (before[1], after[1])


def test_that_another_model_manifest_or_format_is_another_job(model: Path, heads: Path, tmp_path: Path) -> None:
    made = [keys(planned(model, heads, tmp_path)), keys(planned(model, heads, tmp_path, form="nifti"))]
    manifest = json.loads((model / "manifest.json").read_text())
    manifest["preprocessing"]["grid_spacing_mm"] = 0.9
    (model / "manifest.json").write_text(json.dumps(manifest))
    made.append(keys(planned(model, heads, tmp_path)))
    package = read_package(model)
    other = replace(package, manifest=replace(package.manifest, weights_sha256="1" * 64))
    made.append(keys(plan(Order(other, tmp_path / "out"), index.scan([heads]))))
    assert len({key for some in made for key in some}) == 12


def test_that_a_key_and_a_file_name_tell_nothing_of_the_patient(model: Path, heads: Path, tmp_path: Path) -> None:
    for key in keys(planned(model, heads, tmp_path)):
        assert len(key) == 32
        assert set(key) <= set("0123456789abcdef")


def test_that_a_result_that_is_there_is_done_and_a_half_one_is_not(model: Path, heads: Path, tmp_path: Path) -> None:
    first, second, third = keys(planned(model, heads, tmp_path))
    target = Target(tmp_path / "out")
    target.write_record(target.folder / first, {"key": first})
    (target.folder / second).mkdir()
    (target.folder / third).mkdir()
    (target.folder / third / "record.json").write_text('{"key": "' + third[:20])
    made = planned(model, heads, tmp_path)
    assert [one.key for one in made if one.done] == [first]
    assert keys(made) == [second, third]


def test_that_the_same_images_in_two_series_of_two_patients_are_made_once(model: Path, tmp_path: Path) -> None:
    write_head(tmp_path / "in", 1)
    for file in write_head(tmp_path / "in" / "again", 1):
        dataset = pydicom.dcmread(file)
        dataset.PatientID = "QX-other"
        dataset.save_as(file)
    made = planned(model, tmp_path / "in", tmp_path)
    assert len(keys(made)) == 1
    assert [one.reason for one in made if one.job is None] == ["The same images are there more than once."]


def test_that_a_volume_file_that_was_changed_is_another_job(model: Path, heads: Path, tmp_path: Path) -> None:
    from medgan_viewer.dicom import assemble, nifti

    series = index.scan([heads]).studies[0].series[0]
    volume = assemble.load_stack(series).volume()
    nifti.write(volume, tmp_path / "scans" / "head.nii")
    (before,) = keys(planned(model, tmp_path / "scans", tmp_path, confirmed=True))
    assert keys(planned(model, tmp_path / "scans", tmp_path, confirmed=True)) == [before]
    nifti.write(volume.with_array(volume.array[:, ::-1]), tmp_path / "scans" / "head.nii")
    assert keys(planned(model, tmp_path / "scans", tmp_path, confirmed=True)) != [before]


@pytest.fixture
def two_inputs(tmp_path: Path) -> Path:
    """Return a package that takes a T1 and a T2 together."""
    values = with_inputs(content(), ("MR", ["T1"]), ("MR", ["T2"]))
    return write_package(tmp_path / "several", values, np.ones((1, 2), np.float32))


def test_that_series_that_belong_together_are_one_job(two_inputs: Path, tmp_path: Path) -> None:
    scans = several_contrasts(tmp_path / "in", T1="1.2.3.9", T2="1.2.3.9", FLAIR="1.2.3.9")
    made = planned(two_inputs, scans, tmp_path)
    (together,) = [one for one in made if one.job is not None]
    assert [series.contrast for series in together.inputs] == ["T1", "T2"]
    assert [one.inputs[0].contrast for one in made if one.job is None] == ["FLAIR"]


def test_that_an_optional_series_joins_a_job_and_keeps_none_from_running(tmp_path: Path) -> None:
    values = with_inputs(content(), ("MR", ["T1"]), ("MR", ["T2"]), optional=True)
    model = write_package(tmp_path / "optional", values, np.ones((1, 2), np.float32))
    studies = {"one": {"T1": "1.2.3.9", "T2": "1.2.3.9"}, "many": {"T1": "1.2.3.9", "T1_thin": "1.2.3.9"}}
    taken = {
        name: sorted(
            tuple(series.contrast for series in one.inputs)
            for one in planned(model, several_contrasts(tmp_path / name, **frames), tmp_path)
            if one.job is not None
        )
        for name, frames in studies.items()
    }
    assert taken == {"one": [("T1", "T2")], "many": [("T1",), ("T1",)]}


def test_that_several_series_for_one_input_are_left_to_a_person(two_inputs: Path, tmp_path: Path) -> None:
    scans = several_contrasts(tmp_path / "in", T1="1.2.3.9", T2="1.2.3.9", T2_thin="1.2.3.9")
    made = planned(two_inputs, scans, tmp_path)
    assert keys(made) == []
    assert any("Several series would do" in one.reason for one in made)
    assert all(one.reason for one in made)


def test_that_results_of_two_series_of_a_study_get_other_series_numbers(model: Path, tmp_path: Path) -> None:
    write_head(tmp_path / "in", 1)
    write_head(tmp_path / "in", 1, SeriesInstanceUID=f"{series_uid(1)}.7", SeriesNumber=2)
    jobs = [one.job for one in planned(model, tmp_path / "in", tmp_path)]
    assert [job.numbers_taken for job in jobs if job is not None] == [0, 10]
