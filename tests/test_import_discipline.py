"""The window starts without torch, and nothing below jobs and state knows Qt.

Each test imports real modules in a fresh interpreter and looks at what came along: a walk over the
source sees what a file says, this sees what really happens.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from tests import source_rules

ROOT = Path(__file__).resolve().parents[1]
_QT = {"PySide6", "shiboken6"}
_HEAVY = {"torch", "torchvision", "openvino"}
_JUDGES = ("domain", "engine", "profiles", "capture", "results", "work")
_NO_QT = (*_JUDGES, "cli", *sorted(source_rules.LEAVES))
_WINDOW = ("ui", "state", "jobs", "app", "controllers")
_PROBE = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
there = (name for name, module in sys.modules.items() if module is not None)
print(json.dumps(sorted({name.split(".")[0] for name in there})))
"""


def _names(parts: tuple[str, ...], *, heavy_too: bool) -> list[str]:
    heavy = set() if heavy_too else _heavy()
    found = [m.name for m in source_rules.modules(ROOT) if m.part in parts]
    return [name for name in found if name not in heavy]


def _heavy(*packages: str) -> set[str]:
    """The modules of the engine that a worker imports by name, because one of these comes along."""
    wanted = set(packages or _HEAVY)
    uses = {m.name: _at_import(m) for m in source_rules.modules(ROOT) if m.part == "engine"}
    heavy: set[str] = set()
    while more := {
        name
        for name, used in uses.items()
        if name not in heavy and any(_is_or_is_in(u, wanted | heavy) for u in used)
    }:
        heavy |= more
    return heavy


def _at_import(module: source_rules.Module) -> set[str]:
    """What comes along when a module is imported; what it imports later by name does not."""
    found: set[str] = set()
    for node in source_rules.top_level(module.tree).body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _is_or_is_in(name: str, packages: set[str]) -> bool:
    name = "torch" if name.startswith("safetensors.torch") else name
    return any(name == package or name.startswith(package + ".") for package in packages)


def _loaded_by(names: list[str]) -> set[str]:
    answer = subprocess.run(
        [sys.executable, "-c", _PROBE, *names],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout))


def test_the_window_does_not_import_torch() -> None:
    loaded = _loaded_by(_names(_WINDOW, heavy_too=True))
    assert not loaded & _HEAVY


def test_what_judges_keeps_and_sees_does_not_know_qt() -> None:
    loaded = _loaded_by(_names(_NO_QT, heavy_too=False))
    assert not loaded & _QT
    # Scoring through another runtime, reading profiles, the command line's help: all without torch.
    assert not loaded & _HEAVY


def test_what_scores_with_openvino_does_not_import_torch() -> None:
    through_openvino = _heavy("openvino") - _heavy("torch", "torchvision")
    assert "deeprx_gui.engine.runtimes.openvino_runtime" in through_openvino
    loaded = _loaded_by([*sorted(through_openvino), "deeprx_gui.engine.runtimes.probe"])
    assert "openvino" in loaded
    assert not loaded & (_QT | {"torch", "torchvision", "openvino_telemetry"})


def test_the_torch_modules_do_not_know_qt_either() -> None:
    assert not _loaded_by(_names(("engine", "work"), heavy_too=True)) & _QT


def test_the_probe_sees_what_is_loaded() -> None:
    assert "PySide6" in _loaded_by(["PySide6"])
