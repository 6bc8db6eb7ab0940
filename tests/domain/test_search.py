"""Which setting is taken, how sure that is, and what is remembered of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from deeprx_gui.domain.fit_settings import DEFAULT_PRESET, PRESETS, FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing
from deeprx_gui.domain.search import (
    KEY,
    Chosen,
    TrialRow,
    best_of,
    choice_in,
    concrete,
    doubt,
    found_at_tail,
    is_behind,
    is_sure,
    why,
    with_choice,
)
from deeprx_gui.i18n import render

CHOSEN = Chosen(
    "patchcore", "efficientnet-lite0", 512, "none", "max", 23, 30, False, 61.2, 100.0, 9, True
)


def row(detector: str, found: int, of: int = 40, *, size: int = 256, ms: float = 10) -> TrialRow:
    settings = FitSettings(preprocessing=Preprocessing(size), detector=DetectorChoice(detector))
    return TrialRow(settings, found / of, (1.0,) * found + (0.0,) * (of - found), ms)


def test_what_is_found_is_counted_at_the_limits_of_the_highest_tenth() -> None:
    normal = list(range(1, 21))  # the two highest: 20 and 19
    assert found_at_tail(normal, [30, 19.5, 5]) == (1.0, 0.5, 0.0)
    assert found_at_tail([3.0], [4.0, 2.0]) == (1.0, 0.0)
    assert found_at_tail([], [1.0]) == found_at_tail([1.0], []) == ()


def test_the_one_that_clearly_finds_most_is_taken() -> None:
    assert best_of([]) is None
    rows = [row("deep-rx", 30), row("padim", 10), row("patchcore", 15)]
    assert best_of(rows) is rows[0]


def test_within_chance_experience_decides_and_then_the_quickest() -> None:
    rows = [row("padim", 21), row("patchcore", 20, ms=50), row("patchcore", 20, size=384, ms=20)]
    assert best_of(rows) is rows[2]
    left = replace(rows[2], not_tried=say("Too slow."))
    assert best_of([rows[0], rows[1], left]) is rows[1]


def test_chance_is_measured_on_the_same_pictures() -> None:
    more, fewer = row("padim", 20), row("deep-rx", 17)
    assert not is_behind(fewer, more)  # three of forty
    assert is_behind(row("deep-rx", 10), more)
    assert not is_behind(more, more)


def test_it_is_sure_only_where_bad_pictures_tell_detectors_apart() -> None:
    best, behind, close = row("patchcore", 30), row("padim", 10), row("padim", 29)
    same = row("patchcore", 30, size=384)
    assert is_sure(best, [best, behind, same], normals=30)
    assert not is_sure(best, [best, behind, close], normals=30)
    assert not is_sure(best, [best, behind], normals=6)
    few = row("patchcore", 6, 8)
    assert not is_sure(few, [few], normals=30)
    all_found, nothing = row("patchcore", 40), row("patchcore", 0)
    assert not is_sure(all_found, [all_found], normals=30)
    assert not is_sure(nothing, [nothing], normals=30)


def test_the_sentence_says_what_was_found_and_what_it_costs() -> None:
    assert render(why(CHOSEN)) == (
        "patchcore with efficientnet-lite0 at 512 px finds 23 of 30 planted defects; 61 ms per "
        "picture."
    )
    assert "23 of 30 bad parts" in render(why(replace(CHOSEN, real=True)))
    assert "no room" in render(why(replace(CHOSEN, found=0, of=0)))
    assert doubt(CHOSEN) is None
    unsure = doubt(replace(CHOSEN, sure=False))
    assert unsure is not None
    assert "Show some bad parts" in render(unsure)
    more = doubt(replace(CHOSEN, sure=False, real=True))
    assert more is not None
    assert "More pictures of bad parts" in render(more)


def test_a_choice_travels_as_json() -> None:
    extra = with_choice({"theirs": 1}, CHOSEN)
    assert extra["theirs"] == 1
    assert choice_in(json.loads(json.dumps(extra))) == CHOSEN
    assert with_choice(extra, None) == {"theirs": 1}
    before = {key: value for key, value in CHOSEN.to_raw().items() if key != "sigma"}
    assert choice_in({KEY: before}) == CHOSEN, "a file from before smoothings were tried"
    assert choice_in({KEY: {**before, "sigma": 0.5}}) == replace(CHOSEN, sigma=0.5)
    assert choice_in({}) is None


@pytest.mark.parametrize(
    "damage",
    [
        {"detector": 7},
        {"size": "512"},
        {"size": True},
        {"sure": 1},
        {"ms": float("nan")},
        {"takt_ms": None},
    ],
)
def test_what_is_no_choice_is_none(damage: dict[str, object]) -> None:
    assert choice_in({KEY: {**CHOSEN.to_raw(), **damage}}) is None
    assert choice_in({KEY: "patchcore"}) is None


def test_automatic_is_the_preset_to_begin_with() -> None:
    settings = PRESETS[DEFAULT_PRESET].settings
    assert settings.automatic
    assert concrete(settings) == FitSettings()
    assert [key for key, preset in PRESETS.items() if preset.settings.automatic] == ["automatic"]
