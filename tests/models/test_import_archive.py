"""An archive of whole models: all of it or nothing, and nothing beside the models' own folders."""

import zipfile
from pathlib import Path
from typing import Any

import pytest

from medgan_viewer.errors import MedganError, ReadError
from medgan_viewer.models import importing, registry
from medgan_viewer.models.importing import Draft, Refused, Request
from tests.models.importing_builder import archive_of


def unpacked(archive: Path, folder: Path, **changes: Any) -> tuple[Draft, ...] | Refused:
    """Ask for the archive's models as a command or the dialog would."""
    return importing.check(None, request=Request(archive, folder, **{"description": {}, **changes}))


def left(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.exists() else []


def test_that_each_model_comes_with_its_licence_and_numbers_and_is_found_afterwards(tmp_path: Path) -> None:
    drafts = importing.settled(unpacked(archive_of(tmp_path / "models.zip", "one", "two"), tmp_path / "models"))
    assert [(draft.id, draft.licence, draft.evaluated) for draft in drafts] == [
        ("one", "CC BY-NC 4.0", True),
        ("two", "CC BY-NC 4.0", True),
    ]
    assert registry.scan([tmp_path / "models"]) == ((), ())
    for draft in drafts:
        importing.keep(draft)
    packages, problems = registry.scan([tmp_path / "models"])
    assert [package.id for package in packages] == ["one", "two"]
    assert not problems
    assert [path.name for path in left(tmp_path / "models")] == ["one", "two"]


@pytest.mark.parametrize("changes", [{"taken": ("two",)}, {"identifier": "mine"}, {"description": {"name": "x"}}])
def test_that_a_model_that_is_there_or_a_name_of_ones_own_refuses_all_of_it(
    changes: dict[str, Any], tmp_path: Path
) -> None:
    archive = archive_of(tmp_path / "models.zip", "one", "two")
    answer = unpacked(archive, tmp_path / "models", **changes)
    assert isinstance(answer, Refused)
    assert left(tmp_path / "models") == []


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"weights": b"other weights"}, "weights of .one. are damaged"),
        ({"manifest": "no manifest"}, "damaged, encrypted or of an unknown kind"),
        ({"manifest": "[]"}, "not its own"),
        ({"manifest": '{"id": "../../one"}'}, "not its own"),
    ],
)
def test_that_a_damaged_archive_is_one_sentence_and_leaves_nothing(
    changes: dict[str, str | bytes], says: str, tmp_path: Path
) -> None:
    archive = archive_of(tmp_path / "models.zip", "one", **changes)
    with pytest.raises(ReadError, match=says):
        unpacked(archive, tmp_path / "models")
    assert left(tmp_path / "models") == []


def test_that_a_cut_archive_is_refused(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "models.zip", "one")
    archive.write_bytes(archive.read_bytes()[:-400])
    with pytest.raises(MedganError):
        unpacked(archive, tmp_path / "models")


def test_that_files_outside_a_models_own_folder_are_not_written(tmp_path: Path) -> None:
    archive = archive_of(tmp_path / "models.zip", "one")
    with zipfile.ZipFile(archive, "a") as file:
        for name in ("../evil", "/evil", "one/../../evil", "one/.hidden", "one/deep/evil", "README.txt"):
            file.writestr(name, "evil")
    for draft in importing.settled(unpacked(archive, tmp_path / "models")):
        importing.keep(draft)
    kept = sorted(path.relative_to(tmp_path / "models").as_posix() for path in (tmp_path / "models").rglob("*"))
    assert kept == ["one", "one/CARD.md", "one/manifest.json", "one/weights.safetensors"]
    assert not [path for path in tmp_path.rglob("*") if path.name in {"evil", ".hidden"}]
