"""Who runs what, and when: plans in stages, exceptions, rollbacks, withdrawals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from deeprx_gui.domain.library import (
    ALL,
    LibraryContent,
    LibraryRevision,
    Rollout,
    Scope,
    StateChange,
    StationPlace,
    pending,
)

BEGIN = datetime(2026, 11, 2, 6, tzinfo=UTC)
ONE = StationPlace(1, "a" * 32, "A", "Line 1")
TWO = StationPlace(2, "b" * 32, "B", "Line 2")


def revision(number: int, *, withdrawn: bool = False) -> LibraryRevision:
    done = StateChange("Sato", BEGIN)
    return LibraryRevision(
        number, 1, "c" * 32, number, f"{number:032x}", None, "P", "d" * 64, 9, "Sato", "sato",
        BEGIN, "", done, done if withdrawn else None,
    )  # fmt: skip


def given(
    number: int, row: int, scope: Scope = ALL, *, made: float = 0, starts: float | None = None,
    back: bool = False,
) -> Rollout:  # fmt: skip
    """Return an instruction made so many hours after the beginning."""
    begins = made if starts is None else starts
    hours = BEGIN + timedelta(hours=begins)
    return Rollout(
        number, 1, row, scope, hours, BEGIN + timedelta(hours=made), "Sato", back=back
    )  # fmt: skip


def runs(rollouts: list[Rollout], station: StationPlace, hour: float, *, bad: int = 0) -> list[int]:
    """Return the numbers a station is to run, the one that wins first."""
    revisions = tuple(revision(n, withdrawn=n == bad) for n in range(1, 5))
    known = LibraryContent(BEGIN + timedelta(hours=hour), revisions, tuple(rollouts))
    return [target.revision.number for target in known.targets(1, station)]


PLAN = [given(1, 1), given(2, 2, Scope(line="Line 1"), made=1), given(3, 2, made=1, starts=25)]


def test_a_line_for_a_day_then_all() -> None:
    assert [runs(PLAN, ONE, hour)[0] for hour in (0.5, 2, 26)] == [1, 2, 2]
    assert [runs(PLAN, TWO, hour)[0] for hour in (0.5, 2, 26)] == [1, 1, 2]
    assert [one.number for one in pending(PLAN, BEGIN + timedelta(hours=2))] == [3]


def test_a_rollback_ends_what_was_still_to_come() -> None:
    plan = [*PLAN, given(4, 1, made=5, back=True)]
    for station in (ONE, TWO):
        assert [runs(plan, station, hour)[0] for hour in (6, 26, 99)] == [1, 1, 1]
    assert pending(plan, BEGIN + timedelta(hours=6)) == ()


def test_an_exception_for_a_station_is_only_its_own() -> None:
    plan = [*PLAN, given(4, 3, Scope(station=2), made=5)]
    assert runs(plan, TWO, 30)[0] == 3
    assert runs(plan, ONE, 30)[0] == 2
    assert [one.number for one in pending(plan, BEGIN + timedelta(hours=6))] == [3]


def test_what_is_withdrawn_is_passed_over() -> None:
    assert runs(PLAN, ONE, 2, bad=2) == [1]
    assert runs(PLAN[:1], ONE, 2, bad=1) == []


def test_a_rollback_never_goes_forward_again() -> None:
    revisions = tuple(revision(n) for n in range(1, 5))
    steps = [given(1, 1), given(2, 2, made=1), given(3, 3, made=2), given(4, 3, made=2, starts=26)]

    def next_one(rollouts: list[Rollout]) -> int | None:
        found = LibraryContent(BEGIN, revisions, tuple(rollouts)).before_last(1)
        return None if found is None else found.number

    assert next_one([]) is None
    assert next_one(steps) == 2
    steps.append(given(5, 2, made=3, back=True))
    assert next_one(steps) == 1
    steps.append(given(6, 1, made=4, back=True))
    assert next_one(steps) is None
    steps.append(given(7, 4, made=5))
    assert next_one(steps) == 1
