"""Synthetic images: one series a channel, and how far off each may be."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.display import initial_window
from medgan_viewer.core.layers import DoubtLayer, ImageLayer, Layer
from medgan_viewer.core.volume import Voxels
from medgan_viewer.models import encoding
from medgan_viewer.models.doubt import CONTROLS
from medgan_viewer.models.inference import Prepared
from medgan_viewer.models.manifest import Manifest, Output

if TYPE_CHECKING:
    import torch

    from medgan_viewer.models.tasks import Result, Writing

__all__ = ["Synthesis", "span"]

# Pixels around the head that are kept: a narrower rim cuts the skin's soft edge into steps.
_RIM = 2
# The share of an image's window at which doubt has its strongest colour: as far off as tissues are apart.
_STRONGEST = 0.5
# How bright an MR is, so many slices and every so many pixels tell: the reader waits for it.
_SLICES_OF_REFERENCE, _PIXELS_OF_REFERENCE = 16, 4


class Synthesis:
    """Decodes each channel to stored values (int16) and puts background outside the head.

    Doubt is the span, in stored values (int16), of all that was claimed of a pixel: the interval's two ends with their
    margin, the picture itself and, where the model can be sober and sharp, both of its pictures; 0 outside the head.
    """

    def output_types(self, manifest: Manifest, *, doubt: bool = False) -> tuple[np.dtype[Any], ...]:
        """One int16 array a channel, and as many again for doubt."""
        return tuple(np.dtype(np.int16) for _ in range(len(manifest.images) * (2 if doubt else 1)))

    def layers(self, result: "Result") -> tuple[Layer, ...]:
        """One image layer a channel, and one of doubt for each of them."""
        count = len(result.manifest.images)
        images = tuple(
            ImageLayer(
                **result.shared(
                    _name(output, result), array, modality=output.modality, unit=_unit(output), synthetic=True
                ),
                contrast=output.contrast or _contrast(output, result),
                window=_source_window(output, result) or _stored_window(output),
                degree=result.degree,
                control=_control(result.manifest),
            )
            for output, array in zip(result.manifest.images, result.arrays[:count], strict=True)
        )
        if not result.doubt:
            return images
        doubts = tuple(
            DoubtLayer(
                **result.shared(_difference(output, result.manifest), array, modality="OT", unit=_unit(output)),
                image_uid=image.uid,
                strongest=_STRONGEST * _stored_window(output)[0],
                words=_words(result.manifest),
                visible=False,
            )
            for output, image, array in zip(result.manifest.images, images, result.arrays[count:], strict=True)
        )
        return (*images, *doubts)

    def write(self, writing: "Writing", prediction: "torch.Tensor", prepared: Prepared, index: int) -> None:
        """Decode on the network's grid, then resample the stored values."""
        from scipy import ndimage

        head = ndimage.binary_dilation(prepared.head(index), iterations=_RIM)
        count = len(writing.manifest.images)
        for place, output in enumerate(writing.manifest.images):
            image = _on_source(prediction[output.channel], output, prepared, head)
            writing.put(place, prepared, index, image)
            if writing.doubt:
                claims = [image, *_bounds(writing.manifest, prediction, output, prepared, head)]
                if writing.against:
                    claims.append(prepared.view.turned(writing.against[place])[index])
                writing.put(count + place, prepared, index, span(claims, prepared.head_on_source(index)))


def span(claims: list[NDArray[np.int16]], inside: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Return largest minus smallest of what was claimed of each pixel, in stored values; 0 where not ``inside``."""
    wide = np.stack(claims).astype(np.int32)
    width = np.where(inside, wide.max(axis=0) - wide.min(axis=0), 0)
    return np.minimum(width, np.iinfo(np.int16).max).astype(np.int16)


def _bounds(
    manifest: Manifest, prediction: "torch.Tensor", output: Output, prepared: Prepared, head: NDArray[np.bool_]
) -> list[NDArray[np.int16]]:
    """Return both ends of the interval of one output with their margin, where the model has one."""
    bounds = None if manifest.interval is None else manifest.interval.of(output.channel)
    if bounds is None:
        return []
    stored = encoding.stored(output.decoding)
    margin = np.int16(round(bounds.margin * stored.per_unit))
    low, high = (_on_source(prediction[channel], output, prepared, head) for channel in (bounds.low, bounds.high))
    # Nothing is below background: a margin does not reach there.
    return [np.maximum(low - margin, np.int16(stored.background)), high + margin]


def _on_source(
    values: "torch.Tensor", output: Output, prepared: Prepared, head: NDArray[np.bool_]
) -> NDArray[np.int16]:
    """Return one channel as stored values on the canonical source grid, background outside the head."""
    import torch

    background = encoding.stored(output.decoding).background
    decoded = encoding.decode(output.decoding, values.cpu().numpy()).astype(np.float32)
    above = torch.from_numpy(np.where(head, decoded - background, np.float32(0)))
    image: Voxels = prepared.to_source(above[None])[0].numpy() + background
    return np.rint(image).astype(np.int16)


def _name(output: Output, result: "Result") -> str:
    """Return an output's name, and how far the network went where that is not what the model shows by itself."""
    control = result.manifest.control
    if control is None or result.degree in (None, control.default):
        return output.name
    return f"{output.name} · {control.wording.low if result.degree == 0 else f'{control.name} {result.degree:g}'}"


def _control(manifest: Manifest) -> str:
    return "" if manifest.control is None else manifest.control.name


def _contrast(output: Output, result: "Result") -> str:
    """Return the contrast of an MR that was made of an MR, where the model does not say another."""
    return (result.series.contrast or "") if output.modality == "MR" and result.series.modality == "MR" else ""


def _difference(output: Output, manifest: Manifest) -> str:
    control = CONTROLS["sharpness"] if manifest.control is None else manifest.control.wording
    return control.difference_of.format(output.name)


def _words(manifest: Manifest) -> str:
    """Return what a doubt is made of, as its legend says it."""
    parts = []
    if manifest.interval is not None:
        ends = 50 * (1 - manifest.interval.level)
        parts.append(f"width of the {ends:g}–{100 - ends:g} % interval")
    if manifest.control is not None:
        wording = manifest.control.wording
        both = f"widened to hold the {wording.low} and the {wording.high} picture"
        parts.append(both if parts else wording.difference)
    return ", ".join(parts)


def _unit(output: Output) -> str:
    return "HU" if encoding.stored(output.decoding).hounsfield else output.unit


def _source_window(output: Output, result: "Result") -> tuple[float, float] | None:
    """Return the window that the source of a restored picture opens with, in the result's stored values.

    A reader who compares the two looks for noise and edges, and another brightness would mislead him. None for pictures
    of another contrast, which have a window of their own, and where a table or curve makes the source's shades.
    """
    control, source = result.manifest.control, result.source
    if source is None or control is None or control.name != "strength" or output.modality != source.modality:
        return None
    window = initial_window(result.series, source.array)
    if not window.is_straight:
        return None
    scale, stored = 1.0, encoding.stored(output.decoding)
    if not stored.hounsfield:
        slices, pixels = max(1, source.shape[0] // _SLICES_OF_REFERENCE), _PIXELS_OF_REFERENCE
        sample = source.array[::slices, ::pixels, ::pixels]
        spacing = tuple(step * size for step, size in zip((slices, pixels, pixels), source.spacing, strict=True))
        scale = stored.per_unit / encoding.mr_reference(sample, spacing)
    return window.width * scale, window.centre * scale


def _stored_window(output: Output) -> tuple[float, float]:
    width, centre = output.window
    scale = encoding.stored(output.decoding).per_unit
    return width * scale, centre * scale
