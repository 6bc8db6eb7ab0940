"""The main job with the real engine: a few drawn parts, learnt, checked, saved, reopened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, PROFILES, Program
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engines import Engines
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.settings import Settings
from deeprx_gui.workbench.bench import Services
from tests.ui.conftest import drop

LEFT = Qt.MouseButton.LeftButton
GOOD, BAD = 4, 3


def part(seed: int, *, scratched: bool = False) -> ByteImage:
    """Draw a plate with two holes, a little different each time, perhaps with a scratch."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:96, 0:96]
    picture = 150 + 12 * np.sin(x / 5 + rng.normal(0, 0.2)) + rng.normal(0, 3, (96, 96))
    for cx in (28, 68):
        hole = (x - cx - rng.normal(0, 0.5)) ** 2 + (y - 48) ** 2 < 120
        picture[hole] = 40
    if scratched:
        picture[np.abs(y - x - 6) < 3] = 250
    return np.repeat(picture.clip(0, 255).astype(np.uint8)[..., None], 3, axis=2)


def write(folder: Path, pictures: list[ByteImage]) -> None:
    folder.mkdir(parents=True)
    for number, pixels in enumerate(pictures):
        (folder / f"{number}.png").write_bytes(encode_png(pixels))


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    root = tmp_path / "部品 A"
    write(root / "train", [part(n) for n in range(10)])
    write(root / "check" / "good", [part(100 + n) for n in range(GOOD)])
    write(root / "check" / "NG", [part(200 + n, scratched=True) for n in range(BAD)])
    return root


@pytest.fixture
def begin(qapp: QApplication, data_dir: Path) -> Iterator[Callable[[], Program]]:
    """Start the program with the real engine; whatever a failed test left open is ended."""
    running: list[Program] = []

    def start() -> Program:
        paths = Paths(data_dir)
        library = BackboneLibrary(paths.backbones)
        services = Services(paths, ProfileStore(paths.profiles), library, Engines(library))
        program = Program(qapp, services, Settings(language="en", theme="light"))
        running.append(program)
        program.start()
        return program

    yield start
    for program in running:
        program.window.let_close()
        assert program.stop()
        program.window.deleteLater()
        program.deleteLater()


def end(program: Program) -> None:
    """Close the window as a person does."""
    program.window.close()
    assert program.window.isHidden()
    assert program.stop()


def wait(program: Program, qtbot: QtBot) -> None:
    bench = program.bench
    qtbot.waitUntil(lambda: not (bench.busy or bench.files.busy), timeout=60_000)


def check(program: Program, qtbot: QtBot, folder: Path) -> dict[str, Verdict]:
    assert drop(program.check_page, [folder])
    program.check_page.run_main()
    qtbot.waitUntil(lambda: program.results.rowCount() == GOOD + BAD, timeout=60_000)
    wait(program, qtbot)
    rows = program.results.rows
    return {str(s.path): rows.verdict_of(n) for n, s in enumerate(rows.items)}


def test_good_parts_are_taught_bad_ones_found_and_the_limits_stay(
    begin: Callable[[], Program], qtbot: QtBot, parts: Path
) -> None:
    program = begin()
    wait(program, qtbot)
    QTest.mouseClick(program.profiles_page.welcome.new, LEFT)
    assert drop(program.teach_page.panel.empty, [parts / "train"])
    qtbot.waitUntil(lambda: len(program.tray.images) == 10, timeout=10_000)
    QTest.keyClicks(program.teach_page.target.name, "Plate")
    wait(program, qtbot)
    QTest.mouseClick(program.teach_page.learn, LEFT)
    qtbot.waitUntil(program.teach_page.lesson.isVisible, timeout=60_000)
    wait(program, qtbot)
    assert program.window.header._runtime.text()  # what computes is shown from the first use on

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
    qtbot.waitUntil(lambda: not program.session.dirty, timeout=10_000)
    wait(program, qtbot)
    rows = program.results.rows
    before = {str(s.path): rows.verdict_of(n) for n, s in enumerate(rows.items)}
    scores = rows.values.copy()
    end(program)

    again = begin()
    again.window.show_page(PROFILES)
    wait(again, qtbot)
    QTest.mouseClick(again.profiles_page.details.open, LEFT)
    qtbot.waitUntil(lambda: again.session.profile is not None, timeout=10_000)
    wait(again, qtbot)
    assert again.session.limits == moved
    assert check(again, qtbot, parts / "check") == before
    assert again.results.rows.values.tolist() == scores.tolist()
    end(again)
