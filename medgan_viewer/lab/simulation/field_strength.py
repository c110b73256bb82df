"""Relaxation times at other field strengths than 1.5 T: measured for some tissues, assumed to be alike for others.

T1 up to 1.5 T goes with the field's power .382 in white and .376 in grey matter (fitted to 0.2 to 7 T by Rooney 2007,
doi:10.1002/mrm.21122; from memory). Above, single measurements are taken: T1 at 1.5, 3 and 7 T is 646, 838 and 1126 ms
in white matter, 1197, 1607 and 1939 ms in cortex, 1084, 1332 and 1644 ms in the putamen (Wright 2008,
doi:10.1007/s10334-008-0104-8); T2 there is 80, 71 and 47 ms in white matter, 87, 76 and 47 ms in frontal grey matter
(Cox and Gowland 2010, doi:10.1002/mrm.22522), and below 1.5 T it stays. Between these fields both are interpolated, on
logarithmic scales. They change the values of `tissues` by the ratio to those at 1.5 T.

Assumed without a measurement that was read: cerebellum and brain stem change as the cerebrum; all deep grey matter and
the pallidum as the putamen, whose iron shortens T2 further than is simulated; other soft tissue and blood as white
matter, for in muscle as well T1 rises and T2 falls (Jordan 2013, doi:10.1016/j.ejrad.2011.09.021). Oedema and old
infarct are white matter and fluid in one voxel, whose rates add by their shares. Fluid keeps its T1 (Rooney 2007), and
what is fluid, fat, marrow or bone keeps all its values.
"""

import math
from collections.abc import Mapping

import torch
from torch import Tensor

from medgan_viewer.lab.simulation.tissues import TISSUE_INDEX, tissue_values

__all__ = ["HIGH_TESLA", "LOWEST_TESLA", "relaxation"]

HIGH_TESLA = 7.0
LOWEST_TESLA = 0.2
_REFERENCE = 1.5
_FIELDS = (LOWEST_TESLA, _REFERENCE, 3.0, HIGH_TESLA)


def _lower(power: float) -> float:
    return math.pow(LOWEST_TESLA / _REFERENCE, power)


_T1 = {
    "white": (_lower(0.382), 1.0, 838 / 646, 1126 / 646),
    "cortex": (_lower(0.376), 1.0, 1607 / 1197, 1939 / 1197),
    "deep": (_lower(0.376), 1.0, 1332 / 1084, 1644 / 1084),
}
_T2 = {"white": (1.0, 1.0, 71 / 80, 47 / 80), **dict.fromkeys(("cortex", "deep"), (1.0, 1.0, 76 / 87, 47 / 87))}
"""How many times as long as at 1.5 T, at each of `_FIELDS`."""
_SOFT = ("choroid plexus", "optic nerve", "muscle", "skin", "mucosa", "dura", "artery", "vein", "fresh blood")
_LIKE = {
    **dict.fromkeys(("white matter", "cerebellar white matter", "brain stem", *_SOFT), "white"),
    "cortex": "cortex",
    "cerebellar cortex": "cortex",
    "deep grey": "deep",
    "pallidum": "deep",
}
_MIXED = ("oedema", "old infarct")


def relaxation(tesla: Tensor) -> tuple[Tensor, Tensor]:
    """Return T1 and T2 in ms, `[batch, tissue]` in the order of `TISSUES`, at field strengths `[batch]` of 0.2 to 7 T.

    Fields beyond are taken as the nearest of these.
    """
    return _times("t1", _T1, tesla), _times("t2", _T2, tesla)


def _times(field: str, measured: Mapping[str, tuple[float, ...]], tesla: Tensor) -> Tensor:
    at_reference = torch.from_numpy(tissue_values(field)).to(tesla.device)
    times = at_reference.repeat(len(tesla), 1)
    for name, like in _LIKE.items():
        times[:, TISSUE_INDEX[name]] *= _interpolated(measured[like], tesla)
    fluid, white = TISSUE_INDEX["csf"], TISSUE_INDEX["white matter"]
    before = 1 / at_reference
    for name in _MIXED:
        of_fluid = (before[white] - before[TISSUE_INDEX[name]]) / (before[white] - before[fluid])
        times[:, TISSUE_INDEX[name]] = 1 / (of_fluid / times[:, fluid] + (1 - of_fluid) / times[:, white])
    return times


def _interpolated(factors: tuple[float, ...], tesla: Tensor) -> Tensor:
    """Return the factor at each field, linear between `_FIELDS` where both are logarithms."""
    places = [math.log(field) for field in _FIELDS]
    values = [math.log(factor) for factor in factors]
    result = torch.full_like(tesla, values[0])
    for low, high, start, end in zip(places, places[1:], values, values[1:], strict=False):
        result += (tesla.log().clamp(low, high) - low) * ((end - start) / (high - low))
    return result.exp()
