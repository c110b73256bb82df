"""The lab from the command line: from a recipe to a package that the viewer reads; every refusal is a sentence."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from medgan_viewer import cli, settings
from medgan_viewer.dicom import index, nifti
from medgan_viewer.lab.evaluation.trained import load_run
from medgan_viewer.lab.training.run_folder import RunFolder, RunState
from medgan_viewer.lab.training.sampling import grid
from medgan_viewer.models import registry, suitability
from medgan_viewer.models.manifest import read_package
from medgan_viewer.models.networks import build
from tests.dicom_builder import write_series
from tests.lab.small_runs import small_heads, write_recipe
from tests.models.scans import head_ct


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder in which the lab works, with a run `run` of the small recipe that is trained already."""
    folder = tmp_path_factory.mktemp("lab")
    with small_heads(folder):
        assert cli.main(["train", str(write_recipe(folder)), "--run", str(folder / "run")]) == 0
        yield folder


def command(*words: object) -> int:
    return cli.main([str(word) for word in words])


def test_that_a_training_leaves_a_whole_run(bench: Path) -> None:
    folder = RunFolder(bench / "run")
    state, info = folder.state(), folder.info()
    assert state is not None
    assert info is not None
    assert (state.status, state.step) == ("finished", 4)
    assert info.patients == {"train": 2, "validation": 1, "calibration": 1, "test": 1}
    assert folder.recipe.read_text(encoding="utf-8") == (bench / "small.toml").read_text(encoding="utf-8")
    lines, _ = folder.metrics()
    assert {"loss/reconstruction", "update/cosine", "accuracy/train"} <= set().union(*lines)
    pictures, _ = folder.samples()
    assert [picture.step for picture in pictures] == [2, 4]
    with Image.open(folder.samples_folder / pictures[0].file) as picture:
        assert picture.info["Synthetic"] == "YES"


def test_that_a_model_is_made_of_a_recipe(bench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run, twin, model = bench / "run", bench / "twin", bench / "models" / "small-model"
    assert command("train", bench / "small.toml", "--run", twin, "--twin-of", run) == 0
    assert not any("loss/adversarial" in line for line in RunFolder(twin).metrics()[0])
    # Its own copy of the recipe is that of the twin: going on with it brings no adversary in.
    assert command("train", twin / "recipe.toml", "--run", twin) == 0
    assert command("package", run, "--id", "small-model", "--out", model) == 2
    assert "was not evaluated yet" in capsys.readouterr().err
    assert command("evaluate", run, "--twin", twin, "--json") == 0
    rows = json.loads(capsys.readouterr().out)["rows"]
    assert all({"model", "twin", "baseline"} <= set(row) for row in rows)
    assert command("package", run, "--id", "small-model", "--out", model) == 0

    manifest = read_package(model).manifest
    assert manifest.id == "small-model"
    assert manifest.weights_sha256 == hashlib.sha256((model / "weights.safetensors").read_bytes()).hexdigest()
    rebuilt = build(manifest.network, manifest.network_arguments).eval()
    rebuilt.load_state_dict(load_file(model / "weights.safetensors"))
    image = torch.rand(1, manifest.channels_in, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(rebuilt(image), load_run(run).network(image), atol=0.02)
    card = (model / "CARD.md").read_text(encoding="utf-8")
    for text in ("Research only", "PSNR in head (dB)", load_run(run).recipe.digest, "seed 0", "torch 2."):
        assert text in card


def test_that_a_package_takes_its_words_from_a_recipe_that_trains_the_same(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (bench / "run" / "recipe.toml").read_text(encoding="utf-8")
    name = next(
        line for line in text.splitlines() if line.startswith("name = ") and line not in text.split("[manifest]")[0]
    )
    renamed, other = tmp_path / "renamed.toml", tmp_path / "other.toml"
    renamed.write_text(text.replace(name, 'name = "Called otherwise"'), encoding="utf-8")
    other.write_text(text.replace("[training]\n", "[training]\nclip_gradient = 0.5\n"), encoding="utf-8")
    assert command("evaluate", bench / "run") == 0
    model = tmp_path / "small-model"
    assert command("package", bench / "run", "--id", "small-model", "--out", model, "--recipe", renamed) == 0
    assert read_package(model).manifest.name == "Called otherwise"
    capsys.readouterr()
    assert command("package", bench / "run", "--id", "small-model", "--out", model, "--recipe", other) == 2
    assert "other.toml trains something else than this run" in capsys.readouterr().err


def test_that_the_viewer_offers_and_runs_what_was_trained(
    bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models, scan, out = tmp_path / "models", tmp_path / "scan", tmp_path / "out"
    for name in ("CONFIG", "LOGS"):
        monkeypatch.setenv(f"MEDGAN_{name}", str(tmp_path / name.lower()))
    settings.save(settings.Settings().changed("model_folder", str(models)))
    assert command("evaluate", bench / "run") == 0
    assert command("package", bench / "run", "--id", "made-here") == 0
    capsys.readouterr()
    assert command("models", "--json") == 0
    assert "made-here" in capsys.readouterr().out
    write_series(
        scan, head_ct((3, 32, 32)), step=(0, 0, 4.0), spacing=(1.25, 1.25), BodyPartExamined="HEAD", SliceThickness="4"
    )
    (series,) = index.scan([scan]).studies[0].series
    (package,) = [one for one in registry.scan()[0] if one.id == "made-here"]
    assert not suitability.check(package.manifest, series).reasons
    assert command("run", "made-here", scan, "--out", out, "--device", "cpu", "--force", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["model"], answer["slices"], len(answer["outputs"])) == ("made-here", 3, 3)
    result = pydicom.dcmread(answer["outputs"][0])
    assert result.Modality == "MR"
    assert "SYNTHETIC" in str(result.SeriesDescription).upper()


def test_that_samples_are_marked(bench: Path) -> None:
    out = bench / "samples"
    assert command("sample", bench / "run", "--count", 3, "--out", out) == 0
    assert command("sample", bench / "run", "--count", 3, "--out", out, "--format", "nifti") == 0
    pictures = sorted(out.glob("*.png"))
    assert len(pictures) == 3
    with Image.open(pictures[0]) as picture:
        assert (picture.info["Synthetic"], picture.mode) == ("YES", "RGB")
    (volume,) = out.glob("*.nii.gz")
    read = nifti.read(volume)
    assert read.synthetic


def test_that_a_network_can_start_from_another_run(bench: Path) -> None:
    start = ("batch = 2", f'batch = 2\nlearning_rate = 1e-9\nstart = "{(bench / "run").as_posix()}"')
    folder = bench / "further"
    folder.mkdir()
    recipe = write_recipe(folder, start, ("save_every = 2", "save_every = 0"))
    assert command("train", recipe, "--run", folder / "run", "--precision", "fp32") == 0
    before, after = load_run(bench / "run").generator, load_run(folder / "run").generator
    for one, other in zip(before.parameters(), after.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_that_a_finished_run_stays_as_it_is(bench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (bench / "run" / "checkpoint.pt").read_bytes()
    assert command("train", bench / "small.toml", "--run", bench / "run", "--resume") == 0
    assert "finished at step 4 of 4" in capsys.readouterr().out
    assert (bench / "run" / "checkpoint.pt").read_bytes() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["train", "no-such-recipe"], "no-such-recipe.toml cannot be read"),
        (["train", "{small}", "--run", "{bench}/nothing", "--resume"], "no checkpoint in the folder nothing"),
        (["train", "{other}", "--run", "{bench}/run"], "run of another recipe"),
        (["train", "{small}", "--run", "{bench}/busy"], "runs in the folder busy already"),
        (["train", "{small}", "--devices", "0"], "At least one device"),
        (["train", "{small}", "--minutes", "0"], "must be more than 0"),
        (["train", "{small}", "--run", "{bench}/x", "--twin-of", "{bench}/nothing"], "its adversary has not come in"),
        (["train", "{starting}", "--run", "{bench}/y"], "training.start is nobody"),
        (["evaluate", "{bench}/nothing"], "holds no run"),
        (["package", "{bench}/run", "--id", "Bad Id"], "lower-case letters"),
        (["package", "{bench}/run", "--id", "a", "--out", "{bench}/b"], "let --out end in a"),
        (["sample", "{bench}/run", "--out", "{bench}", "--count", "0"], "At least one picture"),
    ],
)
def test_that_what_cannot_be_done_is_one_sentence(
    bench: Path, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    names = {"bench": str(bench), "small": str(bench / "small.toml")}
    for name, change in (("other", "batch = 3"), ("starting", 'batch = 2\nstart = "nobody"')):
        (bench / name).mkdir(exist_ok=True)
        names[name] = str(write_recipe(bench / name, ("batch = 2", change)))
    RunFolder(bench / "busy").write_state(RunState("running"))
    assert cli.main([word.format(**names) for word in words]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert sentence in said[-1]


def test_that_a_grid_holds_every_sample_at_its_place() -> None:
    pictures = np.linspace(0, 1, 6, dtype=np.float32)[:, None, None, None] * np.ones((6, 1, 64, 64), np.float32)
    whole, rows, columns = grid(pictures)
    assert (rows, columns, whole.shape) == (2, 3, (128, 192))
    assert [int(whole[r * 64, c * 64]) for r in range(2) for c in range(3)] == [0, 51, 102, 153, 204, 255]
    channels, rows, columns = grid(np.ones((3, 2, 16, 16), np.float32))
    assert (rows, columns, channels.shape) == (2, 3, (128, 192))
    values = np.linspace(0, 1, 16, dtype=np.float32).reshape(8, 2, 1, 1)
    whole, rows, columns = grid(values * np.ones((64, 64), np.float32))
    assert (rows, columns, whole.shape) == (4, 4, (256, 256)), "two bands of four samples with two channels"
    assert whole[::64, ::64].tolist() == [
        [0, 34, 68, 102],
        [17, 51, 85, 119],
        [136, 170, 204, 238],
        [153, 187, 221, 255],
    ]
