"""De-identification by PS3.15's Basic Application Level Confidentiality Profile, attribute by attribute.

What the table does not name is judged by its kind, on the safe side: private and unknown attributes, further attributes
of the patient, free text, names and dates go too. Words that this program wrote into its own objects stay, for
they hold nothing of the patient and say what is synthetic.
"""

import hashlib
import hmac
import re
import secrets
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import medgan_viewer
from medgan_viewer.dicom import deidentify_pixels, deidentify_reports, labels
from medgan_viewer.dicom.confidentiality import ACTIONS, EDITION
from medgan_viewer.dicom.provenance import IMPLEMENTATION_UID, PROGRAM, code
from medgan_viewer.dicom.values import number

if TYPE_CHECKING:
    from pydicom import DataElement, Dataset

__all__ = ["Cleaned", "Deidentifier"]

_STANDARD_UIDS = "1.2.840.10008."
# UIDs that name kinds of things, not things: classes, syntaxes and code lists may also be a manufacturer's.
_KIND_UIDS = re.compile(r"(ClassUID|SyntaxUID|CodingSchemeUID|ContextUID|ResourceUID|ColorPaletteUID)$")
# Groups that speak of the patient, the visit, the request or its reading: all of them goes, listed or not.
_PERSONAL_GROUPS = (0x0010, 0x0032, 0x0038, 0x4008)
_FREE_TEXT = ("ST", "LT", "UT", "UR", "AE", "UN")
_DUMMIES = {
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    "PN": "Anonymous",
    "AS": "000Y",
    "UR": "urn:removed",
    **dict.fromkeys(("AE", "CS", "LO", "LT", "SH", "ST", "UC", "UT"), "REMOVED"),
    **dict.fromkeys(("DS", "IS"), "0"),
    **dict.fromkeys(("FD", "FL", "SL", "SS", "SV", "UL", "US", "UV"), 0),
    **dict.fromkeys(("OB", "OW", "OF", "OD", "OL", "OV", "UN"), b"\0\0\0\0\0\0\0\0"),
}
# Words of this program in its own objects, which name model, settings and what is synthetic.
_OWN_WORDS = {"SeriesDescription", "DerivationDescription", "ContributionDescription", "AlgorithmParameters"}
_OWN_WORDS |= {"DeviceSerialNumber", "ContentDescription", "ContentLabel", "ProtocolName"}
# Text in a report of this program that is no reader's: tracking identifier, name, version, parameters of the algorithm.
_OWN_TEXTS = {"112039", "111001", "111003", "111002"}
# Type 2 attributes of patient and study, empty where even the source lacks them.
_MUST_BE_THERE = (
    *("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"),
    *("AccessionNumber", "ReferringPhysicianName"),
)
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SIMULATED = "Simulated from an anatomical model. Not acquired from a patient."
_SYNTHETIC = "Synthetic image. Not acquired from the patient. For research only, not for diagnosis."
_LONGEST_SHIFT_DAYS = 3650
# Shorter ones occur in words that mean something else.
_SHORTEST_NAME, _SHORTEST_IDENTIFIER = 3, 4
_IDENTIFYING = re.compile(r"(Patient|Institution|Accession|Admission|Physician|Operator|Address|Telephone|Email)")


@dataclass(frozen=True)
class Cleaned:
    """A data set without identity; how often each attribute was removed, emptied or replaced; what to look at."""

    dataset: "Dataset"
    changes: "Counter[tuple[str, str]]"
    notes: tuple[str, ...] = ()


@dataclass
class _Run:
    """What is known while one data set is cleaned."""

    patient: str
    own: bool
    changes: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    # What names the person or the place, in lower case.
    identifiers: set[str] = field(default_factory=set)
    # Items that were cleaned: one that stands in two sequences is replaced once. Kept, so that no other gets its place.
    done: "dict[int, Dataset]" = field(default_factory=dict)


class Deidentifier:
    """Takes identity away, consistently over everything that one instance is given.

    UIDs and pseudonyms are keyed hashes (HMAC-SHA256) of a secret that is kept nowhere: nobody can go back, and what is
    cleaned by another instance does not belong together any more. With ``shift_dates`` dates are moved into the past by
    a number of days that is one patient's own, so that intervals stay (Retain Longitudinal Temporal Information with
    Modified Dates); times of day stay then too.
    """

    def __init__(self, *, shift_dates: bool = False, secret: bytes | None = None) -> None:
        self.shift_dates = shift_dates
        self._secret = secret or secrets.token_bytes(32)

    def uid(self, original: str) -> str:
        """Return the UID in place of another: always the same one, below 2.25, and from it there is no way back."""
        if not original or original.startswith(_STANDARD_UIDS):
            return original
        return f"2.25.{uuid.UUID(bytes=self._hash('uid', original)[:16], version=4).int}"

    def pseudonym(self, dataset: "Dataset") -> str:
        """Return the name and identifier by which one patient's objects still belong together."""
        return f"ANON-{self._hash('patient', _patient_key(dataset))[:5].hex().upper()}"

    def clean(self, dataset: "Dataset") -> Cleaned:
        """Return a cleaned copy; the data set itself is left as it is.

        Raises ``UsageError`` where identity may be left: text burned into pixels, documents, reports by others.
        """
        from copy import deepcopy

        cleaned = deepcopy(dataset)
        notes = deidentify_pixels.check(cleaned)
        own = str(cleaned.get("Manufacturer", "")) == PROGRAM
        run = _Run(_patient_key(cleaned), own, identifiers=set(_identifiers(cleaned)))
        mark, contrast = _mark(cleaned), _contrast(cleaned)
        pseudonym = self.pseudonym(cleaned)
        run.changes.update(deidentify_pixels.clean(cleaned))
        words_of_others = deidentify_reports.is_cleanable(cleaned, own=own)
        if words_of_others:
            run.changes.update(deidentify_reports.clean(cleaned))
        self._clean(cleaned, run, own)
        _wipe(cleaned, run)
        self._state_what_was_done(cleaned, pseudonym)
        if not own:
            _describe(cleaned, mark, contrast)
        if words_of_others:
            deidentify_reports.complete(cleaned)
        self._file_meta(cleaned)
        return Cleaned(cleaned, run.changes, notes)

    # -- attribute by attribute ----------------------------------------------------------------------------------

    def _clean(self, dataset: "Dataset", run: _Run, own: bool) -> None:
        if id(dataset) in run.done:
            return
        run.done[id(dataset)] = dataset
        for tag in list(dataset.keys()):
            if tag.is_private or tag.group in (0x0000, 0x0002) or tag.element == 0:
                name = "private attribute" if tag.is_private else "group length"
                _remove(dataset, tag, run, name)
                continue
            if 0x6000 <= tag.group <= 0x60FF:
                continue
            element = dataset[tag]
            self._treat(dataset, element, run, own)

    def _treat(self, dataset: "Dataset", element: "DataElement", run: _Run, own: bool) -> None:
        name = element.keyword or "unknown attribute"
        match self._action(dataset, element, own):
            case "X":
                _remove(dataset, element.tag, run, name)
            case "Z":
                if not element.is_empty:
                    run.changes[name, "replaced" if name == "PatientName" else "emptied"] += 1
                    element.value = [] if element.VR == "SQ" else None
            case "D":
                if not element.is_empty:
                    run.changes[name, "replaced"] += 1
                    element.value = _DUMMIES.get(element.VR, "")
            case "U":
                run.changes[name, "replaced"] += len(_values(element))
                element.value = _one_or_many([self.uid(str(value)) for value in _values(element)])
            case "C":
                run.changes[name, "date moved"] += len(_values(element))
                element.value = _one_or_many([self._moved(str(value), run) for value in _values(element)])
            case _:
                if element.VR == "SQ":
                    for item in element.value:
                        inner = str(item.get("Manufacturer", "")) == PROGRAM
                        self._clean(item, run, inner if name == "ContributingEquipmentSequence" else own)

    def _action(self, dataset: "Dataset", element: "DataElement", own: bool) -> str:
        """Return X, Z, D, U as in the table, C for a date that is moved, K to keep (a sequence: look into it)."""
        keyword, vr, listed = element.keyword, element.VR, ACTIONS.get(element.keyword, "")
        if not keyword or (own and keyword in _OWN_WORDS and _is_own(element)):
            return "K" if keyword else "X"
        if vr == "SQ":
            return _sequence_action(keyword, listed, element.tag.group)
        if vr in ("DA", "DT") and self.shift_dates and element.tag.group != 0x0010:
            return "C"
        if vr == "TM" and self.shift_dates and listed and element.tag.group != 0x0010:
            return "K"
        if vr == "UI":
            return _uid_action(keyword, listed)
        if keyword == "TextValue":
            return "K" if own and _concept(dataset) in _OWN_TEXTS else "D"
        if listed:
            # Where the object decides, what is always valid: empty, or a dummy where empty may not be enough.
            return "D" if "D" in listed else "Z" if "Z" in listed else listed
        if element.tag.group in _PERSONAL_GROUPS or (vr in _FREE_TEXT and not own):
            return "X"
        return "D" if vr in ("PN", "DA", "DT") else "K"

    def _moved(self, value: str, run: _Run) -> str:
        """Return a date (or date and time) moved by the patient's own number of days; a dummy where it is no date."""
        days = 1 + int.from_bytes(self._hash("days", run.patient)[:4]) % _LONGEST_SHIFT_DAYS
        try:
            day = date(int(value[:4]), int(value[4:6]), int(value[6:8])) - timedelta(days=days)
        except (ValueError, OverflowError):
            return "19000101"
        return f"{day:%Y%m%d}{value[8:]}"

    def _hash(self, kind: str, text: str) -> bytes:
        return hmac.new(self._secret, f"{kind}\0{text}".encode("utf-8", "surrogateescape"), hashlib.sha256).digest()

    # -- what is put in its place --------------------------------------------------------------------------------

    def _state_what_was_done(self, dataset: "Dataset", pseudonym: str) -> None:
        # With a caret: a name without one is in a form that was retired.
        dataset.PatientName, dataset.PatientID = pseudonym.replace("ANON-", "Anonymous^"), pseudonym
        for keyword in _MUST_BE_THERE:
            if keyword not in dataset:
                setattr(dataset, keyword, None)
        dataset.PatientIdentityRemoved = "YES"
        dataset.DeidentificationMethod = f"{PROGRAM} {medgan_viewer.__version__}, PS3.15 {EDITION} Basic Profile"
        # The same for all objects of a study, whichever of them had graphics or descriptions to be cleaned.
        codes = [
            code("113100", "DCM", "Basic Application Confidentiality Profile"),
            code("113103", "DCM", "Clean Graphics Option"),
            code("113104", "DCM", "Clean Structured Content Option"),
            code("113105", "DCM", "Clean Descriptors Option"),
        ]
        if self.shift_dates:
            codes.append(code("113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option"))
        dataset.DeidentificationMethodCodeSequence = codes
        dataset.LongitudinalTemporalInformationModified = "MODIFIED" if self.shift_dates else "REMOVED"

    def _file_meta(self, dataset: "Dataset") -> None:
        """Set file meta information anew, with nothing of the old but the transfer syntax, and no preamble."""
        from pydicom.dataset import FileMetaDataset
        from pydicom.uid import UID, ImplicitVRLittleEndian

        syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", ImplicitVRLittleEndian)
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = syntax
        meta.MediaStorageSOPClassUID = UID(str(dataset.SOPClassUID))
        meta.MediaStorageSOPInstanceUID = UID(str(dataset.SOPInstanceUID))
        meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
        meta.ImplementationVersionName = f"MEDGAN_{medgan_viewer.__version__}"[:16]
        dataset.file_meta = meta
        if hasattr(dataset, "preamble"):
            dataset.preamble = None


def _sequence_action(keyword: str, listed: str, group: int) -> str:
    # A report's content and references to sources are looked into, item by item.
    if keyword == "ContentSequence" or "U*" in listed or listed == "D":
        return "K"
    if "X" in listed and "Z" not in listed:
        return "X"
    if "Z" in listed:
        return "Z"
    return "X" if group in _PERSONAL_GROUPS else "K"


def _uid_action(keyword: str, listed: str) -> str:
    if listed == "X":
        return "X"
    return "K" if not listed and _KIND_UIDS.search(keyword) else "U"


def _is_own(element: "DataElement") -> bool:
    """Whether the words of one of our objects are ours: a serial number there is the weights' SHA-256."""
    return element.keyword != "DeviceSerialNumber" or bool(_SHA256.fullmatch(str(element.value)))


def _concept(item: "Dataset") -> str:
    names = item.get("ConceptNameCodeSequence") or []
    return str(names[0].get("CodeValue", "")) if names else ""


def _remove(dataset: "Dataset", tag: Any, run: _Run, name: str) -> None:
    run.changes[name, "removed"] += 1
    del dataset[tag]


def _values(element: "DataElement") -> list[Any]:
    """Return the values of an element as a list."""
    if element.is_empty:
        return []
    return list(element.value) if element.VM > 1 else [element.value]


def _one_or_many(values: list[str]) -> Any:
    return values if len(values) > 1 else values[0] if values else None


def _patient_key(dataset: "Dataset") -> str:
    """Return what tells one patient from another: the identifier, else name and birth date, else the study."""
    identifier = str(dataset.get("PatientID") or "").strip()
    if identifier:
        return f"{identifier}\0{dataset.get('IssuerOfPatientID') or ''}"
    name = f"{dataset.get('PatientName') or ''}{dataset.get('PatientBirthDate') or ''}"
    return name or str(dataset.get("StudyInstanceUID") or "")


def _mark(dataset: "Dataset") -> str:
    """Return the sentence by which something synthetic or simulated is still known once its own words are gone."""
    if "simulated from an anatomical model" in str(dataset.get("DerivationDescription") or "").lower():
        return _SIMULATED
    types = [str(value).upper() for value in dataset.get("ImageType") or []]
    synthetic = str(dataset.get("SyntheticData") or "").upper() == "YES" or "SYNTHETIC" in types
    return _SYNTHETIC if synthetic else ""


def _contrast(dataset: "Dataset") -> str:
    """Return the MR contrast, a word of a closed list, that description and acquisition tell; "" where none does."""
    if dataset.get("Modality") != "MR":
        return ""
    words = f"{dataset.get('SeriesDescription') or ''} {dataset.get('ProtocolName') or ''}"
    times = [number(dataset, name) for name in ("RepetitionTime", "EchoTime", "InversionTime")]
    agent = str(dataset.get("ContrastBolusAgent") or "")
    return labels.mr_contrast(words, agent, (times[0], times[1], times[2])) or ""


def _describe(dataset: "Dataset", mark: str, contrast: str) -> None:
    """Put words of this program where those of somebody else stood: what is synthetic, and the contrast."""
    if contrast:
        dataset.SeriesDescription = contrast
    if mark:
        dataset.DerivationDescription = mark
        dataset.SeriesDescription = f"SYNTHETIC {contrast} RESEARCH".replace("  ", " ")
    if mark == _SYNTHETIC:
        dataset.SyntheticData = "YES"


def _elements(dataset: "Dataset") -> "Iterator[tuple[Dataset, DataElement]]":
    """Give every element of a data set and of its items, pixel data and private ones apart."""
    for tag in list(dataset.keys()):
        if tag.is_private or tag.group == 0x7FE0:
            continue
        element = dataset[tag]
        yield dataset, element
        if element.VR == "SQ":
            for item in element.value:
                yield from _elements(item)


def _identifiers(dataset: "Dataset") -> Iterator[str]:
    """Give every word that names the person or the place, in lower case."""
    for _, element in _elements(dataset):
        if element.VR == "PN":
            for value in _values(element):
                words = re.split(r"[\^=\s,.]+", str(value).lower())
                yield from (word for word in words if len(word) >= _SHORTEST_NAME)
        elif element.VR in ("LO", "SH", "ST", "LT") and _IDENTIFYING.search(element.keyword):
            for value in _values(element):
                if len(word := str(value).strip().lower()) >= _SHORTEST_IDENTIFIER:
                    yield word


def _wipe(dataset: "Dataset", run: _Run) -> None:
    """Empty what kept text still holds one of the identifiers, wherever somebody may have typed it."""
    if not run.identifiers:
        return
    found = re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(run.identifiers)))})(?!\w)")
    for holder, element in list(_elements(dataset)):
        if element.VR in ("LO", "SH", "ST", "LT", "UT", "UC", "PN") and found.search(str(element.value).lower()):
            run.changes[element.keyword, "emptied"] += 1
            holder[element.tag].value = None
