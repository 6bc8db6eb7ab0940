"""Who sets the limit: what is asked, what is remembered, what one step more finds."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from deeprx_gui.domain.doctor import Reason
from deeprx_gui.domain.limit_advice import step_words
from deeprx_gui.domain.limit_setters import (
    KEY,
    NO_BAD,
    BadScores,
    LimitRecord,
    limit_question,
    one_step_more,
    record_of,
    small_map,
    with_record,
)
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.profile import NormalImage, Profile
from deeprx_gui.i18n import render, set_language
from deeprx_gui.ui.limit_words import place_words, who_sets, without_it
from tests.made_profile import made_profile


def taught(*scores: float, rate: float = 0.02, kind: str = "rank") -> Profile:
    limits = suggest_limits(scores, false_call_rate=rate, kind=kind)
    return made_profile(
        limits=limits,
        normals=tuple(NormalImage(f"/parts/{i}.png", score) for i, score in enumerate(scores)),
        extra=with_record({}, LimitRecord(rate, kind)),
    )


ORDINARY = tuple(20 + i / 10 for i in range(40))


def test_the_odd_one_is_asked_about_with_what_it_costs() -> None:
    profile = taught(34.4, *ORDINARY)
    question = limit_question(profile, BadScores((25.0, 30.0, 40.0)))
    assert question is not None
    (setter,) = question.setters
    assert question.open == question.setters
    assert setter.source == "/parts/0.png"
    assert setter.suspect
    assert setter.without.limit == pytest.approx(23.9)
    assert (question.misses, setter.without.misses, question.bad) == (2, 0, 3)
    words = [render(message) for message in without_it(question, setter)]
    assert words == [
        "Without it the limit would be 31 % lower.",
        "Bad parts not judged NG: 0 instead of 2 of 3.",
        "It looks different from the others.",
    ]
    assert "1 picture sets the limit" in render(who_sets(question))


def test_misses_are_not_spoken_of_where_nobody_knows_a_bad_part() -> None:
    question = limit_question(taught(34.4, *ORDINARY))
    assert question is not None
    assert question.misses is None
    words = " ".join(render(m) for m in without_it(question, question.setters[0]))
    assert "Bad parts" not in words


def test_two_alike_hide_each_other_and_are_asked_about_as_suspects() -> None:
    question = limit_question(taught(34.4, 34.4, *ORDINARY))
    assert question is not None
    assert [s.source for s in question.setters] == ["/parts/0.png", "/parts/1.png"]
    words = [render(m) for m in without_it(question, question.setters[0])]
    assert words[0] == "Without it alone the limit would stay: another picture is as high."


def test_nobody_is_asked_about_where_no_picture_decides_alone() -> None:
    question = limit_question(taught(*([20.0] * 30)))
    assert question is not None
    assert question.setters == ()
    assert render(who_sets(question)).startswith("No single picture sets the limit")
    nothing = replace(taught(20.0), normals=(NormalImage("/a.png", None),))
    assert limit_question(nothing) is None
    assert render(who_sets(None)).startswith("No picture was checked against the others")


def test_what_was_kept_is_not_asked_again() -> None:
    profile = taught(34.4, *ORDINARY)
    sources = [n.source for n in profile.normals]
    record = record_of(profile).answered(kept=["/parts/0.png", "/else.png"], normals=sources)
    assert record.kept == ("/parts/0.png",)
    asked = limit_question(replace(profile, extra=with_record(profile.extra, record)))
    assert asked is not None
    assert asked.open == ()
    assert asked.setters[0].kept
    assert "all confirmed" in render(who_sets(asked))


def test_what_is_used_again_is_no_longer_left_out() -> None:
    record = LimitRecord(0.01, "auto", kept=("/a",), left_out=("/b", "/c"))
    after = record.answered(left_out=["/a", "/d"], normals=["/c"])
    assert after.kept == ()
    assert after.left_out == ("/b", "/a", "/d")


def test_the_record_survives_a_file_and_nothing_foreign_does() -> None:
    cells = np.random.default_rng(0).random((32, 20)).astype(np.float32) * 30
    record = LimitRecord(0.02, "tail", {"/部品/0.png": cells}, ("/a",), ("/b",))
    raw = json.loads(json.dumps(record.to_raw()))
    back = record_of(made_profile(extra={KEY: raw}))
    assert (back.rate, back.kind, back.kept, back.left_out) == (0.02, "tail", ("/a",), ("/b",))
    np.testing.assert_allclose(back.maps["/部品/0.png"], cells, atol=30 / 255)
    packed = raw["maps"]["/部品/0.png"]
    for broken in (
        {**packed, "height": 10**6},
        {**packed, "width": 21},
        {**packed, "cells": "?"},
        {**packed, "top": "1"},
        None,
    ):
        foreign = {**raw, "maps": {"/a": broken}}
        assert record_of(made_profile(extra={KEY: foreign})).maps == {}
    others: list[object] = [None, 3, {}, {**raw, "rate": 2}, {**raw, "rate": True}]
    kinds: list[object] = ["x", [], {}, 3]
    others += [{**raw, "rate": 10**400}, *({**raw, "kind": kind} for kind in kinds)]
    for other in others:
        assert record_of(made_profile(extra={KEY: other})).maps == {}


def test_an_older_file_is_asked_as_its_promise_says() -> None:
    profile = replace(taught(34.4, *ORDINARY, rate=0.05), extra={})
    promise = profile.suggested.ng_promise
    assert promise is not None
    assert record_of(profile) == LimitRecord(promise.rate, "rank")
    question = limit_question(profile)
    assert question is not None
    assert question.limit == profile.suggested.ng
    assert "older program" in render(place_words(known=False))


def test_large_maps_keep_their_highest_cells() -> None:
    cells = np.zeros((200, 130), np.float32)
    cells[199, 3] = 7
    small = small_map(cells)
    assert small.shape == (64, 64)
    assert small[63, 1] == 7 == small.max()
    assert small_map(cells[:10, :10]).shape == (10, 10)


def test_one_step_more_says_what_it_finds() -> None:
    profile = taught(*(float(score) for score in range(1, 101)), rate=0.02)
    step = one_step_more(profile, BadScores((50.0, 96.5, 97.5, 98.5, 120.0)))
    assert step is not None
    assert (step.more, step.bad) == (3, 5)
    assert render(step_words(step)) == "2 % → 5 % false calls finds 3 more of 5 bad parts."
    assert one_step_more(profile, NO_BAD) is None
    assert one_step_more(taught(5.0), BadScores((6.0,))) is None
    assert one_step_more(taught(*([20.0] * 30)), BadScores((6.0,))) is None


def test_japanese_says_the_same_numbers() -> None:
    question = limit_question(taught(34.4, *ORDINARY), BadScores((25.0, 40.0)))
    assert question is not None
    set_language("ja")
    try:
        words = [render(m) for m in without_it(question, question.setters[0])]
    finally:
        set_language("en")
    assert words[:2] == [
        "この画像を除くと、しきい値は 31 % 下がります。",
        "NG にならない不良品は 2 個中 1 個から 0 個になります。",
    ]


def test_the_doctors_reasons_stay_with_what_was_left_out() -> None:
    """As long as it is left out; a file with other words than the doctor's says nothing."""
    record = LimitRecord(0.02, "rank").answered(
        left_out=["a.png", "b.png"],
        why={"a.png": Reason.BLURRED, "never.png": Reason.DARK},
        normals=["c.png"],
    )
    assert record.why_left_out == {"a.png": Reason.BLURRED}
    raw = json.loads(json.dumps(record.to_raw()))
    assert record_of(made_profile(extra={KEY: raw})).why_left_out == record.why_left_out
    raw["why_left_out"] = {"a.png": "ugly", "b.png": 7, "": ["x"]}
    assert record_of(made_profile(extra={KEY: raw})).why_left_out == {}
    assert record.answered(left_out=["b.png"], normals=["c.png"]).why_left_out == (
        record.why_left_out
    )
    assert record.answered(normals=["a.png", "c.png"]).why_left_out == {}
