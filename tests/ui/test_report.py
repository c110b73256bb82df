"""The report on paper: what it says of a study, its marks on every page, and nobody's name where that goes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from medgan_viewer.core.catalog import Patient
from medgan_viewer.core.display import Window
from medgan_viewer.core.document import OpenSeries
from medgan_viewer.core.findings import Reading
from medgan_viewer.core.layers import Finding, HeatLayer, Judgement, Layer
from medgan_viewer.core.measure.annotation import Annotation
from medgan_viewer.core.measure.keeping import study_key
from medgan_viewer.core.measure.listing import Listed, listed
from medgan_viewer.core.measure.picture import slice_of
from medgan_viewer.dicom.deidentify import Deidentifier
from medgan_viewer.dicom.mark import SYNTHETIC_COLOUR
from medgan_viewer.errors import WriteError
from medgan_viewer.models import registry
from medgan_viewer.ui.dialogs.report_preview import ReportPreview, page_image
from medgan_viewer.ui.report import paper
from medgan_viewer.ui.report.content import MARK, Part, ReportContent, ReportOrder, Slices
from medgan_viewer.ui.report.flow import MM, font
from medgan_viewer.ui.report.gather import MOST_PICTURES, gather
from medgan_viewer.ui.report.paper import Paper
from medgan_viewer.ui.theme import LIGHT
from tests.dicom.export_builder import opened, write_source
from tests.ui import pdf_text
from tests.ui import view_fixtures as fixtures

JOINED = MARK.replace(" ", "")
WHO = Patient("Quixote^Dulcinea", "QX-4711", "19640302", "F", "061Y")
SAID = "as in the report of Doctor Panza"


@pytest.fixture
def scan(qapp: object) -> OpenSeries:
    """Return a series of somebody whose name stands nowhere else."""
    return fixtures.opened_series("ct", fixtures.stack_of(fixtures.ball()), patient=WHO, format="nifti")


def findings(heat: HeatLayer, first: Finding, count: int) -> tuple[Finding, ...]:
    """Return so many findings, one a slice, from the hottest to the coolest."""
    made = []
    for number in range(count):
        _, row, column = first.index
        index = (number % 20, row, column + number // 20)
        x, y, z = heat.volume.point(index)
        one = replace(first, number=number + 1, index=index, point=(float(x), float(y), float(z)))
        made.append(replace(one, score=0.95 - 0.01 * number, millilitres=9.0 - 0.1 * number))
    return tuple(made)


def order(scan: OpenSeries, count: int = 3, *further: Layer) -> ReportOrder:
    """Return a report on a synthetic image, a segmentation and a heat map of which the first finding was accepted."""
    heat, first = fixtures.heat_layer(scan)
    found = findings(heat, replace(first, false_alarm_rate=0.04), count)
    judged = (
        Judgement(found[0], "accepted", datetime(2026, 11, 21, tzinfo=UTC), 0.5, SAID),
        Judgement(found[1], "rejected", datetime(2026, 11, 21, tzinfo=UTC), 0.5),
    )
    layers = (fixtures.image_layer(scan), fixtures.label_layer(scan), heat, *further)
    return ReportOrder((Part(scan, layers, (Reading(heat, found, judged),), Window(80, 40)),))


def measured(scan: OpenSeries) -> tuple[Listed, ...]:
    """Return a distance of 30 mm that somebody gave a name."""
    line = Annotation(
        "a",
        "distance",
        study_key(scan.study),
        "ct",
        ((-15.0, 0.0, 1.5), (15.0, 0.0, 1.5)),
        (0.0, 0.0, 1.0),
        name="Mrs Q",
    )
    return tuple(listed(fixtures.document_with(scan), [line]))


def cells(content: ReportContent, heading: str) -> tuple[tuple[str, ...], ...]:
    (table,) = [one for one in content.tables if one.heading.startswith(heading)]
    return table.rows


def is_drawn(content: ReportContent) -> list[bool]:
    """Return of which pictures something is drawn in the colour of annotations."""
    cyan = np.array([88, 211, 240], dtype=np.uint8)
    return [bool((picture.pixels == cyan).all(axis=-1).any()) for picture in content.pictures]


def test_what_was_drawn_on_a_slice_is_in_its_picture(scan: OpenSeries) -> None:
    line = measured(scan)[0].annotation
    part = Part(scan, (), (), Window(80, 40), Slices((3,)), (line,))
    content = gather(ReportOrder((part,)))
    index = slice_of(line, scan)
    assert index is not None
    captions = [picture.caption for picture in content.pictures]
    assert captions == ["original · slice 4 of 20", f"original · slice {index + 1} of 20 · measured"]
    assert is_drawn(content) == [False, True]
    chosen = replace(part, chosen=Slices((index,)))
    assert is_drawn(gather(ReportOrder((chosen,)))) == [True]
    assert not any(is_drawn(gather(ReportOrder((replace(part, annotations=()),)))))


def test_a_measurement_on_a_synthetic_image_is_drawn_on_that_and_says_so(scan: OpenSeries) -> None:
    image = fixtures.image_layer(scan)
    line = replace(measured(scan)[0].annotation, layer_uid=image.uid, layer_name=image.name)
    part = Part(scan, (image,), (), Window(80, 40), Slices(), (line,))
    content = gather(ReportOrder((part,)))
    (picture,) = [one for one in content.pictures if one.caption.endswith("measured")]
    assert picture.caption.startswith(image.name)
    violet = (picture.pixels == np.array(SYNTHETIC_COLOUR, dtype=np.uint8)).all(axis=-1)
    # Inside the border and below the strip with the mark: the word and the number of the synthetic image.
    assert violet[60:-60, 60:-60].sum() > 30


def test_typed_words_are_not_drawn_where_the_identity_goes(scan: OpenSeries) -> None:
    text = replace(measured(scan)[0].annotation, kind="text", points=((0.0, 0.0, 1.5),), text="Mrs Q")
    part = Part(scan, (), (), Window(80, 40), Slices((slice_of(text, scan) or 0,)), (text,))
    assert is_drawn(gather(ReportOrder((part,)))) == [True]
    assert is_drawn(gather(ReportOrder((part,)), Deidentifier())) == [False]


def test_it_says_who_what_was_found_how_large_it_is_and_what_was_said_of_it(scan: OpenSeries) -> None:
    content = gather(replace(order(scan), measurements=measured(scan)))
    assert dict(content.who) == {
        "Patient": "Quixote, Dulcinea",
        "Identifier": "QX-4711",
        "Born · sex · age": "2 Mar 1964 · F · 61 y",
        "Study date": "12 Nov 2026",
        "Study": "Head CT",
        "Accession": "A-17",
        "Institution": "Hospital of the Test Suite",
        "Series": "series 2 · Axial head · CT · 20 slices",
    }
    assert cells(content, "Findings") == (
        ("1", "1", "9.0 ml", "0.95", "4 % of the healthy", "accepted", SAID),
        ("2", "2", "8.9 ml", "0.94", "4 % of the healthy", "rejected", ""),
        ("3", "3", "8.8 ml", "0.93", "4 % of the healthy", "open", ""),
    )
    # Counted here by themselves: 9 µl a voxel.
    volume = scan.volume().array
    core, mantle = ((volume == 5).sum() * 0.009, (volume == 40).sum() * 0.009)
    assert cells(content, "Volumes") == (("Core", f"{core:.1f} ml"), ("Mantle", f"{mantle:.1f} ml"))
    ((name, size, where),) = cells(content, "Measurements")
    assert (name, size) == ("Mrs Q", "30.0 mm")
    assert "slice" in where
    # What no model was installed of says so, in place of numbers of another model.
    lines = dict(content.models[0].lines)
    assert (lines["Weights, SHA-256"], lines["Licence"]) == ("ab" * 32, "CC0")
    assert "not installed here" in lines["Evaluation"]


def test_the_facts_of_an_installed_model_are_those_of_its_card(scan: OpenSeries) -> None:
    packages = {package.id: package.manifest for package in registry.scan()[0]}
    if "head-ct-to-mr" not in packages:
        pytest.skip("no model is bundled here")
    manifest = packages["head-ct-to-mr"]
    made = replace(fixtures.provenance(manifest.name), model_id=manifest.id, weights_sha256=manifest.weights_sha256)
    part = Part(scan, (fixtures.image_layer(scan, provenance=made),), (), Window(80, 40))
    (facts,) = gather(ReportOrder((part,))).models
    assert facts.numbers is not None
    first = manifest.evaluation.rows[0]
    assert facts.numbers.rows[0][:3] == (
        first["setting"],
        f"{first['metric']} ({first['unit']})",
        f"{first['model']:.3g}",
    )
    # A model that was changed since has other numbers, which are not this result's.
    other = replace(made, weights_sha256="cd" * 32)
    part = Part(scan, (fixtures.image_layer(scan, provenance=other),), (), Window(80, 40))
    assert gather(ReportOrder((part,))).models[0].numbers is None


def test_an_input_check_that_was_overridden_is_among_the_facts(scan: OpenSeries) -> None:
    image = fixtures.image_layer(scan)
    despite = image.changed(uid="despite", provenance=image.provenance.despite(("It looks like no head.",)))
    first, second = gather(ReportOrder((Part(scan, (image, despite), (), Window(80, 40)),))).models
    assert "Input check" not in dict(first.lines)
    assert "It looks like no head." in dict(second.lines)["Input check"]


def test_what_was_told_of_an_input_is_among_the_facts(scan: OpenSeries) -> None:
    image = fixtures.image_layer(scan)
    made = replace(image.provenance, settings=(("note", "One slice seems to show metal."),))
    (facts,) = gather(ReportOrder((Part(scan, (image.changed(provenance=made),), (), Window(80, 40)),))).models
    assert dict(facts.lines)["Note"] == "One slice seems to show metal."


def test_key_images_are_of_accepted_findings_first_and_of_rejected_ones_never(scan: OpenSeries) -> None:
    content = gather(order(scan, 9))
    captions = [picture.caption for picture in content.pictures]
    assert captions[:4] == [
        "Anomaly · slice 1 of 20 · finding 1",
        "Anomaly · slice 3 of 20 · finding 3",
        "Anomaly · slice 4 of 20 · finding 4",
        "Anomaly · slice 5 of 20 · finding 5",
    ]
    assert captions[4:] == ["Synthetic T1 · slice 11 of 20", "Anatomy · slice 11 of 20"]


def test_a_picture_shows_the_verdicts_and_its_marks_stand_below_it_large_enough_to_be_read(scan: OpenSeries) -> None:
    part = order(scan).parts[0]
    reading = part.readings[0]
    middle = sum(reading.findings[1].bounds[0]) // 2
    chosen = Slices((middle,), Window(80, 40), (reading.layer,))
    picture = gather(ReportOrder((replace(part, chosen=chosen),))).pictures[0]
    assert picture.marks == ("AI heat map · Head anomaly · research only, not for diagnosis",)
    grey = (picture.pixels == np.array([170, 170, 170], dtype=np.uint8)).all(axis=-1)
    assert grey.sum() > 100
    # In points, of 1/72 of an inch.
    assert font("small").pixelSize() / MM / 25.4 * 72 >= 8


def test_a_slice_that_was_chosen_comes_first_and_too_many_are_counted(scan: OpenSeries) -> None:
    whole = order(scan)
    image = fixtures.image_layer(scan)
    part = replace(whole.parts[0], chosen=Slices(tuple(range(14)), Window(*image.window), (), image))
    content = gather(ReportOrder((part,)))
    assert len(content.pictures) == MOST_PICTURES
    assert content.pictures[0].caption == "Synthetic T1 · slice 1 of 20"
    assert any("further pictures would not fit" in note for note in content.notes)


def violet(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], colour: tuple[int, int, int]) -> int:
    return int((np.abs(pixels.astype(int) - np.array(colour)).max(axis=-1) < 30).sum())


def test_pictures_of_synthetic_pixels_bear_their_mark_on_the_paper_too(scan: OpenSeries) -> None:
    content = gather(order(scan))
    synthetic = [picture for picture in content.pictures if "Synthetic T1" in picture.caption]
    assert all(violet(picture.pixels, SYNTHETIC_COLOUR) > 1000 for picture in synthetic)
    shown = Paper(replace(content, pictures=tuple(synthetic)))
    page = fixtures.pixels(page_image(shown, 0, 1200))
    # On white paper: the frame around the picture, besides the bar at the bottom, which is of another violet.
    assert violet(page, SYNTHETIC_COLOUR) > 500
    rgb = tuple(int(LIGHT.synthetic[i : i + 2], 16) for i in (1, 3, 5))
    assert violet(page, (rgb[0], rgb[1], rgb[2])) > 10_000


@pytest.mark.parametrize("count", [2, 45])
def test_every_page_of_the_file_says_synthetic_and_not_for_diagnosis(
    scan: OpenSeries, tmp_path: Path, count: int
) -> None:
    path = paper.write(gather(order(scan, count)), tmp_path / "synthetic_report.pdf")
    pages = pdf_text.words(path)
    assert len(pages) >= 2
    for number, page in enumerate(pages, start=1):
        assert page.count(JOINED) == 1
        assert page.endswith(f"Page{number}of{len(pages)}")
    whole = "".join(pages)
    assert "Quixote,Dulcinea" in pages[0]
    assert SAID.replace(" ", "") in whole
    # No row is lost where a table goes on, and the head of the table is there again.
    assert all(f"{9.0 - 0.1 * number:.1f}ml{0.95 - 0.01 * number:.2f}4%" in whole for number in range(count))
    head = "#SliceSizeScoreFalsealarmsVerdictNote"
    assert sum(head in page for page in pages) == sum("4%ofthehealthy" in page for page in pages)
    assert MARK.encode("utf-16-be") in path.read_bytes().replace(b"\\\\", b"\\")


def test_without_identity_nothing_of_the_patient_or_of_the_reader_is_in_the_file(
    scan: OpenSeries, tmp_path: Path
) -> None:
    others = fixtures.label_layer(scan, uid="others", name="Outline of Quixote")
    others = others.changed(provenance=replace(others.provenance, weights_sha256="", model_name="Rozinante's Quixote"))
    asked = replace(order(scan, 3, others), measurements=measured(scan))
    content = gather(asked, Deidentifier())
    assert content.who[0] == ("Patient", "De-identified")
    assert cells(content, "Measurements")[0][:2] == ("Distance 1", "30.0 mm")
    assert all("Outline" not in picture.caption for picture in content.pictures)
    path = paper.write(content, tmp_path / "synthetic_report.pdf")
    searched = pdf_text.contents(path).lower()
    text = "".join(pdf_text.words(path)).lower()
    assert "de-identified" in text
    personal = (
        *("Quixote", "Dulcinea", "QX-4711", "1964", "12Nov2026", "20261112"),
        *("A-17", "Hospital", "Panza", "MrsQ"),
    )
    for name in personal:
        assert name.lower() not in text
        for encoding in ("utf-8", "utf-16-be"):
            assert name.lower().encode(encoding) not in searched
    # Not when it was made, either, which is the day of the study more often than not.
    assert f"{datetime.now(UTC):%Y%m%d}".encode() not in searched
    assert f"{datetime.now(UTC):%Y-%m-%d}".encode() not in searched
    assert b"d:19000101000000" in searched


def test_the_pseudonym_is_that_of_the_dicom_objects_of_the_same_export(tmp_path: Path, qapp: object) -> None:
    series, stack = opened(write_source(tmp_path / "source"))
    study = replace(fixtures.opened_series("ct", stack).study, series=(series,))
    scan = OpenSeries(study, series, stack, np.ones(len(stack), dtype=bool))
    part = Part(scan, (), (), Window(80, 40))
    secret = bytes(32)
    first, second = (gather(ReportOrder((part,)), Deidentifier(secret=secret)).who[0][1] for _ in range(2))
    assert first == second
    assert first.startswith("De-identified · ANON-")


def test_a_heat_map_without_a_finding_is_not_called_healthy(scan: OpenSeries) -> None:
    heat, _ = fixtures.heat_layer(scan)
    content = gather(ReportOrder((Part(scan, (heat,), (Reading(heat, ()),), Window(80, 40)),)))
    assert not any(table.heading.startswith("Findings") for table in content.tables)
    assert any("It does not mean healthy." in note for note in content.notes)
    assert [picture.caption for picture in content.pictures] == ["Anomaly · slice 11 of 20"]


def test_a_folder_that_may_not_be_written_to_is_one_sentence(scan: OpenSeries, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="a file stands where a folder is needed"):
        paper.write(gather(order(scan)), tmp_path / "file" / "synthetic_report.pdf")


@pytest.fixture
def preview(qtbot: QtBot, scan: OpenSeries) -> Iterator[ReportPreview]:
    parent = QWidget()
    qtbot.addWidget(parent)
    shown = ReportPreview(parent, gather(order(scan)))
    yield shown
    shown.close()


def test_the_preview_shows_every_page_as_it_will_be_written(preview: ReportPreview, scan: OpenSeries) -> None:
    assert preview.count == len(Paper(gather(order(scan))))
    image = page_image(Paper(gather(order(scan))), 0, 420)
    assert image.size() == QSize(420, 594)
