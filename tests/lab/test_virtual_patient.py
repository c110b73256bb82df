"""The virtual patient's head: anatomy that could be a head's, and is nobody's."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.errors import ReadError
from medgan_viewer.lab.virtual_patient import DEMO_SEED, VirtualHead
from medgan_viewer.lab.virtual_patient.alignment import fit_affine
from medgan_viewer.lab.virtual_patient.anatomy import RIGHT_OF, TRAINING_HEADS, Labels, load_head, training_folder
from medgan_viewer.lab.virtual_patient.fields import band_noise, doubled, exponential, grid_points, smooth_noise
from medgan_viewer.lab.virtual_patient.fit import _balanced
from medgan_viewer.lab.virtual_patient.likeness import (
    distance,
    fold_distance,
    group_shares,
    on_reference,
    settle,
)
from medgan_viewer.lab.virtual_patient.registration import Grid, Round, register
from medgan_viewer.lab.virtual_patient.shape_model import ShapeModel, load_model
from medgan_viewer.lab.virtual_patient.tumour import Site, push_away
from tests.lab.virtual_heads import virtual_head

BRAIN = (2, 3, 7, 8, 10, 11, 12, 13, 16, 17, 18, 26, 28)
BONE = (515, 516)

Groups = NDArray[np.uint8]


@pytest.fixture(scope="module")
def head() -> VirtualHead:
    return virtual_head(DEMO_SEED)


@pytest.fixture(scope="module")
def training() -> dict[int, Labels]:
    folder = training_folder()
    if folder is None:
        pytest.skip("the training heads (shared data) are absent")
    return {number: load_head(folder, number) for number in TRAINING_HEADS}


@pytest.fixture(scope="module")
def aligned(training: dict[int, Labels]) -> dict[int, Groups]:
    reference = load_model().reference.astype(float)
    return {number: on_reference(labels, (1, 1, 1), reference) for number, labels in training.items()}


@pytest.fixture(scope="module")
def settled(aligned: dict[int, Groups]) -> dict[int, Groups]:
    template = _template()
    return {number: settle(groups, template) for number, groups in aligned.items()}


def _template() -> NDArray[np.float32]:
    model = load_model()
    return group_shares(model.consensus, model.consensus_start)


def _millilitres(labels: Labels, *codes: int) -> float:
    return float(np.isin(labels, codes).sum()) / 1000


def _middle_slice(labels: Labels) -> int:
    return int(np.argwhere(np.isin(labels, (10, 49))).mean(axis=0)[0])


def test_that_the_head_model_is_small_enough_for_the_repository() -> None:
    size = sum(path.stat().st_size for path in resources.path("virtual_patient").rglob("*") if path.is_file())
    assert size < 3e6


def test_that_brain_volume_is_that_of_an_adult(head: VirtualHead) -> None:
    codes = [*BRAIN, *(RIGHT_OF[code] for code in BRAIN if code in RIGHT_OF)]
    assert 1000 < _millilitres(head.labels, *codes) < 1600


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [
        (2, 150, 330),
        (3, 150, 340),
        (4, 4, 50),
        (7, 8, 35),
        (8, 30, 80),
        (10, 4, 12),
        (11, 1.8, 6),
        (12, 2.5, 8),
        (13, 0.8, 3),
        (17, 1.8, 6),
        (18, 0.7, 3),
    ],
)
def test_that_paired_structures_are_there_on_both_sides_and_balanced(
    head: VirtualHead, code: int, low: float, high: float
) -> None:
    left, right = _millilitres(head.labels, code), _millilitres(head.labels, RIGHT_OF[code])
    assert low < left < high
    assert low < right < high
    assert abs(left - right) < 0.25 * (left + right)


@pytest.mark.parametrize(
    ("code", "low", "high"), [(14, 0.3, 6), (15, 0.5, 6), (16, 14, 40), (506, 6, 22), (511, 80, 600), (514, 5, 60)]
)
def test_that_middle_and_outer_structures_are_there(head: VirtualHead, code: int, low: float, high: float) -> None:
    assert low < _millilitres(head.labels, code) < high


def test_that_left_lies_at_higher_columns_the_face_in_front_and_the_cerebellum_below(head: VirtualHead) -> None:
    left, right = (np.argwhere(head.labels == code).mean(axis=0) for code in (10, 49))
    eyes = np.argwhere(head.labels == 506).mean(axis=0)
    cerebellum = np.argwhere(np.isin(head.labels, (8, 47))).mean(axis=0)
    assert left[2] > right[2] + 10
    assert eyes[1] + 50 < left[1] < cerebellum[1] - 15
    assert cerebellum[0] < left[0] - 15


def test_that_bone_closes_the_skull_over_the_brain(head: VirtualHead) -> None:
    from scipy.ndimage import label

    vault = head.labels[_middle_slice(head.labels) + 10 :]
    regions, _ = label(~np.isin(vault, BONE))
    brain = np.isin(vault, (2, 41, 3, 42))
    assert brain.any()
    assert regions[-1, 0, 0] not in np.unique(regions[brain])


def test_that_the_neck_goes_on_to_the_lowest_slice_without_a_hole(head: VirtualHead) -> None:
    from scipy.ndimage import label

    for plane in head.labels[13:60:6]:
        outside, _ = label(plane == 0)
        air_inside = (plane == 0) & (outside != outside[0, 0])
        assert (plane > 0).sum() > 8000
        assert air_inside.sum() < 0.15 * (plane > 0).sum()  # airways and sinuses only


def test_that_cortex_is_a_ribbon_folded_into_the_brain(head: VirtualHead) -> None:
    from scipy.ndimage import distance_transform_edt

    plane = head.labels[_middle_slice(head.labels) + 30]
    cortex, white = np.isin(plane, (3, 42)), np.isin(plane, (2, 41))
    border = np.abs(np.diff(white.astype(int), axis=0)).sum() + np.abs(np.diff(white.astype(int), axis=1)).sum()
    smooth = 4 * np.sqrt(white.sum())  # the border of a square of that area
    assert border > 2 * smooth
    assert distance_transform_edt(cortex).max() < 8  # millimetres: nowhere a lump


def test_that_each_seed_is_another_patient(head: VirtualHead) -> None:
    other = virtual_head(3)
    assert (other.labels != head.labels).mean() > 0.05


def test_that_no_training_head_is_nearer_than_training_heads_are_to_each_other(
    head: VirtualHead, aligned: dict[int, Groups], settled: dict[int, Groups]
) -> None:
    model = load_model()
    for patient in (head, virtual_head(3)):
        own = on_reference(patient.labels, patient.spacing, model.reference.astype(float))
        assert min(distance(own, other) for other in aligned.values()) >= model.distances.min()
        folds = settle(own, _template())
        assert min(fold_distance(folds, other) for other in settled.values()) >= model.fold_distances.min()


def test_that_the_stored_distances_between_training_heads_are_true(
    aligned: dict[int, Groups], settled: dict[int, Groups]
) -> None:
    model = load_model()
    np.testing.assert_allclose(model.distances, _of_pairs(aligned, distance), atol=2e-3)
    np.testing.assert_allclose(model.fold_distances, _of_pairs(settled, fold_distance), atol=2e-3)


def _of_pairs(heads: dict[int, Groups], measure: Callable[[Groups, Groups], float]) -> list[float]:
    in_order = list(heads.values())
    return [measure(first, second) for i, first in enumerate(in_order) for second in in_order[i + 1 :]]


@pytest.mark.parametrize("planted", ["a warp of one head", "a patchwork of two heads"])
def test_that_what_is_not_nobody_would_be_caught(
    aligned: dict[int, Groups], settled: dict[int, Groups], planted: str
) -> None:
    from scipy.ndimage import map_coordinates

    copy = aligned[3].copy()
    if planted == "a patchwork of two heads":
        copy[:, :, 46:] = aligned[4][:, :, 46:]
    rng = np.random.default_rng(1)
    bend = np.stack([2.0 * smooth_noise(copy.shape, (2, 2, 2), 40.0, rng) for _ in range(3)])  # 3.5 mm on average
    places = (grid_points((0, 0, 0), 2.0, copy.shape) + bend) / 2
    folds = settle(map_coordinates(copy, places, order=0, mode="nearest"), _template())
    distances = {number: fold_distance(folds, other) for number, other in settled.items()}
    assert min(distances, key=lambda number: distances[number]) in (3, 4)
    assert min(distances.values()) < load_model().fold_distances.min()


def test_that_the_model_holds_a_mixture_and_no_single_head() -> None:
    model = load_model()
    assert len(model.modes) == len(TRAINING_HEADS) - 1
    assert len(model.distances) == len(TRAINING_HEADS) * (len(TRAINING_HEADS) - 1) // 2


def test_that_a_damaged_head_model_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "head_model.npz.xz"
    path.write_bytes(b"no archive")
    with pytest.raises(ReadError, match="install the program again"):
        ShapeModel.load(path)


def test_that_a_head_model_is_read_as_it_was_saved(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shares = rng.random((29, 4, 5, 6)).astype(np.float32)
    velocities = rng.normal(size=(4, 3, 3, 3, 3)).astype(np.float32)
    model = ShapeModel.from_fit(shares, shares[0], velocities, np.stack([np.eye(3)] * 4), np.eye(3), *np.ones((2, 6)))
    model.save(tmp_path / "model")
    read = ShapeModel.load(tmp_path / "model")
    np.testing.assert_array_equal(read.consensus, model.consensus)
    np.testing.assert_allclose(read.velocity(np.array([1.0, 0.0, 0.0])), model.velocity(np.array([1.0, 0.0, 0.0])))
    spread = np.sqrt(((velocities - velocities.mean(axis=0)) ** 2).sum(axis=(0, 1)).mean() / 3)
    assert read.typical_speed == pytest.approx(spread, rel=0.02)


def test_that_an_affine_map_is_found_again() -> None:
    rng = np.random.default_rng(2)
    points, affine = rng.normal(size=(10, 3)), rng.normal(size=(3, 4))
    np.testing.assert_allclose(fit_affine(points, points @ affine[:, :3].T + affine[:, 3]), affine, atol=1e-9)


def test_that_distance_is_none_for_the_same_head_and_one_without_overlap() -> None:
    groups = np.arange(1, 14, dtype=np.uint8)
    assert distance(groups, groups) == 0
    assert distance(groups, np.roll(groups, 1)) == 1


def test_that_band_noise_crosses_zero_as_often_as_its_wavelength_says() -> None:
    """Rice (1945): an isotropic field with waves of one length λ crosses zero 2/(√3·λ) times per unit of a line."""
    noise = band_noise((64, 64, 64), (2, 2, 2), 20.0, np.random.default_rng(0))
    crossings = float((np.sign(noise[1:]) != np.sign(noise[:-1])).mean()) / 2.0
    assert crossings == pytest.approx(2 / (np.sqrt(3) * 20.0), rel=0.1)


def test_that_smooth_noise_varies_over_its_scale() -> None:
    noise = smooth_noise((60, 60, 60), (1, 1, 1), 10.0, np.random.default_rng(0))
    near, far = (float(np.mean(noise[d:] * noise[:-d])) for d in (2, 25))
    assert noise.std() == pytest.approx(1.0, abs=0.01)
    assert near > 0.8
    assert abs(far) < 0.2


def test_that_doubling_keeps_points_and_puts_means_between() -> None:
    values = np.array([[1.0, 3.0], [5.0, 9.0]])
    np.testing.assert_allclose(doubled(values), np.array([[1, 2, 3], [3, 4.5, 6], [5, 7, 9]]))


def test_that_a_velocity_and_its_negative_undo_each_other() -> None:
    from scipy.ndimage import map_coordinates

    rng = np.random.default_rng(3)
    velocity = np.stack([4.0 * smooth_noise((20, 20, 20), (8, 8, 8), 40.0, rng) for _ in range(3)])
    forth, back = (exponential(sign * velocity, (0, 0, 0), 8.0) for sign in (1, -1))
    points = grid_points((0, 0, 0), 8.0, (20, 20, 20))
    returned = forth + np.stack([map_coordinates(b, (points + forth) / 8.0, order=1, mode="nearest") for b in back])
    inside = returned[:, 4:-4, 4:-4, 4:-4]
    assert np.abs(inside).mean() < 0.1 * np.abs(forth).mean()


def test_that_a_tumour_pushes_tissue_outwards_and_leaves_the_rest() -> None:
    points = grid_points((-40, -40, -40), 2.0, (41, 41, 41))
    moved = push_away(points, (-40, -40, -40), 2.0, Site((20, 20, 20), 2.0, 8.0))
    np.testing.assert_allclose(moved[:, 20, 20, 20], 0, atol=1e-5)
    assert 0 < moved[0, 24, 20, 20] < points[0, 24, 20, 20]  # what is seen here came from nearer the middle
    assert np.abs(moved - points)[:, 0].max() < 0.2


def test_that_registration_brings_balls_of_three_sizes_together_about_their_mean() -> None:
    grid = Grid((0.0, 0.0, 0.0), 3.0, (24, 24, 24))
    radius = np.sqrt(((grid.points() - 34.5) ** 2).sum(axis=0))
    balls = np.stack([np.clip((r - radius) / 3 + 0.5, 0, 1)[None] for r in (18.0, 21.0, 24.0)]).astype(np.float16)
    lines: list[str] = []
    rounds = (Round(3.0, 6.0, 8), Round(3.0, 6.0, 1))
    velocities, _ = register(balls, np.ones_like(balls), grid, rounds, lines.append)
    before, after = (float(line.split("error ")[1].split(",")[0]) for line in lines)
    assert after < 0.2 * before
    np.testing.assert_allclose(velocities.mean(axis=0), 0, atol=1e-4)


def test_that_a_balanced_vote_keeps_what_is_thin_and_elsewhere_in_each_head() -> None:
    shares = np.zeros((2, 20, 20, 20), np.float32)
    shares[1, :, :, 9:12] = 1 / 3  # a sheet one voxel thick, in one of three places
    shares[0] = 1 - shares[1]
    shares[1, :, :, 10] += 0.05
    plain, balanced = (np.argmax(s, axis=0).sum() for s in (shares, _balanced(shares)))
    assert plain == 0
    assert 0.5 * 400 < balanced < 2 * 400
