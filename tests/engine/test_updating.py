"""What was learnt goes on where the fit ended: the same as a fit of all pictures, to 1e-6."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.profile import BackboneChoice, DetectorChoice, Scoring
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.engine.detectors.base import DetectorSpec, FitExtent
from deeprx_gui.engine.detectors.table import DETECTORS
from deeprx_gui.engine.engine import score_of
from deeprx_gui.engine.grid_masks import GridMasks
from deeprx_gui.engine.tap_maps import TapMaps
from deeprx_gui.engine.updating import update, why_not
from tests.engine.detector_oracles import same_statistics
from tests.engine.oracles import Shape, made_taps
from tests.made_profile import made_profile

SHAPES: list[Shape] = [(3, 2, 3), (2, 4, 6)]
COLOURS: list[Shape] = [(3, 4, 6)]
OLD, NEW = 7, 3
CAN = [spec for spec in DETECTORS.values() if spec.resume is not None]
EACH = pytest.mark.parametrize("spec", CAN, ids=lambda spec: spec.name)


def pictures(spec: DetectorSpec, *, region: bool = False) -> list[TapMaps]:
    shapes = COLOURS if spec.pixels else SHAPES
    found = [made_taps(shapes, seed) for seed in range(OLD + NEW)]
    if not region:
        return found
    height, width = found[0].grid
    inside = np.zeros((height, width), bool)
    inside[1:, 2:] = True
    return [replace(taps, cells=GridMasks(inside, inside)) for taps in found]


def fitted(
    spec: DetectorSpec, looks: list[TapMaps], settings: dict[str, object]
) -> tuple[Statistics, dict[str, object]]:
    first = looks[0]
    full = spec.settle(spec.check(settings), FitExtent(first.channels, first.grid, len(looks)))
    learnt = spec.accumulator(first.channels, full)
    for taps in looks:
        learnt.add(taps)
    return learnt.statistics(), dict(full)


def updated(
    spec: DetectorSpec, looks: list[TapMaps], settings: dict[str, object], **scoring: object
) -> tuple[Statistics, tuple[float, ...], dict[str, object]]:
    statistics, full = fitted(spec, looks[:OLD], settings)
    profile = made_profile(
        detector=DetectorChoice(spec.name, full),
        statistics=statistics,
        scoring=Scoring(**scoring),  # type: ignore[arg-type]
    )
    made = update(profile, looks[OLD:], Parts.each(NEW))
    return made.statistics, made.scores, full


@EACH
@pytest.mark.parametrize("region", [False, True], ids=["whole", "region"])
def test_an_update_is_a_refit(spec: DetectorSpec, region: bool) -> None:
    looks = pictures(spec, region=region)
    statistics, _, _ = updated(spec, looks, {})
    refit, _ = fitted(spec, looks, {})
    assert same_statistics(statistics, refit, 1e-6)


@EACH
@pytest.mark.parametrize("scoring", [{}, {"sigma": 0.0, "reduce": "top1"}], ids=["max", "top1"])
def test_new_pictures_get_the_scores_a_refit_without_them_gives(
    spec: DetectorSpec, scoring: dict[str, object]
) -> None:
    looks = pictures(spec)
    _, scores, full = updated(spec, looks, {}, **scoring)
    for place in range(NEW):
        others = looks[: OLD + place] + looks[OLD + place + 1 :]
        statistics, _ = fitted(spec, others, {})
        head = spec.head(statistics, full)
        wanted = score_of(head, looks[OLD + place], Scoring(**scoring))[0]  # type: ignore[arg-type]
        assert scores[place] == pytest.approx(wanted, rel=1e-6)


@pytest.mark.parametrize(
    "settings",
    [
        {"keep": "sums"},
        {"keep": "pictures"},
        {"keep": "pictures", "precision": "float16"},
        {"keep": "sums", "prior": "pooled"},
    ],
    ids=str,
)
def test_whatever_padim_keeps(settings: dict[str, object]) -> None:
    spec = DETECTORS["padim"]
    looks = pictures(spec)
    statistics, _, full = updated(spec, looks, settings)
    refit, _ = fitted(spec, looks, settings)
    unseen = made_taps(SHAPES, seed=99, mean=4.0)
    a, b = (spec.head(each, full).score_map(unseen) for each in (statistics, refit))
    assert np.allclose(a, b, rtol=1e-6)


def test_pictures_of_one_part_are_checked_without_each_other() -> None:
    spec = DETECTORS["deep-rx"]
    looks = pictures(spec)
    statistics, full = fitted(spec, looks[:OLD], {})
    profile = made_profile(detector=DetectorChoice(spec.name, full), statistics=statistics)
    together = update(profile, looks[OLD : OLD + 2], Parts((0, 0))).scores
    head = spec.head(statistics, full)
    for taps, score in zip(looks[OLD:], together, strict=False):
        assert score == pytest.approx(score_of(head, taps, Scoring())[0], rel=1e-6)


def test_who_cannot_be_updated_says_why() -> None:
    for spec in DETECTORS.values():
        profile = made_profile(detector=DetectorChoice(spec.name, spec.check({})))
        assert (why_not(profile) is None) == (spec.resume is not None), spec.name
    normalised = made_profile(scoring=Scoring(normalise="position"))
    taught = made_profile(backbone=BackboneChoice("autoencoder", (8,), "0" * 64))
    for profile in (normalised, taught):
        assert why_not(profile) is not None
        with pytest.raises(ValueError, match="cannot be updated"):
            update(profile, [made_taps(SHAPES, 0)], Parts.each(1))


def test_the_exact_ones_are_the_gaussians() -> None:
    assert {spec.name for spec in CAN} == {"rx", "deep-rx", "deep-rx-local", "padim"}
