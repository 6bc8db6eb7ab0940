"""What a fit of ``padim`` takes, and what it stores to stay within the memory it may take."""

from __future__ import annotations

from deeprx_gui.domain.errors import FitError
from deeprx_gui.domain.message import say
from deeprx_gui.engine.detectors.base import FitExtent
from deeprx_gui.engine.detectors.settings import Settings, whole
from deeprx_gui.engine.holdout import FOLDS, plan_hold_out

_MOST_CHANNELS = 100
_BYTES = {"float64": 8, "float32": 4, "float16": 2}
_ROUND = 16


def auto_channels(total: int) -> int:
    """Return how many channels are chosen where the program may decide.

    The paper's 100 of a ResNet18, and two fifths of smaller networks' (64 of an EfficientNet-Lite0)
    which find as much and take half the time; a multiple of 16.
    """
    return min(total, _MOST_CHANNELS, -(-2 * total // (5 * _ROUND)) * _ROUND)


def settle(settings: Settings, extent: FitExtent) -> Settings:
    """Decide channels, what is kept, and in which precision.

    Fewer pictures than channels: the pictures themselves are the smaller; else sums. The best
    precision whose fit stays within the memory allowed; raises FitError when none does.
    """
    total = sum(extent.channels)
    chosen = min(total, whole(settings, "channels") or auto_channels(total))
    keep = settings["keep"]
    if keep == "auto":
        keep = "pictures" if extent.images < chosen else "sums"
    best = ("float32", "float16") if keep == "pictures" else ("float64", "float32")
    wanted = settings["precision"]
    full = {**settings, "channels": chosen, "keep": keep}
    tried = best if wanted == "auto" else (str(wanted),)
    for precision in tried:
        settled = {**full, "precision": precision}
        if megabytes(settled, extent) <= whole(settings, "megabytes"):
            return settled
    need = megabytes({**full, "precision": tried[-1]}, extent)
    raise FitError(
        say(
            "Learning would take {need} MB of memory, {most} MB are allowed. Choose a smaller "
            "picture size, or another detector.",
            need=round(need),
            most=settings["megabytes"],
        )
    )


def megabytes(settings: Settings, extent: FitExtent) -> float:
    """Memory of a fit at its peak: what is kept, what a held-out part takes, and one factor."""
    total = sum(extent.channels)
    d = min(total, whole(settings, "channels") or auto_channels(total))
    features = extent.positions * d
    if settings["keep"] == "pictures":
        size = _BYTES.get(str(settings["precision"]), 4)
        rows = min(extent.images, d)
        # stored twice at the end, when they are stacked; the factor of the held-out scores is in
        # float64, the head's in float32
        return features * (2 * extent.images * size + 8 * rows) / 1e6 + 60
    size = _BYTES.get(str(settings["precision"]), 8)
    # all pictures, a held-out part, the difference; the packed triangle and the head's
    return features * (d * (3.5 * size + 3) + 16 * 4 * 3) / 1e6 + 60


def operations(settings: Settings, extent: FitExtent) -> float:
    """Arithmetic of a fit: Gram matrices or scatters at each position, factors, distances."""
    total = sum(extent.channels)
    d = min(total, whole(settings, "channels") or auto_channels(total))
    n, planned = extent.images, plan_hold_out(extent.images)
    if settings["keep"] == "pictures":
        return extent.positions * (2.0 * n**2 * d + 2.0 * n**3)
    held_out, factors = len(planned.held_out), min(len(planned.groups), FOLDS) + 1
    return extent.positions * (2.0 * (n + 2 * held_out) * d**2 + factors * 2.0 * d**3)
