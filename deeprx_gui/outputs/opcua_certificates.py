"""What a person does with the OPC UA server's certificates; for the window and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deeprx_gui import atomic
from deeprx_gui.domain.client_certificates import CertificateList, KnownCertificate
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.outputs.opcua_keys import (
    WARN_DAYS,
    Certificate,
    CertificateFolder,
    OpcUaKeys,
    read_certificate,
)


def everything(keys: OpcUaKeys, hosts: Iterable[str] = ()) -> CertificateList:
    """Return all certificates, refused ones with the newest first. Raises StorageError.

    This PC's own is made where there is none, for its name and ``hosts``.
    """
    own = known(keys.own(hosts))
    refused = _all(keys.refused)
    oldest = datetime.min.replace(tzinfo=UTC)
    return CertificateList(
        own=own,
        refused=tuple(sorted(refused, key=lambda each: each.came or oldest, reverse=True)),
        accepted=_all(keys.trusted),
        persons=_all(keys.users),
        ends_soon=own.until < datetime.now(UTC) + timedelta(days=WARN_DAYS),
    )


def known(certificate: Certificate, came: datetime | None = None) -> KnownCertificate:
    """Return what a person is shown of a certificate."""
    return KnownCertificate(
        name=certificate.name,
        fingerprint=certificate.fingerprint,
        thumbprint=certificate.thumbprint,
        uri=certificate.uri,
        until=certificate.until,
        came=came,
        fault=certificate.fault(),
    )


def add(keys: OpcUaKeys, file: Path, *, person: bool = False) -> Certificate:
    """Accept a certificate from a file (DER or PEM). Raises RequestError or StorageError.

    ``person``: to sign in with; otherwise that of a client program.
    """
    try:
        certificate = read_certificate(file)
    except (OSError, ValueError) as error:
        raise RequestError(
            say("“{file}” is not a certificate that can be read (DER or PEM).", file=file)
        ) from error
    fault = certificate.fault()
    if fault is not None:
        raise RequestError(
            say("The certificate of “{name}” cannot be used: {why}.", name=certificate.name,
                why=fault)
        )  # fmt: skip
    folder = keys.users if person else keys.trusted
    folder.add(certificate)
    if not person and keys.refused.has(certificate):
        keys.refused.remove(certificate)
    return certificate


def save_copy(keys: OpcUaKeys, file: Path) -> Path:
    """Write this PC's certificate, without its key, for clients. Raises StorageError."""
    atomic.write_over(file, keys.own().data)
    return file


def _all(folder: CertificateFolder) -> tuple[KnownCertificate, ...]:
    return tuple(known(each, folder.came(each)) for each in folder.certificates())
