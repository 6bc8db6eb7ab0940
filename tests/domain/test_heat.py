"""The heat map: one fixed scale, nothing loud up to the limit, everything above it coloured."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.heat import (
    LEVELS,
    QUIET_FROM,
    SATURATION,
    SPAN,
    colour_table,
    colours,
    overlay_rgb,
    quantise,
    quiet_colours,
)
from deeprx_gui.domain.limits import Limits

UNIT = 7.3
LIMITS = Limits(UNIT, 9.0)
LEVEL = SPAN * UNIT / (LEVELS - 1)
"""One step of the quantised map, in raw distance."""


def alpha(argb: object) -> int:
    return int(np.asarray(argb)) >> 24


def colour_of(score: float, limits: Limits = LIMITS, unit: float = UNIT) -> int:
    level = quantise(np.array([[score]], np.float32), unit)
    return int(colour_table(limits, unit)[level][0, 0])


def rgb(argb: int) -> tuple[int, int, int]:
    return (argb >> 16) & 255, (argb >> 8) & 255, argb & 255


def test_quantising_is_linear_and_clamped() -> None:
    scores = np.array([[0.0, UNIT, 2 * UNIT, SPAN * UNIT, 1e9, -3.0]], np.float32)
    found = quantise(scores, UNIT)
    assert found.dtype == np.uint16
    assert found.tolist() == [[0, 8192, 16384, 65535, 65535, 0]]


def test_what_could_not_be_measured_is_seen() -> None:
    broken = np.array([[np.nan, np.inf, -np.inf]], np.float32)
    assert quantise(broken, UNIT).tolist() == [[65535, 65535, 0]]
    assert alpha(colour_of(float("nan"))) > 0


@given(st.floats(0.05, 7.9), st.floats(0.1, 500))
def test_transparent_at_and_below_the_limit_coloured_above(times: float, unit: float) -> None:
    """``times``: the limit was dragged to this multiple of the suggested one."""
    limits = Limits(times * unit, 2 * times * unit)
    level = SPAN * unit / (LEVELS - 1)
    for below in (0.0, 0.5 * limits.review, limits.review - level, limits.review):
        score = np.float32(below)
        if score <= limits.review:
            assert alpha(colour_of(float(score), limits, unit)) == 0
    for above in (limits.review + 1.01 * level, limits.review * 1.01 + level):
        assert alpha(colour_of(above, limits, unit)) > 0


def test_the_limit_exactly_between_two_levels_is_transparent() -> None:
    for level in range(1, 60_000, 997):
        middle = (level + 0.5) * SPAN / (LEVELS - 1)
        score = np.nextafter(np.float32(middle), np.float32(0))
        limits = Limits(middle, 100.0)
        assert alpha(colour_of(float(score), limits, 1.0)) == 0
        assert alpha(colour_table(limits, 1.0)[level + 1]) == 0  # what rounding up would pick


def test_hotter_is_never_paler_and_runs_from_yellow_to_magenta() -> None:
    found = colours(np.linspace(1.0001, 4, 400, dtype=np.float64))
    assert (np.diff(found[:, 3]) >= 0).all()
    luminance = found[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) <= 1e-9).all()  # the order survives a grey print
    assert rgb(colour_of(1.001 * UNIT))[0] > 250  # yellow: red and green
    assert rgb(colour_of(1.001 * UNIT))[1] > 200
    red, green, blue = rgb(colour_of(3 * UNIT))  # magenta: red and blue
    assert green < 30 < blue < red


def test_the_colours_spread_over_where_real_scores_lie() -> None:
    shown = [rgb(colour_of(times * UNIT)) for times in (1.01, 1.13, 1.25, 1.38, 1.5)]
    steps = [int(np.abs(np.subtract(a, b)).max()) for a, b in pairwise(shown)]
    assert min(steps) >= 40, steps  # each eighth of the way looks different
    assert colour_of(1.51 * UNIT) == colour_of(3 * UNIT) == colour_of(1e6)


@given(st.floats(0.3, 7.9), st.floats(0.3, 7.0))
def test_a_moved_limit_changes_no_colour_only_where_colour_begins(score: float, at: float) -> None:
    moved = Limits(at * UNIT, 2 * at * UNIT, unit=UNIT)
    found, before = colour_of(score * UNIT, moved), colour_of(score * UNIT, Limits(UNIT / 5, UNIT))
    if score > at * 1.001 + 0.001:
        assert found == before
    elif score <= at:
        assert alpha(found) == 0


def quiet_of(times: float, limits: Limits = LIMITS) -> int:
    level = quantise(np.array([[times * UNIT]], np.float32), UNIT)
    return int(colour_table(limits, UNIT, below=True)[level][0, 0])


def test_below_the_limit_the_quiet_scale_shows_how_close_a_place_came() -> None:
    assert alpha(colour_of(0.98 * UNIT)) == 0  # off unless a person asks for it
    shown = [alpha(quiet_of(times)) for times in (0.3, 0.49, 0.6, 0.8, 0.99)]
    assert shown[:2] == [0, 0]
    assert 0 < shown[2] < shown[3] < shown[4] < alpha(quiet_of(1.01))  # quieter than any finding
    red, _green, blue = rgb(quiet_of(0.99))
    assert blue > red  # blue: nobody takes it for yellow
    red, _green, blue = rgb(quiet_of(1.01))
    assert red > blue


def test_the_quiet_scale_reaches_up_to_a_raised_limit_and_no_further() -> None:
    raised, lowered = Limits(1.3 * UNIT, 2 * UNIT), Limits(0.7 * UNIT, UNIT)
    assert quiet_of(1.29, raised) & 0xFFFFFF == quiet_of(1.0) & 0xFFFFFF
    assert quiet_of(1.31, raised) == colour_of(1.31 * UNIT)
    assert quiet_of(0.71, lowered) == colour_of(0.71 * UNIT, lowered)
    assert quiet_of(0.69, lowered) == quiet_of(0.69)


def test_the_fixed_scale_does_not_depend_on_the_picture() -> None:
    calm, wild = np.full((4, 4), 6.0, np.float32), np.full((4, 4), 6.0, np.float32)
    wild[0, 0] = 500
    table = colour_table(LIMITS, UNIT)
    assert np.array_equal(table[quantise(calm, UNIT)][1:], table[quantise(wild, UNIT)][1:])
    assert (table[quantise(calm, UNIT)] >> 24 == 0).all()  # a normal part is not red


@pytest.mark.parametrize(
    ("opacity", "most"), [(0.0, 0), (0.5, 113), (1.0, 225), (7.0, 225), (-1, 0)]
)
def test_opacity_scales_the_alpha_only(opacity: float, most: int) -> None:
    table, full = colour_table(LIMITS, UNIT, opacity), colour_table(LIMITS, UNIT)
    assert table.dtype == np.uint32
    assert table.shape == (LEVELS,)
    assert abs(int((table >> 24).max()) - most) <= 1
    assert np.array_equal(table & 0xFFFFFF, full & 0xFFFFFF)


@pytest.mark.parametrize("below", [False, True])
@given(times=st.floats(0.01, 50))
def test_the_quick_table_agrees_with_the_exact_colours(below: bool, times: float) -> None:
    table = colour_table(Limits(UNIT * times, UNIT * times), UNIT, below=below)
    levels = np.arange(0, LEVELS, 331)
    at = np.asarray(levels * (SPAN / (LEVELS - 1)), np.float64)
    apart = np.abs(at - times) > 2 * SPAN / LEVELS  # from the very limit
    picked = table[levels]
    found = np.stack([(picked >> s) & 255 for s in (16, 8, 0, 24)], axis=1).astype(float)
    hot, cold = apart & (at > times), apart & (at < times)
    assert np.abs(found[hot] - colours(at)[hot]).max(initial=0) <= 0.5
    if below:
        assert np.abs(found[cold] - quiet_colours(at)[cold]).max(initial=0) <= 0.5
    else:
        assert (found[cold, 3] == 0).all()


def test_every_level_of_both_scales_is_as_loud_as_it_should_be() -> None:
    steps = np.linspace(QUIET_FROM + 0.01, SATURATION, 200, dtype=np.float64)
    assert (np.diff(quiet_colours(steps)[:, 3]) >= 0).all()
    assert quiet_colours(steps)[:, 3].max() < colours(steps)[:, 3].min()


def picture() -> ByteImage:
    return np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def test_only_hot_pixels_are_painted_and_the_picture_is_kept() -> None:
    pixels, score_map = picture(), np.full((6, 8), UNIT, np.float32)
    kept = pixels.copy()
    score_map[2, 3:5] = 2.5 * UNIT
    out = overlay_rgb(pixels, score_map, LIMITS, UNIT, opacity=1.0)
    hot = score_map > UNIT
    assert np.array_equal(pixels, kept)
    assert np.array_equal(out[~hot], pixels[~hot])
    assert (out[hot] != pixels[hot]).any(axis=1).all()


def test_the_blend_is_that_of_the_colour_and_its_alpha() -> None:
    pixels, score_map = picture(), np.full((6, 8), 1.7 * UNIT, np.float32)
    argb = int(colour_table(LIMITS, UNIT, 0.6)[quantise(score_map, UNIT)][0, 0])
    share = (argb >> 24) / 255
    expected = np.array(rgb(argb)) * share + pixels * (1 - share)
    assert np.abs(overlay_rgb(pixels, score_map, LIMITS, UNIT) - expected).max() <= 0.51


def test_no_opacity_and_no_heat_give_the_picture_back() -> None:
    pixels = picture()
    hot: Float32 = np.full((6, 8), 5 * UNIT, np.float32)
    assert np.array_equal(overlay_rgb(pixels, hot, LIMITS, UNIT, opacity=0.0), pixels)
    cold = overlay_rgb(pixels, np.zeros_like(hot), LIMITS, UNIT)
    assert np.array_equal(cold, pixels)
    assert cold is not pixels


def test_a_pixel_that_could_not_be_measured_is_painted() -> None:
    score_map = np.zeros((6, 8), np.float32)
    score_map[1, 1] = np.nan
    out = overlay_rgb(picture(), score_map, LIMITS, UNIT)
    assert (out[1, 1] != picture()[1, 1]).any()


def test_a_map_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        overlay_rgb(picture(), np.zeros((5, 8), np.float32), LIMITS, UNIT)


def blended_everywhere(
    pixels: ByteImage, score_map: Float32, limits: Limits, opacity: float, *, below: bool
) -> ByteImage:
    """The definition, pixel by pixel: the whole map quantised, the whole table made."""
    argb = colour_table(limits, UNIT, opacity, below=below)[quantise(score_map, UNIT)]
    share = (argb >> 24).astype(np.float32)[..., None] / 255.0
    heat = np.stack([(argb >> s) & 255 for s in (16, 8, 0)], axis=-1).astype(np.float32)
    return np.asarray(np.rint(heat * share + pixels * (1.0 - share)), np.uint8)


@given(
    st.integers(0, 2**32 - 1),
    st.floats(0.01, 9.0),
    st.floats(0.0, 1.0),
    st.sampled_from([0.2, 1.0, 4.0, 20.0]),
    st.booleans(),
)
def test_the_short_cut_over_cold_places_changes_no_pixel(
    seed: int, times: float, opacity: float, hottest: float, below: bool
) -> None:
    """``times``: where the limit was dragged to; ``hottest``: up to where the map reaches."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (9, 14, 3), np.uint8)
    score_map = (rng.random((9, 14)) * hottest * UNIT).astype(np.float32)
    score_map[0, :3] = times * UNIT, np.nan, np.inf
    limits = Limits(times * UNIT, 2 * times * UNIT)
    found = overlay_rgb(pixels, score_map, limits, UNIT, opacity, below=below)
    whole = blended_everywhere(pixels, score_map, limits, opacity, below=below)
    assert np.array_equal(found, whole)
