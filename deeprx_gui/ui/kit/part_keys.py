"""The keys that say what a part is: the same on Check, Inspect and History."""

from __future__ import annotations

from typing import Final

GOOD_KEYS: Final = ("G", "O")
"""Good, or OK; the first is the one that is shown."""
BAD_KEYS: Final = ("B", "N")
"""Bad, or NG."""
UNKNOWN_KEYS: Final = ("U",)
