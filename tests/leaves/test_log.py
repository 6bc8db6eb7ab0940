"""The diary is written, whatever happens, and never stops the program."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deeprx_gui import log
from deeprx_gui.paths import Paths

pytestmark = pytest.mark.logs_errors


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[Paths]:
    level = logging.getLogger().level
    yield Paths(tmp_path / "データ")
    log.close()
    logging.getLogger().setLevel(level)


def _text(file: Path | None) -> str:
    assert file is not None
    return file.read_text(encoding="utf-8")


def test_the_file_gets_everything_worth_knowing_and_the_console_the_warnings(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    file = log.setup(paths)
    logging.getLogger("deeprx_gui.x").debug("too much")
    logging.getLogger("deeprx_gui.x").info("学習を開始")
    logging.getLogger("deeprx_gui.x").warning("careful")
    assert file == paths.logs / "deeprx.log"
    assert "学習を開始" in _text(file)
    assert "too much" not in _text(file)
    console = capsys.readouterr()
    assert "careful" in console.err
    assert "学習を開始" not in console.err
    assert console.out == "", "standard output belongs to --json"


def test_verbose_tells_everything(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    log.setup(paths, verbose=True)
    logging.getLogger("deeprx_gui.x").debug("detail")
    assert "detail" in capsys.readouterr().err


def test_setting_up_twice_writes_once(paths: Paths) -> None:
    log.setup(paths)
    file = log.setup(paths)
    logging.getLogger("deeprx_gui.x").info("once")
    assert _text(file).count("once") == 1


def test_a_folder_that_cannot_be_written_is_no_reason_to_stop(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    paths.data.parent.mkdir(exist_ok=True)
    paths.data.touch()
    assert log.setup(paths) is None
    assert "cannot be written" in capsys.readouterr().err


def test_without_a_console_it_still_writes(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    file = log.setup(paths)
    logging.getLogger("deeprx_gui.x").warning("windowed")
    assert "windowed" in _text(file)


def test_the_file_is_turned_over_when_full(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "_BYTES", 2_000)
    log.setup(paths)
    for i in range(100):
        logging.getLogger("deeprx_gui.x").info("line %d %s", i, "x" * 100)
    names = {f.name for f in paths.logs.glob("deeprx.log*")}
    assert names == {"deeprx.log", *(f"deeprx.log.{i}" for i in range(1, 6))}
    assert all(f.stat().st_size <= 2_000 for f in paths.logs.glob("deeprx.log*"))


def test_a_file_that_cannot_be_turned_over_is_written_on(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On Windows a second program holding the file forbids the renaming."""
    monkeypatch.setattr(log, "_BYTES", 500)

    def held(*_: object) -> None:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr("logging.handlers.RotatingFileHandler.rotate", held)
    file = log.setup(paths)
    for i in range(20):
        logging.getLogger("deeprx_gui.x").info("line %d", i)
    assert all(f"line {i}\n" in _text(file) for i in range(20))
    assert capsys.readouterr().err == ""


def test_what_nobody_caught_is_written_with_its_traceback(paths: Paths) -> None:
    file = log.setup(paths)

    def fail() -> None:
        raise RuntimeError("nobody caught this")

    thread = threading.Thread(target=fail, name="worker")
    thread.start()
    thread.join()
    try:
        fail()
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    text = _text(file)
    assert "uncaught RuntimeError in thread worker" in text
    assert text.count("RuntimeError: nobody caught this") == 2
    assert text.count(", in fail") == 2


def test_an_error_while_an_object_dies_is_written(paths: Paths) -> None:
    file = log.setup(paths)

    class Dying:
        def __del__(self) -> None:
            raise RuntimeError("last words")

    Dying()
    gc.collect()
    assert "last words" in _text(file)


def test_ctrl_c_is_not_an_error(paths: Paths, capsys: pytest.CaptureFixture[str]) -> None:
    file = log.setup(paths)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "uncaught" not in _text(file)
    assert "KeyboardInterrupt" in capsys.readouterr().err


def test_closing_gives_the_hooks_and_the_files_back(paths: Paths) -> None:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    handlers = list(logging.getLogger().handlers)
    log.setup(paths)
    assert sys.excepthook is not hooks[0]
    log.close()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == hooks
    assert logging.getLogger().handlers == handlers


class FullDisk:
    """A file on a disk that is full until ``room`` is true."""

    def __init__(self) -> None:
        self.room = False
        self.lines: list[str] = []

    def write(self, text: str) -> int:
        if not self.room:
            raise OSError(28, "No space left on device")
        self.lines.append(text)
        return len(text)

    def flush(self) -> None:
        if not self.room:
            raise OSError(28, "No space left on device")

    def close(self) -> None:
        self.flush()

    def seek(self, *_: int) -> int:
        return 0

    def tell(self) -> int:
        return 0


def test_a_full_disk_is_no_matter_for_what_is_logged(
    paths: Paths, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log.setup(paths, quiet=True)
    (handler,) = [h for h in logging.getLogger().handlers if isinstance(h, log._PatientFile)]
    disk = FullDisk()
    assert handler.stream is not None
    handler.stream.close()
    monkeypatch.setattr(handler, "stream", disk)
    talk = logging.getLogger("deeprx_gui.x")
    for number in range(3):
        talk.warning("line %d", number)
    assert capsys.readouterr().err == "", "no traceback of the logging either"
    disk.room = True
    talk.warning("goes on")
    told = "".join(disk.lines)
    assert "3 lines could not be written" in told
    assert "goes on" in told
    disk.room = False
    log.close()  # what is in the buffer cannot be written, and that is all


def test_a_terminal_obeys_nothing_that_a_name_in_the_log_says(
    paths: Paths, capsys: pytest.CaptureFixture[str]
) -> None:
    file = log.setup(paths)
    logging.getLogger("deeprx_gui.x").warning("%s is bad", "\x1b]0;title\x07\u202egnp.exe")
    for text in (capsys.readouterr().err, _text(file)):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\u001b]0;title" in text


@pytest.mark.skipif(sys.platform == "win32", reason="pipes of POSIX")
def test_a_log_that_is_a_pipe_is_not_waited_for(paths: Paths) -> None:
    import os

    paths.logs.mkdir(parents=True)
    os.mkfifo(paths.logs / "deeprx.log")
    assert log.setup(paths, quiet=True) is None
