"""What the server or the network says, as a sentence that says what to do."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from pg8000.exceptions import DatabaseError, InterfaceError

from deeprx_gui.domain.central import CentralPlace, Trouble
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.message import Message, say

_log = logging.getLogger(__name__)

_BY_CODE: Final[Mapping[str, Trouble]] = {
    "08": Trouble.UNREACHABLE,
    "25006": Trouble.READ_ONLY,
    "28": Trouble.PASSWORD,
    "3D000": Trouble.NO_DATABASE,
    "3F000": Trouble.NOT_SET_UP,
    "40": Trouble.BUSY,
    "42501": Trouble.RIGHTS,
    "42P01": Trouble.NOT_SET_UP,
    "53100": Trouble.FULL,
    "53": Trouble.BUSY,
    "55": Trouble.BUSY,
    "57014": Trouble.BUSY,
    "57": Trouble.SHUTTING_DOWN,
    "58030": Trouble.FULL,
    "XX": Trouble.SHUTTING_DOWN,
}
"""SQLSTATE, or its class, to trouble; the longer key wins (PostgreSQL manual, appendix A)."""

_SENTENCES: Final[Mapping[Trouble, Callable[[CentralPlace, str], Message]]] = {
    Trouble.UNREACHABLE: lambda place, why: say(
        "The central database on {host} cannot be reached ({why}). Inspecting goes on, and what"
        " was recorded is sent as soon as it answers again. If it stays away, ask the IT"
        " department.",
        host=place.host,
        why=why,
    ),
    Trouble.SHUTTING_DOWN: lambda place, why: say(
        "The central database on {host} is starting, stopping or in trouble ({why}). Inspecting"
        " goes on, and what was recorded is sent later.",
        host=place.host,
        why=why,
    ),
    Trouble.FULL: lambda place, why: say(
        "The central database on {host} has no room left ({why}). Inspecting goes on, and what"
        " was recorded is sent later. Ask the IT department to make room.",
        host=place.host,
        why=why,
    ),
    Trouble.READ_ONLY: lambda place, why: say(
        "The central database on {host} takes no entries at the moment ({why}). Inspecting goes"
        " on, and what was recorded is sent later. Ask the IT department.",
        host=place.host,
        why=why,
    ),
    Trouble.BUSY: lambda place, why: say(
        "The central database on {host} has too much to do ({why}). Inspecting goes on, and it is"
        " tried again.",
        host=place.host,
        why=why,
    ),
    Trouble.CERTIFICATE: lambda place, why: say(
        "The server {host} cannot prove who it is ({why}). Nothing was sent. Ask the IT"
        " department for the certificate authority's file, and check the server's name and the"
        " date of its certificate.",
        host=place.host,
        why=why,
    ),
    Trouble.PASSWORD: lambda place, why: say(
        "The central database on {host} does not accept the user name or the password ({why})."
        " Enter the password again.",
        host=place.host,
        why=why,
    ),
    Trouble.RIGHTS: lambda place, why: say(
        "The central database on {host} does not allow this to the user {user} ({why}). Ask the"
        " IT department for the right.",
        host=place.host,
        user=place.user,
        why=why,
    ),
    Trouble.NO_DATABASE: lambda place, _why: say(
        "There is no database “{database}” on {host}. Check its name, or let the IT department set"
        " it up.",
        database=place.database,
        host=place.host,
    ),
    Trouble.NOT_SET_UP: lambda place, _why: say(
        "The database “{database}” on {host} holds no tables of Deep RX Inspector. Set it up with"
        " “deeprx central init”.",
        database=place.database,
        host=place.host,
    ),
    Trouble.REFUSED: lambda place, why: say(
        "The central database on {host} did not take what was sent ({why}).",
        host=place.host,
        why=why,
    ),
}


@contextmanager
def as_central_error(place: CentralPlace) -> Iterator[None]:
    """Let what goes wrong inside end as CentralError."""
    try:
        yield
    except CentralError:
        raise
    except DatabaseError as error:
        raise of_server(error, place) from error
    except InterfaceError as error:
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        raise _of_network(cause, place) from error
    except (OSError, EOFError) as error:
        raise _of_network(error, place) from error


def code_of(error: DatabaseError) -> str:
    """Return the SQLSTATE the server gave, empty where it gave none."""
    said = error.args[0] if error.args else None
    return str(said.get("C", "")) if isinstance(said, dict) else ""


def of_server(error: DatabaseError, place: CentralPlace) -> CentralError:
    """Return the error for what the server answered."""
    said = error.args[0] if error.args else {}
    code = code_of(error)
    why = str(said.get("M", said)) if isinstance(said, dict) else str(said)
    trouble = _BY_CODE.get(code) or _BY_CODE.get(code[:2]) or Trouble.REFUSED
    _log.info("the central database answers %s: %s", code, why)
    return make(trouble, place, why)


def make(trouble: Trouble, place: CentralPlace, why: str = "") -> CentralError:
    """Return the error of a kind of trouble."""
    return CentralError(_SENTENCES[trouble](place, why), trouble)


def _of_network(error: BaseException, place: CentralPlace) -> CentralError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return make(Trouble.CERTIFICATE, place, error.verify_message)
    if isinstance(error, ssl.SSLError):
        return make(Trouble.CERTIFICATE, place, error.reason or str(error))
    text = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
    if "refuses SSL" in text or "SSL" in text:
        return make(Trouble.CERTIFICATE, place, text)
    return make(Trouble.UNREACHABLE, place, text)
