"""Sheets over the window that close by themselves: settings, and the list of keys."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from deeprx_gui import __version__
from deeprx_gui.domain import edition
from deeprx_gui.domain.message import say
from deeprx_gui.settings import SETTINGS, Kind, Setting, Settings
from deeprx_gui.ui.actions import ACTIONS
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind, bind_tip
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.escape import take_escape
from deeprx_gui.ui.kit.frames import CardFrame, ScrollColumn, wrapped

_WIDTH = 372
_KEYS_WIDTH = 440


class Sheet(QWidget):
    """A sheet over the window; its cross, a click beside it or Escape closes it.

    The title given to ``put_title`` and what is given to ``put_foot`` stay in sight; what is added
    to ``body`` scrolls between them where the window is too low for it.

    A child of the window, not a window of its own: it moves, scales and is photographed with it.
    """

    def __init__(self, width: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._width = width
        self._anchor: QWidget | None = None
        self._before: QWidget | None = None
        self.paper = CardFrame(self, margin=theme.L)
        self.paper.setProperty("sheet", "true")
        self._window = parent
        self.scroll_area = ScrollColumn()
        self.body = self.scroll_area.body
        self._head, self._foot = QVBoxLayout(), QVBoxLayout()
        self._least: dict[QLabel, int] = {}
        self._head.setContentsMargins(0, 0, theme.TOUCH, 0)  # the cross stands there
        self._foot.setSpacing(theme.S)
        self.paper.body.addLayout(self._head)
        self.paper.body.addWidget(self.scroll_area)
        self.paper.body.addLayout(self._foot)
        self._inside = self.scroll_area.widget()
        self._inside.installEventFilter(self)
        self._cross = QToolButton(self.paper)
        self._cross.setProperty("kind", "cross")
        theme.set_icon(self._cross, "close", "muted")
        self._cross.clicked.connect(self.close_sheet)
        bind_tip(self._cross, say("Close"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        parent.installEventFilter(self)
        self.hide()

    def put_title(self, title: QLabel) -> None:
        """Show a title that stays, as the cross does, when what is below it is scrolled."""
        self._head.addWidget(title)

    def put_foot(self, *buttons: QWidget) -> None:
        """Show the answers below everything; they stay, too."""
        for button in buttons:
            self._foot.addWidget(button)

    @property
    def kept(self) -> tuple[QWidget, ...]:
        """What stays in sight."""
        items = [part.itemAt(n) for part in (self._head, self._foot) for n in range(part.count())]
        found: list[QWidget | None] = [item.widget() for item in items]
        return tuple(widget for widget in found if widget is not None)

    def open(self, anchor: QWidget | None = None) -> None:
        """Show it under ``anchor``, right edges in line, or in the middle of the window."""
        self._anchor = anchor
        self._before = QApplication.focusWidget()
        self._place()
        self.show()
        self._place()  # once more: before they are shown, labels do not know their style
        self.raise_()
        self.setFocus()

    def close_sheet(self) -> None:
        """Hide it and give the focus back."""
        self.hide()
        if self._before is not None and isValid(self._before):  # its row may have gone meanwhile
            self._before.setFocus()
        self._before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size, and what the sheet itself needs."""
        kind = event.type()
        if self.isVisible() and (
            (kind == QEvent.Type.Resize and watched is self._window)
            or (kind == QEvent.Type.LayoutRequest and watched is self._inside)
        ):
            self._place()
        return super().eventFilter(watched, event)

    def event(self, event: QEvent) -> bool:
        """Handle Escape while the sheet is open."""
        return take_escape(event, self.close_sheet) or super().event(event)

    def mousePressEvent(self, _event: QMouseEvent) -> None:
        """Close when the click is outside the sheet."""
        self.close_sheet()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 70))
        painter.end()

    def _place(self) -> None:
        self.setGeometry(self._window.rect())
        margins = 2 * theme.L + 2
        bar = self.scroll_area.verticalScrollBar().sizeHint().width()
        fits = self.body.minimumSize().width() + margins + bar  # longer in some languages
        width = min(max(self._width, fits), self.width() - 2 * theme.L)
        needed = self.body.totalHeightForWidth(width - margins)
        if needed < 0:  # nothing in it breaks into lines
            needed = self.body.totalSizeHint().height()
        for part, room in ((self._head, theme.TOUCH), (self._foot, 0)):
            if not part.isEmpty():
                self._keep_whole(part, width - margins - room)
                high = part.heightForWidth(width - margins - room)
                needed += max(high, part.sizeHint().height() if high < 0 else 0)
                needed += self.paper.body.spacing()
        height = min(needed + margins, self.height() - 2 * theme.L)
        # A bar that was there once takes the width for which its lines need it to stay.
        bars = Qt.ScrollBarPolicy
        whole = needed + margins <= height
        self.scroll_area.setVerticalScrollBarPolicy(
            bars.ScrollBarAlwaysOff if whole else bars.ScrollBarAsNeeded
        )
        left, top = (self.width() - width) // 2, (self.height() - height) // 2
        if self._anchor is not None:
            corner = self._anchor.mapTo(
                self._window, QPoint(self._anchor.width(), self._anchor.height())
            )
            left = max(theme.L, corner.x() - width)
            top = min(corner.y() + theme.XS, self.height() - height - theme.L)
        self.paper.setGeometry(left, top, width, height)
        self._cross.adjustSize()
        self._cross.move(width - self._cross.width() - theme.S, theme.S)
        self._cross.raise_()

    def _keep_whole(self, part: QVBoxLayout, width: int) -> None:
        """Let what scrolls give way, not the lines of a long title or of a sentence in the foot."""
        for number in range(part.count()):
            item = part.itemAt(number)
            label = item.widget()
            if isinstance(label, QLabel) and label.wordWrap():
                least = self._least.setdefault(label, label.minimumHeight())
                label.setMinimumHeight(least)  # which counts in what the label answers
                label.setMinimumHeight(max(least, label.heightForWidth(width)))
        part.invalidate()  # or it answers with the height of the text before


class SettingsSheet(Sheet):
    """The preferences that people set, made from the table. ``changed`` carries ``Settings``.

    The buttons ``guide``, ``keys``, ``self_test`` and ``central`` lead elsewhere.
    """

    changed = Signal(object)

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._settings = settings
        title = theme.level(QLabel(), "heading")
        self.put_title(title)
        self.rows: dict[str, ChoiceRow] = {}
        self.fields: dict[str, tuple[QLabel, QLineEdit, QLabel]] = {}
        for setting in SETTINGS:
            if setting.kind is Kind.CHOICE:
                self._add_choice(setting)
            elif setting.kind is Kind.TEXT:
                self._add_text(setting)
        self.guide, self.keys, self.self_test = QPushButton(), QPushButton(), QPushButton()
        self.central = QPushButton()
        for button, icon in (
            (self.guide, "info"),
            (self.keys, "keyboard"),
            (self.self_test, "shield"),
            (self.central, "database"),
        ):
            theme.set_icon(button, icon)
            self.body.addWidget(button)
        self._version = theme.level(QLabel(), "small")
        self.body.addWidget(self._version)
        bind(title.setText, say("Settings"))
        bind(self.guide.setText, say("User guide (F1)"))
        bind(self.keys.setText, say("Keyboard shortcuts"))
        bind(self.self_test.setText, say("Self-test…"))
        bind(self.central.setText, say("Central database…"))
        bind(self._version.setText, edition.title(__version__))
        self.show_settings(settings)

    def _add_choice(self, setting: Setting) -> None:
        row = ChoiceRow()
        options = [(choice.value, choice.title) for choice in setting.choices]
        row.bind_texts(setting.title or "", setting.hint or "", options)
        row.chosen.connect(partial(self._put, setting.key))
        self.rows[setting.key] = row
        self.body.addWidget(row)

    def _add_text(self, setting: Setting) -> None:
        title, field, hint = QLabel(), QLineEdit(), wrapped("small")
        title.setProperty("level", "strong")
        title.setBuddy(field)
        bind(title.setText, setting.title or "")
        bind(hint.setText, setting.hint or "")
        bind(field.setAccessibleName, setting.title or "")
        field.setMaxLength(60)
        field.editingFinished.connect(partial(self._typed, setting.key))
        holder = QVBoxLayout()
        holder.setSpacing(4)
        for widget in (title, field, hint):
            holder.addWidget(widget)
        self.fields[setting.key] = (title, field, hint)
        self.body.addLayout(holder)

    def show_settings(self, settings: Settings) -> None:
        """Show these."""
        self._settings = settings
        for key, row in self.rows.items():
            row.set_value(getattr(settings, key))
        for key, (_label, field, _hint) in self.fields.items():
            field.setText(str(getattr(settings, key)))
            field.setPlaceholderText(settings.who)

    def _put(self, key: str, value: object) -> None:
        settings = replace(self._settings, **{key: value})  # type: ignore[arg-type] # by table
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)

    def _typed(self, key: str) -> None:
        self._put(key, self.fields[key][1].text().strip())


class KeysSheet(Sheet):
    """Which key does what, made from the table of actions."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_KEYS_WIDTH, parent)
        title = theme.level(QLabel(), "heading")
        self.put_title(title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.XXL)
        grid.setVerticalSpacing(theme.M)
        self.rows = [(QLabel(), theme.level(QLabel(), "chip")) for _ in ACTIONS]
        for number, (title, key) in enumerate(self.rows):
            grid.addWidget(title, number, 0)
            grid.addWidget(key, number, 1, Qt.AlignmentFlag.AlignRight)
        self.body.addLayout(grid)
        bind(title.setText, say("Keyboard shortcuts"))
        for spec, (title, key) in zip(ACTIONS, self.rows, strict=True):
            bind(title.setText, spec.title)
            bind(key.setText, partial(_native, spec.keys[0]))


def _native(key: str) -> str:
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
