"""Which errors mean that memory ran out."""

from __future__ import annotations

import pytest

from deeprx_gui.domain.errors import means_memory


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("Exception from plugin.cpp:54:\nstd::bad_alloc\n"), True),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: 8 bytes"), True),
        (RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8"), True),
        (RuntimeError("CUDA out of memory. Tried to allocate 2 GiB"), True),
        (RuntimeError("shapes do not fit"), False),
        (ValueError("std::bad_alloc"), False),
    ],
)
def test_memory_is_recognised_whoever_says_it(error: Exception, expected: bool) -> None:
    assert means_memory(error) is expected
