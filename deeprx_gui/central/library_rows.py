"""Rows of the library into the words of the domain; a row that makes no sense is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from deeprx_gui.central.connect import Rows
from deeprx_gui.domain.central import Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.library import LibraryContent, LibraryRevision, Rollout, Scope, StateChange
from deeprx_gui.domain.message import say

CONTENT: Final[Mapping[str, str]] = {
    "now": "SELECT now()",
    "revisions": (
        "SELECT r.number, r.product, p.lineage, r.revision, r.mark, r.parent, r.name,"
        " encode(r.sha256, 'hex'), r.size, r.who, r.login::text, r.at, r.why"
        " FROM library_revisions r JOIN library_products p ON p.number = r.product"
        " ORDER BY r.number"
    ),
    "states": (
        "SELECT revision, state, who, at, why, login::text, key, signature"
        " FROM library_states ORDER BY number"
    ),
    "rollouts": (
        "SELECT number, product, revision, station, line, starts, at, who, why, back"
        " FROM library_rollouts ORDER BY number"
    ),
    "rules": "SELECT four_eyes FROM library_rules",
}

_HEX: Final = re.compile(r"[0-9a-f]{32}([0-9a-f]{32})?", re.ASCII)


def read_content(now: datetime, rows: Mapping[str, Rows]) -> LibraryContent:
    """Return what the rows say. Raises CentralError for rows that no program of ours wrote."""
    changes: dict[int, dict[str, StateChange]] = {}
    try:
        for revision, state, who, at, why, login, key, signature in rows["states"]:
            change = StateChange(who, at, why, login, key, bytes(signature))
            changes.setdefault(revision, {})[state] = change
        return LibraryContent(
            now,
            tuple(_revision(row, changes.get(row[0], {})) for row in rows["revisions"]),
            tuple(_rollout(row) for row in rows["rollouts"]),
            bool(rows["rules"] and rows["rules"][0][0]),
        )
    except (ValueError, TypeError, IndexError) as error:
        raise CentralError(
            say(
                "The library of products holds something this program cannot read. Install the"
                " newest version, or ask the IT department whether somebody changed it by hand."
            ),
            Trouble.REFUSED,
        ) from error


def _revision(row: Sequence[Any], changes: Mapping[str, StateChange]) -> LibraryRevision:
    number, product, lineage, revision, mark, parent, name, sha256, size, who, login, at, why = row
    if not all(_HEX.fullmatch(text) for text in (lineage, mark, sha256)):
        raise ValueError(f"{row!r} is no revision")
    return LibraryRevision(
        number, product, lineage, revision, mark, parent, name, sha256, size, who, login, at, why,
        changes.get("released"), changes.get("withdrawn"),
    )  # fmt: skip


def _rollout(row: Sequence[Any]) -> Rollout:
    number, product, revision, station, line, starts, made, who, why, back = row
    return Rollout(
        number, product, revision, Scope(station, line), starts, made, who, why, back
    )  # fmt: skip
