"""The demonstration: learn sample parts, score unseen good and defective ones.

Real solar cells where the package with them is installed. Its licence (CC BY-NC-SA) forbids to ship
it with a program; an installed program draws parts of its own, and says so.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.dataset import Dataset
from deeprx_gui.capture.samples import has_samples, sample_dataset
from deeprx_gui.domain.fit import FitOutcome, FitRequest
from deeprx_gui.domain.fit_settings import DEFAULT_PRESET, PRESETS
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label, PendingImage, ScoredImage
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.batch import BatchOutcome, score_images
from deeprx_gui.work.drawn_samples import drawn_dataset
from deeprx_gui.work.fit import fit

NORMALS, UNSEEN_GOOD, UNSEEN_BAD = 50, 40, 40


@dataclass(frozen=True)
class DemoOutcome:
    """The learnt profile and the scored pictures, labelled."""

    fit: FitOutcome
    batch: BatchOutcome
    results: tuple[ScoredImage, ...]

    @property
    def profile(self) -> Profile:
        return self.fit.profile


def sample_title() -> Message:
    """Return what the sample profile is called: it says whether its parts are real."""
    return say("Solar cells (sample)") if has_samples() else say("Drawn parts (sample)")


def sample_note() -> Message | None:
    """Return what a person should know about the samples, ``None`` where they are real."""
    if has_samples():
        return None
    return say("These parts are drawn by the program: no pictures of real ones come with it.")


def sample_parts(folder: Path) -> Dataset:
    """Return the samples; drawn ones are put into ``folder``.

    Raises RequestError when the real ones are damaged, StorageError when none can be drawn.
    """
    if has_samples():
        return sample_dataset(NORMALS, UNSEEN_GOOD, UNSEEN_BAD)
    return drawn_dataset(folder, NORMALS, UNSEEN_GOOD, UNSEEN_BAD)


def demo_job(
    name: str, *, who: str, engines: EnginePool, store: ProfileStore, scratch: Path, samples: Path
) -> Generator[Progress, None, DemoOutcome]:
    """Learn ``name`` from 50 sample images (a new revision if it exists) and score 80 others.

    ``samples``: where drawn ones are kept. Raises as ``sample_parts`` and ``fit``.
    """
    yield Progress(0, 1, say("Preparing the sample images"))
    dataset = sample_parts(samples)
    request = FitRequest(
        name=name,
        images=dataset.train,
        settings=PRESETS[DEFAULT_PRESET].settings,
        who=who,
        profile_id=store.find_id(name),
    )
    learnt = yield from fit(request, engines=engines, store=store, scratch=scratch)
    items = [PendingImage(t.path, Label.BAD if t.bad else Label.GOOD) for t in dataset.test]
    results: list[ScoredImage] = []
    batch = yield from _collect(score_images(learnt.profile, items, engines=engines), results)
    return DemoOutcome(learnt, batch, tuple(results))


def _collect(
    job: Generator[Progress, None, BatchOutcome], into: list[ScoredImage]
) -> Generator[Progress, None, BatchOutcome]:
    """Pass a batch's progress on and keep what it scored."""
    try:
        while True:
            progress = next(job)
            if isinstance(progress.item, ScoredImage):
                into.append(progress.item)
            yield progress
    except StopIteration as stop:
        outcome: BatchOutcome = stop.value
        return outcome
    finally:
        job.close()
