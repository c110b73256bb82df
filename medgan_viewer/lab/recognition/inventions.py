"""Pictures that no scanner of a person gives: noise, test objects, random shapes; and bodies made of ellipses.

`[row, column]` float32 of `SIZE` pixels: 0…1, bodies in HU. Each comes from its generator alone.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

__all__ = ["SIZE", "body", "other"]

SIZE = 128
Image = NDArray[np.float32]


def other(rng: np.random.Generator) -> Image:
    """Return noise, a test object or random shapes, some of them noisy."""
    kinds: Sequence[Callable[[np.random.Generator], Image]] = (_noise, _clouds, _discs, _bars, _shapes, _shapes, _ramp)
    image = kinds[int(rng.integers(len(kinds)))](rng)
    if rng.random() < 0.6:
        return np.asarray(image + rng.normal(0, 0.02 * 10 ** rng.random(), image.shape), dtype=np.float32)
    return image


def _noise(rng: np.random.Generator) -> Image:
    image = rng.normal(0, 1, (SIZE, SIZE))
    if rng.random() < 0.4:  # as a magnitude, in which the air of an MR lies
        image = np.hypot(image, rng.normal(0, 1, (SIZE, SIZE)))
    return _unit(ndimage.gaussian_filter(image, float(rng.choice([0.0, 0.7, 1.5]))))


def _clouds(rng: np.random.Generator) -> Image:
    """Smooth noise, in some pictures within a disc as a body would be."""
    image = _unit(ndimage.gaussian_filter(rng.normal(0, 1, (SIZE, SIZE)), float(rng.uniform(2, 14))))
    return image * _ellipse(rng, 0.3, 0.48) if rng.random() < 0.5 else image


def _discs(rng: np.random.Generator) -> Image:
    """A test object: a body of one value, with discs of others in rows or a ring."""
    image = _ellipse(rng, 0.3, 0.48, round_=True) * float(rng.uniform(0.3, 1.0))
    inside = image > 0
    count, radius = int(rng.integers(1, 12)), float(rng.uniform(0.02, 0.08))
    turn, ring = float(rng.uniform(0, 6.3)), float(rng.uniform(0.1, 0.3))
    for number in range(count):
        angle = turn + 2 * np.pi * number / count
        spot = _disc(0.5 + ring * np.sin(angle), 0.5 + ring * np.cos(angle), radius)
        image = np.where(spot & inside, float(rng.uniform(0, 1)), image)
    if rng.random() < 0.4:  # a wall
        shell = inside & ~ndimage.binary_erosion(inside, iterations=int(rng.integers(1, 4)))
        image = np.where(shell, 1.0, image)
    return _blurred(image, rng)


def _bars(rng: np.random.Generator) -> Image:
    """Lines, a grid or a chequerboard of some width and turn."""
    turn, width = float(rng.uniform(0, np.pi)), float(rng.uniform(4, 30))
    rows, columns = np.mgrid[:SIZE, :SIZE]
    first = np.sin(2 * np.pi * (rows * np.cos(turn) + columns * np.sin(turn)) / width) > 0
    second = np.sin(2 * np.pi * (columns * np.cos(turn) - rows * np.sin(turn)) / width) > 0
    choice = int(rng.integers(3))
    image = (first if choice == 0 else first & second if choice == 1 else first ^ second).astype(np.float32)
    if rng.random() < 0.5:
        image = image * _ellipse(rng, 0.3, 0.48, round_=True)
    return _blurred(image, rng)


def _shapes(rng: np.random.Generator) -> Image:
    """Ellipses in one another, each of a random grey and texture: a joint or a limb might look so, a head does not."""
    image = np.zeros((SIZE, SIZE), np.float32)
    for number in range(int(rng.integers(2, 14))):
        mask = _ellipse(rng, 0.04, 0.45 if number == 0 else 0.25, spread=0.0 if number == 0 else 0.3)
        edge = ndimage.gaussian_filter(rng.normal(0, 1, (SIZE, SIZE)), 6) * 4
        mask = ndimage.gaussian_filter(mask, 2) + 0.2 * edge > 0.5
        image = np.where(mask, float(rng.uniform(0, 1)) * (1 + 0.2 * edge), image)
    return _blurred(image, rng)


def _ramp(rng: np.random.Generator) -> Image:
    """A gradient, or one half of the picture brighter than the other."""
    turn = float(rng.uniform(0, 2 * np.pi))
    rows, columns = np.mgrid[:SIZE, :SIZE] / SIZE
    image = rows * np.cos(turn) + columns * np.sin(turn)
    return _unit(image > np.median(image)) if rng.random() < 0.4 else _unit(image)


def body(rng: np.random.Generator) -> Image:
    """Return an axial CT of a trunk made of ellipses: skin, fat, muscle, spine, ribs, and lungs or a belly's organs."""
    height, width = float(rng.uniform(0.2, 0.34)), float(rng.uniform(0.32, 0.47))
    image = np.full((SIZE, SIZE), -1000.0, np.float32)
    middle = float(rng.uniform(0.46, 0.54))
    for share, value in ((1.0, -100.0), (float(rng.uniform(0.8, 0.95)), 50.0), (float(rng.uniform(0.7, 0.8)), -60.0)):
        image[_disc(middle, 0.5, height * share, width * share)] = value
    _organs(image, rng, middle, height, width)
    spine = middle + 0.55 * height
    image[_disc(spine, 0.5, 0.045, 0.05)] = float(rng.uniform(180, 350))
    image[_disc(spine + 0.06, 0.5, 0.035, 0.02)] = float(rng.uniform(200, 600))
    image[_disc(spine + 0.028, 0.5, 0.013)] = 20.0
    for number in range(int(rng.integers(6, 16))):
        angle = float(rng.uniform(0, 2 * np.pi)) if number else np.pi
        place = (middle + 0.84 * height * np.sin(angle), 0.5 + 0.84 * width * np.cos(angle))
        image[_disc(*place, float(rng.uniform(0.01, 0.022)), float(rng.uniform(0.01, 0.03)))] = rng.uniform(200, 700)
    if rng.random() < 0.7:  # the table
        rows = (np.arange(SIZE) / SIZE)[:, None]
        columns = np.arange(SIZE)[None] / SIZE - 0.5
        below = rows - (middle + height + float(rng.uniform(0.01, 0.05))) - float(rng.uniform(-0.6, 0.3)) * columns**2
        image[(np.abs(below) < 0.008) & (image < -900)] = float(rng.uniform(-500, 200))
    image = ndimage.gaussian_filter(image, float(rng.uniform(0.4, 1.0)))
    return np.asarray(image + rng.normal(0, rng.uniform(5, 40), image.shape), dtype=np.float32)


def _organs(image: Image, rng: np.random.Generator, middle: float, height: float, width: float) -> None:
    if rng.random() < 0.6:
        for side in (-1, 1):
            lung = _disc(middle, 0.5 + side * 0.42 * width, 0.62 * height, 0.3 * width)
            vessels = ndimage.gaussian_filter(rng.normal(0, 1, image.shape), 1.2)
            image[lung] = np.where(vessels > 0.35, -50.0, float(rng.uniform(-900, -780)))[lung]
        image[_disc(middle - 0.1 * height, 0.52, 0.5 * height, 0.2 * width)] = float(rng.uniform(30, 140))
        return
    image[_disc(middle - 0.1 * height, 0.5 - 0.35 * width, 0.5 * height, 0.35 * width)] = float(rng.uniform(45, 120))
    for _ in range(int(rng.integers(5, 14))):
        row, column = middle + height * float(rng.uniform(-0.5, 0.4)), 0.5 + width * float(rng.uniform(-0.6, 0.6))
        spot = _disc(row, column, float(rng.uniform(0.02, 0.07)), float(rng.uniform(0.02, 0.09)))
        image[spot] = float(rng.choice([-700.0, -80.0, 10.0, 40.0, 60.0, 120.0]))


def _disc(row: float, column: float, height: float, width: float | None = None) -> NDArray[np.bool_]:
    """Return an ellipse; centre and half axes as shares of the picture."""
    rows, columns = np.mgrid[:SIZE, :SIZE] / SIZE
    inside: NDArray[np.bool_] = ((rows - row) / height) ** 2 + ((columns - column) / (width or height)) ** 2 < 1
    return inside


def _ellipse(
    rng: np.random.Generator, small: float, large: float, *, round_: bool = False, spread: float = 0.03
) -> Image:
    row, column = (0.5 + float(rng.uniform(-spread, spread)) for _ in range(2))
    height = float(rng.uniform(small, large))
    return _disc(row, column, height, height if round_ else float(rng.uniform(small, large))).astype(np.float32)


def _blurred(image: NDArray[np.generic], rng: np.random.Generator) -> Image:
    return np.asarray(ndimage.gaussian_filter(image.astype(np.float32), float(rng.uniform(0.3, 1.2))), np.float32)


def _unit(image: NDArray[np.generic]) -> Image:
    values = image.astype(np.float32)
    return np.asarray((values - values.min()) / max(float(np.ptp(values)), 1e-6), dtype=np.float32)
