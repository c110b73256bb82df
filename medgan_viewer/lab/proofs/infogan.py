"""InfoGAN: how much its codes say about known factors of the pictures, against λ = 0.

Chen et al. 2016 (arXiv:1606.03657). The generator of single digits has a categorical code of ten values, or two
continuous ones: with both at λ = 1 the continuous ones win, and the generator keeps to one digit that it bends (the
paper scales λ by the kind of code). What a continuous code means is its own choice, the digit too. The factors are the
digit, read by a classifier, and lean and thickness, read by a regressor; both were trained apart, on true glyphs. The
mutual information is estimated from histograms and nearest neighbours, not by the network's own bound.
"""

from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.generation import Generation
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values
from medgan_viewer.lab.proofs.glyphs import CLASSES, DigitClassifier, GlyphPool, train_classifier
from medgan_viewer.lab.proofs.information import histogram_information, neighbour_information
from medgan_viewer.lab.proofs.training import seeded, train

SIDE, GLYPHS, SAMPLES, REGRESSOR_STEPS = 16, 10_000, 4000, 800
_CODES: dict[str, dict[str, Any]] = {
    "categorical": {"categorical": [CLASSES], "continuous": 0},
    "continuous": {"categorical": [], "continuous": 2},
}


class InfoProof(Proof):
    """The information in nats between codes and factors; log 10 = 2.30 is the most that a code of ten can carry."""

    name = "infogan"
    title = "InfoGAN"
    seeds = 3

    @property
    def entries(self) -> tuple[str, ...]:
        """Both kinds of codes, with and without the information term."""
        return tuple(f"{code} code, λ = {weight}" for code in _CODES for weight in (1, 0))

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return networks, options and schedule."""
        return {
            "side": SIDE,
            "glyphs": GLYPHS,
            "samples": SAMPLES,
            "regressor steps": REGRESSOR_STEPS,
            "networks": {
                "generator": {"name": "dcgan_generator", "arguments": {"features": 16}},
                "discriminator": {"name": "mlp_discriminator", "arguments": {"width": 256, "depth": 3}},
            },
            "options": {
                "objective": {"name": "nonsaturating"},
                "latent": 8,
                **_CODES[entry.split()[0]],
                "information_weight": float(entry[-1]),
                "r1": 0.1,
                "r1_every": 4,
            },
            "schedule": {
                "steps": 2500,
                "batch": 64,
                "learning_rate": 1e-3,
                "discriminator_learning_rate": 5e-4,
                "betas": [0.5, 0.99],
                "average_decay": 0.995,
                "measure_every": 0,
            },
        }

    def run(self, case: Case) -> Values:
        """Train, make pictures of known codes, read their factors and compare."""
        settings = case.settings
        source = GlyphPool(settings["glyphs"], seed=1, side=settings["side"])
        trained = train(
            "generation", source, source, settings["networks"], settings["options"], settings["schedule"], case.seed
        )
        assert isinstance(trained.method, Generation)
        latents = trained.method.latents(settings["samples"], Draw(case.seed + 1_000_000))
        with torch.no_grad():
            pictures = trained.method.pictures(trained.generator, latents)
        classifier, regressor = readers(settings["side"], settings["glyphs"], settings["regressor steps"])
        digits = classifier.classify(pictures).numpy()
        values: Values = {"digits made": len(set(digits.tolist())), "broke at": trained.broke_at}
        told: dict[str, float | int | None] = dict.fromkeys(("code and digit", "code and lean", "code and thickness"))
        if latents.categorical:
            told["code and digit"] = histogram_information(latents.categorical[0].numpy(), digits)
        if latents.continuous is not None:
            with torch.no_grad():
                factors = regressor(pictures).double().numpy()
            codes = latents.continuous.double().numpy().T
            tenths = ((codes + 1) * 5).astype(np.int64).clip(0, 9)
            told["code and digit"] = max(histogram_information(code, digits) for code in tenths)
            for index, name in enumerate(("lean", "thickness")):
                told[f"code and {name}"] = max(neighbour_information(code, factors[:, index]) for code in codes)
        return told | values

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return that codes mean something with λ = 1 and nothing without."""
        told = max(float(values[name] or 0) for name in ("code and digit", "code and lean", "code and thickness"))
        if entry.endswith("0"):
            return [Claim("the codes tell less than 0.1 nats of any factor", told < 0.1)]
        if entry.startswith("categorical"):
            return [Claim("the code tells the digit: more than 0.5 nats", told > 0.5)]
        return [Claim("a code tells the digit, lean or thickness: more than 0.25 nats", told > 0.25)]


class FactorRegressor(nn.Module):
    """Lean and thickness `[batch, 2]` of pictures `[batch, 1, side, side]`."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(32 * (side // 4) ** 2, 64),
            nn.ReLU(),
            nn.Linear(64, 2),
        )

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the factors."""
        factors: Tensor = self.layers(pictures)
        return factors


@cache
def readers(side: int, glyphs: int, steps: int) -> tuple[DigitClassifier, nn.Module]:
    """Return the classifier and the regressor, trained on glyphs that the generator never saw."""
    pool = GlyphPool(glyphs, seed=2, side=side)
    regressor = seeded(0, lambda: FactorRegressor(side))
    optimiser = torch.optim.Adam(regressor.parameters(), lr=2e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    draw = Draw(0)
    for _ in range(steps):
        index = draw.integers(len(pool.labels), 100)
        optimiser.zero_grad()
        nn.functional.mse_loss(regressor(pool.pictures[index]), pool.factors[index]).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return train_classifier(pool, steps), regressor.eval().requires_grad_(False)
