"""Certificates of clients, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from deeprx_gui.outputs.opcua_keys import Certificate

URI = "urn:test:plc"


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, as files."""

    file: Path
    key: Path

    @property
    def certificate(self) -> Certificate:
        return Certificate(self.file.read_bytes())


def identity(folder: Path, name: str = "plc", *, days: int = 30, since: int = -1) -> Identity:
    """Make one that is valid from ``since`` days on, for ``days`` days."""
    folder.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    begins = datetime.now(UTC) + timedelta(days=since)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=days))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(URI)]), critical=False
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    found = Identity(folder / f"{name}.der", folder / f"{name}-key.pem")
    found.file.write_bytes(made.public_bytes(serialization.Encoding.DER))
    found.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return found
