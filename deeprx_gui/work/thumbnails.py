"""Thumbnails and pictures for the screen, decoded off the UI thread."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.decode import decode, thumbnail
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.work.eta import EtaEstimator

SIDE = 160


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A small picture, or the reason why there is none."""

    path: Path
    pixels: ByteImage | None
    error: Message | None = None


def thumbnails(paths: Sequence[Path], side: int = SIDE) -> Generator[Progress, None, None]:
    """Yield one ``Thumbnail`` per path; the longer side has at most ``side`` pixels."""
    pace = EtaEstimator(len(paths))
    for path in paths:
        try:
            item = Thumbnail(path, thumbnail(path, side))
        except ImageError as error:
            item = Thumbnail(path, None, error.message)
        yield pace.step(say("Making thumbnails"), item)


def load_picture(path: Path) -> Generator[Progress, None, Frame]:
    """Decode one picture in full for the screen; raises ImageError."""
    yield Progress(0, 1, say("Opening the picture"))
    return decode(path)
