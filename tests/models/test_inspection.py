"""What a last look at the pixels finds, and what the user is asked or told."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from medgan_viewer import resources
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import QuestionableError, UnsuitableError
from medgan_viewer.lab.evaluation.exams import dose_phantom
from medgan_viewer.models import inspection
from medgan_viewer.models.inspection import Look, demand, measured, objections
from medgan_viewer.models.manifest import Input, Manifest, read_package
from medgan_viewer.models.recognition import Answer, Guess
from tests.models.scans import HEAD_MM, affine, simulated_head
from tests.models.test_suitability import manifest

MR = {"modalities": ["MR"], "contrasts": ["T1", "FLAIR"]}
FINE = Look((200.0, 150.0), False, 0.03)


def guess(unsure: str = "", **answers: str) -> Guess:
    """Return sure answers, but for the one to the question ``unsure``."""
    given: Mapping[str, str] = {"kind": "T1", "region": "head", "plane": "axial", "way": "upright", **answers}
    return Guess({name: Answer(said, 0.99, name != unsure) for name, said in given.items()})


def scan(modality: str = "MR", noise: float = 0.0, spacing: float = 2.0, seed: int = 0) -> Volume:
    """Return a round head of 200 × 160 mm at 2 mm with some structure, in air."""
    rows, columns = np.mgrid[-64:64, -64:64]
    inside = np.hypot(rows / 50, columns / 40) < 1
    rng = np.random.default_rng(seed)
    tissue = ndimage.gaussian_filter(rng.normal(0, 1, (6, 128, 128)), (0, 6, 6)) * 100
    values = np.where(inside, 600 + tissue, 0) if modality == "MR" else np.where(inside, 30 + tissue / 5, -1000)
    noisy = values + rng.normal(0, noise, values.shape)
    return Volume(noisy.round().astype(np.int16), affine((5.0, spacing, spacing)), modality=modality)


def said(
    look: Look, needs: Manifest, stated: str | None = "T1", volume: Volume | None = None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    requires = needs.requires
    wanted = Input(requires.modalities[0], requires.contrasts)
    return objections(needs, wanted, stated, volume or scan(), look)


def test_that_a_fitting_head_passes_without_a_word() -> None:
    assert said(replace(FINE, guess=guess()), manifest(**MR)) == ((), ())
    assert said(FINE, manifest(**MR)) == ((), ())


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"region": "body"}, "seem to show a chest or belly; the model needs a head"),
        ({"region": "other"}, "no part of a person that is known here; the model needs a head"),
        ({"kind": "CT"}, "seem to show a CT; the model needs an MR (T1 or FLAIR)"),
        ({"kind": "other"}, "neither CT nor one of the MR contrasts"),
        ({"kind": "T2"}, "look like a T2 although the series says T1; the model needs T1 or FLAIR"),
        ({"plane": "sagittal"}, "axial by their headers and look sagittal"),
        ({"way": "upside down"}, "the face points backwards"),
    ],
    ids=str,
)
def test_that_a_sure_answer_that_does_not_fit_is_an_objection_and_an_unsure_one_is_none(
    answers: dict[str, str], words: str
) -> None:
    against, _ = said(replace(FINE, guess=guess(**answers)), manifest(**MR))
    assert len(against) == 1
    assert words in against[0]
    for name in answers:
        others = {key: value for key, value in answers.items() if key != name}
        assert all(words not in one for one in said(replace(FINE, guess=guess(name, **others)), manifest(**MR))[0])


def test_that_contrast_medium_is_told_and_not_asked_about() -> None:
    against, notices = said(replace(FINE, guess=guess(kind="T1+C")), manifest(**MR))
    assert against == ()
    assert notices == ("The images look like a T1+C although the series says T1; the model needs T1 or FLAIR.",)


def test_that_a_contrast_that_nobody_tells_is_told() -> None:
    unsure = replace(FINE, guess=guess("kind"))
    assert said(unsure, manifest(**MR), None)[1] == (
        "Neither header nor pixels tell the contrast; the model needs T1 or FLAIR.",
    )
    assert said(unsure, manifest(**MR), "T1") == ((), ())


def test_that_slices_through_the_stack_tell_head_from_feet() -> None:
    turned = guess(way="upside down", plane="coronal")
    both = replace(FINE, guess=guess(), across=(turned, replace_plane(turned, "sagittal")))
    assert said(both, manifest(**MR))[0] == (
        "The series looks upside down: by its headers the feet are above the head.",
    )
    assert said(replace(both, across=(turned, guess(plane="sagittal"))), manifest(**MR))[0] == ()


def replace_plane(some: Guess, plane: str) -> Guess:
    return Guess({**some.answers, "plane": Answer(plane, 0.99, True)})


def test_that_a_model_for_any_region_takes_a_chest_and_no_noise() -> None:
    anything = manifest(body_part="ANY", modalities=["CT"])
    chest = replace(FINE, guess=guess(region="body", kind="CT"))
    assert said(chest, anything, None, scan("CT")) == ((), ())
    nothing = replace(FINE, guess=guess(region="other", kind="other"))
    assert "no part of a person" in said(nothing, anything, None, scan("CT"))[0][0]


@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_that_a_head_is_measured_in_millimetres(modality: str) -> None:
    look = measured(scan(modality, noise=5))
    assert look.size_mm == pytest.approx((200, 160), abs=8)
    assert not look.cut
    assert measured(scan(modality, noise=5, spacing=1.0)).size_mm == pytest.approx((100, 80), abs=6)


def test_that_a_pixel_size_that_no_head_has_is_an_objection() -> None:
    for spacing in (0.5, 4.0):
        look = measured(scan(spacing=spacing))
        assert "pixel size in the headers may be wrong" in said(look, manifest(**MR))[0][0]
    assert said(measured(scan()), manifest(**MR)) == ((), ())


def test_that_a_head_that_is_cut_by_the_image_is_told() -> None:
    whole = scan()
    part = replace(whole, array=whole.array[:, :, 40:])
    look = measured(part)
    assert look.cut
    assert any("outside the images" in one for one in said(look, manifest(**MR))[1])


def with_bright_squares(some: Volume, value: int, side: int, slices: int) -> Volume:
    array = some.array.copy()
    array[:slices, 60 : 60 + side, 60 : 60 + side] = value
    return replace(some, array=array)


@pytest.mark.parametrize(
    ("value", "side", "slices", "told"),
    [
        (3071, 2, 1, "One slice seems to show metal"),
        (8000, 3, 4, "4 slices seem to show metal"),
        (2700, 9, 4, ""),  # the enamel of teeth
        (3071, 1, 6, ""),  # single pixels, as noise of a sharp kernel has them
    ],
)
def test_that_metal_in_a_ct_is_told_and_teeth_are_none(value: int, side: int, slices: int, told: str) -> None:
    look = measured(with_bright_squares(scan("CT", noise=5, spacing=1.5), value, side, slices))
    against, notices = said(look, manifest(modalities=["CT"]), None, scan("CT"))
    assert against == ()
    assert [one for one in notices if "metal" in one] == ([one for one in notices if told in one] if told else [])
    assert bool(told) == bool(look.metal)
    assert not measured(with_bright_squares(scan("MR", spacing=1.5), value, side, slices)).metal


@pytest.mark.parametrize(("modality", "sigma", "wanted"), [("CT", 10.0, 10.0), ("MR", 60.0, 0.1)])
def test_that_noise_is_measured_where_it_is_known(modality: str, sigma: float, wanted: float) -> None:
    assert measured(scan(modality, noise=sigma)).noise == pytest.approx(wanted, rel=0.15)


def test_that_much_noise_is_told_and_very_much_an_objection() -> None:
    needs = manifest(modalities=["CT"])
    clean, some, much = (measured(scan("CT", noise=sigma)) for sigma in (5, 30, 90))
    assert said(clean, needs, None, scan("CT")) == ((), ())
    assert "are noisy (3" in said(some, needs, None, scan("CT"))[1][0]
    assert "far noisier" in said(much, needs, None, scan("CT"))[0][0]


def test_that_empty_and_flat_images_are_said_to_be_empty() -> None:
    empty = Volume(np.zeros((3, 32, 32), np.int16), affine((5.0, 4.0, 4.0)), modality="MR")
    assert said(measured(empty), manifest(**MR))[0] == ("The images seem to be empty.",)
    lost = replace(empty, array=np.full((3, 32, 32), np.nan, np.float32))
    assert measured(lost).size_mm is None


def test_that_a_run_is_refused_until_every_objection_is_confirmed() -> None:
    small = scan(spacing=0.5)
    with pytest.raises(QuestionableError) as refused:
        demand(manifest(**MR), [small], ["T1"], (), "")
    assert isinstance(refused.value, UnsuitableError)
    assert refused.value.sentence.startswith("Tiny was not run. What the images show measures")
    assert len(refused.value.objections) == 1
    assert demand(manifest(**MR), [small], ["T1"], refused.value.objections, "") == ((), 1)
    with pytest.raises(QuestionableError):
        demand(manifest(**MR), [small], ["T1"], ("Something else.",), "")


# Real series


@pytest.fixture(scope="module")
def real() -> dict[str, Volume]:
    data = resources.shared_data()
    if data is None or not (data / "dicom").is_dir():
        pytest.skip("the data sets are not here (MEDGAN_DATA)")
    return {name: volume for folder in sorted((data / "dicom").iterdir()) for name, volume in _series(folder)}


def _series(folder: Path) -> Iterator[tuple[str, Volume]]:
    from medgan_viewer.dicom import assemble, index

    if not folder.is_dir():
        return
    for study in index.scan([folder], learn=False).studies:
        for series in study.series:
            stack = assemble.open_stack(series)
            stack.read_all()
            yield f"{folder.name} {series.contrast or series.modality}", stack.stack.volume()


def test_that_real_heads_have_the_size_of_a_head_and_little_noise(real: dict[str, Any]) -> None:
    for name, volume in real.items():
        look = measured(volume)
        if "chest" in name:
            continue
        needs = manifest(modalities=[volume.modality])
        assert said(look, needs, None, volume) == ((), ()), name


def test_that_a_real_chest_is_too_large_for_a_head(real: dict[str, Any]) -> None:
    (chest,) = (volume for name, volume in real.items() if "chest" in name)
    assert "which no head does" in said(measured(chest), manifest(), None, chest)[0][0]


def test_that_a_ct_of_air_alone_shows_nothing() -> None:
    air = np.full((4, 64, 64), -1000, np.int16)
    air[0, 0, :5] = -990  # less than one voxel in a hundred
    look = measured(Volume(air, affine((5.0, 3.0, 3.0)), modality="CT"))
    assert look == Look(None, False, None)


def _noise(seed: int) -> Volume:
    """Return an MR of nothing but noise."""
    rng = np.random.default_rng(seed)
    pixels = np.hypot(*rng.normal(0, 200, (2, 20, 256, 256)))
    return Volume(pixels.astype(np.int16), affine((5.0, 0.9, 0.9)), modality="MR")


def _phantom(data: Path) -> Volume:
    """Return scans of the low-contrast phantom as a series."""
    folder = data / "ct_dose_phantom" / "fbp"
    if not folder.is_dir():
        pytest.skip("the phantom is not here (MEDGAN_DATA)")
    scans = dose_phantom.read_phantom(folder).scans[dose_phantom.DOSES[-1]]["absent"]
    return Volume(scans[:5].astype(np.int16), affine((5.0, 0.6, 0.6)), modality="CT")


def test_that_real_wrong_inputs_are_refused_and_right_ones_are_not(real: dict[str, Any]) -> None:
    shared = resources.shared_data()
    assert shared is not None
    (chest,) = (volume for name, volume in real.items() if "chest" in name)
    (ct,) = (volume for name, volume in real.items() if "tilted" in name)
    t1, flair = (real[f"brain_mr_multicontrast {contrast}"] for contrast in ("T1", "FLAIR"))
    noisy = replace(
        t1, array=t1.array + np.random.default_rng(0).normal(0, 0.4 * np.percentile(t1.array, 99), t1.shape)
    )
    body, nothing = "seem to show a chest or belly", "no part of a person that is known here"
    feet_up, backwards = "the feet are above the head", "the face points backwards"
    wrong = [
        ("head-ct-to-mr", chest, None, body),
        ("head-anatomy", chest, None, body),
        ("head-mr-to-ct", _noise(0), "T1", nothing),
        ("head-mr-to-ct", noisy, "T1", "far noisier"),
        ("head-ct-to-mr", _phantom(shared), None, nothing),
        ("head-mr-to-ct", t1, "FLAIR", "look like a T1 although the series says FLAIR"),
        *((model, _turned(volume, 1), said, backwards) for model, volume, said in _right(ct, t1, flair)),
        *((model, _turned(volume, 0), said, feet_up) for model, volume, said in _right(ct, t1, flair)),
    ]
    classifier = str(resources.path("models", inspection.CLASSIFIER))
    for name, volume, stated, words in wrong:
        needs = read_package(resources.path("models", name)).manifest
        if words.startswith("look like"):
            needs = replace(needs, requires=replace(needs.requires, contrasts=("FLAIR",)))
        with pytest.raises(QuestionableError, match=words):
            demand(needs, [volume], [stated], (), classifier)
    for name, volume, stated in _right(ct, t1, flair):
        needs = read_package(resources.path("models", name)).manifest
        assert demand(needs, [volume], [stated], (), classifier) == ((), 1), name


def _right(ct: Volume, t1: Volume, flair: Volume) -> tuple[tuple[str, Volume, str | None], ...]:
    """Return models, what they are for, and what its headers say."""
    return ("head-ct-to-mr", ct, None), ("head-mr-to-ct", t1, "T1"), ("head-anomaly", flair, "FLAIR")


def _turned(volume: Volume, axis: int) -> Volume:
    """Return a volume whose voxels run the other way along an axis than its headers say."""
    return replace(volume, array=np.ascontiguousarray(np.flip(volume.array, axis)))


def test_that_a_series_is_looked_at_once_and_another_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Volume] = []

    def counted(volume: Volume) -> Look:
        looks.append(volume)
        return measured(volume)

    monkeypatch.setattr(inspection, "measured", counted)
    first, same, other = scan(seed=11), scan(seed=11), scan(seed=12)
    turned = replace(first, affine=first.affine @ np.diag([1.0, 2.0, 2.0, 1.0]))
    seen = [inspection.look_at(volume, None) for volume in (first, same, other, turned)]
    assert looks == [first, other, turned]
    assert seen[0] == seen[1]
    assert seen[3].size_mm != seen[0].size_mm


def test_that_what_looks_alike_both_ways_round_is_not_called_upside_down() -> None:
    classifier = read_package(resources.path("models", inspection.CLASSIFIER))
    spacing = HEAD_MM / 160
    alike = Volume(simulated_head((10, 160, 160)), affine((2.0, spacing, spacing)), modality="CT")
    turned = replace(alike, array=np.ascontiguousarray(alike.array[:, ::-1]))
    for volume in (alike, turned):
        look = inspection.look_at(volume, classifier)
        assert look.guess is not None
        assert look.guess.sure("way") is None
        assert objections(manifest(modalities=["CT"], contrasts=[]), Input("CT", ()), None, volume, look) == ((), ())
