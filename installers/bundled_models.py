"""Which models go into the program, and which into an archive of their own: those of non-commercial data.

The manifest decides: the model's licence and that of each data set it was trained on. One that forbids commercial use,
or that names no licence at all, keeps the model out of what hospitals and companies install.
"""

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from medgan_viewer.models.licences import forbid_commerce

__all__ = ["copy", "divide", "may_be_shipped", "write_archive"]

# Of a manifest that will never change; a zip file knows no earlier time.
_EARLIEST = (1980, 1, 1, 0, 0, 0)


def may_be_shipped(manifest: Mapping[str, Any]) -> bool:
    """Return whether a model may be in the program that everybody installs."""
    licences = [manifest.get("licence"), *(data.get("licence") for data in manifest.get("training_data", []))]
    stated = all(isinstance(licence, str) and licence.strip() for licence in licences)
    return stated and len(licences) > 1 and not forbid_commerce(map(str, licences))


def divide(models: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders of the models that may be shipped and of those that go into an archive of their own."""
    folders = sorted(path.parent for path in models.glob("*/manifest.json"))
    shipped = [
        folder for folder in folders if may_be_shipped(json.loads((folder / "manifest.json").read_text("utf-8")))
    ]
    return shipped, [folder for folder in folders if folder not in shipped]


def copy(folders: list[Path], target: Path) -> None:
    """Put models into a folder that holds nothing else."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for folder in folders:
        shutil.copytree(folder, target / folder.name)


def write_archive(folders: list[Path], archive: Path) -> None:
    """Write models into a zip file that is unpacked into the user's model folder; the same content, the same bytes."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for folder in folders:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                place = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", _EARLIEST)
                place.compress_type, place.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                file.writestr(place, path.read_bytes())
