"""The front door: ``run`` opens the window on a profile and its results, and ends cleanly."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deeprx_gui import app
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.scored import Label, ScoredImage
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.settings import Settings
from deeprx_gui.ui.main_window import MainWindow
from tests.ui.conftest import MakeProfile


def _results(n: int) -> list[ScoredImage]:
    grid = np.ones((2, 2), np.float32)
    return [
        ScoredImage(Path(f"/parts/{i}.png"), Label.GOOD, Score(5.0 + i, grid, 1.0), None, 32, 32)
        for i in range(n)
    ]


class Watcher:
    """Looks at the open window until it shows what is wanted, then closes it."""

    def __init__(self) -> None:
        self.seen = ""
        self._timer = QTimer()
        self._timer.setInterval(20)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        for window in QApplication.topLevelWidgets():
            if isinstance(window, MainWindow) and window.header.product.text() == "Bracket":
                self._timer.stop()
                self.seen = f"page {window.page}"
                window.close()


def test_the_window_opens_on_results_and_closes_with_zero(
    qtbot: QtBot, data_dir: Path, make_profile: MakeProfile
) -> None:
    paths = Paths(data_dir)
    ProfileStore(paths.profiles).save(replace(make_profile(), id="", revision=0))
    watcher = Watcher()
    settings = Settings(language="en", theme="light")
    code = app.run(paths, settings, open_profile="Bracket", open_results=_results(4))
    assert code == 0
    assert watcher.seen == "page 2"
    assert (data_dir / "settings.json").is_file()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_in_the_terminal_closes_the_window_in_order(data_dir: Path) -> None:
    code = (
        "import signal, sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from deeprx_gui.app import run\n"
        "from deeprx_gui.paths import Paths\n"
        "from deeprx_gui.settings import Settings\n"
        "app = QApplication(['x'])\n"
        "QTimer.singleShot(500, lambda: signal.raise_signal(signal.SIGINT))\n"
        f"code = run(Paths(Path({str(data_dir)!r})), Settings())\n"
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (data_dir / "settings.json").is_file()


def test_a_whole_process_starts_without_torch_and_ends_cleanly(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from PySide6.QtCore import QTimer\n"
        "from PySide6.QtWidgets import QApplication\n"
        "from deeprx_gui.app import run\n"
        "from deeprx_gui.paths import Paths\n"
        "from deeprx_gui.settings import Settings\n"
        "app = QApplication(['x'])\n"
        "QTimer.singleShot(500, app.closeAllWindows)\n"
        f"code = run(Paths(Path({str(tmp_path)!r})), Settings())\n"
        "heavy = {'torch', 'torchvision', 'openvino'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
