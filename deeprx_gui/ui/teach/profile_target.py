"""Which profile the fit is for: a new one with a name, or the next revision of the open one."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow

_NEW = ""


class ProfileTarget(QWidget):
    """``changed`` tells that a person chose or typed otherwise."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._profile: Profile | None = None
        self._row = ChoiceRow()
        self._row.chosen.connect(self._chosen)
        self.name = QLineEdit()
        self.name.setMaxLength(80)
        self.name.setClearButtonEnabled(False)
        self.name.textEdited.connect(self._edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self._row)
        column.addWidget(self.name)
        bind(self.name.setPlaceholderText, say("Name of the product"))
        bind(self.name.setAccessibleName, say("Name of the product"))
        self._offer()
        self._row.set_value(_NEW)

    @property
    def profile_id(self) -> str | None:
        """The profile that gets a new revision, ``None`` for a new profile."""
        return str(self._row.value) if self._row.value else None

    @property
    def profile_name(self) -> str:
        if self.profile_id is not None and self._profile is not None:
            return self._profile.name
        return self.name.text().strip()

    def show_profile(self, profile: Profile | None) -> None:
        """Offer a new revision of this profile, and choose it."""
        self._profile = profile
        self._offer()
        self._row.set_value(profile.id if profile is not None else _NEW)
        self._show_name()

    def start_new(self, name: str) -> None:
        """Choose a new profile of this name, perhaps empty."""
        self._row.set_value(_NEW)
        self.name.setText(name)
        self._show_name()
        self.name.setFocus()

    def _offer(self) -> None:
        options: list[tuple[object, Message]] = [(_NEW, say("a new profile"))]
        if self._profile is not None:
            name = self._profile.name
            options.append((self._profile.id, say("a new revision of “{name}”", name=name)))
        self._row.bind_texts(say("Learn as"), "", options)

    def _show_name(self) -> None:
        self.name.setVisible(self.profile_id is None)

    @Slot(object)
    def _chosen(self, _value: object) -> None:
        self._show_name()
        self.changed.emit()

    @Slot(str)
    def _edited(self, _text: str) -> None:
        self.changed.emit()
