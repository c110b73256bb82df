"""Settings: declared once, stored as JSON."""

import json
import re
from pathlib import Path

import pytest

from medgan_viewer import settings
from medgan_viewer.errors import ReadError, UsageError, WriteError


def test_that_every_default_fits_its_own_declaration() -> None:
    names = [setting.name for setting in settings.DECLARED]
    assert len(set(names)) == len(names)
    for setting in settings.DECLARED:
        assert setting.accepts(setting.default), setting.name
        assert setting.description.endswith(".")


def test_that_every_setting_is_used_somewhere() -> None:
    package = Path(settings.__file__).parent
    written = "".join(path.read_text() for path in package.rglob("*.py") if path.name != "settings.py")
    # As `.value("name")` or `.text("name")`.
    assert [one.name for one in settings.DECLARED if not re.search(rf'(value|text)\("{one.name}"\)', written)] == []


def test_that_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    loaded = settings.load(tmp_path / "absent.json")
    assert loaded.value("device") == "auto"
    assert loaded.values == {}


def test_that_a_change_is_stored_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "settings.json"
    settings.save(settings.Settings().changed("device", "cpu").changed("linked", False), path)
    loaded = settings.load(path)
    assert loaded.text("device") == "cpu"
    assert loaded.value("linked") is False
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("device", "abacus"), ("linked", "yes"), ("model_folder", True)],
)
def test_that_a_value_that_does_not_fit_is_refused(name: str, value: settings.Value) -> None:
    with pytest.raises(UsageError, match=name):
        settings.Settings().changed(name, value)


def test_that_a_setting_nobody_declared_does_not_exist() -> None:
    with pytest.raises(KeyError):
        settings.Settings().value("colour_of_the_sky")


def test_that_a_stored_value_that_does_not_fit_falls_back_to_the_default(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"device": "abacus", "theme": "light"}))
    loaded = settings.load(path)
    assert loaded.value("device") == "auto"
    assert loaded.value("theme") == "light"


def test_that_what_a_newer_version_stored_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"from_the_future": [1, 2]}))
    settings.save(settings.load(path).changed("linked", False), path)
    assert json.loads(path.read_text()) == {"from_the_future": [1, 2], "linked": False}


@pytest.mark.parametrize("content", ["", "{", "[1]", "\x00"])
def test_that_an_unreadable_file_is_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    with pytest.raises(ReadError, match="delete the file"):
        settings.load(path)


def test_that_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError):
        settings.save(settings.Settings(), tmp_path / "file" / "settings.json")


def test_that_the_environment_names_other_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, folder in (
        ("MEDGAN_CONFIG", settings.configuration_folder),
        ("MEDGAN_CACHE", settings.cache_folder),
        ("MEDGAN_LOGS", settings.log_folder),
    ):
        monkeypatch.setenv(name, str(tmp_path / name))
        assert folder() == tmp_path / name
        monkeypatch.delenv(name)
        assert "medgan-viewer" in str(folder())
