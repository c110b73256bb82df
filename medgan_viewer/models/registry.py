"""Which models there are: folders with a manifest, among the program's own and the user's. Imports no torch."""

from collections.abc import Sequence
from pathlib import Path

from medgan_viewer import resources, settings
from medgan_viewer.errors import MedganError, PackageError
from medgan_viewer.models.manifest import Package, read_package

__all__ = ["folders", "scan"]


def folders() -> tuple[Path, ...]:
    """Return the folders that hold model packages: the program's own first, then the user's (which may not exist)."""
    chosen = settings.load().text("model_folder")
    own = Path(chosen) if chosen else settings.data_folder() / "models"
    return resources.path("models"), own


def scan(where: Sequence[Path] | None = None) -> tuple[tuple[Package, ...], tuple[MedganError, ...]]:
    """Return all models of the folders, by id, and one error for each folder that is none.

    Every sub-folder is taken for a package; names with a leading dot are passed over. Where two packages have the same
    id, the first folder's wins and the other is a problem: a model must not be replaced unnoticed.
    """
    found: dict[str, Package] = {}
    problems: list[MedganError] = []
    for folder in folders() if where is None else where:
        for candidate in _candidates(folder):
            try:
                package = read_package(candidate)
            except PackageError as problem:
                problems.append(problem)
                continue
            if package.id in found:
                problems.append(PackageError(candidate, "another package with this name is already used; rename it"))
            else:
                found[package.id] = package
    return tuple(found[key] for key in sorted(found)), tuple(problems)


def _candidates(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError:
        return []
