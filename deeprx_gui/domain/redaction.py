"""Redaction of passwords in addresses for screens and logs."""

from __future__ import annotations

import re

_LOGIN = re.compile(r"(?<=://)([^/?#@:]*):[^/?#]*@")
_SECRET = re.compile(
    r"([?&](?:pass|passwd|password|pwd|token|secret|key|auth)=)[^&#]*", re.IGNORECASE
)


def redact_password(text: str) -> str:
    """Return text with what looks like a password in an address replaced by ``***``."""
    return _SECRET.sub(r"\1***", _LOGIN.sub(r"\1:***@", text))
