"""Checks of the self-test for what connects this PC with the plant: passwords and the database.

The libraries are imported only then: a PC without a central database needs none of them.
"""

from __future__ import annotations

from deeprx_gui.central import password
from deeprx_gui.domain.message import Message
from deeprx_gui.work.self_checks import CheckContext, own_folder


def credential_store(_bench: CheckContext) -> Message:
    """Say where passwords are kept. Raises StorageError."""
    return password.store()


def database(_bench: CheckContext) -> Message:
    """Speak PostgreSQL's protocol. Raises CentralError or StorageError."""
    from deeprx_gui.central import driver_check
    from deeprx_gui.outputs.opcua_own import write_server_pem

    with own_folder() as folder:
        return driver_check.driver(write_server_pem(folder))
