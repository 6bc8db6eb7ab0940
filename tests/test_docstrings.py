"""Whatever takes arrays says their shapes; what is in them is said by the type and the words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import source_rules

ROOT = Path(__file__).resolve().parents[1]

_ARRAYS = frozenset(
    {"Float32", "Float64", "Bools", "Ints", "Ints64", "Bytes2D", "AnyFloat", "AnyArray"}
    | {"NDArray", "ndarray", "Tensor"}
)
"""``ByteImage`` and ``TapMaps`` say their shapes themselves."""
_SIZE = r"(?:``\w+``|\w+ ?\([^()]*\)|\w+|…|\.\.\.)"
_SIDE = rf"{_SIZE}(?: [-+/] {_SIZE})*"
_SHAPE = re.compile(rf"\({_SIDE},(?: {_SIDE}(?:, {_SIDE})*)?\)|any shape")
"""A shape as numpy writes it: (n,), (height, width), (positions, d (d + 1) / 2)."""


def shapeless(tree: ast.Module) -> Iterator[str]:
    """Yield public functions that take arrays and do not say their shapes."""
    for function, text in _documented(tree):
        spec = function.args
        named = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs]
        arrays = [a.arg for a in named if a.annotation and _holds_arrays(a.annotation)]
        if arrays and not _SHAPE.search(" ".join(text.split())):
            yield f"{function.lineno} {function.name}: {', '.join(arrays)}"


def _documented(node: ast.AST, of_class: str = "") -> Iterator[tuple[ast.FunctionDef, str]]:
    """Yield public functions and methods with their docstrings; a class speaks for ``__init__``."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.FunctionDef):
            if inner.name == "__init__":
                yield inner, of_class
            elif not inner.name.startswith("_"):
                yield inner, ast.get_docstring(inner) or ""
        elif isinstance(inner, ast.ClassDef) and not inner.name.startswith("_"):
            yield from _documented(inner, ast.get_docstring(inner) or "")


def _holds_arrays(annotation: ast.expr) -> bool:
    named = (n for n in ast.walk(annotation) if isinstance(n, ast.Name | ast.Attribute))
    return any((n.id if isinstance(n, ast.Name) else n.attr) in _ARRAYS for n in named)


def test_whatever_takes_arrays_says_their_shapes() -> None:
    found = source_rules.modules(ROOT)
    assert not [f"{m.name}:{told}" for m in found for told in shapeless(m.tree)]


SILENT = [
    "def f(a: Float32):\n    'Take a (raw) map.'",
    "def f(a: Float32):\n    'Take a map (raw, not clamped).'",
    "def f(b: int, *, a: Sequence[np.ndarray]): ...",
    "class A:\n    'An A.'\n    def __init__(self, a: Tensor | None): ...",
    "class A:\n    'Holds a row (n,).'\n    def put(self, a: NDArray[np.int8]): ...",
]
TELLING = [
    "def f(a: Float32):\n    'Take a map (h, w).'",
    "def f(a: Float32):\n    'Take rows (positions,\\n    d (d + 1) / 2).'",
    "def f(a: Float32):\n    'Return maps (n, ceil(h / stride), 3).'",
    "def f(a: AnyArray):\n    'Write arrays of any shape.'",
    "class A:\n    'Holds a row (n,).'\n    def __init__(self, a: Ints): ...",
    "def _f(a: Float32): ...\nclass _A:\n    def f(self, a: Ints): ...",
    "def f(a: ByteImage, b: Sequence[int]): ...",
]


@pytest.mark.parametrize("code", SILENT, ids=range(len(SILENT)))
def test_a_docstring_without_a_shape_is_found(code: str) -> None:
    assert [told.split()[-1] for told in shapeless(ast.parse(code))] == ["a"]


@pytest.mark.parametrize("code", TELLING, ids=range(len(TELLING)))
def test_a_docstring_with_a_shape_passes(code: str) -> None:
    assert not list(shapeless(ast.parse(code)))
