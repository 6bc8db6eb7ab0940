"""Where this PC's central database is: one small file, absent on a PC that stands alone."""

from __future__ import annotations

import logging
from pathlib import Path

from deeprx_gui.domain.central import CentralPlace, PictureRule, Tls, Trouble
from deeprx_gui.domain.errors import CentralError, RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.preferences import JsonStore

VERSION = 1
STORE = JsonStore("central database", VERSION)
_LONGEST = 255
_PEOPLE = "people_known"
_log = logging.getLogger(__name__)


def load(file: Path) -> CentralPlace | None:
    """Return the place, ``None`` where none is set or the file makes no sense. Never raises."""
    raw = STORE.load(file)
    if not raw or not raw.get("host"):
        return None
    try:
        place = CentralPlace(
            host=_text(raw["host"]),
            user=_text(raw["user"]),
            database=_text(raw.get("database", "deeprx")),
            port=_port(raw.get("port", 5432)),
            tls=Tls(_text(raw.get("tls", Tls.VERIFY.value))),
            authority=_text(raw.get("authority", "")),
            line=_text(raw.get("line", "")),
            pictures=PictureRule(_text(raw.get("pictures", PictureRule.NONE.value))),
            picture_folder=_text(raw.get("picture_folder", "")),
        )
        check(place)
    except (ValueError, TypeError, KeyError, RequestError) as error:
        _log.warning("the central database %s makes no sense and is not used: %s", file, error)
        return None
    return place


def save(place: CentralPlace | None, file: Path) -> None:
    """Write the place whole or not at all; ``None``: this PC stands alone again.

    Raises RequestError for a place that makes no sense, StorageError when it cannot be written.
    """
    if place is None:
        STORE.save(file, {"host": ""})
        return
    check(place)
    STORE.save(
        file,
        {
            "host": place.host,
            "user": place.user,
            "database": place.database,
            "port": place.port,
            "tls": place.tls.value,
            "authority": place.authority,
            "line": place.line,
            "pictures": place.pictures.value,
            "picture_folder": place.picture_folder,
        },
    )


def database_of(place: CentralPlace | None) -> str:
    """Return which database a place means, whoever connects to it how; empty for none."""
    return "" if place is None else f"{place.host}:{place.port}/{place.database}"


def check_still_set(place: CentralPlace, now: CentralPlace | None) -> None:
    """Raise CentralError where ``now``, what is set up now, is another database than ``place``."""
    if database_of(place) != database_of(now):
        raise CentralError(
            say(
                "This PC does not belong to the central database on {host} any more. What it said"
                " is not used.",
                host=place.host,
            ),
            Trouble.REFUSED,
        )


def people_known(file: Path) -> bool:
    """Whether people were heard of here once, so that they sign in by name ever after."""
    return STORE.load(file).get(_PEOPLE) is True


def note_people(file: Path) -> None:
    """Remember that people were heard of; a later ``save`` keeps it. Raises StorageError."""
    if load(file) is not None and not people_known(file):
        STORE.save(file, {_PEOPLE: True})


def check(place: CentralPlace) -> None:
    """Raise RequestError for a place that makes no sense or would not be safe."""
    if not place.host or not place.user or not place.database:
        raise RequestError(
            say("The central database needs a server, a database and a user name. Enter them.")
        )
    if not 1 <= place.port <= 65535:
        raise RequestError(say("The port of the central database must be from 1 to 65535."))
    if place.tls is Tls.OFF and not place.on_this_pc:
        raise RequestError(
            say(
                "Without TLS everybody on the network could read and change what is sent to"
                " {host}. Set up a certificate on the server and choose TLS. Without it only a"
                " database on this PC can be used.",
                host=place.host,
            )
        )


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value or len(value) > _LONGEST:
        raise ValueError(f"{value!r} is no text")
    return value


def _port(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{value!r} is no port")  # noqa: TRY004 - as for any other nonsense
    return value
