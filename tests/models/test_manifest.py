"""Model packages: what is read, and every way in which one can be wrong."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medgan_viewer.errors import PackageError
from medgan_viewer.models import registry
from medgan_viewer.models.manifest import Bounds, Control, Input, read_package
from tests.models.tiny import content, with_inputs, write_package

HEAD = np.ones((1, 2), np.float32)


def edit(package: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the manifest of a package in place."""
    path = package / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def test_that_a_right_package_is_read_as_written(tmp_path: Path) -> None:
    package = read_package(write_package(tmp_path, content(channels_in=6, neighbours=1), np.ones((1, 6), np.float32)))
    manifest = package.manifest
    assert (package.id, manifest.name, manifest.task) == ("tiny", "Tiny", "synthesis")
    assert manifest.requires.modalities == ("CT",)
    assert manifest.preprocessing.encoding == {"CT": "ct_two_window"}
    assert manifest.images[0].window == (1.0, 0.5)
    assert package.weights.is_file()
    assert package.card.read_text() == "# Tiny\n"


def test_that_a_calibration_is_read_with_rates_ascending(tmp_path: Path) -> None:
    manifest = content(task="anomaly", modality="MR", channels_in=1)
    pairs = [{"false_alarm_rate": 0.1, "threshold": 0.7}, {"false_alarm_rate": 0.05, "threshold": 0.8}]
    manifest["calibration"] = {"unit": "patient", "healthy_maxima": {"T1": [0.5, 0.6]}, "thresholds": {"T1": pairs}}
    calibration = read_package(write_package(tmp_path, manifest, np.ones((1, 1), np.float32))).manifest.calibration
    assert calibration.thresholds == {"T1": ((0.05, 0.8), (0.1, 0.7))}
    assert calibration.healthy_maxima == {"T1": (0.5, 0.6)}
    assert calibration.measured_on == {}


def test_that_a_calibration_says_who_it_was_measured_on(tmp_path: Path) -> None:
    manifest = content(task="anomaly", modality="MR", channels_in=1)
    manifest["calibration"] = {
        "healthy_maxima": {},
        "thresholds": {},
        "guarantee": {"T1": "24 healthy adults", "FLAIR": False},
        "reference": {"FLAIR": "slices without tumour"},
    }
    calibration = read_package(write_package(tmp_path, manifest, np.ones((1, 1), np.float32))).manifest.calibration
    assert calibration.measured_on == {"T1": "24 healthy adults", "FLAIR": "slices without tumour"}


WRONG: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    ("a newer schema", lambda m: m.update(schema=2), "update the program"),
    ("no task", lambda m: m.pop("task"), '"task" is missing'),
    ("an unknown task", lambda m: m.update(task="diagnosis"), "does not know"),
    ("another model's manifest", lambda m: m.update(id="other"), '"other"'),
    ("no grid spacing", lambda m: m["preprocessing"].pop("grid_spacing_mm"), '"preprocessing.grid_spacing_mm"'),
    ("a spacing that is no number", lambda m: m["preprocessing"].update(grid_spacing_mm="1"), "is no number"),
    ("a negative spacing", lambda m: m["preprocessing"].update(grid_spacing_mm=-1), "out of range"),
    ("a spacing of zero", lambda m: m["preprocessing"].update(grid_spacing_mm=0), "out of range"),
    ("yes as a number", lambda m: m["preprocessing"].update(neighbours=True), "is no whole number"),
    ("an unknown encoding", lambda m: m["preprocessing"].update(encoding={"CT": "magic"}), '"magic"'),
    ("no encoding for its modality", lambda m: m["requires"].update(modalities=["MR"]), "encoding"),
    ("channels that do not fit", lambda m: m["preprocessing"].update(neighbours=3), "multiple"),
    ("an output it does not have", lambda m: m["outputs"][0].update(channel=9), "output channels"),
    ("no output", lambda m: m.update(outputs=[]), "no output"),
    ("a decoding of another task", lambda m: m["outputs"][0].update(decoding="labels"), "does not know"),
    ("weights elsewhere", lambda m: m["weights"].update(file="../other/weights.safetensors"), "own folder"),
    ("weights at an absolute path", lambda m: m["weights"].update(file="/tmp/w.safetensors"), "own folder"),
    ("weights on a drive", lambda m: m["weights"].update(file="C:w.safetensors"), "own folder"),
    ("weights behind a backslash", lambda m: m["weights"].update(file="..\\w.safetensors"), "own folder"),
    ("weights that can run code", lambda m: m["weights"].update(file="weights.pt"), "can run code"),
    ("a hash that is none", lambda m: m["weights"].update(sha256="abc"), '"weights.sha256"'),
    ("an outline that is no object", lambda m: m.update(weights=[]), '"weights"'),
]


@pytest.mark.parametrize(("what", "change", "words"), WRONG, ids=[case[0] for case in WRONG])
def test_that_a_wrong_package_is_one_sentence(
    tmp_path: Path, what: str, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    package = write_package(tmp_path, content(), HEAD)
    edit(package, change)
    with pytest.raises(PackageError) as caught:
        read_package(package)
    assert words in caught.value.sentence
    assert caught.value.sentence.startswith("tiny: ")


def test_that_several_inputs_are_read_in_order(tmp_path: Path) -> None:
    assert read_package(write_package(tmp_path / "one", content(), HEAD)).manifest.requires.inputs == ()
    manifest = with_inputs(content(channels_in=9, neighbours=1), ("MR", ["T1"]), ("CT", []))
    made = read_package(write_package(tmp_path / "two", manifest, np.ones((1, 9), np.float32))).manifest
    assert made.requires.inputs == (Input("MR", ("T1",)), Input("CT", ()))
    assert [each.words for each in made.requires.inputs] == ["T1", "CT"]


def test_that_the_last_input_can_be_one_that_a_model_does_without(tmp_path: Path) -> None:
    for optional in (False, True):
        values = with_inputs(content(channels_in=2), ("MR", ["FLAIR"]), ("MR", ["T1"]), optional=optional)
        requires = read_package(write_package(tmp_path / str(optional), values, HEAD)).manifest.requires
        assert [each.optional for each in requires.inputs] == [False, optional]
        assert requires.several is not optional
        assert [count for count in range(4) if requires.takes(count)] == ([1, 2] if optional else [2])


def test_that_what_a_model_does_without_is_encoded_as_what_is_not_there(tmp_path: Path) -> None:
    # Air is zero in an MR, and -1 in the channels of a CT.
    for inputs, right in (((("CT", []), ("MR", ["T1"])), True), ((("MR", ["T1"]), ("CT", [])), False)):
        values = with_inputs(content(channels_in=3), *inputs, optional=True)
        package = write_package(tmp_path / str(right), values, np.ones((1, 3), np.float32))
        if right:
            assert read_package(package).manifest.requires.least == 1
        else:
            with pytest.raises(PackageError, match="in which air is zero"):
                read_package(package)


WRONG_INPUTS: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    ("one input", lambda m: m["requires"]["inputs"].pop(), "fewer than two"),
    ("no input", lambda m: m["requires"].update(inputs=[]), "fewer than two"),
    ("inputs that are no list", lambda m: m["requires"].update(inputs="T1"), '"requires.inputs"'),
    ("an input that is no object", lambda m: m["requires"].update(inputs=["T1", "T2"]), '"requires.inputs[0]"'),
    ("no modality", lambda m: m["requires"]["inputs"][1].pop("modality"), '"requires.inputs[1].modality"'),
    ("no contrasts", lambda m: m["requires"]["inputs"][1].pop("contrasts"), '"requires.inputs[1].contrasts"'),
    ("a key too many", lambda m: m["requires"]["inputs"][1].update(wanted=True), '"requires.inputs[1].wanted"'),
    ("optional in words", lambda m: m["requires"]["inputs"][1].update(optional="yes"), '"requires.inputs[1].optional"'),
    ("no encoding", lambda m: m["requires"]["inputs"][1].update(modality="PT", optional=True), "no encoding is given"),
    ("an optional first input", lambda m: m["requires"]["inputs"][0].update(optional=True), "only the last"),
    ("no encoding", lambda m: m["requires"]["inputs"][1].update(modality="PT"), "no encoding is given for PT"),
    ("too many channels", lambda m: m["requires"]["inputs"][1].update(modality="CT"), "as many channels"),
    ("another first input", lambda m: m["requires"].update(contrasts=["T2"]), "not those of the first input"),
]


@pytest.mark.parametrize(("what", "change", "words"), WRONG_INPUTS, ids=[case[0] for case in WRONG_INPUTS])
def test_that_wrong_inputs_are_one_sentence(
    tmp_path: Path, what: str, change: Callable[[dict[str, Any]], object], words: str
) -> None:
    package = write_package(tmp_path, with_inputs(content(), ("MR", ["T1"]), ("MR", ["T2"])), HEAD)
    read_package(package)
    edit(package, change)
    with pytest.raises(PackageError) as caught:
        read_package(package)
    assert words in caught.value.sentence


@pytest.mark.parametrize("name", ["manifest.json", "weights.safetensors", "CARD.md"])
def test_that_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    package = write_package(tmp_path, content(), HEAD)
    (package / name).unlink()
    with pytest.raises(PackageError, match=name):
        read_package(package)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"schema": NaN}', "\x00"])
def test_that_a_manifest_that_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    package = write_package(tmp_path, content(), HEAD)
    (package / "manifest.json").write_text(text)
    with pytest.raises(PackageError):
        read_package(package)


def test_that_a_scan_finds_the_good_and_names_the_bad(tmp_path: Path) -> None:
    write_package(tmp_path / "own", {**content(), "id": "b"}, HEAD)
    write_package(tmp_path / "own", {**content(), "id": "a"}, HEAD)
    (tmp_path / "own" / "broken").mkdir()
    (tmp_path / "own" / ".hidden").mkdir()
    write_package(tmp_path / "user", {**content(), "id": "a"}, HEAD)
    packages, problems = registry.scan([tmp_path / "own", tmp_path / "user", tmp_path / "absent"])
    assert [package.id for package in packages] == ["a", "b"]
    assert packages[0].folder.parent.name == "own"
    assert [problem.sentence.split(":")[0] for problem in problems] == ["broken", "a"]


def test_that_every_folder_of_the_program_is_a_package() -> None:
    _, problems = registry.scan(registry.folders()[:1])
    assert not problems


# Sharpness and interval


def sharp(**changes: Any) -> dict[str, Any]:
    """Return a manifest of two pictures with a control and an interval; ``changes`` go into the interval."""
    manifest = content(channels_out=6)
    del manifest["outputs"][2:]
    manifest["network"] = {"name": "unet_2p5d", "arguments": {"conditioned": True}}
    manifest["controls"] = {"sharpness": {"stops": [0, 0.5, 1], "default": 1}}
    bounds = [{"channel": c, "low": 2 + c, "high": 4 + c, "margin": -0.01} for c in range(2)]
    manifest["interval"] = {
        "level": 0.9,
        "bounds": bounds,
        "patients": 2,
        "promise": 0.667,
        "calibrated_on": "head 15, head 16",
        **changes,
    }
    return manifest


def test_that_a_control_and_an_interval_are_read(tmp_path: Path) -> None:
    manifest = read_package(write_package(tmp_path, sharp(), HEAD)).manifest
    assert manifest.has_doubt
    assert manifest.control == Control((0.0, 0.5, 1.0), 1.0)
    assert manifest.interval is not None
    assert manifest.interval.of(1) == Bounds(1, 3, 5, -0.01)
    assert manifest.interval.of(2) is None
    assert manifest.interval.promise == 0.667


def test_that_a_model_without_them_has_no_doubt_to_show(tmp_path: Path) -> None:
    manifest = read_package(write_package(tmp_path, content(), HEAD)).manifest
    assert (manifest.control, manifest.interval, manifest.has_doubt) == (None, None, False)


WRONG_DOUBT: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    ("an unknown control", lambda m: m["controls"].update(colour={}), '"colour"'),
    ("stops that do not begin sober", lambda m: m["controls"]["sharpness"].update(stops=[0.5, 1]), "from 0 to 1"),
    ("stops out of order", lambda m: m["controls"]["sharpness"].update(stops=[0, 1, 0.5]), "ascending"),
    ("a default between the stops", lambda m: m["controls"]["sharpness"].update(default=0.7), "default"),
    ("a network that cannot be told", lambda m: m["network"].update(arguments={}), "conditioned"),
    ("a level that is no share", lambda m: m["interval"].update(level=90), "no shares"),
    ("a promise of certainty", lambda m: m["interval"].update(promise=1.0), "no shares"),
    ("a margin without end", lambda m: m["interval"]["bounds"][0].update(margin=float("inf")), "out of range"),
    ("an output without bounds", lambda m: m["interval"]["bounds"].pop(), "for each output"),
    ("one channel for two", lambda m: m["interval"]["bounds"][0].update(low=3), "of its own"),
    ("a channel that is not there", lambda m: m["interval"]["bounds"][0].update(low=6), "does not have"),
]


@pytest.mark.parametrize(("change", "sentence"), [row[1:] for row in WRONG_DOUBT], ids=[row[0] for row in WRONG_DOUBT])
def test_that_a_wrong_control_or_interval_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], sentence: str
) -> None:
    package = write_package(tmp_path, sharp(), HEAD)
    edit(package, change)
    with pytest.raises(PackageError, match=sentence):
        read_package(package)


def test_that_a_segmentation_has_neither(tmp_path: Path) -> None:
    manifest = content(task="segmentation", channels_out=3)
    manifest["network"]["arguments"]["conditioned"] = True
    manifest["controls"] = {"sharpness": {"stops": [0, 1], "default": 1}}
    with pytest.raises(PackageError, match="a model for segmentation has neither"):
        read_package(write_package(tmp_path, manifest, np.ones((3, 2), np.float32)))
