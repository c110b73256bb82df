"""The scores that the exam of anomaly models compares: heat map, residual of its generator, plain intensity."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.core.findings import smoothed
from medgan_viewer.core.volume import Volume
from medgan_viewer.errors import MissingPartError
from medgan_viewer.lab.anomaly.data import interior
from medgan_viewer.lab.evaluation.exams.anomaly_scores import Judged
from medgan_viewer.lab.evaluation.exams.candidates import Packaged, targets_of
from medgan_viewer.lab.evaluation.exams.real import PatientSet
from medgan_viewer.lab.evaluation.exams.real_patients import RealScan, read_scan
from medgan_viewer.lab.sources.volumes import axial
from medgan_viewer.models.canonical import CanonicalView
from medgan_viewer.models.encoding import mr_foreground
from medgan_viewer.models.inference import prepare
from medgan_viewer.models.manifest import Package
from medgan_viewer.models.networks.residual_maps import EBGANMap, FAnoGAN
from medgan_viewer.models.networks.restoring_discriminator import RestoringDiscriminator, compand

__all__ = ["Modes", "judged"]

Float = NDArray[np.float32]
Restoring = RestoringDiscriminator | FAnoGAN | EBGANMap
_STRIPPED = ("ms",)
"""Archives whose tested patients have no skull: all of the brain counts."""
_APART = ("lgg",)
"""Archives of slices that lie apart."""
_BATCH = 4


class Modes:
    """What a packaged model and a plain threshold say of a series, larger for more anomalous.

    `model`: the heat map as the viewer makes and smooths it; `residual`, where the network restores: what its generator
    changed, median of 5 × 5; `baseline`: intensity in units of the region's median, median of 5 × 5, bright in FLAIR
    and dark in other contrasts.
    """

    def __init__(self, package: Package) -> None:
        self._package, self._packaged = package, Packaged(package)
        self._name = targets_of(package)[0]
        self._restoring = _restoring(package)
        self.precision = self._packaged.precision

    def __call__(
        self, picture: NDArray[np.int16], contrast: str, spacing: tuple[float, float, float], region: NDArray[np.bool_]
    ) -> tuple[Float, dict[str, Float]]:
        """Return the heat map and the scores by name."""
        heat = self._packaged({contrast: picture}, [contrast], spacing, range(len(picture)))[self._name]
        found = {"model": smoothed(heat), "baseline": _plain(picture, contrast, region)}
        if self._restoring is not None:
            found["residual"] = self._residual(self._restoring, picture, spacing)
        return heat, found

    def _residual(self, network: Restoring, picture: NDArray[np.int16], spacing: tuple[float, float, float]) -> Float:
        import torch
        from scipy import ndimage

        affine = np.diag([*spacing, 1.0])[[2, 1, 0, 3]]
        prepared = prepare(picture, affine, "MR", self._package.manifest)
        changed = np.zeros(picture.shape, dtype=np.float32)
        with torch.inference_mode():
            for start in range(0, len(picture), _BATCH):
                indices = list(range(start, min(start + _BATCH, len(picture))))
                slices = compand(torch.from_numpy(prepared.inputs(indices)))
                restored = network.restore(slices)
                middle = slices[:, slices.shape[1] // 2, None]
                changed[indices] = prepared.to_source((middle - restored).abs()[:, 0]).numpy()
        return np.asarray(ndimage.median_filter(changed, size=(1, 5, 5)))


def _restoring(package: Package) -> Restoring | None:
    from safetensors.torch import load_file

    from medgan_viewer.models.networks import build

    if package.manifest.network == "onnx":
        return None
    network = build(package.manifest.network, package.manifest.network_arguments)
    if not isinstance(network, Restoring):
        return None
    network.load_state_dict(load_file(package.weights))
    return network.eval()


def _plain(picture: NDArray[np.int16], contrast: str, region: NDArray[np.bool_]) -> Float:
    from scipy import ndimage

    level = max(float(np.median(picture[region])) if region.any() else 0.0, 1e-6)
    plain = ndimage.median_filter(picture.astype(np.float32), size=(1, 5, 5)) / np.float32(level)
    return np.asarray(plain if contrast == "FLAIR" else -plain)


def judged(modes: Modes, one: PatientSet, contrast: str, inside_mm: float, data: Path) -> Iterator[Judged]:
    """Yield every patient of a set with the scores of one contrast. Raises MissingPartError without the data."""
    for name in one.patients:
        # Some T1 have a grey background: where there is a FLAIR beside it, it says where the head is.
        wanted = list(dict.fromkeys([contrast, "FLAIR"])) if one.data == "lgg" else [contrast]
        scan = _scan(data, one.data, name, wanted)
        head = mr_foreground(scan.pictures[wanted[-1]], scan.spacing)
        region = head if one.data in _STRIPPED else interior(head, scan.spacing[1], inside_mm)
        truth = np.zeros(head.shape, dtype=bool) if scan.mask is None else scan.mask
        heat, scores = modes(scan.pictures[contrast], contrast, scan.spacing, region)
        yield Judged(scan.patient, scores, region, truth, scan.spacing, one.data in _APART, heat)


def _scan(data: Path, archive: str, name: str, wanted: Sequence[str]) -> RealScan:
    if archive != "ixi_t1_2mm":
        return read_scan(data, archive, name, wanted)
    from medgan_viewer.dicom import nifti

    path = data / archive / f"{name}.nii.gz"
    if not path.is_file():
        raise MissingPartError(f"The archive {archive} is not in the data folder: set MEDGAN_DATA to where it is.")
    volume: Volume = axial(replace(nifti.read(path), modality="MR"))
    view = CanonicalView.of(volume.affine, volume.shape)
    picture = np.ascontiguousarray(view.turned(np.round(volume.array).astype(np.int16)))
    return RealScan(name, {wanted[0]: picture}, view.spacing)
