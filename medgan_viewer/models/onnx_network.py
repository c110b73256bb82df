"""Networks in ONNX, run by ONNX Runtime in the worker: on the processor, or on an NVIDIA GPU where its build can."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from medgan_viewer.errors import JobError, UnsuitableError
from medgan_viewer.models.device import LoadedNetwork
from medgan_viewer.models.importing.onnx_file import OnnxError, OnnxFile, TensorType, inspect
from medgan_viewer.models.networks.output_values import adapted, needed_by

if TYPE_CHECKING:
    import torch

__all__ = ["LARGEST_SIDE", "OnnxNetwork", "chosen_ends", "open_onnx", "to_arguments"]

LARGEST_SIDE = 4096
"""The most rows or columns that a network of fixed size may have."""
_KINDS: dict[str, Any] = {"float32": np.float32, "float16": np.float16}
_FATAL_ONLY = 4


class OnnxNetwork(LoadedNetwork):
    """A session of ONNX Runtime, called as any other network.

    A network of fixed rows and columns gets its picture with the edge repeated around it, and gives back the middle.
    """

    def __init__(self, content: bytes, source: TensorType, result: TensorType, needed: str, device: str) -> None:
        self._session, self.device = _session(content, device)
        self.precision = "fp16" if source.dtype == "float16" else "fp32"
        self._source = source
        self._result = result
        self._needed = needed

    def __call__(self, inputs: NDArray[np.float32]) -> "torch.Tensor":
        """Return the output for [batch, channel, row, column], float32, in the computer's memory."""
        import torch

        padded, rows, columns = self._padded(inputs)
        size = self._source.shape[0] or len(padded)
        parts = [self._run(padded[start : start + size], size) for start in range(0, len(padded), size)]
        output = np.concatenate(parts).astype(np.float32, copy=False)
        if output.ndim != 4 or output.shape[2:] != padded.shape[2:]:
            raise JobError("The model's output does not have the rows and columns of its input.")
        return adapted(torch.from_numpy(np.ascontiguousarray(output[:, :, rows, columns])), self._needed)

    def _run(self, batch: NDArray[np.float32], size: int) -> NDArray[Any]:
        """Run a batch that may be shorter than the network wants."""
        count = len(batch)
        if count < size:
            batch = np.concatenate([batch, np.repeat(batch[-1:], size - count, axis=0)])
        values = np.ascontiguousarray(batch, dtype=_KINDS[self._source.dtype])
        try:
            (output,) = self._session.run([self._result.name], {self._source.name: values})
        except Exception as error:  # its errors have no common base
            if "allocat" in str(error):
                raise MemoryError from error
            raise JobError(f"ONNX Runtime stopped while it ran the model ({_reason(error)}).") from error
        return np.asarray(output)[:count]

    def _padded(self, inputs: NDArray[np.float32]) -> tuple[NDArray[np.float32], slice, slice]:
        """Return the input at the network's size, and where in it the picture lies."""
        widths, places = [], []
        for wanted, there in zip(self._source.shape[2:], inputs.shape[2:], strict=True):
            missing = (wanted or there) - there
            if missing < 0:
                raise UnsuitableError(
                    f"The head takes {inputs.shape[2]} × {inputs.shape[3]} pixels and the model sees only "
                    f"{self._source.shape[2]} × {self._source.shape[3]}."
                )
            widths.append((missing // 2, missing - missing // 2))
            places.append(slice(missing // 2, missing // 2 + there))
        if any(any(width) for width in widths):
            inputs = np.pad(inputs, ((0, 0), (0, 0), *widths), mode="edge")
        return inputs, places[0], places[1]


def open_onnx(content: bytes, arguments: Mapping[str, Any], channels_in: int, device: str) -> OnnxNetwork:
    """Return the network of a package. Raises OnnxError where the file is not what the manifest says."""
    found = inspect(content)
    if found.external:
        raise OnnxError("its weights lie in another file; import it again")
    source, result = chosen_ends(found, str(arguments.get("output", {}).get("name", "")))
    if to_arguments(source) != arguments.get("input") or to_arguments(result) != arguments.get("output"):
        raise OnnxError("its inputs and outputs are not those that the manifest names; import it again")
    if source.shape[1] not in {None, channels_in}:
        raise OnnxError(f"it takes {source.shape[1]} channels and the manifest says {channels_in}; import it again")
    return OnnxNetwork(content, source, result, needed_by(arguments), device)


def to_arguments(end: TensorType) -> dict[str, Any]:
    """Return an input or output as the manifest holds it; 0 stands for a size that may vary."""
    return {"name": end.name, "dtype": end.dtype, "shape": [size or 0 for size in end.shape]}


def chosen_ends(found: OnnxFile, output: str = "") -> tuple[TensorType, TensorType]:
    """Return the one input, and the output of a name or the only one. Raises OnnxError for what cannot be run."""
    if len(found.inputs) != 1:
        raise OnnxError(f"it has {len(found.inputs)} inputs; only networks with one image as input run")
    results = [each for each in found.outputs if not output or each.name == output]
    names = ", ".join(each.name for each in found.outputs)
    if not results:
        raise OnnxError(f'it has no output "{output}"; there are: {names}')
    if len(results) > 1:
        raise OnnxError(f"it has several outputs ({names}); name one as output_name in the description")
    source, result = found.inputs[0], results[0]
    for end, words in ((source, "input"), (result, "output")):
        if len(end.shape) == 5:
            raise OnnxError(f"its {words} is a volume; only networks that work slice by slice run")
        if len(end.shape) != 4 and (end is source or end.shape):
            raise OnnxError(f"its {words} is no [batch, channel, row, column]")
        if end.dtype not in _KINDS:
            raise OnnxError(f"its {words} holds neither float32 nor float16 numbers")
        if any(size is not None and size > LARGEST_SIDE for size in end.shape):
            raise OnnxError(f"its {words} is larger than {LARGEST_SIDE} in one direction")
    return source, result


def _session(content: bytes, device: str) -> tuple[Any, str]:
    """Return a session and where it runs. Raises OnnxError where ONNX Runtime cannot open the file."""
    import onnxruntime
    import torch

    options = onnxruntime.SessionOptions()
    # What it writes on the terminal by itself may quote the file.
    options.log_severity_level = _FATAL_ONLY
    options.intra_op_num_threads = torch.get_num_threads()
    # Threads that spin while they wait take the cores from the window.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    cuda = device == "cuda" and "CUDAExecutionProvider" in onnxruntime.get_available_providers()
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"] if cuda else ["CPUExecutionProvider"]
    try:
        # Its own fallback writes on the terminal.
        session = onnxruntime.InferenceSession(content, options, providers=providers, enable_fallback=0)
    except Exception as error:  # its errors have no common base
        if cuda:
            return _session(content, "cpu")
        raise OnnxError(f"ONNX Runtime cannot open it ({_reason(error)})") from error
    return session, "cuda" if session.get_providers()[0] == "CUDAExecutionProvider" else "cpu"


def _reason(error: Exception) -> str:
    """Return the gist of ONNX Runtime's error, short and without the file's path."""
    words = " ".join(str(error).split())
    words = words.rpartition(" : ")[2] or words
    return words[:200].rstrip(". ")
