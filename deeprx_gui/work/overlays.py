"""Overlay pictures of a batch, one file each."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.fit import Skipped
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Scored
from deeprx_gui.results.overlay_files import OverlayWriter
from deeprx_gui.work.frames import frames
from deeprx_gui.work.pace import Pace


@dataclass(frozen=True)
class OverlayOutcome:
    """How many pictures were written, and which could not be, with the reason."""

    written: int
    skipped: tuple[Skipped, ...]


def export_overlays(
    folder: Path, profile: Profile, results: Sequence[Scored], limits: Limits
) -> Generator[Progress, None, OverlayOutcome]:
    """Write every scored picture with its heat map into ``folder``.

    A result without a score, or whose picture is gone, is among the skipped ones. Raises
    StorageError when the folder cannot be written.
    """
    pace = Pace(len(results))
    writer = OverlayWriter(folder, limits, profile.suggested.review)
    written = 0
    skipped: list[Skipped] = []
    scored = [r for r in results if r.score is not None]
    for result in results:
        if result.score is None:
            reason = result.error or say("The picture has no score.")
            skipped.append(Skipped(result.path, reason))
            yield pace.step(say("Writing overlay pictures"))
    due = iter(scored)
    for path, frame in frames([r.path for r in scored]):
        result = next(due)
        if isinstance(frame, ImageError):
            skipped.append(Skipped(path, frame.message))
        else:
            writer.write(result, frame)
            written += 1
        del frame  # before the next one is read
        yield pace.step(say("Writing overlay pictures"))
    return OverlayOutcome(written, tuple(skipped))
