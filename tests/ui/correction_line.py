"""A person at a window whose product learns from mistakes."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, Program
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.corrections import CorrectionBook, CorrectionKind
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.ui.corrections.correction_bar import CorrectionBar
from deeprx_gui.ui.corrections.corrections_sheet import CorrectionsSheet
from deeprx_gui.ui.corrections.gate_sheet import GateSheet
from tests.work.helpers import save


class Line:
    """A window over a product that a real fit learnt, and a person at it."""

    def __init__(self, program: Program, qtbot: QtBot, folder: Path, profile: Profile) -> None:
        self.program, self.qtbot, self.folder, self.profile = program, qtbot, folder, profile

    @property
    def store(self) -> ProfileStore:
        return self.program.job_service.services.store

    @property
    def sheet(self) -> CorrectionsSheet:
        return self.program.shared.corrections.sheet

    @property
    def gate(self) -> GateSheet:
        return self.program.shared.gate.sheet

    def book(self) -> CorrectionBook:
        return self.store.corrections.book(self.profile.id)

    def check(self, pixels: ByteImage, name: str) -> Path:
        """Score a picture on Check and select it."""
        path = save(self.folder / name, pixels)
        page = self.program.check_page
        rows = len(self.program.results.rows)
        self.program.window.show_page(CHECK)
        page.score_requested.emit((PendingImage(path, Label.UNKNOWN),))
        self.qtbot.waitUntil(lambda: len(self.program.results.rows) == rows + 1)
        self.qtbot.waitUntil(lambda: not self.program.job_service.busy)
        page.body.table.go_to(rows)
        return path

    def tap(self, bar: CorrectionBar, kind: CorrectionKind) -> None:
        before = len(self.book().pending)
        button = bar.buttons[kind]
        assert button.isEnabled()
        button.click()
        self.qtbot.waitUntil(lambda: len(self.book().pending) == before + 1)
        self.qtbot.waitUntil(lambda: bar.waiting == before + 1)

    def open_sheet(self, bar: CorrectionBar) -> None:
        bar.list.click()
        self.qtbot.waitUntil(self.sheet.isVisible)

    def apply(self) -> None:
        self.sheet.apply.click()

    @property
    def open_revision(self) -> int:
        profile = self.program.session.profile
        assert profile is not None
        return profile.revision

    def decision(self, number: int) -> Decision | None:
        record = self.program.records.store().get(number)
        assert record is not None
        return record.decision

    @property
    def revision(self) -> int:
        return self.store.load(self.profile.id).revision
