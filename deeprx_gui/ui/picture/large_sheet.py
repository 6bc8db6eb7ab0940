"""One picture as large as the window allows, with zoom; the list below it stays as it was."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QWidget

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message, say
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.picture_tools import ZoomTools
from deeprx_gui.ui.picture.picture_view import LEAST_RESULT, PictureView

_AROUND: Final = 150
"""What title, margins and the edge of the window take of its height."""


class LargePictureSheet(Sheet):
    """Opened by ``expect`` with a path; the picture comes by ``show_frame``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent.width(), parent)
        self.path: Path | None = None
        self.title = wrapped("heading")
        self.view, self.zoom = PictureView(), ZoomTools()
        self.sentence = wrapped("hint")
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        pictures = QWidget()
        row = QHBoxLayout(pictures)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self.view, 1)
        row.addWidget(self.zoom)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.sentence)
        self._stack.addWidget(pictures)
        self._stack.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.put_title(self.title)
        self.body.addWidget(self._stack, 1)
        view = self.view
        self.zoom.connect_to(view.fit, view.actual_size, view.zoom_in, view.zoom_out)

    @property
    def shown(self) -> bool:
        """Whether the picture is there."""
        return self._stack.currentIndex() == 1

    def expect(self, path: Path) -> None:
        """Open for a picture that is being read."""
        window = self.parentWidget() or self
        self.path = path
        self._width = window.width()
        self._stack.setMinimumHeight(max(LEAST_RESULT, window.height() - _AROUND))
        self.title.setText(path.name)
        self.title.setToolTip(str(path))
        self._stack.setCurrentIndex(0)
        bind(self.sentence.setText, say("Opening the picture…"))
        self.open()

    def show_frame(self, path: Path, frame: Frame) -> None:
        """Show the picture; one that is no longer wanted is ignored."""
        if path == self.path and self.isVisible():
            self.view.show_picture(frame.pixels)
            self._stack.setCurrentIndex(1)
            self.view.fit()

    def show_failure(self, path: Path, message: Message) -> None:
        """Say why there is no picture."""
        if path == self.path:
            bind(self.sentence.setText, message)
