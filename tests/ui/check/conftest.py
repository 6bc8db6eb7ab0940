"""The Check page, filled without an engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.state.results import ResultsModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.check.page import CheckPage
from deeprx_gui.ui.kit.theme import Theme
from tests.state.made_results import made_profile

LIMITS = Limits(10.0, 12.0)
UNIT = made_profile().suggested.review
"""The raw score shown as 1.00, whatever the limits are."""


@pytest.fixture
def session(qapp: QApplication) -> Iterator[Session]:
    """A profile whose suggested limits are 9.90 and 10.0 and whose saved ones are 10 and 12."""
    session = Session()
    session.open_profile(made_profile(limits=LIMITS))
    yield session
    # PySide's garbage collection crashes on an undo stack that is part of a cycle with its steps.
    session.undo_stack.clear()


@pytest.fixture
def results(session: Session) -> ResultsModel:
    return ResultsModel(session)


@pytest.fixture
def page(qtbot: QtBot, look: Theme, session: Session, results: ResultsModel) -> CheckPage:
    """The page at the size it has in a window of 1280 x 800, answering its own picture requests."""
    page = CheckPage(session, results)
    page.picture_requested.connect(lambda path: page.show_picture(path, made_frame(path)))
    qtbot.addWidget(page)
    page.resize(1168, 700)
    page.show()
    return page


@pytest.fixture
def fill(page: CheckPage, qtbot: QtBot) -> Callable[..., None]:
    """Add results and wait until counts and histogram show them."""

    def add(*made: ScoredImage) -> None:
        page.add_results(made)
        qtbot.waitUntil(lambda: not page.refilling.active)

    return add


def made_frame(path: Path) -> Frame:
    """A grey picture of 64 x 48 pixels."""
    return Frame(np.full((48, 64, 3), 90, np.uint8), str(path))


def turn_wheel(widget: QWidget, turn: int) -> None:
    """Turn the mouse wheel over the middle of a widget, in eighths of a degree."""
    at = QPointF(widget.rect().center())
    event = QWheelEvent(
        at,
        QPointF(widget.mapToGlobal(at.toPoint())),
        QPoint(0, 0),
        QPoint(0, turn),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)
