"""``medgan-viewer batch`` without identity, at a sharpness, on what looks wrong, and where the disk is full."""

import errno
import json
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from medgan_viewer import cli, results, services, settings
from medgan_viewer.batch import secret, steps
from medgan_viewer.batch.plan import Job, Order, plan
from medgan_viewer.core.catalog import Series
from medgan_viewer.dicom import atomic, index
from medgan_viewer.errors import DiskFullError, UnsuitableError, WriteError
from medgan_viewer.jobs.events import Failed
from medgan_viewer.models.manifest import Package, read_package
from tests.batch.studies import MODEL, series_uid, study_uid, write_head
from tests.batch.test_batch_command import images, records

PERSONAL = (b"Quixote", b"QX-")


def batch(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, Any, str]:
    """Run a batch; return its exit code, what it says in JSON and its complaints."""
    code = cli.main(["batch", MODEL, *(str(argument) for argument in arguments), "--device", "cpu", "--json"])
    written = capsys.readouterr()
    return code, json.loads(written.out) if written.out else None, written.err


def test_that_files_are_without_identity_unless_asked_for(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    code, said, complaints = batch(capsys, heads, "--out", out)
    assert (code, said["done"]) == (0, 3), complaints
    gone = [*PERSONAL, *(uid(number).encode() for uid in (study_uid, series_uid) for number in range(3))]
    for path in out.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(name in content or name.decode() in path.name for name in gone), path.name
    for record in records(out).values():
        assert record["without_identity"] is True
        assert record["study"].startswith("2.25.")
    # Another folder of results, with identity on purpose.
    assert batch(capsys, heads, "--out", tmp_path / "named", "--no-deidentify")[0] == 0
    assert {image.PatientID for image in images(tmp_path / "named")} == {"QX-0", "QX-1", "QX-2"}


def test_that_results_of_two_nights_have_one_pseudonym_and_one_study(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    write_head(tmp_path / "in", 1)
    assert batch(capsys, tmp_path / "in", "--out", out)[0] == 0
    write_head(tmp_path / "in", 1, SeriesInstanceUID=f"{study_uid(1)}.77")
    code, said, _ = batch(capsys, tmp_path / "in", "--out", out)
    assert (code, said["done"]) == (0, 1)
    made = images(out)
    assert len(made) == 8
    assert len({image.PatientID for image in made}) == len({image.StudyInstanceUID for image in made}) == 1
    # And nobody else's: another target has a secret of its own.
    assert batch(capsys, tmp_path / "in", "--out", tmp_path / "other")[0] == 0
    assert {image.PatientID for image in images(tmp_path / "other")}.isdisjoint({made[0].PatientID})


def test_that_the_secret_is_its_owners_alone_and_not_among_the_results(
    model: Path, heads: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    made = secret.secret(out, keep=True)
    assert secret.secret(out, keep=True) == made
    (path,) = (settings.configuration_folder() / "batch").iterdir()
    assert path.read_bytes() == made
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    # Half of one, as a power cut leaves it, is none.
    path.write_bytes(made[:7])
    assert secret.secret(out, keep=True) not in (made, made[:7])
    # Neither does a plan leave one behind, nor do keys tell to whom they belong.
    elsewhere = tmp_path / "elsewhere"
    assert secret.secret(elsewhere, keep=False) != secret.secret(elsewhere, keep=False)
    keys = [
        {one.key for one in plan(Order(read_package(model), elsewhere, secret=kept), index.scan([heads])) if one.key}
        for kept in (None, bytes(32), bytes(31) + b"1")
    ]
    assert len(set.union(*keys)) == 9


def test_that_a_secret_that_cannot_be_kept_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "batch").write_text("in the way")
    with pytest.raises(WriteError, match="cannot be kept there"):
        secret.secret(tmp_path / "out", keep=True)


def test_that_a_sharpness_of_a_model_without_that_control_is_one_sentence(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, complaints = batch(capsys, heads, "--out", tmp_path / "out", "--sharpness", "0.5")
    assert code == 2
    assert "has no sharpness to choose" in complaints
    assert not (tmp_path / "out").exists()


def test_that_another_sharpness_is_other_work_and_reaches_the_run(model: Path, heads: Path, tmp_path: Path) -> None:
    package, catalog = read_package(model), index.scan([heads])
    sober, sharp, unsaid = (
        [one.job for one in plan(Order(package, tmp_path, degree=value), catalog) if one.job is not None]
        for value in (0.0, 1.0, None)
    )
    assert {job.degree for job in sober} == {0.0}
    assert not {job.key for job in sober} & {job.key for job in (*sharp, *unsaid)}


# -- a full disk -------------------------------------------------------------------------------------------------------


def test_that_a_full_disk_ends_a_batch_with_one_sentence_and_the_next_start_does_the_rest(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(8):
        write_head(tmp_path / "in", number)
    out, left, write = tmp_path / "out", [2], results.write

    def until_full(*arguments: Any, **more: Any) -> Any:
        if left[0] == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        left[0] -= 1
        return write(*arguments, **more)

    def wrapped(*arguments: Any, **more: Any) -> Any:
        try:
            return until_full(*arguments, **more)
        except OSError as error:
            raise atomic.refused(out / "image.dcm", error) from error

    monkeypatch.setattr(results, "write", wrapped)
    code, said, complaints = batch(capsys, tmp_path / "in", "--out", out)
    assert code == 1
    assert complaints == "The disk that out is on is full; free some space, then the same command does the rest.\n"
    assert (said["done"], said["failed"], said["disk_full"]) == (2, 1, True)
    assert len(records(out)) == 2
    assert not list(out.glob(".part-*"))
    monkeypatch.setattr(results, "write", write)
    code, said, complaints = batch(capsys, tmp_path / "in", "--out", out)
    assert (code, said["done"], said["disk_full"]) == (0, 6, False), complaints
    assert len(records(out)) == 8


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EACCES])
def test_that_only_a_disk_without_room_is_called_full(number: int, tmp_path: Path) -> None:
    with pytest.raises(WriteError) as caught, atomic.new_file(tmp_path / "one.dcm"):
        raise OSError(number, "refused")
    assert isinstance(caught.value, DiskFullError) is (number != errno.EACCES)


# -- the input check ---------------------------------------------------------------------------------------------------


def test_that_a_series_that_the_input_check_speaks_against_is_skipped_until_it_is_forced(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    write_head(heads, 7, rows_mm=16.0)
    named = (heads, "--out", out, "--no-deidentify")
    code, said, complaints = batch(capsys, *named)
    assert (code, said["done"], said["failed"], said["skipped"]) == (0, 3, 0, 1), complaints
    (line,) = [line for line in said["plan"] if series_uid(7) in line["what"]]
    assert line["state"] == "skip"
    assert line["reason"].startswith("Tiny was not run. What the images show measures")
    assert complaints == f"Series {series_uid(7)} is skipped: {line['reason']}\n"
    assert all(record["input_check_overridden"] is None for record in records(out).values())
    # The next start knows it; with --force it is done, alone, and says so in its record and in every image.
    (known,) = [line for line in batch(capsys, *named, "--plan-only")[1]["plan"] if series_uid(7) in line["what"]]
    assert known == line
    code, said, complaints = batch(capsys, *named, "--force")
    assert (code, said["done"], said["skipped"]) == (0, 1, 0), complaints
    assert f"Note on series {series_uid(7)}: Overridden: What the images show measures" in complaints
    (key,) = [key for key, record in records(out).items() if record["series"] == [series_uid(7)]]
    assert records(out)[key]["input_check_overridden"].startswith("What the images show measures")
    assert len(images(out / key)) == 4
    for image in images(out):
        assert ("Input check overridden: What" in image.DerivationDescription) is (image.PatientID == "QX-7")


def test_that_a_skip_is_remembered_until_another_classifier_looks(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_head(tmp_path / "in", 7, rows_mm=16.0)
    named = (tmp_path / "in", "--out", tmp_path / "out")
    loaded = []

    def load(job: Job) -> steps.Loaded:
        loaded.append(job.key)
        return read(job)

    read = steps.load
    monkeypatch.setattr(steps, "load", load)
    assert batch(capsys, *named)[1]["skipped"] == 1
    code, said, complaints = batch(capsys, *named)
    assert (code, said["skipped"], said["plan"][0]["state"], len(loaded)) == (0, 0, "skip", 1), complaints
    assert series_uid(7) not in "".join(path.read_text() for path in (tmp_path / "out").glob("skipped/*"))
    monkeypatch.setattr(services, "checker", lambda: "")
    assert batch(capsys, *named)[1]["skipped"] == 1
    assert len(loaded) == 2


def test_that_a_series_that_proves_unsuitable_when_its_voxels_are_there_is_skipped(
    model: Path, heads: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = services.InferenceService.start

    def refusing(self: services.InferenceService, package: Package, series: Series, *more: Any, **options: Any) -> Any:
        if series.uid == series_uid(1):
            raise UnsuitableError("Tiny cannot be used here. Its slices are too far apart.")
        return start(self, package, series, *more, **options)

    monkeypatch.setattr(services.InferenceService, "start", refusing)
    command = ["batch", MODEL, str(heads), "--out", str(tmp_path / "out"), "--device", "cpu"]
    assert cli.main(command) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1].startswith("2 done, 0 failed, 1 skipped because the model does not fit")
    assert said.err.endswith("is skipped: Tiny cannot be used here. Its slices are too far apart.\n")
    # Nobody can wish for it: it stays so.
    code, plan, _ = batch(capsys, heads, "--out", tmp_path / "out", "--force")
    assert (code, plan["done"], plan["skipped"], plan["failed"]) == (0, 0, 0, 0)


def test_that_what_the_worker_finds_unsuitable_is_no_failure_of_the_device() -> None:
    run: Any = SimpleNamespace(end=Failed("job", "This model cannot read PT images.", unsuitable=True))
    with pytest.raises(UnsuitableError, match="cannot read PT"):
        steps.Device._outcome(run, 0.0, [])


def test_that_the_end_of_a_batch_says_how_to_run_what_was_skipped(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_head(tmp_path / "in", 7, rows_mm=16.0)
    assert cli.main(["batch", MODEL, str(tmp_path / "in"), "--out", str(tmp_path / "out"), "--device", "cpu"]) == 0
    end = capsys.readouterr().out.splitlines()[-1]
    assert end.startswith("0 done, 0 failed, 1 skipped by the input check (--force runs them")
