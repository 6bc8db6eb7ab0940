"""Pages that nobody has seen yet are drawn ahead, so that their first look comes without delay."""

from __future__ import annotations

from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.ui.page_prerender import PagePrerender
from tests.ui.conftest import draw_ahead


class _Page(QWidget):
    """A page that notes at which width it was drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []

    def paintEvent(self, event: QPaintEvent) -> None:
        self.drawn.append(self.width())
        super().paintEvent(event)


def test_every_hidden_page_is_drawn_once_at_the_size_it_will_have(qtbot: QtBot) -> None:
    window, stack, inner = QWidget(), QStackedWidget(), QStackedWidget()
    qtbot.addWidget(window)
    QVBoxLayout(window).addWidget(stack)
    pages = [_Page() for _ in range(4)]
    for page in (pages[0], pages[1], inner):
        stack.addWidget(page)
    for page in pages[2:]:
        inner.addWidget(page)
    window.resize(400, 300)
    window.show()
    qtbot.waitUntil(lambda: bool(pages[0].drawn))
    assert not pages[1].drawn
    draw_ahead(PagePrerender(window))
    qtbot.waitUntil(lambda: all(page.drawn for page in pages))
    assert pages[1].drawn == [stack.width()]
    assert stack.currentWidget() is pages[0], "what is shown stays"
