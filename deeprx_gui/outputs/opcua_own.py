"""The certificate that this PC makes for itself: for OPC UA, and to try TLS in the self-test."""

from __future__ import annotations

import re
import secrets
import socket
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_BITS: Final = 2048


def new_certificate(hosts: Iterable[str], years: int) -> tuple[bytes, x509.Certificate]:
    """Return a new key (PEM, PKCS #8, not locked) and its certificate, as ``self_signed``."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem, self_signed(key, hosts, years)


def write_server_pem(folder: Path) -> Path:
    """Write a certificate of this PC with its key into one file for a TLS server; return it."""
    key, made = new_certificate((), 1)
    file = folder / "server.pem"
    file.write_bytes(made.public_bytes(Encoding.PEM) + key)
    return file


def self_signed(key: rsa.RSAPrivateKey, hosts: Iterable[str], years: int) -> x509.Certificate:
    """Return a certificate of this PC for its key; ``hosts``: further names and addresses."""
    pc = socket.gethostname() or "localhost"
    names: list[x509.GeneralName] = [
        x509.UniformResourceIdentifier(
            f"urn:{re.sub(r'[^A-Za-z0-9.-]', '-', pc)}:DeepRXInspector:{secrets.token_hex(4)}"
        )
    ]
    for host in dict.fromkeys((pc, "localhost", "127.0.0.1", *hosts)):
        with suppress(ValueError):
            address = ip_address(host)
            if not address.is_unspecified:
                names.append(x509.IPAddress(address))
            continue
        if host.isascii():
            names.append(x509.DNSName(host))
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Deep RX Inspector ({pc})"[:64]),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Deep RX Inspector"),
        ]
    )
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,  # it signs itself
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * years + 1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
