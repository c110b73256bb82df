"""What each method minimises, against sums written out by hand."""

import math
from typing import Any, cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import DataShapes, Method, Network, method
from medgan_viewer.lab.methods.adversary import feature_distance
from medgan_viewer.lab.methods.cycle import BothWays, Cycle, Pool
from medgan_viewer.lab.methods.generation import Generation
from medgan_viewer.lab.methods.latents import Latents, information
from medgan_viewer.lab.methods.segmentation import segmentation_loss

SIZE = (16, 16)
DATA = DataShapes(source_channels=2, target_channels=2, classes=3, size=SIZE)
POINTS = DataShapes(target_channels=2, classes=8)
GENERATOR = Network("resnet_generator", {"features": 3, "blocks": 1, "normalisation": "none"})
PATCHES = Network("patch_discriminator", {"features": (4, 6, 6)})


def paired(name: str, **arguments: Any) -> Method:
    return method(name, generator=GENERATOR, discriminator=PATCHES, data=DATA, **arguments)


def generation(**arguments: Any) -> Generation:
    made = method(
        "generation",
        generator=Network("mlp_generator", {"width": 16}),
        discriminator=Network("mlp_discriminator", {"width": 16}),
        data=POINTS,
        **({"latent": 3} | arguments),
    )
    assert isinstance(made, Generation)
    return made


def pictures(count: int = 3, seed: int = 0) -> dict[str, Tensor]:
    draw = Draw(seed)
    return {"source": draw.uniform(count, 2, *SIZE), "target": draw.uniform(count, 2, *SIZE)}


# translation


def test_that_the_distance_counts_background_less_and_lesions_more() -> None:
    some = paired("translation", reconstruction_weight=20, lesion_weight=3, background_weight=0.3)
    batch, draw = pictures(), Draw(1)
    batch |= {"segmentation": draw.integers(3, 3, *SIZE), "lesions": draw.integers(2, 3, *SIZE)}
    output = some.generator(batch["source"]).detach().numpy()
    head, lesions = batch["segmentation"].numpy() > 0, batch["lesions"].numpy() > 0
    weight = np.where(head, 1.0, 0.3) + 3 * lesions
    expected = (weight[:, None] * np.abs(output - batch["target"].numpy())).mean()
    losses = some.generator_loss(batch, draw, adversarial=False)
    assert float(losses.parts["loss/reconstruction"]) == pytest.approx(expected, rel=1e-5)
    assert float(losses.total.detach()) == pytest.approx(20 * expected, rel=1e-5)
    assert losses.adversarial is None


def test_that_without_maps_every_pixel_counts_alike() -> None:
    some, batch = paired("translation"), pictures()
    output = some.generator(batch["source"]).detach()
    losses = some.generator_loss(batch, Draw(0), adversarial=False)
    assert float(losses.parts["loss/reconstruction"]) == pytest.approx(float((output - batch["target"]).abs().mean()))


def test_that_each_segment_can_count_otherwise() -> None:
    made = paired("translation", segment_weights=[0.5, 1.0, 4.0], lesion_weight=2)
    assert DATA.classes == 3
    batch = {"source": torch.zeros(1, 2, *SIZE), "target": torch.zeros(1, 2, *SIZE)}
    batch["segmentation"] = torch.zeros(1, *SIZE, dtype=torch.int64)
    batch["segmentation"][:, 1], batch["segmentation"][:, 2] = 1, 2
    batch["lesions"] = torch.zeros(1, *SIZE)
    batch["lesions"][:, 2] = 1
    rows = SIZE[0]
    expected = 0.1 * (0.5 * (rows - 2) + 1 + 6) / rows
    assert float(cast(Any, made).distance(torch.full((1, 2, *SIZE), 0.1), batch)) == pytest.approx(expected)
    with pytest.raises(ValueError, match="segment_weights has 2 numbers, the data have 3 segments"):
        paired("translation", segment_weights=[1.0, 2.0])


def test_that_the_root_mean_square_is_each_samples_own() -> None:
    made = paired("translation", error="root mean square")
    batch = {"source": torch.zeros(2, 1, 8, 8), "target": torch.zeros(2, 1, 8, 8)}
    output = torch.full((2, 1, 8, 8), 0.3)
    output[1] = 0.1
    distance = cast(Any, made).distance(output, batch)
    assert float(distance) == pytest.approx(0.2, abs=1e-4)  # of all squares together it would be 0.224
    weighed = {**batch, "segmentation": torch.zeros(2, 8, 8)}
    assert float(cast(Any, made).distance(output, weighed)) == pytest.approx(0.2 * math.sqrt(0.3), abs=1e-4)
    output.requires_grad_(True)
    cast(Any, made).distance(0 * output, batch).backward()
    assert output.grad is not None
    assert bool(torch.isfinite(output.grad).all())
    with pytest.raises(ValueError, match="error must be absolute or root mean square, not squared"):
        paired("translation", error="squared")


def test_that_the_total_is_the_weighted_sum_of_its_parts() -> None:
    some = paired("translation", reconstruction_weight=5, adversarial_weight=0.5, feature_weight=2)
    losses = some.generator_loss(pictures(), Draw(0), adversarial=True)
    part = {name: float(value) for name, value in losses.parts.items()}
    adversarial = 0.5 * (part["loss/adversarial"] + 2 * part["loss/feature_matching"])
    assert losses.adversarial is not None
    assert losses.reconstruction is not None
    assert float(losses.adversarial.detach()) == pytest.approx(adversarial, rel=1e-5)
    assert float(losses.reconstruction.detach()) == pytest.approx(5 * part["loss/reconstruction"], rel=1e-5)
    assert float(losses.total.detach()) == pytest.approx(adversarial + 5 * part["loss/reconstruction"], rel=1e-5)


@pytest.mark.parametrize("arguments", [{"adversarial_weight": 0.0}, {}])
def test_that_the_sober_twin_has_no_adversary(arguments: dict[str, float]) -> None:
    discriminator = PATCHES if arguments else None
    some = method("translation", generator=GENERATOR, discriminator=discriminator, data=DATA, **arguments)
    assert some.discriminator is None
    assert some.objective is None
    assert some.realness(pictures(), Draw(0)) is None
    twin = some.generator_loss(pictures(), Draw(0), adversarial=True)
    assert set(twin.parts) == {"loss/reconstruction"}
    with pytest.raises(ValueError, match="has no discriminator"):
        some.discriminator_loss(pictures(), Draw(0), step=0)


def test_that_features_are_compared_by_their_own_size() -> None:
    wanted = [torch.full((2, 1, 2), 10.0), torch.full((2, 3), 0.1)]
    seen = [torch.full((2, 1, 2), 11.0), torch.full((2, 3), 0.13)]
    assert float(feature_distance(seen, wanted)) == pytest.approx((0.1 + 0.3) / 2, rel=1e-4)
    assert float(feature_distance(wanted, wanted)) == 0


def test_that_a_discriminator_sees_the_source_beside_the_picture() -> None:
    some, batch = paired("translation"), pictures()
    turned = batch | {"source": batch["source"].flip(0)}
    one, other = (some.realness(each, Draw(0)) for each in (batch, turned))
    assert one is not None
    assert other is not None
    assert not torch.allclose(one[0], other[0])


# segmentation


def test_that_dice_and_cross_entropy_match_their_sums() -> None:
    logits, labels = torch.randn(2, 3, 4, 4, dtype=torch.float64), torch.randint(3, (2, 4, 4))
    shares = np.exp(logits.numpy()) / np.exp(logits.numpy()).sum(1, keepdims=True)
    truth = np.eye(3)[labels.numpy()].transpose(0, 3, 1, 2)
    entropy = -np.log((shares * truth).sum(1)).mean()

    def dice(axes: tuple[int, ...]) -> float:
        overlap = (shares * truth).sum(axes)
        return float(((2 * overlap + 10) / (shares.sum(axes) + truth.sum(axes) + 10)).mean())

    assert float(segmentation_loss(logits, labels)) == pytest.approx(1 - dice((0, 2, 3)) + entropy)
    assert float(segmentation_loss(logits, labels, "sample")) == pytest.approx(1 - dice((2, 3)) + entropy)


def test_that_a_perfect_segmentation_loses_nearly_nothing() -> None:
    labels = torch.randint(3, (2, 16, 16))
    logits = 50 * nn.functional.one_hot(labels, 3).movedim(-1, 1).float()
    assert float(segmentation_loss(logits, labels)) == pytest.approx(0, abs=1e-4)


def test_that_the_segmentations_adversary_compares_maps_that_sum_to_one() -> None:
    some = method("segmentation", generator=GENERATOR, discriminator=PATCHES, data=DATA)
    batch = pictures() | {"segmentation": Draw(1).integers(3, 3, *SIZE)}
    truth, made = some.real(batch), some.samples(some.generator, batch, Draw(0))
    for maps in (truth, made):
        assert torch.allclose(maps.sum(1), torch.ones(3, *SIZE), atol=1e-5)
    assert torch.equal(truth.argmax(1), batch["segmentation"])


def test_that_a_segmentation_needs_two_classes() -> None:
    with pytest.raises(ValueError, match="two classes"):
        method("segmentation", generator=GENERATOR, discriminator=None, data=DataShapes(2, 0, 1, SIZE))


# generation


def test_that_the_information_of_codes_is_their_entropy_when_recognised_and_nothing_when_guessed() -> None:
    code = torch.tensor([0, 2, 1, 2])
    latents = Latents(torch.zeros(4, 1), (code,))
    sure = 60 * nn.functional.one_hot(code, 3).float()
    empty = torch.zeros(4, 0)
    assert float(information(latents, [sure], empty, empty)) == pytest.approx(math.log(3))
    assert float(information(latents, [torch.zeros(4, 3)], empty, empty)) == pytest.approx(0, abs=1e-6)
    assert float(information(latents, [-sure], empty, empty)) < -10


def test_that_the_information_of_continuous_codes_is_the_normal_density_plus_their_entropy() -> None:
    codes, mean, spread = np.array([[0.5, -0.2], [0.1, 0.9]]), np.array([[0.4, 0.0], [0.1, 0.5]]), np.array([0.3, 0.7])
    density = -((codes - mean) ** 2) / (2 * spread**2) - np.log(spread * math.sqrt(2 * math.pi))
    expected = (density + math.log(2)).sum(axis=1).mean()
    latents = Latents(torch.zeros(2, 1), (), torch.tensor(codes))
    logs = torch.tensor(np.log(spread)).expand(2, 2)
    assert float(information(latents, [], torch.tensor(mean), logs)) == pytest.approx(expected, rel=1e-5)


def test_that_codes_enter_the_generator_after_the_noise_and_are_evenly_distributed() -> None:
    some = generation(categorical=[4], continuous=2)
    latents = some.latents(4000, Draw(0))
    vector = latents.vector([4])
    assert vector.shape == (4000, 3 + 4 + 2)
    assert torch.equal(vector[:, 3:7].argmax(1), latents.categorical[0])
    assert np.bincount(latents.categorical[0].numpy()) == pytest.approx(1000, rel=0.15)
    assert latents.continuous is not None
    assert float(latents.continuous.mean()) == pytest.approx(0, abs=0.05)
    assert float(latents.continuous.std()) == pytest.approx(1 / math.sqrt(3), rel=0.05)
    assert float(vector[:, :3].std()) == pytest.approx(1, rel=0.05)


def test_that_the_information_is_taken_from_both_losses() -> None:
    losses = {}
    for weight in (0.0, 2.0):
        torch.manual_seed(0)
        some = generation(categorical=[4], continuous=1, information_weight=weight)
        batch = {"image": Draw(1).normal(6, 2)}
        learned = some.generator_loss(batch, Draw(2), adversarial=True)
        judged = some.discriminator_loss(batch, Draw(2), step=0)
        losses[weight] = [float(each.total.detach()) for each in (learned, judged)]
        bound = float(learned.parts["information"])
    # The same draw makes the same pictures for both losses, so the bound is the same too.
    for without, with_codes in zip(losses[0.0], losses[2.0], strict=True):
        assert with_codes == pytest.approx(without - 2 * bound, rel=1e-4)


def test_that_codes_can_be_learned() -> None:
    torch.manual_seed(0)
    some = generation(categorical=[2], objective="nonsaturating", information_weight=1.0)
    assert some.discriminator is not None
    networks = [(some.discriminator, 0.02), (some.generator, 0.02)]
    optimisers = [torch.optim.Adam(network.parameters(), lr=rate) for network, rate in networks]
    draw, centres = Draw(3), torch.tensor([[-1.0, 0.0], [1.0, 0.0]])
    for step in range(80):
        batch = {"image": centres[draw.integers(2, 32)] + 0.05 * draw.normal(32, 2)}
        for index, optimiser in enumerate(optimisers):
            losses = (
                some.generator_loss(batch, draw, adversarial=True)
                if index
                else some.discriminator_loss(batch, draw, step=step)
            )
            optimiser.zero_grad()
            losses.total.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    latents = some.latents(200, draw)
    probabilities, _ = some.recognised(some.pictures(some.generator, latents).detach())
    right = (probabilities[0].argmax(1) == latents.categorical[0]).float().mean()
    assert float(right) > 0.9


def test_that_a_class_changes_the_picture_and_its_judgement() -> None:
    some = generation(conditional=True)
    latents = some.latents(5, Draw(0))
    labels = [torch.zeros(5, dtype=torch.int64), torch.ones(5, dtype=torch.int64)]
    one, other = (some.pictures(some.generator, latents, label).detach() for label in labels)
    assert not torch.allclose(one, other)
    points = Draw(1).normal(5, 2)
    found = [some.realness({"image": points, "label": label}, Draw(0)) for label in labels]
    assert found[0] is not None
    assert found[1] is not None
    assert not torch.allclose(found[0][0], found[1][0])


def test_that_packed_pictures_share_their_judgement_and_a_rest_is_left_out() -> None:
    some = generation(pack=3)
    found = some.realness({"image": Draw(1).normal(8, 2)}, Draw(0))
    assert found is not None
    assert [len(values) for values in found] == [6, 6]
    assert torch.equal(found[0], found[0][[0, 0, 0, 3, 3, 3]])
    assert float(found[0][0]) != float(found[0][3])
    with pytest.raises(ValueError, match="packed by 3"):
        some.discriminator_loss({"image": Draw(1).normal(8, 2)}, Draw(0), step=0)


def test_that_generation_without_an_adversary_is_refused() -> None:
    with pytest.raises(ValueError, match="every phase adversarial"):
        generation().generator_loss({"image": torch.zeros(2, 2)}, Draw(0), adversarial=False)
    with pytest.raises(ValueError, match="no classes"):
        method(
            "generation",
            generator=Network("mlp_generator"),
            discriminator=Network("mlp_discriminator"),
            data=DataShapes(target_channels=2),
            conditional=True,
        )


# cycle


class _Turn(nn.Module):
    """A generator that multiplies, so that the way there and back is known."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(factor))

    def forward(self, picture: Tensor) -> Tensor:
        return self.factor * picture


def turning(there: float, back: float, **arguments: Any) -> Cycle:
    some = cast(Cycle, paired("cycle", **arguments))
    both = some.generator
    assert isinstance(both, BothWays)
    both.to_target, both.to_source = _Turn(there), _Turn(back)
    return some


def test_that_what_comes_back_as_it_was_costs_nothing() -> None:
    losses = turning(2.0, 0.5).generator_loss(pictures(), Draw(0), adversarial=False)
    assert float(losses.total.detach()) == pytest.approx(0, abs=1e-6)


def test_that_cycle_and_identity_losses_match_their_sums() -> None:
    batch = pictures()
    some = turning(2.0, 3.0, cycle_weight=10, identity_weight=5)
    losses = some.generator_loss(batch, Draw(0), adversarial=False)
    source, target = (float(batch[name].mean()) for name in ("source", "target"))
    cycle, identity = 5 * (source + target), 1 * target + 2 * source  # |6x − x|, and |2y − y| + |3x − x|
    assert float(losses.parts["loss/reconstruction"]) == pytest.approx(cycle, rel=1e-5)
    assert float(losses.parts["loss/identity"]) == pytest.approx(identity, rel=1e-5)
    assert float(losses.total.detach()) == pytest.approx(10 * cycle + 5 * identity, rel=1e-5)


def test_that_a_package_holds_the_way_from_source_to_target() -> None:
    some, batch = turning(2.0, 3.0), pictures()
    deployed = some.deployed(some.generator)
    assert torch.equal(deployed(batch["source"]), some.samples(some.generator, batch, Draw(0)))
    assert torch.equal(deployed(batch["source"]), 2 * batch["source"])


def test_that_both_directions_may_have_different_channels() -> None:
    data = DataShapes(source_channels=3, target_channels=1, size=SIZE)
    some = method("cycle", generator=GENERATOR, discriminator=PATCHES, data=data)
    batch = {"source": torch.rand(2, 3, *SIZE), "target": torch.rand(2, 1, *SIZE)}
    assert torch.isfinite(some.generator_loss(batch, Draw(0), adversarial=True).total)
    assert torch.isfinite(some.discriminator_loss(batch, Draw(0), step=0).total)
    fixed = Network("resnet_generator", {"in_channels": 3})
    for generator, arguments in ((GENERATOR, {"identity_weight": 1}), (fixed, {})):
        with pytest.raises(ValueError, match="channels"):
            method("cycle", generator=generator, discriminator=PATCHES, data=data, **arguments)


def test_that_a_pool_shows_half_of_the_time_an_earlier_picture() -> None:
    pool, draw = Pool(10, (1,)), Draw(0)
    first = torch.arange(10.0)[:, None]
    assert torch.equal(pool.exchanged(first, draw), first)
    earlier = 0
    for step in range(1, 101):
        new = torch.arange(10.0)[:, None] + 10 * step
        shown = pool.exchanged(new, draw)
        earlier += int((shown != new).sum())
        assert float(shown.max()) < 10 * (step + 1)
    assert earlier == pytest.approx(500, rel=0.15)
    again = Pool(10, (1,))
    again.load_state_dict(pool.state_dict())
    assert torch.equal(again.kept, pool.kept)


def test_that_a_pool_of_nothing_shows_what_it_is_given() -> None:
    new = torch.rand(3, 1)
    assert torch.equal(Pool(0, (1,)).exchanged(new, Draw(0)), new)
