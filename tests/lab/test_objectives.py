"""Adversarial objectives against their closed forms, numerical integrals and numerical differences."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from medgan_viewer.lab.objectives import OBJECTIVES, FDivergence, Judgement, Objective, objective
from medgan_viewer.lab.objectives.ebgan import pull_away
from medgan_viewer.lab.objectives.wgan_gp import slopes

LOG2 = math.log(2)
F_DIVERGENCES = ("fgan-kl", "fgan-reverse-kl", "fgan-pearson", "fgan-hellinger", "fgan-js")


def judged(*scores: float) -> Judgement:
    return Judgement(torch.tensor(scores, dtype=torch.float64))


def generator_gradient(name: str, *scores: float) -> list[float]:
    values = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
    codes = torch.eye(len(scores), dtype=torch.float64)
    (gradient,) = torch.autograd.grad(objective(name).generator_loss(Judgement(values, (codes,))), values)
    return [float(value) for value in gradient]


def f_divergence(name: str) -> FDivergence:
    found = objective(name)
    assert isinstance(found, FDivergence)
    return found


# every family


@pytest.mark.parametrize("entry", OBJECTIVES, ids=lambda entry: str(entry.name))
def test_that_each_objective_is_found_by_its_name_and_shows_the_generator_a_way(entry: type[Objective]) -> None:
    assert type(objective(entry.name)) is entry
    assert entry.title
    towards = -1.0 if objective(entry.name).realness(torch.tensor([0.0, 1.0])).diff() > 0 else 1.0
    assert all(towards * slope > 0 for slope in generator_gradient(entry.name, 0.3, 0.8))


@pytest.mark.parametrize("entry", OBJECTIVES, ids=lambda entry: str(entry.name))
def test_that_the_generator_follows_the_numerical_slope_of_its_loss(entry: type[Objective]) -> None:
    point, step = [-0.7, 0.4, 1.9], 1e-6
    losses = objective(entry.name)
    for index, slope in enumerate(generator_gradient(entry.name, *point)):
        values = []
        for sign in (-1, 1):
            moved = list(point)
            moved[index] += sign * step
            values.append(float(losses.generator_loss(judged(*moved))))
        assert slope == pytest.approx((values[1] - values[0]) / (2 * step), abs=1e-7)


@pytest.mark.parametrize("entry", OBJECTIVES, ids=lambda entry: str(entry.name))
def test_that_each_loss_of_two_halves_averages_to_that_of_the_whole(entry: type[Objective]) -> None:
    losses = objective(entry.name)
    generator = torch.Generator().manual_seed(3)
    real, synthetic = torch.randn(2, 8, 1, 3, 3, generator=generator, dtype=torch.float64)
    whole = losses.discriminator_loss(Judgement(real), Judgement(synthetic))
    halves = [
        losses.discriminator_loss(Judgement(a), Judgement(b))
        for a, b in zip(real.chunk(2), synthetic.chunk(2), strict=True)
    ]
    assert float(whole) == pytest.approx(float(sum(halves)) / 2)
    parts = [float(losses.generator_loss(Judgement(half))) for half in synthetic.chunk(2)]
    assert float(losses.generator_loss(Judgement(synthetic))) == pytest.approx(sum(parts) / 2)


@pytest.mark.parametrize("entry", [e for e in OBJECTIVES if e.absolute], ids=lambda entry: str(entry.name))
def test_that_a_discriminator_gains_nothing_by_leaving_the_undecided_score_when_both_sides_are_alike(
    entry: type[Objective],
) -> None:
    losses = objective(entry.name)
    candidates = torch.linspace(-3, 3, 1201, dtype=torch.float64)
    values = [float(losses.discriminator_loss(Judgement(v), Judgement(v))) for v in candidates.chunk(1201)]
    best = candidates[int(np.argmin(values))]
    if entry.name == "hinge":  # flat from −1 to 1
        best = torch.tensor(0.0)
    assert float(losses.realness(best)) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("name", ["minimax", "nonsaturating", "lsgan", "hinge", "fgan-js", "wgan"])
def test_that_enormous_scores_leave_losses_and_slopes_finite(name: str) -> None:
    scores = torch.tensor([-500.0, 500.0], requires_grad=True)
    losses = objective(name)
    total = losses.discriminator_loss(Judgement(scores), Judgement(-scores)) + losses.generator_loss(Judgement(scores))
    (gradient,) = torch.autograd.grad(total, scores)
    assert torch.isfinite(total)
    assert torch.isfinite(gradient).all()


def test_that_an_unknown_objective_is_a_key_error_and_an_unknown_parameter_a_type_error() -> None:
    with pytest.raises(KeyError):
        objective("dreams")
    with pytest.raises(TypeError):
        objective("hinge", margin=2)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("wgan", {"clip": 0.0}),
        ("wgan-gp", {"weight": -1.0}),
        ("ebgan", {"margin": 0.0}),
        ("ebgan", {"pull_away": -1.0}),
    ],
)
def test_that_a_parameter_out_of_range_is_a_value_error(name: str, arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        objective(name, **arguments)


# minimax and non-saturating


def test_that_the_original_losses_match_their_logarithms() -> None:
    real, synthetic = np.array([0.9, -1.2]), np.array([0.2, 2.0])

    def sigmoid(v: np.ndarray) -> np.ndarray:
        return np.asarray(1 / (1 + np.exp(-v)))

    expected = -np.log(sigmoid(real)).mean() - np.log(1 - sigmoid(synthetic)).mean()
    for name in ("minimax", "nonsaturating"):
        assert float(objective(name).discriminator_loss(judged(*real), judged(*synthetic))) == pytest.approx(expected)
    minimax = float(objective("minimax").generator_loss(judged(*synthetic)))
    assert minimax == pytest.approx(np.log(1 - sigmoid(synthetic)).mean())
    nonsaturating = float(objective("nonsaturating").generator_loss(judged(*synthetic)))
    assert nonsaturating == pytest.approx(-np.log(sigmoid(synthetic)).mean())


def test_that_an_undecided_discriminator_loses_twice_log_two() -> None:
    assert float(objective("minimax").discriminator_loss(judged(0, 0), judged(0, 0))) == pytest.approx(2 * LOG2)


def test_that_only_the_minimax_generator_loses_its_gradient_when_the_discriminator_wins() -> None:
    assert generator_gradient("minimax", -20.0)[0] == pytest.approx(0, abs=1e-8)
    assert generator_gradient("nonsaturating", -20.0)[0] == pytest.approx(-1)


# least squares and hinge


def test_that_an_undecided_least_squares_discriminator_loses_a_quarter() -> None:
    half = Judgement(torch.full((4, 1, 3, 3), 0.5))
    assert float(objective("lsgan").discriminator_loss(half, half)) == pytest.approx(0.25)


def test_that_the_least_squares_losses_match_their_formulae() -> None:
    real, synthetic = judged(1, 0, 3), judged(0, 2, -1)
    losses = objective("lsgan")
    assert float(losses.discriminator_loss(real, synthetic)) == pytest.approx((0 + 1 + 4) / 6 + (0 + 4 + 1) / 6)
    assert float(losses.generator_loss(synthetic)) == pytest.approx((1 + 1 + 4) / 6)


def test_that_the_least_squares_generator_is_pulled_hardest_when_it_is_caught_most_surely() -> None:
    assert generator_gradient("lsgan", -5, 0, 1) == pytest.approx([-2.0, -1 / 3, 0.0])  # (D − 1)/N


def test_that_the_hinge_generator_feels_one_over_n_however_surely_it_is_caught() -> None:
    assert generator_gradient("hinge", -5, -5, -5, 7) == pytest.approx([-0.25] * 4)


def test_that_the_hinge_discriminator_rests_beyond_its_margin() -> None:
    losses = objective("hinge")
    assert float(losses.discriminator_loss(judged(1, 5), judged(-1, -9))) == 0
    assert float(losses.discriminator_loss(judged(0, -1), judged(0.5, -3))) == pytest.approx(1.5 + 0.75)


# f-divergences

GRID = np.linspace(-12, 12, 6001)
P = np.exp(-0.5 * GRID**2) / math.sqrt(2 * math.pi)
Q = np.exp(-0.5 * ((GRID - 0.6) / 1.2) ** 2) / (1.2 * math.sqrt(2 * math.pi))

INTEGRANDS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "fgan-kl": lambda p, q: np.asarray(p * np.log(p / q)),
    "fgan-reverse-kl": lambda p, q: np.asarray(q * np.log(q / p)),
    "fgan-pearson": lambda p, q: np.asarray((p - q) ** 2 / q),
    "fgan-hellinger": lambda p, q: np.asarray((np.sqrt(p) - np.sqrt(q)) ** 2),
    "fgan-js": lambda p, q: np.asarray(p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))),
}
SLOPES: dict[str, Callable[[np.ndarray], np.ndarray]] = {  # f′(u)
    "fgan-kl": lambda u: np.asarray(np.log(u) + 1),
    "fgan-reverse-kl": lambda u: np.asarray(-1 / u),
    "fgan-pearson": lambda u: np.asarray(2 * (u - 1)),
    "fgan-hellinger": lambda u: np.asarray(1 - 1 / np.sqrt(u)),
    "fgan-js": lambda u: np.asarray(np.log(2 * u / (1 + u))),
}


@pytest.mark.parametrize("name", F_DIVERGENCES)
def test_that_the_best_scores_reach_the_divergence_of_two_gaussians(name: str) -> None:
    losses = f_divergence(name)
    wanted = torch.tensor(SLOPES[name](P / Q))
    low, high = torch.full_like(wanted, -60.0), torch.full_like(wanted, 60.0)
    for _ in range(80):  # the score whose activation is f′(p/q), by bisection
        middle = (low + high) / 2
        below = losses.activation(middle) < wanted
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    reached = np.trapezoid(P * losses.activation(low).numpy() - Q * losses.conjugate(low).numpy(), GRID)
    assert reached == pytest.approx(np.trapezoid(INTEGRANDS[name](P, Q), GRID), rel=1e-6)


@pytest.mark.parametrize("name", F_DIVERGENCES)
def test_that_a_learned_score_stays_under_the_divergence_and_comes_to_it(name: str) -> None:
    p, q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.3, 0.5])
    losses, divergence = f_divergence(name), float(INTEGRANDS[name](p, q).sum())
    scores = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([scores], max_iter=60, line_search_fn="strong_wolfe")
    weights_p, weights_q = torch.tensor(p) * 3, torch.tensor(q) * 3  # means over three cells become expectations

    def bound() -> Tensor:
        return (weights_p * losses.activation(scores)).mean() - (weights_q * losses.conjugate(scores)).mean()

    def step() -> Tensor:
        optimiser.zero_grad()
        loss = -bound()
        loss.backward()  # type: ignore[no-untyped-call]
        return loss

    assert float(bound().detach()) < divergence
    optimiser.step(step)  # type: ignore[no-untyped-call]
    assert float(bound().detach()) == pytest.approx(divergence, abs=1e-7)
    assert float(bound().detach()) <= divergence + 1e-12
    decided = losses.realness(scores.detach())  # p above q, equal, below q
    assert decided.sign().tolist() == [1, decided[1].sign().item(), -1]
    assert float(decided[1]) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("name", F_DIVERGENCES)
def test_that_the_conjugate_is_the_supremum_that_defines_it(name: str) -> None:
    losses, u = f_divergence(name), np.geomspace(1e-6, 1e4, 200_001)
    f = {
        "fgan-kl": u * np.log(u),
        "fgan-reverse-kl": -np.log(u),
        "fgan-pearson": (u - 1) ** 2,
        "fgan-hellinger": (np.sqrt(u) - 1) ** 2,
        "fgan-js": u * np.log(u) - (u + 1) * np.log((u + 1) / 2),
    }[name]
    for score in (-1.5, 0.0, 0.8, 2.0):
        v = torch.tensor(score, dtype=torch.float64)
        supremum = (u * float(losses.activation(v)) - f).max()
        assert float(losses.conjugate(v)) == pytest.approx(supremum, abs=1e-6)


@pytest.mark.parametrize("name", F_DIVERGENCES)
def test_that_an_f_gan_is_a_zero_sum_game_unless_it_is_told_otherwise(name: str) -> None:
    real, synthetic = judged(0.3, 1.0), judged(-0.4, 0.2)
    shifted = Judgement(synthetic.scores + 0.5)
    losses = f_divergence(name)
    gain = losses.generator_loss(shifted) - losses.generator_loss(synthetic)
    loss = losses.discriminator_loss(real, shifted) - losses.discriminator_loss(real, synthetic)
    assert float(gain) == pytest.approx(-float(loss))
    eager = objective(name, nonsaturating=True)
    assert float(eager.generator_loss(synthetic)) == pytest.approx(-float(losses.activation(synthetic.scores).mean()))


def test_that_the_jensen_shannon_game_is_the_original_one_up_to_a_constant() -> None:
    real, synthetic = judged(0.3, -1.0), judged(-0.4, 2.0)
    difference = objective("minimax").discriminator_loss(real, synthetic) - objective("fgan-js").discriminator_loss(
        real, synthetic
    )
    assert float(difference) == pytest.approx(2 * LOG2)


# Wasserstein


def linear_judge(*weights: float) -> Callable[[Tensor], Judgement]:
    slope = torch.tensor(weights)
    return lambda pictures: Judgement(pictures.flatten(1) @ slope)


def test_that_clipping_leaves_no_weight_outside_its_bound() -> None:
    last = nn.Linear(8, 1)
    nn.init.constant_(last.bias, 0.005)
    critic = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), last)
    objective("wgan", clip=0.01).constrain(critic)
    assert max(float(weight.detach().abs().max()) for weight in critic.parameters()) <= 0.01
    assert last.bias.tolist() == pytest.approx([0.005])


def test_that_a_wasserstein_critic_minimises_the_distance_with_its_sign_changed() -> None:
    for name in ("wgan", "wgan-gp"):
        assert float(objective(name).discriminator_loss(judged(3, 5), judged(1, 0))) == pytest.approx(0.5 - 4)
        assert objective(name).discriminator_steps == 5
        assert not objective(name).absolute


@pytest.mark.parametrize(("weights", "expected"), [((0.6, -0.8), 0.0), ((3.0, 4.0), 10 * 16.0), ((0.0, 0.0), 10.0)])
def test_that_the_penalty_asks_for_unit_slope_from_both_sides(weights: tuple[float, ...], expected: float) -> None:
    real, synthetic, shares = torch.randn(5, 2), torch.randn(5, 2), torch.rand(5)
    penalty = objective("wgan-gp").penalty(linear_judge(*weights), real, synthetic, shares)
    assert float(penalty) == pytest.approx(expected, abs=1e-5)


def test_that_the_penalty_looks_between_real_and_synthetic_by_each_samples_own_share() -> None:
    def curved(pictures: Tensor) -> Judgement:  # slope = 2·|x|
        return Judgement((pictures.flatten(1) ** 2).sum(1))

    real, synthetic, shares = torch.tensor([[2.0], [1.0]]), torch.tensor([[0.0], [3.0]]), torch.tensor([0.25, 0.5])
    expected = 10 * ((2 * 0.5 - 1) ** 2 + (2 * 2.0 - 1) ** 2) / 2
    penalty = objective("wgan-gp").penalty(curved, real, synthetic, shares)
    assert float(penalty.detach()) == pytest.approx(expected)


def test_that_the_penalty_teaches_the_critic() -> None:
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    penalty = objective("wgan-gp").penalty(
        lambda x: Judgement(x.flatten(1) @ weight), torch.randn(4, 2), torch.randn(4, 2), torch.rand(4)
    )
    (gradient,) = torch.autograd.grad(penalty, weight)
    assert gradient.tolist() == pytest.approx([10 * 2 * 4 * 0.6, 10 * 2 * 4 * 0.8], rel=1e-5)  # 2λ(‖w‖ − 1)·w/‖w‖


def test_that_a_picture_of_many_patches_has_one_score() -> None:
    pictures = torch.randn(2, 1, 4, 4, requires_grad=True)
    gradient = slopes(lambda x: Judgement(3 * x), pictures)
    assert torch.allclose(gradient, torch.full((2, 1, 4, 4), 3 / 16))


def test_that_families_without_a_penalty_add_nothing() -> None:
    nothing = objective("hinge").penalty(linear_judge(1.0, 1.0), torch.zeros(2, 2), torch.ones(2, 2), torch.rand(2))
    assert float(nothing) == 0


# EBGAN


def test_that_energies_above_the_margin_cost_the_discriminator_nothing() -> None:
    losses = objective("ebgan", margin=2.0)
    assert losses.discriminator_kind == "autoencoder"
    assert float(losses.discriminator_loss(judged(0.5, 1.5), judged(2.5, 1.0))) == pytest.approx(1.0 + 0.5)
    assert float(losses.generator_loss(judged(2.5, 1.0))) == pytest.approx(1.75)


def test_that_a_lower_energy_is_more_real() -> None:
    better, worse = objective("ebgan").realness(torch.tensor([0.1, 0.9]))
    assert better > worse


def test_that_the_pull_away_term_matches_its_double_sum() -> None:
    codes = torch.randn(5, 2, 3, dtype=torch.float64)
    flat = codes.flatten(1).numpy()
    expected = 0.0
    for i in range(5):
        for j in range(5):
            if i != j:
                expected += (flat[i] @ flat[j] / np.linalg.norm(flat[i]) / np.linalg.norm(flat[j])) ** 2
    assert float(pull_away(codes)) == pytest.approx(expected / 20, rel=1e-5)
    losses = objective("ebgan", pull_away=0.1)
    total = losses.generator_loss(Judgement(torch.tensor([1.0] * 5), (codes,)))
    assert float(total) == pytest.approx(1 + 0.1 * expected / 20, rel=1e-5)


def test_that_codes_at_right_angles_are_far_enough_apart_and_equal_ones_are_not() -> None:
    assert float(pull_away(torch.eye(4))) == pytest.approx(0)
    assert float(pull_away(torch.ones(4, 3))) == pytest.approx(1)
    assert float(pull_away(torch.ones(1, 3))) == 0
