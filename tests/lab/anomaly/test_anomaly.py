"""The anomaly model: synthetic disease, calibration, evaluation, and the packaged weights at work."""

import json

import numpy as np
import pytest
import torch
from scipy import ndimage

from medgan_viewer import resources
from medgan_viewer.core.findings import SMALLEST_ML, smoothed
from medgan_viewer.lab.anomaly import measures
from medgan_viewer.lab.anomaly.augmentation import acquire, augment, shade
from medgan_viewer.lab.anomaly.calibration import (
    conformal_p_value,
    conformal_threshold,
    patient_level,
    patient_peak,
)
from medgan_viewer.lab.anomaly.data import GRID_MM, PIXELS, centred, interior, on_grid
from medgan_viewer.lab.anomaly.simulation import Contrast, SimulatedSlices, signal_of, simulate_slices
from medgan_viewer.lab.anomaly.synthesis import CERTAIN, add_anomalies
from medgan_viewer.lab.draw import Draw
from medgan_viewer.lab.methods import DataShapes, Network, method
from medgan_viewer.lab.methods.restoring import focal_loss, soft_dice_loss
from medgan_viewer.lab.simulation.data import load_head_labels
from medgan_viewer.lab.simulation.numbers import Numbers
from medgan_viewer.models.device import LoadedNetwork, load
from medgan_viewer.models.encoding import encode
from medgan_viewer.models.manifest import read_package
from medgan_viewer.models.networks.restoring_discriminator import RestoringDiscriminator, compand, contrasts, expand

PACKAGE = resources.path("models", "head-anomaly")


def ball_head() -> torch.Tensor:
    """A label map [Z, Y, X] of concentric balls: skin, bone, fluid, cortex, white matter, ventricle."""
    z, y, x = (torch.arange(150) - 74.5 for _ in range(3))
    radius = (z.view(-1, 1, 1) ** 2 + (y.view(1, -1, 1) * 0.9) ** 2 + x.view(1, 1, -1) ** 2).sqrt()
    labels = torch.zeros(radius.shape)
    for outer, label in ((72, 511), (69, 507), (66, 515), (62, 24), (60, 3), (55, 2), (14, 4)):
        labels[radius < outer] = label
    return labels


def synthetic_batch(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    rows, columns = np.mgrid[0:96, 0:96] - 47.5
    disc = torch.from_numpy(np.hypot(rows, columns) < 30)
    image = (disc.float() * (0.5 + 0.05 * torch.randn(96, 96, generator=torch.Generator().manual_seed(0)))).clamp_min(0)
    batch = image.expand(count, 1, -1, -1).clone()
    return batch, disc.expand(count, 1, -1, -1), torch.arange(count) % 2 == 0


class TestAnomalies:
    def test_pixels_outside_the_mask_and_its_soft_edge_stay_exactly_equal(self) -> None:
        image, place, flair = synthetic_batch(32)
        result = add_anomalies(image, place, flair, image, Numbers(range(100, 100 + len(image))))
        untouched = ~(result.mask | result.ignored)
        assert torch.equal(result.image[untouched], image[untouched])
        assert untouched.float().mean() > 0.5

    def test_the_mask_lies_where_pixels_changed(self) -> None:
        image, place, flair = synthetic_batch(32)
        result = add_anomalies(image, place, flair, image, Numbers(range(200, 200 + len(image))))
        changed = (result.image - image).abs() > 1e-4
        assert result.mask.any()
        # A changed pixel can by chance keep its value (a crossing from brighter to darker): rare.
        assert changed[result.mask].float().mean() > 0.95
        assert not (result.mask & result.ignored).any()
        assert ((result.image - image).abs()[result.mask].mean()) > 0.03

    def test_anomalies_keep_to_the_place_they_were_given(self) -> None:
        image, place, flair = synthetic_batch(16)
        half = place & (torch.arange(96) < 48)
        result = add_anomalies(image, half, flair, image, Numbers(range(300, 300 + len(image))))
        near = torch.nn.functional.max_pool2d(half.float(), 3, stride=1, padding=1) > 0
        assert not (result.mask & ~near).any()

    def test_a_slice_without_a_place_stays_healthy(self) -> None:
        image, place, flair = synthetic_batch(8)
        result = add_anomalies(image, torch.zeros_like(place), flair, image, Numbers(range(400, 400 + len(image))))
        assert torch.equal(result.image, image)
        assert not result.mask.any()

    def test_most_disease_is_bright_in_flair_and_dark_in_t1(self) -> None:
        image, place, _ = synthetic_batch(60)
        share_brighter = {}
        for name, flair in (("FLAIR", True), ("T1", False)):
            result = add_anomalies(image, place, torch.full((60,), flair), image, Numbers(range(500, 500 + len(image))))
            share_brighter[name] = (result.image > image)[result.mask].float().mean()
        assert share_brighter["FLAIR"] > 0.6
        assert share_brighter["T1"] < 0.5

    def test_edges_are_soft(self) -> None:
        image, place, flair = synthetic_batch(32)
        result = add_anomalies(image, place, flair, image, Numbers(range(600, 600 + len(image))))
        ring = ndimage.binary_dilation(result.mask[:, 0].numpy(), np.ones((1, 3, 3))) & ~result.mask[:, 0].numpy()
        soft = ring & place[:, 0].numpy()
        assert result.ignored[:, 0].numpy()[soft].mean() > 0.9
        assert 0 < CERTAIN < 0.5


class TestSimulation:
    def test_simulated_slices_have_a_brain_and_repeat_with_their_seed(self) -> None:
        labels = ball_head()
        first, again = (simulate_slices(labels, "T1", GRID_MM, seed=7, count=4) for _ in range(2))
        assert first.image.shape == (4, PIXELS, PIXELS)
        assert first.brain.any()
        np.testing.assert_array_equal(first.image, again.image)
        assert first.image[first.brain].mean() > 5 * first.image[:, :5].mean()

    @pytest.mark.parametrize("contrast", ["T1", "FLAIR"])
    def test_fluid_is_darker_than_white_matter_in_both_contrasts(self, contrast: Contrast) -> None:
        for seed in range(20):
            signal = signal_of(contrast, np.random.default_rng(seed))
            assert signal["csf"] < 0.6 * signal["white matter"]

    def test_slices_are_cut_and_padded_about_their_centre(self) -> None:
        volume = np.zeros((1, 6, 2), np.float32)
        volume[0, 2:4, 1] = 1
        square = centred(volume, 4)
        np.testing.assert_array_equal(np.argwhere(square[0]), [[1, 2], [2, 2]])

    def test_the_grid_keeps_the_centre_and_the_size_in_mm(self) -> None:
        volume = np.zeros((1, 256, 256), np.float32)
        volume[0, 88:168, 108:148] = 1
        disc = on_grid(volume, (5.0, 0.75, 0.75))[0]
        rows, columns = np.nonzero(disc > 0.5)
        assert (np.ptp(rows) + 1) * GRID_MM == pytest.approx(60, abs=GRID_MM)
        assert (np.ptp(columns) + 1) * GRID_MM == pytest.approx(30, abs=GRID_MM)
        assert rows.mean() == pytest.approx(PIXELS / 2 - 0.5)

    def test_the_inside_of_a_disc_is_a_smaller_disc(self) -> None:
        rows, columns = np.mgrid[0:80, 0:80] - 39.5
        disc = (np.hypot(rows, columns) < 30)[None]
        inside = interior(disc, 1.5, 12.0)
        assert np.hypot(rows, columns)[inside[0]].max() == pytest.approx(22, abs=1)


class TestCalibration:
    def test_p_values_agree_with_counting(self) -> None:
        healthy = [0.2, 0.5, 0.5, 0.9]
        assert [conformal_p_value(score, healthy) for score in (0.1, 0.5, 0.6, 0.95)] == [1.0, 0.8, 0.4, 0.2]

    def test_the_false_alarm_rate_holds_for_every_way_to_leave_one_out(self) -> None:
        """Exchangeability by brute force: of n + 1 distinct people each is the new one equally often."""
        people = np.random.default_rng(0).permutation(np.linspace(0.1, 0.9, 21))
        for rate in (0.05, 0.1, 0.3):
            alarms = 0
            for index, person in enumerate(people):
                others = [float(value) for value in np.delete(people, index)]
                threshold = conformal_threshold(others, rate)
                assert threshold is not None
                alarmed = person > threshold
                assert alarmed == (conformal_p_value(float(person), others) <= rate)
                alarms += alarmed
            assert alarms / len(people) <= rate

    def test_five_per_cent_needs_nineteen_people(self) -> None:
        assert conformal_threshold([0.5] * 18, 0.05) is None
        assert conformal_threshold([0.5] * 19, 0.05) == 0.5

    def test_the_level_is_the_last_threshold_that_still_shows_a_finding(self) -> None:
        heat = ndimage.gaussian_filter(np.random.default_rng(1).random((6, 24, 24)), 1.5).astype(np.float32)
        voxel_ml = SMALLEST_ML / 9.5
        level = patient_level(heat, voxel_ml)

        def largest(threshold: float) -> float:
            labels, count = ndimage.label(smoothed(heat) >= threshold, np.ones((3, 3, 3)))
            return max((np.sum(labels == part) for part in range(1, count + 1)), default=0) * voxel_ml

        brute = max(float(value) for value in np.unique(smoothed(heat)) if largest(float(value)) >= SMALLEST_ML)
        assert level == pytest.approx(brute)
        assert patient_peak(heat, voxel_ml) >= level

    def test_a_small_hot_spot_is_no_finding(self) -> None:
        heat = np.zeros((5, 20, 20), np.float32)
        heat[2, 10, 10] = 1
        assert patient_level(heat, SMALLEST_ML / 20) == 0
        assert patient_peak(heat, SMALLEST_ML / 20) == 0


class TestEvaluation:
    def test_average_precision_agrees_with_its_definition(self) -> None:
        generator = np.random.default_rng(2)
        scores, truth = generator.integers(0, 12, 60).astype(np.float32), generator.random(60) < 0.3
        area, before = 0.0, 0.0
        for threshold in sorted(set(scores.tolist()), reverse=True):
            chosen = scores >= threshold
            recall = (chosen & truth).sum() / truth.sum()
            area += (recall - before) * (chosen & truth).sum() / chosen.sum()
            before = recall
        assert measures.average_precision(scores, truth) == pytest.approx(area)

    def test_perfect_scores_have_area_one_and_the_threshold_keeps_its_rate(self) -> None:
        truth = np.arange(1000) < 100
        assert measures.average_precision(truth.astype(np.float32), truth) == 1
        scores = np.random.default_rng(3).random(1000).astype(np.float32)
        threshold = measures.threshold_at(scores, truth, 0.01)
        assert (scores[~truth] > threshold).mean() == pytest.approx(0.01, abs=0.002)

    def test_dice_counts_overlap_twice(self) -> None:
        first, second = np.array([1, 1, 0, 0], bool), np.array([1, 0, 1, 0], bool)
        assert measures.dice(first, second) == 0.5
        assert measures.dice(first & False, second & False) == 1.0


class TestTraining:
    def test_focal_loss_without_focus_is_cross_entropy_over_the_weighted_pixels(self) -> None:
        logits, target = torch.tensor([2.0, -1.0, 5.0]), torch.tensor([1.0, 0.0, 0.0])
        weight = torch.tensor([1.0, 1.0, 0.0])
        expected = (np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-1.0))) / 2
        assert focal_loss(logits, target, weight, 0.0).item() == pytest.approx(expected, rel=1e-5)
        assert focal_loss(logits, target, weight, 2.0) < focal_loss(logits, target, weight, 0.0)

    def test_soft_dice_is_zero_for_certain_right_answers_and_one_for_wrong_ones(self) -> None:
        target, weight = torch.tensor([1.0, 1.0, 0.0, 0.0]), torch.ones(4)
        right = (2 * target - 1) * 50
        assert soft_dice_loss(right, target, weight).item() == pytest.approx(0, abs=1e-6)
        assert soft_dice_loss(-right, target, weight).item() == pytest.approx(0.8)
        assert soft_dice_loss(-right, target, torch.zeros(4)).item() == pytest.approx(0)

    def test_slices_and_masks_move_together(self) -> None:
        image, place, _ = synthetic_batch(6)
        moved, masks = augment((place.float()), place.float(), Numbers(range(6)))
        assert ((moved > 0.5) == masks).float().mean() > 0.995
        assert not torch.equal(moved, image)

    def test_a_slice_becomes_ill_in_the_same_way_whatever_lies_beside_it_in_the_batch(self) -> None:
        image, place, flair = synthetic_batch(6)
        whole = add_anomalies(image, place, flair, image, Numbers(range(6)))
        alone = add_anomalies(image[4:5], place[4:5], flair[4:5], image[4:5], Numbers([4]))
        assert torch.allclose(whole.image[4:5], alone.image)
        assert torch.equal(whole.mask[4:5], alone.mask)

    def test_scanning_keeps_the_mean_and_shading_keeps_air_black(self) -> None:
        image, place, _ = synthetic_batch(40)
        seen = acquire(image, Numbers(range(40)))
        assert seen[place].mean() == pytest.approx(float(image[place].mean()), rel=0.05)
        assert shade(image, Numbers(range(40)))[~place].max() == 0

    def test_the_method_learns_to_give_healthy_slices_back_and_to_find_anomalies(self) -> None:
        torch.manual_seed(0)
        small = {"generator_widths": (4, 4, 4), "discriminator_widths": (4, 8, 8)}
        some = method(
            "restoring",
            generator=Network("restoring_discriminator", small),
            discriminator=None,
            data=DataShapes(source_channels=1, target_channels=1, classes=2, size=(96, 96)),
            coarse_share=0.0,
        )
        image, place, flair = synthetic_batch(8)
        ill = add_anomalies(image, place, flair, image, Numbers(range(8)))
        batch = {
            "source": ill.image,
            "target": image,
            "segmentation": ill.mask[:, 0].long(),
            "weight": (~ill.ignored).float(),
        }
        optimiser = torch.optim.AdamW(some.generator.parameters(), 2e-3)
        draw = Draw(0)
        judged, restored = [], []
        for _ in range(40):
            losses = some.generator_loss(batch, draw, adversarial=False)
            optimiser.zero_grad()
            losses.total.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            judged.append(float(losses.parts["loss/discriminator"]))
            restored.append(float(losses.parts["loss/reconstruction"]))
        assert np.mean(judged[-5:]) < 0.7 * judged[0]
        assert np.mean(restored[-5:]) < restored[0]
        assert some.samples(some.generator, batch, draw).shape == image.shape
        assert some.realness(batch, draw) is None

    def test_another_network_or_a_discriminator_beside_is_refused(self) -> None:
        data = DataShapes(source_channels=1, target_channels=1, classes=2, size=(96, 96))
        with pytest.raises(ValueError, match="needs the network restoring_discriminator"):
            method("restoring", generator=Network("unet_2p5d", {"out_channels": 1}), discriminator=None, data=data)
        patches = Network("patch_discriminator")
        with pytest.raises(ValueError, match=r"leave \[discriminator\] out"):
            method("restoring", generator=Network("restoring_discriminator"), discriminator=patches, data=data)


class TestNetwork:
    def test_logits_and_reconstruction_have_the_shape_of_the_slice(self) -> None:
        network = RestoringDiscriminator().eval()
        image = torch.rand(2, 1, 64, 96)
        with torch.inference_mode():
            assert network(image).shape == (2, 1, 64, 96)
            assert network.reconstruct(image).shape == (2, 1, 64, 96)
        assert 2 * sum(parameter.numel() for parameter in network.parameters()) < 5e6

    def test_an_untrained_network_changes_nothing_and_suspects_little(self) -> None:
        image = torch.rand(1, 1, 64, 64)
        with torch.inference_mode():
            network = RestoringDiscriminator().eval()
            torch.testing.assert_close(network.reconstruct(image), image)
            assert network(image).sigmoid().mean() < 0.2

    def test_across_slices_the_logits_are_the_weighted_mean_of_those_of_each_slice_alone(self) -> None:
        torch.manual_seed(0)
        weights, generator, discriminator = (0.25, 0.5, 0.25), (4, 4, 4), (4, 8, 8)
        alone = RestoringDiscriminator(generator_widths=generator, discriminator_widths=discriminator).eval()
        torch.nn.init.normal_(alone.generator.last.weight)
        across = RestoringDiscriminator(
            in_channels=3, generator_widths=generator, discriminator_widths=discriminator, across=weights
        ).eval()
        across.load_state_dict(alone.state_dict())
        image = torch.rand(2, 3, 32, 32)
        with torch.inference_mode():
            parts = [weight * alone(image[:, n : n + 1]) for n, weight in enumerate(weights)]
            torch.testing.assert_close(across(image), parts[0] + parts[1] + parts[2])
            torch.testing.assert_close(across.reconstruct(image), alone.reconstruct(image[:, 1:2]))
        with pytest.raises(ValueError, match="one weight in across for each slice"):
            RestoringDiscriminator(in_channels=3, across=(0.5, 0.5))

    def test_a_method_that_is_told_weights_packages_the_mean_across_slices(self) -> None:
        small = {"generator_widths": [4, 4, 4], "discriminator_widths": [4, 8, 8]}
        data = DataShapes(source_channels=1, target_channels=1, classes=2, size=(32, 32))
        choice = Network("restoring_discriminator", small)
        some = method("restoring", generator=choice, discriminator=None, data=data, across=[1, 2, 1])
        assert some.deployed_as == (choice.name, {**small, "in_channels": 3, "across": [0.25, 0.5, 0.25]})
        assert some.neighbours == 1
        assert some.deployed(some.generator)(torch.rand(1, 3, 32, 32)).shape == (1, 1, 32, 32)
        plain = method("restoring", generator=choice, discriminator=None, data=data)
        assert plain.deployed(plain.generator) is plain.generator
        with pytest.raises(ValueError, match="odd number of weights"):
            method("restoring", generator=choice, discriminator=None, data=data, across=[1, 1])

    def test_contrasts_show_a_spot_and_leave_air_and_even_tissue_at_zero(self) -> None:
        image = torch.zeros(1, 1, 96, 96)
        image[:, :, 16:80, 16:80] = 0.6
        image[:, :, 46:50, 46:50] = 0.8
        channels = contrasts(image)
        assert channels.shape == (1, 2, 96, 96)
        assert (channels[:, :, 47, 47] > 0.4).all()
        assert (channels[:, :, :16] == 0).all()
        assert channels[0, 0, 28, 28].abs() < 0.2

    def test_companding_is_undone_and_turns_gain_into_an_offset(self) -> None:
        image = torch.linspace(0, 1.5, 50)
        torch.testing.assert_close(expand(compand(image)), image)
        assert compand(torch.tensor(1.0)).item() == pytest.approx(1)
        low, high = (compand(torch.tensor([0.3, 0.45]) * gain).diff().item() for gain in (1.0, 3.0))
        assert low == pytest.approx(high, rel=0.3)


@pytest.fixture(scope="module")
def network() -> LoadedNetwork:
    """The packaged model as the viewer loads it."""
    return load(read_package(PACKAGE), "cpu")


@pytest.fixture(scope="module")
def head() -> SimulatedSlices:
    """Slices of a test head: no model was trained on it."""
    data = resources.shared_data()
    if data is None:
        pytest.skip("the label maps are absent: set MEDGAN_DATA to the folder with head_labels")
    labels, _ = load_head_labels(data, 18)
    return simulate_slices(torch.from_numpy(labels.astype(np.float32)), "FLAIR", GRID_MM, seed=1, count=6)


class TestPackage:
    """The weights that ship. Their card's numbers are measured by the exam."""

    def test_the_brighter_a_planted_blob_the_hotter_it_is_at_last_than_all_of_the_healthy_brain(
        self, network: LoadedNetwork, head: SimulatedSlices
    ) -> None:
        index = int(np.argmax(head.brain.sum(axis=(1, 2))))
        depth = ndimage.distance_transform_edt(head.brain[index])
        row, column = np.unravel_index(int(np.argmax(depth)), depth.shape)
        rows, columns = np.mgrid[0:PIXELS, 0:PIXELS]
        distance = np.hypot(rows - row, columns - column) * GRID_MM
        blob = 1 / (1 + np.exp((distance - 10) / 1.5))
        brain = head.brain[index]
        slices = np.stack([head.image[index] * (1 + excess * blob * brain) for excess in (0.0, 0.4, 0.7, 1.0, 1.5)])
        inputs = encode("mr_head", slices.astype(np.float32), (5.0, GRID_MM, GRID_MM))
        heats = network(inputs)[:, 0].sigmoid().cpu().numpy()
        inside, far = (distance < 8) & brain, distance > 30
        at_blob, elsewhere = heats[:, inside].mean(axis=1), heats[:, far].mean(axis=1)
        assert (np.diff(at_blob) > 0).all()
        assert at_blob[-1] > heats[0][brain].max()
        np.testing.assert_allclose(elsewhere, elsewhere[0], atol=0.02)

    def test_the_manifest_names_its_data_its_licence_and_what_guarantees_nothing(self) -> None:
        manifest = json.loads((PACKAGE / "manifest.json").read_text(encoding="utf-8"))
        card = (PACKAGE / "CARD.md").read_text(encoding="utf-8")
        assert manifest["licence"] == "CC BY-SA 3.0"
        assert "IXI" in (PACKAGE / "LICENSE").read_text(encoding="utf-8")
        assert (PACKAGE / "weights.safetensors").stat().st_size <= 5_000_000
        flair, t1 = (manifest["calibration"]["thresholds"][contrast] for contrast in ("FLAIR", "T1"))
        assert not any(entry["guarantee"] for entry in flair)
        assert all(str(row["model"]) in card for row in manifest["evaluation"]["rows"])
        levels = manifest["calibration"]["healthy_levels"]["T1"]
        assert len(levels) == 24
        for entry in t1:
            exact = conformal_threshold(levels, entry["false_alarm_rate"])
            assert exact is not None
            # The levels are written with four digits, the threshold is the next one above the exact level.
            assert exact - 1e-9 <= entry["threshold"] <= exact + 2e-4
