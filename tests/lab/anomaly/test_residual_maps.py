"""f-AnoGAN and EBGAN as heat maps: what they learn, what is packaged of them, and what their heat means."""

import copy
import math
from pathlib import Path
from typing import Any

import pytest
import torch

from medgan_viewer import resources
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import DataShapes, Method, Network, method
from medgan_viewer.lab.recipe import load_recipe
from medgan_viewer.lab.training.checking import check
from medgan_viewer.models.networks import build
from medgan_viewer.models.networks.residual_maps import EBGANMap, FAnoGAN, centred, given, heat_logit
from medgan_viewer.models.networks.restoring_discriminator import compand

SIZE = (32, 48)
GENERATOR = Network("dcgan_generator", {"features": 4})
CRITIC = Network("dcgan_discriminator", {"features": 4})
AUTOENCODER = Network("autoencoder_discriminator", {"features": (4, 6), "code": 2})
JUDGES = {"f-anogan": CRITIC, "ebgan-map": AUTOENCODER}
NAMES = tuple(JUDGES)


def made(name: str, discriminator: Network | None = None, channels: int = 1, **arguments: Any) -> Method:
    torch.manual_seed(0)
    judge = JUDGES[name] if discriminator is None else discriminator
    data = DataShapes(source_channels=1, target_channels=channels, classes=2, size=SIZE)
    return method(name, generator=GENERATOR, discriminator=judge, data=data, **({"latent": 6} | arguments))


def slices(count: int = 4, seed: int = 1) -> dict[str, torch.Tensor]:
    return {"image": Draw(seed).uniform(count, 1, *SIZE)}


def reached(module: torch.nn.Module) -> set[str]:
    return {name for name, weight in module.named_parameters() if weight.grad is not None}


def test_that_heat_is_one_minus_the_exponential_of_ten_times_the_anomaly() -> None:
    anomaly = torch.tensor([0.01, 0.1, 0.5, 20.0])
    heat = heat_logit(anomaly).sigmoid()
    assert heat.tolist() == pytest.approx([1 - math.exp(-10 * a) for a in anomaly.tolist()], rel=1e-5)
    nothing = heat_logit(torch.zeros(1))
    assert torch.isfinite(nothing).all()
    assert float(nothing.sigmoid()) < 1e-5


def test_that_slices_are_cut_and_padded_about_their_middle_and_back() -> None:
    picture = torch.rand(2, 1, 32, 64)
    inside = centred(picture, SIZE)
    assert torch.equal(inside, picture[..., 8:56])
    assert torch.equal(centred(inside, (32, 64))[..., 8:56], inside)
    assert torch.equal(centred(centred(picture, (48, 80)), (32, 64)), picture)


def test_that_a_map_is_the_error_of_an_autoencoder() -> None:
    network = EBGANMap({"features": [4, 6], "code": 2}).eval()
    image = torch.rand(2, 1, 32, 32)
    with torch.inference_mode():
        error = (given(image) - network.restore(given(image))).abs()
        assert torch.allclose(network(image).sigmoid(), 1 - torch.exp(-10 * error), atol=1e-5)


def test_that_a_map_adds_what_the_critic_sees_to_what_the_generator_cannot_give_back() -> None:
    torch.manual_seed(0)
    small = {"features": 4}
    with_critic = FAnoGAN(SIZE, 6, small, small, small, kappa=0.5).eval()
    pixels_alone = copy.deepcopy(with_critic)
    pixels_alone.kappa = 0.0
    image = torch.rand(2, 1, *SIZE)
    with torch.inference_mode():
        companded = given(image)
        error = (companded - with_critic.restore(companded)).abs()
        alone = pixels_alone(image).sigmoid()
        assert torch.allclose(alone, 1 - torch.exp(-10 * error), atol=1e-5)
        assert bool((with_critic(image).sigmoid() >= alone).all())
        assert float((with_critic(image).sigmoid() - alone).mean()) > 0.01


def test_that_slices_of_another_size_are_judged_in_their_middle_and_cold_outside() -> None:
    small = {"features": 4}
    network = FAnoGAN(SIZE, 6, small, small, small).eval()
    image = torch.rand(1, 1, 64, 64)
    with torch.inference_mode():
        heat = network(image).sigmoid()
        middle = network(image[:, :, 16:48, 8:56]).sigmoid()
    assert heat.shape == image.shape
    assert torch.allclose(heat[:, :, 16:48, 8:56], middle, atol=1e-6)
    outside = torch.ones(64, 64, dtype=torch.bool)
    outside[16:48, 8:56] = False
    assert float(heat[0, 0][outside].max()) < 1e-4


def test_that_the_gan_learns_first_and_then_the_encoder_alone() -> None:
    some, batch = made("f-anogan"), slices()
    some.generator_loss(batch, Draw(0), adversarial=True).total.backward()  # type: ignore[no-untyped-call]
    assert {name.partition(".")[0] for name in reached(some.generator)} == {"generator"}
    some.generator.zero_grad()
    before = {name: value.clone() for name, value in some.generator.state_dict().items()}
    losses = some.generator_loss(batch, Draw(0), adversarial=False)
    losses.total.backward()  # type: ignore[no-untyped-call]
    assert {name.partition(".")[0] for name in reached(some.generator)} == {"encoder"}
    assert some.discriminator is not None
    assert reached(some.discriminator) == set()
    # The generator's running averages are those of its own pictures.
    assert all(torch.equal(value, before[name]) for name, value in some.generator.state_dict().items())
    parts = losses.parts
    assert float(losses.total.detach()) == pytest.approx(
        float(parts["loss/reconstruction"]) + 0.1 * float(parts["loss/features"]), rel=1e-5
    )


def test_that_an_encoder_learns_to_give_slices_back() -> None:
    some, batch = made("f-anogan", kappa=0.0), slices(8)
    optimiser = torch.optim.Adam(some.generator.parameters(), 1e-2)
    errors = []
    for _ in range(25):
        losses = some.generator_loss(batch, Draw(0), adversarial=False)
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        errors.append(float(losses.total.detach()))
    assert errors[-1] < errors[0]


@pytest.mark.parametrize("name", NAMES)
def test_that_losses_with_an_adversary_are_those_of_a_generation_of_companded_slices(name: str) -> None:
    some, batch = made(name), slices()
    data = DataShapes(target_channels=1, size=SIZE)
    torch.manual_seed(0)
    objective = {"f-anogan": "wgan-gp", "ebgan-map": "ebgan"}[name]
    plain = method(
        "generation", generator=GENERATOR, discriminator=JUDGES[name], data=data, latent=6, objective=objective
    )
    companded = {"image": compand(batch["image"])}
    found = some.discriminator_loss(batch, Draw(3), step=0), some.generator_loss(batch, Draw(3), adversarial=True)
    wanted = (
        plain.discriminator_loss(companded, Draw(3), step=0),
        plain.generator_loss(companded, Draw(3), adversarial=True),
    )
    for one, other in zip(found, wanted, strict=True):
        assert float(one.total.detach()) == pytest.approx(float(other.total.detach()), rel=1e-5)
    assert some.samples(some.generator, batch, Draw(0)).shape == (4, 1, *SIZE)


@pytest.mark.parametrize("name", NAMES)
def test_that_what_is_packaged_can_be_built_by_name_and_says_the_same(name: str) -> None:
    some = made(name)
    packaged = some.deployed(some.generator)
    assert some.deployed_as is not None
    again = build(*some.deployed_as).eval()
    again.load_state_dict(packaged.state_dict())
    image = slices(2)["image"]
    with torch.inference_mode():
        assert torch.equal(again(image), packaged(image))
    # Trained further, it is the same network that has learned.
    with torch.no_grad():
        for weight in some.generator.parameters():
            weight.mul_(1.5)
        if some.discriminator is not None:
            for weight in some.discriminator.parameters():
                weight.mul_(1.5)
        assert not torch.equal(some.deployed(some.generator)(image), again(image))


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("f-anogan", {"discriminator": Network("patch_discriminator")}, "discriminator dcgan_discriminator, not patch"),
        ("ebgan-map", {"discriminator": CRITIC}, "discriminator autoencoder_discriminator, not dcgan"),
        ("ebgan-map", {"objective": "lsgan"}, "needs one that scores"),
        ("f-anogan", {"channels": 2}, "slices of one channel, not of 2"),
        ("f-anogan", {"spectral": True}, "without classes, codes, packing and spectral"),
        ("ebgan-map", {"pack": 2}, "without classes, codes, packing and spectral"),
    ],
)
def test_that_networks_and_settings_of_which_no_map_can_be_made_are_refused(
    name: str, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        made(name, **arguments)


@pytest.mark.parametrize("name", ["head-anomaly-lgg-f-anogan", "head-anomaly-lgg-ebgan"])
def test_that_the_recipes_fit_their_methods(name: str) -> None:
    recipe = load_recipe(Path(resources.path("recipes", f"{name}.toml")))
    check(recipe)
    assert recipe.evaluation.exam == "head-anomaly"
    data = DataShapes(source_channels=1, target_channels=1, classes=2, size=(128, 96))
    assert recipe.discriminator is not None
    some = method(
        recipe.method.name,
        generator=recipe.generator,
        discriminator=recipe.discriminator,
        data=data,
        **recipe.method.arguments,
    )
    assert some.deployed_as is not None
    with torch.inference_mode():
        assert some.deployed(some.generator)(torch.rand(1, 1, 128, 128)).shape == (1, 1, 128, 128)
