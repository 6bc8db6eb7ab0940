"""The demonstration: learn real solar cells, score unseen good and defective ones."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.samples import sample_dataset
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, Scored, ToScore
from deeprx_gui.engine.engines import Engines
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.batch import BatchOutcome, score_images
from deeprx_gui.work.fit import FitOutcome, FitRequest, fit

NORMALS, UNSEEN_GOOD, UNSEEN_BAD = 50, 40, 40


@dataclass(frozen=True)
class DemoOutcome:
    """The learnt profile and the scored pictures, labelled."""

    fit: FitOutcome
    batch: BatchOutcome
    results: tuple[Scored, ...]

    @property
    def profile(self) -> Profile:
        """The saved profile."""
        return self.fit.profile


def demo_job(
    name: str, *, who: str, engines: Engines, store: ProfileStore, scratch: Path
) -> Generator[Progress, None, DemoOutcome]:
    """Learn ``name`` from 50 sample images (a new revision if it exists) and score 80 others.

    Raises RequestError when the sample images are not installed, and what ``fit`` raises.
    """
    dataset = sample_dataset(NORMALS, UNSEEN_GOOD, UNSEEN_BAD)
    request = FitRequest(
        name=name,
        images=dataset.train,
        settings=FitSettings(),
        who=who,
        profile_id=store.find_id(name),
    )
    learnt = yield from fit(request, engines=engines, store=store, scratch=scratch)
    items = [ToScore(t.path, Label.BAD if t.bad else Label.GOOD) for t in dataset.test]
    results: list[Scored] = []
    batch = yield from _collect(score_images(learnt.profile, items, engines=engines), results)
    return DemoOutcome(learnt, batch, tuple(results))


def _collect(
    job: Generator[Progress, None, BatchOutcome], into: list[Scored]
) -> Generator[Progress, None, BatchOutcome]:
    """Pass a batch's progress on and keep what it scored."""
    try:
        while True:
            progress = next(job)
            if isinstance(progress.item, Scored):
                into.append(progress.item)
            yield progress
    except StopIteration as stop:
        outcome: BatchOutcome = stop.value
        return outcome
    finally:
        job.close()
