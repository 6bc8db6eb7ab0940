"""Which pictures show the same part is kept in the file; older files mean one part for each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.domain.part_words import parts_of_profile, shown_parts
from deeprx_gui.domain.parts import LearntParts, Parts, PartsFrom, learnt_parts_in, with_parts
from deeprx_gui.profiles.codec import decode
from deeprx_gui.profiles.store import ProfileStore
from tests.profiles.factory import make_profile

FROZEN = Path(__file__).resolve().parents[1] / "data" / "profiles"


@pytest.mark.parametrize("file", sorted(FROZEN.glob("*.deeprx")), ids=lambda file: file.name)
def test_in_a_frozen_file_each_picture_shows_a_part_of_its_own(file: Path) -> None:
    with file.open("rb") as stream:
        profile = decode(stream)
    assert shown_parts(profile) == Parts.each(len(profile.normals))
    assert parts_of_profile(profile) is None


def test_parts_come_back_and_a_change_is_told(store: ProfileStore) -> None:
    profile = make_profile()
    sources = [normal.source for normal in profile.normals]
    kept = LearntParts(PartsFrom.NAME, "^(.*)_", (tuple(sources[:2]),), ((sources[0], sources[1]),))
    first = store.save(profile)
    second = store.save(replace(first, extra=with_parts(first.extra, kept)))
    loaded = store.load(second.id)
    assert learnt_parts_in(loaded.extra) == kept
    assert shown_parts(loaded).count == len(sources) - 1
    told = [str(change.text) for change in store.history(second.id)[0].changes]
    assert f"the promise counts {len(sources) - 1} parts instead of {len(sources)}" in told
