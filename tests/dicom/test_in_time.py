"""Mixed series are split by what was imaged, and what was imaged again and again is one series with a time axis."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from medgan_viewer.core.catalog import Catalog, Series
from medgan_viewer.dicom import assemble, describe, index
from tests.dicom_builder import enhanced_dataset, ramp, save, write_series


def only(folder: Path) -> Series:
    (study,) = index.scan([folder]).studies
    (series,) = study.series
    return series


def all_series(folder: Path) -> tuple[Series, ...]:
    (study,) = index.scan([folder]).studies
    return study.series


def write_times(folder: Path, voxels: np.ndarray[Any, Any], attributes: list[dict[str, Any]]) -> None:
    for time, values in enumerate(attributes):
        numbers = {"Modality": "MR"} | values
        write_series(folder / f"{time:02d}", voxels[time], **numbers)


@pytest.mark.parametrize(
    "attributes",
    [
        [{"TemporalPositionIdentifier": n} for n in (1, 2, 3)],
        [{"TriggerTime": str(30 * n)} for n in range(3)],
        [{"AcquisitionNumber": n} for n in (7, 8, 9)],
        [{"AcquisitionTime": f"12000{n}.5"} for n in range(3)],
        [{"InstanceNumber": n} for n in (10, 20, 30)],
    ],
    ids=["temporal position", "trigger delay", "acquisition", "clock", "instance number alone"],
)
def test_time_points_are_one_series_in_their_order(tmp_path: Path, attributes: list[dict[str, Any]]) -> None:
    voxels = ramp((3, 4, 5, 6), start=0) + np.arange(3, dtype=np.int16)[:, None, None, None] * 1000
    write_times(tmp_path, voxels[::-1], attributes[::-1])
    series = only(tmp_path)
    assert (len(series.times), len(series.instances)) == (3, 4)
    for time in range(3):
        np.testing.assert_array_equal(assemble.load_stack(series, time).array, voxels[time])
    assert series.warnings == ()


def test_when_each_time_point_was_acquired_is_said_where_it_is_known(tmp_path: Path) -> None:
    write_times(tmp_path, ramp((3, 4, 5, 6)), [{"AcquisitionTime": time} for time in ("115959", "120001.5", "120015")])
    assert only(tmp_path).time_labels == ("+0 ms", "+2.5 s", "+16.0 s")


def test_a_moment_without_its_seconds_is_not_taken_for_a_time_of_day(tmp_path: Path) -> None:
    moments = [{"AcquisitionDateTime": "202601011200", "AcquisitionTime": time} for time in ("120001", "120003.5")]
    write_times(tmp_path, ramp((2, 4, 5, 6)), moments)
    assert only(tmp_path).time_labels == ("+0 ms", "+2.5 s")


def test_each_time_point_has_a_uid_of_its_own_under_which_the_catalogue_finds_it(tmp_path: Path) -> None:
    write_times(tmp_path, ramp((2, 4, 5, 6)), [{"TemporalPositionIdentifier": n} for n in (1, 2)])
    catalog = index.scan([tmp_path])
    (study,) = catalog.studies
    (series,) = study.series
    assert series.uids == ("1.2.3.1.1", "1.2.3.1.1#t2")
    later = catalog.series("1.2.3.1.1#t2")
    assert (later.time, later.series_instance_uid, later.at(0)) == (1, "1.2.3.1.1", series)
    assert study.series_uids == set(series.uids)
    with pytest.raises(KeyError):
        catalog.series("1.2.3.1.1#t3")
    with pytest.raises(IndexError):
        series.at(2)


def test_the_listing_counts_time_points_and_all_images(tmp_path: Path) -> None:
    write_times(tmp_path, ramp((2, 4, 5, 6)), [{"TemporalPositionIdentifier": n} for n in (1, 2)])
    (study,) = describe.describe(index.scan([tmp_path]))["studies"]
    (series,) = study["series"]
    assert (series["times"], series["instances"], series["shape"]) == (2, 8, [4, 5, 6])


def test_a_time_point_that_was_not_finished_is_left_out_and_said(tmp_path: Path) -> None:
    voxels = ramp((3, 6, 5, 6))
    write_times(tmp_path, voxels, [{"TemporalPositionIdentifier": n} for n in (1, 2, 3)])
    for file in sorted((tmp_path / "02").iterdir())[2:]:
        file.unlink()
    series = only(tmp_path)
    assert len(series.times) == 2
    assert series.warnings == ("1 time point is left out: not every one of the 6 slices is there.",)


@pytest.mark.parametrize(
    "kinds",
    [
        [{"EchoTime": "10"}, {"EchoTime": "90"}],
        [{"DiffusionBValue": 0.0}, {"DiffusionBValue": 1000.0}],
        [{"ImageType": ["ORIGINAL", "PRIMARY", "M"]}, {"ImageType": ["ORIGINAL", "PRIMARY", "P"]}],
        [{"ComplexImageComponent": "MAGNITUDE"}, {"ComplexImageComponent": "PHASE"}],
        [{"InversionTime": "100"}, {"InversionTime": "2000"}],
        [{}, {"ContrastBolusAgent": "Gd"}],
    ],
    ids=["echo", "b-value", "image type", "phase", "inversion", "contrast agent"],
)
def test_other_images_of_the_same_places_are_series_of_their_own(tmp_path: Path, kinds: list[dict[str, Any]]) -> None:
    voxels = ramp((2, 4, 5, 6))
    write_times(tmp_path, voxels, kinds)
    series = all_series(tmp_path)
    assert [one.times for one in series] == [(), ()]
    found = [assemble.load_stack(one).array for one in series]
    np.testing.assert_array_equal(np.stack(found), voxels)


def test_directions_of_one_b_value_are_a_time_axis_beside_the_image_without_diffusion(tmp_path: Path) -> None:
    kinds = [{"DiffusionBValue": b, "InstanceNumber": n} for n, b in enumerate((0.0, 800.0, 800.0, 800.0))]
    write_times(tmp_path, ramp((4, 4, 5, 6)), kinds)
    assert sorted(len(one.times) for one in all_series(tmp_path)) == [0, 3]


def test_what_varies_from_slice_to_slice_splits_nothing(tmp_path: Path) -> None:
    voxels = ramp((2, 4, 5, 6))
    for time in range(2):
        for n in range(4):
            write_series(
                tmp_path / f"{time}-{n}",
                voxels[time, n : n + 1],
                positions=[(0, 0, n)],
                Modality="MR",
                TriggerTime=str(100 * time + 7 * n),
            )
    series = only(tmp_path)
    assert len(series.times) == 2
    np.testing.assert_array_equal(assemble.load_stack(series, 1).array, voxels[1])


def enhanced(stacks: list[str], times: list[int]) -> tuple[Dataset, np.ndarray[Any, Any]]:
    """Return an enhanced image of a frame for every place of every stack and time, and its voxels."""
    voxels = ramp((len(stacks) * len(times) * 3, 4, 5))
    places = [(0.0, 0.0, 100.0 * s + 2 * n) for s in range(len(stacks)) for _ in times for n in range(3)]
    dataset = enhanced_dataset(voxels, places, list(range(len(voxels))))
    named = [(stack, time) for stack in stacks for time in times for _ in range(3)]
    for frame, (stack, time) in zip(dataset.PerFrameFunctionalGroupsSequence, named, strict=True):
        content = Dataset()
        content.StackID, content.TemporalPositionIndex = stack, time
        content.DimensionIndexValues = [1, time, 1]
        frame.FrameContentSequence = [content]
    return dataset, voxels


def test_stacks_of_an_enhanced_file_are_series_of_their_own(tmp_path: Path) -> None:
    dataset, voxels = enhanced(["A", "B"], [1])
    save(dataset, tmp_path / "one.dcm")
    series = all_series(tmp_path)
    assert [len(one.instances) for one in series] == [3, 3]
    for n, one in enumerate(series):
        expected = voxels[3 * n : 3 * n + 3] + np.arange(3 * n, 3 * n + 3)[:, None, None]
        np.testing.assert_array_equal(assemble.load_stack(one).array, expected)


def test_an_enhanced_file_in_time_is_one_series_with_a_time_axis(tmp_path: Path) -> None:
    dataset, voxels = enhanced(["A"], [1, 2])
    save(dataset, tmp_path / "one.dcm")
    series = only(tmp_path)
    assert len(series.times) == 2
    later = assemble.load_stack(series, 1)
    np.testing.assert_array_equal(later.array, voxels[3:] + np.arange(3, 6)[:, None, None])
    np.testing.assert_allclose(later.origins[:, 2], (0, 2, 4))


def test_a_second_catalogue_knows_the_time_points_again(tmp_path: Path) -> None:
    write_times(tmp_path, ramp((2, 4, 5, 6)), [{"TemporalPositionIdentifier": n} for n in (1, 2)])
    found = index.scan([tmp_path])
    assert found.merged(index.scan([tmp_path])) == found
    assert Catalog().merged(found).series("1.2.3.1.1#t2").time == 1
