"""Displacement: how far a scene lies from where it lay in other pictures, by phase correlation."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.arrays import Float32

_SIDE = 128
_REACH = 0.15
"""A longer move than this share of the longer side is not looked for."""
_CLEAR = 7.0
"""So many times its ordinary ripple the correlation's peak must be high to mean anything."""
_PASS = 0.2
"""Details finer than this many cycles per cell count little: they are noise."""

Spectrum = NDArray[np.complex64]


class Displacement:
    """Compares scenes with those it was built from: grey levels 0..255, all of one shape (h, w).

    Parts that have nothing in common, such as bare textures, show no displacement: it is 0.
    ``each``: how far each of them lies from the others, as a share of its longer side; ``None``
    where nothing shows. ``among_themselves``: those that are known.
    """

    def __init__(self, scenes: Sequence[Float32]) -> None:
        small = [_small(scene) for scene in scenes]
        self._usable = bool(small) and min(small[0].shape) >= 8
        self.among_themselves: tuple[float, ...] = ()
        self.each: tuple[float | None, ...] = (None,) * len(scenes)
        if not self._usable:
            return
        height, width = small[0].shape
        self._shape = (height, width)
        self._window = np.outer(_hann(height), _hann(width))
        frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
        self._soft = np.exp(-((frequency / _PASS) ** 2)).astype(np.float32)
        spectra = [self._spectrum(s) for s in small]
        self._others: Spectrum = np.asarray(sum(s.conj() for s in spectra), np.complex64)
        if len(spectra) > 1:
            found = [self._place(s, self._others - s.conj()) for s in spectra]
            self._usable = sum(f is not None for f in found) * 2 > len(found)
            self.among_themselves = tuple(math.hypot(*f) for f in found if f is not None)
            self.each = tuple(None if f is None else math.hypot(*f) for f in found)

    def of(self, scene: Float32) -> float:
        """Return how far a scene (h, w) was moved, as a share of its longer side; 0: none shows."""
        return math.hypot(*(self.offset(scene) or (0.0, 0.0)))

    def offset(self, scene: Float32) -> tuple[float, float] | None:
        """Return by how much a scene (h, w) was moved to the right and down; ``None``: none shows.

        Both are shares of the longer side.
        """
        if not self._usable:
            return None
        return self._place(self._spectrum(_small(scene)), self._others)

    def _spectrum(self, scene: Float32) -> Spectrum:
        spectrum = np.fft.rfft2((scene - scene.mean()) * self._window)
        return np.asarray(spectrum / (np.abs(spectrum) + 1e-6), np.complex64)

    def _place(self, spectrum: Spectrum, others: Spectrum) -> tuple[float, float] | None:
        height, width = self._shape
        surface = np.fft.irfft2(spectrum * others * self._soft, s=self._shape)
        reach = max(2, round(_REACH * max(height, width)))
        up, left = min(reach, height // 2 - 1), min(reach, width // 2 - 1)
        near = np.roll(surface, (up, left), (0, 1))[: 2 * up + 1, : 2 * left + 1]
        row, column = np.unravel_index(int(near.argmax()), near.shape)
        if float(near[row, column]) < _CLEAR * float(surface.std()):
            return None
        down = _between(near[:, column], int(row)) - up
        across = _between(near[row, :], int(column)) - left
        return across / max(height, width), down / max(height, width)


def _between(line: NDArray[np.floating], at: int) -> float:
    """Return where the peak near ``at`` lies, to a fraction of a cell (parabola)."""
    if not 0 < at < len(line) - 1:
        return float(at)
    low, top, high = (float(v) for v in line[at - 1 : at + 2])
    bend = low - 2 * top + high
    return at + (0.5 * (low - high) / bend if bend < 0 else 0.0)


def _small(scene: Float32) -> Float32:
    """Return the scene with at most ``_SIDE`` cells along its longer side, means of blocks."""
    return blocks(scene, max(1, math.ceil(max(scene.shape) / _SIDE)))


def blocks(scene: Float32, block: int) -> Float32:
    """Return the means of ``block`` x ``block`` cells of a map (h, w); the rest is cut."""
    block = max(1, min(block, *scene.shape))
    rows, columns = scene.shape[0] // block, scene.shape[1] // block
    cut = scene[: rows * block, : columns * block].reshape(rows, block, columns, block)
    return np.asarray(cut.mean(axis=(1, 3)), np.float32)


def _hann(size: int) -> Float32:
    return np.asarray(np.hanning(size + 2)[1:-1], np.float32)
