"""Which verdicts a command is about: the options, and the query they make."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from deeprx_gui.cli import argument_types
from deeprx_gui.cli.parser import Parser, closest
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.history import RecordedProfile, RecordQuery
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import say
from deeprx_gui.domain.record_source import RecordSource
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.i18n import tr

_DECIDED: Final[Mapping[str, tuple[bool | None, Decision | None]]] = {
    "yes": (True, None),
    "no": (False, None),
    "ok": (None, Decision.OK),
    "ng": (None, Decision.NG),
}
_TODAY, _YESTERDAY = "today", "yesterday"


def add_query_options(parser: Parser) -> None:
    """Add everything a verdict can be searched by."""
    add = parser.add_argument
    example = tr("2026-11-23, 2026-11-23T14:30, today or yesterday, on this PC's clock")
    add("--since", type=moment, metavar="TIME", help=tr("from this time on: {how}", how=example))
    add("--until", type=moment, metavar="TIME", help=tr("before this time, written likewise"))
    add("--profile", metavar="NAME", help=tr("name of the product profile"))
    add("--station", metavar="NAME", help=tr("name or id of the station; slow among millions"))
    add(
        "--verdict",
        type=verdicts,
        metavar="NG,REVIEW",
        default=(),
        help=tr("only these verdicts, with commas: OK, REVIEW, NG, ERROR"),
    )
    add("--serial", default="", metavar="S", help=tr("the serial number begins with this"))
    add(
        "--text",
        default="",
        metavar="T",
        help=tr("stands in serial number, file, source or note; slow among millions"),
    )
    add(
        "--decided",
        choices=tuple(_DECIDED),
        help=tr("yes: a person decided, no: nobody did, ok or ng: decided so"),
    )


def add_stations_options(parser: Parser) -> None:
    """Add the switch to all stations, and what only they have."""
    parser.add_argument(
        "--all-stations",
        action="store_true",
        help=tr("of all stations, from the central database, not of this PC alone"),
    )
    parser.add_argument(
        "--line", metavar="NAME", help=tr("with --all-stations: only the stations of this line")
    )


def query_of(args: argparse.Namespace, store: RecordSource) -> tuple[RecordQuery, str]:
    """Return the query and the name of the profile it is about, empty for all.

    Raises RequestError for a profile no verdict was ever given with.
    """
    seen = None if args.profile is None else recorded_profile(args.profile, store)
    station_id = "" if args.station is None else _station(args.station, store)
    decided, decision = _DECIDED.get(args.decided, (None, None))
    query = RecordQuery(
        since=args.since,
        until=args.until,
        profile_id="" if seen is None else seen.profile_id,
        verdicts=frozenset(Verdict(word) for word in args.verdict),
        serial=args.serial.strip(),
        text=args.text.strip(),
        decided=decided,
        decision=decision,
        station_id=station_id,
        line=_line(args, store),
    )
    return query, "" if seen is None else seen.profile


def moment(text: str) -> datetime:
    """Return a time of this PC's clock with its zone."""
    midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    if text == _TODAY:
        return midnight
    if text == _YESTERDAY:
        return midnight - timedelta(days=1)
    try:
        when = datetime.fromisoformat(text)
        return when if when.tzinfo else when.astimezone()
    except (ValueError, OverflowError, OSError):
        raise RequestError(
            say(
                "“{text}” is not possible here. Write a day or a time, for example 2026-11-23 or"
                " 2026-11-23T14:30, or today or yesterday.",
                text=text,
            )
        ) from None


def verdicts(text: str) -> tuple[str, ...]:
    """Return the verdicts of ``ng,review``, whatever their capitals."""
    return argument_types.some_of(verdict.value for verdict in Verdict)(text.upper())


def recorded_profile(name: str, store: RecordSource) -> RecordedProfile:
    """Return the product of a name or id; raises RequestError when no verdict was given with it."""
    seen = store.profiles()
    for profile in seen:
        if profile.profile_id == name:
            return profile
    for profile in seen:
        if profile.profile.casefold() == name.casefold():
            return profile
    names = sorted({profile.profile for profile in seen})
    near = closest(name, names)
    if near is not None:
        raise RequestError(
            say(
                "No verdict was given with a profile “{name}”. Did you mean “{near}”?",
                name=name,
                near=near,
            )
        )
    raise RequestError(
        say(
            "No verdict was given with a profile “{name}”. There are verdicts of: {known}.",
            name=name,
            known=", ".join(names) or "–",
        )
    )


def _line(args: argparse.Namespace, store: RecordSource) -> str:
    """Return the line that was asked for. Raises RequestError where no station belongs to it."""
    name: str | None = getattr(args, "line", None)
    if name is None:
        return ""
    if not args.all_stations:
        raise RequestError(
            say("Only the central database knows lines. Add {option}.", option="--all-stations")
        )
    return line_of(name, store)


def line_of(name: str, store: RecordSource) -> str:
    """Return a line as it is written. Raises RequestError where no station belongs to it."""
    lines = sorted({station.line for station in store.stations()} - {""})
    for line in lines:
        if line.casefold() == name.casefold():
            return line
    raise RequestError(
        say(
            "No station belongs to a line “{name}”. There are: {known}.",
            name=name,
            known=", ".join(lines) or "–",
        )
    )


def _station(name: str, store: RecordSource) -> str:
    """Return the id of a station. Raises RequestError where none of that name gave a verdict."""
    seen = store.stations()
    for station in seen:
        if name == station.station_id or name.casefold() == station.station.casefold():
            return station.station_id
    raise RequestError(
        say(
            "No verdict comes from a station “{name}”. There are verdicts of: {known}.",
            name=name,
            known=", ".join(station.station for station in seen) or "–",
        )
    )
