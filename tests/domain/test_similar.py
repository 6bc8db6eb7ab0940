import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.image_similarity import most_similar, signature


def _picture(seed: int, height: int = 90, width: int = 130) -> ByteImage:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 255, (6, 6, 3)).astype(np.uint8)
    return np.kron(coarse, np.ones((height // 6 + 1, width // 6 + 1, 1), np.uint8))[:height, :width]


def test_the_same_part_in_another_size_and_brightness_is_found() -> None:
    golden = [signature(_picture(seed)) for seed in range(5)]
    darker = (_picture(3, 180, 260) * 0.6).astype(np.uint8)
    assert most_similar(signature(darker), golden) == 3


def test_without_normal_images_there_is_no_closest() -> None:
    assert most_similar(signature(_picture(0)), []) is None


def test_a_picture_of_one_colour_is_compared_without_dividing_by_zero() -> None:
    black = signature(np.zeros((40, 30, 3), np.uint8))
    assert not black.any()
    assert most_similar(black, [signature(_picture(1)), black]) == 0


def test_a_picture_of_one_pixel_has_a_look_too() -> None:
    assert signature(np.full((1, 1, 3), 7, np.uint8)).shape == (3 * 24 * 24,)
