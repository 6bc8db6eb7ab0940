"""Looking at one picture: heat, opacity, zoom, the closest normal image."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QSignalSpy, QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.inspection import Cause
from deeprx_gui.ui.check.page import CheckPage
from tests.state.made_results import made_scored
from tests.ui.check.conftest import turn_wheel

Fill = Callable[..., None]


def test_space_looks_below_the_heat_while_it_is_held(
    page: CheckPage, fill: Fill, qtbot: QtBot
) -> None:
    fill(made_scored(15.0))
    qtbot.waitUntil(lambda: page.picture.view.heat is not None)
    table = page.body.table
    QTest.keyPress(table, Qt.Key.Key_Space)
    assert page.picture.view.heat is None
    assert page.picture.view.spots == ()
    QTest.keyRelease(table, Qt.Key.Key_Space)
    assert page.picture.view.heat is not None


def test_opacity_fades_the_heat_and_is_remembered(
    page: CheckPage, fill: Fill, qtbot: QtBot
) -> None:
    fill(made_scored(30.0))
    qtbot.waitUntil(lambda: page.picture.view.heat is not None)
    told = QSignalSpy(page.picture.opacity_changed)
    alphas = []
    for opacity in (1.0, 0.3):
        page.picture.set_opacity(opacity)
        heat = page.picture.view.heat
        assert heat is not None
        alphas.append(max(heat.pixelColor(x, heat.height() // 3).alpha() for x in range(0, 512, 8)))
    assert alphas[0] == pytest.approx(225, abs=8)
    assert alphas[1] == pytest.approx(0.3 * 225, abs=8)
    assert told.at(told.count() - 1)[0] == 0.3


def test_a_remark_about_the_picture_stands_under_it(
    page: CheckPage, fill: Fill, qtbot: QtBot
) -> None:
    odd = replace(made_scored(8.0, "odd.png"), causes=(Cause.SIZE, Cause.PAGES))
    fill(odd, made_scored(9.0, "usual.png"))
    remarks = page.picture.remarks
    assert remarks.isVisible()
    assert remarks.text() == "Picture: another size than learnt; more than one page"
    assert "Check the resolution" in remarks.toolTip()
    page.body.table.selectRow(1)
    qtbot.waitUntil(lambda: not remarks.isVisible())


def test_the_zoom_stays_while_stepping_and_fits_again(
    page: CheckPage, fill: Fill, qtbot: QtBot
) -> None:
    fill(made_scored(8.0, "a.png"), made_scored(9.0, "b.png"))
    view = page.picture.view
    qtbot.waitUntil(lambda: page.picture.frame_shown is not None)
    fitted = view.zoom
    _wheel(page, 120)
    assert view.zoom == pytest.approx(1.25 * fitted)
    page.body.table.selectRow(1)
    qtbot.waitUntil(lambda: page.picture.frame_shown is not None)
    assert view.zoom == pytest.approx(1.25 * fitted)
    QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton)
    assert view.zoom == pytest.approx(fitted)
    page.activateWindow()
    page.body.table.setFocus()
    QTest.keyClick(page.body.table, Qt.Key.Key_1)
    assert view.zoom == pytest.approx(1.0)


def _wheel(page: CheckPage, turn: int) -> None:
    turn_wheel(page.picture.view.viewport(), turn)


def test_the_closest_normal_image_stands_beside_at_the_same_place(
    page: CheckPage, fill: Fill, qtbot: QtBot
) -> None:
    fill(made_scored(15.0))
    qtbot.waitUntil(lambda: page.picture.frame_shown is not None)
    page.picture.tools.compare.click()
    golden = page.picture.golden
    assert golden.isVisible()
    assert golden.shown is not None
    page.picture.view.zoom_in()
    assert golden.zoom == page.picture.view.zoom
