"""Addresses of receivers: ``host:port`` and URLs, checked and taken apart; listening sockets."""

from __future__ import annotations

import re
import socket
import sys
from urllib.parse import urlsplit

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.outputs.base import ReceiverUnreachable

LOOPBACK = "127.0.0.1"
"""This PC alone; what listens does so here unless a person says otherwise."""

_HOST_PORT = re.compile(
    r"(?:(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\[\]:/?#@\s]+))(?::|$))?(?P<port>\d{1,5})?"
)


def host_and_port(address: str, *, port: int | None = None) -> tuple[str, int]:
    """Take ``host:port``, ``[IPv6]:port``, ``host`` (with a default port) or ``port`` apart.

    A port alone means this PC. Raises RequestError.
    """
    text = address.strip()
    if text.isdecimal():
        text = f"{LOOPBACK}:{text}"
    match = _HOST_PORT.fullmatch(text)
    host = (match["six"] or match["host"] or "") if match else ""
    number = int(match["port"]) if match and match["port"] else port
    if not host or number is None or not 1 <= number <= 65535:
        raise RequestError(
            say(
                "“{address}” is not an address. Write host:port, for example {example}.",
                address=address,
                example=f"{LOOPBACK}:{port or 9100}",
            )
        )
    return host, number


def joined(host: str, port: int) -> str:
    """Return ``host:port`` as it is written."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def checked_url(address: str) -> str:
    """Return a URL that verdicts may be posted to. Raises RequestError.

    Only http and https, and no name or password inside: those would lie in the station's file.
    """
    url = address.strip()
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        parts, sound = urlsplit(""), None
    if not sound or not url.isprintable() or " " in url:
        raise RequestError(
            say(
                "“{address}” is not a web address. Write it as {example}.",
                address=address,
                example="https://server/verdicts",
            )
        )
    if parts.username is not None or parts.password is not None:
        raise RequestError(
            say(
                "A web address must not contain a name or password. Put the token into an"
                " environment variable and name that variable in the option {option}.",
                option="token_env",
            )
        )
    return url


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens on ``host:port``. Raises Unreachable with what to do."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform == "win32":  # there, SO_REUSEADDR would let two programs share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(16)
        sock.setblocking(False)
    except OSError as error:
        sock.close()
        raise ReceiverUnreachable(
            say(
                "The address {address} of this PC cannot be used ({reason}). Another program may"
                " have it: close that program, or choose another port.",
                address=joined(host, port),
                reason=reason(error),
            )
        ) from error
    return sock


def reason(error: OSError) -> str:
    """Return what the system says about a failure, in a few words."""
    inner = error.args[0] if error.args and isinstance(error.args[0], OSError) else error
    return inner.strerror or str(inner) or type(inner).__name__
