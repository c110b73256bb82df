"""A model that works on the acquired grid: every pixel goes through as it is, in any region, corrected as asked for."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.layers import DoubtLayer, ImageLayer
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import PackageError
from medgan_viewer.models import device
from medgan_viewer.models.inference import prepare
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.models.networks import build
from medgan_viewer.models.suitability import check
from medgan_viewer.models.tasks import Result, Writing, task_of
from medgan_viewer.services import _provenance
from tests.models.scans import AXIAL, affine, ct_volume, series, tilted
from tests.models.tiny import content, write_package

RANGE = "ct_range(-1024, 3071, -1.024, 3.071)"
ARGUMENTS = {"in_channels": 1, "out_channels": 1, "features": [4, 8]}
ADDED = 50
"""HU that the network's correction adds to every pixel."""


def restoring(folder: Path, **changes: Any) -> Package:
    """Return a package whose network adds 50 HU everywhere."""
    import torch

    network = build("residual_unet", ARGUMENTS)
    with torch.no_grad():
        network.last.bias.fill_(ADDED / 1000)  # type: ignore[union-attr, operator]
    manifest = content(channels_in=1, channels_out=1)
    manifest["network"] = {"name": "residual_unet", "arguments": ARGUMENTS}
    manifest["requires"]["body_part"] = "ANY"
    manifest["preprocessing"] |= {"grid_spacing_mm": "as acquired", "encoding": {"CT": RANGE}}
    manifest["outputs"] = [
        {"channel": 0, "name": "Restored CT", "modality": "CT", "decoding": RANGE, "unit": "HU", "window": [400, 40]}
    ]
    manifest["controls"] = {"strength": {"stops": [0, 0.5, 1], "default": 1}}
    manifest |= changes
    tensors = {name: value.numpy() for name, value in network.state_dict().items()}
    return read_package(write_package(folder, manifest, np.zeros((1, 1), np.float32), tensors=tensors))


def chest() -> NDArray[np.int16]:
    """Return slices of noise from air to bone, outside a round field of view what scanners fill it with."""
    voxels = np.random.default_rng(0).integers(-1000, 2000, (3, 30, 44)).astype(np.int16)
    rows, columns = np.mgrid[:30, :44]
    voxels[:, np.hypot(rows - 14.5, columns - 21.5) > 21] = -2000
    return voxels


def run(
    package: Package, voxels: NDArray[np.int16], matrix: NDArray[np.float64], strength: float, *, doubt: bool
) -> Any:
    """Return the arrays that a run of the package on a volume fills."""
    network = device.load(package, "cpu", strength)
    assert network.precision == "fp32"
    prepared = prepare(voxels, matrix, "CT", package.manifest)
    task = task_of(package.manifest)
    arrays = [np.zeros(voxels.shape, kind) for kind in task.output_types(package.manifest, doubt=doubt)]
    writing = Writing(package.manifest, arrays, doubt, [voxels] if doubt else [])
    for index in range(len(voxels)):
        (prediction,) = network(prepared.inputs([index]))
        task.write(writing, prediction, prepared, index)
    return arrays


GRIDS = [
    affine((7.0, 0.7, 0.83)),
    affine((1.25, 0.5, 0.5), AXIAL * [-1, 1, -1]),
    affine((3.0, 0.9, 0.6), tilted(12, 0) @ AXIAL[:, [0, 2, 1]]),
]


@pytest.mark.parametrize("matrix", GRIDS)
@pytest.mark.parametrize(("strength", "added"), [(0.0, 0), (0.5, ADDED // 2), (1.0, ADDED)])
def test_that_every_pixel_gets_its_share_of_the_correction_and_nothing_else(
    tmp_path: Path, matrix: NDArray[np.float64], strength: float, added: int
) -> None:
    voxels = chest()
    (restored,) = run(restoring(tmp_path), voxels, matrix, strength, doubt=False)
    inside = voxels > -2000
    np.testing.assert_array_equal(restored[inside], voxels[inside] + added)
    assert (restored[~inside] <= -950).all()


def test_that_a_network_that_restores_sees_the_picture_go_on_beyond_its_edge(tmp_path: Path) -> None:
    # Air without noise would tell it that there is little noise, and it would leave what there is near the edge.
    package, voxels = restoring(tmp_path), chest().clip(-1000)
    multiple = package.manifest.preprocessing.size_multiple
    (seen,) = prepare(voxels, GRIDS[0], "CT", package.manifest).inputs([1])[:, 0]
    assert all(size % multiple == 0 for size in seen.shape)
    (top, left), (bottom, right) = (
        [(size - there) // 2 for size, there in zip(seen.shape, (30, 44), strict=True)],
        [size - there - (size - there) // 2 for size, there in zip(seen.shape, (30, 44), strict=True)],
    )
    expected = np.pad(voxels[1] / np.float32(1000), ((top, bottom), (left, right)), mode="symmetric")
    np.testing.assert_allclose(seen, expected, atol=1e-6)


def test_that_what_was_changed_is_drawn_in_hu_and_called_so(tmp_path: Path) -> None:
    package, voxels = restoring(tmp_path), chest()
    arrays = run(package, voxels, GRIDS[0], 1.0, doubt=True)
    assert (arrays[1][voxels > -2000] == ADDED).all()
    made = _provenance(package, [series()], 0.5)
    assert ("strength", "0.5 (0 original, 1 restored)") in made.settings
    assert ("in-plane grid", "as acquired") in made.settings
    ready = np.ones(3, bool)
    result = Result(package.manifest, series(), ct_volume(voxels), arrays, ready, made, degree=0.5, doubt=True)
    image, change = task_of(package.manifest).layers(result)
    assert isinstance(image, ImageLayer)
    assert isinstance(change, DoubtLayer)
    assert (image.name, image.control, image.degree) == ("Restored CT · strength 0.5", "strength", 0.5)
    assert image.volume.synthetic
    assert change.name == "Change in Restored CT"
    assert change.words == "what the restoration changed, original against restored picture"


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_that_a_restored_picture_comes_up_as_bright_as_its_source_opens(tmp_path: Path, modality: str) -> None:
    rows, columns = np.mgrid[:64, :64]
    head = np.where(np.hypot(rows - 31.5, columns - 31.5) < 28, 4000, 0) * np.linspace(0.5, 1, 64)
    volume = Volume(np.stack([head] * 5).astype(np.int16), affine((5.0, 3.0, 3.0)), modality=modality)
    package = restoring(tmp_path)
    decoding = "ct_range(-1000, 4000, -1, 1)" if modality == "CT" else "mr_unit"
    (output,) = package.manifest.images
    manifest = replace(package.manifest, images=(replace(output, modality=modality, decoding=decoding),))
    own = series(modality=modality, windows=((3000.0, 1500.0),))
    made = _provenance(package, [own], 1.0)
    arrays, ready = [np.zeros(volume.shape, np.int16)], np.ones(5, bool)
    result = Result(manifest, own, volume, arrays, ready, made, degree=1.0, source=volume)
    (image,) = task_of(manifest).layers(result)
    assert isinstance(image, ImageLayer)
    # The brightest of the head is stored as 1000.
    scale = 1.0 if modality == "CT" else 1000 / np.percentile(head[head > 0], 99.5)
    assert image.window == pytest.approx((3000 * scale, 1500 * scale), rel=0.02)
    drawn = task_of(manifest).layers(replace(result, arrays=[*arrays, *arrays], doubt=True))[1]
    assert isinstance(drawn, DoubtLayer)
    assert drawn.strongest == pytest.approx(0.5 * output.window[0] * (1 if modality == "CT" else 1000))
    sigmoid = replace(own, window_function="SIGMOID")
    (without,) = task_of(manifest).layers(replace(result, source=None))
    (curved,) = task_of(manifest).layers(replace(result, series=sigmoid))
    assert isinstance(curved, ImageLayer)
    assert isinstance(without, ImageLayer)
    assert curved.window == without.window
    assert without.window != pytest.approx(image.window, rel=0.02)


@pytest.mark.parametrize("region", ["CHEST", "ABDOMEN", "", "HEAD"])
def test_that_a_model_for_any_region_asks_for_none(tmp_path: Path, region: str) -> None:
    verdict = check(restoring(tmp_path).manifest, series(body_part=region))
    assert verdict.fits
    assert not verdict.cautions


def test_that_a_model_has_one_control_at_most(tmp_path: Path) -> None:
    control = {"stops": [0, 1], "default": 1}
    with pytest.raises(PackageError, match="one control at most"):
        restoring(tmp_path, controls={"strength": control, "sharpness": control})
