"""A station whose disk or data folder was copied: only one of the two goes on.

The words are changed with each sign-in of the forwarder (``work/forward_files.py``); here they are
only compared.
"""

from __future__ import annotations

from typing import Protocol

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.message import say


class Words(Protocol):
    """By what the server knows this installation: ``work/forward_files.py``."""

    word: str
    next_word: str

    @property
    def machine(self) -> str: ...


def refuse_copy(connection: CentralConnection, station_id: str, words: Words) -> None:
    """Raise CentralError (``CLONED``) where another installation signed in under this id since."""
    rows = connection.run(
        "SELECT name, installation, machine FROM stations WHERE id = :id", id=station_id
    )
    for name, installation, machine in rows:
        known = installation in {words.word, words.next_word, ""}
        if not known and not (machine and machine == words.machine):
            raise copied(connection.place, name)


def copied(place: CentralPlace, name: str) -> CentralError:
    """Return the error for a copy of a station."""
    return CentralError(
        say(
            "Another PC sends to {host} under the id of this station (“{name}”): one of them"
            " is a copy, of its disk or its data folder. On the copy run “deeprx central"
            " new-id”. Until then nothing is sent from here, inspecting goes on, and nothing"
            " is lost.",
            host=place.host,
            name=name,
        ),
        Trouble.CLONED,
    )
