"""The script that makes the environment: what it calls missing, and which build of PyTorch it chooses."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from installers import setup_environment

on_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux takes libraries from packages")


@on_linux
def test_that_nothing_is_missing_where_every_library_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_environment, "has_font", lambda: True)
    assert setup_environment.missing_packages(for_tests=False, loads=lambda library: True) == []


@on_linux
def test_that_a_library_that_does_not_load_is_named_by_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_environment, "has_font", lambda: True)
    missing = setup_environment.missing_packages(for_tests=False, loads=lambda library: library != "libEGL.so.1")
    assert missing == ["libegl1"]


@on_linux
def test_that_the_programs_tests_compare_with_are_asked_for_only_by_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup_environment, "has_font", lambda: True)
    monkeypatch.setattr(shutil, "which", lambda program, path=None: None)
    monkeypatch.setattr(setup_environment, "TEST_FILES", {"/no/such/file.so": "orthanc-dicomweb"})
    assert setup_environment.missing_packages(for_tests=False, loads=lambda library: True) == []
    wanted = setup_environment.missing_packages(for_tests=True, loads=lambda library: True)
    assert wanted == ["xvfb", "xauth", "dcm2niix", "dicom3tools", "dcmtk", "orthanc", "orthanc-dicomweb"]


def test_that_a_font_is_found_in_any_subfolder(tmp_path: Path) -> None:
    assert not setup_environment.has_font([str(tmp_path)])
    (tmp_path / "truetype").mkdir()
    (tmp_path / "truetype" / "Some.ttf").touch()
    assert setup_environment.has_font([str(tmp_path)])


@on_linux
def test_that_an_ordinary_user_gets_one_sentence_with_the_packages(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup_environment, "missing_packages", lambda for_tests: ["libegl1", "libgl1"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert setup_environment.main(["setup"]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "System packages are missing; install them as root and try again: apt-get install libegl1 libgl1"
    ]


@pytest.mark.parametrize(
    ("answer", "build"), [(0, setup_environment.TORCH_FOR_CUDA), (9, setup_environment.TORCH_FOR_CPU)]
)
def test_that_cuda_is_installed_only_where_a_gpu_answers(
    answer: int, build: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda program: f"/usr/bin/{program}")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(returncode=answer))
    assert setup_environment.torch_requirement() == build


def test_that_both_chosen_builds_satisfy_what_the_project_declares() -> None:
    lines = (setup_environment.ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    declared = next(Requirement(line.strip(' ",')) for line in lines if line.strip().startswith('"torch'))
    for version, build in (
        ("2.13.0+cpu", setup_environment.TORCH_FOR_CPU),
        ("2.13.0", setup_environment.TORCH_FOR_CUDA),
    ):
        assert Requirement(build).specifier.contains(version)
        assert declared.specifier.contains(version)
    assert not Requirement(setup_environment.TORCH_FOR_CUDA).specifier.contains("2.13.0+cpu")


@pytest.mark.parametrize(("display", "shown"), [("", False), (":0", True)])
@on_linux
def test_that_a_display_is_looked_for_where_linux_names_it(
    display: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert setup_environment.has_display() is shown


def test_that_an_installation_is_done_once_for_each_state_of_the_declaration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(setup_environment, "ENVIRONMENT", tmp_path)
    monkeypatch.setattr(setup_environment, "bring_system_packages", lambda for_tests: None)
    monkeypatch.setattr(setup_environment, "create_environment", lambda: None)
    monkeypatch.setattr(setup_environment, "torch_requirement", lambda: "torch==2.13.0")
    monkeypatch.setattr(setup_environment, "pip_install", lambda *arguments: asked.append(arguments))
    setup_environment.install(for_development=False)
    setup_environment.install(for_development=False)
    assert asked == [("torch==2.13.0",), ("--editable", ".")]
    setup_environment.install(for_development=True)
    assert asked[2:] == [("torch==2.13.0",), ("--editable", ".", "--group", "dev")]
    setup_environment.install(for_development=False)
    assert len(asked) == 4
    monkeypatch.setattr(setup_environment, "fingerprint", lambda: "another state")
    setup_environment.install(for_development=False)
    assert len(asked) == 6
