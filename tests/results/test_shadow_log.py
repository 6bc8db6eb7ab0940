"""The log of shadow mode: whole after a kill, bounded, one candidate at a time."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.shadow import ShadowPart, Side, TrialState, decided_parts
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.results import shadow_log
from deeprx_gui.results.shadow_log import FILE_NAME, ShadowLog

ROOT = Path(__file__).resolve().parents[2]
OK, NG, REVIEW = Verdict.OK, Verdict.NG, Verdict.REVIEW


def made(
    number: int = 1, live: Verdict = OK, candidate: Verdict = NG, revision: int = 3
) -> ShadowPart:
    return ShadowPart(
        f"uid {number}", number, datetime(2026, 11, 29, 8, 0, tzinfo=UTC), "S-1", "camera:0",
        revision, live, 0.8, candidate, 1.25, 41.5, b"\xff\xd8jpeg",
    )  # fmt: skip


@pytest.fixture
def log(tmp_path: Path) -> Iterator[ShadowLog]:
    with closing(ShadowLog(tmp_path / "シャドー")) as made_log:
        yield made_log


def test_nothing_is_made_before_the_first_trial(log: ShadowLog) -> None:
    assert log.running("abc") is None
    assert log.trials("abc") == ()
    assert log.differing(1) == ()
    assert not log.file.parent.exists()


def test_what_was_counted_is_there_after_a_restart(log: ShadowLog) -> None:
    trial = log.begin("abc", "Bracket", 7, who="佐藤", why="new lamp")
    for number, pair in enumerate([(OK, OK), (OK, NG), (OK, REVIEW), (NG, OK), (NG, REVIEW)]):
        log.add(trial.number, made(number, *pair))
    log.skip(trial.number, 4)
    log.close()
    again = ShadowLog(log.file.parent)
    with closing(again):
        found = again.running("abc")
        assert found is not None
        assert (found.who, found.why, found.candidate) == ("佐藤", "new lamp", 7)
        assert (found.compared, found.differing, found.skipped) == (5, 4, 4)
        counts = [found.on_side(side) for side in (None, *Side)]
        assert counts == [1, 2, 1, 1]
        assert found.live_revisions == (3,)
        assert "2 passed in use and stopped by the candidate" in str(found.sentence)
        kept = again.differing(trial.number)
        assert [p.number for p in kept] == [4, 3, 2, 1], "the latest first"
        assert kept[0].picture == b"\xff\xd8jpeg"
        assert [p.number for p in again.differing(trial.number, Side.LOOSER)] == [3]
        assert len(again.differing(trial.number, most=2)) == 2


def test_a_part_without_a_score_comes_back_as_such(log: ShadowLog) -> None:
    trial = log.begin("abc", "Bracket", 7, who="")
    log.add(trial.number, replace(made(), candidate=Verdict.ERROR, candidate_times=float("nan")))
    (found,) = log.differing(trial.number)
    assert found.candidate is Verdict.ERROR
    assert np.isnan(found.candidate_times)


def test_one_candidate_at_a_time(log: ShadowLog) -> None:
    first = log.begin("abc", "Bracket", 7, who="佐藤")
    assert log.begin("abc", "Bracket", 7, who="鈴木") == first, "it goes on"
    with pytest.raises(RequestError, match="r0007 of “Bracket” is on trial"):
        log.begin("abc", "Bracket", 8, who="鈴木")
    other = log.begin("def", "Cover", 2, who="鈴木")
    ended = log.end(first.number, TrialState.DROPPED, who="鈴木", why="misses scratches")
    assert (ended.state, ended.ended_by, ended.ended_why) == (
        TrialState.DROPPED, "鈴木", "misses scratches",
    )  # fmt: skip
    assert ended.ended is not None
    with pytest.raises(RequestError, match="ended already"):
        log.end(first.number, TrialState.PROMOTED, who="鈴木")
    second = log.begin("abc", "Bracket", 8, who="鈴木")
    assert [t.number for t in log.trials("abc")] == [second.number, first.number]
    assert log.running("def") == other


def test_two_programs_may_use_it_at_once(log: ShadowLog) -> None:
    trial = log.begin("abc", "Bracket", 7, who="")
    with closing(ShadowLog(log.file.parent)) as another:
        another.add(trial.number, made(1))
        log.add(trial.number, made(2))
        another.end(trial.number, TrialState.STOPPED, who="")
    (found,) = log.trials("abc")
    assert found.compared == 2
    assert found.state is TrialState.STOPPED


def test_it_does_not_grow_without_end(log: ShadowLog, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, most in (("MOST_PICTURES", 3), ("MOST_PARTS", 5), ("MOST_TRIALS", 2)):
        monkeypatch.setattr(shadow_log, name, most)
    for _ in range(5):
        trial = log.begin("abc", "Bracket", 7, who="")
        for number in range(9):
            log.add(trial.number, made(number))
        log.end(trial.number, TrialState.STOPPED, who="")
    trials = log.trials("abc")
    assert len(trials) == 2
    kept = log.differing(trials[0].number)
    assert [p.number for p in kept] == [8, 7, 6, 5, 4]
    assert [bool(p.picture) for p in kept] == [True, True, True, False, False]
    assert trials[0].differing == 9, "counts are never thinned"
    with closing(sqlite3.connect(log.file)) as raw:
        assert raw.execute("SELECT count(DISTINCT trial) FROM parts").fetchone() == (2,)


@pytest.mark.logs_errors
@pytest.mark.parametrize("data", [b"no database at all" * 100, b"SQLite format 3\0" + bytes(4000)])
def test_a_damaged_file_is_put_aside_and_said(tmp_path: Path, data: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(data)
    with closing(ShadowLog(tmp_path)) as log:
        assert log.begin("abc", "Bracket", 7, who="").number == 1
        assert log.notice is not None
        assert "No verdict is affected" in str(log.notice)
    assert any("damaged" in file.name for file in tmp_path.iterdir())


def test_a_file_of_a_newer_program_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as raw:
        raw.execute("PRAGMA user_version = 99")
    with closing(ShadowLog(tmp_path)) as log, pytest.raises(StorageError, match="newer version"):
        log.begin("abc", "Bracket", 7, who="")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        ShadowLog(tmp_path / "file" / "shadow").begin("abc", "Bracket", 7, who="")


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_killed_in_the_middle_nothing_that_was_counted_is_lost(tmp_path: Path) -> None:
    code = textwrap.dedent(
        f"""
        from pathlib import Path
        from deeprx_gui.results.shadow_log import ShadowLog
        from tests.results.test_shadow_log import made
        log = ShadowLog(Path({str(tmp_path)!r}))
        trial = log.begin("abc", "Bracket", 7, who="")
        number = 0
        while True:
            log.add(trial.number, made(number))
            number += 1
            print(number, flush=True)
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert child.stdout is not None
    said = 0
    while said < 5:
        said = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().splitlines()
    child.wait(60)
    child.stdout.close()
    said = int(rest[-1]) if rest and rest[-1].isdigit() else said
    with closing(ShadowLog(tmp_path)) as log:
        found = log.running("abc")
        assert found is not None
        assert found.compared in {said, said + 1}, "at most the one it had not said yet"
        assert len(log.differing(found.number, most=10**6)) == min(found.compared, 5000)
        log.add(found.number, made(9999))


def test_decided_parts_show_whose_mistake_it_was() -> None:
    good, bad = Decision.OK, Decision.NG
    found = decided_parts(
        [
            (made(1, OK, NG), good),
            (made(2, OK, REVIEW), bad),
            (made(3, NG, OK), good),
            (made(4, NG, OK), bad),
            (made(5, NG, OK), bad),
            (made(6, NG, REVIEW), good),
            (made(7, OK, NG), None),
        ]
    )
    assert found.parts == 6
    assert (found.live_false_calls, found.live_misses) == (2, 1)
    assert (found.candidate_false_calls, found.candidate_misses) == (2, 2)
    assert "people decided about 6" in str(found.sentence)
    assert "Nobody has decided" in str(decided_parts([(made(), None)]).sentence)
