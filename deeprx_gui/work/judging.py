"""Judging one part: score, verdict and the picture's condition. An exception never becomes OK."""

from __future__ import annotations

import logging
import math
import time
from dataclasses import dataclass, replace

import numpy as np

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.errors import DeepRxError, means_memory
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.health import CAUSE_ADVICE, HealthMonitor
from deeprx_gui.domain.inspection import Cause, Health
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.picture_facts import LearntPictures, picture_causes, why_other
from deeprx_gui.domain.source import CapturedImage
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.engine.engine import Scorer

_log = logging.getLogger(__name__)
_HEAT_CELLS = (64, 64)
"""Cells of the score map that the monitor of the picture's condition is shown."""


@dataclass(frozen=True, eq=False)
class Judgement:
    """What came of one picture; ``score`` is NaN and ``map`` is ``None`` for an ERROR."""

    verdict: Verdict
    score: float
    map: Float32 | None
    milliseconds: float
    health: Health | None
    error: Message | None
    causes: tuple[Cause, ...] = ()


class Judge:
    """Judges pictures one after the other for one profile."""

    def __init__(
        self,
        scorer: Scorer,
        limits: Limits,
        monitor: HealthMonitor,
        learnt: LearntPictures | None = None,
        *,
        strict: bool = False,
        frozen_is_error: bool = False,
    ) -> None:
        """``strict``: a picture of another kind than ``learnt`` is an ERROR.

        ``frozen_is_error``: a picture that stands still is no picture of this part.
        """
        self._scorer, self._limits, self._monitor = scorer, limits, monitor
        self._learnt, self._strict = learnt, strict
        self._frozen_is_error = frozen_is_error

    def judge(self, captured: CapturedImage) -> Judgement:
        """Judge one picture; whatever goes wrong is an ERROR with its reason."""
        if captured.frame is None:
            return _failed(captured.error or say("There is no picture."))
        try:
            return self._score(captured.frame)
        except DeepRxError as error:
            return _failed(error.message)
        except Exception as error:  # noqa: BLE001 - whatever it is, the part is not OK
            _log.exception("a picture could not be scored")
            return _failed(
                say(
                    "The picture could not be scored ({reason}). Close other programs and try "
                    "again.",
                    reason=str(error).splitlines()[0] if str(error) else type(error).__name__,
                )
            )

    def _score(self, frame: Frame) -> Judgement:
        start = time.perf_counter()
        about = picture_causes(frame, self._learnt)
        other = why_other(about)
        if self._strict and other is not None:
            return replace(_failed(CAUSE_ADVICE[other]), causes=about)
        sight = self._scorer.see(frame)
        score = self._scorer.score_seen(sight, start)
        heat = score.map / np.float32(self._limits.review)
        if sight.home is not None:
            heat = sight.home.take(heat, *_HEAT_CELLS)
        health = self._monitor.check(sight.pixels, heat)
        if health is not None and sight.home is not None and sight.home.moved is not None:
            health = replace(health, offset=sight.home.moved)  # what is shown was put in place
        causes = (*(health.causes if health else ()), *about)
        verdict = judge(score.value, self._limits)
        if not math.isfinite(score.value):
            reason = say("The score is not a number. Learn the profile again.")
            return Judgement(verdict, math.nan, None, score.milliseconds, health, reason, causes)
        if self._frozen_is_error and self._monitor.frozen:
            reason = say("The picture stands still: it is the one of the parts before. Check the "
                         "camera, then inspect the part again.")  # fmt: skip
            return Judgement(
                Verdict.ERROR, math.nan, None, score.milliseconds, health, reason, causes
            )
        return Judgement(verdict, score.value, score.map, score.milliseconds, health, None, causes)


def _failed(reason: Message) -> Judgement:
    return Judgement(Verdict.ERROR, math.nan, None, 0.0, None, reason)


def why_it_cannot_judge(error: Exception) -> Message:
    """Say why a revision could not be made ready; what nobody foresaw is for the log."""
    if isinstance(error, DeepRxError):
        return error.message
    if means_memory(error):
        return say(
            "This PC has not enough memory to change over while it inspects. Close other programs,"
            " or stop the line and start it again."
        )
    return say(
        "It could not be made ready ({reason}). Stop the line and start it again; if it comes back,"
        " send the log to whoever looks after the program.",
        reason=str(error).splitlines()[0] if str(error) else type(error).__name__,
    )
