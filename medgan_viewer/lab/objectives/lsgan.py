"""Least-squares GAN: Mao et al. 2017 (arXiv:1611.04076), equation 9 (targets 0 for synthetic, 1 for real, c = 1).

With logits D: the discriminator minimises ½·E[(D(x) − 1)²] + ½·E[D(G)²], the generator ½·E[(D(G) − 1)²]. No activation
is put on the logits.
"""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class LeastSquares:
    """The least-squares objective; an undecided discriminator (D = ½ everywhere) has a loss of ¼."""

    name: str = "lsgan"

    def discriminator_loss(self, real: Tensor, synthetic: Tensor) -> Tensor:
        """Return ½·mean((real − 1)²) + ½·mean(synthetic²)."""
        return 0.5 * ((real - 1) ** 2).mean() + 0.5 * (synthetic**2).mean()

    def generator_loss(self, synthetic: Tensor) -> Tensor:
        """Return ½·mean((synthetic − 1)²)."""
        return 0.5 * ((synthetic - 1) ** 2).mean()
