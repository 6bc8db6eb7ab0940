"""Set the limits: by a target or from labels, with what that changes before it is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.label_limits import Costs
from deeprx_gui.domain.learning_curve import PromiseAt
from deeprx_gui.domain.limit_ways import Way, Wish
from deeprx_gui.domain.message import Message, in_one, say
from deeprx_gui.domain.words import percent
from deeprx_gui.i18n import render
from deeprx_gui.state.thumbnails import ThumbnailCache
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.frames import line, wrapped
from deeprx_gui.ui.kit.number_row import NumberRange, NumberRow
from deeprx_gui.ui.kit.sheets import Sheet
from deeprx_gui.ui.picture.tile_strip import Tile, TileStrip

LIMITS_TITLE: Final = say("Set the limits")
_WIDTH: Final = 880
_COLUMNS: Final = 3
_FIELD: Final = 250
_MONEY: Final = NumberRange(0, 1e9)


@dataclass(frozen=True)
class _Asked:
    """One number: its row's range, where it starts, what is asked; ``ways`` it belongs to."""

    span: NumberRange
    usual: float | None
    title: Message
    hint: Message | str
    ways: frozenset[Way]


_FROM_LABELS: Final = frozenset(Way) - {Way.TARGET}
_ASKED: Final = {
    "one_in": _Asked(
        NumberRange(2, 100_000, whole=True),
        200,
        say("Good parts among which at most 1 is called NG"),
        "",
        frozenset({Way.TARGET}),
    ),
    "false_calls": _Asked(
        NumberRange(0, 100_000, whole=True),
        0,
        say("False calls allowed among the labelled good parts"),
        "",
        frozenset({Way.AT_MOST}),
    ),
    "false_call": _Asked(
        _MONEY,
        100,
        say("A false call costs (yen)"),
        say("A good part that is stopped."),
        frozenset({Way.COSTS}),
    ),
    "miss": _Asked(
        _MONEY,
        10_000,
        say("A miss costs (yen)"),
        say("A bad part that passes."),
        frozenset({Way.COSTS}),
    ),
    "look": _Asked(
        NumberRange(0, 1e9, optional=True),
        None,
        say("A look at a part in review costs (yen)"),
        say("Left empty, a good part in review costs as much as a false call."),
        frozenset({Way.COSTS}),
    ),
    "per_shift": _Asked(
        NumberRange(1, 10_000_000, whole=True),
        1000,
        say("Parts in a shift"),
        "",
        frozenset(Way),
    ),
    "bad_share": _Asked(
        NumberRange(0, 100),
        1,
        say("Bad parts on the line (%)"),
        "",
        _FROM_LABELS,
    ),
}
_WAYS: Final = (
    (Way.TARGET, say("a target for false calls")),
    (Way.CATCH_ALL, say("my labels: stop every bad part")),
    (Way.AT_MOST, say("my labels: at most so many false calls")),
    (Way.COSTS, say("my labels: the cheapest")),
)


class LimitsSheet(Sheet):
    """``changed``: a person wants something else. ``use``: the button that moves the limits.

    ``tiles.chosen`` carries the number of a picture that flips. What is wanted is ``wish``.
    """

    changed = Signal()

    def __init__(
        self, thumbnails: ThumbnailCache, tip: Callable[[int], str], parent: QWidget
    ) -> None:
        super().__init__(_WIDTH, parent)
        self.heading = theme.level(QLabel(), "heading")
        self.put_title(self.heading)
        self.way = ChoiceRow()
        self.rows = {key: NumberRow(asked.span, self) for key, asked in _ASKED.items()}
        self.problems, self.reason = wrapped("hint"), wrapped("strong")
        self.answer, self.consequences = wrapped(), wrapped()
        self.curve = QGridLayout()
        self._curve_room = QWidget()
        self.flips = wrapped("small")
        self.tiles = TileStrip(thumbnails, tip)
        self.use = QPushButton()
        self.use.setProperty("kind", "primary")
        self.use.setAutoDefault(True)
        self.later = wrapped("small")
        theme.set_icon(self.use, "tick", "on_accent")
        self._lay_out()
        self._say()
        for row in (self.way, *self.rows.values()):
            row.chosen.connect(self._asked)
        self.way.set_value(Way.TARGET)
        for key, asked in _ASKED.items():
            self.rows[key].set_value(asked.usual)
        self._show_rows()

    def _lay_out(self) -> None:
        numbers = self._numbers = QGridLayout()
        numbers.setHorizontalSpacing(theme.L)
        numbers.setVerticalSpacing(theme.S)
        for column in range(_COLUMNS):
            numbers.setColumnStretch(column, 1)
            numbers.setColumnMinimumWidth(column, _FIELD)
        self.body.setSpacing(theme.M)
        self.curve.setContentsMargins(0, 0, 0, 0)
        self.curve.setHorizontalSpacing(theme.L)
        self.curve.setVerticalSpacing(2)
        beside = QHBoxLayout(self._curve_room)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addLayout(self.curve)
        beside.addStretch(1)
        said = QVBoxLayout()
        said.setSpacing(theme.S)
        self.body.addWidget(self.way)
        self.body.addLayout(numbers)
        self.body.addWidget(line())
        parts = (self.problems, self.reason, self.answer, self._curve_room)
        for widget in (*parts, self.consequences, self.flips, self.tiles):
            said.addWidget(widget)
        self.body.addLayout(said)
        self.put_foot(self.later, self.use)

    def _say(self) -> None:
        bind(self.heading.setText, LIMITS_TITLE)
        self.way.bind_texts(say("Set them by"), "", _WAYS)
        for key, asked in _ASKED.items():
            self.rows[key].bind_texts(asked.title, asked.hint)
        bind(self.use.setText, say("Use these limits"))
        bind(
            self.later.setText,
            say("Nothing is saved yet: look at the page, then press “Save limits…”, or Ctrl+Z."),
        )
        bind(self.tiles.setAccessibleName, say("Pictures whose verdict changes"))

    @property
    def wish(self) -> Wish:
        """What a person wants now."""

        def number(key: str) -> float:
            value = self.rows[key].value
            return 0.0 if value is None else float(value)

        look = self.rows["look"].value
        costs = Costs(
            number("false_call"),
            number("miss"),
            number("bad_share") / 100,
            int(number("per_shift")),
            None if look is None else float(look),
        )
        way = self.way.value
        return Wish(
            way if isinstance(way, Way) else Way.TARGET,
            costs,
            1 / number("one_in"),
            int(number("false_calls")),
        )

    # -- what the controller tells it -------------------------------------------------------

    def show_problems(self, problems: Sequence[Message]) -> None:
        """Say what is wrong with the labels."""
        self.problems.setVisible(bool(problems))
        bind(self.problems.setText, in_one(problems) or "")

    def show_share(self, labelled: float | None) -> None:
        """Say what share of the labelled parts is bad: on a line it is another."""
        row, asked = self.rows["bad_share"], _ASKED["bad_share"]
        hint: Message | str = ""
        if labelled is not None:
            hint = say(
                "Of the labelled parts {share} % are bad; on a line it is usually far less.",
                share=percent(labelled),
            )
        row.bind_texts(asked.title, hint)

    def show_proposal(self, reason: Message, answer: Sequence[Message], *, usable: bool) -> None:
        """Say what is proposed, or why nothing is."""
        bind(self.reason.setText, reason)
        self.answer.setVisible(bool(answer))
        bind(self.answer.setText, in_one(answer) or "")
        self.use.setEnabled(usable)

    def show_curve(self, curve: Sequence[PromiseAt], parts: int) -> None:
        """Show what more parts would promise; nothing hides the table."""
        while self.curve.count():
            widget = self.curve.takeAt(0).widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._curve_room.setVisible(bool(curve))
        heads = (say("Good parts"), say("False calls"), say("In nine of ten cases"))
        for column, head in enumerate(heads if curve else ()):
            title = theme.level(QLabel(), "small")
            bind(title.setText, head)
            self.curve.addWidget(title, 0, column)
        for row, one in enumerate(curve, start=1):
            now = one.parts == parts
            cells: tuple[Message | str, ...] = (
                say("{n} (now)", n=one.parts) if now else str(one.parts),
                f"{percent(one.rate)} %",
                say("{low} to {high} %", low=percent(one.low), high=percent(one.high)),
            )
            for column, text in enumerate(cells):
                cell = QLabel()
                if now:
                    cell.setProperty("level", "strong")
                bind(cell.setText, text)
                self.curve.addWidget(cell, row, column)

    def show_consequences(
        self, lines: Sequence[Message], flips: Message | None, tiles: Sequence[Tile]
    ) -> None:
        """Say what changes, and show the pictures whose verdict does."""
        self.consequences.setVisible(bool(lines))
        bind(self.consequences.setText, partial(_lines, tuple(lines)))
        self.flips.setVisible(flips is not None)
        bind(self.flips.setText, flips or "")
        self.tiles.setVisible(bool(tiles))
        self.tiles.show_tiles(tiles)
        self.tiles.ask()

    # -- inside -----------------------------------------------------------------------------

    @Slot(object)
    def _asked(self, _value: object) -> None:
        self._show_rows()
        self.changed.emit()

    def _show_rows(self) -> None:
        """Show what the way asks for, in the order of the table."""
        place = 0
        for key, asked in _ASKED.items():
            row, shown = self.rows[key], self.way.value in asked.ways
            self._numbers.removeWidget(row)
            if shown:
                where = divmod(place, _COLUMNS)
                self._numbers.addWidget(row, *where, Qt.AlignmentFlag.AlignTop)
                place += 1
            row.setVisible(shown)  # a widget that changes its parent is hidden


def _lines(messages: Sequence[Message]) -> str:
    return "\n".join(render(message) for message in messages)
