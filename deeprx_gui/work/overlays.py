"""Overlay pictures of a batch, one file each."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.results.overlay_files import OverlayWriter
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.frame_reader import read_frames_ahead


@dataclass(frozen=True)
class OverlayOutcome:
    """How many pictures were written, and which could not be, with the reason."""

    written: int
    skipped: tuple[SkippedImage, ...]


def export_overlays(
    folder: Path,
    profile: Profile,
    results: Sequence[ScoredImage],
    limits: Limits,
    *,
    below: bool = False,
) -> Generator[Progress, None, OverlayOutcome]:
    """Write every scored picture with its heat map into ``folder``.

    ``below``: heat maps show what lies below the limit, too. A result without a score, or whose
    picture is gone, is among the skipped ones. Raises StorageError when the folder cannot be
    written.
    """
    pace = EtaEstimator(len(results))
    writer = OverlayWriter(folder, limits, profile.suggested.review, below=below)
    written = 0
    skipped: list[SkippedImage] = []
    scored = [r for r in results if r.score is not None]
    for result in results:
        if result.score is None:
            reason = result.error or say("The picture has no score.")
            skipped.append(SkippedImage(result.path, reason))
            yield pace.step(say("Writing overlay pictures"))
    due = iter(scored)
    for path, frame in read_frames_ahead([r.path for r in scored]):
        result = next(due)
        if isinstance(frame, ImageError):
            skipped.append(SkippedImage(path, frame.message))
        else:
            writer.write(result, frame)
            written += 1
        del frame  # before the next one is read
        yield pace.step(say("Writing overlay pictures"))
    return OverlayOutcome(written, tuple(skipped))
