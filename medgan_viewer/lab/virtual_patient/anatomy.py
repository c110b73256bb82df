"""The tissues of the head model, and how the training heads are read.

Codes are FreeSurfer's (see the data set's README): structures on the left have the code in ``CLASSES``, those on the
right the code in ``RIGHT_OF``. The head model knows each structure once, and one more map tells left from right.
"""

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer import resources
from medgan_viewer.errors import ReadError

__all__ = ["CLASSES", "RIGHT_OF", "TRAINING_HEADS", "class_index", "load_head", "merge_sides", "training_folder"]

Labels = NDArray[np.int16]

TRAINING_HEADS = tuple(range(1, 13))
"""Numbers of the heads the model may learn from; the others belong to validation, calibration and test."""

CLASSES = (
    0,  # air, also inside the sinuses
    2,  # cerebral white matter
    3,  # cerebral cortex
    4,  # lateral ventricle
    7,  # cerebellar white matter
    8,  # cerebellar cortex
    10,  # thalamus
    11,  # caudate
    12,  # putamen
    13,  # pallidum
    14,  # third ventricle
    15,  # fourth ventricle
    16,  # brain stem
    17,  # hippocampus
    18,  # amygdala
    24,  # cerebrospinal fluid outside the ventricles
    26,  # accumbens
    28,  # ventral diencephalon
    502,  # arteries
    506,  # eye (vitreous)
    507,  # other soft tissue: muscle and fat
    508,  # eye muscles
    509,  # nasal mucosa
    511,  # skin
    512,  # spinal cord
    514,  # veins and sinuses
    515,  # cortical bone
    516,  # spongy bone
    530,  # optic nerve
)
RIGHT_OF = {2: 41, 3: 42, 4: 43, 7: 46, 8: 47, 10: 49, 11: 50, 12: 51, 13: 52, 17: 53, 18: 54, 26: 58, 28: 60}

# Lesions count as white matter, choroid plexus (136, 137, 163, 164) as the ventricle it hangs in, vessels in the basal
# ganglia as putamen, the fifth ventricle as CSF, the chiasm as optic nerve.
_SMALL = {5: 4, 44: 43, 25: 2, 57: 41, 30: 12, 62: 51, 72: 24, 85: 530, 136: 4, 137: 4, 163: 43, 164: 43}


def class_index(code: int) -> int:
    """Return the position of ``code`` (left or unsided) in ``CLASSES``."""
    return CLASSES.index(code)


def training_folder() -> Path | None:
    """Return the folder of the training heads, None where the shared data is absent."""
    data = resources.shared_data()
    folder = None if data is None else data / "head_labels"
    return folder if folder is not None and folder.is_dir() else None


def load_head(folder: Path, number: int) -> Labels:
    """Read training head ``number``: canonical axial ``[slice, row, column]`` at 1 mm, small labels merged.

    Slices run inferior → superior, rows anterior → posterior, columns right → left.
    """
    import SimpleITK

    path = folder / f"head_{number:02d}.nii.gz"
    if not path.is_file():
        raise ReadError(path, "the training head is missing; fetch the label maps again.")
    codes: dict[str, int] = json.loads((folder / "codes.json").read_text())
    table = np.zeros(max(int(value) for value in codes) + 1, np.int16)
    for value, code in codes.items():
        table[int(value)] = _SMALL.get(code, code)
    image = SimpleITK.ReadImage(str(path))
    if image.GetDirection() != (-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0):
        raise ReadError(path, "the label map is not stored in RAS order; store it so.")
    stored: NDArray[np.uint8] = SimpleITK.GetArrayViewFromImage(image)
    return np.ascontiguousarray(table[stored][:, ::-1, ::-1])


def merge_sides(labels: Labels) -> Labels:
    """Return ``labels`` with the right-hand structures under the code of their left twins."""
    table = np.arange(int(labels.max()) + 1, dtype=np.int16)
    for left, right in RIGHT_OF.items():
        if right < len(table):
            table[right] = left
    return table[labels]
