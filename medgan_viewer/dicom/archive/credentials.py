"""Credentials of DICOMweb archives. They live in the system's keyring and nowhere else."""

import json
from dataclasses import dataclass, field

from medgan_viewer.errors import MissingPartError

__all__ = ["Credentials", "forget", "read", "store"]

_SERVICE = "medgan-viewer archive"
_NO_KEYRING = (
    "This computer offers no keyring to keep credentials in; set one up (on Linux GNOME Keyring or KWallet) "
    "or use an archive without credentials."
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user with a password, or a bearer token. Neither is ever shown, not even in an error."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def read(archive: str) -> Credentials | None:
    """Return the credentials of an archive, None where none were stored or there is no keyring."""
    import keyring
    from keyring.errors import KeyringError

    try:
        stored = keyring.get_password(_SERVICE, archive)
        return Credentials(**json.loads(stored)) if stored else None
    except (KeyringError, ValueError, TypeError):
        return None


def store(archive: str, credentials: Credentials) -> None:
    """Keep credentials; MissingPartError where there is no keyring."""
    import keyring
    from keyring.errors import KeyringError

    content = {"user": credentials.user, "password": credentials.password, "token": credentials.token}
    try:
        keyring.set_password(_SERVICE, archive, json.dumps(content))
    except KeyringError:
        # Without its cause: a back end may quote what it could not store.
        raise MissingPartError(_NO_KEYRING) from None


def forget(archive: str) -> None:
    """Take an archive's credentials out of the keyring, if there are any."""
    import keyring
    from keyring.errors import KeyringError

    try:
        if keyring.get_password(_SERVICE, archive) is not None:
            keyring.delete_password(_SERVICE, archive)
    except KeyringError:
        return
