"""The generator: a U-Net over one slice that sees its neighbours as extra channels."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn

_HIDDEN = 32
"""Width of what works out the modulation: one number goes in, so little is needed."""


class UNet2p5D(nn.Module):
    """`[batch, in_channels, H, W]` → `[batch, out_channels, H, W]`; H and W multiples of fold·2^(levels − 1).

    Blocks of `fold`×`fold` pixels enter as channels, so that the widest level works on a coarser grid (on a CPU three
    quarters of the time for the same number of weights); the result is unfolded and refined beside the input at full
    resolution, which keeps edges sharp. Batch normalisation, because instance normalisation would erase the absolute
    level, which is the quantity in CT; nearest-neighbour upsampling, because transposed convolutions leave a
    checkerboard.

    A `conditioned` network is told a number of 0…1 for each picture (1 where none is given), which scales and shifts
    every channel between its normalisation and its activation (FiLM, Perez et al. 2018, arXiv:1709.07871; told the
    weights of its losses, Dosovitskiy and Djolonga 2020, "You Only Train Once"). Fresh, that changes nothing: it is the
    network without a condition. All other weights have the same names in both.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        features: Sequence[int] = (48, 96, 160, 224),
        fold: int = 2,
        refinement: int = 16,
        conditioned: bool = False,
    ) -> None:
        super().__init__()
        self.fold = fold
        self._arguments = (in_channels, out_channels, tuple(features), fold, refinement)
        inputs = [in_channels * fold**2, *features[:-1]]
        self.down = nn.ModuleList(_block(a, b) for a, b in zip(inputs, features, strict=True))
        levels = range(len(features) - 1, 0, -1)
        self.up = nn.ModuleList(_block(features[i] + features[i - 1], features[i - 1]) for i in levels)
        self.refine = _Layer(features[0] // fold**2 + in_channels, refinement)
        self.head = nn.Conv2d(refinement, out_channels, 3, padding=1)
        widths = [layer.width for layer in self._layers()]
        self.film = _Modulation(widths) if conditioned else None

    def forward(self, image: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return the network's raw output, which nothing bounds; `condition` is one number a picture, `[batch]`.

        Raises ValueError for a condition where the network takes none.
        """
        films = self._films(image, condition)
        kept: list[Tensor] = []
        value = nn.functional.pixel_unshuffle(image, self.fold)
        for level, block in enumerate(self.down):
            if level:
                value = nn.functional.max_pool2d(value, 2)
            value = _through(block, value, films)
            kept.append(value)
        kept.pop()
        for block in self.up:
            value = nn.functional.interpolate(value, scale_factor=2.0, mode="nearest")
            value = _through(block, torch.cat([value, kept.pop()], dim=1), films)
        value = nn.functional.pixel_shuffle(value, self.fold)
        value = torch.cat([value, image.to(value.dtype)], dim=1)
        result: Tensor = self.head(self.refine(value, None if films is None else next(films)))
        return result

    def at(self, condition: float) -> "UNet2p5D":
        """Return the network without a condition that does what this one does when it is told `condition`.

        The modulation goes into the normalisations' own scale and shift, so that it costs nothing at every picture.
        Raises ValueError where the network takes no condition.
        """
        if self.film is None:
            raise ValueError("This network takes no condition.")
        plain = UNet2p5D(*self._arguments).train(self.training)
        own = {name: value for name, value in self.state_dict().items() if not name.startswith("film.")}
        plain.load_state_dict(own)
        plain.to(self.head.weight)
        with torch.no_grad():
            told = torch.full((1,), float(condition)).to(self.head.weight)
            for layer, film in zip(plain._layers(), self.film(told), strict=True):
                scale, shift = (part[0, :, 0, 0] for part in film)
                layer.normalisation.weight.mul_(scale)
                layer.normalisation.bias.mul_(scale).add_(shift)
        return plain

    def grown(self, weights: Mapping[str, Tensor], copies: int = 1) -> dict[str, Tensor]:
        """Return weights of a smaller network of this kind, filled up so that this one gives the same pictures.

        Where the weights have no modulation, the fresh one stays, which changes nothing; where the last layer is to
        give `copies` times as many channels, they all start as those that there are, in the same order. Weights that
        fit as they are come back as they are; whether the rest fits is the loading's affair.
        """
        filled = dict(weights)
        if self.film is not None and not any(name.startswith("film.") for name in filled):
            filled |= {f"film.{name}": value for name, value in self.film.state_dict().items()}
        for name, own in (("head.weight", self.head.weight), ("head.bias", self.head.bias)):
            given = filled.get(name)
            if own is not None and given is not None and len(given) * copies == len(own):
                filled[name] = torch.cat([given] * copies)
        return filled

    def widened(self, weights: Mapping[str, Tensor], slices: int) -> dict[str, Tensor]:
        """Return weights of such a network of fewer input channels, filled up with zeros so that this one ignores more.

        What is new comes behind the channels that there are, in each of the `slices`. Weights that fit as they are come
        back as they are; whether the rest fits is the loading's affair.
        """
        filled = dict(weights)
        own, features = self._arguments[0], self._arguments[2][0]
        layers = {"down.0.0.0.weight": (0, self.fold**2), "refine.0.weight": (features // self.fold**2, 1)}
        for name, (first, each) in layers.items():
            given = filled.get(name)
            if given is None or (given.shape[1] - first) % (slices * each) or own % slices:
                continue
            old = given[:, first:]
            old = old.reshape(len(old), slices, -1, *old.shape[2:])
            new = max(0, own // slices * each - old.shape[2])
            old = torch.cat([old, old.new_zeros(*old.shape[:2], new, *old.shape[3:])], dim=2)
            filled[name] = torch.cat([given[:, :first], old.flatten(1, 2)], dim=1)
        return filled

    def _films(self, image: Tensor, condition: Tensor | None) -> "Iterator[_Film] | None":
        if self.film is None:
            if condition is not None:
                raise ValueError("This network takes no condition.")
            return None
        if condition is None:
            condition = image.new_ones(len(image))
        films: list[_Film] = self.film(condition)
        return iter(films)

    def _layers(self) -> "list[_Layer]":
        """Return all layers in the order in which a picture goes through them."""
        blocks = [layer for block in (*self.down, *self.up) for layer in block]
        return [*blocks, self.refine]


_Film = tuple[Tensor, Tensor]
"""Scale and shift of a layer's channels, `[batch, channel, 1, 1]` each."""


class _Layer(nn.Sequential):
    """Convolution, normalisation and activation, and what a condition does in between."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(
            nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.LeakyReLU(0.1, inplace=True),
        )
        self.width = outputs

    @property
    def normalisation(self) -> nn.BatchNorm2d:
        found = self[1]
        assert isinstance(found, nn.BatchNorm2d)
        return found

    def forward(self, value: Tensor, film: _Film | None = None) -> Tensor:
        value = self[1](self[0](value))
        if film is not None:
            scale, shift = film
            value = torch.addcmul(shift.to(value.dtype), value, scale.to(value.dtype))
        result: Tensor = self[2](value)
        return result


class _Modulation(nn.Module):
    """One number a picture → scale and shift of every channel of layers of these widths; fresh, 1 and 0."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.widths = tuple(widths)
        self.inner = nn.Sequential(nn.Linear(1, _HIDDEN), nn.SiLU(), nn.Linear(_HIDDEN, _HIDDEN), nn.SiLU())
        self.last = nn.Linear(_HIDDEN, 2 * sum(widths))
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, condition: Tensor) -> list[_Film]:
        device = condition.device.type
        # In half precision a channel's factor would be off by a share that the folded network does not have.
        with torch.autocast(device, enabled=False) if torch.amp.is_autocast_available(device) else nullcontext():
            told = condition.to(self.last.weight.dtype)[:, None]
            both = self.last(self.inner(told))[:, :, None, None]
        parts = both.split([2 * width for width in self.widths], dim=1)
        films = []
        for part in parts:
            scale, shift = part.chunk(2, dim=1)
            films.append((1 + scale, shift))
        return films


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(_Layer(inputs, outputs), _Layer(outputs, outputs))


def _through(block: nn.Module, value: Tensor, films: Iterator[_Film] | None) -> Tensor:
    for layer in block:  # type: ignore[attr-defined]  # a Sequential of layers
        value = layer(value) if films is None else layer(value, next(films))
    return value
