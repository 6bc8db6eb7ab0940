"""The top of the window: which profile is open, what is not saved, what computes, settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from deeprx_gui.domain.forwarding import ForwardPhase, ForwardState
from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import tr
from deeprx_gui.state.session import Session
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_tip, follow
from deeprx_gui.ui.kit.dates import revision_label


class Header(QFrame):
    """Follows the session; ``save`` and ``settings`` are its buttons."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("bar", "true")
        self._session = session
        self.product = theme.level(QLabel(), "heading")
        self.revision = theme.level(QLabel(), "chip")
        self._unsaved = theme.level(QLabel(), "unsaved")
        self.save = QPushButton()
        self.save.setProperty("kind", "quiet")
        theme.set_icon(self.save, "save", "accent_text")
        self.runtime = theme.level(QLabel(), "chip")
        self.runtime.hide()
        self.central = QToolButton()
        self.central.setProperty("kind", "quiet")
        self.central.hide()
        self.settings = QToolButton()
        self.settings.setProperty("kind", "quiet")
        theme.set_icon(self.settings, "settings")
        self.settings.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.XL, theme.S, theme.L, theme.S)
        row.setSpacing(theme.S)
        for widget in (self.product, self.revision, self._unsaved, self.save):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.runtime)
        row.addWidget(self.central)
        row.addWidget(self.settings)
        self.setFixedHeight(theme.TOUCH + theme.L)
        session.profile_changed.connect(self._show_session)
        session.profile_saved.connect(self._show_session)
        session.dirty_changed.connect(self._show_session)
        bind(self._unsaved.setText, say("Limits not saved"))
        bind(self.save.setText, say("Save the limits"))
        bind(self.runtime.setToolTip, say("What computes the scores on this PC"))
        bind(self.settings.setText, say("Settings"))
        bind(self.settings.setToolTip, say("Language, appearance, your name"))
        follow(self._show_session, Change.LANGUAGE)

    def show_runtime(self, name: str) -> None:
        """Show what computes, such as ``torch · CPU``; empty until it was chosen."""
        self.runtime.setVisible(bool(name))
        self.runtime.setText(name)

    def show_central(self, state: ForwardState) -> None:
        """Show how far the sending to the central database is."""
        bind(self.central.setText, _central_words(state))
        bind_tip(self.central, state.problem or say("Verdicts that wait for the central database"))

    @Slot()
    def _show_session(self) -> None:
        profile = self._session.profile
        self.product.setText(tr("No profile is open") if profile is None else profile.name)
        self.product.setEnabled(profile is not None)
        self.revision.setVisible(profile is not None)
        if profile is not None:
            self.revision.setText(revision_label(profile.revision))
        self._unsaved.setVisible(self._session.dirty)
        self.save.setVisible(self._session.dirty)


def _central_words(state: ForwardState) -> Message:
    if state.phase in {ForwardPhase.WAITING, ForwardPhase.STOPPED}:
        if not state.waiting:
            return say("⚠ Central: not connected")
        return say("⚠ Central: {n} waiting", n=state.waiting)
    if state.waiting:
        return say("Central: {n} waiting", n=state.waiting)
    if state.phase is ForwardPhase.CONNECTING:
        return say("Central: connecting…")
    return say("Central: up to date")
