"""ARCHITECTURE.md is true, and the walk that says so finds what is planted."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests import source_rules

ROOT = Path(__file__).resolve().parents[1]


def test_the_product_keeps_the_rules() -> None:
    broken = source_rules.broken_rules(source_rules.modules(ROOT))
    assert not broken, "\n" + "\n".join(map(str, broken))


def test_the_page_the_rules_and_the_product_name_the_same_parts() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rules = set(source_rules.MAY_IMPORT)
    assert rules - set(re.findall(r"\w+", page)) == set()
    assert rules == {m.part for m in source_rules.modules(ROOT) if m.part}


def test_times_from_files_are_read_at_one_door() -> None:
    """``saved_time`` takes only what every PC can show; the others read what a person typed."""
    used = {
        module.name
        for module in source_rules.modules(ROOT)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr == "fromisoformat"
    }
    assert used == {
        "deeprx_gui.domain.saved_time",
        "deeprx_gui.cli.history_query",
        "deeprx_gui.central.admin",
    }


_LAYER = "may not import"
_FORWARDS = "class X:\n    asked = Signal()\n    def __init__(self):\n        {}"
PLANTED = [
    ("ui/x.py", "import pyqtgraph", "not a dependency"),
    ("domain/x.py", "from deeprx_gui.engine import engine", _LAYER),
    ("domain/x.py", "from deeprx_gui import profiles", _LAYER),
    ("domain/x.py", "import deeprx_gui.work.fit", _LAYER),
    ("engine/x.py", "from deeprx_gui.profiles.store import ProfileStore", _LAYER),
    ("engine/x.py", "from deeprx_gui.i18n import tr", _LAYER),
    ("capture/x.py", "def f():\n    from deeprx_gui.engine import engine", _LAYER),
    ("profiles/x.py", 'TABLE = {"a": "deeprx_gui.engine.runtimes.torch_runtime:build"}', _LAYER),
    ("work/x.py", "from deeprx_gui.jobs.lane import Lane", _LAYER),
    ("jobs/x.py", "from deeprx_gui.state.session import Session", _LAYER),
    ("state/x.py", "from deeprx_gui.jobs.lane import Lane", _LAYER),
    ("ui/x.py", "from deeprx_gui.engine.engine import Engine", _LAYER),
    ("ui/x.py", "from deeprx_gui.app import main", _LAYER),
    ("paths.py", "from deeprx_gui.capture.decode import decode", _LAYER),
    ("cli/x.py", "from deeprx_gui.ui.main_window import MainWindow", _LAYER),
    ("__init__.py", "from deeprx_gui.domain.frame import Frame", _LAYER),
    ("helpers/x.py", "X = 1", "not on the page"),
    ("work/x.py", "from PySide6.QtCore import QObject", _LAYER),
    ("jobs/x.py", "from PySide6.QtWidgets import QWidget", _LAYER),
    ("jobs/x.py", "from PySide6 import QtWidgets", _LAYER),
    ("state/x.py", "from PySide6.QtWidgets import QWidget", _LAYER),
    ("cli/x.py", "import PySide6.QtCore", _LAYER),
    ("work/x.py", "import torch", "only engine"),
    ("ui/x.py", "def f():\n    import torchvision.models", "only engine"),
    ("profiles/x.py", "from safetensors.torch import load_file", "only engine"),
    ("work/x.py", "import cv2", "picture doors"),
    ("engine/x.py", "from PIL import Image", "picture doors"),
    ("results/report.py", "import cv2", "picture doors"),
    ("engine/x.py", "import scipy.linalg", "not a dependency"),
    ("engine/x.py", "import pickle", "foreign bytes"),
    ("work/x.py", "import tempfile\ntempfile.mkdtemp()", "see scratch.py"),
    ("engine/x.py", "from marshal import loads", "foreign bytes"),
    ("profiles/x.py", "import shelve", "foreign bytes"),
    ("engine/x.py", "import urllib.request", "use the network"),
    ("work/x.py", "from http import client", "use the network"),
    ("app.py", "import socket", "use the network"),
    ("ui/x.py", "from PySide6.QtNetwork import QNetworkAccessManager", "use the network"),
    ("work/x.py", "import pymodbus.client", "only outputs"),
    ("ui/x.py", "from paho.mqtt import client", "only outputs"),
    ("work/x.py", "from harvesters.core import Harvester", "only capture"),
    ("outputs/x.py", "from deeprx_gui.results.records import store", _LAYER),
    ("outputs/x.py", "from deeprx_gui.i18n import tr", _LAYER),
    ("central/x.py", "from deeprx_gui.results.records import store", _LAYER),
    ("work/x.py", "from pg8000.native import Connection", "only central"),
    ("work/x.py", "eval('1')", "runs text"),
    ("work/x.py", "exec('1')", "runs text"),
    ("engine/x.py", "import torch\ntorch.load('x')", "weights_only"),
    ("engine/x.py", "import torch\ntorch.load('x', weights_only=False)", "weights_only"),
    ("engine/x.py", "import torch\ntorch.jit.load('x')", "foreign code"),
    ("profiles/x.py", "import numpy as np\nnp.load('x', allow_pickle=True)", "foreign code"),
    ("capture/x.py", "import cv2\ncv2.imread('x')", "Japanese paths"),
    ("ui/x.py", "def f(app):\n    app.processEvents()", "half done"),
    ("jobs/x.py", "def f(thread):\n    thread.terminate()", "half done"),
    ("work/x.py", "import os\nos.replace('a', 'b')", "only atomic.py"),
    ("work/x.py", "import os\nos.fsync(3)", "only atomic.py"),
    ("results/x.py", "def f(part, path):\n    part.replace(path)", "only atomic.py"),
    ("results/x.py", "def f(part, path):\n    part.rename(path)", "only atomic.py"),
    ("work/x.py", "try:\n    x = 1\nexcept:\n    raise", "bare except"),
    ("work/x.py", "try:\n    x = 1\nexcept Exception:\n    pass", "swallowed"),
    ("work/x.py", "for i in ():\n  try:\n    x = 1\n  except (OSError, Exception): continue", "sw"),
    ("work/x.py", "import contextlib\nwith contextlib.suppress(Exception):\n    x = 1", "swal"),
    ("engine/__init__.py", "from deeprx_gui.engine.engine import Engine", "__init__ imports"),
    ("ui/x.py", _FORWARDS.format("self.save.clicked.connect(self.asked)"), "only forwards"),
    ("ui/x.py", _FORWARDS.format("for a, b in ((x.y, self.asked),): a.connect(b)"), "only forw"),
]


@pytest.mark.parametrize(("file", "code", "says"), PLANTED, ids=range(len(PLANTED)))
def test_a_planted_violation_is_found(tmp_path: Path, file: str, code: str, says: str) -> None:
    broken = _broken(tmp_path, file, code)
    assert len(broken) == 1, broken
    assert says in broken[0].text


CIRCLES = [
    ({"a": "from deeprx_gui.domain import b", "b": "import deeprx_gui.domain.a"}, "a → b → a"),
    (
        {
            "a": "from deeprx_gui.domain.b import B",
            "b": "def f():\n    from deeprx_gui.domain import c",
            "c": 'TABLE = {"a": "deeprx_gui.domain.a:build"}',
        },
        "a → b → c → a",
    ),
    ({"a": "from deeprx_gui.domain.b import B", "b": "", "c": "import deeprx_gui.domain.a"}, ""),
    ({"a": "from deeprx_gui.domain.a import x  # by its own name", "b": ""}, ""),
]


@pytest.mark.parametrize(("files", "circle"), CIRCLES, ids=range(len(CIRCLES)))
def test_a_planted_circle_is_found(tmp_path: Path, files: dict[str, str], circle: str) -> None:
    for name, code in files.items():
        _write(tmp_path, f"domain/{name}.py", code)
    broken = source_rules.broken_rules(source_rules.modules(tmp_path))
    told = [b.text.replace("deeprx_gui.domain.", "") for b in broken]
    if not circle:
        assert told == []
        return
    (text,) = told
    around = text.removeprefix("imports in a circle: ").split(" → ")
    start = around.index("a")  # a circle may be told from any of its modules
    assert " → ".join([*around[start:-1], *around[:start], "a"]) == circle


ALLOWED = [
    ("engine/runtimes/x.py", "import torch\nx = torch.load('x', weights_only=True)"),
    ("engine/resample.py", "import cv2"),
    ("engine/matching.py", "import cv2"),
    ("results/encode.py", "import cv2"),
    ("capture/decode.py", "import cv2\nfrom PIL import Image"),
    ("engine/backbones/fetch.py", "import urllib.request"),
    ("outputs/x.py", "import socket\nfrom paho.mqtt import client"),
    ("profiles/x.py", "from deeprx_gui.locks import one_writer"),
    ("results/report.py", "from urllib.parse import quote\nfrom deeprx_gui.i18n import tr"),
    (
        "work/x.py",
        "from deeprx_gui import __version__\nfrom deeprx_gui.engine.engine import Engine",
    ),
    ("work/x.py", "try:\n    x = 1\nexcept Exception as error:\n    print(error)\n    raise"),
    ("work/x.py", "try:\n    x = 1\nexcept FileNotFoundError:\n    pass"),
    ("work/x.py", "from dataclasses import replace\nreplace(x, a=1)\n'a'.replace('a', 'b')"),
    ("atomic.py", "import os\nos.replace('a', 'b')"),
    ("state/x.py", "from PySide6.QtGui import QUndoCommand"),
    ("ui/x.py", "from PySide6 import QtWidgets\nfrom deeprx_gui.state.session import Session"),
    ("app.py", "from PySide6 import QtWidgets\nfrom deeprx_gui.controllers import Workbench"),
    ("ui/x.py", _FORWARDS.format("self.asked.connect(self.show)\n        self.asked.emit()")),
    ("ui/x.py", _FORWARDS.format("a.b.connect(self.asked)\n        c.d.connect(self.asked)")),
    ("__main__.py", 'VERBS = {"demo": "deeprx_gui.cli.demo:main"}'),
    ("engine/__init__.py", '"""Docstring only."""\nfrom __future__ import annotations'),
]


@pytest.mark.parametrize(("file", "code"), ALLOWED, ids=range(len(ALLOWED)))
def test_what_is_allowed_passes(tmp_path: Path, file: str, code: str) -> None:
    assert _broken(tmp_path, file, code) == []


def _broken(root: Path, file: str, code: str) -> list[source_rules.Broken]:
    _write(root, file, code)
    return source_rules.broken_rules(source_rules.modules(root))


def _write(root: Path, file: str, code: str) -> None:
    target = root / "deeprx_gui" / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(code, encoding="utf-8")


def test_tests_do_not_wait() -> None:
    """A test that sleeps is slow on a good day and fails on a bad one."""
    waiting = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for file in sorted((ROOT / "tests").rglob("test_*.py"))
        for test in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_")
        for node in ast.walk(test)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "qtbot.wait"}
    ]
    assert not waiting


_PAGES = ("check", "history", "inspect", "profiles", "teach")


def test_a_page_knows_no_other_page_and_what_is_shared_knows_none() -> None:
    """Shared widgets lie in ui/kit, ui/picture, ui/charts and ui/tables."""
    ui = ROOT / "deeprx_gui" / "ui"
    wrong = []
    for file in sorted(ui.glob("*/*.py")):
        known = set(re.findall(r"deeprx_gui\.ui\.(\w+)\.", file.read_text(encoding="utf-8")))
        wrong += [f"{file.relative_to(ui)}: {n}" for n in known & set(_PAGES) - {file.parent.name}]
    assert not wrong
    assert all((ui / page / "page.py").is_file() for page in _PAGES)
