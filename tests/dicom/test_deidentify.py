"""Identity goes: every byte of what is written is searched for everything that went in."""

import argparse
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, generate_uid

from medgan_viewer.commands import deidentify
from medgan_viewer.core.layers import Layer
from medgan_viewer.dicom import deidentified_files, export
from medgan_viewer.dicom.assemble import load_stack
from medgan_viewer.dicom.confidentiality import ACTIONS
from medgan_viewer.dicom.deidentify import Deidentifier
from medgan_viewer.dicom.index import scan
from medgan_viewer.errors import UsageError
from tests.dicom.export_builder import (
    WEIGHTS,
    consistency_errors,
    dump,
    heat_layer,
    image_layer,
    label_layer,
    opened,
    validator_errors,
    write_source,
)

NAMES = {
    "ISO_IR 100": "Müller^Zoë",
    "ISO_IR 144": "Люкceмбypг^Роза",
    "ISO_IR 192": "김^희중",
    "ISO 2022 IR 6\\ISO 2022 IR 87": "Yamada^Tarou=山田^太郎=やまだ^たろう",
}
# Everything by which the patient, the place or the examination could be found again, but for names and UIDs.
IDENTIFIERS = {
    "PatientID": "KH-778812",
    "OtherPatientNames": "Geheimrat^Zoe",
    "PatientBirthDate": "19500317",
    "PatientAddress": "Lindenweg 12",
    "PatientTelephoneNumbers": "+49 621 555",
    "AccessionNumber": "ACC-99817",
    "StudyID": "ST-4431",
    "StudyDate": "20260102",
    "StudyTime": "101112.314",
    "SeriesDate": "20260103",
    "AcquisitionDateTime": "20260104101113",
    "InstitutionName": "Klinikum Musterstadt",
    "InstitutionAddress": "Ring 7, Musterstadt",
    "ReferringPhysicianName": "Brinkmann^Klaus",
    "OperatorsName": "Oberschwester^Rita",
    "StationName": "MR-KELLER-3",
    "DeviceSerialNumber": "SN0815-4711",
    "StudyDescription": "Knoten bei Frau M",
    "SeriesDescription": "Privatissime",
    "ProtocolName": "Prof-Schmidt-Protokoll",
    "ImageComments": "called Tuesday",
    "AdditionalPatientHistory": "found by her dentist",
    "EthnicGroup": "Sorbisch",
    "PatientAge": "076Y",
    "TimezoneOffsetFromUTC": "+0130",
    "PatientReligiousPreference": "quaker-like",
    "IssuerOfPatientID": "HOSPITAL-A",
}


def _nasty(folder: Path, character_set: str = "ISO_IR 100", *, hidden: bool = True) -> dict[str, list[bytes]]:
    """Write a series full of identity into ``folder``; return what must not come out, by where it stood."""
    name = NAMES[character_set]
    changes = IDENTIFIERS | {"SpecificCharacterSet": character_set.split("\\"), "PatientName": name}
    write_source(folder, modality="MR", shape=(2, 40, 48), changes=changes)
    secrets: dict[str, list[bytes]] = {key: _spellings(value) for key, value in IDENTIFIERS.items()}
    secrets["the name"] = _spellings(name)
    for number, path in enumerate(sorted(folder.glob("*.dcm"))):
        dataset = pydicom.dcmread(path)
        secrets[f"UIDs of {number}"] = [
            str(dataset[keyword].value).encode()
            for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID")
        ]
        if hidden:
            secrets |= _hide_more(dataset, number)
        named = path.with_name(f"{IDENTIFIERS['PatientID']}_{number}.dcm")
        dataset.save_as(named, enforce_file_format=True)
        path.unlink()
        if hidden:
            content = named.read_bytes()
            named.write_bytes(b"PREAMBLE Zoe".ljust(128, b"!") + content[128:])
    secrets |= {"preamble": [b"PREAMBLE"]} if hidden else {}
    return secrets


def _spellings(value: str) -> list[bytes]:
    """Return the parts of a value in every encoding in which they may stand."""
    parts = [part for part in re.split(r"[\^=]", value) if len(part) > 1]
    codecs = ("utf-8", "latin-1", "iso8859_5", "iso2022_jp", "euc_kr", "shift_jis")
    found = []
    for part in parts:
        for codec in codecs:
            try:
                found.append(part.encode(codec))
            except UnicodeEncodeError:
                continue
    return [one for one in set(found) if len(one) > 2]


def _hide_more(dataset: Dataset, number: int) -> dict[str, list[bytes]]:
    """Put identity where only a careful program looks."""
    dataset.file_meta.SourceApplicationEntityTitle = "KELLER_AE"
    private = dataset.private_block(0x0029, "SIEMENS CSA HEADER", create=True)
    private.add_new(0x10, "OB", b"csa says Geheimrat")
    request = Dataset()
    request.RequestedProcedureDescription, request.ScheduledProcedureStepID = "for Dr Brinkmann", "SPS-1"
    dataset.RequestAttributesSequence = [request]
    source = Dataset()
    source.ReferencedSOPClassUID, source.ReferencedSOPInstanceUID = dataset.SOPClassUID, "1.2.276.0.99.88.77"
    source.add_new((0x0029, 0x0010), "LO", "NESTED PRIVATE")
    anatomy = Dataset()
    anatomy.CodeValue, anatomy.CodingSchemeDesignator, anatomy.CodeMeaning = "T-A0100", "SRT", "Brain"
    source.PurposeOfReferenceCodeSequence = [anatomy]
    dataset.SourceImageSequence = [source]
    inner = Dataset()
    inner.PersonName, inner.TextValue, inner.Date = "Verborgen^Vera", "free words of Vera", "20251231"
    dataset.AcquisitionContextSequence = [inner]
    # Not in the table, yet typed by a person: the name of the patient in a sequence's name.
    dataset.SequenceName = "for Geheimrat"
    dataset.add_new((0x5000, 0x3000), "OW", b"curve of Zoe")
    bits = np.zeros(40 * 48 // 8, dtype=np.uint8)
    bits[:12] = np.frombuffer(b"BURNTOVERLAY", np.uint8)
    for element, vr, value in (
        (0x0010, "US", 40),
        (0x0011, "US", 48),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x1500, "LO", "drawn by Klaus"),
        (0x3000, "OW", bits.tobytes()),
    ):
        dataset.add_new((0x6000, element), vr, value)
    dataset.PixelData += b"BEHIND THE PIXELS Zoe."
    dataset.add_new((0xFFFC, 0xFFFC), "OB", b"padding of Zoe" + bytes([number]) + b"\0")
    return {
        "hidden": [
            *(b"KELLER_AE", b"SIEMENS CSA", b"csa says", b"Brinkmann", b"SPS-1", b"1.2.276.0.99", b"NESTED PRIVATE"),
            *(b"Verborgen", b"free words", b"20251231", b"Geheimrat", b"curve of", b"BURNTOVERLAY", b"drawn by"),
            *(b"BEHIND THE", b"padding of"),
        ]
    }


def _everything(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Give every file's name and bytes, once as they are and once in lower case."""
    for path in sorted(folder.rglob("*")):
        yield f"name of {path.name}", str(path.relative_to(folder)).encode()
        if path.is_file():
            yield path.name, path.read_bytes()


def _found(folder: Path, secrets: dict[str, list[bytes]]) -> list[tuple[str, str, bytes]]:
    return [
        (where, what, secret)
        for where, content in _everything(folder)
        for what, spellings in secrets.items()
        for secret in spellings
        if secret in content
    ]


@pytest.mark.parametrize("character_set", NAMES)
@pytest.mark.parametrize("shift_dates", [False, True])
def test_that_no_byte_of_the_output_holds_what_identified_the_input(
    tmp_path: Path, character_set: str, shift_dates: bool
) -> None:
    secrets = _nasty(tmp_path / "in", character_set)
    kept_on_purpose = {"StudyTime"} if shift_dates else set()
    secrets = {what: spellings for what, spellings in secrets.items() if what not in kept_on_purpose}
    # The search itself must be able to find: all of it is in the input.
    assert {what for _, what, _ in _found(tmp_path / "in", secrets)} == set(secrets)
    outcome = deidentified_files.write([tmp_path / "in"], tmp_path / "out", Deidentifier(shift_dates=shift_dates))
    assert len(outcome.paths) == 2
    assert outcome.refused == []
    assert _found(tmp_path / "out", secrets) == []
    text = "".join(dump(path) for path in outcome.paths)
    assert not re.search(r"^\s*\([0-9a-f]{3}[13579bdf],", text, re.MULTILINE), "a private attribute is left"
    assert "(60" not in text.replace("(600", "(60")
    assert "Geheimrat" not in text


def test_that_a_real_study_loses_its_identifiers_and_keeps_voxels_and_places(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "dicom" / "brain_mr_multicontrast"
    outcome = deidentified_files.write([source], tmp_path / "out", Deidentifier())
    before, after = scan([source]), scan([tmp_path / "out"])
    secrets = {}
    for path in sorted(source.rglob("*.dcm"))[:20]:
        dataset = pydicom.dcmread(path, stop_before_pixels=True)
        secrets[path.name] = [
            str(dataset.get(keyword)).encode()
            for keyword in ("PatientName", "PatientID", "StudyInstanceUID", "SOPInstanceUID", "StudyDate", "StudyTime")
            if len(str(dataset.get(keyword) or "")) > 3
        ]
    assert _found(tmp_path / "out", secrets) == []
    assert len(after.studies) == len(before.studies)
    old = {series.number: series for study in before.studies for series in study.series}
    new = {series.number: series for study in after.studies for series in study.series}
    assert old.keys() == new.keys()
    # Contrasts come from a closed list of words, so that models still fit.
    assert {number: series.contrast for number, series in new.items()} == {n: s.contrast for n, s in old.items()}
    for number, series in new.items():
        first, second = load_stack(old[number]), load_stack(series)
        np.testing.assert_array_equal(first.array, second.array)
        np.testing.assert_array_equal(first.origins, second.origins)
    assert len({series.frame_of_reference_uid for series in new.values()}) == len(
        {series.frame_of_reference_uid for series in old.values()}
    )
    assert {series.description for series in new.values()} <= {"T1", "T1+C", "T2", "FLAIR", "PD", "DWI", "ADC", ""}
    assert validator_errors(outcome.paths[:1]) == []


def test_that_uids_stay_consistent_within_one_export_and_differ_between_exports(tmp_path: Path) -> None:
    _nasty(tmp_path / "in", hidden=False)
    datasets = [pydicom.dcmread(path) for path in sorted((tmp_path / "in").glob("*"))]
    one, other = Deidentifier(), Deidentifier()
    first, second = (one.clean(dataset).dataset for dataset in datasets)
    assert first.StudyInstanceUID == second.StudyInstanceUID != datasets[0].StudyInstanceUID
    assert first.SeriesInstanceUID == second.SeriesInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert first.PatientID == second.PatientID
    assert str(first.PatientName) == str(second.PatientName) == first.PatientID.replace("ANON-", "Anonymous^")
    assert other.clean(datasets[0]).dataset.StudyInstanceUID != first.StudyInstanceUID
    assert other.clean(datasets[0]).dataset.PatientID != first.PatientID
    assert first.SOPClassUID == datasets[0].SOPClassUID
    assert all(re.fullmatch(r"2\.25\.[1-9][0-9]{1,38}", str(d.SOPInstanceUID)) for d in (first, second))


def test_that_shifted_dates_keep_their_intervals_and_are_not_the_old_ones(tmp_path: Path) -> None:
    _nasty(tmp_path / "in", hidden=False)
    (path, _) = sorted((tmp_path / "in").glob("*"))
    cleaned = Deidentifier(shift_dates=True).clean(pydicom.dcmread(path)).dataset
    study, series, acquired = (str(cleaned[k].value)[:8] for k in ("StudyDate", "SeriesDate", "AcquisitionDateTime"))
    days = [np.datetime64(f"{day[:4]}-{day[4:6]}-{day[6:]}") for day in (study, series, acquired)]
    assert [int((day - days[0]).astype(int)) for day in days] == [0, 1, 2]
    assert days[0] < np.datetime64("2026-01-02")
    assert cleaned.StudyTime == "101112.314"
    assert not cleaned.PatientBirthDate
    assert cleaned.LongitudinalTemporalInformationModified == "MODIFIED"
    codes = [item.CodeValue for item in cleaned.DeidentificationMethodCodeSequence]
    assert codes[0] == "113100"
    assert "113107" in codes


def test_that_every_action_of_the_table_is_carried_out() -> None:
    from pydicom.datadict import dictionary_VR, tag_for_keyword

    assert len(ACTIONS) == 617
    samples: dict[str, Any] = {"DA": "20260102", "DT": "20260102101010", "TM": "101010", "UI": "1.2.3.4.5", "PN": "A^B"}
    samples |= {"DS": "12.5", "IS": "12", "AS": "044Y", "SQ": [Dataset()]}
    samples |= dict.fromkeys(("FD", "FL", "UL", "US", "SL", "SS"), 77) | dict.fromkeys(("OB", "OW", "UN"), b"ab" * 9)
    for keyword, action in ACTIONS.items():
        dataset = _bare()
        vr = dictionary_VR(keyword).split(" or ")[0]
        before = samples.get(vr, "SECRET")
        tag = tag_for_keyword(keyword)
        assert tag is not None
        dataset.add_new(tag, vr, before)
        if keyword in ("SOPInstanceUID", "PatientID", "PatientName", "SeriesDescription"):
            continue
        cleaned = Deidentifier().clean(dataset).dataset
        if action == "X":
            assert keyword not in cleaned, keyword
        elif action == "Z":
            assert cleaned[keyword].is_empty, keyword
        elif vr != "SQ" and keyword in cleaned:
            assert cleaned[keyword].value != before, keyword


def _bare() -> Dataset:
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.4", generate_uid()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    dataset.Modality, dataset.PatientID = "MR", "P1"
    dataset.Rows = dataset.Columns = 2
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.SamplesPerPixel = 1
    dataset.PixelData = bytes(8)
    dataset["PixelData"].VR = "OW"
    return dataset


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned into its pixels"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7", "Modality": "OT"}, "may have text"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.6.1", "Modality": "US"}, "may have text"),
        ({"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]}, "may have text"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.33"}, "may name the patient"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1"}, "may name the patient"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.11.2"}, "may name the patient"),
    ],
)
def test_that_what_may_show_the_patient_elsewhere_is_left_out(changes: dict[str, Any], says: str) -> None:
    dataset = _bare()
    for keyword, value in changes.items():
        setattr(dataset, keyword, value)
    with pytest.raises(UsageError, match=says):
        Deidentifier().clean(dataset)


def test_that_a_drawing_in_the_unused_bits_of_pixels_is_cleared() -> None:
    dataset = _bare()
    dataset.BitsStored, dataset.HighBit = 12, 11
    dataset.PixelData = np.array([0x8123, 0x0FFF, 0x9000, 0x0001], "<u2").tobytes()
    dataset.add_new((0x6000, 0x0100), "US", 16)
    dataset.add_new((0x6000, 0x0102), "US", 15)
    cleaned = Deidentifier().clean(dataset).dataset
    assert np.frombuffer(cleaned.PixelData, "<u2").tolist() == [0x123, 0xFFF, 0, 1]
    assert not [element for element in cleaned if element.tag.group == 0x6000]


def test_that_comments_go_out_of_compressed_pixels_and_the_image_stays() -> None:
    comment = b"made for Geheimrat Zoe"
    header = b"\xff\x4f\xff\x51" + struct.pack(">H", 4) + b"\0\0"
    stream = header + b"\xff\x64" + struct.pack(">HH", len(comment) + 4, 1) + comment + b"\xff\x90rest of the image"
    dataset = _bare()
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].is_undefined_length = True
    cleaned = Deidentifier().clean(dataset).dataset
    (frame,) = generate_frames(cleaned.PixelData, number_of_frames=1)
    assert frame.rstrip(b"\0") == header + b"\xff\x90rest of the image"
    assert cleaned.file_meta.TransferSyntaxUID == JPEG2000Lossless


def test_that_our_results_lose_the_patient_and_keep_what_says_synthetic(tmp_path: Path) -> None:
    series, stack = opened(write_source(tmp_path / "in" / "source"))
    layers: list[Layer] = [image_layer(series, stack), label_layer(series, stack), heat_layer(series, stack)]
    export.write_dicom(layers, series, stack, tmp_path / "in")
    export.write_slices([1], layers[1:], series, stack, tmp_path / "in", formats=["dicom"])
    outcome = deidentified_files.write([tmp_path / "in"], tmp_path / "out", Deidentifier())
    assert outcome.refused == []
    secrets = {"patient": [b"M\xfcller", b"P-17", b"19500101", b"20260102", "Schädel".encode("latin-1")]}
    secrets["UIDs"] = [series.uid.encode(), series.study_uid.encode()]
    assert _found(tmp_path / "out", secrets) == []
    assert validator_errors(outcome.paths) == []
    assert consistency_errors(outcome.paths) == []
    datasets = [pydicom.dcmread(path) for path in outcome.paths]
    synthetic = next(d for d in datasets if d.get("SyntheticData") == "YES")
    assert synthetic.SeriesDescription == "SYNTHETIC T1 (head-ct-to-mr) RESEARCH"
    assert "Not acquired from the patient" in synthetic.DerivationDescription
    assert synthetic[0x6000, 0x1500].value == "SYNTHETIC - NOT FOR DIAGNOSIS"
    program = synthetic.ContributingEquipmentSequence[1]
    assert program.DeviceSerialNumber == WEIGHTS
    assert WEIGHTS in program.ContributionDescription
    # References still lead from the results to the source.
    sources = {str(d.SOPInstanceUID) for d in datasets if d.Modality == "CT" and "SyntheticData" not in d}
    assert str(synthetic.SourceImageSequence[0].ReferencedSOPInstanceUID) in sources
    catalog = scan([tmp_path / "out"])
    assert [s.synthetic for study in catalog.studies for s in study.series if s.modality == "MR"] == [True]


def test_that_a_stranger_s_synthetic_image_is_still_known_for_one(tmp_path: Path) -> None:
    dataset = _bare()
    dataset.SyntheticData, dataset.SeriesDescription = "YES", "fake of Zoe"
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    cleaned = Deidentifier().clean(dataset).dataset
    assert (cleaned.SyntheticData, cleaned.SeriesDescription) == ("YES", "SYNTHETIC RESEARCH")
    dataset.DerivationDescription = "Simulated from an anatomical model for Zoe"
    del dataset.SyntheticData
    cleaned = Deidentifier().clean(dataset).dataset
    assert cleaned.DerivationDescription == "Simulated from an anatomical model. Not acquired from a patient."
    cleaned.save_as(tmp_path / "one.dcm", enforce_file_format=True)
    (study,) = scan([tmp_path / "one.dcm"]).studies
    assert study.series[0].simulated


def _command(*arguments: str) -> int:
    """Run ``medgan-viewer deidentify``, without the log that the whole program keeps."""
    parser = argparse.ArgumentParser()
    deidentify.add_arguments(parser)
    return deidentify.execute(parser.parse_args(arguments))


def test_that_the_command_previews_without_a_value_and_writes_nothing_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secrets = _nasty(tmp_path / "in")
    (tmp_path / "in" / "notes.txt").write_text("not DICOM")
    assert _command(str(tmp_path / "in"), "--preview") == 1
    said = capsys.readouterr()
    assert "PatientBirthDate: emptied in 2 places" in said.out
    assert "2 objects would be written, 1 left out." in said.out
    assert "notes.txt: This is not a DICOM file" in said.err
    assert not any(one in (said.out + said.err).encode() for what in ("the name", "hidden") for one in secrets[what])
    (tmp_path / "in" / "notes.txt").unlink()
    assert _command(str(tmp_path / "in"), str(tmp_path / "out"), "--json") == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["objects"] == 2
    assert [Path(path).relative_to(tmp_path / "out").as_posix() for path in summary["outputs"]] == [
        "study-1/series-1/00001.dcm",
        "study-1/series-1/00002.dcm",
    ]


def test_that_nothing_is_written_into_the_source_or_beside_other_files(tmp_path: Path) -> None:
    _nasty(tmp_path / "in", hidden=False)
    with pytest.raises(UsageError, match="within each other"):
        deidentified_files.write([tmp_path / "in"], tmp_path / "in" / "out", Deidentifier())
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "other").write_text("x")
    with pytest.raises(UsageError, match="not empty"):
        deidentified_files.write([tmp_path / "in"], tmp_path / "full", Deidentifier())


def test_that_a_damaged_file_and_a_dicomdir_are_left_out_and_the_rest_is_written(tmp_path: Path) -> None:
    _nasty(tmp_path / "in", hidden=False)
    whole = sorted((tmp_path / "in").glob("*"))[0].read_bytes()
    (tmp_path / "in" / "zz-cut.dcm").write_bytes(whole[:200])
    from pydicom.data import get_testdata_file

    dicomdir = get_testdata_file("DICOMDIR")
    assert isinstance(dicomdir, str)
    (tmp_path / "in" / "DICOMDIR").write_bytes(Path(dicomdir).read_bytes())
    outcome = deidentified_files.write([tmp_path / "in"], tmp_path / "out", Deidentifier())
    assert len(outcome.paths) == 2
    assert {refusal.path.name for refusal in outcome.refused} == {"zz-cut.dcm", "DICOMDIR"}


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_that_every_file_of_pydicom_is_cleaned_or_left_out_with_a_sentence(tmp_path: Path) -> None:
    import pydicom.data

    one = pydicom.data.get_testdata_file("CT_small.dcm")
    assert isinstance(one, str)
    source = Path(one).parent
    outcome = deidentified_files.write([source], tmp_path / "out", Deidentifier())
    assert len(outcome.paths) > 50
    assert all(refusal.reason.endswith(".") for refusal in outcome.refused)
    names = {"names": [b"CompressedSamples", b"Lestrade", "Люк".encode("iso8859_5"), b"JFK IMAGING", b"Doe^P"]}
    assert {what for _, what, _ in _found(source, names)} == {"names"}
    assert _found(tmp_path / "out", names) == []
    originals = {
        str(header.get(keyword)).encode()
        for path in source.rglob("*.dcm")
        if (header := _header(path)) is not None
        for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
        if len(str(header.get(keyword) or "")) > 12
    }
    assert _found(tmp_path / "out", {"UIDs": sorted(originals)}) == []


def _header(path: Path) -> Dataset | None:
    try:
        return pydicom.dcmread(path, stop_before_pixels=True)
    except Exception:
        # One of those that are broken on purpose.
        return None


def test_that_attributes_which_must_be_there_are_there_and_empty() -> None:
    cleaned = Deidentifier().clean(_bare()).dataset
    for keyword in ("PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID", "AccessionNumber"):
        assert cleaned[keyword].is_empty
