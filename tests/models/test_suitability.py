"""Which model fits which series, in a reader's words."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medgan_viewer.core.catalog import Series
from medgan_viewer.models.manifest import Manifest, Requirements, read_package
from medgan_viewer.models.suitability import check, choose_inputs
from tests.models.scans import affine, ct_volume, head_ct, series, tilted
from tests.models.tiny import content, with_inputs, write_package


def manifest(**requires: Any) -> Manifest:
    """Return the manifest of a model for axial head CT, or with other requirements."""
    values = content()
    values["requires"].update(requires)
    for modality in values["requires"]["modalities"]:
        values["preprocessing"]["encoding"].setdefault(modality, "mr_head")
    with tempfile.TemporaryDirectory() as folder:
        return read_package(write_package(Path(folder), values, np.ones((1, 2), np.float32))).manifest


def test_that_a_head_ct_fits_a_model_for_head_ct() -> None:
    verdict = check(manifest(), series())
    assert verdict.fits
    assert verdict.cautions == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"colour": True}, "This series is in colour; models are used on grey images only."),
        ({"modality": "MR"}, "Needs CT; this series is MR."),
        ({"modality": ""}, "Needs CT; this series is of no stated modality."),
        ({"body_part": "CHEST"}, "Needs a head; this series shows chest."),
        ({"synthetic": True}, "This series was made by a model; models are used on acquired images only."),
        ({"instances": ()}, "The position of the slices in the patient is not known."),
    ],
)
def test_that_a_misfit_says_why(changes: dict[str, Any], reason: str) -> None:
    verdict = check(manifest(), series(**changes))
    assert not verdict.fits
    assert reason in verdict.reasons


def test_that_the_virtual_patient_may_be_used_although_nobody_was_scanned() -> None:
    assert check(manifest(), series(synthetic=True, simulated=True)).fits


@pytest.mark.parametrize("body_part", ["HEAD", "Brain", "SKULL", "HEADNECK"])
def test_that_a_head_has_many_names(body_part: str) -> None:
    verdict = check(manifest(), series(body_part=body_part))
    assert verdict.fits
    assert not verdict.cautions


def test_that_an_unstated_region_is_for_the_reader_to_confirm() -> None:
    verdict = check(manifest(), series(body_part=" "))
    assert verdict.fits
    assert verdict.cautions == ("The region is not stated in the series: confirm that it shows a head.",)


def test_that_the_contrast_of_an_mr_counts_where_the_model_says_so() -> None:
    needs = manifest(modalities=["MR"], contrasts=["T1", "FLAIR"])
    assert check(needs, series("MR", contrast="FLAIR")).fits
    assert check(needs, series("MR", contrast="T2")).reasons == ("Needs T1 or FLAIR; this series is T2.",)
    unknown = check(needs, series("MR"))
    assert unknown.fits
    assert unknown.cautions == ("The contrast is not stated in the series: confirm that it is T1 or FLAIR.",)


@pytest.mark.parametrize(("degrees", "fits"), [(0, True), (18.5, True), (34, True), (36, False), (90, False)])
def test_that_slices_may_be_tilted_a_little(degrees: float, fits: bool) -> None:
    tilt = tilted(degrees, 0)
    matrix = affine((2.0, 1.0, 1.0), tilt @ np.array([[0.0, 0, 1], [0, 1, 0], [1, 0, 0]]))
    assert check(manifest(), series(), ct_volume(head_ct((3, 16, 16)), matrix)).fits is fits


def test_that_a_sagittal_series_is_recognised_from_its_headers() -> None:
    sagittal = tuple(
        replace(instance, orientation=(0.0, 1.0, 0.0, 0.0, 0.0, -1.0), position=(5.0 * n, 0.0, 0.0))
        for n, instance in enumerate(series().instances)
    )
    assert check(manifest(), series(instances=sagittal)).reasons == ("Needs axial slices; these are tilted by 90°.",)


def test_that_slices_too_far_apart_do_not_fit() -> None:
    far = check(manifest(max_slice_spacing_mm=4.0), series())
    assert far.reasons == ("Needs slices at most 4 mm apart; these are 5.0 mm apart.",)
    near = ct_volume(head_ct((3, 16, 16)), affine((4.0, 1.0, 1.0)))
    assert check(manifest(max_slice_spacing_mm=4.0), series(), near).fits


def test_that_one_slice_is_enough() -> None:
    assert check(manifest(), series(instances=series().instances[:1])).fits


def test_that_requirements_are_plain_values() -> None:
    assert manifest().requires == Requirements("HEAD", ("CT",), (), "axial", 8.0)


def two_inputs(*inputs: tuple[str, list[str]], optional: bool = False) -> Manifest:
    """Return the manifest of a model of a T1 and a T2, or of other inputs."""
    inputs = inputs or (("MR", ["T1"]), ("MR", ["T2"]))
    values = with_inputs(content(channels_in=len(inputs)), *inputs, optional=optional)
    with tempfile.TemporaryDirectory() as folder:
        return read_package(write_package(Path(folder), values, np.ones((1, len(inputs)), np.float32))).manifest


T1 = series("MR", uid="1.2.1", contrast="T1")
T2 = series("MR", uid="1.2.2", contrast="T2")


def test_that_the_one_series_that_fits_beside_the_first_is_chosen() -> None:
    flair = series("MR", uid="1.2.3", contrast="FLAIR")
    choice = choose_inputs(two_inputs(), T1, (flair, T1, T2))
    assert choice.inputs == (T1, T2)
    assert not choice.reasons
    assert not choice.ambiguous


def test_that_a_model_of_one_input_takes_the_series_alone() -> None:
    assert choose_inputs(manifest(), series(), (T1, T2)).inputs == (series(),)


@pytest.mark.parametrize(
    "changes",
    [
        {"frame_of_reference_uid": "1.8"},
        {"study_uid": "1.3"},
        {"contrast": "FLAIR"},
        {"contrast": None},
        {"body_part": "KNEE"},
        {"synthetic": True},
        {"modality": "CT"},
    ],
    ids=str,
)
def test_that_a_series_that_does_not_fit_beside_the_first_is_missed_in_a_sentence(changes: dict[str, Any]) -> None:
    choice = choose_inputs(two_inputs(), T1, (T1, replace(T2, **changes)))
    assert choice.inputs == ()
    assert choice.reasons == ("Needs T2 in the same frame of reference as well; there is none.",)
    assert not choice.ambiguous


def test_that_series_without_a_frame_of_reference_are_not_together() -> None:
    nowhere = [replace(each, frame_of_reference_uid=None) for each in (T1, T2)]
    assert choose_inputs(two_inputs(), nowhere[0], nowhere).reasons


def test_that_several_that_fit_are_left_for_the_reader_to_choose() -> None:
    thin = replace(T2, uid="1.2.4")
    choice = choose_inputs(two_inputs(), T1, (T2, thin))
    assert choice.ambiguous
    assert choice.inputs == ()
    assert choice.candidates == ((T1,), (T2, thin))


@pytest.mark.parametrize(
    ("others", "taken"),
    [((T2,), (T1, T2)), ((), (T1,)), ((T2, replace(T2, uid="1.2.4")), (T1,))],
    ids=["one", "none", "several"],
)
def test_that_an_optional_series_is_taken_where_one_alone_fits(
    others: tuple[Series, ...], taken: tuple[Series, ...]
) -> None:
    choice = choose_inputs(two_inputs(("MR", ["T1"]), ("MR", ["T2"]), optional=True), T1, (T1, *others))
    assert choice.inputs == taken
    assert not choice.reasons


def test_that_no_series_is_taken_twice() -> None:
    choice = choose_inputs(two_inputs(("MR", []), ("MR", []), ("MR", [])), T1, (T1, T2))
    assert choice.inputs == ()
    assert choice.reasons == ("Needs MR in the same frame of reference as well; there is none.",)
