"""Small sheets that open below a button and close by themselves: settings, and the list of keys."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui import __version__
from deeprx_gui.domain.message import Message
from deeprx_gui.i18n import render, tr
from deeprx_gui.settings import SETTINGS, Kind, Setting, Settings
from deeprx_gui.ui import theme
from deeprx_gui.ui.actions import ACTIONS
from deeprx_gui.ui.widgets.choice_row import ChoiceRow
from deeprx_gui.ui.widgets.frames import wrapped

_WIDTH = 340


class Sheet(QFrame):
    """A sheet that closes when one clicks beside it or presses Escape; add to ``body``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("sheet", "true")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(theme.XL, theme.L, theme.XL, theme.L)
        self.body.setSpacing(theme.L)

    def open_below(self, anchor: QWidget) -> None:
        """Show it under ``anchor``, its right edge at the anchor's, inside the window."""
        self.adjustSize()
        corner = anchor.mapToGlobal(QPoint(anchor.width() - self.width(), anchor.height() + 4))
        self.move(corner)
        self.show()

    def open_over(self, window: QWidget) -> None:
        """Show it in the middle of the window."""
        self.adjustSize()
        middle = window.mapToGlobal(window.rect().center())
        self.move(middle - self.rect().center())
        self.show()


class SettingsSheet(Sheet):
    """The preferences that people set, made from the table. ``changed`` carries ``Settings``."""

    changed = Signal(object)
    keys_requested = Signal()

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings = settings
        self._title = theme.level(QLabel(), "heading")
        self.body.addWidget(self._title)
        self.rows: dict[str, ChoiceRow] = {}
        self.fields: dict[str, tuple[QLabel, QLineEdit, QLabel]] = {}
        for setting in SETTINGS:
            if setting.kind is Kind.CHOICE:
                self._add_choice(setting)
            elif setting.kind is Kind.TEXT:
                self._add_text(setting)
        self._keys = QPushButton()
        theme.set_icon(self._keys, "keyboard")
        self._keys.clicked.connect(self.keys_requested)
        self._version = theme.level(QLabel(), "small")
        self.body.addWidget(self._keys)
        self.body.addWidget(self._version)
        self.setFixedWidth(_WIDTH)
        self.retranslate()

    def _add_choice(self, setting: Setting) -> None:
        row = ChoiceRow()
        row.chosen.connect(partial(self._put, setting.key))
        self.rows[setting.key] = row
        self.body.addWidget(row)

    def _add_text(self, setting: Setting) -> None:
        title, field, hint = QLabel(), QLineEdit(), wrapped("small")
        title.setProperty("level", "strong")
        title.setBuddy(field)
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
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts in the current language."""
        self._title.setText(tr("Settings"))
        self._keys.setText(tr("Keyboard shortcuts"))
        self._version.setText(tr("Deep RX Inspector {version}", version=__version__))
        for setting in SETTINGS:
            if setting.key in self.rows:
                options: list[tuple[object, str]] = [
                    (c.value, _text(c.title)) for c in setting.choices
                ]
                row = self.rows[setting.key]
                row.say(_text(setting.title), _text(setting.hint), options)
                row.set_value(getattr(self._settings, setting.key))
            elif setting.key in self.fields:
                title, field, hint = self.fields[setting.key]
                title.setText(_text(setting.title))
                hint.setText(_text(setting.hint))
                field.setAccessibleName(_text(setting.title))
                field.setText(str(getattr(self._settings, setting.key)))
                field.setPlaceholderText(self._settings.who)

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
        super().__init__(parent)
        self._title = theme.level(QLabel(), "heading")
        self.body.addWidget(self._title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.XXL)
        grid.setVerticalSpacing(theme.M)
        self._rows = [(QLabel(), theme.level(QLabel(), "chip")) for _ in ACTIONS]
        for number, (title, key) in enumerate(self._rows):
            grid.addWidget(title, number, 0)
            grid.addWidget(key, number, 1, Qt.AlignmentFlag.AlignRight)
        self.body.addLayout(grid)
        self.retranslate()

    def retranslate(self) -> None:
        """Set the texts in the current language."""
        self._title.setText(tr("Keyboard shortcuts"))
        for spec, (title, key) in zip(ACTIONS, self._rows, strict=True):
            title.setText(render(spec.title))
            shown = QKeySequence(spec.keys[0])
            key.setText(shown.toString(QKeySequence.SequenceFormat.NativeText))


def _text(words: Message | str | None) -> str:
    if words is None:
        return ""
    return words if isinstance(words, str) else render(words)
