"""A fit counts parts: several shots of one are held out together and promised for once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.influence import influence
from deeprx_gui.domain.limit_setters import limit_question
from deeprx_gui.domain.limits import HeldOutScheme, suggest_limits
from deeprx_gui.domain.part_words import parts_of_profile, shown_parts
from deeprx_gui.domain.parts import KEY, PartRule, Parts, PartsFrom, learnt_parts_in
from deeprx_gui.domain.profile import Profile
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.find_parts import parts_of
from deeprx_gui.work.fit import fit
from tests.engine.parts import texture
from tests.work.conftest import MakeParts
from tests.work.helpers import SETTINGS, drive, request_for, save

OF = (*range(8), 0, 3, 3, 7)
"""The part that each of twelve pictures shows; shots of one part do not lie beside each other."""


@pytest.fixture
def shots(tmp_path: Path) -> list[Path]:
    """Twelve pictures of eight parts."""
    rng = np.random.default_rng(5)
    files = []
    for place, number in enumerate(OF):
        pixels = np.roll(texture(number, 80), place % 3, axis=1)[4:76, 4:76]
        noisy = np.clip(pixels + rng.normal(0, 2, pixels.shape), 0, 255).astype(np.uint8)
        files.append(save(tmp_path / f"{place:02}.png", noisy))
    return files


def learn(
    files: Sequence[Path], rule: PartRule, engines: EnginePool, folder: Path, **changes: Any
) -> Profile:
    settings = replace(SETTINGS, parts=rule, **changes)
    job = fit(
        request_for(files, settings=settings),
        engines=engines,
        store=ProfileStore(folder / "p"),
        scratch=folder / "s",
    )
    return drive(job)[1].profile


def test_shots_of_one_part_are_found_held_out_together_and_counted_once(
    engines: EnginePool, shots: list[Path], tmp_path: Path, store: ProfileStore
) -> None:
    request = request_for(shots, settings=replace(SETTINGS, limit="rank"))
    _, outcome = drive(fit(request, engines=engines, store=store, scratch=tmp_path / "s"))
    profile = store.load(outcome.profile.id)
    parts = shown_parts(profile)
    assert parts == Parts.by(OF)
    assert str(parts_of_profile(profile)) == "12 pictures of about 8 parts: the promise counts 8."
    promise = profile.limits.ng_promise
    assert promise is not None
    assert (promise.normals, promise.rank, profile.held_out_scheme) == (
        8,
        1,
        HeldOutScheme.LEAVE_ONE_OUT,
    )
    scores = [normal.held_out for normal in profile.normals]
    assert profile.limits.ng == max(score for score in scores if score is not None)
    question = limit_question(profile)
    assert question is not None
    others = [
        s for s, n in zip(scores, OF, strict=True) if n != OF[question.setters[0].without.index]
    ]
    assert question.setters[0].without.limit == max(s for s in others if s is not None), (
        "without the picture means without the part"
    )


def test_each_picture_is_scored_by_fits_that_never_saw_its_part(
    engines: EnginePool, shots: list[Path], tmp_path: Path
) -> None:
    """Shots taken out by hand: what is left teaches, and scores the first shot as held out."""
    grouped = learn(shots, PartRule(), engines, tmp_path / "a")
    alone = learn(shots, PartRule(PartsFrom.NONE), engines, tmp_path / "b")
    with_part = {n.source: n.held_out for n in grouped.normals}
    without = {n.source: n.held_out for n in alone.normals}
    single = [i for i, n in enumerate(OF) if OF.count(n) == 1]
    for place, path in enumerate(shots):
        held_out, alone_held_out = with_part[str(path)], without[str(path)]
        assert held_out is not None
        assert alone_held_out is not None
        if place in single:
            assert held_out == pytest.approx(alone_held_out, rel=1e-9)
        else:
            assert held_out > alone_held_out, "its twin spoke for it"
    left = [path for path, n in zip(shots, OF, strict=True) if n != 3] + [shots[3]]
    again = learn(left, PartRule(PartsFrom.NONE), engines, tmp_path / "c")
    score = {n.source: n.held_out for n in again.normals}[str(shots[3])]
    assert with_part[str(shots[3])] == pytest.approx(score, rel=1e-6)


def test_without_near_copies_everything_is_as_without_looking(
    engines: EnginePool, parts: MakeParts, tmp_path: Path
) -> None:
    files = parts(11)
    looked = learn(files, PartRule(), engines, tmp_path / "a", limit="auto")
    blind = learn(files, PartRule(PartsFrom.NONE), engines, tmp_path / "b", limit="auto")
    assert looked.normals == blind.normals
    assert looked.limits == blind.limits
    assert KEY not in looked.extra
    for name, array in looked.statistics.arrays.items():
        assert np.array_equal(array, blind.statistics.arrays[name])


def test_a_person_knows_better_and_the_profile_remembers(
    engines: EnginePool, shots: list[Path], tmp_path: Path
) -> None:
    said = PartRule().saying([[str(shots[0])], [str(shots[8])], [str(shots[1]), str(shots[2])]])
    profile = learn(shots, said, engines, tmp_path)
    kept = learnt_parts_in(profile.extra)
    assert kept is not None
    assert kept.rule == said
    expected = list(OF)
    expected[8], expected[2] = 99, 1
    assert shown_parts(profile) == Parts.by(expected)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (PartRule(PartsFrom.NAME, "png"), "The pattern found the same name"),
        (PartRule(PartsFrom.FOLDER), "Each folder counted as one part"),
    ],
)
def test_too_few_parts_are_refused_with_what_to_do(
    engines: EnginePool, shots: list[Path], tmp_path: Path, rule: PartRule, words: str
) -> None:
    with pytest.raises(FitError, match="12 pictures show only 1 part") as caught:
        learn(shots, rule, engines, tmp_path)
    assert words in str(caught.value)


def test_one_folder_for_each_part(engines: EnginePool, tmp_path: Path) -> None:
    files = []
    for number in range(10):
        folder = tmp_path / "good" / str(number // 2)
        folder.mkdir(parents=True, exist_ok=True)
        files.append(save(folder / f"{number}.png", texture(number, 64)))
    profile = learn(files, PartRule(PartsFrom.FOLDER), engines, tmp_path)
    promise = profile.limits.ng_promise
    assert promise is not None
    assert promise.normals == 5
    assert str(parts_of_profile(profile)).startswith("10 pictures of 5 parts:")


def test_what_cannot_be_read_or_has_another_size_counts_for_itself(
    shots: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    wide = save(tmp_path / "wide.png", texture(3, 96)[:40])
    flat = save(tmp_path / "flat.png", np.full((50, 50, 3), 90, np.uint8))
    files = [*shots, tmp_path / "broken.png", tmp_path / "gone.png", wide, flat, flat]
    found = drive(parts_of(files, PartRule()))[1]
    assert found.numbers[:12] == Parts.by(OF).numbers
    assert found.count == 8 + 5


def test_limits_from_parts_equal_limits_from_their_highest_pictures() -> None:
    scores = [5.0, 9.0, 7.0, 1.0, 2.0, 3.0, 8.5]
    parts = Parts.by([0, 1, 0, 2, 2, 3, 1])
    limits = suggest_limits(parts.highest(scores), false_call_rate=0.4)
    assert limits.ng == 7.0  # the second of 9, 7, 3, 2: 2 / 5
    found = influence(scores, 0.4, kind="rank", parts=parts)
    assert found.limit == 7.0
    assert {one.index: one.limit for one in found.without} == {1: 7.0, 2: 9.0, 5: 9.0, 4: 9.0}
