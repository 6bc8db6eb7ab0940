"""Requests of OPC UA clients: whose channel is opened, and what is answered how.

asyncua 2.1.0 decodes, looks up and encodes a request in one go in the server's loop; here what
waits for the disk and what is large is done beside it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Final

from asyncua import ua
from asyncua.common.utils import Buffer, ServiceError
from asyncua.crypto.security_policies import SecurityPolicyFactory, SecurityPolicyNone
from asyncua.server.uaprocessor import UaProcessor
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary

from deeprx_gui.domain.message import Message
from deeprx_gui.outputs.opcua_decoding import RequestBuffer
from deeprx_gui.outputs.opcua_keys import Certificate, OpcUaKeys
from deeprx_gui.outputs.opcua_limits import LARGE_ANSWER, LARGEST_ANSWER, MOST_REGISTERED, weight
from deeprx_gui.outputs.opcua_off_loop import OffLoop
from deeprx_gui.outputs.opcua_sessions import GuardedSession, GuardedSessions

SMALLEST_BUFFER: Final = 8192
"""Bytes of a chunk that a client has to take (OPC 10000-6, 7.1.2.3)."""

_O = ua.ObjectIds


def _binary(*names: str) -> frozenset[ua.NodeId]:
    return frozenset(
        ua.NodeId(getattr(_O, f"{name}Request_Encoding_DefaultBinary")) for name in names
    )


_DISCOVERY: Final = _binary("FindServers", "GetEndpoints", "CloseSecureChannel")
_REGISTER: Final = _binary("RegisterServer", "RegisterServer2")
(_CREATE,) = _binary("CreateSession")
(_ACTIVATE,) = _binary("ActivateSession")
(_BROWSE_NEXT,) = _binary("BrowseNext")
(_REGISTER_NODES,) = _binary("RegisterNodes")

_LOOKED_AT: ContextVar[tuple[bytes, Message | None]] = ContextVar("looked_at")
"""The certificate that was looked at for the message that is processed, and why it is refused."""


class CertificateRefused(Exception):  # noqa: N818 - what it says about the certificate
    """A client's certificate is not accepted; ``status`` is what it is told."""

    def __init__(self, status: int, why: Message) -> None:
        super().__init__(str(why))
        self.status = status


class TrustingFactory(SecurityPolicyFactory):  # type: ignore[misc]
    """Makes the policy of a channel for accepted clients only."""

    def __init__(self, inner: SecurityPolicyFactory, keys: OpcUaKeys) -> None:
        super().__init__(
            inner.cls,
            inner.mode,
            inner.certificate,
            inner.private_key,
            permission_ruleset=inner.permission_ruleset,
            certificate_chain=inner.certificate_chain,
        )
        self.keys = keys

    def create(self, peer_certificate: bytes | None) -> Any:  # noqa: ANN401
        """Return the policy. Raises CertificateRefused; the certificate was looked at before."""
        data = _first(peer_certificate or b"")
        looked_at, why = _LOOKED_AT.get((b"", None))
        if looked_at != data:
            raise ServiceError(ua.StatusCodes.BadSecurityChecksFailed)
        if why is not None:
            raise CertificateRefused(_status(Certificate(data)), why)
        return super().create(data)


class GuardedProcessor(UaProcessor):  # type: ignore[misc]
    """Answers requests; without encryption it only tells which endpoints there are."""

    session: GuardedSession | None
    iserver: GuardedSessions

    def __init__(
        self,
        iserver: GuardedSessions,
        transport: Any,  # noqa: ANN401
        limits: Any,  # noqa: ANN401
        off: OffLoop,
        charged: Callable[[float], None],
    ) -> None:
        """``charged`` is told the seconds of large answers that no request waits for."""
        super().__init__(iserver, transport, limits)
        self._off, self._charged = off, charged
        self._keys: OpcUaKeys | None = None
        self._large: deque[tuple[Any, Any, Any]] = deque()

    def set_policies(self, policies: list[TrustingFactory]) -> None:
        super().set_policies(policies)
        self._keys = policies[0].keys if policies else None

    @property
    def _address(self) -> str:
        return str((self._transport.get_extra_info("peername") or ("",))[0])

    async def process(self, header: Any, body: Buffer) -> bool:  # noqa: ANN401
        """Answer one message; the certificate of a new channel is looked at beside the loop."""
        opens = header.MessageType == ua.MessageType.SecureOpen and not self._connection.is_open()
        if opens and self._keys is not None:
            asked = struct_from_binary(ua.AsymmetricAlgorithmHeader, body.copy(header.body_size))
            data = _first(asked.SenderCertificate or b"")
            if asked.SecurityPolicyURI != SecurityPolicyNone.URI:
                why = await self._off.look(self._keys.refusal, data, self._address)
                _LOOKED_AT.set((data, why))
        answer: bool = await super().process(header, body)
        if self._limits.max_send_buffer < SMALLEST_BUFFER:
            raise ValueError("a client that takes no whole chunk")
        return answer

    async def process_message(self, seqhdr: Any, body: Buffer) -> bool:  # noqa: ANN401
        """Answer one request."""
        answer: bool = await super().process_message(seqhdr, RequestBuffer(body))
        await self._send_large()
        return answer

    async def forward_publish_response(self, result: Any, requestdata: Any) -> None:  # noqa: ANN401
        await super().forward_publish_response(result, requestdata)
        await self._send_large()

    def send_response(
        self,
        requesthandle: Any,  # noqa: ANN401
        seqhdr: Any,  # noqa: ANN401
        response: Any,  # noqa: ANN401
        msgtype: Any = ua.MessageType.SecureMessage,  # noqa: ANN401
    ) -> None:
        """Send an answer, or keep a large one for ``_send_large``."""
        if weight(response, LARGE_ANSWER) <= LARGE_ANSWER:
            super().send_response(requesthandle, seqhdr, response, msgtype)
        else:
            self._large.append((requesthandle, seqhdr, response))

    async def _send_large(self) -> None:
        while self._large:
            requesthandle, seqhdr, response = self._large.popleft()
            response.ResponseHeader.RequestHandle = requesthandle
            data = await self._off.encode(self._charged, _encoded, response)
            if not self._transport.is_closing():
                self._transport.write(
                    self._connection.message_to_binary(data, request_id=seqhdr.RequestId)
                )

    async def _process_message(
        self,
        typeid: ua.NodeId,
        requesthdr: Any,  # noqa: ANN401
        seqhdr: Any,  # noqa: ANN401
        body: Buffer,
    ) -> bool:
        policy = self._connection.security_policy
        if policy.URI == SecurityPolicyNone.URI and typeid not in _DISCOVERY:
            raise ServiceError(ua.StatusCodes.BadSecurityModeInsufficient)
        if typeid in _REGISTER:
            raise ServiceError(ua.StatusCodes.BadServiceUnsupported)
        if typeid == _CREATE and self.session is not None:
            await self.session.close_session(True)
            self.session = None
        if typeid == _ACTIVATE:
            await self._look_at_user(requesthdr, body, policy)
        if typeid == _BROWSE_NEXT:
            return await self._browse_next(requesthdr, seqhdr, body)
        if typeid == _REGISTER_NODES:
            asked = struct_from_binary(ua.RegisterNodesParameters, body.copy())
            if len(asked.NodesToRegister or ()) > MOST_REGISTERED:
                raise ServiceError(ua.StatusCodes.BadTooManyOperations)
        answer: bool = await super()._process_message(typeid, requesthdr, seqhdr, body)
        if typeid == _CREATE and self.session is not None:
            self.session.client_certificate = policy.peer_certificate or b""
        return answer

    async def _look_at_user(self, requesthdr: Any, body: Buffer, policy: Any) -> None:  # noqa: ANN401
        """Look beside the loop whether a user is known; the library asks again and is told."""
        session = self.session
        if session is None:
            session = self.iserver.lookup_external_session(requesthdr.AuthenticationToken)
            if session is not None and session.client_certificate != policy.peer_certificate:
                raise ServiceError(ua.StatusCodes.BadSessionIdInvalid)
        if session is not None:
            params = struct_from_binary(ua.ActivateSessionParameters, body.copy())
            await session.look_at_user(params.UserIdentityToken, self._off)

    async def _browse_next(self, requesthdr: Any, seqhdr: Any, body: Buffer) -> bool:  # noqa: ANN401
        """Answer BrowseNext, which the library does not know."""
        session = self.session
        if session is None or not session.is_activated():
            raise ServiceError(ua.StatusCodes.BadSessionIdInvalid)
        self.session_last_activity = time.monotonic()
        session.touch()
        params = struct_from_binary(ua.BrowseNextParameters, body)
        response = ua.BrowseNextResponse()
        response.Parameters.Results = await session.browse_next(params)
        self.send_response(requesthdr.RequestHandle, seqhdr, response)
        return True


def _encoded(response: Any) -> bytes:  # noqa: ANN401
    """Return the bytes of an answer, or of the refusal of one that is too large."""
    if weight(response, LARGEST_ANSWER) > LARGEST_ANSWER:
        fault = ua.ServiceFault()
        fault.ResponseHeader.RequestHandle = response.ResponseHeader.RequestHandle
        fault.ResponseHeader.ServiceResult = ua.StatusCode(ua.StatusCodes.BadResponseTooLarge)
        response = fault
    data: bytes = struct_to_binary(response)
    return data


def _first(data: bytes) -> bytes:
    """Return the first certificate of a chain in DER; what is no certificate stays as it is."""
    if len(data) < 4 or data[0] != 0x30 or data[1] != 0x82:
        return data
    return data[: 4 + int.from_bytes(data[2:4], "big")]


def _status(certificate: Certificate) -> int:
    if certificate.fault() is None:
        return int(ua.StatusCodes.BadCertificateUntrusted)
    if certificate.is_out_of_time:
        return int(ua.StatusCodes.BadCertificateTimeInvalid)
    return int(ua.StatusCodes.BadCertificateInvalid)
