"""Outputs in the setup sheet: list with states, and a form to add one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from deeprx_gui.domain.connection import ConnectionType
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.output import OutputConnection, OutputSpec, OutputState
from deeprx_gui.ui.inspect.address_field import AddressField
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Text, bind, bind_tip
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.form import Form
from deeprx_gui.ui.kit.frames import Expander, wrapped

_LINKS = {
    OutputConnection.STARTING: say("connecting"),
    OutputConnection.READY: say("ready"),
    OutputConnection.RETRYING: say("not reached"),
    OutputConnection.STOPPED: say("stopped"),
}


class OutputRow(QFrame):
    """One output: its kind and address, how it stands, and a button that takes it away."""

    def __init__(self, spec: OutputSpec, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")
        self.spec = spec
        self.more: QPushButton | None = None
        self._title = wrapped("strong")
        self._address = wrapped("small")
        self._address.setText(spec.address)
        self.state = theme.level(QLabel(), "chip")
        self.problem = wrapped("bad")
        self.problem.hide()
        self.remove = QPushButton()
        theme.set_icon(self.remove, "delete")
        self.remove.setFixedWidth(48)
        bind_tip(self.remove, say("Remove this output"))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._title)
        words.addWidget(self._address)
        words.addWidget(self.problem)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.M, theme.S, theme.S, theme.S)
        row.addLayout(words, 1)
        self._row = row
        row.addWidget(self.state)
        row.addWidget(self.remove)

    def set_title(self, title: Text) -> None:
        """Name its kind."""
        bind(self._title.setText, title)

    def offer(self, words: Message, call: Callable[[], None]) -> None:
        """Offer what belongs to this kind of output only."""
        if self.more is None:
            self.more = QPushButton()
            self.more.clicked.connect(call)
            self._row.insertWidget(self._row.count() - 1, self.more)
        bind(self.more.setText, words)

    def show_state(self, state: OutputState | None) -> None:
        """Show how it stands."""
        self.state.setVisible(state is not None)
        problem = None if state is None else state.problem
        if state is not None:
            bind(self.state.setText, _LINKS[state.link])
        self.problem.setVisible(problem is not None)
        bind(self.problem.setText, problem or "")


class OutputsSection(QWidget):
    """``drafted``: the ``OutputSpec`` of one more, not yet checked; ``removed``: of one less."""

    drafted = Signal(object)
    removed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: tuple[ConnectionType, ...] = ()
        self._specs: tuple[OutputSpec, ...] = ()
        self._states: tuple[OutputState, ...] = ()
        self.rows: list[OutputRow] = []
        self._offers: dict[str, tuple[Message, Callable[[], None]]] = {}
        self._title = theme.level(QLabel(), "heading")
        self._nothing = wrapped("hint")
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.S)
        self.adder = Expander()
        self.kind, self.address, self.options = ChoiceRow(), AddressField(), Form()
        self.problem = wrapped("bad")
        self.add = QPushButton()
        theme.set_icon(self.add, "add")
        for part in (self.kind, self.address, self.options, self.problem, self.add):
            self.adder.body.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        column.addWidget(self._title)
        column.addWidget(self._nothing)
        column.addLayout(self._list)
        column.addWidget(self.adder)
        self.kind.chosen.connect(self._follow_kind)
        self.add.clicked.connect(self._give)
        self.show_problem(None)
        bind(self._title.setText, say("Outputs"))
        bind(self._nothing.setText, say("No outputs. Results are shown on this screen only."))
        self.adder.set_title(say("Add an output"))
        bind(self.add.setText, say("Add"))

    def use(self, kinds: Sequence[ConnectionType]) -> None:
        """Set the available kinds of outputs."""
        self._kinds = tuple(kinds)
        options = [(kind.key, kind.title) for kind in self._kinds]
        self.kind.bind_texts(say("Kind"), "", options)
        for row in self.rows:
            row.set_title(self._name(row.spec))
        if self._found(self.kind.value) is not self.address.kind:  # the list shows its first entry
            self._follow_kind()

    def offer(self, kind: str, words: Message, call: Callable[[], None]) -> None:
        """Offer something beside each output of a kind."""
        self._offers[kind] = (words, call)
        for row in self.rows:
            if row.spec.kind == kind:
                row.offer(words, call)

    def show_outputs(self, specs: Sequence[OutputSpec]) -> None:
        """Show the outputs there are; the form for one more is empty again."""
        if tuple(specs) != self._specs or len(self.rows) != len(specs):
            self._specs = tuple(specs)
            for row in self.rows:
                row.hide()
                row.deleteLater()
            self.rows = [self._row(spec) for spec in self._specs]
            for row in self.rows:
                self._list.addWidget(row)
            self.adder.set_open(False)
            self.address.line.clear()
            self.show_problem(None)
        self.show_states(self._states)

    def show_states(self, states: Sequence[OutputState]) -> None:
        """Show how they stand."""
        self._states = tuple(states)
        by_spec = {id(state.spec): state for state in states}
        for row in self.rows:
            same = [state for state in states if state.spec == row.spec]
            row.show_state(by_spec.get(id(row.spec)) or (same[0] if same else None))
        self._nothing.setVisible(not self.rows)

    def show_problem(self, problem: Message | None) -> None:
        """Show why the new output cannot be used."""
        self.problem.setVisible(problem is not None)
        bind(self.problem.setText, problem or "")

    def _row(self, spec: OutputSpec) -> OutputRow:
        row = OutputRow(spec)
        row.set_title(self._name(spec))
        row.remove.clicked.connect(partial(self._remove, spec))
        if spec.kind in self._offers:
            row.offer(*self._offers[spec.kind])
        return row

    def _name(self, spec: OutputSpec) -> Message | str:
        kind = self._found(spec.kind)
        return spec.kind if kind is None else kind.title

    def _found(self, key: object) -> ConnectionType | None:
        return next((kind for kind in self._kinds if kind.key == key), None)

    def _remove(self, spec: OutputSpec, *_checked: bool) -> None:
        self.removed.emit(spec)

    @Slot()
    def _follow_kind(self, *_kind: object) -> None:
        kind = self._found(self.kind.value)
        self.address.show_kind(kind, "")
        self.options.show_fields(() if kind is None else kind.fields, {})
        self.show_problem(None)

    @Slot()
    def _give(self) -> None:
        kind = self.kind.value
        if kind is not None:
            self.drafted.emit(OutputSpec(str(kind), self.address.address, self.options.values))
