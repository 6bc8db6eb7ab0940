"""Disks that are full."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def full_disk(after: int) -> Iterator[None]:
    """No file of this process can grow beyond ``after`` bytes meanwhile."""
    if sys.platform == "win32":
        pytest.skip("needs a limit on the size of files")
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (after, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
