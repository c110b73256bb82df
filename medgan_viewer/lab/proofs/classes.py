"""Class-conditional generation: does the asked digit come out?

The projection discriminator of Miyato and Koyama 2018 (arXiv:1802.05637), against the same training in which nobody is
told the class. A classifier that was trained apart reads 2,000 generated digits.
"""

from functools import cache
from typing import Any

import torch

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values, number
from medgan_viewer.lab.proofs.glyphs import DigitClassifier, GlyphPool, accuracy, train_classifier
from medgan_viewer.lab.proofs.training import train

SIDE, GLYPHS, HELD_OUT, CLASSIFIER_STEPS, SAMPLES = 16, 10_000, 2_000, 800, 2_000
_OF_CLASSIFIER = ("side", "glyphs", "held out", "classifier steps")
_TOLD = {"projection": True, "class not told": False}


class ClassProof(Proof):
    """The share of pictures that show the asked digit, and how much they differ from each other."""

    name = "classes"
    title = "Class-conditional generation"

    @property
    def entries(self) -> tuple[str, ...]:
        """Told and not told."""
        return tuple(_TOLD)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return networks, options and schedule."""
        told = _TOLD[entry]
        return {
            "side": SIDE,
            "glyphs": GLYPHS,
            "held out": HELD_OUT,
            "classifier steps": CLASSIFIER_STEPS,
            "samples": SAMPLES,
            "networks": {
                "generator": {"name": "dcgan_generator", "arguments": {"features": 16}},
                # Fully connected: summed over the picture, convolutional features would not know where a stroke lies.
                "discriminator": {"name": "mlp_discriminator", "arguments": {"width": 256, "depth": 3}},
            },
            "options": {
                "objective": {"name": "nonsaturating"},
                "latent": 32,
                "conditional": told,
                "r1": 0.1,
                "r1_every": 4,
            },
            "schedule": {
                "steps": 2000,
                "batch": 64,
                "learning_rate": 1e-3,
                "discriminator_learning_rate": 5e-4,
                "betas": [0.5, 0.99],
                "average_decay": 0.995,
                "measure_every": 0,
            },
        }

    def run(self, case: Case) -> Values:
        """Train, ask and read."""
        settings = case.settings
        source = GlyphPool(settings["glyphs"], seed=1, side=settings["side"])
        classifier, right = _classifier(*(settings[name] for name in _OF_CLASSIFIER))
        trained = train(
            "generation", source, source, settings["networks"], settings["options"], settings["schedule"], case.seed
        )
        draw = Draw(case.seed + 1_000_000)
        batch = source.batch(settings["samples"], draw)
        pictures = trained.method.samples(trained.generator, batch, draw)
        asked = batch["label"]
        spreads = [
            torch.stack([some[asked == digit].std(dim=0).mean() for digit in range(source.classes)]).mean()
            for some in (pictures, batch["image"])
        ]
        return {
            "asked digit": float((classifier.classify(pictures) == asked).double().mean()),
            "spread within a digit": float(spreads[0] / spreads[1]),
            "classifier": right,
            "broke at": trained.broke_at,
        }

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return that the asked digit comes when it was told, and by chance when not."""
        share = number(values, "asked digit")
        good = Claim("the classifier reads 99 % of held-out glyphs or more", number(values, "classifier") >= 0.99)
        if _TOLD[entry]:
            varied = number(values, "spread within a digit") > 0.5
            return [
                good,
                Claim("more than 90 % show the asked digit", share > 0.9),
                Claim("pictures of one digit differ at least half as much as true ones", varied),
            ]
        return [good, Claim("one in ten shows the asked digit, as by chance (±0.03)", abs(share - 0.1) < 0.03)]


@cache
def _classifier(side: int, glyphs: int, held_out: int, steps: int) -> tuple[DigitClassifier, float]:
    classifier = train_classifier(GlyphPool(glyphs, seed=2, side=side), steps)
    return classifier, accuracy(classifier, GlyphPool(held_out, seed=3, side=side))
