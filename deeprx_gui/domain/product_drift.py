"""What has drifted of one product, with the sentences about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deeprx_gui.domain.drift import Drift
from deeprx_gui.domain.drift_words import (
    advice_words,
    drift_words,
    forecast_words,
    state_words,
    stopped_words,
)
from deeprx_gui.domain.message import Message


@dataclass(frozen=True, eq=False)
class ProductDrift:
    """What has drifted of a product.

    ``revisions``: those whose parts were looked at, which share one fit, oldest first; ``newest``:
    when the last part was judged, ``None`` without any; ``unit``: the raw score that is 1.00.
    """

    profile_id: str
    drift: Drift
    revisions: tuple[int, ...] = ()
    newest: datetime | None = None
    unit: float = 1.0

    @property
    def warning(self) -> Message | None:
        """What moved first and what followed; ``None`` when nothing did."""
        if self.newest is None:
            return None
        return drift_words(self.drift, self.newest)

    @property
    def sentence(self) -> Message:
        """The warning, or how it stands."""
        return self.warning or state_words(self.drift)

    @property
    def more(self) -> tuple[Message, ...]:
        """What it means for good parts now and soon, and what to look at."""
        drift = self.drift
        found = (stopped_words(drift), forecast_words(drift), advice_words(drift))
        return tuple(words for words in found if words is not None)
