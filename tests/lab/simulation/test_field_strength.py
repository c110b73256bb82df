"""Relaxation times by field strength: the measured ones at the fields they were measured at, and order in between."""

import pytest
import torch

from medgan_viewer.lab.simulation import individuals
from medgan_viewer.lab.simulation.field_strength import HIGH_TESLA, LOWEST_TESLA, relaxation
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.tissues import TISSUE_INDEX, tissue_values

WHITE, GREY, DEEP = (TISSUE_INDEX[name] for name in ("white matter", "cortex", "deep grey"))
FLUID, OEDEMA, INFARCT = (TISSUE_INDEX[name] for name in ("csf", "oedema", "old infarct"))


def test_that_at_1_5_tesla_the_times_are_those_of_the_table() -> None:
    t1, t2 = relaxation(torch.tensor([1.5, 1.5]))
    for found, field in ((t1, "t1"), (t2, "t2")):
        assert found.shape == (2, len(TISSUE_INDEX))
        assert found[1].tolist() == pytest.approx(tissue_values(field).tolist(), rel=1e-4)


def test_that_ratios_to_1_5_tesla_are_the_measured_ones() -> None:
    t1, t2 = relaxation(torch.tensor([1.5, 3.0, 7.0]))
    # Wright 2008 and Cox 2010, in ms.
    for times, tissue, measured in (
        (t1, WHITE, (646, 838, 1126)),
        (t1, GREY, (1197, 1607, 1939)),
        (t1, DEEP, (1084, 1332, 1644)),
        (t2, WHITE, (80, 71, 47)),
        (t2, GREY, (87, 76, 47)),
    ):
        ratios = (times[:, tissue] / times[0, tissue]).tolist()
        assert ratios == pytest.approx([one / measured[0] for one in measured], rel=1e-4)


def test_that_under_1_5_tesla_t1_is_a_power_of_the_field_and_t2_stays() -> None:
    t1, t2 = relaxation(torch.tensor([0.3, 0.6, 1.5]))
    assert float(t1[1, WHITE] / t1[0, WHITE]) == pytest.approx(2**0.382, rel=1e-4)
    assert float(t1[2, GREY] / t1[0, GREY]) == pytest.approx(5**0.376, rel=1e-4)
    assert t2[0].tolist() == pytest.approx(t2[2].tolist())


def test_that_fluid_fat_and_bone_stay_and_all_else_goes_up_in_t1_and_down_in_t2() -> None:
    t1, t2 = relaxation(torch.tensor([0.2, 0.5, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0]))
    staying = [TISSUE_INDEX[name] for name in ("csf", "eye", "fat", "cortical bone", "spongy bone")]
    assert (t1[:, staying] == t1[0, staying]).all()
    assert (t2[:, staying] == t2[0, staying]).all()
    moving = [WHITE, GREY, DEEP, OEDEMA, INFARCT, TISSUE_INDEX["muscle"]]
    assert (t1[:, moving].diff(dim=0) > 0).all()
    assert (t2[:, moving].diff(dim=0) < 1e-3).all()
    assert (t2[-1, moving] < 0.8 * t2[0, moving]).all()


def test_that_oedema_and_infarct_lie_between_white_matter_and_fluid_with_the_same_share_of_each() -> None:
    for times in relaxation(torch.tensor([0.4, 1.5, 7.0])):
        rates = 1 / times
        shares = (rates[:, [WHITE]] - rates[:, [OEDEMA, INFARCT]]) / (rates[:, [WHITE]] - rates[:, [FLUID]])
        assert ((shares > 0) & (shares < 1)).all()
        assert torch.allclose(shares, shares[1].expand(3, 2), rtol=1e-3)


def test_that_fields_beyond_the_measured_ones_are_the_nearest_of_these() -> None:
    beyond, ends = (relaxation(torch.tensor(fields))[0] for fields in ([0.05, 11.0], [LOWEST_TESLA, HIGH_TESLA]))
    assert torch.allclose(beyond, ends)


def test_that_a_scanner_of_low_field_sees_brain_of_shorter_t1() -> None:
    """Short T1 means more signal in a T1 for white matter against fluid, which keeps its own."""
    low, usual = (individuals.magnetic("T1", Numbers(range(400)), tesla) for tesla in ((0.3, 0.31), (1.5, 1.5 + 1e-6)))
    assert float((low[:, FLUID] / low[:, WHITE]).mean()) < 0.9 * float((usual[:, FLUID] / usual[:, WHITE]).mean())


def test_that_the_targets_of_7_tesla_keep_each_contrasts_order_of_tissues() -> None:
    t1, t2, flair = (individuals.higher_field(name) for name in ("T1", "T2", "FLAIR"))
    assert t1[WHITE] > t1[GREY] > t1[FLUID]
    assert t2[FLUID] > t2[OEDEMA] > t2[GREY] > t2[WHITE]
    assert flair[OEDEMA] > 1.2 * flair[WHITE]
    assert flair[FLUID] < 0.2 * flair[WHITE]
    # More contrast of grey and white matter in the T1 than at 1.5 T, and nothing brighter than what can be stored.
    usual = individuals.canonical("T1")
    assert t1[WHITE] / t1[GREY] > usual[WHITE] / usual[GREY]
    assert max(float(one.max()) for one in (t1, t2, flair)) < 1.5
