"""What a set's pictures have in common as pictures, and which of them does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from deeprx_gui.domain.arrays import Bytes2D
from deeprx_gui.domain.doctor import Finding, Reason, Sureness, how_sure, name_pictures
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.set_facts import (
    MOST_SCENES,
    PictureFacts,
    displacements,
    measured_findings,
    plain_findings,
)
from tests.domain.scenes import Product

_SCENE = Product(1, 96, 128).part()


def scene(number: int) -> Bytes2D:
    """The same scene with a picture's own noise on it, as small as the doctor keeps it."""
    noise = np.random.default_rng(number).normal(0, 3, _SCENE.shape)
    return np.asarray((_SCENE + noise).clip(0, 255), np.uint8)


def fact(number: int, **changes: object) -> PictureFacts:
    rng = np.random.default_rng(number)
    made = PictureFacts(
        path=Path(f"{number}.png"),
        size=(640, 480),
        grey=True,
        share=1,
        flat=False,
        light=5.0 + rng.normal(0, 0.01),
        focus=2.0 + rng.normal(0, 0.02),
        digest=bytes([number % 256, number // 256]),
        scene=scene(number),
    )
    return replace(made, **changes)  # type: ignore[arg-type] # by name


def reasons(found: list[Finding]) -> dict[str, str]:
    named = name_pictures(found)
    return {each.path.name: each.findings[0].reason.value for each in named}


def test_a_clean_set_is_left_alone() -> None:
    facts = [fact(n) for n in range(20)]
    assert plain_findings(facts) == []
    assert measured_findings(facts, Parts.each(20)) == []


def test_copies_sizes_colours_ranges_and_empty_pictures_are_facts() -> None:
    facts = [fact(n) for n in range(20)]
    facts[3] = fact(3, digest=facts[1].digest)
    facts[4] = fact(4, size=(480, 640))
    facts[5] = fact(5, grey=False)
    facts[6] = fact(6, share=16)
    facts[7] = fact(7, flat=True, light=0.0, focus=-18.0)
    found = plain_findings(facts)
    assert reasons(found) == {
        "3.png": "copy",
        "4.png": "size",
        "5.png": "colour",
        "6.png": "range",
        "7.png": "flat",
    }
    assert all(each.sureness is Sureness.FACT for each in found)
    assert "1.png" in str(found[0].words)
    assert "480 × 640 pixels, most have 640 × 480" in str(
        next(each.words for each in found if each.reason is Reason.SIZE)
    )
    assert measured_findings(facts, Parts.each(20)) == []  # nor is the empty one called dark


def test_where_pictures_differ_anyway_none_breaks_a_rule() -> None:
    facts = [fact(n, size=(640 + n % 3, 480), grey=n % 2 == 0) for n in range(20)]
    assert plain_findings(facts) == []


def test_light_focus_and_place_are_told_with_how_sure() -> None:
    facts = [fact(n) for n in range(24)]
    facts[2] = fact(2, light=4.7)
    facts[5] = fact(5, light=5.4)
    facts[8] = fact(8, focus=0.9)
    facts[11] = fact(11, scene=np.roll(scene(11), (5, 7), (0, 1)))
    found = measured_findings(facts, Parts.each(24))
    told = {each.path.name: each for each in found}
    assert {name: each.reason for name, each in told.items()} == {
        "2.png": Reason.DARK,
        "5.png": Reason.BRIGHT,
        "8.png": Reason.BLURRED,
        "11.png": Reason.SHIFTED,
    }
    assert "26 % darker" in str(told["2.png"].words)
    assert all(each.sureness is Sureness.SURE for each in found)
    assert "about one would have a picture as odd" in str(how_sure(found[0]))


def test_four_dark_ones_among_sixteen_do_not_hide_each_other() -> None:
    facts = [fact(n, **({"light": 4.6 + n / 1000} if n >= 12 else {})) for n in range(16)]
    found = measured_findings(facts, Parts.each(16))
    assert {each.path.name for each in found} == {f"{n}.png" for n in range(12, 16)}


def test_many_pictures_are_placed_against_some_and_each_is_told() -> None:
    facts = [fact(n, scene=scene(n % 7)) for n in range(MOST_SCENES + 40)]
    facts[10] = fact(10, scene=np.roll(scene(3), 6, 1))
    facts[11] = fact(11, scene=np.roll(scene(4), 6, 1))
    moves = displacements(facts)
    assert all(0.03 < moves[n].far < 0.07 and moves[n].shows for n in (10, 11))
    assert max(move.far for n, move in moves.items() if n not in {10, 11}) < 0.01


def test_an_empty_set_has_nothing_to_tell() -> None:
    assert plain_findings([]) == []
    assert measured_findings([], Parts.each(0)) == []


def test_a_pattern_that_repeats_itself_is_not_taken_for_a_move() -> None:
    y, x = np.mgrid[0:96, 0:96]
    ribs = 128 + 40 * np.sin(x / 7) * np.cos(y / 11)
    facts = [
        fact(n, scene=(ribs + np.random.default_rng(n).normal(0, 4, ribs.shape)).astype(np.uint8))
        for n in range(12)
    ]
    assert measured_findings(facts, Parts.each(12)) == []


def test_pictures_from_the_hand_lie_anywhere_and_none_is_accused() -> None:
    rng = np.random.default_rng(5)
    moves = rng.normal(0, 4, (30, 2)).round().astype(int)
    facts = [fact(n, scene=np.roll(scene(n), moves[n], (0, 1))) for n in range(30)]
    assert measured_findings(facts, Parts.each(30)) == []
