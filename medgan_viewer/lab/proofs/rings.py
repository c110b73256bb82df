"""Ring-8 and Grid-25 for every family: modes, share of good samples and KL together, for modes alone lie.

All families have the same networks, rates and generator steps, so that only the objective or stabiliser differs;
WGAN and WGAN-GP take the five critic steps of their papers for each of fewer generator steps, so that all cost
about alike. What is measured is the averaged generator, 2,500 samples.
"""

from typing import Any, ClassVar

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.proofs.base import Case, Proof, Values
from medgan_viewer.lab.proofs.families import FAMILIES, Family, family
from medgan_viewer.lab.proofs.mixtures import coverage
from medgan_viewer.lab.proofs.training import train
from medgan_viewer.lab.sources.toy import ToySource

SAMPLES = 2500
LATENT, WIDTH, DEPTH = 2, 128, 3
STEPS, WASSERSTEIN_STEPS = 6000, 1600
SHORTER = 4
"""By how much the short run shortens the trainings."""
SCHEDULE: dict[str, Any] = {
    "batch": 128,
    "learning_rate": 1e-3,
    "discriminator_learning_rate": 1e-3,
    "betas": [0.5, 0.999],
    "average_decay": 0.995,
    "measure_every": 0,
}

_FOR_POINTS: dict[str, dict[str, Any]] = {
    # The penalty's weight that its authors take for points in the plane (their published code, gan_toy.py).
    "wgan-gp": {"objective": {"name": "wgan-gp", "weight": 0.1}},
}


class MixtureProof(Proof):
    """One of the two mixtures."""

    seeds: ClassVar[int] = 5
    shape: ClassVar[str]

    @property
    def entries(self) -> tuple[str, ...]:
        """Every family."""
        return tuple(entry.name for entry in FAMILIES)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return networks, options and schedule."""
        chosen = family(entry)
        options = {"latent": LATENT} | dict(chosen.options) | _FOR_POINTS.get(entry, {})
        steps = WASSERSTEIN_STEPS if entry.startswith("wgan") else STEPS
        steps = steps // SHORTER if short else steps
        return {
            "shape": self.shape,
            "samples": SAMPLES,
            "networks": _networks(chosen),
            "options": options,
            # As many packs as others see points (Lin 2018).
            "schedule": SCHEDULE | {"steps": steps, "batch": SCHEDULE["batch"] * options.get("pack", 1)},
        }

    def run(self, case: Case) -> Values:
        """Train and measure."""
        source, settings = ToySource(self.shape), case.settings
        trained = train(
            "generation", source, source, settings["networks"], settings["options"], settings["schedule"], case.seed
        )
        draw = Draw(case.seed + 1_000_000)
        points = trained.method.samples(trained.generator, source.batch(SAMPLES, draw), draw)
        measured = coverage(points.nan_to_num(1e9), source.centres, source.spread)
        return {"modes": measured.modes, "good": measured.good, "kl": measured.kl, "broke at": trained.broke_at}


class RingProof(MixtureProof):
    """Eight modes on a circle of radius 2, σ 0.02."""

    name = "ring"
    title = "Ring-8"
    shape = "ring"


class GridProof(MixtureProof):
    """Twenty-five modes, two apart, σ 0.05."""

    name = "grid"
    title = "Grid-25"
    shape = "grid"


def _networks(chosen: Family) -> dict[str, Any]:
    generator = {"name": "mlp_generator", "arguments": {"width": WIDTH, "depth": DEPTH}}
    if chosen.autoencoder:
        return {
            "generator": generator,
            "discriminator": {"name": "mlp_autoencoder", "arguments": {"width": WIDTH, "depth": 2, "code": 4}},
        }
    return {
        "generator": generator,
        "discriminator": {"name": "mlp_discriminator", "arguments": {"width": WIDTH, "depth": DEPTH}},
    }
