"""What holds for the repository as a whole: nothing in it that must not be there, and imports that stay light."""

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1024 * 1024
# Voxels, pictures of scans and pickles in any of their usual wrappings. The virtual patient is DICOM and is generated.
DATA_SUFFIXES = {".nii", ".gz", ".nrrd", ".mha", ".mhd", ".npy", ".npz", ".h5", ".hdf5", ".zip", ".tar", ".parquet"}
PICKLE_SUFFIXES = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".bin"}


@cache
def tracked_files() -> tuple[Path, ...]:
    """Return what git tracks and would check out, without what is deleted and not yet committed."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    files = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(file for file in files if file.is_file())


def text_of(file: Path) -> str | None:
    """Return a file's text, None for a binary file."""
    content = file.read_bytes()
    return None if b"\0" in content else content.decode("utf-8", errors="replace")


def test_that_the_readme_names_the_two_commands_for_every_system() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for command in ("make setup", "make demo", "setup_environment.py setup", "setup_environment.py demo"):
        assert command in readme
    assert "Research use only" in readme


def test_that_every_link_in_the_documents_leads_somewhere() -> None:
    broken = []
    for document in (file for file in tracked_files() if file.suffix == ".md"):
        targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))
        inside = (target for target in targets if "://" not in target)
        broken += [f"{document.name}: {target}" for target in inside if not (document.parent / target).exists()]
    assert not broken


def test_that_no_tracked_file_names_a_path_of_the_machine_it_was_made_on() -> None:
    telltale = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+|opt/wheels)/|[A-Z]:\\Users\\")
    found = []
    for file in tracked_files():
        text = text_of(file)
        if text is not None and file != Path(__file__) and telltale.search(text):
            found.append(str(file.relative_to(ROOT)))
    assert not found


def test_that_the_repository_stays_small() -> None:
    sizes = {file: file.stat().st_size for file in tracked_files()}
    weights = sum(size for file, size in sizes.items() if file.suffix == ".safetensors")
    assert weights <= 30 * MEGABYTE
    assert sum(sizes.values()) <= 42 * MEGABYTE


def test_that_no_data_file_and_no_pickle_is_tracked() -> None:
    unwanted = DATA_SUFFIXES | PICKLE_SUFFIXES
    assert [str(file) for file in tracked_files() if file.suffix.lower() in unwanted] == []


def test_that_dicom_files_are_tracked_only_for_the_virtual_patient() -> None:
    home = ROOT / "resources" / "virtual_patient"
    strays = []
    for file in tracked_files():
        with file.open("rb") as stream:
            head = stream.read(132)
        if head[128:] == b"DICM" and home not in file.parents:
            strays.append(str(file))
    assert not strays


def test_that_the_licence_is_the_one_the_project_declares() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_that_the_window_never_imports_torch() -> None:
    script = "import sys, medgan_viewer.app; print('torch' in sys.modules)"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, env=environment
    )
    assert done.stdout.split() == ["False"], done.stderr
