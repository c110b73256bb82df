"""What a series shows, as far as its words and times tell: MR contrast and part of the body."""

import re

__all__ = ["body_part", "mr_contrast"]

Times = tuple[float | None, float | None, float | None]

# "T1" also in "T1post" and "T1w", not in "T12" or "CT1".
_T1 = re.compile(r"(?<![A-Z0-9])T1(?![0-9])|MP-?RAGE|SPGR|BRAVO|FSPGR|\bVIBE\b")
_T2_STAR = re.compile(r"(?<![A-Z0-9])T2 ?(\*|STAR)")
_T2 = re.compile(r"(?<![A-Z0-9])T2(?![0-9])")
_PD = re.compile(r"(?<![A-Z])PD(?![A-Z])|PROTON")
_FLAIR = re.compile(r"FLAIR|DARK.?FLUID|TIRM")
_OTHERS = (
    ("ADC", re.compile(r"(?<![A-Z])ADC(?![A-Z])")),
    ("DWI", re.compile(r"(?<![A-Z])DWI(?![A-Z])|DIFF(?:USION)?(?![A-Z])|(?<![A-Z])TRACEW?(?![A-Z])")),
    ("SWI", re.compile(r"(?<![A-Z])SWI(?![A-Z])|SUSCEPT")),
    ("STIR", re.compile(r"(?<![A-Z])STIR(?![A-Z])")),
)
_ENHANCED = re.compile(r"\+ ?C(?![A-Z])|POST(?!ER)|(?<![A-Z])(?:GD|GAD|GADO\w*|CE|KM|C\+)(?![A-Z])")
_MENTIONED = re.compile(r"CONTRAST|ENHANCED")
_PLAIN = re.compile(
    r"(?<![A-Z])(?:PRE(?:REG|CON\w*|GAD\w*|GD)?|W/?O|WITHOUT|NATIVE?|NON|UNENHANCED)(?![A-Z])|NON.?CON|-C(?![A-Z])"
)

_PARTS = (
    ("HEAD", re.compile(r"HEAD|BRAIN|CRANI|SKULL|CEREBR|NEUROCRAN|KOPF|SCH(?:AE|Ä)DEL")),
    ("NECK", re.compile(r"NECK|C-?SPINE|CSPINE")),
    ("CHEST", re.compile(r"CHEST|THORA|LUNG")),
    ("ABDOMEN", re.compile(r"ABDOM|LIVER|KIDNEY|PANCREAS")),
    ("PELVIS", re.compile(r"PELVI|PROSTATE")),
)


def mr_contrast(words: str, agent: str, times: Times) -> str | None:
    """Return "T1", "T1+C", "T2", "T2*", "FLAIR", "PD", "DWI", "ADC", "SWI" or "STIR", None where nothing tells.

    ``words`` are the series' description and protocol, ``agent`` is ContrastBolusAgent, ``times`` are repetition,
    echo and inversion time in ms. The words come first; without a telling word the times decide.
    """
    upper = words.upper().replace("_", " ")
    contrast = _by_words(upper) or _by_times(times)
    if contrast != "T1":
        return contrast
    if _ENHANCED.search(upper):
        return "T1+C"
    # "Without contrast" mentions it too, and scanners name the agent in what was acquired before the injection.
    mentioned = bool(agent) or _MENTIONED.search(upper)
    return "T1+C" if mentioned and not _PLAIN.search(upper) else "T1"


def _by_words(words: str) -> str | None:
    special = next((name for name, pattern in _OTHERS if pattern.search(words)), None)
    if special is not None:
        return special
    if _T2_STAR.search(words):
        return "T2*"
    # "T1 FLAIR" is T1-weighted, "T2 FLAIR" is FLAIR.
    if _T1.search(words):
        return "T1"
    if _FLAIR.search(words):
        return "FLAIR"
    if _T2.search(words):
        return "T2"
    return "PD" if _PD.search(words) else None


def _by_times(times: Times) -> str | None:
    """Return the contrast of a spin echo or inversion recovery whose times leave no doubt."""
    repetition, echo, inversion = times
    if repetition is None or echo is None:
        return None
    if inversion is not None and inversion > 1500 and repetition > 4000 and echo > 60:
        return "FLAIR"
    if (inversion or 0) > 1500:
        return None
    if echo < 30 and 200 < repetition < 1200:
        return "T1"
    if repetition > 2000 and not inversion:
        return "T2" if echo > 60 else "PD" if echo < 40 else None
    return None


def body_part(examined: str, words: str) -> str:
    """Return the part of the body in capitals ("HEAD", "CHEST", …), "" where it is unknown or several are named.

    ``examined`` is BodyPartExamined, which wins; ``words`` are descriptions and protocol.
    """
    named = [part for part, pattern in _PARTS if pattern.search(examined.upper())]
    if examined.strip():
        return named[0] if named else examined.strip().upper()
    found = [part for part, pattern in _PARTS if pattern.search(words.upper())]
    return found[0] if len(found) == 1 else ""
