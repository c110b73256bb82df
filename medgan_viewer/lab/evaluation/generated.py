"""Evaluation of pictures made of noise: do they cover what is real, and are they copies of what was trained on?

All on fixed features (see `distances`), beside what equally many real pictures reach. Naeem et al. 2020
(arXiv:2002.09797) for coverage and density, Kynkäänniemi et al. 2019 (arXiv:1904.06991) for recall.
"""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.diagnostics import diversity
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.evaluation import rows
from medgan_viewer.lab.evaluation.distances import density, energy_distance, layouts, nearest
from medgan_viewer.lab.evaluation.trained import Trained
from medgan_viewer.lab.training.start import open_source

__all__ = ["evaluate", "score"]

PROTOCOL = (
    "{count} synthetic pictures beside {count} different real ones drawn at random from the split {split}, whose "
    "patients were not trained on; features are layouts (averages over 16 × 16 parts), no trained encoder. Coverage, "
    "density and recall with 5 neighbours. Nearer to a training picture: the share of pictures whose nearest neighbour "
    "among {count} training and {count} held-out pictures is one of training; about the real pictures' share where "
    "nothing was copied. Real pictures: as many others of that split. This finds copies of whole layouts among the "
    "pictures that were drawn; it is no proof of privacy."
)
COUNT = 512
_AT_ONCE = 64
_FEWEST = 6


def score(runs: Mapping[str, Trained]) -> dict[str, Any]:
    """Score runs on pictures drawn from their recipe's data."""
    return evaluate(runs, open_source(runs["model"].recipe))


def evaluate(runs: Mapping[str, Trained], source: Any, count: int = COUNT) -> dict[str, Any]:
    """Return the manifest's `evaluation` of the run "model" on `count` pictures, fewer where there are no more.

    A picture that stood in two of the sets would be found again as its own nearest neighbour, and none would look
    copied from training. Raises UsageError where no patients are held out, or too few pictures.
    """
    trained = runs["model"]
    split = next((name for name in ("test", "validation") if source.patients.get(name)), None)
    if split is None:
        raise UsageError("The data hold no patients out, neither in test nor in validation: nothing can be scored.")
    draw = Draw(trained.recipe.evaluation.seed)
    kept, train = (
        _different(_real(trained, source, size, draw, one)) for size, one in ((2 * count, split), (count, "train"))
    )
    count = min(count, len(kept) // 2, len(train))
    if count < _FEWEST:
        raise UsageError(f"The splits train and {split} hold too few different pictures to score on.")
    real, more, train = kept[:count], kept[count : 2 * count], train[:count]
    made = _made(trained, source, count, draw, split)
    sets = {"model": layouts(made), "real": layouts(more)}
    held_out, known = layouts(real), layouts(train)
    nearer = {who: (nearest(some, known) < nearest(some, held_out)).float() for who, some in sets.items()}
    measured = {
        ("coverage", ""): {who: diversity.coverage(held_out, some) for who, some in sets.items()},
        ("recall", ""): {who: diversity.recall(held_out, some) for who, some in sets.items()},
        ("density", ""): {who: density(held_out, some) for who, some in sets.items()},
        ("distance of layouts", ""): {who: energy_distance(held_out, some)[0] for who, some in sets.items()},
        ("similarity of pairs", ""): {
            "model": diversity.similarity(made, real),
            "real": diversity.similarity(more, real),
        },
        ("nearer to a training picture", "%"): {who: 100 * float(some.mean()) for who, some in nearer.items()},
    }
    low, high = (100 * bound for bound in rows.interval(nearer["model"].tolist()))
    spreads = {"nearer to a training picture": f"95 % interval {low:.3g} to {high:.3g}"}
    return {
        "protocol": PROTOCOL.format(count=count, split=split),
        "rows": [
            {
                "setting": "noise → picture",
                "metric": metric,
                "unit": unit,
                **{who: round(value, 3) for who, value in values.items()},
                "n": count,
                "spread": spreads.get(metric, "one number for all pictures"),
            }
            for (metric, unit), values in measured.items()
        ],
    }


def _real(trained: Trained, source: Any, count: int, draw: Draw, split: str) -> Tensor:
    parts = [trained.method.real(source.batch(size, draw, split)).float() for size in _sizes(count)]
    return torch.cat(parts)


def _different(pictures: Tensor) -> Tensor:
    """Return the pictures without those that came before, bit for bit."""
    firsts = {picture.numpy().tobytes(): place for place, picture in reversed(list(enumerate(pictures)))}
    return pictures[sorted(firsts.values())]


def _made(trained: Trained, source: Any, count: int, draw: Draw, split: str) -> Tensor:
    parts = []
    for size in _sizes(count):
        batch = source.batch(size, draw, split)
        with torch.inference_mode():
            parts.append(trained.method.samples(trained.generator, batch, draw).float())
    return torch.cat(parts)


def _sizes(count: int) -> list[int]:
    return [min(_AT_ONCE, count - first) for first in range(0, count, _AT_ONCE)]
