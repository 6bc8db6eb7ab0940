"""People in the central database: read by stations, changed by administrators of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from deeprx_gui.central.connect import CentralConnection, Rows
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.people import (
    MOST_PEOPLE,
    PeopleList,
    PeopleRules,
    Person,
    Role,
    name_key,
)

_LOCK: Final = 0x44525850
_READ: Final = """
SELECT number, name, role, retired IS NOT NULL, secret FROM people ORDER BY name LIMIT :most
"""
_LIST: Final = "SELECT number, name, role, retired IS NOT NULL FROM people ORDER BY name"
_ADD: Final = """
INSERT INTO people (name, name_key, role, secret) VALUES (:name, :key, :role, :secret)
"""
_SET_ROLE: Final = "UPDATE people SET role = :value WHERE number = :n"
_SET_SECRET: Final = "UPDATE people SET secret = :value WHERE number = :n"  # noqa: S105 - SQL
_RETIRE: Final = "UPDATE people SET retired = CASE WHEN :value THEN now() END WHERE number = :n"


def read(connection: CentralConnection) -> PeopleList:
    """Return everybody with what their PIN or password was made into, for a station's copy.

    Raises CentralError.
    """
    rows = connection.run(_READ, most=MOST_PEOPLE)
    return PeopleList(_people(rows), _rules(connection))


def listed(connection: CentralConnection) -> PeopleList:
    """Return everybody without secrets. Raises CentralError."""
    rows = connection.run(_LIST)
    return PeopleList(_people(rows), _rules(connection))


def add(connection: CentralConnection, person: Person, *, who: str) -> None:
    """Add a person; the number is given by the server. ``who`` does it, for the audit trail.

    Raises RequestError when the name is taken, also by somebody retired, and CentralError.
    """
    with _changing(connection, who) as people:
        taken = people.named(person.name)
        if taken is not None:
            raise RequestError(_taken(taken))
        if not people.people and person.role is not Role.ADMINISTRATOR:
            raise RequestError(
                say("The first person is an administrator: give the role administrator.")
            )
        connection.run(
            _ADD,
            name=person.name, key=name_key(person.name), role=person.role.value,
            secret=person.secret,
        )  # fmt: skip


def set_role(connection: CentralConnection, name: str, role: Role, *, who: str) -> Person:
    """Give a person another role. Raises RequestError and CentralError."""
    return _change(connection, name, who, _SET_ROLE, role.value, keeps=role)


def set_secret(connection: CentralConnection, name: str, secret: str, *, who: str) -> Person:
    """Give a person another PIN or password: ``secret`` is its hash.

    Raises RequestError and CentralError.
    """
    return _change(connection, name, who, _SET_SECRET, secret, keeps=None)


def retire(connection: CentralConnection, name: str, *, who: str) -> Person:
    """Let a person sign in no more. Raises RequestError and CentralError."""
    return _change(connection, name, who, _RETIRE, value=True, keeps=Role.OPERATOR)


def set_rules(connection: CentralConnection, rules: PeopleRules, *, who: str) -> None:
    """Set how long stations may go without the centre, and idle engineers. Raises CentralError."""
    with _changing(connection, who):
        connection.run(
            "UPDATE people_rules SET offline_days = :days, idle_minutes = :minutes",
            days=rules.offline_days, minutes=rules.idle_minutes,
        )  # fmt: skip


def _change(
    connection: CentralConnection, name: str, who: str, change: str, value: object,
    *, keeps: Role | None,
) -> Person:  # fmt: skip
    """Change one person; with ``keeps`` its role is that afterwards, and an administrator stays."""
    with _changing(connection, who) as people:
        person = people.named(name)
        if person is None:
            raise RequestError(
                say(
                    "Nobody in the central database is called “{name}”. “deeprx central people"
                    " list” shows all.",
                    name=name[:80],
                )
            )
        if person.retired:
            raise RequestError(
                say(
                    "{name} is retired and stays as is, for the audit trail. Add a person with"
                    " another name.",
                    name=person.name,
                )
            )
        if keeps not in {None, Role.ADMINISTRATOR} and _is_last(person, people):
            raise RequestError(
                say(
                    "{name} is the only administrator. Make another person administrator first.",
                    name=person.name,
                )
            )
        connection.run(change, value=value, n=person.number)
        return replace(person, role=keeps or person.role)


def _is_last(person: Person, people: PeopleList) -> bool:
    able = [p for p in people.people if p.role is Role.ADMINISTRATOR and not p.retired]
    return able == [person]


@contextmanager
def _changing(connection: CentralConnection, who: str) -> Iterator[PeopleList]:
    """All or nothing, one administrator at a time; give who there is."""
    with connection.transaction():
        connection.run("SELECT pg_advisory_xact_lock(:key)", key=_LOCK)
        connection.run("SELECT set_config('deeprx.who', :who, true)", who=who)
        yield listed(connection)


def _rules(connection: CentralConnection) -> PeopleRules:
    days, minutes = connection.run("SELECT offline_days, idle_minutes FROM people_rules")[0]
    return PeopleRules(float(days), int(minutes))


def _people(rows: Rows) -> tuple[Person, ...]:
    return tuple(_person(*row) for row in rows)


def _person(number: Any, name: Any, role: Any, retired: Any, secret: str = "") -> Person:  # noqa: ANN401
    return Person(int(number), str(name), Role(role), secret, bool(retired))


def _taken(person: Person) -> Message:
    if person.retired:
        return say(
            "“{name}” is the name of somebody who is retired. Choose a name that tells the two"
            " apart, so that the audit trail stays clear.",
            name=person.name,
        )
    return say(
        "There is a person called “{name}” already. Choose a name that tells the two apart.",
        name=person.name,
    )
