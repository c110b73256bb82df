"""DICOM's names, dates and ages as people write them. No Qt here."""

from collections.abc import Callable

from medgan_viewer.ui.translation import tr
from medgan_viewer.wording import marked

__all__ = ["age_text", "date_text", "in_english", "person_name"]

_MONTHS = (
    marked("Jan"),
    marked("Feb"),
    marked("Mar"),
    marked("Apr"),
    marked("May"),
    marked("Jun"),
    marked("Jul"),
    marked("Aug"),
    marked("Sep"),
    marked("Oct"),
    marked("Nov"),
    marked("Dec"),
)
#: A date: day, month in letters, year.
_DATE = marked("{0} {1} {2}")
_AGES = {"Y": marked("{0} y"), "M": marked("{0} months"), "W": marked("{0} weeks"), "D": marked("{0} days")}


def in_english(words: str) -> str:
    """Return words as they are: what is written to files is English."""
    return words


def date_text(text: str, say: Callable[[str], str] = tr) -> str:
    """Return a DICOM date as "12 Nov 2026", in the language that ``say`` speaks; anything else as it is."""
    digits = text.replace("-", "")
    if len(digits) != 8 or not digits.isdecimal() or not 1 <= int(digits[4:6]) <= 12:
        return text
    return say(_DATE).format(int(digits[6:]), say(_MONTHS[int(digits[4:6]) - 1]), digits[:4])


def age_text(text: str, say: Callable[[str], str] = tr) -> str:
    """Return a DICOM age such as "061Y" as "61 y", in the language that ``say`` speaks; anything else as it is."""
    number, unit = text[:-1], text[-1:]
    return say(_AGES[unit]).format(int(number)) if number.isdecimal() and unit in _AGES else text


def person_name(text: str) -> str:
    """Return a DICOM person name such as "Roe^Ada^M" as "Roe, Ada M": the family's name, a comma, what else there is.

    Names in several scripts ("Wang^Xiaodong=王^小東") are all there, as DICOM has them.
    """
    written = []
    for group in text.split("="):
        family, _, rest = group.partition("^")
        parts = (family.strip(), " ".join(rest.replace("^", " ").split()))
        written.append(", ".join(part for part in parts if part))
    return "=".join(name for name in written if name)
