"""Decision buttons for the selected parts: OK, NG and undo, each with a key."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_tip, follow
from deeprx_gui.ui.kit.part_keys import BAD_KEYS, GOOD_KEYS

_KEYS: Final = {Decision.OK: GOOD_KEYS[0], Decision.NG: BAD_KEYS[0]}


class HistoryDecisionBar(QWidget):
    """``chosen`` carries a ``Decision``, or ``None`` to take it back."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._record: Record | None = None
        self._writable = True
        self._title = theme.level(QLabel(), "hint")
        self.ok, self.ng, self.back = QPushButton(), QPushButton(), QToolButton()
        theme.set_icon(self.ok, "verdict-ok", "ok")
        theme.set_icon(self.ng, "verdict-ng", "ng")
        theme.set_icon(self.back, "undo")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.XS)
        self._title.setContentsMargins(0, 0, theme.XS, 0)
        row.addWidget(self._title)
        for button in (self.ok, self.ng):
            button.setCheckable(True)
            button.setStyleSheet("padding: 0 4px;")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the keys to the table
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        self.back.setFixedWidth(theme.TOUCH)
        row.addWidget(self.back)
        self.ok.clicked.connect(self._ok)
        self.ng.clicked.connect(self._ng)
        self.back.clicked.connect(self._back)
        bind(self._title.setText, say("The part was"))
        bind_tip(self.back, say("Take the decision back"))
        follow(self._show_decision, Change.LANGUAGE)

    def set_narrow(self, narrow: bool) -> None:
        """Leave out what the buttons say themselves."""
        self._title.setVisible(not narrow)

    def show_record(self, record: Record | None) -> None:
        """Show what was decided of a part; ``None``: there is none."""
        self._record = record
        self._show_decision()

    @property
    def writable(self) -> bool:
        """Whether decisions can be written down."""
        return self._writable

    def set_writable(self, writable: bool) -> None:
        """Enable or disable decisions, depending on whether the store is writable."""
        self._writable = writable
        self._show_decision()

    def _show_decision(self) -> None:
        record = self._record
        verdict = None if record is None else record.verdict
        ok, ng = words(verdict)
        for button, text, decision in ((self.ok, ok, Decision.OK), (self.ng, ng, Decision.NG)):
            button.setText(f"{text}  {_KEYS[decision]}")
            button.setAccessibleName(text)
            button.setToolTip(self._tip())
            button.setEnabled(record is not None and self._writable)
            button.setChecked(record is not None and record.decision is decision)
        decided = record is not None and record.decision is not None
        self.back.setEnabled(decided and self._writable)

    def _tip(self) -> str:
        if not self._writable:
            return tr("Decisions cannot be written down now: the history is only for reading.")
        record = self._record
        if record is None or record.decision is None or record.decided_at is None:
            return tr("For the chosen rows; Ctrl+Z takes it back")
        when = f"{record.decided_at.astimezone():%Y-%m-%d %H:%M}"
        return tr("Decided by {who}, {when}", who=record.decided_by or "–", when=when)

    @Slot()
    def _ok(self) -> None:
        self._choose(Decision.OK)

    @Slot()
    def _ng(self) -> None:
        self._choose(Decision.NG)

    @Slot()
    def _back(self) -> None:
        self._choose(None)

    def _choose(self, decision: Decision | None) -> None:
        self._show_decision()  # the button shows what is on disk, not what was pressed
        self.chosen.emit(decision)


def words(verdict: Verdict | None) -> tuple[str, str]:
    """Return what the two decisions are called for a part judged so."""
    if verdict is Verdict.NG:
        return tr("OK: false call"), tr("NG, as judged")
    if verdict is Verdict.OK:
        return tr("OK, as judged"), tr("NG: missed")
    return tr("OK"), tr("NG")
