"""Checks of the self-test that need no network: this PC, its disk, pictures, records, cameras."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import psutil

from deeprx_gui import __version__
from deeprx_gui.capture.decode import decode
from deeprx_gui.capture.sources.table import find_devices
from deeprx_gui.domain import edition
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.inspection import Record
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.results.encode import encode_png
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.scratch import scratch_folder
from deeprx_gui.work.drawn_samples import sample_part

_DISK_MB, _MEMORY_MB = 500, 1500
PACKAGES = ("numpy", "opencv-python-headless", "openvino", "PySide6_Essentials")
_MODULES = {"opencv-python-headless": "cv2", "PySide6_Essentials": "PySide6"}
FOLDER_PREFIX = "自己診断 self test "
"""Folders of the self-test have what paths in Japan have: Japanese letters and blanks."""


class SkippedError(Exception):
    """The check does not apply here."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class CheckContext:
    """What checks work with: the engine room and the data folder."""

    engines: EnginePool
    data: Path


@contextmanager
def own_folder() -> Iterator[Path]:
    """Make a folder with a Japanese name and blanks, and take it away again."""
    with scratch_folder(Path(tempfile.gettempdir()), FOLDER_PREFIX) as folder:
        yield folder


def versions(_bench: CheckContext) -> Message:
    """Say what runs here."""
    return say(
        "{program}, Python {python} ({kind}); {packages}",
        program=edition.title(__version__),
        python=platform.python_version(),
        kind="frozen" if getattr(sys, "frozen", False) else "source",
        packages=", ".join(f"{name} {number}" for name, number in package_versions().items()),
    )


def package_versions() -> dict[str, str]:
    """Return the versions of the libraries that matter, "?" where one does not tell."""
    found = {}
    for name in (*PACKAGES, *(() if edition.is_light() else ("torch",))):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:  # an installed program carries no metadata
            module = sys.modules.get(_MODULES.get(name, name))
            found[name] = str(getattr(module, "__version__", "?"))
    return found


def computer(_bench: CheckContext) -> Message:
    """Memory and processor. Raises StorageError when too little is free."""
    free = psutil.virtual_memory().available / 1e6
    if free < _MEMORY_MB:
        raise StorageError(
            say(
                "Only {free} MB of memory are free, {need} are needed. Close other programs.",
                free=round(free),
                need=_MEMORY_MB,
            )
        )
    return say(
        "{system}, {cores} cores, {free} MB of memory free",
        system=platform.platform(terse=True),
        cores=psutil.cpu_count() or 1,
        free=round(free),
    )


def disk(bench: CheckContext) -> Message:
    """Write and read in the data folder. Raises StorageError."""
    try:
        _write_and_read(bench.data)
    except OSError as error:
        raise StorageError(
            say(
                "Nothing can be saved in {folder} ({reason}). Check the disk and your rights, or "
                "use another data folder.",
                folder=bench.data,
                reason=error.strerror or type(error).__name__,
            )
        ) from error
    free = shutil.disk_usage(bench.data).free / 1e6
    if free < _DISK_MB:
        raise StorageError(
            say(
                "Only {free} MB are free on the disk of {folder}. Free some space.",
                free=round(free),
                folder=bench.data,
            )
        )
    return say("{folder} can be written, {free} MB free", folder=bench.data, free=round(free))


def _write_and_read(data: Path) -> None:
    """Write and read back a file with a Japanese name; raises OSError and StorageError."""
    data.mkdir(parents=True, exist_ok=True)
    with scratch_folder(data, FOLDER_PREFIX) as folder:
        file = folder / "書込み.bin"
        file.write_bytes(b"deeprx" * 1000)
        if file.read_bytes() != b"deeprx" * 1000:
            raise StorageError(say("The disk returns other bytes than were written. Replace it."))


def decoder(_bench: CheckContext) -> Message:
    """Write a picture and read it. Raises StorageError when another one comes back."""
    with own_folder() as folder:
        pixels = sample_part(1)
        file = folder / "画像.png"
        file.write_bytes(encode_png(pixels))
        if not np.array_equal(decode(file).pixels, pixels):
            raise StorageError(say("A picture came back changed. Install the program again."))
    return say("Pictures are read exactly")


def records(_bench: CheckContext) -> Message:
    """Remember a verdict and find it again. Raises StorageError."""
    limits = Limits(1.0, 2.0)
    verdict = Record(
        uid="self-test",
        when=datetime.now(UTC),
        profile_id="self-test",
        profile="自己診断",
        revision=1,
        verdict=Verdict.NG,
        score=3.0,
        limits=limits,
        runtime="self-test",
        milliseconds=1.0,
        latency=1.0,
        source="self-test",
    )
    with own_folder() as folder:
        store = RecordStore(folder)
        try:
            number = store.add(verdict).number
            found = store.get(number)
        finally:
            store.close()
    if found is None or found.verdict is not Verdict.NG or found.profile != verdict.profile:
        raise StorageError(say("A verdict was not remembered. Install the program again."))
    return say("A verdict is on the disk before it is shown, and is found again")


def cameras(_bench: CheckContext) -> Message:
    """Ask which cameras are connected; none is an answer, not an error."""
    found = find_devices()
    if not found:
        return say("No camera is connected")
    return say_n(
        "{n} camera is connected: {names}",
        "{n} cameras are connected: {names}",
        n=len(found),
        names=", ".join(device.name for device in found),
    )
