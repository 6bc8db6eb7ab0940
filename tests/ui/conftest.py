"""What window tests stand on: the look, small pictures on disk, a profile made by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.app import Program
from deeprx_gui.controllers import check_controller, teach_controller
from deeprx_gui.controllers.shared_services import make_services
from deeprx_gui.domain.limits import Limits, Promise
from deeprx_gui.domain.profile import (
    NormalImage,
    Profile,
)
from deeprx_gui.i18n import set_language
from deeprx_gui.paths import Paths
from deeprx_gui.results.encode import encode_png
from deeprx_gui.settings import Settings
from deeprx_gui.ui.kit.key_gate import KeyGate
from deeprx_gui.ui.kit.scan_filter import ScanFilter
from deeprx_gui.ui.kit.theme import Theme
from deeprx_gui.ui.page_prerender import PagePrerender
from tests.made_profile import made_profile
from tests.ui.fakes import FakeWork

Start = Callable[[], Program]
Pause = Callable[[QObject], None]
W = TypeVar("W", bound=QWidget)
MakeProfile = Callable[..., Profile]
MakePictures = Callable[..., list[Path]]
ShowWidget = Callable[[W], W]


@pytest.fixture(autouse=True)
def _keys_of_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every key of a test come as a person's does, far from the one before."""
    monkeypatch.setattr(KeyGate, "pace", 0.0)


draw_ahead = PagePrerender.start
"""What a started window does; tests that are not about it do without."""


@pytest.fixture(autouse=True)
def _no_pages_drawn_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a first look at a page here, and drawing all of them ahead is dear."""
    monkeypatch.setattr(PagePrerender, "start", lambda _prerender: None)


@pytest.fixture
def scanner(monkeypatch: pytest.MonkeyPatch, _keys_of_a_person: None) -> Pause:
    """Let all keys of this test come at a scanner's speed until time passes for an object's keys.

    However slow the machine is: gates stay open until the test says so.
    """
    monkeypatch.setattr(KeyGate, "pace", 10_000.0)

    def pause(owner: QObject) -> None:
        for gate in owner.findChildren(KeyGate):
            gate.run_out()

    return pause


@pytest.fixture
def scan_filter(qtbot: QtBot) -> Iterator[ScanFilter]:
    """Install the filter of scanned keys for a page without the window around it."""
    window = QWidget()
    qtbot.addWidget(window)
    made = ScanFilter(window)
    made.install()
    yield made
    made.remove()


@pytest.fixture
def look(qapp: QApplication) -> Iterator[Theme]:
    theme = Theme(qapp, "light")
    theme.use_language("en")
    yield theme
    theme.deleteLater()


@pytest.fixture
def show(qtbot: QtBot, look: Theme) -> Callable[[W], W]:
    """Show a widget at the size of a page in the usual window."""

    def shown(widget: W) -> W:
        qtbot.addWidget(widget)
        widget.resize(1176, 700)
        widget.show()
        return widget

    return shown


@pytest.fixture
def japanese(look: Theme) -> Iterator[None]:
    set_language("ja")
    look.use_language("ja")
    yield
    set_language("en")


@pytest.fixture
def make_profile() -> MakeProfile:
    def make(name: str = "Bracket", *, normals: int = 50, revision: int = 1) -> Profile:
        limits = Limits(10.0, 12.0, Promise(2, normals), Promise(1, normals))
        return made_profile(
            name,
            limits=limits,
            revision=revision,
            normals=tuple(NormalImage(f"/parts/{i}.png", 5 + i / 10) for i in range(normals)),
        )

    return make


@pytest.fixture
def make_pictures(tmp_path: Path) -> MakePictures:
    """Write small grey pictures, each a little different."""

    def make(n: int, folder: str = "parts", *, side: int = 32) -> list[Path]:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(n)
        files = []
        for number in range(n):
            pixels = rng.integers(90, 130, (side, side, 3)).astype(np.uint8)
            file = place / f"{number}.png"
            file.write_bytes(encode_png(pixels))
            files.append(file)
        return files

    return make


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> FakeWork:
    made = FakeWork()
    monkeypatch.setattr(teach_controller, "fit", made.fit)
    monkeypatch.setattr(check_controller, "score_images", made.score_images)
    return made


def program_over(data_dir: Path, qapp: QApplication) -> Program:
    """Make the program over a data folder, in English; it is not started yet."""
    paths = Paths(data_dir)
    return Program(qapp, make_services(paths), Settings(language="en", theme="light"))


@pytest.fixture
def start(qapp: QApplication, work: FakeWork, data_dir: Path) -> Iterator[Start]:
    """Start the program as often as wanted, each time over the same data folder."""
    made: list[Program] = []

    def begin() -> Program:
        program = program_over(data_dir, qapp)
        made.append(program)
        program.start()
        program.finish()  # tests reach into every part at once
        program.window.activateWindow()  # keys go to the active window only
        assert QTest.qWaitForWindowActive(program.window, 60_000)
        return program

    yield begin
    work.hold.set()
    for program in made:
        if not program.window.isHidden():
            program.window.let_close()
        assert program.stop()
        program.window.deleteLater()
        program.deleteLater()
    made.clear()


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Networks compiled for this PC by the tests before: every test would compile them anew."""
    return tmp_path_factory.mktemp("compiled") / "cache"


@pytest.fixture
def begin(qapp: QApplication, data_dir: Path, compiled: Path) -> Iterator[Callable[[], Program]]:
    """Start the program with the real engine; whatever a failed test left open is ended."""
    running: list[Program] = []
    if compiled.is_dir():
        shutil.copytree(compiled, Paths(data_dir).cache)

    def start() -> Program:
        program = program_over(data_dir, qapp)
        running.append(program)
        program.start()
        program.finish()
        return program

    yield start
    for program in running:
        program.window.let_close()
        assert program.stop()
        program.window.deleteLater()
        program.deleteLater()
    if Paths(data_dir).cache.is_dir():
        shutil.copytree(Paths(data_dir).cache, compiled, dirs_exist_ok=True)


def drop(widget: QWidget, paths: list[Path]) -> bool:
    """Drop files on a widget as a person would; return whether it takes them."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    everything = Qt.DropAction.CopyAction
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), everything, mime, left, none)
    enter.ignore()
    QApplication.sendEvent(widget, enter)
    if not enter.isAccepted():
        return False
    QApplication.sendEvent(widget, QDropEvent(QPoint(5, 5), everything, mime, left, none))
    return True
