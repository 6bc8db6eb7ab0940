"""People and the audit trail of a PC that works without the window."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from deeprx_gui.cli.context import Context
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.paths import resources_dir

_EVERY_SECONDS: Final = 60.0
_log = logging.getLogger(__name__)


def meet_the_centre(context: Context) -> None:
    """Hear who may sign in and send the audit trail; the log says what went wrong."""
    from deeprx_gui.work.central_sync import synchronise_station

    try:
        synchronise_station(context.guard.people, resources_dir() / "central")
    except DeepRxError as error:
        _log.warning("the centre was not heard: %s", error)


@contextmanager
def meeting_the_centre(context: Context) -> Iterator[None]:
    """Meet the centre each minute meanwhile, and once more at the end."""
    ended = Event()

    def rounds() -> None:
        while not ended.wait(_EVERY_SECONDS):
            meet_the_centre(context)
        meet_the_centre(context)

    thread = Thread(target=rounds, name="people and audit", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
