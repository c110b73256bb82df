"""What keeps adversarial training stable: small functions that any method and any objective can take.

Two-time-scale rates (Heusel et al. 2017, arXiv:1706.08500) need no code: a recipe gives generator and discriminator
their own learning rates.
"""

from medgan_viewer.lab.stabilisers.diffaugment import AUGMENTATIONS, Augment, augmentation
from medgan_viewer.lab.stabilisers.ema import Average
from medgan_viewer.lab.stabilisers.packing import packed
from medgan_viewer.lab.stabilisers.r1 import r1
from medgan_viewer.lab.stabilisers.spectral import normalise_spectrally

__all__ = ["AUGMENTATIONS", "Augment", "Average", "augmentation", "normalise_spectrally", "packed", "r1"]
