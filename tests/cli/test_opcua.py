"""``deeprx opcua``: this PC's certificate, clients that may connect, users and their passwords."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.access import PinAccess
from deeprx_gui.cli.opcua_command import PASSWORD_VARIABLE
from deeprx_gui.outputs.opcua import keys_folder
from deeprx_gui.outputs.opcua_keys import OpcUaKeys
from deeprx_gui.outputs.opcua_people import OpcUaPeople
from tests.cli.conftest import Run
from tests.outputs.opcua_identity import identity


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_the_certificate_is_shown_with_its_fingerprint(data: Path, run: Run) -> None:
    shown = run("opcua", "show", "--json", "--data-dir", data).json
    own = OpcUaKeys(keys_folder(data)).own()
    assert shown["fingerprint"] == own.fingerprint
    assert shown["fingerprint"] in run("opcua", "show", "--data-dir", data).out
    renewed = run("opcua", "renew", "--host", "line-3", "--json", "--data-dir", data).json
    assert renewed["fingerprint"] != own.fingerprint


def test_a_refused_client_is_listed_accepted_and_refused_again(
    data: Path, tmp_path: Path, run: Run
) -> None:
    keys = OpcUaKeys(keys_folder(data))
    client = identity(tmp_path / "c").certificate
    keys.refusal(client.data)
    listed = run("opcua", "clients", "--json", "--data-dir", data).json
    assert [each["name"] for each in listed["refused"]] == ["plc"]
    assert run("opcua", "accept", client.fingerprint[:16], "--data-dir", data).code == 0
    assert keys.refusal(client.data) is None
    assert run("opcua", "refuse", client.fingerprint[:16], "--data-dir", data).code == 0
    assert keys.refusal(client.data) is not None
    unknown = run("opcua", "accept", "f" * 16, "--data-dir", data)
    assert unknown.code != 0
    assert "deeprx opcua clients" in unknown.err


def test_a_certificate_from_a_file_is_a_client_s_or_a_person_s(
    data: Path, tmp_path: Path, run: Run
) -> None:
    who = identity(tmp_path / "c")
    assert run("opcua", "add", who.file, "--data-dir", data).code == 0
    assert run("opcua", "add", who.file, "--person", "--data-dir", data).code == 0
    keys = OpcUaKeys(keys_folder(data))
    assert keys.trusted.has(who.certificate)
    assert keys.users.has(who.certificate)
    assert run("opcua", "remove", who.certificate.fingerprint, "--data-dir", data).code == 0
    assert not keys.users.has(who.certificate)
    old = identity(tmp_path / "c", "old", days=2, since=-9)
    assert "expired" in run("opcua", "add", old.file, "--data-dir", data).err
    assert "not a certificate" in run("opcua", "add", who.key, "--data-dir", data).err


def test_a_password_comes_from_the_environment_never_from_the_words(
    data: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "correct horse 9")
    assert run("opcua", "password", "plc", "--data-dir", data).code == 0
    assert OpcUaPeople(keys_folder(data) / "users.json").knows("plc", "correct horse 9")
    assert run("opcua", "users", "--json", "--data-dir", data).json == {"users": ["plc"]}
    asked = run("opcua", "password", "plc", "--data-dir", data)  # the variable is used up
    assert PASSWORD_VARIABLE in asked.err
    assert run("opcua", "remove", "plc", "--data-dir", data).code == 0
    assert "No OPC UA user" in run("opcua", "users", "--data-dir", data).out


def test_where_a_pin_is_set_only_an_engineer_lets_clients_in(
    data: Path, tmp_path: Path, run: Run
) -> None:
    who = identity(tmp_path / "c")
    data.mkdir()
    PinAccess(data / "access.json").set_pin("1234", who="")
    assert run("opcua", "clients", "--data-dir", data).code == 0
    assert "PIN" in run("opcua", "add", who.file, "--data-dir", data).err
    assert not OpcUaKeys(keys_folder(data)).trusted.has(who.certificate)
