"""How this PC inspects: a sheet over the page; everything is kept as soon as it is chosen."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QPushButton, QWidget

from deeprx_gui.domain.inspection import Keep, KeepRule, Trigger
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.state.station_form import Offers
from deeprx_gui.ui import theme
from deeprx_gui.ui.binding import bind
from deeprx_gui.ui.inspect.outputs_section import OutputsSection
from deeprx_gui.ui.inspect.source_section import SourceSection
from deeprx_gui.ui.popups import Sheet
from deeprx_gui.ui.widgets.choice_row import ChoiceRow
from deeprx_gui.ui.widgets.frames import line, wrapped
from deeprx_gui.ui.widgets.number_row import NumberRange, NumberRow

_WIDTH: Final = 460

TRIGGERS: Final = (
    (Trigger.CONTINUOUS, say("Every picture")),
    (Trigger.KEY, say("Key, button or command")),
    (Trigger.TIMER, say("Timer")),
    (Trigger.CHANGE, say("When a part arrives")),
)
KEEPS: Final = (
    (Keep.BAD, say("NG, review and error")),
    (Keep.EVERY, say("These, and some OK ones")),
    (Keep.ALL, say("All")),
    (Keep.NONE, say("None")),
)
SWITCHES: Final = (
    ("confirm_review", say("A person decides about review parts before the line goes on")),
    ("confirm_ng", say("A person decides about NG parts before the line goes on")),
    ("sound", say("Sound at NG and error")),
    ("operator_start", say("Start in operator mode with the last product")),
)


class SetupSheet(Sheet):
    """``station_changed`` carries the whole ``Station``; sources and outputs go as drafts first."""

    station_changed = Signal(object)
    pin_requested = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._station = Station()
        self._title = theme.level(QLabel(), "heading")
        self._running = wrapped("hint")
        self.source, self.outputs = SourceSection(), OutputsSection()
        self.trigger, self.keep = ChoiceRow(), ChoiceRow()
        self.every = NumberRow(NumberRange(0.02, 86_400))
        self.change = NumberRow(NumberRange(0.1, 100))
        self.takt = NumberRow(NumberRange(0, 86_400))
        self.nth = NumberRow(NumberRange(1, 1_000_000, whole=True))
        self.png = QCheckBox()
        self.switches = {key: QCheckBox() for key, _ in SWITCHES}
        self.pin = QPushButton()
        theme.set_icon(self.pin, "lock")
        self._pin_hint = wrapped("small")
        self._lay_out()
        self._connect()
        self._bind_texts()
        self.set_has_pin(False)
        self._running.hide()
        self._show_values()

    def _lay_out(self) -> None:
        for part in (
            self._title, self._running, self.source, line(),
            self.trigger, self.every, self.change, self.takt,
            self.switches["confirm_review"], self.switches["confirm_ng"], self.switches["sound"],
            line(), self.keep, self.nth, self.png, line(), self.outputs, line(),
            self.switches["operator_start"], self.pin, self._pin_hint,
        ):  # fmt: skip
            self.body.addWidget(part)

    def _connect(self) -> None:
        self.trigger.chosen.connect(partial(self._put, "trigger"))
        self.every.chosen.connect(partial(self._put, "every"))
        self.takt.chosen.connect(partial(self._put, "takt"))
        self.change.chosen.connect(self._put_change)
        self.keep.chosen.connect(partial(self._put_keep, "keep"))
        self.nth.chosen.connect(partial(self._put_keep, "nth"))
        self.png.toggled.connect(partial(self._put_keep, "png"))
        for key, switch in self.switches.items():
            switch.toggled.connect(partial(self._put, key))
        self.outputs.removed.connect(self._remove_output)
        self.pin.clicked.connect(self.pin_requested)

    @property
    def station(self) -> Station:
        """What is shown."""
        return self._station

    def use(self, offers: Offers) -> None:
        """Offer these kinds of sources and outputs."""
        self.source.use(offers)
        self.outputs.use(offers)

    def show_station(self, station: Station) -> None:
        """Show these settings."""
        same_source = station.source == self._station.source
        self._station = station
        if not same_source:
            self.source.show_source(station.source)
        self.outputs.show_outputs(station.outputs)
        self._show_values()

    def set_running(self, running: bool) -> None:
        """While the line runs its source and trigger stay as they are."""
        for part in (self.source, self.trigger, self.every, self.change, self.keep, self.nth):
            part.setEnabled(not running)
        for key in ("confirm_review", "confirm_ng"):
            self.switches[key].setEnabled(not running)
        self.png.setEnabled(not running)
        self._running.setVisible(running)

    def set_has_pin(self, has_pin: bool) -> None:
        """Say whether there is an engineer's PIN."""
        bind(self.pin.setText, say("Change the PIN…") if has_pin else say("Set an engineer's PIN…"))
        bind(self._pin_hint.setText, _pin_words(has_pin))

    def _bind_texts(self) -> None:
        bind(self._title.setText, say("Set up the inspection"))
        bind(self._running.setText, say("The inspection runs. Stop it to change what is grey."))
        self.trigger.bind_texts(say("A picture is judged"), "", TRIGGERS)
        self.keep.bind_texts(say("Pictures that are kept"), "", KEEPS)
        self.every.bind_texts(say("Time between two pictures (s)"), "")
        self.change.bind_texts(
            say("So much of the picture must change (%)"),
            say("Smaller: small parts are noticed. Larger: shadows and hands are not."),
        )
        self.takt.bind_texts(
            say("Takt of the line (s)"), say("0: not given. Above it a warning is shown.")
        )
        self.nth.bind_texts(say("Of the OK ones, one in so many"), "")
        bind(self.png.setText, say("As PNG, without loss (larger files)"))
        for key, text in SWITCHES:
            bind(self.switches[key].setText, text)

    def _show_values(self) -> None:
        station = self._station
        self.trigger.set_value(station.trigger)
        self.every.set_value(station.every)
        self.change.set_value(round(100 * station.change, 3))
        self.takt.set_value(station.takt)
        self.keep.set_value(station.keep.keep)
        self.nth.set_value(station.keep.nth)
        _tick(self.png, station.keep.png)
        for key, switch in self.switches.items():
            _tick(switch, bool(getattr(station, key)))
        self.every.setVisible(station.trigger is Trigger.TIMER)
        self.change.setVisible(station.trigger is Trigger.CHANGE)
        self.nth.setVisible(station.keep.keep is Keep.EVERY)
        self.png.setVisible(station.keep.keep is not Keep.NONE)

    def _put(self, key: str, value: object) -> None:
        self._take(replace(self._station, **{key: value}))  # type: ignore[arg-type] # by table

    def _put_keep(self, key: str, value: object) -> None:
        rule: KeepRule = replace(self._station.keep, **{key: value})  # type: ignore[arg-type]
        self._put("keep", rule)

    @Slot(object)
    def _put_change(self, percent: float) -> None:
        self._put("change", percent / 100)

    @Slot(object)
    def _remove_output(self, spec: OutputSpec) -> None:
        left = list(self._station.outputs)
        left.remove(spec)
        self._put("outputs", tuple(left))

    def _take(self, station: Station) -> None:
        if station != self._station:
            self._station = station
            self._show_values()
            self.outputs.show_outputs(station.outputs)
            self.station_changed.emit(station)


def _tick(box: QCheckBox, on: bool) -> None:
    box.blockSignals(True)
    box.setChecked(on)
    box.blockSignals(False)


def _pin_words(has_pin: bool) -> Message:
    if has_pin:
        return say("Leaving operator mode asks for it.")
    return say("There is none: anybody can leave operator mode.")
