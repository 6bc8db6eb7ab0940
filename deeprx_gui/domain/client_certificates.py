"""Certificates of an OPC UA server as a person sees them: this PC's own, and those of clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from deeprx_gui.domain.message import Message


class CertificateKind(StrEnum):
    """What a certificate is here."""

    REFUSED = "refused"
    ACCEPTED = "accepted"
    PERSON = "users"


@dataclass(frozen=True)
class KnownCertificate:
    """One certificate.

    ``fingerprint``: SHA-256, ``thumbprint``: SHA-1, both hexadecimal. ``came``: when its client
    was refused last, or it was put there. ``fault``: why it cannot be used although it is there.
    """

    name: str
    fingerprint: str
    thumbprint: str
    uri: str
    until: datetime
    came: datetime | None = None
    fault: Message | None = None


@dataclass(frozen=True)
class CertificateList:
    """Everything there is; ``ends_soon``: this PC's own has to be renewed."""

    own: KnownCertificate
    refused: tuple[KnownCertificate, ...] = ()
    accepted: tuple[KnownCertificate, ...] = ()
    persons: tuple[KnownCertificate, ...] = ()
    ends_soon: bool = False
