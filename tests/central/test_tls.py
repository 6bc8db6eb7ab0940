"""TLS as it is on a network: the server proves who it is, or nothing is sent."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from deeprx_gui.central import admin
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import CentralPlace, Tls, Trouble
from deeprx_gui.domain.errors import CentralError
from tests.central import postgres_server
from tests.central.postgres_server import OWNER_PASSWORD, Server

DAY = timedelta(days=1)


@dataclass
class Authority:
    """A certificate authority of the plant's own."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, name: str) -> Authority:
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(name, name, key, datetime.now(UTC) + 365 * DAY)
        made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        return cls(key, made.sign(key, hashes.SHA256()))

    def issue(self, host: str, until: datetime) -> tuple[bytes, bytes]:
        """Return certificate and key of a server, as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(host, "plant", key, until).issuer_name(self.certificate.subject)
        names = x509.SubjectAlternativeName([x509.DNSName(host)])
        signed = made.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        return signed.public_bytes(serialization.Encoding.PEM), key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def _builder(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = x509.CertificateBuilder().subject_name(named(name)).public_key(key.public_key())
    if issuer == name:
        builder = builder.issuer_name(named(issuer))
    return (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(until - 400 * DAY)
        .not_valid_after(until)
    )


@dataclass
class TlsServer:
    """A server that speaks TLS; ``show`` gives it another certificate."""

    server: Server
    authority: Authority
    file: Path

    def show(self, host: str, until: datetime | None = None) -> None:
        certificate, key = self.authority.issue(host, until or datetime.now(UTC) + DAY)
        data = self.server.folder / "data"
        for name, content in (("server.crt", certificate), ("server.key", key)):
            path = data / name
            path.unlink(missing_ok=True)
            path.write_bytes(content)
            path.chmod(0o600)
            owner = data.stat()
            shutil.chown(path, owner.st_uid, owner.st_gid)
        self.server.stop()
        self.server.start()

    @property
    def place(self) -> CentralPlace:
        return replace(
            self.server.place, host="localhost", tls=Tls.VERIFY, authority=str(self.file)
        )


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsServer]:
    if postgres_server.binaries() is None:
        pytest.skip(postgres_server.MISSING)
    authority = Authority.make("plant")
    file = tmp_path_factory.mktemp("authority") / "plant-ca.pem"
    file.write_bytes(authority.certificate.public_bytes(serialization.Encoding.PEM))
    with postgres_server.running() as server:
        made = TlsServer(server, authority, file)
        with (server.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("ssl = on\n")
        made.show("localhost")
        yield made


def refused(place: CentralPlace) -> CentralError:
    with pytest.raises(CentralError) as caught:
        CentralConnection(place, OWNER_PASSWORD)
    assert caught.value.trouble is Trouble.CERTIFICATE, caught.value
    assert not caught.value.passes
    return caught.value


def test_a_certificate_of_the_plant_is_accepted_with_its_authority_only(
    tls_server: TlsServer, tmp_path: Path
) -> None:
    with CentralConnection(tls_server.place, OWNER_PASSWORD) as connection:
        assert admin.facts(connection).encrypted
    assert "cannot prove who it is" in str(refused(replace(tls_server.place, authority="")))
    other = tmp_path / "other.pem"
    foreign = Authority.make("plant").certificate  # the same name, another key
    other.write_bytes(foreign.public_bytes(serialization.Encoding.PEM))
    refused(replace(tls_server.place, authority=str(other)))
    empty = tmp_path / "empty.pem"
    empty.write_text("no certificate")
    refused(replace(tls_server.place, authority=str(empty)))
    refused(replace(tls_server.place, authority=str(tmp_path / "missing.pem")))


def test_a_certificate_for_another_name_or_an_expired_one_is_refused(
    tls_server: TlsServer,
) -> None:
    refused(replace(tls_server.place, host="127.0.0.1"))
    tls_server.show("db.other.example")
    assert "localhost" in str(refused(tls_server.place))
    tls_server.show("localhost", datetime.now(UTC) - DAY)
    assert "expired" in str(refused(tls_server.place))
    tls_server.show("localhost")
    with CentralConnection(tls_server.place, OWNER_PASSWORD) as connection:
        assert connection.run("SELECT 1") == [[1]]
