"""What a person is told about corrections before they are applied."""

from __future__ import annotations

from dataclasses import replace

from deeprx_gui.domain.corrections import limits_remark
from deeprx_gui.domain.limit_setters import BadScores, LimitRecord, with_record
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.i18n import render
from tests.state.made_results import made_profile


def with_planted(scores: tuple[float, ...]) -> Profile:
    profile = made_profile(limits=Limits(10.0, 12.0))
    record = LimitRecord(0.02, "auto", trial=BadScores(scores, planted=True) if scores else None)
    return replace(profile, extra=with_record(profile.extra, record))


def test_a_limit_that_rises_says_what_of_the_planted_defects_passes() -> None:
    before = with_planted((9.0, 10.5, 10.9, 11.5, 15.0))
    after = replace(before, limits=Limits(11.0, 12.0))
    remark = limits_remark(before, after)
    assert remark is not None
    assert render(remark).startswith(
        "The review limit rises by 10 %: of 5 planted defects 4 were found, now 2."
    )


def test_without_planted_defects_it_says_which_bad_parts_pass() -> None:
    before = with_planted(())
    remark = limits_remark(before, replace(before, limits=Limits(11.0, 12.0)))
    assert remark is not None
    assert "bad parts that lay less than that above it pass from now on" in render(remark)


def test_a_limit_that_stays_needs_no_remark() -> None:
    profile = with_planted(())
    assert limits_remark(profile, profile) is None
    assert limits_remark(profile, replace(profile, limits=Limits(9.0, 12.0))) is None
