"""The register map of docs/outputs.md, number by number."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from deeprx_gui.domain.inspection import Cause, RunCounts
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.outputs.base import NumberedRecord
from deeprx_gui.outputs.modbus_block import LENGTH, Heartbeat, RegisterBlock
from tests.outputs.conftest import record

COUNTS = RunCounts(datetime(2026, 7, 1, tzinfo=UTC), ok=70_000, review=2, ng=3, error=4)


def told(**changes: object) -> NumberedRecord:
    return NumberedRecord(record(65_537, **changes), 131_074, COUNTS)


def test_the_map() -> None:
    registers = RegisterBlock(told(causes=(Cause.DARK, Cause.DIRT))).registers(9, running=True)
    assert registers == [
        1,  # map version
        9,  # heartbeat
        1,  # status: running
        3,  # verdict: NG
        1500,  # 1.5 x limit
        7,  # revision
        33,  # dark and dirt
        3,  # milliseconds
        *(1, 4473),  # total 70,009
        *(1, 4464),  # OK 70,000
        *(0, 2),
        *(0, 3),
        *(0, 4),
        *(1, 1),  # record 65,537
        *(2, 2),  # sequence
    ]
    assert len(registers) == LENGTH


def test_before_the_first_verdict() -> None:
    registers = RegisterBlock().registers(0, running=False)
    assert registers == [1, 0, 0, 0, 0xFFFF, *[0] * 17]
    assert RegisterBlock().bits(running=False) == 0


def test_the_low_word_may_come_first() -> None:
    block = RegisterBlock(told(), high_word_first=False)
    assert block.registers(0, running=True)[8:12] == [4473, 1, 4464, 1]


@pytest.mark.parametrize(
    ("verdict", "code", "bits"),
    [(Verdict.OK, 1, 0b11), (Verdict.REVIEW, 2, 0b101), (Verdict.NG, 3, 0b1001),
     (Verdict.ERROR, 4, 0b10001)],
)  # fmt: skip
def test_verdict_codes_and_bits(verdict: Verdict, code: int, bits: int) -> None:
    block = RegisterBlock(told(verdict=verdict))
    assert block.registers(0, running=True)[3] == code
    assert block.bits(running=True) == bits


@pytest.mark.parametrize(
    ("score", "register"),
    [(0.0, 0), (2.0, 1000), (131.0, 65500), (1e9, 65534), (math.nan, 65535), (math.inf, 65535)],
)
def test_scores_fit_a_register(score: float, register: int) -> None:
    assert RegisterBlock(told(score=score)).registers(0, running=True)[4] == register


@pytest.mark.parametrize("review", [2.0, 1.6, 3.0])
def test_the_score_register_stays_when_a_limit_moves_unless_it_is_asked_for_the_old_scale(
    review: float,
) -> None:
    moved = told(score=3.0, limits=Limits(review, 4.0, unit=2.0))
    assert RegisterBlock(moved).registers(0, running=True)[4] == 1500
    older = RegisterBlock(moved, in_limit=True)
    assert older.registers(0, running=True)[4] == round(1000 * 3.0 / review)


def test_every_value_is_a_register_whatever_the_verdict() -> None:
    huge = RunCounts(datetime(2026, 7, 1, tzinfo=UTC), ok=2**33)
    odd = NumberedRecord(record(2**40, revision=99_999, milliseconds=1e12), 2**32 + 5, huge)
    assert all(0 <= r <= 0xFFFF for r in RegisterBlock(odd).registers(2**20, running=True))


def test_the_heart_beats_only_while_the_inspection_runs() -> None:
    heart = Heartbeat(100.0)
    assert heart.at(103.0, running=True) == 3
    assert heart.at(110.0, running=False) == 3
    assert heart.at(111.5, running=True) == 4
    assert heart.at(70_000.0, running=True) == (4 + 69_889) % 65_536
