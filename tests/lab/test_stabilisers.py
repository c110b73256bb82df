"""Spectral normalisation, R1, averaged weights, packing and differentiable augmentation against independent answers."""

import copy

import pytest
import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.objectives import Judgement
from medgan_viewer.lab.stabilisers import AUGMENTATIONS, Average, augmentation, normalise_spectrally, packed, r1
from medgan_viewer.models.networks import build

SIZE = (32, 24)

# spectral normalisation


def test_that_no_layer_stretches_its_input_after_spectral_normalisation() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(6, 4)
    nn.init.normal_(layer.weight, std=3)
    network = normalise_spectrally(nn.Sequential(layer, nn.ReLU()))
    for _ in range(50):
        network(torch.randn(2, 6))
    assert float(torch.linalg.matrix_norm(layer.weight.detach(), 2)) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("name", ["patch_discriminator", "projection_discriminator", "autoencoder_discriminator"])
def test_that_every_convolution_of_a_discriminator_is_normalised_and_its_weights_can_be_kept(name: str) -> None:
    arguments = {"in_channels": 0, "out_channels": 1, "features": [4, 8, 8]}
    if name == "projection_discriminator":
        arguments = {"out_channels": 1, "features": 4, "size": (32, 32), "classes": 2}
    network, again = (normalise_spectrally(build(name, arguments)) for _ in range(2))
    weighty = [m for m in network.modules() if isinstance(m, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear, nn.Embedding))]
    assert weighty
    assert all(hasattr(module, "parametrizations") for module in weighty)
    picture, label = torch.rand(2, 1, 32, 32), [torch.tensor([0, 1])] if "classes" in arguments else []
    again.load_state_dict(network.state_dict())
    assert torch.equal(*(n.eval()(picture[:, :0], picture, *label)[0] for n in (network, again)))


# R1


def test_that_r1_is_half_gamma_times_the_squared_slope_on_real_pictures() -> None:
    weights = torch.tensor([3.0, 4.0])
    assert float(r1(lambda x: Judgement(x @ weights), torch.randn(5, 2), 0.2)) == pytest.approx(0.1 * 25)


def test_that_r1_of_a_curved_score_is_the_mean_of_each_pictures_own() -> None:
    real = torch.tensor([[1.0, 2.0], [0.0, 3.0]])
    penalty = r1(lambda x: Judgement((x**2).sum(1)), real, 1.0)  # slope 2·x
    assert float(penalty.detach()) == pytest.approx(0.5 * (4 * 5 + 4 * 9) / 2)


def test_that_r1_teaches_the_discriminator_and_leaves_the_pictures_alone() -> None:
    weights, real = torch.tensor([3.0, 4.0], requires_grad=True), torch.randn(5, 2)
    (gradient,) = torch.autograd.grad(r1(lambda x: Judgement(x @ weights), real, 0.2), weights)
    assert gradient.tolist() == pytest.approx([0.2 * 3, 0.2 * 4])
    assert not real.requires_grad


def test_that_two_halves_have_the_penalty_of_the_whole() -> None:
    torch.manual_seed(0)
    network = build("patch_discriminator", {"in_channels": 0, "out_channels": 1, "features": [4, 8, 8]})

    def judge(pictures: Tensor) -> Judgement:
        return Judgement(network(pictures[:, :0], pictures)[0])

    real = torch.rand(4, 1, 32, 32)
    halves = [float(r1(judge, half, 1.0).detach()) for half in (real[:2], real[2:])]
    assert float(r1(judge, real, 1.0).detach()) == pytest.approx(sum(halves) / 2, rel=1e-5)


# averaged weights


def test_that_averaged_weights_follow_slowly_and_forget_their_start() -> None:
    present = nn.Linear(1, 1, bias=False)
    nn.init.constant_(present.weight, 0.0)
    average = Average(present, decay=0.9)
    nn.init.constant_(present.weight, 1.0)
    expected = 0.0
    for step in range(300):
        average.update(present, step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay)
        assert float(average.network.get_parameter("weight")) == pytest.approx(expected, abs=1e-5)
    assert expected > 0.999


def test_that_running_statistics_are_copied_and_nothing_of_the_average_is_trained() -> None:
    torch.manual_seed(0)
    present = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    average = Average(present, decay=0.999)
    present(torch.randn(4, 1, 8, 8))
    average.update(present, 10_000)
    kept, buffers = dict(average.network.named_buffers()), dict(present.named_buffers())
    assert all(torch.equal(kept[name], buffers[name]) for name in buffers)
    assert not average.network.training
    assert not any(weight.requires_grad for weight in average.network.parameters())


def test_that_a_decay_of_one_is_refused() -> None:
    with pytest.raises(ValueError, match="decay"):
        Average(nn.Linear(1, 1), decay=1.0)


# packing


def test_that_packed_pictures_sit_beside_each_other_and_lose_nothing() -> None:
    pictures = torch.arange(24.0).view(6, 2, 1, 2)
    packs = packed(pictures, 3)
    assert packs.shape == (2, 6, 1, 2)
    assert torch.equal(packs[1, 2:4], pictures[4])
    assert packed(torch.zeros(6, 2), 2).shape == (3, 4)


def test_that_a_batch_that_fills_no_pack_is_refused() -> None:
    with pytest.raises(ValueError, match="packed"):
        packed(torch.zeros(5, 1), 2)


# augmentation


def test_that_a_translation_moves_each_picture_by_whole_pixels_and_blanks_the_rest() -> None:
    pictures = torch.rand(40, 2, *SIZE) + 1
    moved = augmentation(["translation"], 40, SIZE, Draw(0))(pictures)
    shifts = set()
    for before, after in zip(pictures, moved, strict=True):
        found = [
            (down, right)
            for down in range(-4, 5)
            for right in range(-3, 4)
            if torch.equal(_shifted(before, down, right), after)
        ]
        assert len(found) == 1
        shifts |= set(found)
    assert {down for down, _ in shifts} == set(range(-4, 5))  # an eighth of 32 rows
    assert {right for _, right in shifts} == set(range(-3, 4))


def _shifted(picture: Tensor, down: int, right: int) -> Tensor:
    """Cut the moved picture out of a larger one with an empty rim."""
    rim, (rows, columns) = nn.functional.pad(picture, (5, 5, 5, 5)), SIZE
    return rim[:, 5 - down : 5 - down + rows, 5 - right : 5 - right + columns]


def test_that_a_cutout_blanks_a_rectangle_of_half_the_size_at_most() -> None:
    cut = augmentation(["cutout"], 60, SIZE, Draw(1))(torch.ones(60, 3, *SIZE))
    assert torch.equal(cut[:, 0], cut[:, 2])
    blank = cut[:, 0] == 0
    rows, columns = blank.any(2).sum(1), blank.any(1).sum(1)
    assert torch.equal(blank.sum((1, 2)), rows * columns)  # a full rectangle
    assert int(rows.max()) == SIZE[0] // 2
    assert int(columns.max()) == SIZE[1] // 2
    assert int(rows.min()) >= SIZE[0] // 4  # its centre lies inside


def test_that_one_augmentation_changes_everything_it_sees_alike() -> None:
    augment = augmentation(AUGMENTATIONS, 3, SIZE, Draw(2))
    pictures = torch.rand(3, 1, *SIZE)
    once = augment(pictures)
    assert torch.equal(once, augment(pictures))
    assert torch.equal(torch.cat([once, once], 1), augment(torch.cat([pictures, pictures], 1)))
    assert torch.equal(once, augmentation(AUGMENTATIONS, 3, SIZE, Draw(2))(pictures))


def test_that_the_gradient_passes_through_what_is_left_of_a_picture() -> None:
    pictures = torch.rand(2, 1, *SIZE, requires_grad=True)
    augmented = augmentation(AUGMENTATIONS, 2, SIZE, Draw(3))(pictures)
    (gradient,) = torch.autograd.grad(augmented.sum(), pictures)
    assert set(gradient.flatten().tolist()) == {0.0, 1.0}
    assert float(gradient.sum()) == float((augmented != 0).sum())


def test_that_two_processes_change_their_pictures_as_one_would_have() -> None:
    pictures = torch.rand(4, 1, *SIZE)
    whole = augmentation(AUGMENTATIONS, 4, SIZE, Draw(4))(pictures)
    for rank in (0, 1):
        mine = augmentation(AUGMENTATIONS, 2, SIZE, Draw(4, rank, 2))(pictures[rank::2])
        assert torch.equal(mine, whole[rank::2])


def test_that_an_unknown_augmentation_is_refused_and_none_changes_nothing() -> None:
    with pytest.raises(ValueError, match="colour"):
        augmentation(["colour"], 1, SIZE, Draw(0))
    pictures = torch.rand(1, 1, *SIZE)
    assert torch.equal(augmentation([], 1, SIZE, Draw(0))(copy.copy(pictures)), pictures)
