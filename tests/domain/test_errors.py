"""Which errors mean that memory ran out."""

from __future__ import annotations

import errno

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
        (ImportError("libx.so: out of memory: Cannot allocate memory"), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (ImportError("No module named x"), False),
        (RuntimeError("shapes do not fit"), False),
        (ValueError("std::bad_alloc"), False),
    ],
)
def test_memory_is_recognised_whoever_says_it(error: Exception, expected: bool) -> None:
    assert means_memory(error) is expected


def test_windows_says_it_in_a_number_of_its_own() -> None:
    error = OSError(errno.EINVAL, "The paging file is too small for this operation to complete")
    error.winerror = 1455  # type: ignore[attr-defined,unused-ignore]
    assert means_memory(error)
