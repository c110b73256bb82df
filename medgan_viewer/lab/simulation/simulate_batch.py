"""Simulate a batch of 2.5-D samples on any device: from label maps to paired CT and MR slices, with torch alone.

The same physics as `simulate` (tissues, signal equations, scanners), which makes whole series of one head; here every
sample of the batch is another head in another place and shape, cut and acquired on the spot. Only the planes that a
sample needs are ever painted: the neighbouring slices for the input, the middle one for the targets. Partial volume is
the mean over `planes` places through each slice's thickness, each moved by a part of a pixel as well, so that pixels
are mixed in plane too.

Nothing is read back from the device on the way, so a GPU is never waited for.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from medgan_viewer.lab.simulation import individuals
from medgan_viewer.lab.simulation.acquisition import (
    LOW_FIELD_NOISE,
    MR_NOISE,
    acquire_ct,
    acquire_mr,
    blur_planes,
    smooth_fields,
)
from medgan_viewer.lab.simulation.batch_encoding import compand, encode_ct, encode_mr, mask_couch
from medgan_viewer.lab.simulation.batch_lesions import BatchLesions, grow_lesions
from medgan_viewer.lab.simulation.label_bank import CODES, FAT_STEPS, LabelBank
from medgan_viewer.lab.simulation.metal import Metal, ct_error, grow_metal, into_ct, into_mr
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.tissues import SEGMENTS, TISSUE_INDEX, TISSUES, tissue_values

_REPEATED_SLICE_SHARE = 0.2
_SEVERAL_SHARE = 0.3
"""How often a second lesion of the same kind lies near the first."""
_PIECES = 4
"""How many pieces of metal a head has at most."""
_TYPICAL_SLICE_MM = 4.0
_BEND_MM = 35.0
_SAMPLING_BLUR = 0.4
"""σ in pixels that smooths the steps of few planes."""
_CODE_BITS = 9
# Streams of random numbers beside the patient's own; of a further input, other ones than of the first.
_DECISIONS, _SCANNER, _FURTHER = 0x2545F4914F6CDD1D & (2**61 - 1), 0x51F15EED, 0x1B873593
_METAL = 0x6A09E667F3BC


@dataclass(frozen=True)
class BatchSettings:
    """What is simulated; sizes in pixels of `in_plane_mm`, `slice_mm` the range of slice spacings.

    `inputs` CT, T1, T2, FLAIR or MR (any contrast that may be), one of them for each sample or all of them `together`,
    one's channels after the other's in every slice; `targets` pictures. `lesion_probability` is that of a lesion in the
    sample's slices, `metal_probability` that of metal in those of a CT; who has an MR alone has none.

    With `low_tesla`, inputs are of T1, T2 or FLAIR on scanners of a field between these two, with the noise of such,
    and the one target is the input's own contrast as of 7 T; there are no `targets` then.
    """

    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    size: int = 128
    whole: int = 192
    neighbours: int = 1
    channels_per_slice: int = 2
    planes: int = 4
    in_plane_mm: float = 1.25
    slice_mm: tuple[float, float] = (1.0, 7.0)
    lesion_probability: float = 0.5
    together: bool = False
    low_tesla: tuple[float, float] | None = None
    metal_probability: float = 0.0


@dataclass(frozen=True)
class Place:
    """Where a batch lies in its heads: codes and fat of every fine plane, and mm coordinates of the slices' middles.

    `codes` int64 and `fat` float32 `[batch, slice, plane, row, column]`; `middle` `[batch, 3, slice, row, column]`;
    `reach` `[batch, 3]`: half a slice's thickness as a vector in mm.
    """

    codes: Tensor
    fat: Tensor
    middle: Tensor
    reach: Tensor


def simulate_batch(bank: LabelBank, seeds: Sequence[int], settings: BatchSettings) -> dict[str, Tensor]:
    """Return one sample for each seed, on the bank's device.

    It holds `source`, `target` (where there are any), `segmentation`, `lesions` and `shares`.

    `source` `[batch, channel, H, W]` is encoded as for inference (see `models.encoding`), `target` in units of the
    network's output; `shares` `[batch, segment, H, W]` says how much of each pixel each segment fills, of which
    `segmentation` is the largest; `lesions` is 0 or 1 + the kind. A sample depends on its seed alone.
    """
    # Which input a sample has and whether a lesion decides what is computed: drawn where the program runs.
    decisions = Numbers([seed ^ _DECISIONS for seed in seeds])
    one = [settings.inputs[kind] for kind in decisions.integers(len(settings.inputs)).tolist()]
    inputs = [[name] * len(seeds) for name in settings.inputs] if settings.together else [one]
    healthy = (decisions.uniform() >= settings.lesion_probability).tolist()
    ill = [index for index, well in enumerate(healthy) if not well]
    several = (decisions.uniform() < _SEVERAL_SHARE).tolist()
    twice = [place for place, index in enumerate(ill) if several[index]]
    metallic = (decisions.uniform() < settings.metal_probability).tolist()
    metallic = [index for index, has in enumerate(metallic) if has and any(names[index] == "CT" for names in inputs)]

    numbers = Numbers(seeds, bank.voxels.device)
    chosen = numbers.integers(len(bank))
    place = _cut(bank, chosen, settings, numbers)
    texture = _texture(place, settings, numbers)
    tables = {name: individuals.canonical(name).to(numbers.device).expand(len(seeds), -1) for name in settings.targets}
    if settings.low_tesla is not None:
        tables["higher field"] = torch.stack([individuals.higher_field(name) for name in one]).to(numbers.device)
    # Each input of a patient strays by itself, as if scanned on another day.
    streams = [numbers, *(Numbers(_streams(seeds, further), numbers.device) for further in range(1, len(inputs)))]
    source_tables = [
        _source_table(bank, chosen, *both, settings.low_tesla) for both in zip(inputs, streams, strict=True)
    ]
    lesions = grow_lesions(bank, ill, twice, chosen, place.middle, place.codes, place.reach, numbers.part(ill))
    metal = _metal(place, metallic, seeds, settings)
    acquired = []
    for number, (names, table) in enumerate(zip(inputs, source_tables, strict=True)):
        scanner = Numbers([seed ^ _SCANNER for seed in _streams(seeds, number)], numbers.device)
        clean = _slices(place, table, texture, names, lesions, slice(None))
        error = None
        if metal is not None:  # in every one of these samples this input is a CT, or in none
            kind = names[metal.index[0]]
            error = metal.error(clean, settings.in_plane_mm) if kind == "CT" else None
            metal.into(clean, kind)
        acquired.append(_acquire(clean, names, settings, scanner, error))
    repeated = Numbers([seed ^ _SCANNER for seed in seeds], numbers.device).uniform(shape=(1, 1, 1, 1))

    middle = slice(settings.neighbours, settings.neighbours + 1)
    shares = _shares(place.codes[:, settings.neighbours])
    batch = {
        "source": _arranged(acquired, repeated < _REPEATED_SLICE_SHARE, settings),
        "segmentation": _largest(shares),
        "lesions": lesions.labels(len(seeds), settings.neighbours),
        "shares": shares,
    }
    pictures = [_slices(place, table, texture, [name] * len(seeds), lesions, middle) for name, table in tables.items()]
    if pictures:
        if metal is not None:
            for name, picture in zip(tables, pictures, strict=True):
                metal.into(picture, name, middle)
        made = [compand(one) if name == "CT" else one for name, one in zip(tables, pictures, strict=True)]
        batch["target"] = torch.cat(made, dim=1)
    return batch


def _cut(bank: LabelBank, chosen: Tensor, settings: BatchSettings, numbers: Numbers) -> Place:
    """Turn, stretch, bend and cut each head: what the fine planes of its slices consist of."""
    axes = _axes(numbers)
    spacing = numbers.log_uniform(*settings.slice_mm)
    thickness = spacing * torch.where(numbers.uniform() < 0.5, 1.0, numbers.uniform(0.7, 1.1))
    middle = _middle(bank, chosen, axes, spacing, settings, numbers)
    plane = (torch.arange(settings.planes, device=numbers.device) + 0.5) / settings.planes - 0.5
    # Within a pixel the planes lie as a low-discrepancy sequence does (Roberts, R2), about its middle.
    order = torch.arange(1, settings.planes + 1, device=numbers.device)
    inside = torch.stack([(order * step) % 1.0 for step in (0.7548777, 0.5698403)], dim=1)
    inside = (inside - inside.mean(dim=0)) * settings.in_plane_mm
    through = (thickness[:, None] * plane)[:, :, None]
    steps = torch.cat([through, inside.expand(len(numbers), -1, -1)], dim=2) @ axes.transpose(1, 2)
    # In voxels, one further, as the bank has a border of air. Plane by plane, so that a CPU keeps it in its cache.
    scale, size = 1 / bank.spacing[chosen], bank.shape[chosen].float()
    at = middle * scale[:, :, None, None, None] + 1
    steps = (steps * scale[:, None])[..., None, None, None]
    start = bank.start[chosen].view(-1, 1, 1, 1)
    found = []
    for number in range(settings.planes):
        place = (at + steps[:, number]).round_().clamp_(min=0)
        torch.minimum(place, size[:, :, None, None, None] - 1, out=place)
        index = torch.addcmul(place[:, 1], place[:, 0], size[:, 1].view(-1, 1, 1, 1))
        index = torch.addcmul(place[:, 2], index, size[:, 2].view(-1, 1, 1, 1))
        found.append(bank.voxels.index_select(0, index.long().add_(start).flatten()).view(index.shape))
    voxels = torch.stack(found, dim=2)
    codes = voxels.bitwise_and(CODES - 1).long()
    fat = (voxels >> _CODE_BITS).float().mul_(1 / FAT_STEPS)
    return Place(codes, fat, middle, axes[:, :, 0] * (thickness / 2)[:, None])


def _middle(
    bank: LabelBank, chosen: Tensor, axes: Tensor, spacing: Tensor, settings: BatchSettings, numbers: Numbers
) -> Tensor:
    """Return mm coordinates `[batch, 3, slice, row, column]` in the heads of the slices' middle planes."""
    pixel, count = settings.in_plane_mm, 2 * settings.neighbours + 1
    brain, centre = bank.brain[chosen], bank.centre[chosen]
    low = (brain[:, 0] - 35.0).clamp_min(3.0)
    height = low + (brain[:, 1] + 2.0 - low) * numbers.uniform() - centre[:, 0]
    slices = (torch.arange(count, device=numbers.device) - settings.neighbours) * spacing[:, None] + height[:, None]
    # The sum of two draws: crops of the whole field of view lie about its middle, the corners hold air.
    room = (settings.whole - settings.size) * pixel / 2
    offset = (numbers.uniform(-0.5, 0.5, (2, 2)).sum(dim=2)) * room + numbers.uniform(-8.0, 8.0, (2,))
    line = (torch.arange(settings.size, device=numbers.device) - (settings.size - 1) / 2) * pixel
    rows, columns = line + offset[:, :1], line + offset[:, 1:]
    parts = [
        axes[:, :, 0, None, None, None] * slices[:, None, :, None, None],
        axes[:, :, 1, None, None, None] * rows[:, None, None, :, None],
        axes[:, :, 2, None, None, None] * columns[:, None, None, None, :],
    ]
    amplitude = numbers.uniform(1.0, 4.5).view(-1, 1, 1, 1) / 1.6
    shape = (count, settings.size, settings.size)
    bend = [smooth_fields(shape, (_TYPICAL_SLICE_MM, pixel, pixel), _BEND_MM, numbers) for _ in range(3)]
    bent = torch.stack(bend, dim=1) * amplitude[:, None]
    return parts[0] + parts[1] + parts[2] + (bent + centre[:, :, None, None, None])


def _axes(numbers: Numbers) -> Tensor:
    """Return `[batch, 3, 3]`: pitch up to ±20°, roll and yaw ±8°, zoom 0.9–1.1, some shear, mirrored or not."""
    turned = torch.eye(3, device=numbers.device).expand(len(numbers), 3, 3)
    for first, second, degrees in ((0, 1, 20.0), (0, 2, 8.0), (1, 2, 8.0)):
        angle = numbers.uniform(-math.radians(degrees), math.radians(degrees))
        turn = torch.eye(3, device=numbers.device).repeat(len(numbers), 1, 1)
        turn[:, first, first] = turn[:, second, second] = angle.cos()
        turn[:, second, first] = angle.sin()
        turn[:, first, second] = -angle.sin()
        turned = turn @ turned
    shear = torch.eye(3, device=numbers.device) + numbers.uniform(-0.04, 0.04, (3, 3)).triu(1)
    zoom = numbers.uniform(0.9, 1.1, (3,))
    mirror = torch.where(numbers.uniform() < 0.5, 1.0, -1.0)
    zoom = torch.stack([zoom[:, 0], zoom[:, 1], zoom[:, 2] * mirror], dim=1)
    return turned * zoom[:, None] @ shear


def _texture(place: Place, settings: BatchSettings, numbers: Numbers) -> Tensor:
    """Return each tissue's fine structure `[batch, slice, row, column]` of about unit spread, as in `anatomy`."""
    shape = place.middle.shape[2:]
    grid = (_TYPICAL_SLICE_MM, settings.in_plane_mm, settings.in_plane_mm)
    return 0.6 * (smooth_fields(shape, grid, 2.5, numbers) + smooth_fields(shape, grid, 14.0, numbers))


def _source_table(
    bank: LabelBank, chosen: Tensor, names: Sequence[str], numbers: Numbers, tesla: tuple[float, float] | None
) -> Tensor:
    """Return what each patient's tissues have in his input, `[batch, tissue]`: HU, or shares of the MR's reference."""
    table = torch.zeros(len(names), len(TISSUES), device=numbers.device)
    for name in sorted(set(names)):
        index = [place for place, other in enumerate(names) if other == name]
        own = numbers.part(index)
        if name == "CT":
            table[index] = individuals.hounsfield(own)
        else:
            signals = individuals.magnetic(name, own, tesla)
            table[index] = signals / _reference(signals, bank.counts[chosen[index]])[:, None]
    return table


def _reference(signals: Tensor, counts: Tensor) -> Tensor:
    """Return the 99.5th percentile of the signal in the whole head, `[batch]`, from the amounts of the tissues."""
    amount = counts.view(len(counts), -1, 16).sum(dim=2)[:, : signals.shape[1]].clone()
    amount[:, TISSUE_INDEX["air"]] = 0
    ordered, order = signals.sort(dim=1)
    below = amount.gather(1, order).cumsum(dim=1)
    first = (below >= 0.995 * below[:, -1:]).float().argmax(dim=1, keepdim=True)
    return ordered.gather(1, first)[:, 0].clamp_min(1e-3)


def _slices(
    place: Place, table: Tensor, texture: Tensor, names: Sequence[str], lesions: BatchLesions, slices: slice
) -> Tensor:
    """Return clean pictures `[batch, slice, row, column]` of values `[batch, tissue]`, with texture."""
    values = lesions.into(_composed(place, table, slices), table, slices).mean(dim=2)
    is_ct = torch.tensor([name == "CT" for name in names], device=table.device)
    texture = texture[:, slices]
    if "CT" in names:
        spread = torch.from_numpy(tissue_values("hu_spread")).to(table.device).expand_as(table) * is_ct[:, None]
        values = values + _composed(place, spread, slices).mean(dim=2) * texture
    values = values * (1 + individuals.MR_TEXTURE * texture * ~is_ct.view(-1, 1, 1, 1))
    return blur_planes(values, torch.full_like(table[:, 0], _SAMPLING_BLUR))


def _composed(place: Place, table: Tensor, slices: slice) -> Tensor:
    """Return the values of every fine plane of some slices, muscle and fat mixed by their shares."""
    codes = table.repeat_interleave(16, dim=1)
    codes = functional.pad(codes, (0, CODES - codes.shape[1]))
    chosen = place.codes[:, slices]
    values = codes.gather(1, chosen.flatten(1)).view(chosen.shape)
    fat = table[:, TISSUE_INDEX["fat"]].view(-1, 1, 1, 1, 1)
    return torch.lerp(values, fat.expand_as(values), place.fat[:, slices])


@dataclass(frozen=True)
class _Metallic:
    """The metal of the samples `index`, and their further random numbers."""

    index: list[int]
    metal: Metal
    numbers: Numbers

    def error(self, clean: Tensor, pixel_mm: float) -> Tensor:
        """Return by how much a CT of the clean pictures `[batch, slice, row, column]` is wrong, in HU."""
        error = torch.zeros_like(clean)
        error[self.index] = ct_error(clean[self.index], self.metal, pixel_mm, self.numbers)
        return error

    def into(self, pictures: Tensor, name: str, slices: slice = slice(None)) -> None:
        """Put the metal of some slices into the clean `pictures` of CT or an MR contrast."""
        shown = Metal(self.metal.share[:, slices], self.metal.attenuation)
        pictures[self.index] = (into_ct if name == "CT" else into_mr)(pictures[self.index], shown)


def _metal(place: Place, index: list[int], seeds: Sequence[int], settings: BatchSettings) -> _Metallic | None:
    """Grow metal in the samples `index`, about the middle slice; return None where there are none."""
    if not index:
        return None
    solid = torch.zeros_like(place.middle[index, 0], dtype=torch.bool)
    middle = settings.neighbours
    solid[:, middle] = place.codes[index, middle, 0] // 16 != TISSUE_INDEX["air"]
    numbers = Numbers([seeds[one] ^ _METAL for one in index], solid.device)
    return _Metallic(index, grow_metal(place.middle[index], place.reach[index], solid, _PIECES, numbers), numbers)


def _shares(codes: Tensor) -> Tensor:
    """Return how much of each pixel each segment fills, `[batch, segment, row, column]`, of codes of its planes."""
    batch, planes, rows, columns = codes.shape
    segments = codes.bitwise_and(15)
    shares = torch.zeros(batch, len(SEGMENTS), rows, columns, device=codes.device)
    part = torch.full_like(shares[:, :1], 1 / planes)
    for plane in range(planes):
        shares.scatter_add_(1, segments[:, plane : plane + 1], part)
    return shares


def _largest(shares: Tensor) -> Tensor:
    """Return the int64 number of the largest share, `[batch, row, column]`; an argmax over this axis is slow."""
    best = shares[:, 0]
    label = torch.zeros_like(best, dtype=torch.int64)
    for number in range(1, shares.shape[1]):
        label.masked_fill_(shares[:, number] > best, number)
        best = torch.maximum(best, shares[:, number])
    return label


def _streams(seeds: Sequence[int], number: int) -> list[int]:
    """Return seeds for the input `number` of each sample; those of the first are the samples' own."""
    return [seed ^ (number * _FURTHER) for seed in seeds]


def _acquire(
    clean: Tensor, names: Sequence[str], settings: BatchSettings, numbers: Numbers, error: Tensor | None
) -> Tensor:
    """Return `[batch, slice, channel, row, column]`: what scanners make of one input's clean slices, encoded.

    `error` in HU is what a CT shows wrongly because of metal.
    """
    pixel = settings.in_plane_mm
    batch, slices, rows, columns = clean.shape
    width = (2 if "CT" in names else 1) if settings.together else settings.channels_per_slice
    source = torch.zeros(batch, slices, width, rows, columns, device=clean.device)
    ct = [index for index, name in enumerate(names) if name == "CT"]
    mr = [index for index, name in enumerate(names) if name != "CT"]
    if ct:
        further = None if error is None else error[ct]
        acquired = mask_couch(acquire_ct(clean[ct], pixel, numbers.part(ct), further), clean[ct])
        source[ct, :, :2] = encode_ct(acquired)
    if mr:
        own = numbers.part(mr)
        stray = own.uniform(0.88, 1.14, (1, 1, 1))  # the reference of a real series strays
        noise = MR_NOISE if settings.low_tesla is None else LOW_FIELD_NOISE
        acquired = acquire_mr(clean[mr], (_TYPICAL_SLICE_MM, pixel, pixel), own, noise)
        source[mr, :, :1] = encode_mr(acquired * stray)
    return source


def _arranged(inputs: Sequence[Tensor], repeated: Tensor, settings: BatchSettings) -> Tensor:
    """Return the network's input `[batch, channel, row, column]`; where `repeated`, of the middle slice alone."""
    source = torch.cat(list(inputs), dim=2)
    missing = settings.channels_per_slice - source.shape[2]
    if missing:
        source = functional.pad(source, (0, 0, 0, 0, 0, missing))
    middle = source[:, settings.neighbours : settings.neighbours + 1]
    return torch.where(repeated, middle, source).flatten(1, 2)
