"""Files to import, built to be known exactly, and ways to ask for the import in this process."""

import json
import os
import subprocess
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pydicom
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from medgan_viewer.errors import UsageError
from medgan_viewer.models.importing import Draft, Refused, Request, check, keep
from medgan_viewer.models.manifest import Package, read_package
from medgan_viewer.settings import Settings, save
from tests.dicom_builder import write_series
from tests.models import tiny

SYNTHESIS: dict[str, Any] = {
    "name": "Foreign", "task": "synthesis",
    "requires": {"body_part": "HEAD", "modalities": ["CT"], "max_slice_spacing_mm": 8.0},
    "preprocessing": {
        "grid_spacing_mm": 1.0, "size_multiple": 8, "encoding": {"CT": "ct_range(-1000, 1000, -1, 1)"}
    },
    "outputs": [
        {
            "channel": 0, "name": "Synthetic T1", "modality": "MR", "contrast": "T1",
            "decoding": "mr_range(-1, 1)", "unit": "a.u.", "window": [1.0, 0.5],
        }
    ],
}  # fmt: skip

DESCRIPTION = """\
name = "Foreign"
task = "synthesis"
licence = "CC-BY-4.0"
[requires]
body_part = "HEAD"
modalities = ["CT"]
max_slice_spacing_mm = 8.0
[preprocessing]
grid_spacing_mm = 1.0
size_multiple = 8
encoding = {CT = "ct_range(-1000, 1000, -1, 1)"}
[[outputs]]
channel = 0
name = "Synthetic T1"
modality = "MR"
contrast = "T1"
decoding = "mr_range(-1, 1)"
window = [1.0, 0.5]
"""


def network(channels_in: int = 1, channels_out: int = 1) -> torch.nn.Module:
    """Return a small network whose output stays within −1…1."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return torch.nn.Sequential(
            torch.nn.Conv2d(channels_in, 4, 3, padding=1),
            torch.nn.ReLU(),
            torch.nn.Conv2d(4, channels_out, 3, padding=1),
            torch.nn.Tanh(),
        ).eval()


def export(module: torch.nn.Module, path: Path, channels_in: int = 1) -> Path:
    """Export a network as its author would, for any batch, rows and columns."""
    sizes = {0: torch.export.Dim("batch"), 2: torch.export.Dim("rows"), 3: torch.export.Dim("columns")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (torch.zeros(2, channels_in, 16, 24),),
            path,
            input_names=["image"],
            output_names=["pred"],
            dynamic_shapes=(sizes,),
            dynamo=True,
            verbose=False,
        )
    return path


def convolution(
    weights: NDArray[np.float32],
    *,
    shape: tuple[Any, ...] = ("batch", None, "rows", "columns"),
    nodes: list[onnx.NodeProto] | None = None,
    dtype: int = TensorProto.FLOAT,
    opset: int = 17,
    domains: tuple[str, ...] = (),
) -> onnx.ModelProto:
    """Return a convolution [out, in, 3 or 1, 3 or 1] without bias as an ONNX model, or other nodes from x to y."""
    kind = helper.tensor_dtype_to_np_dtype(dtype)
    kernel = numpy_helper.from_array(weights.astype(kind), "w")
    source = [weights.shape[1] if size is None else size for size in shape]
    result = [source[0], weights.shape[0], *source[2:]]
    pads = [weights.shape[2] // 2] * 4
    graph = helper.make_graph(
        nodes or [helper.make_node("Conv", ["x", "w"], ["y"], pads=pads)],
        "g",
        [helper.make_tensor_value_info("x", dtype, source)],
        [helper.make_tensor_value_info("y", dtype, result)],
        [kernel],
    )
    imports = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(graph, opset_imports=imports, ir_version=9)


def asked(
    path: Path, folder: Path, description: dict[str, Any] | None = None, **changes: Any
) -> tuple[Draft, ...] | Refused:
    """Ask for the import in this process; return what the worker would."""
    request = Request(path, folder, SYNTHESIS if description is None else description, **changes)
    return check(None, request=request)


def imported(path: Path, folder: Path, description: dict[str, Any] | None = None, **changes: Any) -> Package:
    """Import a file; return its package. Raises UsageError where it is refused."""
    answer = asked(path, folder, description, **changes)
    if isinstance(answer, Refused):
        raise UsageError(answer.sentence)
    (draft,) = answer
    return read_package(keep(draft))


def archive_of(path: Path, *identifiers: str, **changes: str | bytes) -> Path:
    """Write an archive of whole models, as ``installers`` does; ``changes`` are other files' contents by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for identifier in identifiers:
            content = {**tiny.content(), "id": identifier, "licence": "CC BY-NC 4.0"}
            package = tiny.write_package(path.parent / "made" / identifier, content, np.ones((1, 2), np.float32))
            for file in package.iterdir():
                archive.writestr(f"{identifier}/{file.name}", changes.get(file.stem, file.read_bytes()))
    return path


def command_line(folder: Path, *arguments: str) -> None:
    """Run a command as a user would, with the user's model folder in ``folder``; it must do all that was asked for."""
    environment = {"MEDGAN_CONFIG": str(folder / "config"), "MEDGAN_LOGS": str(folder / "logs")}
    save(Settings().changed("model_folder", str(folder / "models")), folder / "config" / "settings.json")
    done = subprocess.run(
        [sys.executable, "-m", "medgan_viewer", *arguments],
        env={**os.environ, **environment, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def write_head(folder: Path, voxels: NDArray[np.int16]) -> None:
    """Write a head CT with pixels of 1 mm and slices 2 mm apart."""
    head: dict[str, Any] = {"BodyPartExamined": "HEAD", "SliceThickness": "2"}
    write_series(folder, voxels, step=(0.0, 0.0, 2.0), spacing=(1.0, 1.0), **head)


def compare_with_torch(module: torch.nn.Module, voxels: NDArray[np.int16], folder: Path) -> None:
    """Compare what was written with a network's answer to HU −1000…1000 as −1…1, its −1…1 stored as 0…1000."""
    files = [pydicom.dcmread(file) for file in folder.rglob("*.dcm")]
    files.sort(key=lambda file: float(file.ImagePositionPatient[2]))
    written = np.stack([file.pixel_array for file in files])
    image = np.clip(voxels.astype(np.float32) / 1000, -1, 1)
    with torch.inference_mode():
        answer = module(torch.from_numpy(image[:, None])).numpy()[:, 0]
    expected = np.round(np.clip((answer + 1) / 2, 0, 1) * 1000)
    # Away from the picture's edge, where the network of this comparison sees less air than the one that ran.
    inside = np.s_[:, 6:-6, 6:-6]
    assert expected[inside].std() > 1
    # One stored step: a value may lie just at the edge between two.
    np.testing.assert_allclose(written[inside], expected[inside], atol=1)
    assert (written[inside] == expected[inside]).mean() > 0.99


UNET: dict[str, Any] = {
    "_target_": "UNet", "spatial_dims": 2, "in_channels": 1, "out_channels": 1, "channels": [4, 8], "strides": [2],
    "norm": "BATCH",
}  # fmt: skip


def monai_network(definition: dict[str, Any]) -> torch.nn.Module:
    """Return the network of a definition, made by MONAI itself from the configuration."""
    from monai.bundle import ConfigParser

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        made: torch.nn.Module = ConfigParser({"network_def": definition}).get_parsed_content("network_def")
    return made.eval()


def bundle(
    folder: Path,
    *,
    definition: Any = None,
    others: dict[str, Any] | None = None,
    weights: bytes | None = None,
    metadata: dict[str, Any] | None = None,
) -> Path:
    """Write a bundle with MONAI's own writer; return its folder. ``weights`` replaces the network's own."""
    from monai.bundle import ConfigParser

    definition = UNET if definition is None else definition
    said = {
        "name": "A bundle", "version": "0.2.0", "description": "Makes pictures.", "intended_use": "Trying.",
        "network_data_format": {
            "inputs": {"image": {"type": "image", "modality": "CT", "num_channels": 1}},
            "outputs": {"pred": {"type": "image", "num_channels": 1}},
        },
    }  # fmt: skip
    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    ConfigParser.export_config_file(said | (metadata or {}), str(folder / "configs" / "metadata.json"))
    ConfigParser.export_config_file(
        {"network_def": definition, **(others or {})}, str(folder / "configs" / "inference.json")
    )
    if weights is None:
        torch.save(monai_network(UNET).state_dict(), folder / "models" / "model.pt")
    else:
        (folder / "models" / "model.pt").write_bytes(weights)
    return folder


def zipped(folder: Path, path: Path, prefix: str = "") -> Path:
    """Return a folder as a zip."""
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, prefix + file.relative_to(folder).as_posix())
    return path


def configuration(folder: Path) -> dict[str, Any]:
    """Return a bundle's configuration."""
    content: dict[str, Any] = json.loads((folder / "configs" / "inference.json").read_text())
    return content
