"""Certificates of the OPC UA output in the window: clients that knocked, trusted ones, our own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import INSPECT, Program
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.client_certificates import CertificateList, KnownCertificate
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.outputs import opcua_certificates
from deeprx_gui.outputs.opcua import keys_folder
from deeprx_gui.outputs.opcua_keys import OpcUaKeys
from deeprx_gui.ui.inspect.opcua_sheet import OpcUaSheet
from deeprx_gui.ui.kit.confirm_sheet import ConfirmSheet
from tests.outputs.opcua_identity import identity
from tests.ui.conftest import Start
from tests.ui.driving import LEFT, settle


def texts(sheet: OpcUaSheet) -> str:
    return "\n".join(label.text() for label in sheet.findChildren(QLabel) if label.isVisible())


def open_sheet(program: Program, qtbot: QtBot, address: str) -> OpcUaSheet:
    settle(program, qtbot)
    program.window.show_page(INSPECT)
    QTest.mouseClick(program.inspect_page.top.setup, LEFT)
    section = program.inspect_page.sheets.setup.outputs
    section.drafted.emit(OutputSpec("opcua", address))
    row = next(row for row in section.rows if row.spec.kind == "opcua")
    assert row.more is not None
    row.more.click()
    sheet = program.window.findChild(OpcUaSheet)
    assert isinstance(sheet, OpcUaSheet)
    qtbot.waitUntil(sheet.copy.isEnabled, timeout=30_000)
    return sheet


def agree(sheet: OpcUaSheet, *words: str) -> None:
    confirm = next(each for each in sheet.window().findChildren(ConfirmSheet) if each.isVisible())
    assert all(word in confirm.question.text() for word in words)
    confirm.yes.click()


def known(name: str, minute: int) -> KnownCertificate:
    """A certificate whose client was refused at that minute."""
    digits = f"{ord(name):02x}"
    at = datetime(2030, 1, 2, 3, minute, tzinfo=UTC)
    return KnownCertificate(
        name, digits * 32, digits * 20, "", datetime(2040, 1, 1, tzinfo=UTC), at
    )


def names(sheet: OpcUaSheet) -> list[str]:
    return [row.known.name for row in sheet.rows["refused"]]


def test_rows_stay_where_they_are_while_the_sheet_is_open(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(1000, 700)
    window.show()
    sheet, own = OpcUaSheet(window), known("o", 0)
    sheet.open()
    sheet.show_list(CertificateList(own, (known("a", 5), known("b", 4))))
    assert names(sheet) == ["a", "b"], "the newest first"
    second = sheet.rows["refused"][1]
    trust = second.buttons["trust"]
    asked: list[KnownCertificate] = []
    sheet.accepted.connect(asked.append)
    trust.setFocus()
    again = known("b", 6)  # retries: it is the newest now
    sheet.show_list(CertificateList(own, (known("c", 7), again, known("a", 5))))
    assert names(sheet) == ["a", "b", "c"], "newcomers at the end"
    assert sheet.rows["refused"][1] is second, "the same row, with its focus"
    assert second.known == again
    assert window.focusWidget() is trust
    trust.click()
    assert [each.name for each in asked] == ["b"]
    expired = replace(again, fault=say("it cannot be read"))
    sheet.show_list(CertificateList(own, (expired,)))
    assert names(sheet) == ["b"]
    assert not trust.isEnabled()
    sheet.close_sheet()
    sheet.open()
    assert not names(sheet)
    sheet.show_list(CertificateList(own, (known("c", 7), again, known("a", 5))))
    assert names(sheet) == ["c", "b", "a"], "opened anew: the newest first"


@pytest.fixture
def sheet(
    start: Start, qtbot: QtBot, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> OpcUaSheet:
    # the server itself is tested elsewhere; here it would listen on a port of the PC
    monkeypatch.setattr("deeprx_gui.outputs.opcua.is_installed", lambda: False)
    return open_sheet(start(), qtbot, "127.0.0.1:4840")


def test_a_client_that_knocked_is_trusted_and_trusted_no_longer(
    sheet: OpcUaSheet, qtbot: QtBot, data_dir: Path, tmp_path: Path
) -> None:
    keys = OpcUaKeys(keys_folder(data_dir))
    own = keys.own()
    assert f"{own.until:%Y-%m-%d}" in texts(sheet)
    assert own.thumbprint.upper()[:8] in texts(sheet)
    assert "Let the client connect once" in texts(sheet)
    client = identity(tmp_path / "c", "line &amp; 7").certificate
    assert keys.refusal(client.data)
    qtbot.waitUntil(lambda: bool(sheet.rows["refused"]), timeout=30_000)  # it looks by itself
    (row,) = sheet.rows["refused"]
    (name,) = [each for each in row.findChildren(QLabel) if each.text() == "line &amp; 7"]
    assert name.textFormat() is Qt.TextFormat.PlainText, "a stranger wrote it"
    qtbot.waitUntil(lambda: "refused today" in texts(sheet), timeout=30_000)  # once it is shown
    row.buttons["trust"].click()
    agree(sheet, "line &amp; 7", client.thumbprint.upper()[:8])
    qtbot.waitUntil(lambda: bool(sheet.rows["accepted"]), timeout=30_000)
    assert keys.refusal(client.data) is None
    assert not sheet.rows["refused"]
    sheet.rows["accepted"][0].buttons["refuse"].click()
    qtbot.waitUntil(lambda: bool(sheet.rows["refused"]), timeout=30_000)
    assert keys.refusal(client.data)
    sheet.rows["refused"][0].buttons["remove"].click()
    qtbot.waitUntil(lambda: not sheet.rows["refused"], timeout=30_000)
    assert keys.refused.certificates() == ()


@pytest.fixture
def audit(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written into the audit trail."""
    noted: list[str] = []

    def note(_service: JobService, _what: str, _product: str = "", **more: str) -> None:
        noted.extend(more.values())

    monkeypatch.setattr(JobService, "note", note)
    return noted


def test_the_audit_trail_has_what_was_done_and_nothing_that_failed(
    sheet: OpcUaSheet, qtbot: QtBot, data_dir: Path, tmp_path: Path, audit: list[str]
) -> None:
    keys = OpcUaKeys(keys_folder(data_dir))
    who = identity(tmp_path / "c", "line7")
    client = who.certificate
    sheet.accepted.emit(opcua_certificates.known(client))  # it went from the list meanwhile
    agree(sheet)
    qtbot.waitUntil(lambda: "no refused certificate" in sheet.message.text(), timeout=30_000)
    sheet.added.emit(who.key)
    qtbot.waitUntil(lambda: "not a certificate" in sheet.message.text(), timeout=30_000)
    assert audit == []
    sheet.added.emit(who.file)
    qtbot.waitUntil(lambda: len(audit) == 1, timeout=30_000)
    for signal, what in (
        (sheet.refused, "refused"), (sheet.accepted, "accepted"), (sheet.refused, "refused"),
        (sheet.forgotten, "removed"),
    ):  # fmt: skip
        before = len(audit)
        signal.emit(opcua_certificates.known(client))
        if what == "accepted":
            agree(sheet)
        qtbot.waitUntil(lambda before=before: len(audit) > before, timeout=30_000)  # type: ignore[misc]
        assert audit[-1] == f"{what} line7 {client.fingerprint}"
    assert audit[0] == f"added line7 {client.fingerprint}"
    sheet.renew.click()
    agree(sheet)
    qtbot.waitUntil(lambda: audit[-1].startswith("renewed"), timeout=30_000)
    assert audit[-1].endswith(keys.own().fingerprint)


def test_what_a_look_could_not_do_is_said_until_the_next_one_can(
    sheet: OpcUaSheet, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_given: object) -> CertificateList:
        raise StorageError(say("the disk is away"))

    with monkeypatch.context() as away:
        away.setattr(opcua_certificates, "everything", fails)
        qtbot.waitUntil(lambda: "disk is away" in sheet.message.text(), timeout=30_000)
    qtbot.waitUntil(lambda: not sheet.message.text(), timeout=30_000)
    assert not sheet.message.isVisible()


def test_files_come_and_go_and_what_expired_is_said(
    sheet: OpcUaSheet,
    qtbot: QtBot,
    data_dir: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    keys = OpcUaKeys(keys_folder(data_dir))
    copy = tmp_path / "this pc.der"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(copy), ""))
    sheet.copy.click()
    qtbot.waitUntil(copy.exists, timeout=30_000)
    assert copy.read_bytes() == keys.own().data
    who = identity(tmp_path / "c")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(who.key), ""))
    sheet.add.click()
    qtbot.waitUntil(lambda: "not a certificate" in sheet.message.text(), timeout=30_000)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(who.file), ""))
    sheet.add.click()
    qtbot.waitUntil(lambda: keys.trusted.has(who.certificate), timeout=30_000)
    keys.trusted.add(identity(tmp_path / "c", "old", days=2, since=-9).certificate)
    qtbot.waitUntil(lambda: "it expired on" in texts(sheet), timeout=30_000)


def test_a_new_certificate_is_made_after_a_question(
    sheet: OpcUaSheet, qtbot: QtBot, data_dir: Path
) -> None:
    keys = OpcUaKeys(keys_folder(data_dir))
    before = keys.own().fingerprint
    sheet.renew.click()
    agree(sheet)
    qtbot.waitUntil(lambda: keys.own().fingerprint != before, timeout=30_000)
    qtbot.waitUntil(lambda: "new certificate" in sheet.message.text(), timeout=30_000)
