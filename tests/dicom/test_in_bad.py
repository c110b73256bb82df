"""Bad input that the damaged files of ``tests/fuzz`` brought to light, and what a file system can do to a reader."""

import threading
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGLSLossless

from medgan_viewer.core.catalog import Catalog
from medgan_viewer.dicom import assemble, index
from medgan_viewer.dicom.pixels import _codestream_size
from tests.dicom_builder import image_dataset, ramp, save, write_series


def reasons(catalog: Catalog) -> list[str]:
    return [refusal.reason for refusal in catalog.refused]


@pytest.mark.parametrize("frames", ["-1", "0"])
def test_fewer_than_one_frame_is_one(tmp_path: Path, frames: str) -> None:
    save(image_dataset(ramp((4, 5)), NumberOfFrames=frames), tmp_path / "one.dcm")
    (study,) = index.scan([tmp_path]).studies
    assert len(study.series[0].instances) == 1


def test_a_value_whose_length_does_not_fit_its_kind_is_taken_as_missing(tmp_path: Path) -> None:
    path = save(image_dataset(ramp((4, 5))), tmp_path / "one.dcm")
    whole = path.read_bytes()
    # The series description, after the file meta information.
    at = whole.index(b"\x08\x00\x16\x00UI")
    path.write_bytes(whole[: at + 4] + b"UL" + whole[at + 6 :])
    catalog = index.scan([path])
    assert catalog.studies or reasons(catalog)[0].endswith(".")


@pytest.mark.parametrize(("syntax", "marker"), [(JPEGLSLossless, b"\xff\xf7"), (JPEG2000Lossless, b"\xff\x51")])
def test_compressed_pixels_larger_than_the_header_says_are_never_decoded(
    tmp_path: Path, syntax: str, marker: bytes
) -> None:
    dataset = image_dataset(ramp((64, 72), np.uint16))
    path = save(dataset, tmp_path / "one.dcm")
    dataset.compress(syntax, generate_instance_uid=False)
    dataset.save_as(path)
    whole = path.read_bytes()
    at = whole.rindex(marker)
    if marker == b"\xff\xf7":
        changed = whole[: at + 5] + b"\xff\xf0" + whole[at + 7 :]
    else:
        changed = whole[: at + 6] + b"\x00\x0f\xff\xff" + whole[at + 10 :]
    path.write_bytes(changed)
    (study,) = index.scan([path]).studies
    pending = assemble.open_stack(study.series[0])
    pending.read_all()
    (problem,) = pending.problems
    assert problem.reason.endswith("The compressed image has another size than its header says.")


@pytest.mark.parametrize(
    ("stream", "size"),
    [
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc3\x00\x0b\x0c\x02\x00\x01\x00\x01", (512, 256)),
        (b"\xff\xd8\xff\xf7\x00\x0b\x08\x00\x10\x00\x20\x01", (16, 32)),
        (b"\xff\xd8\xff", None),
        (b"no stream at all", None),
        (b"", None),
    ],
)
def test_the_size_of_a_compressed_stream_is_read_from_its_markers(stream: bytes, size: tuple[int, int] | None) -> None:
    assert _codestream_size(stream) == size


def test_identifiers_that_look_like_paths_are_only_words(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    before = set(tmp_path.rglob("*"))
    save(image_dataset(ramp((4, 5)), SOPInstanceUID="1.2/../../x", SeriesInstanceUID="../../etc"), folder / "one.dcm")
    (study,) = index.scan([folder]).studies
    (series,) = study.series
    assert series.series_instance_uid == "../../etc"
    np.testing.assert_array_equal(assemble.load_stack(series).array[0], ramp((4, 5)))
    assert set(tmp_path.rglob("*")) - before == {folder, folder / "one.dcm"}


def test_links_that_lead_nowhere_or_to_themselves_end(tmp_path: Path) -> None:
    write_series(tmp_path / "a", ramp((2, 4, 5)))
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    catalog = index.scan([tmp_path])
    assert len(catalog.studies[0].series[0].instances) == 2
    assert all(reason.endswith(".") for reason in reasons(catalog))


def test_a_file_that_vanishes_before_it_is_read_is_named_and_the_rest_comes(tmp_path: Path) -> None:
    paths = write_series(tmp_path, ramp((3, 4, 5)))
    (study,) = index.scan([tmp_path]).studies
    paths[1].unlink()
    pending = assemble.open_stack(study.series[0])
    assert pending.read_all()
    assert list(pending.ready) == [True, False, True]
    (problem,) = pending.problems
    assert problem.reason == "Slice 2 is left empty. The file cannot be read (No such file or directory)."


def test_files_that_grow_and_shrink_while_they_are_listed_never_raise(tmp_path: Path) -> None:
    paths = write_series(tmp_path, ramp((6, 16, 16)))
    whole = paths[0].read_bytes()
    done = threading.Event()

    def rewrite() -> None:
        while not done.is_set():
            for path in paths[:3]:
                path.write_bytes(whole[: len(whole) // 3])
                path.write_bytes(whole + bytes(100))

    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        for _ in range(10):
            catalog = index.scan([tmp_path])
            for study in catalog.studies:
                for series in study.series:
                    pending = assemble.open_stack(series)
                    pending.read_all()
                    assert all(problem.reason.endswith(".") for problem in pending.problems)
            assert all(reason.endswith(".") for reason in reasons(catalog))
    finally:
        done.set()
        thread.join()
