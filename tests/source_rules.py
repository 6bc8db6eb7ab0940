"""The rules of ARCHITECTURE.md as functions over the source: each yields what breaks it.

``tests/test_architecture.py`` holds the product to them, and plants violations to see each found.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from graphlib import CycleError, TopologicalSorter
from itertools import accumulate
from pathlib import Path

PACKAGE = "deeprx_gui"

LEAVES = frozenset({
    "paths", "preferences", "settings", "station", "station_identity", "central_settings",
    "library_settings", "access", "people", "log", "i18n", "installation_check",
    "single_instance",
})  # fmt: skip
DISK = frozenset({"atomic", "locks", "scratch"})
ROOTS = frozenset(
    {
        "__main__",
        "window_start",
        "app",
        "controllers",
        "cli",
        "launcher",
        "self_test_probes",
        "startup_error",
    }
)
_BELOW_WORK = (
    frozenset({"domain", "engine", "profiles", "capture", "results", "outputs", "central"}) | DISK
)
_BELOW_ROOTS = _BELOW_WORK | LEAVES | {"work", "jobs", "state", "ui"}

MAY_IMPORT: dict[str, frozenset[str]] = {
    "domain": frozenset(),
    "engine": frozenset({"domain", "atomic", "scratch"}),
    "profiles": frozenset({"domain"}) | DISK,
    "capture": frozenset({"domain", "atomic"}),
    "results": frozenset({"domain"}) | LEAVES | DISK,
    "outputs": frozenset({"domain"}) | DISK,
    "central": frozenset({"domain"}) | DISK,
    **dict.fromkeys(DISK, frozenset({"domain"}) | DISK),
    "work": _BELOW_WORK,
    "jobs": frozenset({"domain"}),
    "state": frozenset({"domain"}) | LEAVES,
    "ui": frozenset({"domain", "state"}) | LEAVES,
    **dict.fromkeys(LEAVES, frozenset({"domain"}) | LEAVES | DISK),
    "controllers": _BELOW_ROOTS,
    "app": _BELOW_ROOTS | {"controllers"},
    "cli": _BELOW_WORK | LEAVES | {"work", "app", "window_start"},
    "window_start": _BELOW_ROOTS | ROOTS,
    "__main__": _BELOW_ROOTS | ROOTS,
    "launcher": _BELOW_ROOTS | ROOTS,
    "self_test_probes": _BELOW_ROOTS | {"app"},
    "startup_error": _BELOW_ROOTS | {"cli"},
}
"""Which parts of the package each part may import, besides itself."""

_QT_FOR_ALL = frozenset({"PySide6", "shiboken6"})
MAY_USE_QT: dict[str, frozenset[str]] = {
    "jobs": frozenset({"PySide6.QtCore"}),
    "state": frozenset({"PySide6.QtCore", "PySide6.QtGui"}),
    "ui": _QT_FOR_ALL,
    "controllers": _QT_FOR_ALL,
    "app": _QT_FOR_ALL,
    "window_start": _QT_FOR_ALL,
    "__main__": _QT_FOR_ALL,
    "launcher": _QT_FOR_ALL,
    "self_test_probes": _QT_FOR_ALL,
    "startup_error": _QT_FOR_ALL,
}
_TORCH = frozenset({"torch", "torchvision", "openvino"})
_TORCH_ALSO = frozenset({"safetensors.torch"})
_PICTURES = frozenset({"cv2", "PIL"})
PICTURE_DOORS = re.compile(
    rf"^{PACKAGE}\.(capture(\..+)?|results\.encode|engine\.(resample|matching))$",
)
_DECLARED = (
    _QT_FOR_ALL
    | _TORCH
    | _PICTURES
    | {"numpy", "psutil", "safetensors", "elpv_dataset", "pymodbus", "paho", PACKAGE}
    | {"harvesters", "cv2_enumerate_cameras", "pg8000", "keyring", "asyncua", "cryptography"}
)
_NETWORK = frozenset({"urllib", "http", "socket", "ssl", "ftplib", "requests", "PySide6.QtNetwork"})
_REACHES_OUT = frozenset({"outputs", "central"})
FETCH_MODULE = f"{PACKAGE}.engine.backbones.fetch"
_ONLY_IN = {
    "pymodbus": ("outputs",),
    "paho": ("outputs",),
    "pg8000": ("central",),
    "keyring": ("central",),
    "asyncua": ("outputs",),
    "cryptography": ("central", "outputs"),
    "harvesters": ("capture",),
    "cv2_enumerate_cameras": ("capture",),
}
_NEVER = frozenset({"pickle", "cPickle", "marshal", "shelve", "dbm"})
_NEVER_CALLED = frozenset({"eval", "exec", "__import__"})
_NEVER_METHODS = frozenset({"processEvents", "terminate"})
_PLACES_FILES = frozenset(
    {"os.fsync", "os.link", "os.rename", "os.renames", "os.replace", "shutil.move"}
)
_NAMES_A_FILE = frozenset({"rename", "replace"})
_HAVE_ROWS = frozenset({"state", "ui", "controllers"})
"""Parts whose models have a ``replace`` of their own, for a row."""
_PATH_STRING = re.compile(rf"^{PACKAGE}(\.\w+)+(:\w+)?$")


@dataclass(frozen=True)
class Module:
    """One parsed source file."""

    name: str
    file: Path
    tree: ast.Module

    @property
    def part(self) -> str:
        """The part of the package it belongs to, empty for the package itself."""
        return self.name.split(".")[1] if "." in self.name else ""

    @property
    def is_package(self) -> bool:
        """Whether it is an ``__init__.py``."""
        return self.file.name == "__init__.py"

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree; each rule looks at all of them."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def imports(self) -> tuple[tuple[int, str], ...]:
        """Line and full name of everything it imports, also by name in a string."""
        found = []
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
            elif isinstance(node, ast.Constant) and _names_a_module(node.value):
                found.append((node.lineno, str(node.value).replace(":", ".")))
        return tuple(found)


@dataclass(frozen=True)
class Broken:
    """A rule broken at a line."""

    module: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}: {self.text}"


@lru_cache(maxsize=8)
def modules(root: Path, package: str = PACKAGE) -> list[Module]:
    """Parse every module of the package below ``root``, once a process: leave the list as it is."""
    found = []
    for file in sorted((root / package).rglob("*.py")):
        parts = list(file.relative_to(root).with_suffix("").parts)
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(name, file, ast.parse(file.read_text(encoding="utf-8"), str(file))))
    return found


def broken_rules(found: list[Module]) -> list[Broken]:
    """Return every broken rule."""
    broken = [broken for module in found for rule in RULES for broken in rule(module)]
    return [*broken, *import_circle(found)]


def import_circle(found: list[Module]) -> Iterator[Broken]:
    """No module needs itself; imports inside functions and by name in a string count, too."""
    names = {module.name for module in found}
    graph = {module.name: set(_imported(module, names)) for module in found}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1][::-1]  # it is told from the imported to the importing
        yield Broken(circle[0], 1, f"imports in a circle: {' → '.join(circle)}")


def _imported(module: Module, names: set[str]) -> Iterator[str]:
    """Yield the modules of the package that a module imports, itself left out."""
    for _, name in module.imports:
        outer = accumulate(name.split("."), "{}.{}".format)
        known = [part for part in outer if part in names]  # the rest names something inside it
        if known and known[-1] != module.name:
            yield known[-1]


def _names_a_module(value: object) -> bool:
    """Say whether a constant stands in a table of late imports: "deeprx_gui.engine.x:build"."""
    return isinstance(value, str) and _PATH_STRING.match(value) is not None


def top_level(tree: ast.Module) -> ast.Module:
    """Return what runs when a module is imported: no function bodies, nothing for types only."""
    kept = [
        node
        for node in tree.body
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test))
    ]
    return ast.Module(body=kept, type_ignores=[])


def layers(module: Module) -> Iterator[Broken]:
    """Imports point down, and siblings do not know each other."""
    allowed = MAY_IMPORT.get(module.part)
    if module.part and allowed is None:
        yield Broken(module.name, 1, f"{module.part!r} is not on the page ARCHITECTURE.md")
        return
    for line, name in module.imports:
        parts = name.split(".")
        if parts[0] != PACKAGE or len(parts) < 2 or parts[1] == "__version__":
            continue
        if parts[1] != module.part and parts[1] not in (allowed or ()):
            yield Broken(module.name, line, f"{module.part or PACKAGE} may not import {name}")


def third_parties(module: Module) -> Iterator[Broken]:
    """Qt from jobs and state up, torch only in engine, pictures only at the doors."""
    for line, name in module.imports:
        top = name.split(".")[0]
        if top in _QT_FOR_ALL:
            allowed = MAY_USE_QT.get(module.part, frozenset())
            if not any(_within(name, part) for part in allowed):
                yield Broken(module.name, line, f"{module.part} may not import {name}")
        elif (top in _TORCH or _within_any(name, _TORCH_ALSO)) and module.part != "engine":
            yield Broken(module.name, line, f"only engine may import {name}")
        elif top in _PICTURES and not PICTURE_DOORS.match(module.name):
            yield Broken(module.name, line, f"{name} only at the picture doors (ADR 0002)")
        elif top not in _DECLARED and top not in sys.stdlib_module_names:
            yield Broken(module.name, line, f"{top} is not a dependency of the product")


def dangers(module: Module) -> Iterator[Broken]:
    """No pickle, the network only where weights are fetched, no endless search for a name."""
    for node in (n for n in module.nodes if isinstance(n, ast.Attribute)):
        text = ast.unparse(node)
        if text.startswith("tempfile.") and text != "tempfile.gettempdir":
            yield Broken(module.name, node.lineno, f"{text}: see scratch.py")
    for line, name in module.imports:
        top = name.split(".")[0]
        if top in _NEVER:
            yield Broken(module.name, line, f"{name} runs or trusts foreign bytes")
        elif _is_network(name) and module.name != FETCH_MODULE and module.part not in _REACHES_OUT:
            text = f"{name}: only outputs, central and {FETCH_MODULE} use the network"
            yield Broken(module.name, line, text)
        elif module.part not in _ONLY_IN.get(top, (module.part,)):
            yield Broken(module.name, line, f"{name}: only {' and '.join(_ONLY_IN[top])} uses it")


def _is_network(name: str) -> bool:
    return _within_any(name, _NETWORK) and not _within(name, "urllib.parse")


def calls(module: Module) -> Iterator[Broken]:
    """No eval, no processEvents, no unchecked torch.load."""
    for node in module.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in _NEVER_CALLED:
            yield Broken(module.name, node.lineno, f"{name}() runs text as a program")
        elif name.split(".")[-1] in _NEVER_METHODS:
            yield Broken(module.name, node.lineno, f"{name}() leaves things half done")
        elif name == "torch.load" and not _says(node, "weights_only", value=True):
            yield Broken(module.name, node.lineno, "torch.load without weights_only=True")
        elif name in {"torch.jit.load", "torch.package.PackageImporter"}:
            yield Broken(module.name, node.lineno, f"{name}() runs foreign code")
        elif _says(node, "allow_pickle", value=True):
            yield Broken(module.name, node.lineno, "allow_pickle=True runs foreign code")
        elif name in {"cv2.imread", "cv2.imwrite"}:
            yield Broken(module.name, node.lineno, f"{name}() fails on Japanese paths")


def renames(module: Module) -> Iterator[Broken]:
    """Only ``atomic`` puts files in place; ``x.rename(y)`` and ``x.replace(y)`` are a path's."""
    if module.part == "atomic":
        return
    for node in (n for n in module.nodes if isinstance(n, ast.Call)):
        name = ast.unparse(node.func)
        of_a_path = (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in _NAMES_A_FILE
            and not (module.part in _HAVE_ROWS and node.func.attr == "replace")
            and (len(node.args), len(node.keywords)) == (1, 0)
        )
        if of_a_path or name in _PLACES_FILES or name.endswith(".hardlink_to"):
            yield Broken(module.name, node.lineno, f"{name}(): only atomic.py puts files in place")


def swallowed(module: Module) -> Iterator[Broken]:
    """No bare except, and no error of every kind that vanishes without a word."""
    for node in module.nodes:
        if isinstance(node, ast.ExceptHandler):
            if node.type is None:
                yield Broken(module.name, node.lineno, "bare except")
            elif _catches_all(node.type) and all(map(_does_nothing, node.body)):
                yield Broken(module.name, node.lineno, "an error is swallowed")
        elif isinstance(node, ast.Call) and _suppresses_all(node):
            yield Broken(module.name, node.lineno, "an error is swallowed")


def _suppresses_all(call: ast.Call) -> bool:
    return ast.unparse(call.func).endswith("suppress") and any(map(_catches_all, call.args))


def no_re_exports(module: Module) -> Iterator[Broken]:
    """A package's ``__init__`` is a docstring: one that imports drags everything in."""
    if not module.is_package or module.part in LEAVES | {"", "cli"}:
        return
    for node in module.tree.body:
        is_future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if isinstance(node, ast.Import | ast.ImportFrom) and not is_future:
            yield Broken(module.name, node.lineno, "__init__ imports something")


def forwarded_signals(module: Module) -> Iterator[Broken]:
    """No signal that only forwards another: whoever listens connects to the part that speaks.

    One that gathers several sources, or is emitted in code as well, has a reason of its own.
    """
    for owner in (n for n in module.nodes if isinstance(n, ast.ClassDef)):
        emitted = {
            ast.unparse(n.value)
            for n in ast.walk(owner)
            if isinstance(n, ast.Attribute) and n.attr == "emit"
        }
        handed = [text for text in _handed_over(owner) if text not in emitted]
        for node in owner.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("Signal("):
                name = ast.unparse(node.targets[0])
                if handed.count(f"self.{name}") == 1:
                    yield Broken(module.name, node.lineno, f"{name} only forwards another signal")


def _handed_over(owner: ast.ClassDef) -> Iterator[str]:
    """Yield what is given to ``connect``, or stands in a table of what is connected."""
    for node in ast.walk(owner):
        if isinstance(node, ast.Tuple):
            yield from map(ast.unparse, node.elts)
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".connect"):
            yield from map(ast.unparse, node.args)


RULES: tuple[Callable[[Module], Iterator[Broken]], ...] = (
    layers,
    third_parties,
    dangers,
    calls,
    renames,
    swallowed,
    no_re_exports,
    forwarded_signals,
)


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _within_any(name: str, packages: frozenset[str]) -> bool:
    return any(_within(name, package) for package in packages)


def _says(call: ast.Call, keyword: str, *, value: object) -> bool:
    return any(
        k.arg == keyword and isinstance(k.value, ast.Constant) and k.value.value is value
        for k in call.keywords
    )


def _catches_all(node: ast.expr) -> bool:
    kinds = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(ast.unparse(kind) in {"Exception", "BaseException"} for kind in kinds)


def _does_nothing(node: ast.stmt) -> bool:
    return isinstance(node, ast.Pass | ast.Continue | ast.Break) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    )
