"""A physicist's whole way: a folder of NIfTI files, a recipe, a model that the viewer reads."""

import json
import re
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
    assert "eight discs (none); patients: 3 to train, " in card
    assert not any(name in card for name in names)


SEGMENTATION = (
    ('task = "synthesis"', 'task = "segmentation"'),
    ('targets = ["FLAIR"]', 'targets = ["segmentation"]\nclasses = 3'),
    ('FLAIR = "*/flair.nii.gz"', 'segmentation = "*/labels.nii.gz"'),
    ('name = "translation"\nobjective = "hinge"', 'name = "segmentation"'),
    (
        'channel = 0\nname = "Synthetic FLAIR"\nmodality = "MR"\ncontrast = "FLAIR"\n'
        'decoding = "mr_unit"\nunit = "a.u."\nwindow = [1.0, 0.5]',
        'label = 1\nname = "Disc"\ncolour = "#ff0000"\n'
        'code = { value = "12738006", scheme = "SCT", meaning = "Brain" }\n'
        'category = { value = "123037004", scheme = "SCT", meaning = "Anatomical Structure" }\n'
        "[[manifest.outputs]]\nlabel = 2\n"
        'name = "Spot"\ncolour = "#00ff00"\n'
        'code = { value = "52988006", scheme = "SCT", meaning = "Lesion" }\n'
        'category = { value = "49755003", scheme = "SCT", meaning = "Morphologically Altered Structure" }',
    ),
)
CYCLE = (("targets = [", "paired = false\ntargets = ["), ('name = "translation"', 'name = "cycle"\npool = 0'))
GENERATION = (
    ('task = "synthesis"', 'task = "lab"'),
    ('inputs = ["T1"]\n', ""),
    # No two patients' T1 are alike; the FLAIR are.
    ('targets = ["FLAIR"]', 'targets = ["T1"]'),
    ("neighbours = 1\n", ""),
    ("crop = 16", "crop = 32"),
    ('name = "translation"', 'name = "generation"\nlatent = 4'),
    ('"unet_2p5d"\narguments = { features = [8, 8] }', '"dcgan_generator"\narguments = { features = 8 }'),
)


def changed(path: Path, changes: tuple[tuple[str, str], ...], *, without_manifest: bool = False) -> Path:
    """Change a recipe's texts; each must be there."""
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text[: text.index("[manifest]")] if without_manifest else text, encoding="utf-8")
    return path


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Return the recipe of six patients with T1, FLAIR and labels."""
    write_nifti_cases(tmp_path / "scans", 6)
    names = [f"patient{number}_s1" for number in range(6)]
    return write(tmp_path, train=names[:3], validation=names[3:4], test=names[4:])


def trained_rows(recipe: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    """Train a recipe and return its evaluation's rows by setting and metric."""
    run = recipe.parent / "run"
    assert cli.main(["train", str(recipe), "--run", str(run)]) == 0, capsys.readouterr().err
    capsys.readouterr()
    assert cli.main(["evaluate", str(run), "--json"]) == 0
    return {f"{row['setting']} {row['metric']}": row for row in json.loads(capsys.readouterr().out)["rows"]}


def test_that_own_segmentations_become_a_model(scans: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = trained_rows(changed(scans, SEGMENTATION), capsys)
    assert set(rows) == {"T1 → Disc Dice", "T1 → Spot Dice"}
    disc = rows["T1 → Disc Dice"]
    assert disc["n"] == 2
    # Its discs are all that is not air: one threshold is nearly right.
    assert float(str(disc["baseline"])) > 0.9
    model = scans.parent / "discs"
    assert cli.main(["package", str(scans.parent / "run"), "--id", "discs", "--out", str(model)]) == 0
    manifest = read_package(model).manifest
    assert [segment.name for segment in manifest.segments] == ["Disc", "Spot"]
    assert f"| T1 → Disc | Dice | {disc['model']} |" in (model / "CARD.md").read_text(encoding="utf-8")
    # The run knows each patient's number, for the folds of a cross-validation; what leaves the hospital does not.
    assert re.fullmatch(r".*'model': \{'\w+': [\d.]+, '\w+': [\d.]+\}.*", str(disc["patients"]))
    assert "patients" not in json.loads((model / "evaluation.json").read_text(encoding="utf-8"))["rows"][0]


def test_that_an_unpaired_model_says_that_there_was_no_truth(scans: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = trained_rows(changed(scans, CYCLE), capsys)
    assert set(rows) == {
        "T1 → T1 cycle error",
        "T1 → FLAIR distance of layouts",
        "T1 → FLAIR distance of textures",
    }
    textures = rows["T1 → FLAIR distance of textures"]
    assert float(str(textures["real"])) < float(str(textures["baseline"]))
    model = scans.parent / "unpaired"
    assert cli.main(["package", str(scans.parent / "run"), "--id", "unpaired", "--out", str(model)]) == 0
    card = (model / "CARD.md").read_text(encoding="utf-8")
    assert "There is no paired truth" in card
    assert "FID." in card
    assert any("Trained without pairs" in limit for limit in read_package(model).manifest.limits)


def test_that_pictures_out_of_noise_are_scored_and_no_package_is_promised(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Two sets of different pictures are taken from the patients held out.
    write_nifti_cases(tmp_path / "scans", 24)
    names = [f"patient{number}_s1" for number in range(24)]
    scans = write(tmp_path, train=names[:8], validation=names[8:9], test=names[9:])
    rows = trained_rows(changed(scans, GENERATION, without_manifest=True), capsys)
    measured = {name.removeprefix("noise → picture ") for name in rows}
    assert {"coverage", "recall", "density", "nearer to a training picture"} <= measured
    assert all("real" in row for row in rows.values())
    # Three steps of training cover nothing; real pictures cover real ones.
    coverage = rows["noise → picture coverage"]
    assert float(str(coverage["model"])) < float(str(coverage["real"]))
    run = str(scans.parent / "run")
    assert cli.main(["package", run, "--id", "noise"]) == 2
    assert "no series that the viewer could run it on" in capsys.readouterr().err
    assert cli.main(["evaluate", run, "--twin", run]) == 2
    assert "has no twin without an adversary" in capsys.readouterr().err


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
