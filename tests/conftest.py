"""What every test gets: its own folders, English, and a hunt for what it leaves behind."""

from __future__ import annotations

import faulthandler
import gc
import itertools
import logging
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from hypothesis import settings as hypothesis_settings

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A script in the background starts its programs deaf to Ctrl-C, and they hand that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Before Qt is first asked for a window. Set it to xcb or windows to watch a test.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The pictures here are small: more threads only wait for each other, badly so on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# The same examples in every run, and no deadline: a busy machine is not a bug.
hypothesis_settings.register_profile("deeprx", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("deeprx")

pytest_plugins = ["pytester"]

# Garbage is collected between tests, in this thread, as the window does it
# (jobs/gui_thread_gc.py): a
# worker that came across an earlier test's widgets would destroy them there, and Qt would crash.
gc.disable()
_COLLECT_EVERY, _COLLECT_ALL_EVERY = 10, 100
_LONGEST_ID = 100
_PATIENCE = 120_000
"""Milliseconds until a wait for Qt gives up; other processes may want the processor, too."""
_tests_run = itertools.count(1)
_folders_made = itertools.count()
_LONGEST_FOLDER = 30


def pytest_runtest_logfinish() -> None:
    """Collect after every tenth test, everything after every hundredth."""
    number = next(_tests_run)
    if number % _COLLECT_EVERY == 0:
        gc.collect(2 if number % _COLLECT_ALL_EVERY == 0 else 1)


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long text by its beginning and its length; two million blanks are no name."""
    if isinstance(val, (str, bytes)) and len(val) > _LONGEST_ID:
        return f"{val[:8]!r}...{len(val)}"
    return None


@pytest.fixture
def qtbot(qapp: Any, request: pytest.FixtureRequest) -> Any:
    """pytest-qt's, with more patience: only what never comes is a fault."""
    from pytestqt.qtbot import QtBot

    class PatientBot(QtBot):
        def waitUntil(self, callback: Any, *, timeout: int = _PATIENCE) -> None:
            super().waitUntil(callback, timeout=max(timeout, _PATIENCE))

        def waitSignal(self, signal: Any, *, timeout: int = _PATIENCE, **more: Any) -> Any:
            return super().waitSignal(signal, timeout=timeout, **more)

    return PatientBot(request)


@pytest.fixture(autouse=True)
def _tells_of_a_crash(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that opened the program's own log took the crash reports there: bring them back."""
    yield
    if not faulthandler.is_enabled():
        faulthandler.enable(request.config.stash[fault_handler_stderr_fd_key])


@pytest.fixture(autouse=True)
def _leaves_garbage_collection_off() -> Iterator[None]:
    """Fail a test that turns the automatic collection on for all that come after it."""
    yield
    if gc.isenabled():
        gc.disable()
        pytest.fail("the test left the automatic garbage collection on", pytrace=False)


_SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real images beside the checkout (MVTec AD layout); the test is skipped without them."""
    return _shared("data")


@pytest.fixture(scope="session")
def shared_weights() -> Path:
    """Real backbone weights beside the checkout; the test is skipped without them."""
    return _shared("weights")


def _shared(name: str) -> Path:
    folder = _SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs ../shared/{name}, which is not on this machine")
    return folder


@pytest.fixture
def one_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a search one small size and one detector to try, so that it is quick."""
    monkeypatch.setattr("deeprx_gui.work.search.SIZES", (128,))
    monkeypatch.setattr("deeprx_gui.work.search.DETECTORS_TRIED", ("deep-rx",))
    monkeypatch.setattr("deeprx_gui.work.trial_pictures.PLANTED", 12)
    monkeypatch.setattr("deeprx_gui.work.search._Search.other_networks", lambda _: iter(()))


@pytest.fixture(autouse=True)
def _leaves_no_thread_running(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a QThread or a Python thread running, with the line that did it."""
    started: list[tuple[Any, str]] = []
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QThread

        start = QThread.start

        def noted_start(thread: QThread, *args: Any) -> None:
            started.append((thread, _caller()))
            start(thread, *args)

        monkeypatch.setattr(QThread, "start", noted_start)
    before = set(threading.enumerate())
    yield
    left = [f"QThread started {where}" for thread, where in started if _stopped_late(thread)]
    left += [
        f"Python thread {thread.name}"
        for thread in set(threading.enumerate()) - before
        # A QThread that ran Python leaves a dummy behind; it is counted above.
        if not thread.daemon and not isinstance(thread, threading._DummyThread) and _goes_on(thread)
    ]
    if left:
        pytest.fail("the test left threads running:\n" + "\n".join(left), pytrace=False)


def _caller() -> str:
    frames = [f for f in traceback.extract_stack()[:-2] if "deeprx_gui" in f.filename]
    frames = frames or traceback.extract_stack()[:-2]
    return f"in {frames[-1].filename}:{frames[-1].lineno} ({frames[-1].name})"


def _stopped_late(thread: Any) -> bool:
    """Stop a thread that still runs, so that the next test starts clean; say whether it ran."""
    import shiboken6

    if not shiboken6.isValid(thread) or not thread.isRunning():
        return False
    thread.requestInterruption()
    thread.quit()
    thread.wait(5000)
    return True


def _goes_on(thread: threading.Thread) -> bool:
    """Whether a Python thread is still there; one told to end gets the moment this takes."""
    thread.join(2.0)
    return thread.is_alive()


@pytest.fixture(autouse=True)
def _leaves_no_window_open() -> Iterator[None]:
    """Fail a test that leaves a top-level widget behind."""
    before = _top_level_widgets()
    yield
    if _left_over(before):  # not kept: a list of widgets would keep them alive
        gc.collect()
    left = _left_over(before)
    names = [f"{type(w).__name__} {w.objectName()!r}" for w in left]
    for widget in left:
        widget.close()
        widget.deleteLater()
    _delete_what_asked_for_it()
    if names:
        pytest.fail("the test left windows: " + ", ".join(names), pytrace=False)


def _left_over(before: list[Any]) -> list[Any]:
    _delete_what_asked_for_it()
    return [w for w in _top_level_widgets() if w not in before and w.parent() is None]


def _delete_what_asked_for_it() -> None:
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QCoreApplication, QEvent

        if QCoreApplication.instance() is not None:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _top_level_widgets() -> list[Any]:
    if "PySide6.QtWidgets" not in sys.modules:
        return []
    from PySide6.QtWidgets import QApplication

    return list(QApplication.topLevelWidgets()) if QApplication.instance() is not None else []


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """Return an empty folder of this test alone."""
    name = re.sub(r"\W", "_", request.node.name)[:_LONGEST_FOLDER]
    return _own_folder(tmp_path_factory, name)


def _own_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """Make a folder that no other test has.

    Numbered here: pytest looks through all folders that there are for the next free number, which
    took 5 ms each when a thousand tests had run.
    """
    return factory.mktemp(f"{name}-{next(_folders_made)}", numbered=False)


@pytest.fixture(autouse=True)
def data_dir(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of this test alone; Qt's own settings go there too."""
    folder = _own_folder(tmp_path_factory, "data")
    monkeypatch.setenv("DEEPRX_DATA_DIR", str(folder))
    for variable in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(variable, str(folder / variable.lower()))
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QSettings

        for kind in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
            QSettings.setPath(kind, QSettings.Scope.UserScope, str(folder / "qsettings"))
    return folder


@pytest.fixture(autouse=True)
def _speaks_english() -> Iterator[None]:
    """Start and end every test in English."""
    from deeprx_gui.i18n import set_language

    set_language("en")
    yield
    set_language("en")


@pytest.fixture(autouse=True)
def _fills_every_sentence(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which a sentence lacked a value or nobody caught an error."""
    handler = _Keeper(logging.ERROR)
    logger = logging.getLogger("deeprx_gui")
    logger.addHandler(handler)
    yield
    logger.removeHandler(handler)
    bad = [
        record.getMessage()
        for record in handler.records
        if record.levelno >= logging.CRITICAL or record.name == "deeprx_gui.i18n"
    ]
    if bad and request.node.get_closest_marker("logs_errors") is None:
        pytest.fail("logged as an error of the program:\n" + "\n".join(bad), pytrace=False)


class _Keeper(logging.Handler):
    def __init__(self, level: int) -> None:
        super().__init__(level)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
