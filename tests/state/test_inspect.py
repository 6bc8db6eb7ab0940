"""The model of a live run: counts add up, NGs are kept small, troubles come and go."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QApplication

from deeprx_gui.domain.health import CAUSE_ADVICE
from deeprx_gui.domain.inspection import Cause, Decision, InspectedPart, RunCounts
from deeprx_gui.domain.live_items import (
    AwaitingDecision,
    CycleTime,
    DecisionTaken,
    HealthWarning,
    StorageTrouble,
    TrendWarning,
)
from deeprx_gui.domain.message import say
from deeprx_gui.domain.output import OutputConnection, OutputSpec, OutputState
from deeprx_gui.domain.source import SourceConnection, SourceState
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.i18n import render
from deeprx_gui.state.inspect import BAD_KEPT, BAD_SIDE, InspectModel, Phase, RunState
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.troubles import Topic
from tests.state.made_inspected import made_part


@pytest.fixture
def model(qapp: QApplication) -> InspectModel:
    made = InspectModel()
    made.set_run(Phase.STARTING)
    made.set_run(Phase.RUNNING)
    return made


def shown(model: InspectModel) -> InspectedPart | None:
    return model.current


def topics(model: InspectModel) -> list[Topic]:
    return [trouble.topic for trouble in model.troubles]


def test_counts_add_up_and_go_on_from_what_the_store_says(model: InspectModel) -> None:
    model.set_counts(RunCounts(datetime(2026, 5, 4, tzinfo=UTC), ok=7, ng=1, reason="shift"))
    model.take([made_part(verdict) for verdict in (*Verdict, Verdict.OK)])
    counts = model.counts
    assert (counts.ok, counts.review, counts.ng, counts.error) == (9, 1, 2, 1)
    assert counts.total == 13
    assert counts.reason == "shift"


def test_a_batch_is_one_signal_with_its_newest_part(model: InspectModel) -> None:
    told: list[object] = []
    model.judged.connect(told.append)
    batch = [made_part() for _ in range(30)]
    model.take(batch)
    assert told == [batch[-1]]
    assert model.current is batch[-1]


def test_the_last_ngs_are_kept_newest_first_and_small(model: InspectModel) -> None:
    parts = [made_part(Verdict.NG, size=(1080, 1920)) for _ in range(BAD_KEPT + 3)]
    model.take(parts[:2])
    model.take([made_part(), *parts[2:]])
    assert [b.record.uid for b in model.bad] == [p.record.uid for p in reversed(parts[3:])]
    for bad in model.bad:
        assert bad.frame is not None
        assert max(bad.frame.pixels.shape[:2]) <= BAD_SIDE
        assert bad.frame.pixels.base is None  # a view would keep the whole picture
    assert sum(b.frame.pixels.nbytes for b in model.bad if b.frame) < 20e6


def test_a_new_run_begins_without_the_last_verdict_but_keeps_the_ngs(model: InspectModel) -> None:
    model.take([made_part(Verdict.NG)])
    model.set_run(Phase.IDLE)
    assert shown(model) is not None
    model.set_run(Phase.STARTING)
    assert shown(model) is None
    assert len(model.bad) == 1


def test_a_decision_is_written_beside_the_part_on_screen(model: InspectModel) -> None:
    part, other = made_part(Verdict.REVIEW), made_part(Verdict.REVIEW)
    model.take([part])
    model.take([DecisionTaken(replace(other.record, decision=Decision.NG))])
    assert model.current is part
    model.take([DecisionTaken(replace(part.record, decision=Decision.OK, decided_by="Sato"))])
    told = shown(model)
    assert told is not None
    assert (told.record.decision, told.record.decided_by) == (Decision.OK, "Sato")
    assert (model.counts.ok, model.counts.review) == (1, 0), "it counts as decided"


def test_the_line_holds_for_a_person_and_goes_on(model: InspectModel) -> None:
    part = made_part(Verdict.NG)
    model.take([part, AwaitingDecision(part.record)])
    assert model.run == RunState(Phase.HOLDING, part.record)
    model.take([AwaitingDecision()])
    assert model.run == RunState(Phase.RUNNING)
    model.set_run(Phase.STOPPING)
    model.take([AwaitingDecision(part.record)])
    assert model.run == RunState(Phase.STOPPING)


def test_a_serial_number_is_used_up_by_the_part_that_carries_it(model: InspectModel) -> None:
    model.set_serial("A-1")
    model.take([made_part()])
    assert model.serial == "A-1"
    model.take([made_part(serial="A-1")])
    assert model.serial == ""


def test_a_lost_source_is_told_until_it_is_back(model: InspectModel) -> None:
    gone = say("The camera is unplugged.")
    model.take([SourceState(SourceConnection.LOST, gone, retry_in=5.0)])
    (trouble,) = model.troubles
    assert render(trouble.message) == "The camera is unplugged. The next attempt is in 5 s."
    assert trouble.kind is NoticeKind.ERROR
    model.take([SourceState(SourceConnection.LIVE)])
    assert not model.troubles


def test_the_lamp_is_named_apart_from_the_verdict(model: InspectModel) -> None:
    dark = HealthWarning((Cause.DARK,), (CAUSE_ADVICE[Cause.DARK],))
    model.take([made_part(Verdict.OK, causes=(Cause.DARK,)), dark])
    assert model.current is not None
    assert model.current.record.verdict is Verdict.OK
    assert topics(model) == [Topic.PICTURE]
    assert "lamp" in render(model.troubles[0].message)
    model.take([HealthWarning()])
    assert not model.troubles


def test_slower_than_the_takt_is_said(model: InspectModel) -> None:
    told: list[object] = []
    model.cycle_changed.connect(told.append)
    slow = CycleTime(110.0, 120.0, 130.0, 100.0, problem=say("Too slow."))
    model.take([made_part(), slow])
    assert topics(model) == [Topic.PACE]
    assert told == [slow]
    model.take([CycleTime(50.0, 60.0, 70.0, 100.0)])
    assert not model.troubles


def test_a_verdict_that_cannot_be_recorded_is_told_until_it_is(model: InspectModel) -> None:
    model.take([StorageTrouble(say("The disk is full."))])
    assert topics(model) == [Topic.RECORDS]
    assert model.troubles[0].kind is NoticeKind.ERROR
    model.take([StorageTrouble()])
    assert not model.troubles


def test_troubles_stand_in_the_order_of_their_gravity_and_end_with_the_run(
    model: InspectModel,
) -> None:
    spec = OutputSpec("mqtt", "broker:1883")
    model.set_outputs([OutputState(spec, OutputConnection.RETRYING, say("No answer."), waiting=3)])
    model.set_records(say("The disk is nearly full."))
    model.take(
        [
            TrendWarning(0.9, 0.7, say("The scores of good parts rise.")),
            CycleTime(1.0, 2.0, 3.0, late=True, problem=say("Late.")),
            HealthWarning((Cause.DARK,), (say("Check the lamp."),)),
            SourceState(SourceConnection.STALLED, say("No picture for 5 s.")),
        ]
    )
    assert topics(model) == [
        Topic.SOURCE, Topic.RECORDS, Topic.PACE, Topic.PICTURE, Topic.TREND, Topic.OUTPUT,
    ]  # fmt: skip
    assert "3 verdicts were not handed over" in render(model.troubles[-1].message)
    model.set_outputs([OutputState(spec, OutputConnection.READY)])
    model.set_records(None)
    model.set_run(Phase.IDLE)
    assert not model.troubles


def test_a_receiver_that_is_being_reached_for_the_first_time_is_no_trouble(
    model: InspectModel,
) -> None:
    spec = OutputSpec("tcp", "0.0.0.0:5000")
    model.set_outputs([OutputState(spec, OutputConnection.STARTING)])
    assert not model.troubles


def test_ng_parts_of_before_come_after_those_of_this_run_and_none_twice(
    model: InspectModel,
) -> None:
    here, older = made_part(Verdict.NG), made_part(Verdict.NG)
    model.take([here])
    model.set_bad((here, older))
    assert [part.record.uid for part in model.bad] == [here.record.uid, older.record.uid]
    model.set_bad(tuple(made_part(Verdict.NG) for _ in range(30)))
    assert len(model.bad) == BAD_KEPT


def test_counts_and_ng_parts_are_those_of_the_open_product(model: InspectModel) -> None:
    model.show_product("bracket-1")
    model.take([made_part(), made_part(Verdict.NG)])
    assert (model.counts.ok, model.counts.ng, len(model.bad)) == (1, 1, 1)
    model.show_product("cover-1")
    assert (model.counts.total, model.bad, model.current) == (0, (), None)
    model.take([made_part(Verdict.NG)])  # a run that is ending judges what was triggered
    assert (model.counts.total, model.bad, model.current) == (0, (), None)
    model.take([made_part(Verdict.OK, profile_id="cover-1")])
    assert model.counts.ok == 1


def test_a_part_that_was_decided_counts_as_decided(model: InspectModel) -> None:
    part = made_part(Verdict.REVIEW)
    model.take([part])
    assert (model.counts.review, model.counts.yielded) == (1, 0.0)
    model.take([DecisionTaken(replace(part.record, decision=Decision.OK))])
    assert (model.counts.ok, model.counts.review, model.counts.yielded) == (1, 0, 1.0)
    again = made_part(Verdict.REVIEW)
    model.take([again, DecisionTaken(replace(again.record, decision=Decision.NG))])
    assert (model.counts.ok, model.counts.ng, model.counts.total) == (1, 1, 2)
