"""An ONNX network in the window: its layers are shown, the network is imported and used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import Program
from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.onnx_order import LayerInfo, OnnxContents, OnnxOrder
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.ui.teach.backbone_field import BackboneField
from deeprx_gui.ui.teach.onnx_sheet import OnnxSheet
from tests.engine.onnx_writer import write_vit

Start = Callable[[], Program]


@pytest.fixture
def sheet(show: Callable[[QWidget], QWidget]) -> OnnxSheet:
    made = OnnxSheet(show(QWidget()))
    layers = (
        LayerInfo("layer1", 4, 64, tokens=False, ends_block=True, suggested=False),
        LayerInfo("layer2", 8, 128, tokens=False, ends_block=True, suggested=True),
        LayerInfo("layer3", 16, 256, tokens=False, ends_block=True, suggested=True),
    )
    made.ask(OnnxContents("net.onnx", 224, layers))
    return made


def test_what_is_suggested_is_what_is_imported(sheet: OnnxSheet, qtbot: QtBot) -> None:
    assert sheet.isVisible()
    assert sheet.layers.item(0).text() == "layer1 · 1/4 · 64 channels"
    with qtbot.waitSignal(sheet.ordered) as told:
        sheet.accept.click()
    assert told.args == [OnnxOrder(("layer2", "layer3"))]
    assert not sheet.isVisible()


def test_other_layers_and_numbers(sheet: OnnxSheet) -> None:
    sheet.layers.item(0).setCheckState(Qt.CheckState.Checked)
    sheet.layers.item(2).setCheckState(Qt.CheckState.Unchecked)
    sheet.mean.setText("127, 127, 127")
    sheet.std.setText("128,128,128")
    sheet.multiple.setText("32")
    sheet.name.setText(" mine ")
    wanted = OnnxOrder(("layer1", "layer2"), (127,) * 3, (128,) * 3, multiple=32, name="mine")
    assert sheet.order == wanted
    assert sheet.order.full_scale == 255


def test_what_is_impossible_is_said_in_the_sheet(sheet: OnnxSheet) -> None:
    sheet.std.setText("1, 2")
    sheet.accept.click()
    assert sheet.isVisible()
    assert "“1, 2” is not three numbers" in sheet.problem.text()
    sheet.std.setText("0, 1, 1")
    sheet.accept.click()
    assert "greater than 0" in sheet.problem.text()
    for row in range(3):
        sheet.layers.item(row).setCheckState(Qt.CheckState.Unchecked)
    sheet.accept.click()
    assert sheet.problem.text() == "Tick at least one layer."


def test_a_network_for_one_size_brings_its_size_along(show: Callable[[QWidget], QWidget]) -> None:
    field = BackboneField()
    show(field)
    usual = BackboneStatus(
        "efficientnet-lite0", say("Lite"), (8, 16), (8, 16), True, "a" * 64, "", None, False
    )
    vit = replace(usual, name="vit", taps=(16,), default_taps=(16,), size=224)
    field.show_backbones((usual, vit))
    before = FitSettings()
    field.show_settings(before)
    field._choose("vit")
    chosen = field.applied_to(before)
    assert (chosen.backbone, chosen.taps) == ("vit", (16,))
    assert chosen.preprocessing == Preprocessing(224, keep_aspect=False)
    field._choose("efficientnet-lite0")
    assert field.applied_to(chosen) == before


def test_import_in_the_program(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    file = tmp_path / "vit.onnx"
    file.write_bytes(write_vit())
    program = start()
    page = program.teach_page
    page.form.backbone.import_requested.emit(file)
    qtbot.waitUntil(lambda: program._teach.controller.backbones.onnx_sheet is not None)
    shown = program._teach.controller.backbones.onnx_sheet
    assert shown is not None
    with qtbot.waitSignal(shown.ordered):
        shown.accept.click()
    names = page.form.backbone
    qtbot.waitUntil(lambda: any(b.name == "vit" for b in names._all))
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(b"no network")
    page.form.backbone.import_requested.emit(bad)
    qtbot.waitUntil(lambda: "it is not an ONNX file" in str(page.banner.message))
