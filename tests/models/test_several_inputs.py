"""Runs of models that take more than one series, against answers computed directly."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import UnsuitableError
from medgan_viewer.jobs.events import Failed, Finished, Notice
from medgan_viewer.models.encoding import mr_reference
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.services import InferenceService, ModelRun
from tests.jobs.recorder import Recorder
from tests.models.scans import AXIAL, affine, ct_volume, head_ct, series, tilted
from tests.models.tiny import content, with_inputs, write_package

OTHER = series(uid="1.2.4")
# "ct_two_window" has HU / 1000 first: these are the second input's alone, and plus one, so that air is zero.
SECOND = np.array([[0.0, 0.0, 1.0, 0.0]], np.float32)
ONE = np.array([1.0], np.float32)


def package(folder: Path, head: NDArray[np.float32], neighbours: int = 0) -> Package:
    """Return a model of two CT whose answer is a weighted sum of their channels plus one."""
    values = with_inputs(content(channels_in=head.shape[1], neighbours=neighbours), ("CT", []), ("CT", []))
    return read_package(write_package(folder, values, head, ONE))


def finished(
    service: InferenceService, events: Recorder, made: Package, first: Volume, second: Volume
) -> tuple[ModelRun, Volume]:
    """Run a model of two inputs to its end; return the run and its result."""
    run = service.start(made, series(), first, further=[(OTHER, second)])
    assert isinstance(events.end_of(run.job_id), Finished), run.end
    return run, run.layers[0].volume


def fours(seed: int) -> NDArray[np.int16]:
    """Return a head whose values are multiples of four, so that their quarters are whole."""
    return np.asarray(head_ct((4, 40, 32), seed) // 4 * 4, dtype=np.int16)


def ball(
    shape: tuple[int, int, int], centre: NDArray[np.float64], spacing: tuple[float, float, float]
) -> NDArray[np.int16]:
    """Return soft tissue with one bright round mark of several mm around a fractional index."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)
    distance = np.linalg.norm((index - centre) * spacing, axis=-1)
    return np.asarray(-200 + 600 * np.exp(-((distance / 3.5) ** 2) / 2), dtype=np.int16)


def centred(array: NDArray[np.int16], matrix: NDArray[np.float64], around: Volume) -> Volume:
    """Return a volume with the steps of ``matrix`` and the centre of another one."""
    moved = matrix.copy()
    middle = around.point((np.array(around.shape) - 1) / 2)
    moved[:3, 3] = middle - matrix[:3, :3] @ ((np.array(array.shape) - 1) / 2)
    return ct_volume(array, moved)


def test_that_the_network_sees_the_inputs_in_the_manifests_order(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    one, two = fours(1), fours(2)
    made = package(tmp_path, np.array([[0.25, 0.0, 0.75, 0.0]], np.float32))
    run, result = finished(service, events, made, ct_volume(one), ct_volume(two))
    expected = 0.25 * one.astype(float) + 0.75 * two.astype(float) + 1000
    np.testing.assert_array_equal(result.array, np.clip(expected, 0, 1500))
    assert run.provenance.source_series_uids == ("1.2.3", "1.2.4")
    assert run.layers[0].provenance.source_series_uids == ("1.2.3", "1.2.4")
    assert run.series_uid == "1.2.3"


def test_that_the_inputs_stand_side_by_side_in_every_neighbouring_slice(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    two = fours(2)
    # Slice below, itself, slice above, each with the first input's two channels and then the second's.
    above = np.zeros((1, 12), np.float32)
    above[0, 10] = 1
    made = package(tmp_path, above, neighbours=1)
    _, result = finished(service, events, made, ct_volume(fours(1)), ct_volume(two))
    np.testing.assert_array_equal(result.array, np.clip(two[[1, 2, 3, 3]].astype(int) + 1000, 0, 1500))


@pytest.mark.parametrize(
    "directions",
    [AXIAL, AXIAL * np.array([-1, 1, -1]), AXIAL[:, [0, 2, 1]], tilted(14, 0) @ tilted(-11, 2) @ AXIAL],
    ids=["finer", "reversed", "transposed", "oblique"],
)
def test_that_a_second_input_on_another_grid_lands_at_its_place_in_the_patient(
    service: InferenceService, events: Recorder, tmp_path: Path, directions: NDArray[np.float64]
) -> None:
    first, spacing = ct_volume(head_ct((16, 40, 36))), (1.5, 0.7, 0.7)
    mark = np.array([13.0, 38.0, 30.0])
    second = centred(ball((24, 70, 70), mark, spacing), affine(spacing, directions), first)
    _, result = finished(service, events, package(tmp_path, SECOND), first, second)
    assert result.shape == first.shape
    np.testing.assert_array_equal(result.affine, first.affine)
    bright = np.clip(result.array.astype(float) - 850, 0, None)
    found = result.point(np.array(ndimage.center_of_mass(bright)))
    np.testing.assert_allclose(found, second.point(mark), atol=0.1)


MR = series("MR", uid="1.2.4", contrast="T1")


def optional_package(folder: Path) -> Package:
    """Return a model of a CT and, where there is one, a T1: HU + 500 · signal / reference + 1000, of three slices."""
    asked = np.zeros((1, 9), np.float32)
    asked[0, [3, 5]] = 1.0, 0.5  # in each slice the CT's two channels, then the MR's one
    values = with_inputs(content(channels_in=9, neighbours=1), ("CT", []), ("MR", ["T1"]), optional=True)
    return read_package(write_package(folder, values, asked, ONE))


def magnetic(array: NDArray[np.int16], matrix: NDArray[np.float64] | None = None) -> Volume:
    """Return an MR that is bright where a CT is dense."""
    moved = affine((2.0, 1.0, 1.0)) if matrix is None else matrix
    return Volume(np.clip(array + 1000, 0, None).astype(np.int16), moved, modality="MR")


def told(events: Recorder, run: ModelRun) -> list[str]:
    assert isinstance(events.end_of(run.job_id), Finished), run.end
    return [event.sentence for event in events.of(run.job_id) if isinstance(event, Notice)]


def test_that_an_optional_input_counts_where_it_is_there_and_is_zero_where_it_is_not(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    made, one, mr = optional_package(tmp_path), fours(1), magnetic(fours(2))
    both = service.start(made, series(), ct_volume(one), further=[(MR, mr)])
    assert told(events, both) == []
    signal = mr.array / mr_reference(mr.array, mr.spacing)
    expected = np.clip(one + 500 * np.clip(signal, 0, 1.5) + 1000, 0, 1500)
    head = one > -300
    np.testing.assert_allclose(both.layers[0].volume.array[head], expected[head], atol=1)
    assert both.layers[0].provenance.source_series_uids == ("1.2.3", "1.2.4")
    assert ("T1 as well", "yes") in both.provenance.settings
    alone = service.start(made, series(), ct_volume(one))
    assert told(events, alone) == ["Made without a T1, which the model takes as well where one alone fits and is read."]
    np.testing.assert_array_equal(alone.layers[0].volume.array, np.clip(one + 1000.0, 0, 1500))
    assert alone.layers[0].provenance.source_series_uids == ("1.2.3",)
    assert ("T1 as well", "no") in alone.layers[0].provenance.settings


def test_that_an_optional_input_of_another_place_is_left_out_and_its_source_is_not_named(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    elsewhere = affine((2.0, 1.0, 1.0))
    elsewhere[2, 3] += 500
    made, one = optional_package(tmp_path), fours(1)
    run = service.start(made, series(), ct_volume(one), further=[(MR, magnetic(fours(2), elsewhere))])
    assert told(events, run) == ["Made without the T1 series. The T1 series does not show what the first series shows."]
    np.testing.assert_array_equal(run.layers[0].volume.array, np.clip(one + 1000.0, 0, 1500))
    assert run.layers[0].provenance.source_series_uids == ("1.2.3",)
    assert ("T1 as well", "no") in run.layers[0].provenance.settings


def test_that_an_optional_input_that_the_check_speaks_against_is_left_out_and_nobody_is_asked(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    made, one = optional_package(tmp_path), head_ct((4, 160, 160))
    noise = np.random.default_rng(0).normal(0, 900, one.shape)
    loud = magnetic((one + noise).astype(np.int16))
    given = [(MR, loud)]
    refused = service.start(made, series(), ct_volume(one), further=given, confirmed=())
    end = events.end_of(refused.job_id)
    assert isinstance(end, Failed)
    # A phantom is no head: of the CT the reader is asked, of the T1, which nobody needs, not.
    assert all(objection.startswith("CT: ") for objection in end.objections)
    run = service.start(made, series(), ct_volume(one), further=given, confirmed=end.objections)
    assert any(sentence.startswith("Made without the T1 series. The images") for sentence in told(events, run))
    assert run.layers[0].provenance.source_series_uids == ("1.2.3",)


def test_that_an_optional_input_whose_grid_does_not_fit_is_left_out(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    wide = affine((20.0, 1.0, 1.0))  # farther apart than the model allows
    made, one = optional_package(tmp_path), fours(1)
    run = service.start(made, series(), ct_volume(one), further=[(MR, magnetic(fours(2), wide))])
    assert told(events, run)[0].startswith("Made without a T1")
    assert run.provenance.source_series_uids == ("1.2.3",)


def test_that_slices_beyond_an_optional_input_are_said_to_be_made_without_it(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    short = magnetic(fours(2)[:2])
    run = service.start(optional_package(tmp_path), series(), ct_volume(fours(1)), further=[(MR, short)])
    assert told(events, run) == ["2 of 4 slices lie outside the T1 series and are made without it."]


def test_that_slices_where_the_second_input_does_not_reach_are_named(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    first, short = ct_volume(fours(1)), ct_volume(fours(2)[:2])
    run, result = finished(service, events, package(tmp_path, SECOND), first, short)
    notices = [event.sentence for event in events.of(run.job_id) if isinstance(event, Notice)]
    assert notices == ["2 of 4 slices lie outside the CT series; do not use them."]
    assert result.array[:2].any()
    assert not result.array[2:].any()


def test_that_a_second_input_of_another_place_is_a_failure(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    elsewhere = affine((2.0, 1.0, 1.0))
    elsewhere[2, 3] += 500
    far = ct_volume(fours(2), elsewhere)
    run = service.start(package(tmp_path, SECOND), series(), ct_volume(fours(1)), further=[(OTHER, far)])
    end = events.end_of(run.job_id)
    assert isinstance(end, Failed)
    assert end.sentence == "The CT series does not show what the first series shows."


def test_that_inputs_that_do_not_belong_together_are_refused_at_once(service: InferenceService, tmp_path: Path) -> None:
    made, volume = package(tmp_path, SECOND), ct_volume(fours(1))
    with pytest.raises(UnsuitableError, match="It takes 2 series; 1 were given"):
        service.start(made, series(), volume)
    apart = series(uid="1.2.4", frame_of_reference_uid="1.8")
    with pytest.raises(UnsuitableError, match="The series given as CT does not fit beside the first one"):
        service.start(made, series(), volume, further=[(apart, volume)])
