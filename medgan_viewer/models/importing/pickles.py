"""What PyTorch files hold, found out without unpickling them: a pickle can run any code when it is loaded."""

import io
import pickletools
import zipfile
from dataclasses import dataclass
from typing import Literal

__all__ = ["Kind", "Torch", "inspect"]

Kind = Literal["torchscript", "code", "tensors", "unreadable", "other"]

# What a file of nothing but tensors names: see torch/_weights_only_unpickler.py.
_HARMLESS = frozenset(
    {
        "collections OrderedDict",
        "torch Size",
        "torch device",
        "torch._utils _rebuild_tensor_v2",
        "torch._utils _rebuild_parameter",
        "torch.serialization _get_layout",
    }
)
_STORAGES = frozenset(
    f"torch {kind}Storage"
    for kind in ("Float", "Half", "BFloat16", "Double", "Long", "Int", "Short", "Char", "Byte", "Bool")
)
_LARGEST_PICKLE = 64 << 20
_MOST_STEPS = 5_000_000
_TEXTS = frozenset({"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"})


@dataclass(frozen=True, slots=True)
class Torch:
    """What a PyTorch file is; ``named`` is what its pickle would import beside tensors, as "module.name"."""

    kind: Kind
    named: str = ""


def inspect(content: bytes) -> Torch:
    """Say what a file's bytes are: TorchScript, a pickle that runs code, tensors only, or nothing of the sort."""
    if content[:4] == b"PK\x03\x04":
        return _archive(content)
    if content[:1] == b"\x80":
        return _legacy(content)
    return Torch("other")


def _archive(content: bytes) -> Torch:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            parts = [name.split("/") for name in names]
            if any("code" in part[1:2] or part[-1] == "constants.pkl" for part in parts):
                return Torch("torchscript")
            pickles = [name for name, part in zip(names, parts, strict=True) if part[-1] == "data.pkl"]
            if not pickles:
                return Torch("other")
            if any(archive.getinfo(name).file_size > _LARGEST_PICKLE for name in pickles):
                return Torch("unreadable")
            return _worst([_pickle(archive.read(name)) for name in pickles])
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError):
        return Torch("unreadable")


def _legacy(content: bytes) -> Torch:
    """Read the pickles that stand one after the other at the start of a file of the format before 2020."""
    stream = io.BytesIO(content)
    found: list[Torch] = []
    # A magic number, a protocol version, facts of the system, the object, the storages' keys; then raw data.
    for _ in range(5):
        if stream.tell() >= len(content):
            break
        found.append(_pickle(stream))
    return _worst(found)


def _worst(found: list[Torch]) -> Torch:
    for kind in ("code", "unreadable"):
        for each in found:
            if each.kind == kind:
                return each
    return Torch("tensors") if found else Torch("unreadable")


def _pickle(source: "bytes | io.BytesIO") -> Torch:
    """Follow a pickle's instructions without doing them."""
    texts: list[str] = []
    try:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(source)):
            if step > _MOST_STEPS:
                return Torch("unreadable")
            if opcode.name in _TEXTS:
                texts = [*texts[-1:], str(argument)]
            elif opcode.name in {"GLOBAL", "INST"} and not _harmless(str(argument)):
                return Torch("code", str(argument).replace(" ", "."))
            elif opcode.name == "STACK_GLOBAL" and not _harmless(" ".join(texts)):
                return Torch("code", ".".join(texts))
            elif opcode.name in {"EXT1", "EXT2", "EXT4"}:
                return Torch("code", "an extension")
    except Exception:  # whatever a damaged pickle makes of its reader
        return Torch("unreadable")
    return Torch("tensors")


def _harmless(name: str) -> bool:
    return name in _HARMLESS or name in _STORAGES
