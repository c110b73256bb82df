"""pydicom's own collection of odd files, as it comes with the package: opened here, every value as pydicom gives it."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.uid import UID

from medgan_viewer.core.catalog import Instance
from medgan_viewer.dicom import assemble, index

FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
# Two files that no decoder here can read, nor pydicom with the same decoders.
UNDECODABLE = {"JPEG2000-embedded-sequence-delimiter.dcm", "JPEG-lossy.dcm"}

pytestmark = [
    pytest.mark.skipif(not FOLDER.is_dir(), reason="this pydicom comes without its test files"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


def expected(instance: Instance) -> np.ndarray[tuple[int, ...]] | None:
    """Return pydicom's values of a grey image in modality units, None for what is shown otherwise on purpose."""
    dataset = pydicom.dcmread(instance.path, force=True)
    if instance.storage.samples > 1 or instance.storage.photometric == "PALETTE COLOR":
        return None
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = UID(instance.storage.transfer_syntax_uid)
    try:
        pixels = dataset.pixel_array
    except ValueError:
        return None  # pydicom insists on an attribute that is not needed
    frame = pixels if pixels.ndim == 2 else pixels[instance.frame or 0]
    return np.asarray(frame * instance.rescale[0] + instance.rescale[1])


def test_every_image_has_the_values_that_pydicom_gives() -> None:
    compared = 0
    undecodable = set()
    for study in index.scan([FOLDER]).studies:
        for series in study.series:
            pending = assemble.open_stack(series)
            assert pending.read_all()
            undecodable |= {problem.path.name for problem in pending.problems}
            for n in np.flatnonzero(pending.ready):
                values = expected(series.instances[n])
                if values is not None:
                    np.testing.assert_allclose(pending.stack.array[n], values, atol=1e-3)
                    compared += 1
    assert compared > 50
    assert undecodable <= UNDECODABLE


def test_what_is_no_image_is_named_with_its_reason() -> None:
    refused = {refusal.path.name: refusal.reason for refusal in index.scan([FOLDER]).refused}
    assert "cut off" in refused["MR_truncated.dcm"]
    assert refused["rtplan.dcm"] == "This is a RT Plan object, which holds no image."
    assert "table of contents" in refused["DICOMDIR-implicit"]
