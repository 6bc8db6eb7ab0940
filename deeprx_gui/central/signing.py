"""Signatures of releases (Ed25519): an engineer's private key, and the keys a station trusts.

A private key lies in the system's credential store, or in a file that only its owner may read,
locked by a passphrase. It is in no setting, no log and no database.
"""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey as PrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from deeprx_gui.atomic import write_over
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.library import TrustedKey
from deeprx_gui.domain.message import say

SHORTEST_PASSPHRASE: Final = 10
_SERVICE: Final = "Deep RX Inspector"
_ENTRY: Final = "library key"
_MOST_KEY_BYTES: Final = 10_000
__all__ = [
    "PrivateKey",
    "new_key",
    "public_text",
    "read",
    "recall",
    "remember",
    "sign",
    "signed_by",
    "write",
]
_log = logging.getLogger(__name__)


def new_key() -> PrivateKey:
    """Make a private key."""
    return PrivateKey.generate()


def public_text(key: PrivateKey) -> str:
    """Return the public key of a private one: 64 hexadecimal digits."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()


def sign(key: PrivateKey, text: bytes) -> bytes:
    """Return the signature, 64 bytes."""
    return key.sign(text)


def signed_by(trusted: Iterable[TrustedKey], key: str, signature: bytes, text: bytes) -> str | None:
    """Return the name of the trusted key that signed ``text``, ``None`` where none did."""
    for one in trusted:
        if one.key != key:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(one.key)).verify(signature, text)
        except (InvalidSignature, ValueError):
            return None
        return one.name
    return None


def remember(key: PrivateKey) -> None:
    """Put a private key into the system's credential store. Raises StorageError."""
    text = key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()).hex()
    try:
        import keyring

        keyring.set_password(_SERVICE, _ENTRY, text)
    except Exception as error:
        raise StorageError(
            say(
                "The credential store of this PC does not take the key ({why}). Keep it in a file"
                " instead: add --file FILE.",
                why=str(error) or type(error).__name__,
            )
        ) from error


def recall() -> PrivateKey | None:
    """Return the private key of the credential store, ``None`` where there is none."""
    try:
        import keyring

        text = keyring.get_password(_SERVICE, _ENTRY)
        return PrivateKey.from_private_bytes(bytes.fromhex(text)) if text else None
    except Exception as error:  # noqa: BLE001 - every system's store fails in its own way
        _log.warning("the credential store of this PC gives no key: %s", error)
        return None


def write(key: PrivateKey, file: Path, passphrase: str) -> None:
    """Keep a private key in a file, locked. Raises RequestError and StorageError."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise RequestError(
            say(
                "The passphrase is too short. Use at least {shortest} characters.",
                shortest=SHORTEST_PASSPHRASE,
            )
        )
    if file.exists():
        raise RequestError(
            say("“{file}” is there already; a key is never overwritten. Choose another name.",
                file=file)
        )  # fmt: skip
    lock = BestAvailableEncryption(passphrase.encode())
    data = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)
    write_over(file, data, private=True)


def read(file: Path, passphrase: str) -> PrivateKey:
    """Read a private key from a file. Raises RequestError and StorageError."""
    try:
        if os.name == "posix" and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise RequestError(
                say(
                    "Others may read the key in “{file}”. Take that right away (chmod 600), or"
                    " make a new key: this one may be known.",
                    file=file,
                )
            )
        with file.open("rb") as opened:
            data = opened.read(_MOST_KEY_BYTES)
    except OSError as error:
        raise StorageError(
            say("The key “{file}” cannot be read ({why}). Check where it is.",
                file=file, why=error.strerror or type(error).__name__)
        ) from error  # fmt: skip
    try:
        key = load_pem_private_key(data, passphrase.encode() or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise RequestError(
            say("The key “{file}” does not open: the passphrase is wrong, or it is no key.",
                file=file)
        ) from error  # fmt: skip
    if not isinstance(key, PrivateKey):
        raise RequestError(
            say("“{file}” is no key of this program. Make one with “deeprx library key new”.",
                file=file)
        )  # fmt: skip
    return key
