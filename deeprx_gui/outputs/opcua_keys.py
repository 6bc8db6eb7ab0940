"""Certificates of the OPC UA server: its own, those of clients that may connect, those refused.

Everything lies in one folder: ``own.der``, ``own-key.pem`` (readable by its owner only) and the
folders ``trusted``, ``refused`` and ``users``. Each client is accepted by its own certificate;
authorities are not looked at.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from deeprx_gui import atomic
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.visible_text import visible
from deeprx_gui.locks import one_writer
from deeprx_gui.outputs.fading_notice import FadingNotice
from deeprx_gui.outputs.opcua_own import KEY_BITS, new_certificate
from deeprx_gui.outputs.opcua_strangers import Strangers

YEARS: Final = 5
WARN_DAYS: Final = 60
MOST_BYTES: Final = 8192
"""A certificate larger than this is not looked at."""
_TOLD_FOR: Final = 3600.0
_LIST: Final = "deeprx opcua clients"
_FINGERPRINT = re.compile(r"[0-9a-f]{16,64}")
_WEAK = frozenset({"md5", "sha1"})

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Certificate:
    """One certificate; ``data`` is its DER."""

    data: bytes

    @cached_property
    def x509(self) -> x509.Certificate:
        """Return it understood. Raises ValueError."""
        try:
            return x509.load_der_x509_certificate(self.data)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise ValueError(str(error)) from error

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the DER, lower-case hexadecimal: what a person compares."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def thumbprint(self) -> str:
        """SHA-1 over the DER: what OPC UA tools call a certificate; nothing here relies on it."""
        return hashlib.sha1(self.data, usedforsecurity=False).hexdigest()

    @cached_property
    def name(self) -> str:
        """The common name, made visible."""
        with suppress(ValueError):
            names = self.x509.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            if names:
                return visible(str(names[0].value))[:64]
        return "?"

    @cached_property
    def uri(self) -> str:
        """The application's URI, empty where there is none."""
        with suppress(ValueError, x509.ExtensionNotFound):
            names = self.x509.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            found = names.get_values_for_type(x509.UniformResourceIdentifier)
            return str(found[0]) if found else ""
        return ""

    @property
    def until(self) -> datetime:
        return self.x509.not_valid_after_utc

    @property
    def is_out_of_time(self) -> bool:
        """Whether it has expired or is not valid yet; an unreadable one is neither."""
        now = datetime.now(UTC)
        try:
            return not self.x509.not_valid_before_utc <= now <= self.x509.not_valid_after_utc
        except ValueError:
            return False

    def fault(self, now: datetime | None = None) -> Message | None:
        """Say why this certificate cannot be used whoever has it, ``None`` when it can."""
        try:
            cert = self.x509
            key, digest = cert.public_key(), cert.signature_hash_algorithm
        except (ValueError, UnsupportedAlgorithm):
            return say("it cannot be read")
        now = now or datetime.now(UTC)
        if now > cert.not_valid_after_utc:
            return say("it expired on {day}", day=f"{cert.not_valid_after_utc:%Y-%m-%d}")
        if now < cert.not_valid_before_utc:
            return say(
                "it is valid only from {day}; check the clocks",
                day=f"{cert.not_valid_before_utc:%Y-%m-%d}",
            )
        if not isinstance(key, rsa.RSAPublicKey) or key.key_size < KEY_BITS:
            return say("its key is not RSA with {bits} bits or more", bits=KEY_BITS)
        if digest is None or digest.name in _WEAK:
            return say("its signature is weak (MD5 or SHA-1)")
        if cert.issuer == cert.subject and not self._signs_itself():
            return say("its signature is not that of its own key")
        return None

    def _signs_itself(self) -> bool:
        """Say whether its key signed it: otherwise anybody could have changed what it says."""
        try:
            self.x509.verify_directly_issued_by(self.x509)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False
        return True


class CertificateFolder:
    """Certificates as files ``<fingerprint>.der``; also ``.pem`` and other names are read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def certificates(self) -> tuple[Certificate, ...]:
        """Return what is there, by name; what cannot be read is passed over."""
        found = []
        with suppress(OSError):
            for file in sorted(self.folder.iterdir()):
                with suppress(OSError, ValueError):
                    found.append(read_certificate(file))
        return tuple(sorted(found, key=lambda each: (each.name, each.fingerprint)))

    def has(self, certificate: Certificate) -> bool:
        """Say whether it is there, byte for byte."""
        name = self._file(certificate)
        with suppress(OSError):
            if name.read_bytes() == certificate.data:
                return True
        return any(each.data == certificate.data for each in self.certificates())

    def add(self, certificate: Certificate) -> None:
        """Keep it. Raises StorageError."""
        with atomic.reporting(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        atomic.write_over(self._file(certificate), certificate.data)

    def remove(self, certificate: Certificate) -> None:
        """Take it out, whatever its file is called. Raises StorageError."""
        with atomic.reporting(self.folder):
            for file in list(self.folder.iterdir()):
                with suppress(ValueError):
                    if read_certificate(file).data == certificate.data:
                        file.unlink(missing_ok=True)

    def find(self, fingerprint: str) -> Certificate | None:
        """Return the one whose fingerprint begins so (16 or more); ``None``: none, or several."""
        start = fingerprint.replace(":", "").replace(" ", "").casefold()
        if not _FINGERPRINT.fullmatch(start):
            return None
        found = [each for each in self.certificates() if each.fingerprint.startswith(start)]
        return found[0] if len(found) == 1 else None

    def came(self, certificate: Certificate) -> datetime | None:
        """Return when it was put there, or came last."""
        with suppress(OSError):
            return datetime.fromtimestamp(self._file(certificate).stat().st_mtime, UTC)
        return None

    def note_now(self, certificate: Certificate) -> None:
        """Note that it came once more."""
        with suppress(OSError):
            os.utime(self._file(certificate))

    def drop(self, who_goes: Callable[[Sequence[str]], Iterable[str]]) -> None:
        """Drop files; ``who_goes`` is given their names without ending, the oldest first."""
        with suppress(OSError):
            files = sorted(self.folder.iterdir(), key=lambda file: file.stat().st_mtime_ns)
            going = set(who_goes([file.stem for file in files]))
            for file in files:
                if file.stem in going:
                    file.unlink(missing_ok=True)

    def _file(self, certificate: Certificate) -> Path:
        return self.folder / f"{certificate.fingerprint}.der"


class OpcUaKeys:
    """What lies in the folder; safe to share by threads and with the command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.trusted = CertificateFolder(folder / "trusted")
        self.refused = CertificateFolder(folder / "refused")
        self.users = CertificateFolder(folder / "users")
        self._lock = threading.Lock()
        self._notice = FadingNotice(_TOLD_FOR)
        self._told_of = ""
        self._strangers = Strangers()

    @property
    def problem(self) -> Message | None:
        """Who was refused last, for a while."""
        return self._notice.now

    @property
    def own_file(self) -> Path:
        return self.folder / "own.der"

    @property
    def key_file(self) -> Path:
        return self.folder / "own-key.pem"

    def own(self, hosts: Iterable[str] = ()) -> Certificate:
        """Return the server's certificate; it is made where there is none. Raises StorageError.

        ``hosts``: names and addresses it is to hold besides this PC's name.
        """
        with one_writer(self.folder / "own.lock"):
            if not (self.own_file.exists() and self.key_file.exists()):
                self._make(hosts)
        return read_certificate(self.own_file)

    def private_key(self) -> rsa.RSAPrivateKey:
        """Return the server's key. Raises OSError or ValueError."""
        key = serialization.load_pem_private_key(self.key_file.read_bytes(), None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("the key is not RSA")  # noqa: TRY004 - what the file says, not who asks
        return key

    def renew(self, hosts: Iterable[str] = ()) -> Certificate:
        """Make a new key and certificate; clients have to accept it again. Raises StorageError."""
        with one_writer(self.folder / "own.lock"):
            self._make(hosts)
        return read_certificate(self.own_file)

    def refusal(self, data: bytes | None, address: str = "") -> Message | None:
        """Say why a client with this certificate may not connect; ``None``: it may.

        What could be accepted is kept among the refused ones, as many as ``address``, where the
        client is, may leave there. Reads and writes files: never to be
        called in the loop that serves.
        """
        if not data or len(data) > MOST_BYTES:
            return self._noted(Certificate(b""), say("it cannot be read"))
        certificate = Certificate(data)
        fault = certificate.fault()
        if fault is not None:
            return self._noted(certificate, fault)
        if self.trusted.has(certificate):
            with self._lock:
                if self._told_of == certificate.fingerprint:  # accepted since, perhaps elsewhere
                    self._notice.clear()
            return None
        self._keep_refused(certificate, address)
        return self._noted(certificate, say("nobody has accepted it yet"))

    def accept(self, fingerprint: str) -> Certificate:
        """Trust a refused certificate. Raises RequestError or StorageError."""
        certificate = self._found(self.refused, fingerprint)
        self.trusted.add(certificate)
        self.refused.remove(certificate)
        self._notice.clear()
        return certificate

    def refuse(self, fingerprint: str) -> Certificate:
        """Trust a certificate no longer. Raises RequestError or StorageError."""
        certificate = self._found(self.trusted, fingerprint)
        self.refused.add(certificate)
        self.trusted.remove(certificate)
        return certificate

    def forget(self, fingerprint: str) -> Certificate:
        """Take a refused certificate from the list; it comes again when its client does.

        Raises RequestError or StorageError.
        """
        certificate = self._found(self.refused, fingerprint)
        self.refused.remove(certificate)
        return certificate

    def _found(self, folder: CertificateFolder, fingerprint: str) -> Certificate:
        certificate = folder.find(fingerprint)
        if certificate is not None:
            return certificate
        none = (
            say("There is no refused certificate “{fingerprint}”, or several begin so. Look at"
                " them with “{command}”.", fingerprint=fingerprint, command=_LIST)
            if folder is self.refused
            else say("There is no accepted certificate “{fingerprint}”, or several begin so. Look"
                     " at them with “{command}”.", fingerprint=fingerprint, command=_LIST)
        )  # fmt: skip
        raise RequestError(none)

    def _keep_refused(self, certificate: Certificate, address: str) -> None:
        """Keep it, and when it came last."""
        with self._lock:
            if self.refused.has(certificate):
                self._strangers.came(certificate.fingerprint, address)
                self.refused.note_now(certificate)
                return
            if not self._strangers.may_leave(address):
                return
            try:
                self.refused.add(certificate)
            except StorageError as error:
                _log.warning("a refused certificate cannot be kept: %s", error)
                return
            self._strangers.came(certificate.fingerprint, address)
            self.refused.drop(self._strangers.who_goes)

    def _noted(self, certificate: Certificate, why: Message) -> Message:
        said = say(
            "An OPC UA client was refused: the certificate of “{name}” ({fingerprint}) – {why}.",
            name=certificate.name,
            fingerprint=certificate.fingerprint,
            why=why,
        )
        with self._lock:
            self._told_of = certificate.fingerprint
        if self._notice.note(said):
            _log.warning("%s", said)
        return said

    def _make(self, hosts: Iterable[str]) -> None:
        with atomic.reporting(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        pem, made = new_certificate(hosts, YEARS)
        atomic.write_over(self.key_file, pem, private=True)
        atomic.write_over(self.own_file, made.public_bytes(serialization.Encoding.DER))


def read_certificate(file: Path) -> Certificate:
    """Read DER or PEM. Raises OSError or ValueError."""
    with file.open("rb") as opened:
        data = opened.read(MOST_BYTES * 2 + 1)
    if len(data) > MOST_BYTES * 2:
        raise ValueError("too large for a certificate")
    if data.lstrip().startswith(b"-----BEGIN"):
        loaded = x509.load_pem_x509_certificate(data)
        data = loaded.public_bytes(serialization.Encoding.DER)
    certificate = Certificate(data)
    certificate.x509  # noqa: B018 - raises ValueError for what is none
    return certificate
