"""What the Inspect page says while it cannot inspect: why, and one button that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import Message, say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped


@dataclass(frozen=True)
class MissingRequirement:
    """What is missing, what to do, and the word on the button that does it."""

    icon: str
    why: Message
    what: Message
    action: Message


NO_PROFILE: Final = MissingRequirement(
    "profiles",
    say("No product is chosen"),
    say("Choose the product that is on the line now."),
    say("Choose a product"),
)
NO_SOURCE: Final = MissingRequirement(
    "camera",
    say("No source of pictures is chosen"),
    say("Say where pictures come from: a camera, a folder, a stream."),
    say("Set up"),
)


class InspectEmptyState(QWidget):
    """Two sentences and a button in the middle; ``pressed`` asks for what is missing."""

    pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lack = NO_PROFILE
        self._icon = QLabel()
        self.why = theme.level(QLabel(), "heading")
        self.what = wrapped("hint")
        self.button = QPushButton()
        self.button.setProperty("kind", "primary")
        self.button.clicked.connect(self.pressed)
        column = QVBoxLayout(self)
        column.setSpacing(theme.M)
        column.addStretch(1)
        for label in (self._icon, self.why, self.what):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(label)
        column.addSpacing(theme.S)
        column.addWidget(self.button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        self.show_lack(NO_PROFILE)

    @property
    def lack(self) -> MissingRequirement:
        return self._lack

    def show_lack(self, lack: MissingRequirement) -> None:
        """Show what is missing."""
        self._lack = lack
        theme.set_pixmap(self._icon, lack.icon, "muted", 48)
        bind(self.why.setText, lack.why)
        bind(self.what.setText, lack.what)
        bind(self.button.setText, lack.action)
