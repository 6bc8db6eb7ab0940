"""Near-copies: which pictures show the same part again, and which show different parts.

Two shots of one part differ by a small movement, by light and by noise; two parts differ in what
they are. So each pair is compared after the movement and the light between them are taken out, and
pictures count as shots of one part where they are much closer to each other than to any other
picture of this very set. The mathematics: docs/mathematics.md, "Parts".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32, Float64, Ints
from deeprx_gui.domain.parts import Parts
from deeprx_gui.engine.matching import shrink, warp_grey
from deeprx_gui.engine.resample import resize_area, smooth

ISOLATION = 0.55
"""Shots of one part are at most this share as far apart as they are from every other picture."""
MOST_APART = 0.1
"""Nor may more than this share of what a picture shows differ; larger, they are other parts."""
MOST_OF_SET = 0.25
"""More of the pictures than this are never called one part: it may be a very uniform kind."""
MOST_PAIRS = 12_000
"""So many pairs are compared closely; of more pictures only those that look alike already."""
FEWEST_NEIGHBOURS = 6
"""With so many of the most alike each picture is compared closely, however many there are."""

_SIDE = 64
_BORDER = 4
_COARSE, _COARSE_BORDER, _COARSE_SIGMA, _BLOCK = 24, 2, 1.0, 64
_SCALE = np.array([1 / 4, 10.0, 10.0])
"""One step moves by at most four cells, and turns or stretches by at most a tenth."""
_SIGMAS = (3.0, 1.5, 1.0, 1.0)
"""Smoothing in cells, step by step: wide enough at first for moves of several cells."""
_HOPELESS = 0.6
"""A pair that differs by more after the first step is not looked at again."""
_ASPECT = 0.06
"""Pictures whose proportions differ by more than this (logarithm) show different things."""
_FLAT = 0.5
"""Grey levels of deviation below which a picture shows nothing to compare."""


@dataclass(frozen=True, eq=False)
class Look:
    """A picture reduced to what is compared: grey (64, 64) float32, and its width over height."""

    grey: Float32
    aspect: float

    @classmethod
    def of(cls, pixels: ByteImage) -> Look:
        """Reduce a picture (h, w, 3); proportions are squashed to a square."""
        height, width = pixels.shape[:2]
        small = resize_area(pixels, _SIDE, _SIDE).astype(np.float32).mean(axis=2)
        return cls(np.asarray(small, np.float32), width / height)


class TangentPlanes:
    """What a picture becomes when it is moved, turned, stretched or lit otherwise, a little.

    To first order that is a plane around the picture (tangent distance, Simard et al. 1993).
    """

    def __init__(self, look: Look) -> None:
        self._grey = look.grey
        self._planes: dict[float, tuple[Float64, Float64]] = {}

    def apart(self, other: Look) -> float:
        """Return how much (0..1) of what ``other`` shows is not this picture moved and lit.

        Gauss-Newton: the shares of the plane's columns say how ``other`` is to be moved back, and
        what remains in the end is the residual over what ``other`` shows.
        """
        matrix = np.eye(2, 3)
        remains = 1.0
        for sigma in _SIGMAS:
            columns, solve = self._plane(sigma)
            moved = warp_grey(smooth(other.grey, sigma), matrix, _SIDE, _SIDE)
            seen = moved[_BORDER:-_BORDER, _BORDER:-_BORDER].ravel().astype(np.float64)
            seen -= seen.mean()
            energy = float(seen @ seen)
            shares = solve @ seen
            if energy <= 0 or shares[0] <= 0:  # nothing to be seen, or its negative
                return 1.0
            rest = seen - columns @ shares
            remains = float(np.sqrt(rest @ rest / energy))
            if remains > _HOPELESS:
                break
            matrix = _moved(matrix, shares[2:] / shares[0])
        return remains

    def _plane(self, sigma: float) -> tuple[Float64, Float64]:
        """Return the plane's columns (pixels, 8) and what solves for their shares (8, pixels)."""
        if sigma not in self._planes:
            columns = _columns(smooth(self._grey, sigma), _BORDER)
            solve = np.linalg.pinv(columns.T @ columns, hermitian=True) @ columns.T
            self._planes[sigma] = columns, np.asarray(solve, np.float64)
        return self._planes[sigma]


def find_parts(looks: Sequence[Look | None]) -> Parts:
    """Return which part each picture shows.

    ``None`` and pictures without structure are parts of their own. Where every picture is as close
    to the next one as any, nothing tells parts apart: each counts as one, and ``Parts.alike`` says
    how many could be shots of one part for all that can be seen.
    """
    usable = [i for i, look in enumerate(looks) if look is not None and look.grey.std() >= _FLAT]
    kept = [look for i in usable if (look := looks[i]) is not None]
    together = list(range(len(looks)))
    tree = _tree(kept)
    for group in tree.isolated():
        first = usable[min(group)]
        for place in group:
            together[usable[place]] = first
    return replace(Parts.by(together), alike=tree.alike)


def _tree(looks: Sequence[Look]) -> _Linkage:
    """Return how the pictures come together, the closest first."""
    found = []
    for i, others in groupby(_candidates(looks), key=itemgetter(0)):
        planes = TangentPlanes(looks[i])  # let go of before the next: they are large
        found += [(planes.apart(looks[j]), i, j) for _, j in others]
    tree = _Linkage(len(looks))
    for distance, i, j in sorted(found):
        tree.join(i, j, distance)
    return tree


class _Linkage:
    """Single linkage: clusters that grow by the closest pair, as a tree."""

    def __init__(self, leaves: int) -> None:
        self._leaves = leaves
        self._cluster = list(range(leaves))
        self._members: list[list[int]] = [[i] for i in range(leaves)]
        self._height = [0.0] * leaves
        self._beyond = [1.0] * leaves

    def join(self, one: int, other: int, distance: float) -> None:
        """Join the clusters of two leaves; distances must not fall from one call to the next."""
        left, right = self._cluster[one], self._cluster[other]
        if left == right:
            return
        self._beyond[left] = self._beyond[right] = distance
        members = self._members[left] + self._members[right]
        for leaf in members:
            self._cluster[leaf] = len(self._members)
        self._members.append(members)
        self._height.append(distance)
        self._beyond.append(1.0)

    def isolated(self) -> Iterator[list[int]]:
        """Yield the largest clusters that are much closer among themselves than to the rest."""
        taken: set[int] = set()
        for node in range(len(self._members) - 1, self._leaves - 1, -1):  # the largest first
            members = self._members[node]
            if members[0] not in taken and self._is_isolated(node):
                taken.update(members)
                yield members

    def _is_isolated(self, node: int) -> bool:
        size = len(self._members[node])
        if size > self._most_of_one or size == self._leaves:
            return False
        beyond = self._beyond[node]
        if beyond >= 1.0:  # nothing of its proportions beside it
            beyond = self._between_parts
        return self._height[node] <= min(MOST_APART, ISOLATION * beyond)

    @property
    def _most_of_one(self) -> float:
        """More pictures than this are never called one part."""
        return max(MOST_OF_SET * self._leaves, 2)

    @cached_property
    def _between_parts(self) -> float:
        """How far parts are apart where many were compared, 1 where none were: a median.

        It speaks for pictures beside which there are no others of their proportions.
        """
        both = zip(self._members, self._height, strict=True)
        found = [height for members, height in both if len(members) > self._most_of_one]
        return float(np.median(found)) if found else 1.0

    @property
    def alike(self) -> int:
        """How many pictures are as close as shots of one part, and too many to be called one."""
        close = (
            len(m) for m, h in zip(self._members, self._height, strict=True) if h <= MOST_APART
        )
        largest = max(close, default=0)
        return largest if largest > self._most_of_one else 0


def _candidates(looks: Sequence[Look]) -> Iterator[tuple[int, int]]:
    """Yield the pairs (i < j) worth comparing closely: all, or those most alike at a glance."""
    count = len(looks)
    aspects = np.log([look.aspect for look in looks])
    if count * (count - 1) // 2 <= MOST_PAIRS:
        pairs = {(i, j) for i in range(count) for j in range(i + 1, count)}
    else:
        nearest = _most_alike(looks, max(FEWEST_NEIGHBOURS, MOST_PAIRS // count))
        pairs = {(min(i, j), max(i, j)) for i, row in enumerate(nearest) for j in map(int, row)}
    yield from sorted(pair for pair in pairs if abs(np.subtract(*aspects[list(pair)])) <= _ASPECT)


def _most_alike(looks: Sequence[Look], most: int) -> Ints:
    """Return for each picture the ``most`` others most alike at 24 x 24 cells, (n, most).

    The same comparison as ``apart`` without moving: one matrix product for many pictures at once.
    """
    small = [smooth(shrink(look.grey, _COARSE / _SIDE), _COARSE_SIGMA) for look in looks]
    planes = [np.linalg.qr(_columns(grey, _COARSE_BORDER))[0].T for grey in small]
    inner = slice(_COARSE_BORDER, -_COARSE_BORDER)
    seen = np.stack([grey[inner, inner].ravel() for grey in small], axis=1)
    seen = seen - seen.mean(axis=0)
    seen = (seen / np.maximum(np.linalg.norm(seen, axis=0), 1e-6)).astype(np.float32)
    found: Ints = np.empty((len(looks), most), np.intp)
    for start in range(0, len(looks), _BLOCK):
        block = np.stack(planes[start : start + _BLOCK]).astype(np.float32)
        shares = block.reshape(-1, block.shape[-1]) @ seen
        explained = np.square(shares).reshape(len(block), -1, len(looks)).sum(axis=1)
        rows = np.arange(len(block))
        explained[rows, start + rows] = -1.0  # a picture is no neighbour of its own
        found[start : start + len(block)] = np.argpartition(-explained, most, axis=1)[:, :most]
    return found


def _columns(grey: Float32, border: int) -> Float64:
    """Return the columns that span what small changes make of a picture: (pixels, 8), float64.

    Contrast, brightness, and the six derivatives of an affine movement (Simard et al. 1993).
    """
    down, across = np.gradient(grey.astype(np.float64))
    side = grey.shape[0]
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    every = (
        grey - grey.mean(),
        np.ones_like(down),
        across,
        x * across,
        y * across,
        down,
        x * down,
        y * down,
    )
    inner = slice(border, side - border)
    return np.stack([column[inner, inner].ravel() for column in every], axis=1)


def _moved(matrix: Float64, shares: Float64) -> Float64:
    """Return the movement with a further one put in front that undoes ``shares``.

    ``shares``: (shift, share of x, share of y) of the picture's columns, then of its rows; what
    lies at (x, y) is to be fetched from there minus what they say. Never by more than a few cells.
    """
    (a, b, c), (d, e, f) = np.clip(shares.reshape(2, 3) * _SCALE, -1, 1) / _SCALE
    centre = (_SIDE - 1) / 2
    linear = np.array([[1 - b, -c], [-e, 1 - f]])
    shift = np.array([centre - a, centre - d]) - linear @ np.array([centre, centre])
    step = np.vstack([np.column_stack([linear, shift]), [0, 0, 1]])
    return np.asarray(matrix @ step, np.float64)
