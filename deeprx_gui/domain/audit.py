"""Audit trail: who did what at which station."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from deeprx_gui.domain.message import Message, say


class AuditEvent(StrEnum):
    """What is written down; changes to products are ``product`` and the event of the store."""

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    WRONG_SECRET = "wrong pin"  # noqa: S105 - the name of an event
    LOCKED = "locked"
    REFUSED = "refused"
    CLOCK_SET_BACK = "clock set back"
    DECIDED = "decided"
    CORRECTED = "corrected"
    GATE_OVERRULED = "gate overruled"
    SETTINGS = "settings changed"
    STATION = "station changed"
    SAMPLES = "limit samples"
    PUT_ASIDE = "entries put aside"
    PERSON_ADDED = "person added"
    PERSON_RETIRED = "person retired"
    ROLE_CHANGED = "role changed"
    SECRET_CHANGED = "secret changed"  # noqa: S105 - the name of an event
    RULES_CHANGED = "people rules changed"


AUDIT_TITLES: Final[Mapping[str, Message]] = {
    AuditEvent.SIGNED_IN: say("signed in"),
    AuditEvent.SIGNED_OUT: say("signed out"),
    AuditEvent.WRONG_SECRET: say("wrong PIN or password"),
    AuditEvent.LOCKED: say("locked after wrong tries"),
    AuditEvent.REFUSED: say("refused"),
    AuditEvent.CLOCK_SET_BACK: say("the PC's clock was set back"),
    AuditEvent.DECIDED: say("decided about a part"),
    AuditEvent.CORRECTED: say("corrected a verdict"),
    AuditEvent.GATE_OVERRULED: say("put in use against the gate"),
    AuditEvent.SETTINGS: say("changed settings"),
    AuditEvent.STATION: say("changed the inspection settings"),
    AuditEvent.SAMPLES: say("checked limit samples"),
    AuditEvent.PUT_ASIDE: say("entries that could not be sent were put aside"),
    AuditEvent.PERSON_ADDED: say("added a person"),
    AuditEvent.PERSON_RETIRED: say("retired a person"),
    AuditEvent.ROLE_CHANGED: say("changed a role"),
    AuditEvent.SECRET_CHANGED: say("gave a new PIN or password"),
    AuditEvent.RULES_CHANGED: say("changed the rules of signing in"),
    "product created": say("saved a new product"),
    "product saved": say("saved a revision"),
    "product renamed": say("renamed a product"),
    "product duplicated": say("copied a product"),
    "product imported": say("imported a product"),
    "product imported-revision": say("imported a revision"),
    "product rolled-back": say("put another revision in use"),
    "product deleted": say("deleted a product"),
    "product restored": say("restored a product"),
    "product destroyed": say("deleted a product for good"),
}


@dataclass(frozen=True)
class AuditEntry:
    """One line. ``role`` is empty where nobody was signed in; ``more``: what else is worth keeping.

    ``uid`` makes it one entry however often it is sent.
    """

    what: str
    who: str
    role: str = ""
    product: str = ""
    revision: int | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    uid: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class AuditBatch:
    """Entries that were not sent yet; ``end``: where they end in the station's file, in bytes."""

    entries: tuple[AuditEntry, ...]
    end: int


@dataclass(frozen=True)
class AuditRow:
    """An entry as the centre tells it; ``station`` and ``line`` are empty for the centre itself."""

    entry: AuditEntry
    station: str
    line: str
    login: str
    received: datetime


@dataclass(frozen=True)
class AuditQuery:
    """Which entries are asked for; ``station``, ``who`` and ``product`` are whole names.

    ``what`` is the beginning of an event, such as ``product``. Times are inclusive.
    """

    since: datetime | None = None
    until: datetime | None = None
    station: str = ""
    who: str = ""
    what: str = ""
    product: str = ""
    limit: int = 200


def changed_fields(
    before: object, after: object, *, but: frozenset[str] = frozenset()
) -> dict[str, str]:
    """Return what differs between two settings: numbers, words and switches with their value.

    Of anything else only that it changed: an address may hold a password.
    """
    earlier, found = vars(before), {}
    for name, value in vars(after).items():
        if name not in but and value != earlier[name]:
            plain = isinstance(value, bool | int | float | str)
            found[name] = str(value) if plain else "changed"
    return found
