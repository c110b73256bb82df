"""A physicist's whole way: a folder of NIfTI files, a recipe, a model that the viewer reads."""

import json
from pathlib import Path

import pytest

from medgan_viewer import cli
from medgan_viewer.models.manifest import read_package
from tests.lab.sources.small_sources import write_nifti_cases

RECIPE = """
id = "t1-to-flair"
task = "synthesis"
[data]
kind = "folders"
folder = "{folder}"
patterns = {{ T1 = "*/t1.nii.gz", FLAIR = "*/flair.nii.gz" }}
inputs = ["T1"]
targets = ["FLAIR"]
grid_mm = 4.0
crop = 16
neighbours = 1
cache = "{cache}"
split = {split}
[method]
name = "translation"
objective = "hinge"
[generator]
name = "unet_2p5d"
arguments = {{ features = [8, 8] }}
[discriminator]
name = "patch_discriminator"
arguments = {{ features = [4, 4] }}
[training]
batch = 2
precision = "fp32"
sample_every = 0
[[training.phases]]
name = "adversarial"
steps = 3
adversarial = true
[manifest]
name = "T1 → FLAIR"
version = "0.0.1"
description = "A test."
modalities = ["MR"]
contrasts = ["T1"]
mask_couch = false
encoding = {{ MR = "mr_head" }}
channel_names = ["signal"]
limits = ["Everything."]
licence = "none"
training_data = [{{ name = "eight discs", licence = "none" }}]
[[manifest.outputs]]
channel = 0
name = "Synthetic FLAIR"
modality = "MR"
contrast = "FLAIR"
decoding = "mr_unit"
unit = "a.u."
window = [1.0, 0.5]
"""


def write(folder: Path, **splits: list[str]) -> Path:
    split = "{ " + ", ".join(f"{name} = {json.dumps(patients)}" for name, patients in splits.items()) + " }"
    text = RECIPE.format(folder=(folder / "scans").as_posix(), cache=(folder / "cache").as_posix(), split=split)
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_that_own_scans_become_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_nifti_cases(tmp_path / "scans", 6)
    names = [f"patient{number}_s1" for number in range(6)]
    recipe = write(tmp_path, train=names[:3], validation=names[3:4], test=names[4:])
    run, model = tmp_path / "run", tmp_path / "t1-to-flair"
    assert cli.main(["train", str(recipe), "--run", str(run)]) == 0
    assert cli.main(["evaluate", str(run), "--json"]) == 0
    evaluation = json.loads(capsys.readouterr().out.split("\n", 1)[1])
    assert {row["metric"] for row in evaluation["rows"]} == {"PSNR", "SSIM", "MAE"}
    assert all(row["n"] == 2 and "baseline" in row for row in evaluation["rows"])
    assert cli.main(["package", str(run), "--id", "t1-to-flair", "--out", str(model)]) == 0
    manifest = read_package(model).manifest
    assert manifest.preprocessing.grid_spacing_mm == 4.0
    assert manifest.preprocessing.neighbours == 1
    assert manifest.channels_in == 3
    card = (model / "CARD.md").read_text(encoding="utf-8")
    assert "eight discs (none), 3 patients" in card
    assert not any(name in card for name in names)


def test_that_a_patient_in_training_and_test_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_nifti_cases(tmp_path / "scans", 3)
    both = ["patient0_s1", "patient1_s1"]
    recipe = write(tmp_path, train=both, test=[*both[1:], "patient2_s1"])
    assert cli.main(["train", str(recipe), "--run", str(tmp_path / "run")]) == 2
    said = capsys.readouterr().err
    assert "own.toml" in said
    assert "in one split" in said.lower() or "in train and in test" in said.lower()
    assert "patient1" not in said
    assert not (tmp_path / "run" / "checkpoint.pt").exists()


def test_that_a_missing_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["train", str(write(tmp_path, train=["a"])), "--run", str(tmp_path / "run")]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert said[-1].startswith("In the recipe own.toml")
    assert "scans" in said[-1]


def test_that_files_that_do_not_open_are_named_and_counted_and_too_many_stop_the_start(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_nifti_cases(tmp_path / "scans", 24)
    names = [f"patient{number}_s1" for number in range(24)]
    (tmp_path / "scans" / names[0] / "t1.nii.gz").write_bytes(b"no picture")
    recipe = write(tmp_path, train=names[:20], test=names[20:])
    assert cli.main(["train", str(recipe), "--run", str(tmp_path / "run")]) == 0
    assert "1 data file did not open" in capsys.readouterr().err
    refused = (tmp_path / "run" / "refused.txt").read_text(encoding="utf-8").splitlines()
    assert len(refused) == 1
    for name in names[1:4]:
        (tmp_path / "scans" / name / "t1.nii.gz").write_bytes(b"no picture")
    assert cli.main(["train", str(recipe), "--run", str(tmp_path / "other")]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "of 48 files did not open" in said
    state = json.loads((tmp_path / "other" / "state.json").read_text(encoding="utf-8"))
    assert (state["status"], state["sentence"]) == ("failed", said)
