"""Compressed slices are shared out to processes, with the same values, order and sentences as in one thread."""

import os
import signal
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless, RLELossless

from medgan_viewer.core.catalog import Instance, Series
from medgan_viewer.dicom import assemble, decoding, index
from medgan_viewer.dicom.pixels import ReadImage, read_image
from medgan_viewer.errors import ReadError
from tests.dicom_builder import image_dataset, ramp, save, write_series


def write_compressed(folder: Path, voxels: np.ndarray[Any, Any], syntax: str) -> Series:
    for n, image in enumerate(voxels):
        dataset = image_dataset(image, (0, 0, n), InstanceNumber=n + 1, RescaleIntercept="-100")
        save(dataset, folder / f"{n:03d}.dcm")
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(folder / f"{n:03d}.dcm")
    (study,) = index.scan([folder]).studies
    return study.series[0]


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Share the work of small series too."""
    monkeypatch.setattr(decoding, "_FEWEST_PIXELS", 1)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless])
def test_processes_give_the_same_voxels(tmp_path: Path, syntax: str) -> None:
    voxels = ramp((12, 64, 72), np.uint16)
    series = write_compressed(tmp_path, voxels, syntax)
    told: list[int] = []
    pending = assemble.open_stack(series)
    with decoding.Decoders(2) as decoders:
        assert pending.read_all(5, told.append, decoders=decoders)
    np.testing.assert_array_equal(pending.stack.array, voxels.astype(int) - 100)
    assert told[0] == 5
    assert sorted(told) == list(range(12))
    assert pending.is_complete


@pytest.mark.usefixtures("always")
def test_a_damaged_slice_is_named_and_the_others_come(tmp_path: Path) -> None:
    series = write_compressed(tmp_path, ramp((10, 64, 72), np.uint16), JPEG2000Lossless)
    for n in (0, 9):
        whole = (tmp_path / f"{n:03d}.dcm").read_bytes()
        (tmp_path / f"{n:03d}.dcm").write_bytes(whole[:-120] + bytes(112) + whole[-8:])
    (tmp_path / "009.dcm").unlink()
    pending = assemble.open_stack(series)
    with decoding.Decoders(2) as decoders:
        assert pending.read_all(5, decoders=decoders)
    assert pending.ready[1:9].all()
    assert any(problem.path.name == "009.dcm" for problem in pending.problems)
    assert all(problem.reason.startswith("Slice ") for problem in pending.problems)


def _breaking(instance: Instance, kind: np.dtype[Any], modality: str, graphics: bool, slot: int | None) -> ReadImage:
    """Read an image as the processes do, but for one on which the decoder breaks down."""
    if instance.path.name == "007.dcm":
        os.kill(os.getpid(), signal.SIGKILL)
    return read_image(instance, kind, modality, graphics=graphics)


@pytest.mark.usefixtures("always")
def test_a_decoder_that_breaks_down_costs_its_slice_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series = write_compressed(tmp_path, ramp((9, 16, 18), np.uint16), RLELossless)
    monkeypatch.setattr(decoding, "_read", _breaking)
    # This process reads what it can until the others answer: not the slice in question.
    pending = assemble.open_stack(series)
    monkeypatch.setattr(pending, "read", lambda n: n == 7 or assemble.PendingStack.read(pending, n))
    with decoding.Decoders(1) as decoders:
        flown = decoders.read(series.instances[0], pending.stack.array.dtype, "CT", graphics=False)
        flown.result(timeout=60)
        assert pending.read_all(6, decoders=decoders)
    assert list(np.flatnonzero(~pending.ready)) == [7]
    (problem,) = pending.problems
    assert problem.reason == "Slice 8 is left empty. The decoder broke down on it; the file is damaged."


@pytest.mark.usefixtures("always")
def test_reading_can_be_stopped(tmp_path: Path) -> None:
    series = write_compressed(tmp_path, ramp((10, 16, 18), np.uint16), RLELossless)
    told: list[int] = []
    pending = assemble.open_stack(series)
    with decoding.Decoders(2) as decoders:
        assert not pending.read_all(0, told.append, cancelled=lambda: len(told) > 2, decoders=decoders)
    assert not pending.is_complete


def _called_back(future: Future[Any]) -> threading.Event:
    """Return an event that is set when whatever waited for the future has been called."""
    done = threading.Event()
    future.add_done_callback(lambda _: done.set())
    return done


@pytest.mark.usefixtures("always")
def test_every_place_in_shared_memory_comes_back_whatever_became_of_the_slice(tmp_path: Path) -> None:
    series = write_compressed(tmp_path, ramp((10, 16, 18), np.uint16), RLELossless)
    kind = np.dtype(np.uint16)
    with decoding.Decoders(2) as decoders:
        good, dropped, gone = (decoders.read(series.instances[n], kind, "MR", graphics=False) for n in range(3))
        series.instances[3].path.unlink()
        lost = decoders.read(series.instances[3], kind, "MR", graphics=False)
        assert not decoders._free
        # More than there are places for: by pipe.
        fifth = decoders.read(series.instances[4], kind, "MR", graphics=False)
        decoders.drop(dropped)
        decoders.drop(gone)
        np.testing.assert_array_equal(decoders.result(fifth).values, read_image(series.instances[4], kind, "MR").values)
        np.testing.assert_array_equal(decoders.result(good).values, read_image(series.instances[0], kind, "MR").values)
        with pytest.raises(ReadError):
            decoders.result(lost)
        assert all(_called_back(future).wait(60) for future in (dropped, gone))
        assert sorted(decoders._free) == [0, 1, 2, 3]


@pytest.mark.usefixtures("always")
def test_an_image_too_large_for_its_place_comes_by_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    series = write_compressed(tmp_path, ramp((4, 16, 18), np.uint16), RLELossless)
    monkeypatch.setattr(decoding, "_SLOT_BYTES", 16 * 18 * 2 - 1)
    with decoding.Decoders(1) as decoders:
        future = decoders.read(series.instances[1], np.dtype(np.uint16), "MR", graphics=False)
        values = decoders.result(future).values
    np.testing.assert_array_equal(values, read_image(series.instances[1], values.dtype, "MR").values)


def test_small_and_raw_series_start_no_process(tmp_path: Path) -> None:
    write_series(tmp_path, ramp((3, 8, 9)))
    (study,) = index.scan([tmp_path]).studies
    with decoding.Decoders() as decoders:
        pending = assemble.open_stack(study.series[0])
        assert pending.read_all(decoders=decoders)
        assert decoders._pool is None
