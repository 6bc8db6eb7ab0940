"""What a live run needs of the store of verdicts and of whom it tells them."""

from __future__ import annotations

from typing import Protocol

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.inspection import Decision, InspectedPart, Record
from deeprx_gui.domain.message import Message


class RunStore(Protocol):
    """What a run needs of the store of verdicts."""

    @property
    def writable(self) -> bool:
        """Whether this program is the one that records."""

    @property
    def notice(self) -> Message | None:
        """Why not."""

    def known(self, item: str) -> bool:
        """Whether a file was judged already."""

    def decide(self, number: int, decision: Decision | None, *, who: str, note: str = "") -> Record:
        """Log a person's decision."""

    def check_file(self) -> None:
        """Raise StorageError when the file was deleted or replaced."""


class RecordSink(Protocol):
    """Remembers judged parts, durably; raises StorageError when it cannot."""

    @property
    def store(self) -> RunStore:
        """Where they are remembered."""

    def record(self, inspected: InspectedPart) -> InspectedPart:
        """Remember a part and return it as it is stored."""


class VerdictSink(Protocol):
    """Whom verdicts are told; neither method waits or raises."""

    def tell(self, record: Record, *, trigger: int = 0, score_map: Float32 | None = None) -> None:
        """Tell a recorded verdict; ``trigger``: the number of the trigger it answers.

        ``score_map`` (h, w): the raw scores over the picture, ``None`` for an ERROR.
        """

    def set_running(self, running: bool) -> None:
        """Tell whether there is a run."""
