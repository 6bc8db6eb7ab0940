"""What a run on Check shows: contradicting labels, a foreign set, a revision against the last."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.check_findings import (
    JudgedBefore,
    RevisionStep,
    contradictions,
    foreign_set,
    picture_key,
    revision_step,
    step_forward_words,
)
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.i18n import render
from tests.state.made_results import made_scored

NG, OK, REVIEW, ERROR = Verdict.NG, Verdict.OK, Verdict.REVIEW, Verdict.ERROR
GOOD, BAD, UNKNOWN = Label.GOOD, Label.BAD, Label.UNKNOWN


def test_the_same_picture_labelled_good_and_bad_is_found_under_two_names() -> None:
    one = made_scored(9.0, "a.png", folder="/good")
    copy = made_scored(9.0, "b.png", folder="/NG")
    other = made_scored(9.0, "c.png", grid=(6, 8))
    found = [
        (picture_key(item), label, n)
        for n, (item, label) in enumerate([(one, GOOD), (other, BAD), (copy, BAD), (copy, UNKNOWN)])
    ]
    assert contradictions(found) == ((0, 2),)
    assert contradictions(found[1:]) == ()
    broken = made_scored(None, "x.png")
    assert picture_key(broken) == broken.path


def test_a_set_in_which_everything_is_ng_asks_what_it_is() -> None:
    asked = foreign_set([(NG, UNKNOWN)] * 12 + [(ERROR, UNKNOWN), (NG, BAD)])
    assert asked is not None
    assert render(asked).startswith("All 12 pictures are NG. Is it another product, or another ")


@pytest.mark.parametrize(
    "verdicts",
    [
        [],
        [(NG, UNKNOWN)] * 2,
        [(NG, BAD)] * 12,
        [(NG, UNKNOWN)] * 12 + [(OK, GOOD)],
        [(NG, GOOD)] * 12 + [(REVIEW, UNKNOWN)],
        [(ERROR, UNKNOWN)] * 12,
    ],
)
def test_bad_parts_few_pictures_and_mixed_sets_ask_nothing(
    verdicts: list[tuple[Verdict, Label]],
) -> None:
    assert foreign_set(verdicts) is None


PLACES = [Path(f"/parts/{n}.png") for n in range(6)]
JUDGED = st.dictionaries(st.sampled_from(PLACES), st.sampled_from(Verdict))


@given(JUDGED, JUDGED, st.dictionaries(st.sampled_from(PLACES), st.sampled_from(Label)))
def test_two_revisions_are_counted_on_what_both_could_judge(
    before: dict[Path, Verdict], now: dict[Path, Verdict], labels: dict[Path, Label]
) -> None:
    step = revision_step(JudgedBefore(1, before), JudgedBefore(2, now), labels)
    both = [p for p in PLACES if ERROR not in {before.get(p, ERROR), now.get(p, ERROR)}]
    bad = [p for p in both if labels.get(p) is BAD]
    good = [p for p in both if labels.get(p) is GOOD]
    if not bad and not good:
        assert step is None
        return
    assert step is not None
    assert (step.good, step.bad) == (len(good), len(bad))
    assert step.misses == tuple(sum(j[p] is OK for p in bad) for j in (before, now))
    assert step.false_calls == tuple(sum(j[p] is NG for p in good) for j in (before, now))


def test_a_revision_is_not_compared_with_itself() -> None:
    judged = JudgedBefore(3, {PLACES[0]: NG})
    assert revision_step(judged, judged, {PLACES[0]: BAD}) is None


def test_the_step_is_said_in_one_line() -> None:
    step = RevisionStep(1, 2, 44, 48, (8, 3), (2, 0))
    assert render(step_forward_words(step)) == (
        "r0001 → r0002 on the same pictures: 8 → 3 missed of 48 bad parts, 2 → 0 false calls of "
        "44 good parts."
    )
    assert "false calls" not in render(step_forward_words(replace(step, good=0)))
    assert "missed" not in render(step_forward_words(replace(step, bad=0)))
