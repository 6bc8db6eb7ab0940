"""The picture of a result stays large enough to see a defect on, on the screens of a line.

A maximised window on a screen of 1366 x 768 has about 1366 x 700 pixels inside its frame and above
the task bar; one on 1920 x 1080 at 150 % has about 1280 x 650 logical pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, HISTORY, Program
from deeprx_gui.domain.search import Chosen, with_choice
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.settings import Settings
from deeprx_gui.state.inspect import Phase
from deeprx_gui.ui.kit.columns import PictureColumns, ScrolledColumns
from deeprx_gui.ui.picture.picture_view import PictureView
from tests.state.made_results import made_profile, many_scored
from tests.ui import walk
from tests.ui.conftest import Start
from tests.ui.driving import settle
from tests.ui.test_inspect_looks import begin, busy, troubled

__all__ = ["begin"]

LEAST = 300
SIDE = 256
SMALL, SCALED = (1366, 700), (1280, 650)
SCREENS = pytest.mark.parametrize("size", [SMALL, SCALED])
LANGUAGES = pytest.mark.parametrize("language", ["en", "ja"])
CHOSEN = Chosen("patchcore", "efficientnet-lite0", 256, "position", "max", 46, 94, False, 57.0,
                100.0, 9, False)  # fmt: skip


def use_language(program: Program, language: str) -> None:
    """Change language and fonts, as a person does."""
    program.window.settings_sheet.changed.emit(Settings(language=language, theme="light"))


def shown_side(view: PictureView) -> float:
    """Return how large a square picture is on the screen."""
    view.show_picture(np.full((SIDE, SIDE, 3), 90, np.uint8))
    view.fit()
    assert view.isVisible()
    return SIDE * view.zoom


def scroll_bar(body: PictureColumns) -> bool:
    """Whether the page must be scrolled to see all of it."""
    area: QWidget | None = body
    while area is not None and not isinstance(area, ScrolledColumns):
        area = area.parentWidget()
    assert isinstance(area, ScrolledColumns)
    return area.verticalScrollBar().maximum() > 0 or area.horizontalScrollBar().maximum() > 0


@LANGUAGES
@SCREENS
def test_on_check(start: Start, qtbot: QtBot, size: tuple[int, int], language: str) -> None:
    program = start()
    profile = made_profile()
    program.session.open_profile(replace(profile, extra=with_choice(profile.extra, CHOSEN)))
    program.window.resize(*size)
    program.window.show_page(CHECK)
    use_language(program, language)
    page = program.check_page
    page.picture_requested.disconnect()  # there are no such files
    page.add_results(many_scored(60))
    settle(program, qtbot)
    qtbot.waitUntil(lambda: not page.refilling.active)
    limits = program.session.limits
    assert limits is not None
    program.session.set_limits(limits.moved(ng=limits.ng * 1.1))
    page.picture.show_pictures()
    walk.lay_out(program.window)
    assert shown_side(page.picture.view) >= LEAST
    assert not scroll_bar(page.body)
    assert not list(walk.clipped(program.window))
    assert not page.body.choice.isVisible(), "one line; the rest on demand"
    assert page.body.choice_line.isVisible()
    page.body.details.click()
    assert page.body.choice.isVisible()
    assert not page.body.choice_line.isVisible()
    walk.lay_out(program.window)
    assert shown_side(page.picture.view) >= LEAST


def test_beside_the_closest_normal_image_the_picture_stays_as_large(
    start: Start, qtbot: QtBot
) -> None:
    program = start()
    program.session.open_profile(made_profile())
    program.window.resize(*SMALL)
    program.window.show_page(CHECK)
    page = program.check_page
    page.picture_requested.disconnect()
    page.add_results(many_scored(10))
    settle(program, qtbot)
    page.picture.show_pictures()
    page.picture.tools.compare.setChecked(True)
    walk.lay_out(program.window)
    assert shown_side(page.picture.view) >= LEAST
    page.picture.tools.compare.setChecked(False)
    walk.lay_out(program.window)
    assert page.body.beside


@LANGUAGES
@SCREENS
def test_on_history(start: Start, qtbot: QtBot, size: tuple[int, int], language: str) -> None:
    program = start()
    program.window.resize(*size)
    program.window.show_page(HISTORY)
    use_language(program, language)
    settle(program, qtbot)
    page = program.history_page

    def shown() -> bool:  # again, when the answer that no part was ever judged comes after it
        page.body.follow_contents(ever=True)
        page.body.panel.show_pictures()
        walk.lay_out(program.window)
        return page.body.panel.view.isVisible()

    qtbot.waitUntil(shown)
    assert shown_side(page.body.panel.view) >= LEAST
    assert not scroll_bar(page.body)


@LANGUAGES
@SCREENS
@pytest.mark.parametrize("trouble", [False, True])
def test_on_inspect(
    begin: Callable[[], Program], size: tuple[int, int], language: str, trouble: bool
) -> None:
    program = begin()
    program.window.resize(*size)
    use_language(program, language)
    busy(program, Verdict.NG)
    if trouble:
        troubled(program)
    program.inspect_page.picture.show_current(program.inspect_model.current)
    walk.lay_out(program.window)
    assert shown_side(program.inspect_page.picture.result) >= LEAST


@LANGUAGES
@pytest.mark.parametrize("size", [(1366, 768), (1280, 720)])
@pytest.mark.parametrize("holding", [False, True])
def test_in_operator_mode_which_fills_the_screen(
    begin: Callable[[], Program], size: tuple[int, int], language: str, holding: bool
) -> None:
    program = begin()
    use_language(program, language)
    program.operator_controller.enter()
    program.window.showNormal()
    program.window.resize(*size)
    busy(program, Verdict.NG, holding=holding)
    assert program.inspect_model.run.phase is (Phase.HOLDING if holding else Phase.RUNNING)
    program.inspect_page.picture.show_current(program.inspect_model.current)
    walk.lay_out(program.window)
    assert shown_side(program.inspect_page.picture.result) >= LEAST
    program.operator_controller.ask_to_leave()
