"""Opens the verdicts of all stations for reading."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from deeprx_gui.central import migrations, password
from deeprx_gui.central.records import CentralRecords
from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.message import say


def open_records(place: CentralPlace | None, steps: Path, folder: Path) -> CentralRecords:
    """Return the verdicts of all stations; nothing is connected yet.

    ``steps``: the folder of the steps, ``folder``: where kept pictures of this PC lie. Raises
    CentralError where no central database is set up.
    """
    if place is None:
        raise CentralError(
            say(
                "No central database is set up on this PC. An engineer sets it up with “deeprx"
                " central connect”, or on the page Settings."
            ),
            Trouble.NOT_SET_UP,
        )
    return CentralRecords(place, partial(password.read, place), migrations.steps(steps), folder)
