"""Every registered architecture: builds from its arguments, keeps the picture's size, is found without torch."""

import subprocess
import sys
from typing import Any

import pytest
import torch

from medgan_viewer.models.networks import NETWORKS, build

ARGUMENTS: dict[str, dict[str, Any]] = {
    "unet_2p5d": {"in_channels": 6, "out_channels": 2, "features": [8, 12, 16]},
    "residual_unet": {"in_channels": 6, "out_channels": 2, "features": [4, 8]},
    "red_cnn": {"in_channels": 2, "out_channels": 2, "features": 4},
    "resnet_generator": {"in_channels": 6, "out_channels": 2, "features": 4, "blocks": 1},
    "dcgan_generator": {"latent_channels": 5, "out_channels": 2, "size": [64, 64], "features": 4, "classes": 3},
    "mlp_generator": {"latent_channels": 5, "out_channels": 2, "width": 8, "classes": 3},
    "patch_discriminator": {"in_channels": 6, "out_channels": 2, "features": [4, 8, 8]},
    "monai_patch_discriminator": {"in_channels": 6, "out_channels": 2, "features": 4},
    "dcgan_discriminator": {"in_channels": 6, "out_channels": 2, "size": [64, 64], "features": 4},
    "projection_discriminator": {
        "in_channels": 6,
        "out_channels": 2,
        "size": [64, 64],
        "features": 4,
        "classes": 3,
    },
    "mlp_discriminator": {"in_channels": 6, "out_channels": 2, "size": [64, 64], "width": 8, "classes": 3},
    "autoencoder_discriminator": {"in_channels": 6, "out_channels": 2, "features": [4, 8], "code": 4},
    "mlp_autoencoder": {"in_channels": 6, "out_channels": 2, "size": [64, 64], "width": 8},
    "code_head": {"in_features": 6 * 64 * 64, "categorical": [3], "continuous": 2, "width": 8},
    "restoring_discriminator": {"in_channels": 1},
    "f_anogan": {"size": [32, 48], "generator": {"features": 4}, "encoder": {"features": 4}, "critic": {"features": 4}},
    "ebgan_map": {"autoencoder": {"features": [4, 8], "code": 4}},
    "slice_classifier": {"in_channels": 6, "out_channels": 5, "features": [4, 6, 8], "dropout": 0.0},
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
OF_ONE_CHANNEL = ("f_anogan", "ebgan_map")
JUDGING = [name for name, _ in NETWORKS if name.endswith(("_discriminator", "_autoencoder")) and name[:4] != "rest"]


def inputs(name: str, size: int = 64) -> tuple[torch.Tensor, ...]:
    arguments = ARGUMENTS[name].get("arguments", ARGUMENTS[name])
    label = [torch.tensor([0, 2])] if "classes" in arguments else []
    if "latent_channels" in arguments:
        return (torch.randn(2, arguments["latent_channels"]), *label)
    source = torch.rand(2, 1 if name in OF_ONE_CHANNEL else arguments.get("in_channels", 6), size, size)
    return (source, torch.rand(2, 2, size, size), *label) if name in JUDGING else (source,)


def flattened(output: Any) -> torch.Tensor:
    """All that a network returns, in one row."""
    if isinstance(output, torch.Tensor):
        return output.float().flatten()
    return torch.cat([flattened(part) for part in output])


@pytest.mark.parametrize("name", [name for name, _ in NETWORKS])
def test_that_each_network_builds_and_runs_and_keeps_its_weights(name: str) -> None:
    network = build(name, ARGUMENTS[name]).eval()
    again = build(name, ARGUMENTS[name]).eval()
    again.load_state_dict(network.state_dict())
    given = inputs(name)
    with torch.inference_mode():
        first, second = flattened(network(*given)), flattened(again(*given))
    assert torch.equal(first, second)
    assert torch.isfinite(first).all()


@pytest.mark.parametrize("name", [name for name, _ in NETWORKS])
def test_that_what_each_network_returns_depends_on_every_weight_of_it(name: str) -> None:
    network = build(name, ARGUMENTS[name])
    (flattened(network(*inputs(name))) ** 2).sum().backward()  # type: ignore[no-untyped-call]
    unreached = [key for key, weight in network.named_parameters() if weight.grad is None]
    assert unreached == []


@pytest.mark.parametrize("name", [name for name, _ in NETWORKS])
def test_that_each_network_runs_in_bfloat16_close_to_what_it_gives_in_float32(name: str) -> None:
    torch.manual_seed(0)
    network = build(name, ARGUMENTS[name])
    given = inputs(name)
    with torch.no_grad():
        exact = flattened(network(*given))
        with torch.autocast("cpu", torch.bfloat16):
            rough = flattened(network(*given))
    assert torch.isfinite(rough).all()
    assert float((rough - exact).abs().mean()) <= 0.05 * float(exact.abs().mean()) + 1e-3


@pytest.mark.parametrize("name", JUDGING)
def test_that_a_discriminator_judges_every_picture_alone_and_tells_what_its_layers_see(name: str) -> None:
    network = build(name, ARGUMENTS[name])
    given = inputs(name)
    with torch.no_grad():
        scores, features = network(*given)
        alone, _ = network(*(value[:1] for value in given))
    assert len(scores) == 2
    assert len(features) >= 2
    assert all(len(feature) == 2 for feature in features)
    assert torch.allclose(scores[:1], alone, rtol=1e-4, atol=1e-5)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in network.modules())


@pytest.mark.parametrize("name", JUDGING)
def test_that_a_discriminator_needs_no_source(name: str) -> None:
    picture, arguments = torch.rand(2, 2, 64, 64), ARGUMENTS[name] | {"in_channels": 0}
    label = [torch.tensor([0, 2])] if "classes" in arguments else []
    scores, _ = build(name, arguments)(picture[:, :0], picture, *label)
    assert torch.isfinite(scores).all()


@pytest.mark.parametrize("name", ["projection_discriminator", "mlp_discriminator"])
def test_that_a_projection_scores_the_same_picture_by_its_class(name: str) -> None:
    network = build(name, ARGUMENTS[name])
    source, picture, _ = inputs(name)
    with torch.no_grad():
        scores = [network(source, picture, torch.full((2,), label))[0] for label in range(3)]
        mixed = network(source, picture, torch.tensor([2, 0]))[0]
    assert not torch.allclose(scores[0], scores[1])
    assert torch.allclose(mixed, torch.stack([scores[2][0], scores[0][1]]), atol=1e-5)


@pytest.mark.parametrize("size", [(28, 28), (32, 32), (64, 64), (64, 48)])
def test_that_generator_and_discriminator_of_whole_pictures_fit_one_size(size: tuple[int, int]) -> None:
    generator = build("dcgan_generator", {"latent_channels": 3, "out_channels": 1, "size": size, "features": 2})
    picture = generator(torch.randn(2, 3))
    assert picture.shape == (2, 1, *size)
    assert float(picture.detach().min()) >= 0
    assert float(picture.detach().max()) <= 1
    discriminator = build("dcgan_discriminator", {"out_channels": 1, "size": size, "features": 2})
    assert discriminator(picture[:, :0], picture)[0].shape == (2, 1)


def test_that_a_size_that_cannot_be_halved_is_refused() -> None:
    with pytest.raises(ValueError, match="halved"):
        build("dcgan_generator", {"latent_channels": 3, "out_channels": 1, "size": (31, 31)})


def test_that_points_have_no_rows_and_columns() -> None:
    points = build("mlp_generator", {"latent_channels": 3, "out_channels": 2})(torch.randn(4, 3))
    assert points.shape == (4, 2)
    small = {"latent_channels": 3, "out_channels": 2, "size": (3, 4)}
    assert build("mlp_generator", small)(torch.randn(4, 3)).shape == (4, 2, 3, 4)


@pytest.mark.parametrize("name", ["autoencoder_discriminator", "mlp_autoencoder"])
def test_that_an_energy_is_the_mean_squared_error_of_what_comes_back(name: str) -> None:
    network = build(name, ARGUMENTS[name] | {"in_channels": 0})
    for weight in network.last.parameters():  # type: ignore[union-attr]
        torch.nn.init.zeros_(weight)
    picture = torch.rand(2, 2, 64, 64)
    energies, features = network(picture[:, :0], picture)
    assert energies.tolist() == pytest.approx((picture**2).mean(dim=(1, 2, 3)).tolist())
    assert features[-1].shape[1] == (4 if name == "autoencoder_discriminator" else 1)


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
