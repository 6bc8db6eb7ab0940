"""Batch: many pictures in, one ``ScoredImage`` for each, whatever happens to single ones."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from deeprx_gui.domain.errors import DeepRxError, ImageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.health import CAUSE_ADVICE
from deeprx_gui.domain.message import say
from deeprx_gui.domain.picture_facts import LearntPictures, learnt_in, picture_causes, why_other
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.frame_reader import read_frames_ahead
from deeprx_gui.work.golden import check_golden
from deeprx_gui.work.open_scorer import open_scorer


@dataclass(frozen=True)
class BatchOutcome:
    """How a batch went; ``golden_difference`` in x limit."""

    runtime: str
    seconds: float
    ms_per_image: float
    golden_difference: float


def score_images(
    profile: Profile,
    items: Sequence[PendingImage],
    *,
    engines: EnginePool,
    strict: bool = False,
) -> Generator[Progress, None, BatchOutcome]:
    """Score pictures one by one; ``Progress.item`` is each ``ScoredImage``.

    A picture that cannot be read or scored is a ``ScoredImage`` with an error, never an exception;
    ``strict``: one of another kind than the profile's as well.
    Raises what ``EnginePool.for_profile`` and ``check_golden`` raise.
    """
    yield Progress(0, max(1, len(items)), say("Getting ready…"))
    scorer = open_scorer(engines, profile)
    difference = check_golden(profile, scorer)
    learnt = learnt_in(profile.extra)
    pace = EtaEstimator(len(items))
    milliseconds = 0.0
    with closing(read_frames_ahead([i.path for i in items])) as pictures:
        for item in items:
            # The picture is let go of there.
            scored = score_one(scorer, item, next(pictures)[1], learnt, strict=strict)
            milliseconds += scored.score.milliseconds if scored.score else 0.0
            yield pace.step(say("Scoring"), scored)
    info = engines.describe()
    return BatchOutcome(
        runtime=info.name if info else "",
        seconds=pace.seconds,
        ms_per_image=milliseconds / max(1, len(items)),
        golden_difference=difference,
    )


def score_one(
    scorer: Scorer,
    item: PendingImage,
    frame: Frame | ImageError,
    learnt: LearntPictures | None = None,
    *,
    strict: bool = False,
) -> ScoredImage:
    """Score one picture; every failure becomes an error in words.

    ``strict``: a picture of another kind than ``learnt`` is a failure.
    """
    if isinstance(frame, ImageError):
        return ScoredImage(item.path, item.label, None, frame.message)
    causes = picture_causes(frame, learnt)
    other = why_other(causes)
    if strict and other is not None:
        reason = CAUSE_ADVICE[other]
        return ScoredImage(item.path, item.label, None, reason, frame.width, frame.height, causes)
    try:
        score = scorer.score(frame)
    except DeepRxError as error:
        return ScoredImage(item.path, item.label, None, error.message, frame.width, frame.height)
    except (RuntimeError, MemoryError, ValueError) as error:
        # torch and numpy say "out of memory" in these; the picture is an ERROR, the batch goes on
        reason = say(
            "The picture could not be scored ({reason}). Close other programs and try again.",
            reason=str(error).splitlines()[0] if str(error) else type(error).__name__,
        )
        return ScoredImage(item.path, item.label, None, reason, frame.width, frame.height)
    return ScoredImage(item.path, item.label, score, None, frame.width, frame.height, causes)
