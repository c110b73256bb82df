"""Sober and sharp runs and how far off they may be, against answers worked out by hand."""

from pathlib import Path

import numpy as np
import pytest

from medgan_viewer.core.layers import DoubtLayer, ImageLayer
from medgan_viewer.errors import UsageError
from medgan_viewer.jobs.events import Finished
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.models.tasks.synthesis import span
from medgan_viewer.services import InferenceService, ModelRun
from tests.jobs.recorder import Recorder
from tests.models.scans import AXIAL, affine, ct_volume, head_ct, series, tilted
from tests.models.tiny import content, with_doubt, write_package

# HU / 1000 + 1 as the picture, half of that above and a quarter below as its bounds.
HEAD = np.array([[1.0, 0.0], [0.75, 0.0], [1.5, 0.0]], np.float32)
BIAS = np.array([1.0, 0.75, 1.5], np.float32)


def package(folder: Path, margin: float = 0.0, *, control: bool = True) -> Package:
    manifest = with_doubt(content(channels_in=2, channels_out=3), margin, control=control)
    return read_package(write_package(folder, manifest, HEAD, BIAS))


def finished(
    service: InferenceService, events: Recorder, made: Package, degree: float | None = None, **more: object
) -> ModelRun:
    volume = ct_volume(head_ct((4, 40, 32)))
    run = service.start(made, series("CT"), volume, degree=degree, **more)  # type: ignore[arg-type]
    assert isinstance(events.end_of(run.job_id), Finished), run.end
    return run


PLAIN = np.clip(head_ct((4, 40, 32)).astype(int) + 1000, 0, 1500)
INSIDE = PLAIN > 700  # the head without its soft rim


@pytest.mark.parametrize(("degree", "raised"), [(None, 100), (0.0, 0), (0.5, 50), (1.0, 100)])
def test_that_a_run_is_as_sharp_as_was_asked(
    service: InferenceService, events: Recorder, tmp_path: Path, degree: float | None, raised: int
) -> None:
    run = finished(service, events, package(tmp_path), degree)
    (layer,) = run.layers
    assert isinstance(layer, ImageLayer)
    wanted = np.clip(PLAIN + raised, 0, 1500)
    np.testing.assert_array_equal(layer.volume.array[INSIDE], wanted[INSIDE])
    told = 1.0 if degree is None else degree
    assert layer.degree == told
    assert layer.name == {0.0: "Synthetic 0 · sober", 0.5: "Synthetic 0 · sharpness 0.5"}.get(told, "Synthetic 0")
    assert ("sharpness", f"{told} (0 sober, 1 sharp)") in layer.provenance.settings


@pytest.mark.parametrize("margin", [0.0, 0.02, -0.01])
def test_that_doubt_is_the_interval_widened_to_hold_both_pictures(
    service: InferenceService, events: Recorder, tmp_path: Path, margin: float
) -> None:
    made = package(tmp_path, margin)
    sharp = finished(service, events, made)
    run = finished(service, events, made, 0.0, against=[layer.volume.array for layer in sharp.layers])
    image, doubt = run.layers
    assert isinstance(image, ImageLayer)
    assert isinstance(doubt, DoubtLayer)
    assert (doubt.image_uid, doubt.visible, doubt.volume.unit) == (image.uid, False, "a.u.")
    assert doubt.words == "width of the 5–95 % interval, widened to hold the sober and the sharp picture"
    assert doubt.strongest == 500
    low, high = (np.clip(np.rint(part * PLAIN), 0, 1500) for part in (0.75, 1.5))
    claims = [low - 1000 * margin, high + 1000 * margin, PLAIN, np.clip(PLAIN + 100, 0, 1500)]
    wanted = np.max(claims, axis=0) - np.min(claims, axis=0)
    assert np.abs(doubt.volume.array[INSIDE] - wanted[INSIDE]).max() <= 2
    assert doubt.volume.array.max() > 0
    assert not doubt.volume.array[head_ct((4, 40, 32)) == -1000].any()


def test_that_the_sharp_picture_is_compared_where_it_lies(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    made = package(tmp_path)
    directions = tilted(8, 0) @ (AXIAL * np.array([-1, -1, 1]))
    volume = ct_volume(head_ct((4, 40, 32)), affine((3.0, 1.0, 1.0), directions))
    mark = np.zeros(volume.shape, np.int16)
    mark[1, 20:22, 9:11] = 2000
    plain = service.start(made, series("CT"), volume, degree=0.0)
    assert isinstance(events.end_of(plain.job_id), Finished)
    sober = plain.layers[0].volume.array
    run = service.start(made, series("CT"), volume, degree=0.0, against=[np.where(mark > 0, mark, sober)])
    assert isinstance(events.end_of(run.job_id), Finished)
    width = run.layers[1].volume.array
    assert width[mark > 0].min() > 1000
    beside = (mark == 0) & (sober > 700)
    assert np.abs(width[beside] - 0.75 * sober[beside]).max() < 20 + 0.25 * 1500


def test_that_an_interval_comes_with_the_run_where_nothing_can_be_chosen(
    service: InferenceService, events: Recorder, tmp_path: Path
) -> None:
    run = finished(service, events, package(tmp_path, control=False))
    image, doubt = run.layers
    assert isinstance(image, ImageLayer)
    assert isinstance(doubt, DoubtLayer)
    assert (image.degree, doubt.words) == (None, "width of the 5–95 % interval")
    assert "sharpness" not in dict(run.provenance.settings)


@pytest.mark.parametrize(
    ("control", "degree", "sentence"), [(False, 0.5, "no control over how far"), (True, 1.5, "1.5 does not")]
)
def test_that_a_degree_that_cannot_be_is_refused(
    service: InferenceService, tmp_path: Path, control: bool, degree: float, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        service.start(package(tmp_path, control=control), series("CT"), ct_volume(head_ct((4, 40, 32))), degree=degree)


def test_that_a_span_holds_every_claim_and_is_nothing_outside() -> None:
    claims = [np.array([[-1000, 5, 7]], np.int16), np.array([[32000, -5, 7]], np.int16)]
    inside = np.array([[True, True, False]])
    np.testing.assert_array_equal(span(claims, inside), [[32767, 10, 0]])
