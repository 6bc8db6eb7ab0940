"""``deeprx inspect`` takes over what the library releases while it runs, between two parts."""

from __future__ import annotations

import itertools
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui import central_settings, library_settings
from deeprx_gui.central import password
from deeprx_gui.cli.line_following import AGAIN_SECONDS, InUse, LineFollower
from deeprx_gui.cli.main import main
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.library import LibraryContent, LibraryRevision, RunState
from deeprx_gui.domain.live_items import RevisionChange
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.paths import Paths
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.station_identity import identity
from deeprx_gui.work.follow_report import FollowReport, OnLine, ProductReport, as_on_the_line
from tests.central.plant import AUTO, NAME, Engineer, Station
from tests.cli import pictures
from tests.made_profile import made_profile

PATIENCE = 120.0


@pytest.fixture
def line(
    new_station: Callable[..., Station], monkeypatch: pytest.MonkeyPatch
) -> tuple[Station, Path]:
    """A station that follows, and a folder of parts that its camera sees again and again."""
    station = new_station("a")
    paths = Paths(station.folder)
    central_settings.save(station.place, paths.central_file)
    library_settings.save(replace(AUTO, every=5.0), paths.library_file)
    station.id = identity(paths.station_id_file, station.name).id
    station.set(AUTO)
    monkeypatch.setattr(password, "read", lambda _place: station.password)
    parts = station.folder / "parts"
    pictures.write_parts(parts, 3, first=50)
    return station, parts


class Run:
    """A run during which something is done each time that parts of a revision were judged."""

    def __init__(self, folder: Path, steps: list[tuple[int, Callable[[], None]]]) -> None:
        self._folder, self._steps = folder, steps
        self.revisions: list[int] = []
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __call__(self, *words: object) -> int:
        self._thread.start()
        code = main([*map(str, words)])
        self._thread.join(PATIENCE)
        with closing(RecordStore(Paths(self._folder).results, read_only=True)) as store:
            self.revisions = [record.revision for record in store.rows(RecordQuery())]
        return code

    def _watch(self) -> None:
        end = time.monotonic() + PATIENCE
        for revision, then in self._steps:
            while time.monotonic() < end and self._latest() != revision:
                time.sleep(0.05)
            then()

    def _latest(self) -> int | None:
        with closing(RecordStore(Paths(self._folder).results, read_only=True)) as store:
            return next((record.revision for record in store.page(RecordQuery(), count=1)), None)


def ctrl_c() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_a_released_revision_goes_on_the_line_and_a_withdrawn_one_leaves_it(
    line: tuple[Station, Path], engineer: Engineer, capsys: pytest.CaptureFixture[str]
) -> None:
    station, parts = line
    first = engineer.release(engineer.publish(1.1))
    assert station.look().changed
    (old,) = (station.store.load(station.store.list()[0].id).revision,)
    made: dict[str, Any] = {}

    def release() -> None:
        made["second"] = engineer.release(engineer.publish(1.2))

    def withdraw() -> None:
        engineer.withdraw(made["second"])

    run = Run(station.folder, [
        (old, release),
        (old + 1, withdraw),
        (old, ctrl_c),
    ])  # fmt: skip
    words = ("--data-dir", station.folder, "--lang", "en", "inspect", NAME, "--json")
    run(*words, "--source", f"replay:{parts}?fps=10", "--keep", "none", "--seconds", PATIENCE)
    out, err = capsys.readouterr()
    answer = json.loads(out)
    taken = [revision for revision, _ in itertools.groupby(run.revisions)]
    assert answer["revisions"] == taken == [old, old + 1, old], "back to the last good one"
    assert answer["parts"] == len(run.revisions)
    assert "of the library from now on (Sato)" in err
    assert "was withdrawn by Sato" in err
    assert [s for s in answer["library"] if "The line goes on with" in s]
    assert station.runs() is not None
    assert station.store.load(station.store.list()[0].id).lineage.mark == first.mark


# -- without a server ------------------------------------------------------------------------------


def report(profile: Profile, state: RunState, *, taken: Profile | None = None) -> FollowReport:
    """What a look says of a product that runs a revision of the library."""
    running: Any = object()
    one = ProductReport(profile.lineage.id, profile.name, state, None, running, taken)
    return FollowReport((one,), news=(say("Something."),))


class Store:
    """What is in use in the store, and how often all of it was read."""

    def __init__(self, profile: Profile) -> None:
        self.profile, self.read = profile, 0
        self.in_use = InUse(lambda: self.profile.revision, self._load)

    def _load(self) -> Profile:
        self.read += 1
        return self.profile


def test_what_another_program_of_this_pc_took_over_is_noticed_too() -> None:
    old = made_profile(revision=3)
    store = Store(old)
    line = LineFollower(old, store.in_use)
    line.take(report(old, RunState.CURRENT))
    assert line.successor() is None
    assert store.read == 0, "to see that nothing changed costs little"
    store.profile = replace(old, revision=4)
    line.take(report(old, RunState.CURRENT))
    assert line.successor() is store.profile
    assert line.successor() is None, "once"
    line.changed(RevisionChange(store.profile))
    assert line.profile is store.profile
    line.take(report(old, RunState.CURRENT))
    assert line.successor() is None
    assert store.read == 1


def test_what_may_not_go_on_the_line_yet_is_said_and_left(
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = made_profile(revision=3)
    new = replace(old, revision=4)

    def admit(_profile: Profile) -> None:
        raise RequestError(say("Limit samples are due."))

    line = LineFollower(old, Store(old).in_use, admit)
    line.take(report(old, RunState.CURRENT, taken=new))
    line.take(report(old, RunState.CURRENT, taken=new))
    assert line.successor() is None
    line.report()
    assert capsys.readouterr().err.count("Limit samples are due.") == 1
    assert [str(s) for s in line.sentences].count("Limit samples are due.") == 1


def test_what_was_refused_is_offered_again_after_some_minutes() -> None:
    old = made_profile(revision=3)
    store, now, reasons = Store(replace(old, revision=4)), [0.0], ["Limit samples are due."] * 2

    def admit(_profile: Profile) -> None:
        if reasons:
            raise RequestError(say(reasons.pop()))

    line = LineFollower(old, store.in_use, admit, clock=lambda: now[0])
    for now[0] in (0.0, AGAIN_SECONDS - 1, AGAIN_SECONDS, 2 * AGAIN_SECONDS - 1):
        line.take(report(old, RunState.CURRENT))
        assert line.successor() is None
    assert not reasons, "tried twice"
    assert line.on_line().problem == say("Limit samples are due.")
    now[0] = 2 * AGAIN_SECONDS
    line.take(report(old, RunState.CURRENT))
    assert line.successor() is store.profile
    assert line.on_line().problem is None
    line.report()
    assert [str(s) for s in line.sentences].count("Limit samples are due.") == 1


def test_what_could_not_judge_is_offered_again_after_some_minutes() -> None:
    old = made_profile(revision=3)
    store, now = Store(replace(old, revision=4)), [0.0]
    line = LineFollower(old, store.in_use, clock=lambda: now[0])
    line.take(report(old, RunState.CURRENT))
    assert line.successor() is store.profile
    line.changed(RevisionChange(store.profile, say("No memory.")))
    assert (line.profile, line.on_line().problem) == (old, say("No memory."))
    line.take(report(old, RunState.CURRENT))
    assert line.successor() is None
    now[0] = AGAIN_SECONDS
    line.take(report(old, RunState.CURRENT))
    assert line.successor() is store.profile


def test_a_runtime_that_fails_while_samples_are_judged_is_said() -> None:
    old = made_profile(revision=3)

    def admit(_profile: Profile) -> None:
        raise RuntimeError("the runtime is gone")

    line = LineFollower(old, Store(replace(old, revision=4)).in_use, admit)
    line.take(report(old, RunState.CURRENT))
    assert "the runtime is gone" in str(line.on_line().problem)


def test_the_library_hears_what_the_line_runs() -> None:
    """It is told of a revision once the line judges with it, and of trouble until then."""
    fourth, third = revision(4), revision(3)
    known = LibraryContent(datetime.now(UTC), (third, fourth))
    here = replace(
        report(made_profile(), RunState.CURRENT).products[0], running=fourth, lineage="x"
    )
    cases = (
        (None, here),
        (OnLine("another product", "m3"), here),
        (OnLine("x", "m4"), here),
        (OnLine("x", "m3"), None),
        (
            OnLine("x", "m3", say("No memory.")),
            replace(here, state=RunState.TROUBLE, running=third, sentence=say("No memory.")),
        ),
    )
    for line, told in cases:
        assert as_on_the_line(line, known, 1, here) == told


def revision(number: int) -> LibraryRevision:
    return LibraryRevision(
        number, 1, "x", number, f"m{number}", None, NAME, "", 0, "Sato", "", datetime.now(UTC)
    )


def test_a_revision_of_the_pcs_own_does_not_go_on_the_line_by_itself() -> None:
    old = made_profile(revision=3)
    line = LineFollower(old, Store(replace(old, revision=4)).in_use)
    line.take(report(old, RunState.OWN))
    assert line.successor() is None
