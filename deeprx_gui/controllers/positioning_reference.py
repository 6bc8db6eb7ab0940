"""What positioning needs before a fit: a reference picture from the normal images."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.progress import Progress
from deeprx_gui.work.reference import positioning_from


def with_reference(
    settings: FitSettings, images: Sequence[Path]
) -> Generator[Progress, None, FitSettings]:
    """Return the settings with the reference that parts are brought in line with, if any is wanted.

    The page says only that and how far; raises FitError when no image can serve.
    """
    wanted = settings.view.positioning
    if wanted is None or wanted.reference.size:
        return settings
    found = yield from positioning_from(
        images, shift=wanted.shift, turn=wanted.turn, quality=wanted.quality
    )
    return replace(settings, view=replace(settings.view, positioning=found))
