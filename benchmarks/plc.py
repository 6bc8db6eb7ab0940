"""A simulated PLC: no verdict may be missed, doubled or taken for another part.

    python benchmarks/plc.py [--parts 10000] [--seed 0] [--json]

A PLC program (pymodbus client, map version 2) drives the live run over Modbus TCP: feed, judge,
store with a flush per verdict, outputs. The camera shows the part that lies there now; its
brightness says which it is and comes back in the score register, so a verdict of another part is
seen. Half of the parts are worked with the handshake (a part stays until it has its verdict), half
on a conveyor that never waits (``ack=1``, verdicts matched by the trigger's number). Meanwhile
contacts bounce, the camera goes away or stands still, and the program is ended or killed and
started again. A part whose verdict is an ERROR, whose trigger was refused, or that was under way
when the program went down counts as not judged: with the handshake it is triggered again.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException

from deeprx_gui.outputs.modbus_block import FULL_LENGTH

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from plc_line import ANSWER_WITHIN, GAP, Program, World  # type: ignore[import-not-found]

from benchmarks.line_figures import (
    LineFigures,
    common_options,
    free_port,
    report,
)

_PATIENCE = 30.0
_ERROR = 4


@dataclass
class Figures(LineFigures):
    """What happened to a PLC."""

    bounces: int = 0


@dataclass(frozen=True)
class Sight:
    """The registers as a PLC reads them."""

    words: list[int]

    def two(self, place: int) -> int:
        return self.words[place] << 16 | self.words[place + 1]

    @property
    def verdict(self) -> int:
        return self.words[3]

    @property
    def level(self) -> int:
        return round(self.words[4] / 10)

    @property
    def sequence(self) -> int:
        return self.two(20)

    @property
    def ready(self) -> bool:
        return bool(self.words[22] & 2)

    @property
    def valid(self) -> bool:
        return bool(self.words[22] & 8)

    @property
    def accepted(self) -> int:
        return self.two(24)

    @property
    def refused(self) -> int:
        return self.two(26)

    @property
    def trigger(self) -> int:
        return self.two(32)


class Lost(Exception):  # noqa: N818 - what happened to the connection
    """The program is gone, or it has been started again."""


class Plc:
    """One PLC program with its checks; the numbers of ``docs/outputs.md``."""

    def __init__(self, port: int, world: World, seed: int) -> None:
        self.figures = Figures()
        self._port, self._world = port, world
        self._rng = random.Random(seed)  # noqa: S311 - a simulation, no secret
        self._client: ModbusTcpClient | None = None
        self._accepted = 0
        self._sequence: int | None = None
        self._part_of: dict[int, int] = {}

    # -- talking ----------------------------------------------------------------------------

    def look(self) -> Sight:
        """Read the whole block in one request; raises Lost after a restart."""
        try:
            if self._client is None:
                self._client = ModbusTcpClient("127.0.0.1", port=self._port, timeout=5, retries=0)
                if not self._client.connect():  # type: ignore[no-untyped-call]
                    raise OSError
            answer = self._client.read_holding_registers(0, count=FULL_LENGTH)
            if answer.isError():
                raise OSError
        except (OSError, ModbusException) as error:
            self._hang_up()
            raise Lost from error
        sight = Sight(list(answer.registers))
        if sight.accepted < self._accepted or self._sequence is None:
            if sight.verdict:  # a start shows "none yet", never an old verdict
                self.figures.mismatched += self._sequence is not None
            self._accepted, self._sequence = sight.accepted, sight.sequence
            raise Lost
        self._accepted = sight.accepted
        return sight

    def close(self) -> None:
        self._hang_up()

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()  # type: ignore[no-untyped-call]
        self._client, self._sequence = None, None
        time.sleep(0.02)

    def trigger(self) -> float:
        """Write the coil, bouncing now and then; return how long it took."""
        bounces = self._rng.random() < 0.3
        values = (True, False, True, False) if bounces else (True, False)
        self.figures.bounces += bounces
        if self._client is None:
            raise Lost
        begun = time.perf_counter()
        try:
            for value in values:
                self._client.write_coil(0, value=value)
        except (OSError, ModbusException) as error:
            self._hang_up()
            raise Lost from error
        return time.perf_counter() - begun

    def acknowledge(self) -> None:
        if self._client is None:
            raise Lost
        with suppress(ModbusException, OSError):  # the next look notices that it is gone
            self._client.write_coil(1, value=True)
            self._client.write_coil(1, value=False)

    # -- judging the program ------------------------------------------------------------------

    def check(self, sight: Sight, part: int) -> None:
        """Check that a verdict that was seen is new, and this part's."""
        self.figures.follow(self._sequence, sight.sequence)
        self._sequence = sight.sequence
        if sight.verdict == _ERROR:
            self.figures.errors += 1
        elif sight.level != self._world.level(part):
            self.figures.mismatched += 1

    # -- with the handshake -------------------------------------------------------------------

    def handshake(self, part: int) -> None:
        """A part stays until it has its verdict."""
        self._world.part = part
        self.figures.parts += 1
        while True:
            try:
                if self._inspect(part):
                    return
            except Lost:
                continue

    def _inspect(self, part: int) -> bool:
        before = self.look()
        if before.sequence != self._sequence:
            self.figures.doubled += 1  # a verdict that nobody asked for
            self._sequence = before.sequence
        if not before.ready:
            time.sleep(0.002)
            return False
        took = self.trigger()
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            sight = self.look()
            if sight.refused > before.refused and sight.accepted == before.accepted:
                self.figures.refused += 1
                return False
            if sight.valid and sight.sequence != before.sequence:
                if not self._is_last(before, sight, took):
                    continue
                self.check(sight, part)
                self.acknowledge()
                time.sleep(GAP + 0.002)  # a line has a pause: sooner it would be a bounce
                return sight.verdict != _ERROR
            time.sleep(0.001)
        self.figures.missed += 1
        return True

    def _is_last(self, before: Sight, sight: Sight, took: float) -> bool:
        """One trigger however it bounced, unless this PC took longer than the gap over it."""
        extra = sight.accepted - before.accepted - 1
        if took < GAP and extra:
            self.figures.doubled += 1
        if sight.trigger < sight.accepted:
            return False
        self._sequence = before.sequence + extra
        return True

    # -- on a conveyor ------------------------------------------------------------------------

    def pass_by(self, part: int, takt: float) -> None:
        """A part passes whether it is judged or not."""
        self._world.part = part
        self.figures.parts += 1
        end = time.monotonic() + takt
        try:
            before = self.look()
            if before.ready:
                self.trigger()
                end = max(end, time.monotonic() + ANSWER_WITHIN)  # a part stays for its picture
                after = self.look()
                self.figures.refused += after.refused > before.refused
                for number in range(before.accepted + 1, after.accepted + 1):
                    self._part_of[number] = part
            else:
                self.figures.refused += 1
            while time.monotonic() < end:
                self._collect()
                time.sleep(0.002)
        except Lost:
            self._give_up()
            time.sleep(max(0.0, end - time.monotonic()))

    def _collect(self) -> None:
        sight = self.look()
        if not sight.valid or sight.sequence == self._sequence:
            return
        part = self._part_of.pop(sight.trigger, None)
        if part is None:
            self.figures.doubled += 1
            self._sequence = sight.sequence
        else:
            self.check(sight, part)
        self.acknowledge()

    def collect_all(self) -> None:
        """Wait for the verdicts that are still to come; what never comes was missed."""
        end = time.monotonic() + _PATIENCE
        while self._part_of and time.monotonic() < end:
            try:
                self._collect()
            except Lost:
                self._give_up()
            time.sleep(0.002)
        self.figures.missed += len(self._part_of)
        self._part_of.clear()

    def _give_up(self) -> None:
        self.figures.uncertain += len(self._part_of)
        self._part_of.clear()


class Trouble:
    """Lets the camera go away or stand still, ends and kills the program, every few parts."""

    def __init__(self, plc: Plc, world: World, program: Program, seed: int) -> None:
        self._plc, self._world, self._program = plc, world, program
        self._rng = random.Random(seed + 1)  # noqa: S311 - a simulation, no secret
        self._mends: threading.Timer | None = None

    def maybe(self, every: int) -> None:
        """Make one kind of trouble, once in ``every`` parts on average."""
        if self._rng.random() * every >= 1 or (self._mends and self._mends.is_alive()):
            return
        figures = self._plc.figures
        kind = self._rng.choice(("away", "still", "end", "kill"))
        if kind in {"away", "still"}:
            setattr(self._world, kind, True)
            figures.camera_away += kind == "away"
            figures.camera_still += kind == "still"
            self._later(partial(setattr, self._world, kind, False))
            return
        figures.restarts += 1
        figures.kills += kind == "kill"
        self._later(lambda: self._restart(kill=kind == "kill"))

    def _later(self, what: Callable[[], None]) -> None:
        self._mends = threading.Timer(self._rng.uniform(0.01, 0.6), what)
        self._mends.start()

    def _restart(self, *, kill: bool) -> None:
        self._program.end(kill=kill)
        self._program.start()

    def over(self) -> None:
        """Wait until all is well again."""
        if self._mends is not None:
            self._mends.join()


def simulate(folder: Path, parts: int, *, seed: int = 0, every: int = 40) -> Figures:
    """Work half of the parts with the handshake and half on the conveyor."""
    total = Figures()
    for conveyor, options in ((False, ""), (True, "?ack=1")):
        world, port = World(), free_port()
        program = Program(folder / ("conveyor" if conveyor else "handshake"), world, port, options)
        plc = Plc(port, world, seed)
        trouble = Trouble(plc, world, program, seed)
        program.start()
        try:
            for part in range(1, parts // 2 + 1):
                trouble.maybe(every)
                if conveyor:
                    plc.pass_by(part, 2 * GAP)
                else:
                    plc.handshake(part)
            trouble.over()
            plc.collect_all()
        finally:
            trouble.over()
            program.end()
            plc.close()
        total.add(plc.figures)
    return total


def main() -> int:
    """Run and print the figures; 1 when a verdict was missed, doubled or mismatched."""
    args = common_options(__doc__).parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        figures = simulate(Path(folder), args.parts, seed=args.seed)
    return report(figures, begun, as_json=args.json)


if __name__ == "__main__":
    sys.exit(main())
