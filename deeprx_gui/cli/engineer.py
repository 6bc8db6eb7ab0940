"""The engineer's PIN on the command line: asked for before a command changes products.

Where people sign in by name (``people/``), name and PIN or password are asked for instead.
"""

from __future__ import annotations

import logging
import os

from deeprx_gui.access import PinAccepted, PinAccess, PinLocked
from deeprx_gui.central import password as passwords
from deeprx_gui.cli.asking import ask_hidden, ask_plain, is_terminal
from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.errors import DeepRxError, RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.people import Role
from deeprx_gui.i18n import render, tr
from deeprx_gui.paths import Paths, resources_dir
from deeprx_gui.people.station_people import SignedIn, StationPeople
from deeprx_gui.profiles.journal import ProfileEvent
from deeprx_gui.single_instance import window_is_open

PIN_VARIABLE = "DEEPRX_PIN"
"""Environment variable with the PIN, for scripts. Never an argument: those are seen by everybody
who may list the processes of the PC, and stay in the shell's history."""
_ASKED = 3
_log = logging.getLogger(__name__)


class AccessError(RequestError):
    """A PIN guards what the command would change, and it was not given."""


class EngineerGuard:
    """Lets a command change products once the PIN was given, and notes what it changed.

    Without a PIN everybody may. It is the guard of the command line's ``ProfileStore``, so that a
    command that was declared anybody's cannot change anything either.
    """

    def __init__(self, paths: Paths, who: str, user: str | None = None) -> None:
        """``user``: the name that was given on the command line."""
        self._paths, self._who, self._user = paths, who, user
        self._pin = os.environ.pop(PIN_VARIABLE, None)  # not for the programs we start
        self._known: PinAccess | None = None
        self.people = StationPeople.open(
            paths, passwords.read, passwords.sealing, passwords.PeopleMark()
        )
        self._heard = False

    @property
    def _access(self) -> PinAccess:
        self._known = self._known or PinAccess(self._paths.access_file)
        return self._known

    @property
    def who(self) -> str:
        """Who is signed in, else the name in the settings or of the account."""
        return self.people.name or self._who

    def sign_in(self, command: str) -> None:
        """Let the person sign in who was named for a command that is anybody's.

        Raises AccessError, and RequestError where nobody signs in by name.
        """
        if self._user is None:
            return
        self._hear()
        if not self.people.active:
            raise RequestError(
                say("No people are known on this PC, so nobody signs in. Leave out --user.")
            )
        self._admit_person(command, Role.OPERATOR)

    def admit(self, command: str) -> None:
        """Have the PIN given for ``command``. Raises AccessError when it is not."""
        self._hear()
        if self.people.active:
            if not self.people.granted:
                self._refuse_beside_window()
                self._admit_person(command, Role.ENGINEER)
            return
        if not self._access.has_pin:
            return
        self._refuse_beside_window()
        if self._pin is not None:
            self._check(self._pin, command, last=True)
            return
        if not is_terminal():
            raise AccessError(
                say(
                    "A PIN guards the products on this PC. Start the command in a terminal, where"
                    " it asks for the PIN, or put the PIN into the environment variable"
                    " {variable}. Nothing was changed.",
                    variable=PIN_VARIABLE,
                )
            )
        for number in range(_ASKED):
            pin = ask_hidden(tr("PIN of the engineer:"))
            if self._check(pin, command, last=number == _ASKED - 1):
                return

    def allow(self) -> None:
        """Raise AccessError where nothing may be changed now."""
        if self.people.active:
            if not self.people.granted:
                raise AccessError(say("Nobody is signed in as an engineer. Nothing was changed."))
            self._refuse_beside_window()
            return
        if not self._access.has_pin:
            return
        if not self._access.granted:
            raise AccessError(say("A PIN guards the products on this PC. Nothing was changed."))
        self._refuse_beside_window()

    def changed(
        self, event: ProfileEvent, name: str, revision: int, who: str, *, overruled: str = ""
    ) -> None:
        """Note a change in the access log and the audit trail."""
        self._access.note_change(f"product {event}", who, product=name, revision=revision)
        self.people.note_product(event, name, revision, who, overruled)

    def _hear(self) -> None:
        """Hear once who may sign in; without the centre the station's copy counts."""
        if self._heard or self.people.place is None:
            return
        self._heard = True
        from deeprx_gui.work.central_sync import hear_station

        try:
            hear_station(self.people, resources_dir() / "central")
        except DeepRxError as error:
            _log.warning("the centre was not heard: %s", error)

    def _admit_person(self, command: str, wanted: Role) -> None:
        """Have name and PIN or password given. Raises AccessError when they are not."""
        if not is_terminal() and (self._user is None or self._pin is None):
            raise AccessError(
                say(
                    "People sign in on this PC. Start the command in a terminal, where it asks for"
                    " name and PIN, or write --user NAME and put the PIN or password into the"
                    " environment variable {variable}. Nothing was changed.",
                    variable=PIN_VARIABLE,
                )
            )
        name = self._user if self._user is not None else ask_plain(tr("Name:"))
        tries = 1 if self._pin is not None else _ASKED
        for number in range(tries):
            secret = self._pin
            if secret is None:
                secret = ask_hidden(tr("PIN or password of {name}:", name=name))
            answer = self.people.sign_in(name, secret, command=command, wanted=wanted)
            if isinstance(answer, SignedIn):
                return
            if number == tries - 1 or isinstance(answer, PinLocked):
                raise AccessError(answer.message)
            print_note(render(answer.message))

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
