"""A rigid registration finds a known transform, says how good it is, and refuses what it cannot do."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.core.registration import STEPS, Quality, Registration, Rigid, objection, register, run
from medgan_viewer.core.volume import Plane, Vector, Volume
from medgan_viewer.errors import UnsuitableError
from tests.core.registered_heads import CORNERS, moved_by, scan

# From the space of the first examination to that of the second.
TRUTH = moved_by(8, -5, 12, (25.0, -14.0, 60.0))


@pytest.fixture(scope="module")
def ct() -> Volume:
    return scan((42, 84, 70), (4.4, 2.4, 2.4))


@pytest.fixture(scope="module")
def mr() -> Volume:
    return scan((60, 84, 70), (3.0, 2.4, 2.4), TRUTH, "MR", seed=1)


@pytest.fixture(scope="module")
def coarse() -> Volume:
    return scan((22, 30, 26), (8.4, 6.6, 6.6))


@pytest.fixture(scope="module")
def ct_and_mr(ct: Volume, mr: Volume) -> Registration:
    found = register(ct, mr)
    assert found is not None
    return found


def _error(found: Registration, truth: Rigid) -> tuple[float, float]:
    """Return by how many mm the middle of the head, and by how many degrees it all, is wrong."""
    left = found.fixed_from_moving.after(truth)
    return float(np.linalg.norm(left.point(np.zeros(3)))), left.degrees


def test_a_known_transform_between_ct_and_mr_is_found_to_half_a_millimetre_and_half_a_degree(
    ct_and_mr: Registration,
) -> None:
    shift, turn = _error(ct_and_mr, TRUTH)
    assert shift < 0.5
    assert turn < 0.5


def test_its_quality_is_told_and_no_objection_is_raised(ct_and_mr: Registration) -> None:
    quality = ct_and_mr.quality
    assert quality.objection == ""
    assert quality.disagreement_mm < 1.0
    assert quality.overlap > 0.95
    assert quality.after > quality.before + 0.1
    assert "mm each way" in quality.short


def test_the_same_voxels_give_the_same_answer_to_a_hundredth_of_a_millimetre(coarse: Volume) -> None:
    other = scan((24, 30, 26), (8.0, 6.6, 6.6), TRUTH, "MR", seed=1)
    first, second = register(coarse, other), register(coarse, other)
    assert first is not None
    assert second is not None
    apart = first.fixed_from_moving.point(CORNERS) - second.fixed_from_moving.point(CORNERS)
    assert np.abs(apart).max() < 0.01


def test_a_follow_up_of_one_modality_is_found_although_it_shows_only_a_part(mr: Volume) -> None:
    part = scan((22, 80, 66), (3.0, 2.6, 2.6), modality="MR", above=20)
    found = register(part, mr)
    assert found is not None
    assert max(_error(found, TRUTH)) < 0.5
    assert found.quality.objection == ""


def test_a_scan_lies_on_itself_and_tells_all_of_itself(coarse: Volume) -> None:
    found = register(coarse, coarse)
    assert found is not None
    assert max(_error(found, Rigid())) < 0.3
    assert found.quality.before == pytest.approx(2.0)
    assert found.quality.objection == ""
    assert found.quality.overlap == 1.0


def test_noise_is_not_registered_to_a_head(coarse: Volume) -> None:
    noise = np.random.default_rng(3).normal(0, 200, (20, 20, 20)).astype(np.int16)
    affine = np.diag([8.0, 8.0, 8.0, 1.0])[[2, 1, 0, 3]]
    affine[:3, 3] = -80
    found = register(coarse, Volume(noise, affine))
    assert found is not None
    assert found.quality.objection


@pytest.mark.parametrize(
    ("quality", "reason"),
    [
        (Quality(9.0, 0.9, 1.1, 1.3), "9 mm apart"),
        (Quality(math.nan, 0.9, 1.1, 1.3), "apart"),
        (Quality(0.5, 0.1, 1.1, 1.3), "10 % of the body"),
        (Quality(0.5, 0.9, 1.0, 1.01), "next to nothing"),
        (Quality(0.5, 0.9, 1.3, 1.2), "next to nothing"),
    ],
)
def test_what_is_not_good_enough_is_not_used(quality: Quality, reason: str) -> None:
    assert reason in quality.objection


def test_it_stops_when_it_is_cancelled_and_tells_how_far_it_is(ct: Volume, mr: Volume) -> None:
    shares: list[float] = []
    assert register(ct, mr, shares.append, lambda: len(shares) > 5) is None
    assert shares == sorted(shares)
    assert shares[-1] < 0.5


def test_a_few_slices_are_too_little_to_go_by(ct: Volume) -> None:
    thin = Volume(np.zeros((3, 80, 80), np.int16), ct.affine)
    assert "fewer than 4 slices" in objection(thin)
    with pytest.raises(UnsuitableError, match="second series"):
        register(ct, thin)


class _Outside:
    """Stands in for the worker's context."""

    def __init__(self, arrays: dict[str, NDArray[np.generic]], *, cancelled: bool = False) -> None:
        self.arrays, self.cancelled, self.steps = arrays, cancelled, list[int]()

    def array(self, handle: str) -> NDArray[np.generic]:
        return self.arrays[handle]

    def started(self, device: str, precision: str, slices: int, inputs: int | None = None) -> None:
        assert slices == STEPS

    def slice_ready(self, index: int) -> None:
        self.steps.append(index)


def test_as_a_job_it_tells_every_step_and_writes_the_answer(coarse: Volume) -> None:
    affine, answer = np.array(coarse.affine), np.zeros(20)
    outside = _Outside({"scan": coarse.array, "answer": answer})
    run(outside, ("scan", affine), ("scan", affine), "answer")
    assert outside.steps == list(range(STEPS))
    assert Registration.from_numbers(answer).fixed_from_moving.degrees < 0.3
    untouched = np.zeros(20)
    ended = _Outside({"scan": coarse.array, "answer": untouched}, cancelled=True)
    run(ended, ("scan", affine), ("scan", affine), "answer")
    assert not untouched.any()


# -- the transform itself --------------------------------------------------------------------------------------------


def test_a_way_and_its_way_back_lead_to_where_one_was() -> None:
    assert TRUTH.inverse.point(TRUTH.point(CORNERS)) == pytest.approx(CORNERS)
    assert TRUTH.inverse.after(TRUTH).matrix == pytest.approx(np.eye(4))
    assert Rigid.shift(np.array([1.0, 2.0, 3.0])).point(np.zeros(3)) == pytest.approx([1, 2, 3])


def test_its_angle_is_told() -> None:
    assert moved_by(0, 0, 12, (1.0, 2.0, 3.0)).degrees == pytest.approx(12)
    assert moved_by(0, 170, 0, (0.0, 0.0, 0.0)).degrees == pytest.approx(170)
    assert Rigid().degrees == 0


def test_a_plane_goes_where_its_points_go() -> None:
    origin, row, column = (np.array(one, dtype=np.float64) for one in ((1, 2, 3), (0, 2, 0), (1.5, 0, 0)))
    plane = Plane(origin, row, column, 10, 12)
    there = TRUTH.plane(plane)
    assert there.point(4, 7) == pytest.approx(TRUTH.point(plane.point(4, 7)))
    assert there.spacing == pytest.approx(plane.spacing)


@pytest.mark.parametrize("matrix", [np.diag([2.0, 1, 1, 1]), np.diag([-1.0, 1, 1, 1]), np.eye(3)])
def test_what_stretches_or_mirrors_is_no_rigid_transform(matrix: Vector) -> None:
    with pytest.raises(ValueError, match="rigid"):
        Rigid(matrix)
