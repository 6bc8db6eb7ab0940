"""Statistics: what a fit learnt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Statistics:
    """Named arrays and counts, no behaviour; stored as ``statistics.safetensors``."""

    arrays: Mapping[str, NDArray[Any]]
    counts: Mapping[str, int] = field(default_factory=dict)
