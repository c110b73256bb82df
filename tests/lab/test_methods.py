"""Every method that has an adversary, with every objective: what all of them promise to the trainer."""

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import METHODS, Batch, DataShapes, Losses, Method, Network, method, settings_of
from medgan_viewer.lab.methods.generation import Generation
from medgan_viewer.lab.methods.settings import AdversarySettings
from medgan_viewer.lab.objectives import OBJECTIVES

SIZE = (16, 16)
DATA = DataShapes(source_channels=2, target_channels=2, classes=3, size=SIZE)
OF_HEALTHY_SLICES = ("f-anogan", "ebgan-map")
"""Generations whose networks are given (tests/lab/anomaly/test_residual_maps.py)."""
NAMES = [
    entry.name
    for entry in METHODS
    if issubclass(entry.Settings, AdversarySettings) and entry.name not in OF_HEALTHY_SLICES
]
FAMILIES = [entry.name for entry in OBJECTIVES]
AUTOENCODER = Network("autoencoder_discriminator", {"features": (4, 6), "code": 2})
PATCHES = Network("patch_discriminator", {"features": (4, 6, 6)})
WITHOUT_BATCH_DEPENDENCE: dict[str, dict[str, Any]] = {"segmentation": {"dice_over": "sample"}, "cycle": {"pool": 0}}


def made(name: str, objective: str = "lsgan", seed: int = 0, **arguments: Any) -> Method:
    """A tiny method whose networks do not mix samples."""
    torch.manual_seed(seed)
    generator = Network("resnet_generator", {"features": 3, "blocks": 1, "normalisation": "none"})
    discriminator = AUTOENCODER if objective == "ebgan" else PATCHES
    if name == "generation":
        generator = Network("dcgan_generator", {"features": 3, "batch_normalisation": False})
        arguments = {"latent": 4} | arguments
        if arguments.get("conditional"):
            discriminator = Network("projection_discriminator", {"features": 3})
    arguments = WITHOUT_BATCH_DEPENDENCE.get(name, {}) | arguments
    return method(name, generator=generator, discriminator=discriminator, data=DATA, objective=objective, **arguments)


def batch_of(count: int = 4, seed: int = 1) -> Batch:
    draw = Draw(seed)
    return {
        "source": draw.uniform(count, 2, *SIZE),
        "target": draw.uniform(count, 2, *SIZE),
        "segmentation": draw.integers(3, count, *SIZE),
        "lesions": draw.integers(2, count, *SIZE),
        "label": draw.integers(3, count),
    }


def both_losses(some: Method, batch: Batch, draw: Draw, step: int = 0) -> tuple[Losses, Losses]:
    return some.discriminator_loss(batch, draw, step=step), some.generator_loss(batch, draw, adversarial=True)


def unreached(module: torch.nn.Module | None) -> list[str]:
    assert module is not None
    return [name for name, weight in module.named_parameters() if weight.grad is None]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("objective", FAMILIES)
def test_that_both_losses_reach_every_weight_of_their_own_network_and_none_of_the_other(
    name: str, objective: str
) -> None:
    some, batch, draw = made(name, objective), batch_of(), Draw(2)
    before = torch.get_rng_state()
    judged, learned = both_losses(some, batch, draw)
    judged.total.backward()  # type: ignore[no-untyped-call]
    assert unreached(some.discriminator) == []
    assert all(weight.grad is None for weight in some.generator.parameters())
    assert some.discriminator is not None
    for weight in some.discriminator.parameters():
        weight.grad = None
    learned.total.backward()  # type: ignore[no-untyped-call]
    assert unreached(some.generator) == []
    assert all(weight.grad is None and weight.requires_grad for weight in some.discriminator.parameters())
    some.constrain()
    assert torch.equal(before, torch.get_rng_state())
    for losses in (judged, learned):
        assert torch.isfinite(losses.total)
        assert all(torch.isfinite(value) and not value.requires_grad for value in losses.parts.values())
    assert {"loss/discriminator"} <= set(judged.parts)
    assert {"loss/adversarial"} <= set(learned.parts)
    assert some.objective is not None
    assert some.discriminator_steps == some.objective.discriminator_steps


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("objective", FAMILIES)
def test_that_two_processes_with_half_the_batch_lose_what_one_loses_with_the_whole(name: str, objective: str) -> None:
    arguments: dict[str, Any] = {"r1": 0.5, "augment": ["translation", "cutout"]}
    if name == "generation":
        arguments |= {"categorical": [3], "continuous": 2, "conditional": objective != "ebgan"}
    whole = both_losses(made(name, objective, **arguments), batch_of(), Draw(5))
    halves = []
    for rank in (0, 1):
        batch = {key: value[rank::2] for key, value in batch_of().items()}
        halves.append(both_losses(made(name, objective, **arguments), batch, Draw(5, rank, 2)))
    for all_of_it, *parts in zip(whole, *halves, strict=True):
        assert float(all_of_it.total.detach()) == pytest.approx(
            sum(float(part.total.detach()) for part in parts) / 2, rel=1e-5
        )
        for key, value in all_of_it.parts.items():
            mean = sum(float(part.parts[key]) for part in parts) / 2
            assert float(value) == pytest.approx(mean, rel=1e-4, abs=1e-6), key


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("objective", ["lsgan", "wgan-gp", "ebgan"])
def test_that_losses_in_bfloat16_are_close_to_those_in_float32(name: str, objective: str) -> None:
    some, batch = made(name, objective, r1=0.5), batch_of()
    exact = both_losses(some, batch, Draw(3))
    with torch.autocast("cpu", torch.bfloat16):
        rough = both_losses(some, batch, Draw(3))
    for one, other in zip(exact, rough, strict=True):
        assert other.total.dtype == torch.float32
        other.total.backward()  # type: ignore[no-untyped-call]
        assert float(other.total.detach()) == pytest.approx(float(one.total.detach()), rel=0.05, abs=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_that_the_same_draw_gives_the_same_losses_and_pictures_and_another_one_does_not(name: str) -> None:
    arguments: dict[str, Any] = {"augment": ["translation"]}
    losses = [
        [float(each.total.detach()) for each in both_losses(made(name, **arguments), batch_of(), Draw(seed))]
        for seed in (7, 7, 8)
    ]
    assert losses[0] == losses[1]
    assert losses[0] != losses[2]
    some = made(name)
    first, again = (some.samples(some.generator, batch_of(), Draw(9)) for _ in range(2))
    assert torch.equal(first, again)


@pytest.mark.parametrize("name", NAMES)
def test_that_samples_resemble_real_pictures_in_shape_and_need_no_gradient(name: str) -> None:
    some, batch = made(name), batch_of(3)
    pictures = some.samples(some.generator, batch, Draw(0))
    assert pictures.shape == some.real(batch).shape
    assert pictures.shape[0] == 3
    assert not pictures.requires_grad
    average = copy.deepcopy(some.generator).requires_grad_(False).eval()
    assert torch.equal(some.samples(average, batch, Draw(0)), pictures)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("objective", ["nonsaturating", "ebgan"])
def test_that_realness_is_one_number_a_picture_and_leaves_the_networks_alone(name: str, objective: str) -> None:
    some, batch = made(name, objective, spectral=True), batch_of(3)
    assert some.discriminator is not None
    before = {key: value.clone() for key, value in some.discriminator.state_dict().items()}
    found = some.realness(batch, Draw(0))
    assert found is not None
    assert [value.shape for value in found] == [(3,), (3,)]
    after = some.discriminator.state_dict()
    assert all(torch.equal(value, after[key]) for key, value in before.items())
    assert some.generator.training
    assert some.discriminator.training


@pytest.mark.parametrize("name", NAMES)
def test_that_everything_a_method_knows_is_in_its_networks_state(name: str) -> None:
    arguments: dict[str, Any] = {"pool": 3} if name == "cycle" else {}
    first, second = made(name, **arguments), made(name, seed=1, **arguments)
    assert first.discriminator is not None
    assert second.discriminator is not None
    for seed in range(2):
        both_losses(first, batch_of(seed=seed), Draw(seed))
    second.generator.load_state_dict(first.generator.state_dict())
    second.discriminator.load_state_dict(first.discriminator.state_dict())
    going_on = [both_losses(some, batch_of(seed=2), Draw(2)) for some in (first, second)]
    for one, other in zip(*going_on, strict=True):
        assert float(one.total.detach()) == float(other.total.detach())


@pytest.mark.parametrize("name", NAMES)
def test_that_a_lazy_penalty_comes_at_its_steps_only_and_so_much_stronger(name: str) -> None:
    some, batch = made(name, r1=0.5, r1_every=4), batch_of()
    parts = [some.discriminator_loss(batch, Draw(0), step=step).parts for step in range(5)]
    assert ["loss/penalty" in part for part in parts] == [True, False, False, False, True]
    every = made(name, r1=0.5, r1_every=1).discriminator_loss(batch, Draw(0), step=0)
    assert float(parts[0]["loss/penalty"]) == pytest.approx(4 * float(every.parts["loss/penalty"]), rel=1e-5)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("objective", ["hinge", "wgan-gp"])
def test_that_a_spectrally_normalised_discriminator_learns_with_its_penalties(name: str, objective: str) -> None:
    some = made(name, objective, spectral=True, r1=0.5, augment=["translation"])
    assert some.discriminator is not None
    optimiser = torch.optim.Adam(some.discriminator.parameters(), 0.01)
    losses = []
    for step in range(12):
        judged = some.discriminator_loss(batch_of(), Draw(4), step=16 * step)
        optimiser.zero_grad()
        judged.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        losses.append(float(judged.total.detach()))
    assert losses[-1] < losses[0]


@pytest.mark.parametrize("name", NAMES)
def test_that_the_critic_is_clipped_after_its_step(name: str) -> None:
    some = made(name, "wgan")
    assert some.discriminator is not None
    some.constrain()
    assert max(float(weight.detach().abs().max()) for weight in some.discriminator.parameters()) <= 0.01


def test_that_what_the_discriminator_had_made_is_used_once_and_for_its_own_batch_only() -> None:
    some, batch, other = made("translation"), batch_of(), batch_of(seed=2)
    made_pictures: list[Tensor] = []
    handle = some.generator.register_forward_hook(lambda module, given, output: made_pictures.append(output))
    expected = float(some.generator_loss(batch, Draw(0), adversarial=True).total.detach())
    some.discriminator_loss(batch, Draw(0), step=0)
    assert len(made_pictures) == 2
    assert float(some.generator_loss(batch, Draw(0), adversarial=True).total.detach()) == expected
    assert len(made_pictures) == 2
    some.generator_loss(batch, Draw(0), adversarial=True)
    some.discriminator_loss(batch, Draw(0), step=0)
    some.generator_loss(other, Draw(0), adversarial=True)
    assert len(made_pictures) == 5
    handle.remove()


# wrong settings


@pytest.mark.parametrize(
    ("name", "arguments", "error", "words"),
    [
        ("dreams", {}, ValueError, "no method dreams"),
        ("translation", {"colour": 1}, TypeError, "takes no colour"),
        ("translation", {"r1": "much"}, TypeError, "r1 must be like 0.0"),
        ("translation", {"r1": -1}, ValueError, "r1 must not be negative"),
        ("translation", {"r1_every": 0}, ValueError, "r1_every"),
        ("translation", {"spectral": 1}, TypeError, "spectral must be like False"),
        ("translation", {"augment": ["colour"]}, ValueError, "no augmentation colour"),
        ("translation", {"objective": "dreams"}, ValueError, "no objective dreams"),
        ("translation", {"objective": {"name": "hinge", "margin": 2}}, TypeError, "hinge"),
        ("translation", {"objective": {"name": "wgan", "clip": 0}}, ValueError, "clipping bound"),
        ("segmentation", {"dice_over": "slice"}, ValueError, "dice_over"),
        ("generation", {"latent": 0}, ValueError, "latent"),
        ("generation", {"categorical": [1]}, ValueError, "two values"),
        ("generation", {"pack": 2, "conditional": True}, ValueError, "Packing"),
        ("generation", {"pack": 2, "diversity": 1.0}, ValueError, "Packing"),
        ("generation", {"adversarial_weight": 0}, ValueError, "above 0"),
        ("cycle", {"adversarial_weight": 0.0}, ValueError, "above 0"),
    ],
)
def test_that_a_wrong_setting_is_refused_with_a_sentence(
    name: str, arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        settings_of(name, **arguments)


@pytest.mark.parametrize("enough", [0.0001, 10.0])
def test_that_other_latents_must_give_other_pictures_of_a_class_up_to_what_is_enough(enough: float) -> None:
    some = made("generation", conditional=True, diversity=3.0, enough=enough)
    assert isinstance(some, Generation)
    batch, draw = batch_of(), Draw(2)
    first, second = (some.latents(4, draw).noise for _ in range(2))
    with torch.no_grad():
        moved = some.generator(first, batch["label"]) - some.generator(second, batch["label"])
    ratios = moved.abs().mean(dim=(1, 2, 3)) / (first - second).abs().mean(dim=1)
    losses = some.generator_loss(batch, Draw(2), adversarial=True)
    gain = float(ratios.clamp(max=enough).mean())
    assert float(losses.parts["diversity/gain"]) == pytest.approx(gain, rel=1e-4)
    expected = float(losses.parts["loss/adversarial"]) - 3 * gain
    assert float(losses.total.detach()) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("name", "generator", "discriminator", "words"),
    [
        ("translation", Network("transformer"), PATCHES, "no network transformer"),
        ("translation", Network("resnet_generator", {"out_channels": 5}), PATCHES, "out_channels = 5, but .* need 2"),
        ("translation", Network("resnet_generator"), AUTOENCODER, "needs one that scores"),
        ("translation", Network("resnet_generator"), Network("unet_2p5d"), "normalises by batch"),
        ("generation", Network("dcgan_generator"), None, "needs a discriminator"),
        ("generation", Network("dcgan_generator"), Network("projection_discriminator"), "set conditional = true"),
        ("cycle", Network("resnet_generator"), None, "needs a discriminator"),
    ],
)
def test_that_networks_that_do_not_fit_are_refused_with_a_sentence(
    name: str, generator: Network, discriminator: Network | None, words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        method(name, generator=generator, discriminator=discriminator, data=DATA)


def test_that_a_network_that_cannot_be_told_a_class_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be told a class"):
        method(
            "generation",
            generator=Network("dcgan_generator"),
            discriminator=Network("dcgan_discriminator"),
            data=DATA,
            conditional=True,
        )


@pytest.mark.parametrize(
    ("name", "generator", "discriminator", "size", "words"),
    [
        ("translation", Network("unet_2p5d"), PATCHES, (18, 18), "generator cannot take inputs of 2 × 18 × 18"),
        ("segmentation", Network("resnet_generator"), PATCHES, (6, 6), "generator"),
        ("translation", Network("resnet_generator"), Network("patch_discriminator"), (8, 8), "discriminator cannot"),
        ("translation", Network("resnet_generator"), PATCHES, (18, 18), "gives 2 × 20 × 20 where .* 2 × 18 × 18"),
        ("cycle", Network("resnet_generator"), PATCHES, (18, 18), "gives 2 × 20 × 20"),
        ("generation", Network("dcgan_generator"), PATCHES, (31, 31), "halved"),
        ("generation", Network("mlp_generator"), Network("patch_discriminator"), (1, 1), "discriminator cannot"),
    ],
)
def test_that_networks_that_do_not_fit_the_pictures_size_are_refused_before_anything_is_computed(
    name: str, generator: Network, discriminator: Network, size: tuple[int, int], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        method(name, generator=generator, discriminator=discriminator, data=DataShapes(2, 2, 3, size))


def test_that_points_cannot_be_augmented() -> None:
    with pytest.raises(ValueError, match="Points cannot be augmented"):
        method(
            "generation",
            generator=Network("mlp_generator"),
            discriminator=Network("mlp_discriminator"),
            data=DataShapes(target_channels=2),
            augment=["translation"],
        )


def test_that_wrong_arguments_of_a_network_are_a_type_error_that_names_it() -> None:
    with pytest.raises(TypeError, match="generator resnet_generator"):
        method("translation", generator=Network("resnet_generator", {"wings": 2}), discriminator=None, data=DATA)
