"""Synthetic images: one series a channel."""

from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.core.layers import ImageLayer, Layer
from medgan_viewer.models import encoding
from medgan_viewer.models.inference import Prepared
from medgan_viewer.models.manifest import Manifest, Output

if TYPE_CHECKING:
    import torch

    from medgan_viewer.models.tasks import Result, Writing

__all__ = ["Synthesis"]

# Pixels around the head that are kept: a narrower rim cuts the skin's soft edge into steps.
_RIM = 2


class Synthesis:
    """Decodes each channel to stored values (int16) and puts background outside the head."""

    def output_types(self, manifest: Manifest) -> tuple[np.dtype[Any], ...]:
        """One int16 array a channel."""
        return tuple(np.dtype(np.int16) for _ in manifest.images)

    def layers(self, result: "Result") -> tuple[Layer, ...]:
        """One image layer a channel."""
        return tuple(
            ImageLayer(
                **result.shared(output.name, array, modality=output.modality, unit=_unit(output), synthetic=True),
                contrast=output.contrast,
                window=_stored_window(output),
            )
            for output, array in zip(result.manifest.images, result.arrays, strict=True)
        )

    def write(self, writing: "Writing", prediction: "torch.Tensor", prepared: Prepared, index: int) -> None:
        """Decode on the network's grid, then resample the stored values."""
        import torch
        from scipy import ndimage

        head = ndimage.binary_dilation(prepared.head[index], iterations=_RIM)
        for place, output in enumerate(writing.manifest.images):
            background = encoding.stored(output.decoding).background
            decoded = encoding.decode(output.decoding, prediction[output.channel].cpu().numpy()).astype(np.float32)
            above = torch.from_numpy(np.where(head, decoded - background, np.float32(0)))
            image = prepared.to_source(above[None])[0].numpy() + background
            writing.put(place, prepared, index, np.rint(image).astype(np.int16))


def _unit(output: Output) -> str:
    return "HU" if encoding.stored(output.decoding).hounsfield else output.unit


def _stored_window(output: Output) -> tuple[float, float]:
    width, centre = output.window
    scale = encoding.stored(output.decoding).per_unit
    return width * scale, centre * scale
