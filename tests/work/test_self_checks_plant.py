"""What the self-test says of the database's driver and the credential store."""

from __future__ import annotations

import sys
from pathlib import Path

import keyring
import keyring.backend
import pytest

from deeprx_gui.central import driver_check, password
from deeprx_gui.domain.errors import CentralError, StorageError
from deeprx_gui.outputs.opcua_own import write_server_pem


def test_the_driver_speaks_to_a_server_over_tls(tmp_path: Path) -> None:
    assert "SCRAM" in str(driver_check.driver(write_server_pem(tmp_path)))


def test_a_driver_that_gives_other_values_or_no_answer_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver_check, "_send", lambda *_: None)
    monkeypatch.setattr(driver_check, "_SECONDS", 0.2)
    with pytest.raises(CentralError):
        driver_check.driver(write_server_pem(tmp_path))


def test_where_nothing_is_known_of_any_credential_store_the_parts_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend, parts = password._STORES.get(sys.platform, ("", ()))
    if not backend:
        pytest.skip("this system's store is not looked at")
    assert str(password.store())
    monkeypatch.delitem(sys.modules, backend, raising=False)
    monkeypatch.setattr(keyring.backend, "get_all_keyring", list)  # as without its entry points
    with pytest.raises(StorageError, match=backend.replace(".", r"\.")):
        password.store()
    monkeypatch.setattr(password, "_STORES", {sys.platform: ("", ("not_there",))})
    with pytest.raises(StorageError, match="not_there"):
        password.store()
    assert parts
