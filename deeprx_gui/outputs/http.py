"""HTTP POST: every verdict as one JSON body."""

from __future__ import annotations

import os
import socket
import ssl
import urllib.request
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.error import HTTPError, URLError

from deeprx_gui.domain.field import Options
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs.address import reason
from deeprx_gui.outputs.base import NumberedRecord, ReceiverUnreachable, VerdictRefused
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.payload import to_json

TRY_LATER = frozenset({408, 425, 429})
"""Answers of the 4xx family that mean "not now" rather than "never"."""


class HttpReceiver:
    """Posts to one address, verified where it is https; follows no redirect."""

    every = None
    present_only = False

    def __init__(self, spec: OutputSpec, options: Options) -> None:
        """Build from a checked spec; nothing is sent before ``deliver``."""
        self._url = spec.address
        self._timeout = options.number("timeout")
        self._token_env = options.text("token_env")
        self._ca = options.text("ca")
        self._proxy = options.switch("proxy")
        self._opener: urllib.request.OpenerDirector | None = None
        self._sockets: list[socket.socket] = []

    def open(self) -> None:
        """Read the certificates. Raises Unreachable when they cannot be read."""
        if self._opener is None:
            try:
                context = ssl.create_default_context(cafile=self._ca or None)
            except OSError as error:  # ssl's own errors are among them
                raise no_certificates(self._ca, error) from error
            self._opener = self._make_opener(context)

    def deliver(self, told: NumberedRecord) -> None:
        """Post one verdict; returns when the receiver said 2xx. Raises Unreachable or Refused."""
        assert self._opener is not None
        request = urllib.request.Request(  # noqa: S310 - http and https only: address.checked_url
            self._url,
            data=to_json(told.record),
            method="POST",
            headers={
                "Content-Type": "application/json; charset=utf-8",
                "User-Agent": "DeepRX-Inspector",
                "X-DeepRX-Uid": "".join(c if 32 < ord(c) < 127 else "-" for c in told.record.uid),
                **self._authorization(),
            },
        )
        try:
            with self._opener.open(request, timeout=self._timeout) as answer:
                answer.read(1024)
        except HTTPError as error:
            error.close()
            raise self._told_no(error) from error
        except (OSError, HTTPException) as error:
            raise self._no_answer(error) from error
        finally:
            self._sockets.clear()

    def idle(self, *, running: bool) -> None:
        """Nothing is to be done regularly."""

    def notice(self) -> Message | None:
        """Nothing is ever out of the ordinary without an error."""
        return None

    def close(self) -> None:
        """Nothing is held between two verdicts."""

    def abort(self) -> None:
        """Break off a request that waits for an answer."""
        for sock in tuple(self._sockets):
            with suppress(OSError):  # it may have ended by itself
                sock.shutdown(socket.SHUT_RDWR)

    def _authorization(self) -> dict[str, str]:
        if not self._token_env:
            return {}
        return {"Authorization": f"Bearer {environment_secret(self._token_env)}"}

    def _make_opener(self, context: ssl.SSLContext) -> urllib.request.OpenerDirector:
        # No redirect handler: a verdict goes to the address that was entered, or nowhere.
        opener = urllib.request.OpenerDirector()
        proxies: dict[str, str] | None = None if self._proxy else {}
        for handler in (
            urllib.request.ProxyHandler(proxies),
            urllib.request.HTTPDefaultErrorHandler(),
            urllib.request.HTTPErrorProcessor(),
            _Plain(self._sockets),
            _Secure(self._sockets, context),
        ):
            opener.add_handler(handler)
        return opener

    def _told_no(self, error: HTTPError) -> VerdictRefused | ReceiverUnreachable:
        if 300 <= error.code < 400:
            return VerdictRefused(
                say(
                    "{url} sends elsewhere ({target}), and verdicts are not sent on to an address"
                    " nobody entered. Enter the new address if it is right.",
                    url=self._url,
                    target=error.headers.get("Location", "?"),
                )
            )
        if error.code in TRY_LATER or error.code >= 500:
            return ReceiverUnreachable(
                say(
                    "{url} answers {code} ({reason}). It is tried again; look after that server.",
                    url=self._url,
                    code=error.code,
                    reason=error.reason,
                )
            )
        return VerdictRefused(
            say(
                "{url} refuses the verdict: {code} ({reason}). It is not sent again; check the"
                " address and what that server expects.",
                url=self._url,
                code=error.code,
                reason=error.reason,
            )
        )

    def _no_answer(self, error: OSError | HTTPException) -> ReceiverUnreachable:
        inner = error.reason if isinstance(error, URLError) else error
        if isinstance(inner, TimeoutError):
            what = "timeout"
        elif isinstance(inner, OSError):
            what = reason(inner)
        else:
            what = str(inner) or type(inner).__name__
        return ReceiverUnreachable(
            say(
                "{url} does not answer ({reason}). It is tried again; check that server and the"
                " network.",
                url=self._url,
                reason=what,
            )
        )


def environment_secret(variable: str) -> str:
    """Return what lies in an environment variable. Raises Unreachable when it is not set."""
    value = os.environ.get(variable, "")
    if not value or not value.isprintable():
        raise ReceiverUnreachable(
            say(
                "The environment variable {name} is not set. Set it for the account that runs this"
                " program, then start the program again.",
                name=variable,
            )
        )
    return value


def no_certificates(file: str, error: OSError) -> ReceiverUnreachable:
    """Say that the certificate authority's file cannot be used."""
    return ReceiverUnreachable(
        say(
            "The certificate file “{file}” cannot be used ({reason}). Choose the PEM file of your"
            " certificate authority.",
            file=file,
            reason=reason(error),
        )
    )


class _Plain(urllib.request.HTTPHandler):
    """Notes the socket in use, so that a request can be broken off."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        super().__init__()
        self._sockets = sockets

    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_noting(HTTPConnection, self._sockets), req)


class _Secure(urllib.request.HTTPSHandler):
    def __init__(self, sockets: list[socket.socket], context: ssl.SSLContext) -> None:
        super().__init__(context=context)
        self._sockets = sockets
        self._verified = context

    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        kind = _noting(HTTPSConnection, self._sockets)
        return self.do_open(kind, req, context=self._verified)


def _noting(kind: type[HTTPConnection], sockets: list[socket.socket]) -> Any:  # noqa: ANN401
    """Return a kind of connection that notes its socket once it is connected."""

    class Noting(kind):  # type: ignore[valid-type, misc]
        def connect(self) -> None:
            super().connect()
            sockets.append(self.sock)

    return Noting


def build(spec: OutputSpec, options: Options, commands: ReceiverCommands) -> HttpReceiver:  # noqa: ARG001 - HTTP asks for nothing
    """Build the receiver of a checked spec."""
    return HttpReceiver(spec, options)
