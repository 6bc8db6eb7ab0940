"""The hunt of the root conftest finds what it hunts for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT_CONFTEST = Path(__file__).parents[1] / "conftest.py"
_OPTIONS = ("-p", "no:cacheprovider", "--import-mode=importlib")

_LEAKY_THREAD = """
from PySide6.QtCore import QThread

def test_leaks(qapp):
    thread = QThread()
    thread.start()
"""
_LEAKY_WINDOW = """
from PySide6.QtWidgets import QLabel

kept = []

def test_leaks(qapp):
    kept.append(QLabel("left"))
"""
_LEAKY_PYTHON_THREAD = """
import threading

release = threading.Event()

def test_leaks():
    threading.Thread(target=release.wait, name="forgotten").start()

def test_after():
    release.set()
"""
_UNFILLED = """
from deeprx_gui.i18n import tr

def test_leaks():
    tr("{missing} images")
"""
_COLLECTS = """
import gc

def test_leaks():
    gc.enable()
"""
_CRASHES = """
import faulthandler

def test_takes_the_crash_reports():
    faulthandler.disable()

def test_crashes():
    faulthandler._sigsegv()

def test_after():
    pass
"""
_CLEAN = """
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QLabel

def test_clean(qapp, qtbot):
    label = QLabel("closed by qtbot")
    qtbot.addWidget(label)
    label.show()
    thread = QThread()
    thread.start()
    thread.quit()
    assert thread.wait(5000)
"""


@pytest.mark.logs_errors
@pytest.mark.parametrize(
    ("code", "says"),
    [
        (_LEAKY_THREAD, "*QThread started in *test_it.py:5*"),
        (_LEAKY_WINDOW, "*left windows: QLabel*"),
        (_LEAKY_PYTHON_THREAD, "*Python thread forgotten*"),
        (_UNFILLED, "*cannot fill*"),
        (_COLLECTS, "*left the automatic garbage collection on*"),
    ],
    ids=["thread", "window", "python-thread", "unfilled", "collection"],
)
def test_a_leak_fails_the_test(pytester: pytest.Pytester, code: str, says: str) -> None:
    result = _run(pytester, code)
    result.assert_outcomes(passed=code.count("def test_"), errors=1)
    result.stdout.fnmatch_lines([says])


def test_a_tidy_test_passes(pytester: pytest.Pytester) -> None:
    _run(pytester, _CLEAN).assert_outcomes(passed=1)


def test_a_crash_costs_only_its_test_and_says_where(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in the whole run: in a process of its own, after a test that took the crash reports."""
    monkeypatch.setenv("PYTHONPATH", str(_ROOT_CONFTEST.parents[1]), prepend=os.pathsep)
    _write(pytester, _CRASHES)
    result = pytester.runpytest_subprocess(*_OPTIONS, "-n1", "--dist=worksteal")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*crashed while running 'test_it.py::test_crashes'*"])
    result.stderr.fnmatch_lines(["*Segmentation fault*", "*test_it.py*in test_crashes*"])


def _run(pytester: pytest.Pytester, code: str) -> pytest.RunResult:
    _write(pytester, code)
    return pytester.runpytest_inprocess(*_OPTIONS)


def _write(pytester: pytest.Pytester, code: str) -> None:
    pytester.makeconftest(_ROOT_CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\nmarkers = ["logs_errors"]')
    pytester.makepyfile(test_it=code)
