"""Overlay pictures of a batch, one file each."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Scored
from deeprx_gui.results.overlay_files import OverlayWriter
from deeprx_gui.work.pace import Pace


def export_overlays(
    folder: Path, profile: Profile, results: Sequence[Scored], limits: Limits
) -> Generator[Progress, None, int]:
    """Write the picture with its heat map for every scored result; return how many.

    A picture that is gone in the meantime is left out; its result says ERROR or stays in the table.
    Raises StorageError when the folder cannot be written.
    """
    pace = Pace(len(results))
    writer = OverlayWriter(folder, limits, profile.suggested.review)
    written = 0
    for result in results:
        if result.score is not None:
            try:
                writer.write(result, decode(result.path))
                written += 1
            except ImageError:
                pass
        yield pace.step(say("Writing overlay pictures"))
    return written
