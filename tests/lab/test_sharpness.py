"""One generator that is sober and sharp: what it is told, what its quantiles minimise, and from what it starts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import DataShapes, Method, Network, method
from medgan_viewer.lab.methods.translation import Translation, pinball
from medgan_viewer.lab.objectives import OBJECTIVES
from medgan_viewer.lab.training import checkpoints
from medgan_viewer.lab.training.start import start_from
from medgan_viewer.models.networks.unet_2p5d import UNet2p5D

SIZE = (16, 16)
DATA = DataShapes(source_channels=2, target_channels=2, size=SIZE)
UNET = Network("unet_2p5d", {"features": [4, 6]})
PATCHES = Network("patch_discriminator", {"features": (4, 6, 6)})
AUTOENCODER = Network("autoencoder_discriminator", {"features": (4, 6), "code": 2})
FAMILIES = [entry.name for entry in OBJECTIVES]


class Told(Translation):
    """Is told what a test says instead of what is drawn."""

    sharpness: Tensor

    def told(self, batch: Mapping[str, Tensor], draw: Draw) -> Tensor:
        return self.sharpness


def made(seed: int = 0, **arguments: Any) -> Translation:
    torch.manual_seed(seed)
    discriminator = AUTOENCODER if arguments.get("objective") == "ebgan" else PATCHES
    some = method("translation", generator=UNET, discriminator=discriminator, data=DATA, **arguments)
    assert isinstance(some, Translation)
    return some


def told(some: Translation, *sharpness: float) -> Translation:
    some.__class__ = Told
    assert isinstance(some, Told)
    some.sharpness = torch.tensor(sharpness)
    return some


def stirred(network: nn.Module) -> nn.Module:
    """Give a fresh network running statistics and a modulation that does something."""
    with torch.no_grad():
        for name, value in network.state_dict().items():
            if value.is_floating_point() and ("film.last" in name or "running" in name):
                value.add_(0.3 * torch.rand_like(value))
    return network


def pictures(count: int = 4, seed: int = 0) -> dict[str, Tensor]:
    draw = Draw(seed)
    return {"source": draw.uniform(count, 2, *SIZE), "target": draw.uniform(count, 2, *SIZE)}


def gradients(network: nn.Module | None) -> Tensor:
    assert network is not None
    found = [w.grad.flatten() if w.grad is not None else torch.zeros(w.numel()) for w in network.parameters()]
    return torch.cat(found)


# the network


def test_that_a_fresh_condition_changes_nothing_and_all_other_weights_keep_their_names() -> None:
    plain, conditioned = (UNet2p5D(2, 3, (4, 6), conditioned=told_one).eval() for told_one in (False, True))
    assert {name for name in conditioned.state_dict() if not name.startswith("film.")} == set(plain.state_dict())
    conditioned.load_state_dict(conditioned.grown(plain.state_dict()))
    image = torch.rand(3, 2, *SIZE)
    with torch.inference_mode():
        wanted = plain(image)
        for condition in (None, torch.tensor([0.0, 0.4, 1.0])):
            assert torch.equal(conditioned(image, condition), wanted)


def test_that_every_picture_is_told_its_own_condition_and_one_that_is_told_nothing_is_sharp() -> None:
    network = stirred(UNet2p5D(2, 3, (4, 6), conditioned=True)).eval()
    image = torch.rand(1, 2, *SIZE).expand(2, -1, -1, -1)
    with torch.inference_mode():
        both = network(image, torch.tensor([0.0, 1.0]))
        assert torch.allclose(both[:1], network(image[:1], torch.zeros(1)), atol=1e-6)
        assert torch.allclose(both[1:], network(image[:1]), atol=1e-6)
    assert float((both[0] - both[1]).abs().mean()) > 1e-3


@pytest.mark.parametrize("condition", [0.0, 0.25, 1.0])
def test_that_a_network_fixed_at_a_condition_is_a_plain_one_with_the_same_answer(condition: float) -> None:
    network = stirred(UNet2p5D(2, 3, (4, 6), conditioned=True)).eval()
    assert isinstance(network, UNet2p5D)
    fixed = network.at(condition)
    image = torch.rand(2, 2, *SIZE)
    with torch.inference_mode():
        wanted = network(image, torch.full((2,), condition))
        assert torch.allclose(fixed(image), wanted, atol=1e-5)
    assert fixed.film is None
    assert not fixed.training
    with pytest.raises(ValueError, match="takes no condition"):
        fixed(image, torch.zeros(2))
    with pytest.raises(ValueError, match="takes no condition"):
        fixed.at(0.5)


def test_that_what_a_conditioned_network_returns_depends_on_every_weight_of_it() -> None:
    network = stirred(UNet2p5D(2, 3, (4, 6), conditioned=True))
    network(torch.rand(2, 2, *SIZE), torch.tensor([0.2, 0.9])).square().sum().backward()
    assert all(weight.grad is not None and weight.grad.abs().sum() > 0 for weight in network.parameters())


# quantiles


def test_that_the_pinball_loss_has_the_slopes_of_its_level() -> None:
    bound = torch.tensor([1.0, 1.0, 1.0, 1.0], requires_grad=True)
    target = torch.tensor([3.0, 1.5, 0.0, 0.8])
    loss = pinball(bound, target, 0.05)
    assert loss.tolist() == pytest.approx([0.1, 0.025, 0.95, 0.19])
    loss.sum().backward()  # type: ignore[no-untyped-call]
    assert bound.grad is not None
    assert bound.grad.tolist() == pytest.approx([-0.05, -0.05, 0.95, 0.95])


def test_that_the_pinball_loss_is_least_at_the_quantile() -> None:
    target = torch.randn(4001, generator=torch.Generator().manual_seed(0))
    places = torch.linspace(-3, 3, 601)
    for level in (0.05, 0.5, 0.95):
        losses = pinball(places[:, None], target[None], level).mean(dim=1)
        assert float(places[losses.argmin()]) == pytest.approx(float(np.quantile(target, level)), abs=0.02)


def test_that_the_quantiles_weighted_pinball_losses_count_beside_the_distance_of_the_pictures() -> None:
    some, batch = made(quantiles=[0.05, 0.95], quantile_weight=0.5, lesion_weight=3), pictures()
    batch["lesions"] = Draw(1).integers(2, 4, *SIZE)
    output = some.generator(batch["source"]).detach()
    assert output.shape[1] == 6
    target, weight = batch["target"].numpy(), 1 + 3 * (batch["lesions"].numpy() > 0)[:, None]
    picture, low, high = np.split(output.numpy(), 3, axis=1)
    distance, bounds = (weight * np.abs(picture - target)).mean(), 0.0
    for bound, level in ((low, 0.05), (high, 0.95)):
        missing = target - bound
        bounds += 0.5 * (weight * np.where(missing > 0, level * missing, (level - 1) * missing)).mean()
    losses = some.generator_loss(batch, Draw(0), adversarial=False)
    assert float(losses.parts["loss/reconstruction"]) == pytest.approx(float(distance), rel=1e-5)
    assert float(losses.parts["loss/quantiles"]) == pytest.approx(float(bounds), rel=1e-5)
    assert float(losses.total.detach()) == pytest.approx(20 * float(distance + bounds), rel=1e-5)


def test_that_the_adversary_and_the_samples_see_the_pictures_alone() -> None:
    some, batch = made(quantiles=[0.05, 0.95]), pictures()
    output = some.generator(batch["source"])
    assert torch.equal(some.shown(output), output[:, :2])
    assert some.samples(some.generator, batch, Draw(0)).shape == batch["target"].shape
    some.generator_loss(batch, Draw(0), adversarial=True).adversarial.backward()  # type: ignore[union-attr]
    assert isinstance(some.generator, UNet2p5D)
    reached = some.generator.head.weight.grad
    assert reached is not None
    assert torch.equal(reached[2:], torch.zeros_like(reached[2:]))
    assert float(reached[:2].abs().sum()) > 0


def test_that_bounds_learn_the_spread_of_what_cannot_be_known() -> None:
    torch.manual_seed(0)
    data = DataShapes(source_channels=1, target_channels=1, size=(8, 8))
    unet = Network("unet_2p5d", {"features": [6], "fold": 1, "refinement": 8})
    some = method("translation", generator=unet, discriminator=None, data=data, quantiles=[0.05, 0.95])
    optimiser, draw = torch.optim.Adam(some.generator.parameters(), 0.02), Draw(0)
    for step in range(150):
        source = draw.uniform(16, 1, 8, 8)
        batch = {"source": source, "target": source + draw.uniform(16, 1, 8, 8) - 0.5}
        optimiser.param_groups[0]["lr"] = 0.02 * (1 - step / 150) + 1e-4
        optimiser.zero_grad()
        some.generator_loss(batch, draw, adversarial=False).total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    source = draw.uniform(64, 1, 8, 8)
    target = source + draw.uniform(64, 1, 8, 8) - 0.5
    with torch.no_grad():
        _, low, high = some.generator(source).split(1, dim=1)
    assert float((target < low).float().mean()) == pytest.approx(0.05, abs=0.03)
    assert float((target > high).float().mean()) == pytest.approx(0.05, abs=0.03)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"quantiles": [0.95, 0.05]}, "ascending"),
        ({"quantiles": [0.0, 0.95]}, "between 0 and 1"),
        ({"ends": 1.5}, "at most 1"),
        ({"sharpness": True, "objective": {"name": "ebgan", "pull_away": 0.1}}, "pull_away"),
    ],
)
def test_that_settings_that_make_no_sense_are_refused(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        made(**arguments)


def test_that_a_generator_that_cannot_be_told_is_refused() -> None:
    resnet = Network("resnet_generator", {"features": 3, "blocks": 1})
    with pytest.raises(ValueError, match="cannot be told a sharpness"):
        method("translation", generator=resnet, discriminator=PATCHES, data=DATA, sharpness=True)
    conditioned = Network("unet_2p5d", {"features": [4, 6], "conditioned": True})
    with pytest.raises(ValueError, match="conditioned"):
        method("translation", generator=conditioned, discriminator=PATCHES, data=DATA)


# sharpness


def test_that_half_of_the_samples_are_told_an_end_and_the_mean_is_a_half() -> None:
    numbers = made(sharpness=True).told({"source": torch.zeros(8000, 1)}, Draw(0))
    assert numbers is not None
    assert float((numbers == 0).float().mean()) == pytest.approx(0.25, abs=0.02)
    assert float((numbers == 1).float().mean()) == pytest.approx(0.25, abs=0.02)
    between = numbers[(numbers > 0) & (numbers < 1)]
    assert float(between.std()) == pytest.approx(1 / 12**0.5, abs=0.02)
    assert float(numbers.mean()) == pytest.approx(0.5, abs=0.02)


def test_that_who_is_told_nothing_draws_nothing() -> None:
    draw, untouched = Draw(3), Draw(3)
    made().generator_loss(pictures(), draw, adversarial=True)
    assert torch.equal(draw.state(), untouched.state())


@pytest.mark.parametrize("objective", FAMILIES)
def test_that_a_sober_sample_has_no_adversarial_gradient_and_teaches_the_adversary_nothing(objective: str) -> None:
    some, batch = told(made(sharpness=True, objective=objective), 0.0, 0.0, 0.0, 0.0), pictures()
    learned = some.generator_loss(batch, Draw(0), adversarial=True)
    assert learned.adversarial is not None
    assert float(learned.adversarial.detach()) == 0
    learned.adversarial.backward()  # type: ignore[no-untyped-call]
    assert float(gradients(some.generator).abs().max()) == 0
    teach = some._adversary.teach  # type: ignore[union-attr]
    judge = some._adversary.judge(batch["source"])  # type: ignore[union-attr]
    judged = teach(judge, batch["target"], batch["target"] / 2, Draw(0), 0, torch.zeros(4))
    assert float(judged.total.detach() - judged.parts.get("loss/penalty", torch.zeros(()))) == pytest.approx(0)


@pytest.mark.parametrize("objective", FAMILIES)
def test_that_samples_told_one_learn_as_from_a_network_that_is_told_nothing(objective: str) -> None:
    plain = made(objective=objective)
    some = told(made(sharpness=True, objective=objective), 1.0, 1.0, 1.0, 1.0)
    some.generator.load_state_dict(some.grown(plain.generator.state_dict()))
    assert some.discriminator is not None
    assert plain.discriminator is not None
    some.discriminator.load_state_dict(plain.discriminator.state_dict())
    for each in (plain, some):
        each.generator.eval()
        each.generator_loss(pictures(), Draw(0), adversarial=True).total.backward()  # type: ignore[no-untyped-call]
    shared = [
        (weight.grad, dict(some.generator.named_parameters())[name].grad)
        for name, weight in plain.generator.named_parameters()
    ]
    for wanted, found in shared:
        assert wanted is not None
        assert found is not None
        assert torch.allclose(found, wanted, rtol=1e-3, atol=1e-5)


def test_that_a_samples_adversarial_gradient_is_weighed_by_what_it_is_told() -> None:
    plain, weights = made(), torch.tensor([0.0, 0.5, 1.0, 0.25])
    some = told(made(sharpness=True), *weights.tolist())
    assert some.discriminator is not None
    assert plain.discriminator is not None
    some.discriminator.load_state_dict(plain.discriminator.state_dict())
    found = []
    for each in (plain, some):
        output = pictures(seed=5)["target"].requires_grad_()
        each._reuse.keep(batch := pictures(), (output, each.told(batch, Draw(0))))
        loss = each.generator_loss(batch, Draw(0), adversarial=True).adversarial
        assert loss is not None
        found.append(torch.autograd.grad(loss, output)[0])
    assert torch.allclose(found[1], weights[:, None, None, None] * found[0], atol=1e-7)


def test_that_the_adversary_counts_a_sample_twice_as_much_as_it_is_told() -> None:
    some, batch = made(sharpness=True), pictures()
    real, synthetic, weights = batch["target"], batch["target"].flip(3), torch.tensor([0.0, 0.5, 1.0, 0.25])
    adversary = some._adversary
    assert adversary is not None
    judge = adversary.judge(batch["source"])
    alone = [
        adversary.teach(adversary.judge(batch["source"][i : i + 1]), real[i : i + 1], synthetic[i : i + 1], Draw(0), 1)
        for i in range(4)
    ]
    wanted = np.mean([2 * w * float(one.total.detach()) for w, one in zip(weights.tolist(), alone, strict=True)])
    together = adversary.teach(judge, real, synthetic, Draw(0), 1, weights / 0.5)
    assert float(together.total.detach()) == pytest.approx(float(wanted), rel=1e-5)


def test_that_both_turns_on_a_batch_see_the_same_picture_at_the_same_sharpness() -> None:
    some, batch = made(sharpness=True), pictures()
    some.discriminator_loss(batch, Draw(0), step=1)
    assert some._reuse._kept is not None
    output, numbers = some._reuse._kept[1]
    assert torch.equal(some.generator(batch["source"], numbers), output)
    draw = Draw(7)
    losses = some.generator_loss(batch, draw, adversarial=True)
    assert torch.equal(draw.state(), Draw(7).state())
    assert float(losses.parts["loss/reconstruction"]) == pytest.approx(
        float((output.detach() - batch["target"]).abs().mean())
    )


def test_that_two_halves_learn_together_what_the_whole_batch_teaches() -> None:
    some, batch = made(sharpness=True, quantiles=[0.05, 0.95]), pictures(8)
    some.generator.eval()

    def learned(rank: int, world: int) -> Tensor:
        part = {name: value[rank::world] for name, value in batch.items()}
        draw = Draw(4, rank, world)
        some.generator.zero_grad()
        judged = some.discriminator_loss(part, draw, step=1).total
        total = some.generator_loss(part, draw, adversarial=True).total
        (total + judged).backward()  # type: ignore[no-untyped-call]
        return torch.cat([gradients(some.generator), total.detach()[None], judged.detach()[None]])

    assert torch.allclose((learned(0, 2) + learned(1, 2)) / 2, learned(0, 1), rtol=1e-4, atol=1e-6)


# starting from a smaller network


def test_that_a_conditioned_network_with_quantiles_starts_as_the_trained_one(tmp_path: Path) -> None:
    smaller = made(seed=5)
    stirred(smaller.generator).eval()
    save_file(smaller.generator.state_dict(), tmp_path / "weights.safetensors")
    larger = made(seed=6, sharpness=True, quantiles=[0.05, 0.95])
    start_from(str(tmp_path), larger)
    larger.generator.eval()
    source = pictures()["source"]
    with torch.inference_mode():
        wanted = smaller.generator(source)
        for sharpness in (0.0, 1.0):
            found = larger.generator(source, torch.full((4,), sharpness)).split(2, dim=1)
            assert len(found) == 3
            assert all(torch.allclose(one, wanted, atol=1e-6) for one in found)


def test_that_a_conditioned_network_starts_from_one_of_its_own_kind_exactly(tmp_path: Path) -> None:
    first, second = (made(seed=seed, sharpness=True, quantiles=[0.05, 0.95]) for seed in (1, 2))
    stirred(first.generator)
    assert first.discriminator is not None
    content = {"average": first.generator.state_dict(), "discriminator": first.discriminator.state_dict()}
    checkpoints.write(tmp_path / "checkpoint.pt", content)
    start_from(str(tmp_path), second)
    for name, value in first.generator.state_dict().items():
        assert torch.equal(second.generator.state_dict()[name], value), name


def test_that_a_network_that_takes_more_inputs_starts_as_the_one_that_takes_fewer(tmp_path: Path) -> None:
    smaller, larger = UNet2p5D(3, 2, (4, 6)), UNet2p5D(6, 2, (4, 6))
    stirred(smaller).eval()
    larger.load_state_dict(larger.widened(smaller.state_dict(), slices=3))
    larger.eval()
    both = torch.rand(2, 3, 2, 8, 8)  # slice, then the known and the further channel
    with torch.inference_mode():
        wanted = smaller(both[:, :, 0])
        assert torch.allclose(larger(both.flatten(1, 2)), wanted, atol=1e-6)
        assert not torch.allclose(larger(both.flip(2).flatten(1, 2)), wanted, atol=1e-3)
    assert larger.widened(larger.state_dict(), slices=3).keys() == larger.state_dict().keys()
    for name, value in larger.widened(larger.state_dict(), slices=3).items():
        assert torch.equal(value, larger.state_dict()[name]), name


@pytest.mark.parametrize("kept", ["weights", "checkpoint"])
@pytest.mark.parametrize(("channels", "fitting"), [(1, False), (2, True)])
def test_that_a_start_with_fewer_inputs_is_taken_where_one_is_optional_and_its_adversary_only_where_it_fits(
    tmp_path: Path, kept: str, channels: int, fitting: bool
) -> None:
    def segmenting(inputs: int, seed: int) -> Method:
        torch.manual_seed(seed)
        data = DataShapes(source_channels=3 * inputs, classes=2, size=SIZE)
        return method("segmentation", generator=UNET, discriminator=PATCHES, data=data)

    smaller, larger = segmenting(channels, 1), segmenting(2, 2)
    stirred(smaller.generator).eval()
    assert smaller.discriminator is not None
    assert larger.discriminator is not None
    if kept == "weights":
        save_file(smaller.generator.state_dict(), tmp_path / "weights.safetensors")
    else:
        content = {"average": smaller.generator.state_dict(), "discriminator": smaller.discriminator.state_dict()}
        checkpoints.write(tmp_path / "checkpoint.pt", content)
    if not fitting:
        with pytest.raises(UsageError, match="whose network is another"):
            start_from(str(tmp_path), segmenting(2, 2))
    start_from(str(tmp_path), larger, slices=3)
    larger.generator.eval()
    source = torch.rand(2, 3, 2, *SIZE)
    with torch.inference_mode():
        wanted = smaller.generator(source[:, :, :channels].flatten(1, 2))
        assert torch.allclose(larger.generator(source.flatten(1, 2)), wanted, atol=1e-6)
    pairs = zip(smaller.discriminator.parameters(), larger.discriminator.parameters(), strict=True)
    same = all(a.shape == b.shape and torch.equal(a, b) for a, b in pairs)
    assert same is (fitting and kept == "checkpoint")


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"features": [4, 8]}, r"its down\.1\.0\.0\.weight is 8 × 4 × 3 × 3 and the recipe's 6 × 4 × 3 × 3"),
        ({"features": [4]}, r"it has no down\.1"),
        ({"features": [4, 6, 8]}, r"and the recipe's"),
    ],
)
def test_that_a_network_that_does_not_fit_is_refused_with_what_is_different(
    tmp_path: Path, other: dict[str, Any], sentence: str
) -> None:
    save_file(UNet2p5D(2, 2, **other).state_dict(), tmp_path / "weights.safetensors")
    with pytest.raises(UsageError, match=sentence):
        start_from(str(tmp_path), made())


def test_that_other_targets_than_the_recipes_are_refused(tmp_path: Path) -> None:
    save_file(UNet2p5D(2, 3, (4, 6)).state_dict(), tmp_path / "weights.safetensors")
    some: Method = made(sharpness=True, quantiles=[0.05, 0.95])
    with pytest.raises(UsageError, match=r"its head\.weight is 3 .* and the recipe's 6"):
        start_from(str(tmp_path), some)
