"""The card of the generated heads: what is counted is what is there, and what is written is what was stored."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.lab.cohort import card, head_leaks, leaks
from medgan_viewer.lab.cohort.heads import Factors
from medgan_viewer.lab.virtual_patient.head import VirtualHead
from medgan_viewer.lab.virtual_patient.tumour import NO_TUMOUR, Tumour

BOX = (slice(2, 6), slice(2, 6), slice(2, 6))


def blocks(ventricle: int = 100) -> NDArray[np.int16]:
    """Return 2000 voxels of white matter in both halves, some of them ventricle on the left."""
    labels = np.zeros((10, 20, 20), np.int16)
    labels[:, 5:15, :10], labels[:, 5:15, 10:] = 41, 2
    labels.reshape(-1)[np.flatnonzero(labels == 2)[:ventricle]] = 4
    return labels


def small_head(seed: int, factors: Factors) -> VirtualHead:
    """Return blocks of which a factor changes what it says: ventricles a tenth too large, lesions a fifth."""
    tumour = NO_TUMOUR
    if factors.kind != "healthy":
        share, nothing = (np.zeros((4, 4, 4), np.float32) for _ in range(2))
        share.reshape(-1)[: round(1.2 * factors.lesion_ml / factors.size**3)] = 1  # voxels of 1 ml where size is 1
        parts = (share / 2, share / 2, nothing) if factors.kind == "tumour" else (nothing, nothing, share)
        tumour = Tumour((0, 0, 0), BOX, *parts)
    volume = 100 * (factors.ventricles * 1.1 if factors.ventricles != 1 else 1)
    spacing = (10 * factors.size,) * 3
    return VirtualHead(seed, blocks(round(volume)), tumour, (-5.0, -10.0, -10.0), spacing)


def test_that_volumes_are_counted_by_tissue_in_millilitres() -> None:
    volumes = card.volumes_ml(blocks(), (1.0, 2.0, 5.0))
    assert volumes["lateral ventricles"] == pytest.approx(1.0)
    assert volumes["cerebral white matter"] == pytest.approx(19.0)
    assert sum(volumes.values()) == pytest.approx(20.0)


@pytest.mark.parametrize(("kind", "share"), [("tumour", 0.8), ("tumour", 0.4), ("lesions", 0.8)])
def test_that_what_is_more_than_half_ill_counts_and_oedema_is_no_tumour(kind: Any, share: float) -> None:
    solid = np.zeros((2, 2, 2), np.float32)
    solid[0] = share
    oedema = np.zeros((2, 2, 2), np.float32)
    oedema[1, 0] = 1.0
    head = replace(small_head(1, Factors()), spacing=(10.0, 10.0, 5.0))
    head = replace(head, tumour=Tumour((0, 0, 0), (slice(0, 2),) * 3, solid, np.zeros_like(solid), oedema))
    expected = 2 * 0.5 if kind == "lesions" else 4 * 0.5 * (share > 0.5)
    assert card.ill_ml(head, Factors(kind)) == pytest.approx(expected)


def test_that_a_measurement_tells_what_was_asked_and_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card, "make_head", small_head)
    monkeypatch.setattr(card, "load_head", lambda folder, number: blocks(200))
    monkeypatch.setattr(card, "_places", lambda count: {"deep": {"lesion": 0.9, "chance": 0.4, "heads": count}})
    monkeypatch.setattr(head_leaks, "describe", lambda labels, spacing: spacing)
    monkeypatch.setattr(head_leaks, "describe_real", lambda folder: ([], []))
    findings = (leaks.Finding("copies", True, "0 of 6 cases are copies."),)
    monkeypatch.setattr(head_leaks, "judge_heads", lambda made, *_: leaks.Verdict(findings, (1.0,) * len(made), ()))
    found = json.loads(json.dumps(card.measure(Path(), count=6, placed=2)))
    for case in found["cases"]:
        assert case["size_counted"] == pytest.approx(case["size"], abs=1e-3)
        assert case["ventricles_counted"] == pytest.approx(1.1 * case["ventricles"], rel=0.01)
        if case["kind"] != "healthy":
            assert case["lesion_ml_counted"] == pytest.approx(1.2 * case["lesion_ml"], abs=0.9)
    assert (found["heads"], found["people"]) == (6, 20)
    assert found["volumes"]["lateral ventricles"] == {
        "heads": {"mean": 0.1, "least": 0.1, "most": 0.1},
        "people": {"mean": 0.2, "least": 0.2, "most": 0.2},
    }
    text = card.document(found)
    assert "| ventricles, no tumour | 4 | 10." in text
    assert "| deep | 90 % | 40 % |" in text
    assert "- copies: 0 of 6 cases are copies." in text


def test_that_lesions_of_a_place_are_compared_with_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    def on_one_side(seed: int, factors: Factors) -> VirtualHead:
        columns = slice(12, 16) if factors.place == "left" else slice(4, 8)
        share = np.ones((4, 4, 4), np.float32)
        lesions = Tumour((0, 0, 0), (slice(2, 6), slice(6, 10), columns), 0 * share, 0 * share, share)
        return replace(small_head(seed, Factors()), tumour=lesions)

    monkeypatch.setattr(card, "make_head", on_one_side)
    monkeypatch.setattr(card, "_PLACES", ("left", "right"))
    for one in card._places(2).values():
        assert one["lesion"] == 1.0
        assert one["chance"] == pytest.approx(0.5, abs=0.1)  # half of the white matter
        assert one["heads"] == 2


def test_that_a_number_measured_again_may_differ_in_its_last_digits_only() -> None:
    stored = {"a": [1.0, 2.0], "b": {"c": "word", "d": 3}}
    assert card.differences(stored, {"a": [1.0005, 2.0], "b": {"c": "word", "d": 3}}) == []
    assert card.differences(stored, {"a": [1.01, 2.0], "b": {"c": "word", "d": 4}}) == [
        "a[0] is 1.01 and not 1.0.",
        "b.d is 4 and not 3.",
    ]
    assert len(card.differences(stored, {"a": [1.0], "b": {}})) == 2


def test_that_the_card_in_the_documents_is_made_of_the_stored_numbers() -> None:
    docs = resources.folder().parent / "docs" / "head-cohort.md"
    stored = json.loads(card.stored_file().read_text(encoding="utf-8"))
    assert docs.read_text(encoding="utf-8") == card.document(stored)
    assert len(stored["cases"]) == card.COUNT
    assert all(one["passed"] for one in stored["leak_tests"])
