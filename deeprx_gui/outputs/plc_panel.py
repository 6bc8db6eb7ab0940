"""PLC panel: the verdict panel as registers, with the handshake of both roles."""

from __future__ import annotations

from deeprx_gui.domain.field import Options
from deeprx_gui.outputs.commands import ReceiverCommands
from deeprx_gui.outputs.modbus_block import RegisterBlock
from deeprx_gui.outputs.verdict_panel import PanelView, VerdictPanel


class PlcPanel(VerdictPanel):
    """The newest verdict in registers; from any thread.

    With ``blank`` a trigger that is accepted takes the old verdict away at once.
    """

    def __init__(self, options: Options, commands: ReceiverCommands, *, full: bool) -> None:
        super().__init__(commands, ack=options.switch("ack"))
        self._blank = options.switch("blank")
        self._high_word_first = options.text("words") == "high"
        self._version = 2 if full else 1
        self._in_limit = options.text("scale") == "limit"

    def block(self) -> RegisterBlock:
        """Return what is shown now."""
        return self._block(self.view())

    def registers(self, heartbeat: int, *, running: bool) -> list[int]:
        """Return the whole map of this version, all of one instant."""
        view = self.view()
        block = self._block(view)
        found = block.registers(heartbeat, running=running)
        if self._version > 1:
            found += [*_state(block, view), *block.part_registers(view.age)]
        return found

    def state(self) -> list[int]:
        """Return the living registers of map version 2."""
        view = self.view()
        return _state(self._block(view), view)

    def part(self) -> list[int]:
        """Return the registers of the part of map version 2."""
        view = self.view()
        return self._block(view).part_registers(view.age)

    def _block(self, view: PanelView) -> RegisterBlock:
        return RegisterBlock(
            view.told,
            self._high_word_first,
            view.sequence,
            blank=self._blank and view.is_old,
            version=self._version,
            in_limit=self._in_limit,
        )


def _state(block: RegisterBlock, view: PanelView) -> list[int]:
    return block.state_registers(view.status, busy=view.busy, valid=view.valid)
