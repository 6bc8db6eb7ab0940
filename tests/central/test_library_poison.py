"""One bad item, or another program of the PC, does not keep a station from following."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.central.library import Stage
from deeprx_gui.domain.library import RunState
from deeprx_gui.domain.message import Message
from deeprx_gui.locks import try_hold
from deeprx_gui.work import follow_library
from deeprx_gui.work.library_book import LibraryBook
from deeprx_gui.work.limit_proposals import propose
from tests.central.plant import Engineer, Station

NewStation = Callable[..., Station]


def test_a_refused_proposal_does_not_hold_up_a_withdrawal(
    engineer: Engineer, new_station: NewStation
) -> None:
    station = new_station("a")
    engineer.release(engineer.publish(1.1))
    bad = engineer.release(engineer.publish(1.2))
    (profile,) = station.look().changed
    propose(profile, profile.limits, who="Ito", why="x", records=None, book=station.book)
    (file,) = (station.book.folder / "proposals").glob("*.json")
    raw = json.loads(file.read_text())
    file.write_text(json.dumps({**raw, "who": "x" * 500}))  # longer than the library takes
    engineer.withdraw(bad)
    engineer.roll_out(engineer.known()[0], Stage())
    report = station.look()
    limits = station.runs()
    assert limits is not None
    assert limits.review_times == pytest.approx(1.1)
    assert any("refused the limits proposed" in str(news) for news in report.news)
    assert not station.book.proposals()
    assert list(file.parent.glob("*.refused"))
    assert station.look().offline is None


def test_a_fault_nobody_foresaw_is_the_products_trouble(
    engineer: Engineer, new_station: NewStation, monkeypatch: pytest.MonkeyPatch
) -> None:
    station = new_station("a")
    engineer.release(engineer.publish(1.1))
    tries: list[object] = []

    def broken(*what: object, **_more: Any) -> None:
        tries.append(what)
        raise ZeroDivisionError("poison")

    monkeypatch.setattr(follow_library, "take_over", broken)
    for _ in range(2):
        (report,) = station.look().products
        assert (report.state, "poison" in str(report.sentence)) == (RunState.TROUBLE, True)
    assert len(tries) == 1  # not again at once


def test_only_one_program_of_a_pc_looks_at_a_time(new_station: NewStation) -> None:
    station = new_station("a")
    held = try_hold(station.book.folder / "look.lock")
    assert held is not None
    offline = station.look().offline
    assert isinstance(offline, Message)
    assert "Another Deep RX Inspector" in str(offline)
    held.close()
    assert station.look().offline is None


def test_two_programs_note_side_by_side(tmp_path: Path) -> None:
    one, two = LibraryBook(tmp_path), LibraryBook(tmp_path)
    one.note_followed("a" * 32, 1)
    two.note_followed("b" * 32, 2)
    one.note_published("c" * 32, "d" * 64)
    assert (two.followed("a" * 32), one.followed("b" * 32)) == (1, 2)
    assert two.published("c" * 32) == "d" * 64
    held = try_hold(tmp_path / "taken.lock")
    assert held is not None
    held.close()
