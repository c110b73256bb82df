"""A run whose input does not look right: refused in the worker, run on confirmation, and marked for ever."""

from pathlib import Path

import numpy as np
import pytest

from medgan_viewer import services
from medgan_viewer.core.layers import NOTE, ImageLayer
from medgan_viewer.dicom import capture, export_volumes, write_findings
from medgan_viewer.errors import QuestionableError
from medgan_viewer.jobs.events import Failed, Finished, Notice
from medgan_viewer.services import InferenceService
from tests.jobs.recorder import Recorder
from tests.models.scans import ct_volume, head_ct, series
from tests.models.test_inspection import scan
from tests.models.test_services import package
from tests.ui import scans as ui_scans


@pytest.fixture(autouse=True)
def without_classifier(monkeypatch: pytest.MonkeyPatch) -> None:
    """These scans are blocks, of which a classifier may think what it likes."""
    monkeypatch.setattr(services, "checker", lambda: "")


SMALL = ct_volume(head_ct((3, 32, 32)))
"""A block of 24 mm, which no head is."""


def test_that_pixels_are_looked_at_only_where_that_is_asked_for(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    run = service.start(package(tmp_path), series(), SMALL)
    assert isinstance(events.end_of(run.job_id), Finished)
    assert run.provenance.overridden == ""


def test_that_a_run_is_refused_with_what_may_be_confirmed_and_leaves_nothing(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    run = service.start(package(tmp_path), series(), SMALL, confirmed=())
    end = events.end_of(run.job_id)
    assert isinstance(end, Failed)
    assert end.objections
    assert "which no head does" in end.objections[0]
    assert end.sentence == f"Tiny was not run. {' '.join(end.objections)}"
    assert not run.ready.any()


def test_that_a_confirmed_run_says_so_in_its_provenance_and_in_its_mark(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    made = package(tmp_path)
    refused = events.end_of(service.start(made, series(), SMALL, confirmed=()).job_id)
    assert isinstance(refused, Failed)
    run = service.start(made, series(), SMALL, confirmed=refused.objections)
    assert isinstance(events.end_of(run.job_id), Finished)
    (layer,) = run.layers
    assert isinstance(layer, ImageLayer)
    assert layer.provenance.overridden == " ".join(refused.objections)
    assert layer.provenance.model_id == "tiny"
    mark = capture._mark(layer).text
    assert "input check overridden" in mark
    assert mark.startswith("SYNTHETIC · Tiny")


def test_that_files_beside_dicom_say_that_the_check_was_overridden(tmp_path: Path) -> None:
    held = ui_scans.document()
    image = ui_scans.image_layer(held)
    despite = image.changed(provenance=image.provenance.despite(("Upside down.",)))
    source = held.catalog.series("1.1")
    (written,) = export_volumes.write_nrrd((despite,), source, tmp_path).paths
    assert b"input check overridden: Upside down." in written.read_bytes()[:2000]
    (plain,) = export_volumes.write_nrrd((image,), source, tmp_path).paths
    assert b"overridden" not in plain.read_bytes()[:2000]
    heat = ui_scans.heat_layer(held)
    told = write_findings._constant(heat.changed(provenance=heat.provenance.despite(("Upside down.",))), source)
    assert told["input_check_overridden"] == "Upside down."
    assert write_findings._constant(heat, source)["input_check_overridden"] is None


def test_that_another_objection_than_the_confirmed_one_still_refuses(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    run = service.start(package(tmp_path), series(), SMALL, confirmed=("The images are upside down.",))
    assert isinstance(events.end_of(run.job_id), Failed)


def test_that_what_is_merely_worth_knowing_is_a_notice(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    noisy, tiny = scan("CT", noise=30), package(tmp_path)
    run = service.start(tiny, series(), noisy, confirmed=())
    assert isinstance(events.end_of(run.job_id), Finished)
    notices = [event.sentence for event in events.of(run.job_id) if isinstance(event, Notice)]
    assert any("noisy" in sentence for sentence in notices)
    # Nobody has to have read it in time: the result keeps it.
    assert all(sentence in dict(layer.provenance.settings)[NOTE] for sentence in notices for layer in run.layers)
    quiet = service.start(tiny, series(), SMALL, confirmed=())
    events.end_of(quiet.job_id)
    assert NOTE not in dict(quiet.provenance.settings)
    assert run.provenance.overridden == ""


def test_that_a_fitting_scan_runs_as_it_did(service: InferenceService, events: Recorder, tmp_path: Path) -> None:
    volume = scan("CT", noise=3)
    made = package(tmp_path)
    run, plain = (service.start(made, series(), volume, confirmed=given) for given in ((), None))
    assert isinstance(events.end_of(run.job_id), Finished)
    assert isinstance(events.end_of(plain.job_id), Finished)
    np.testing.assert_array_equal(run.layers[0].volume.array, plain.layers[0].volume.array)
    assert run.provenance.settings == plain.provenance.settings


def test_that_the_error_keeps_its_objections_apart() -> None:
    error = QuestionableError("Not run. A. B.", ("A.", "B."))
    assert (error.sentence, error.objections) == ("Not run. A. B.", ("A.", "B."))
