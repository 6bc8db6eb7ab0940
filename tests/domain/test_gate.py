"""When a revision is refused, and when a difference may be chance."""

from __future__ import annotations

from math import comb, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.gate import (
    FalseCalls,
    Outcome,
    RefusalKind,
    Replay,
    ReplayedPart,
    Truth,
    at_least,
    gate_report,
)
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict

OK, NG = Outcome(Verdict.OK, 0.8), Outcome(Verdict.NG, 1.4)
REVIEW, ERROR = Outcome(Verdict.REVIEW, 1.1), Outcome(Verdict.ERROR, nan)


def judged(
    truth: Truth, before: Outcome, after: Outcome, *, must_find: bool = False, times: int = 1
) -> tuple[ReplayedPart, ...]:
    return tuple(
        ReplayedPart(f"{truth.value} {n}", truth, before, after, must_find) for n in range(times)
    )


def kinds(*parts: ReplayedPart, promised: float | None = 0.05, **more: object) -> list[str]:
    replay = Replay(1, 2, tuple(parts), **more)  # type: ignore[arg-type]
    return [one.kind.value for one in gate_report(replay, promised).refusals]


def test_a_lost_must_find_is_refused_and_named() -> None:
    parts = judged(Truth.BAD, NG, OK, must_find=True) + judged(Truth.BAD, NG, NG, must_find=True)
    report = gate_report(Replay(1, 2, parts), 0.05)
    assert not report.passed
    assert [one.kind for one in report.refusals] == [RefusalKind.MUST_FIND]
    assert "1 of 2" in str(report.refusals[0].text)
    assert "bad 0" in str(report.refusals[0].text)


@pytest.mark.parametrize(
    ("before", "after"), [(OK, OK), (NG, REVIEW), (NG, ERROR), (OK, NG)], ids=str
)
def test_what_was_never_found_or_still_is_stopped_is_not_lost(
    before: Outcome, after: Outcome
) -> None:
    assert kinds(*judged(Truth.BAD, before, after, must_find=True)) == []


def test_a_part_called_ng_in_history_counts_like_a_must_find() -> None:
    assert kinds(*judged(Truth.BAD, REVIEW, OK)) == ["bad-parts"]


def test_doubled_false_calls_are_refused_once_there_are_enough() -> None:
    good = judged(Truth.GOOD, OK, OK, times=100)
    assert kinds(*good, *judged(Truth.GOOD, OK, NG, times=4)) == []  # may be chance
    assert kinds(*good, *judged(Truth.GOOD, OK, REVIEW, times=20)) == ["false-calls"]
    both = judged(Truth.GOOD, NG, NG, times=30)  # less than twice as many as before
    assert kinds(*good, *both, *judged(Truth.GOOD, OK, NG, times=20)) == []


def test_what_the_promise_allows_is_never_too_many() -> None:
    """Parts that passed were chosen by the revision in use: another one stops a few of them."""
    parts = judged(Truth.GOOD, OK, OK, times=95) + judged(Truth.GOOD, OK, NG, times=6)
    assert kinds(*parts, promised=0.05) == []
    assert kinds(*parts, promised=0.01) == ["false-calls"]
    assert kinds(*parts, promised=None) == ["false-calls"]


def test_parts_nobody_knows_are_not_counted() -> None:
    assert kinds(*judged(Truth.UNKNOWN, OK, NG, times=50)) == []


def test_golden_images_that_would_all_be_stopped_are_a_reason() -> None:
    golden = judged(Truth.GOOD, OK, NG, times=3)
    assert kinds(golden=golden) == ["golden"]
    assert kinds(golden=golden[:2] + judged(Truth.GOOD, OK, OK)) == []


def test_a_revision_that_cannot_judge_here_is_refused() -> None:
    assert kinds(impossible=say("no such network")) == ["impossible"]


def test_an_empty_must_find_set_and_pruned_pictures_are_said() -> None:
    report = gate_report(Replay(1, 2, gone=3, unreadable=("x.png",)), None)
    assert report.passed
    text = " ".join(map(str, report.remarks))
    for words in ("must-find set is empty", "no longer kept", "x.png", "none of their pictures"):
        assert words in text


def test_without_the_revision_in_use_nothing_is_compared() -> None:
    report = gate_report(Replay(1, 2, alone=say("weights are gone")), None)
    assert report.passed
    assert "nothing could be compared" in str(report.remarks[0])


@given(st.integers(1, 60), st.data())
def test_the_chance_of_so_many_is_the_binomial_tail(trials: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, trials))
    rate = data.draw(st.sampled_from([0.01, 0.05, 0.5, 0.9]))
    exact = sum(
        comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(hits, trials + 1)
    )
    assert at_least(hits, trials, rate) == pytest.approx(min(1.0, exact), rel=1e-9)


def test_a_new_revision_that_keeps_its_promise_is_hardly_ever_refused() -> None:
    """With 200 recent good parts: refused only from 16 stopped on, when 5 % are promised."""
    least = next(n for n in range(200) if FalseCalls(200, 0, n, 0, n, 0.05).too_many)
    assert at_least(least, 200, 0.05) <= 0.05
    assert least == 16


def test_a_must_find_picture_that_cannot_be_opened_is_a_reason() -> None:
    seen = judged(Truth.BAD, NG, NG, must_find=True)
    report = gate_report(Replay(1, 2, seen, unread_must_find=("torn.png",)), 0.05)
    assert [one.kind for one in report.refusals] == [RefusalKind.UNREAD]
    assert "torn.png" in str(report.refusals[0].text)
    assert not report.passed
    alone = gate_report(Replay(1, 2, unread_must_find=("torn.png",)), 0.05)
    assert not any("set is empty" in str(remark) for remark in alone.remarks)
