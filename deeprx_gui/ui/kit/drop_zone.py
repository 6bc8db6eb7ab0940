"""DropZone: drop files and folders, or choose them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QFrame,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind


def dropped_paths(mime: QMimeData) -> tuple[Path, ...]:
    """Return the local files and folders a drop carries."""
    return tuple(Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile())


class DropZone(QFrame):
    """An empty place that says what to drop, with buttons for those who would rather choose.

    ``paths_chosen`` carries ``tuple[Path, ...]``: files and folders as they were given, unchecked.
    ``suffixes`` (``.png`` …) only narrow the file dialog. ``start_folder`` is where dialogs open;
    it follows the last choice.
    """

    paths_chosen = Signal(object)

    def __init__(
        self,
        headline: Message,
        hint: Message,
        *,
        suffixes: Sequence[str] = (),
        folders: bool = True,
        icon: str = "images",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._suffixes = tuple(suffixes)
        self._hot = False
        self.start_folder = Path.home()
        self.setAcceptDrops(True)
        self._picture = QLabel()
        theme.set_pixmap(self._picture, icon, "muted", 48)
        self._headline = theme.level(QLabel(), "heading")
        self._hint = theme.level(QLabel(), "hint")
        for label in (self._picture, self._headline, self._hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._headline.setWordWrap(True)
        self._hint.setWordWrap(True)
        self._files = QPushButton()
        theme.set_icon(self._files, "image")
        self._files.clicked.connect(self.choose_files)
        self._folder = QPushButton()
        theme.set_icon(self._folder, "folder")
        self._folder.clicked.connect(self.choose_folder)
        if not folders:  # showing a widget that has no parent yet would open a window of its own
            self._folder.hide()
        self._lay_out()
        bind(self._headline.setText, headline)
        bind(self._hint.setText, hint)
        bind(self._files.setText, say("Choose files…"))
        bind(self._folder.setText, say("Choose a folder…"))

    def _lay_out(self) -> None:
        self._buttons = buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        buttons.setSpacing(theme.M)
        buttons.addStretch(1)
        buttons.addWidget(self._files)
        buttons.addWidget(self._folder)
        buttons.addStretch(1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(theme.M, theme.L, theme.M, theme.L)
        column.setSpacing(theme.M)
        column.addStretch(1)
        column.addWidget(self._picture)
        column.addWidget(self._headline)
        column.addWidget(self._hint)
        column.addSpacing(theme.S)
        column.addLayout(buttons)
        column.addStretch(1)

    def _least_width(self, *, beside: bool) -> int:
        """Return the width that the buttons need, beside or below each other."""
        widths = [b.sizeHint().width() for b in (self._files, self._folder) if not b.isHidden()]
        whole = sum(widths) + (len(widths) + 1) * theme.M if beside else max(widths)
        return whole + 2 * theme.M

    def minimumSizeHint(self) -> QSize:
        """As narrow as one button: in a narrow place they stand below each other."""
        return QSize(self._least_width(beside=False), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons beside each other where there is room."""
        super().resizeEvent(event)
        self._place_buttons()

    def event(self, event: QEvent) -> bool:
        """Place the buttons anew when another language makes them wider or narrower."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._place_buttons()
        return super().event(event)

    def _place_buttons(self) -> None:
        beside = self.width() >= self._least_width(beside=True)
        wanted = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._buttons.direction() is not wanted:
            self._buttons.setDirection(wanted)
            self._column.activate()  # at once: they are on screen, squeezed, until then

    @Slot()
    def choose_files(self) -> None:
        """Ask for files."""
        wanted = " ".join(f"*{s}" for s in self._suffixes)
        kinds = f"{tr('Images')} ({wanted});;{tr('All files')} (*)" if wanted else ""
        names, _ = QFileDialog.getOpenFileNames(
            self, tr("Choose files"), str(self.start_folder), kinds
        )
        self._give(tuple(Path(n) for n in names))

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a folder."""
        name = QFileDialog.getExistingDirectory(self, tr("Choose a folder"), str(self.start_folder))
        self._give((Path(name),) if name else ())

    def _give(self, paths: tuple[Path, ...]) -> None:
        if paths:
            self.start_folder = paths[0] if paths[0].is_dir() else paths[0].parent
            self.paths_chosen.emit(paths)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders from this computer."""
        if dropped_paths(event.mimeData()):
            self._heat(True)
            event.acceptProposedAction()

    def dragLeaveEvent(self, _event: QDragLeaveEvent) -> None:
        self._heat(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._heat(False)
        event.acceptProposedAction()
        self._give(dropped_paths(event.mimeData()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw a dashed frame, solid blue while something hovers over it."""
        tokens = theme.current_tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(tokens.accent if self._hot else tokens.line_strong)
        pen = QPen(ink, 2 if self._hot else 1.5)
        pen.setStyle(Qt.PenStyle.SolidLine if self._hot else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self._hot:
            painter.fillRect(self.rect().adjusted(2, 2, -2, -2), QColor(tokens.accent_soft))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), theme.RADIUS, theme.RADIUS)
        painter.end()

    def _heat(self, hot: bool) -> None:
        self._hot = hot
        self.update()
