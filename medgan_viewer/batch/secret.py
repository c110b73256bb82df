"""By what a batch replaces identity: one secret a target, so that results of several nights still belong together.

It is kept beside the settings and not among the results: who gets those has no way back. Deleting it ends that
for everybody; a batch that goes on then has new pseudonyms and does all of its work anew.
"""

import hashlib
import os
import secrets
from pathlib import Path

from medgan_viewer import settings
from medgan_viewer.errors import WriteError

__all__ = ["secret"]

_BYTES = 32


def secret(target: Path, *, keep: bool) -> bytes:
    """Return the secret of a target, a new one where there is none, which is kept only if asked. Raises WriteError."""
    name = hashlib.sha256(str(target.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:32]
    path = settings.configuration_folder() / "batch" / f"{name}.secret"
    known = _read(path)
    if known is not None or not keep:
        return known or secrets.token_bytes(_BYTES)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        # For its owner alone, from the first moment on.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        reason = f"the secret that results without identity share cannot be kept there ({error.strerror})"
        raise WriteError(path, reason) from error
    return _read(path) or secrets.token_bytes(_BYTES)


def _read(path: Path) -> bytes | None:
    """Return a secret that is whole, None where there is none."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    return content if len(content) == _BYTES else None
