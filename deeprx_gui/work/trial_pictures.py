"""Trial pictures: normals, planted defects and bad parts, as one network sees them at one size."""

from __future__ import annotations

import statistics
import time
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import ImageError, PlacementError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.search import PLANTED
from deeprx_gui.domain.view import View
from deeprx_gui.engine.engine import Engine
from deeprx_gui.engine.planting.plant import Planted, PlantOrder, orders, plant, possible
from deeprx_gui.engine.planting.room import room_in
from deeprx_gui.engine.spool import Spool
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.frame_reader import read_frames_ahead

_FRAMES_KEPT = 2


@dataclass(frozen=True, eq=False)
class Patch:
    """The pixels a planted defect changes, and where: small enough to be kept for every size."""

    top: int
    left: int
    pixels: ByteImage

    @classmethod
    def of(cls, planted: Planted) -> Patch:
        """Cut out what differs."""
        rows, columns = np.nonzero(planted.mask.any(axis=1))[0], planted.mask.any(axis=0)
        across = np.nonzero(columns)[0]
        top, left = int(rows[0]), int(across[0])
        found = planted.pixels[top : int(rows[-1]) + 1, left : int(across[-1]) + 1]
        return cls(top, left, np.ascontiguousarray(found))

    def put(self, pixels: ByteImage) -> ByteImage:
        """Return the picture with the defect."""
        out = pixels.copy()
        height, width = self.pixels.shape[:2]
        out[self.top : self.top + height, self.left : self.left + width] = self.pixels
        return out


@dataclass
class TrialSources:
    """Where trial pictures come from. What is planted is planted once, for all sizes.

    Where there are ``bad`` parts nothing is planted. ``flat``: no normal image shows structure.
    ``frames``: a few normal images as they came, to measure times with. ``parts``: the part that
    each normal image shows.
    """

    normals: Sequence[Path]
    bad: Sequence[Path]
    view: View
    parts: Parts
    planted: dict[Path, list[Patch]] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    flat: bool = True
    unreadable: int = 0
    _wanted: tuple[PlantOrder, ...] | None = None

    @property
    def pictures(self) -> int:
        """About how many pictures are looked at for each size."""
        return len(self.normals) + (len(self.bad) or PLANTED)

    def note(self, frame: Frame) -> None:
        """Take notice of a normal image that can be used."""
        self.flat = self.flat and int(frame.pixels.max()) - int(frame.pixels.min()) < 2
        if len(self.frames) < _FRAMES_KEPT:
            self.frames.append(frame)

    def patches(self, path: Path, pixels: ByteImage, engine: Engine) -> list[Patch]:
        """Return what is planted in a normal image; raises PlacementError."""
        if path not in self.planted:
            self.planted[path] = self._plant(self.normals.index(path), pixels, engine)
        return self.planted[path]

    def _plant(self, place: int, pixels: ByteImage, engine: Engine) -> list[Patch]:
        if self._wanted is None:
            self._wanted = () if self.bad else orders(PLANTED, possible(pixels))
        count, images = len(self._wanted), len(self.normals)
        mine = self._wanted[place * count // images : (place + 1) * count // images]
        seen = engine.see(pixels)
        room = room_in(pixels, self.view, seen)
        made = (plant(pixels, order, room) for order in mine)
        return [Patch.of(each) for each in made if each is not None]


@dataclass
class TrialPictures:
    """Feature maps of one network at one size.

    ``normals`` are numbers in the spool, ``shown`` the parts they show. ``bad``: (number in the
    spool, place among the normals), of bad parts or planted defects; the fold of that normal image
    judges it. ``look_ms``: what looking at a picture takes.
    """

    spool: Spool
    normals: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)
    bad: list[tuple[int, int]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    @property
    def look_ms(self) -> float:
        return statistics.median(self.times) if self.times else 0.0

    def keep(self, engine: Engine, pixels: ByteImage) -> int:
        """Look at a picture and keep its maps; raises PlacementError."""
        start = time.perf_counter()
        taps = engine.look(pixels)
        self.times.append((time.perf_counter() - start) * 1000)
        self.spool.append(taps)
        return len(self.spool) - 1


def look_at_all(
    sources: TrialSources, engine: Engine, spool: Spool, pace: EtaEstimator
) -> Generator[Progress, None, TrialPictures]:
    """Look at every normal image, at what is planted in it, and at the bad parts.

    What cannot be read or is not in place is left out.
    """
    found = TrialPictures(spool)
    sources.unreadable = 0
    shown = iter(sources.parts.numbers)
    for path, frame in read_frames_ahead(sources.normals):
        part = next(shown)
        try:
            if isinstance(frame, ImageError):
                raise frame
            found.normals.append(found.keep(engine, frame.pixels))
            found.shown.append(part)
            sources.note(frame)
            patches = sources.patches(path, frame.pixels, engine)
            yield from _planted(found, engine, (p.put(frame.pixels) for p in patches), pace)
        except ImageError:  # not in place, too
            sources.unreadable += 1
        del frame
        yield pace.step(say("Looking at normal images, with and without planted defects"), path)
    for number, (path, frame) in enumerate(read_frames_ahead(sources.bad)):
        if not isinstance(frame, ImageError) and found.normals:
            try:
                kept = found.keep(engine, frame.pixels)
            except PlacementError:
                pass  # called NG whatever the detector: it tells no setting from another
            else:
                found.bad.append((kept, number % len(found.normals)))
        del frame
        yield pace.step(say("Looking at pictures of bad parts"), path)
    return found


def _planted(
    found: TrialPictures, engine: Engine, pictures: Iterable[ByteImage], pace: EtaEstimator
) -> Generator[Progress, None, None]:
    for pixels in pictures:
        try:
            kept = found.keep(engine, pixels)
        except PlacementError:
            continue  # the defect hides what the part is found by
        found.bad.append((kept, len(found.normals) - 1))
        yield pace.step(say("Looking at normal images, with and without planted defects"))
