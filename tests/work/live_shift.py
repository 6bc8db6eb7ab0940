"""A live run with its surroundings, driven step by step."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import PlacementError
from deeprx_gui.domain.inspection import InspectedPart, Trigger
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.station import Station
from deeprx_gui.engine.input_view import InputView
from deeprx_gui.work.controls import LiveControls
from deeprx_gui.work.live import LiveOutcome, LiveRequest, live
from deeprx_gui.work.shadow import Shadow
from tests.work.live_fakes import (
    FakeReceivers,
    FakeRecorder,
    FakeSource,
)

KEYED = Station(trigger=Trigger.KEY, answer_within=60)
"""So patient that no slow machine makes it an ERROR."""


class Brightness:
    """Stands for an engine: the score is the mean brightness / 100; raises what it is told to."""

    def __init__(self) -> None:
        self.raises: Exception | None = None

    def see(self, frame: Any) -> InputView:
        if isinstance(self.raises, PlacementError):
            raise self.raises
        return InputView(frame.pixels)

    def score_seen(self, sight: InputView, start: float) -> Score:
        if self.raises is not None:
            raise self.raises
        return self.score_prepared(sight.pixels)

    def score_prepared(self, pixels: ByteImage) -> Score:
        value = float(pixels.mean()) / 100
        return Score(value, np.full((2, 2), value, np.float32), 1.0)


class OneScorer:
    """An engine room with one scorer."""

    def __init__(self, scorer: Brightness) -> None:
        self.scorer = scorer

    def for_profile(self, profile: Profile) -> Brightness:
        return self.scorer

    def describe(self) -> None:
        return None


@dataclass
class Shift:
    """A run with its surroundings, driven step by step."""

    profile: Profile
    source: FakeSource
    station: Station = KEYED
    scorer: Brightness = field(default_factory=Brightness)
    controls: LiveControls = field(default_factory=LiveControls)
    recorder: FakeRecorder = field(default_factory=FakeRecorder)
    items: list[object] = field(default_factory=list)
    outcome: LiveOutcome | None = None
    shadow: Shadow | None = None
    next_shadow: Callable[[Profile], Shadow | None] = lambda _profile: None
    successors: list[Profile] = field(default_factory=list)
    job: Generator[Progress, None, LiveOutcome] | None = None

    def __post_init__(self) -> None:
        self.outputs = FakeReceivers(self.recorder.store)
        engines: Any = OneScorer(self.scorer)
        self.job = live(
            LiveRequest(
                self.profile,
                self.station,
                "佐藤",
                successor=lambda: self.successors.pop() if self.successors else None,
            ),
            engines=engines,
            recorder=self.recorder,
            outputs=self.outputs,
            controls=self.controls,
            source=self.source,
            shadow=self.shadow,
            next_shadow=self.next_shadow,
        )

    def step(self) -> bool:
        """One yield; False when the run is over."""
        assert self.job is not None
        try:
            progress = next(self.job)
        except StopIteration as end:
            self.outcome = end.value
            return False
        if progress.item is not None:
            self.items.append(progress.item)
        return True

    def to_the_end(self) -> list[InspectedPart]:
        while self.step():
            pass
        return self.parts

    def ready(self) -> None:
        """Drive until triggers are accepted."""
        for _ in range(2000):
            if self.controls.status().ready:
                return
            assert self.step(), "the run ended"
        raise AssertionError("never ready")

    def until(self, kind: type, count: int = 1) -> Any:
        """Drive until so many items of a kind were told; return the last."""
        for _ in range(2000):
            found = [i for i in self.items if isinstance(i, kind)]
            if len(found) >= count:
                return found[-1]
            assert self.step(), "the run ended"
        raise AssertionError(f"no {kind.__name__}")

    @property
    def parts(self) -> list[InspectedPart]:
        return [i for i in self.items if isinstance(i, InspectedPart)]


def grey(level: int) -> ByteImage:
    return np.full((16, 16, 3), level, np.uint8)
