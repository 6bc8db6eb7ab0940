"""Live pictures: which of a run's pictures stay in memory while the window is behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from deeprx_gui.domain.inspection import InspectedPart
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.jobs.buffer import ImageShrinker
from deeprx_gui.state.inspect import BAD_KEPT, kept_of


def _is_part(item: object) -> bool:
    return isinstance(item, InspectedPart)


def _small(item: object) -> object | None:
    """Only the last NG parts can be looked at again."""
    ng = isinstance(item, InspectedPart) and item.record.verdict is Verdict.NG
    return kept_of(item) if ng and isinstance(item, InspectedPart) else None


def _bare(item: object) -> object:
    return replace(item, frame=None, map=None) if isinstance(item, InspectedPart) else item


THINNER: Final = ImageShrinker(_is_part, _small, _bare, BAD_KEPT)
