"""What is measured agrees with an answer found in another way, and measuring changes nothing."""

import io
import math
from contextlib import nullcontext

import pytest
import torch
from torch import Tensor, nn

from medgan_viewer.lab.diagnostics.broken_runs import Points, PointsMethod, Run
from medgan_viewer.lab.diagnostics.diversity import coverage, features, recall, similarity
from medgan_viewer.lab.diagnostics.measure import Diagnostics, gradient_norm
from medgan_viewer.lab.diagnostics.updates import Updates, sketch
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.objectives import objective


def _noisy(run: Run) -> PointsMethod:
    """Return a method whose networks have all that could be disturbed: dropout, batch and spectral normalisation."""
    torch.manual_seed(0)
    method = PointsMethod(run)
    method.generator = nn.Sequential(nn.Linear(4, 16), nn.BatchNorm1d(16), nn.Dropout(0.2), nn.Linear(16, 2))
    spectral = nn.utils.parametrizations.spectral_norm(nn.Linear(2, 16))
    method.discriminator = nn.Sequential(spectral, nn.Dropout(0.2), nn.LeakyReLU(0.2), nn.Linear(16, 1))
    return method


def _losses(measured: bool) -> list[float]:
    method = _noisy(Run())
    assert method.discriminator is not None
    source, draw = Points(Run()), Draw(1)
    diagnostics = Diagnostics(method, source, Draw(2), pictures=16, compared=16, at_once=8)
    optimisers = [torch.optim.Adam(network.parameters(), 1e-3) for network in (method.generator, method.discriminator)]
    seen = []
    for step in range(6):
        batch = source.batch(8, draw)
        judged = method.discriminator_loss(batch, draw, step=step)
        optimisers[1].zero_grad()
        judged.total.backward()  # type: ignore[no-untyped-call]
        optimisers[1].step()
        losses = method.generator_loss(batch, draw, adversarial=True)
        if measured:
            diagnostics.on_measure(step, method, losses, batch)
        optimisers[0].zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        optimisers[0].step()
        seen += [float(judged.total.detach()), float(losses.total.detach())]
    return seen


def test_that_losses_with_and_without_measuring_are_the_same_to_the_last_bit() -> None:
    assert _losses(measured=True) == _losses(measured=False)


def test_that_measuring_leaves_each_module_in_its_own_mode() -> None:
    method = _noisy(Run())
    method.generator.train()
    method.generator[1].eval()  # type: ignore[index]
    losses = method.generator_loss(Points(Run()).batch(8, Draw(0)), Draw(0), adversarial=True)
    Diagnostics(method, Points(Run()), Draw(2), pictures=16, compared=16).on_measure(0, method, losses, {})
    assert [module.training for module in method.generator.modules()] == [True, True, False, True, True]


def test_that_diagnostics_restored_from_a_checkpoint_measure_the_same() -> None:
    def measures(interrupted: bool) -> list[dict[str, float]]:
        method, draw, run = _noisy(Run()), Draw(5), Run()
        diagnostics = Diagnostics(method, Points(run), Draw(2), pictures=16, compared=16)
        found = []
        for step in range(16):
            losses = method.generator_loss(Points(run).batch(8, draw), draw, adversarial=True)
            found.append(diagnostics.on_measure(step, method, losses, {}))
            with torch.no_grad():
                method.generator[0].weight.add_(0.01 * math.cos(step))  # type: ignore[index]
            if interrupted and step == 9:
                file = io.BytesIO()
                torch.save(diagnostics.state(), file)
                file.seek(0)
                diagnostics = Diagnostics(method, Points(run), Draw(77), pictures=16, compared=16)
                diagnostics.restore(torch.load(file, weights_only=True))
        return found

    # Dropout draws from torch's own stream, which is the trainer's to keep.
    torch.manual_seed(3)
    whole = measures(interrupted=False)
    torch.manual_seed(3)
    assert measures(interrupted=True) == whole


class _Split:
    """A source whose splits differ by where their points lie."""

    def batch(self, count: int, draw: Draw, split: str = "train") -> dict[str, Tensor]:
        """Return points at 2 (train) or 0.5 (validation)."""
        return {"image": torch.full((count, 1), 2.0 if split == "train" else -0.5) + 0 * draw.normal(count, 1)}


def test_that_realness_accuracy_and_sign_are_those_of_each_kind_of_picture() -> None:
    method = PointsMethod(Run(points="dirac"))
    assert method.discriminator is not None
    with torch.no_grad():
        method.discriminator.weight.fill_(3.0)  # type: ignore[operator]
        method.generator.place.fill_(-1.0)  # type: ignore[operator]
    losses = method.generator_loss({"image": torch.zeros(4, 1)}, Draw(0), adversarial=True)
    found = Diagnostics(method, _Split(), Draw(1), pictures=8, compared=8).on_measure(0, method, losses, {})
    assert (found["realness/train"], found["realness/held_out"], found["realness/generated"]) == (6.0, -1.5, -3.0)
    assert (found["accuracy/train"], found["accuracy/held_out"], found["accuracy/generated"]) == (1.0, 0.0, 1.0)
    assert found["sign/real"] == 1.0
    # Minimax: d/dθ log(1 − σ(3θ)) = −3·σ(3θ); non-saturating: −3·(1 − σ(3θ)).
    assert found["gradient/adversarial"] == pytest.approx(3 / (1 + math.exp(-3.0)), rel=1e-5)


def test_that_nothing_is_right_or_wrong_of_a_critic_whose_scores_are_known_but_for_a_constant() -> None:
    method = PointsMethod(Run())
    method.objective = objective("wgan-gp")
    losses = method.generator_loss(Points(Run()).batch(8, Draw(0)), Draw(0), adversarial=True)
    found = Diagnostics(method, Points(Run()), Draw(2), compared=16).on_measure(0, method, losses, {})
    assert "realness/train" in found
    assert not [name for name in found if name.startswith(("accuracy", "sign"))]


def test_that_without_an_adversary_only_reconstruction_and_updates_are_measured() -> None:
    method = PointsMethod(Run())
    losses = method.generator_loss(Points(Run()).batch(8, Draw(0)), Draw(0), adversarial=True)
    plain = type(losses)(losses.total, reconstruction=losses.total)
    found = Diagnostics(method, Points(Run()), Draw(2), pictures=16, compared=16).on_measure(0, method, plain, {})
    assert set(found) == {"gradient/reconstruction", "average/distance"}
    assert found["gradient/reconstruction"] > 0


def test_that_samples_in_bfloat16_are_compared_in_full_precision() -> None:
    method, run = PointsMethod(Run()), Run()
    losses = method.generator_loss(Points(run).batch(8, Draw(0)), Draw(0), adversarial=True)
    found = [
        Diagnostics(method, Points(run), Draw(2), compared=32, autocast=autocast).on_measure(0, method, losses, {})
        for autocast in (nullcontext, lambda: torch.autocast("cpu", torch.bfloat16))
    ]
    assert found[1]["similarity/real"] == found[0]["similarity/real"]
    assert found[1]["similarity/generated"] == pytest.approx(found[0]["similarity/generated"], abs=1e-3)
    assert found[1]["realness/generated"] != found[0]["realness/generated"]


def test_that_the_gradient_norm_is_that_of_all_weights_together() -> None:
    first, second = nn.Parameter(torch.tensor([1.0, 2.0])), nn.Parameter(torch.tensor(3.0))
    unused = nn.Parameter(torch.tensor(1.0))
    loss = first.square().sum() + 4 * second
    assert gradient_norm(loss, [first, second, unused]) == pytest.approx(math.sqrt(2**2 + 4**2 + 4**2))
    loss.backward()  # type: ignore[no-untyped-call]


def test_that_equal_distributions_are_covered_as_the_paper_expects() -> None:
    generator = torch.Generator().manual_seed(0)
    shares = [
        coverage(torch.randn(200, 4, generator=generator), torch.randn(200, 4, generator=generator)) for _ in range(10)
    ]
    # Naeem 2020, section 3.2: 1 − (1 − k/N)… → 1 − 2^−k for equally many points.
    assert sum(shares) / len(shares) == pytest.approx(1 - 2**-5, abs=0.02)


def test_that_half_of_the_modes_give_half_of_coverage_and_recall() -> None:
    generator = torch.Generator().manual_seed(0)
    centres = torch.tensor([[0.0, 0.0], [50.0, 0.0]])
    real = centres[torch.arange(100) % 2] + torch.randn(100, 2, generator=generator)
    half = torch.randn(100, 2, generator=generator)
    assert coverage(real, half) == pytest.approx(0.5, abs=0.05)
    assert recall(real, half) == pytest.approx(0.5, abs=0.05)


def test_that_recall_counts_real_points_inside_the_balls_of_generated_ones() -> None:
    generated = torch.arange(10.0)[:, None]
    # With k = 5 the ball of 0 reaches to 5, that of 9 down to 4.
    real = torch.tensor([[-4.9], [-5.1], [13.9], [14.1], [4.5]])
    assert recall(real, generated) == pytest.approx(3 / 5)


@pytest.mark.parametrize("side", [8, 32, 176])
def test_that_the_same_picture_again_is_wholly_similar_and_noise_is_not(side: int) -> None:
    generator = torch.Generator().manual_seed(0)
    different = torch.rand(4, 1, side, side, generator=generator)
    assert similarity(different[:1].expand(4, -1, -1, -1), different) == pytest.approx(1.0, abs=1e-4)
    assert similarity(different, different) < 0.5


def test_that_points_are_compared_by_a_kernel_as_wide_as_half_the_median_distance() -> None:
    real = torch.tensor([[0.0, 0.0], [2.0, 0.0]])
    # Width 1: two points at a distance of 2.
    assert similarity(real, real) == pytest.approx(math.exp(-2.0))
    assert similarity(torch.zeros(2, 2), real) == 1.0


def test_that_large_pictures_are_averaged_down_before_they_are_compared() -> None:
    pictures = torch.arange(64.0 * 64).reshape(1, 1, 64, 64)
    found = features(pictures)
    assert found.shape == (1, 256)
    assert float(found[0, 0]) == pytest.approx(float(pictures[0, 0, :4, :4].mean()))


def _moved(angles: list[float], noise: float = 0.0) -> dict[str, float]:
    generator = torch.Generator().manual_seed(0)
    updates, module = Updates(), nn.Linear(2, 1, bias=False)
    found: dict[str, float] = {}
    for angle in angles:
        place = torch.tensor([[math.cos(angle), math.sin(angle)]])
        module.weight.data = place + noise * torch.randn(1, 2, generator=generator)
        found = updates.observe(module)
    return found


def test_that_circling_weights_undo_their_updates_and_weights_at_rest_in_noise_do_not() -> None:
    circle = _moved([0.3 * step for step in range(65)])
    assert circle["update/cosine"] == pytest.approx(math.cos(0.3), abs=1e-4)
    assert circle["update/reversal"] > 0.95
    assert _moved([0.0] * 65, noise=0.1)["update/reversal"] < 0.65
    assert _moved([0.001 * step for step in range(65)])["update/reversal"] < -0.9


def test_that_a_sketch_keeps_the_cosine_of_large_updates() -> None:
    torch.manual_seed(0)
    first, second = nn.Linear(500, 100), nn.Linear(500, 100)
    both = [torch.cat([weight.flatten() for weight in module.parameters()]) for module in (first, second)]
    # Half of the second's weights are the first's.
    with torch.no_grad():
        second.weight[:50] = first.weight[:50]
    both[1] = torch.cat([weight.flatten() for weight in second.parameters()])
    exact = nn.functional.cosine_similarity(both[0], both[1], dim=0)
    assert len(sketch(first)) == 256
    assert nn.functional.cosine_similarity(sketch(first), sketch(second), dim=0) == pytest.approx(
        float(exact.detach()), abs=0.15
    )
