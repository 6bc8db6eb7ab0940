"""Near-copies: shots of one part are found, different parts are left alone."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.parts import Parts
from deeprx_gui.engine.near_copies import Look, TangentPlanes, find_parts
from tests.engine.parts import part, texture, with_scratch

SIDE = 160


def shot(
    pixels: ByteImage,
    *,
    shift: tuple[float, float] = (0, 0),
    turn: float = 0,
    light: float = 1,
    noise: float = 0,
    jpeg: int = 0,
    crop: int = 0,
) -> ByteImage:
    """The same part photographed again."""
    height, width = pixels.shape[:2]
    matrix = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1), np.float64)
    matrix[:, 2] += shift
    moved = cv2.warpAffine(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    grain = np.random.default_rng(len(pixels) + crop).normal(0, noise, moved.shape) if noise else 0
    out = np.clip(moved * light + grain, 0, 255).astype(np.uint8)[crop : height - crop, crop:]
    if jpeg:
        _, coded = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, jpeg])
        out = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(out)


CHANGES = [
    {"shift": (1, -1)},
    {"shift": (8, 5)},
    {"turn": 1.0},
    {"light": 0.9},
    {"light": 1.1, "noise": 5.0},
    {"noise": 1.0},
    {"jpeg": 60},
    {"crop": 2},
    {"shift": (-3, 2), "turn": -1.0, "light": 1.1, "noise": 3.0, "jpeg": 75, "crop": 1},
]


def looks(pictures: list[ByteImage]) -> list[Look | None]:
    return [Look.of(picture) for picture in pictures]


@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_a_part_shot_again_is_found(change: dict[str, object]) -> None:
    pictures = [texture(seed, SIDE) for seed in range(9)]
    again = [shot(pictures[i], **change) for i in (0, 4, 7)]  # type: ignore[arg-type]
    assert find_parts(looks(pictures + again)).numbers == (*range(9), 0, 4, 7)


def test_a_burst_is_one_part_wherever_its_pictures_lie_in_the_list() -> None:
    parts = [texture(seed, SIDE) for seed in range(8)]
    pictures = [
        shot(picture, shift=(k, -k), noise=2.0, light=1 + 0.02 * k)
        for k in range(3)
        for picture in parts
    ]
    assert find_parts(looks(pictures)) == Parts.by(list(range(8)) * 3)


@pytest.mark.parametrize("make", [texture, part])
def test_different_parts_are_left_alone(make: object) -> None:
    pictures = [make(seed, 96) for seed in range(30)]  # type: ignore[operator]
    assert find_parts(looks(pictures)).count == 30


def test_uniform_parts_beside_a_few_odd_ones_are_not_taken_for_one_part() -> None:
    """All good parts differ by noise alone, which tells nothing; that is said, not acted upon."""
    pictures = [part(seed, 96, 96) for seed in range(10)]
    found = find_parts(looks([*pictures, with_scratch(pictures[0], 20, 20, 40)]))
    assert found.count == 11
    assert found.alike == 10


@given(st.permutations(range(12)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_pictures_does_not_matter(order: list[int]) -> None:
    pictures = [texture(i % 6, 96) for i in range(12)]
    mixed = find_parts(looks([shot(pictures[i], noise=1.0 + i) for i in order]))
    assert mixed == Parts.by(i % 6 for i in order)


def test_pictures_of_other_proportions_show_other_things() -> None:
    base = texture(1, 128)
    pictures = [base, base[:64], *(texture(seed, 128) for seed in range(2, 8))]
    assert find_parts(looks(pictures)).count == 8


def test_what_shows_nothing_or_cannot_be_read_is_a_part_of_its_own() -> None:
    flat = np.full((64, 64, 3), 80, np.uint8)
    black = np.zeros((1, 5, 3), np.uint8)
    given = [*looks([flat, flat, black]), None, None, *looks([texture(1, 96), texture(2, 96)])]
    assert find_parts(given) == Parts.each(7)
    assert find_parts([]) == Parts.each(0)
    assert find_parts(looks([texture(1, 96)] * 2)).count == 2, "two pictures tell nothing"


def test_light_and_contrast_do_not_count_and_a_negative_is_another_picture() -> None:
    base = texture(3, 96)
    planes = TangentPlanes(Look.of(base))
    assert planes.apart(Look.of((base // 2 + 40).astype(np.uint8))) < 0.02
    assert planes.apart(Look.of(np.asarray(255 - base, np.uint8))) == 1.0


def test_of_many_pictures_only_likely_pairs_are_compared_and_all_copies_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("deeprx_gui.engine.near_copies.MOST_PAIRS", 200)
    compared = []
    apart = TangentPlanes.apart

    def counted(planes: TangentPlanes, other: Look) -> float:
        compared.append(other)
        return apart(planes, other)

    monkeypatch.setattr(TangentPlanes, "apart", counted)
    pictures = [shot(texture(i // 2, 96), noise=2.0, shift=(i % 2, 0)) for i in range(80)]
    assert find_parts(looks(pictures)) == Parts.by(i // 2 for i in range(80))
    assert len(compared) <= 6 * 80


def test_the_only_two_of_another_shape_are_not_called_one_part() -> None:
    """They are as far apart as parts of the other shape are."""
    several = looks([part(number) for number in range(8)])
    odd = [part(20 + number, height=96, width=64) for number in range(2)]
    assert find_parts([*several, *looks(odd)]).count == 10


def test_shots_of_parts_that_each_have_a_shape_of_their_own() -> None:
    """There is nothing beside which they could stand apart, and nothing that speaks against."""
    pictures = []
    for number in range(8):
        whole = texture(number, 160)[: 80 + 10 * number]
        pictures += [whole, shot(whole, shift=(1, 1), light=1.01, noise=2)]
    assert find_parts(looks(pictures)).count == 8
