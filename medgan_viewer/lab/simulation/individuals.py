"""What the tissues of one patient on one scanner measure, for a batch of patients at once: `[batch, tissue]`.

CT numbers within each tissue's own, grey matter 6–11 HU over white; relaxation
times by 8 % and proton density by 5 % (about what the literature cited in `tissues` differs by), some at 3 T, where
T1 is about a fifth longer (Stanisz 2005, doi:10.1002/mrm.20605).
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from medgan_viewer.lab.simulation.field_strength import HIGH_TESLA, relaxation
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.signals import CANONICAL, HIGHER_FIELD, random_signals, signal
from medgan_viewer.lab.simulation.tissues import TISSUE_INDEX, TISSUES, tissue_values

MR_TEXTURE = 0.02
"""How much a tissue's MR signal strays from place to place, as a share."""
_OVER_WHITE = {
    "white matter": (0.0, 0.0),
    "cerebellar white matter": (0.5, 0.0),
    "brain stem": (1.5, 0.0),
    "cortex": (0.0, 1.0),
    "cerebellar cortex": (0.0, 1.0),
    "deep grey": (0.0, 0.95),
}
"""Offset in HU, and share of the contrast of grey over white matter."""


def hounsfield(numbers: Numbers) -> Tensor:
    """Return CT numbers."""
    count = len(TISSUES)
    values = _row("hu", numbers) + _row("hu_spread", numbers) * 0.5 * numbers.normal((count,))
    white = 29.0 + 1.5 * numbers.normal()
    contrast = numbers.uniform(6, 11)
    stray = 0.4 * numbers.normal((len(_OVER_WHITE),))
    for column, (name, (offset, share)) in enumerate(_OVER_WHITE.items()):
        values[:, TISSUE_INDEX[name]] = white + offset + share * contrast + stray[:, column]
    # Oedema comes in grades that `lesions` draws; its dense end lies 9 to 14 HU under white matter.
    values[:, TISSUE_INDEX["oedema"]] = white - numbers.uniform(9, 14)
    # Calcified choroid plexus is common and harmless.
    calcified = numbers.choice([0.0, 1.0], [0.6, 0.4]) * numbers.uniform(20, 200)
    values[:, TISSUE_INDEX["choroid plexus"]] += calcified
    values[:, TISSUE_INDEX["air"]] = -1000.0
    return values


def magnetic(contrast: str, numbers: Numbers, tesla: tuple[float, float] | None = None) -> Tensor:
    """Return signals in a random sequence of this contrast; of "MR", any contrast that may be: a number for each
    tissue.

    The scanners are of 1.5 or 3 T, or with `tesla` of any field between these two.
    """
    if contrast == "MR":
        signals = numbers.uniform(0.05, 1.0, (len(TISSUES),))
        for name, low, high in (("air", 0.0, 0.0), ("cortical bone", 0.0, 0.1), ("calcification", 0.0, 0.2)):
            signals[:, TISSUE_INDEX[name]] = numbers.uniform(low, high)
        return signals
    usual = _row("t1", numbers), _row("t2", numbers)
    times = usual if tesla is None else relaxation(numbers.log_uniform(*tesla))
    t1, t2, pd = (
        value * torch.exp(spread * numbers.normal((len(TISSUES),)))
        for value, spread in zip((*times, _row("pd", numbers)), (0.08, 0.08, 0.05), strict=True)
    )
    if tesla is None:
        t1 = t1 * numbers.choice([1.0, 1.2], [0.5, 0.5], (1,))
    for vessel in ("artery", "vein"):  # flow: from void to inflow, or contrast medium
        pd[:, TISSUE_INDEX[vessel]] = numbers.uniform(0.1, 1.0)
        t1[:, TISSUE_INDEX[vessel]] = numbers.choice([250.0, 1400.0], [0.3, 0.7])
    suppressed = numbers.uniform() < 0.25
    # Unsuppressed fat is far brighter in a train of refocusing pulses than its T2 says (Henkelman 1992,
    # doi:10.1002/jmri.1880020511), and it lies nearest to the coil.
    pd[:, TISSUE_INDEX["fat"]] *= torch.where(suppressed, numbers.uniform(0.1, 0.9), numbers.log_uniform(0.9, 2.2))
    t2[:, TISSUE_INDEX["fat"]] *= numbers.uniform(0.7, 1.2)
    pd[:, TISSUE_INDEX["spongy bone"]] *= numbers.uniform(0.6, 1.5)
    return random_signals(contrast, t1, t2, pd, numbers, t1[:, TISSUE_INDEX["csf"], None])


def canonical(picture: str) -> Tensor:
    """Return what every patient's tissues have in a target picture, `[tissue]`: CT in HU, MR in its protocol's unit."""
    if picture == "CT":
        return torch.from_numpy(tissue_values("hu"))
    sequence, unit = CANONICAL[picture]
    return signal(sequence, *_tensors(("t1", "t2", "pd"))) / unit


def higher_field(contrast: str) -> Tensor:
    """Return what every patient's tissues have in a target picture as of 7 T, `[tissue]`, in its protocol's unit."""
    sequence, unit = HIGHER_FIELD[contrast]
    t1, t2 = relaxation(torch.tensor([HIGH_TESLA]))
    return signal(sequence, t1[0], t2[0], torch.from_numpy(tissue_values("pd"))) / unit


def _row(name: str, numbers: Numbers) -> Tensor:
    return torch.from_numpy(tissue_values(name)).to(numbers.device).expand(len(numbers), -1)


def _tensors(names: Iterable[str]) -> tuple[Tensor, Tensor, Tensor]:
    first, second, third = (torch.from_numpy(tissue_values(name)) for name in names)
    return first, second, third
