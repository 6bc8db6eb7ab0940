"""Nothing on the page is clipped, and everything is large enough to touch."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from deeprx_gui.ui.check.page import CheckPage
from deeprx_gui.ui.kit.fixed_size_text import FixedSizeLabel
from deeprx_gui.ui.kit.theme import TOUCH, Theme
from tests.state.made_results import many_scored
from tests.ui.walk import clipped, speak, visible

Fill = Callable[..., None]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_no_text_is_clipped_in_a_window_of_1280_by_800(
    page: CheckPage, fill: Fill, look: Theme, qtbot: QtBot, language: str
) -> None:
    look.use_language(language)
    fill(*many_scored(300))
    page.body.limits.reset.click()
    page.body.limits.review.field.setValue(90.0)
    speak(language)
    qtbot.waitUntil(lambda: not list(clipped(page)))
    steady = [w for w in visible(page) if isinstance(w, FixedSizeLabel)]
    assert len(steady) > 5
    assert [w.text() for w in steady if not w.fits()] == []


def test_every_button_can_be_hit_with_a_finger(page: CheckPage, fill: Fill) -> None:
    fill(*many_scored(30))
    small = [
        (type(w).__name__, w.text(), w.size().toTuple())
        for w in visible(page)
        if isinstance(w, QAbstractButton) and w.parent() is not page.body.filter_bar.search
        if w.width() < TOUCH or w.height() < TOUCH
    ]
    assert small == []


def test_light_and_dark_change_while_everything_is_shown(
    page: CheckPage, fill: Fill, look: Theme
) -> None:
    fill(*many_scored(30))
    histogram = page.body.limits.histogram
    light = histogram.grab().toImage().pixelColor(2, 2).lightness()
    look.choose("dark")
    dark = histogram.grab().toImage().pixelColor(2, 2).lightness()
    assert light > 200
    assert dark < 80
