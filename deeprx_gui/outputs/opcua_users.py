"""Who signs in at the OPC UA server: names with passwords, persons with certificates."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any, Final

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.permission_rules import User, UserRole

from deeprx_gui.outputs.opcua_keys import Certificate, OpcUaKeys
from deeprx_gui.outputs.opcua_off_loop import OffLoop
from deeprx_gui.outputs.opcua_people import OpcUaPeople, WrongTries

GOOD_PASSWORDS: Final = frozenset({None, "", "http://www.w3.org/2001/04/xmlenc#rsa-oaep"})
"""How a password may be encrypted; without is what comes through an encrypted channel."""

_KNOWN: ContextVar[tuple[object, bool]] = ContextVar("known")
"""What was found out for the request that is processed: a name with its password, or the bytes of
a certificate, and whether it is known."""
_log = logging.getLogger(__name__)


class Users:
    """Finds the user of a token; ``begin`` says beforehand which kind of token it is."""

    def __init__(self, people: OpcUaPeople, keys: OpcUaKeys, tries: WrongTries) -> None:
        self._people, self._keys, self._tries = people, keys, tries
        self._token: object = None
        self._address = ""

    async def look(self, session: Any, token: object, address: str, off: OffLoop) -> None:  # noqa: ANN401
        """Find out beside the loop whether a token's user is known: a hash, or a look at files."""
        _KNOWN.set((None, False))  # what an earlier request of this connection found out is over
        if isinstance(token, ua.X509IdentityToken):
            data = bytes(token.CertificateData or b"")
            _KNOWN.set((data, await off.look(self._knows_certificate, data)))
        elif isinstance(token, ua.UserNameIdentityToken) and not self._tries.locked(address):
            if token.EncryptionAlgorithm not in GOOD_PASSWORDS:
                return
            try:
                name, password = session.iserver.decrypt_user_token(session, token)
            except Exception as error:  # noqa: BLE001 - the library says so where it is asked
                _log.debug("a password cannot be decrypted: %s", error)
                return
            given = (name or "", password or "")
            _KNOWN.set((given, await off.look(self._people.knows, *given)))

    def begin(self, token: object, address: str) -> None:
        """Note what comes next. Raises ServiceError for an address that tried too often."""
        self._token, self._address = token, address
        if isinstance(token, ua.UserNameIdentityToken) and self._tries.locked(address):
            raise ServiceError(ua.StatusCodes.BadUserAccessDenied)

    def get_user(
        self,
        iserver: object,  # noqa: ARG002 - the library's signature
        username: str | None = None,
        password: str | None = None,
        certificate: bytes | None = None,
    ) -> User | None:
        """Return the user, ``None`` for nobody."""
        if isinstance(self._token, ua.UserNameIdentityToken):
            return self._by_name(username or "", password or "")
        if isinstance(self._token, ua.X509IdentityToken):
            return self._by_certificate(certificate or b"")
        return User(role=UserRole.Anonymous, name="")

    def _by_name(self, name: str, password: str) -> User | None:
        if _is_known((name, password)):
            self._tries.right(self._address)
            return User(role=UserRole.User, name=name)
        self._tries.wrong(self._address)
        return None

    def _by_certificate(self, data: bytes) -> User | None:
        if _is_known(data):
            return User(role=UserRole.User, name=Certificate(data).name)
        self._tries.wrong(self._address)
        return None

    def _knows_certificate(self, data: bytes) -> bool:
        certificate = Certificate(data)
        return certificate.fault() is None and self._keys.users.has(certificate)


def _is_known(given: object) -> bool:
    """Say what was found out; whatever was not looked at is not known."""
    looked_at, known = _KNOWN.get((None, False))
    return known and looked_at == given
