"""Times as files keep them: read so that the window can show every one in the time of this PC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

_EARLIEST: Final = datetime(1970, 1, 2, tzinfo=UTC)
_END: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""Between the two every operating system knows a time in every time zone."""


def saved_time(text: str) -> datetime:
    """Return a time with its time zone, of the years 1970 to 2199.

    Raises ValueError for anything else: outside these years a change of the time zone may fail.
    """
    when = datetime.fromisoformat(text)
    if when.tzinfo is None or not _EARLIEST <= when < _END:
        raise ValueError("no time with its time zone between 1970 and 2200")
    return when
