"""Whole runs in the worker, against answers computed directly."""

import gc
import os
import signal
import tempfile
import weakref
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from medgan_viewer.core.acquired import layer_on_slice
from medgan_viewer.core.layers import HeatLayer, ImageLayer, LabelLayer
from medgan_viewer.core.volume import SliceStack, Volume
from medgan_viewer.errors import JobError, UnsuitableError
from medgan_viewer.jobs import shared_array
from medgan_viewer.jobs.events import Cancelled, Failed, Finished, Notice, SliceReady, Started
from medgan_viewer.jobs.worker import Job
from medgan_viewer.models import recognition
from medgan_viewer.models.inspection import guess_of
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.services import InferenceService, ModelRun, checker
from tests.jobs.recorder import Recorder
from tests.models.conftest import Witness, offer_networks
from tests.models.scans import AXIAL, HEAD_MM, affine, ct_volume, head_ct, series, simulated_head, tilted
from tests.models.tiny import content, write_package

# HU / 1000 of the slice itself, as the first channel of "ct_two_window" holds it; plus one, so that air is zero.
WIDE = np.array([[1.0, 0.0]], np.float32)
ONE = np.array([1.0], np.float32)


def package(folder: Path, head: NDArray[np.float32] = WIDE, bias: NDArray[np.float32] = ONE, **options: Any) -> Package:
    """Return a package whose answer is known; ``seconds`` and ``largest_batch`` go to its network."""
    network = {key: options.pop(key) for key in ("seconds", "largest_batch") if key in options}
    values = content(channels_in=head.shape[1], channels_out=head.shape[0], **options)
    values["network"]["arguments"].update(network)
    return read_package(write_package(folder, values, head, bias))


def finished(service: InferenceService, events: Recorder, made: Package, volume: Volume, **changes: Any) -> ModelRun:
    """Run a model to its end on a head series."""
    modality = volume.modality
    run = service.start(made, series(modality, **changes), volume)
    assert isinstance(events.end_of(run.job_id), Finished), run.end
    return run


def test_that_a_run_gives_what_the_network_computes(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    voxels = head_ct((5, 40, 32))
    run = finished(service, events, package(tmp_path), ct_volume(voxels))
    (layer,) = run.layers
    assert isinstance(layer, ImageLayer)
    assert layer.complete
    # HU / 1000 + 1, stored as thousandths: HU + 1000 up to 1500.
    np.testing.assert_array_equal(layer.volume.array, np.clip(voxels.astype(int) + 1000, 0, 1500))
    assert layer.volume.array.dtype == np.int16
    assert (layer.volume.modality, layer.volume.unit, layer.volume.synthetic) == ("MR", "a.u.", True)
    assert layer.window == (1000.0, 500.0)
    np.testing.assert_array_equal(layer.volume.affine, ct_volume(voxels).affine)


@pytest.mark.parametrize("upwards", [True, False])
def test_that_the_neighbour_after_a_slice_is_the_one_nearer_the_top_of_the_head(
    service: InferenceService, events: Recorder, tmp_path: Path, upwards: bool
) -> None:
    voxels = head_ct((4, 24, 24))
    # Channels: slice below, itself, slice above, two each; the answer is the slice above.
    above = np.array([[0, 0, 0, 0, 1, 0]], np.float32)
    directions = AXIAL * np.array([1 if upwards else -1, 1, 1])
    volume = ct_volume(voxels, affine((2.0, 1.0, 1.0), directions))
    run = finished(service, events, package(tmp_path, above, neighbours=1), volume)
    order = [1, 2, 3, 3] if upwards else [0, 0, 1, 2]
    np.testing.assert_array_equal(run.layers[0].volume.array, np.clip(voxels[order].astype(int) + 1000, 0, 1500))


def blob(shape: tuple[int, int, int], centre: NDArray[np.float64]) -> NDArray[np.int16]:
    """Return a head with one bright round mark of a few voxels around a fractional index."""
    voxels = np.full(shape, -1000, np.int16)
    voxels[:, 3:-3, 3:-3] = -200
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)
    distance = np.linalg.norm((index - centre) / (0.7, 3.0, 3.0), axis=-1)
    voxels += (600 * np.exp(-(distance**2) / 2)).astype(np.int16)
    return voxels


GRIDS = {
    "canonical": AXIAL,
    "head first to feet first": AXIAL * np.array([-1, 1, 1]),
    "mirrored rows and columns": AXIAL * np.array([1, -1, -1]),
    "rows along the patient's side": AXIAL[:, [0, 2, 1]] * np.array([-1, 1, -1]),
    "oblique": tilted(22, 0) @ tilted(-15, 2) @ AXIAL,
}


@pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS.keys())
@pytest.mark.parametrize("pixel", [0.6, 1.7])
def test_that_a_mark_stays_at_its_point_in_the_patient(
    service: InferenceService, events: Recorder, tmp_path: Path, grid: NDArray[np.float64], pixel: float
) -> None:
    centre = np.array([3.0, 17.0, 28.0])
    volume = ct_volume(blob((7, 48, 40), centre), affine((3.0, pixel, pixel), grid))
    run = finished(service, events, package(tmp_path, grid_spacing_mm=1.0), volume)
    result = run.layers[0].volume
    bright = np.clip(result.array.astype(float) - 1000, 0, None)
    found = result.point(np.array(ndimage.center_of_mass(bright)))
    np.testing.assert_allclose(found, volume.point(centre), atol=0.15)


def test_that_a_mark_stays_at_its_point_in_a_tilted_and_uneven_series(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    tilt = tilted(18, 0)
    origins = np.array([tilt @ [0, 0, 0] + [0, 0, z] for z in (0.0, 4, 8, 12, 19, 26)])
    planes = [blob((1, 40, 40), np.array([0.0, 20, 15]))[0] for _ in origins]
    stack = SliceStack(
        np.stack(planes), origins, tilt @ [0, 0.8, 0], np.array([0.8, 0, 0]), np.full(6, 4.0), "1.9", "CT", "HU"
    )
    volume = stack.volume()
    assert volume.resampled
    run = finished(service, events, package(tmp_path), volume)
    # As it is exported: back on the planes where the series was acquired.
    for index in range(len(stack)):
        image = layer_on_slice(run.layers[0], stack, index)
        found = ndimage.center_of_mass(np.clip(image.astype(float) - 1000, 0, None))
        np.testing.assert_allclose(found, (20, 15), atol=0.3)


def test_that_what_lies_outside_the_head_is_background(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    voxels = head_ct((3, 40, 40))
    bright_everywhere = package(tmp_path, np.zeros((1, 2), np.float32), np.array([1.0], np.float32))
    run = finished(service, events, bright_everywhere, ct_volume(voxels))
    array = run.layers[0].volume.array
    assert (array[:, 6:-6, 6:-6] == 1000).all()
    assert (array[:, :2] == 0).all()
    assert (array[:, :, -2:] == 0).all()


def test_that_the_couch_is_not_seen_by_the_model(service: InferenceService, events: Recorder, tmp_path: Path) -> None:
    voxels = np.full((4, 64, 64), -1000, np.int16)
    voxels[:, 8:40, 8:56] = 40
    voxels[:, 54:57] = 300
    values = content()
    values["preprocessing"]["mask_couch"] = True
    made = read_package(write_package(tmp_path, values, WIDE, ONE))
    array = finished(service, events, made, ct_volume(voxels)).layers[0].volume.array
    assert (array[:, 52:] == 0).all()
    assert (array[:, 12:36, 12:52] == 1040).all()


def test_that_outlines_follow_the_anatomy_between_the_networks_pixels(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    # Label 1 where HU > 0, on a slanted soft edge; source pixels of 0.5 mm, the network's of 2 mm.
    rows, columns = np.mgrid[0:96, 0:96]
    edge = np.clip(4.0 * (rows - 0.6 * columns - 20), -300, 300)
    voxels = np.repeat(edge[None].astype(np.int16), 3, axis=0)
    voxels[:, :4], voxels[:, -4:], voxels[:, :, :4], voxels[:, :, -4:] = -1000, -1000, -1000, -1000
    logits = np.array([[0, 0], [1, 0], [0, 0]], np.float32)
    low_third = np.array([0, 0, -100], np.float32)
    made = package(tmp_path, logits, low_third, task="segmentation", grid_spacing_mm=2.0)
    run = finished(service, events, made, ct_volume(voxels, affine((2.0, 0.5, 0.5))))
    (layer,) = run.layers
    assert isinstance(layer, LabelLayer)
    inner = (slice(None), slice(10, -10), slice(10, -10))
    labels, truth = layer.volume.array[inner], voxels[inner] > 0
    assert layer.volume.array.dtype == np.uint8
    # The network's own pixels are 4 × 4 voxels: steps of that size would put 1.9 % on the wrong side.
    assert (labels.astype(bool) != truth).mean() < 0.005
    assert (layer.volume.array[:, :2] == 0).all()
    assert [segment.name for segment in layer.segments] == ["Part 1", "Part 2"]
    assert layer.millilitres()[1] == pytest.approx(layer.volume.array.sum() * 0.0005)


def test_that_a_label_the_manifest_does_not_name_is_background(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    values = content(task="segmentation", channels_out=3)
    del values["outputs"][1]
    always_two = np.array([0, 0, 9], np.float32)
    made = read_package(write_package(tmp_path, values, np.zeros((3, 2), np.float32), always_two))
    run = finished(service, events, made, ct_volume(head_ct((2, 24, 24))))
    assert not run.layers[0].volume.array.any()


def test_that_a_heat_map_is_a_probability_inside_the_head(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    voxels = np.zeros((3, 40, 40), np.int16)
    voxels[:, 6:-6, 6:-6] = np.random.default_rng(3).integers(300, 900, (3, 28, 28))
    values = content(task="anomaly", modality="MR", channels_in=1)
    pairs = [{"false_alarm_rate": rate, "threshold": 1 - rate} for rate in (0.05, 0.2)]
    values["calibration"] = {"healthy_maxima": {"T1": [0.4, 0.5]}, "thresholds": {"T1": pairs, "FLAIR": pairs[:1]}}
    values["calibration"]["guarantee"] = {"T1": "two adults"}
    made = read_package(write_package(tmp_path, values, np.array([[2.0]], np.float32), np.array([-1.0], np.float32)))
    volume = Volume(voxels, affine((2.0, 1.0, 1.0)), "1.9", "MR")
    run = finished(service, events, made, volume, contrast="T1")
    (layer,) = run.layers
    assert isinstance(layer, HeatLayer)
    reference = np.percentile(voxels[:, 6:-6, 6:-6], 99.5)
    expected = 1 / (1 + np.exp(1 - 2 * np.clip(voxels / reference, 0, 1.5)))
    inner = (slice(None), slice(8, -8), slice(8, -8))
    # The head that the reference is measured in has a soft edge of its own.
    np.testing.assert_allclose(layer.volume.array[inner], expected[inner], atol=0.01)
    assert (layer.volume.array[:, :2] == 0).all()
    assert layer.threshold == 0.95
    assert layer.thresholds == ((0.05, 0.95), (0.2, 0.8))
    assert layer.healthy_maxima == (0.4, 0.5)
    assert layer.calibrated_on == "two adults"
    assert not layer.guaranteed
    assert not layer.volume.synthetic
    unknown = finished(service, events, made, volume).layers[0]
    assert isinstance(unknown, HeatLayer)
    assert unknown.thresholds == ()


def test_that_thresholds_of_one_contrast_are_not_used_for_another(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    values = content(task="anomaly", modality="MR", channels_in=1)
    pairs = [{"false_alarm_rate": 0.05, "threshold": 0.9}]
    values["calibration"] = {"healthy_maxima": {"T1": [0.4]}, "thresholds": {"T1": pairs}}
    made = read_package(write_package(tmp_path, values, np.array([[2.0]], np.float32)))
    voxels = np.random.default_rng(3).integers(300, 900, (2, 40, 40)).astype(np.int16)
    run = finished(service, events, made, Volume(voxels, affine((2.0, 1.0, 1.0)), "1.9", "MR"), contrast="FLAIR")
    (layer,) = run.layers
    assert isinstance(layer, HeatLayer)
    assert layer.thresholds == ()
    assert layer.healthy_maxima == ()


def test_that_the_slice_looked_at_comes_first_and_its_neighbours_next(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    volume = ct_volume(head_ct((9, 24, 24)), affine((2.0, 1.0, 1.0), AXIAL * np.array([-1, 1, 1])))
    run = service.start(package(tmp_path), series(), volume, visible_slice=6)
    events.end_of(run.job_id)
    order = events.slices(run.job_id)
    assert order[0] == 6
    distances = [abs(index - 6) for index in order]
    assert distances == sorted(distances)
    assert sorted(order) == list(range(9))


def test_that_scrolling_changes_what_comes_next(service: InferenceService, events: Recorder, tmp_path: Path) -> None:
    run = service.start(package(tmp_path, seconds=0.03), series(), ct_volume(head_ct((60, 16, 16))), visible_slice=0)
    events.wait_for(run.job_id, SliceReady)
    service.look_at(run.job_id, 59)
    events.end_of(run.job_id)
    order = events.slices(run.job_id)
    assert order.index(59) < 40
    # From there on it works its way back.
    assert order[order.index(59) + 1] > 50


def test_that_slices_are_ready_before_they_are_announced(
    service: InferenceService, events: Witness, tmp_path: Path
) -> None:
    run = finished(service, events, package(tmp_path), ct_volume(head_ct((6, 16, 16))))
    assert len(events.slices(run.job_id)) == 6
    assert events.announced_too_early == []


def test_that_a_cancelled_run_keeps_its_finished_slices(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    voxels = head_ct((200, 16, 16))
    run = service.start(package(tmp_path, seconds=0.02), series(), ct_volume(voxels))
    events.wait_for(run.job_id, SliceReady)
    service.cancel(run.job_id)
    assert isinstance(events.end_of(run.job_id), Cancelled)
    ready = run.layers[0].ready
    assert 0 < ready.sum() < 200
    assert sorted(events.slices(run.job_id)) == np.flatnonzero(ready).tolist()
    np.testing.assert_array_equal(run.layers[0].volume.array[ready], voxels[ready] + 1000)


def test_that_a_killed_worker_loses_nothing_and_the_next_run_works(tmp_path: Path) -> None:
    heard = Recorder()
    service = InferenceService(heard, device="cpu")
    try:
        offer_networks(service)
        voxels = head_ct((200, 16, 16))
        made = package(tmp_path, seconds=0.02)
        run = service.start(made, series(), ct_volume(voxels))
        heard.wait(lambda: sum(isinstance(event, SliceReady) for event in heard.events) >= 5)
        assert service.worker_pid is not None
        os.kill(service.worker_pid, signal.SIGKILL)
        end = heard.end_of(run.job_id)
        assert isinstance(end, Failed)
        ready = run.layers[0].ready
        assert tuple(sorted(end.done)) == tuple(np.flatnonzero(ready))
        assert 5 <= ready.sum() < 200
        np.testing.assert_array_equal(run.layers[0].volume.array[ready], voxels[ready] + 1000)
        offer_networks(service)
        again = service.start(replace(made), series(), ct_volume(voxels[:4]))
        assert isinstance(heard.end_of(again.job_id), Finished)
        assert len(heard.ends(run.job_id)) == 1
    finally:
        service.close()


def test_that_provenance_says_what_made_the_result(service: InferenceService, events: Recorder, tmp_path: Path) -> None:
    made = package(tmp_path)
    before = datetime.now().astimezone()
    run = finished(service, events, made, ct_volume(head_ct((2, 16, 16))))
    provenance = run.provenance
    assert (provenance.device, provenance.precision) == ("cpu", "fp32")
    assert provenance.weights_sha256 == made.manifest.weights_sha256
    assert provenance.source_series_uids == ("1.2.3",)
    assert provenance.limits == ("Knows nothing.",)
    assert before <= provenance.created <= datetime.now().astimezone()
    assert dict(provenance.settings)["in-plane grid"] == "1 mm"


@pytest.mark.parametrize("slices", [4, 40])
def test_that_what_a_scan_looks_like_is_told_as_all_its_slices_that_are_looked_at_say(
    service: InferenceService, slices: int
) -> None:
    volume = ct_volume(simulated_head((slices, 96, 96)), affine((3.0, HEAD_MM / 96, HEAD_MM / 96)))
    expected = guess_of(read_package(Path(checker())), recognition.pictures(volume))
    assert expected is not None
    told = service.recognise(volume)
    assert told is not None
    assert told.answers.keys() == expected.answers.keys()
    for name, answer in told.answers.items():
        assert answer.name == expected.answers[name].name
        assert answer.probability == pytest.approx(expected.answers[name].probability, abs=1e-5)
    # No more goes to the other process than it looks at.
    assert recognition.looked_at(volume).shape[0] == min(slices, recognition.SLICES)


def test_that_nothing_is_said_of_a_scan_without_any_picture(service: InferenceService) -> None:
    assert service.recognise(ct_volume(np.zeros((3, 16, 16), np.int16))) is None


def test_that_altered_weights_are_not_run(service: InferenceService, events: Recorder, tmp_path: Path) -> None:
    made = package(tmp_path)
    weights = bytearray(made.weights.read_bytes())
    weights[-1] ^= 1
    made.weights.write_bytes(weights)
    run = service.start(made, series(), ct_volume(head_ct((2, 16, 16))))
    end = events.end_of(run.job_id)
    assert isinstance(end, Failed)
    assert "not those the manifest names" in end.sentence
    assert not run.ready.any()


def test_that_weights_that_do_not_fit_the_network_are_one_sentence(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    made = read_package(write_package(tmp_path, content(), np.ones((4, 2), np.float32)))
    end = events.end_of(service.start(made, series(), ct_volume(head_ct((2, 16, 16)))).job_id)
    assert isinstance(end, Failed)
    assert end.sentence == "tiny: the weights do not fit the network; install the package again"


def test_that_a_series_that_does_not_fit_is_refused_before_anything_runs(
    service: InferenceService, tmp_path: Path
) -> None:
    with pytest.raises(UnsuitableError, match="Needs CT; this series is MR"):
        service.start(package(tmp_path), series("MR"), ct_volume(head_ct((2, 16, 16))))


def test_that_a_batch_too_large_for_the_memory_is_halved(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    voxels = head_ct((5, 16, 16))
    run = finished(service, events, package(tmp_path, largest_batch=1), ct_volume(voxels))
    np.testing.assert_array_equal(run.layers[0].volume.array, voxels + 1000)


def test_that_a_slice_too_large_for_the_computer_is_one_sentence(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    made = package(tmp_path, largest_batch=0)
    end = events.end_of(service.start(made, series(), ct_volume(head_ct((2, 16, 16)))).job_id)
    assert isinstance(end, Failed)
    assert "memory" in end.sentence


def test_that_voxels_go_when_the_last_layer_goes(service: InferenceService, events: Recorder, tmp_path: Path) -> None:
    run = finished(service, events, package(tmp_path), ct_volume(head_ct((2, 16, 16))))
    job_id, layer = run.job_id, run.layers[0]
    gone = weakref.ref(layer.volume)
    assert service.run(job_id) is run
    assert job_id not in service._arrays
    del run, layer
    gc.collect()
    assert gone() is None
    with pytest.raises(KeyError):
        service.run(job_id)


def test_that_too_little_shared_memory_is_said_and_the_run_goes_on(
    service: InferenceService, events: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(size: int) -> None:
        del size

    files = tmp_path / "temporary"
    files.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(files))
    monkeypatch.setattr(shared_array, "_new_segment", refuse)
    voxels = head_ct((3, 16, 16))
    run = finished(service, events, package(tmp_path), ct_volume(voxels))
    notices = [event for event in events.of(run.job_id) if isinstance(event, Notice)]
    assert len(notices) == 1
    assert "temporary file" in notices[0].sentence
    assert isinstance(events.of(run.job_id)[0], Started)
    assert list(files.iterdir()) == []
    np.testing.assert_array_equal(run.layers[0].volume.array, voxels + 1000)


def test_that_no_room_for_the_result_is_one_failure_and_leaves_nothing_behind(
    service: InferenceService, events: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = package(tmp_path)
    created: list[str] = []
    original = shared_array._new_segment

    def first_only(size: int) -> Any:
        if created:
            raise JobError("There is no room.")
        segment = original(size)
        assert segment is not None
        created.append(segment.name)
        return segment

    monkeypatch.setattr(shared_array, "_new_segment", first_only)
    run = service.start(made, series(), ct_volume(head_ct((2, 16, 16))))
    end = events.end_of(run.job_id)
    assert isinstance(end, Failed)
    assert end.sentence == "There is no room."
    assert run.layers == ()
    assert not (Path("/dev/shm") / created[0]).exists()


def test_that_the_worker_says_what_there_is_to_run_on(service: InferenceService) -> None:
    report = service.devices()
    assert report.chosen in {"cuda", "mps", "cpu"}
    assert report.threads >= 1
    assert report.torch_version


def test_that_a_model_is_warmed_without_a_word(service: InferenceService, events: Recorder, tmp_path: Path) -> None:
    made = package(tmp_path)
    count = len(events.events)
    service.warm(made)
    run = finished(service, events, made, ct_volume(head_ct((2, 16, 16))))
    assert {event.job_id for event in events.events[count:]} == {run.job_id}


def test_that_a_device_that_is_not_there_is_one_sentence(
    service: InferenceService, events: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if service.devices().mps:
        pytest.skip("this machine has an Apple GPU")
    monkeypatch.setattr(service, "device", "mps")
    end = events.end_of(service.start(package(tmp_path), series(), ct_volume(head_ct((2, 16, 16)))).job_id)
    assert isinstance(end, Failed)
    assert end.sentence == "This machine has no Apple GPU; choose auto or cpu."


@pytest.mark.parametrize("largest_batch", [0, 1])
def test_that_a_graphics_card_without_room_is_left_for_the_processor(
    service: InferenceService, tmp_path: Path, largest_batch: int
) -> None:
    made = package(tmp_path)
    job = Job("tests.models.tiny:run_on_a_full_card", {"folder": str(made.folder), "largest_batch": largest_batch})
    result = service._runner.ask(job).result(60)
    if largest_batch == 0:
        assert result["device"] == "cpu"
        assert len(result["notices"]) == 1
        assert "graphics card" in result["notices"][0]
    else:
        assert result["device"] == "cuda"
        assert result["notices"] == []
    assert sorted(result["slices"]) == list(range(20))


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs /proc to look at the memory of a process")
def test_that_the_worker_holds_no_voxels_after_a_run(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    run = service.start(package(tmp_path, seconds=0.02), series(), ct_volume(head_ct((8, 16, 16))))
    events.wait_for(run.job_id, SliceReady)
    names = [Path(array.handle.place).name for array in service._arrays[run.job_id]]
    maps = Path(f"/proc/{service.worker_pid}/maps")
    assert all(name in maps.read_text() for name in names)
    events.end_of(run.job_id)
    # The worker answers when it is through with the job before.
    service.devices()
    assert not any(name in maps.read_text() for name in names)
