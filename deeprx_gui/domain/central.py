"""Central database: where it is, and what can be the matter with it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tls(StrEnum):
    """How the connection to the central database is protected.

    ``VERIFY``: encrypted, and the server must show a certificate for its name that the authority
    signed. ``OFF``: in the clear; allowed only to this PC itself (loopback).
    """

    VERIFY = "verify"
    OFF = "off"


class Trouble(StrEnum):
    """What is the matter with the central database; ``UNREACHABLE`` to ``BUSY`` pass by waiting."""

    UNREACHABLE = "unreachable"
    SHUTTING_DOWN = "shutting-down"
    FULL = "full"
    READ_ONLY = "read-only"
    BUSY = "busy"
    CERTIFICATE = "certificate"
    PASSWORD = "password"  # noqa: S105 - a kind of trouble
    RIGHTS = "rights"
    NO_DATABASE = "no-database"
    NOT_SET_UP = "not-set-up"
    OLDER = "older"
    NEWER = "newer"
    CLONED = "cloned"
    REFUSED = "refused"
    """The server did not take what was sent: a fault of the rows, not of the connection."""


PASSING = frozenset(
    {
        Trouble.UNREACHABLE,
        Trouble.SHUTTING_DOWN,
        Trouble.FULL,
        Trouble.READ_ONLY,
        Trouble.BUSY,
    }
)
"""Trouble that goes by itself: the same is tried again."""


class PictureRule(StrEnum):
    """Which kept pictures go to the central database as well."""

    NONE = "none"
    BAD = "bad"
    ALL = "all"


@dataclass(frozen=True)
class CentralPlace:
    """Where the central database is and who this station is there; a password is never part of it.

    ``authority``: a file with the certificate authority that signed the server's certificate,
    empty: the ones this PC trusts. ``line``: the production line this station belongs to.
    ``pictures``: which kept pictures are sent, as files into the folder ``picture_folder``, or
    where that is empty into the database.
    """

    host: str
    user: str
    database: str = "deeprx"
    port: int = 5432
    tls: Tls = Tls.VERIFY
    authority: str = ""
    line: str = ""
    pictures: PictureRule = PictureRule.NONE
    picture_folder: str = ""

    @property
    def on_this_pc(self) -> bool:
        """Whether the host is this PC itself."""
        return self.host in {"localhost", "127.0.0.1", "::1"} or self.host.startswith("/")
