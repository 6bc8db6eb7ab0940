"""The password of the central database: from the environment or the system's credential store.

It is never written to a file of the program.
"""

from __future__ import annotations

import importlib
import logging
import os
import sys
from collections.abc import Mapping
from typing import Final

from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import Message, say

VARIABLE: Final = "DEEPRX_CENTRAL_PASSWORD"
_SERVICE: Final = "Deep RX Inspector"
_STORES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "win32": ("keyring.backends.Windows", ("win32ctypes.pywin32.win32cred",)),
    "linux": ("keyring.backends.SecretService", ("secretstorage", "jeepney")),
}
"""By system: what the library reads the credential store with, and what that stands on."""
_log = logging.getLogger(__name__)


def read(place: CentralPlace) -> str:
    """Return the password, empty where none is known. Never raises."""
    given = os.environ.get(VARIABLE)
    return _stored(place) if given is None else given


def sealing(place: CentralPlace) -> str:
    """Return the password that seals what the centre said, empty where none is known. Never raises.

    The credential store goes first: whoever starts the program may set its environment, and would
    seal a copy of their own.
    """
    return _stored(place) or os.environ.get(VARIABLE, "")


def _stored(place: CentralPlace) -> str:
    try:
        import keyring

        return keyring.get_password(_SERVICE, _entry(place)) or ""
    except Exception as error:  # noqa: BLE001 - every system's store fails in its own way
        _log.warning("the credential store of this PC cannot be read: %s", error)
        return ""


def store() -> Message:
    """Say which credential store keeps passwords here. Raises StorageError where parts are missing.

    A PC without a store (a Linux without a desktop) is no fault: the environment holds it then.
    """
    import keyring.backend

    keyring.backend.get_all_keyring()  # loads what the library's entry points name
    backend, parts = _STORES.get(sys.platform, ("", ()))
    missing = [] if backend in sys.modules or not backend else [backend]
    for part in parts:
        try:
            importlib.import_module(part)
        except ImportError:
            missing.append(part)
    if missing:
        raise StorageError(
            say(
                "Parts of the credential store's library are missing: {names}. Install the program"
                " again.",
                names=", ".join(missing),
            )
        )
    found = keyring.get_keyring()
    if type(found).__module__ == "keyring.backends.fail":
        return say(
            "No credential store runs on this PC; passwords come from the environment variable"
            " {variable}",
            variable=VARIABLE,
        )
    return say("{name} keeps passwords", name=found.name)


def given() -> bool:
    """Whether the environment holds the password."""
    return os.environ.get(VARIABLE) is not None


def remember(place: CentralPlace, password: str) -> None:
    """Put the password into the system's credential store. Raises StorageError."""
    try:
        import keyring

        keyring.set_password(_SERVICE, _entry(place), password)
    except Exception as error:
        raise StorageError(
            say(
                "The credential store of this PC does not take the password ({why}). Set the"
                " environment variable {variable} instead.",
                why=str(error) or type(error).__name__,
                variable=VARIABLE,
            )
        ) from error


def forget(place: CentralPlace) -> None:
    """Take the password out of the credential store, if it is there. Never raises."""
    try:
        import keyring

        keyring.delete_password(_SERVICE, _entry(place))
    except Exception as error:  # noqa: BLE001 - it was not there, or there is no store
        _log.info("no password was taken out of the credential store: %s", error)


class PeopleMark:
    """The newest edition of the people that a station heard, in the system's credential store.

    A second place beside the data folder: who may write that one alone can neither hide that people
    sign in here, nor put back an older copy of them.
    """

    def read(self, of: str) -> int:
        """Return the newest edition that was heard, 0: none is known. Never raises."""
        try:
            import keyring

            return int(keyring.get_password(_SERVICE, f"people {of}") or 0)
        except Exception as error:  # noqa: BLE001 - every system's store fails in its own way
            _log.warning("the credential store of this PC cannot be read: %s", error)
            return 0

    def write(self, of: str, edition: int) -> None:
        """Keep it. Never raises: without it the data folder alone says who may sign in."""
        try:
            import keyring

            keyring.set_password(_SERVICE, f"people {of}", str(edition))
        except Exception as error:  # noqa: BLE001 - every system's store fails in its own way
            _log.warning("the credential store of this PC takes no note of the people: %s", error)


def _entry(place: CentralPlace) -> str:
    return f"{place.user}@{place.host}:{place.port}/{place.database}"
