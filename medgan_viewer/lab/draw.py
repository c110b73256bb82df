"""All randomness of a training run, from one generator, the same for any number of processes.

Each process draws what one process alone would draw for the whole batch, and keeps its share. So the run is repeated
exactly by its seed, goes on exactly from a saved state, and two processes see together what one would have seen.
"""

import torch
from torch import Tensor


class Draw:
    """Random numbers for `count` samples of this process's share, drawn on the CPU."""

    def __init__(self, seed: int, rank: int = 0, world: int = 1) -> None:
        self._generator = torch.Generator().manual_seed(seed)
        self._rank, self._world = rank, world

    def normal(self, count: int, *shape: int) -> Tensor:
        """Return standard normal numbers `[count, *shape]`."""
        return self._share(torch.randn((count * self._world, *shape), generator=self._generator))

    def uniform(self, count: int, *shape: int) -> Tensor:
        """Return numbers out of [0, 1) `[count, *shape]`."""
        return self._share(torch.rand((count * self._world, *shape), generator=self._generator))

    def integers(self, high: int, count: int, *shape: int) -> Tensor:
        """Return int64 numbers out of 0 … high − 1, `[count, *shape]`."""
        return self._share(torch.randint(high, (count * self._world, *shape), generator=self._generator))

    def seeds(self, count: int) -> list[int]:
        """Return one seed for each sample, for generators of another kind (`numpy.random.default_rng`)."""
        values: list[int] = self.integers(2**62, count).tolist()
        return values

    def together(self, *shape: int) -> Tensor:
        """Return numbers out of [0, 1) that are the same in all processes (a decision for the whole batch)."""
        return torch.rand(shape, generator=self._generator)

    def state(self) -> Tensor:
        """Return what `restore` goes on from."""
        return self._generator.get_state()

    def restore(self, state: Tensor) -> None:
        """Go on from a state that `state` gave."""
        self._generator.set_state(state)

    def _share(self, whole: Tensor) -> Tensor:
        return whole[self._rank :: self._world]
