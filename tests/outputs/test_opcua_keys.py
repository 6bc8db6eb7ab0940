"""Certificates and users of the OPC UA server, without a network."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.outputs.opcua_keys import Certificate, CertificateFolder, OpcUaKeys
from deeprx_gui.outputs.opcua_people import FREE_TRIES, LOCK_SECONDS, OpcUaPeople, WrongTries
from deeprx_gui.outputs.opcua_strangers import MOST_OF_ONE, MOST_REFUSED, Strangers
from tests.outputs.opcua_identity import identity


@pytest.fixture
def keys(tmp_path: Path) -> OpcUaKeys:
    return OpcUaKeys(tmp_path / "鍵")


def test_the_own_certificate_is_made_once_and_its_key_is_the_owners(keys: OpcUaKeys) -> None:
    own = keys.own(["192.168.0.9"])
    assert own.fault() is None
    assert own.uri.startswith("urn:")
    assert keys.own().data == own.data
    assert b"PRIVATE KEY" in keys.key_file.read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE(keys.key_file.stat().st_mode) == 0o600
    assert keys.renew().fingerprint != own.fingerprint


def test_an_unknown_client_is_refused_kept_and_can_be_accepted(
    keys: OpcUaKeys, tmp_path: Path
) -> None:
    client = identity(tmp_path / "c").certificate
    why = str(keys.refusal(client.data))
    assert "plc" in why
    assert client.fingerprint in why, "the whole of it, to be compared"
    assert keys.refused.certificates() == (client,)
    assert keys.accept(client.fingerprint[:16]) == client
    assert keys.problem is None
    assert keys.refusal(client.data) is None
    assert keys.refused.certificates() == ()
    keys.refuse(client.fingerprint)
    assert keys.refusal(client.data) is not None


def test_a_sentence_goes_once_the_client_was_accepted_by_another_program(
    keys: OpcUaKeys, tmp_path: Path
) -> None:
    client = identity(tmp_path / "c").certificate
    keys.refusal(client.data)
    OpcUaKeys(keys.folder).accept(client.fingerprint)
    assert keys.refusal(client.data) is None
    assert keys.problem is None


def test_what_has_expired_or_makes_no_sense_is_refused_though_it_is_trusted(
    keys: OpcUaKeys, tmp_path: Path
) -> None:
    old = identity(tmp_path / "c", "old", days=2, since=-10).certificate
    keys.trusted.add(old)
    assert "expired" in str(keys.refusal(old.data))
    assert old.is_out_of_time
    future = identity(tmp_path / "c", "future", since=3).certificate
    assert "valid only from" in str(keys.refusal(future.data))
    for nonsense in (b"", None, b"0\x82\xff\xff" + b"x" * 100, b"x" * 20_000):
        assert "cannot be read" in str(keys.refusal(nonsense))
    assert keys.refused.certificates() == (), "only what could be accepted is kept"


def test_a_certificate_that_was_changed_after_it_was_signed_is_not_taken(
    keys: OpcUaKeys, tmp_path: Path
) -> None:
    data = bytearray(identity(tmp_path / "c").certificate.data)
    data[-1] ^= 1  # the signature stands at the end
    forged = Certificate(bytes(data))
    assert "not that of its own key" in str(keys.refusal(forged.data))
    assert keys.refused.certificates() == ()


def test_refused_certificates_do_not_pile_up(tmp_path: Path) -> None:
    folder = CertificateFolder(tmp_path)
    for number in range(MOST_REFUSED + 5):
        file = tmp_path / f"{number}.der"
        file.write_bytes(b"x")
        os.utime(file, (number, number))
    folder.drop(Strangers().who_goes)
    assert len(list(tmp_path.iterdir())) == MOST_REFUSED
    assert not (tmp_path / "4.der").exists()


def test_one_address_has_its_own_places_in_the_list_and_no_more() -> None:
    strangers = Strangers()
    strangers.came("plc", "10.0.0.6")
    for number in range(MOST_OF_ONE + 2):
        strangers.came(f"flood {number}", "10.0.0.5")
    there = ["plc", *(f"flood {number}" for number in range(MOST_OF_ONE + 2))]
    assert list(strangers.who_goes(there)) == ["flood 0", "flood 1"]


def test_where_the_list_is_full_one_of_those_with_most_places_goes() -> None:
    strangers = Strangers()
    there = ["plc"]  # the oldest
    strangers.came("plc", "10.0.0.9")
    for address in range(5):
        for number in range(MOST_OF_ONE):
            there.append(f"{address} {number}")
            strangers.came(there[-1], f"10.0.0.{address}")
    assert len(there) == MOST_REFUSED + 1
    assert list(strangers.who_goes(there)) == ["0 0"]
    earlier = [f"{number}" for number in range(MOST_REFUSED)]  # before the program was started
    assert list(Strangers().who_goes(earlier)) == []


def test_a_certificate_is_found_by_an_unambiguous_beginning_only(
    keys: OpcUaKeys, tmp_path: Path
) -> None:
    client = identity(tmp_path / "c").certificate
    keys.refused.add(client)
    for wrong in (
        "",
        "12",
        "../../own",
        "f" * 16,
        client.fingerprint + "0",
        client.fingerprint[:15],
        client.thumbprint,
    ):
        with pytest.raises(RequestError):
            keys.accept(wrong)
    spaced = ":".join(client.fingerprint[n : n + 2] for n in range(0, 16, 2)).upper()
    assert keys.accept(spaced) == client
    assert Certificate(b"junk").name == "?"


def test_passwords_are_kept_as_salted_hashes_only(tmp_path: Path) -> None:
    people = OpcUaPeople(tmp_path / "opcua" / "users.json")
    assert not people.knows("plc", "")
    people.set_password("plc", "correct horse 9")
    people.set_password("scada", "correct horse 9")
    text = (tmp_path / "opcua" / "users.json").read_text(encoding="utf-8")
    assert "correct" not in text
    assert people.knows("plc", "correct horse 9")
    assert not people.knows("plc", "correct horse 8")
    assert not people.knows("PLC", "correct horse 9")
    assert people.names == ("plc", "scada")
    people.remove("plc")
    assert not people.knows("plc", "correct horse 9")
    for name, password in (("", "long enough"), ("x", "short"), ("a\nb", "long enough")):
        with pytest.raises(RequestError):
            people.set_password(name, password)


def test_a_damaged_file_of_users_lets_nobody_in(tmp_path: Path) -> None:
    file = tmp_path / "users.json"
    people = OpcUaPeople(file)
    people.set_password("plc", "correct horse 9")
    file.write_text(file.read_text(encoding="utf-8").replace('"hash"', '"hush"'), encoding="utf-8")
    assert not people.knows("plc", "correct horse 9")
    with pytest.raises(RequestError, match="damaged"):
        people.set_password("other", "correct horse 9")


def test_wrong_tries_lock_their_own_address_for_a_while() -> None:
    now = [0.0]
    tries = WrongTries(lambda: now[0])
    for _ in range(FREE_TRIES):
        assert not tries.locked("10.0.0.5")
        tries.wrong("10.0.0.5")
    assert tries.locked("10.0.0.5")
    assert not tries.locked("10.0.0.6")
    assert "10.0.0.5" in str(tries.problem)
    now[0] = LOCK_SECONDS
    assert not tries.locked("10.0.0.5")
    tries.right("10.0.0.5")
    assert tries.problem is None
