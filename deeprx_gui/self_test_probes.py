"""Self-test probes that run in a separate process: ``--probe NAME FILE``.

Each look answers with a sentence; a crash of the process is an answer too (work/probe_process.py).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deeprx_gui import installation_check
from deeprx_gui.domain import edition
from deeprx_gui.domain.errors import DeepRxError, StorageError
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.progress import Progress
from deeprx_gui.work.self_checks import SkippedError

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from deeprx_gui.domain.arrays import ByteImage
    from deeprx_gui.engine.engine_pool import EnginePool

_PATIENCE_MS = 100_000
_TEACHING_STEPS = 3


def main(words: Sequence[str]) -> int:
    """Take the look ``words[0]`` and write the answer to the file ``words[1]``."""
    name, file = words
    try:
        state, message = "ok", PROBES[name]()
    except SkippedError as reason:
        state, message = "skipped", reason.message
    except DeepRxError as error:
        state, message = "failed", error.message
    except Exception as error:  # noqa: BLE001 - a look reports whatever goes wrong
        state = "failed"
        message = say("{kind}: {text}", kind=type(error).__name__, text=str(error))
    answer = {
        "state": state,
        "template": message.template,
        "plural": message.plural,
        "context": message.context,
        "values": {k: v if isinstance(v, int) else str(v) for k, v in message.values.items()},
    }
    Path(file).write_text(json.dumps(answer), encoding="utf-8")
    return 0 if state != "failed" else 2


def _installation() -> Message:
    folder = installation_check.program_folder()
    if folder is None:
        raise SkippedError(say("The program runs from its source, there is nothing to compare"))
    try:
        found = list(installation_check.altered_files(folder))
    except installation_check.DamagedListError:
        wrong = installation_check.missing_or_resized_file(folder)
        assert wrong is not None
        raise StorageError(wrong) from None
    wrong = next((message for message in found if message is not None), None)
    if wrong is not None:
        raise StorageError(wrong)
    return say_n(
        "{n} installed file is as it was built", "{n} installed files are as they were built",
        n=len(found),
    )  # fmt: skip


def _opcua() -> Message:
    """Start the OPC UA server on loopback and ask it for its endpoints."""
    from deeprx_gui.outputs import opcua
    from deeprx_gui.work.self_checks import own_folder

    if not opcua.is_installed() and installation_check.program_folder() is None:
        raise SkippedError(say("OPC UA is not installed here; nothing of it is needed"))
    with own_folder() as folder:
        return opcua.self_check(folder)


def _window() -> Message:
    """Platform, picture plug-ins and fonts, and an icon of ours drawn."""
    application = _application()
    from PySide6.QtGui import QFontDatabase, QImageReader

    import deeprx_gui.app  # noqa: F401 - every page: what is missing anywhere is missing here

    known = {bytes(f.data()).decode() for f in QImageReader.supportedImageFormats()}
    if missing := {"png", "jpg", "svg", "ico"} - known:
        raise StorageError(
            say(
                "Qt's picture plug-ins {names} are missing. Install the program again.",
                names=", ".join(sorted(missing)),
            )
        )
    _draw_icon()
    japanese = QFontDatabase.families(QFontDatabase.WritingSystem.Japanese)
    if not japanese:
        raise StorageError(
            say(
                "This PC has no font with Japanese letters: texts would show boxes. Install one, "
                "for example “Noto Sans CJK JP”."
            )
        )
    return say(
        "Window system {platform}; {count} fonts with Japanese letters, {family} among them",
        platform=application.platformName(),
        count=len(japanese),
        family=japanese[0],
    )


def _draw_icon() -> None:
    from PySide6.QtCore import QByteArray
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    from deeprx_gui.paths import resources_dir

    image = QImage(32, 32, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    drawing = (resources_dir() / "icons" / "app.svg").read_bytes()
    QSvgRenderer(QByteArray(drawing)).render(painter)
    painter.end()
    if image.pixelColor(16, 4).alpha() == 0:
        raise StorageError(say("The icons cannot be drawn. Install the program again."))


def _torch_first() -> Message:
    """Load torch, compute, then open the window system: an older library of Qt's cannot win."""
    if edition.is_light():
        raise SkippedError(edition.LEFT_OUT)
    value = _compute()
    platform = _application().platformName()
    return say("torch computed {value}, then the window system {platform} was there",
               value=f"{value:.0f}", platform=platform)  # fmt: skip


def _window_first() -> Message:
    """As the program does it: the window system first, then torch and a fit in a lane."""
    application = _application()
    from PySide6.QtCore import QTimer

    from deeprx_gui.jobs.lane import Lane
    from deeprx_gui.jobs.runner import JobFailed

    lane = Lane("self-test")
    ended: list[object] = []
    job = lane.start(_fit_steps)
    job.done.connect(ended.append)
    job.failed.connect(ended.append)
    job.finished.connect(application.quit)
    QTimer.singleShot(_PATIENCE_MS, application.quit)
    application.exec()
    lane.stop()
    result = ended[0] if ended else None
    if isinstance(result, JobFailed):
        raise StorageError(result.message)
    if not isinstance(result, str):
        raise StorageError(say("Learning beside the window did not end. Call support."))
    return say("Learnt beside the window, with {runtime}", runtime=result)


def _fit_steps() -> Generator[Progress, None, str]:
    """Teach an autoencoder for a moment (torch learns, if it is there), then learn parts."""
    from deeprx_gui.domain.fit import FitRequest
    from deeprx_gui.domain.fit_settings import FitSettings
    from deeprx_gui.engine.backbones.library import BackboneLibrary
    from deeprx_gui.engine.engine_pool import EnginePool
    from deeprx_gui.profiles.store import ProfileStore
    from deeprx_gui.results.encode import encode_png
    from deeprx_gui.work.drawn_samples import sample_part
    from deeprx_gui.work.fit import fit
    from deeprx_gui.work.self_checks import own_folder

    with own_folder() as folder:
        engines = EnginePool(BackboneLibrary(folder / "backbones"))
        pictures = [sample_part(seed) for seed in range(12)]
        yield Progress(0, 2, say("Learning, saving and judging"))
        if not edition.is_light():
            yield from _taught(engines, pictures)
        files = []
        for number, pixels in enumerate(pictures):
            file = folder / f"部品 {number}.png"
            file.write_bytes(encode_png(pixels))
            files.append(file)
        request = FitRequest("self-test", tuple(files), FitSettings(), "self-test")
        store = ProfileStore(folder / "品種 profiles")
        learnt = yield from fit(request, engines=engines, store=store, scratch=folder / "scratch")
        return learnt.runtime


def _taught(engines: EnginePool, pictures: Sequence[ByteImage]) -> Generator[Progress, None, None]:
    teaching = engines.teach(pictures[:6], pictures[6:8])
    for step in teaching:
        if step.done >= _TEACHING_STEPS:
            break
        yield Progress(0, 2, say("Learning, saving and judging"))
    teaching.close()


def _compute() -> float:
    from deeprx_gui.engine.torch_import import import_torch_module

    runtime = import_torch_module("deeprx_gui.engine.runtimes.torch_runtime")
    torch = runtime.torch
    ones = torch.ones(64, 64)
    return float((ones @ ones).sum())


def _application() -> QApplication:
    """Open the window system, or draw without a screen on a Linux that has none."""
    from PySide6.QtWidgets import QApplication

    screen = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"} & os.environ.keys()
    if sys.platform == "linux" and not screen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return QApplication(sys.argv[:1])


PROBES: Mapping[str, Callable[[], Message]] = {
    "installation": _installation,
    "opcua": _opcua,
    "window": _window,
    "torch_first": _torch_first,
    "window_first": _window_first,
}
