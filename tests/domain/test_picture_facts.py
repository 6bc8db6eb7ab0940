"""What is said about a picture as a file, and against the pictures that were learnt."""

from __future__ import annotations

import numpy as np
import pytest

from deeprx_gui.domain.frame import Frame, Stored
from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.picture_facts import (
    LearntPictures,
    PicturesSeen,
    learnt_in,
    picture_causes,
    range_remark,
    with_learnt,
)


def frame(
    size: tuple[int, int] = (40, 30), *, colour: bool = False, stored: Stored | None = None
) -> Frame:
    pixels = np.full((size[1], size[0], 3), 90, np.uint8)
    if colour:
        pixels[..., 0] += 3
    return Frame(pixels, "x", stored or Stored())


def learnt(*frames: Frame) -> LearntPictures | None:
    seen = PicturesSeen()
    for each in frames:
        seen.add(each)
    return seen.learnt()


def test_pages_and_transparency_are_said_whatever_was_learnt() -> None:
    odd = frame(stored=Stored(pages=2, transparent=True))
    assert picture_causes(odd, None) == (Cause.PAGES, Cause.TRANSPARENT)
    assert picture_causes(frame(), None) == ()


def test_another_size_and_colour_kind_than_learnt_are_said() -> None:
    known = learnt(frame(), frame())
    assert picture_causes(frame(), known) == ()
    assert picture_causes(frame((30, 40)), known) == (Cause.SIZE,)
    assert picture_causes(frame(colour=True), known) == (Cause.COLOUR,)
    assert picture_causes(frame(), learnt(frame(colour=True))) == (Cause.COLOUR,)


def test_normal_images_that_differ_themselves_allow_anything() -> None:
    known = learnt(frame(), frame((50, 30), colour=True))
    assert picture_causes(frame((7, 9)), known) == ()


@pytest.mark.parametrize(
    ("usual", "now", "said"),
    [(1, 1, False), (16, 16, False), (16, 1, True), (1, 16, True), (1, 4, False), (16, 64, False),
     (4, 1, True), (4, 64, True)],
)  # fmt: skip
def test_a_changed_range_is_said_but_not_a_darker_part(usual: int, now: int, said: bool) -> None:
    known = learnt(frame(stored=Stored(share=usual)))
    found = picture_causes(frame(stored=Stored(share=now)), known)
    assert found == ((Cause.RANGE,) if said else ())


def test_a_range_that_is_hardly_used_is_said_when_learning() -> None:
    assert range_remark(learnt(frame())) is None
    assert range_remark(None) is None
    dim = learnt(frame(stored=Stored(share=16)), frame(stored=Stored(share=64)))
    assert "only 1/16 of the brightness" in str(range_remark(dim))


def test_a_profile_keeps_what_was_learnt_beside_what_it_kept_already() -> None:
    known = learnt(frame(stored=Stored(share=4)))
    extra = with_learnt({"other": 1}, known)
    assert learnt_in(extra) == known
    assert extra["other"] == 1
    assert with_learnt(extra, None) == {"other": 1}
    mixed = learnt(frame(), frame((3, 4), colour=True))
    assert learnt_in(with_learnt({}, mixed)) == mixed


@pytest.mark.parametrize(
    "raw",
    [None, 3, [], {"share": 3}, {"share": True}, {"share": [1]}, {"share": 1, "size": [1]},
     {"share": 1, "size": [0, 5]}, {"share": 1, "size": "ab"}, {"share": 1, "grey": "yes"}],
)  # fmt: skip
def test_what_makes_no_sense_in_a_profile_is_no_claim(raw: object) -> None:
    assert learnt_in({"pictures": raw}) is None
