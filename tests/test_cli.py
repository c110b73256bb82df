"""The command line, as a script would use it."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pydicom
import pytest

from medgan_viewer import cli, services, settings
from medgan_viewer.commands import console, run, selection
from medgan_viewer.core.catalog import Series
from medgan_viewer.core.volume import SliceStack
from medgan_viewer.dicom import nifti
from medgan_viewer.errors import ReadError
from medgan_viewer.jobs.events import Event, Progress, SliceReady
from medgan_viewer.services import InferenceService
from tests.dicom_builder import write_series
from tests.models.scans import affine, ct_volume, head_ct
from tests.models.tiny import content, with_doubt, with_inputs, write_package

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep settings, log and models of the machine out of the tests; return the folder for the user's models."""
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("MEDGAN_LOGS", str(tmp_path / "logs"))
    monkeypatch.setenv("MEDGAN_CACHE", str(tmp_path / "cache"))
    models = tmp_path / "models"
    models.mkdir()
    settings.save(settings.Settings().changed("model_folder", str(models)))
    return models


@pytest.fixture
def head(tmp_path: Path) -> Path:
    """Return a folder with a head CT of four slices and a chest CT of two, and a file that is no scan."""
    folder = tmp_path / "study"
    head: dict[str, Any] = {"BodyPartExamined": "HEAD", "SeriesDescription": "Head", "SliceThickness": "2"}
    write_series(folder / "head", head_ct((4, 32, 24)), step=(0, 0, 2.0), spacing=(1.0, 1.0), **head)
    other: dict[str, Any] = {"SeriesInstanceUID": "1.2.3.1.2", "SeriesNumber": 2, "BodyPartExamined": "CHEST"}
    write_series(folder / "chest", head_ct((2, 16, 16)), SeriesDescription="Chest", **other)
    (folder / "head" / "broken.dcm").write_bytes(b"no scan at all")
    return folder


def test_that_info_gives_the_geometry_as_json(head: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", str(head), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    (study,) = answer["studies"]
    first = study["series"][0]
    assert (first["modality"], first["instances"], first["shape"]) == ("CT", 4, [4, 32, 24])
    assert first["spacing"] == [2.0, 1.0, 1.0]
    np.testing.assert_allclose(first["affine"], [[0, 0, 1, 0], [0, 1, 0, 0], [2, 0, 0, 0], [0, 0, 0, 1]], atol=1e-9)
    assert first["synthetic"] is False
    assert [Path(refusal["path"]).name for refusal in answer["refused"]] == ["broken.dcm"]


def test_that_info_is_readable_without_json(head: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["info", str(head)]) == 0
    written = capsys.readouterr()
    assert "4 × 32 × 24" in written.out
    assert "broken.dcm" in written.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["info", "nowhere"], 2, "nowhere: there is no such file or folder."),
        (["nowhere"], 2, "there is no such file, folder or command"),
        (["info"], 2, "--help"),
        (["run", "a", "b", "--out", "c", "--device", "abacus"], 2, "abacus"),
        (["convert", ".", "--out", "scan.dcm"], 2, "must end in .nii or .nii.gz"),
        (["demo", "--headless"], 2, "--out"),
    ],
)
def test_that_a_senseless_request_is_one_sentence_and_code_two(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == code
    written = capsys.readouterr()
    assert written.out == ""
    assert words in written.err
    assert written.err.count("\n") == 1


def test_that_a_folder_without_scans_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert cli.main(["info", str(tmp_path / "empty")]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert cli.main(["info", str(tmp_path / "empty"), "--json"]) == 1
    written = capsys.readouterr()
    assert json.loads(written.out)["studies"] == []
    assert written.err.count("\n") == 1


def test_that_models_lists_the_users_own_and_names_the_broken(
    own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_package(own_folders, content(), np.ones((1, 2), np.float32))
    (own_folders / "broken").mkdir()
    assert cli.main(["models", "--json"]) == 0
    written = capsys.readouterr()
    listed = {model["id"]: model for model in json.loads(written.out)["models"]}
    assert listed["tiny"]["requires"]["modalities"] == ["CT"]
    assert listed["tiny"]["outputs"] == ["Synthetic 0"]
    assert "broken: manifest.json is missing" in written.err
    assert cli.main(["models"]) == 0
    assert "tiny" in capsys.readouterr().out


def test_that_convert_writes_the_regular_grid(head: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "head.nii.gz"
    assert cli.main(["convert", str(head / "head"), "--out", str(out)]) == 0
    assert "broken.dcm" in capsys.readouterr().err
    volume = nifti.read(out)
    np.testing.assert_array_equal(volume.array, head_ct((4, 32, 24)))
    assert volume.spacing == pytest.approx((2, 1, 1))


def test_that_convert_asks_which_of_several_series(
    head: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "chest.nii"
    assert cli.main(["convert", str(head), "--out", str(out)]) == 2
    assert "1.2.3.1.1 (CT, Head, 4 images)" in capsys.readouterr().err
    assert cli.main(["convert", str(head), "--out", str(out), "--series", "1.2.3.1.9"]) == 2
    assert cli.main(["convert", str(head), "--out", str(out), "--series", "1.2.3.1.2"]) == 0
    assert nifti.read(out).shape == (2, 16, 16)


def test_that_an_unknown_model_is_answered_with_the_list(
    head: Path, own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_package(own_folders, content(), np.ones((1, 2), np.float32))
    assert cli.main(["run", "oracle", str(head), "--out", "out"]) == 2
    assert "tiny" in capsys.readouterr().err


def test_that_a_broken_model_says_what_is_wrong_with_it(
    head: Path, own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (write_package(own_folders, content(), np.ones((1, 2), np.float32)) / "CARD.md").unlink()
    assert cli.main(["run", "tiny", str(head), "--out", "out"]) == 1
    assert "CARD.md is missing" in capsys.readouterr().err


def test_that_a_series_that_does_not_fit_says_why(
    head: Path, own_folders: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_package(own_folders, content(), np.ones((1, 2), np.float32))
    assert cli.main(["run", "tiny", str(head), "--out", "out", "--series", "1.2.3.1.2"]) == 1
    assert "Needs a head; this series shows chest." in capsys.readouterr().err
    assert cli.main(["run", "tiny", str(head / "chest"), "--out", "out"]) == 1


def real_package(folder: Path, values: dict[str, Any] | None = None) -> Path:
    """Write a package with a small network of the program's own, of two channels; its weights mean nothing."""
    import torch

    from medgan_viewer.models import networks

    arguments: dict[str, Any] = {"in_channels": 2, "out_channels": 1, "features": [4, 8]}
    torch.manual_seed(0)
    state = networks.build("unet_2p5d", arguments).state_dict()
    values = content() if values is None else values
    values["network"] = {"name": "unet_2p5d", "arguments": arguments}
    tensors = {name: tensor.numpy() for name, tensor in state.items()}
    return write_package(folder, values, np.ones((1, 2), np.float32), tensors=tensors)


@pytest.mark.parametrize("form", ["dicom", "nifti", "png"])
def test_that_run_writes_the_results_of_the_series_that_fit(
    form: str, head: Path, own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real_package(own_folders)
    out = tmp_path / "out"
    arguments = ["run", "tiny", str(head), "--out", str(out), "--format", form, "--device", "cpu", "--force", "--json"]
    assert cli.main(arguments) == 0, capsys.readouterr().err
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"model", "device", "slices", "seconds", "first_slice_seconds", "outputs"}
    assert (answer["model"], answer["device"], answer["slices"]) == ("tiny", "cpu", 4)
    assert 0 < answer["first_slice_seconds"] <= answer["seconds"]
    outputs = [Path(path) for path in answer["outputs"]]
    assert len(outputs) == (1 if form == "nifti" else 4)
    assert all(path.is_file() and path.is_relative_to(out) for path in outputs)
    assert all("synthetic" in path.name.lower() for path in outputs)
    if form == "nifti":
        assert nifti.read(outputs[0]).synthetic


def test_that_run_writes_files_with_identity_unless_asked_for(
    head: Path, own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real_package(own_folders)
    written = {}
    for name, asked in (("without", ["--deidentify"]), ("with", [])):
        out = tmp_path / name
        arguments = ["run", "tiny", str(head), "--out", str(out), "--device", "cpu", "--force", *asked]
        assert cli.main(arguments) == 0, capsys.readouterr().err
        written[name] = [path.read_bytes() for path in sorted(out.rglob("*.dcm"))]
        assert len(written[name]) == 4
    for personal in (b"Built^Exactly", b"T-1 ", b"1.2.3.1.1"):
        assert all(personal in content for content in written["with"])
        assert not any(personal in content for content in written["without"])


def sharp_package(folder: Path) -> Path:
    """Write a package with an untrained network that is told how sharp its pictures are to be."""
    import torch

    from medgan_viewer.models import networks

    values = with_doubt(content(channels_out=3))
    arguments = {"in_channels": 2, "out_channels": 3, "features": [4, 4], "conditioned": True}
    values["network"] = {"name": "unet_2p5d", "arguments": arguments}
    torch.manual_seed(0)
    state = networks.build("unet_2p5d", arguments).state_dict()
    # Fresh, a condition changes nothing.
    state["film.last.weight"] += torch.rand_like(state["film.last.weight"])
    tensors = {name: tensor.numpy() for name, tensor in state.items()}
    return write_package(folder, values, np.ones((3, 2), np.float32), tensors=tensors)


def test_that_run_makes_pictures_as_sharp_as_was_asked_and_says_so_in_them(
    head: Path, own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sharp_package(own_folders)
    pixels: dict[str, Any] = {}
    for degree in ("", "0", "1"):
        out = tmp_path / f"out{degree}"
        asked = ["--sharpness", degree] if degree else []
        assert cli.main(["run", "tiny", str(head), "--out", str(out), "--device", "cpu", "--force", *asked]) == 0
        paths = sorted(out.rglob("*.dcm"))
        assert len(paths) == 4
        written = pydicom.dcmread(paths[1])
        told = degree or "1"
        assert f"sharpness {told}" in written.SeriesDescription
        words = written.ContributingEquipmentSequence[1].ContributionDescription
        assert f"sharpness: {told}.0 (0 sober, 1 sharp)" in words
        pixels[degree] = written.pixel_array
    assert np.array_equal(pixels[""], pixels["1"])
    assert not np.array_equal(pixels["0"], pixels["1"])
    capsys.readouterr()
    for *asked, words in (("--sharpness", "2", "between 0 (sober) and 1 (sharp)"), ("--strength", "1", "no strength")):
        assert cli.main(["run", "tiny", str(head), "--out", str(tmp_path / "x"), *asked]) == 2
        assert words in capsys.readouterr().err


def several_contrasts(folder: Path, patient: str = "T-1", first: int = 1, /, **frames: str) -> Path:
    """Write a head MR for each name (T1, T2, T2_thin …), each in a frame of reference; return the folder."""
    for number, (name, frame) in enumerate(frames.items(), start=first):
        write_series(
            folder / name,
            head_ct((4, 32, 24), number) + np.int16(1000),
            step=(0, 0, 2.0),
            spacing=(1.0, 1.0),
            Modality="MR",
            PatientID=patient,
            BodyPartExamined="HEAD",
            SeriesDescription=name.replace("_", " "),
            SeriesInstanceUID=f"1.2.3.1.{number}",
            SeriesNumber=number,
            FrameOfReferenceUID=frame,
        )
    return folder


def two_inputs(folder: Path, *, optional: bool = False) -> Path:
    """Write a package that takes a T1 and a T2, or does without the T2."""
    return real_package(folder, with_inputs(content(), ("MR", ["T1"]), ("MR", ["T2"]), optional=optional))


def test_that_a_model_of_two_inputs_takes_the_series_of_one_frame_of_reference(
    own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_inputs(own_folders)
    study = several_contrasts(tmp_path / "study", T1="1.9", T2="1.9", T2_elsewhere="1.8", unknown="1.9")
    out = tmp_path / "out"
    arguments = ["run", "tiny", str(study), "--out", str(out), "--device", "cpu", "--force", "--json"]
    assert cli.main(arguments) == 0, capsys.readouterr().err
    outputs = json.loads(capsys.readouterr().out)["outputs"]
    assert len(outputs) == 4
    written = pydicom.dcmread(outputs[0])
    # The file says of both series that it was made from them.
    assert {item.SeriesInstanceUID for item in written.ReferencedSeriesSequence} == {"1.2.3.1.1", "1.2.3.1.2"}
    assert cli.main(["models"]) == 0
    assert "head MR (T1) + MR (T2)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("frames", "several"),
    [
        ({"T1": "1.9", "T2": "1.9", "T2_thin": "1.9"}, ("1.2.3.1.2", "1.2.3.1.3")),
        ({"T2": "1.9", "T1": "1.9", "T1_thin": "1.9"}, ("1.2.3.1.2", "1.2.3.1.3")),
    ],
    ids=["two T2", "two T1"],
)
def test_that_several_series_for_one_input_are_listed_until_they_are_named(
    frames: dict[str, str],
    several: tuple[str, str],
    own_folders: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    two_inputs(own_folders)
    study = several_contrasts(tmp_path / "study", **frames)
    arguments = [
        "run",
        "tiny",
        str(study),
        "--out",
        str(tmp_path / "out"),
        "--device",
        "cpu",
        "--force",
        "--format",
        "nifti",
    ]
    assert cli.main(arguments) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    assert all(f"{uid} (MR, " in complaint for uid in several)
    assert "1.2.3.1.1" not in complaint
    named = ["--series", "1.2.3.1.1", "--series", several[1]]
    assert cli.main([*arguments, *named]) == 0, capsys.readouterr().err
    assert cli.main([*arguments, *named, "--series", several[0]]) == 2


@pytest.mark.parametrize(
    ("frames", "taken"),
    [
        ({"T1": "1.9", "T2": "1.9"}, {"1.2.3.1.1", "1.2.3.1.2"}),
        ({"T1": "1.9", "T2": "1.8"}, {"1.2.3.1.1"}),
        ({"T1": "1.9", "T2": "1.9", "T2_thin": "1.9"}, {"1.2.3.1.1"}),
    ],
    ids=["beside it", "elsewhere", "several"],
)
def test_that_an_optional_series_is_taken_where_one_alone_fits(
    frames: dict[str, str], taken: set[str], own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_inputs(own_folders, optional=True)
    study = several_contrasts(tmp_path / "study", **frames)
    (chosen,) = run._chosen_together(run.package_named("tiny"), selection.scan(study), [])
    assert {series.uid for series in chosen} == taken
    assert cli.main(["models"]) == 0
    assert "head MR (T1) + MR (T2) where there is one" in capsys.readouterr().out


def test_that_a_result_made_without_an_optional_series_does_not_refer_to_it(
    own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_inputs(own_folders, optional=True)
    study = several_contrasts(tmp_path / "study", T1="1.9", T2="1.9")
    arguments = ["run", "tiny", str(study), "--out", str(tmp_path / "out"), "--device", "cpu", "--force", "--json"]
    assert cli.main(arguments) == 0
    said = capsys.readouterr()
    # So small a head is none to the input check: of the T1 that is overridden, of the T2, which nobody needs, not.
    assert "Made without the T2 series." in said.err
    written = pydicom.dcmread(json.loads(said.out)["outputs"][0])
    assert [item.SeriesInstanceUID for item in written.ReferencedSeriesSequence] == ["1.2.3.1.1"]


@pytest.mark.parametrize("nothing", [True, False])
def test_that_an_optional_series_that_cannot_be_read_keeps_no_model_from_running(
    nothing: bool,
    own_folders: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two_inputs(own_folders, optional=True)
    study = several_contrasts(tmp_path / "study", T1="1.9", T2="1.9")
    whole = selection.load

    def load(series: Series) -> tuple[SliceStack, bool]:
        if series.contrast == "T2":  # what only its decoder finds
            raise ReadError(series.instances[0].path, "no image of this series can be read.")
        return whole(series)

    def partly(series: Series) -> tuple[SliceStack, bool]:
        stack, complete = whole(series)
        return stack, complete and series.contrast != "T2"

    monkeypatch.setattr(selection, "load", load if nothing else partly)
    arguments = ["run", "tiny", str(study), "--out", str(tmp_path / "out"), "--device", "cpu", "--force", "--json"]
    assert cli.main(arguments) == 0
    said = capsys.readouterr()
    assert "Made without the optional series" in said.err
    written = pydicom.dcmread(json.loads(said.out)["outputs"][0])
    assert [item.SeriesInstanceUID for item in written.ReferencedSeriesSequence] == ["1.2.3.1.1"]


def test_that_what_an_optional_model_cannot_use_is_said_as_of_a_model_of_one_series(
    own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_inputs(own_folders, optional=True)
    study = several_contrasts(tmp_path / "study", T2="1.9")
    assert cli.main(["run", "tiny", str(study), "--out", str(tmp_path / "out")]) == 1
    assert "Needs T1; this series is T2." in capsys.readouterr().err


def test_that_the_series_of_two_patients_are_never_taken_together(
    own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_inputs(own_folders)
    # Same study and frame of reference by their UIDs, as badly anonymised data may have it.
    study = several_contrasts(tmp_path / "study", T1="1.9")
    several_contrasts(study, "T-2", 2, T2="1.9")
    assert cli.main(["run", "tiny", str(study), "--out", str(tmp_path / "out")]) == 1
    assert "Needs T2 in the same frame of reference as well; there is none." in capsys.readouterr().err


def test_that_an_input_that_is_missing_or_of_no_use_is_named(
    own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_inputs(own_folders)
    study = several_contrasts(tmp_path / "study", T1="1.9", T2="1.8", T2_here="1.9", FLAIR="1.9")
    arguments = ["run", "tiny", str(study), "--out", str(tmp_path / "out")]
    apart = ["--series", "1.2.3.1.1", "--series", "1.2.3.1.2"]
    assert cli.main([*arguments, *apart]) == 1
    assert "Needs T2 in the same frame of reference as well; there is none." in capsys.readouterr().err
    one_too_many = ["--series", "1.2.3.1.1", "--series", "1.2.3.1.3", "--series", "1.2.3.1.4"]
    assert cli.main([*arguments, *one_too_many]) == 1
    assert "has no use for 1.2.3.1.4" in capsys.readouterr().err


def test_that_a_nifti_runs_with_a_note_about_what_it_does_not_say(
    own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real_package(own_folders)
    scan = tmp_path / "scan.nii.gz"
    nifti.write(ct_volume(head_ct((3, 32, 32)), affine((2.0, 1.0, 1.0))), scan)
    arguments = [
        "run",
        "tiny",
        str(scan),
        "--out",
        str(tmp_path / "out"),
        "--format",
        "nifti",
        "--device",
        "cpu",
        "--force",
    ]
    assert cli.main(arguments) == 0
    written = capsys.readouterr()
    assert "confirm that it shows a head" in written.err
    assert Path(written.out.strip()).is_file()


def test_that_one_series_that_fails_is_told_and_counts(
    head: Path, own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = real_package(own_folders)
    weights = package / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")
    arguments = ["run", "tiny", str(head), "--out", str(tmp_path / "out"), "--device", "cpu", "--force", "--json"]
    assert cli.main(arguments) == 1
    written = capsys.readouterr()
    assert "not those the manifest names" in written.err
    assert json.loads(written.out)["outputs"] == []


def test_that_a_killed_worker_loses_no_finished_slice(
    head: Path, own_folders: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    real_package(own_folders)
    killed: list[int] = []
    listen = InferenceService._take

    def kill_at_the_second_slice(service: InferenceService, event: Event) -> None:
        listen(service, event)
        if isinstance(event, SliceReady) and not killed and service.worker_pid is not None:
            killed.append(service.worker_pid)
            os.kill(service.worker_pid, signal.SIGKILL)

    monkeypatch.setattr(InferenceService, "_take", kill_at_the_second_slice)
    many = tmp_path / "many"
    attributes: dict[str, Any] = {"BodyPartExamined": "HEAD", "SliceThickness": "1"}
    write_series(many, head_ct((300, 32, 32)), spacing=(1.0, 1.0), **attributes)
    out = tmp_path / "out"
    assert cli.main(["run", "tiny", str(many), "--out", str(out), "--device", "cpu", "--force", "--json"]) == 1
    written = capsys.readouterr()
    assert "ended from outside" in written.err
    assert "were not finished and were left out" in written.err
    answer = json.loads(written.out)
    assert 0 < len(answer["outputs"]) == answer["slices"] < 300
    assert all(Path(path).is_file() for path in answer["outputs"])


def test_that_doctor_knows_versions_and_devices(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["doctor", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["packages"]["numpy"] == np.__version__
    assert answer["devices"]["used"] in {"cuda", "mps", "cpu"}
    assert isinstance(answer["missing"], list)


def test_that_paths_without_a_command_open_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[list[Path]] = []

    def open_window(paths: list[Path]) -> int:
        opened.append(paths)
        return 7

    window = ModuleType("medgan_viewer.app")
    window.run = open_window  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "medgan_viewer.app", window)
    assert cli.main([]) == 7
    assert cli.main(["view", str(tmp_path)]) == 7
    assert cli.main([str(tmp_path)]) == 7
    assert opened == [[], [tmp_path], [tmp_path]]


def test_that_the_demo_hands_the_virtual_patient_to_the_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[Path, Path | None, bool]] = []

    def show(study: Path, out: Path | None, headless: bool) -> int:
        shown.append((study, out, headless))
        return 0

    window = ModuleType("medgan_viewer.app")
    window.run_demo = show  # type: ignore[attr-defined]
    patient = ModuleType("medgan_viewer.lab.virtual_patient.study")
    patient.ensure_study = lambda cache: cache / "patient"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, window.__name__, window)
    monkeypatch.setitem(sys.modules, patient.__name__, patient)
    assert cli.main(["demo", "--headless", "--out", str(tmp_path)]) == 0
    assert cli.main(["demo"]) == 0
    study = tmp_path / "cache" / "patient"
    assert shown == [(study, tmp_path, True), (study, None, False)]


def test_that_without_a_display_the_way_out_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    for arguments in ([], ["demo"]):
        assert cli.main(arguments) == 1
        assert "--headless" in capsys.readouterr().err


def test_that_a_window_that_cannot_open_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "medgan_viewer.app", None)
    assert cli.main([]) == 1
    assert "medgan-viewer doctor" in capsys.readouterr().err


def test_that_an_unexpected_error_is_a_sentence_and_its_details_are_logged(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "a detail"

    def stumble() -> None:
        raise ZeroDivisionError(words)

    monkeypatch.setattr("medgan_viewer.models.registry.scan", stumble)
    assert cli.main(["models"]) == 1
    written = capsys.readouterr().err
    assert "Traceback" not in written
    assert words not in written
    assert str(cli.log_file()) in written
    logged = cli.log_file().read_text()
    assert "in stumble" in logged
    assert "ZeroDivisionError" in logged
    # The words of an error may quote what stands in a file.
    assert words not in logged


def test_that_a_librarys_warning_reaches_neither_the_terminal_nor_the_log(tmp_path: Path) -> None:
    script = "import sys, warnings; from medgan_viewer import cli; cli._start_log(); warnings.warn('Doe^John')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "MEDGAN_LOGS": str(tmp_path / "own")}
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert ended.stderr == ""
    assert not any("Doe" in path.read_text() for path in (tmp_path / "own").iterdir())


def test_that_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("medgan_viewer.models.registry.scan", interrupt)
    assert cli.main(["models"]) == 130
    assert capsys.readouterr().err == "Cancelled.\n"


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_that_progress_is_drawn_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream in (_Terminal(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        bar = console.ProgressBar("Model")
        bar.update(Progress("job", 15, 30, 4.4))
        bar.clear()
        drawn = stream.getvalue()
        assert ("15/30, 4 s left" in drawn) is stream.isatty()
        assert drawn == "" or drawn.endswith("\r\x1b[K")


def test_that_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MEDGAN_LOGS", str(tmp_path / "file"))
    assert cli.main(["models", "--json"]) == 0
    json.loads(capsys.readouterr().out)


def test_that_a_run_on_what_does_not_look_right_needs_force_and_is_marked(
    head: Path,
    own_folders: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # What a classifier thinks of a block is another matter.
    monkeypatch.setattr(services, "checker", lambda: "")
    real_package(own_folders)
    arguments = ["run", "tiny", str(head), "--out", str(tmp_path / "out"), "--device", "cpu"]
    assert cli.main(arguments) == 1
    refused = capsys.readouterr().err
    assert "Tiny was not run. What the images show measures 24 × 15 mm in plane" in refused
    assert "--force runs it all the same and marks the results." in refused
    assert not list((tmp_path / "out").rglob("*.dcm"))
    assert cli.main([*arguments, "--force"]) == 0
    assert "Overridden: What the images show measures" in capsys.readouterr().err
    for path in (tmp_path / "out").rglob("*.dcm"):
        written = pydicom.dcmread(path)
        assert "Input check overridden: What the images show measures" in written.DerivationDescription
        assert "run although: What the images" in written.ContributingEquipmentSequence[1].ContributionDescription
