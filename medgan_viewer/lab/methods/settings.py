"""What a recipe's `[method]` may say: one frozen dataclass for each method, every value checked when it is made."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from inspect import signature
from typing import Any

from medgan_viewer.lab.objectives import OBJECTIVES, Objective, objective
from medgan_viewer.lab.stabilisers import AUGMENTATIONS


@dataclass(frozen=True)
class MethodSettings:
    """Fields with defaults; each value must be like its default. Raises TypeError or ValueError with a sentence.

    Defaults are true or false, whole numbers, numbers, text and tuples; no number may be negative. A field with another
    default is the subclass's own affair.
    """

    def __post_init__(self) -> None:
        """Check every value against its default's type; lists become tuples."""
        for entry in fields(self):
            if isinstance(entry.default, (bool, int, float, str, tuple)) and entry.name != "objective":
                object.__setattr__(self, entry.name, _checked(entry.name, getattr(self, entry.name), entry.default))


@dataclass(frozen=True)
class AdversarySettings(MethodSettings):
    """What all methods with an adversary share.

    `objective` is a family's name, a table with `name` and its parameters, or the objective itself. `r1` is γ of the R1
    penalty, taken every `r1_every` steps of the discriminator (0: none). `augment` names augmentations of
    `stabilisers.diffaugment`. `spectral` normalises the discriminator spectrally. `discriminator_steps` 0 means as many
    as the family's paper takes. With an `adversarial_weight` of 0 there is no discriminator: the sober twin.
    """

    objective: str | Mapping[str, Any] | Objective = "lsgan"
    adversarial_weight: float = 1.0
    r1: float = 0.0
    r1_every: int = 16
    augment: tuple[str, ...] = ()
    spectral: bool = False
    discriminator_steps: int = 0

    def __post_init__(self) -> None:
        """Check each value, and make the objective."""
        super().__post_init__()
        object.__setattr__(self, "objective", _chosen(self.objective))
        unknown = sorted(set(self.augment) - set(AUGMENTATIONS))
        if unknown:
            raise ValueError(f"There is no augmentation {unknown[0]}: choose among {', '.join(AUGMENTATIONS)}.")
        if self.r1_every < 1:
            raise ValueError("r1_every must be at least 1.")

    @property
    def family(self) -> Objective:
        """The objective itself."""
        assert isinstance(self.objective, Objective)
        return self.objective


def _chosen(choice: object) -> Objective:
    if isinstance(choice, Objective):
        return choice
    arguments: dict[str, Any] = dict(choice) if isinstance(choice, Mapping) else {"name": choice}
    name = arguments.pop("name", None)
    if name not in [entry.name for entry in OBJECTIVES]:
        known = ", ".join(entry.name for entry in OBJECTIVES)
        raise ValueError(f"There is no objective {name}: choose one of {known}.")
    taken = list(signature({entry.name: entry for entry in OBJECTIVES}[str(name)]).parameters)
    for key in arguments:
        if key not in taken:
            takes = f"it takes {', '.join(taken)}" if taken else "it takes none"
            raise TypeError(f"The objective {name} has no parameter {key}: {takes}.")
    try:
        return objective(name, **arguments)
    except TypeError as error:
        raise TypeError(f"The objective {name} cannot be made with these parameters: {error}.") from error


def _checked(name: str, value: Any, default: Any) -> Any:
    """Return `value` in the type of `default`; lists become tuples and whole numbers become floats where asked for."""
    if isinstance(default, tuple) and isinstance(value, (list, tuple)):
        return tuple(value)
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(default):
        raise TypeError(f"{name} must be like {default!r}, not {value!r}.")
    if isinstance(value, (int, float)) and not value >= 0:
        raise ValueError(f"{name} must not be negative.")
    return value
