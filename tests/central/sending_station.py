"""A station of a test: a data folder with a store, and how it comes into the centre."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from deeprx_gui.central import migrations
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.paths import Paths, resources_dir
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.station_identity import identity
from deeprx_gui.work.forward import ForwardSetup
from deeprx_gui.work.forward_pass import ForwardWork
from tests.made_record import made_record

STEPS = migrations.steps(resources_dir() / "central")
Login = Callable[[str], tuple[CentralPlace, str]]
START = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@dataclass
class Station:
    """A data folder with a store, and how it comes into the centre."""

    paths: Paths
    place: CentralPlace
    password: str
    store: RecordStore

    def setup(self, **changes: object) -> ForwardSetup:
        made = ForwardSetup(
            self.place,
            lambda: self.password,
            identity(self.paths.station_id_file, "Line 3 – 左"),
            self.paths.data,
            self.paths.results,
            self.paths.profiles,
            STEPS,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def record(self, count: int, first: int = 1, **changes: object) -> None:
        """Judge parts: every seventh is NG, one a second."""
        for number in range(first, first + count):
            verdict = Verdict.NG if number % 7 == 0 else Verdict.OK
            when = START + timedelta(seconds=number)
            given = {"uid": f"{number:032x}", "when": when, "serial": f"S{number}", **changes}
            self.store.add(made_record(number, verdict, **given))

    def send(self, setup: ForwardSetup | None = None) -> ForwardWork:
        """Send all there is, in this thread."""
        setup = setup or self.setup()
        work = setup.work()
        with setup.session() as session:
            work.begin(session)
            while work.one_pass(session):
                pass
            work.report(session)
        work.keep_mark()
        return work


def wait_for(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
