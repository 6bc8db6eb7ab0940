"""The engineer's PIN on the command line: asked for before a command changes products."""

from __future__ import annotations

import getpass
import os
import sys

from deeprx_gui.access import PinAccepted, PinAccess, PinLocked
from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.i18n import render, tr
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.journal import ProfileEvent
from deeprx_gui.single_instance import window_is_open

PIN_VARIABLE = "DEEPRX_PIN"
"""Environment variable with the PIN, for scripts. Never an argument: those are seen by everybody
who may list the processes of the PC, and stay in the shell's history."""
_ASKED = 3


class AccessError(RequestError):
    """A PIN guards what the command would change, and it was not given."""


class EngineerGuard:
    """Lets a command change products once the PIN was given, and notes what it changed.

    Without a PIN everybody may. It is the guard of the command line's ``ProfileStore``, so that a
    command that was declared anybody's cannot change anything either.
    """

    def __init__(self, paths: Paths, who: str) -> None:
        self._paths, self._who = paths, who
        self._pin = os.environ.pop(PIN_VARIABLE, None)  # not for the programs we start
        self._known: PinAccess | None = None

    @property
    def _access(self) -> PinAccess:
        self._known = self._known or PinAccess(self._paths.access_file)
        return self._known

    def admit(self, command: str) -> None:
        """Have the PIN given for ``command``. Raises AccessError when it is not."""
        if not self._access.has_pin:
            return
        self._refuse_beside_window()
        if self._pin is not None:
            self._check(self._pin, command, last=True)
            return
        if sys.stdin is None or not sys.stdin.isatty():
            raise AccessError(
                say(
                    "A PIN guards the products on this PC. Start the command in a terminal, where"
                    " it asks for the PIN, or put the PIN into the environment variable"
                    " {variable}. Nothing was changed.",
                    variable=PIN_VARIABLE,
                )
            )
        for number in range(_ASKED):
            if self._check(_ask(), command, last=number == _ASKED - 1):
                return

    def allow(self) -> None:
        """Raise AccessError where nothing may be changed now."""
        if not self._access.has_pin:
            return
        if not self._access.granted:
            raise AccessError(say("A PIN guards the products on this PC. Nothing was changed."))
        self._refuse_beside_window()

    def changed(self, event: ProfileEvent, name: str, revision: int, who: str) -> None:
        """Note a change in the access log."""
        self._access.note_change(f"product {event}", who, product=name, revision=revision)

    def _check(self, pin: str, command: str, *, last: bool) -> bool:
        answer = self._access.check(pin, who=self._who, command=command)
        if isinstance(answer, PinAccepted):
            return True
        if last or isinstance(answer, PinLocked):
            raise AccessError(answer.message)
        print_note(render(answer.message))
        return False

    def _refuse_beside_window(self) -> None:
        if window_is_open(self._paths.data):
            raise AccessError(
                say(
                    "The window of Deep RX Inspector is open, and a PIN guards the products: while"
                    " it is open they are changed only there. Do it in the window, or close it and"
                    " try again. Nothing was changed."
                )
            )


def _ask() -> str:
    try:
        return getpass.getpass(tr("PIN of the engineer:") + " ", stream=sys.stderr)
    except EOFError:
        raise KeyboardInterrupt from None
