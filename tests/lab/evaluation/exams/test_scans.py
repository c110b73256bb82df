"""The exam's scans: the same for a seed, lesions as they are named, and anything else than the frozen ones refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
import torch
from scipy import ndimage

from medgan_viewer import resources, settings
from medgan_viewer.errors import UsageError
from medgan_viewer.lab.evaluation.exams import lesions, scans, store
from medgan_viewer.lab.evaluation.exams.definition import Fields, Scans
from medgan_viewer.lab.evaluation.exams.scans import PICTURES, Patient, simulate_patient
from medgan_viewer.lab.simulation.individuals import canonical, higher_field
from medgan_viewer.lab.simulation.simulate import MR_CONTRASTS
from medgan_viewer.lab.simulation.tissues import TISSUE_INDEX
from tests.lab.small_runs import phantom


def small(whole: Scans) -> Scans:
    """Return the shipped scans, but few, coarse and of phantoms that hold lesions of 24 mm."""
    test = replace(whole.lesions, count=2, kinds=("infarct",), diameter_mm=(24.0, 24.0), ring_mm=13.0, named=())
    return replace(
        whole,
        id="small-scans",
        patients=1,
        heads=(17,),
        baseline_heads=(2,),
        size=48,
        pixel_mm=6.0,
        easy=replace(whole.easy, slice_mm=8.0, scored_slices=4),
        hard=replace(whole.hard, slice_mm=8.0),
        lesions=test,
    )


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scans]:
    """Return small scans that are frozen; caches and frozen files lie in a folder of the test."""
    folder = tmp_path_factory.mktemp("exams")
    with (
        patch.object(scans, "load_head_labels", phantom),
        patch.object(settings, "cache_folder", lambda: folder / "cache"),
        patch.object(resources, "path", lambda *parts: folder.joinpath(*parts)),
    ):
        (folder / "evaluation").mkdir()
        few = small(load_scans_of_checkout())
        store.freeze(few, folder)
        yield few


def load_scans_of_checkout() -> Scans:
    """Return the shipped scans, wherever `resources.path` leads at the moment."""
    from medgan_viewer.lab.evaluation.exams.definition import read_scans

    path = resources.folder() / "evaluation" / "head-scans.toml"
    return read_scans(path.read_text(encoding="utf-8"), path.name)


@pytest.fixture(scope="module")
def patient(frozen: Scans) -> Patient:
    (one,) = store.patients(frozen, Path())
    return one


def test_that_a_seed_gives_the_same_scans_again(frozen: Scans, patient: Patient) -> None:
    again = simulate_patient(frozen, Path(), 0, 17, {"easy": frozen.easy, "hard": frozen.hard})
    for name, scan in patient.scans.items():
        for picture in PICTURES:
            assert np.array_equal(scan.inputs[picture], again.scans[name].inputs[picture])
            assert np.array_equal(scan.targets[picture], again.scans[name].targets[picture])
        assert np.array_equal(scan.segmentation, again.scans[name].segmentation)
        assert scan.scored == again.scans[name].scored
    assert [one.plan for one in patient.scans["hard"].found] == [one.plan for one in again.scans["hard"].found]


def test_that_the_scored_slices_are_inside_and_as_many_as_named(frozen: Scans, patient: Patient) -> None:
    easy, hard = patient.scans["easy"], patient.scans["hard"]
    assert len(easy.scored) == frozen.easy.scored_slices
    assert 0 < easy.scored[0] < easy.scored[-1] < len(easy.segmentation) - 1
    assert hard.scored == tuple(range(len(hard.segmentation)))
    assert easy.spacing == (8.0, 6.0, 6.0)


def test_that_metal_is_in_both_scans_and_its_slices_alone_are_scored_beside_themselves_without_it(
    frozen: Scans, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"easy": frozen.easy, "hard": replace(frozen.hard, lesions=False)}
    usual = simulate_patient(frozen, Path(), 0, 17, settings)
    metallic = simulate_patient(replace(frozen, metal_pieces=3), Path(), 0, 17, settings)
    monkeypatch.setattr(scans, "ct_error", lambda clean, *_: torch.zeros_like(clean))
    streakless = simulate_patient(replace(frozen, metal_pieces=3), Path(), 0, 17, settings)
    for name, scan in metallic.scans.items():
        without = usual.scans[name]
        assert all(np.array_equal(scan.free[one], without.inputs[one]) for one in PICTURES)
        metal = scan.targets["CT"].astype(int) > without.targets["CT"] + 500
        assert metal.any()
        assert set(np.flatnonzero(metal.any(axis=(1, 2)))) <= set(scan.scored) < set(range(len(metal)))
        # The metal itself is not scored.
        assert not scan.segmentation[metal].any()
        assert np.array_equal(scan.segmentation, np.where(scan.segmentation > 0, without.segmentation, 0))
        for contrast in MR_CONTRASTS:
            assert (scan.targets[contrast] <= without.targets[contrast]).all()
            shown = metal & (without.targets[contrast] > 100)
            assert (scan.targets[contrast] < without.targets[contrast])[shown].all()
        streaks = np.abs(scan.inputs["CT"].astype(int) - streakless.scans[name].inputs["CT"])
        others = [index for index in range(len(metal)) if index not in scan.scored]
        assert not streaks[others].any()
        assert streaks[list(scan.scored)][(scan.segmentation == 1)[list(scan.scored)]].mean() > 1.0


def test_that_frozen_scans_with_metal_notice_that_it_is_simulated_otherwise(
    frozen: Scans, monkeypatch: pytest.MonkeyPatch
) -> None:
    metallic = replace(frozen, id="metal", metal_pieces=3, hard=replace(frozen.hard, lesions=False))
    store.freeze(metallic, Path())
    (patient,) = store.patients(metallic, Path())
    assert patient.scans["hard"].with_metal
    store.check_statistics(metallic, patient)
    monkeypatch.setattr(scans, "ct_error", lambda clean, *_: torch.zeros_like(clean))
    changed = store._simulated(metallic, Path(), 0)
    with pytest.raises(UsageError, match="gives another CT changed by metal"):
        store.check_statistics(metallic, changed)


def test_that_lesions_are_in_the_hard_scan_only_and_change_what_they_touch(patient: Patient) -> None:
    hard = patient.scans["hard"]
    assert not patient.scans["easy"].found
    assert not patient.scans["easy"].free
    assert hard.found
    for found in hard.found:
        inside = found.region.inside
        # An old infarct is nearly fluid: dark in CT and T1, bright in T2; the healthy place is none of that.
        assert found.target["CT"] < found.without["CT"] - 3
        assert found.target["T2"] > found.without["T2"] + 0.1
        assert hard.inputs["CT"][inside].mean() < hard.free["CT"][inside].mean() - 3
    far = np.ones(hard.segmentation.shape, bool)
    far[:, 12:36, 12:36] = False
    assert np.abs(hard.inputs["CT"][far].astype(int) - hard.free["CT"][far]).mean() < 0.1


def test_that_noise_and_contrast_to_noise_are_those_that_were_named(frozen: Scans, patient: Patient) -> None:
    hard = patient.scans["hard"]
    quiet = simulate_patient(frozen, Path(), 0, 17, {"hard": replace(frozen.hard, ct_noise_hu=1e-3)})
    # Without the easy scan before it the same patient is scanned elsewhere: only the noise's own size is compared.
    again = simulate_patient(frozen, Path(), 0, 17, {"hard": frozen.hard})
    inside = again.scans["hard"].segmentation == 1
    noise = again.scans["hard"].inputs["CT"][inside].astype(float) - quiet.scans["hard"].inputs["CT"][inside]
    assert noise.std() == pytest.approx(frozen.hard.ct_noise_hu, rel=0.1)
    for found in hard.found:
        clean = lesions.contrast(hard.inputs["CT"].astype(np.float32), found.region)
        assert found.to_noise["CT"] * frozen.hard.ct_noise_hu == pytest.approx(clean, abs=4.0)


def test_that_targets_of_a_higher_field_and_inputs_of_a_lower_one_are_of_the_same_head(
    frozen: Scans, patient: Patient
) -> None:
    fields = replace(frozen, fields=Fields((0.3, 1.5), 7.0))
    easy, usual = simulate_patient(fields, Path(), 0, 17, {"easy": fields.easy}).scans["easy"], patient.scans["easy"]
    # Nothing that is drawn before the MR's scanner differs, so that the head lies the same.
    assert np.array_equal(easy.segmentation, usual.segmentation)
    assert np.array_equal(easy.targets["CT"], usual.targets["CT"])
    inside = ndimage.binary_erosion(easy.segmentation == 1, np.ones((1, 3, 3)))
    for name in MR_CONTRASTS:
        wanted, other = (table(name)[TISSUE_INDEX["white matter"]] for table in (higher_field, canonical))
        assert np.median(easy.targets[name][inside]) == pytest.approx(1000 * float(wanted), rel=0.05)
        assert np.median(usual.targets[name][inside]) == pytest.approx(1000 * float(other), rel=0.05)


def test_that_a_patient_comes_back_from_disk_as_it_was(frozen: Scans, patient: Patient) -> None:
    (again,) = store.patients(frozen, Path("nowhere"))
    assert store.statistics(again) == store.statistics(patient)
    assert again.scans["hard"].found[0].plan == patient.scans["hard"].found[0].plan
    first, second = (one.scans["hard"].found[0].region for one in (again, patient))
    assert all(np.array_equal(a, b) for a, b in zip(first.inside, second.inside, strict=True))


def test_that_scans_other_than_the_frozen_ones_are_refused(frozen: Scans, patient: Patient) -> None:
    store.check_statistics(frozen, patient)
    easy = patient.scans["easy"]
    brighter = replace(easy, targets={**easy.targets, "T1": easy.targets["T1"] + np.int16(5)})
    with pytest.raises(UsageError, match=r"another T1 .easy, patient 01. than the scans small-scans were frozen with"):
        store.check_statistics(frozen, replace(patient, scans={**patient.scans, "easy": brighter}))
    with pytest.raises(UsageError, match="were changed after they had been frozen"):
        store.check_statistics(replace(frozen, text=frozen.text + "# more\n"), patient)


def test_that_every_patient_gets_small_and_large_lesions_of_all_kinds() -> None:
    test = load_scans_of_checkout().lesions
    everyone = [lesions.planned(test, patient, 12) for patient in range(12)]
    unnamed = [[plan for plan in plans if not plan.name] for plans in everyone]
    assert sum(len(plans) for plans in unnamed) == test.count
    sizes = sorted(plan.diameter_mm for plans in unnamed for plan in plans)
    assert sizes[0] == pytest.approx(3.0)
    assert sizes[-1] == pytest.approx(20.0)
    for plans in unnamed:
        assert {plan.kind for plan in plans} == set(test.kinds)
        assert plans[0].diameter_mm < 5 < 12 < plans[-1].diameter_mm
    for named in test.named:
        assert sum(plan.name == named.name for plans in everyone for plan in plans) == named.count


def test_that_an_oedema_of_20_hu_has_20_hu() -> None:
    import torch

    plan = lesions.Planned(1, "oedema", 15.0, "oedema of 20 HU", 20.0)
    box = (slice(0, 1), slice(0, 1), slice(0, 2))
    grown = [lesions.Grown(plan, box, torch.tensor([[[1.0, 0.5]]]))]
    ct = lesions.into(torch.full((1, 1, 3), 29.0), grown, {"oedema": 19.0}, True, 29.0)
    assert ct.flatten().tolist() == pytest.approx([20.0, 24.5, 29.0])
    # Nine of the ten HU between white matter and full oedema: nine tenths of the MR's contrast.
    t2 = lesions.into(torch.full((1, 1, 3), 0.4), grown, {"oedema": 0.9}, False, 0.4)
    assert t2.flatten().tolist() == pytest.approx([0.85, 0.625, 0.4])


def test_that_a_region_is_the_lesion_and_the_ring_the_brain_within_3_mm() -> None:
    numbers = np.zeros((3, 20, 20), np.uint8)
    share = np.zeros(numbers.shape, np.float32)
    numbers[1, 8:12, 8:12] = 1
    share[1, 8:12, 8:12] = 0.8
    segmentation = np.ones(numbers.shape, np.uint8)
    segmentation[:, :, :8] = 6
    found = lesions.regions(numbers, share, segmentation, 1.25, 3.0)[1]
    assert len(found.inside[0]) == 16
    assert set(found.ring[0].tolist()) == {1}
    assert found.ring[2].min() >= 8
    picture = np.full(numbers.shape, 30.0)
    picture[found.inside] = 20.0
    assert lesions.contrast(picture, found) == -10.0
