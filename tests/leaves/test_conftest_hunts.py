"""The hunt of the root conftest finds what it hunts for."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT_CONFTEST = Path(__file__).parents[1] / "conftest.py"

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
    ],
    ids=["thread", "window", "python-thread", "unfilled"],
)
def test_a_leak_fails_the_test(pytester: pytest.Pytester, code: str, says: str) -> None:
    result = _run(pytester, code)
    result.assert_outcomes(passed=code.count("def test_"), errors=1)
    result.stdout.fnmatch_lines([says])


def test_a_tidy_test_passes(pytester: pytest.Pytester) -> None:
    _run(pytester, _CLEAN).assert_outcomes(passed=1)


def _run(pytester: pytest.Pytester, code: str) -> pytest.RunResult:
    pytester.makeconftest(_ROOT_CONFTEST.read_text(encoding="utf-8"))
    pytester.makepyprojecttoml('[tool.pytest.ini_options]\nmarkers = ["logs_errors"]')
    pytester.makepyfile(test_it=code)
    return pytester.runpytest_inprocess("-p", "no:cacheprovider", "--import-mode=importlib")
