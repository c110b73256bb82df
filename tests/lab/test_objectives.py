"""Adversarial objectives against their closed forms."""

import pytest
import torch

from medgan_viewer.lab.objectives import OBJECTIVES, objective


@pytest.mark.parametrize("entry", OBJECTIVES, ids=lambda entry: str(entry.name))
def test_that_each_objective_is_found_by_its_name_and_has_gradients(entry: object) -> None:
    name = str(getattr(entry, "name", ""))
    logits = torch.linspace(-2, 2, 8, requires_grad=True)
    objective(name).generator_loss(logits).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert (logits.grad <= 0).any()  # a higher logit is better for the generator somewhere


def test_that_an_undecided_least_squares_discriminator_loses_a_quarter() -> None:
    half = torch.full((4, 1, 3, 3), 0.5)
    assert float(objective("lsgan").discriminator_loss(half, half)) == pytest.approx(0.25)


def test_that_the_least_squares_losses_match_their_formulae() -> None:
    real, synthetic = torch.tensor([1.0, 0.0, 3.0]), torch.tensor([0.0, 2.0, -1.0])
    losses = objective("lsgan")
    assert float(losses.discriminator_loss(real, synthetic)) == pytest.approx((0 + 1 + 4) / 6 + (0 + 4 + 1) / 6)
    assert float(losses.generator_loss(synthetic)) == pytest.approx((1 + 1 + 4) / 6)


def test_that_the_least_squares_generator_is_pulled_hardest_when_it_is_caught_most_surely() -> None:
    logits = torch.tensor([-5.0, 0.0, 1.0], requires_grad=True)
    objective("lsgan").generator_loss(logits).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad.tolist() == pytest.approx([-2.0, -1 / 3, 0.0])  # (D − 1)/N


def test_that_an_unknown_objective_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        objective("dreams")
