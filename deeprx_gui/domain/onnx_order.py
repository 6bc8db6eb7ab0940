"""How an ONNX network is to be imported, and what can be told of one beforehand."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import say

Colours = tuple[float, float, float]
_PLAIN = re.compile(r"[\w./:,+=@%-]+")
"""A word that no shell, on Windows or elsewhere, takes apart."""
IMAGENET_MEAN: Colours = (0.485, 0.456, 0.406)
IMAGENET_STD: Colours = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class OnnxOrder:
    """``taps``: names of layers. ``mean``, ``std``: per RGB channel, for pixels 0 to ``white``.

    ``white``: 1 or 255; ``None``: 1 where no number is above 1, else 255. ``multiple``: what the
    sides of a picture must be multiples of; ``None``: found out. ``size``: of pictures, where the
    file leaves it open. ``name``: of the backbone; empty: that of the file.
    """

    taps: tuple[str, ...]
    mean: Colours = IMAGENET_MEAN
    std: Colours = IMAGENET_STD
    white: int | None = None
    multiple: int | None = None
    size: int | None = None
    name: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        """Raise RequestError for what no network can have."""
        numbers = (*self.mean, *self.std)
        if not all(map(math.isfinite, numbers)) or min(self.std) <= 0 or max(numbers) > 1e6:
            raise RequestError(
                say(
                    "Mean and standard deviation are three numbers each, for red, green and blue; "
                    "the deviations are greater than 0."
                )
            )

    @property
    def full_scale(self) -> int:
        """What a white pixel is where ``mean`` and ``std`` come from."""
        return self.white or (1 if max(*self.mean, *self.std) <= 1 else 255)

    @property
    def pixel_mean(self) -> Colours:
        """The mean for pixels 0..255."""
        return self._in_pixels(self.mean)

    @property
    def pixel_std(self) -> Colours:
        """The standard deviation for pixels 0..255."""
        return self._in_pixels(self.std)

    def _in_pixels(self, numbers: Colours) -> Colours:
        factor = 255 / self.full_scale
        red, green, blue = (round(n * factor, 9) for n in numbers)
        return red, green, blue

    def words(self, file: str) -> str:
        """Return the command that imports the same network on another PC."""
        said = ["deeprx", "backbones", "import", file, "--taps", ",".join(self.taps)]
        said += ["--mean", _joined(self.mean), "--std", _joined(self.std)]
        for option, value in (
            ("--white", self.white),
            ("--size-multiple", self.multiple),
            ("--size", self.size),
            ("--name", self.name),
        ):
            said += [option, str(value)] if value else []
        return " ".join(word if _PLAIN.fullmatch(word) else f'"{word}"' for word in said)


def _joined(numbers: Sequence[float]) -> str:
    return ",".join(f"{n:g}" for n in numbers)


@dataclass(frozen=True)
class LayerInfo:
    """A layer that can be tapped.

    ``tokens``: of a transformer, turned into a grid. ``ends_block``: a block of layers ends here.
    """

    name: str
    stride: int
    channels: int
    tokens: bool
    ends_block: bool
    suggested: bool


@dataclass(frozen=True)
class OnnxContents:
    """What an ONNX file offers. ``size``: the picture size it was made for."""

    file: str
    size: int
    layers: tuple[LayerInfo, ...]
