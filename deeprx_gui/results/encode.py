"""The door through which pictures go out: pixels become PNG or JPEG bytes.

The only place in ``results`` that knows OpenCV. Bytes are returned, never written here: OpenCV's
own writer fails on Japanese paths on Windows.
"""

from __future__ import annotations

import cv2
import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32

Colour = tuple[int, int, int]

_PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)
_FULL_COLOUR = (cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444)


def encode_png(pixels: ByteImage) -> bytes:
    """Return an RGB picture as PNG, lossless."""
    return _encode(".png", pixels, _PNG)


def encode_jpeg(pixels: ByteImage, quality: int = 92) -> bytes:
    """Return an RGB picture as JPEG with full colour resolution; ``quality`` 1..100."""
    return _encode(".jpg", pixels, (cv2.IMWRITE_JPEG_QUALITY, quality, *_FULL_COLOUR))


def _encode(suffix: str, pixels: ByteImage, options: tuple[int, ...]) -> bytes:
    done, data = cv2.imencode(suffix, cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ValueError(f"cannot encode {pixels.shape} as {suffix}")
    return data.tobytes()


def stretch_map(score_map: Float32, height: int, width: int) -> Float32:
    """Resample a score map (h, w) to the size of its picture, bilinearly: maxima never grow."""
    grown = cv2.resize(score_map, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(grown, np.float32)


def with_caption(pixels: ByteImage, word: str, text: str, colour: Colour) -> ByteImage:
    """Return the picture with a dark strip below it: ``word`` in ``colour``, then ``text``.

    The picture itself stays as it is, at the same coordinates. What does not fit is left out, the
    word last.
    """
    width = pixels.shape[1]
    size = max(11, min(round(width / 16), 40))
    strip = np.full((size * 2, width, 3), 24, np.uint8)
    font = cv2.FontFace("sans")
    at, base = size // 2, round(size * 1.35)
    for words, ink, weight in ((word, colour, 700), (text, (226, 230, 235), 400)):
        x, _, w, _ = cv2.getTextSize((width, size * 2), words, (at, base), font, size, weight)
        if x + w > width:
            break
        end, _ = cv2.putText(strip, words, (at, base), ink, font, size, weight)
        at = end[0] + round(size * 0.8)
    return np.concatenate([pixels, strip])
