"""A model package small enough to know its answer: a 1 × 1 convolution with weights that a test chooses.

Its network is none of the program's own; :func:`offer_test_networks` makes it known inside a worker.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

CODE = {"value": "12738006", "scheme": "SCT", "meaning": "Brain"}
CATEGORY = {"value": "123037004", "scheme": "SCT", "meaning": "Anatomical Structure"}


def content(
    *,
    task: str = "synthesis",
    channels_in: int = 2,
    channels_out: int = 1,
    neighbours: int = 0,
    grid_spacing_mm: float = 1.0,
    modality: str = "CT",
) -> dict[str, Any]:
    """Return a right manifest but for the weights' hash."""
    encoding = {"CT": "ct_two_window", "MR": "mr_head"}
    outputs: list[dict[str, Any]] = {
        "synthesis": [
            {
                "channel": c, "name": f"Synthetic {c}", "modality": "MR", "contrast": "T1",
                "decoding": "mr_unit", "unit": "a.u.", "window": [1.0, 0.5],
            }
            for c in range(channels_out)
        ],
        "segmentation": [
            {"label": c, "name": f"Part {c}", "colour": "#40a0ff", "code": CODE, "category": CATEGORY}
            for c in range(1, channels_out)
        ],
        "anomaly": [{"channel": 0, "name": "Unusual", "decoding": "probability"}],
    }[task]  # fmt: skip
    image = {"type": "image", "format": "magnitude", "spatial_shape": [64, 64], "dtype": "float32"}
    return {
        "schema": 1, "id": "tiny", "name": "Tiny", "version": "0.0.1", "task": task,
        "description": "A weighted sum.", "intended_use": "Tests only.", "limits": ["Knows nothing."],
        "licence": "Apache-2.0", "training_data": [], "created": "2026-11-21",
        "weights": {"file": "weights.safetensors", "sha256": "0" * 64},
        "network": {
            "name": "weighted_sum",
            "arguments": {"channels_in": channels_in, "channels_out": channels_out},
        },
        "requires": {
            "body_part": "HEAD", "modalities": [modality], "contrasts": [], "orientation": "axial",
            "max_slice_spacing_mm": 8.0,
        },
        "preprocessing": {
            "grid_spacing_mm": grid_spacing_mm, "size_multiple": 8, "neighbours": neighbours, "mask_couch": False,
            "encoding": {modality: encoding[modality]},
        },
        "network_data_format": {
            "inputs": {"image": {**image, "num_channels": channels_in}},
            "outputs": {"pred": {**image, "num_channels": channels_out}},
        },
        "outputs": outputs,
        "evaluation": {"protocol": "None.", "rows": []},
    }  # fmt: skip


def with_inputs(manifest: dict[str, Any], *inputs: tuple[str, list[str]], optional: bool = False) -> dict[str, Any]:
    """Return a manifest for several inputs, each a modality and its contrasts; ``content`` is given their channels.

    The last one may be ``optional``.
    """
    modality, contrasts = inputs[0]
    manifest["requires"].update(
        modalities=[modality],
        contrasts=contrasts,
        inputs=[{"modality": modality, "contrasts": contrasts} for modality, contrasts in inputs],
    )
    if optional:
        manifest["requires"]["inputs"][-1]["optional"] = True
    manifest["preprocessing"]["encoding"] = {"CT": "ct_two_window", "MR": "mr_head"}
    return manifest


def with_doubt(manifest: dict[str, Any], margin: float = 0.0, *, control: bool = True) -> dict[str, Any]:
    """Return a manifest whose outputs, a third of the channels, have an interval and, on request, a sharpness."""
    count = len(manifest["outputs"]) // 3
    del manifest["outputs"][count:]
    if control:
        manifest["network"]["name"] = "sharpened"
        manifest["network"]["arguments"]["conditioned"] = True
        manifest["controls"] = {"sharpness": {"stops": [0, 0.5, 1], "default": 1}}
    bounds = [{"channel": c, "low": count + c, "high": 2 * count + c, "margin": margin} for c in range(count)]
    manifest["interval"] = {
        "level": 0.9,
        "bounds": bounds,
        "patients": 2,
        "promise": 0.6667,
        "calibrated_on": "nobody",
    }
    return manifest


def write_package(
    folder: Path,
    manifest: dict[str, Any],
    head: NDArray[np.float32],
    bias: NDArray[np.float32] | None = None,
    tensors: dict[str, NDArray[Any]] | None = None,
) -> Path:
    """Write the package whose network gives ``head @ inputs + bias`` at every pixel; return its folder.

    ``tensors`` are other weights in place of these, for a manifest that names another network.
    """
    package = folder / str(manifest["id"])
    package.mkdir(parents=True)
    if tensors is None:
        zeros = np.zeros(len(head), np.float32)
        tensors = {"sum.weight": head[:, :, None, None], "sum.bias": zeros if bias is None else bias}
        tensors = {name: tensor.astype(np.float32) for name, tensor in tensors.items()}
    weights = save({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()})
    (package / "weights.safetensors").write_bytes(weights)
    manifest = {**manifest, "weights": {"file": "weights.safetensors", "sha256": hashlib.sha256(weights).hexdigest()}}
    (package / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (package / "CARD.md").write_text("# Tiny\n", encoding="utf-8")
    return package


def offer_test_networks(context: object) -> None:
    """Make the test networks known in this process. An entry point for a quiet job."""
    del context
    from medgan_viewer.models import networks

    if "weighted_sum" not in dict(networks.NETWORKS):
        networks.NETWORKS += (
            ("weighted_sum", "tests.models.tiny_networks:WeightedSum"),
            ("sharpened", "tests.models.tiny_networks:Sharpened"),
        )


def run_on_a_full_card(context: object, *, folder: str, largest_batch: int) -> dict[str, Any]:
    """Run a package on a card that claims to hold a batch of at most ``largest_batch``; return what was said."""
    del context
    import torch

    from medgan_viewer.models.device import LoadedNetwork, load
    from medgan_viewer.models.inference import Prepared, infer, prepare
    from medgan_viewer.models.manifest import read_package

    package = read_package(Path(folder))
    listener = _Listener()

    class FullCard(LoadedNetwork):
        def __call__(self, inputs: NDArray[np.float32]) -> torch.Tensor:
            if len(inputs) > largest_batch:
                raise torch.OutOfMemoryError("CUDA out of memory.")
            return load(package, "cpu")(inputs)

    def ignore(prediction: torch.Tensor, prepared: Prepared, index: int) -> None:
        del prediction, prepared, index

    array = np.zeros((20, 16, 16), np.int16)
    prepared = prepare(array, np.diag([2.0, 1.0, 1.0, 1.0])[[2, 1, 0, 3]], "CT", package.manifest)
    infer(listener, package, prepared, FullCard(torch.nn.Identity(), "cuda", "fp32", channels_last=False), ignore)
    return {"device": listener.device, "notices": listener.notices, "slices": listener.slices}


class _Listener:
    """The least that a job's context can be."""

    def __init__(self) -> None:
        self.visible: int | None = None
        self.device = "cuda"
        self.cancelled = False
        self.notices: list[str] = []
        self.slices: list[int] = []

    def array(self, handle: Any, /) -> NDArray[Any]:
        raise NotImplementedError

    def started(self, device: str, precision: str, slices: int, inputs: int | None = None, /) -> None:
        raise NotImplementedError

    def slice_ready(self, index: int, /) -> None:
        self.slices.append(index)

    def notice(self, sentence: str, /) -> None:
        self.notices.append(sentence)
