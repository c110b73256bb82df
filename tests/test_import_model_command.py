"""``medgan-viewer import-model`` as a script and as a person at a terminal use it."""

import io
import os
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest

from medgan_viewer import cli, settings
from medgan_viewer.commands import import_model
from medgan_viewer.errors import UsageError, WriteError
from medgan_viewer.models import importing, registry
from medgan_viewer.models.importing import Draft, Refused, Request, description
from tests.models.importing_builder import DESCRIPTION, convolution


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the machine's settings, log and models out; return the folder for the user's models."""
    monkeypatch.setenv("MEDGAN_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("MEDGAN_LOGS", str(tmp_path / "logs"))
    settings.save(settings.Settings().changed("model_folder", str(tmp_path / "models")))
    return tmp_path / "models"


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """Check files without a process of their own; return what was asked."""
    asked: list[Request] = []

    def checked(request: Request) -> tuple[Draft, ...]:
        asked.append(request)
        return importing.settled(importing.check(None, request=request))

    monkeypatch.setattr(import_model, "_checked", checked)
    return asked


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """Return an ONNX file and write its description beside it."""
    onnx.save_model(convolution(np.ones((1, 1, 1, 1), np.float32)), tmp_path / "net.onnx")
    (tmp_path / "net.toml").write_text(DESCRIPTION, encoding="utf-8")
    return tmp_path / "net.onnx"


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Be a person at a terminal who types this."""
    stdin = io.StringIO(text)
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)


def arguments(network: Path) -> list[str]:
    return ["import-model", str(network), "--describe", str(network.with_suffix(".toml"))]


def test_that_the_worker_refuses_what_makes_no_sense_with_code_two(
    network: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["import-model", str(network), "--yes"]) == 2
    assert "lacks name, task" in capsys.readouterr().err
    assert not models.exists()


def test_that_a_person_is_asked_and_may_say_no(
    network: Path,
    models: Path,
    in_this_process: list[Request],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    answer(monkeypatch, "n\n")
    assert cli.main(arguments(network)) == 1
    written = capsys.readouterr()
    assert "not evaluated" in written.out
    assert "CC-BY-4.0" in written.out
    assert "Nothing was imported." in written.err
    assert list(models.iterdir()) == []
    answer(monkeypatch, "y\n")
    assert cli.main([*arguments(network), "--id", "mine"]) == 0
    assert [each.name for each in models.iterdir()] == ["mine"]
    assert "mine" in [package.id for package in registry.scan()[0]]


def test_that_nobody_to_ask_needs_yes(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments(network)) == 2
    assert "--yes" in capsys.readouterr().err


def test_that_a_bundled_models_name_is_not_taken(
    network: Path, in_this_process: list[Request], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*arguments(network), "--yes", "--id", "head-ct-to-mr"]) == 2
    assert "already a model" in capsys.readouterr().err
    out = tmp_path / "elsewhere"
    assert cli.main([*arguments(network), "--yes", "--id", "head-ct-to-mr", "--out", str(out)]) == 0
    assert (out / "head-ct-to-mr" / "CARD.md").is_file()


def test_that_a_file_that_cannot_be_imported_is_code_one(
    network: Path, in_this_process: list[Request], capsys: pytest.CaptureFixture[str]
) -> None:
    network.write_bytes(b"hello")
    assert cli.main([*arguments(network), "--yes"]) == 1
    assert capsys.readouterr().err == "net.onnx: this is no ONNX file, or it is damaged\n"


def test_that_the_template_needs_only_a_name_and_is_never_written_over(
    network: Path, in_this_process: list[Request], models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new.toml"
    assert cli.main(["import-model", "--template", str(path)]) == 0
    assert cli.main(["import-model", str(network), "--describe", str(path), "--yes"]) == 2
    assert "lacks name;" in capsys.readouterr().err
    path.write_text(path.read_text(encoding="utf-8").replace('name = ""', 'name = "Filled in"', 1), encoding="utf-8")
    assert cli.main(["import-model", "--template", str(path)]) == 2
    assert "already" in capsys.readouterr().err
    assert cli.main(["import-model", str(network), "--describe", str(path), "--yes"]) == 0
    assert (models / "net").is_dir()


def test_that_the_guides_description_is_complete() -> None:
    guide = Path(__file__).resolve().parents[1] / "docs" / "import-model.md"
    examples = [part.partition("```")[0] for part in guide.read_text(encoding="utf-8").split("```toml\n")[1:]]
    assert examples
    for example in examples:
        assert description.missing(description.parse(example, "the guide")) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "no valid TOML"),
        ("nane = 'x'", '"nane"'),
        ("[requires]\nbody = 'HEAD'", '"requires.body"'),
        ("requires = 3", '"requires"'),
    ],
)
def test_that_a_wrong_description_is_named(
    network: Path, text: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    network.with_suffix(".toml").write_text(text, encoding="utf-8")
    assert cli.main([*arguments(network), "--yes"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_that_a_description_that_is_not_there_is_named(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    network.with_suffix(".toml").unlink()
    assert cli.main([*arguments(network), "--yes"]) == 1
    assert capsys.readouterr().err == "net.toml: there is no such file\n"


def test_that_a_model_put_there_meanwhile_is_not_replaced(network: Path, models: Path) -> None:
    said = tomllib.loads(DESCRIPTION)
    drafts = [importing.check(None, request=Request(network, models, said)) for _ in range(2)]
    first, second = (draft for each in drafts for draft in importing.settled(each))
    importing.keep(first)
    with pytest.raises(UsageError, match="already a model"):
        importing.keep(second)
    assert [each.name for each in models.iterdir()] == ["net"]


def test_that_what_a_killed_import_left_is_taken_away_later(network: Path, models: Path) -> None:
    old, new = models / ".importing-old", models / ".importing-new"
    for folder in (old, new):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    request = Request(network, models, tomllib.loads(DESCRIPTION))
    for draft in importing.settled(importing.check(None, request=request)):
        importing.keep(draft)
    assert sorted(each.name for each in models.iterdir()) == [".importing-new", "net"]


def test_that_a_folder_that_cannot_be_written_is_one_sentence(network: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    answer = Request(network, tmp_path / "file" / "models", tomllib.loads(DESCRIPTION))
    with pytest.raises(WriteError, match="cannot be written there"):
        importing.check(None, request=answer)


def test_that_a_refusal_is_raised_as_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no"):
        importing.settled(Refused("no"))
