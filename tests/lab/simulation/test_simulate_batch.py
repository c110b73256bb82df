"""Simulation in batches: the values of the tables, pairs that fit, the encodings of inference, one device only."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from medgan_viewer.lab.simulation import batch_encoding, individuals
from medgan_viewer.lab.simulation.anatomy import build_anatomy
from medgan_viewer.lab.simulation.label_bank import CODES, LabelBank, build_bank
from medgan_viewer.lab.simulation.lesions import LESION_KINDS
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.lab.simulation.simulate_batch import BatchSettings, simulate_batch
from medgan_viewer.lab.simulation.tissues import SEGMENTS, TISSUE_INDEX, tissue_values
from medgan_viewer.models import encoding
from tests.lab.phantoms import SPACING, head_phantom

ALL = BatchSettings(("CT",), ("CT", "T1", "T2", "FLAIR"), size=40, whole=48, in_plane_mm=5.0, lesion_probability=0.0)


@pytest.fixture(scope="module")
def bank() -> LabelBank:
    rng = np.random.default_rng(0)
    anatomies = [build_anatomy(head_phantom(), SPACING, rng, vary=False, lesion_probability=0.0) for _ in range(2)]
    return build_bank(anatomies, rng)


def test_that_targets_have_the_tissues_own_values_where_a_pixel_is_one_tissue(bank: LabelBank) -> None:
    batch = simulate_batch(bank, range(24), ALL)
    white = torch.from_numpy(ndimage.binary_erosion(batch["shares"][:, 1].numpy() > 0.999, np.ones((1, 3, 3))))
    assert int(white.sum()) > 50
    hounsfield = encoding.expand_ct(batch["target"][:, 0].numpy())
    assert hounsfield[white.numpy()].mean() == pytest.approx(29.0, abs=1.0)
    for channel, contrast in ((1, "T1"), (2, "T2"), (3, "FLAIR")):
        wanted = float(individuals.canonical(contrast)[TISSUE_INDEX["white matter"]])
        assert float(batch["target"][:, channel][white].mean()) == pytest.approx(wanted, rel=0.03)


def test_that_a_sample_of_low_field_aims_at_its_own_contrast_as_of_7_tesla(bank: LabelBank) -> None:
    low = BatchSettings((), (), size=40, whole=48, in_plane_mm=5.0, lesion_probability=0.0, low_tesla=(0.3, 1.5))
    for contrast in ("T1", "T2", "FLAIR"):
        batch = simulate_batch(bank, range(24), replace(low, inputs=(contrast,), channels_per_slice=1))
        assert batch["target"].shape == (24, 1, 40, 40)
        white = torch.from_numpy(ndimage.binary_erosion(batch["shares"][:, 1].numpy() > 0.999, np.ones((1, 3, 3))))
        wanted = float(individuals.higher_field(contrast)[TISSUE_INDEX["white matter"]])
        assert float(batch["target"][:, 0][white].mean()) == pytest.approx(wanted, rel=0.03)
        usual = simulate_batch(bank, range(24), replace(low, inputs=(contrast,), channels_per_slice=1, low_tesla=None))
        air = batch["shares"][:, 0] > 0.999
        assert float(batch["source"][:, 1][air].mean()) > 1.5 * float(usual["source"][:, 1][air].mean())


def test_that_shares_sum_to_one_and_the_segmentation_is_the_largest(bank: LabelBank) -> None:
    batch = simulate_batch(bank, range(4), ALL)
    assert torch.allclose(batch["shares"].sum(dim=1), torch.ones(4, 40, 40))
    assert batch["segmentation"].equal(batch["shares"].argmax(dim=1))
    assert len(batch["segmentation"].flatten().bincount(minlength=len(SEGMENTS)).nonzero()) > 5


def test_that_input_and_target_show_the_same_place(bank: LabelBank) -> None:
    batch = simulate_batch(bank, range(12), ALL)
    middle = batch["source"].view(12, 3, 2, 40, 40)[:, 1, 0] * 1000
    target = torch.from_numpy(encoding.expand_ct(batch["target"][:, 0].numpy()))
    inside = batch["segmentation"] > 0
    assert float(torch.corrcoef(torch.stack([middle[inside], target[inside]]))[0, 1]) > 0.9


def test_that_a_sample_depends_on_its_seed_alone(bank: LabelBank) -> None:
    settings = BatchSettings(("CT", "T2", "MR"), ("T1",), size=32, whole=48, in_plane_mm=5.0, lesion_probability=0.7)
    whole = simulate_batch(bank, [5, 6, 7, 8], settings)
    for index, seed in enumerate((5, 6, 7, 8)):
        alone = simulate_batch(bank, [seed], settings)
        for name, values in alone.items():
            assert torch.allclose(values[0].float(), whole[name][index].float(), atol=1e-5), name


def test_that_lesions_change_the_pictures_towards_their_tissue(bank: LabelBank) -> None:
    ill = simulate_batch(bank, range(48), BatchSettings(**{**vars(ALL), "lesion_probability": 1.0}))
    well = simulate_batch(bank, range(48), ALL)
    assert float((ill["lesions"] > 0).flatten(1).any(dim=1).float().mean()) > 0.3
    assert not (well["lesions"] > 0).any()
    change = encoding.expand_ct(ill["target"][:, 0].numpy()) - encoding.expand_ct(well["target"][:, 0].numpy())
    blood = 1 + [kind.name for kind in LESION_KINDS].index("blood")
    assert change[(ill["lesions"] == 1).numpy()].mean() < -1
    assert change[(ill["lesions"] == blood).numpy()].mean() > 10
    far = torch.nn.functional.max_pool2d((ill["lesions"] > 0).float(), 9, stride=1, padding=4) == 0
    healthy = far & ~(ill["lesions"] > 0).any(dim=(1, 2), keepdim=True)
    assert np.abs(change[healthy.numpy()]).mean() < 1


def test_that_a_fifth_of_the_inputs_repeat_one_slice(bank: LabelBank) -> None:
    source = simulate_batch(bank, range(200), BatchSettings(("CT",), (), size=16, whole=16, in_plane_mm=12.0))["source"]
    slices = source.view(200, 3, 2, 16, 16)
    repeated = (slices[:, 0] == slices[:, 1]).flatten(1).all(dim=1)
    assert float(repeated.float().mean()) == pytest.approx(0.2, abs=0.08)


def test_that_inputs_taken_together_are_the_same_place_in_two_contrasts(bank: LabelBank) -> None:
    arguments = {**vars(ALL), "inputs": ("T1", "CT", "T2"), "targets": ("T1", "CT", "T2"), "channels_per_slice": 5}
    batch = simulate_batch(bank, range(40), BatchSettings(**{**arguments, "together": True}))
    assert batch["source"].shape == (40, 15, 40, 40)
    slices = batch["source"].view(40, 3, 5, 40, 40)
    inside = batch["segmentation"] > 0
    for channel, target in ((0, 0), (1, 1), (3, 2)):
        pair = torch.stack([slices[:, 1, channel][inside], batch["target"][:, target][inside]])
        assert float(torch.corrcoef(pair)[0, 1]) > 0.6
    assert not slices[:, :, 4].any()
    # Where a series repeats one slice, it does so in all of its inputs.
    repeated = (
        (slices[:, 0] == slices[:, 1]).flatten(2).all(dim=2)[:, [0, 1, 3]]
    )  # nothing of 2, the brain window, may be in a slice
    assert 0.05 < float(repeated[:, 0].float().mean()) < 0.4
    assert repeated.equal(repeated[:, :1].expand(-1, 3))


def test_that_a_further_input_has_noise_and_a_scanner_of_its_own(bank: LabelBank) -> None:
    arguments = {**vars(ALL), "inputs": ("T1", "T1"), "targets": (), "channels_per_slice": 2}
    arguments["together"] = True
    slices = simulate_batch(bank, range(12), BatchSettings(**arguments))["source"].view(12, 3, 2, 40, 40)
    air = slices[:, 1, :, 0, 0]
    assert not torch.isclose(air[:, 0], air[:, 1]).any()
    first = simulate_batch(bank, range(12), BatchSettings(**{**arguments, "inputs": ("T1",)}))["source"]
    assert first.view(12, 3, 2, 40, 40)[:, :, 0].equal(slices[:, :, 0])


def test_that_metal_changes_the_ct_it_is_in_and_takes_the_signal_of_its_mr(bank: LabelBank) -> None:
    seeds = range(24)
    without = simulate_batch(bank, seeds, ALL)
    some = simulate_batch(bank, seeds, replace(ALL, metal_probability=0.5))
    same = (some["source"] == without["source"]).flatten(1).all(dim=1)
    assert 4 < int(same.sum()) < 20
    assert some["target"][same].equal(without["target"][same])
    assert some["segmentation"].equal(without["segmentation"])
    # The targets are companded CT and three MR contrasts.
    metal = some["target"][:, 0] > without["target"][:, 0] + 0.3
    assert metal.flatten(1).any(dim=1)[~same].float().mean() > 0.5
    for channel in (1, 2, 3):
        assert (some["target"][:, channel] <= without["target"][:, channel]).all()
        shown = metal & (without["target"][:, channel] > 0.1)
        assert (some["target"][:, channel] < without["target"][:, channel])[shown].all()
    bright = some["source"].view(24, 3, 2, 40, 40)[:, :, 0].amax(dim=(1, 2, 3))
    assert bright[metal.flatten(1).any(dim=1)].median() == 3.0  # some archives keep a window only


def test_that_an_mr_input_is_of_nobody_with_metal(bank: LabelBank) -> None:
    settings = replace(ALL, inputs=("CT", "T2"), targets=("T1",))
    without = simulate_batch(bank, range(24), settings)
    everybody = simulate_batch(bank, range(24), replace(settings, metal_probability=1.0))
    of_mr = ~without["source"].view(24, 3, 2, 40, 40)[:, :, 1].flatten(1).any(dim=1)
    assert 6 < int(of_mr.sum()) < 18
    assert everybody["source"][of_mr].equal(without["source"][of_mr])
    same = (everybody["source"] == without["source"]).flatten(1).all(dim=1)
    assert same[~of_mr].float().mean() < 0.2  # slices over the vertex have no head to hold any


def test_that_nothing_is_made_on_another_device(bank: LabelBank) -> None:
    # A tensor on the CPU that met one on the meta device would raise.
    settings = BatchSettings(("CT", "T1", "FLAIR", "MR"), ("CT", "T1", "T2", "FLAIR"), size=16, whole=16)
    settings = replace(settings, metal_probability=1.0)
    batch = simulate_batch(bank.to("meta"), range(8), settings)
    assert {values.device.type for values in batch.values()} == {"meta"}
    assert {name: values.dtype for name, values in batch.items() if values.dtype != torch.float32} == {
        "segmentation": torch.int64,
        "lesions": torch.int64,
    }


def test_that_the_encodings_are_those_of_inference() -> None:
    ct = torch.linspace(-1300, 3300, 60).view(1, 3, 4, 5)
    assert np.allclose(batch_encoding.encode_ct(ct)[0], encoding.encode("ct_two_window", ct[0].numpy(), (1, 1, 1)))
    mr = torch.linspace(-0.1, 2.0, 60).view(1, 3, 4, 5)
    assert np.allclose(batch_encoding.encode_mr(mr)[0], encoding.scaled_mr_channels(mr[0].numpy()))
    assert np.allclose(batch_encoding.compand(ct), encoding.compand_ct(ct.numpy()), atol=1e-5)


def test_that_the_couch_is_masked_and_sinuses_are_kept() -> None:
    clean = torch.full((1, 1, 40, 40), -1000.0)
    clean[..., 8:30, 10:30] = 40.0
    clean[..., 15:18, 15:18] = -1000.0
    noisy = clean + 5.0
    noisy[..., 36, :] = 300.0
    masked = batch_encoding.mask_couch(noisy, clean)
    assert float(masked[..., 36, :].max()) == -1000.0
    assert float(masked[0, 0, 16, 16]) == -995.0
    assert float(masked[0, 0, 8, 10]) == 45.0


def test_that_the_reference_of_an_mr_is_about_its_995th_percentile(bank: LabelBank) -> None:
    settings = BatchSettings(("T1",), (), size=48, whole=48, in_plane_mm=5.0, lesion_probability=0.0)
    batch = simulate_batch(bank, range(40), settings)
    picture = batch["source"].view(40, 3, 2, 48, 48)[:, 1, 0]
    bright = torch.quantile(picture[batch["segmentation"] > 0], 0.99)
    assert 0.6 < float(bright) < 1.4


def test_that_the_bank_knows_where_everything_is(bank: LabelBank) -> None:
    labels = head_phantom()
    assert bank.counts.shape == (2, CODES)
    assert bank.counts.sum(dim=1).tolist() == [labels.size, labels.size]
    white = TISSUE_INDEX["white matter"]
    assert float(bank.counts[0].view(-1, 16)[white].sum()) == (labels == 2).sum()
    assert bank.brain[0].tolist()[0] < bank.centre[0, 0] < bank.brain[0].tolist()[1]
    places = (bank.candidates[0, 0] / torch.tensor(SPACING)).long()
    assert set(labels[tuple(places.T.numpy())].tolist()) == {2}  # oedema starts in white matter
    assert len(bank.choose([1])) == 1


def test_that_patients_differ_within_the_spreads_of_the_tissues() -> None:
    values = individuals.hounsfield(Numbers(range(2000)))
    white, grey = values[:, TISSUE_INDEX["white matter"]], values[:, TISSUE_INDEX["cortex"]]
    assert float(white.mean()) == pytest.approx(29.0, abs=0.2)
    assert 5.0 < float((grey - white).quantile(0.02)) < float((grey - white).quantile(0.98)) < 12.0
    oedema = values[:, TISSUE_INDEX["oedema"]]
    assert 13.0 < float(oedema.quantile(0.1)) < float(oedema.quantile(0.9)) < 22.0
    assert (values[:, 0] == -1000).all()
    assert individuals.canonical("CT").tolist() == tissue_values("hu").tolist()


def test_that_fluid_is_nulled_in_flair_at_every_field_strength() -> None:
    signals = individuals.magnetic("FLAIR", Numbers(range(500)))
    fluid, white = signals[:, TISSUE_INDEX["csf"]], signals[:, TISSUE_INDEX["white matter"]]
    assert float((fluid / white).median()) < 0.15
    assert float((fluid / white).quantile(0.95)) < 0.35


def test_that_a_random_contrast_gives_every_tissue_any_signal_but_air_none() -> None:
    signals = individuals.magnetic("MR", Numbers(range(300)))
    assert (signals[:, TISSUE_INDEX["air"]] == 0).all()
    assert float(signals[:, TISSUE_INDEX["cortical bone"]].max()) <= 0.1
    order = signals[:, TISSUE_INDEX["white matter"]] > signals[:, TISSUE_INDEX["cortex"]]
    assert 0.4 < float(order.float().mean()) < 0.6
