"""Networks that correct their input: what they start as, how much of the correction they make, what they refuse."""

import pytest
import torch

from medgan_viewer.models.networks import build
from medgan_viewer.models.networks.red_cnn import REDCNN
from medgan_viewer.models.networks.residual_unet import ResidualUNet


def trained(in_channels: int = 3, out_channels: int = 1) -> ResidualUNet:
    """Return a network that corrects something, as only a trained one does."""
    network = ResidualUNet(in_channels, out_channels, features=(4, 8, 8))
    torch.nn.init.normal_(network.last.weight)
    return network.eval()


def test_that_a_fresh_network_gives_the_middle_of_its_slices() -> None:
    image = torch.rand(2, 6, 16, 24)
    assert ResidualUNet(6, 2, features=(4, 8)).eval()(image).equal(image[:, 2:4])


def test_that_a_share_of_the_strength_is_that_share_of_the_correction_and_none_is_the_input() -> None:
    network, image = trained(), torch.rand(1, 3, 32, 32)
    with torch.inference_mode():
        whole = network(image) - image[:, 1:2]
        assert float(whole.abs().max()) > 0.01
        for strength in (0.25, 0.5, 1.0):
            part = network.at(strength)(image) - image[:, 1:2]
            assert torch.allclose(part, strength * whole, atol=1e-5)
        assert network.at(0.0)(image).equal(image[:, 1:2])


def test_that_twice_the_noise_is_met_with_twice_the_correction_without_biases() -> None:
    network = trained(1, 1)
    for name, value in network.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.zeros_(value)
    image = torch.randn(1, 1, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(network(2 * image), 2 * network(image), atol=1e-4)


@pytest.mark.parametrize("channels", [(2, 1), (3, 2), (4, 2)])
def test_that_slices_without_a_middle_are_refused(channels: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="odd number of slices"):
        ResidualUNet(*channels)


def test_that_red_cnn_adds_its_input_and_is_as_large_as_its_paper_says() -> None:
    network = REDCNN(1, 1).eval()
    # Ten layers of 5×5, 96 wide: 2·(25·96) + 8·(25·96²) weights, and their biases.
    assert sum(weight.numel() for weight in network.parameters()) == 2 * 2400 + 8 * 230400 + 9 * 96 + 1
    for layer in network.decoder:
        for weight in layer.parameters():
            torch.nn.init.zeros_(weight)
    image = torch.rand(1, 1, 40, 32)
    assert network(image).equal(image)
    with pytest.raises(ValueError, match="as many channels as it takes"):
        REDCNN(3, 1)


def test_that_the_recipes_network_and_its_yardstick_are_of_one_size() -> None:
    ours = build("residual_unet", {"in_channels": 1, "out_channels": 1})
    theirs = build("red_cnn", {"in_channels": 1, "out_channels": 1, "features": 52})
    sizes = [sum(weight.numel() for weight in network.parameters()) for network in (ours, theirs)]
    assert sizes[0] == pytest.approx(sizes[1], rel=0.02)
