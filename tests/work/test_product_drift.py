"""A product's drift from its history: which parts count, and what is said where little is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.drift import FEWEST, Measure
from deeprx_gui.domain.inspection import Decision, Health, InspectedPart
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.product_drift import ProductDrift
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.i18n import render
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records import conditions
from deeprx_gui.results.records.conditions import HEADER, read_conditions
from deeprx_gui.results.records.recorder import Recorder
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.product_drift import product_drift
from tests.made_record import START, made_record
from tests.profiles.factory import make_profile
from tests.work.helpers import drive


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordStore]:
    store = RecordStore(tmp_path / "結果")
    yield store
    store.close()


def shift(
    records: RecordStore,
    profile: Profile,
    count: int,
    *,
    first: int = 0,
    light: float = 1.0,
    health: bool = True,
    score: float = 6.0,
    verdict: Verdict = Verdict.OK,
) -> None:
    """Parts of a revision, ten minutes apart."""
    recorder = Recorder(records)
    rng = np.random.default_rng(first)
    for number in range(first, first + count):
        condition = Health(light * (1 + 0.01 * rng.normal()), 1 + 0.05 * rng.normal(), 0.0)
        record = made_record(
            number,
            verdict,
            when=START + timedelta(minutes=10 * number),
            profile_id=profile.id,
            revision=profile.revision,
            score=score * (1 + 0.05 * rng.normal()),
            limits=profile.limits,
        )
        recorder.record(InspectedPart(record, None, None, condition if health else None))


def look(records: RecordStore, profiles: ProfileStore, profile_id: str) -> ProductDrift:
    return drive(product_drift(records, profiles, profile_id))[1]


def test_a_lamp_that_fades_is_named_and_revisions_of_one_fit_count_together(
    records: RecordStore, store: ProfileStore
) -> None:
    first = store.save(make_profile())
    moved = Limits(first.suggested.review * 1.1, first.suggested.ng * 1.1)
    second = store.save(replace(first, limits=moved))
    usual = 0.6 * first.suggested.review
    shift(records, first, FEWEST // 2 + 20, score=usual)
    shift(records, second, FEWEST // 2 + 20, first=1000, light=0.85, score=usual)
    found = look(records, store, first.id)
    assert found.revisions == (1, 2)
    assert found.unit == first.suggested.review
    assert found.drift.first is not None
    assert found.drift.first.measure is Measure.BRIGHTNESS
    assert Measure.POSITION not in found.drift.known, "no displacement shows on these parts"
    assert "Brightness has fallen by 15 %" in render(found.sentence)
    assert "have not followed" in render(found.sentence)

    other = replace(second, suggested=Limits(5.0, 6.0), limits=Limits(5.0, 6.0))
    third = store.save(other)
    shift(records, third, 30, first=3000, score=3.0)
    found = look(records, store, first.id)
    assert found.revisions == (3,)
    assert "Too few parts" in render(found.sentence)


def test_without_conditions_or_profile_the_scores_are_followed(
    records: RecordStore, store: ProfileStore
) -> None:
    gone = replace(make_profile(), id="gone-1", revision=1)
    usual = 0.6 * gone.limits.review
    shift(records, gone, FEWEST, health=False, score=usual)
    shift(records, gone, 120, first=2000, health=False, score=1.5 * usual, verdict=Verdict.REVIEW)
    found = look(records, store, "gone-1")
    assert found.drift.known == {Measure.SCORE}
    assert found.drift.first is not None
    assert found.drift.first.measure is Measure.SCORE
    assert "were not recorded" in render(found.sentence)
    assert any("parts themselves" in render(words) for words in found.more)
    assert not read_conditions(records.folder, "gone-1")


def test_bad_parts_are_left_out(records: RecordStore, store: ProfileStore) -> None:
    profile = store.save(make_profile())
    shift(records, profile, 4, score=50.0, verdict=Verdict.NG)
    for number in (1, 2, 3, 4):
        records.decide(number, Decision.NG, who="佐藤")
    assert look(records, store, profile.id).drift.parts == 0
    assert look(records, store, "never judged").newest is None


def test_conditions_that_cannot_be_read_are_passed_over(records: RecordStore) -> None:
    folder = records.folder / conditions.FOLDER
    folder.mkdir(parents=True)
    (folder / "p-1.csv").write_bytes(
        HEADER
        + b"1,10,1,1,nan,nan\nrubbish\n2,x,1,1,0,0\n3,30,1,1,0\n\xff\xfe\n"
        + b"4,40,0.9,1.1,0.01,-0.02\n5,50,0.9"
    )
    found = read_conditions(records.folder, "p-1")
    assert set(found) == {(1, 10), (4, 40)}
    assert found[4, 40] == (0.9, 1.1, 0.01, -0.02)
    assert read_conditions(records.folder, "../../etc/passwd") == {}
    assert read_conditions(records.folder, "absent") == {}


def test_a_large_file_loses_its_older_half(
    records: RecordStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conditions, "MOST_BYTES", 400)
    monkeypatch.setattr(conditions, "_LOOK_EVERY", 5)
    shift(records, replace(make_profile(), id="gear-1", revision=1), 20)
    kept = read_conditions(records.folder, "gear-1")
    assert 5 <= len(kept) < 20
    assert max(number for number, _ in kept) == 20


def test_a_folder_that_takes_no_conditions_stops_no_verdict(records: RecordStore) -> None:
    (records.folder / conditions.FOLDER).write_text("in the way", encoding="utf-8")
    shift(records, replace(make_profile(), id="gear-1", revision=1), 3)
    assert records.newest() == 3
