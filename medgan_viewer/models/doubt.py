"""How sharp a model's pictures can be made, and how far off they may be: the manifest's "controls" and "interval"."""

from dataclasses import dataclass

from medgan_viewer.models.strict_json import InvalidError, Reader

__all__ = ["Bounds", "Interval", "Sharpness", "read_interval", "read_sharpness"]


@dataclass(frozen=True, slots=True)
class Sharpness:
    """How much the adversary may have its say in a run: from 0 (sober, as if there were none) to 1 (sharp).

    ``stops`` are what a reader chooses among, ascending, both ends included; ``default`` is one of them.
    """

    stops: tuple[float, ...]
    default: float


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which channels the truth of output ``channel`` lies; ``margin``, in decoded values, widens both ends."""

    channel: int
    low: int
    high: int
    margin: float


@dataclass(frozen=True, slots=True)
class Interval:
    """How far off a synthetic picture may be, where the network gives quantiles; of a sober run, if it can be sober.

    On another patient of the same kind as those ``calibrated_on``, a share ``level`` of the pixels lies within the
    bounds with a probability of ``promise``.
    """

    level: float
    bounds: tuple[Bounds, ...]
    patients: int
    promise: float
    calibrated_on: str

    def of(self, channel: int) -> Bounds | None:
        """Return the bounds of an output."""
        return next((bounds for bounds in self.bounds if bounds.channel == channel), None)


def read_sharpness(controls: Reader) -> Sharpness | None:
    """Return what "controls" says; None where it names none. Raises InvalidError."""
    unknown = set(controls.keys) - {"sharpness"}
    if unknown:
        raise InvalidError(f'the control "{min(unknown)}" is not known to this program; update the program')
    if not controls.keys:
        return None
    reader = controls.child("sharpness")
    stops, default = reader.numbers("stops"), reader.number("default")
    if list(stops) != sorted(set(stops)) or stops[:1] != (0.0,) or stops[-1:] != (1.0,) or default not in stops:
        raise InvalidError('"controls.sharpness" needs ascending stops from 0 to 1, the default among them')
    return Sharpness(stops, default)


def read_interval(reader: Reader) -> Interval:
    """Return what "interval" says. Raises InvalidError."""
    bounds = tuple(
        Bounds(r.integer("channel", 0), r.integer("low", 0), r.integer("high", 0), r.signed("margin"))
        for r in reader.children("bounds")
    )
    level, promise = reader.number("level"), reader.number("promise")
    if not 0 < level < 1 or not promise < 1:
        raise InvalidError('"interval.level" and "interval.promise" in manifest.json are no shares')
    return Interval(level, bounds, reader.integer("patients", 1), promise, reader.text("calibrated_on"))
