"""Health: the picture's own condition against the profile's normal images. Never changes a verdict.

Everything is measured on what the network is shown, so after cropping and positioning. What is out
of the ordinary is told by how much the normal images, and one part from the next, differ anyway.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.dirt import DirtDetector
from deeprx_gui.domain.displacement import Displacement
from deeprx_gui.domain.inspection import Cause, Health
from deeprx_gui.domain.live_items import HealthWarning
from deeprx_gui.domain.message import Message, say

CAUSE_ADVICE: Final[Mapping[Cause, Message]] = {
    Cause.DARK: say("The picture is darker than the normal images. Check the lamp."),
    Cause.BRIGHT: say(
        "The picture is brighter than the normal images. Check the lamp and daylight."
    ),
    Cause.BLURRED: say("The picture is less sharp than the normal images. Check focus and lens."),
    Cause.SHIFTED: say(
        "The scene lies elsewhere than in the normal images. Check camera and fixture."
    ),
    Cause.FROZEN: say("The camera delivers the same picture again and again. Check the camera."),
    Cause.DIRT: say(
        "The same spot shows in every picture. Clean lens and glass; if the spot stays, every "
        "part has it."
    ),
    Cause.PAGES: say(
        "The picture files hold more than one page; only the first is judged. Let the camera's "
        "program write one picture per file."
    ),
    Cause.TRANSPARENT: say(
        "The picture files hold transparent places; the colours below are judged. Check which "
        "program writes them."
    ),
    Cause.RANGE: say(
        "The picture files use another part of their brightness range than the normal images. "
        "Check the pixel format (8, 10, 12 or 16 bits) of camera and program."
    ),
    Cause.SIZE: say(
        "The pictures have another size than the normal images. Check the resolution and the "
        "region that the camera delivers."
    ),
    Cause.COLOUR: say(
        "The pictures are in colour and the normal images were grey, or the reverse. Check the "
        "pixel format of camera and program."
    ),
}
"""What to look at, for each cause."""

_LIGHT_FLOOR = math.log(1.09)
_FOCUS_FLOOR = 0.5
_SHIFT_FLOOR = 0.008
_SIGMAS = 3.5
_TOGETHER = 5
_CHANNELS = np.full(3, 1 / 3, np.float32)
_REPEATS = 2
"""A picture that equals so many before it: cameras always have noise."""


class HealthMonitor:
    """Measures one picture after the other against the profile's golden images.

    ``parts``: every picture shows another part, so that what stays in one place is dirt; ``False``
    for a stream of one scene.
    """

    def __init__(self, golden: Sequence[ByteImage], *, parts: bool = True) -> None:
        shape = golden[0].shape if golden else None
        alike = [g for g in golden if g.shape == shape]
        scenes = [grey_of(pixels) for pixels in alike]
        self._shape = shape
        self._light = _NormalRange([light_of(s) for s in scenes], _LIGHT_FLOOR)
        self._focus = _NormalRange([focus_of(s) for s in scenes], _FOCUS_FLOOR)
        self._place = Displacement(scenes)
        self._shift = _NormalRange([0.0, *self._place.among_themselves], _SHIFT_FLOOR)
        self._dirt = DirtDetector(scenes) if parts else None
        self._last: ByteImage | None = None
        self._repeats = 0

    def check(self, shown: ByteImage, heat: Float32 | None = None) -> Health | None:
        """Return the condition of what the network was shown.

        ``heat``: its score map (h, w) in x limit, which tells dirt from what some parts have.
        Of a picture of another shape only brightness and focus are known, and nothing is said
        about them. ``None`` without golden images.
        """
        self._count_repeats(shown)
        if self._shape is None:
            return None
        scene = grey_of(shown)
        light, focus = light_of(scene), focus_of(scene)
        if shown.shape != self._shape:
            return Health(
                brightness=math.exp(light - self._light.usual),
                focus=math.exp(focus - self._focus.usual),
                shift=0.0,
                causes=(Cause.FROZEN,) if self.frozen else (),
            )
        offset = self._place.offset(scene)
        shift = math.hypot(*(offset or (0.0, 0.0)))
        causes = [Cause.FROZEN] if self.frozen else []
        lit = self._light.departs(light)
        causes += [Cause.DARK] if lit < 0 else [Cause.BRIGHT] if lit > 0 else []
        causes += [Cause.BLURRED] if self._focus.departs(focus) < 0 else []
        moved = self._shift.departs(shift) > 0
        causes += [Cause.SHIFTED] if moved else []
        another = not moved and not self._repeats  # part, as far as can be seen
        if self._dirt is not None and another and self._dirt.sees(scene, heat):
            causes.append(Cause.DIRT)
        return Health(
            brightness=math.exp(light - self._light.usual),
            focus=math.exp(focus - self._focus.usual),
            shift=shift,
            causes=tuple(causes),
            offset=offset,
        )

    @property
    def frozen(self) -> bool:
        """Whether the last picture equals those before it, golden images or not."""
        return self._repeats >= _REPEATS

    def _count_repeats(self, shown: ByteImage) -> None:
        same = self._last is not None and np.array_equal(shown, self._last)
        self._repeats = self._repeats + 1 if same else 0
        self._last = shown


class CauseMonitor:
    """Turns causes of single pictures into a warning: most of the last few pictures agree."""

    def __init__(self, most: int = 5, enough: int = 3) -> None:
        self._recent: deque[tuple[Cause, ...]] = deque(maxlen=most)
        self._enough = enough
        self._told: tuple[Cause, ...] = ()

    def update(self, causes: tuple[Cause, ...]) -> HealthWarning | None:
        """Return a warning when what is wrong has changed; an empty one when all is well again."""
        self._recent.append(causes)
        counts = {cause: sum(cause in seen for seen in self._recent) for cause in Cause}
        now = tuple(
            cause
            for cause, count in counts.items()
            if count >= self._enough or (count and cause in self._told)
        )
        if now == self._told:
            return None
        self._told = now
        return HealthWarning(now, tuple(CAUSE_ADVICE[cause] for cause in now))


class _NormalRange:
    """What a measure usually is, and how far it may depart.

    The spread is that of the golden images, or from one picture to the next (median, so that one
    jump does not count), whichever is larger. A single picture must depart far; less is enough when
    the last few depart together. What is usual is itself known from a few images only.
    """

    def __init__(self, golden: Sequence[float], floor: float) -> None:
        self.usual = float(np.mean(golden)) if golden else 0.0
        self._spread = float(np.std(golden, ddof=1)) if len(golden) > 1 else 0.0
        self._known = max(1, len(golden))
        self._floor = floor
        self._steps: deque[float] = deque(maxlen=64)
        self._recent: deque[float] = deque(maxlen=_TOGETHER)

    def departs(self, value: float) -> int:
        """Return -1 or 1 when ``value`` is too low or too high, 0 when it is as usual."""
        if self._recent:
            self._steps.append(abs(value - self._recent[-1]))
        self._recent.append(value)
        off, together = value - self.usual, float(np.mean(self._recent)) - self.usual
        far = abs(off) > self._allowed(1)
        near = len(self._recent) == _TOGETHER and abs(together) > self._allowed(_TOGETHER)
        if far or (near and off * together > 0):
            return 1 if off > 0 else -1
        return 0

    def _allowed(self, pictures: int) -> float:
        doubt = math.sqrt(1 / pictures + 1 / self._known)
        return max(self._floor, _SIGMAS * doubt * self._sigma())

    def _sigma(self) -> float:
        if len(self._steps) < 8:
            return self._spread
        return max(self._spread, float(np.median(self._steps)) / 0.954)


def grey_of(pixels: ByteImage) -> Float32:
    """Return grey levels, 2 x 2 pixels averaged: noise counts less, a blur still shows."""
    height, width = (side - side % 2 for side in pixels.shape[:2])
    grey = pixels.astype(np.float32) @ _CHANNELS
    if not height or not width:  # a single row or column has nothing to average
        return np.asarray(grey, np.float32)
    halves = grey[:height:2, :width] + grey[1:height:2, :width]
    return np.asarray((halves[:, ::2] + halves[:, 1::2]) / 4, np.float32)


def light_of(scene: Float32) -> float:
    """Return the logarithm of the brightness of grey levels (h, w)."""
    return math.log(float(scene.mean()) + 1)


def focus_of(scene: Float32) -> float:
    """Return the logarithm of the energy of fine detail of grey levels (h, w).

    Whatever the brightness.
    """
    down = np.diff(scene, axis=0)
    across = np.diff(scene, axis=1)
    energy = float(np.square(down).sum() + np.square(across).sum()) / scene.size
    return math.log(energy / (float(scene.mean()) + 1) ** 2 + 1e-8)
