"""Parts: how pictures of one part are told, by names, by a person, by a profile's file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.parts import (
    LearntParts,
    PartRule,
    Parts,
    PartsFrom,
    learnt_parts_in,
    rule_from_text,
    with_parts,
)

LABELS = st.lists(st.integers(0, 6), min_size=1, max_size=30)
SOURCES = ["/a/A17_1.png", "/a/A17_2.png", "/b/A18_1.png", "/b/A17_3.png", "/b/odd.png"]


@given(LABELS)
def test_parts_are_counted_by_first_appearance(labels: list[int]) -> None:
    parts = Parts.by(labels)
    for i, one in enumerate(labels):
        for j, other in enumerate(labels):
            assert (parts.numbers[i] == parts.numbers[j]) == (one == other)
    assert parts.count == len(set(labels))
    assert [group[0] for group in parts.groups] == sorted(group[0] for group in parts.groups)
    assert sorted(i for group in parts.groups for i in group) == list(range(len(labels)))


@given(LABELS, st.data())
def test_a_parts_score_is_that_of_its_highest_picture(
    labels: list[int], data: st.DataObject
) -> None:
    some = st.none() | st.floats(0, 100)
    scores = data.draw(st.lists(some, min_size=len(labels), max_size=len(labels)))
    known: dict[int, list[float]] = {label: [] for label in labels}
    for label, score in zip(labels, scores, strict=True):
        if score is not None:
            known[label].append(score)
    assert Parts.by(labels).highest(scores) == [max(each) for each in known.values() if each]


def test_without_several_pictures_of_a_part_nothing_changes() -> None:
    scores = [3.0, None, 1.0, 2.0]
    assert Parts.each(4).highest(scores) == [3.0, 1.0, 2.0]
    assert Parts.each(4).foremost({0: 3.0, 2: 1.0, 3: 2.0}) == [0, 3, 2]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("none", (0, 1, 2, 3, 4)),
        ("folder", (0, 0, 1, 1, 1)),
        ("name:^(.*)_", (0, 0, 1, 0, 2)),  # the serial number, wherever the file lies
        ("name:A1[78]", (0, 0, 1, 0, 2)),  # without a group, all that was found
    ],
)
def test_folders_and_serial_numbers_name_the_part(text: str, numbers: tuple[int, ...]) -> None:
    assert rule_from_text(text).named(SOURCES).numbers == numbers


@pytest.mark.parametrize("text", ["", "names", "name", "name:", "folder:x", "name:("])
def test_what_names_no_part_is_refused_in_words(text: str) -> None:
    with pytest.raises(RequestError, match=r"name:|\^\(\.\*\)_"):
        rule_from_text(text)


def test_a_person_overrules_what_was_found() -> None:
    rule = PartRule().saying([SOURCES[:2]]).saying([[SOURCES[1]], [SOURCES[2], SOURCES[4]]])
    found = Parts.by([0, 0, 0, 1, 2])
    assert rule.corrected(SOURCES, found).numbers == (0, 1, 2, 3, 2)
    assert PartRule().corrected(SOURCES, found) is found


def test_what_was_found_is_not_looked_for_again() -> None:
    found = Parts.by([0, 0, 1, 2, 2])
    rule = PartRule().settled(SOURCES, found)
    assert rule.named(SOURCES) == found
    assert rule.named(SOURCES[1:4]).numbers == (0, 1, 2), "of a part of the pictures as well"


def test_a_profiles_file_keeps_who_shows_the_same_part() -> None:
    rule = PartRule(PartsFrom.NAME, "^(.*)_").saying([[SOURCES[3]], ["/gone.png"]])
    parts = rule.named(SOURCES)
    extra = json.loads(json.dumps(with_parts({"else": 1}, LearntParts.of(rule, SOURCES, parts))))
    kept = learnt_parts_in(extra)
    assert kept is not None
    assert kept.parts(SOURCES) == parts
    assert kept.rule.named(SOURCES) == parts, "the next fit tells them apart as this one did"
    assert extra["else"] == 1


def test_where_each_picture_shows_its_own_part_the_file_stays_as_it_was() -> None:
    kept = LearntParts.of(PartRule(), SOURCES, Parts.each(5))
    assert with_parts({"parts": {"stale": 1}, "else": 1}, kept) == {"else": 1}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"by": "stars", "pattern": "", "groups": [], "said": []},
        {"by": "auto", "pattern": 3, "groups": [], "said": []},
        {"by": "auto", "pattern": "", "groups": {}, "said": []},
        {"by": "auto", "pattern": "", "groups": [[]], "said": []},
        {"by": "auto", "pattern": "", "groups": [["a", 1]], "said": []},
        {"by": "auto", "pattern": "", "groups": [["a", "b"], ["b", "c"]], "said": []},
        {"by": "auto", "pattern": "", "groups": [], "said": None},
        {"by": ["auto"], "pattern": "", "groups": [], "said": []},
    ],
)
def test_a_foreign_file_may_hold_what_it_likes(raw: object) -> None:
    assert learnt_parts_in({"parts": raw}) is None
