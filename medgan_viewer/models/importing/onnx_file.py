"""What an ONNX file says, read from its bytes without running anything: protobuf's wire format, the few fields needed.

Field numbers are those of onnx/onnx.proto (ONNX IR specification). Whatever is cut off, nested without end or of the
wrong type is an :class:`OnnxError` with a sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

__all__ = ["LARGEST_FILE", "OnnxError", "OnnxFile", "TensorType", "inlined", "inspect"]

LARGEST_FILE = 2 << 30
"""Protobuf itself allows no more, in bytes."""

# Operators that ONNX Runtime brings: the standard's, and its own for quantised and fused networks.
_KNOWN_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft"})
# It loads a compiled network from another file.
_REFUSED_OPERATORS = frozenset({"EPContext"})
_DEEPEST = 16
_TYPES = {1: "float32", 10: "float16"}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

# Field numbers: of a model, a graph, a node, an attribute, a tensor.
_MODEL_GRAPH, _MODEL_OPSETS, _MODEL_METADATA, _MODEL_FUNCTIONS = 7, 8, 14, 25
_GRAPH_NODE, _GRAPH_INITIALIZER = 1, 5
_NODE_OPERATOR, _NODE_ATTRIBUTE, _NODE_DOMAIN = 4, 5, 7
_ATTRIBUTE_TENSOR, _ATTRIBUTE_GRAPH, _ATTRIBUTE_TENSORS, _ATTRIBUTE_GRAPHS = 5, 6, 10, 11
_TENSOR_NAME, _TENSOR_RAW, _TENSOR_EXTERNAL, _TENSOR_LOCATION = 8, 9, 13, 14


class OnnxError(Exception):
    """What is wrong with an ONNX file, as a sentence."""


@dataclass(frozen=True, slots=True)
class TensorType:
    """An input or output: its name, type ("float32", "float16") and shape; None for a size that may vary."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True)
class OnnxFile:
    """What the import needs to know of a file. ``external`` are the names of files with further weights."""

    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    metadata: dict[str, str]
    opsets: dict[str, int]
    external: frozenset[str]


@dataclass
class _Findings:
    """What lies anywhere in the graphs."""

    operators: set[tuple[str, str]] = field(default_factory=set)
    external: set[str] = field(default_factory=set)
    external_elsewhere: bool = False


def inspect(content: bytes | memoryview) -> OnnxFile:
    """Read a file's bytes. Raises OnnxError for no ONNX file, a cut one, or one that needs foreign operators."""
    found = _Findings()
    graph: memoryview | None = None
    opsets: dict[str, int] = {}
    metadata: dict[str, str] = {}
    functions: set[tuple[str, str]] = set()
    for number, value in _fields(memoryview(content)):
        if number == _MODEL_GRAPH:
            graph = _message(value)
        elif number == _MODEL_OPSETS:
            entry = dict(_fields(_message(value)))
            opsets[_text(entry.get(1, b""))] = _integer(entry.get(2, 0))
        elif number == _MODEL_METADATA:
            entry = dict(_fields(_message(value)))
            metadata[_text(entry.get(1, b""))] = _text(entry.get(2, b""))
        elif number == _MODEL_FUNCTIONS:
            functions.add(_function(_message(value), found))
    if graph is None or not opsets:
        raise OnnxError("this is no ONNX file, or it is damaged")
    inputs, outputs = _read_graph(graph, found)
    _refuse_foreign(found, functions)
    return OnnxFile(inputs, outputs, metadata, opsets, frozenset(found.external))


def _refuse_foreign(found: _Findings, functions: set[tuple[str, str]]) -> None:
    foreign = sorted(
        f"{domain}.{name}" if domain else name
        for domain, name in found.operators - functions
        if domain not in _KNOWN_DOMAINS or name in _REFUSED_OPERATORS
    )
    if foreign:
        raise OnnxError(
            f"it needs the operator {foreign[0]}, which is none of ONNX's own; export it with standard operators only"
        )
    if found.external_elsewhere:
        raise OnnxError(
            "some of its tensors lie in other files in a way that is not supported; save it as one file "
            "(onnx.save_model(…, save_as_external_data=False))"
        )


def inlined(content: bytes, folder: Path) -> bytes:
    """Return a file with the weights that lie beside it, in ``folder``, taken in.

    Only files of plain names in the folder itself are read; anything else is an OnnxError.
    """
    parts: list[bytes | memoryview] = []
    for number, value, raw in _raw_fields(memoryview(content)):
        if number != _MODEL_GRAPH:
            parts.append(raw)
            continue
        inner: list[bytes | memoryview] = []
        for graph_number, graph_value, graph_raw in _raw_fields(_message(value)):
            if graph_number == _GRAPH_INITIALIZER:
                tensor = _with_data(_message(graph_value), folder)
                inner += [_key(_GRAPH_INITIALIZER, _BYTES), _varint(len(tensor)), tensor]
            else:
                inner.append(graph_raw)
        parts += [_key(_MODEL_GRAPH, _BYTES), _varint(sum(map(len, inner))), *inner]
    if sum(map(len, parts)) > LARGEST_FILE:
        raise OnnxError("with its weights it is larger than the 2 GiB that an ONNX file can hold")
    return b"".join(parts)


def _with_data(tensor: memoryview, folder: Path) -> bytes | memoryview:
    """Return a tensor with its data inside."""
    kept: list[bytes | memoryview] = []
    place: dict[str, str] = {}
    for number, value, raw in _raw_fields(tensor):
        if number == _TENSOR_EXTERNAL:
            entry = dict(_fields(_message(value)))
            place[_text(entry.get(1, b""))] = _text(entry.get(2, b""))
        elif number != _TENSOR_LOCATION:
            kept.append(raw)
    if not place:
        return tensor
    data = _external_data(place, folder)
    return b"".join([*kept, _key(_TENSOR_RAW, _BYTES), _varint(len(data)), data])


def _external_data(place: dict[str, str], folder: Path) -> bytes:
    name = place.get("location", "")
    _plain_name(name)
    path = folder / name
    try:
        offset, length = int(place.get("offset", "0")), int(place.get("length", "-1"))
        size = path.stat().st_size
        if path.is_symlink() or not path.is_file() or offset < 0 or size > LARGEST_FILE:
            raise OnnxError(f"its weights file {name} cannot be used")
        with path.open("rb") as stream:
            stream.seek(offset)
            data = stream.read(length)
    except FileNotFoundError:
        raise OnnxError(f"its weights lie in {name}, which is not beside it; put that file into the folder") from None
    except (OSError, ValueError):
        raise OnnxError(f"its weights file {name} cannot be read") from None
    if length >= 0 and len(data) != length:
        raise OnnxError(f"its weights file {name} is cut off")
    return data


def _plain_name(name: str) -> None:
    if not name or PurePosixPath(name).name != name or "\\" in name or ":" in name or name in {".", ".."}:
        raise OnnxError("its weights lie in a file outside its own folder; save it as one file")


# -- graphs ------------------------------------------------------------------------------------------------------------


def _read_graph(graph: memoryview, found: _Findings) -> tuple[tuple[TensorType, ...], tuple[TensorType, ...]]:
    inputs: list[TensorType] = []
    outputs: list[TensorType] = []
    given: set[str] = set()
    for number, value in _fields(graph):
        match number:
            case 1:  # node
                _read_node(_message(value), found, 0)
            case 5:  # initializer
                entries = list(_fields(_message(value)))
                given.update(_text(item) for key, item in entries if key == _TENSOR_NAME)
                for location in _locations(_message(value)):
                    _plain_name(location)
                    found.external.add(location)
            case 11:  # input
                inputs.append(_tensor_type(_message(value)))
            case 12:  # output
                outputs.append(_tensor_type(_message(value)))
            case 15:  # sparse initializer
                found.external_elsewhere |= any(True for _ in _sparse_locations(_message(value)))
    # Older files list the weights among the inputs too.
    return tuple(each for each in inputs if each.name not in given), tuple(outputs)


def _read_node(node: memoryview, found: _Findings, depth: int) -> None:
    if depth > _DEEPEST:
        raise OnnxError("its graphs are nested too deeply")
    operator, domain = "", ""
    for number, value in _fields(node):
        if number == _NODE_OPERATOR:
            operator = _text(value)
        elif number == _NODE_DOMAIN:
            domain = _text(value)
        elif number == _NODE_ATTRIBUTE:
            _read_attribute(_message(value), found, depth)
    found.operators.add((domain, operator))


def _read_attribute(attribute: memoryview, found: _Findings, depth: int) -> None:
    for number, value in _fields(attribute):
        if number in {_ATTRIBUTE_TENSOR, _ATTRIBUTE_TENSORS}:
            found.external_elsewhere |= bool(_locations(_message(value)))
        elif number in {_ATTRIBUTE_GRAPH, _ATTRIBUTE_GRAPHS}:
            for inner, item in _fields(_message(value)):
                if inner == _GRAPH_NODE:
                    _read_node(_message(item), found, depth + 1)
                elif inner == _GRAPH_INITIALIZER:
                    found.external_elsewhere |= bool(_locations(_message(item)))
        elif number in {22, 23}:  # sparse tensors
            found.external_elsewhere |= any(True for _ in _sparse_locations(_message(value)))


def _function(function: memoryview, found: _Findings) -> tuple[str, str]:
    """Read a function that the file itself defines; return its domain and name."""
    name, domain = "", ""
    for number, value in _fields(function):
        if number == 1:
            name = _text(value)
        elif number == 10:
            domain = _text(value)
        elif number == 7:
            _read_node(_message(value), found, 0)
        elif number == 11:
            _read_attribute(_message(value), found, 0)
    return domain, name


def _locations(tensor: memoryview) -> list[str]:
    """Return the file in which a tensor's data lie, if they lie in another one."""
    found: list[str] = []
    stated = False
    for number, value in _fields(tensor):
        if number == _TENSOR_EXTERNAL:
            entry = dict(_fields(_message(value)))
            if _text(entry.get(1, b"")) == "location":
                found.append(_text(entry.get(2, b"")))
        elif number == _TENSOR_LOCATION:
            stated = _integer(value) == 1
    return found or ([""] if stated else [])


def _sparse_locations(tensor: memoryview) -> Iterator[str]:
    for number, value in _fields(tensor):
        if number in {1, 2}:
            yield from _locations(_message(value))


def _tensor_type(info: memoryview) -> TensorType:
    name, dtype = "", ""
    shape: tuple[int | None, ...] = ()
    for number, value in _fields(info):
        if number == 1:
            name = _text(value)
        elif number == 2:
            for kind, tensor in _fields(_message(value)):
                if kind == 1:
                    dtype, shape = _dtype_and_shape(_message(tensor))
    return TensorType(name, dtype, shape)


def _dtype_and_shape(tensor: memoryview) -> tuple[str, tuple[int | None, ...]]:
    dtype = ""
    shape: list[int | None] = []
    for number, value in _fields(tensor):
        if number == 1:
            code = _integer(value)
            dtype = _TYPES.get(code, f"type {code}")
        elif number == 2:
            for dimension, content in _fields(_message(value)):
                if dimension == 1:
                    size = dict(_fields(_message(content))).get(1)
                    shape.append(_integer(size) if isinstance(size, int) and size > 0 else None)
    return dtype, tuple(shape)


# -- the wire format ---------------------------------------------------------------------------------------------------

_Value = int | memoryview | bytes


def _fields(message: memoryview) -> Iterator[tuple[int, _Value]]:
    for number, value, _ in _raw_fields(message):
        yield number, value


def _raw_fields(message: memoryview) -> Iterator[tuple[int, _Value, memoryview]]:
    """Yield each field's number, value and bytes. Values are integers or bytes; fixed sizes are bytes."""
    place, end = 0, len(message)
    while place < end:
        start = place
        key, place = _read_varint(message, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            integer, place = _read_varint(message, place)
            yield number, integer, message[start:place]
            continue
        if kind == _BYTES:
            length, place = _read_varint(message, place)
        elif kind in {_FIXED32, _FIXED64}:
            length = 4 if kind == _FIXED32 else 8
        else:
            raise OnnxError("this is no ONNX file, or it is damaged")
        if length > end - place or number == 0:
            raise OnnxError("this is no ONNX file, or it is cut off")
        yield number, message[place : place + length], message[start : place + length]
        place += length


def _read_varint(message: memoryview, place: int) -> tuple[int, int]:
    result = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise OnnxError("this is no ONNX file, or it is cut off")
        byte = message[place]
        place += 1
        result |= (byte & 0x7F) << shift
        if byte < 0x80:
            return result, place
    raise OnnxError("this is no ONNX file, or it is damaged")


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def _key(number: int, kind: int) -> bytes:
    return _varint(number << 3 | kind)


def _message(value: _Value) -> memoryview:
    if isinstance(value, int):
        raise OnnxError("this is no ONNX file, or it is damaged")
    return memoryview(value)


def _integer(value: _Value) -> int:
    if not isinstance(value, int):
        raise OnnxError("this is no ONNX file, or it is damaged")
    return value


def _text(value: _Value) -> str:
    try:
        return bytes(_message(value)).decode("utf-8")
    except UnicodeDecodeError:
        raise OnnxError("this is no ONNX file, or it is damaged") from None
