"""Small and typed: the sizes of ARCHITECTURE.md, so that nobody has to argue."""

from __future__ import annotations

import ast
import math
from pathlib import Path

import pytest

from tests import source_rules
from tests.source_rules import Module

ROOT = Path(__file__).resolve().parents[1]

FILE_LINES = 400
LONGER = {"main_window.py": 340, "app.py": 500}
"""``app.py`` and the window put parts together, and nothing else: one list each, in one place."""
FUNCTION_LINES = 80
P95_FUNCTION_LINES = 45
_ENOUGH_FOR_A_PERCENTILE = 20

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _long_files(files: list[Path]) -> list[str]:
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in files}
    return [
        f"{file}: {lines} lines"
        for file, lines in sizes.items()
        if lines > LONGER.get(file.name, FILE_LINES)
    ]


def _functions(module: Module) -> list[Function]:
    return [node for node in module.nodes if isinstance(node, Function)]


def _lines(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _long_functions(found: list[Module]) -> list[str]:
    return [
        f"{module.name}:{function.lineno} {function.name}: {_lines(function)} lines"
        for module in found
        for function in _functions(module)
        if _lines(function) > FUNCTION_LINES
    ]


def _p95(found: list[Module]) -> int:
    sizes = sorted(_lines(f) for module in found for f in _functions(module))
    if len(sizes) < _ENOUGH_FOR_A_PERCENTILE:
        return 0
    return sizes[math.ceil(0.95 * len(sizes)) - 1]


def _unannotated(found: list[Module]) -> list[str]:
    return [
        f"{module.name}:{function.lineno} {function.name}: {name}"
        for module in found
        for function in _functions(module)
        for name in _without_type(function)
    ]


def _without_type(function: Function) -> list[str]:
    spec = function.args
    named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
    named += [a for a in (spec.vararg, spec.kwarg) if a is not None]
    absent = [
        a.arg
        for i, a in enumerate(named)
        if a.annotation is None and not (i == 0 and a.arg in {"self", "cls"})
    ]
    return absent + (["return"] if function.returns is None else [])


def _product() -> list[Module]:
    return source_rules.modules(ROOT)


def test_no_file_is_longer_than_a_sitting() -> None:
    folders = ("deeprx_gui", "packaging", "tests", "benchmarks", "docs")
    files = [f for name in folders for f in sorted((ROOT / name).rglob("*.py"))]
    assert not _long_files(files)


def test_no_function_is_longer_than_a_screen() -> None:
    assert not _long_functions(_product())


def test_nearly_every_function_is_short() -> None:
    assert _p95(_product()) <= P95_FUNCTION_LINES


def test_every_function_says_its_types() -> None:
    assert not _unannotated(_product())


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    package = tmp_path / "deeprx_gui"
    package.mkdir()
    return package / "main_window.py"


def test_a_planted_long_file_is_found(planted: Path) -> None:
    planted.write_text("x = 1\n" * (LONGER["main_window.py"] + 1), encoding="utf-8")
    assert len(_long_files([planted])) == 1
    other = planted.rename(planted.with_name("other.py"))
    assert not _long_files([other])
    other.write_text("x = 1\n" * (FILE_LINES + 1), encoding="utf-8")
    assert len(_long_files([other])) == 1


def test_planted_long_and_untyped_functions_are_found(planted: Path) -> None:
    body = "    x = 1\n" * FUNCTION_LINES
    planted.write_text(f"def f(a, *b, c=1, **d):\n{body}" * 20, encoding="utf-8")
    found = source_rules.modules(planted.parents[1])
    assert len(_long_functions(found)) == 20
    assert _p95(found) == FUNCTION_LINES + 1
    assert [line.split()[-1] for line in _unannotated(found)][:5] == ["a", "c", "b", "d", "return"]
