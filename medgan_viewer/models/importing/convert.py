"""From a stranger's file to a package: told apart, opened, described, run once, written. Runs in the worker only."""

import hashlib
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from medgan_viewer.errors import MedganError, ReadError, UsageError
from medgan_viewer.models import encoding
from medgan_viewer.models.importing import LARGEST_FILE, Request, description, monai_bundle, onnx_file, pickles
from medgan_viewer.models.importing.packing import Draft, card, stage
from medgan_viewer.models.networks.output_values import adaptation

if TYPE_CHECKING:
    import torch

    from medgan_viewer.models.device import LoadedNetwork

__all__ = ["IncompleteError", "convert"]

_IDENTIFIER = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_IDENTIFIER = 64
_TRIAL_SIZE = 64
_PICKLES = frozenset({".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npy"})
_VALUES = ("logits", "probabilities")
_MOST_CHANNELS_IN = 1024
# Label values are stored in a byte.
_MOST_CHANNELS_OUT = 256


class IncompleteError(UsageError):
    """A description that lacks keys."""

    def __init__(self, sentence: str, missing: tuple[str, ...]) -> None:
        super().__init__(sentence)
        self.missing = missing


def convert(request: Request) -> Draft:
    """Make a package; return it in its hidden folder. Raises UsageError, ReadError or WriteError, one sentence each."""
    path = request.path
    try:
        if not path.exists():
            raise ReadError(path, "there is no such file or folder")
        if not path.is_file() and not path.is_dir():
            # A device or pipe need not have an end.
            raise ReadError(path, "this is neither a file nor a folder")
        if monai_bundle.is_bundle(path):
            return _from_bundle(request)
        if path.stat().st_size > LARGEST_FILE:
            raise ReadError(path, "the file is larger than the 4 GiB that are opened")
        content = path.read_bytes()
    except OSError as error:
        raise ReadError(path, f"it cannot be read ({error.strerror})") from error
    _refuse_other_kinds(path, content)
    return _from_onnx(request, content)


def _refuse_other_kinds(path: Path, content: bytes) -> None:
    """Raise ReadError that says how to convert a file of another kind; nothing of it is loaded."""
    found = pickles.inspect(content)
    export = "export it with torch.onnx.export where it was made, and import the ONNX file"
    match found.kind:
        case "torchscript":
            reason = f"this is TorchScript, which can run code when it is loaded; {export}"
        case "code":
            reason = f"this is a pickle that runs code when it is loaded ({found.named[:80]}); {export}"
        case "tensors":
            reason = f"this holds weights without their network; {export}, or make a MONAI bundle of it"
        case "unreadable":
            reason = f"this is an archive or pickle that cannot be read; {export}"
        case _:
            if path.suffix.lower() in _PICKLES:
                # A pickle of protocol 0 is text without a mark of its own.
                reason = f"files of this kind can run code when they are loaded; {export}"
            elif path.suffix.lower() == ".safetensors":
                reason = f"this holds weights without their network; {export}, or make a MONAI bundle of it"
            elif content[:4] == b"PK\x03\x04" or content[:5] == b"\x89HDF\r":
                reason = f"this is neither an ONNX file nor a MONAI bundle; {export}"
            else:
                return
    raise ReadError(path, reason)


# -- ONNX --------------------------------------------------------------------------------------------------------------


def _from_onnx(request: Request, content: bytes) -> Draft:
    from medgan_viewer.models.onnx_network import OnnxNetwork, chosen_ends, to_arguments

    path = request.path
    try:
        if len(content) > onnx_file.LARGEST_FILE:
            raise onnx_file.OnnxError("it is larger than the 2 GiB that an ONNX file can hold")
        found = onnx_file.inspect(content)
        digest = hashlib.sha256(content).hexdigest()
        if found.external:
            content = onnx_file.inlined(content, path.parent)
        said = _said(request, _embedded(found.metadata, path))
        source, result = chosen_ends(found, str(said.get("output_name", "")))
        channels_in = source.shape[1] or _encoded_channels(said)
        _check_channels(path, said, channels_in)
        network = OnnxNetwork(content, source, result, "none", "cpu")
        if source.shape[2] or source.shape[3]:
            # Padded to its own size each time; a multiple would only enlarge what has to fit in.
            said["preprocessing"] = {**said["preprocessing"], "size_multiple": 1}
        rows, columns = (size or None for size in source.shape[2:])
        channels_out = _tried(path, network, said, channels_in, (rows, columns))
    except onnx_file.OnnxError as error:
        raise ReadError(path, str(error)) from error
    needed = adaptation(said["task"], channels_out, _values(said))
    arguments = {"input": to_arguments(source), "output": to_arguments(result), "adapt": needed}
    kind = f"ONNX, operator set {found.opsets.get('', found.opsets.get('ai.onnx', 0))}"
    kind += "".join(f", with {name}" for name in sorted(found.external))
    made = _Made("onnx", arguments, "model.onnx", content, kind, channels_in, channels_out)
    return _packed(request, said, made, digest, "", "")


def _embedded(metadata: Mapping[str, str], path: Path) -> dict[str, Any]:
    """Return the description that an ONNX file itself carries."""
    text = metadata.get(description.METADATA_KEY, "")
    return description.parse(text, f'the metadata "{description.METADATA_KEY}" of {path.name}') if text else {}


# -- MONAI -------------------------------------------------------------------------------------------------------------


def _from_bundle(request: Request) -> Draft:
    from safetensors.torch import save

    from medgan_viewer.models.device import LoadedNetwork
    from medgan_viewer.models.networks.monai_networks import MonaiNetwork, RefusedError, build_empty

    path = request.path
    try:
        bundle = monai_bundle.read_bundle(path)
        weights = _weights(bundle)
        _check_fit(build_empty(bundle.network, bundle.arguments), weights, bundle.weights_name)
        arguments = {"class": bundle.network, "arguments": dict(bundle.arguments), "adapt": "none"}
        module = MonaiNetwork(**arguments)
        module.network.load_state_dict(weights)
    except (monai_bundle.BundleError, RefusedError) as error:
        raise ReadError(path, str(error)) from error
    module.eval().requires_grad_(False)
    said = _said(request, _from_metadata(bundle.metadata))
    channels_in = _channels_of_metadata(bundle) or _encoded_channels(said)
    _check_channels(path, said, channels_in)
    trial = LoadedNetwork(module, "cpu", "fp32", channels_last=False)
    channels_out = _tried(path, trial, said, channels_in, (None, None))
    arguments["adapt"] = adaptation(said["task"], channels_out, _values(said))
    content = save({name: tensor.clone().contiguous() for name, tensor in module.state_dict().items()})
    kind = f"MONAI bundle, network {bundle.network}, weights {bundle.weights_name}"
    made = _Made("monai", arguments, "weights.safetensors", content, kind, channels_in, channels_out)
    digest = hashlib.sha256(bundle.weights).hexdigest()
    intended = bundle.metadata.get("intended_use")
    return _packed(request, said, made, digest, str(intended)[:2000] if intended else "", bundle.licence)


def _weights(bundle: monai_bundle.Bundle) -> "dict[str, torch.Tensor]":
    """Return the tensors by name. Raises BundleError for a file that holds anything else."""
    import torch

    name = bundle.weights_name
    if name.endswith(".safetensors"):
        from safetensors.torch import load

        try:
            return dict(load(bundle.weights))
        except Exception as error:  # its errors have no common base
            raise monai_bundle.BundleError(f"its {name} is damaged") from error
    found = pickles.inspect(bundle.weights)
    if found.kind != "tensors":
        what = {"torchscript": "TorchScript", "code": f"a pickle that runs code ({found.named[:80]})"}.get(
            found.kind, "no file of PyTorch, or damaged"
        )
        raise monai_bundle.BundleError(
            f"its {name} is {what}; save the network's state_dict instead (safetensors.torch.save_file)"
        )
    try:
        stored = torch.load(io.BytesIO(bundle.weights), map_location="cpu", weights_only=True)
    except Exception as error:  # of many kinds, for a damaged file
        raise monai_bundle.BundleError(f"its {name} cannot be read as weights alone") from error
    for key in ("state_dict", "model", "network"):
        if isinstance(stored, dict) and isinstance(stored.get(key), dict):
            stored = stored[key]
    if not isinstance(stored, dict) or not all(isinstance(each, torch.Tensor) for each in stored.values()):
        raise monai_bundle.BundleError(f"its {name} holds no table of weights by name")
    return {str(key): tensor for key, tensor in stored.items()}


def _check_fit(empty: "torch.nn.Module", weights: "Mapping[str, torch.Tensor]", name: str) -> None:
    """Compare names and shapes before any memory is taken for them."""
    wanted = empty.state_dict()
    for key in [*wanted, *weights]:
        there = key in wanted and key in weights
        if not there:
            which = "missing" if key in wanted else "not the network's"
            raise monai_bundle.BundleError(f'its {name} does not fit its network: "{key}" is {which}')
        if wanted[key].shape != weights[key].shape:
            shapes = f"{tuple(weights[key].shape)} and not {tuple(wanted[key].shape)}"
            raise monai_bundle.BundleError(f'its {name} does not fit its network: "{key}" has the shape {shapes}')


def _from_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a bundle's metadata say, as a description; a description of its own in them goes before."""
    texts = {key: metadata[key] for key in ("name", "version", "description") if isinstance(metadata.get(key), str)}
    image = _data_format(metadata, "inputs", "image")
    modality = image.get("modality")
    requires = {"requires": {"modalities": [modality]}} if modality in {"CT", "MR"} else {}
    own = metadata.get(description.METADATA_KEY, {})
    return description.merged(texts, requires, description.checked(own, "configs/metadata.json"))


def _data_format(metadata: Mapping[str, Any], side: str, name: str) -> Mapping[str, Any]:
    place: Any = metadata
    for key in ("network_data_format", side, name):
        place = place.get(key) if isinstance(place, Mapping) else None
    return place if isinstance(place, Mapping) else {}


def _channels_of_metadata(bundle: monai_bundle.Bundle) -> int | None:
    for count in (
        _data_format(bundle.metadata, "inputs", "image").get("num_channels"),
        bundle.arguments.get("in_channels"),
    ):
        if isinstance(count, int) and not isinstance(count, bool) and count > 0:
            return count
    return None


# -- both --------------------------------------------------------------------------------------------------------------


def _said(request: Request, by_the_file: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole description. Raises IncompleteError that lists the keys that neither file nor user gives."""
    said = description.merged(by_the_file, request.description)
    absent = description.missing(said)
    if absent:
        raise IncompleteError(
            f"{request.path.name}: the model's description lacks {', '.join(absent)}; write them into a file "
            "(--template FILE makes one to fill in) and give it with --describe.",
            absent,
        )
    return said


def _values(said: Mapping[str, Any]) -> str:
    values = said.get("output_values", "logits")
    if values not in _VALUES:
        raise UsageError(f'"output_values" in the description is {values!r}; possible are {", ".join(_VALUES)}.')
    return str(values)


def _encoded_channels(said: Mapping[str, Any]) -> int:
    """Return how many channels the encoding gives a network that takes any number. Raises UsageError."""
    steps, requires = said["preprocessing"], said["requires"]
    neighbours = steps.get("neighbours", 0)
    if not isinstance(neighbours, int) or neighbours < 0:
        raise UsageError('"preprocessing.neighbours" in the description is no whole number.')
    kinds = [each.get("modality") for each in requires.get("inputs", []) if isinstance(each, dict)]
    encodings = steps["encoding"] if isinstance(steps["encoding"], dict) else {}
    try:
        wide = [encoding.named(str(encodings[kind])).channels for kind in kinds or list(requires["modalities"])]
    except (KeyError, TypeError):
        raise UsageError(
            '"preprocessing.encoding" in the description names no known encoding for each of "requires.modalities".'
        ) from None
    return (2 * neighbours + 1) * (sum(wide) if kinds else max(wide))


def _check_channels(path: Path, said: Mapping[str, Any], channels: int) -> None:
    """Raise UsageError where the encoding does not give as many channels as the network takes."""
    given = _encoded_channels(said)
    if channels > _MOST_CHANNELS_IN:
        raise UsageError(
            f"{path.name}: the network takes {channels} channels; at most {_MOST_CHANNELS_IN} are possible."
        )
    if given != channels:
        raise UsageError(
            f"{path.name}: the network takes {channels} channels and the described preprocessing gives {given}; "
            'correct "preprocessing.encoding" or "preprocessing.neighbours".'
        )


def _tried(
    path: Path,
    network: "LoadedNetwork",
    said: Mapping[str, Any],
    channels: int,
    fixed: tuple[int | None, int | None],
) -> int:
    """Run the network once; return how many channels it gives. Raises ReadError where it gives no such image."""
    multiple = said["preprocessing"].get("size_multiple", 32)
    if not isinstance(multiple, int) or not 1 <= multiple <= 1024:
        raise UsageError('"preprocessing.size_multiple" in the description is no whole number from 1 to 1024.')
    rows, columns = (size or -(-_TRIAL_SIZE // multiple) * multiple for size in fixed)
    image = np.random.default_rng(0).random((1, channels, rows, columns), dtype=np.float32)
    try:
        output = network(image)
    except MemoryError as error:
        raise ReadError(path, "the network needs more memory than there is") from error
    except MedganError as error:
        raise ReadError(path, error.sentence.rstrip(".")) from error
    except Exception as error:  # whatever a stranger's network raises
        raise ReadError(
            path,
            f"the network fails on an image of {rows} × {columns} pixels ({type(error).__name__}); see size_multiple",
        ) from error
    shape = tuple(getattr(output, "shape", ()))
    if len(shape) != 4 or shape[0] != 1 or shape[2:] != (rows, columns) or not 1 <= shape[1] <= _MOST_CHANNELS_OUT:
        raise ReadError(path, f"the network gives {shape} for an image of {rows} × {columns} pixels, which is no image")
    if not bool(output.isfinite().all()):
        raise ReadError(path, "the network gives values that are no numbers")
    return int(shape[1])


@dataclass(frozen=True)
class _Made:
    """A network that runs, as the manifest names it. ``channels_given`` are those that it gives by itself."""

    network: str
    arguments: Mapping[str, Any]
    file: str
    content: bytes
    kind: str
    channels_in: int
    channels_given: int

    @property
    def channels_out(self) -> int:
        """The channels that the task sees."""
        return 2 if str(self.arguments["adapt"]).startswith("two_classes") else self.channels_given


def _packed(
    request: Request, said: Mapping[str, Any], made: _Made, digest: str, author_says: str, licence: str
) -> Draft:
    identifier = _identifier(request, said)
    source = f"Imported from {request.path.name}"
    content = description.manifest_content(said, identifier, source)
    content |= {
        "created": datetime.now(UTC).date().isoformat(),
        "weights": {"file": made.file, "sha256": hashlib.sha256(made.content).hexdigest()},
        "network": {"name": made.network, "arguments": made.arguments},
        "network_data_format": _formats(said, made),
    }
    files: dict[str, bytes | str] = {
        made.file: made.content,
        "CARD.md": card(content, request.path.name, digest, made.kind, author_says),
    }
    if licence:
        files["LICENSE"] = licence
    staged = stage(request.folder, content, files)
    return Draft(
        staged, request.folder / identifier, content["name"], content["task"], made.kind, content["licence"], digest
    )


def _identifier(request: Request, said: Mapping[str, Any]) -> str:
    """Return the model's id: as asked for, as described, or after the file."""
    wanted = request.identifier or str(said.get("id", ""))
    if not wanted:
        wanted = re.sub(r"[^a-z0-9]+", "-", request.path.stem.lower()).strip("-")[:_LONGEST_IDENTIFIER].strip("-")
    if not _IDENTIFIER.fullmatch(wanted) or len(wanted) > _LONGEST_IDENTIFIER:
        raise UsageError(f'"{wanted[:80]}" is no id: use small letters, digits and single hyphens, with --id.')
    if wanted in request.taken or (request.folder / wanted).exists():
        raise UsageError(f'There is already a model "{wanted}"; choose another name with --id.')
    return wanted


def _formats(said: Mapping[str, Any], made: _Made) -> dict[str, Any]:
    def image(channels: int, modality: str) -> dict[str, Any]:
        return {"type": "image", "modality": modality, "num_channels": channels, "dtype": "float32"}

    outputs = said["outputs"]
    target = str(outputs[0].get("modality", "OT")) if isinstance(outputs[0], dict) else "OT"
    return {
        "inputs": {"image": image(made.channels_in, str(said["requires"]["modalities"][0]))},
        "outputs": {"pred": image(made.channels_out, target)},
    }
