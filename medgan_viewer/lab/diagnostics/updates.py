"""How the generator's weights move: straight on, in noise, or in circles.

Weights are looked at through a sketch: each of at most 256 numbers is the sum of a stretch of the weights with fixed
random signs. Inner products of sketches estimate those of the weights (Johnson and Lindenstrauss; error about
1/√256 for one pair), and a generator of up to 256 weights is seen as it is. So the past of a run fits in kilobytes.
"""

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Updates", "sketch"]

_LENGTH = 256
_MEMORY = 64
"""Measures whose weights are remembered."""
_LEAST = 12
"""Updates that are needed before anything is said about turning."""
_KEPT = 0.9
"""What of the running mean of the weights stays at each measure."""


def sketch(module: nn.Module) -> Tensor:
    """Return a module's weights as at most 256 float64 numbers on the CPU."""
    with torch.no_grad():
        weights = torch.cat([parameter.detach().reshape(-1).double() for parameter in module.parameters()])
        if weights.numel() <= _LENGTH:
            return weights.cpu()
        generator = torch.Generator().manual_seed(0)
        signs = torch.randint(2, (weights.numel(),), generator=generator, dtype=torch.int8).to(weights.device)
        signed = weights * (2 * signs - 1)
        padded = nn.functional.pad(signed, (0, -len(signed) % _LENGTH))
        return padded.reshape(_LENGTH, -1).sum(dim=1).cpu()


class Updates:
    """Remembers the generator's sketches, one a measure, and says how its updates agree with each other."""

    def __init__(self) -> None:
        self._seen: list[Tensor] = []
        self._mean: Tensor | None = None

    def observe(self, module: nn.Module) -> dict[str, float]:
        """Take the present weights; return the metrics of this measure.

        `update/cosine`: between the update since the last measure and the one before. `update/reversal`: how far later
        updates undo earlier ones, −min over the lag k of Σ u(t)·u(t+k) / √(Σ|u(t)|² Σ|u(t+k)|²): below 0 where the
        weights go straight on, up to 0.5 for noise around a point of rest, near 1 for circles and swings.
        `average/distance`: ‖weights − their running mean‖ in the sketch.
        """
        present = sketch(module)
        self._seen = [*self._seen, present][-_MEMORY - 1 :]
        self._mean = present if self._mean is None else _KEPT * self._mean + (1 - _KEPT) * present
        found = {"average/distance": float((present - self._mean).norm())}
        if len(self._seen) < 3:
            return found
        steps = torch.stack(self._seen).diff(dim=0)
        found["update/cosine"] = float(nn.functional.cosine_similarity(steps[-1], steps[-2], dim=0))
        if len(steps) >= _LEAST:
            found["update/reversal"] = _reversal(steps)
        return found

    def state(self) -> dict[str, Any]:
        """Return what `restore` goes on from: tensors that `torch.load(weights_only=True)` reads."""
        return {"seen": list(self._seen), "mean": self._mean}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from a state that `state` gave."""
        self._seen, self._mean = list(state["seen"]), state["mean"]


def _reversal(steps: Tensor) -> float:
    """Return −min over the lag of the correlation of updates `[time, number]`; lags up to half of the time."""
    products = steps @ steps.T
    sizes = products.diagonal()
    least = 1.0
    for lag in range(1, len(steps) // 2 + 1):
        scale = float((sizes[:-lag].sum() * sizes[lag:].sum()).sqrt())
        if scale > 0:
            least = min(least, float(products.diagonal(lag).sum()) / scale)
    return -least
