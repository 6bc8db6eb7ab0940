"""Trying: what the search for settings finds of known bad parts, against a learnt product."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pathlib import Path

from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.next_step import AutomaticTrial, trial_of
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work.search import search


def try_automatic(
    profile: Profile,
    images: Sequence[Path],
    bad: Sequence[Path],
    settings: FitSettings,
    *,
    engines: EnginePool,
    scratch: Path,
    seconds: Callable[[FitSettings, int], float],
) -> Generator[Progress, None, AutomaticTrial]:
    """Search on the normal ``images`` and the ``bad`` parts, and compare with the profile.

    ``settings``: with a takt, the view and the promised rates; ``seconds`` predicts what learning
    so many images takes. Raises what ``search`` raises.
    """
    outcome = yield from search(images, settings, engines=engines, scratch=scratch, bad=bad)
    return trial_of(profile, outcome, seconds(outcome.settings, len(images)))
