"""Packing: Lin, Khetan, Fanti and Oh 2018 (arXiv:1712.04086): the discriminator sees several samples at once.

With m samples of one kind side by side it sees a lack of variety, which a single sample never shows.
"""

from torch import Tensor


def packed(pictures: Tensor, samples: int) -> Tensor:
    """Return `[batch / samples, samples · channels, …]`; batch-dependent, as it decides which pictures sit together.

    Raises ValueError when the batch cannot be divided.
    """
    if len(pictures) % samples:
        raise ValueError(f"A batch of {len(pictures)} pictures cannot be packed by {samples}.")
    return pictures.reshape(len(pictures) // samples, samples * pictures.shape[1], *pictures.shape[2:])
