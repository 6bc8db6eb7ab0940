"""Where pictures come from, in the setup."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from deeprx_gui.domain.connection import ConnectionType
from deeprx_gui.domain.field import Value
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.source import Device, SourceSpec
from deeprx_gui.ui.inspect.address_field import AddressField
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import bind
from deeprx_gui.ui.kit.choice_row import ChoiceRow
from deeprx_gui.ui.kit.form import Form
from deeprx_gui.ui.kit.frames import Expander, wrapped


class SourceSection(QWidget):
    """``drafted`` carries a ``SourceSpec`` not yet checked; ``show_problem`` says why not."""

    drafted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: tuple[ConnectionType, ...] = ()
        self.kind = ChoiceRow()
        self.address = AddressField()
        self.options = Form()
        self.more = Expander()
        self.more.body.addWidget(self.options)
        self.problem = wrapped("bad")
        self.problem.hide()
        self.more.set_title(say("Advanced source settings"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.M)
        for part in (self.kind, self.address, self.problem, self.more):
            column.addWidget(part)
        self.kind.chosen.connect(self._kind_chosen)
        self.address.changed.connect(self._give)
        self.options.changed.connect(self._give)

    def use(self, kinds: Sequence[ConnectionType]) -> None:
        """Set the available kinds of sources."""
        self._kinds = tuple(kinds)
        options = [(kind.key, kind.title) for kind in self._kinds]
        self.kind.bind_texts(say("Image source"), "", options)
        if self.address.kind is None:  # the list shows its first entry
            self._follow_kind("", {})

    def show_source(self, spec: SourceSpec | None) -> None:
        """Show the source that is chosen."""
        self.show_problem(None)
        if spec is None:
            self._follow_kind("", {})
        else:
            self.kind.set_value(spec.kind)
            self._follow_kind(spec.address, dict(spec.options))

    def show_problem(self, problem: Message | None) -> None:
        """Show why the source cannot be used."""
        self.problem.setVisible(problem is not None)
        bind(self.problem.setText, problem or "")

    def show_devices(self, devices: Sequence[Device]) -> None:
        """Show the cameras that were found."""
        self.address.show_devices(devices)

    def _follow_kind(self, address: str, options: dict[str, Value]) -> None:
        kind = next((kind for kind in self._kinds if kind.key == self.kind.value), None)
        self.address.setVisible(kind is not None)
        self.address.show_kind(kind, address)
        fields = () if kind is None else kind.fields
        self.options.show_fields(fields, options)
        self.more.setVisible(bool(fields))

    @Slot(object)
    def _kind_chosen(self, _kind: object) -> None:
        self._follow_kind("", {})
        self.show_problem(None)
        if self.address.search.isVisibleTo(self):
            self.address.search.click()
        self.address.line.setFocus()

    @Slot()
    def _give(self, *_changed: object) -> None:
        kind = self.kind.value
        if kind is not None and self.address.address:
            self.drafted.emit(SourceSpec(str(kind), self.address.address, self.options.values))
