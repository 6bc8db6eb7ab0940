"""Pictures as bytes: what goes out is what was there."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.results.encode import encode_jpeg, encode_png, stretch_map, with_caption


def colours() -> ByteImage:
    y, x = np.mgrid[0:40, 0:60]
    return np.asarray(np.stack([x * 4, y * 6, 255 - x * 2], axis=2), np.uint8)


def test_png_is_lossless_and_red_stays_red() -> None:
    data = encode_png(colours())
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), colours())


def test_jpeg_keeps_colours_and_sharp_colour_edges() -> None:
    edge = np.zeros((32, 32, 3), np.uint8)
    edge[:, :15], edge[:, 15:] = (200, 30, 30), (30, 30, 200)
    for pixels, worst in ((colours(), 12), (edge, 40)):
        image = Image.open(io.BytesIO(encode_jpeg(pixels)))
        assert image.format == "JPEG"
        assert np.abs(np.asarray(image).astype(int) - pixels).max() < worst
    assert len(encode_jpeg(colours(), 40)) < len(encode_jpeg(colours(), 95))


def test_a_stretched_map_never_grows_hotter() -> None:
    score_map = np.random.default_rng(2).random((7, 9)).astype(np.float32)
    grown = stretch_map(score_map, 131, 202)
    assert grown.shape == (131, 202)
    assert grown.dtype == np.float32
    assert score_map.min() <= grown.min() <= grown.max() <= score_map.max()


def test_a_hot_cell_lies_over_its_own_part_of_the_picture() -> None:
    score_map = np.zeros((8, 10), np.float32)
    score_map[2, 7] = 1.0
    y, x = divmod(int(np.argmax(stretch_map(score_map, 160, 200))), 200)
    assert (y // 20, x // 20) == (2, 7)
    assert abs(y - 50) <= 10
    assert abs(x - 150) <= 10


@pytest.mark.parametrize("size", [(1, 1), (12, 20), (90, 120), (600, 800)])
def test_a_caption_stands_below_the_untouched_picture(size: tuple[int, int]) -> None:
    pixels = np.full((*size, 3), 99, np.uint8)
    found = with_caption(pixels, "REVIEW", "1.23 × しきい値", (245, 184, 74))
    assert found.shape[1] == size[1]
    assert found.shape[0] > size[0]
    assert (found[: size[0]] == 99).all()


def test_a_caption_is_written_in_the_colour_of_the_verdict() -> None:
    strip = with_caption(np.zeros((100, 300, 3), np.uint8), "NG", "2.00", (255, 138, 122))[100:]
    assert (strip.reshape(-1, 3) == (255, 138, 122)).all(axis=1).any()
    assert (strip.reshape(-1, 3) == (226, 230, 235)).all(axis=1).any()
