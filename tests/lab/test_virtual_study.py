"""The virtual patient's study: scans that show the head and its tumour, as DICOM that other programs accept."""

import itertools
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from medgan_viewer.errors import WriteError
from medgan_viewer.lab.virtual_patient import DEMO_SEED, Scan, VirtualHead, ensure_study, scan_head
from medgan_viewer.lab.virtual_patient import __main__ as command
from medgan_viewer.lab.virtual_patient import study as study_module
from medgan_viewer.lab.virtual_patient.scanner import PROTOCOLS
from medgan_viewer.lab.virtual_patient.study import VERSION
from tests.lab.virtual_heads import die, virtual_head

SERIES = tuple(protocol.name for protocol in PROTOCOLS)
FINGERPRINTS = {
    2: {
        "Head CT": (-575.61, 604.46, -552.81, -562.81, -439.79, -445.6, -747.32, -746.95, -557.95, -551.63),
        "T1": (160.68, 235.44, 194.91, 184.46, 205.34, 202.2, 92.68, 92.03, 159.68, 154.13),
        "T2": (141.0, 228.83, 136.03, 133.08, 178.47, 171.84, 85.71, 91.76, 173.14, 157.94),
        "FLAIR": (141.45, 228.04, 145.97, 135.08, 171.05, 165.27, 97.33, 86.65, 174.92, 155.33),
    }
}
"""By the version of the study: mean and standard deviation of each series of the demo's patient, means of its octants.

Means of a million voxels: no machine's rounding moves them by 0.1, while any change of tissues or anatomy does.
"""


@pytest.fixture(scope="module")
def head() -> VirtualHead:
    return virtual_head(DEMO_SEED)


@pytest.fixture(scope="module")
def scan(head: VirtualHead) -> Scan:
    return scan_head(head)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study as the window gets it: written by another process."""
    return ensure_study(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def instances(folder: Path) -> dict[str, list[pydicom.Dataset]]:
    found: dict[str, list[pydicom.Dataset]] = {name: [] for name in SERIES}
    for path in sorted(folder.rglob("*.dcm")):
        instance = pydicom.dcmread(path)
        found[instance.SeriesDescription].append(instance)
    return found


def _labels_at_voxels(head: VirtualHead, scan: Scan) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    """Return the head's label at the centre of each voxel of the scan, found by millimetres."""
    shape = scan.series["T1"].shape
    first = (scan.origin[2] - head.start[0], scan.origin[1] - head.start[1], scan.origin[0] - head.start[2])
    axes = [np.round(f + np.arange(n) * s).astype(int) for f, n, s in zip(first, shape, scan.spacing, strict=True)]
    inside = [(a >= 0) & (a < n) for a, n in zip(axes, head.labels.shape, strict=True)]
    labels = head.labels[np.ix_(*(np.clip(a, 0, n - 1) for a, n in zip(axes, head.labels.shape, strict=True)))].copy()
    labels[~(inside[0][:, None, None] & inside[1][:, None] & inside[2])] = 0
    return labels


def test_that_no_part_of_the_generator_imports_torch_or_qt() -> None:
    program = (
        "import importlib, pkgutil, sys\n"
        "import medgan_viewer.lab.virtual_patient as package\n"
        "for part in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(part.name)\n"
        "assert not {'torch', 'PySide6'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_that_every_series_has_60_to_90_slices_on_one_grid(instances: dict[str, list[pydicom.Dataset]]) -> None:
    places = {name: [tuple(i.ImagePositionPatient) for i in series] for name, series in instances.items()}
    assert 60 <= len(places["T1"]) <= 90
    assert all(places[name] == places["T1"] for name in SERIES)
    everything = [i for series in instances.values() for i in series]
    for keyword in ("PixelSpacing", "ImageOrientationPatient", "FrameOfReferenceUID", "StudyInstanceUID", "PatientID"):
        assert len({str(i[keyword].value) for i in everything}) == 1, keyword
    assert len({i.SOPInstanceUID for i in everything}) == len(everything)
    assert len({i.SeriesInstanceUID for i in everything}) == len(SERIES)


def test_that_slices_rise_by_their_spacing(instances: dict[str, list[pydicom.Dataset]]) -> None:
    heights = np.array([float(i.ImagePositionPatient[2]) for i in instances["Head CT"]])
    np.testing.assert_allclose(np.diff(heights), float(instances["Head CT"][0].SliceThickness), atol=1e-3)


def test_that_the_same_seed_gives_the_same_pixels_in_another_process(
    instances: dict[str, list[pydicom.Dataset]], scan: Scan
) -> None:
    for name in SERIES:
        np.testing.assert_array_equal(np.stack([i.pixel_array for i in instances[name]]), scan.series[name])


def test_that_other_voxels_have_another_version(scan: Scan) -> None:
    """Else a cache shows the old patient, and one UID stands for two images: raise VERSION, then note the new ones."""
    for name, values in scan.series.items():
        halves = [[slice(0, n // 2), slice(n // 2, n)] for n in values.shape]
        octants = [values[octant].mean() for octant in itertools.product(*halves)]
        found = [values.mean(), values.std(), *octants]
        np.testing.assert_allclose(found, FINGERPRINTS[VERSION][name], rtol=0, atol=0.1)


def test_that_every_instance_says_that_nobody_was_scanned(instances: dict[str, list[pydicom.Dataset]]) -> None:
    for instance in (i for series in instances.values() for i in series):
        assert instance.SyntheticData == "YES"
        assert instance.DerivationDescription == "Simulated from an anatomical model; no person"
        assert instance.ImageType[:2] == ["DERIVED", "PRIMARY"]
        assert instance.PatientID == f"VP-{DEMO_SEED:04d}"
        assert instance.PatientName == f"Virtual^Patient {DEMO_SEED:04d}"


def test_that_mr_carries_the_times_that_were_simulated(instances: dict[str, list[pydicom.Dataset]]) -> None:
    for protocol in PROTOCOLS[1:]:
        instance = instances[protocol.name][0]
        assert instance.Modality == "MR"
        assert (instance.RepetitionTime, instance.EchoTime) == (protocol.repetition, protocol.echo)
        assert instance.get("InversionTime", 0) == protocol.inversion


@pytest.mark.parametrize("series", SERIES)
def test_that_dciodvfy_finds_no_error_but_the_tag_it_does_not_know(folder: Path, series: str) -> None:
    program = shutil.which("dciodvfy")
    if program is None:
        pytest.skip("dciodvfy (Debian package dicom3tools) is not installed")
    path = next(iter(sorted(folder.glob(f"*{series.replace(' ', '_')}/*.dcm"))))
    said = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    errors = [line for line in (said.stdout + said.stderr).splitlines() if line.startswith("Error")]
    assert [line for line in errors if "(0x0008,0x001c)" not in line] == []


def test_that_dcentvfy_finds_the_study_consistent(folder: Path) -> None:
    program = shutil.which("dcentvfy")
    if program is None:
        pytest.skip("dcentvfy (Debian package dicom3tools) is not installed")
    files = [str(path) for path in sorted(folder.rglob("*.dcm"))]
    said = subprocess.run([program, *files], capture_output=True, text=True, check=False)
    assert "Error" not in said.stdout + said.stderr


def test_that_an_independent_reader_finds_the_same_grid(folder: Path, scan: Scan) -> None:
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(next(folder.glob("*T2")))))
    image = reader.Execute()
    np.testing.assert_allclose(image.GetOrigin(), scan.origin, atol=1e-3)
    np.testing.assert_allclose(image.GetSpacing(), scan.spacing[::-1], atol=1e-3)
    assert image.GetDirection() == (1, 0, 0, 0, 1, 0, 0, 0, 1)
    np.testing.assert_array_equal(SimpleITK.GetArrayFromImage(image), scan.series["T2"])


def test_that_the_pictures_lie_where_the_labels_are(head: VirtualHead, scan: Scan) -> None:
    dense = scan.series["Head CT"] > 500
    bone = _labels_at_voxels(head, scan) == 515
    assert 2 * (dense & bone).sum() / (dense.sum() + bone.sum()) > 0.8


def test_that_ct_numbers_and_mr_contrasts_are_those_of_a_head(head: VirtualHead, scan: Scan) -> None:
    labels = _labels_at_voxels(head, scan)
    healthy = scan.tumour < 0.02

    def mean(series: str, *codes: int) -> float:
        return float(scan.series[series][np.isin(labels, codes) & healthy].mean())

    assert 25 < mean("Head CT", 2, 41) < mean("Head CT", 10, 49) < 42
    assert mean("Head CT", 4, 43) < 20
    assert -1005 < float(scan.series["Head CT"][-1].mean()) < -990
    assert mean("T1", 2, 41) > 1.1 * mean("T1", 3, 42) > 1.1 * mean("T1", 4, 43)
    assert mean("T2", 2, 41) < mean("T2", 3, 42) < mean("T2", 4, 43)
    assert mean("FLAIR", 4, 43) < 0.7 * mean("FLAIR", 2, 41)


def test_that_the_lesion_is_visible_in_all_four_series(head: VirtualHead, scan: Scan) -> None:
    white = np.isin(_labels_at_voxels(head, scan), (2, 41)) & (scan.tumour < 0.02)
    ill = scan.tumour > 0.8
    assert ill.sum() * np.prod(scan.spacing) > 10_000
    lesion = {name: float(values[ill].mean()) for name, values in scan.series.items()}
    around = {name: float(values[white].mean()) for name, values in scan.series.items()}
    assert lesion["Head CT"] < around["Head CT"] - 4
    assert lesion["T1"] < 0.85 * around["T1"]
    assert lesion["T2"] > 1.25 * around["T2"]
    assert lesion["FLAIR"] > 1.25 * around["FLAIR"]


def test_that_the_labels_of_a_slice_are_those_nearest_to_its_middle(head: VirtualHead, scan: Scan) -> None:
    np.testing.assert_array_equal(scan.labels, _labels_at_voxels(head, scan))


def test_that_a_cached_study_is_written_once_and_takes_the_place_of_an_older_version_s(
    tmp_path: Path, scan: Scan, head: VirtualHead, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def generate(seed: int) -> VirtualHead:
        calls.append(seed)
        return head

    thin = {name: values[:2] for name, values in scan.series.items()}
    monkeypatch.setattr(study_module, "generate_head", generate)
    monkeypatch.setattr(study_module, "scan_head", lambda _: replace(scan, series=thin))
    older = tmp_path / "cache" / f"virtual-patient-{study_module.VERSION - 1}-0042"
    older.mkdir(parents=True)
    (older / "001.dcm").write_bytes(b"of an older version")
    first = ensure_study(tmp_path / "cache", 5, apart=False)
    again = ensure_study(tmp_path / "cache", 5, apart=False)
    assert first == again
    assert calls == [5]
    assert len(list(first.rglob("*.dcm"))) == 2 * len(SERIES)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == [first.name]


def test_that_a_study_that_fails_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(folder: Path, seed: int) -> list[Path]:
        (folder / "half.dcm").write_bytes(b"half")
        raise WriteError(folder, "the disk is full.")

    monkeypatch.setattr(study_module, "write_study", fail)
    with pytest.raises(WriteError, match="disk is full"):
        ensure_study(tmp_path, 5, apart=False)
    assert list(tmp_path.iterdir()) == []


def test_that_a_killed_generator_is_one_sentence_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study_module, "write_study", die)
    with pytest.raises(WriteError, match="cut short"):
        ensure_study(tmp_path, 5)
    assert list(tmp_path.iterdir()) == []


def test_that_a_cache_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(WriteError, match="cannot be stored here"):
        ensure_study(blocked / "cache", 5)


def test_that_the_command_line_writes_a_study_and_names_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[tuple[Path, int]] = []

    def write(folder: Path, seed: int) -> list[Path]:
        asked.append((folder, seed))
        return []

    monkeypatch.setattr(command, "write_study", write)
    assert command.main(["write", str(tmp_path), "--seed", "9"]) == 0
    assert asked == [(tmp_path, 9)]
    monkeypatch.setattr(command, "training_folder", lambda: None)
    assert command.main(["fit"]) == 1
    assert "training heads are absent" in capsys.readouterr().err
