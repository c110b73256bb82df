"""What other programs wrote about a study: of measurements and drawings no word comes out, of all else nothing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from medgan_viewer.core import findings
from medgan_viewer.core.display import Window
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import Judgement, LabelLayer
from medgan_viewer.dicom import deidentified_files, deidentify_reports
from medgan_viewer.dicom.assemble import load_stack
from medgan_viewer.dicom.deidentify import Deidentifier
from medgan_viewer.dicom.export import ResultSet
from medgan_viewer.dicom.index import scan
from medgan_viewer.dicom.read_results import open_result
from tests.dicom.export_builder import heat_layer, opened, validator_errors, write_source
from tests.dicom.test_out_read_back import presentation_state

# Whatever a reader typed, and who that was.
SECRETS = (b"Reader^One", b"of Frau Geheimrat", b"see here", b"dictated by Dr Brinkmann", b"20251224", b"Zo\xc3\xab")


def report(images: list[Dataset], folder: Path) -> None:
    """Write a measurement report (TID 1500) with a person, a name in its words, and a date."""
    sr = highdicom.sr
    place = sr.SourceImageForRegion(images[2].SOPClassUID, images[2].SOPInstanceUID)
    group = sr.PlanarROIMeasurementsAndQualitativeEvaluations(
        tracking_identifier=sr.TrackingIdentifier(generate_uid(), "Lesion of Frau Geheimrat"),
        referenced_region=sr.ImageRegion("CIRCLE", np.array([[20.5, 15.5], [24.5, 15.5]]), place),
        finding_type=codes.SCT.Neoplasm,
        measurements=[sr.Measurement(codes.SCT.Diameter, 12.5, codes.UCUM.Millimeter)],
    )
    person = sr.PersonObserverIdentifyingAttributes(name="Reader^One")
    content = sr.MeasurementReport(
        observation_context=sr.ObservationContext(sr.ObserverContext(codes.DCM.Person, person)),
        procedure_reported=codes.LN.CTUnspecifiedBodyRegion,
        imaging_measurements=[group],
    )
    made = sr.ComprehensiveSR(
        evidence=images,
        content=content[0],
        manufacturer="Another Works",
        series_instance_uid=generate_uid(),
        series_number=7,
        sop_instance_uid=generate_uid(),
        instance_number=1,
    )
    made.ContentDate = "20251224"
    made.save_as(folder / "report.dcm")


def document(images: list[Dataset], folder: Path) -> None:
    """Write a report in plain words (Basic Text SR), as a dictation system does."""
    _bare(images[0], folder / "text.dcm", "1.2.840.10008.5.1.4.1.1.88.11", "SR", "dictated by Dr Brinkmann")


def key_objects(images: list[Dataset], folder: Path) -> None:
    """Write a list of key images with a remark."""
    _bare(images[0], folder / "keys.dcm", "1.2.840.10008.5.1.4.1.1.88.59", "KO", "dictated by Dr Brinkmann")


def other_report(images: list[Dataset], folder: Path) -> None:
    """Write a structured report of another form."""
    _bare(images[0], folder / "dose.dcm", "1.2.840.10008.5.1.4.1.1.88.33", "SR", "dictated by Dr Brinkmann")


def drawing(images: list[Dataset], folder: Path) -> None:
    """Write a presentation state with a text on the image."""
    del images
    series, _ = opened(folder / "source")
    presentation_state(series, folder)


def _bare(image: Dataset, path: Path, sop_class: str, modality: str, words: str) -> None:
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    for keyword in ("SpecificCharacterSet", "PatientName", "PatientID", "StudyInstanceUID"):
        made.add(image[keyword])
    made.SOPClassUID, made.SOPInstanceUID, made.SeriesInstanceUID = sop_class, generate_uid(), generate_uid()
    made.Modality, made.ContentDate = modality, "20251224"
    item = Dataset()
    item.ValueType, item.TextValue, item.PersonName = "TEXT", words, "Reader^One"
    made.ContentSequence = [item]
    made.save_as(path, enforce_file_format=True)


def source(folder: Path) -> list[Dataset]:
    write_source(folder / "source", changes={"PatientName": "Zoë^A", "SpecificCharacterSet": "ISO_IR 192"})
    return [pydicom.dcmread(path) for path in sorted((folder / "source").glob("*.dcm"))]


def contents(folder: Path) -> bytes:
    return b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.mark.parametrize("write", [document, key_objects, other_report])
@pytest.mark.parametrize("shift_dates", [False, True])
def test_that_documents_of_others_are_named_and_no_byte_of_them_comes_out(
    tmp_path: Path, write: Callable[[list[Dataset], Path], None], shift_dates: bool
) -> None:
    images = source(tmp_path / "in")
    write(images, tmp_path / "in")
    before = contents(tmp_path / "in")
    held = [secret for secret in SECRETS if secret in before]
    assert len(held) >= 2
    expected = deidentified_files.preview([tmp_path / "in"], Deidentifier(shift_dates=shift_dates))
    outcome = deidentified_files.write([tmp_path / "in"], tmp_path / "out", Deidentifier(shift_dates=shift_dates))
    assert len(outcome.paths) == expected.objects == len(images)
    for refused in (expected.refused, outcome.refused):
        (refusal,) = refused
        assert refusal.path.parent == tmp_path / "in"
        assert refusal.reason.endswith("may name the patient anywhere in its content; it is left out.")
        assert not any(secret in refusal.reason.encode() for secret in SECRETS)
    after = contents(tmp_path / "out")
    assert [secret for secret in held if secret in after] == []
    assert not any(secret.decode() in line for secret in SECRETS for line in (*outcome.lines(), *outcome.notes))


@pytest.mark.parametrize("shift_dates", [False, True])
def test_that_another_program_s_measurements_go_on_without_a_word(tmp_path: Path, shift_dates: bool) -> None:
    images = source(tmp_path / "in")
    report(images, tmp_path / "in")
    path = tmp_path / "in" / "report.dcm"
    dataset = pydicom.dcmread(path)
    # Where else words, people and the patient's own figures stand in such a report.
    verified, name = Dataset(), Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "1", "99HOME", "dictated by Dr Brinkmann"
    verified.VerifyingObserverName, verified.VerifyingOrganization = "Reader^One", "Haus Brinkmann"
    verified.VerificationDateTime = "20251224101010"
    dataset.VerifyingObserverSequence, dataset.VerificationFlag = [verified], "VERIFIED"
    measurements = next(i for i in dataset.ContentSequence if i.get("ConceptNameCodeSequence")[0].CodeValue == "126010")
    group = measurements.ContentSequence[0]
    for kind, more in (
        ("TEXT", {"TextValue": "see here, dictated by Dr Brinkmann"}),
        ("PNAME", {"PersonName": "Reader^One"}),
        ("DATE", {"Date": "20251224"}),
        ("CODE", {"ConceptCodeSequence": [name]}),
        ("NUM", {"ConceptNameCodeSequence": [_age()]}),
    ):
        item = Dataset()
        item.ValueType, item.RelationshipType = kind, "CONTAINS"
        for keyword, value in more.items():
            setattr(item, keyword, value)
        group.ContentSequence.append(item)
    dataset.save_as(path)
    held = [secret for secret in SECRETS if secret in contents(tmp_path / "in")]
    assert held == list(SECRETS)
    deidentifier = Deidentifier(shift_dates=shift_dates)
    assert deidentified_files.preview([tmp_path / "in"], deidentifier).refused == []
    outcome = deidentified_files.write([tmp_path / "in"], tmp_path / "out", deidentifier)
    assert outcome.refused == []
    assert deidentify_reports.NOTE in outcome.notes
    assert any(line.startswith("ContentSequence item: removed in ") for line in outcome.lines())
    after = contents(tmp_path / "out")
    assert [secret for secret in (*held, b"Brinkmann", b"99HOME", b"Subject Age") if secret in after] == []
    (cleaned,) = [path for path in outcome.paths if pydicom.dcmread(path).Modality == "SR"]
    assert validator_errors([cleaned]) == []
    # What was measured is still there, at the same place of the same image.
    catalog = scan([tmp_path / "out"])
    series, stack = catalog.studies[0].series[0], load_stack(catalog.studies[0].series[0])
    back = open_result(catalog.results[0], series, stack)
    (finding,) = back.findings
    assert finding.measures == {"81827009": 12.5}
    (layer,) = back.layers
    assert isinstance(layer, LabelLayer)
    rows, columns = np.nonzero(layer.volume.array[2])
    assert (rows.mean(), columns.mean()) == pytest.approx((15, 20), abs=0.3)


def _age() -> Dataset:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "121033", "DCM", "Subject Age"
    return code


@pytest.mark.parametrize("shift_dates", [False, True])
def test_that_another_program_s_drawings_go_on_without_a_word(tmp_path: Path, shift_dates: bool) -> None:
    source(tmp_path / "in")
    series, _ = opened(tmp_path / "in" / "source")

    def scribbled(state: Dataset) -> None:
        annotation = state.GraphicAnnotationSequence[0]
        annotation.GraphicLayer = "BRINKMANN"
        layer, writing = Dataset(), Dataset()
        layer.GraphicLayer, layer.GraphicLayerDescription = "BRINKMANN", "dictated by Dr Brinkmann"
        layer.GraphicLayerOrder = 1
        state.GraphicLayerSequence = [layer]
        writing.GraphicAnnotationUnits, writing.GraphicType, writing.GraphicFilled = "PIXEL", "POLYLINE", "N"
        writing.GraphicDimensions, writing.NumberOfGraphicPoints = 2, 40
        writing.GraphicData = [float(n) for n in range(80)]
        annotation.GraphicObjectSequence.append(writing)
        state.ContentDescription, state.ContentCreatorName = "of Frau Geheimrat", "Reader^One"
        state.PresentationCreationDate, state.PresentationCreationTime = "20251224", "101112"
        state.SoftcopyVOILUTSequence[0].WindowCenterWidthExplanation = "of Frau Geheimrat"

    presentation_state(series, tmp_path / "in", scribbled)
    held = [secret for secret in SECRETS if secret in contents(tmp_path / "in")]
    assert held == list(SECRETS)
    outcome = deidentified_files.write([tmp_path / "in"], tmp_path / "out", Deidentifier(shift_dates=shift_dates))
    assert outcome.refused == []
    assert {"TextObjectSequence: removed in 2 places", "GraphicObjectSequence: removed in 1 place"} <= set(
        outcome.lines()
    )
    after = contents(tmp_path / "out")
    assert [secret for secret in (*held, b"BRINKMANN", b"REMARKS", b"on the screen") if secret in after] == []
    catalog = scan([tmp_path / "out"])
    series = catalog.studies[0].series[0]
    back = open_result(catalog.results[0], series, load_stack(series))
    (layer,) = back.layers
    assert isinstance(layer, LabelLayer)
    assert [segment.name for segment in layer.segments] == ["Drawing"]
    assert layer.remarks == ()
    assert back.window == Window(80, 40, "LINEAR")
    state = pydicom.dcmread(catalog.results[0].path)
    assert state.GraphicLayerSequence[0].GraphicLayer == state.GraphicAnnotationSequence[0].GraphicLayer == "LAYER1"
    assert (state.ContentLabel, state.PresentationCreationDate) != ("REMARKS", "20251224")


def test_that_a_drawing_that_claims_to_be_ours_is_cleaned_all_the_same(tmp_path: Path) -> None:
    source(tmp_path / "in")
    series, _ = opened(tmp_path / "in" / "source")
    presentation_state(series, tmp_path / "in", lambda state: setattr(state, "Manufacturer", "MedGAN Viewer"))
    outcome = deidentified_files.write([tmp_path / "in"], tmp_path / "out", Deidentifier())
    assert outcome.refused == []
    assert b"see here" not in contents(tmp_path / "out")


def test_that_our_own_report_goes_on_without_the_reader_s_words(tmp_path: Path) -> None:
    source(tmp_path / "in")
    series, stack = opened(tmp_path / "in" / "source")
    heat = replace(heat_layer(series, stack), uid="heat", threshold=0.6)
    (finding,) = findings.find(heat)
    said = Judgement(finding, "rejected", datetime(2025, 12, 24, tzinfo=UTC), 0.6, "of Frau Geheimrat, see here")
    results = ResultSet(series, stack, tmp_path / "in")
    results.write_layers([heat])
    results.write_readings([Reading(heat, (finding,), (said,))])
    # Somebody looked at it, said so, and sent it back.
    (path,) = [p for p in (tmp_path / "in").rglob("*.dcm") if pydicom.dcmread(p).Modality == "SR"]
    dataset = pydicom.dcmread(path)
    observer, extra = Dataset(), Dataset()
    observer.VerifyingObserverName, observer.VerifyingOrganization = "Reader^One", "dictated by Dr Brinkmann"
    observer.VerificationDateTime = "20251224101010"
    dataset.VerifyingObserverSequence = [observer]
    extra.RelationshipType, extra.ValueType, extra.PersonName = "HAS OBS CONTEXT", "PNAME", "Reader^One"
    dataset.ContentSequence.append(extra)
    dataset.save_as(path)
    held = [secret for secret in SECRETS if secret in contents(tmp_path / "in")]
    assert held == list(SECRETS)
    outcome = deidentified_files.write([tmp_path / "in"], tmp_path / "out", Deidentifier())
    # The lists beside it are no DICOM.
    assert {refusal.path.suffix for refusal in outcome.refused} == {".csv", ".json"}
    after = contents(tmp_path / "out")
    assert [secret for secret in held if secret in after] == []
    kept = [pydicom.dcmread(p) for p in outcome.paths]
    (report_back,) = [one for one in kept if one.Modality == "SR"]
    assert "Saliency" in str(report_back)
    assert "rejected" in str(report_back)
