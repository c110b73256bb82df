"""Which model fits which series, in a reader's words."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from medgan_viewer.models.manifest import Manifest, Requirements, read_package
from medgan_viewer.models.suitability import check
from tests.models.scans import affine, ct_volume, head_ct, series, tilted
from tests.models.tiny import content, write_package


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
