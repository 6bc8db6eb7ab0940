"""The engineer's PIN: right, wrong, locked, damaged, forgotten, and never open by accident."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from deeprx_gui import access, atomic
from deeprx_gui.access import PinAccepted, PinAccess, PinAnswer, PinLocked, PinWrong
from deeprx_gui.domain.errors import RequestError, StorageError


class Clocks:
    """The PC's clock, which may be set, and the one that runs since the PC was started."""

    def __init__(self) -> None:
        self.wall = 1_780_000_000.0
        self.steady = 500.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.steady

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    made = Clocks()
    monkeypatch.setattr(access, "time", made)
    monkeypatch.setattr(access, "_N", 2)  # the cost is tested once, not in every test
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "データ" / "access.json"


@pytest.fixture
def door(file: Path, clocks: Clocks) -> PinAccess:
    file.parent.mkdir()
    made = PinAccess(file)
    made.set_pin("4711", who="佐藤")
    made.leave()
    return made


def diary(file: Path) -> list[dict[str, object]]:
    lines = (file.parent / "access-log.jsonl").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def tries(door: PinAccess, number: int, pin: str = "0000") -> list[PinAnswer]:
    return [door.check(pin) for _ in range(number)]


def about(seconds: float) -> PinLocked:
    """A lock-out of about so many seconds."""
    return PinLocked(cast("float", pytest.approx(seconds)))


def rebooted(file: Path, clocks: Clocks) -> PinAccess:
    """A start of the program three seconds after the PC was started anew."""
    clocks.steady = 3.0
    return PinAccess(file)


def test_without_a_pin_everybody_may_do_everything(file: Path) -> None:
    door = PinAccess(file)
    assert not door.has_pin
    assert door.granted
    assert door.check("") == PinAccepted()
    assert door.problem is None
    assert not file.exists()


def test_the_right_pin_opens_and_nothing_else(door: PinAccess) -> None:
    assert (door.has_pin, door.granted) == (True, False)
    assert isinstance(door.check("4712"), PinWrong)
    assert isinstance(door.check("47110"), PinWrong)
    assert isinstance(door.check(""), PinWrong)
    assert (door.check("4711"), door.granted) == (PinAccepted(), True)
    door.leave()
    assert not door.granted


def test_a_japanese_keyboard_types_the_same_digits(door: PinAccess) -> None:
    assert door.check("４７１１") == PinAccepted()


@pytest.mark.parametrize("pin", ["", "123", "1234567890123", "12a4", "12 34", "-1234", "四七一一"])
def test_what_is_no_pin_is_refused(file: Path, clocks: Clocks, pin: str) -> None:
    with pytest.raises(RequestError, match="4 to 12 digits"):
        PinAccess(file).set_pin(pin, who="a")
    assert not file.exists()


def test_the_pin_is_not_in_the_file_and_only_the_owner_reads_it(
    door: PinAccess, file: Path
) -> None:
    first = file.read_bytes()
    assert b"4711" not in first
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    door.check("4711")
    door.set_pin("4711", who="a")
    assert json.loads(first)["hash"] != json.loads(file.read_bytes())["hash"], "a salt of its own"


def test_the_hash_costs_what_it_should(monkeypatch: pytest.MonkeyPatch, file: Path) -> None:
    asked: list[dict[str, object]] = []
    really = hashlib.scrypt

    def noted(password: bytes, **how: Any) -> bytes:
        asked.append(how)
        return really(password, **how)

    monkeypatch.setattr(hashlib, "scrypt", noted)
    file.parent.mkdir()
    door = PinAccess(file)
    door.set_pin("4711", who="a")
    assert door.check("4711") == PinAccepted()
    assert [(how["n"], how["r"], how["p"]) for how in asked] == [(2**14, 8, 1)] * 2
    assert asked[0]["salt"] == asked[1]["salt"]


def test_changing_needs_the_old_pin(door: PinAccess, file: Path) -> None:
    with pytest.raises(RequestError, match="present PIN"):
        door.set_pin("9999", who="x")
    assert door.check("4711") == PinAccepted()
    door.set_pin("99990", who="鈴木")
    door.leave()
    assert isinstance(door.check("4711"), PinWrong)
    assert door.check("99990") == PinAccepted()


def test_tries_are_counted_down_then_it_locks_longer_and_longer(
    door: PinAccess, clocks: Clocks
) -> None:
    assert tries(door, 4) == [PinWrong(4), PinWrong(3), PinWrong(2), PinWrong(1)]
    for seconds in (30.0, 60.0, 300.0, 300.0):
        assert door.check("0000") == PinLocked(seconds)
        clocks.passes(seconds - 1)
        assert door.check("4711") == about(1.0), "not even the right one"
        clocks.passes(1.1)
    assert door.check("4711") == PinAccepted()
    assert tries(door, 1) == [PinWrong(4)], "the right one forgives"


def test_a_restart_gives_no_try_back(door: PinAccess, file: Path, clocks: Clocks) -> None:
    tries(door, 3)
    again = PinAccess(file)
    assert tries(again, 2) == [PinWrong(1), PinLocked(30.0)]
    clocks.passes(10)
    assert PinAccess(file).check("4711") == about(20.0)
    clocks.passes(21)
    assert PinAccess(file).check("4711") == PinAccepted()


@pytest.mark.parametrize("jump", [-86_400.0, 31.0, 10 * 86_400.0])
def test_a_clock_set_while_the_program_is_closed_shortens_nothing(
    door: PinAccess, file: Path, clocks: Clocks, jump: float
) -> None:
    tries(door, 5)
    clocks.passes(10)
    clocks.wall += jump
    assert PinAccess(file).check("4711") == about(20.0)


def test_a_lock_out_survives_a_restart_of_the_pc(
    door: PinAccess, file: Path, clocks: Clocks
) -> None:
    tries(door, 5)  # 500 seconds after the PC was started
    clocks.wall += 10 * 86_400.0
    assert rebooted(file, clocks).check("4711") == about(27.0), "three seconds are certain"
    clocks.passes(26)
    assert rebooted(file, clocks).check("4711") == about(27.0), "again started anew"
    clocks.passes(28)
    assert PinAccess(file).check("4711") == PinAccepted()


def test_a_lock_out_of_a_program_without_the_steady_clock_is_over_some_time(
    door: PinAccess, file: Path, clocks: Clocks
) -> None:
    tries(door, 5)
    raw = json.loads(file.read_bytes())
    del raw["locked_at"]
    file.write_text(json.dumps(raw), encoding="utf-8")
    assert rebooted(file, clocks).check("4711") == about(27.0)
    clocks.passes(28)
    assert PinAccess(file).check("4711") == PinAccepted()


def test_a_plug_pulled_while_comparing_costs_the_try(
    door: PinAccess, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(access, "_hash", dies)
        with pytest.raises(KeyboardInterrupt):
            door.check("0000")
    assert PinAccess(file).check("0000") == PinWrong(3)


def test_a_clock_that_jumps_while_running_changes_nothing(door: PinAccess, clocks: Clocks) -> None:
    tries(door, 5)
    for jump in (-86_400.0, 10 * 86_400.0):
        clocks.wall += jump
        assert door.check("4711") == about(30.0)
    clocks.steady += 31
    assert door.check("4711") == PinAccepted()


def test_a_clock_set_back_before_a_start_locks_no_longer_than_the_full_time(
    door: PinAccess, file: Path, clocks: Clocks
) -> None:
    tries(door, 5)
    clocks.wall -= 365 * 86_400
    again = PinAccess(file)
    assert again.check("4711") == about(30.0)
    clocks.passes(31)
    assert again.check("4711") == PinAccepted()


def test_a_stored_time_far_in_the_future_is_bounded(
    door: PinAccess, file: Path, clocks: Clocks
) -> None:
    tries(door, 5)
    raw = json.loads(file.read_bytes())
    file.write_text(json.dumps({**raw, "locked_until": 9e15}), encoding="utf-8")
    assert door.check("4711") == about(30.0)


DAMAGE: list[Callable[[bytes], bytes]] = [
    lambda data: b"",
    lambda data: data[: len(data) // 2],
    lambda data: b"[]",
    lambda data: b"null",
    lambda data: b"\x00\xff" * 50,
    lambda data: b"[" * 60_000,
    lambda data: b" " * 100_000,
    lambda data: data.replace(b'"version": 1', b'"version": 2'),
    lambda data: data.replace(b'"failures": 0', b'"failures": -5'),
    lambda data: data.replace(b'"failures": 0', b'"failures": true'),
    lambda data: data.replace(b'"locked_until": 0.0', b'"locked_until": NaN'),
    lambda data: data.replace(b'"hash": "', b'"hash": "!'),
    lambda data: b'{"version": 1, "salt": "", "hash": "", "failures": 0, "locked_until": 0}',
]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_file_locks_and_says_how_to_recover(
    door: PinAccess, file: Path, clocks: Clocks, damage: Callable[[bytes], bytes]
) -> None:
    file.write_bytes(damage(file.read_bytes()))
    for each in (door, PinAccess(file)):
        answer = each.check("4711")
        assert isinstance(answer, PinLocked)
        assert "delete" in str(answer.message)
        assert str(file) in str(answer.message)
        assert each.has_pin
        assert not each.granted
        assert str(each.problem) == str(answer.message)
        with pytest.raises(RequestError, match="delete"):
            each.set_pin("1234", who="x")
    file.unlink()  # what the administrator does
    assert PinAccess(file).granted


def test_a_file_that_cannot_be_read_locks(door: PinAccess, file: Path) -> None:
    file.unlink()
    file.mkdir()  # reading it fails whoever one is
    answer = door.check("4711")
    assert isinstance(answer, PinLocked)
    assert answer.problem is not None


def test_a_try_that_cannot_be_counted_is_not_given(
    door: PinAccess, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    def full(*_: object, **__: object) -> None:
        raise atomic.storage_error(OSError(28, "full"), file)

    monkeypatch.setattr(atomic, "write_over", full)
    answer = door.check("4711")
    assert isinstance(answer, PinLocked)
    assert "disk is full" in str(answer.message)
    with pytest.raises(RequestError, match="present PIN"):
        door.set_pin("9999", who="x")


def test_a_first_pin_that_cannot_be_written_is_said(
    file: Path, clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise atomic.storage_error(OSError(28, "full"), file)

    monkeypatch.setattr(atomic, "write_over", full)
    door = PinAccess(file)
    with pytest.raises(StorageError, match="disk is full"):
        door.set_pin("4711", who="x")
    assert not door.has_pin


def test_the_log_says_who_when_and_what(door: PinAccess, file: Path) -> None:
    door.check("0000", who="田中")
    door.check("4711", who="佐藤")
    door.leave(who="佐藤")
    entries = diary(file)
    assert [(e["who"], e["what"]) for e in entries] == [
        ("佐藤", "pin set"),
        ("", "left"),
        ("田中", "wrong pin"),
        ("佐藤", "granted"),
        ("佐藤", "left"),
    ]
    assert entries[2]["failures"] == 1
    assert str(entries[0]["when"]).endswith("+00:00")
    assert "4711" not in (file.parent / "access-log.jsonl").read_text(encoding="utf-8")


def test_a_deleted_pin_file_is_noted_once(door: PinAccess, file: Path, clocks: Clocks) -> None:
    file.unlink()
    assert PinAccess(file).granted
    assert PinAccess(file).granted
    assert [e["what"] for e in diary(file)].count("pin file gone") == 1
    PinAccess(file).set_pin("2222", who="b")
    assert PinAccess(file).has_pin
    assert [e["what"] for e in diary(file)][-1] == "pin set"


def test_a_log_that_cannot_be_written_keeps_nobody_out(door: PinAccess, file: Path) -> None:
    diary_file = file.parent / "access-log.jsonl"
    diary_file.unlink()
    diary_file.mkdir()
    assert door.check("4711") == PinAccepted()
    assert PinAccess(file).has_pin


def test_two_programs_at_once_do_not_double_the_tries(door: PinAccess, file: Path) -> None:
    doors = [door, PinAccess(file)]
    answers: list[PinAnswer] = []
    threads = [
        threading.Thread(target=lambda each=each: answers.extend(tries(each, 4))) for each in doors
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(a.tries_left for a in answers if isinstance(a, PinWrong)) == [1, 2, 3, 4]
    assert len([a for a in answers if isinstance(a, PinLocked)]) == 4


def test_what_people_read() -> None:
    assert str(PinWrong(1).message) == "Wrong PIN. One more try, then it is locked for a while."
    assert str(PinWrong(3).message).startswith("Wrong PIN. 3 more tries")
    assert str(PinLocked(29.2).message) == "Too many wrong tries. Try again in 30 seconds."
