"""The head of the Inspect page: what is inspected from which source, and the ways out of it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from deeprx_gui.domain.message import say
from deeprx_gui.domain.shadow import ShadowNews
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, Text, bind, follow, text_of

_NAME_WIDTH: Final = 160


class TopBar(QWidget):
    """Product, setup and operator mode; in operator mode only product and the way out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._operator = self._by_name = False
        self._name, self._person = "", ""
        self._source: Text = ""
        self._title = theme.level(QLabel(), "title")
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.source = theme.level(QLabel(), "hint")
        self.source.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.product, self.setup = QPushButton(), QPushButton()
        self.operator, self.leave = QPushButton(), QPushButton()
        self.shadow, self.person = QPushButton(), QPushButton()
        for button, icon in (
            (self.product, "profiles"),
            (self.shadow, "compare"),
            (self.setup, "settings"),
            (self.person, "operator"),
            (self.operator, "operator"),
            (self.leave, "lock"),
        ):
            theme.set_icon(button, icon)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.S)
        row.addWidget(self._title, 3)
        row.addWidget(self.source, 2)
        for button in (
            self.product, self.shadow, self.setup, self.person, self.operator, self.leave,
        ):  # fmt: skip
            row.addWidget(button)
        self.set_operator(False)
        bind(self.product.setText, say("Product…"))
        bind(self.setup.setText, say("Set up…"))
        self.show_shadow(None)
        bind(self.operator.setText, say("Operator mode"))
        bind(self.leave.setText, say("Engineer…"))
        bind(self.product.setToolTip, say("Choose the product that is on the line now"))
        bind(
            self.operator.setToolTip,
            say("Only this page, full screen; leaving it asks for the PIN"),
        )
        bind(self.leave.setToolTip, say("Leave operator mode"))
        follow(self._write, Change.LANGUAGE)

    @property
    def title(self) -> str:
        return self._title.text()

    def show_product(self, name: str) -> None:
        """Show which product is inspected; empty: none."""
        self._name = name
        self._write()

    def show_source(self, text: Text) -> None:
        """Show where pictures come from."""
        self._source = text
        self._write()

    def show_shadow(self, news: ShadowNews | None) -> None:
        """Show what a candidate beside the line has found; ``None``: none judges now."""
        if news is None:
            bind(self.shadow.setText, say("Shadow…"))
            bind(
                self.shadow.setToolTip,
                say("Try another revision silently beside the one in use"),
            )
            return
        bind(
            self.shadow.setText,
            say("Shadow {differing}/{all}", differing=news.differing, all=news.compared),
        )
        bind(self.shadow.setToolTip, news.sentence)

    def show_person(self, name: str | None) -> None:
        """Show who is signed in, empty: nobody; ``None``: people do not sign in here."""
        self._by_name = name is not None
        self.person.setVisible(self._by_name and self._operator)
        self._person = "" if name is None else name
        bind(self.person.setText, self._person_text)
        bind(self.person.setToolTip, say("Who operates the line; sign in or out"))

    def _person_text(self) -> str:
        text = self._person or tr("Sign in")
        room = QFontMetrics(self.person.font())
        return room.elidedText(text, Qt.TextElideMode.ElideRight, _NAME_WIDTH).replace("&", "&&")

    def set_operator(self, operator: bool) -> None:
        """Offer what an operator may do, or an engineer."""
        self._operator = operator
        self.setup.setVisible(not operator)
        self.shadow.setVisible(not operator)
        self._row.setStretch(0, 3 if operator else 1)  # a product's name, or just the page's
        self.person.setVisible(operator and self._by_name)
        self.operator.setVisible(not operator)
        self.leave.setVisible(operator)
        self._write()

    def _write(self) -> None:
        shown = self._name or tr("No product is chosen")
        title = shown if self._operator else tr("Inspect")
        for label, text in ((self._title, title), (self.source, text_of(self._source))):
            room = QFontMetrics(label.font())
            cut = room.elidedText(text, Qt.TextElideMode.ElideMiddle, max(label.width(), 60))
            label.setText(cut)
            label.setToolTip(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide the texts to the available width."""
        super().resizeEvent(event)
        self._write()
