"""The first lines of an installed program: whatever goes wrong is told where somebody sees it."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import pytest

from deeprx_gui import __main__, installation_check, launcher, log, startup_error
from deeprx_gui.paths import Paths


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program folder with one file, and this process taken for the program in it."""
    folder = tmp_path / "Programs" / "DeepRX 検査"
    folder.mkdir(parents=True)
    (folder / "deeprx").write_bytes(b"program")
    document = installation_check.list_of(folder, "1.0")
    import json

    (folder / installation_check.LIST_NAME).write_text(json.dumps(document), encoding="utf-8")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(folder / "deeprx"))
    monkeypatch.setattr(sys, "argv", ["deeprx", "--data-dir", str(tmp_path / "data")])
    monkeypatch.setattr(__main__, "window", lambda: 0)
    return folder


def test_a_whole_program_starts(installed: Path) -> None:
    assert launcher.run_reporting_failures("window") == 0


def test_a_damaged_one_names_the_file_and_does_not_start(
    installed: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    (installed / "deeprx").unlink()
    assert launcher.run_reporting_failures("window") == 2
    assert "the file deeprx is missing" in capsys.readouterr().err


def test_it_speaks_the_language_asked_for(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (installed / "deeprx").write_bytes(b"other")
    (installed / "deeprx").write_bytes(b"longer than before")
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--lang", "ja"])
    assert launcher.run_reporting_failures("window") == 2
    assert "プログラムが壊れています" in capsys.readouterr().err


def test_the_self_test_runs_in_a_damaged_program_too(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (installed / "deeprx").unlink()
    monkeypatch.setattr(sys, "argv", [*sys.argv, "--self-test"])
    assert launcher.run_reporting_failures("window") == 0


def test_a_start_that_fails_says_where_the_log_lies(
    installed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> int:
        raise ImportError("DLL load failed while importing QtCore")

    monkeypatch.setattr(__main__, "window", broken)
    assert launcher.run_reporting_failures("window") == 2
    told = capsys.readouterr().err
    assert "DLL load failed while importing QtCore" in told
    assert str(Path("data") / "logs" / log.FILE_NAME) in told


def test_without_a_console_a_box_tells_and_prints_go_to_the_log(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def printing() -> int:
        log.setup(Paths(tmp_path / "data"))
        sys.stderr.write("a library said\nsomething")
        sys.stdout.write(" and more\n")
        log.close()
        raise RuntimeError("no window system")

    box = "_windows_box" if sys.platform == "win32" else "_qt_box"
    monkeypatch.setattr(startup_error, box, shown.append)
    monkeypatch.setattr(__main__, "window", printing)
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert launcher.run_reporting_failures("window") == 2
    assert len(shown) == 1
    assert "no window system" in shown[0]
    written = (tmp_path / "data" / "logs" / log.FILE_NAME).read_text(encoding="utf-8")
    assert "printed: a library said" in written
    assert "printed:  and more" in written


def test_streams_that_are_there_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    log.catch_output()
    assert sys.stderr is stream


def test_the_exit_code_of_a_program_that_leaves_is_kept(
    installed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leaving() -> int:
        sys.exit(3)

    monkeypatch.setattr(__main__, "window", leaving)
    assert launcher.run_reporting_failures("window") == 3


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    for module in (launcher, startup_error):
        caplog.set_level(logging.CRITICAL + 1, module.__name__)
