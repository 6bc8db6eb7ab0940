"""What is kept of a PIN or password: scrypt's answer with salt and cost, as one line of text."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Final

COST: Final = (2**15, 8, 3)
"""scrypt's N, r and p: 32 MiB, a few tenths of a second (OWASP's table of equal strength)."""
_MOST: Final = (2**17, 16, 8)
"""What a text from outside may ask this PC to spend."""
_LENGTH: Final = 64


def hashed(secret: str) -> str:
    """Return ``scrypt$N$r$p$salt$hash`` with a new salt."""
    salt = secrets.token_bytes(16)
    n, r, p = COST
    digest = _scrypt(secret, salt, n, r, p)
    return f"scrypt${n}${r}${p}${_text(salt)}${_text(digest)}"


def fits(secret: str, kept: str) -> bool:
    """Say whether this is the secret, in a time that tells nothing of how nearly it was.

    Raises ValueError for a kept text that makes no sense or asks for too much.
    """
    n, r, p, salt, digest = _parts(kept)
    return hmac.compare_digest(_scrypt(secret, salt, n, r, p), digest)


def makes_sense(kept: str) -> bool:
    """Whether ``fits`` can work with a text."""
    try:
        _parts(kept)
    except ValueError:
        return False
    return True


def _parts(kept: str) -> tuple[int, int, int, bytes, bytes]:
    scheme, *numbers, salt_text, digest_text = kept.split("$")
    if scheme != "scrypt" or len(numbers) != 3 or not all(n.isdecimal() for n in numbers):
        raise ValueError("no hash of this program")
    n, r, p = (int(number) for number in numbers)
    salt, digest = (base64.b64decode(text, validate=True) for text in (salt_text, digest_text))
    allowed = all(0 < value <= most for value, most in zip((n, r, p), _MOST, strict=True))
    if not allowed or n < 2 or n & (n - 1) or not 16 <= len(salt) <= 64 or len(digest) != _LENGTH:
        raise ValueError("a hash of unreasonable size")
    return n, r, p, salt, digest


def _scrypt(secret: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    room = 128 * r * (n + p + 2) + 2**20
    return hashlib.scrypt(
        secret.encode("utf-8", "replace"), salt=salt, n=n, r=r, p=p, maxmem=room, dklen=_LENGTH
    )


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
