"""What waits to be scored: how much, what it is, and the button that starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.i18n import tr, tr_n
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_items, bind_tip, follow
from deeprx_gui.ui.kit.choice_row import NoWheelComboBox
from deeprx_gui.ui.kit.frames import CardFrame

CHOICES: Final = (None, Label.GOOD, Label.BAD)
"""``None``: as the folders are called, otherwise unknown."""


class PendingImagesCard(CardFrame):
    """Files and folders to score and what a person says they are; hidden while there is nothing.

    ``score_requested`` carries ``tuple[PendingImage, ...]``; a path may be a folder. Pictures
    labelled
    unknown get the label that the names of their folders state, if any.
    """

    score_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, margin=theme.M)
        self._items: tuple[PendingImage, ...] = ()
        self._again = False
        self._ready = False
        self._text = QLabel()
        self._text.setMinimumWidth(40)
        self._drop = QToolButton()
        self._drop.setProperty("kind", "quiet")
        theme.set_icon(self._drop, "close", "muted")
        self.labels = NoWheelComboBox()
        self.score = QPushButton()
        self.score.setProperty("kind", "primary")
        theme.set_icon(self.score, "play", "on_accent")
        self._drop.clicked.connect(self.clear)
        self.score.clicked.connect(self.start)
        top = QHBoxLayout()
        top.addWidget(self._text, 1)
        top.addWidget(self._drop)
        row = QHBoxLayout()
        row.setSpacing(theme.S)
        row.addWidget(self.labels, 1)
        row.addWidget(self.score)
        column = QVBoxLayout()
        column.setSpacing(theme.XS)
        column.addLayout(top)
        column.addLayout(row)
        self.body.addLayout(column)
        self.hide()
        bind_items(
            self.labels,
            [say("Labels from folder names"), say("All are good parts"), say("All are bad parts")],
        )
        bind(self.labels.setAccessibleName, say("What are these parts?"))
        bind_tip(self._drop, say("Do not score these"))
        follow(self._show_waiting, Change.LANGUAGE)

    @property
    def items(self) -> tuple[PendingImage, ...]:
        return self._items

    def add(self, paths: Sequence[Path]) -> None:
        """Add files and folders to the pending images."""
        known = () if self._again else self._items
        have = {item.path for item in known}
        self._again = False
        self._items = known + tuple(PendingImage(p) for p in dict.fromkeys(paths) if p not in have)
        self._show_waiting()
        self.setVisible(bool(self._items))

    @property
    def again(self) -> bool:
        """Whether everything that waits was scored before."""
        return self._again

    def offer_again(self, items: Sequence[PendingImage], *, again: bool = True) -> None:
        """Offer pictures of the product that was opened; ``again``: all were scored before."""
        self._items = tuple(items)
        self._again = again and bool(items)
        self._show_waiting()
        self.setVisible(bool(items))

    def set_ready(self, ready: bool) -> None:
        """Enable or disable the start button."""
        self._ready = ready
        self.score.setEnabled(ready and bool(self._items))

    @Slot()
    def clear(self) -> None:
        """Remove all pending images."""
        self._items = ()
        self._again = False
        self.hide()

    @Slot()
    def start(self) -> None:
        """Request scoring of the pending images."""
        if not self._items or not self._ready:
            return
        chosen = CHOICES[self.labels.currentIndex()]
        items = self._items
        if chosen is not None and not self._again:
            items = tuple(PendingImage(item.path, chosen) for item in items)
        self.clear()
        self.score_requested.emit(items)

    def _show_waiting(self) -> None:
        self.labels.setVisible(not self._again)
        self.score.setText(tr("Score again") if self._again else tr("Start scoring"))
        self.score.setEnabled(self._ready and bool(self._items))
        self._show_text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide the names to the available width."""
        super().resizeEvent(event)
        self._show_text()

    def _show_text(self) -> None:
        names = ", ".join(item.path.name or str(item.path) for item in self._items[:3])
        count = len(self._items)
        if self._again:
            text = tr_n("{n} picture was scored before", "{n} pictures were scored before", n=count)
        elif count > 3:
            text = tr("{names} and {n} more", names=names, n=count - 3)
        else:
            text = names
        metrics = QFontMetrics(self._text.font())
        elide = Qt.TextElideMode.ElideMiddle
        self._text.setText(metrics.elidedText(text, elide, self._text.width()))
        self._text.setToolTip("\n".join(str(item.path) for item in self._items[:20]))
