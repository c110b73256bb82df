"""Reading the anatomical label maps."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TRAIN_HEADS: tuple[int, ...] = tuple(range(1, 13))
VALIDATION_HEADS: tuple[int, ...] = (13, 14)
CALIBRATION_HEADS: tuple[int, ...] = (15, 16)
TEST_HEADS: tuple[int, ...] = (17, 18, 19, 20)


def load_head_labels(data: Path, number: int) -> tuple[NDArray[np.uint16], tuple[float, float, float]]:
    """Return head `number` of `data`/head_labels as FreeSurfer labels `[slice, row, column]` (+S, +P, +L) and mm."""
    import SimpleITK

    folder = data / "head_labels"
    image = SimpleITK.DICOMOrient(SimpleITK.ReadImage(folder / f"head_{number:02d}.nii.gz"), "LPS")
    codes = json.loads((folder / "codes.json").read_text(encoding="utf-8"))
    table = np.zeros(256, dtype=np.uint16)
    for code, label in codes.items():
        table[int(code)] = label
    column, row, plane = image.GetSpacing()
    return table[SimpleITK.GetArrayFromImage(image)], (plane, row, column)
