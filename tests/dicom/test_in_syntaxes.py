"""Every compressed transfer syntax: files that dcmtk and pydicom compressed, against the values before."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.uid import (
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from medgan_viewer.core.catalog import Series
from medgan_viewer.core.volume import Volume
from medgan_viewer.dicom import assemble, index
from tests.dicom.test_assemble_real import _dcm2niix, assert_same_in_world
from tests.dicom_builder import image_dataset, save

CORPUS = Path(pydicom.__file__).parent / "data" / "test_files"


def picture(dtype: Any = np.uint16, largest: int = 4095) -> np.ndarray[Any, Any]:
    """Return a smooth picture, so that little is lost by lossy compression."""
    rows, columns = np.mgrid[0:64, 0:80]
    values = 0.5 + 0.25 * np.sin(rows / 9) + 0.25 * np.cos(columns / 11)
    return np.asarray(np.rint(values * largest)).astype(dtype)


def opened(path: Path) -> tuple[Series, np.ndarray[Any, Any]]:
    (study,) = index.scan([path]).studies
    (series,) = study.series
    return series, assemble.load_stack(series).array[0]


@pytest.mark.parametrize(
    ("program", "option", "syntax", "bits", "worst"),
    [
        ("dcmcjpeg", "+eb", "1.2.840.10008.1.2.4.50", 8, 4),
        ("dcmcjpeg", "+ee", "1.2.840.10008.1.2.4.51", 12, 40),
        ("dcmcjpeg", "+el", "1.2.840.10008.1.2.4.57", 12, 0),
        ("dcmcjpeg", "+e1", "1.2.840.10008.1.2.4.70", 12, 0),
        ("dcmcjpls", "+el", "1.2.840.10008.1.2.4.80", 12, 0),
        ("dcmcjpls", "+en", "1.2.840.10008.1.2.4.81", 12, 8),
        ("dcmcrle", None, "1.2.840.10008.1.2.5", 12, 0),
    ],
    ids=["baseline", "extended", "lossless 14", "lossless SV1", "JPEG-LS", "JPEG-LS lossy", "RLE"],
)
def test_what_dcmtk_compressed_has_its_values(
    tmp_path: Path, program: str, option: str | None, syntax: str, bits: int, worst: int
) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (Debian package dcmtk)")
    values = picture(np.uint8 if bits == 8 else np.uint16, (1 << bits) - 1)
    dataset = image_dataset(values, BitsStored=bits, HighBit=bits - 1, Modality="MR")
    plain = save(dataset, tmp_path / "plain.dcm")
    command = [program, *([option] if option else []), str(plain), str(tmp_path / "packed.dcm")]
    subprocess.run(command, check=True, capture_output=True)
    series, found = opened(tmp_path / "packed.dcm")
    assert series.instances[0].storage.transfer_syntax_uid == syntax
    difference = np.abs(found.astype(int) - values).max()
    assert difference <= worst
    assert bool(series.lossy) == (worst > 0)


@pytest.mark.parametrize(
    "syntax", [JPEG2000Lossless, JPEGLSLossless, RLELossless, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian]
)
@pytest.mark.parametrize("dtype", [np.uint16, np.int16])
def test_signed_and_unsigned_values_survive_every_lossless_syntax(tmp_path: Path, syntax: str, dtype: Any) -> None:
    values = picture(dtype, 3000) - (1500 if dtype is np.int16 else 0)
    dataset = image_dataset(values.astype(dtype), Modality="MR")
    path = tmp_path / "one.dcm"
    if pydicom.uid.UID(syntax).is_encapsulated:
        save(dataset, path)
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(path)
    else:
        if syntax == ExplicitVRBigEndian:
            dataset.PixelData = values.astype(dtype).byteswap().tobytes()
        save(dataset, path, syntax)
    series, found = opened(path)
    np.testing.assert_array_equal(found, values)
    assert series.lossy == ""


def test_lossy_jpeg_2000_is_near_and_marked(tmp_path: Path) -> None:
    values = picture()
    dataset = image_dataset(values, BitsStored=12, HighBit=11, Modality="MR")
    path = save(dataset, tmp_path / "one.dcm")
    dataset.compress(JPEG2000, j2k_cr=[8], generate_instance_uid=False)
    dataset.save_as(path)
    series, found = opened(path)
    assert np.abs(found.astype(int) - values).max() < 60
    assert series.lossy.startswith("lossy")


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_a_value_that_means_nothing_becomes_air_in_every_byte_order(tmp_path: Path, syntax: str) -> None:
    values = picture(np.int16, 1000)
    values[:5] = 30000
    dataset = image_dataset(values, PixelPaddingValue=30000, RescaleIntercept="-10")
    if syntax == ExplicitVRBigEndian:
        dataset.PixelData = values.byteswap().tobytes()
    path = save(dataset, tmp_path / "one.dcm", syntax)
    _, found = opened(path)
    assert (found[:5] == -1000).all()
    np.testing.assert_array_equal(found[5:], values[5:] - 10)


def test_the_stacks_of_pydicoms_collection_lie_like_dcm2niixs(tmp_path: Path) -> None:
    compared = 0
    for study in index.scan([CORPUS / "dicomdirtests"]).studies:
        for series in study.series:
            if len(series.instances) < 3 or series.instances[0].position is None or series.warnings:
                continue
            source = tmp_path / str(compared)
            source.mkdir()
            for n, instance in enumerate(series.instances):
                shutil.copy(instance.path, source / f"{n}.dcm")
            volume: Volume = assemble.load_stack(series).volume()
            for voxels, affine in _dcm2niix(source, source / "out").values():
                assert_same_in_world(volume, voxels, affine)
                compared += 1
    assert compared >= 1
