"""Work that needs no engine: it learns by looking at the mean colour."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from pathlib import Path

import numpy as np

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.fit import FitOutcome, FitRequest
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import BackboneChoice, NormalImage, Profile, RevisionOrigin
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.scored import PendingImage, ScoredImage
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.batch import BatchOutcome
from tests.made_profile import made_profile


class FakeWork:
    """Stands in for ``fit`` and ``score_images``; ``hold`` keeps a job running until it is set."""

    def __init__(self) -> None:
        self.hold = threading.Event()
        self.hold.set()
        self.closed = threading.Event()

    def fit(
        self, request: FitRequest, *, store: ProfileStore, **_services: object
    ) -> Generator[Progress, None, FitOutcome]:
        """Learn that normal is the mean brightness of the images."""
        try:
            means = []
            total = len(request.images)
            for number, path in enumerate(request.images, 1):
                means.append(float(decode(path).pixels.mean()))
                yield Progress(number, total, say("Reading normal images"), 1.5, path)
                yield from self._wait(number, total)
            middle = float(np.mean(means))
            saved = store.save(_profile(request, [abs(m - middle) + 1 for m in means], middle))
            return FitOutcome(saved, (), 0.1, "torch-cpu")
        finally:
            self.closed.set()

    def score_images(
        self, profile: Profile, items: Sequence[PendingImage], **_services: object
    ) -> Generator[Progress, None, BatchOutcome]:
        """Score by the difference in brightness."""
        middle = float(profile.statistics.arrays["mean"][0])
        for number, item in enumerate(items, 1):
            value = abs(float(decode(item.path).pixels.mean()) - middle) + 1
            score = Score(value, np.full((4, 4), value, np.float32), 1.0)
            scored = ScoredImage(item.path, item.label, score, None, 32, 32)
            yield Progress(number, len(items), say("Scoring"), 1.0, scored)
        return BatchOutcome("torch-cpu", 0.1, 1.0, 0.0)

    def _wait(self, number: int, total: int) -> Generator[Progress, None, None]:
        while not self.hold.wait(0.005):
            yield Progress(number, total, say("Reading normal images"), 1.5)


def _profile(request: FitRequest, scores: list[float], middle: float) -> Profile:
    from datetime import UTC, datetime

    settings = request.settings
    limits = suggest_limits(scores)
    return made_profile(
        request.name,
        limits=limits,
        id=request.profile_id or "",
        revision=0,
        preprocessing=settings.preprocessing,
        scoring=settings.scoring,
        backbone=BackboneChoice(settings.backbone, settings.taps, "0" * 64),
        detector=settings.detector,
        normals=tuple(NormalImage(str(p), s) for p, s in zip(request.images, scores, strict=True)),
        origin=RevisionOrigin(request.who, datetime.now(UTC), request.why, "test", "torch-cpu"),
        statistics=Statistics({"mean": np.array([middle])}, {"images": len(scores)}),
        thumbnail=decode(Path(request.images[0])).pixels,
    )
