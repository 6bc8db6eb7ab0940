"""How a network from an ONNX file is imported: its layers, and what happens to pixels first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QListWidgetItem, QPushButton, QWidget

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.onnx_order import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    Colours,
    LayerInfo,
    OnnxContents,
    OnnxOrder,
)
from deeprx_gui.i18n import render, tr
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.frames import wrapped
from deeprx_gui.ui.kit.sheets import Sheet

_WIDTH: Final = 560
_FEW: Final = 40
_LIST_HEIGHT: Final = 220
_NAME: Final = Qt.ItemDataRole.UserRole


class OnnxSheet(Sheet):
    """``ordered`` carries the ``OnnxOrder``; what is impossible is said in the sheet itself."""

    ordered = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self.heading, self.hint = wrapped("heading"), wrapped("small")
        self.layers = QListWidget()
        self.layers.setFixedHeight(_LIST_HEIGHT)
        self.mean, self.std, self.multiple = QLineEdit(), QLineEdit(), QLineEdit()
        self.name, self.licence = QLineEdit(), QLineEdit()
        self.problem = wrapped("small")
        self.accept = QPushButton()
        self.accept.setAutoDefault(True)
        self.accept.clicked.connect(self._accept)
        self.put_title(self.heading)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.layers)
        for title, field in (
            (say("Mean of the colours (red, green, blue)"), self.mean),
            (say("Standard deviation of the colours"), self.std),
            (say("Sides of pictures are multiples of (empty: found out)"), self.multiple),
            (say("Name (empty: that of the file)"), self.name),
            (say("Licence, for the list"), self.licence),
        ):
            self._add_field(title, field)
        pixels = wrapped("small")
        self.body.addWidget(pixels)
        self.put_foot(self.problem, self.accept)
        bind(
            self.hint.setText,
            say(
                "Tick the layers whose features are used. Those in the middle of the network are "
                "best; the ticked ones are a suggestion."
            ),
        )
        bind(
            pixels.setText,
            say(
                "Numbers up to 1 are for pixels from 0 to 1, larger ones for pixels from 0 to 255."
            ),
        )
        bind(self.layers.setAccessibleName, say("Layers"))
        bind(self.accept.setText, say("Import the network"))

    def _add_field(self, title: Message, field: QLineEdit) -> None:
        label = QLabel()
        label.setBuddy(field)
        bind(label.setText, title)
        bind(field.setAccessibleName, title)
        self.body.addWidget(label)
        self.body.addWidget(field)

    def ask(self, contents: OnnxContents) -> None:
        """Show what a file offers."""
        self.heading.setText(tr("Network “{file}”", file=contents.file))
        self.layers.clear()
        few = len(contents.layers) <= _FEW
        for layer in contents.layers:
            if few or layer.ends_block or layer.suggested:
                self._add_layer(layer)
        self.mean.setText(_joined(IMAGENET_MEAN))
        self.std.setText(_joined(IMAGENET_STD))
        for field in (self.multiple, self.name, self.licence):
            field.clear()
        self.problem.clear()
        self.problem.hide()
        self.open()

    def _add_layer(self, layer: LayerInfo) -> None:
        text = tr(
            "{name} · 1/{stride} · {channels} channels",
            name=layer.name,
            stride=layer.stride,
            channels=layer.channels,
        )
        item = QListWidgetItem(text, self.layers)
        item.setData(_NAME, layer.name)
        item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
        state = Qt.CheckState.Checked if layer.suggested else Qt.CheckState.Unchecked
        item.setCheckState(state)
        if layer.suggested:
            self.layers.scrollToItem(item)

    @property
    def order(self) -> OnnxOrder:
        """What is asked for; raises RequestError for numbers that are none."""
        items = [self.layers.item(row) for row in range(self.layers.count())]
        ticked = [item for item in items if item.checkState() is Qt.CheckState.Checked]
        if not ticked:
            raise RequestError(say("Tick at least one layer."))
        return OnnxOrder(
            taps=tuple(str(item.data(_NAME)) for item in ticked),
            mean=_colours(self.mean.text()),
            std=_colours(self.std.text()),
            multiple=_whole(self.multiple.text()),
            name=self.name.text().strip(),
            licence=self.licence.text().strip(),
        )

    @Slot()
    def _accept(self) -> None:
        try:
            order = self.order
        except RequestError as error:
            self.problem.setText(render(error.message))
            self.problem.show()
            return
        self.close_sheet()
        self.ordered.emit(order)


def _joined(numbers: Colours) -> str:
    return ", ".join(f"{n:g}" for n in numbers)


def _numbers(text: str, kind: Callable[[str], float]) -> list[float]:
    try:
        return [kind(part) for part in text.split(",") if part.strip()]
    except ValueError:
        return []


def _colours(text: str) -> Colours:
    found = _numbers(text, float)
    if len(found) != 3:
        raise RequestError(
            say("“{text}” is not three numbers with commas between them.", text=text)
        )
    red, green, blue = found
    return red, green, blue


def _whole(text: str) -> int | None:
    if not text.strip():
        return None
    found = _numbers(text, int)
    if len(found) != 1 or found[0] < 1:
        raise RequestError(say("“{text}” is not a whole number of 1 or more.", text=text))
    return int(found[0])
