"""OPC UA server: its entry in the table; the library is an optional extra, loaded at the start."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from deeprx_gui.domain.field import Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.base import NumberedRecord, Receiver, ReceiverUnreachable
from deeprx_gui.outputs.commands import ReceiverCommands

LIBRARY = "asyncua"
_INSTALL = "python -m pip install asyncua==2.1.0"
FOLDER = "opcua"
"""Where its keys and users lie, in the data folder."""


def keys_folder(data: Path) -> Path:
    """Return the folder of certificates and users in a data folder."""
    return data / FOLDER


def is_installed() -> bool:
    """Say whether the library is there."""
    return importlib.util.find_spec(LIBRARY) is not None


def missing_library() -> Message:
    """Say how the library is got that this output needs."""
    if getattr(sys, "frozen", False):
        return say(
            "The archive of the library {library} is missing in the program's folder. Install the"
            " program again.",
            library=LIBRARY,
        )
    return say(
        "OPC UA needs the library {library}, which is not installed here. Install it with"
        " “{command}”, then start the program again.",
        library=LIBRARY,
        command=_INSTALL,
    )


class _Missing:
    """Stands for the server where something is missing that it needs."""

    every = None
    present_only = True

    def __init__(self, why: Message) -> None:
        self._why = why

    def open(self) -> None:
        """Say what is missing. Raises Unreachable."""
        raise ReceiverUnreachable(self._why)

    def deliver(self, told: NumberedRecord) -> None:  # noqa: ARG002 - never opened
        """Say what is missing. Raises Unreachable."""
        raise ReceiverUnreachable(self._why)

    def idle(self, *, running: bool) -> None:
        """Nothing runs."""

    def notice(self) -> Message | None:
        return None

    def close(self) -> None:
        """Nothing is held."""

    def abort(self) -> None:
        """Nothing waits."""


def build(spec: OutputSpec, options: Options, commands: ReceiverCommands) -> Receiver:
    """Build the receiver of a checked spec."""
    if not is_installed():
        return _Missing(missing_library())
    if commands.folder is None:
        return _Missing(say("OPC UA needs a data folder for its certificates."))
    from deeprx_gui.outputs.opcua_server import OpcUaServer

    return OpcUaServer(spec, options, commands, keys_folder(commands.folder))


def self_check(folder: Path) -> Message:
    """Serve on loopback for a moment. Raises Unreachable. ``folder``: for its certificate."""
    if not is_installed():
        raise ReceiverUnreachable(missing_library())
    from deeprx_gui.outputs import opcua_self_check

    return opcua_self_check.serves(folder)
