"""Answers about a series as a whole: no voxels, no layers. See `models.inspection` for how a series is looked at."""

from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.core.layers import Layer
from medgan_viewer.errors import UsageError
from medgan_viewer.models.inference import Prepared
from medgan_viewer.models.manifest import Manifest

if TYPE_CHECKING:
    import torch

    from medgan_viewer.models.tasks import Result, Writing

__all__ = ["Classification"]


class Classification:
    """Makes nothing that lies on the source's grid."""

    def output_types(self, manifest: Manifest, *, doubt: bool = False) -> tuple[np.dtype[Any], ...]:
        """No array."""
        return ()

    def layers(self, result: "Result") -> tuple[Layer, ...]:
        """No layer."""
        return ()

    def write(self, writing: "Writing", prediction: "torch.Tensor", prepared: Prepared, index: int) -> None:
        """Refuse: a classifier is asked about pictures of its own, not about the slices of a run."""
        raise UsageError(f"{writing.manifest.name} answers questions about a series and makes no pictures.")
