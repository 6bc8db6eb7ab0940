"""Check of the driver without a database: a server of this process speaks as PostgreSQL does.

TLS with a certificate of its own, a password by SCRAM bound to that certificate, and one row: what
a program that was not put together whole would lack shows here and not in the plant.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import logging
import secrets
import socket
import ssl
import struct
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import Message, say

_SECONDS: Final = 10.0
_ROUNDS: Final = 4096
_TEXT: Final = 25  # PostgreSQL's number of the type
_ANSWER: Final = "部品"

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    _Stream = io.BufferedRWPair[Any]


def driver(certificate: Path) -> Message:
    """Ask one row over TLS. Raises CentralError or StorageError.

    ``certificate``: file with a certificate of 127.0.0.1 and its key (PEM), to be trusted here.
    """
    password = secrets.token_urlsafe(12)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(_SECONDS)
        server = threading.Thread(target=_serve, args=(listener, context, password), daemon=True)
        server.start()
        place = CentralPlace(
            host="127.0.0.1",
            port=listener.getsockname()[1],
            user="self-test",
            authority=str(certificate),
        )
        with CentralConnection(place, password, timeout=_SECONDS) as connection:
            rows = connection.run("SELECT answer")
        server.join(_SECONDS)
    if [list(row) for row in rows] != [[_ANSWER]]:
        raise StorageError(
            say("The driver of the central database gives other values. Install it again.")
        )
    return say("PostgreSQL's protocol is spoken, with TLS and SCRAM")


def _serve(listener: socket.socket, context: ssl.SSLContext, password: str) -> None:
    """Answer one client; what goes wrong is seen at its side."""
    try:
        wire, _ = listener.accept()
        with wire:
            wire.settimeout(_SECONDS)
            wire.recv(8)  # whether there is TLS
            wire.sendall(b"S")
            inner = context.wrap_socket(wire, server_side=True)
            with inner, inner.makefile("rwb") as stream:
                _talk(stream, password)
    except OSError as error:
        _log.info("the self-test's server ended: %s", error)


def _talk(stream: _Stream, password: str) -> None:
    stream.read(struct.unpack("!i", stream.read(4))[0] - 4)  # who it is, and for which database
    _sign_in(stream, password)
    while (asked := _take(stream)) is not None:
        if not asked[1].startswith(b"SELECT"):
            _send(stream, b"C", b"SET\0")
        else:
            column = b"answer\0" + struct.pack("!ihihih", 0, 0, _TEXT, -1, -1, 0)
            _send(stream, b"T", struct.pack("!h", 1) + column)
            value = _ANSWER.encode()
            _send(stream, b"D", struct.pack("!hi", 1, len(value)) + value)
            _send(stream, b"C", b"SELECT 1\0")
        _send(stream, b"Z", b"I")
        stream.flush()


def _sign_in(stream: _Stream, password: str) -> None:
    """Ask for the password by SCRAM-SHA-256 (RFC 5802, RFC 7677)."""
    _authentication(stream, 10, b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0")
    first = _text(stream).partition(",,")[2]
    nonce = first.rpartition("r=")[2]
    salt = secrets.token_bytes(16)
    given = f"r={nonce}{secrets.token_hex(9)},s={base64.b64encode(salt).decode()},i={_ROUNDS}"
    _authentication(stream, 11, given.encode())
    final = _text(stream).rpartition(",p=")[0]
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS)
    key = hmac.digest(salted, b"Server Key", "sha256")
    signature = hmac.digest(key, f"{first},{given},{final}".encode(), "sha256")
    _authentication(stream, 12, b"v=" + base64.b64encode(signature))
    _authentication(stream, 0, b"")
    _send(stream, b"Z", b"I")
    stream.flush()


def _text(stream: _Stream) -> str:
    taken = _take(stream)
    return taken[1].decode() if taken is not None else ""


def _take(stream: _Stream) -> tuple[bytes, bytes] | None:
    """Return the kind and the body of the next message, ``None`` at the end."""
    head = stream.read(5)
    if len(head) < 5 or head[:1] == b"X":
        return None
    return head[:1], stream.read(struct.unpack("!i", head[1:])[0] - 4)


def _authentication(stream: _Stream, step: int, body: bytes) -> None:
    _send(stream, b"R", struct.pack("!i", step) + body)
    stream.flush()


def _send(stream: _Stream, kind: bytes, body: bytes) -> None:
    stream.write(kind + struct.pack("!i", len(body) + 4) + body)
