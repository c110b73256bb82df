"""What a simulated patient consists of: lesions, fat and muscle, wider ventricles and sulci, texture."""

import numpy as np
import pytest
import torch

from medgan_viewer.lab.simulation.anatomy import Anatomy, build_anatomy
from medgan_viewer.lab.simulation.lesions import LESION_KINDS, add_lesions
from medgan_viewer.lab.simulation.tissues import SEGMENTS, TISSUE_INDEX, TISSUES, tissue_table, tissue_values
from tests.lab.phantoms import SPACING, head_phantom

FINE = (1.0, 1.0, 1.0)


def anatomy(seed: int, *, vary: bool = False, lesions: float = 0.0) -> Anatomy:
    rng = np.random.default_rng(seed)
    return build_anatomy(head_phantom(), SPACING, rng, vary=vary, lesion_probability=lesions)


def white_cube() -> torch.Tensor:
    return torch.full((48, 48, 48), TISSUE_INDEX["white matter"], dtype=torch.uint8)


def test_that_every_lesion_kind_is_made_of_a_tissue_and_starts_in_others() -> None:
    for kind in LESION_KINDS:
        assert {kind.tissue, *kind.centres, *kind.spreads_to} <= set(TISSUE_INDEX)
        assert set(kind.centres) <= set(kind.spreads_to)


def test_that_lesions_have_the_size_and_share_of_their_kind() -> None:
    for seed in range(20):
        lesions = add_lesions(white_cube(), FINE, 1, np.random.default_rng(seed))
        if not lesions.kind.any():
            continue  # a calcification finds no room in white matter
        kind = LESION_KINDS[int(lesions.kind.max()) - 1]
        inside = lesions.share > 0.5 * lesions.share.max()
        diameter = 2 * (float(inside.sum()) * 3 / (4 * np.pi)) ** (1 / 3)
        assert 0.8 * kind.radius_mm[0] < diameter < 3.2 * kind.radius_mm[1]
        assert float(lesions.share.max()) <= kind.share[1] + 1e-6


def test_that_lesions_keep_to_the_tissues_they_spread_to() -> None:
    tissues = white_cube()
    tissues[:, :, 24:] = TISSUE_INDEX["cortical bone"]
    for seed in range(10):
        lesions = add_lesions(tissues, FINE, 3, np.random.default_rng(seed))
        assert not lesions.kind[:, :, 24:].any()


def test_that_a_head_without_room_gets_no_lesion() -> None:
    lesions = add_lesions(torch.zeros(12, 12, 12, dtype=torch.uint8), FINE, 4, np.random.default_rng(0))
    assert not lesions.kind.any()


def test_that_composing_mixes_a_lesion_by_its_share() -> None:
    made = anatomy(0)
    made.lesions.kind[20:24, 28:32, 30:34] = 1
    made.lesions.share[20:24, 28:32, 30:34] = 0.25
    values = made.compose(tissue_values("hu"))
    inside = (made.lesions.kind == 1) & (made.tissues == TISSUE_INDEX["white matter"])
    assert values[inside].numpy() == pytest.approx(29 + 0.25 * (19 - 29))


def test_that_without_variation_every_tissue_is_that_of_its_label() -> None:
    made = anatomy(0)
    labels = head_phantom()
    same = made.tissues.numpy() == tissue_table()[labels]
    dura = made.tissues.numpy() == TISSUE_INDEX["dura"]
    assert (same | dura).all()
    assert (labels[dura] == 24).all()


def test_that_fat_is_a_share_of_soft_tissue_only() -> None:
    made = anatomy(0)
    soft = torch.from_numpy(head_phantom() == 507)
    assert float(made.fat[~soft].max()) == 0
    assert 0.1 < float(made.fat[soft].mean()) < 0.95
    assert set(np.unique(made.segments[made.fat > 0.5])) == {SEGMENTS.index("Fat")}


def test_that_ventricles_vary_between_patients_and_the_skull_does_not() -> None:
    def volumes(name: str) -> list[int]:
        return [int((made.segments == SEGMENTS.index(name)).sum()) for made in patients]

    patients = [anatomy(seed, vary=True) for seed in range(8)]
    plain = anatomy(0)
    ventricles = volumes("Ventricles")
    assert max(ventricles) > 1.2 * min(ventricles)
    assert min(ventricles) >= int((plain.segments == SEGMENTS.index("Ventricles")).sum())
    assert len(set(volumes("Bone"))) == 1


def test_that_thin_sulci_are_closed_in_some_patients_and_wide_ones_in_none() -> None:
    labels = np.full((16, 40, 16), 3, dtype=np.uint16)
    labels[:, 10:11] = labels[:, 25:33] = 24
    varied = [build_anatomy(labels, FINE, np.random.default_rng(s), vary=True, lesion_probability=0) for s in range(8)]
    fluid = [made.segments[8, :, 8] == SEGMENTS.index("Cerebrospinal fluid outside the ventricles") for made in varied]
    assert {bool(row[10]) for row in fluid} == {True, False}
    assert all(row[27:31].all() for row in fluid)


def test_that_texture_changes_values_by_about_its_spread() -> None:
    made = anatomy(0)
    white = made.tissues == TISSUE_INDEX["white matter"]
    spread = float(made.hounsfield(tissue_values("hu"))[white].std())
    assert 0.5 < spread < 3
    assert float(made.textured(tissue_values("t1"), 0.0)[white].std()) == 0


def test_that_the_tissue_table_is_physical() -> None:
    for tissue in TISSUES:
        assert 0 <= tissue.pd <= 1
        assert 0 < tissue.t2 <= tissue.t1
        assert -1000 <= tissue.hu <= 2000
    white, grey = TISSUES[TISSUE_INDEX["white matter"]], TISSUES[TISSUE_INDEX["cortex"]]
    assert 6 <= grey.hu - white.hu <= 11
    assert white.t1 < grey.t1
