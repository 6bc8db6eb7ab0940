"""Explaining every part of a batch that is not OK."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.domain.why import Explanation
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work.explain import Explainer
from deeprx_gui.work.open_scorer import open_scorer


def explain_results(
    profile: Profile, results: Sequence[ScoredImage], engines: EnginePool
) -> Generator[Progress, None, dict[Path, Explanation | Message]]:
    """Return why each result is NG or REVIEW under the profile's limits, or why that is not known.

    OK and ERROR have no places and are left out.
    """
    asked = [r for r in results if _has_places(r, profile)]
    if not asked:
        return {}
    explainer = Explainer(profile, open_scorer(engines, profile))
    found: dict[Path, Explanation | Message] = {}
    for result in asked:
        assert result.score is not None
        try:
            frame = decode(result.path)
            why = yield from explainer.explain(frame, result.score.map, profile.limits)
        except DeepRxError as error:
            found[result.path] = error.message
        else:
            found[result.path] = why
    return found


def _has_places(result: ScoredImage, profile: Profile) -> bool:
    verdict = judge(result.value, profile.limits)
    return result.score is not None and verdict in {Verdict.NG, Verdict.REVIEW}
