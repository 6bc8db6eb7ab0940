"""Publishing from the window: with the must-find set, or without it where that is too large."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.must_find import MustFindTooLargeError
from deeprx_gui.ui.kit.confirm_sheet import ConfirmSheet

Publish = Callable[[CentralConnection, bool], object]
"""Publishes with the must-find set, or without it."""
Do = Callable[[Callable[[CentralConnection], object], Message | None, Callable[[], bool]], None]
"""Does a piece of work, tells the sentence, unless the last one says that a question is open."""


def publish_or_ask(
    publish: Publish, do: Do, confirm: ConfirmSheet, told: Message, *, must_find: bool = True
) -> None:
    """Publish; a must-find set that is too large for the library is offered to be left out."""
    too_large: list[Message] = []

    def work(connection: CentralConnection) -> None:
        try:
            publish(connection, must_find)
        except MustFindTooLargeError as error:
            too_large.append(error.message)

    def ask() -> bool:
        if too_large:
            again = partial(publish_or_ask, publish, do, confirm, told, must_find=False)
            action = say("Publish without must-find pictures")
            confirm.ask(too_large[0], action, again, say("Do not publish"))
        return bool(too_large)

    do(work, told, ask)
