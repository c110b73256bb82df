"""A MONAI bundle, folder or zip: its metadata, the literal description of its network, and its weights' bytes.

The configuration is data: no expression in it is evaluated, no class outside the allow-list is looked up, and only the
part that describes the network is read at all. Of a zip only the named members are read; nothing is unpacked.
"""

import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Bundle", "BundleError", "is_bundle", "read_bundle"]

_METADATA = "configs/metadata.json"
_CONFIGURATION = "configs/inference.json"
_NETWORK_KEYS = ("network_def", "network")
_WEIGHTS = ("models/model.safetensors", "models/model.pt", "models/model.pth")
_TORCHSCRIPT = "models/model.ts"
_LARGEST_TEXT = 4 << 20
_LARGEST_WEIGHTS = 4 << 30
_MOST_MEMBERS = 10_000
_DEEPEST = 32


class BundleError(Exception):
    """What is wrong with a bundle, as a sentence without its full stop."""


@dataclass(frozen=True)
class Bundle:
    """What the import takes from a bundle. ``licence`` is the text of its licence file, empty where there is none."""

    metadata: Mapping[str, Any]
    network: str
    arguments: Mapping[str, Any]
    weights_name: str
    weights: bytes
    licence: str


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    def read(self, name: str, largest: int) -> bytes | None:
        """Return a file's content, None where there is none; never one that a link leads to elsewhere."""
        path = (self._root / name).resolve()
        if not path.is_file():
            return None
        if not path.is_relative_to(self._root):
            raise BundleError(f"its {name} is a link to a file elsewhere")
        if path.stat().st_size > largest:
            raise BundleError(f"its {name} is larger than is allowed")
        return path.read_bytes()


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        names = archive.namelist()
        if len(names) > _MOST_MEMBERS:
            raise BundleError("the archive holds too many files")
        for name in names:
            if name.startswith(("/", "\\")) or ":" in name or ".." in name.replace("\\", "/").split("/"):
                raise BundleError("the archive has a file that would be unpacked outside its folder, so it is not used")
        found = sorted((name for name in names if f"/{name}".endswith(f"/{_METADATA}")), key=len)
        self._prefix = found[0].removesuffix(_METADATA) if found else ""

    def read(self, name: str, largest: int) -> bytes | None:
        """Return a member's content, None where there is none."""
        try:
            info = self._archive.getinfo(self._prefix + name)
        except KeyError:
            return None
        if info.file_size > largest:
            raise BundleError(f"its {name} is larger than is allowed")
        with self._archive.open(info) as stream:
            # The size that an archive states need not be true.
            content = stream.read(largest + 1)
        if len(content) > largest:
            raise BundleError(f"its {name} is larger than is allowed")
        return content


def is_bundle(path: Path) -> bool:
    """Return whether a path is a folder, or a zip that holds a bundle's metadata."""
    if path.is_dir():
        return True
    try:
        with zipfile.ZipFile(path) as archive:
            return any(f"/{name}".endswith(f"/{_METADATA}") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def read_bundle(path: Path) -> Bundle:
    """Read a bundle. Raises BundleError with a sentence for whatever is missing, too large or not literal."""
    try:
        if path.is_dir():
            return _bundle(_Folder(path))
        with zipfile.ZipFile(path) as archive:
            return _bundle(_Zip(archive))
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError, EOFError) as error:
        # RuntimeError: encrypted; NotImplementedError: a compression that Python lacks.
        raise BundleError("the archive is damaged, encrypted or of an unknown kind") from error
    except OSError as error:
        raise BundleError(f"it cannot be read ({error.strerror})") from error


def _bundle(source: _Folder | _Zip) -> Bundle:
    metadata = _object(source, _METADATA)
    if metadata is None:
        raise BundleError(f"it has no {_METADATA}, so it is no MONAI bundle")
    configuration = _object(source, _CONFIGURATION)
    if configuration is None:
        if any(source.read(f"configs/inference.{end}", _LARGEST_TEXT) for end in ("yaml", "yml")):
            raise BundleError(f"its configuration is in YAML, which is not read here; save it as {_CONFIGURATION}")
        raise BundleError(f"it has no {_CONFIGURATION}")
    name, arguments = _network(configuration)
    weights_name, weights = _weights(source)
    licence = source.read("LICENSE", _LARGEST_TEXT) or source.read("docs/LICENSE", _LARGEST_TEXT) or b""
    return Bundle(metadata, name, arguments, weights_name, weights, licence.decode("utf-8", "replace"))


def _object(source: _Folder | _Zip, name: str) -> dict[str, Any] | None:
    content = source.read(name, _LARGEST_TEXT)
    if content is None:
        return None
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BundleError(f"its {name} cannot be read as JSON")
    return found


def _weights(source: _Folder | _Zip) -> tuple[str, bytes]:
    for name in _WEIGHTS:
        content = source.read(name, _LARGEST_WEIGHTS)
        if content is not None:
            return name, content
    if source.read(_TORCHSCRIPT, _LARGEST_WEIGHTS) is not None:
        raise BundleError(
            f"its weights are only there as TorchScript ({_TORCHSCRIPT}), which can run code; put the network's "
            "state_dict into models/model.safetensors (safetensors.torch.save_file)"
        )
    raise BundleError(f"it has no weights ({' or '.join(_WEIGHTS)})")


# -- the network's description -----------------------------------------------------------------------------------------


def _network(configuration: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Return the class and the literal arguments of the network."""
    for key in _NETWORK_KEYS:
        definition = configuration.get(key)
        if isinstance(definition, dict) and "_target_" in definition:
            break
    else:
        raise BundleError(f'its {_CONFIGURATION} has no "network_def" with a "_target_"')
    target = _literal(definition["_target_"], configuration, f"{key}._target_", 0)
    for name in definition:
        if name.startswith("_") and name not in {"_target_", "_desc_"}:
            raise BundleError(f'"{key}.{name}" in {_CONFIGURATION} is not supported')
    arguments = {
        name: _literal(value, configuration, f"{key}.{name}", 0)
        for name, value in definition.items()
        if not name.startswith("_")
    }
    return _class_name(target, f"{key}._target_"), arguments


def _class_name(target: Any, where: str) -> str:
    """Return the class of "UNet" or "monai.networks.nets.UNet"; whether it is allowed is judged where it is built."""
    package, _, name = str(target).rpartition(".")
    if package and package != "monai.networks.nets" and not package.startswith("monai.networks.nets."):
        raise BundleError(f'"{where}" in {_CONFIGURATION} is "{str(target)[:80]}", which is no network of MONAI\'s own')
    return name


def _literal(value: Any, configuration: Mapping[str, Any], where: str, depth: int) -> Any:
    """Return a value with references to other literal values followed; nothing is evaluated."""
    if depth > _DEEPEST:
        raise BundleError(f'"{where}" in {_CONFIGURATION} refers to itself or is nested too deeply')
    if isinstance(value, dict):
        if "_target_" in value:
            raise BundleError(f'"{where}" in {_CONFIGURATION} is an object to be made; only plain values are read')
        return {key: _literal(item, configuration, f"{where}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_literal(item, configuration, f"{where}[{place}]", depth + 1) for place, item in enumerate(value)]
    if not isinstance(value, str):
        return value
    if value.startswith(("$", "%")) or "$@" in value:
        raise BundleError(
            f'"{where}" in {_CONFIGURATION} is an expression, and expressions are never evaluated here; write its '
            "value in its place"
        )
    if value.startswith("@"):
        return _literal(_looked_up(value[1:], configuration, where), configuration, where, depth + 1)
    return value


def _looked_up(reference: str, configuration: Mapping[str, Any], where: str) -> Any:
    place: Any = configuration
    for key in reference.replace("#", "::").split("::"):
        if isinstance(place, Mapping) and key in place:
            place = place[key]
        elif isinstance(place, list) and key.isdecimal() and int(key) < len(place):
            place = place[int(key)]
        else:
            raise BundleError(f'"{where}" in {_CONFIGURATION} refers to "{reference[:80]}", which is not there')
    return place
