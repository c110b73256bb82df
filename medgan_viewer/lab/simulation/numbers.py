"""Random numbers for a batch on any device, each sample's from its own seed and nobody else's.

A generator of torch gives other numbers on another device, and one for each sample costs a launch for each. Here every
number is a function of the sample's seed and of its own place in the sequence (a counter-based generator, Salmon et al.
2011, doi:10.1145/2063384.2063405), worked out for the whole batch by integer arithmetic that is the same everywhere.
The bits are mixed by two rounds of a 32-bit finaliser (Wellons, "Prospecting for hash functions", lowbias32), keyed by
the two halves of the seed: good enough for noise in pictures, no cryptography.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

_MULTIPLIERS = (0x7FEB352D, 0x846CA68B - 2**32)
_GOLDEN = 0x9E3779B9 - 2**32


class Numbers:
    """A sequence of random numbers for each of a batch of seeds (0 … 2**62 − 1), on `device`."""

    def __init__(self, seeds: Sequence[int], device: torch.device | str = "cpu") -> None:
        low = [seed & 0xFFFFFFFF for seed in seeds]
        high = [seed >> 32 for seed in seeds]
        both = torch.tensor([[_signed(a), _signed(b)] for a, b in zip(low, high, strict=True)], dtype=torch.int32)
        self.device = torch.device(device)
        self._keys = both.to(self.device)
        self._used = 0

    def __len__(self) -> int:
        return len(self._keys)

    def part(self, indices: Sequence[int]) -> "Numbers":
        """Return the sequences of some samples, from where they stand."""
        chosen = Numbers([0] * len(indices), self.device)
        chosen._keys = self._keys[list(indices)]
        chosen._used = self._used
        return chosen

    def uniform(self, low: float = 0.0, high: float = 1.0, shape: Sequence[int] = ()) -> Tensor:
        """Return numbers out of [low, high), `[batch, *shape]`."""
        return low + (high - low) * self._unit(_product(shape)).view(-1, *shape)

    def log_uniform(self, low: float, high: float, shape: Sequence[int] = ()) -> Tensor:
        """Return numbers out of [low, high) whose logarithm is uniform, `[batch, *shape]`."""
        return low * (high / low) ** self.uniform(shape=shape)

    def choice(self, options: Sequence[float], weights: Sequence[float], shape: Sequence[int] = ()) -> Tensor:
        """Return one of `options` by their `weights` (which sum to 1), `[batch, *shape]` float32."""
        drawn = self.uniform(shape=shape)
        result = torch.full_like(drawn, options[0])
        bound = 0.0
        for option, weight in zip(options, weights, strict=True):
            result = torch.where(drawn >= bound, option, result)
            bound += weight
        return result

    def integers(self, high: int, shape: Sequence[int] = ()) -> Tensor:
        """Return int64 numbers out of 0 … high − 1, `[batch, *shape]`."""
        return (self._unit(_product(shape)).view(-1, *shape) * high).long().clamp_(max=high - 1)

    def normal(self, shape: Sequence[int] = ()) -> Tensor:
        """Return standard normal numbers `[batch, *shape]` (Box and Muller 1958)."""
        count = _product(shape)
        half = (count + 1) // 2
        unit = self._unit(2 * half)
        radius = (-2 * torch.log1p(-unit[:, :half])).sqrt_()
        angle = unit[:, half:].mul_(2 * torch.pi)
        both = torch.cat([radius * angle.cos(), radius * angle.sin()], dim=1)
        return both[:, :count].reshape(-1, *shape)

    def _unit(self, count: int) -> Tensor:
        """Return `[batch, count]` numbers out of [0, 1) in steps of 2**−24."""
        places = torch.arange(self._used, self._used + count, dtype=torch.int32, device=self.device)
        self._used += count
        bits = _mix((places * _GOLDEN)[None] ^ self._keys[:, :1])
        bits = _mix(bits ^ self._keys[:, 1:])
        return _shift(bits, 8).float().mul_(2.0**-24)


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value


def _product(shape: Sequence[int]) -> int:
    product = 1
    for size in shape:
        product *= size
    return product


def _shift(bits: Tensor, count: int) -> Tensor:
    """Shift right without the sign: torch's own shift of int32 repeats it."""
    return (bits >> count).bitwise_and_((1 << (32 - count)) - 1)


def _mix(bits: Tensor) -> Tensor:
    bits = (bits ^ _shift(bits, 16)).mul_(_MULTIPLIERS[0])
    bits = bits.bitwise_xor_(_shift(bits, 15)).mul_(_MULTIPLIERS[1])
    return bits.bitwise_xor_(_shift(bits, 16))
