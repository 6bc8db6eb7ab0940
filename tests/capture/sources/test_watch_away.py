"""A watched folder that is deleted, unmounted, gone for a minute, or hangs."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from pathlib import Path

import pytest

from deeprx_gui.capture.sources import folder_listing, watch
from deeprx_gui.capture.sources import image_files as picture_files
from deeprx_gui.capture.sources.base import Source
from deeprx_gui.capture.sources.reconnecting import ReconnectingSource
from deeprx_gui.capture.sources.table import open_source, parse_source
from deeprx_gui.capture.sources.watch import OPTIONS, WatchSource
from deeprx_gui.domain.errors import ImageError, SourceError
from deeprx_gui.domain.field import complete_options
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import SourceConnection, SourceSpec, SourceState
from tests.capture.sources.conftest import (
    HandClock,
    Open,
    collect,
    never,
    nothing_for,
    put,
    value_of,
)

FAST = "every=0.02"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path, opened: Open) -> None:
    with pytest.raises(SourceError, match="cannot be reached"):
        opened(f"watch:{tmp_path / 'none'}?{FAST}")


def test_a_folder_deleted_in_mid_run_is_waited_for(tmp_path: Path, opened: Open) -> None:
    folder = tmp_path / "in"
    put(folder / "1.png", 1)
    source = opened(f"watch:{folder}?{FAST}")
    collect(source, 1)
    shutil.rmtree(folder)
    with pytest.raises(SourceError, match="cannot be reached"):
        collect(source, 1)
    source.close()
    put(folder / "2.png", 2)
    source.open()
    assert value_of(collect(source, 1)[0]) == 2


def test_a_share_gone_for_60_seconds_loses_nothing_and_repeats_nothing(
    tmp_path: Path, clock: HandClock
) -> None:
    share, away = tmp_path / "share", tmp_path / "away"
    put(share / "0.png", 0)
    states: list[SourceState] = []
    spec = parse_source(f"watch:{share}?{FAST}")
    source = ReconnectingSource(
        lambda: open_source(spec, known=never), states.append, clock=clock, wait=clock.wait
    )
    source.open()
    assert value_of(collect(source, 1)[0]) == 0  # its verdict is not stored yet
    share.rename(away)
    gone_at = clock.now
    while clock.now - gone_at < 60:
        clock.now += 0.5
        assert source.read(0.02) is None
    assert [s.link for s in states][-1] is SourceConnection.LOST
    assert "cannot be reached" in str(states[-1].problem)
    assert [s.retry_in for s in states if s.link is SourceConnection.LOST] == [1, 2, 5, 10, 30, 30]
    for number, time in ((3, 1e9), (1, 1e9 + 1), (2, 1e9 + 2)):
        os.utime(put(away / f"{number}.png", number), (time, time))
    away.rename(share)
    clock.now += 30
    assert list(map(value_of, collect(source, 3))) == [3, 1, 2]
    assert [s.link for s in states][-1] is SourceConnection.LIVE
    assert nothing_for(source)
    source.close()


def nothing_at_all(source: Source) -> bool:
    """Whether nothing comes, even if a look fell between two moves and found no folder."""
    try:
        return nothing_for(source)
    except SourceError:
        source.close()  # as ReconnectingSource does
        source.open()
        return nothing_for(source)


def test_a_share_that_shows_an_empty_folder_for_a_while_repeats_nothing(
    tmp_path: Path, opened: Open
) -> None:
    """A share that is unmounted leaves its empty mount point."""
    share = tmp_path / "share"
    put(share / "1.png", 1)
    source = opened(f"watch:{share}?{FAST}")
    captured = collect(source, 1)[0]
    share.rename(tmp_path / "away")
    share.mkdir()
    assert nothing_at_all(source)
    share.rmdir()
    (tmp_path / "away").rename(share)
    assert nothing_at_all(source)
    source.done(captured)


def test_a_share_that_hangs_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "1.png", 1)
    hangs, let_go = threading.Event(), threading.Event()
    real = folder_listing.list_pictures

    def listing(*args: object, **options: object) -> object:
        if hangs.is_set():
            let_go.wait(30)
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(watch, "list_pictures", listing)
    given: dict[str, str | int | float | bool] = {"every": 0.02}
    spec = SourceSpec("watch", str(tmp_path), given)
    source = WatchSource(spec, complete_options(OPTIONS, given), never, answers_within=0.1)
    source.open()
    assert value_of(collect(source, 1)[0]) == 1
    hangs.set()
    with pytest.raises(SourceError, match="does not answer"):
        collect(source, 1)
    monkeypatch.setattr("deeprx_gui.capture.sources.call_thread.END_WITHIN", 0.05)
    source.close()
    with pytest.raises(SourceError, match="does not answer"):
        source.open()
    hangs.clear()
    put(tmp_path / "2.png", 2)
    let_go.set()
    _open_again(source)
    assert value_of(collect(source, 1)[0]) == 2
    assert nothing_for(source)
    source.close()


def _open_again(source: Source) -> None:
    for _ in range(100):
        try:
            source.open()
        except SourceError:
            continue
        return
    pytest.fail("the folder answers again but cannot be opened")


def test_a_store_that_fails_for_a_moment_loses_no_file(tmp_path: Path, opened: Open) -> None:
    for number in range(3):
        put(tmp_path / f"{number}.png", number)
    asked: list[str] = []

    def known(item: str) -> bool:
        asked.append(item)
        if len(asked) == 2:
            raise ValueError("locked")
        return False

    source = opened(f"watch:{tmp_path}?{FAST}", known)
    with pytest.raises(ValueError, match="locked"):
        collect(source, 1)
    assert sorted(map(value_of, collect(source, 3))) == [0, 1, 2]


@pytest.mark.skipif(sys.platform == "win32", reason="rights are different there")
def test_a_file_that_may_not_be_read_is_an_error_of_its_own(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "1.png", 1)

    def forbidden(file: Path) -> bytes:
        raise ImageError(say("may not be opened")) from PermissionError(13, "no")

    monkeypatch.setattr(picture_files, "read_bytes", forbidden)
    found = collect(opened(f"watch:{tmp_path}?{FAST}&wait=0"), 1)[0]
    assert "may not be opened" in str(found.error)
