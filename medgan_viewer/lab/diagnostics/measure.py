"""What is measured of a training every so many steps, without touching it.

Measuring draws from its own `Draw` and from a copy of torch's random stream, holds all networks in evaluation mode
(dropout off, batch statistics and power iterations as they are) and puts them back: losses with and without it are
the same.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from medgan_viewer.lab.diagnostics.diversity import coverage, features, recall, similarity
from medgan_viewer.lab.diagnostics.updates import Updates
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods.base import Batch, Losses, Method

__all__ = ["Diagnostics", "PictureSource", "gradient_norm"]


class PictureSource(Protocol):
    """The part of a data source that measuring needs."""

    def batch(self, count: int, draw: Draw, split: str = "train") -> Batch:
        """Return a batch of a split."""
        ...


class Diagnostics:
    """Measures a method on its own batches; `on_measure` is the trainer's hook.

    `pictures` is how many of each kind are judged, `compared` how many are compared with each other at every
    `compared_every`-th measure (similarity, coverage, recall), `at_once` how many go through the networks together.
    `held_out` says whether the source has a split "validation", and `autocast` gives the precision of the training.
    With the defaults and batches of 8 a measure costs about as much as two steps.
    """

    def __init__(
        self,
        method: Method,
        source: PictureSource,
        draw: Draw,
        *,
        held_out: bool = True,
        pictures: int = 8,
        compared: int = 32,
        compared_every: int = 4,
        at_once: int = 16,
        autocast: Callable[[], AbstractContextManager[Any]] = nullcontext,
    ) -> None:
        self._method, self._source, self._draw = method, source, draw
        self._held_out = held_out
        self._pictures, self._compared, self._compared_every = pictures, compared, compared_every
        self._at_once, self._autocast = at_once, autocast
        self._updates = Updates()
        self._measures = 0

    def on_measure(self, step: int, method: Method, losses: Losses, batch: Batch) -> dict[str, float]:
        """Measure, between the generator's losses and their backward pass; `step` and `batch` are not needed.

        Pictures are judged and compared where the losses have an adversarial term. The graphs in `losses` stay. Numbers
        come by their names in the metrics; what there is none of is absent.
        """
        del step, batch
        found = gradient_norms(method.generator, losses)
        with _untouched(method):
            found |= self._updates.observe(method.generator)
            if losses.adversarial is not None:
                found |= self._judged()
                if self._measures % self._compared_every == 0:
                    found |= self._diversity()
                self._measures += 1
        return {name: value for name, value in found.items() if math.isfinite(value)}

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from: tensors and numbers that `torch.load(weights_only=True)` reads."""
        return {"draw": self._draw.state(), "updates": self._updates.state(), "measures": self._measures}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        self._draw.restore(state["draw"])
        self._updates.restore(state["updates"])
        self._measures = state["measures"]

    def _batches(self, pictures: int, split: str = "train") -> Iterator[Batch]:
        device = next(self._method.generator.parameters()).device
        for start in range(0, pictures, self._at_once):
            count = min(self._at_once, pictures - start)
            batch = self._source.batch(count, self._draw, split)
            yield {name: value.to(device) for name, value in batch.items()}

    def _realness(self, split: str) -> tuple[Tensor, Tensor] | None:
        with self._autocast():
            judged = [self._method.realness(batch, self._draw) for batch in self._batches(self._pictures, split)]
        known = [pair for pair in judged if pair is not None]
        if not known:
            return None
        real, generated = (torch.cat([pair[side].float().flatten() for pair in known]) for side in (0, 1))
        return real, generated

    def _judged(self) -> dict[str, float]:
        judged = self._realness("train")
        if judged is None:
            return {}
        train, generated = judged
        kinds = {"train": train, "generated": generated}
        if self._held_out:
            held_out = self._realness("validation")
            if held_out is not None:
                kinds["held_out"] = held_out[0]
        found = {f"realness/{kind}": float(values.mean()) for kind, values in kinds.items()}
        # A critic's scores are known but for a constant: nothing is "right" of them.
        if self._method.objective is None or self._method.objective.absolute:
            for kind, values in kinds.items():
                right = values < 0 if kind == "generated" else values > 0
                found[f"accuracy/{kind}"] = float(right.float().mean())
            found["sign/real"] = float(train.sign().mean())
        return found

    def _diversity(self) -> dict[str, float]:
        real, generated = [], []
        for batch in self._batches(self._compared):
            real.append(self._method.real(batch).float())
            # Only the networks: a similarity in bfloat16 would be noise.
            with self._autocast():
                made = self._method.samples(self._method.generator, batch, self._draw)
            generated.append(made.float())
        of_real, of_generated = torch.cat(real), torch.cat(generated)
        points, others = features(of_real), features(of_generated)
        return {
            "similarity/generated": similarity(of_generated, of_real),
            "similarity/real": similarity(of_real, of_real),
            "diversity/coverage": coverage(points, others),
            "diversity/recall": recall(points, others),
        }


def gradient_norms(generator: nn.Module, losses: Losses) -> dict[str, float]:
    """Return ‖∇G‖ of the adversarial and the reconstruction term, where there are such terms; graphs stay."""
    terms = {"gradient/adversarial": losses.adversarial, "gradient/reconstruction": losses.reconstruction}
    weights = [parameter for parameter in generator.parameters() if parameter.requires_grad]
    return {
        name: gradient_norm(term, weights) for name, term in terms.items() if term is not None and term.requires_grad
    }


def gradient_norm(loss: Tensor, weights: Iterable[nn.Parameter]) -> float:
    """Return the Euclidean norm of a loss's gradient by all weights together; the loss keeps its graph."""
    gradients = torch.autograd.grad(loss, list(weights), retain_graph=True, allow_unused=True)
    squares = [gradient.double().square().sum() for gradient in gradients if gradient is not None]
    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0


@contextmanager
def _untouched(method: Method) -> Iterator[None]:
    """Evaluate without gradients and leave random streams and networks as they were."""
    networks = [network for network in (method.generator, method.discriminator) if network is not None]
    modules = [module for network in networks for module in network.modules()]
    training = [module.training for module in modules]
    devices = {parameter.device for network in networks for parameter in network.parameters() if parameter.is_cuda}
    with torch.random.fork_rng(devices=list(devices)), torch.no_grad():
        for network in networks:
            network.eval()
        try:
            yield
        finally:
            for module, was in zip(modules, training, strict=True):
                module.training = was
