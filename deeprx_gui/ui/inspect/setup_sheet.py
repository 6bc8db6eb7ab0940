"""How this PC inspects: a sheet over the page; everything is kept as soon as it is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from deeprx_gui.domain.connection import ConnectionType
from deeprx_gui.domain.field import Value
from deeprx_gui.domain.inspection import Keep, KeepRule, Trigger
from deeprx_gui.domain.limit_samples import SampleRule
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.station import FIELDS, KEEP_FIELDS, Station
from deeprx_gui.ui.inspect.outputs_section import OutputsSection
from deeprx_gui.ui.inspect.source_section import SourceSection
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.form import Row, SwitchRow, TextRow, number_row, show_field
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.sheets import Sheet

_WIDTH: Final = 460

SWITCHES: Final = ("frozen_error", "confirm_review", "confirm_ng", "strict_pictures", "sound",
                   "operator_start")  # fmt: skip
TRIGGER_NUMBERS: Final = ("answer_within", "gap", "waiting")
_PERCENT: Final = replace(FIELDS["change"], minimum=0.1, maximum=100)


class SetupSheet(Sheet):
    """``station_changed`` carries the whole ``Station``; sources and outputs go as drafts first."""

    station_changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_WIDTH, parent)
        self._station = Station()
        self._heading = theme.level(QLabel(), "heading")
        self.put_title(self._heading)
        self._running = wrapped("hint")
        self.source, self.outputs = SourceSection(), OutputsSection()
        self.trigger, self.keep = ChoiceRow(), ChoiceRow()
        self.every, self.takt = number_row(FIELDS["every"]), number_row(FIELDS["takt"])
        self.change, self.nth = number_row(_PERCENT), number_row(KEEP_FIELDS["nth"])
        self.triggers = {key: number_row(FIELDS[key]) for key in TRIGGER_NUMBERS}
        self.png = SwitchRow()
        self.switches = {key: SwitchRow() for key in SWITCHES}
        self.samples: dict[str, Row] = {
            "samples": ChoiceRow(), "sample_way": ChoiceRow(),
            "sample_hours": number_row(FIELDS["sample_hours"]),
        }  # fmt: skip
        self.name = TextRow()
        self._rows: Mapping[str, Row] = {
            "trigger": self.trigger, "every": self.every, "change": self.change,
            "takt": self.takt, "keep": self.keep, "nth": self.nth, "png": self.png,
            "name": self.name, **self.triggers, **self.switches, **self.samples,
        }  # fmt: skip
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
            self._running, self.source, line(),
            self.trigger, self.every, self.change, self.takt, *self.triggers.values(),
            self.switches["frozen_error"],
            self.switches["confirm_review"], self.switches["confirm_ng"],
            self.switches["strict_pictures"], self.switches["sound"],
            line(), *self.samples.values(),
            line(), self.keep, self.nth, self.png, line(), self.outputs, line(),
            self.name, line(),
            self.switches["operator_start"], self.pin, self._pin_hint,
        ):  # fmt: skip
            self.body.addWidget(part)

    def _connect(self) -> None:
        for key, row in self._rows.items():
            row.chosen.connect(partial(self._put, key))
        self.outputs.removed.connect(self._remove_output)

    @property
    def station(self) -> Station:
        return self._station

    def use(self, sources: Sequence[ConnectionType], outputs: Sequence[ConnectionType]) -> None:
        """Offer these kinds of sources and outputs."""
        self.source.use(sources)
        self.outputs.use(outputs)

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
        self.name.setEnabled(not running)
        for row in self.triggers.values():
            row.setEnabled(not running)
        for key in ("frozen_error", "confirm_review", "confirm_ng", "strict_pictures"):
            self.switches[key].setEnabled(not running)
        self.png.setEnabled(not running)
        self._running.setVisible(running)

    def set_has_pin(self, has_pin: bool) -> None:
        """Say whether there is an engineer's PIN."""
        bind(self.pin.setText, say("Change the PIN…") if has_pin else say("Set an engineer's PIN…"))
        bind(self._pin_hint.setText, _pin_words(has_pin))

    def set_by_name(self, *, by_name: bool) -> None:
        """Say whether people sign in by name: then nobody is asked for the PIN."""
        self.pin.setVisible(not by_name)
        if by_name:
            bind(
                self._pin_hint.setText,
                say(
                    "People sign in by name at this station: the program starts in operator mode,"
                    " and leaving it needs an engineer."
                ),
            )

    def _bind_texts(self) -> None:
        bind(self._heading.setText, say("Inspection settings"))
        bind(
            self._running.setText,
            say("Inspection is running. Stop it to change the greyed-out settings."),
        )

    def _show_values(self) -> None:
        station = self._station
        for key, row in self._rows.items():
            show_field(row, FIELDS.get(key) or KEEP_FIELDS[key], self._value(key))
        self.every.setVisible(station.trigger is Trigger.TIMER)
        self.change.setVisible(station.trigger is Trigger.CHANGE)
        self.nth.setVisible(station.keep.keep is Keep.EVERY)
        self.samples["sample_way"].setVisible(station.samples is not SampleRule.OFF)
        self.samples["sample_hours"].setVisible(station.samples is SampleRule.HOURS)
        self.png.setVisible(station.keep.keep is not Keep.NONE)

    def _value(self, key: str) -> Value:
        owner = self._station if key in FIELDS else self._station.keep
        value: Value = getattr(owner, key)
        return round(100 * float(value), 3) if key == "change" else value

    def _put(self, key: str, value: Value) -> None:
        answer = {key: float(value) / 100 if key == "change" else value}
        if key in KEEP_FIELDS:
            rule: KeepRule = replace(self._station.keep, **answer)  # type: ignore[arg-type]
            self._take(replace(self._station, keep=rule))
        else:
            self._take(replace(self._station, **answer))  # type: ignore[arg-type] # by table

    @Slot(object)
    def _remove_output(self, spec: OutputSpec) -> None:
        left = list(self._station.outputs)
        left.remove(spec)
        self._take(replace(self._station, outputs=tuple(left)))

    def _take(self, station: Station) -> None:
        if station != self._station:
            self._station = station
            self._show_values()
            self.outputs.show_outputs(station.outputs)
            self.station_changed.emit(station)


def _pin_words(has_pin: bool) -> Message:
    if has_pin:
        return say(
            "The program starts in operator mode; leaving it, and changing products on the "
            "command line, needs the PIN."
        )
    return say("No PIN is set: anyone can leave operator mode and change products.")
