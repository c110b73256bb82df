"""Heat maps: how little a voxel looks like healthy anatomy."""

from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.core.layers import HeatLayer, Layer
from medgan_viewer.models.inference import Prepared
from medgan_viewer.models.manifest import Manifest

if TYPE_CHECKING:
    import torch

    from medgan_viewer.models.tasks import Result, Writing

__all__ = ["Anomaly"]

# The false-alarm rate that a heat map opens with, and the threshold of a model that was never calibrated.
_FIRST_RATE = 0.05
_UNCALIBRATED = 0.5


class Anomaly:
    """Turns a logit into a probability, 0 outside the head."""

    def output_types(self, manifest: Manifest, *, doubt: bool = False) -> tuple[np.dtype[Any], ...]:
        """One float32 array."""
        return (np.dtype(np.float32),)

    def layers(self, result: "Result") -> tuple[Layer, ...]:
        """One heat layer; the rates are a reference, since this scanner's healthy patients were never measured."""
        # Thresholds of another contrast say nothing about this one.
        contrast, calibration = result.series.contrast or "", result.manifest.calibration
        thresholds = calibration.thresholds.get(contrast, ())
        return (
            HeatLayer(
                **result.shared(result.manifest.images[0].name, result.arrays[0], modality="OT", unit=""),
                threshold=_first_threshold(thresholds),
                thresholds=thresholds,
                guaranteed=False,
                healthy_maxima=calibration.healthy_maxima.get(contrast, ()),
                calibrated_on=calibration.measured_on.get(contrast, ""),
            ),
        )

    def write(self, writing: "Writing", prediction: "torch.Tensor", prepared: Prepared, index: int) -> None:
        """Interpolate the probability linearly and keep the head."""
        channel = writing.manifest.images[0].channel
        heat = prepared.to_source(prediction[channel : channel + 1].sigmoid())[0].cpu().numpy()
        inside = prepared.head_on_source(index)
        writing.put(0, prepared, index, np.where(inside, np.clip(heat, 0, 1), np.float32(0)))


def _first_threshold(thresholds: tuple[tuple[float, float], ...]) -> float:
    if not thresholds:
        return _UNCALIBRATED
    return min(thresholds, key=lambda pair: abs(pair[0] - _FIRST_RATE))[1]
