"""``medgan-viewer archive`` and ``run`` from and to an archive, as a script would use them."""

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from medgan_viewer import cli, settings
from medgan_viewer.dicom.archive import entries
from medgan_viewer.dicom.archive.entries import Entry
from tests.archive.conftest import KeyringMemory
from tests.archive.orthanc import Orthanc, free_port
from tests.archive.studies import COMPRESSED_SERIES, PLAIN_SERIES, STUDY, new_series
from tests.dicom_builder import write_series
from tests.models.scans import head_ct
from tests.test_cli import real_package

Answer = tuple[int, str, str]


@pytest.fixture
def ask(
    configured: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Answer]:
    """Return a function that runs a command line with folders of its own: exit code, output, complaints."""
    monkeypatch.setenv("MEDGAN_LOGS", str(tmp_path / "logs"))

    def run(*arguments: str) -> Answer:
        code = cli.main(list(arguments))
        written = capsys.readouterr()
        return code, written.out, written.err

    return run


def test_that_an_archive_is_kept_listed_and_forgotten(
    ask: Callable[..., Answer], keyring_memory: KeyringMemory
) -> None:
    assert ask("archive", "add", "pacs", "--host", "10.0.0.9", "--port", "11112", "--ae-title", "PACS")[0] == 0
    assert ask("archive", "add", "web", "--url", "https://pacs.example/dicom-web")[0] == 0
    code, listed, _ = ask("archive", "list", "--json")
    assert (code, [entry["name"] for entry in json.loads(listed)]) == (0, ["pacs", "web"])
    assert "10.0.0.9:11112" in ask("archive", "list")[1]
    assert ask("archive", "remove", "pacs")[0] == 0
    assert [entry.name for entry in entries.load()] == ["web"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["verify", "nobody"], 'no archive "nobody"'),
        (["add", "x"], "--host"),
        (["add", "x", "--host", "a", "--url", "https://b"], "either"),
        (["add", "x", "--host", "a", "--port", "70000"], "port"),
        (["add", "x", "--host", "a", "--ae-title", "SEVENTEEN-LETTERS"], "AE title"),
        (["add", "x", "--url", "ftp://b"], "https://"),
        (["add", "x", "--url", "https://user:word@b"], "keyring"),
        (["add", "x", "--host", "a", "--token"], "DIMSE knows no credentials"),
        (["add", "../x", "--host", "a"], "name is made of"),
        (["get", "pacs", "../../etc", "--out", "here"], "is no UID"),
        (["find", "pacs", "--from", "yesterday"], "YYYYMMDD"),
        (["send", "pacs", "nowhere"], "no such file"),
    ],
)
def test_that_a_senseless_request_is_one_sentence_and_code_two(
    ask: Callable[..., Answer], configured: Callable[..., None], arguments: list[str], words: str
) -> None:
    configured(Entry("pacs", host="127.0.0.1", port=free_port()))
    code, _, said = ask("archive", *arguments)
    assert code == 2
    assert words in said
    assert said.count("\n") == 1


def test_that_an_archive_that_is_not_there_is_code_one(
    ask: Callable[..., Answer], configured: Callable[..., None]
) -> None:
    configured(Entry("pacs", host="127.0.0.1", port=free_port()))
    code, _, said = ask("archive", "verify", "pacs")
    assert code == 1
    assert said.startswith('The archive "pacs" cannot be reached')


def test_that_a_study_is_found_retrieved_and_sent_back(
    ask: Callable[..., Answer], configured: Callable[..., None], entry: Entry, server: Orthanc, tmp_path: Path
) -> None:
    configured(entry)
    assert ask("archive", "verify", entry.name)[:2] == (0, f"{entry.name} answers.\n")
    found = json.loads(ask("archive", "find", entry.name, "--patient-id", "K-77", "--from", "20260315", "--json")[1])
    assert STUDY in [study["uid"] for study in found]
    series = json.loads(ask("archive", "find", entry.name, "--series-of", STUDY, "--json")[1])
    assert [one["uid"] for one in series][:2] == [PLAIN_SERIES, COMPRESSED_SERIES]
    assert "Müller^Käthe" in ask("archive", "find", entry.name, "--modality", "CT")[1]
    out = tmp_path / "out"
    code, said, _ = ask("archive", "get", entry.name, STUDY, "--series", PLAIN_SERIES, "--out", str(out), "--json")
    assert (code, json.loads(said)["images"], json.loads(said)["complete"]) == (0, 3, True)
    uid = generate_uid()
    new_series(tmp_path / "new", uid, StudyInstanceUID=generate_uid())
    code, said, _ = ask("archive", "send", entry.name, str(tmp_path / "new"), "--json")
    assert (code, json.loads(said)["files"], server.instances(uid)) == (0, 3, 3)


def test_that_a_password_is_asked_for_and_goes_nowhere_but_the_keyring(
    ask: Callable[..., Answer], keyring_memory: KeyringMemory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("very-secret\n"))
    code, out, said = ask("archive", "add", "web", "--url", "https://pacs.example", "--user", "reader", "--json")
    assert code == 0
    assert "very-secret" in "".join(keyring_memory.values())
    assert "very-secret" not in out + said
    for file in (path for path in tmp_path.rglob("*") if path.is_file()):
        assert b"very-secret" not in file.read_bytes()
    ask("archive", "remove", "web")
    assert keyring_memory == {}


@pytest.fixture
def models(configured: Callable[..., None], tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    real_package(folder)
    settings.save(settings.Settings().changed("model_folder", str(folder)))
    return folder


def _store_head(server: Orthanc, folder: Path) -> str:
    study = generate_uid()
    head: dict[str, Any] = {"BodyPartExamined": "HEAD", "SliceThickness": "2", "StudyInstanceUID": study}
    more = {"SeriesInstanceUID": generate_uid(), "StudyDate": "20260420", "StudyTime": "", "PatientBirthDate": ""}
    files = write_series(folder, head_ct((4, 32, 24)), step=(0, 0, 2.0), spacing=(1.0, 1.0), **(head | more))
    server.put(files)
    return study


@pytest.mark.parametrize("folder", [True, False], ids=["kept", "only sent"])
def test_that_a_model_runs_straight_from_and_to_an_archive(
    ask: Callable[..., Answer],
    configured: Callable[..., None],
    models: Path,
    dimse: Entry,
    server: Orthanc,
    tmp_path: Path,
    folder: bool,
) -> None:
    configured(dimse)
    study = _store_head(server, tmp_path / "head")
    out = ["--out", str(tmp_path / "out")] if folder else []
    model = next(path.name for path in models.iterdir())
    code, said, complaints = ask(
        "run",
        model,
        f"archive:{dimse.name}/{study}",
        *out,
        "--send-to",
        dimse.name,
        "--device",
        "cpu",
        "--force",
        "--json",
    )
    assert code == 0, complaints
    summary = json.loads(said)
    assert summary["sent"] >= 1
    assert bool(summary["outputs"]) == folder
    found = server.ask("/tools/find", {"Level": "Instance", "Query": {"StudyInstanceUID": study}})
    assert len(found) == 4 + summary["sent"]
    synthetic = [pydicom.dcmread(io.BytesIO(server.read(f"/instances/{one}/file"))) for one in found]
    made = [dataset for dataset in synthetic if "SYNTHETIC" in dataset.ImageType]
    assert len(made) == summary["sent"]
    assert np.all([dataset.SyntheticData == "YES" for dataset in made])


def test_that_results_that_cannot_be_sent_are_not_lost(
    ask: Callable[..., Answer],
    configured: Callable[..., None],
    models: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    configured(Entry("gone", host="127.0.0.1", port=free_port()))
    head: dict[str, Any] = {"BodyPartExamined": "HEAD", "SliceThickness": "2"}
    write_series(tmp_path / "head", head_ct((4, 32, 24)), step=(0, 0, 2.0), spacing=(1.0, 1.0), **head)
    model = next(path.name for path in models.iterdir())
    code, _, said = ask("run", model, str(tmp_path / "head"), "--force", "--send-to", "gone", "--device", "cpu")
    assert code == 1
    assert 'The archive "gone" cannot be reached' in said
    assert "The results are kept in" in said
    assert any(tmp_path.glob("medgan-results-*/**/*.dcm"))


def test_that_run_says_where_results_may_go(ask: Callable[..., Answer], tmp_path: Path) -> None:
    code, _, said = ask("run", "any", str(tmp_path))
    assert code == 2
    assert said
