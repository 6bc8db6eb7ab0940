"""The bin: the profiles that were deleted, to be taken back or deleted for good."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile_card import BinnedProfile
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.dates import moment
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.refill import refill
from deeprx_gui.ui.kit.sheets import Sheet

_WIDTH = 520


class BinSheet(Sheet):
    """``restore_requested`` carries a profile's id; ``empty`` is the button for all of them."""

    restore_requested = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.profiles: tuple[BinnedProfile, ...] = ()
        self.restore: list[QPushButton] = []
        self._rows: tuple[QWidget, ...] = ()
        title = theme.level(QLabel(), "heading")
        self._hint = wrapped("hint")
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.M)
        self.empty = QPushButton()
        self.empty.setProperty("kind", "quiet")
        theme.set_icon(self.empty, "delete")
        self.put_title(title)
        self.body.addWidget(self._hint)
        self.body.addLayout(self._list)
        self.body.addWidget(self.empty)
        bind(title.setText, say("Bin"))
        bind(self.empty.setText, say("Empty the bin…"))
        self.show_profiles(())

    def show_profiles(self, profiles: Sequence[BinnedProfile]) -> None:
        """Show what lies in the bin, the latest first."""
        self.profiles = tuple(profiles)
        self.restore.clear()
        rows = (self._row(profile) for profile in self.profiles)
        self._rows = refill(self._list, self._rows, rows)
        self.empty.setVisible(bool(profiles))
        bind(
            self._hint.setText,
            say("Profiles stay here until you empty the bin.")
            if profiles
            else say("The bin is empty. A profile that you delete comes here first."),
        )

    def _row(self, profile: BinnedProfile) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        words = QVBoxLayout()
        words.setSpacing(2)
        name, when = wrapped("strong"), wrapped("small")
        name.setText(profile.name)
        bind(when.setText, partial(_when, profile))
        words.addWidget(name)
        words.addWidget(when)
        button = QPushButton()
        theme.set_icon(button, "undo")
        bind(button.setText, say("Take back"))
        bind(button.setAccessibleName, say("Take back “{name}”", name=profile.name))
        button.clicked.connect(partial(self._restore, profile.id))
        self.restore.append(button)
        line.addLayout(words, 1)
        line.addWidget(button)
        return row

    @Slot()
    def _restore(self, profile_id: str, *_checked: bool) -> None:
        self.restore_requested.emit(profile_id)


def _when(profile: BinnedProfile) -> str:
    if profile.when is None:
        return ""
    return tr("Deleted {when} · {who}", when=moment(profile.when), who=profile.who or "–")
