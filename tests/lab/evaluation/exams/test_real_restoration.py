"""Exams of restoration on pictures whose answer is known: constant errors, discs in white noise, ramps of slices."""

import math
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from numpy.typing import NDArray

from medgan_viewer import settings
from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import nifti
from medgan_viewer.errors import MissingPartError, ReadError, UsageError
from medgan_viewer.lab.evaluation.exams import dose_phantom, real_restoration, real_runs, thick_mr
from medgan_viewer.lab.evaluation.exams.dose_phantom import DOSES, measures, observer_rows, read_phantom
from medgan_viewer.lab.evaluation.exams.lesions import Planned, Region
from medgan_viewer.lab.evaluation.exams.real import EnhanceTest, LowDoseTest, PatientSet, load_patient_exam
from medgan_viewer.lab.evaluation.exams.run import Sitting
from medgan_viewer.lab.evaluation.exams.scans import Found, Patient, Scan
from medgan_viewer.lab.sources.low_dose_slices import read_slice
from medgan_viewer.models.manifest import read_package
from tests.lab.sources.small_sources import write_slices
from tests.models.tiny import content, write_package

SIZE, SIGMA = 256, {"dose_010": 40.0, "dose_100": 10.0}
CENTRE, RADIUS, CONTRAST = (90.0, 150.0), 8.0, 14.0
WINDOW = (-160.0, 240.0)


def disc(centre: tuple[float, float], radius: float) -> NDArray[np.float64]:
    rows, columns = np.indices((SIZE, SIZE))
    inside: NDArray[np.float64] = np.clip(radius - np.hypot(rows - centre[0], columns - centre[1]) + 0.5, 0, 1)
    return inside


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a cylinder of water with one disc in white noise, in the phantom's own layout."""
    place = tmp_path_factory.mktemp("data") / "ct_dose_phantom" / "fbp"
    rng = np.random.default_rng(0)
    truth = 1000 * disc((127.5, 127.5), 100) + CONTRAST * disc(CENTRE, RADIUS)
    for dose, sigma in SIGMA.items():
        for kind in ("present", "absent"):
            inside = place / dose / f"signal_{kind}"
            inside.mkdir(parents=True)
            for number in range(1, 11):
                picture = truth if kind == "present" else 1000 * disc((127.5, 127.5), 100)
                noisy = (picture + rng.normal(0, sigma, picture.shape)).round().astype(np.int16)
                noisy.tofile(inside / f"signal_{kind}_{number:03d}.raw")
    truth.round().astype(np.uint16).tofile(place / "ground_truth.raw")
    return place.parents[1]


@pytest.fixture(scope="module")
def phantom(folder: Path) -> dose_phantom.Phantom:
    return read_phantom(folder / "ct_dose_phantom" / "fbp")


def test_that_the_phantoms_disc_and_cylinder_are_found_where_they_are(phantom: dose_phantom.Phantom) -> None:
    (found,) = phantom.discs
    assert found.name == "disc of 14 HU"
    assert found.centre == pytest.approx(CENTRE, abs=0.05)
    assert found.radius == pytest.approx(RADIUS, abs=0.2)
    centre, radius = phantom.body
    assert centre == pytest.approx((127.5, 127.5), abs=0.1)
    assert radius == pytest.approx(100, abs=0.3)


def inserted(phantom: dose_phantom.Phantom) -> dict[str, NDArray[np.float32]]:
    given = dict(phantom.scans[DOSES[0]])
    return given | {"inserted": given["absent"] + phantom.signal}


def test_that_noise_edge_contrast_and_psnr_of_the_phantom_are_those_that_it_was_made_with(
    phantom: dose_phantom.Phantom,
) -> None:
    found = measures(phantom, inserted(phantom), WINDOW)
    (noise,) = found["noise", "HU"].values()
    assert noise == pytest.approx(SIGMA["dose_010"], rel=0.03)
    (kept,) = found["contrast kept, disc of 14 HU", "%"].values()
    assert kept == pytest.approx(100, abs=0.5)
    (width,) = found["edge width, 10 to 90 %", "pixels"].values()
    # Linear over one pixel.
    assert width == pytest.approx(0.8, abs=0.25)
    psnr = list(found["PSNR in the window", "dB"].values())
    assert len(psnr) == 20
    error = SIGMA["dose_010"] ** 2 + SIGMA["dose_100"] ** 2 / 10
    assert np.mean(psnr) == pytest.approx(10 * math.log10(400**2 / error), abs=0.3)


def test_that_a_blur_takes_noise_and_contrast_and_widens_the_edge(phantom: dose_phantom.Phantom) -> None:
    from scipy import ndimage

    given = inserted(phantom)
    blurred = {kind: ndimage.gaussian_filter(some, (0, 4, 4)) for kind, some in given.items()}
    before, after = (
        {metric: np.mean(list(values.values())) for (metric, _), values in measures(phantom, some, WINDOW).items()}
        for some in (given, blurred)
    )
    assert after["noise"] < 0.2 * before["noise"]
    # In the middle of a disc of radius r a Gaussian leaves 1 − exp(−r²/2σ²), a little less over its core.
    assert 60 < after["contrast kept, disc of 14 HU"] < 100 * (1 - math.exp(-(RADIUS**2) / 32))
    assert after["edge width, 10 to 90 %"] == pytest.approx(2 * 1.2816 * 4, rel=0.1)
    assert (
        after["mean frequency of the noise power spectrum"] < 0.4 * before["mean frequency of the noise power spectrum"]
    )


def test_that_the_observer_sees_the_disc_better_at_full_dose(phantom: dose_phantom.Phantom) -> None:
    by_who = {"model": phantom.scans["dose_010"], "full": phantom.scans["dose_100"]}
    nothing = {kind: some[:, ::-1, ::-1] for kind, some in phantom.scans["dose_100"].items()}
    (row,) = observer_rows(phantom, {**by_who, "input": nothing}, "phantom")
    assert row["full"] == 1.0
    # d' of a disc of about 200 pixels: 14·√200/40 = 5 for an observer who sees all of it.
    assert 0.97 < float(str(row["model"])) <= 1.0
    assert 0.2 < float(str(row["input"])) < 0.8
    assert row["metric"] == "AUC of a model observer, disc of 14 HU"
    assert "full dose 1.00 to 1.00" in str(row["spread"])


def test_that_a_missing_and_a_broken_phantom_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(MissingPartError, match="ct_dose_phantom is not in the data folder"):
        read_phantom(tmp_path / "fbp")
    (tmp_path / "ground_truth.raw").write_bytes(b"short")
    with pytest.raises(ReadError, match="no picture of the phantom"):
        read_phantom(tmp_path)


BODIES = PatientSet("test", "ct_slices_hu", ("A1", "A2"), (("CT",),))
DOSE = LowDoseTest((5e3, 2e5), 2, 7, WINDOW)


def test_that_an_error_of_ten_hu_in_the_body_is_so_many_decibels(tmp_path: Path) -> None:
    write_slices(tmp_path)
    off = {5e3: 40, 2e5: 10}

    def scans(path: Path, test: LowDoseTest) -> NDArray[np.int16]:
        clean, _ = read_slice(path)
        return np.stack([np.stack([clean + off[photons]] * test.repeats) for photons in test.photons]).astype(np.int16)

    sitting = Sitting()
    who = {"model": lambda pictures, pixel_mm: pictures - 5, "input": lambda pictures, pixel_mm: pictures}
    with patch.object(real_restoration, "low_dose_scans", scans):
        real_restoration._bodies(BODIES, DOSE, who, sitting, tmp_path)
    for photons, error in off.items():
        found = sitting.values[f"body, {photons:g} photons a ray", "PSNR in the window", "dB"]
        assert found["input"] == pytest.approx(dict.fromkeys(("A1", "A2"), 20 * math.log10(400 / error)), abs=0.01)
        assert found["model"]["A1"] == pytest.approx(20 * math.log10(400 / (error - 5)), abs=0.01)


def test_that_scans_are_simulated_once_and_fewer_photons_give_more_noise(tmp_path: Path) -> None:
    write_slices(tmp_path)
    path = next((tmp_path / "ct_slices_hu").glob("A1*"))
    with patch.object(settings, "cache_folder", lambda: tmp_path / "cache"):
        made = real_restoration.low_dose_scans(path, DOSE)
        again = real_restoration.low_dose_scans(path, DOSE)
    assert made.shape == (2, 2, 40, 40)
    assert np.array_equal(made, again)
    clean, _ = read_slice(path)
    water = clean > -500
    loud, quiet = ((scans[:, water] - clean[water]).std() for scans in made)
    assert 3 < loud / quiet < 12
    assert not np.array_equal(made[0, 0], made[0, 1])


def test_that_a_volume_made_worse_keeps_straight_lines_and_gets_rician_noise() -> None:
    ramp = np.broadcast_to(np.linspace(0.2, 1.0, 41, dtype=np.float32)[:, None, None], (41, 60, 60))
    worse = thick_mr.made_worse(ramp, 2.0, 6.0, 0.0, np.random.default_rng(0))
    assert np.abs(worse[4:36] - ramp[4:36]).max() < 2e-3
    air = thick_mr.made_worse(np.zeros_like(ramp), 2.0, 4.0, 0.1, np.random.default_rng(0))
    # The middle of a slab of two slices lies between both: of the thin slices none shows the noise of a slab alone.
    assert float(air[1:-1].mean()) == pytest.approx(0.1 * math.sqrt(math.pi / 2), rel=0.03)


def test_that_whoever_gives_the_truth_gains_much_and_who_does_nothing_gains_nothing(tmp_path: Path) -> None:
    place = tmp_path / "ixi_t1_2mm"
    place.mkdir()
    grid = np.mgrid[:20, :48, :48]
    inside = np.hypot(grid[1] - 23.5, grid[2] - 23.5) < 18
    picture = np.where(inside, 400 + 200 * np.sin(grid[0]) + 100 * np.sin(grid[1]), 0)
    affine = np.diag([2.0, 2.0, 2.0, 1.0])[[2, 1, 0, 3]]
    nifti.write(Volume(picture.astype(np.int16), affine, modality="MR"), place / "IXI1.nii.gz")
    one = PatientSet("test", "ixi_t1_2mm", ("IXI1",), (("T1",),))
    good = next(iter(thick_mr._good(one, tmp_path))).picture
    sitting = Sitting()
    who = {
        "model": lambda worse, spacing, asked: good[list(asked)],
        "baseline": lambda worse, spacing, asked: (worse[list(asked)] / 1000).astype(np.float32),
    }
    thick_mr.sit(one, EnhanceTest((0.05,), (4.0,), 1), who, sitting, tmp_path)
    found = sitting.values["real T1 (IXI), 4 mm, noise 5 %, test", thick_mr.GAIN, "dB"]
    assert found["model"]["IXI1 T1"] > 50
    assert found["baseline"]["IXI1 T1"] == pytest.approx(0, abs=0.05)
    with pytest.raises(MissingPartError, match="ixi_t1_2mm are not in the data folder"):
        list(thick_mr._good(PatientSet("test", "ixi_t1_2mm", ("IXI2",), (("T1",),)), tmp_path))


def test_that_air_set_to_zero_is_zero_beside_the_head_and_noise_stays_in_it() -> None:
    head = np.zeros((20, 30, 30), bool)
    head[:, 8:22, 8:22] = True
    rng = np.random.default_rng(0)
    worse = thick_mr.made_worse(np.where(head, 0.5, 0.0).astype(np.float32), 2.0, 4.0, 0.1, rng, head)
    assert not worse[~head].any()
    assert float(worse[head].std()) > 0.05


LESION, AROUND = (slice(10, 16), slice(20, 28), slice(20, 28)), (slice(10, 16), slice(12, 18), slice(20, 28))


def patient_with_a_lesion() -> Patient:
    """Return a bright block in even tissue, in scans of thin slices without noise, and the same without the block."""
    grid = np.mgrid[:24, :48, :48]
    tissue = np.where(np.hypot(grid[1] - 23.5, grid[2] - 23.5) < 20, 500, 0).astype(np.int16)
    ill = tissue.copy()
    ill[LESION] = 700
    inside, around = (tuple(axis.ravel() for axis in np.mgrid[box]) for box in (LESION, AROUND))
    found = Found(Planned(1, "oedema", 12.0), Region(inside, around), {}, {}, {})
    names = ("T1", "T2", "FLAIR")
    scan = Scan(
        inputs=dict.fromkeys(names, ill),
        targets={},
        segmentation=(tissue > 0).astype(np.uint8),
        spacing=(3.0, 1.25, 1.25),
        scored=tuple(range(24)),
        free=dict.fromkeys(names, tissue),
        found=(found,),
    )
    return Patient("patient 01", 17, {"hard": scan})


@pytest.mark.parametrize(("noise", "counted"), [(0.05, True), (0.4, False)])
def test_that_lesions_are_counted_where_they_are_kept_lost_and_invented(noise: float, counted: bool) -> None:
    def painted(worse: NDArray[np.float32], spacing: object, asked: Sequence[int]) -> NDArray[np.float32]:
        made = np.full((len(worse), 48, 48), 0.7, np.float32)
        made[LESION] = 1.0
        return made[list(asked)]

    who: dict[str, thick_mr.Enhancer] = {
        "model": lambda worse, spacing, asked: (worse[list(asked)] / 1000).astype(np.float32),
        "baseline": lambda worse, spacing, asked: np.full((len(asked), 48, 48), 0.5, np.float32),
        "rival": painted,
    }
    sitting = Sitting()
    test = EnhanceTest((), (), 1, lesions=((6.0, noise),), lesion_scans="lesion-scans")
    with patch.object(thick_mr, "patients", lambda scans, data: iter([patient_with_a_lesion()])):
        thick_mr.look_for_lesions(test, who, sitting, Path())
    title = f"simulated FLAIR, 6 mm, noise {100 * noise:g} %, with lesions"
    # At a noise of .4 of the reference a lesion of .3 of it cannot be seen, and counts for nobody.
    assert bool(sitting.lesions) is counted
    if counted:
        shown = sitting.lesions[title, "reproduced: lesions of all sizes"]
        invented = sitting.lesions[title, "inserted where there is none"]
        hits = {"model": (1, 0), "input": (1, 0), "baseline": (0, 0), "rival": (1, 1)}
        for name, (kept, inserted) in hits.items():
            assert (shown[name]["patient 01"], invented[name]["patient 01"]) == ((kept, 1), (inserted, 1)), name


@pytest.mark.parametrize("name", ["ct-low-dose", "mr-enhance"])
def test_that_a_model_that_restores_something_else_does_not_sit(tmp_path: Path, name: str) -> None:
    other = "MR" if name == "ct-low-dose" else "CT"
    manifest = content(modality=other)
    manifest["outputs"][0] |= {"modality": other, "decoding": "mr_unit" if other == "MR" else "ct_companded"}
    package = read_package(write_package(tmp_path, manifest, np.zeros((1, 2), np.float32)))
    with pytest.raises(UsageError, match=f"restores no {'CT' if other == 'MR' else 'MR'}, as the exam {name}"):
        real_restoration.examine(load_patient_exam(name), {"model": package}, tmp_path)


@pytest.mark.parametrize("name", ["ct-low-dose", "mr-enhance"])
def test_that_the_words_name_the_exam_and_what_stands_beside(name: str) -> None:
    exam = load_patient_exam(name)
    said = real_runs.words({"id": name, "sha256": exam.digest, "rival": True})
    assert exam.digest[:12] in said
    assert "non-local means" in said
    assert ("RED-CNN" in said) == (name == "ct-low-dose")
    assert ("Air set to zero" in said and "in 8 patients simulated" in said) == (name == "mr-enhance")
