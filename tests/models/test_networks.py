"""Every registered architecture: builds from its arguments, keeps the picture's size, is found without torch."""

import subprocess
import sys
from typing import Any

import pytest
import torch

from medgan_viewer.models.networks import NETWORKS, build

ARGUMENTS: dict[str, dict[str, Any]] = {
    "unet_2p5d": {"in_channels": 6, "out_channels": 2, "features": [8, 12, 16]},
    "patch_discriminator": {"in_channels": 6, "out_channels": 2, "features": [4, 8, 8]},
    "restoring_discriminator": {"in_channels": 1},
    "monai": {
        "class": "UNet",
        "arguments": {
            "spatial_dims": 2,
            "in_channels": 2,
            "out_channels": 1,
            "channels": [4, 8],
            "strides": [2],
            "norm": "BATCH",
        },
    },
}


def inputs(name: str, size: int = 64) -> tuple[torch.Tensor, ...]:
    channels = ARGUMENTS[name].get("arguments", ARGUMENTS[name])["in_channels"]
    source = torch.rand(2, channels, size, size)
    return (source, torch.rand(2, 2, size, size)) if name == "patch_discriminator" else (source,)


@pytest.mark.parametrize("name", [name for name, _ in NETWORKS])
def test_that_each_network_builds_and_runs_and_keeps_its_weights(name: str) -> None:
    network = build(name, ARGUMENTS[name]).eval()
    again = build(name, ARGUMENTS[name]).eval()
    again.load_state_dict(network.state_dict())
    given = inputs(name)
    with torch.inference_mode():
        first, second = network(*given), again(*given)
    first, second = (value[0] if isinstance(value, tuple) else value for value in (first, second))
    assert torch.equal(first, second)
    assert torch.isfinite(first).all()


def test_that_importing_the_registry_imports_no_torch() -> None:
    code = "import sys, medgan_viewer.models.networks; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_that_an_unknown_network_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        build("transformer", {})


@pytest.mark.parametrize("fold", [1, 2])
def test_that_the_generator_keeps_the_pictures_size(fold: int) -> None:
    network = build("unet_2p5d", {"in_channels": 3, "out_channels": 5, "features": [8, 12, 16], "fold": fold}).eval()
    with torch.inference_mode():
        assert network(torch.rand(1, 3, 32, 48)).shape == (1, 5, 32, 48)


def test_that_the_generator_sees_far_enough_and_every_channel() -> None:
    network = build("unet_2p5d", {"in_channels": 6, "out_channels": 1, "features": [8, 12, 16, 16]}).eval()
    image = torch.rand(1, 6, 64, 64, requires_grad=True)
    network(image)[0, 0, 32, 32].backward()
    assert image.grad is not None
    seen = image.grad[0].abs() > 0
    assert seen.flatten(1).any(dim=1).all()
    rows = torch.nonzero(seen.any(dim=0).any(dim=1))
    assert int(rows.max() - rows.min()) >= 40


def test_that_the_discriminator_sees_fine_texture_more_than_as_much_brightness() -> None:
    torch.manual_seed(0)
    discriminator = build("patch_discriminator", ARGUMENTS["patch_discriminator"])
    source, smooth = torch.zeros(1, 6, 64, 64), torch.full((1, 2, 64, 64), 0.5)
    rough = smooth + 0.05 * (-1.0) ** torch.arange(64)
    with torch.inference_mode():
        plain, textured, brighter = (
            discriminator(source, picture)[1][0][:, :, 4:-4, 4:-4] for picture in (smooth, rough, smooth + 0.05)
        )
    assert (textured - plain).abs().max() > 1.5 * (brighter - plain).abs().max()
