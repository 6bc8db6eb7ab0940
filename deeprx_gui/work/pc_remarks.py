"""What about this PC makes the program slow, or keeps it from saving: one sentence each."""

from __future__ import annotations

import platform
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil

from deeprx_gui.domain.message import Message, say
from deeprx_gui.scratch import cannot_write

LEAST_MEMORY_GB = 4
_X86 = frozenset({"x86_64", "amd64", "x64"})
_AVX2_ON_WINDOWS = 40
_CPU_FILE = Path("/proc/cpuinfo")


def pc_warnings(data: Path) -> tuple[Message, ...]:
    """Return what a person should know before work begins, the gravest first; mostly nothing."""
    return tuple(_remarks(data))


def _remarks(data: Path) -> Iterator[Message]:
    reason = cannot_write(data)
    if reason is not None:
        yield say(
            "“{folder}” can only be read ({reason}): products can be looked at and checked, but "
            "nothing is saved. Ask whoever looks after this PC for the right to write there.",
            folder=data,
            reason=reason,
        )
    if has_avx2() is False:
        yield say(
            "The processor of this PC has no AVX2. The program may be slow on it or end in the "
            "middle of work; use a newer PC to inspect."
        )
    memory = psutil.virtual_memory().total / 1e9
    if memory < LEAST_MEMORY_GB:
        yield say(
            "This PC has {memory} GB of memory. Learning needs about {needed} GB: close other "
            "programs and choose the preset “Fast”, or use a PC with more.",
            memory=f"{memory:.1f}",
            needed=LEAST_MEMORY_GB,
        )


def has_avx2() -> bool | None:
    """Say whether the processor has AVX2, ``None`` where the system does not tell."""
    if platform.machine().lower() not in _X86:
        return None
    if sys.platform == "win32":
        import ctypes

        present = ctypes.WinDLL("kernel32").IsProcessorFeaturePresent
        return bool(present(_AVX2_ON_WINDOWS))
    try:
        text = _CPU_FILE.read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    flags = [line for line in text.splitlines() if line.startswith("flags")]
    return all("avx2" in line.split() for line in flags) if flags else None
