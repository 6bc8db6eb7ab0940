"""The search for settings: what is tried, what is taken, and what bad input gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.limit_setters import bad_known, limit_question, record_of
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.profile import Preprocessing, Scoring
from deeprx_gui.domain.search import SearchOutcome, TrialRow, choice_in, why
from deeprx_gui.domain.view import Region, Shape, ShapeKind, View
from deeprx_gui.engine import normalise
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.i18n import render
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.ui.limit_words import who_sets
from deeprx_gui.work import search as module
from deeprx_gui.work import trial, trial_pictures
from deeprx_gui.work.fit import fit, learn
from deeprx_gui.work.planted_trials import spread
from deeprx_gui.work.search import allowed_sizes, search
from tests.engine.parts import part, with_scratch
from tests.work.conftest import MakeParts
from tests.work.helpers import drive, request_for, save

AUTOMATIC = FitSettings(takt_ms=10_000.0)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few defects at small sizes: what is decided by is the same."""
    monkeypatch.setattr(module, "SIZES", (64, 96))
    monkeypatch.setattr(module, "DETECTORS_TRIED", ("deep-rx", "patchcore"))
    monkeypatch.setattr(trial_pictures, "PLANTED", 16)


def found(
    files: Sequence[Path],
    engines: EnginePool,
    scratch: Path,
    settings: FitSettings = AUTOMATIC,
    bad: Sequence[Path] = (),
) -> SearchOutcome:
    return drive(search(files, settings, engines=engines, scratch=scratch, bad=bad))[1]


def test_every_detector_and_size_is_tried_and_one_is_taken(
    engines: EnginePool, scratch: Path, parts: MakeParts
) -> None:
    files = parts(10, height=90, width=90)
    told, outcome = drive(search(files, AUTOMATIC, engines=engines, scratch=scratch))
    rows = [p.item for p in told if isinstance(p.item, TrialRow)]
    assert rows == list(outcome.rows)
    assert {r.settings.detector.name for r in rows} == {"deep-rx", "patchcore"}
    chosen, settings = outcome.chosen, outcome.settings
    assert not settings.automatic
    assert settings.view == AUTOMATIC.view
    assert (chosen.detector, chosen.size) == (
        settings.detector.name,
        settings.preprocessing.size,
    )
    assert chosen.of == len(outcome.rows[0].shares) >= 12
    assert not chosen.real
    assert chosen.ms > 0
    assert chosen.tried == len(rows)
    assert max(r.merit for r in rows) > 0.1, "some planted defects are found"
    assert not list(scratch.iterdir())


def test_the_same_images_give_the_same_choice(
    engines: EnginePool, scratch: Path, parts: MakeParts
) -> None:
    files = parts(8)
    one, two = (found(files, engines, scratch) for _ in range(2))
    assert [r.shares for r in one.rows] == [r.shares for r in two.rows]
    assert [r.found for r in one.rows] == [r.found for r in two.rows]


def test_a_search_goes_before_the_fit_and_is_remembered(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts
) -> None:
    request = request_for(parts(8), settings=replace(AUTOMATIC, false_call_rate=0.02))
    _, outcome = drive(fit(request, engines=engines, store=store, scratch=scratch))
    assert outcome.chosen is not None
    profile = store.load(outcome.profile.id)
    assert choice_in(profile.extra) == outcome.chosen
    assert profile.detector.name == outcome.chosen.detector
    assert profile.limits == suggest_limits(
        profile.held_out_scores, false_call_rate=0.02, kind="auto"
    ), "planted defects set no limit"
    trial = record_of(profile).trial
    assert trial is not None
    assert trial.planted
    above = sum(score > profile.suggested.ng for score in trial.scores)
    assert (above, len(trial.scores)) == (outcome.chosen.found, outcome.chosen.of)
    again = request_for(parts(8), profile_id=profile.id)
    _, by_hand = drive(fit(again, engines=engines, store=store, scratch=scratch))
    assert by_hand.chosen is None
    assert choice_in(store.load(profile.id).extra) is None, "a person chose this one"
    assert record_of(store.load(profile.id)).trial is None, "of other settings"


def test_real_bad_parts_are_used_instead_of_planted_ones(
    engines: EnginePool, scratch: Path, parts: MakeParts, tmp_path: Path
) -> None:
    bad = [
        save(tmp_path / f"bad{i}.png", with_scratch(part(300 + i, 64, 64), 20 + i, 24, 14))
        for i in range(12)
    ]
    outcome = found(parts(10), engines, scratch, bad=bad)
    assert outcome.chosen.real
    assert outcome.chosen.of == 12
    assert outcome.chosen.found > 6
    few = found(parts(10), engines, scratch, bad=bad[:3])
    assert not few.chosen.real, "three tell nothing"


def test_more_images_than_needed_are_thinned_out(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_NORMALS", 6)
    told, _ = drive(search(parts(20), AUTOMATIC, engines=engines, scratch=scratch))
    looked = {p.item for p in told if isinstance(p.item, Path)}
    assert len(looked) == 6
    assert {p.stem for p in looked} == {"000", "003", "006", "010", "013", "016"}


def test_pictures_are_not_enlarged_far_beyond_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SIZES", (256, 384, 512, 768, 1024))
    assert allowed_sizes(64) == allowed_sizes(300) == (256,)
    assert allowed_sizes(340) == (256, 384)
    assert allowed_sizes(1000) == (256, 384, 512, 768, 1024)


def test_only_what_lies_in_the_region_is_planted(
    engines: EnginePool, scratch: Path, parts: MakeParts
) -> None:
    region = Region((Shape(ShapeKind.RECTANGLE, ((0.25, 0.25), (0.9, 0.9))),))
    outcome = found(parts(8), engines, scratch, replace(AUTOMATIC, view=View(region)))
    assert outcome.settings.view.region == region
    assert outcome.chosen.of > 0


# -- bad input -------------------------------------------------------------------------------


def test_too_few_images_is_the_usual_sentence(
    engines: EnginePool, scratch: Path, parts: MakeParts
) -> None:
    with pytest.raises(FitError, match="add 1 more"):
        found(parts(4), engines, scratch)


def test_five_images_can_be_searched_and_it_is_not_sure(
    engines: EnginePool, scratch: Path, parts: MakeParts
) -> None:
    assert not found(parts(5), engines, scratch).chosen.sure


def test_constant_pictures_have_no_structure(
    engines: EnginePool, scratch: Path, tmp_path: Path
) -> None:
    flat = [save(tmp_path / f"{i}.png", np.full((64, 64, 3), 90, np.uint8)) for i in range(6)]
    with pytest.raises(FitError, match="no structure"):
        found(flat, engines, scratch)


def test_every_picture_may_have_another_size(
    engines: EnginePool, scratch: Path, tmp_path: Path
) -> None:
    sizes = [(64 + 8 * i, 96 - 4 * i) for i in range(8)]
    files = [save(tmp_path / f"{i}.png", part(i, *size)) for i, size in enumerate(sizes)]
    assert found(files, engines, scratch).chosen.of > 0


def test_what_cannot_be_read_is_left_out(
    engines: EnginePool, scratch: Path, parts: MakeParts, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    assert found([broken, *parts(8)], engines, scratch).chosen.of > 0
    with pytest.raises(FitError, match="could not be read"):
        found([broken, broken, *parts(4)], engines, scratch)


def test_where_nothing_meets_the_takt_the_quickest_is_taken_and_that_is_said(
    engines: EnginePool, scratch: Path, parts: MakeParts
) -> None:
    outcome = found(parts(6), engines, scratch, replace(AUTOMATIC, takt_ms=0.01))
    assert outcome.chosen.detector == "deep-rx"
    assert outcome.chosen.ms > 0.01
    assert "slower than the takt of 0.01 ms" in render(why(outcome.chosen))
    assert {r.settings.detector.name for r in outcome.rows if r.not_tried} >= {"patchcore"}


def test_what_would_take_too_long_is_left_out_with_the_reason(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = {("deep-rx", 64): 5.0, ("patchcore", 64): 90.0, ("deep-rx", 96): 9.0}
    monkeypatch.setattr(
        trial.Trial,
        "_timed",
        lambda self, *_: measured[self._settings.detector.name, self._settings.preprocessing.size],
    )
    monkeypatch.setattr(module, "is_behind", lambda *_: False)
    monkeypatch.setattr(module._Search, "_too_slow", lambda *_: None)
    files = parts(6, height=90, width=90)
    outcome = found(files, engines, scratch, replace(AUTOMATIC, takt_ms=100.0))
    (left,) = [r for r in outcome.rows if r.not_tried is not None]
    assert (left.settings.detector.name, left.settings.preprocessing.size) == ("patchcore", 96)
    assert "more than the takt of 100 ms" in str(left.not_tried)


def test_no_memory_for_any_choice_is_a_sentence(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        available = 1

    monkeypatch.setattr("deeprx_gui.work.trial.psutil.virtual_memory", Full)
    with pytest.raises(FitError, match="MB of memory"):
        found(parts(6), engines, scratch)


def test_no_room_for_planted_defects_is_said_and_experience_chooses(
    engines: EnginePool, scratch: Path, parts: MakeParts
) -> None:
    thin = Region((Shape(ShapeKind.RECTANGLE, ((0.1, 0.1), (0.9, 0.115))),))
    outcome = found(parts(6), engines, scratch, replace(AUTOMATIC, view=View(thin)))
    assert outcome.chosen.of < 12
    assert not outcome.chosen.sure
    assert outcome.chosen.detector == "patchcore"


def test_cancelled_in_the_middle_leaves_nothing_behind(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts
) -> None:
    job = fit(
        request_for(parts(8), settings=AUTOMATIC), engines=engines, store=store, scratch=scratch
    )
    for _ in range(30):
        next(job)
    job.close()
    assert not list(scratch.iterdir())
    assert not store.list()


def test_normals_with_defects_among_them_are_learnt_and_asked_about(
    engines: EnginePool, store: ProfileStore, scratch: Path, parts: MakeParts, tmp_path: Path
) -> None:
    """Mixed normals are not noticed by themselves: the program shows who sets the limit."""
    odd = [
        save(tmp_path / f"odd{i}.png", with_scratch(part(400 + i, 64, 64), 20 + i, 24, 14))
        for i in range(2)
    ]
    request = request_for([*parts(10), *odd], settings=AUTOMATIC)
    _, outcome = drive(fit(request, engines=engines, store=store, scratch=scratch))
    question = limit_question(outcome.profile, bad_known(outcome.profile, ()))
    assert question is not None
    assert {str(file) for file in odd} & {setter.source for setter in question.open}
    assert "does not show a good part" in render(who_sets(question))


def test_no_normal_without_a_defect_is_searched_and_learnt_like_any_other_part(
    engines: EnginePool, scratch: Path, tmp_path: Path
) -> None:
    files = [
        save(tmp_path / f"{i}.png", with_scratch(part(i, 64, 64), 8 + 5 * (i % 7), 24, 14))
        for i in range(8)
    ]
    outcome = found(files, engines, scratch)
    assert outcome.chosen.of > 0
    assert not outcome.chosen.sure, "so few images set nothing apart"


def test_a_network_that_cannot_be_opened_stops_nothing_and_its_row_says_why(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an imported ONNX file that was damaged since."""
    there = [replace(status, installed=True) for status in engines.library.list()]
    broken = [status for status in there if status.name == "resnet18"]
    monkeypatch.setattr(engines.library, "list", lambda: broken)
    outcome = found(parts(6), engines, scratch)
    (left,) = [r for r in outcome.rows if r.settings.backbone == "resnet18"]
    assert left.not_tried is not None
    assert "resnet18" in render(left.not_tried)
    assert outcome.chosen.backbone == "efficientnet-lite0"


def test_two_thousand_images_are_thinned_out_evenly() -> None:
    files = [Path(f"{i:04}.png") for i in range(2_000)]
    taken = spread(files, 60)
    assert len(taken) == 60
    assert taken[0] == files[0]
    gaps = {files.index(b) - files.index(a) for a, b in pairwise(taken)}
    assert gaps <= {33, 34}


# -- normalising -----------------------------------------------------------------------------


def test_held_out_normals_decide_whether_maps_are_normalised(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The evidence a fit goes by, whatever the planted defects say."""
    for least, taken in ((-np.inf, "position"), (np.inf, "none")):
        monkeypatch.setattr(trial, "LEAST_GAIN", least)
        outcome = found(parts(8), engines, scratch)
        assert {r.settings.scoring.normalise for r in outcome.rows if not r.not_tried} == {taken}
        assert outcome.settings.scoring.normalise == outcome.chosen.normalise == taken


def test_the_evidence_is_that_of_the_fit(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Leaving one image out each time, the search's gain is the fit's."""
    seen: dict[str, list[float]] = {"fit": [], "search": []}

    def noted(who: str, real: Callable[..., float]) -> Callable[..., float]:
        def gain(*given: object) -> float:
            seen[who].append(real(*given))
            return seen[who][-1]

        return gain

    monkeypatch.setattr(trial, "gain_of", noted("search", normalise.gain_of))
    monkeypatch.setattr(normalise, "gain_of", noted("fit", normalise.gain_of))
    monkeypatch.setattr(module, "SIZES", (64,))
    monkeypatch.setattr(module, "DETECTORS_TRIED", ("deep-rx",))
    monkeypatch.setattr(trial, "FOLDS", 6)
    files = parts(6)
    settings = FitSettings(
        preprocessing=Preprocessing(64), scoring=Scoring(normalise="auto"), takt_ms=10_000.0
    )
    found(files, engines, scratch, settings)
    drive(learn(files, replace(settings, takt_ms=None), engines=engines, scratch=scratch))
    assert len(seen["fit"]) == 1
    assert seen["search"][0] == pytest.approx(seen["fit"][0], rel=1e-4)


def test_the_smoothing_that_finds_most_is_taken(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIZES", (64,))
    files = parts(8)
    several = found(files, engines, scratch)
    each = {}
    for sigma in module.SIGMAS:
        monkeypatch.setattr(module, "SIGMAS", (sigma,))
        each[sigma] = found(files, engines, scratch).rows
    for number, row in enumerate(several.rows[:2]):  # then other networks with the best of these
        merits = {sigma: rows[number].merit for sigma, rows in each.items()}
        assert row.merit == max(merits.values()) == merits[row.settings.scoring.sigma]
    taken = {row.settings.scoring.sigma for row in several.rows}
    assert several.settings.scoring.sigma in taken


def test_a_smoothing_of_ones_own_stays(
    engines: EnginePool, scratch: Path, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SIZES", (64,))
    wanted = replace(AUTOMATIC, scoring=Scoring(sigma=1.5))
    outcome = found(parts(6), engines, scratch, wanted)
    assert {row.settings.scoring.sigma for row in outcome.rows} == {1.5}
