"""Results come back from disk as they were, or not at all."""

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from medgan_viewer.core.as_json import decoded, encoded
from medgan_viewer.core.kept_layers import read_layer, words_of, write_voxels
from medgan_viewer.core.layers import (
    Code,
    DoubtLayer,
    HeatLayer,
    ImageLayer,
    LabelLayer,
    Layer,
    Provenance,
    Remark,
    Segment,
)
from medgan_viewer.core.volume import Volume

AFFINE = np.array([[0, 0, 1.0, -7], [0, 1.0, 0, 3], [2.5, 0, 0, 11], [0, 0, 0, 1]])


def _common(dtype: Any, **volume: Any) -> dict[str, Any]:
    array = np.random.default_rng(3).integers(0, 100, (4, 5, 6)).astype(dtype)
    provenance = Provenance(
        "ct-to-mr",
        "CT → MR",
        "0.2.0",
        "ab" * 32,
        ("1.2.3",),
        "CPU",
        "fp32",
        datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        "Apache-2.0",
        "Research only.",
        ("one", "two"),
        (("in-plane grid", "1.25 mm"),),
    )
    return {
        "uid": "1.2.840/7",
        "name": "Synthetic T1",
        "source_series_uid": "1.2.3",
        "volume": Volume(array, AFFINE, "1.9", **volume),
        "ready": np.array([True, True, False, True]),
        "provenance": provenance,
        "visible": False,
        "opacity": 0.35,
    }


def _layers() -> list[Layer]:
    segment = Segment(3, "Ventricle", "#aabbcc", Code("1", "SCT", "x"), Code("2", "SCT", "y"), False)
    return [
        ImageLayer(contrast="T1", window=(0.95, 0.5), degree=0.25, **_common(np.int16, modality="MR", synthetic=True)),
        LabelLayer(segments=(segment,), outline=True, remarks=(Remark(3, "ö", (1.0, 2, 3.5)),), **_common(np.uint8)),
        HeatLayer(threshold=0.4, thresholds=((0.05, 0.8),), guaranteed=True, **_common(np.float32)),
        DoubtLayer(image_uid="a", strongest=40.0, words="width", fades=True, **_common(np.int16, unit="HU")),
    ]


@pytest.mark.parametrize("layer", _layers(), ids=lambda layer: type(layer).__name__)
def test_that_a_layer_comes_back_as_it_was(layer: Layer, tmp_path: Path) -> None:
    write_voxels(layer, tmp_path / "voxels.npz")
    again = read_layer(json.loads(json.dumps(words_of(layer))), tmp_path / "voxels.npz")
    assert type(again) is type(layer)
    for each in fields(layer):
        if each.name == "volume":
            for name in ("frame_of_reference_uid", "modality", "unit", "synthetic", "resampled"):
                assert getattr(again.volume, name) == getattr(layer.volume, name)
            assert again.volume.array.dtype == layer.volume.array.dtype
            np.testing.assert_array_equal(again.volume.array, layer.volume.array)
            np.testing.assert_array_equal(again.volume.affine, layer.volume.affine)
        elif each.name != "counts":
            assert np.all(getattr(again, each.name) == getattr(layer, each.name)), each.name


def test_that_slices_that_come_while_voxels_are_written_are_not_called_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer = _layers()[0]
    whole = np.savez

    def late(*arguments: Any, **arrays: Any) -> None:
        layer.ready[2] = True
        whole(*arguments, **arrays)

    monkeypatch.setattr(np, "savez", late)
    write_voxels(layer, tmp_path / "voxels.npz")
    assert read_layer(words_of(layer), tmp_path / "voxels.npz").ready.tolist() == [True, True, False, True]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "picture"},
        {"volume": None},
        {"volume": {"unit": "HU"}},
        {"window": [1.0]},
        {"window": "wide"},
        {"opacity": True},
        {"from_the_future": 1},
        {"provenance": {"model_id": "x"}},
    ],
)
def test_that_words_that_do_not_fit_are_refused(change: dict[str, Any], tmp_path: Path) -> None:
    layer = _layers()[0]
    write_voxels(layer, tmp_path / "voxels.npz")
    with pytest.raises(ValueError):
        read_layer({**words_of(layer), **change}, tmp_path / "voxels.npz")
    left_out = {name: value for name, value in words_of(layer).items() if name != "contrast"}
    with pytest.raises(ValueError, match="another version"):
        read_layer(left_out, tmp_path / "voxels.npz")


def test_that_a_file_cut_short_is_refused(tmp_path: Path) -> None:
    layer, path = _layers()[2], tmp_path / "voxels.npz"
    write_voxels(layer, path)
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:length])
        with pytest.raises((ValueError, OSError)):
            read_layer(words_of(layer), path)
    np.savez(path, array=np.zeros((2, 2)), affine=AFFINE, ready=np.ones(2, bool))
    with pytest.raises(ValueError, match="no voxels"):
        read_layer(words_of(layer), path)
    with pytest.raises(FileNotFoundError):
        read_layer(words_of(layer), tmp_path / "absent.npz")


def test_that_no_pickle_is_ever_loaded(tmp_path: Path) -> None:
    layer, path = _layers()[0], tmp_path / "voxels.npz"
    np.savez(path, array=np.array([object()]), affine=AFFINE, ready=np.ones(1, bool))
    with pytest.raises(ValueError):
        read_layer(words_of(layer), path)


@dataclass(frozen=True)
class _Inner:
    at: datetime
    kind: Literal["a", "b"] = "a"


@dataclass(frozen=True)
class _Outer:
    inner: tuple[_Inner, ...]
    point: tuple[float, float] | None = None
    count: int = 0


def test_that_values_go_to_json_and_back() -> None:
    value = _Outer((_Inner(datetime(2026, 1, 2, tzinfo=UTC), "b"),), (1.5, 2), 7)
    assert decoded(_Outer, json.loads(json.dumps(encoded(value)))) == value
    assert decoded(_Outer, {"inner": []}) == _Outer(())


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {},
        {"inner": {}},
        {"inner": [{"at": "yesterday"}]},
        {"inner": [{"at": "2026-01-02", "kind": "c"}]},
        {"inner": [], "point": [1.0]},
        {"inner": [], "count": True},
        {"inner": [], "count": "7"},
        {"inner": [], "more": 1},
    ],
)
def test_that_content_of_another_shape_is_refused(content: Any) -> None:
    with pytest.raises(ValueError):
        decoded(_Outer, content)


def test_that_what_json_cannot_hold_is_not_written() -> None:
    with pytest.raises(TypeError):
        encoded(_Inner(datetime(2026, 1, 2, tzinfo=UTC), b"a"))  # type: ignore[arg-type]
