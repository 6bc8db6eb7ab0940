"""Self-test: does this program work on this PC? Every check really does what it is named after."""

from __future__ import annotations

import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import DeepRxError, StorageError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Scored, ToScore
from deeprx_gui.engine.engines import Engines
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.fit import FitRequest, fit
from deeprx_gui.work.pace import Pace

_DISK_MB, _MEMORY_MB = 500, 1500


@dataclass(frozen=True)
class Check:
    """One finished check."""

    name: str
    title: Message
    ok: bool
    detail: Message
    seconds: float


@dataclass(frozen=True)
class SelfTest:
    """All checks; ``ok`` when every one passed."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """True when every check passed."""
        return all(check.ok for check in self.checks)


def self_test(engines: Engines, data: Path) -> Generator[Progress, None, SelfTest]:
    """Run every check, also after one has failed."""
    bench = _Bench(engines, data)
    pace = Pace(len(CHECKS))
    done: list[Check] = []
    for name, (title, run) in CHECKS.items():
        yield pace.report(title)
        start = time.perf_counter()
        try:
            detail, ok = run(bench), True
        except DeepRxError as error:
            detail, ok = error.message, False
        except Exception as error:  # noqa: BLE001 - a self-test reports whatever goes wrong and goes on
            detail, ok = say("{kind}: {text}", kind=type(error).__name__, text=str(error)), False
        done.append(Check(name, title, ok, detail, time.perf_counter() - start))
        yield pace.step(title)
    return SelfTest(tuple(done))


@dataclass(frozen=True)
class _Bench:
    engines: Engines
    data: Path


def sample_part(seed: int, *, defect: bool = False) -> ByteImage:
    """Return a synthetic part, 256 x 256: a ribbed plate with noise; the defect is a scratch."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:256, 0:256]
    plate = 128 + 40 * np.sin(x / 7.0) * np.cos(y / 11.0) + rng.normal(0, 4, (256, 256))
    if defect:
        plate[100:140, 90:98] = 10
        plate[116:124, 80:150] = 245
    grey = np.clip(plate, 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _computer(_bench: _Bench) -> Message:
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


def _disk(bench: _Bench) -> Message:
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
    with tempfile.TemporaryDirectory(dir=data, prefix="自己診断 ") as folder:
        file = Path(folder) / "書込み.bin"
        file.write_bytes(b"deeprx" * 1000)
        if file.read_bytes() != b"deeprx" * 1000:
            raise StorageError(say("The disk returns other bytes than were written. Replace it."))


def _decoder(_bench: _Bench) -> Message:
    with tempfile.TemporaryDirectory(prefix="deeprx ") as folder:
        pixels = sample_part(1)
        file = Path(folder) / "画像.png"
        file.write_bytes(encode_png(pixels))
        if not np.array_equal(decode(file).pixels, pixels):
            raise StorageError(say("A picture came back changed. Install the program again."))
    return say("Pictures are read exactly")


def _backbone(bench: _Bench) -> Message:
    engine = bench.engines.for_fit(FitSettings())
    taps = engine.taps(engine.prepare(sample_part(1)))
    if not all(np.isfinite(m).all() for m in taps.maps):
        raise StorageError(say("The network gives no usable numbers. Install the program again."))
    return say(
        "{backbone} on {runtime} ({device})",
        backbone=FitSettings().backbone,
        runtime=engine.info.name,
        device=engine.info.device,
    )


def _whole_job(bench: _Bench) -> Message:
    """Learn synthetic parts, save, open, score: the defect must be found, the good part pass."""
    with tempfile.TemporaryDirectory(prefix="deeprx ") as folder:
        root = Path(folder)
        files = []
        for seed in range(13):
            file = root / f"{seed}.png"
            file.write_bytes(encode_png(sample_part(seed, defect=seed == 12)))
            files.append(file)
        store = ProfileStore(root / "profiles")
        request = FitRequest("self-test", tuple(files[:10]), FitSettings(), "self-test")
        _drain(fit(request, engines=bench.engines, store=store, scratch=root / "scratch"))
        profile = store.load("self-test")
        scored = _drain(
            score_images(profile, [ToScore(f) for f in files[10:]], engines=bench.engines)
        )
        values = [item.value for item in scored if isinstance(item, Scored)]
        good, bad = max(values[:2]), values[2]
        if not bad > 1.5 * profile.limits.ng or not good < bad:
            raise StorageError(
                say("The test defect was not found. Do not inspect with this PC; call support.")
            )
        return say(
            "Test defect found at {bad} × limit, good parts at {good} × limit",
            bad=f"{profile.limits.times(bad):.2f}",
            good=f"{profile.limits.times(good):.2f}",
        )


def _drain(job: Generator[Progress, None, object]) -> list[object]:
    return [progress.item for progress in job if progress.item is not None]


CHECKS: dict[str, tuple[Message, Callable[[_Bench], Message]]] = {
    "computer": (say("Computer"), _computer),
    "data_folder": (say("Data folder"), _disk),
    "decoder": (say("Reading pictures"), _decoder),
    "backbone": (say("Network"), _backbone),
    "inspection": (say("Learning, saving and judging"), _whole_job),
}
