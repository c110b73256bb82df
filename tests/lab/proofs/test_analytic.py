"""The analytic proofs: their independent halves against closed forms, and that their claims hold."""

import math

import numpy as np
import pytest

from medgan_viewer.lab.proofs import dirac, divergences, lines
from medgan_viewer.lab.proofs.base import Case, Proof, Values
from medgan_viewer.lab.proofs.gradients import GradientProof


def _ran(proof: Proof, entry: str) -> Values:
    (case,) = [case for case in proof.cases(short=True) if case.entry == entry]
    return proof.run(case)


def _broken(proof: Proof, entry: str) -> list[str]:
    return [claim.sentence for claim in proof.claims(entry, _ran(proof, entry)) if not claim.holds]


def test_one_simultaneous_step_of_the_minimax_map_grows_the_distance_by_its_closed_form() -> None:
    path = dirac.discrete_map("minimax", "simultaneous")
    squares = (path**2).sum(axis=1)
    slope = 1 / (1 + np.exp(-path[:, 0] * path[:, 1]))
    assert squares[1:] == pytest.approx(squares[:-1] * (1 + (dirac.RATE * slope[:-1]) ** 2))


def test_the_differential_equation_of_minimax_keeps_its_distance_for_ever() -> None:
    assert math.hypot(*dirac.continuous("minimax")) == pytest.approx(math.hypot(*dirac.START), rel=1e-6)


def test_the_differential_equation_of_r1_decays_as_its_eigenvalues_say() -> None:
    # Near the equilibrium ψ″ + γψ′ + ψ/4 = 0: the distance falls by e^(−γt/2).
    time = dirac.RATE * dirac.STEPS
    expected = math.hypot(*dirac.START) * math.exp(-dirac.GAMMA * time / 2)
    assert math.hypot(*dirac.continuous("minimax + R1")) == pytest.approx(expected, rel=0.6)


@pytest.mark.parametrize("entry", dirac.DiracProof().entries)
def test_what_mescheder_says_of_dirac_gan_holds(entry: str) -> None:
    assert _broken(dirac.DiracProof(), entry) == []


@pytest.mark.parametrize("entry", GradientProof().entries)
def test_the_slope_at_a_score_of_minus_five_is_the_one_by_hand(entry: str) -> None:
    assert _broken(GradientProof(), entry) == []


def test_the_optimum_of_kl_by_quadrature_is_the_closed_form_of_two_gaussians() -> None:
    mean, deviation = divergences.MEAN, divergences.DEVIATION
    forward = math.log(deviation) + (1 + mean**2) / (2 * deviation**2) - 0.5
    backward = -math.log(deviation) + (deviation**2 + mean**2) / 2 - 0.5
    assert divergences.optimum("fgan-kl") == pytest.approx(-forward, rel=1e-6)
    assert divergences.optimum("fgan-reverse-kl") == pytest.approx(-backward, rel=1e-6)


def test_the_optimum_of_hellinger_is_the_closed_form_of_two_gaussians() -> None:
    total = 1 + divergences.DEVIATION**2
    affinity = math.sqrt(2 * divergences.DEVIATION / total) * math.exp(-(divergences.MEAN**2) / (4 * total))
    assert divergences.optimum("fgan-hellinger") == pytest.approx(-2 * (1 - affinity), rel=1e-6)


def test_minimax_and_the_js_divergence_differ_by_a_constant_only() -> None:
    assert divergences.optimum("minimax") == pytest.approx(divergences.optimum("fgan-js") + 2 * math.log(2), rel=1e-6)


def test_a_trained_critic_sees_the_distance_of_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "DISTANCES", (0.5,))
    assert _broken(lines.LinesProof(), "wgan-gp") == []


def test_an_estimate_that_is_off_breaks_its_claim() -> None:
    values: Values = {
        "optimum by quadrature": -0.2,
        "loss at the optimal discriminator": -0.2,
        "loss of the trained discriminator": -0.21,
    }
    held = [claim.holds for claim in divergences.DivergenceProof().claims("fgan-kl", values)]
    assert held == [True, False, False]


def test_the_digest_changes_with_settings_and_not_with_the_seed() -> None:
    first = Case("ring", "lsgan", 0, {"steps": 1})
    assert first.digest == Case("ring", "lsgan", 3, {"steps": 1}).digest
    assert first.digest != Case("ring", "lsgan", 0, {"steps": 2}).digest
    assert first.digest != Case("grid", "lsgan", 0, {"steps": 1}).digest
