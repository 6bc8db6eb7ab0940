"""LimitMover: the one way in which line, slider and number field move a limit."""

from __future__ import annotations

import itertools
import math
import sys
from functools import partial
from time import monotonic

from PySide6.QtCore import QObject

from deeprx_gui.domain.limits import Limits
from deeprx_gui.state.session import Session
from deeprx_gui.ui.charts.limit_handles import LimitKind
from deeprx_gui.ui.kit.throttle import Throttle

_PAUSE_S = 1.0
"""Key presses and taps that follow each other faster than this are one step of undo."""
_numbers = itertools.count(1)


def with_promises(limits: Limits, suggested: Limits) -> Limits:
    """Give back the promise to a limit that was moved exactly to the suggested place."""
    review_back = math.isclose(limits.review, suggested.review, rel_tol=1e-9)
    ng_back = math.isclose(limits.ng, suggested.ng, rel_tol=1e-9)
    return Limits(
        suggested.review if review_back else limits.review,
        suggested.ng if ng_back else limits.ng,
        suggested.review_promise if review_back else limits.review_promise,
        suggested.ng_promise if ng_back else limits.ng_promise,
        suggested.unit,
    )


class LimitMover(QObject):
    """Moves the session's limits at the display's rate; one drag is one step of undo."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._pacer = Throttle(parent=self)
        self._gesture = 0
        self._last = -math.inf
        self._dragging = False

    def start_drag(self) -> None:
        """Start a drag; all moves until ``end_drag`` are one undo step."""
        self._gesture = next(_numbers)
        self._dragging = True

    def end_drag(self) -> None:
        """End the drag and apply its last position."""
        self._pacer.flush()
        self._dragging = False
        self._last = -math.inf

    def move(self, which: LimitKind, score: float) -> None:
        """Move one limit to a raw score; the other gives way."""
        now = monotonic()
        if not self._dragging and now - self._last > _PAUSE_S:
            self._gesture = next(_numbers)
        self._last = now
        self._pacer.ask(partial(self._move, which, score, self._gesture))

    def reset(self) -> None:
        """Reset both limits to those suggested by the fit."""
        profile = self._session.profile
        if profile is not None:
            self._session.set_limits(profile.suggested)

    def _move(self, which: LimitKind, score: float, gesture: int) -> None:
        limits, profile = self._session.limits, self._session.profile
        if limits is None or profile is None or not math.isfinite(score):
            return
        # a dragged line answers with a number of numpy's, which no field of a profile may be
        score = max(float(score), sys.float_info.epsilon)
        moved = limits.moved(review=score) if which is LimitKind.REVIEW else limits.moved(ng=score)
        self._session.set_limits(with_promises(moved, profile.suggested), merge_id=gesture)
