"""Unpaired translation with a known answer: does cycle consistency find it?

Zhu et al. 2017 (arXiv:1703.10593). Sources are digits, bright on dark; targets are other digits, dark on light grey,
so the true translation of each source is known and never shown. The error is against that; a classifier reads, after
the inversion is undone, whether the digit was kept.
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import Batch, DataShapes
from medgan_viewer.lab.methods.cycle import Cycle
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values, number
from medgan_viewer.lab.proofs.glyphs import DigitClassifier, GlyphPool, train_classifier
from medgan_viewer.lab.proofs.training import train

SIDE, GLYPHS, CLASSIFIER_STEPS, SAMPLES = 16, 10_000, 800, 1_000
_LIGHT, _CONTRAST = 0.8, 0.6
_WEIGHTS = {"with cycle loss": 10.0, "without": 0.0}


class CycleProof(Proof):
    """Mean absolute error against the true translation and of the way there and back, and digits kept."""

    name = "cycles"
    title = "Unpaired translation"

    @property
    def entries(self) -> tuple[str, ...]:
        """With and without the cycle loss."""
        return tuple(_WEIGHTS)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return networks, options and schedule."""
        return {
            "side": SIDE,
            "glyphs": GLYPHS,
            "classifier steps": CLASSIFIER_STEPS,
            "samples": SAMPLES,
            "networks": {
                "generator": {"name": "unet_2p5d", "arguments": {"features": [16, 32]}},
                "discriminator": {"name": "mlp_discriminator", "arguments": {"width": 128, "depth": 3}},
            },
            "options": {
                "objective": {"name": "lsgan"},
                "cycle_weight": _WEIGHTS[entry],
                "r1": 0.1,
                "r1_every": 4,
            },
            "schedule": {
                "steps": 1500,
                "batch": 32,
                "learning_rate": 1e-3,
                "discriminator_learning_rate": 5e-4,
                "betas": [0.5, 0.999],
                "average_decay": 0.995,
                "measure_every": 0,
            },
        }

    def run(self, case: Case) -> Values:
        """Train without pairs, translate new digits and compare with the truth."""
        settings = case.settings
        shapes = DataShapes(source_channels=1, target_channels=1, size=(settings["side"], settings["side"]))
        source = Unpaired(settings["glyphs"], settings["side"])
        trained = train(
            "cycle", source, shapes, settings["networks"], settings["options"], settings["schedule"], case.seed
        )
        assert isinstance(trained.method, Cycle)
        pictures = GlyphPool(settings["samples"], seed=4, side=settings["side"])
        with torch.no_grad():
            there = trained.generator.to_target(pictures.pictures)  # type: ignore[operator]
            back = trained.generator.to_source(there)  # type: ignore[operator]
        classifier = _classifier(settings["side"], settings["glyphs"], settings["classifier steps"])
        kept = classifier.classify(undone(there)) == pictures.labels
        truth = translated(pictures.pictures)
        return {
            "error": float((there - truth).abs().mean()),
            "error of one grey": float((truth - truth.median()).abs().mean()),
            "there and back": float((back - pictures.pictures).abs().mean()),
            "digits kept": float(kept.double().mean()),
            "broke at": trained.broke_at,
        }

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return that the cycle loss finds the truth; what happens without is measured, not promised."""
        if not _WEIGHTS[entry]:
            return []
        error = number(values, "error")
        return [
            Claim("the error is below half of that of one grey", 2 * error < number(values, "error of one grey")),
            Claim("more than 90 % of the digits are kept", number(values, "digits kept") > 0.9),
        ]


class Unpaired:
    """`source` and `target` `[n, 1, side, side]` of different glyphs."""

    def __init__(self, glyphs: int, side: int) -> None:
        self._sources, self._targets = (GlyphPool(glyphs, seed, side) for seed in (1, 5))

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return `count` of each, drawn independently."""
        source = self._sources.batch(count, draw, split)["image"]
        return {"source": source, "target": translated(self._targets.batch(count, draw, split)["image"])}


def translated(pictures: Tensor) -> Tensor:
    """Return the true translation: dark digits on light grey."""
    return _LIGHT - _CONTRAST * pictures


def undone(pictures: Tensor) -> Tensor:
    """Return translations back as bright digits on dark, 0…1."""
    return ((_LIGHT - pictures) / _CONTRAST).clamp(0, 1)


@cache
def _classifier(side: int, glyphs: int, steps: int) -> DigitClassifier:
    return train_classifier(GlyphPool(glyphs, seed=2, side=side), steps)
