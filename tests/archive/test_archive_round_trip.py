"""A real Orthanc is asked, brings what it has, and takes what is sent: by C-GET, by C-MOVE and over DICOMweb."""

import socket
import subprocess
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import ImplicitVRLittleEndian, RLELossless, generate_uid

from medgan_viewer.core.layers import Layer
from medgan_viewer.dicom import assemble, export, index
from medgan_viewer.dicom.archive import connect
from medgan_viewer.dicom.archive.base import Progress, Query
from medgan_viewer.dicom.archive.entries import Entry
from medgan_viewer.errors import ArchiveError
from tests.archive import orthanc
from tests.archive.orthanc import Orthanc
from tests.archive.studies import COMPRESSED_SERIES, PLAIN_SERIES, STUDY, new_series, stored_under
from tests.dicom.export_builder import heat_layer, image_layer, label_layer
from tests.dicom_builder import ramp


def test_that_an_archive_gives_a_sign_of_life(entry: Entry) -> None:
    connect(entry).verify()


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(patient_name="müller"),
        Query(patient_id="K-77"),
        Query(date_from="20260301", date_to="20260331"),
        Query(date_from="20260315", date_to="20260315"),
        Query(modality="ct"),
        Query(description="HEAD"),
        Query(description="routine", modality="CT", patient_name="Mül", date_from="20260101"),
        Query(study_uid=STUDY),
    ],
)
def test_that_a_study_is_found_by_what_is_known_of_it(entry: Entry, query: Query) -> None:
    (study,) = (study for study in connect(entry).find_studies(query).studies if study.uid == STUDY)
    assert study.patient_name == "Müller^Käthe"
    assert (study.patient_id, study.date, study.description) == ("K-77", "20260315", "Head routine")
    assert study.modalities == ("CT",)


@pytest.mark.parametrize(
    "query",
    [
        Query(patient_name="nobody"),
        Query(patient_id="K-7"),
        Query(date_to="20260314"),
        Query(modality="MR"),
        Query(description="knee"),
    ],
)
def test_that_a_study_is_not_found_by_what_it_is_not(entry: Entry, query: Query) -> None:
    assert STUDY not in {study.uid for study in connect(entry).find_studies(query).studies}


def test_that_the_series_of_a_study_are_listed_in_order(entry: Entry) -> None:
    plain, compressed = connect(entry).find_series(STUDY)[:2]
    assert (plain.uid, plain.number, plain.modality, plain.description) == (PLAIN_SERIES, 1, "CT", "Plain")
    assert (compressed.uid, compressed.instance_count) == (COMPRESSED_SERIES, 4)


def test_that_a_study_comes_bit_by_bit_as_it_is_stored_and_opens(entry: Entry, server: Orthanc, tmp_path: Path) -> None:
    told: list[Progress] = []
    finished: list[int] = []
    received = connect(entry).retrieve(
        STUDY,
        tmp_path,
        series_uids=[PLAIN_SERIES, COMPRESSED_SERIES],
        on_progress=told.append,
        on_series=lambda folder: finished.append(len(list(folder.iterdir()))),
    )
    assert (received.count, received.notes, received.complete) == (7, (), True)
    assert (told[-1].done, told[-1].total) == (7, 7)
    assert finished == [3, 4]
    for uid, path in stored_under(tmp_path).items():
        held = pydicom.dcmread(BytesIO(server.read(f"/instances/{server.instance(uid)}/file")))
        assert pydicom.dcmread(path) == held
        assert _syntax(path) == held.file_meta.TransferSyntaxUID
    (study,) = index.scan([tmp_path]).studies
    by_uid = {series.uid: series for series in study.series}
    assert study.patient.name == "Müller^Käthe"
    np.testing.assert_array_equal(assemble.load_stack(by_uid[PLAIN_SERIES]).array, ramp((3, 40, 48)))
    np.testing.assert_array_equal(assemble.load_stack(by_uid[COMPRESSED_SERIES]).array, ramp((4, 40, 48)))
    assert _syntax(by_uid[COMPRESSED_SERIES].instances[0].path) == RLELossless


def _syntax(path: Path) -> str:
    return str(pydicom.dcmread(path).file_meta.TransferSyntaxUID)


def test_that_one_series_comes_without_the_others(entry: Entry, tmp_path: Path) -> None:
    received = connect(entry).retrieve(STUDY, tmp_path, series_uids=[PLAIN_SERIES])
    assert received.count == 3
    assert [folder.name for folder in (tmp_path / STUDY).iterdir()] == [PLAIN_SERIES]


def test_that_what_the_archive_does_not_have_is_said_to_be_missing(entry: Entry, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"does not have this"):
        connect(entry).retrieve("1.2.3.404", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_that_a_cancelled_retrieval_keeps_what_had_arrived(entry: Entry, tmp_path: Path) -> None:
    arrived: list[Progress] = []
    received = connect(entry).retrieve(STUDY, tmp_path, on_progress=arrived.append, cancelled=lambda: len(arrived) >= 1)
    assert received.cancelled
    assert not received.complete
    assert 1 <= received.count < 7
    assert len(stored_under(tmp_path)) == received.count


def test_that_results_are_sent_back_and_found_there(entry: Entry, server: Orthanc, tmp_path: Path) -> None:
    study = generate_uid()
    server.put(new_series(tmp_path / "stored", generate_uid(), StudyInstanceUID=study, StudyDate="20260420"))
    connect(entry).retrieve(study, tmp_path / "in")
    series = index.scan([tmp_path / "in"]).studies[0].series[0]
    stack = assemble.load_stack(series)
    layers: tuple[Layer, ...] = (image_layer(series, stack), label_layer(series, stack), heat_layer(series, stack))
    written = export.write_dicom(layers, series, stack, tmp_path / "out").paths
    told: list[Progress] = []
    files = sorted(path for path in (tmp_path / "out").rglob("*.dcm"))
    sent = connect(entry).send(files, on_progress=told.append)
    assert (sent.count, sent.notes) == (len(files), ())
    assert told[-1].done == len(files) >= len(written)
    found = {one.uid: one for one in connect(entry).find_series(study)}
    for file in files:
        dataset = pydicom.dcmread(file)
        assert found[dataset.SeriesInstanceUID].modality == dataset.Modality
        held = server.read(f"/instances/{server.instance(dataset.SOPInstanceUID)}/file")
        assert pydicom.dcmread(BytesIO(held)) == dataset


def test_that_compressed_files_are_sent_as_they_are(entry: Entry, server: Orthanc, tmp_path: Path) -> None:
    uid = generate_uid()
    (file,) = new_series(tmp_path, uid, count=1, StudyInstanceUID=generate_uid())
    dataset = pydicom.dcmread(file)
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.save_as(file)
    assert connect(entry).send([file]).count == 1
    held = server.instance(uid, "SeriesInstanceUID")
    assert server.read(f"/instances/{held}/metadata/TransferSyntax").decode() == RLELossless


def test_that_what_is_no_dicom_file_is_named_and_the_rest_is_sent(
    entry: Entry, server: Orthanc, tmp_path: Path
) -> None:
    uid = generate_uid()
    files = new_series(tmp_path / "series", uid, StudyInstanceUID=generate_uid())
    stray = tmp_path / "notes.txt"
    stray.write_text("no scan")
    sent = connect(entry).send([files[0], stray, *files[1:]])
    assert sent.count == 3
    assert sent.notes == ("notes.txt: this is no DICOM file that could be sent.",)
    assert server.instances(uid) == 3


def test_that_a_cancelled_sending_stops_and_says_how_far_it_got(dimse: Entry, server: Orthanc, tmp_path: Path) -> None:
    uid = generate_uid()
    files = new_series(tmp_path, uid, count=5, StudyInstanceUID=generate_uid())
    told: list[Progress] = []
    sent = connect(dimse).send(files, on_progress=told.append, cancelled=lambda: len(told) >= 2)
    assert (sent.count, sent.cancelled, sent.complete) == (2, True, False)
    assert server.instances(uid) == 2


def test_that_nothing_listens_once_a_c_move_is_over(move: Entry, tmp_path: Path) -> None:
    connect(move).retrieve(STUDY, tmp_path, series_uids=[PLAIN_SERIES])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", move.listen_port), timeout=5)


@pytest.mark.skipif(orthanc.dcmtk("getscu") is None, reason="needs dcmtk")
def test_that_dcmtk_finds_there_what_was_sent(dimse: Entry, tmp_path: Path) -> None:
    study, uid = generate_uid(), generate_uid()
    files = new_series(tmp_path / "in", uid, StudyInstanceUID=study)
    connect(dimse).send(files)
    (tmp_path / "out").mkdir()
    orthanc.getscu(dimse.port, study, tmp_path / "out")
    brought = {dataset.SOPInstanceUID: dataset for dataset in map(pydicom.dcmread, (tmp_path / "out").iterdir())}
    for file in files:
        dataset = pydicom.dcmread(file)
        assert brought[dataset.SOPInstanceUID].PixelData == dataset.PixelData


@pytest.fixture
def picky(tmp_path: Path) -> Iterator[Entry]:
    """Give dcmtk's storescp, which takes CT and other images in implicit VR only, as an archive."""
    program = orthanc.dcmtk("storescp")
    if program is None:
        pytest.skip("needs dcmtk")
    port = orthanc.free_port()
    (tmp_path / "taken").mkdir()
    process = subprocess.Popen([program, "+xi", "-aet", "PICKY", "-od", str(tmp_path / "taken"), str(port)])
    entry = Entry("picky", host="127.0.0.1", port=port, ae_title="PICKY")
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            connect(entry).verify()
            break
        except ArchiveError:
            time.sleep(0.05)
    yield entry
    process.terminate()
    process.wait(30)


def test_that_a_file_is_converted_where_the_archive_takes_another_uncompressed_syntax(
    picky: Entry, tmp_path: Path
) -> None:
    files = new_series(tmp_path / "in", generate_uid())
    assert connect(picky).send(files).count == 3
    taken = {dataset.SOPInstanceUID: dataset for dataset in map(pydicom.dcmread, (tmp_path / "taken").iterdir())}
    for file in files:
        dataset = pydicom.dcmread(file)
        assert taken[dataset.SOPInstanceUID].file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
        assert taken[dataset.SOPInstanceUID].PixelData == dataset.PixelData
        assert taken[dataset.SOPInstanceUID].PatientName == dataset.PatientName


def test_that_a_compression_that_the_archive_does_not_take_is_named_and_the_rest_is_sent(
    picky: Entry, tmp_path: Path
) -> None:
    files = new_series(tmp_path / "in", generate_uid())
    dataset = pydicom.dcmread(files[1])
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.save_as(files[1])
    sent = connect(picky).send(files)
    assert sent.count == 2
    assert sent.notes == ("001.dcm: the archive does not take this compression.",)
    assert len(list((tmp_path / "taken").iterdir())) == 2
