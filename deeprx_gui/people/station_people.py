"""Signing in at this station, with or without the centre, and who is signed in now.

Everything is decided from the station's own copy of the people; what the centre says replaces it.
When the copy is older than the administrators allow, people sign in with an operator's rights only.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from deeprx_gui import central_settings
from deeprx_gui.access import PinLocked
from deeprx_gui.domain.audit import AuditEntry, AuditEvent
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import DeepRxError, StorageError
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.people import LONGEST_SECRET, PeopleList, Person, Role, as_typed
from deeprx_gui.paths import Paths
from deeprx_gui.people.audit_queue import AuditQueue
from deeprx_gui.people.lockout import FREE_TRIES
from deeprx_gui.people.people_copy import Mark, Moment, NoMark, PeopleCopy, SealedCopy
from deeprx_gui.people.secret_hash import fits
from deeprx_gui.people.tries import TryCounter
from deeprx_gui.station_identity import identity

SHIFT_SECONDS = 12 * 3600.0
"""An operator is signed out after so long: nobody works two shifts."""
_KEEP_SEEN_SECONDS = 600.0
_SET_BACK_SECONDS = 300.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in since when; ``role`` is the one in force, ``note`` why it is a lesser one.

    ``wanted`` is what was asked for: who signs in to operate the line gets no more than that.
    ``since``: reading of ``time.monotonic``.
    """

    person: Person
    role: Role
    wanted: Role
    since: float
    note: Message | None = None


@dataclass(frozen=True)
class SignInRefused:
    """Not signed in, and why."""

    message: Message


SignInAnswer = SignedIn | SignInRefused | PinLocked


class StationPeople:
    """The people of this station; safe to share by threads.

    ``place``: where the centre is, ``None``: this PC stands alone, and nothing here is used.
    ``password`` returns the one of the central database, ``seal`` the one that seals the copy (the
    same where it is left out); ``station_id`` who this installation is. ``mark`` keeps the newest
    edition of the copy apart from it.
    """

    def __init__(
        self,
        paths: Paths,
        place: CentralPlace | None,
        station_id: Callable[[], str],
        password: Callable[[], str],
        seal: Callable[[], str] | None = None,
        *,
        mark: Mark | None = None,
    ) -> None:
        self.station_id, self.password = station_id, password
        self.data, self._paths = paths.data, paths
        self._seal, self._mark = seal or password, mark or NoMark()
        self._tries = TryCounter(paths.people_tries_file)
        self._central_file = paths.central_file
        self._lock = threading.RLock()
        self._signed_in: SignedIn | None = None
        self._clock_told = False
        self.place: CentralPlace | None = None
        self.move(place)

    def move(self, place: CentralPlace | None) -> None:
        """Belong to another centre from now on, or to none; nobody is signed in afterwards.

        Where it is the same database only how it is reached changes.
        """
        where = central_settings.database_of(place)
        with self._lock:
            before, self.place = central_settings.database_of(self.place), place
            if where and where == before:
                return
            self.sign_out()
            self.audit = AuditQueue(self.data, wanted=place is not None)
            bound_to = f"{where} {self.station_id()}" if place is not None else ""
            self._copy = SealedCopy(self._paths.people_file, bound_to, self._seal, self._mark)
            self._heard_before = central_settings.people_known(self._central_file)
            if place is not None and not self.active:
                self._heard_before = self._copy.was_heard
            self._known: PeopleCopy | None = None

    @classmethod
    def open(
        cls,
        paths: Paths,
        password_of: Callable[[CentralPlace], str],
        seal_of: Callable[[CentralPlace], str] | None = None,
        mark: Mark | None = None,
    ) -> StationPeople:
        """Return the people of a data folder; ``password_of`` finds the central database's.

        ``seal_of`` finds the one that seals the copy, the same where it is left out; ``mark`` keeps
        which edition of it is the newest.
        """
        sealing = seal_of or password_of

        def now(find: Callable[[CentralPlace], str]) -> str:
            return "" if made.place is None else find(made.place)

        made = cls(
            paths,
            central_settings.load(paths.central_file),
            lambda: identity(paths.station_id_file, "").id,
            lambda: now(password_of),
            lambda: now(sealing),
            mark=mark,
        )
        return made

    @property
    def active(self) -> bool:
        """Whether people sign in by name here. A copy that vanished does not open the door."""
        known = self._copy.exists or self._tries.exists or self._heard_before
        return self.place is not None and known

    @property
    def signed_in(self) -> SignedIn | None:
        return self._signed_in

    @property
    def name(self) -> str:
        """Who is signed in, empty: nobody."""
        return "" if self._signed_in is None else self._signed_in.person.name

    @property
    def granted(self) -> bool:
        """Whether the one who is signed in may change products now."""
        return self._signed_in is not None and self._signed_in.role.changes_products

    # -- hearing from the centre -------------------------------------------------------------

    def hear(self, people: PeopleList, place: CentralPlace | None = None) -> None:
        """Keep what the centre says. Raises StorageError, and CentralError as from another centre.

        A centre without people changes nothing where none were known. ``place``: who says it, where
        this station may have moved since it was asked.
        """
        now = Moment.now()
        with self._lock:
            if place is not None:
                central_settings.check_still_set(place, self.place)
            if not people.people and not self.active:
                return
            self._tries.begin()
            central_settings.note_people(self._central_file)
            self._heard_before = True
            self._known = self._copy.hear(people, now)

    def copy(self) -> PeopleCopy | None:
        """Return the copy, read anew. Raises CopyError."""
        with self._lock:
            found, known = self._copy.read(), self._known
            if found is not None and known is not None and known.heard == found.heard:
                # Another program of this PC may have kept an older time than this one has seen.
                seen = max(found.seen, known.seen, key=lambda moment: moment.wall)
                found = replace(found, seen=seen)
            self._known = found
            return found

    def names(self) -> tuple[Person, ...]:
        """Return who may sign in, by name. Raises CopyError."""
        copy = self.copy()
        people = () if copy is None else copy.people.people
        return tuple(sorted((p for p in people if not p.retired), key=lambda p: p.name))

    # -- signing in and out ------------------------------------------------------------------

    def sign_in(
        self, name: str, secret: str, *, command: str = "", wanted: Role = Role.OPERATOR
    ) -> SignInAnswer:
        """Let a person in, or say why not. Never raises; takes some tenths of a second.

        ``wanted``: the role that is needed, an engineer's for all that is more. ``command``: what
        asks on the command line, for the audit trail.
        """
        try:
            with self._lock:
                return self._sign_in(name, secret, command, wanted)
        except (DeepRxError, ValueError) as error:
            _log.error("nobody can sign in: %s", error)
            message = error.message if isinstance(error, DeepRxError) else _no_such_person(name)
            return SignInRefused(message)

    def _sign_in(self, name: str, secret: str, command: str, wanted: Role) -> SignInAnswer:
        copy = self.copy()
        if copy is None:
            return SignInRefused(
                say(
                    "This station has not heard yet who may sign in. It is asked for as soon as the"
                    " central database answers. Inspecting goes on."
                )
            )
        copy = self._keep_seen(copy, at_once=True)
        person = copy.people.named(name)
        if person is None:
            return SignInRefused(_no_such_person(name))
        if person.retired:
            self._note(AuditEvent.REFUSED, person, command=command, why="retired")
            return SignInRefused(_retired(person))
        answer = self._compare(person, secret, command)
        if answer is not None:
            return answer
        admitted = self._admitted(person, copy, wanted)
        if wanted.changes_products and not admitted.role.changes_products:
            self._note(AuditEvent.REFUSED, person, command=command, why="role")
            return SignInRefused(admitted.note or _no_engineer(person))
        self.sign_out()
        self._signed_in = admitted
        self._note(AuditEvent.SIGNED_IN, person, admitted.role, command=command)
        return admitted

    def _compare(self, person: Person, secret: str, command: str) -> SignInAnswer | None:
        """Count a try, then compare; ``None``: it was the right one. Raises StorageError."""
        with self._tries.alone():
            before = self._tries.of(person.number)
            if before.seconds_locked > 0:
                return PinLocked(before.seconds_locked)
            counted = before.one_more()
            self._tries.put(person.number, counted)  # a plug pulled now costs the try
            if len(secret) <= 4 * LONGEST_SECRET and fits(as_typed(secret), person.secret):
                self._tries.put(person.number, replace(counted, failures=0))
                return None
        failures = str(counted.failures)
        self._note(AuditEvent.WRONG_SECRET, person, command=command, failures=failures)
        if counted.seconds_locked > 0:
            self._note(AuditEvent.LOCKED, person, command=command, failures=failures)
            return PinLocked(counted.seconds_locked)
        return SignInRefused(
            say_n(
                "Wrong PIN or password. One more try, then it is locked for a while.",
                "Wrong PIN or password. {n} more tries, then it is locked for a while.",
                n=FREE_TRIES - counted.failures,
            )
        )

    def sign_out(self, why: str = "") -> None:
        """Let nobody be signed in."""
        with self._lock:
            before, self._signed_in = self._signed_in, None
            if before is not None:
                self._note(AuditEvent.SIGNED_OUT, before.person, before.role, why=why)

    def resume(self, before: SignedIn | None) -> None:
        """Sign out who was asked for one thing only; who was signed in before is so again."""
        with self._lock:
            self.sign_out()
            self._signed_in = before

    def look(self, idle_seconds: float) -> Message | None:
        """Look whether who is signed in may stay so; say what changed. Never raises.

        ``idle_seconds``: so long nothing was touched. Call it now and then.
        """
        if not self._lock.acquire(blocking=False):
            return None  # somebody signs in at this moment: next time
        try:
            return self._look(idle_seconds)
        finally:
            self._lock.release()

    def _look(self, idle_seconds: float) -> Message | None:
        now, copy = Moment.now(), self._known
        if copy is not None:
            try:
                copy = self._keep_seen(copy, at_once=False)
            except StorageError as error:
                _log.warning("the latest time could not be kept: %s", error)
        signed_in = self._signed_in
        if signed_in is None or copy is None:
            return None
        person = next((p for p in copy.people.people if p.number == signed_in.person.number), None)
        if person is None or person.retired:
            self.sign_out("retired")
            return _retired(signed_in.person)
        if signed_in.role.changes_products:
            if idle_seconds >= 60 * copy.people.rules.idle_minutes:
                self.sign_out("idle")
                return say(
                    "{name} was signed out: nothing was touched for {minutes} minutes.",
                    name=person.name,
                    minutes=copy.people.rules.idle_minutes,
                )
        elif now.steady - signed_in.since >= SHIFT_SECONDS:
            self.sign_out("shift")
            return say("{name} was signed out at the end of a shift.", name=person.name)
        admitted = self._admitted(person, copy, signed_in.wanted)
        admitted = replace(admitted, since=signed_in.since)
        self._signed_in = admitted
        if signed_in.role.changes_products and not admitted.role.changes_products:
            self._note(AuditEvent.REFUSED, person, why="rights ended")
            return admitted.note or _no_engineer(person)
        return None

    def note_product(
        self, event: str, product: str, revision: int, who: str, overruled: str = ""
    ) -> None:
        """Write a change to a product into the audit trail, and a gate that was overruled."""
        self.note(f"product {event}", who, product, revision)
        if overruled:
            self.note(AuditEvent.GATE_OVERRULED, who, product, revision, why=overruled)

    def note(
        self, what: str, who: str, product: str = "", revision: int | None = None, **more: str
    ) -> None:
        """Write what somebody did into the audit trail, with the role in force. Never raises."""
        here = self._signed_in
        role = "" if here is None or here.person.name != who else here.role.value
        self.audit.note(AuditEntry(what, who, role, product, revision, more))

    # -- inside ------------------------------------------------------------------------------

    def _admitted(self, person: Person, copy: PeopleCopy, wanted: Role) -> SignedIn:
        now = Moment.now()
        if not (wanted.changes_products and person.role.changes_products):
            return SignedIn(person, Role.OPERATOR, wanted, now.steady)
        if copy.is_too_old(now):
            return SignedIn(person, Role.OPERATOR, wanted, now.steady, _too_old(copy, now))
        return SignedIn(person, person.role, wanted, now.steady)

    def _keep_seen(self, copy: PeopleCopy, *, at_once: bool) -> PeopleCopy:
        """Remember the latest time, so that a clock set back gains nothing. Raises StorageError."""
        now = Moment.now()
        latest = copy.latest(now)
        if latest - now.wall > _SET_BACK_SECONDS and not self._clock_told:
            self._clock_told = True
            seconds = f"{latest - now.wall:.0f}"
            _log.warning("the clock of this PC was set back by %s s", seconds)
            self.audit.note(AuditEntry(AuditEvent.CLOCK_SET_BACK, "", more={"seconds": seconds}))
        due = latest - copy.seen.wall >= _KEEP_SEEN_SECONDS or now.steady < copy.seen.steady
        copy = replace(copy, seen=Moment(latest, now.steady))
        if at_once or due:
            self._copy.write(copy)
            self._known = copy
        return copy

    def _note(
        self, what: AuditEvent, person: Person, role: Role | None = None, **more: str
    ) -> None:
        kept = {key: value for key, value in more.items() if value}
        self.audit.note(AuditEntry(what, person.name, (role or person.role).value, more=kept))


def _no_such_person(name: str) -> Message:
    return say(
        "Nobody here is called “{name}”. Choose a name from the list, or ask an administrator.",
        name=name[:80],
    )


def _retired(person: Person) -> Message:
    return say(
        "{name} is retired and cannot sign in. Ask an administrator if that is wrong.",
        name=person.name,
    )


def _no_engineer(person: Person) -> Message:
    return say(
        "{name} is signed in as an operator; this needs an engineer. Ask an administrator for"
        " another role.",
        name=person.name,
    )


def _too_old(copy: PeopleCopy, now: Moment) -> Message:
    return say(
        "This station has not heard from the central database for {days} days, longer than the"
        " {most} that are allowed: engineers have an operator's rights until it answers. Inspecting"
        " goes on. Check the network and the PC's clock, or ask the IT department.",
        days=int(copy.days(now)),
        most=f"{copy.people.rules.offline_days:g}",
    )
