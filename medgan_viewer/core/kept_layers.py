"""Results as they are kept between sessions: their words as JSON, their voxels in a file of their own."""

import zipfile
import zlib
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.as_json import decoded, encoded
from medgan_viewer.core.layers import DoubtLayer, HeatLayer, ImageLayer, LabelLayer, Layer
from medgan_viewer.core.volume import Volume

__all__ = ["read_layer", "words_of", "write_voxels"]

_KINDS: dict[str, type[Layer]] = {"image": ImageLayer, "labels": LabelLayer, "heat": HeatLayer, "doubt": DoubtLayer}
# These are in the file of voxels, or are computed from it.
_NOT_WORDS = ("volume", "ready", "counts")
_OF_VOLUME = ("frame_of_reference_uid", "modality", "unit", "synthetic", "resampled")
_ARRAYS = ("array", "affine", "ready")


def words_of(layer: Layer) -> dict[str, Any]:
    """Return all of a layer but its voxels, as what JSON can hold."""
    kind = next(name for name, made in _KINDS.items() if isinstance(layer, made))
    words = {each.name: encoded(getattr(layer, each.name)) for each in fields(layer) if each.name not in _NOT_WORDS}
    return {"kind": kind, "volume": {name: getattr(layer.volume, name) for name in _OF_VOLUME}, **words}


def write_voxels(layer: Layer, path: Path) -> None:
    """Write a layer's voxels, their grid, and which slices are valid. Raises ``OSError``.

    What becomes valid meanwhile is not said to be.
    """
    ready = layer.ready.copy()
    save = np.savez_compressed if isinstance(layer, LabelLayer) else np.savez
    save(path, array=layer.volume.array, affine=layer.volume.affine, ready=ready)


def read_layer(words: dict[str, Any], path: Path) -> Layer:
    """Return the layer of which :func:`words_of` and :func:`write_voxels` wrote. Raises ``OSError``, ``ValueError``."""
    content = dict(words)
    kind = _KINDS.get(str(content.pop("kind", "")))
    volume = content.pop("volume", None)
    if kind is None or not isinstance(volume, dict) or set(volume) != set(_OF_VOLUME):
        raise ValueError("this is no result")
    array, affine, ready = _read_voxels(path)
    hints = get_type_hints(kind)
    wanted = {each.name: each for each in fields(kind) if each.name not in _NOT_WORDS}
    missing = [each.name for each in wanted.values() if each.default is MISSING and each.name not in content]
    if content.keys() - wanted.keys() or any(wanted[name].default_factory is MISSING for name in missing):
        raise ValueError("this result is another version's")
    values = {name: decoded(hints[name], one) for name, one in content.items()}
    empty = Volume(array, affine)
    grid = replace(empty, **{name: decoded(get_type_hints(Volume)[name], volume[name]) for name in _OF_VOLUME})
    return kind(volume=grid, ready=ready, **values)


def _read_voxels(path: Path) -> tuple[NDArray[Any], NDArray[np.float64], NDArray[np.bool_]]:
    try:
        # Opened here: numpy leaves a file open that it cannot read.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            array, affine, ready = (file[name] for name in _ARRAYS)
    except (KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError("these are no voxels") from error
    if array.ndim != 3 or ready.shape != array.shape[:1] or ready.dtype != np.bool_ or not np.isfinite(affine).all():
        raise ValueError("these are no voxels of a result")
    return array, affine, ready
