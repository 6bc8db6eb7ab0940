"""The autoencoder of a fit: half of the normal images teach it, the others never meet it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import FitError, ImageError, PlacementError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import say
from deeprx_gui.domain.parts import Parts
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.backbones.autoencoder import STRIDE, AutoencoderNetwork
from deeprx_gui.engine.backbones.teaching_progress import MOST_BYTES, MOST_PICTURES
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.holdout import runs
from deeprx_gui.engine.input_view import InputViewBuilder
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.frame_reader import read_frames_ahead

_WATCHED_EVERY = 5
"""Of the pictures for teaching each such one is only looked at, to know when to stop."""


def taught_by(images: int | Parts) -> frozenset[int]:
    """Return the positions of the images reserved for teaching: every second of ten runs of parts.

    ``images``: how many there are, or which parts they show.

    Runs of neighbours, because pictures taken one after another are alike: the network must not
    have met a picture's neighbours either, or its held-out score would flatter it. They are the
    folds of ``holdout``, so that a fold is either held out or has taught.
    """
    parts = Parts.each(images) if isinstance(images, int) else images
    return frozenset(i for i, run in enumerate(runs(parts)) if run % 2 == 1)


def teach(
    paths: Sequence[Path], settings: FitSettings, parts: Parts, *, engines: EnginePool
) -> Generator[Progress, None, AutoencoderNetwork]:
    """Read the pictures reserved for teaching and teach the network; ``Progress.item`` is a step.

    At most ``MOST_PICTURES`` of them and ``MOST_BYTES`` together are taken, evenly spread. What
    cannot be read is left out, and told by the fit. Raises FitError when fewer than two are left,
    and what ``EnginePool.teach`` raises.
    """
    reserved = [paths[i] for i in sorted(taught_by(parts))]
    side = settings.preprocessing.size
    most = max(2, min(MOST_PICTURES, MOST_BYTES // (3 * side * side), len(reserved)))
    chosen = [reserved[i * len(reserved) // most] for i in range(min(most, len(reserved)))]
    pictures: list[ByteImage] = []
    pace = EtaEstimator(len(chosen))
    sights = InputViewBuilder(settings.view, settings.preprocessing, STRIDE, STRIDE)
    for path, frame in read_frames_ahead(chosen):
        if not isinstance(frame, ImageError):
            with suppress(PlacementError):  # not in place: the fit will tell
                pictures.append(sights.see(frame.pixels).pixels)
        del frame  # before the next one is read
        yield pace.step(say("Reading pictures for the autoencoder"), path)
    if len(pictures) < 2:
        raise FitError(
            say(
                "Too few pictures for the autoencoder can be read: half of the normal images "
                "teach it. Add more pictures of good parts, or choose another preset."
            )
        )
    teaching = pictures.copy()
    watched = [teaching.pop(i) for i in reversed(range(0, len(pictures), _WATCHED_EVERY))]
    return (yield from _steps(engines, teaching, watched))


def _steps(
    engines: EnginePool, pictures: list[ByteImage], watched: list[ByteImage]
) -> Generator[Progress, None, AutoencoderNetwork]:
    steps = engines.teach(pictures, watched)
    pace: EtaEstimator | None = None
    while True:
        try:
            told = next(steps)
        except StopIteration as end:
            network: AutoencoderNetwork = end.value
            return network
        note = say("Teaching the autoencoder")
        if pace is None:
            pace = EtaEstimator(told.most)
            yield pace.report(note, told)
        else:
            yield pace.step(note, told)
