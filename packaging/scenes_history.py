"""The scenes of the History page: a week of made-up shifts over real pictures and real scores."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import numpy as np

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.inspection import Decision, Record
from deeprx_gui.domain.message import say
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.state.history_filter import Period

if TYPE_CHECKING:
    from deeprx_gui.app import Program
    from deeprx_gui.domain.profile import Profile
    from deeprx_gui.domain.scored import ScoredImage

PAGE = 4
DAYS, SHIFT, A_DAY = 7, (6, 22), 170
BAD_SHARE = 0.03


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def settle(self) -> None:
        """Wait until nothing runs."""

    def wait(self, until: Callable[[], bool]) -> None:
        """Wait until something is so."""


def history_scenes(camera: Camera, who: str) -> None:
    """Photograph the page empty, filled, with NG looked at again, and with nothing that fits."""
    program = camera.program
    profile = program.session.profile
    if profile is None:
        raise SystemExit("nothing was learnt")
    page = program.history_page
    program.window.show_page(PAGE)
    _settle(camera)
    if not program.records.store().newest():
        camera.shoot("history-empty", themes=("light",))
        _fill(program, profile, who)
    page.body.filter_bar.period.show_period(Period.WEEK)
    page.list_again()
    program.history_controller.refresh()
    _settle(camera)
    page.body.table.selectRow(2)
    _settle(camera)
    camera.shoot("history")
    page.body.filter_bar.chips[Verdict.NG].click()
    _settle(camera)
    page.body.table.selectRow(1)
    _settle(camera)
    camera.shoot("history-false-call")
    page.body.filter_bar.search.setText("SN9")
    _settle(camera)
    camera.shoot("history-nothing-fits", themes=("light",))
    page.body.filter_bar.show_everything()
    _settle(camera)


def _settle(camera: Camera) -> None:
    job_service = camera.program.job_service
    camera.settle()
    camera.wait(
        lambda: (
            not any(
                lane.busy for lane in (job_service.history, job_service.figures, job_service.looks)
            )
        )
    )
    camera.settle()


def _fill(program: Program, profile: Profile, who: str) -> None:
    """Let a week go by: the scores drift a little, and people looked at some of the NG."""
    store, rng = program.records.store(), np.random.default_rng(11)
    scored = [s for s in program.results.rows.items if s.score is not None]
    good = [s for s in scored if judge(s.value, profile.limits) is Verdict.OK]
    bad = [s for s in scored if judge(s.value, profile.limits) is not Verdict.OK]
    now = datetime.now(UTC).astimezone()
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hours = np.sort(rng.uniform(SHIFT[0], SHIFT[1], (DAYS, A_DAY)), axis=1)
    serial = 0
    for day in range(DAYS):
        for hour in hours[day]:
            when = today - timedelta(days=DAYS - 1 - day) + timedelta(hours=float(hour))
            if when > now:
                break
            serial += 1
            pool = bad if rng.random() < BAD_SHARE else good
            picked = pool[int(rng.integers(len(pool)))]
            store.add(_record(program, profile, picked, when, serial, drift=1 + 0.012 * day))
    for number, record in enumerate(
        store.page(RecordQuery(verdicts=frozenset({Verdict.NG})), count=9)
    ):
        decision = Decision.OK if number in {1, 4} else Decision.NG
        if number not in {0, 3}:
            store.decide(record.number, decision, who=who)


def _record(
    program: Program,
    profile: Profile,
    picked: ScoredImage,
    when: datetime,
    serial: int,
    *,
    drift: float,
) -> Record:
    verdict = judge(picked.value, profile.limits)
    record = Record(
        uid=uuid.uuid4().hex,
        when=when.astimezone(UTC),
        profile_id=profile.id,
        profile=profile.name,
        revision=profile.revision,
        verdict=verdict,
        score=picked.value,
        limits=profile.limits,
        runtime="openvino-cpu",
        milliseconds=3.1,
        latency=14.0,
        source="camera:0",
        serial=f"SN{serial:06d}",
    )
    if serial % 397 == 5:
        error = say("The picture could not be read.")
        return replace(record, verdict=Verdict.ERROR, score=float("nan"), error=error)
    if verdict is Verdict.OK and serial % 20:
        score = min(picked.value * drift, profile.limits.review * 0.999)
        return replace(record, score=score)
    name = f"pictures/{picked.path.name}"
    kept = program.records.path_of(name)
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        kept.write_bytes(picked.path.read_bytes())
    return replace(record, picture=name)
