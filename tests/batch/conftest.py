"""Settings, log, models and studies of a test's own."""

import shutil
from pathlib import Path

import pytest

from medgan_viewer import settings
from tests.batch.studies import write_head
from tests.models.tiny import content
from tests.test_cli import real_package


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings, log and models of the machine out of the tests, here and in the processes that they start."""
    for name in ("config", "logs", "cache"):
        monkeypatch.setenv(f"MEDGAN_{name.upper()}", str(tmp_path / name))


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a package for head CT with a small network and random weights."""
    return real_package(tmp_path_factory.mktemp("package"), content(grid_spacing_mm=4.0))


@pytest.fixture
def model(package: Path, own_folders: None, tmp_path: Path) -> Path:
    """Install the package among the user's models and return its folder there."""
    folder = tmp_path / "models" / package.name
    shutil.copytree(package, folder)
    settings.save(settings.Settings().changed("model_folder", str(folder.parent)))
    return folder


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    """Return a folder with the heads of three patients and the chest of a fourth."""
    for number in range(3):
        write_head(tmp_path / "in", number)
    write_head(tmp_path / "in", 3, BodyPartExamined="CHEST", SeriesDescription="Chest")
    return tmp_path / "in"
