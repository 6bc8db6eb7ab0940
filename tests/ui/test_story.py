"""The main job with the real engine: a few drawn parts, learnt, checked, saved, reopened."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, PROFILES, Program
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from tests.ui.conftest import drop
from tests.ui.plates import part, write

LEFT = Qt.MouseButton.LeftButton
GOOD, BAD = 4, 3


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    root = tmp_path / "部品 A"
    write(root / "train", [part(n) for n in range(10)])
    write(root / "check" / "good", [part(100 + n) for n in range(GOOD)])
    write(root / "check" / "NG", [part(200 + n, scratched=True) for n in range(BAD)])
    return root


def end(program: Program) -> None:
    """Close the window as a person does."""
    program.window.close()
    assert program.window.isHidden()
    assert program.stop()


def wait(program: Program, qtbot: QtBot) -> None:
    job_service = program.job_service
    qtbot.waitUntil(lambda: not (job_service.busy or job_service.files.busy))


def check(program: Program, qtbot: QtBot, folder: Path) -> dict[str, Verdict]:
    assert drop(program.check_page, [folder])
    program.check_page.run_main()
    qtbot.waitUntil(lambda: program.results.rowCount() == GOOD + BAD)
    wait(program, qtbot)
    rows = program.results.rows
    return {str(s.path): rows.verdict_of(n) for n, s in enumerate(rows.items)}


@pytest.mark.usefixtures("one_setting")
def test_good_parts_are_taught_bad_ones_found_and_the_limits_stay(
    begin: Callable[[], Program], qtbot: QtBot, parts: Path
) -> None:
    program = begin()
    wait(program, qtbot)
    QTest.mouseClick(program.profiles_page.welcome.new, LEFT)
    assert drop(program.teach_page.panel.empty, [parts / "train"])
    qtbot.waitUntil(lambda: len(program.tray.images) == 10)
    QTest.keyClicks(program.teach_page.target.name, "Plate")
    wait(program, qtbot)
    QTest.mouseClick(program.teach_page.learn, LEFT)
    qtbot.waitUntil(program.teach_page.lesson.isVisible)
    wait(program, qtbot)
    assert program.window.header.runtime.text()  # what computes is shown from the first use on

    QTest.mouseClick(program.teach_page.lesson.go, LEFT)
    assert program.window.page == CHECK
    first = check(program, qtbot, parts / "check")
    bad = {path for path in first if "NG" in path}
    assert all(first[path] is Verdict.NG for path in bad)

    limits = program.session.limits
    assert limits is not None
    moved = limits.moved(ng=1.5 * max(program.results.rows.values))
    program.session.set_limits(moved)
    assert Verdict.NG not in {VERDICTS[v] for v in program.results.rows.verdicts}
    program.window.actions_by_key["save"].trigger()
    qtbot.waitUntil(lambda: not program.session.dirty)
    wait(program, qtbot)
    rows = program.results.rows
    before = {str(s.path): rows.verdict_of(n) for n, s in enumerate(rows.items)}
    scores = rows.values.copy()
    end(program)

    again = begin()
    again.window.show_page(PROFILES)
    wait(again, qtbot)
    QTest.mouseClick(again.profiles_page.details.open, LEFT)
    qtbot.waitUntil(lambda: again.session.profile is not None)
    wait(again, qtbot)
    assert again.session.limits == moved
    assert check(again, qtbot, parts / "check") == before
    assert again.results.rows.values.tolist() == scores.tolist()
    end(again)
