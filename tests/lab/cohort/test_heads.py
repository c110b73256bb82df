"""Heads with chosen factors: the asked volumes come out, on the asked side, and impossible wishes are sentences."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer.errors import UsageError
from medgan_viewer.lab.cohort import heads
from medgan_viewer.lab.cohort.heads import Factors, Ranges, draw_factors, make_head, ventricles_ml
from medgan_viewer.lab.virtual_patient.scanner import Protocol, scan_head


def phantom() -> NDArray[np.int16]:
    """Return a ball of white matter in a shell of cortex, with a ventricle on each side."""
    slices, rows, columns = np.mgrid[:60, :60, :60] - 29.5
    radius = np.sqrt(slices**2 + rows**2 + columns**2)
    left = columns > 0
    labels = np.where(radius < 28, np.where(left, 3, 42), 0)
    labels[radius < 25] = np.where(left, 2, 41)[radius < 25]
    ventricle = np.sqrt(slices**2 + rows**2 + (np.abs(columns) - 7) ** 2) < 5
    labels[ventricle] = np.where(left, 4, 43)[ventricle]
    return labels.astype(np.int16)


@pytest.mark.parametrize("factor", [0.5, 0.8, 1.0, 1.7, 3.0])
def test_that_ventricles_get_the_asked_volume_and_nothing_but_brain_gives_way(factor: float) -> None:
    before, labels = phantom(), phantom()
    heads._resize_ventricles(labels, factor)
    for code in (4, 43):
        assert (labels == code).sum() == pytest.approx(factor * (before == code).sum(), rel=0.03)
    changed = labels != before
    assert set(np.unique(before[changed])) <= {2, 41, 4, 43}
    assert not changed[..., :30][np.isin(labels[..., :30], (2, 4))].any()


@pytest.mark.parametrize("place", ["any", "left", "right", "periventricular", "subcortical", "deep"])
def test_that_lesions_have_the_asked_volume_lie_in_white_matter_and_where_they_were_asked_for(place: Any) -> None:
    labels = phantom()
    share = heads._scattered(labels, 1500.0, place, 29.5, np.random.default_rng(1))
    ill = share > 0.5
    assert ill.sum() == pytest.approx(1500, rel=0.1)
    assert np.isin(labels[share > 0], (2, 41)).all()
    columns = np.argwhere(ill)[:, 2] - 29.5
    if place in ("left", "right"):
        assert (columns > 0).mean() == pytest.approx(1.0 if place == "left" else 0.0, abs=0.2)


def test_that_more_lesions_than_there_is_room_for_are_a_sentence() -> None:
    with pytest.raises(UsageError, match="find no room"):
        heads._scattered(phantom(), 80_000.0, "any", 29.5, np.random.default_rng(1))


def test_that_kinds_take_turns_and_each_case_has_a_seed_and_factors_of_its_own() -> None:
    drawn = draw_factors(6, 3, Ranges(lesion_ml=(4.0, 8.0)))
    assert [factors.kind for _, factors in drawn] == ["healthy", "lesions", "tumour"] * 2
    assert len({seed for seed, _ in drawn}) == len({factors.size for _, factors in drawn}) == 6
    assert all((factors.lesion_ml == 0) == (factors.kind == "healthy") for _, factors in drawn)
    assert all(4 <= factors.lesion_ml <= 8 for _, factors in drawn if factors.lesion_ml)
    assert draw_factors(6, 3, Ranges(lesion_ml=(4.0, 8.0))) == drawn
    assert draw_factors(2, 3, Ranges(lesion_ml=(4.0, 8.0))) == drawn[:2]
    assert draw_factors(2, 4, Ranges())[0][0] != drawn[0][0]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"size": (1.1, 0.9)}, "range of size must lie between 0.8 and 1.2"),
        ({"ventricles": (0.1, 1.0)}, "range of ventricles"),
        ({"lesion_ml": (1.0, 400.0)}, "range of lesion ml"),
        ({"kinds": ()}, "at least one kind"),
        ({"place": "deep"}, "with it no place deep"),
    ],
)
def test_that_impossible_ranges_are_sentences(given: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        Ranges(**given)


def test_that_a_whole_head_has_its_size_its_ventricles_and_its_lesions_where_the_scan_shows_them() -> None:
    """One head is made and scanned; the independent answer is what is counted in the scan."""
    plain = make_head(11, Factors())
    asked = Factors("lesions", size=1.05, ventricles=1.5, lesion_ml=12.0, place="left")
    head = make_head(11, asked)
    assert ventricles_ml(head) == pytest.approx(1.5 * 1.05**3 * ventricles_ml(plain), rel=0.001)
    scan = scan_head(head, (Protocol("FLAIR", "MR", 9000.0, 100.0, 2400.0, 0.36),))
    assert scan.spacing == pytest.approx((2.5 * 1.05, 1.05, 1.05))
    ill = scan.tumour > 0.5
    assert float(ill.sum() * np.prod(scan.spacing)) / 1000 == pytest.approx(12.0, rel=0.15)
    white = np.isin(scan.labels, (2, 41)) & (scan.tumour < 0.01)
    flair = scan.series["FLAIR"]
    assert flair[ill].mean() > 1.2 * flair[white].mean()
    middle = np.argwhere(np.isin(scan.labels, (2, 41)))[:, 2].mean()
    assert (np.argwhere(ill)[:, 2] > middle).mean() > 0.98
    assert not scan.mass.any()
