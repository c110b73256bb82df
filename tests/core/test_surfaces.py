"""Surfaces of segments: sizes, places and sides against answers that are known without them."""

import json
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.core import surfaces
from medgan_viewer.core.layers import Code, Segment
from medgan_viewer.core.surfaces import Surface, boxes_of, shows_face, surface_of
from medgan_viewer.core.volume import Volume

CENTRE = np.array([12.0, -31.0, 55.0])
LEVEL = 0.5
TISSUE = Code("85756007", "SCT", "Tissue")


def oblique(spacing: tuple[float, float, float], *, mirrored: bool = False) -> NDArray[np.float64]:
    """Return an affine whose axes lie along none of the patient's."""
    a, b = np.radians(25), np.radians(-40)
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    tilt = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ tilt @ np.diag(spacing)
    if mirrored:
        affine[:3, 0] *= -1
    return affine


def around(array: NDArray[np.uint8], affine: NDArray[np.float64]) -> Volume:
    """Return a volume whose middle is at CENTRE."""
    placed = affine.copy()
    placed[:3, 3] = CENTRE - placed[:3, :3] @ ((np.array(array.shape) - 1) / 2)
    return Volume(array, placed)


def ball(radius: float, affine: NDArray[np.float64]) -> Volume:
    """Return a ball of label 1 around CENTRE, its radius in mm."""
    size = np.linalg.norm(affine[:3, :3], axis=0)
    empty = around(np.zeros([int(2 * radius / mm) + 6 for mm in size], dtype=np.uint8), affine)
    inside = ((centres(empty) - CENTRE) ** 2).sum(axis=-1) <= radius**2
    return empty.with_array(inside.astype(np.uint8))


def centres(volume: Volume) -> NDArray[np.float64]:
    """Return the LPS points of all voxels, [slice, row, column, 3]."""
    index = np.stack(np.meshgrid(*(np.arange(n) for n in volume.shape), indexing="ij"), axis=-1)
    return np.asarray(index @ volume.affine[:3, :3].T + volume.affine[:3, 3])


def surface(volume: Volume, label: int = 1, cells: int = surfaces.CELLS) -> Surface:
    made = surface_of(volume, label, boxes_of(volume)[label], cells)
    assert made is not None
    return made


def blobs(seed: int) -> NDArray[np.uint8]:
    """Return a ragged thing with holes, handles and single voxels."""
    return (np.random.default_rng(seed).random((9, 12, 10)) > 0.6).astype(np.uint8)


# Thick slices leave steps, and steps have an area.
@pytest.mark.parametrize(
    ("spacing", "rougher"), [((1.0, 1.0, 1.0), 0.02), ((3.0, 0.8, 0.6), 0.06), ((0.9, 0.5, 0.5), 0.02)]
)
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_ball_has_the_area_the_volume_and_the_place_of_a_ball(
    spacing: tuple[float, float, float], rougher: float, mirrored: bool
) -> None:
    made = surface(ball(30.0, oblique(spacing, mirrored=mirrored)))
    assert made.volume_mm3 == pytest.approx(4 / 3 * np.pi * 30**3, rel=0.01)
    assert made.area_mm2 == pytest.approx(4 * np.pi * 30**2, rel=rougher)
    away = made.points - CENTRE
    assert np.abs(np.linalg.norm(away, axis=1) - 30).max() < max(spacing) / 2
    np.testing.assert_allclose(made.points.mean(axis=0), CENTRE, atol=0.1)


@pytest.mark.parametrize("mirrored", [False, True])
def test_normals_are_of_length_one_and_point_out(mirrored: bool) -> None:
    made = surface(ball(25.0, oblique((2.0, 1.0, 1.0), mirrored=mirrored)))
    outwards = (made.points - CENTRE) / np.linalg.norm(made.points - CENTRE, axis=1, keepdims=True)
    np.testing.assert_allclose(np.linalg.norm(made.normals, axis=1), 1, atol=1e-5)
    assert (outwards * made.normals).sum(axis=1).min() > 0.95


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_shape_without_symmetry_lies_where_its_voxels_lie(mirrored: bool) -> None:
    array = np.zeros((40, 50, 60), dtype=np.uint8)
    array[5:30, 10:18, 20:28] = 1
    array[5:12, 10:40, 20:28] = 1
    array[5:12, 10:18, 20:33] = 1
    volume = around(array, oblique((1.2, 0.7, 0.9), mirrored=mirrored))
    made, there = surface(volume), centres(volume)[array == 1]
    # The middle of what is enclosed: each tetrahedron from the origin counts by its volume.
    a, b, c = (made.points[made.triangles[:, n]].astype(np.float64) for n in range(3))
    volumes = np.einsum("ij,ij->i", a, np.cross(b, c)) / 6
    middle = (volumes[:, None] * (a + b + c) / 4).sum(axis=0) / volumes.sum()
    np.testing.assert_allclose(middle, there.mean(axis=0), atol=0.15)
    # The corners that stick out are rounded, by less than a voxel.
    index = (made.points - volume.affine[:3, 3]) @ np.linalg.inv(volume.affine[:3, :3]).T
    np.testing.assert_allclose(index.min(axis=0), [4.5, 9.5, 19.5], atol=0.3)
    np.testing.assert_allclose(index.max(axis=0), [29.5, 39.5, 32.5], atol=0.3)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("cells", [60, 1000, 40_000])
def test_every_surface_is_closed_and_has_one_outside(seed: int, cells: int) -> None:
    made = surface(around(blobs(seed), oblique((2.0, 1.0, 1.0), mirrored=bool(seed % 2))), cells=cells)
    edges = Counter(pair for corners in made.triangles.tolist() for pair in pairwise((*corners, corners[0])))
    assert all(edges[b, a] == count for (a, b), count in edges.items())
    assert made.volume_mm3 > 0
    assert made.triangles.max() < len(made.points)


def test_the_mesh_agrees_with_marching_cubes_of_another_library() -> None:
    from pyqtgraph.functions import isosurface
    from scipy import ndimage

    noise = np.random.default_rng(7).random((40, 44, 48))
    field = np.pad(ndimage.gaussian_filter(noise, 3), 1).astype(np.float32)
    vertices, quads = surfaces._net(field, LEVEL)
    points = vertices.astype(np.float32)
    ours = Surface(1, points, points, surfaces._halved(points, quads), 1.0)
    other_points, other_triangles = isosurface(field, LEVEL)
    others = Surface(1, other_points, other_points, other_triangles.astype(np.uint32), 1.0)
    assert ours.area_mm2 == pytest.approx(others.area_mm2, rel=0.02)
    assert ours.volume_mm3 == pytest.approx(abs(others.volume_mm3), rel=0.02)


def test_a_single_voxel_has_a_surface_around_it() -> None:
    array = np.zeros((7, 7, 7), dtype=np.uint8)
    array[2, 3, 5] = 1
    volume = around(array, oblique((2.0, 1.0, 1.0)))
    made = surface(volume)
    np.testing.assert_allclose(made.points.mean(axis=0), volume.point((2, 3, 5)), atol=0.05)
    assert 0.5 * 2.0 < made.volume_mm3 < 2.5 * 2.0


def test_a_sheet_thinner_than_a_cell_is_drawn_too() -> None:
    array = np.zeros((40, 120, 120), dtype=np.uint8)
    array[20, 10:110, 10:110] = 1
    array[5:35, 10, 10:110] = 1
    made = surface(Volume(array, np.eye(4)), cells=5_000)
    assert made.cell_mm > 2
    assert made.area_mm2 > 100 * 100


def test_a_segment_at_the_edge_of_the_volume_is_closed_there() -> None:
    made = surface(Volume(np.ones((6, 8, 10), dtype=np.uint8), np.eye(4)))
    assert made.volume_mm3 == pytest.approx(6 * 8 * 10, rel=0.1)


def test_a_large_segment_has_no_more_triangles_than_a_picture_needs() -> None:
    coarse = surface(ball(30.0, np.diag([1.0, 0.5, 0.5, 1.0])), cells=20_000)
    assert coarse.cell_mm == 2.0
    # About two triangles for each cell that the surface of the ball crosses.
    assert 2 * coarse.area_mm2 / 4 < len(coarse.triangles) < 4 * coarse.area_mm2 / 4


def test_boxes_hold_every_voxel_of_a_label_and_no_more() -> None:
    labels = np.random.default_rng(3).integers(0, 5, (6, 7, 8)).astype(np.uint8)
    labels[labels == 3] = 0
    found = boxes_of(Volume(labels, np.eye(4)))
    assert set(found) == {1, 2, 4}
    for label, box in found.items():
        there = np.argwhere(labels == label)
        assert [part.start for part in box] == there.min(axis=0).tolist()
        assert [part.stop for part in box] == (there.max(axis=0) + 1).tolist()


def test_a_label_that_went_away_has_no_surface() -> None:
    volume = Volume(np.zeros((4, 4, 4), dtype=np.uint8), np.eye(4))
    assert surface_of(volume, 1, (slice(0, 4), slice(0, 4), slice(0, 4))) is None


def test_of_the_anatomy_model_everything_is_withheld_that_has_a_face() -> None:
    manifest = json.loads(resources.path("models", "head-anatomy", "manifest.json").read_text(encoding="utf-8"))
    segments = [
        Segment(one["label"], one["name"], one["colour"], Code(**one["code"]), Code(**one["category"]))
        for one in manifest["outputs"]
    ]
    withheld = {segment.name for segment in segments if shows_face(segment)}
    assert withheld == {"Bone", "Muscle and other soft tissue", "Fat", "Skin"}


@pytest.mark.parametrize("name", ["Skin", "scalp", "Facial bones", "FACE", "skull_bone", "Head", "body", "Soft_tissue"])
def test_what_is_called_after_a_face_is_withheld_whatever_its_code(name: str) -> None:
    assert shows_face(Segment(1, name, "#ffffff", TISSUE, TISSUE))


@pytest.mark.parametrize(
    "name", ["Head of caudate nucleus", "Vertebral body", "Segment 1", "Surface", "Liver", "Fatigue", "Facial nerve"]
)
def test_other_names_are_drawn(name: str) -> None:
    assert not shows_face(Segment(1, name, "#ffffff", TISSUE, TISSUE))


def test_a_code_of_skin_is_withheld_under_another_name() -> None:
    assert shows_face(Segment(1, "Segment 1", "#ffffff", Code("39937001", "SCT", "Haut"), TISSUE))
    assert shows_face(Segment(1, "Segment 1", "#ffffff", Code("1", "99TEST", "Skin structure of nose"), TISSUE))
