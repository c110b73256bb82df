"""The software bill of materials, in CycloneDX 1.6 JSON (ECMA-424): every part of a program and what needs what."""

import hashlib
import json
import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from installers import definition
from installers.contents import Component, by_name

__all__ = ["document", "write"]

# SPDX expressions are made of identifiers, operators and brackets; anything else is a name.
_EXPRESSION = re.compile(r"[A-Za-z0-9.+-]+( (AND|OR|WITH) [A-Za-z0-9.+-]+)*")
_IDENTIFIERS = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "GPL-3.0-only", "ISC", "MIT", "MIT-0", "MIT-CMU"}
_IDENTIFIERS |= {"CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "MPL-2.0", "PSF-2.0", "Zlib"}


def document(parts: Sequence[Component], hashes: dict[str, str] | None = None) -> dict[str, Any]:
    """Return the bill of materials of the program; ``hashes`` are SHA-256 sums by the name of a model."""
    _, when = definition.source()
    root = f"pkg:generic/{definition.PROGRAM}@{definition.version()}"
    listed = [_component(part, (hashes or {}).get(part.name, "")) for part in parts]
    named = by_name(parts)
    # Everything that the program's own requirements do not reach is still part of it.
    edges = [{"ref": root, "dependsOn": sorted(part.address for part in parts)}]
    for part in parts:
        wanted = sorted(named[need].address for need in part.needs if need in named)
        edges.append({"ref": part.address, "dependsOn": wanted})
    content: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": _time(when),
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": definition.PROGRAM + definition.flavour(),
                "version": definition.version(),
                "licenses": [{"license": {"id": "Apache-2.0"}}],
                "purl": root,
            },
        },
        "components": listed,
        "dependencies": edges,
    }
    # From the content, so that two builds of one state are the same.
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    content["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}"
    return content


def _component(part: Component, sha256: str) -> dict[str, Any]:
    kinds = {"python": "library", "system": "library", "runtime": "platform", "model": "machine-learning-model"}
    made: dict[str, Any] = {
        "type": kinds[part.kind],
        "bom-ref": part.address,
        "name": part.name,
        "version": part.version,
        "purl": part.address,
    }
    if part.licence:
        made["licenses"] = [_licence(part)]
    if sha256:
        made["hashes"] = [{"alg": "SHA-256", "content": sha256}]
    return made


def _licence(part: Component) -> dict[str, Any]:
    words = part.licence
    identifier = words.replace(" ", "-")
    if identifier in _IDENTIFIERS:
        return {"license": {"id": identifier}}
    if part.kind == "system":
        # Debian's short names are its own, even where they are put together as SPDX puts them.
        return {"license": {"name": words}}
    spoken = any(f" {word} " in words for word in ("AND", "OR", "WITH"))
    if spoken and _EXPRESSION.fullmatch(words) and "License" not in words:
        return {"expression": words}
    return {"license": {"name": words}}


def _time(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def write(parts: Sequence[Component], path: Path, hashes: dict[str, str] | None = None) -> None:
    """Write the bill of materials."""
    path.write_text(json.dumps(document(parts, hashes), indent=1) + "\n", encoding="utf-8")
