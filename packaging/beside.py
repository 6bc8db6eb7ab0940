"""Packages under the LGPL as archives beside the program: source, compiled, and the licence's text.

Python reads such an archive (``_internal/asyncua-2.1.0.zip``) like a folder. Whoever wants another
build of the package exchanges the archive, edits a source file in it, or puts a folder of that name
into ``_internal``, which goes first (docs/opc-ua.md).
"""

from __future__ import annotations

import importlib.metadata
import py_compile
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import frozen_contents
import licences

Entry = tuple[str, str, str]
"""As PyInstaller lists them: name, file, kind."""
_MADE = (1980, 1, 1, 0, 0, 0)  # the same bytes every time


def taken_out(modules: Iterable[Entry], folder: Path) -> tuple[list[Entry], list[Entry]]:
    """Return the modules that stay in the program, and the archives made of the others.

    The archives are written into ``folder``.
    """
    kept: list[Entry] = []
    outside: dict[str, list[tuple[str, Path]]] = {name: [] for name in frozen_contents.BESIDE}
    for name, file, kind in modules:
        package = name.partition(".")[0]
        if package in outside:
            outside[package].append((name, Path(file)))
        else:
            kept.append((name, file, kind))
    made: list[Entry] = []
    for package, files in outside.items():
        if not files:
            raise FileNotFoundError(f"{package} is not in the environment that is frozen")
        archive = folder / file_name(package)
        write(archive, package, files)
        made.append((archive.name, str(archive), "DATA"))
    return kept, made


def file_name(package: str) -> str:
    """Return what the archive of an installed package is called."""
    return f"{package}-{importlib.metadata.version(package)}.zip"


def write(archive: Path, package: str, files: Iterable[tuple[str, Path]]) -> None:
    """Write modules, each as source and compiled; a changed source is compiled when it is read."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, text in licences.texts_of(importlib.metadata.distribution(package)).items():
            _add(out, PurePosixPath(package) / PurePosixPath(name).name, text.encode())
        for name, file in sorted(files):
            inside = PurePosixPath(*name.split("."))
            if file.name == "__init__.py":
                inside /= "__init__"
            _add(out, inside.with_suffix(".py"), file.read_bytes())
            _add(out, inside.with_suffix(".pyc"), _compiled(file, f"{inside}.py"))


def _compiled(file: Path, shown: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        made = py_compile.compile(
            str(file),
            str(Path(folder) / "compiled.pyc"),
            dfile=shown,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH,
        )
        assert made is not None
        return Path(made).read_bytes()


def _add(archive: zipfile.ZipFile, name: PurePosixPath, data: bytes) -> None:
    entry = zipfile.ZipInfo(name.as_posix(), _MADE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, data)
