"""What receivers may ask of the inspection: take a picture now, change the product."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.line_status import LineProduct, LineStatus, TriggerAnswer
from deeprx_gui.domain.message import Message, say

_log = logging.getLogger(__name__)

MOST_CHARACTERS = 200
"""A serial number or product name longer than this is not one."""


TriggerListener = Callable[[str, str], int | None]
"""Takes a serial number (may be empty) and where the trigger comes from; returns the trigger's
number where that is known; raises what is refused."""


@dataclass(frozen=True)
class ReceiverCommands:
    """What a receiver may ask, each called in the output's own thread; it must return at once.

    ``None``: nobody listens, the command is refused. ``sequence``: the number of the verdict that
    was told last, before this output was there. ``origin``: what the output is called: only
    triggers from the same place can be a bounce of one another. ``folder``: the data folder, where
    an output keeps what is its own, as certificates.
    """

    on_trigger: TriggerListener | None = None
    on_product: Callable[[str], None] | None = None
    on_status: Callable[[], LineStatus] | None = None
    on_products: Callable[[], tuple[LineProduct, ...]] | None = None
    origin: str = ""
    sequence: int = 0
    folder: Path | None = None

    def fire(self, serial: str = "") -> TriggerAnswer:
        """Ask for a picture of a part in a way that cannot bounce; returns the trigger's number."""
        listener, numbers = self.on_trigger, [0]

        def call(text: str) -> None:
            numbers.append((listener(text, "") if listener is not None else None) or 0)

        problem = _call(None if listener is None else call, serial, may_be_empty=True)
        return TriggerAnswer(problem, numbers[-1])

    def products(self) -> tuple[LineProduct, ...]:
        """Return the products that may be asked for."""
        return () if self.on_products is None else self.on_products()

    def trigger(self, serial: str = "", *, place: str = "") -> Message | None:
        """Ask for a picture of a part; returns why not, ``None`` when it was accepted.

        ``place``: where within this output it comes from, as the address of a client.
        """
        listener, origin = self.on_trigger, f"{self.origin} {place}".strip()
        call = None if listener is None else lambda text: listener(text, origin)
        return _call(call, serial, may_be_empty=True)

    def product(self, name: str) -> Message | None:
        """Ask for another product; returns why not, ``None`` when it was handed on."""
        return _call(self.on_product, name, may_be_empty=False)

    def status(self) -> LineStatus:
        """Return how the line stands now."""
        return LineStatus() if self.on_status is None else self.on_status()


def _call(
    listener: Callable[[str], object] | None, text: str, *, may_be_empty: bool
) -> Message | None:
    text = text.strip()
    if listener is None:
        return say("this command is not expected now")
    if len(text) > MOST_CHARACTERS or not (text or may_be_empty) or not text.isprintable():
        return say("a text of 1 to {most} characters is needed", most=MOST_CHARACTERS)
    try:
        listener(text)
    except DeepRxError as error:
        return error.message
    except Exception:  # noqa: BLE001 - the receiver is told no; the output goes on
        _log.exception("a command of a receiver failed")
        return say("the command failed; the details are in the log file")
    return None
