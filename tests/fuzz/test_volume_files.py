"""Damaged NIfTI, NRRD, MetaImage and ZIP files: each opens or is refused with a sentence, quickly."""

import random
import time
import zipfile
from pathlib import Path

import pytest
import SimpleITK

from tests.dicom_builder import ramp, write_series
from tests.fuzz.child import opened
from tests.fuzz.run import GOOD, MOST_SECONDS

VARIANTS = 150
NAMES = ("v.nrrd", "deflated.nrrd", "v.mha", "deflated.mha", "v.nii", "v.nii.gz", "v.zip")


def write(path: Path) -> bytes:
    """Write a whole file and return its bytes."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in write_series(path.parent / "plain", ramp((3, 8, 8))):
                archive.write(file, file.name)
    else:
        image = SimpleITK.GetImageFromArray(ramp((6, 20, 24)) - 1000)
        SimpleITK.WriteImage(image, str(path), useCompression="deflated" in path.name)
    return path.read_bytes()


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return the data cut off or with some bytes changed, most of them in the header."""
    if chance.random() < 0.25:
        return data[: chance.randrange(1, len(data))]
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 8))):
        at = chance.randrange(min(len(data), chance.choice((120, 400, len(data)))))
        changed[at] = chance.choice((0, 255, chance.randrange(256), *b"9- "))
    return bytes(changed)


@pytest.mark.parametrize("name", NAMES)
def test_damaged_files_open_or_are_refused_with_a_sentence(tmp_path: Path, name: str) -> None:
    path, chance = tmp_path / name, random.Random(name)
    whole = write(path)
    assert opened(path) == "opened"
    for number in range(VARIANTS):
        path.write_bytes(damaged(whole, chance))
        start = time.process_time()
        assert opened(path) in GOOD, number
        assert time.process_time() - start < MOST_SECONDS, number
