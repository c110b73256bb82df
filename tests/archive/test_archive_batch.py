"""``medgan-viewer batch`` from and to an archive: retrieved study by study, sent once, nothing left behind."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydicom.uid import generate_uid

from medgan_viewer import cli, settings
from medgan_viewer.dicom.archive.entries import Entry
from tests.archive.orthanc import Orthanc, free_port
from tests.dicom_builder import write_series
from tests.models.scans import HEAD_MM, simulated_head
from tests.test_cli import real_package


@pytest.fixture
def description() -> str:
    """Return a study description that no other test has."""
    return f"Heads {generate_uid()[-12:]}"


def store_study(
    server: Orthanc, folder: Path, number: int, description: str, rows_mm: float = HEAD_MM, **more: Any
) -> str:
    """Write a study and store it; return its UID. With other ``rows_mm`` it is no head by its size."""
    study = generate_uid()
    described: dict[str, Any] = {"StudyInstanceUID": study, "StudyDescription": description, "BodyPartExamined": "HEAD"}
    person = {"PatientID": f"B-{number}", "PatientBirthDate": "", "StudyTime": "", "StudyID": "", "AccessionNumber": ""}
    series = {"SeriesInstanceUID": generate_uid(), "SliceThickness": "2", "PatientSex": ""}
    voxels, spacing = simulated_head((4, 32, 24), number), (rows_mm / 32,) * 2
    attributes = described | person | series | more
    server.put(write_series(folder / study, voxels, step=(0, 0, 2.0), spacing=spacing, **attributes))
    return study


@pytest.fixture
def heads(server: Orthanc, tmp_path: Path, description: str) -> list[str]:
    """Store two head CT studies and one with no CT, under a description of the test's own; return the heads' UIDs."""
    store_study(server, tmp_path / "sent", 9, description, Modality="MR")
    return [store_study(server, tmp_path / "sent", number, description) for number in range(2)]


@pytest.fixture
def batch(
    configured: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Any, str]]:
    """Return a function that runs a batch of the small model: exit code, what it says in JSON, its complaints."""
    monkeypatch.setenv("MEDGAN_LOGS", str(tmp_path / "logs"))
    real_package(tmp_path / "models")
    settings.save(settings.Settings().changed("model_folder", str(tmp_path / "models")))

    def run(source: str, *options: str) -> tuple[int, Any, str]:
        out = ["--out", str(tmp_path / "out"), "--device", "cpu", "--json"]
        code = cli.main(["batch", "tiny", source, *out, *options])
        written = capsys.readouterr()
        return code, json.loads(written.out) if written.out else None, written.err

    return run


def test_that_a_query_is_done_once_and_sent_once(
    batch: Callable[..., tuple[int, Any, str]],
    configured: Callable[..., None],
    dimse: Entry,
    server: Orthanc,
    heads: list[str],
    description: str,
    tmp_path: Path,
) -> None:
    configured(dimse)
    query = [f"archive:{dimse.name}", "--description", description]
    # What is to be sent later on carries the patient's identity from the beginning.
    code, said, complaints = batch(*query, "--no-deidentify")
    assert (code, said["done"], said["failed"]) == (0, 2, 0), complaints
    assert sorted(line["state"] for line in said["plan"]) == ["retrieve", "retrieve", "run", "run", "skip"]
    assert [line["reason"] for line in said["plan"] if line["state"] == "skip"] == ["It has no CT series."]
    records = [json.loads(path.read_text()) for path in (tmp_path / "out").glob("*/record.json")]
    assert sorted(record["study"] for record in records) == sorted(heads)
    # What was retrieved is gone again.
    assert not list((tmp_path / "out").glob(".part-*"))
    assert len(list((tmp_path / "out").rglob("*.dcm"))) == 8
    # A second time nothing is retrieved or made; what has not been sent is sent, once.
    code, said, complaints = batch(*query, "--send-to", dimse.name)
    assert (code, said["done"], said["sent"]) == (0, 0, 8), complaints
    assert [len(server.ask("/tools/find", _images(study))) for study in heads] == [8, 8]
    # The results are in the archive now, as series of the same studies; they are synthetic, and of another modality.
    code, said, complaints = batch(*query, "--send-to", dimse.name)
    assert (code, said["done"], said["sent"]) == (0, 0, 0), complaints


def test_that_a_study_with_a_skipped_series_is_done_until_it_is_forced(
    batch: Callable[..., tuple[int, Any, str]],
    configured: Callable[..., None],
    dimse: Entry,
    server: Orthanc,
    description: str,
    tmp_path: Path,
) -> None:
    configured(dimse)
    study = store_study(server, tmp_path / "sent", 0, description, rows_mm=16.0)
    code, said, complaints = batch(f"archive:{dimse.name}/{study}")
    assert (code, said["done"], said["failed"], said["skipped"]) == (0, 0, 0, 1), complaints
    # Nothing is retrieved only to be skipped again.
    code, said, complaints = batch(f"archive:{dimse.name}/{study}")
    assert (code, said["skipped"], [line["state"] for line in said["plan"]]) == (0, 0, ["done"]), complaints
    code, said, complaints = batch(f"archive:{dimse.name}/{study}", "--force")
    assert (code, said["done"]) == (0, 1), complaints
    assert batch(f"archive:{dimse.name}/{study}", "--force")[1]["done"] == 0
    assert [line["state"] for line in batch(f"archive:{dimse.name}/{study}")[1]["plan"]] == ["done"]


def _images(study: str) -> dict[str, Any]:
    return {"Level": "Instance", "Query": {"StudyInstanceUID": study}}


def test_that_one_study_of_an_archive_can_be_named(
    batch: Callable[..., tuple[int, Any, str]], configured: Callable[..., None], dimse: Entry, heads: list[str]
) -> None:
    configured(dimse)
    code, said, complaints = batch(f"archive:{dimse.name}/{heads[1]}", "--plan-only")
    assert code == 0, complaints
    assert [line["what"].split()[1] for line in said["plan"]] == [heads[1]]


def test_that_an_archive_that_is_gone_is_one_sentence(
    batch: Callable[..., tuple[int, Any, str]], configured: Callable[..., None]
) -> None:
    configured(Entry("gone", host="127.0.0.1", port=free_port()))
    code, _, complaints = batch("archive:gone")
    assert code == 1
    assert complaints.startswith('The archive "gone" cannot be reached')
    assert complaints.count("\n") == 1
