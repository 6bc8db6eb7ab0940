"""Which pictures of a stream are taken: by the clock, and when a part has arrived."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.station import Station
from deeprx_gui.work.trigger import (
    ChangeTrigger,
    IntervalTrigger,
    TriggerRule,
    differing,
    picture_selector,
    small_grey,
)
from tests.domain.scenes import Light
from tests.work.live_fakes import captured

_HEIGHT, _WIDTH, _PART = 120, 160, 40


class Belt:
    """A textured belt under a lamp and a camera with noise; the part is a disc on it."""

    def __init__(self, seed: int = 0) -> None:
        self._rng = np.random.default_rng(seed)
        y, x = np.mgrid[0:_HEIGHT, 0:_WIDTH]
        self._y, self._x = y, x
        self._empty = 70 + 10 * np.sin(x / 9) * np.cos(y / 7)

    def scene(self, at: Any = None, lamp: float = 1.0, grey: float = 150) -> ByteImage:
        """The belt with a part whose middle is at column ``at``."""
        light: Light = self._empty.copy()
        if at is not None:
            disc = np.hypot(self._y - _HEIGHT / 2, self._x - at) < _PART / 2
            light[disc] = grey + 10 * np.sin(self._x[disc] - at)
        light = light * lamp + self._rng.normal(0, 3, light.shape)
        return np.repeat(light.clip(0, 255).astype(np.uint8)[:, :, None], 3, axis=2)

    def passes(self, rest: int = 10, **light: float) -> list[ByteImage]:
        """A part slides in, stops in the middle, slides out."""
        into = [self.scene(x, **light) for x in np.arange(-20, 80, 9)]
        stays = [self.scene(80, **light) for _ in range(rest)]
        away = [self.scene(x, **light) for x in np.arange(80, 190, 9)]
        return into + stays + away

    def empty(self, count: int = 8, **light: float) -> list[ByteImage]:
        return [self.scene(**light) for _ in range(count)]


def _taken(pictures: list[ByteImage], change: float = 0.05) -> list[int]:
    arrival = ChangeTrigger(change)
    return [i for i, pixels in enumerate(pictures) if arrival.wants(captured(pixels))]


def test_one_trigger_for_each_part_and_only_when_it_lies_still() -> None:
    belt = Belt()
    before, part = belt.empty(), belt.passes()
    pictures = [*before, *part, *belt.empty(), *belt.passes(), *belt.empty()]
    taken = _taken(pictures)
    assert len(taken) == 2
    rest = len(before) + 12
    assert rest <= taken[0] < rest + 6, "soon after it stopped"
    assert abs(taken[1] - taken[0] - len(part) - len(before)) <= 2


def test_parts_that_follow_without_a_gap() -> None:
    belt = Belt(1)
    line = [belt.scene(x) for x in np.arange(80, 190, 12)]
    next_one = [belt.scene(x) for x in np.arange(-20, 80, 12)]
    both = [np.maximum(a, b) for a, b in zip(line, next_one, strict=False)]
    stays = [belt.scene(80) for _ in range(8)]
    pictures = [*belt.empty(), *next_one, *stays, *both, *stays, *both, *stays]
    assert len(_taken(pictures)) == 3


@pytest.mark.parametrize("swing", [0.05, 0.12, 0.2])
def test_a_lamp_that_flickers_takes_nothing(swing: float) -> None:
    belt = Belt(2)
    rng = np.random.default_rng(5)
    pictures = belt.empty()
    pictures += [belt.scene(lamp=1 + swing * rng.uniform(-1, 1)) for _ in range(150)]
    assert _taken(pictures) == []
    resting = [belt.scene(80, lamp=1 + swing * rng.uniform(-1, 1)) for _ in range(150)]
    assert len(_taken([*belt.empty(), *belt.passes()[:12], *resting])) == 1


def test_a_scene_that_stays_is_never_taken_twice() -> None:
    belt = Belt(3)
    assert _taken(belt.empty(200)) == []
    assert len(_taken([*belt.empty(), *belt.passes(rest=300)[:310]])) == 1


def test_daylight_that_comes_slowly_is_no_part() -> None:
    belt = Belt(4)
    pictures = [belt.scene(lamp=lamp) for lamp in np.linspace(1, 1.6, 400)]
    assert _taken(pictures) == []
    assert len(_taken([*pictures, *belt.passes(lamp=1.6), *belt.empty(lamp=1.6)])) == 1


def test_a_part_that_never_stops_is_not_taken() -> None:
    belt = Belt(6)
    moving = [belt.scene(x) for x in np.arange(-20, 190, 9)]
    assert _taken([*belt.empty(), *moving, *belt.empty()]) == []


def test_how_much_must_change_is_a_setting() -> None:
    belt = Belt(7)
    pictures = [*belt.empty(), *belt.passes(), *belt.empty()]
    assert len(_taken(pictures, change=0.02)) == 1
    assert _taken(pictures, change=0.3) == [], "the part covers 7 % of the picture"


def test_looking_again_learns_the_empty_scene_anew() -> None:
    belt = Belt(8)
    arrival = ChangeTrigger(0.05)
    pictures = [*belt.empty(), *belt.passes()]
    assert sum(arrival.wants(captured(p)) for p in pictures) == 1
    arrival.rearm()
    stays = [belt.scene(80) for _ in range(20)]
    assert not any(arrival.wants(captured(p)) for p in stays), "this is what empty looks like"


def test_pictures_of_another_size_begin_anew() -> None:
    belt = Belt(9)
    pictures = [*belt.empty(), *(p[::2, ::2] for p in belt.empty()), *belt.passes()]
    assert len(_taken(pictures)) <= 1


@pytest.mark.parametrize("shape", [(1, 1), (2, 900), (33, 31), (1080, 1920), (5, 5)])
def test_any_size_has_a_small_picture(shape: tuple[int, int]) -> None:
    pixels = np.full((*shape, 3), 77, np.uint8)
    small = small_grey(pixels)
    assert small.size <= 4096
    assert np.allclose(small, 77)
    assert differing(small, small) == 0


def test_the_timer_keeps_its_pace_and_lets_missed_ticks_go() -> None:
    ticking = IntervalTrigger(1.0)
    moments = [*np.arange(10.0, 13.0, 0.3), 17.25, 17.5, 18.1, 18.9]
    taken = [m for m in moments if ticking.wants(captured(moment=float(m)))]
    assert taken == pytest.approx([10.0, 11.2, 12.1, 17.25, 18.1])


def test_a_station_says_when_to_trigger() -> None:
    station = Station(trigger=Trigger.TIMER, every=2.5, change=0.2)
    assert TriggerRule.of(station) == TriggerRule(Trigger.TIMER, 2.5, 0.2)
    never = picture_selector(TriggerRule(Trigger.KEY))
    assert not never.wants(captured())
