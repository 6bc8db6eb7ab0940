"""padim: the paper's distances, the prior, what is stored, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from deeprx_gui.domain.errors import FitError, ProfileError, RequestError
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.padim import SPEC, PadimAccumulator
from deeprx_gui.engine.detectors.padim_memory import auto_channels
from deeprx_gui.engine.detectors.stored_statistics import AnyArray
from deeprx_gui.engine.engine import score_of
from deeprx_gui.engine.holdout import held_out_scores, plan_hold_out
from deeprx_gui.engine.position_sums import PositionPictures
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.detector_oracles import head_of, learnt, position_distances
from tests.engine.oracles import Shape, made_taps

SHAPES: list[Shape] = [(26, 2, 3), (16, 4, 6)]
PICTURES = [made_taps(SHAPES, seed) for seed in range(60)]
UNSEEN = made_taps(SHAPES, seed=777, mean=4.0)
KEEPS = ["sums", "pictures"]
PRIORS = ["identity", "pooled"]


def chosen(**more: object) -> dict[str, object]:
    """Settings with every channel, so that the definition needs no choice."""
    return {"channels": 42, **more}


@pytest.mark.parametrize("images", [5, 20, 60])
@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("prior", PRIORS)
def test_scores_are_those_of_the_definition(images: int, keep: str, prior: str) -> None:
    """5 and 20 pictures of 42 channels take the low-rank factor where pictures are kept."""
    found = head_of(SPEC, PICTURES[:images], chosen(keep=keep, prior=prior)).score_map(UNSEEN)
    wanted = position_distances(PICTURES[:images], UNSEEN, prior=prior)
    assert found.dtype == np.float32
    assert np.allclose(found, wanted, rtol=1e-4)


@pytest.mark.parametrize("prior", PRIORS)
@settings(max_examples=15)
@given(images=st.integers(3, 18), seed=st.integers(0, 1000), ridge=st.sampled_from([1e-3, 0.01, 1]))
def test_the_low_rank_factor_equals_the_dense_one(
    prior: str, images: int, seed: int, ridge: float
) -> None:
    pictures = [made_taps(SHAPES, seed + i) for i in range(images)]
    maps = [
        head_of(SPEC, pictures, chosen(keep=k, prior=prior, ridge=ridge)).score_map(UNSEEN)
        for k in KEEPS
    ]
    assert np.allclose(maps[0], maps[1], rtol=1e-4)


def test_half_precision_is_close_to_single() -> None:
    maps = [
        head_of(SPEC, PICTURES[:15], chosen(keep="pictures", precision=p)).score_map(UNSEEN)
        for p in ("float32", "float16")
    ]
    assert np.allclose(maps[0], maps[1], rtol=0.02)


def test_single_precision_sums_are_close_to_double() -> None:
    maps = [
        head_of(SPEC, PICTURES, chosen(keep="sums", precision=p)).score_map(UNSEEN)
        for p in ("float64", "float32")
    ]
    assert np.allclose(maps[0], maps[1], rtol=1e-3)


@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("count", [5, 30])
def test_held_out_scores_equal_fits_without_the_picture(
    keep: str, prior: str, count: int, tmp_path: Path
) -> None:
    full = dict(SPEC.check(chosen(keep=keep, prior=prior)))
    total = learnt(SPEC, PICTURES[:count], full)
    with Spool(tmp_path) as spool:
        for picture in PICTURES[:count]:
            spool.append(picture)
        groups = plan_hold_out(count).groups
        found = {
            h.index: h.score
            for h in held_out_scores(
                SPEC, settings=full, scoring=Scoring(), total=total, spool=spool, groups=groups
            )
        }
    for left_out in range(0, count, 4):
        others = [p for i, p in enumerate(PICTURES[:count]) if i != left_out]
        wanted = score_of(head_of(SPEC, others, full), PICTURES[left_out], Scoring())[0]
        assert found[left_out] == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize("keep", KEEPS)
def test_only_pictures_that_were_added_can_be_taken_out(keep: str) -> None:
    whole = learnt(SPEC, PICTURES[:9], chosen(keep=keep))
    part = whole.empty()
    for picture in PICTURES[3:9]:
        part.add(picture)
    left = SPEC.head(whole.without(part).statistics(), chosen(keep=keep))
    again = head_of(SPEC, PICTURES[:3], chosen(keep=keep))
    assert np.allclose(left.score_map(UNSEEN), again.score_map(UNSEEN), rtol=1e-3)
    with pytest.raises(ValueError, match="at least one picture"):
        whole.without(whole)
    if keep == "pictures":
        stranger = whole.empty()
        stranger.add(UNSEEN)
        with pytest.raises(ValueError, match="added before"):
            whole.without(stranger)


def test_channels_are_chosen_by_the_seed_and_the_choice_is_kept() -> None:
    a, b, c = (
        learnt(SPEC, PICTURES[:6], {"channels": 10, "seed": seed}).statistics()
        for seed in (1, 1, 2)
    )
    assert len(a.arrays["chosen"]) == 10
    assert np.array_equal(a.arrays["chosen"], b.arrays["chosen"])
    assert not np.array_equal(a.arrays["chosen"], c.arrays["chosen"])
    head = SPEC.head(a, {"channels": 10, "seed": 1})
    assert head.channels == (26, 16)
    only = TapMaps((UNSEEN.maps[0].copy(), UNSEEN.maps[1]))
    for number in set(range(26)) - set(a.arrays["chosen"].tolist()):
        only.maps[0][number] = 1e3  # what was not chosen does not count
    assert np.array_equal(head.score_map(only), head.score_map(UNSEEN))


@pytest.mark.parametrize("keep", KEEPS)
def test_a_picture_of_another_shape_is_brought_to_the_first_ones_grid(keep: str) -> None:
    other = made_taps([(26, 3, 2), (16, 6, 4)], seed=5)
    head = head_of(SPEC, [*PICTURES[:9], other], {"keep": keep})
    assert head.score_map(other).shape == (4, 6)


@pytest.mark.parametrize("keep", KEEPS)
def test_statistics_survive_the_file_to_the_last_bit(keep: str) -> None:
    before = learnt(SPEC, PICTURES[:9], {"keep": keep}).statistics()
    after = Statistics(load(save(dict(before.arrays))), before.counts)
    a, b = (SPEC.head(s, {}).score_map(UNSEEN) for s in (before, after))
    assert np.array_equal(a, b)


def test_what_is_kept_follows_from_the_pictures_and_the_memory() -> None:
    def settled(images: int, **more: object) -> tuple[object, ...]:
        extent = FitExtent((256, 128), (64, 64), images)
        found = SPEC.settle(SPEC.check(more), extent)
        assert SPEC.megabytes(found, extent) <= float(str(found["megabytes"]))
        return found["channels"], found["keep"], found["precision"]

    assert settled(30) == (100, "pictures", "float32")
    assert settled(30, megabytes=250) == (100, "pictures", "float16")
    assert settled(200) == (100, "sums", "float64")
    assert settled(200, megabytes=1000) == (100, "sums", "float32")
    with pytest.raises(FitError, match="MB are allowed"):
        settled(200, megabytes=200)


@pytest.mark.parametrize(("total", "wanted"), [(5, 5), (152, 64), (168, 80), (384, 100)])
def test_as_many_channels_as_the_paper_takes(total: int, wanted: int) -> None:
    assert auto_channels(total) == wanted


def test_too_few_or_identical_pictures_are_refused_in_words() -> None:
    with pytest.raises(FitError, match="no structure"):
        learnt(SPEC, PICTURES[:1]).statistics()
    with pytest.raises(FitError, match="vary too little"):
        learnt(SPEC, [PICTURES[0]] * 4).statistics()


@pytest.mark.parametrize(
    "wrong",
    [
        {"mean": np.zeros((23, 16))},
        {"mean": np.zeros(16)},
        {"scatter": np.zeros((24, 3), np.float32)},
        {"scatter": np.zeros((24, 136), np.int64)},
        {"channels": np.array([26, 15])},
        {"channels": np.array([27, -1])},
        {"chosen": np.arange(15)},
        {"chosen": np.arange(16) + 40},
        {"chosen": np.zeros(16, np.int64)},
        {"chosen": np.arange(16.0)},
        {"chosen": np.arange(16)[::-1]},
        {"grids": np.array([[2, 3], [4, 7]])},
        {"pictures": np.zeros((3, 24, 16))},
        {"pictures": np.zeros((9, 24, 15))},
    ],
    ids=str,
)
def test_made_up_statistics_are_refused(wrong: dict[str, AnyArray]) -> None:
    good = learnt(SPEC, PICTURES[:9], {"channels": 16}).statistics()
    broken = {**good.arrays, **wrong}
    if "channels" in wrong:
        broken["chosen"] = np.arange(26, 42)
    with pytest.raises(ProfileError, match="do not fit together"):
        SPEC.head(Statistics(broken, good.counts), {})
    with pytest.raises(ProfileError, match="do not fit together"):
        SPEC.head(replace(good, counts={}), {})


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"channels": 1.5}, "whole number from 0 to 4096"),
        ({"prior": "flat"}, "one of identity, pooled"),
        ({"ridge": 0}, "above 0"),
        ({"shrinkage": 0.1}, "padim has no setting “shrinkage”"),
    ],
)
def test_impossible_settings_are_refused(given_: dict[str, object], says: str) -> None:
    with pytest.raises(RequestError, match=says):
        SPEC.check(given_)


def test_parts_with_another_choice_of_channels_do_not_merge() -> None:
    one = learnt(SPEC, PICTURES[:2], {"channels": 10})
    other = PadimAccumulator((26, 16), SPEC.check({"channels": 10, "seed": 1}))
    other.add(UNSEEN)
    with pytest.raises(ValueError, match="chosen channels differ"):
        one.merge(other)


def test_a_picture_computed_again_on_other_threads_can_be_taken_out() -> None:
    """Its last bits may differ; another picture is still refused."""
    rng = np.random.default_rng(3)
    pictures = [rng.normal(size=(6, 4)).astype(np.float32) for _ in range(3)]
    store = PositionPictures(6, 4)
    for picture in pictures:
        store.add(picture)
    again = store.empty()
    again.add(np.nextafter(pictures[1], np.float32(9)))
    store.subtract(again)
    assert np.array_equal(store.arrays()["pictures"], np.stack([pictures[0], pictures[2]]))
    other = store.empty()
    other.add(pictures[1])
    with pytest.raises(ValueError, match="added before"):
        store.subtract(other)
