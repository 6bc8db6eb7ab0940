"""The top of the window: which profile is open, what is not saved, what computes, settings."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from deeprx_gui.i18n import tr
from deeprx_gui.state.session import Session
from deeprx_gui.ui import theme
from deeprx_gui.ui.dates import revision_label


class Header(QFrame):
    """Follows the session. ``save_requested``: keep the moved limits; ``settings_requested``."""

    save_requested = Signal()
    settings_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("bar", "true")
        self._session = session
        self._runtime_name = ""
        self._name = theme.level(QLabel(), "heading")
        self._revision = theme.level(QLabel(), "chip")
        self._unsaved = theme.level(QLabel(), "unsaved")
        self.save = QPushButton()
        self.save.setProperty("kind", "quiet")
        theme.set_icon(self.save, "save", "accent_text")
        self.save.clicked.connect(self.save_requested)
        self._runtime = theme.level(QLabel(), "chip")
        self.settings = QToolButton()
        self.settings.setProperty("kind", "quiet")
        theme.set_icon(self.settings, "settings")
        self.settings.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.settings.clicked.connect(self.settings_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.XL, theme.S, theme.L, theme.S)
        row.setSpacing(theme.S)
        for widget in (self._name, self._revision, self._unsaved, self.save):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._runtime)
        row.addWidget(self.settings)
        self.setFixedHeight(theme.TOUCH + theme.L)
        session.profile_changed.connect(self.retranslate)
        session.profile_saved.connect(self.retranslate)
        session.dirty_changed.connect(self.retranslate)
        self.retranslate()

    def show_runtime(self, name: str) -> None:
        """Show what computes, such as ``torch · CPU``; empty until it was chosen."""
        self._runtime_name = name
        self.retranslate()

    @Slot()
    def retranslate(self) -> None:
        """Show the session in the current language."""
        profile = self._session.profile
        self._name.setText(tr("No profile is open") if profile is None else profile.name)
        self._name.setEnabled(profile is not None)
        self._revision.setVisible(profile is not None)
        if profile is not None:
            self._revision.setText(revision_label(profile.revision))
        self._unsaved.setVisible(self._session.dirty)
        self._unsaved.setText(tr("Limits not saved"))
        self.save.setVisible(self._session.dirty)
        self.save.setText(tr("Save the limits"))
        self._runtime.setVisible(bool(self._runtime_name))
        self._runtime.setText(self._runtime_name)
        self._runtime.setToolTip(tr("What computes the scores on this PC"))
        self.settings.setText(tr("Settings"))
        self.settings.setToolTip(tr("Language, appearance, your name"))
