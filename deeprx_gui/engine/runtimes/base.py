"""What a runtime is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.message import Message
from deeprx_gui.engine.backbones.autoencoder import AutoencoderNetwork
from deeprx_gui.engine.backbones.weights import Weights
from deeprx_gui.engine.heads import Head
from deeprx_gui.engine.tap_maps import TapMaps

MapWithTaps = tuple[Float32, TapMaps]
"""A raw score map and the feature maps it was made from."""


@dataclass(frozen=True)
class RuntimeInfo:
    """What computes here: ``name`` for files and JSON, ``device`` as the maker calls it."""

    name: str
    device: str


class Extractor(Protocol):
    """One backbone on one runtime."""

    @property
    def info(self) -> RuntimeInfo:
        """What computes."""
        ...

    def taps(self, pixels: ByteImage) -> TapMaps:
        """Return the feature maps of prepared pixels (h, w, 3), coarsest first, in memory."""
        ...

    def compute(self, pixels: ByteImage) -> None:
        """Compute the feature maps and leave them where they are: what the backbone alone costs."""
        ...

    def scorer(self, head: Head) -> Callable[[ByteImage], Float32]:
        """Return the function from prepared pixels to the raw score map, kept on the device."""
        ...

    def scorer_with_taps(self, head: Head) -> Callable[[ByteImage], MapWithTaps]:
        """Return as ``scorer``, for a head that also needs the feature maps: both in memory.

        The head is one that treats all positions alike (no ``SupportsHomeGrid``).
        """
        ...


def numpy_scorer_with_taps(extractor: Extractor, head: Head) -> Callable[[ByteImage], MapWithTaps]:
    """Return the ``scorer_with_taps`` of a head that the runtime does not know."""

    def run(pixels: ByteImage) -> MapWithTaps:
        taps = extractor.taps(pixels)
        return head.score_map(taps), taps

    return run


@dataclass(frozen=True)
class RuntimeSpec:
    """One entry of the table.

    ``available`` answers ``None`` when the runtime can run here, else why not; ``open`` is an
    ``Opener``. Both are ``module:function`` and imported only when asked: they load the heavy
    libraries.
    """

    name: str
    title: Message
    available: str
    open: str


class Opener(Protocol):
    """Loads a backbone's weights, or takes a network that a fit taught; ``taps`` finest first.

    ``cache`` is a folder for what is prepared for this PC; ``None``: nothing is kept.
    """

    def __call__(
        self, weights: Weights | AutoencoderNetwork, taps: tuple[int, ...], cache: Path | None, /
    ) -> Extractor:
        """Return the backbone, ready to run."""
        ...
