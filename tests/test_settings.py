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
    # As `.value("name")`, `.text("name")` and so on; gestures by the end of their names.
    assert [
        one.name
        for one in settings.DECLARED
        if one.group != "Mouse" and not re.search(rf'(value|text|number|mapping)\("{one.name}"\)', written)
    ] == []


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
    assert json.loads(path.read_text()) == {"from_the_future": [1, 2], "linked": False, "schema": 1}


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


def test_that_every_setting_says_what_it_is_and_what_it_does() -> None:
    for setting in settings.DECLARED:
        assert setting.title, setting.name
        assert (setting.group == "") == (setting.kind == "kept"), setting.name
        assert (setting.range != (0.0, 0.0)) == (setting.kind == "number"), setting.name
        assert bool(setting.choices) == (setting.kind == "choice"), setting.name
    groups = [setting.group for setting in settings.DECLARED]
    # The dialog shows them in this order, each group once.
    assert len([name for place, name in enumerate(groups) if place == 0 or groups[place - 1] != name]) == len(
        set(groups)
    )


@pytest.mark.parametrize("value", [0, 61, "10", True, float("nan"), None, [1]])
def test_that_a_number_out_of_its_range_is_refused(value: object) -> None:
    assert not settings.declared("cine_rate").accepts(value)


@pytest.mark.parametrize("value", [{"file.quit": 1}, {"file.quit": ["Q"]}, "Q", None])
def test_that_keys_are_words_by_words(value: object) -> None:
    assert not settings.declared("keys").accepts(value)
    assert settings.declared("keys").accepts({"file.quit": "Ctrl+W"})


def test_that_a_number_and_keys_are_stored_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    changed = settings.Settings().changed("cine_rate", 25).changed("keys", {"file.quit": "Ctrl+W"})
    settings.save(changed, path)
    assert settings.load(path).number("cine_rate") == 25
    assert settings.load(path).mapping("keys") == {"file.quit": "Ctrl+W"}
    assert settings.load(path).reset("cine_rate").number("cine_rate") == 10


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("{", "cannot be read"),
        ("[1]", "cannot be read"),
        ("\x00", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('{"schema": 2, "theme": "light"}', "newer version"),
        ('{"schema": "x"}', "newer version"),
    ],
)
def test_that_a_broken_or_newer_file_is_kept_aside_and_the_defaults_hold(
    tmp_path: Path, content: str, why: str
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(content)
    loaded, sentence = settings.load_or_set_aside(path)
    assert loaded == settings.Settings()
    assert why in sentence
    assert sentence.count(".") == 3  # two file names, and the end of one sentence
    assert "settings-kept.json" in sentence
    settings.save(loaded.changed("theme", "light"), path)
    assert (tmp_path / "settings-kept.json").read_text() == content
    path.write_text("{")
    assert "settings-kept-2.json" in settings.load_or_set_aside(path)[1]
    assert (tmp_path / "settings-kept.json").read_text() == content


def test_that_a_whole_file_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert settings.load_or_set_aside(path) == (settings.Settings(), "")
    settings.save(settings.Settings().changed("theme", "light"), path)
    loaded, sentence = settings.load_or_set_aside(path)
    assert loaded.text("theme") == "light"
    assert sentence == ""


def test_that_a_file_that_cannot_be_put_aside_does_not_stop_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.json"
    path.write_text("{")

    def refuse(self: Path, target: Path) -> Path:
        raise PermissionError(13, "no")

    monkeypatch.setattr(Path, "rename", refuse)
    loaded, sentence = settings.load_or_set_aside(path)
    assert loaded == settings.Settings()
    assert sentence == "settings.json: the settings cannot be read; the defaults are in use."


def test_the_words_for_a_drag_of_the_window_name_what_it_changes_and_not_how_it_looks() -> None:
    # A higher level makes a picture darker, an inverted one brighter.
    left = next(setting for setting in settings.DECLARED if "window" in dict(setting.choices))
    assert dict(left.choices)["window"] == "Window: → wider, ↑ higher level"
