"""The wheel: what is in it, and that a program started from it finds its resources."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from installers import bundled_models
from medgan_viewer import resources

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def unpacked_wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the content of a wheel built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def test_that_every_icon_and_every_model_that_anybody_may_use_is_in_the_wheel(unpacked_wheel: Path) -> None:
    shipped = unpacked_wheel / "medgan_viewer" / "_resources"
    wanted = list(resources.folder().glob("icons/*.svg"))
    assert wanted
    assert all((shipped / path.relative_to(resources.folder())).is_file() for path in wanted)
    models = sorted(path.parent.name for path in shipped.glob("models/*/manifest.json"))
    assert models == [folder.name for folder in bundled_models.divide(resources.path("models"))[0]]
    assert len(list(shipped.glob("models/*/weights.safetensors"))) == len(models)
    # Nothing of the others either, such as a weights file without its manifest.
    assert models == sorted(path.name for path in (shipped / "models").iterdir())


def test_that_a_program_from_the_wheel_finds_its_resources(unpacked_wheel: Path, tmp_path: Path) -> None:
    find = "from medgan_viewer import resources; print(resources.folder())"
    script = f"import sys; sys.path.insert(0, {str(unpacked_wheel)!r}); {find}"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == unpacked_wheel / "medgan_viewer" / "_resources"


def test_that_tests_benchmarks_and_documents_stay_out_of_the_wheel(unpacked_wheel: Path) -> None:
    top = {path.name for path in unpacked_wheel.iterdir() if not path.name.endswith(".dist-info")}
    assert top == {"medgan_viewer"}
