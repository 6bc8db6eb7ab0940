"""Trigger: which of a stream's pictures shows a part that is to be judged.

"Part arrives" (``Arrival``) compares small grey pictures. The empty scene is what it sees first, at
rest. A part is there when a share ``change`` of the scene differs from the empty one; it is taken
when the scene has come to rest. It is taken once: before the next one the scene must have changed
as much again, empty or not. A lamp that flickers changes the whole scene by one factor, which is
taken out before anything is compared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.inspection import Trigger
from deeprx_gui.domain.source import CapturedImage
from deeprx_gui.domain.station import Station
from deeprx_gui.work.open_triggers import TriggerTiming

_SIDE = 32
"""Cells along the longer side of what is compared."""
_LEVEL = 12.0
"""Grey levels by which a cell differs, beyond noise that was averaged out."""
_FLICKER = 1.35
"""The greatest factor between two pictures that is put down to the lamp."""
_STILL = 3
"""Pictures in a row that show the same: the scene is at rest."""
_FOLLOW = 0.05
"""Share by which the empty scene follows daylight with every picture."""


@dataclass(frozen=True)
class TriggerRule:
    """When a picture is taken; ``every`` in seconds, ``change`` as a share of the picture, 0..1.

    ``timing``: of triggers that come from outside.
    """

    trigger: Trigger = Trigger.CONTINUOUS
    every: float = 1.0
    change: float = 0.05
    timing: TriggerTiming = field(default_factory=TriggerTiming)

    @classmethod
    def of(cls, station: Station) -> TriggerRule:
        """The rule that a station's settings ask for."""
        timing = TriggerTiming(station.answer_seconds, station.gap / 1000, station.waiting)
        return cls(station.trigger, station.every, station.change, timing)


class PictureSelector(Protocol):
    """Looks at every picture of a stream, in order, and says which are taken."""

    def wants(self, captured: CapturedImage) -> bool:
        """Return whether this image is selected for inspection."""
        ...

    def rearm(self) -> None:
        """Forget what was seen: the scene as it is now is the empty one."""
        ...


def picture_selector(rule: TriggerRule) -> PictureSelector:
    """Return what chooses pictures of a stream, presses of a key apart."""
    if rule.trigger is Trigger.TIMER:
        return IntervalTrigger(rule.every)
    if rule.trigger is Trigger.CHANGE:
        return ChangeTrigger(rule.change)
    return ManualTrigger()


class ManualTrigger:
    """Takes nothing by itself: only a press does."""

    def wants(self, captured: CapturedImage) -> bool:  # noqa: ARG002 - what a chooser is asked
        """Never select an image; only a manual trigger does."""
        return False

    def rearm(self) -> None:
        """There is no state to reset."""


class IntervalTrigger:
    """Takes the first picture, then one each ``every`` seconds; ticks without picture are gone."""

    def __init__(self, every: float) -> None:
        self._every = max(every, 0.001)
        self._due: float | None = None

    def wants(self, captured: CapturedImage) -> bool:
        """Say whether the next tick has passed when this picture was taken."""
        if self._due is not None and captured.moment < self._due:
            return False
        last = captured.moment if self._due is None else self._due
        missed = (captured.moment - last) // self._every
        self._due = last + (missed + 1) * self._every
        return True

    def rearm(self) -> None:
        """The timer does not depend on the image."""


class ChangeTrigger:
    """Takes a part once, when it has arrived and lies still."""

    def __init__(self, change: float) -> None:
        self._change = min(max(change, 1e-3), 1.0)
        self.rearm()

    def rearm(self) -> None:
        """Take the next scene at rest for the empty one."""
        self._empty: Float32 | None = None
        self._taken: Float32 | None = None  # the scene when a part was taken
        self._last: Float32 | None = None
        self._same = 0

    def wants(self, captured: CapturedImage) -> bool:
        """Say whether a part has just come to rest in this picture."""
        if captured.frame is None:
            return False
        scene = small_grey(captured.frame.pixels)
        if self._last is None or self._last.shape != scene.shape:
            self.rearm()
            self._last = scene
            return False
        moving = differing(scene, self._last) > self._change / 4
        self._same = 0 if moving else self._same + 1
        self._last = scene
        still = self._same >= _STILL - 1
        if self._empty is None:
            self._empty = scene if still else None
            return False
        return self._arrived(scene, self._empty, still=still)

    def _arrived(self, scene: Float32, empty: Float32, *, still: bool) -> bool:
        away = differing(scene, empty)
        if self._taken is not None and differing(scene, self._taken) >= self._change:
            self._taken = None  # it leaves, or another one takes its place
        if away < self._change / 2:
            self._taken = None
            if still:
                self._empty = empty + np.float32(_FOLLOW) * (scene - empty)
            return False
        if self._taken is not None or not still or away < self._change:
            return False
        self._taken = scene
        return True


def small_grey(pixels: ByteImage) -> Float32:
    """Return a grey picture of about 32 cells along its longer side, each the mean of a block."""
    height, width = pixels.shape[:2]
    step = max(1, max(height, width) // _SIDE)
    thin = max(1, step // 4)  # 4 x 4 samples of a block are enough, whatever its size
    samples = pixels[::thin, ::thin].astype(np.float32).mean(axis=2)
    block = min(max(1, step // thin), *samples.shape)
    rows, columns = samples.shape[0] // block, samples.shape[1] // block
    cut = samples[: rows * block, : columns * block].reshape(rows, block, columns, block)
    return np.asarray(cut.mean(axis=(1, 3)), np.float32)


def differing(scene: Float32, other: Float32) -> float:
    """Return the share of cells in which two scenes differ once the lamp's factor is out, 0..1.

    Scenes are grey levels 0..255, both of one shape (h, w).
    """
    ratio = float(np.median((scene + 1) / (other + 1)))
    factor = np.float32(min(max(ratio, 1 / _FLICKER), _FLICKER))
    level = _LEVEL * max(1.0, float(factor))
    by_lamp = float(np.mean(np.abs(scene - factor * other) > level))
    as_it_is = float(np.mean(np.abs(scene - other) > _LEVEL))
    return min(by_lamp, as_it_is)
