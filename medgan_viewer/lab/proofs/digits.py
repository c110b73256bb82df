"""Stacked digits: a thousand modes, counted by a classifier of our own (after Srivastava 2017 and Lin 2018).

Three random glyphs are the channels of a picture, so there are 10 × 10 × 10 equally likely modes. Generators are
DCGANs; of 26,000 pictures, as in the literature, the classifier reads each channel, and the KL goes from the histogram
over the thousand modes to the uniform one. 26,000 true pictures would cover all modes with a KL of about 0.02.
"""

from functools import cache
from typing import Any, ClassVar

import torch
from torch import Tensor

from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.proofs.base import Case, Claim, Proof, Values, number
from medgan_viewer.lab.proofs.families import family
from medgan_viewer.lab.proofs.glyphs import CLASSES, DigitClassifier, GlyphPool, accuracy, train_classifier
from medgan_viewer.lab.proofs.mixtures import kl_to_uniform
from medgan_viewer.lab.proofs.training import train

MODES = CLASSES**3
GLYPHS, HELD_OUT, CLASSIFIER_STEPS = 10_000, 2_000, 600
SAMPLES, SHORT_SAMPLES = 26_000, 2_600
STEPS, SHORT_STEPS = 3000, 200
LATENT = 64
_AT_ONCE = 500
_ENTRIES: dict[str, dict[str, Any]] = {
    "nonsaturating": {},
    "pack2": {},
    "lsgan": {},
    "hinge": {"spectral": True},
    "wgan-gp": {},
}
SCHEDULE: dict[str, Any] = {
    "batch": 64,
    "learning_rate": 1e-3,
    "discriminator_learning_rate": 5e-4,
    "betas": [0.5, 0.99],
    "average_decay": 0.995,
    "measure_every": 0,
}


class DigitProof(Proof):
    """Modes and KL of the averaged generator's pictures."""

    name = "digits"
    title = "Stacked digits"
    seeds: ClassVar[int] = 1

    @property
    def entries(self) -> tuple[str, ...]:
        """Families for which a run of minutes says something."""
        return tuple(_ENTRIES)

    @property
    def short_entries(self) -> tuple[str, ...]:
        """One family, and that for a few steps: the classifier and the count are proven, not the family."""
        return ("nonsaturating",)

    def settings(self, entry: str, *, short: bool) -> dict[str, Any]:
        """Return networks, options, schedule and classifier."""
        critic_steps = 5 if entry == "wgan-gp" else 1
        options: dict[str, Any] = {"latent": LATENT} | dict(family(entry).options) | _ENTRIES[entry]
        steps = SHORT_STEPS if short else STEPS // (3 if critic_steps > 1 else 1)
        return {
            "glyphs": GLYPHS,
            "held out": HELD_OUT,
            "classifier steps": CLASSIFIER_STEPS,
            "samples": SHORT_SAMPLES if short else SAMPLES,
            "networks": {
                "generator": {"name": "dcgan_generator", "arguments": {"features": 16}},
                "discriminator": {"name": "dcgan_discriminator", "arguments": {"features": 32}},
            },
            "options": options,
            # As many packs as others see pictures (Lin 2018).
            "schedule": SCHEDULE | {"steps": steps, "batch": SCHEDULE["batch"] * options.get("pack", 1)},
        }

    def run(self, case: Case) -> Values:
        """Train the classifier and the family, and count."""
        settings = case.settings
        classifier, right = _classifier(settings["glyphs"], settings["held out"], settings["classifier steps"])
        source = GlyphPool(settings["glyphs"], seed=1, stacked=True)
        trained = train(
            "generation", source, source, settings["networks"], settings["options"], settings["schedule"], case.seed
        )
        draw = Draw(case.seed + 1_000_000)
        counts = torch.zeros(MODES, dtype=torch.int64)
        for _ in range(settings["samples"] // _AT_ONCE):
            pictures = trained.method.samples(trained.generator, source.batch(_AT_ONCE, draw), draw)
            counts += torch.bincount(modes(classifier, pictures), minlength=MODES)
        return {
            "modes": int((counts > 0).sum()),
            "kl": kl_to_uniform(counts),
            "classifier": right,
            "broke at": trained.broke_at,
        }

    def claims(self, entry: str, values: Values) -> list[Claim]:
        """Return that the classifier is good enough to count with."""
        return [Claim("the classifier reads 99 % of held-out glyphs or more", number(values, "classifier") >= 0.99)]


def modes(classifier: DigitClassifier, pictures: Tensor) -> Tensor:
    """Return the mode 0…999 `[count]` that each picture `[count, 3, side, side]` belongs to, hundreds first."""
    digits = classifier.classify(pictures.flatten(0, 1)[:, None]).reshape(-1, 3)
    return digits @ torch.tensor([CLASSES**2, CLASSES, 1])


@cache
def _classifier(glyphs: int, held_out: int, steps: int) -> tuple[DigitClassifier, float]:
    classifier = train_classifier(GlyphPool(glyphs, seed=2), steps)
    return classifier, accuracy(classifier, GlyphPool(held_out, seed=3))
