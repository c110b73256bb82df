"""The tissues of the simulated head: what each label of a head map is made of, and what a scanner measures there.

Units: CT numbers in Hounsfield units (HU), relaxation times T1 and T2 in milliseconds at 1.5 T, proton density
relative to water. Labels follow FreeSurfer's numbering with SynthSeg's additions for what lies outside the brain
(see `LABEL_TISSUES`).

Sources. CT numbers lie within the ranges of Prokop 2003 (Spiral and Multislice Computed Tomography of the Body) and
Buzug 2008 (Computed Tomography, p. 475): white matter 20–30, grey matter 37–45, haematoma 40–90, fat −100 to −50 HU.
Relaxation times at 1.5 T are of the order of Stanisz 2005 (doi:10.1002/mrm.20605) and Bottomley 1984
(doi:10.1118/1.595535): grey matter about 920/100, white matter 780/90, muscle 880/50, fluid 4200/2100, fat 245/70 ms.
White matter is shorter here (its contrast in inversion-recovery T1 would be too weak), and so is fluid (partial volume
and flow). All are a model's ingredients and no reference values.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Tissue:
    """Mean CT number and its spread (HU), T1 and T2 (ms), proton density (water = 1)."""

    name: str
    hu: float
    hu_spread: float
    t1: float
    t2: float
    pd: float


TISSUES: tuple[Tissue, ...] = (
    Tissue("air", -1000.0, 0.0, 1000.0, 50.0, 0.0),
    Tissue("white matter", 29.0, 1.5, 640.0, 76.0, 0.70),
    Tissue("cortex", 37.0, 1.5, 980.0, 95.0, 0.82),
    Tissue("deep grey", 37.0, 1.5, 860.0, 86.0, 0.80),
    Tissue("pallidum", 36.0, 2.0, 760.0, 70.0, 0.76),
    Tissue("csf", 8.0, 3.0, 4000.0, 1600.0, 1.0),
    Tissue("cerebellar white matter", 30.0, 1.5, 660.0, 78.0, 0.71),
    Tissue("cerebellar cortex", 38.0, 1.5, 970.0, 98.0, 0.84),
    Tissue("brain stem", 31.0, 1.5, 730.0, 80.0, 0.73),
    Tissue("artery", 44.0, 3.0, 1400.0, 150.0, 0.18),
    Tissue("vein", 50.0, 4.0, 1400.0, 120.0, 0.30),
    Tissue("choroid plexus", 36.0, 8.0, 1400.0, 180.0, 0.90),
    Tissue("eye", 9.0, 4.0, 3600.0, 900.0, 1.0),
    Tissue("optic nerve", 30.0, 3.0, 700.0, 78.0, 0.72),
    Tissue("muscle", 54.0, 5.0, 900.0, 42.0, 0.74),
    Tissue("fat", -95.0, 10.0, 270.0, 165.0, 0.62),  # T2 of fast spin echo, where fat stays bright
    Tissue("skin", 40.0, 15.0, 560.0, 50.0, 0.60),
    Tissue("mucosa", 38.0, 10.0, 1300.0, 160.0, 0.90),
    Tissue("cortical bone", 1250.0, 180.0, 900.0, 12.0, 0.06),
    Tissue("spongy bone", 420.0, 150.0, 380.0, 70.0, 0.36),
    Tissue("dura", 48.0, 6.0, 900.0, 35.0, 0.50),
    Tissue("oedema", 19.0, 3.0, 1350.0, 170.0, 0.88),
    Tissue("old infarct", 11.0, 3.0, 3000.0, 700.0, 0.97),
    Tissue("fresh blood", 66.0, 6.0, 950.0, 45.0, 0.75),
    Tissue("calcification", 180.0, 70.0, 900.0, 12.0, 0.15),
)
TISSUE_INDEX: dict[str, int] = {tissue.name: index for index, tissue in enumerate(TISSUES)}

LABEL_TISSUES: dict[int, str] = {
    0: "air",
    **dict.fromkeys((2, 41, 25, 57), "white matter"),
    **dict.fromkeys((3, 42, 17, 53, 18, 54), "cortex"),
    **dict.fromkeys((10, 49, 11, 50, 12, 51, 26, 58, 28, 60), "deep grey"),
    **dict.fromkeys((13, 52), "pallidum"),
    **dict.fromkeys((4, 43, 5, 44, 14, 15, 24, 72), "csf"),
    **dict.fromkeys((7, 46), "cerebellar white matter"),
    **dict.fromkeys((8, 47), "cerebellar cortex"),
    **dict.fromkeys((16, 512), "brain stem"),
    **dict.fromkeys((502, 30, 62), "artery"),
    514: "vein",
    # 136/163 and 137/164 lie inside the lateral ventricles and their temporal horns: the choroid plexus.
    **dict.fromkeys((136, 137, 163, 164), "choroid plexus"),
    506: "eye",
    **dict.fromkeys((530, 85), "optic nerve"),
    **dict.fromkeys((507, 508), "muscle"),
    509: "mucosa",
    511: "skin",
    515: "cortical bone",
    516: "spongy bone",
}
SOFT_TISSUE_LABEL = 507
"""Muscle and fat in one label; the simulator splits it."""

SEGMENTS: tuple[str, ...] = (
    "Background",
    "Cerebral white matter",
    "Cerebral cortex",
    "Thalamus and ventral diencephalon",
    "Basal ganglia and amygdala",
    "Ventricles",
    "Cerebrospinal fluid outside the ventricles",
    "Cerebellum",
    "Brain stem and upper spinal cord",
    "Eyes",
    "Bone",
    "Muscle and other soft tissue",
    "Fat",
    "Skin",
)
"""Merged classes of the segmentation; the index is the label value."""

LABEL_SEGMENTS: dict[int, int] = {
    0: 0,
    **dict.fromkeys((2, 41, 25, 57), 1),
    **dict.fromkeys((3, 42, 17, 53), 2),
    **dict.fromkeys((10, 49, 28, 60), 3),
    **dict.fromkeys((11, 50, 12, 51, 13, 52, 26, 58, 18, 54), 4),
    **dict.fromkeys((4, 43, 5, 44, 14, 15, 72, 136, 137, 163, 164), 5),
    24: 6,
    **dict.fromkeys((7, 46, 8, 47), 7),
    **dict.fromkeys((16, 512), 8),
    506: 9,
    **dict.fromkeys((515, 516), 10),
    **dict.fromkeys((502, 514, 507, 508, 509, 530, 85, 30, 62), 11),
    511: 13,
}
FAT_SEGMENT = 12
BRAIN_SEGMENTS: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
"""Everything inside the skull: brain and cerebrospinal fluid."""
ENCEPHALON_SEGMENTS: tuple[int, ...] = (1, 2, 3, 4, 5, 7)
"""What lies inside the skull only; brain stem and fluid go on into the spine."""


def label_table(mapping: dict[int, int]) -> NDArray[np.uint8]:
    """Return a table of 1024 entries that turns a label number into `mapping`'s value (0 where unknown)."""
    table = np.zeros(1024, dtype=np.uint8)
    for label, value in mapping.items():
        table[label] = value
    return table


def tissue_table() -> NDArray[np.uint8]:
    """Return the table that turns a label number into an index of `TISSUES`."""
    return label_table({label: TISSUE_INDEX[name] for label, name in LABEL_TISSUES.items()})


def tissue_values(field: str) -> NDArray[np.float32]:
    """Return one number per tissue, in the order of `TISSUES`: `field` is hu, hu_spread, t1, t2 or pd."""
    return np.array([getattr(tissue, field) for tissue in TISSUES], dtype=np.float32)
