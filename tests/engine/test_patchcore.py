"""patchcore: patches, distances and weights by the paper, the bank, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load, save

from deeprx_gui.domain.arrays import Float64
from deeprx_gui.domain.errors import FitError, ProfileError, RequestError
from deeprx_gui.domain.profile import Scoring
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.bank_head import BankHead, patch_at, patches
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.patchcore import SPEC
from deeprx_gui.engine.detectors.stored_statistics import AnyArray
from deeprx_gui.engine.engine import score_of
from deeprx_gui.engine.learner import Learner
from deeprx_gui.engine.spool import Spool
from deeprx_gui.engine.tap_maps import TapMaps
from tests.engine.detector_oracles import head_of, learnt
from tests.engine.oracles import Shape, interpolated, made_taps

SHAPES: list[Shape] = [(6, 4, 5), (5, 8, 10)]
PICTURES = [made_taps(SHAPES, seed) for seed in range(12)]
UNSEEN = made_taps(SHAPES, seed=77, mean=5.0)
ALL = {"bank": 1000}


def wanted_patches(taps: TapMaps) -> Float64:
    """3 x 3 means by torch with zeros outside, then bilinear interpolation."""
    out = []
    for m in taps.maps:
        mean = torch.nn.functional.avg_pool2d(torch.from_numpy(m)[None], 3, stride=1, padding=1)
        out.append(interpolated(mean[0].numpy(), *taps.grid))
    every = np.concatenate(out)
    return np.asarray(every.reshape(len(every), -1).T)


def test_patches_are_averaged_then_enlarged() -> None:
    assert np.allclose(patches(UNSEEN), wanted_patches(UNSEEN), rtol=1e-4, atol=1e-4)
    at = patches(UNSEEN).reshape(8, 10, -1)
    assert np.allclose(patch_at(UNSEEN, 7, 3), at[7, 3], rtol=1e-5, atol=1e-5)


def test_scores_are_distances_to_the_nearest_normal_patch() -> None:
    """A bank that is large enough holds everything."""
    head = head_of(SPEC, PICTURES[:9], {**ALL})
    bank = np.concatenate([wanted_patches(p) for p in PICTURES[:9]])
    away = np.linalg.norm(wanted_patches(UNSEEN)[:, None] - bank[None], axis=2).min(axis=1)
    found = head.score_map(UNSEEN)
    assert found.dtype == np.float32
    assert np.allclose(found, away.reshape(8, 10), rtol=1e-4)
    assert head.score_map(PICTURES[0]).max() < 1e-3


def test_the_weight_is_equation_seven() -> None:
    head = head_of(SPEC, PICTURES[:9], {**ALL, "neighbours": 4})
    assert isinstance(head, BankHead)
    bank = head.bank.astype(np.float64)
    patch = wanted_patches(UNSEEN).reshape(8, 10, -1)[2, 6]
    away = np.linalg.norm(bank - patch, axis=1)
    best = int(away.argmin())
    near = np.linalg.norm(bank - bank[best], axis=1).argsort()[:4]
    wanted = 1 - np.exp(away[best]) / np.exp(away[near]).sum()
    assert head.weight(UNSEEN, 2, 6) == pytest.approx(wanted, rel=1e-4)


def test_the_score_and_its_map_carry_the_weight() -> None:
    head, plain = (head_of(SPEC, PICTURES, {**ALL, "neighbours": n}) for n in (9, 0))
    weighed, coloured = score_of(head, UNSEEN, Scoring())
    raw, _ = score_of(plain, UNSEEN, Scoring())
    assert 0 < weighed < raw
    assert weighed == pytest.approx(float(coloured.max()), rel=1e-6)


def test_a_doubled_bank_has_finite_weights() -> None:
    bank = np.ones((20, 11), np.float32)
    head = BankHead(bank, (6, 5), 9)
    far = TapMaps(tuple(m * 1e4 for m in UNSEEN.maps))
    assert head.weight(far, 0, 0) == pytest.approx(1 - 1 / 9)


@pytest.mark.parametrize("doubles", [1, 3])
def test_the_neighbours_are_those_of_brute_force(doubles: int) -> None:
    rows = np.random.default_rng(3).normal(5, 1, (200, 11)).astype(np.float32)
    bank = np.repeat(rows, doubles, axis=0)
    head = BankHead(bank, (6, 5), 9)
    for best in range(0, len(bank), 37):
        away = np.linalg.norm(bank.astype(np.float64) - bank[best], axis=1)
        found = head._around(best, 9)
        assert best in found
        assert len(np.unique(found)) == 9
        assert np.allclose(np.sort(away[found]), np.sort(away)[:9], rtol=1e-5, atol=1e-6)


def test_a_small_bank_stays_close_to_the_whole() -> None:
    small = head_of(SPEC, PICTURES, {"bank": 300}).score_map(UNSEEN)
    whole = head_of(SPEC, PICTURES, {"bank": 1000}).score_map(UNSEEN)
    assert (small >= whole - 1e-4).all()
    assert np.median(small / whole) < 1.3


def test_the_same_seed_gives_the_same_bank() -> None:
    def bank(seed: int) -> AnyArray:
        given: dict[str, object] = {"bank": 200, "projection": 5, "seed": seed}
        return learnt(SPEC, PICTURES, given).statistics().arrays["bank"]

    assert np.array_equal(bank(1), bank(1))
    assert not np.array_equal(bank(1), bank(2))


def test_held_out_scores_never_know_the_picture(tmp_path: Path) -> None:
    """Each is scored by the banks of the other folds: twelve pictures, ten folds."""
    with Spool(tmp_path) as spool:
        learner = Learner(SPEC, ALL, len(PICTURES), spool)
        for position, picture in enumerate(PICTURES):
            learner.add(position, picture)
        found = dict(learner.held_out(learner.total(), Scoring()))
        groups = learner.plan().groups
    assert sorted(i for group in groups for i in group) == list(range(12))
    for group in groups:
        others = [p for i, p in enumerate(PICTURES) if i not in group]
        head = head_of(SPEC, others, dict(learner.settings))
        for i in group:
            assert found[i] == pytest.approx(score_of(head, PICTURES[i], Scoring())[0], rel=1e-3)


def test_statistics_survive_the_file_to_the_last_bit() -> None:
    before = learnt(SPEC, PICTURES).statistics()
    after = Statistics(load(save(dict(before.arrays))), before.counts)
    a, b = (SPEC.head(s, {}).score_map(UNSEEN) for s in (before, after))
    assert np.array_equal(a, b)


def test_the_bank_follows_from_the_memory() -> None:
    def settled(**more: object) -> float:
        extent = FitExtent((256, 128), (64, 64), 5000)
        found = SPEC.settle(SPEC.check(more), extent)
        assert SPEC.megabytes(found, extent) <= float(str(found["megabytes"]))
        return float(str(found["bank"]))

    assert settled() == 3000
    assert 100 < settled(megabytes=300) < 3000
    with pytest.raises(FitError, match="MB are allowed"):
        settled(megabytes=60)


def test_nothing_is_refused_and_no_picture_comes_out_again() -> None:
    with pytest.raises(FitError, match="no structure"):
        learnt(SPEC, PICTURES[:1]).empty().statistics()
    one = learnt(SPEC, PICTURES[:2])
    with pytest.raises(TypeError, match="take pictures out"):
        one.without(one)


@pytest.mark.parametrize(
    "wrong",
    [
        {"bank": np.zeros((3, 10))},
        {"bank": np.zeros(11)},
        {"bank": np.zeros((0, 11))},
        {"bank": np.zeros((3, 11), np.int64)},
        {"channels": np.array([6, 6])},
        {"channels": np.array([12, -1])},
    ],
    ids=str,
)
def test_made_up_statistics_are_refused(wrong: dict[str, AnyArray]) -> None:
    good = learnt(SPEC, PICTURES[:3]).statistics()
    with pytest.raises(ProfileError, match="do not fit together"):
        SPEC.head(Statistics({**good.arrays, **wrong}, good.counts), {})
    with pytest.raises(ProfileError, match="do not fit together"):
        SPEC.head(replace(good, counts={}), {})


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(RequestError, match="whole number from 100 to"):
        SPEC.check({"bank": 5})
