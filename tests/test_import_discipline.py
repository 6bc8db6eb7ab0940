"""The window starts without torch, and nothing below jobs and state knows Qt.

Each test imports real modules in a fresh interpreter and looks at what came along: a walk over the
source sees what a file says, this sees what really happens.
"""

from __future__ import annotations

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
_WINDOW = ("ui", "state", "jobs", "app", "workbench")
_PROBE = """
import importlib, json, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def _names(parts: tuple[str, ...], *, torch_too: bool) -> list[str]:
    return [
        module.name
        for module in source_rules.modules(ROOT)
        if module.part in parts and (torch_too or not _imports_torch(module))
    ]


def _imports_torch(module: source_rules.Module) -> bool:
    """Whether a module is one of those a worker imports by name when it needs torch."""
    return module.part == "engine" and any(
        name.split(".")[0] in _HEAVY or name.startswith("safetensors.torch")
        for _, name in source_rules.imports(
            source_rules.Module(module.name, module.file, source_rules.top_level(module.tree))
        )
    )


def _loaded_by(names: list[str]) -> set[str]:
    answer = subprocess.run(
        [sys.executable, "-c", _PROBE, *names],
        cwd=ROOT,
        env={**os.environ, "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert answer.returncode == 0, answer.stderr
    return set(json.loads(answer.stdout))


def test_the_window_does_not_import_torch() -> None:
    loaded = _loaded_by(_names(_WINDOW, torch_too=True))
    assert not loaded & _HEAVY


def test_what_judges_keeps_and_sees_does_not_know_qt() -> None:
    loaded = _loaded_by(_names(_NO_QT, torch_too=False))
    assert not loaded & _QT
    # Scoring through another runtime, reading profiles, the command line's help: all without torch.
    assert not loaded & _HEAVY


def test_the_torch_modules_do_not_know_qt_either() -> None:
    assert not _loaded_by(_names(("engine", "work"), torch_too=True)) & _QT


def test_the_probe_sees_what_is_loaded() -> None:
    assert "PySide6" in _loaded_by(["PySide6"])
