"""What this PC is, so that a figure can be read beside the machine it was taken on."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Machine:
    """Processor, cores this program may use, memory in MB (10^6 bytes), operating system.

    ``load``: how many programs wanted to compute during the last minute, the greater the less the
    figures are worth; ``None`` where the system does not say.
    """

    cpu: str
    cores: int
    memory_mb: int
    system: str
    load: float | None


def this_machine() -> Machine:
    """Return what this PC is, right now."""
    return Machine(
        cpu=cpu_name(),
        cores=_cores(),
        memory_mb=round(psutil.virtual_memory().total / 1e6),
        system=platform.platform(terse=True),
        load=None if sys.platform == "win32" else round(os.getloadavg()[0], 2),
    )


def cpu_name() -> str:
    """Return the processor's name as its maker writes it, as far as the system knows it."""
    if sys.platform == "win32":
        import winreg

        place = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, place) as key:
                return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
        except OSError:
            return platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass  # not Linux: the general answer below serves
    return platform.processor() or platform.machine()


def _cores() -> int:
    if sys.platform != "win32" and hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
