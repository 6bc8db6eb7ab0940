"""Packages under the LGPL lie beside the program: whole, with their source, to be exchanged."""

from __future__ import annotations

import importlib
import importlib.metadata
import runpy
import sys
import zipfile
from pathlib import Path

import pytest

import beside
import frozen_contents
import licences
from frozen_contents import Edition

HOOK = Path(beside.__file__).parent / "hooks" / "find_beside.py"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of two modules, put beside the program as the build does it."""
    source = tmp_path / "source"
    source.mkdir()
    (source / "__init__.py").write_text("from lent.inner import WHO\n", encoding="utf-8")
    (source / "inner.py").write_text("WHO = 'as shipped'\n", encoding="utf-8")
    inside = tmp_path / "_internal"
    files = [("lent.inner", source / "inner.py"), ("lent", source / "__init__.py")]
    monkeypatch.setattr(importlib.metadata, "distribution", lambda _name: None)
    monkeypatch.setattr(licences, "texts_of", lambda _: {"x.dist-info/COPYING": "free"})
    beside.write(inside / "lent-1.0.zip", "lent", files)
    monkeypatch.setattr(sys, "path", [str(inside), *sys.path])
    monkeypatch.setattr(sys, "_MEIPASS", str(inside), raising=False)
    return inside / "lent-1.0.zip"


def imported() -> str:
    for name in ("lent", "lent.inner"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()
    sys.path_importer_cache.clear()
    try:
        return str(importlib.import_module("lent").WHO)
    finally:
        for name in ("lent", "lent.inner"):
            sys.modules.pop(name, None)


def test_it_is_found_and_comes_with_its_source_and_its_licence(archive: Path) -> None:
    runpy.run_path(str(HOOK))
    assert imported() == "as shipped"
    with zipfile.ZipFile(archive) as opened:
        names = set(opened.namelist())
    assert names == {
        "lent/COPYING",
        *(f"lent/{name}{kind}" for name in ("__init__", "inner") for kind in (".py", ".pyc")),
    }


def test_an_edited_source_counts(archive: Path) -> None:
    runpy.run_path(str(HOOK))
    with zipfile.ZipFile(archive) as opened:
        held = {name: opened.read(name) for name in opened.namelist()}
    held["lent/inner.py"] = b"WHO = 'my own'\n"
    with zipfile.ZipFile(archive, "w") as out:
        for name, data in held.items():
            out.writestr(name, data)
    assert imported() == "my own"


def test_a_folder_of_that_name_goes_first(archive: Path) -> None:
    runpy.run_path(str(HOOK))
    own = archive.parent / "lent"
    own.mkdir()
    (own / "__init__.py").write_text("WHO = 'another build'\n", encoding="utf-8")
    assert imported() == "another build"


def test_nothing_of_it_stays_in_the_program_and_none_may_be_forgotten(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source" / "inner.py"
    monkeypatch.setattr(frozen_contents, "BESIDE", {"lent": "for this test"})
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "2.0")
    modules = [("lent.inner", str(source), "PYMODULE"), ("lentils", str(source), "PYMODULE")]
    kept, made = beside.taken_out(modules, tmp_path / "build")
    assert [entry[0] for entry in kept] == ["lentils"]
    assert [entry[0] for entry in made] == ["lent-2.0.zip"]
    with pytest.raises(FileNotFoundError, match="lent"):
        beside.taken_out(modules[1:], tmp_path / "build")


def test_what_finds_the_credential_stores_is_shipped_and_asyncua_is_not_left_out() -> None:
    notes = "keyring-25.7.0.dist-info/{}"
    assert frozen_contents.dropped(notes.format("entry_points.txt")) is None
    assert frozen_contents.dropped(notes.format("METADATA")) is None
    assert frozen_contents.dropped(notes.format("RECORD"))
    assert frozen_contents.dropped("torch-2.dist-info/entry_points.txt")
    assert frozen_contents.dropped("pytz/zoneinfo/Asia/Tokyo")
    for edition in Edition:
        assert not frozen_contents.BESIDE.keys() & set(frozen_contents.excluded_modules(edition))
