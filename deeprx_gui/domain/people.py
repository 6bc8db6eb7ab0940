"""People who sign in: names, roles, and what a PIN or password has to be."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say

LONGEST_NAME: Final = 60
LONGEST_SECRET: Final = 64
SHORTEST_PIN: Final = 4
SHORTEST_SECRET: Final = 6
"""Characters of an engineer's or administrator's PIN or password."""
MOST_PEOPLE: Final = 2000
"""Rows that a station keeps; a centre with more is no plant's."""


class Role(StrEnum):
    """What a person may do; each role may do what those before it may."""

    OPERATOR = "operator"
    ENGINEER = "engineer"
    ADMINISTRATOR = "administrator"

    @property
    def changes_products(self) -> bool:
        """Whether it opens what the engineer's PIN opens on a PC that stands alone."""
        return self is not Role.OPERATOR


ROLE_TITLES: Final[Mapping[Role, Message]] = {
    Role.OPERATOR: say("Operator"),
    Role.ENGINEER: say("Engineer"),
    Role.ADMINISTRATOR: say("Administrator"),
}


@dataclass(frozen=True)
class Person:
    """One person in the centre. ``secret``: what scrypt made of the PIN or password, as text.

    ``secret`` is empty where only the name was asked for.
    """

    number: int
    name: str
    role: Role
    secret: str = field(default="", repr=False)
    retired: bool = False


@dataclass(frozen=True)
class PeopleRules:
    """What an administrator sets for all stations.

    ``offline_days``: so long the engineer's rights last without hearing from the centre.
    ``idle_minutes``: an engineer who touches nothing for so long is signed out.
    """

    offline_days: float = 14.0
    idle_minutes: int = 15


@dataclass(frozen=True)
class PeopleList:
    """Everybody in the centre, also who is retired, and the rules."""

    people: tuple[Person, ...] = ()
    rules: PeopleRules = PeopleRules()

    def named(self, name: str) -> Person | None:
        """Return the person whose name this is, however it was typed."""
        key = name_key(name)
        return next((person for person in self.people if name_key(person.name) == key), None)


def name_key(name: str) -> str:
    """Return what two spellings of one name have in common: width, case, blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def checked_name(name: str) -> str:
    """Return a name without blanks around it. Raises RequestError for one that cannot be used."""
    tidy = " ".join(word for word in name.replace("\u3000", " ").split(" ") if word)
    if not tidy or not tidy.isprintable():
        raise RequestError(
            say("A person's name has letters and blanks and nothing else. Type it again.")
        )
    if len(tidy) > LONGEST_NAME:
        raise RequestError(
            say("A person's name has at most {most} characters. Shorten it.", most=LONGEST_NAME)
        )
    return tidy


def as_typed(secret: str) -> str:
    """Return a PIN or password as it is hashed: full-width letters and digits are the same."""
    return unicodedata.normalize("NFKC", secret)


def checked_secret(secret: str, role: Role) -> str:
    """Return a PIN or password in the form that is hashed. Raises RequestError for a weak one."""
    text = as_typed(secret)
    shortest = SHORTEST_SECRET if role.changes_products else SHORTEST_PIN
    if not shortest <= len(text) <= LONGEST_SECRET or not text.isprintable():
        raise RequestError(
            say(
                "A PIN or password of this role has {shortest} to {longest} characters. Choose"
                " another one.",
                shortest=shortest,
                longest=LONGEST_SECRET,
            )
        )
    if len(set(text)) == 1:
        raise RequestError(
            say("A PIN or password of one repeated character is no secret. Choose another one.")
        )
    return text
